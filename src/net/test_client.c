/* The client against our server and against servers that misbehave: reuse, retries, time-outs, limits, truth about `sent`. */
#include "net/test_net.h"

#include "base/text.h"
#include "net/allow.h"
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct test { struct test_net *net; struct http_client *client; struct arena *arena; };

static struct http_ask ask_new(const struct test *test, const char *method, const char *target)
{
  struct http_ask ask = {.arena = test->arena, .to = {.host = "127.0.0.1", .port = test->net->port}, .method = method, .target = target, .wait_ms_max = 10000};
  fields_init(&ask.fields, test->arena);
  return ask;
}

static struct http_body body_text(const char *text)
{
  return (struct http_body){.data = {(const uint8_t *)text, strlen(text)}, .size = (int64_t)strlen(text)};
}

static int setup(void **state)
{
  struct test *test = calloc(1, sizeof *test);
  test->net = test_net_start(NULL, NULL, 2);
  test->arena = arena_new(256 << 20);
  assert_int_equal(http_client_new(test->net->cx, test->net->loops, test->net->folder, 4, &test->client), OK);
  *state = test;
  return 0;
}

static int teardown(void **state)
{
  struct test *test = *state;
  http_client_free(test->client);
  arena_free(test->arena);
  test_net_stop(test->net);
  free(test);
  return 0;
}

static void test_simple(void **state)
{
  struct test *test = *state;
  struct http_ask ask = ask_new(test, "GET", "/a?b");
  struct test_outcome outcome = test_ask(test->client, &ask);
  assert_int_equal(outcome.err, OK);
  assert_true(outcome.sent);
  assert_int_equal(outcome.status, 200);
  assert_string_equal(outcome.text, "GET /a b");
  assert_string_equal(fields_get(&outcome.answer->fields, "content-type"), "text/plain");
  ask = ask_new(test, "POST", "/echo");
  ask.body = body_text("a body");
  assert_string_equal(test_ask(test->client, &ask).text, "a body");
  ask = ask_new(test, "HEAD", "/bytes?100");
  outcome = test_ask(test->client, &ask);
  assert_int_equal(outcome.size, 0);
  assert_string_equal(fields_get(&outcome.answer->fields, "content-length"), "100");
}

static void test_reuse(void **state)
{
  struct test *test = *state;
  for (int i = 0; i < 40; i++) {
    struct http_ask ask = ask_new(test, "GET", "/again");
    assert_int_equal(test_ask(test->client, &ask).status, 200);
  }
  /* One a loop is enough for asks in a row. */
  assert_true(http_server_counts(test->net->server).connections <= 2);
  assert_int_equal(http_server_counts(test->net->server).requests, 40);
  http_client_forget(test->client, "127.0.0.1", test->net->port);
  for (int i = 0; i < 200 && http_server_counts(test->net->server).connections > 0; i++) usleep(10000);
  assert_int_equal(http_server_counts(test->net->server).connections, 0);
}

static void test_great(void **state)
{
  struct test *test = *state;
  struct http_ask ask = ask_new(test, "GET", "/file?3000000");
  ask.hash_body = true;
  struct test_outcome outcome = test_ask(test->client, &ask);
  assert_int_equal(outcome.size, 3000000);
  assert_non_null(outcome.answer->body.path);
  assert_true(outcome.answer->body.hashed);
  struct http_ask back = ask_new(test, "POST", "/facts");
  back.body = outcome.answer->body; /* from its file */
  const char *hash = hex_write(test->arena, outcome.answer->body.sha256, 32);
  assert_string_equal(test_ask(test->client, &back).text, arena_print(test->arena, "3000000 file %s", hash));
  ask = ask_new(test, "GET", "/bytes?3000000");
  ask.answer_max = 2999999;
  assert_int_equal(test_ask(test->client, &ask).err, ERR_TOO_LARGE);
}

/* ---- Many at once ---- */
enum { MANY = 200 };
struct many { pthread_mutex_t mutex; pthread_cond_t changed; int left, good; };

static void many_done(void *user, const struct http_outcome *outcome)
{
  struct many *many = user;
  pthread_mutex_lock(&many->mutex);
  many->good += outcome->err == OK && outcome->answer->status == 200 && outcome->answer->body.size == 4;
  many->left--;
  pthread_cond_broadcast(&many->changed);
  pthread_mutex_unlock(&many->mutex);
}

static int many_run(struct test *test, struct http_client *client, struct arena **arenas)
{
  struct many many = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, MANY, 0};
  for (int i = 0; i < MANY; i++) {
    struct http_ask ask = ask_new(test, "GET", "/late");
    ask.arena = arenas[i];
    ask.wait_ms_max = 20000;
    http_client_send(client, &ask, many_done, &many);
  }
  pthread_mutex_lock(&many.mutex);
  while (many.left > 0) pthread_cond_wait(&many.changed, &many.mutex);
  pthread_mutex_unlock(&many.mutex);
  return many.good;
}

static void test_many(void **state)
{
  struct test *test = *state;
  struct arena *arenas[MANY];
  for (int i = 0; i < MANY; i++) arenas[i] = arena_new(0);
  struct http_client *wide;
  assert_int_equal(http_client_new(test->net->cx, test->net->loops, test->net->folder, MANY, &wide), OK);
  assert_int_equal(many_run(test, wide, arenas), MANY); /* a connection each */
  assert_int_equal(http_server_counts(test->net->server).connections, MANY);
  http_client_free(wide);
  for (int i = 0; i < MANY; i++) arena_reset(arenas[i]);
  struct http_client *narrow;
  assert_int_equal(http_client_new(test->net->cx, test->net->loops, test->net->folder, 20, &narrow), OK);
  assert_int_equal(many_run(test, narrow, arenas), MANY); /* through queues */
  http_client_free(narrow);
  for (int i = 0; i < MANY; i++) arena_free(arenas[i]);
}

/* ---- Ends ---- */
static void test_timeout(void **state)
{
  struct test *test = *state;
  struct http_ask ask = ask_new(test, "GET", "/late");
  ask.wait_ms_max = 60;
  struct test_outcome outcome = test_ask(test->client, &ask);
  assert_int_equal(outcome.err, ERR_TIMEOUT);
  assert_true(outcome.sent);
}

static void test_not_reached(void **state)
{
  struct test *test = *state;
  struct http_ask ask = ask_new(test, "POST", "/echo");
  int fd = socket(AF_INET, SOCK_STREAM, 0); /* bound, but nobody listens */
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
  getsockname(fd, (struct sockaddr *)&address, &size);
  ask.to.port = ntohs(address.sin_port);
  struct test_outcome outcome = test_ask(test->client, &ask);
  assert_int_equal(outcome.err, ERR_UPSTREAM);
  assert_false(outcome.sent);
  close(fd);
  ask.to.host = "no-such-host.invalid";
  ask.wait_ms_max = 2000;
  outcome = test_ask(test->client, &ask);
  assert_true(outcome.err == ERR_UPSTREAM || outcome.err == ERR_TIMEOUT);
  assert_false(outcome.sent);
  ask = ask_new(test, "GET", "/named");
  ask.to.host = "localhost";
  assert_int_equal(test_ask(test->client, &ask).status, 200);
}

/* Judged when a connection is made, by the address that the name has then; another asker of the same host shares nothing with it. */
static void test_not_allowed(void **state)
{
  struct test *test = *state;
  struct net_allow *elsewhere, *here, *other_port;
  const char *list = arena_print(test->arena, "10.0.0.0/8 127.0.0.0/8:%d [::1]:%d", test->net->port, test->net->port);
  assert_int_equal(net_allow_read(test->net->cx, "x", "10.0.0.0/8", &elsewhere), OK);
  assert_int_equal(net_allow_read(test->net->cx, "x", list, &here), OK);
  assert_int_equal(net_allow_read(test->net->cx, "x", "127.0.0.0/8:1", &other_port), OK);
  static const char *const hosts[] = {"127.0.0.1", "localhost", "::ffff:127.0.0.1"};
  for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
    struct http_ask ask = ask_new(test, "POST", "/echo");
    ask.to.host = hosts[i];
    if (i < 2) assert_int_equal(test_ask(test->client, &ask).status, 200); /* an idle link of somebody else stays behind */
    ask.to.allow = elsewhere;
    struct test_outcome outcome = test_ask(test->client, &ask);
    assert_int_equal(outcome.err, ERR_FORBIDDEN);
    assert_false(outcome.sent);
    ask.to.allow = other_port;
    assert_int_equal(test_ask(test->client, &ask).err, ERR_FORBIDDEN);
    ask.to.allow = here;
    if (i < 2) assert_int_equal(test_ask(test->client, &ask).status, 200);
  }
  http_client_free(test->client);
  test->client = NULL;
  net_allow_free(elsewhere);
  net_allow_free(here);
  net_allow_free(other_port);
}

static void test_malformed_ask(void **state)
{
  struct test *test = *state;
  struct http_ask ask = ask_new(test, "GET", "/a b");
  assert_int_equal(test_ask(test->client, &ask).err, ERR_INPUT);
  ask = ask_new(test, "GET", "/a");
  fields_add(&ask.fields, "X", "a\r\nY: b");
  assert_int_equal(test_ask(test->client, &ask).err, ERR_INPUT);
  ask = ask_new(test, "GE T", "/a");
  assert_int_equal(test_ask(test->client, &ask).err, ERR_INPUT);
}

/* ---- Servers of a script: each connection reads up to a request's end, sends its line of the script, closes if told ---- */
struct script { const char *const *lines; int count, at, listener, port; pthread_t thread; bool eager; };

static bool request_read(int fd)
{
  char text[4096];
  size_t size = 0;
  while (size < sizeof text - 1) {
    ssize_t got = recv(fd, text + size, sizeof text - 1 - size, 0);
    if (got <= 0) return false;
    size += (size_t)got;
    text[size] = '\0';
    if (strstr(text, "\r\n\r\n")) return true;
  }
  return false;
}

/* "~": close without a word; a line that ends with "~": close after it; otherwise the connection goes on with the next line. */
static void *script_run(void *arg)
{
  struct script *script = arg;
  while (script->at < script->count) {
    int fd = accept(script->listener, NULL, NULL);
    while (script->at < script->count && (script->eager || request_read(fd))) {
      const char *line = script->lines[script->at++];
      size_t size = strlen(line);
      bool ends = size > 0 && line[size - 1] == '~';
      send(fd, line, ends ? size - 1 : size, MSG_NOSIGNAL);
      if (ends) break;
    }
    shutdown(fd, SHUT_WR);
    char ignored[4096];
    if (!script->eager) while (recv(fd, ignored, sizeof ignored, MSG_DONTWAIT) > 0) {}
    close(fd);
  }
  return NULL;
}

static void script_start(struct script *script, const char *const *lines, int count)
{
  *script = (struct script){.lines = lines, .count = count, .eager = script->eager};
  script->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  assert_int_equal(bind(script->listener, (struct sockaddr *)&address, size), 0);
  assert_int_equal(listen(script->listener, 16), 0);
  getsockname(script->listener, (struct sockaddr *)&address, &size);
  script->port = ntohs(address.sin_port);
  assert_int_equal(pthread_create(&script->thread, NULL, script_run, script), 0);
}

static void script_end(struct script *script)
{
  shutdown(script->listener, SHUT_RDWR);
  pthread_join(script->thread, NULL);
  close(script->listener);
}

#define SCRIPT(...) (const char *const[]){__VA_ARGS__}, (int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))
#define INTERIM "HTTP/1.1 103 Early\r\n\r\n"
#define GOOD "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static struct test_outcome script_ask(struct test *test, struct http_client *client, const struct script *script, const char *method)
{
  struct http_ask ask = ask_new(test, method, "/x");
  ask.to.port = script->port;
  if (strcmp(method, "POST") == 0) ask.body = body_text("x");
  return test_ask(client, &ask);
}

static void test_answers_broken(void **state)
{
  static const char *const broken[] = {
    "~", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab~", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab~",
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n~",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n~", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\nab\r\n0\r\n\r\n~",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n~", "HTTP/1.1 200 OK\nContent-Length: 0\n\n~",
    "HTTP/1.1 200 OK\r\nA : b\r\nContent-Length: 0\r\n\r\n~", "HTTP/1.1 101 Switching\r\n\r\n~", "HTTP/2 200\r\n\r\n~", "nonsense\r\n\r\n~",
    "HTTP/1.1 99 Low\r\n\r\n~", INTERIM INTERIM INTERIM INTERIM INTERIM INTERIM INTERIM INTERIM INTERIM GOOD "~", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nab~", "HTTP/1.1 200 OK\r\nContent-Le~"};
  struct test *test = *state;
  for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
    struct script script = {0};
    script_start(&script, &broken[i], 1);
    struct test_outcome outcome = script_ask(test, test->client, &script, "POST");
    if (outcome.err != ERR_UPSTREAM || !outcome.sent) fail_msg("row %zu: %s, sent %d", i, err_name(outcome.err), outcome.sent);
    script_end(&script);
  }
}

static void test_answers_unusual(void **state)
{
  static const struct { const char *line, *text; } rows[] = {
    {"HTTP/1.1 200 OK\r\n\r\nto the end~", "to the end"}, {"HTTP/1.0 200 OK\r\n\r\nold~", "old"},
    {"HTTP/1.1 200\r\nContent-Length: 1\r\n\r\na~", "a"}, {"HTTP/1.1 204 No Content\r\n\r\n~", ""},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb~", "b"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n~", "abcde"}, {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokmore~", "ok"}};
  struct test *test = *state;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct script script = {0};
    script_start(&script, &rows[i].line, 1);
    struct test_outcome outcome = script_ask(test, test->client, &script, "GET");
    if (outcome.err != OK) fail_msg("row %zu: %s", i, err_name(outcome.err));
    assert_string_equal(outcome.text, rows[i].text);
    script_end(&script);
  }
}

/* The server closes the kept connection only when the next request has come: what may be tried again is, once. */
static void test_stale(void **state)
{
  struct test *test = *state;
  struct test_net *alone = test_net_start(NULL, NULL, 1); /* one loop: one pool */
  struct http_client *client;
  assert_int_equal(http_client_new(alone->cx, alone->loops, NULL, 4, &client), OK);
  struct script script = {0};
  script_start(&script, SCRIPT(GOOD, "~", GOOD, "~", "~"));
  assert_int_equal(script_ask(test, client, &script, "GET").err, OK);
  assert_int_equal(script_ask(test, client, &script, "GET").err, OK); /* "~", then a new connection */
  struct test_outcome outcome = script_ask(test, client, &script, "POST");
  assert_int_equal(outcome.err, ERR_UPSTREAM); /* it may have been acted upon: not again */
  assert_true(outcome.sent);
  assert_int_equal(script.at, 4);
  outcome = script_ask(test, client, &script, "GET");
  assert_int_equal(outcome.err, ERR_UPSTREAM); /* a new connection that breaks is not tried again */
  script_end(&script);
  http_client_free(client);
  test_net_stop(alone);
}

/* The server closes the kept connection while it is idle: the next ask, of any method, must not notice. */
static void test_idle_closed(void **state)
{
  struct test *test = *state;
  struct script script = {0};
  script_start(&script, SCRIPT(GOOD "~", GOOD "~", GOOD "~"));
  for (int i = 0; i < 3; i++) {
    assert_int_equal(script_ask(test, test->client, &script, "POST").err, OK);
    usleep(20000);
  }
  script_end(&script);
}

/* An answer that comes before the request has gone out whole. */
static void test_early_answer(void **state)
{
  struct test *test = *state;
  struct script script = {.eager = true};
  script_start(&script, SCRIPT("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"));
  struct http_ask ask = ask_new(test, "POST", "/x");
  size_t size = 16 << 20;
  char *data = calloc(1, size);
  ask.to.port = script.port;
  ask.body = (struct http_body){.data = {(uint8_t *)data, size}, .size = (int64_t)size};
  struct test_outcome outcome = test_ask(test->client, &ask);
  assert_true(outcome.err == ERR_UPSTREAM || outcome.status == 413); /* the script's end may reset the connection first */
  assert_true(outcome.sent);
  script_end(&script);
  free(data);
  ask = ask_new(test, "POST", "/small"); /* ours lingers, so that its answer arrives */
  data = calloc(1, size);
  ask.body = (struct http_body){.data = {(uint8_t *)data, size}, .size = (int64_t)size};
  outcome = test_ask(test->client, &ask);
  assert_int_equal(outcome.err, OK);
  assert_int_equal(outcome.status, 413);
  free(data);
}

static void test_queue_full(void **state)
{
  struct test *test = *state;
  struct test_net *alone = test_net_start(NULL, NULL, 1);
  struct http_client *client;
  assert_int_equal(http_client_new(alone->cx, alone->loops, NULL, 1, &client), OK);
  struct many many = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 1200, 0};
  struct http_ask ask = ask_new(test, "GET", "/hold");
  ask.to.port = alone->port;
  for (int i = 0; i < 1200; i++) http_client_send(client, &ask, many_done, &many);
  pthread_mutex_lock(&many.mutex);
  while (many.left > 1025) pthread_cond_wait(&many.changed, &many.mutex); /* 175 were over the queue's bound */
  pthread_mutex_unlock(&many.mutex);
  pthread_mutex_lock(&alone->mutex);
  while (!alone->held) pthread_cond_wait(&alone->changed, &alone->mutex);
  pthread_mutex_unlock(&alone->mutex);
  http_client_free(client); /* the others end as not reached */
  assert_int_equal(many.left, 0);
  assert_int_equal(many.good, 0);
  http_reply_text(alone->held, 200, "text/plain", "late");
  test_net_stop(alone);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
    TEST(test_simple), TEST(test_reuse), TEST(test_great), TEST(test_many), TEST(test_timeout), TEST(test_not_reached), TEST(test_not_allowed),
    TEST(test_malformed_ask),
    TEST(test_answers_broken), TEST(test_answers_unusual), TEST(test_stale), TEST(test_idle_closed), TEST(test_early_answer), TEST(test_queue_full)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
