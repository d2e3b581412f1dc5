/* Fuzzer of the fields that travel over the axis. The first byte chooses the side; lines "name: value". What a gateway lets through
 * it lets through again unchanged, without doubles; and what one gateway packs the other unpacks to the same. */
#include "fuzz.h"

#include "axis/forward.h"

#include <strings.h>

static void fields_take(struct arena *arena, const char *text, struct http_fields *out)
{
  const char *line;
  fields_init(out, arena);
  while ((line = fuzz_line(arena, &text)) && out->count < 100) {
    const char *colon = strstr(line, ": ");
    if (colon && colon > line) fields_add(out, arena_copy_n(arena, line, (size_t)(colon - line)), colon + 2);
  }
}

static void check_same(const struct http_fields *a, const struct http_fields *b)
{
  assert(a->count == b->count);
  for (size_t i = 0; i < a->count; i++)
    assert(strcasecmp(a->items[i].name, b->items[i].name) == 0 && text_equal(a->items[i].value, b->items[i].value));
}

static void check_let_through(struct arena *arena, const struct http_fields *fields, enum forward_side side)
{
  struct http_fields again;
  for (size_t i = 0; i < fields->count; i++) {
    const char *name = fields->items[i].name;
    assert(fields_count(fields, name) == 1 && strncasecmp(name, "axis-", 5) != 0 && strncasecmp(name, "proxy-", 6) != 0);
    assert(strcasecmp(name, "connection") != 0 && strcasecmp(name, "content-length") != 0 && strcasecmp(name, "x-road-request-id") != 0);
  }
  assert(forward_fields(arena, fields, side, &again));
  check_same(&again, fields);
}

/* As between gateways: ours are added, the connection has its own. */
static void check_journey(struct arena *arena, const struct http_fields *fields, enum forward_side side)
{
  struct http_fields sent, covered, got;
  fields_init(&sent, arena);
  for (size_t i = 0; i < fields->count; i++) fields_add(&sent, fields->items[i].name, fields->items[i].value);
  forward_pack(&sent);
  for (size_t i = 0; i < sent.count; i++) assert(strcasecmp(sent.items[i].name, "signature") != 0 && strcasecmp(sent.items[i].name, "content-digest") != 0);
  const size_t packed = sent.count;
  fields_add(&sent, "Content-Digest", "ours");
  fields_add(&sent, "Signature-Input", "ours");
  fields_add(&sent, "Signature", "ours");
  fields_add(&sent, "Axis-Sender", "ours");
  fields_add(&sent, "Host", "b");
  fields_add(&sent, "Content-Length", "1");
  fields_add(&sent, "Connection", "keep-alive");
  forward_signed(arena, &sent, side, &covered);
  assert(covered.count == packed + 4);
  assert(forward_received(arena, &sent, side, &got));
  check_same(&got, fields);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 2) return 0;
  struct arena *arena = arena_new(0);
  enum forward_side side = data[0] % 2 ? FORWARD_ANSWER : FORWARD_REQUEST;
  struct http_fields fields, through;
  const char *text = fuzz_text(arena, data + 1, size - 1);
  if (text) {
    fields_take(arena, text, &fields);
    if (forward_fields(arena, &fields, side, &through)) {
      check_let_through(arena, &through, side);
      check_journey(arena, &through, side);
    }
  }
  arena_free(arena);
  return 0;
}
