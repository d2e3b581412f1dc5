/* TLS: both sides of a gateway's connection with the right, the wrong and no certificate; names; times; versions. */
#include "net/test_net.h"

#include "base/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { YEAR_S = 365 * 86400 };

static const struct clock clock_real;

struct test {
  struct cx *cx;
  struct test_identity authority, stranger; /* two authorities */
  struct test_identity server, client, foreign, expired, other;
};

static int group_setup(void **state)
{
  struct test *test = calloc(1, sizeof *test);
  test->cx = cx_new_alone(&clock_real, NULL);
  test->authority = test_identity_make(NULL, "authority", NULL, -3600, YEAR_S);
  test->stranger = test_identity_make(NULL, "stranger", NULL, -3600, YEAR_S);
  test->server = test_identity_make(&test->authority, "H01/gateway", "DNS:gateway.test,IP:127.0.0.1", -3600, YEAR_S);
  test->client = test_identity_make(&test->authority, "VN/gateway", NULL, -3600, YEAR_S);
  test->other = test_identity_make(&test->authority, "H01/gateway2", "DNS:other.test", -3600, YEAR_S);
  test->foreign = test_identity_make(&test->stranger, "VN/gateway", "DNS:gateway.test", -3600, YEAR_S);
  test->expired = test_identity_make(&test->authority, "VN/gateway", "DNS:gateway.test", -7200, -3600);
  *state = test;
  return 0;
}

static int group_teardown(void **state)
{
  struct test *test = *state;
  struct test_identity *all[] = {&test->authority, &test->stranger, &test->server, &test->client, &test->foreign, &test->expired, &test->other};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) test_identity_free(all[i]);
  cx_free_alone(test->cx);
  free(test);
  return 0;
}

static SSL_CTX *context(struct test *test, bool server, bool gateway, const struct test_identity *own, const struct test_identity *authority)
{
  const struct tls_wish wish = {.server = server, .gateway = gateway, .key = own ? own->key : NULL, .certificate_pem = own ? own->pem : NULL,
                                .authorities_pem = authority ? authority->pem : NULL};
  SSL_CTX *out = NULL;
  assert_int_equal(tls_context(test->cx, &wish, &out), OK);
  return out;
}

struct meeting { const struct test_identity *server, *client; const char *name; enum err wanted; bool client_any; };

/* A server and a client with these certificates meet, and one ask goes over. Takes the contexts. */
static struct test_outcome meet(struct test *test, SSL_CTX *server, SSL_CTX *client, const char *name, int64_t clock_us, char who[64])
{
  struct test_net *net = test_net_start(server, NULL, 1);
  net->clock.fixed_us = clock_us;
  struct http_client *asker;
  assert_int_equal(http_client_new(net->cx, net->loops, NULL, 4, &asker), OK);
  struct arena *arena = arena_new(0);
  struct http_ask ask = {.arena = arena, .to = {.host = "127.0.0.1", .port = net->port, .tls = client, .tls_name = name}, .method = "GET", .target = "/who", .wait_ms_max = 10000};
  struct test_outcome outcome = test_ask(asker, &ask);
  if (outcome.err == OK) {
    snprintf(who, 64, "%s", outcome.text);
    assert_int_equal(test_ask(asker, &ask).err, OK); /* kept */
    assert_int_equal(http_server_counts(net->server).connections, 1);
  }
  http_client_free(asker);
  arena_free(arena);
  test_net_stop(net);
  SSL_CTX_free(server);
  SSL_CTX_free(client);
  return outcome;
}

static void test_gateways(void **state)
{
  struct test *test = *state;
  const struct meeting rows[] = {
    {&test->server, &test->client, "H01/gateway", OK}, {&test->server, &test->client, "gateway.test", OK}, {&test->server, &test->client, NULL /* the address */, OK},
    {&test->server, &test->client, "H01/gateway2", ERR_UPSTREAM}, {&test->server, &test->client, "other.test", ERR_UPSTREAM},
    {&test->other, &test->client, "H01/gateway", ERR_UPSTREAM}, {&test->other, &test->client, NULL, ERR_UPSTREAM},
    {&test->server, &test->foreign, "H01/gateway", ERR_UPSTREAM}, {&test->server, &test->expired, "H01/gateway", ERR_UPSTREAM},
    {&test->server, NULL, "H01/gateway", ERR_UPSTREAM}, {&test->expired, &test->client, "VN/gateway", ERR_UPSTREAM}, {&test->foreign, &test->client, "VN/gateway", ERR_UPSTREAM}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    char who[64] = "";
    SSL_CTX *server = context(test, true, true, rows[i].server, &test->authority);
    SSL_CTX *client = context(test, false, rows[i].client != NULL, rows[i].client, &test->authority);
    struct test_outcome outcome = meet(test, server, client, rows[i].name, 0, who);
    if (outcome.err != rows[i].wanted) fail_msg("row %zu: %s", i, err_name(outcome.err));
    if (outcome.err == OK) assert_string_equal(who, "VN/gateway");
    assert_int_equal(outcome.certificate, outcome.err == OK);
  }
}

/* The node's clock decides, not the machine's. */
static void test_clock(void **state)
{
  struct test *test = *state;
  char who[64];
  int64_t later_us = clock_now(&clock_real) + INT64_C(2) * YEAR_S * SECOND_US, then_us = clock_now(&clock_real) - INT64_C(5400) * SECOND_US;
  SSL_CTX *server = context(test, true, true, &test->server, &test->authority), *client = context(test, false, true, &test->client, &test->authority);
  assert_int_equal(meet(test, server, client, "H01/gateway", later_us, who).err, ERR_UPSTREAM);
  struct test_identity authority = test_identity_make(NULL, "old", NULL, -9000, YEAR_S);
  struct test_identity old = test_identity_make(&authority, "H01/gateway", NULL, -7200, -3600);
  server = context(test, true, true, &old, &authority);
  client = context(test, false, true, &old, &authority);
  assert_int_equal(meet(test, server, client, "H01/gateway", then_us, who).err, OK);
  test_identity_free(&old);
  test_identity_free(&authority);
}

static void test_pages(void **state)
{
  struct test *test = *state;
  char who[64];
  SSL_CTX *server = context(test, true, false, &test->server, NULL), *client = context(test, false, false, NULL, &test->authority);
  assert_int_equal(meet(test, server, client, "gateway.test", 0, who).err, OK);
  assert_string_equal(who, "nobody");
  /* An information system may show a certificate, and need not. */
  server = context(test, true, false, &test->server, &test->authority);
  client = context(test, false, false, &test->client, &test->authority);
  assert_int_equal(meet(test, server, client, "gateway.test", 0, who).err, OK);
  assert_string_equal(who, "VN/gateway");
  server = context(test, true, false, &test->server, &test->authority);
  client = context(test, false, false, NULL, &test->authority);
  assert_int_equal(meet(test, server, client, "gateway.test", 0, who).err, OK);
  assert_string_equal(who, "nobody");
  server = context(test, true, false, &test->server, &test->authority);
  client = context(test, false, false, &test->foreign, &test->authority);
  assert_int_equal(meet(test, server, client, "gateway.test", 0, who).err, ERR_UPSTREAM);
}

static void test_versions(void **state)
{
  struct test *test = *state;
  char who[64];
  SSL_CTX *server = context(test, true, true, &test->server, &test->authority), *client = context(test, false, true, &test->client, &test->authority);
  SSL_CTX_set_min_proto_version(client, TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(client, TLS1_2_VERSION);
  assert_int_equal(meet(test, server, client, "H01/gateway", 0, who).err, ERR_UPSTREAM);
  server = context(test, true, false, &test->server, NULL);
  client = context(test, false, false, NULL, &test->authority);
  SSL_CTX_set_max_proto_version(client, TLS1_2_VERSION);
  assert_int_equal(meet(test, server, client, "gateway.test", 0, who).err, OK);
  server = context(test, true, false, &test->server, NULL);
  client = context(test, false, false, NULL, &test->authority);
  SSL_CTX_set_security_level(client, 0);
  SSL_CTX_set_min_proto_version(client, TLS1_VERSION);
  SSL_CTX_set_max_proto_version(client, TLS1_1_VERSION);
  assert_int_equal(meet(test, server, client, "gateway.test", 0, who).err, ERR_UPSTREAM);
}

static void test_great(void **state)
{
  struct test *test = *state;
  SSL_CTX *server = context(test, true, true, &test->server, &test->authority), *client = context(test, false, true, &test->client, &test->authority);
  struct test_net *net = test_net_start(server, NULL, 2);
  struct http_client *asker;
  assert_int_equal(http_client_new(net->cx, net->loops, net->folder, 4, &asker), OK);
  struct arena *arena = arena_new(64 << 20);
  struct http_ask ask = {.arena = arena, .to = {.host = "127.0.0.1", .port = net->port, .tls = client, .tls_name = "H01/gateway"}, .method = "GET",
                         .target = "/file?4000000", .wait_ms_max = 10000, .hash_body = true};
  struct test_outcome outcome = test_ask(asker, &ask);
  assert_int_equal(outcome.err, OK);
  assert_int_equal(outcome.size, 4000000);
  struct http_ask back = ask;
  back.method = "POST";
  back.target = "/facts";
  back.body = outcome.answer->body;
  const char *wanted = arena_print(arena, "4000000 file %s", hex_write(arena, outcome.answer->body.sha256, 32));
  assert_string_equal(test_ask(asker, &back).text, wanted);
  http_client_free(asker);
  arena_free(arena);
  test_net_stop(net);
  SSL_CTX_free(server);
  SSL_CTX_free(client);
}

/* What is not TLS on a TLS port, and a peer that says nothing. */
static void test_not_tls(void **state)
{
  struct test *test = *state;
  SSL_CTX *server = context(test, true, false, &test->server, NULL);
  const struct http_limits limits = {.head_wait_ms = 150};
  struct test_net *net = test_net_start(server, &limits, 1);
  const char *request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  char *text = test_talk(net->port, request, strlen(request), 1000, NULL);
  assert_null(strstr(text, "HTTP/1.1"));
  free(text);
  text = test_talk(net->port, "", 0, 1000, NULL);
  assert_string_equal(text, "");
  free(text);
  assert_int_equal(net->ready, 0);
  test_net_stop(net);
  SSL_CTX_free(server);
}

static void test_wishes(void **state)
{
  struct test *test = *state;
  struct test_identity *own = &test->server, *authority = &test->authority;
  const struct tls_wish bad[] = {
    {.server = true}, {.server = true, .key = own->key}, {.server = true, .certificate_pem = own->pem},
    {.server = true, .gateway = true, .key = own->key, .certificate_pem = own->pem}, {.gateway = true, .authorities_pem = authority->pem},
    {.server = true, .key = test->client.key, .certificate_pem = own->pem}, {.server = true, .key = own->key, .certificate_pem = "nonsense"},
    {.authorities_pem = "nonsense"}};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    SSL_CTX *out = NULL;
    if (tls_context(test->cx, &bad[i], &out) != ERR_INPUT) fail_msg("row %zu was taken", i);
    assert_null(out);
  }
  cx_reset_problems(test->cx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_gateways), cmocka_unit_test(test_clock), cmocka_unit_test(test_pages), cmocka_unit_test(test_versions),
                                     cmocka_unit_test(test_great), cmocka_unit_test(test_not_tls), cmocka_unit_test(test_wishes)};
  return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
