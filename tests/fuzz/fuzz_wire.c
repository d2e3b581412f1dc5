/* Fuzzer of the messages between a node and its keys process: there is one spelling of each, read to the last byte. */
#include "fuzz.h"

#include "keys/wire.h"

static bool same(const struct buffer *written, struct bytes body)
{
  return written->size == body.size + WIRE_PREFIX && memcmp(written->data + WIRE_PREFIX, body.data, body.size) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct bytes body;
  size_t whole;
  struct wire_request request;
  struct wire_answer answer;
  struct arena *arena = arena_new(0);
  if (wire_frame((struct bytes){data, size}, &body, &whole) == WIRE_WHOLE) {
    assert(whole <= size && body.size + WIRE_PREFIX == whole);
    struct buffer out;
    buffer_init(&out, arena);
    if (wire_read_request(body, &request)) {
      wire_write_request(&out, &request);
      assert(same(&out, body));
    }
    buffer_init(&out, arena);
    if (wire_read_answer(body, &answer)) {
      wire_write_answer(&out, &answer);
      assert(same(&out, body));
    }
  }
  arena_free(arena);
  return 0;
}
