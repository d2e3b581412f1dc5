/* Fuzzer of the running server: bytes of one connection, sent in two pieces at a place that the first byte chooses. Every request
 * that reached the handler is answered, in order; after a refusal nothing follows; and the cut changes nothing. */
#include "talk.h"

#include "net/framing.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { ANSWERS_MAX = 4096 };

static struct { struct talk_server server; atomic_int ready; } bench; /* libFuzzer gives its call no place to keep it */

static int judge_head(void *self, struct http_call *call, int64_t *body_max)
{
  *body_max = text_equal(call->path, "/none") ? 0 : text_equal(call->path, "/small") ? 10 : 8192;
  return 0;
}

static void answer_ready(void *self, struct http_call *call)
{
  struct http_answer answer = {.status = 200};
  atomic_fetch_add(&bench.ready, 1);
  assert(call->path[0] == '/' && !strchr(call->path, '?') && !call->body.path == (call->body.size <= HTTP_BODY_MEMORY_MAX));
  fields_init(&answer.fields, call->arena);
  fields_add(&answer.fields, "x-method", call->method);
  const char *text = arena_print(call->arena, "%s %s %lld", call->method, call->target, (long long)call->body.size);
  answer.body = (struct http_body){.data = fuzz_bytes(text), .size = (int64_t)strlen(text)};
  http_reply(call, &answer);
}

static void bench_stop(void)
{
  talk_stop(&bench.server);
}

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
  static const struct http_service service = {.head = judge_head, .ready = answer_ready};
  static const struct clock clock = {0};
  talk_start(&bench.server, &clock, &service, NULL);
  atexit(bench_stop);
  return 0;
}

/* One answer at the start of what is left: its status, or 0 when it is not well-formed. */
static int answer_take(struct arena *arena, const char **at, size_t *left)
{
  struct head_scan scan = {0};
  struct head head;
  size_t end = 0;
  if (http_head_find(&scan, *at, *left, false, &end) || end == 0 || !http_head_read_answer(arena, *at, end, &head)) return 0;
  *at += end;
  *left -= end;
  if (head.status == 100) return 100;
  const char *method = fields_get(&head.fields, "x-method");
  assert(head.length >= 0 && !head.chunked && (head.status != 200) == !method);
  bool none = method ? text_equal(method, "HEAD") : *left == 0; /* a refused HEAD has no body either */
  assert(none || (size_t)head.length <= *left);
  if (none) return head.status;
  *at += head.length;
  *left -= (size_t)head.length;
  return head.status;
}

static size_t converse(struct arena *arena, struct bytes data, size_t first, int statuses[ANSWERS_MAX])
{
  struct buffer out;
  size_t count = 0;
  buffer_init(&out, arena);
  int before = atomic_load(&bench.ready);
  talk(&bench.server, data, first, &out);
  int good = 0;
  const char *at = buffer_string(&out);
  for (size_t left = out.size; left > 0;) {
    int status = answer_take(arena, &at, &left);
    assert(status && count < ANSWERS_MAX && (status <= 200 || left == 0));
    good += status == 200;
    if (status != 100) statuses[count++] = status;
  }
  assert(atomic_load(&bench.ready) - before == good);
  return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static int cut[ANSWERS_MAX], whole[ANSWERS_MAX];
  if (size < 2) return 0;
  struct arena *arena = arena_new(0);
  const struct bytes sent = {data + 1, size - 1};
  size_t first = sent.size * data[0] / 256, count = converse(arena, sent, sent.size, whole);
  if (first) assert(converse(arena, sent, first, cut) == count && memcmp(cut, whole, count * sizeof *cut) == 0);
  arena_free(arena);
  return 0;
}
