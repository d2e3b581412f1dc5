/* One cursor reads each body; it remembers a failure, so that the readers read straight through and ask once at the end. */
#include "keys/wire.h"

#include <assert.h>
#include <string.h>

bool key_name_good(const char *name)
{
  size_t size = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");
  return size > 0 && size <= KEY_NAME_MAX && name[size] == '\0';
}

/* ---- Writing ---- */

static void put_number(struct buffer *out, uint64_t number, int bytes)
{
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) buffer_char(out, (char)(number >> shift & 0xff));
}

static void put_frame(struct buffer *out, const struct buffer *body)
{
  put_number(out, body->size, WIRE_PREFIX);
  buffer_add(out, body->data, body->size);
}

void wire_write_request(struct buffer *out, const struct wire_request *request)
{
  struct buffer body;
  buffer_init(&body, NULL);
  put_number(&body, request->kind, 1);
  put_number(&body, request->id, 8);
  put_number(&body, strlen(request->name), 1);
  buffer_text(&body, request->name);
  if (request->kind == WIRE_MAKE) put_number(&body, request->algorithm, 1);
  if (request->kind == WIRE_SIGN) buffer_add(&body, request->digest, DIGEST_SIZE);
  put_frame(out, &body);
  buffer_done(&body);
}

void wire_write_answer(struct buffer *out, const struct wire_answer *answer)
{
  struct buffer body;
  buffer_init(&body, NULL);
  put_number(&body, answer->id, 8);
  put_number(&body, answer->err, 1);
  put_number(&body, answer->size, 2);
  buffer_add(&body, answer->data, answer->size);
  put_frame(out, &body);
  buffer_done(&body);
}

/* ---- Reading ---- */

struct cursor { struct bytes left; bool broken; };

static void take(struct cursor *cursor, void *out, size_t size)
{
  if (cursor->left.size < size) cursor->broken = true;
  if (cursor->broken) return;
  if (size) memcpy(out, cursor->left.data, size);
  cursor->left.data += size;
  cursor->left.size -= size;
}

static uint64_t take_number(struct cursor *cursor, size_t bytes)
{
  uint8_t data[8] = {0};
  uint64_t number = 0;
  assert(bytes <= sizeof data);
  take(cursor, data, bytes);
  for (size_t i = 0; i < bytes; i++) number = number << 8 | data[i];
  return number;
}

static bool cursor_ended(const struct cursor *cursor)
{
  return !cursor->broken && cursor->left.size == 0;
}

enum wire_state wire_frame(struct bytes data, struct bytes *body, size_t *whole)
{
  if (data.size < WIRE_PREFIX) return WIRE_MORE;
  struct cursor cursor = {.left = data};
  size_t size = (size_t)take_number(&cursor, WIRE_PREFIX);
  if (size == 0 || size > WIRE_FRAME_MAX - WIRE_PREFIX) return WIRE_BROKEN;
  if (cursor.left.size < size) return WIRE_MORE;
  *body = (struct bytes){cursor.left.data, size};
  *whole = WIRE_PREFIX + size;
  return WIRE_WHOLE;
}

bool wire_read_request(struct bytes body, struct wire_request *out)
{
  struct cursor cursor = {.left = body};
  *out = (struct wire_request){0};
  out->kind = (enum wire_kind)take_number(&cursor, 1);
  out->id = take_number(&cursor, 8);
  size_t size = (size_t)take_number(&cursor, 1);
  if (cursor.broken || size > KEY_NAME_MAX || out->kind < WIRE_HELLO || out->kind > WIRE_SIGN) return false;
  take(&cursor, out->name, size);
  if (out->kind == WIRE_MAKE) out->algorithm = (enum key_algorithm)take_number(&cursor, 1);
  if (out->kind == WIRE_SIGN) take(&cursor, out->digest, DIGEST_SIZE);
  if (!cursor_ended(&cursor) || strlen(out->name) != size) return false;
  if (out->kind == WIRE_MAKE && out->algorithm != KEY_P256 && out->algorithm != KEY_RSA2048) return false;
  return out->kind == WIRE_HELLO ? size == 0 : key_name_good(out->name);
}

bool wire_read_answer(struct bytes body, struct wire_answer *out)
{
  struct cursor cursor = {.left = body};
  *out = (struct wire_answer){.id = take_number(&cursor, 8)};
  uint64_t err = take_number(&cursor, 1);
  out->size = (size_t)take_number(&cursor, 2);
  if (cursor.broken || err > ERR_INTERNAL || out->size > WIRE_DATA_MAX || (err && out->size)) return false;
  out->err = (enum err)err;
  take(&cursor, out->data, out->size);
  return cursor_ended(&cursor);
}
