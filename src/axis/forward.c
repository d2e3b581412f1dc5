/* One table says what stays behind; the rest of the axis never compares header names for that purpose. */
#include "axis/forward.h"

#include "base/text.h"

#include <openssl/evp.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { STAYS_REQUEST = 1, STAYS_ANSWER = 2, STAYS_BOTH = 3, STAYS_PREFIX = 4, UNSIGNED_REQUEST = 8, UNSIGNED_ANSWER = 16, UNSIGNED_BOTH = 24 };

static const struct { const char *name; unsigned rule; } stays[] = {
  {"connection", STAYS_BOTH | UNSIGNED_BOTH}, {"keep-alive", STAYS_BOTH}, {"te", STAYS_BOTH}, {"trailer", STAYS_BOTH},
  {"transfer-encoding", STAYS_BOTH | UNSIGNED_BOTH}, {"upgrade", STAYS_BOTH}, {"proxy-", STAYS_BOTH | STAYS_PREFIX},
  {"host", STAYS_BOTH | UNSIGNED_BOTH}, {"content-length", STAYS_BOTH | UNSIGNED_BOTH}, {"expect", STAYS_BOTH},
  {"server", STAYS_BOTH}, {"user-agent", STAYS_BOTH}, {"date", STAYS_ANSWER | UNSIGNED_ANSWER}, {"axis-", STAYS_BOTH | STAYS_PREFIX},
  {"x-road-request-id", STAYS_BOTH}, {"x-road-request-hash", STAYS_BOTH}, {"x-road-id", STAYS_ANSWER},
  {"x-road-client", STAYS_ANSWER}, {"x-road-service", STAYS_ANSWER}, {"x-road-error", STAYS_ANSWER},
};

static const char *const carried[][2] = {
  {"Signature", "Axis-Carried-Signature"},
  {"Signature-Input", "Axis-Carried-Signature-Input"},
  {"Content-Digest", "Axis-Carried-Content-Digest"},
};

static bool name_stays(const char *name, unsigned side)
{
  for (size_t i = 0; i < sizeof stays / sizeof stays[0]; i++) {
    bool same = stays[i].rule & STAYS_PREFIX ? strncasecmp(name, stays[i].name, strlen(stays[i].name)) == 0 : strcasecmp(name, stays[i].name) == 0;
    if (same && (stays[i].rule & side)) return true;
  }
  return false;
}

/* Is the name an element of a Connection field ("close, X-Hop")? */
static bool connection_names(const struct http_fields *fields, const char *name)
{
  size_t size = strlen(name);
  for (size_t i = 0; i < fields->count; i++) {
    if (strcasecmp(fields->items[i].name, "connection") != 0) continue;
    for (const char *at = fields->items[i].value; *at;) {
      at += strspn(at, " \t,");
      if (strncasecmp(at, name, size) == 0 && strchr(" \t,", at[size])) return true;
      at += strcspn(at, ",");
    }
  }
  return false;
}

static struct http_field *field_find(struct http_fields *fields, const char *name)
{
  for (size_t i = 0; i < fields->count; i++)
    if (strcasecmp(fields->items[i].name, name) == 0) return &fields->items[i];
  return NULL;
}

/* connection: the message whose Connection names what stays behind too, or NULL. */
static bool fields_pass(struct arena *arena, const struct http_fields *from, enum forward_side side, const struct http_fields *connection, struct http_fields *out)
{
  fields_init(out, arena);
  for (size_t i = 0; i < from->count; i++) {
    const struct http_field *field = &from->items[i];
    if (name_stays(field->name, side == FORWARD_REQUEST ? STAYS_REQUEST : STAYS_ANSWER)) continue;
    if (connection && connection_names(connection, field->name)) continue;
    struct http_field *before = field_find(out, field->name);
    if (before && (side == FORWARD_REQUEST || strcasecmp(field->name, "set-cookie") == 0)) return false;
    if (before)
      before->value = arena_print(arena, "%s, %s", before->value, field->value);
    else
      fields_add(out, field->name, field->value);
  }
  return true;
}

bool forward_fields(struct arena *arena, const struct http_fields *from, enum forward_side side, struct http_fields *out)
{
  return fields_pass(arena, from, side, from, out);
}

static void forward_rename(struct http_fields *fields, int from)
{
  for (size_t i = 0; i < fields->count; i++)
    for (size_t c = 0; c < sizeof carried / sizeof carried[0]; c++)
      if (strcasecmp(fields->items[i].name, carried[c][from]) == 0) fields->items[i].name = carried[c][1 - from];
}

void forward_pack(struct http_fields *fields)
{
  forward_rename(fields, 0);
}

void forward_unpack(struct http_fields *fields)
{
  forward_rename(fields, 1);
}

void forward_signed(struct arena *arena, const struct http_fields *from, enum forward_side side, struct http_fields *out)
{
  unsigned unsigned_side = side == FORWARD_REQUEST ? UNSIGNED_REQUEST : UNSIGNED_ANSWER;
  fields_init(out, arena);
  for (size_t i = 0; i < from->count; i++)
    if (!name_stays(from->items[i].name, unsigned_side)) fields_add(out, from->items[i].name, from->items[i].value);
}

bool forward_received(struct arena *arena, const struct http_fields *from, enum forward_side side, struct http_fields *out)
{
  struct http_fields own;
  fields_init(&own, arena);
  for (size_t i = 0; i < from->count; i++) fields_add(&own, from->items[i].name, from->items[i].value);
  for (size_t c = 0; c < sizeof carried / sizeof carried[0]; c++) fields_drop(&own, carried[c][0]);
  forward_unpack(&own);
  /* Connection is not signed, so it has no say over what is: the sender left out what it named there before signing. */
  return fields_pass(arena, &own, side, NULL, out);
}

enum { FIELDS_SIZE_MAX = 13000 };

bool forward_fits(const struct http_fields *fields)
{
  size_t size = 0;
  for (size_t i = 0; i < fields->count; i++) {
    const char *value = fields->items[i].value;
    size += 2 * strlen(fields->items[i].name) + strlen(value) + 8;
    for (const unsigned char *c = (const unsigned char *)value; *c; c++)
      if ((*c < 0x20 && *c != '\t') || *c > 0x7e) return false;
  }
  return size <= FIELDS_SIZE_MAX;
}

bool forward_is_text(const char *value, size_t max)
{
  size_t size = value ? strlen(value) : 0;
  if (size == 0 || size > max) return false;
  for (size_t i = 0; i < size; i++)
    if (value[i] < 0x20 || value[i] > 0x7e) return false;
  return true;
}

void sha512(const void *data, size_t size, uint8_t out[SHA512_SIZE])
{
  EVP_Digest(data ? data : "", size, out, NULL, EVP_sha512(), NULL);
}

const char *request_hash(struct arena *arena, const char *method, const char *target, const struct http_fields *fields, const uint8_t *body_hash)
{
  struct buffer head;
  buffer_init(&head, arena);
  buffer_print(&head, "%s\r\n%s\r\n", method, target);
  for (size_t i = 0; i < fields->count; i++) {
    buffer_text(&head, fields->items[i].name);
    buffer_char(&head, ':');
    buffer_text(&head, fields->items[i].value);
    buffer_text(&head, "\r\n");
  }
  uint8_t both[2 * SHA512_SIZE], whole[SHA512_SIZE];
  sha512(head.data, head.size, both);
  if (!body_hash) return base64_write(arena, both, SHA512_SIZE);
  memcpy(both + SHA512_SIZE, body_hash, SHA512_SIZE);
  sha512(both, sizeof both, whole);
  return base64_write(arena, whole, SHA512_SIZE);
}

static bool digest_file(EVP_MD_CTX *digest, const char *path)
{
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  uint8_t block[32768];
  ssize_t got;
  while ((got = read(fd, block, sizeof block)) > 0) EVP_DigestUpdate(digest, block, (size_t)got);
  close(fd);
  return got == 0;
}

static bool digest_body(const struct http_body *body, const EVP_MD *type, uint8_t *out)
{
  EVP_MD_CTX *digest = EVP_MD_CTX_new();
  bool good = digest && EVP_DigestInit_ex(digest, type, NULL) == 1;
  if (good && body->path) good = digest_file(digest, body->path);
  if (good && !body->path && body->data.size > 0) good = EVP_DigestUpdate(digest, body->data.data, body->data.size) == 1;
  good = good && EVP_DigestFinal_ex(digest, out, NULL) == 1;
  EVP_MD_CTX_free(digest);
  return good;
}

bool sha512_body(const struct http_body *body, uint8_t out[SHA512_SIZE])
{
  return digest_body(body, EVP_sha512(), out);
}

bool sha256_body(struct http_body *body)
{
  if (!body->hashed) body->hashed = digest_body(body, EVP_sha256(), body->sha256);
  return body->hashed;
}
