/* Fuzzer of what strangers send: heads, bodies and forms, cut at places of the fuzzer's choosing. What it asserts beyond memory
 * safety: a verdict does not depend on how the bytes were cut, and what was refused stays refused.
 *
 * Built with clang alone: ninja src/net/fuzz_net_message, then run it with a folder of examples. */
#include "net/framing.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct clock clock_fixed = {.fixed_us = 1};

struct verdict { int status; size_t head, body, used; bool whole; };

/* Reads one message as a connection would that gets `first` bytes, then the rest. */
static struct verdict judge(struct arena *arena, const char *data, size_t size, size_t first, bool request)
{
  struct verdict verdict = {0};
  struct head_scan scan = {0};
  size_t sizes[2] = {first < size ? first : size, size}, end = 0;
  for (int i = 0; i < 2 && end == 0 && verdict.status == 0; i++) verdict.status = http_head_find(&scan, data, sizes[i], request, &end);
  if (verdict.status || end == 0) return verdict;
  verdict.head = end;
  struct head head;
  verdict.status = request ? http_head_read_request(arena, data, end, &head) : http_head_read_answer(arena, data, end, &head) ? 0 : 502;
  if (verdict.status) return verdict;
  struct framing framing;
  http_framing_start(&framing, &head, !request);
  for (size_t at = end; at < size && !http_framing_ended(&framing);) {
    size_t stop = at < first && first < size ? first : size, used;
    struct bytes piece;
    if (!http_framing_step(&framing, data + at, stop - at, &used, &piece)) {
      verdict.status = 400;
      return verdict;
    }
    assert(used > 0 && used <= stop - at && piece.size <= used);
    at += used;
    verdict.body += piece.size;
    verdict.used = at;
  }
  verdict.whole = http_framing_ended(&framing);
  return verdict;
}

static void check_message(const char *data, size_t size, size_t first, bool request)
{
  struct arena *arena = arena_new(0);
  struct verdict cut = judge(arena, data, size, first, request), whole = judge(arena, data, size, size, request);
  assert(cut.status == whole.status && cut.head == whole.head && cut.whole == whole.whole);
  assert(cut.status || (cut.body == whole.body && cut.used == whole.used));
  arena_free(arena);
}

static void check_form(const char *data, size_t size)
{
  struct cx *cx = cx_new_alone(&clock_fixed, NULL);
  const struct multipart_limits limits = {.parts_max = 20, .value_max = 4096, .spool_folder = "/tmp"};
  const struct http_body body = {.data = {(const uint8_t *)data, size}, .size = (int64_t)size};
  struct http_parts parts;
  enum err err = multipart_read(cx, "multipart/form-data; boundary=x", &body, &limits, &parts);
  for (size_t i = 0; !err && i < parts.count; i++) {
    assert(parts.items[i].name[0] && !parts.items[i].path == !parts.items[i].file_name);
    assert(!parts.items[i].file_name || (parts.items[i].file_name[0] && !strpbrk(parts.items[i].file_name, "/\\\n\r\t")));
  }
  cx_free_alone(cx);
}

/* The first byte chooses what it is, the second where it is cut. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 2) return 0;
  const char *text = (const char *)data + 2;
  size -= 2;
  if (data[0] % 3 == 2) check_form(text, size);
  else check_message(text, size, size * data[1] / 256, data[0] % 3 == 0);
  return 0;
}
