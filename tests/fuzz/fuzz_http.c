/* Fuzzer of the running server: bytes of one connection, sent in two pieces at a place that the first byte chooses. Every request
 * that reached the handler is answered, in order; after a refusal nothing follows; and the cut changes nothing. */
#include "fuzz.h"

#include "net/framing.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { ANSWERS_MAX = 4096, WAIT_MS = 10000 };

struct bench { struct cx *cx; struct loops *loops; struct http_server *server; struct sockaddr_un address; atomic_int ready; };
static struct bench bench; /* libFuzzer gives its call no place to keep one */

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
  http_server_stop(bench.server, 1000);
  loops_stop(bench.loops);
  cx_free_alone(bench.cx);
}

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
  static const struct http_service service = {.head = judge_head, .ready = answer_ready};
  static const struct clock clock = {0};
  bench.cx = fuzz_cx();
  bench.address.sun_family = AF_UNIX;
  snprintf(bench.address.sun_path, sizeof bench.address.sun_path, "/tmp/truc-fuzz-%d.socket", (int)getpid());
  enum err err = loops_start(bench.cx, 1, NULL, &clock, &bench.loops);
  if (!err) err = http_server_start(bench.cx, bench.loops, arena_print(bench.cx->arena, "unix:%s", bench.address.sun_path), NULL, &service, NULL, NULL, &bench.server);
  assert(!err);
  atexit(bench_stop);
  return 0;
}

static void send_all(int fd, const uint8_t *data, size_t size)
{
  while (size > 0) {
    ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
    if (sent <= 0) return; /* refused already */
    data += sent;
    size -= (size_t)sent;
  }
}

/* All that the server says until it ends the connection. */
static void talk(const uint8_t *data, size_t size, size_t first, struct buffer *out)
{
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert(fd >= 0 && connect(fd, (const struct sockaddr *)&bench.address, sizeof bench.address) == 0);
  send_all(fd, data, first);
  if (first < size) {
    poll(NULL, 0, 1); /* lets the server see the first piece alone, mostly */
    send_all(fd, data + first, size - first);
  }
  shutdown(fd, SHUT_WR);
  char block[16384];
  ssize_t got = 1;
  while (got > 0) {
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    assert(poll(&wait, 1, WAIT_MS) == 1);
    if ((got = recv(fd, block, sizeof block, 0)) > 0) buffer_add(out, block, (size_t)got);
  }
  close(fd);
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

static size_t converse(struct arena *arena, const uint8_t *data, size_t size, size_t first, int statuses[ANSWERS_MAX])
{
  struct buffer out;
  size_t count = 0;
  buffer_init(&out, arena);
  int before = atomic_load(&bench.ready);
  talk(data, size, first, &out);
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
  size_t first = (size - 1) * data[0] / 256, count = converse(arena, data + 1, size - 1, size - 1, whole);
  if (first) assert(converse(arena, data + 1, size - 1, first, cut) == count && memcmp(cut, whole, count * sizeof *cut) == 0);
  arena_free(arena);
  return 0;
}
