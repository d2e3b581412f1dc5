/* The server with good requests: answers, keep-alive, pipelining, bodies small and great, slow peers, limits, the end. */
#include "net/test_net.h"

#include "base/text.h"
#include <openssl/sha.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static char *talk(struct test_net *net, const char *text)
{
  return test_talk(net->port, text, strlen(text), 5000, NULL);
}

static void assert_holds(const char *text, const char *part)
{
  if (!strstr(text, part)) fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void test_simple(void **state)
{
  struct test_net *net = *state;
  char *text = talk(net, "GET /a/b?c=d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  assert_holds(text, "HTTP/1.1 200 OK\r\n");
  assert_holds(text, "\r\nContent-Length: 12\r\n");
  assert_holds(text, "\r\nConnection: close\r\n");
  assert_holds(text, "\r\nDate: ");
  assert_holds(text, "\r\n\r\nGET /a/b c=d");
  free(text);
}

static void test_http_10(void **state)
{
  struct test_net *net = *state;
  char *text = talk(net, "GET /one HTTP/1.0\r\n\r\n");
  assert_holds(text, "Connection: close\r\n\r\nGET /one ");
  free(text);
  text = talk(net, "GET /one HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\nGET /two HTTP/1.0\r\n\r\n");
  assert_holds(text, "Connection: keep-alive\r\n\r\nGET /one ");
  assert_holds(text, "GET /two ");
  free(text);
}

static void test_pipelined(void **state)
{
  struct test_net *net = *state;
  char *text = talk(net, "GET /late HTTP/1.1\r\nHost: x\r\n\r\nPOST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nfirst"
                         "GET /thread HTTP/1.1\r\nHost: x\r\n\r\nHEAD /bytes?7 HTTP/1.1\r\nHost: x\r\n\r\n"
                         "GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const char *late = strstr(text, "\r\n\r\nlate"), *first = strstr(text, "\r\n\r\nfirst"), *thread = strstr(text, "\r\n\r\nthread");
  const char *head = strstr(text, "Content-Length: 7\r\n\r\nHTTP/1.1"), *last = strstr(text, "GET /last ");
  assert_true(late && first && thread && head && last);
  assert_true(late < first && first < thread && thread < head && head < last);
  free(text);
}

/* One byte at a time: no state may depend on how bytes are cut. */
static void test_bytewise(void **state)
{
  struct test_net *net = *state;
  const char *request = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n";
  int fd = test_connect(net->port);
  for (const char *c = request; *c; c++) {
    assert_int_equal(send(fd, c, 1, MSG_NOSIGNAL), 1);
    if ((c - request) % 16 == 0) usleep(300);
  }
  char *text = test_read(fd, 2000, NULL);
  assert_holds(text, "\r\n\r\nabc0123456789");
  free(text);
  close(fd);
}

static void test_upload_great(void **state)
{
  struct test_net *net = *state;
  size_t size = 8 << 20;
  char *request = malloc(size + 200);
  int head = snprintf(request, 200, "POST /facts HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", size);
  for (size_t i = 0; i < size; i++) request[(size_t)head + i] = (char)(i * 7 >> 3);
  uint8_t hash[32];
  SHA256((uint8_t *)request + head, size, hash);
  char *text = test_talk(net->port, request, (size_t)head + size, 5000, NULL);
  assert_holds(text, arena_print(net->cx->arena, "\r\n\r\n%zu file %s", size, hex_write(net->cx->arena, hash, 32)));
  free(text);
  free(request);
}

static void test_upload_chunks(void **state)
{
  struct test_net *net = *state;
  struct buffer request;
  buffer_init(&request, NULL);
  buffer_text(&request, "POST /facts HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
  for (int i = 0; i < 3000; i++) buffer_print(&request, "%x\r\n%0*d\r\n", 1 + i % 97, 1 + i % 97, i % 10);
  buffer_text(&request, "0\r\n\r\n");
  int64_t size = 0;
  for (int i = 0; i < 3000; i++) size += 1 + i % 97;
  char *text = test_talk(net->port, request.data, request.size, 5000, NULL);
  assert_holds(text, arena_print(net->cx->arena, "\r\n\r\n%lld file ", (long long)size));
  free(text);
  buffer_done(&request);
}

static void download(struct test_net *net, const char *path, size_t size)
{
  char request[128];
  int length = snprintf(request, sizeof request, "GET %s?%zu HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", path, size);
  size_t got;
  char *text = test_talk(net->port, request, (size_t)length, 3000, &got);
  const char *body = strstr(text, "\r\n\r\n");
  assert_non_null(body);
  body += 4;
  assert_int_equal(got - (size_t)(body - text), size);
  for (size_t i = 0; i < size; i += 1009) assert_int_equal(body[i], 'a' + (int)(i % 23));
  free(text);
}

static void test_download_great(void **state)
{
  download(*state, "/bytes", 5 << 20);
  download(*state, "/file", 5 << 20);
  download(*state, "/file", 1);
  download(*state, "/bytes", 0);
}

static void test_sizes(void **state)
{
  struct test_net *net = *state;
  char *text = talk(net, "POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nConnection: close\r\n\r\n0123456789");
  assert_holds(text, "200 OK");
  free(text);
  text = talk(net, "POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n0123456789a");
  assert_holds(text, "413 Content Too Large");
  assert_null(strstr(text, "200 OK"));
  free(text);
  text = talk(net, "POST /small HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n6\r\n012345\r\n0\r\n\r\n");
  assert_holds(text, "413 Content Too Large");
  free(text);
}

static void test_refused_head(void **state)
{
  struct test_net *net = *state;
  /* Without a body the connection goes on; with one it ends, as the body was not read. */
  char *text = talk(net, "GET /refused HTTP/1.1\r\nHost: x\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  assert_holds(text, "403 Forbidden");
  assert_holds(text, "GET /next ");
  free(text);
  text = talk(net, "POST /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET /next HTTP/1.1\r\nHost: x\r\n\r\n");
  assert_holds(text, "403 Forbidden");
  assert_null(strstr(text, "/next"));
  free(text);
}

static void test_continue(void **state)
{
  struct test_net *net = *state;
  int fd = test_connect(net->port);
  const char *head = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n";
  send(fd, head, strlen(head), MSG_NOSIGNAL);
  char line[26] = "";
  assert_int_equal(recv(fd, line, 25, MSG_WAITALL), 25);
  assert_string_equal(line, "HTTP/1.1 100 Continue\r\n\r\n");
  send(fd, "body", 4, MSG_NOSIGNAL);
  char *text = test_read(fd, 2000, NULL);
  assert_holds(text, "\r\n\r\nbody");
  free(text);
  close(fd);
  text = talk(net, "POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 400\r\nExpect: 100-continue\r\n\r\n");
  assert_null(strstr(text, "100 Continue"));
  assert_holds(text, "413 ");
  free(text);
}

static void test_fields_split(void **state)
{
  char *text = talk(*state, "GET /fields HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  assert_holds(text, "500 Internal Server Error");
  assert_null(strstr(text, "Set-Cookie"));
  free(text);
}

/* The peer goes while its request is being handled: the handler's answer must find its way home without it. */
static void test_peer_gone(void **state)
{
  struct test_net *net = *state;
  const char *request = "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n";
  int fd = test_connect(net->port);
  send(fd, request, strlen(request), MSG_NOSIGNAL);
  pthread_mutex_lock(&net->mutex);
  while (!net->held) pthread_cond_wait(&net->changed, &net->mutex);
  struct http_call *call = net->held;
  net->held = NULL;
  pthread_mutex_unlock(&net->mutex);
  struct linger reset = {1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  close(fd);
  for (int i = 0; i < 200 && http_server_counts(net->server).connections > 0; i++) usleep(10000);
  assert_int_equal(http_server_counts(net->server).connections, 0);
  http_reply_text(call, 200, "text/plain", "nobody hears it");
}

static int setup(void **state)
{
  *state = test_net_start(NULL, NULL, 2);
  return 0;
}

static int teardown(void **state)
{
  test_net_stop(*state);
  return 0;
}

static void test_slow(void **state)
{
  const struct http_limits limits = {.head_wait_ms = 150, .idle_wait_ms = 250, .body_rate_min = 1000};
  struct test_net *net = test_net_start(NULL, &limits, 1);
  char *text = talk(net, "GET /slow HTTP/1.1\r\nHost:");
  assert_holds(text, "408 Request Timeout");
  free(text);
  text = talk(net, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123");
  assert_holds(text, "408 Request Timeout");
  free(text);
  int64_t before = clock_monotonic_us();
  text = talk(net, "GET /ok HTTP/1.1\r\nHost: x\r\n\r\n"); /* stays open, idle */
  assert_holds(text, "GET /ok ");
  assert_null(strstr(text, "408"));
  free(text);
  text = talk(net, "");
  assert_string_equal(text, "");
  free(text);
  int deaf = test_connect(net->port); /* asks for much and reads nothing */
  const char *much = "GET /file?30000000 HTTP/1.1\r\nHost: x\r\n\r\n";
  send(deaf, much, strlen(much), MSG_NOSIGNAL);
  for (int i = 0; i < 500 && __atomic_load_n(&net->ready, __ATOMIC_SEQ_CST) < 2; i++) usleep(10000);
  assert_int_equal(__atomic_load_n(&net->ready, __ATOMIC_SEQ_CST), 2);
  for (int i = 0; i < 500 && http_server_counts(net->server).connections > 0; i++) usleep(10000);
  assert_int_equal(http_server_counts(net->server).connections, 0);
  close(deaf);
  assert_true(clock_monotonic_us() - before < 10000000);
  test_net_stop(net);
}

static void test_limits(void **state)
{
  const struct http_limits limits = {.connections_max = 3, .connections_per_peer_max = 2};
  struct test_net *net = test_net_start(NULL, &limits, 2);
  int first = test_connect(net->port), second = test_connect(net->port);
  int third = test_connect(net->port);
  char *text = test_read(third, 2000, NULL);
  assert_holds(text, "503 Service Unavailable");
  free(text);
  close(first);
  close(third);
  for (int i = 0; i < 200 && http_server_counts(net->server).connections > 1; i++) usleep(10000);
  text = talk(net, "GET /ok HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  assert_holds(text, "GET /ok ");
  free(text);
  close(second);
  assert_int_equal(http_server_counts(net->server).refused, 1);
  test_net_stop(net);
}

static void *stop_run(void *arg)
{
  struct test_net *net = arg;
  http_server_stop(net->server, 20000);
  return NULL;
}

static void test_drain(void **state)
{
  struct test_net *net = test_net_start(NULL, NULL, 2);
  const char *request = "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n";
  int busy = test_connect(net->port), idle = test_connect(net->port);
  send(busy, request, strlen(request), MSG_NOSIGNAL);
  pthread_mutex_lock(&net->mutex);
  while (!net->held) pthread_cond_wait(&net->changed, &net->mutex);
  pthread_mutex_unlock(&net->mutex);
  pthread_t thread;
  pthread_create(&thread, NULL, stop_run, net);
  char *text = test_read(idle, 2000, NULL); /* ended by the server */
  assert_string_equal(text, "");
  free(text);
  int64_t before = clock_monotonic_us();
  http_reply_text(net->held, 200, "text/plain", "done");
  text = test_read(busy, 2000, NULL);
  assert_holds(text, "Connection: close\r\n\r\ndone");
  free(text);
  close(busy);
  close(idle);
  pthread_join(thread, NULL);
  assert_true(clock_monotonic_us() - before < 3000000); /* not for the whole time that it would wait */
  net->server = NULL;
  test_net_stop(net);
}

/* A handler that does not end in time loses its connection; its late answer must still find its way. */
static void test_drain_forced(void **state)
{
  struct test_net *net = test_net_start(NULL, NULL, 2);
  const char *request = "GET /hold HTTP/1.1\r\nHost: x\r\n\r\n";
  int fd = test_connect(net->port);
  send(fd, request, strlen(request), MSG_NOSIGNAL);
  pthread_mutex_lock(&net->mutex);
  while (!net->held) pthread_cond_wait(&net->changed, &net->mutex);
  pthread_mutex_unlock(&net->mutex);
  int64_t before = clock_monotonic_us();
  http_server_stop(net->server, 50);
  net->server = NULL;
  int64_t took_us = clock_monotonic_us() - before;
  assert_true(took_us >= 50000 && took_us < 4000000);
  char *text = test_read(fd, 1000, NULL);
  assert_string_equal(text, "");
  free(text);
  close(fd);
  http_reply_text(net->held, 200, "text/plain", "too late");
  test_net_stop(net);
}

static int unix_head(void *self, struct http_call *call, int64_t *body_max)
{
  return 0;
}

static void unix_ready(void *self, struct http_call *call)
{
  http_reply_text(call, 200, "text/plain", call->peer);
}

static void test_unix_socket(void **state)
{
  struct test_net *net = *state;
  char path[64];
  snprintf(path, sizeof path, "%s/socket", net->folder);
  const struct http_service service = {.head = unix_head, .ready = unix_ready};
  struct http_server *server;
  assert_int_equal(http_server_start(net->cx, net->loops, arena_print(net->cx->arena, "unix:%s", path), NULL, &service, NULL, NULL, &server), OK);
  struct stat status;
  assert_int_equal(stat(path, &status), 0);
  assert_int_equal(status.st_mode & 0777, 0600);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
  const char *request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  send(fd, request, strlen(request), 0);
  char *text = test_read(fd, 2000, NULL);
  assert_holds(text, "\r\n\r\nunix");
  free(text);
  close(fd);
  http_server_stop(server, 100);
  assert_int_not_equal(stat(path, &status), 0);
}

static void test_address_taken(void **state)
{
  struct test_net *net = *state;
  const struct http_service service = {.head = unix_head, .ready = unix_ready};
  struct http_server *server;
  const char *taken = arena_print(net->cx->arena, "127.0.0.1:%d", net->port);
  assert_int_equal(http_server_start(net->cx, net->loops, taken, NULL, &service, NULL, NULL, &server), ERR_CONFLICT);
  assert_int_equal(http_server_start(net->cx, net->loops, "127.0.0.1", NULL, &service, NULL, NULL, &server), ERR_CONFLICT);
  assert_int_equal(http_server_start(net->cx, net->loops, "127.0.0.1:70000", NULL, &service, NULL, NULL, &server), ERR_CONFLICT);
  cx_reset_problems(net->cx);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
    TEST(test_simple), TEST(test_http_10), TEST(test_pipelined), TEST(test_bytewise), TEST(test_upload_great), TEST(test_upload_chunks),
    TEST(test_download_great), TEST(test_sizes), TEST(test_refused_head), TEST(test_continue), TEST(test_fields_split), TEST(test_peer_gone),
    TEST(test_unix_socket), TEST(test_address_taken), cmocka_unit_test(test_slow), cmocka_unit_test(test_limits), cmocka_unit_test(test_drain),
    cmocka_unit_test(test_drain_forced)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
