/* Fuzzer of signed messages. Lines: "METHOD target" or a status, then "name: value" fields; after an empty line the same of the
 * request that an answer belongs to. What is read as signed covers every field, and stays what it is when it is signed anew. */
#include "fuzz.h"

#include "keys/message_signature.h"

#include <stdlib.h>

static void fields_take(struct arena *arena, const char **rest, struct http_fields *fields)
{
  const char *line;
  fields_init(fields, arena);
  while ((line = fuzz_line(arena, rest)) && *line) {
    const char *colon = strstr(line, ": ");
    if (colon) fields_add(fields, arena_copy_n(arena, line, (size_t)(colon - line)), colon + 2);
  }
}

static void message_take(struct arena *arena, const char **rest, struct signed_message *out, struct http_fields *fields)
{
  const char *line = fuzz_line(arena, rest), *space = line ? strchr(line, ' ') : NULL;
  int64_t status;
  *out = (struct signed_message){.method = "GET", .target = "/", .fields = fields};
  if (line && text_to_i64(line, 0, 2000, &status)) out->status = (int)status;
  else if (space) out->method = arena_copy_n(arena, line, (size_t)(space - line)), out->target = space + 1;
  fields_take(arena, rest, fields);
}

static void check_read(struct cx *cx, const struct signed_message *message, const struct received_signature *received)
{
  const struct signature_parameters *parameters = &received->parameters;
  uint8_t digest[DIGEST_SIZE];
  assert(parameters->created_s < parameters->expires_s && parameters->key_id && received->signature.size > 0);
  assert(text_equal(parameters->tag, message->status ? "axis-response" : "axis-request"));
  sha256(received->base, strlen(received->base), digest);
  assert(memcmp(digest, received->digest, DIGEST_SIZE) == 0);
  for (size_t i = 0; i < message->fields->count; i++) {
    const char *name = text_lower(cx->arena, message->fields->items[i].name);
    if (text_starts(name, "signature")) continue;
    assert(strstr(received->base, arena_print(cx->arena, "\"%s\": ", name)));
  }
}

/* Signed by us, it reads as we meant it; with a field more it is not signed any longer. */
static void check_again(struct cx *cx, struct signed_message *message, struct http_fields *fields)
{
  const struct signature_parameters parameters = {1, 2, "abc", message->status ? "axis-response" : "axis-request"};
  const struct signature signature = {.data = {1, 2, 3}, .size = 3};
  struct received_signature received, made;
  cx_reset_problems(cx);
  enum err err = message_signature_prepare(cx, message, &parameters, &made);
  fuzz_judge(cx, err);
  if (err) return;
  message_signature_attach(fields, made.input, &signature);
  assert(message_signature_read(cx, message, &received) == OK && memcmp(made.digest, received.digest, DIGEST_SIZE) == 0);
  assert(received.signature.size == 3 && text_equal(received.input, made.input) && text_equal(received.base, made.base));
  check_read(cx, message, &received);
  fields_add(fields, "one-more", "x");
  assert(message_signature_read(cx, message, &received) != OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct cx *cx = fuzz_cx();
  struct http_fields fields, asked;
  struct signed_message message, request;
  struct received_signature received;
  uint8_t digest[DIGEST_SIZE];
  const char *text = fuzz_text(cx->arena, data, size);
  if (text) {
    const char *rest = text;
    message_take(cx->arena, &rest, &message, &fields);
    message_take(cx->arena, &rest, &request, &asked);
    if (message.status) message.request = &request;
    enum err err = message_signature_read(cx, &message, &received);
    fuzz_judge(cx, err);
    if (!err) check_read(cx, &message, &received);
    const char *value = fields_get(&fields, "content-digest");
    if (value && content_digest_read(value, digest)) assert(text_equal(content_digest(cx->arena, digest), value));
    check_again(cx, &message, &fields);
  }
  cx_free_alone(cx);
  return 0;
}
