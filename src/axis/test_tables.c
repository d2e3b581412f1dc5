/* Names, paths, rights, header rules and faults: pure rules as tables of cases. */
#include "axis/fault.h"
#include "axis/forward.h"
#include "axis/guard.h"
#include "axis/rights.h"
#include "base/text.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

static int arena_setup(void **state)
{
  *state = arena_new(0);
  return 0;
}

static int arena_teardown(void **state)
{
  arena_free(*state);
  return 0;
}

/* ---- Paths ---- */
static void test_paths(void **state)
{
  static const struct { const char *tail, *service, *rest; } cases[] = {
    {"/H01/GOV/H01.07/household/register", "H01/GOV/H01.07/household/register", ""},
    {"/H01/GOV/H01.07/household/register/12?x=1", "H01/GOV/H01.07/household/register", "/12?x=1"},
    {"/H01/GOV/H01.07/household/register?x=1", "H01/GOV/H01.07/household/register", "?x=1"},
    {"/H01/GOV/H01.07/h%E1%BB%99/register/", "H01/GOV/H01.07/hộ/register", "/"},
    {"/H01/GOV/H01.07/household/register/a%2fb", "H01/GOV/H01.07/household/register", "/a%2fb"},
    {"/H01/GOV/H01.07/household", NULL, NULL}, {"/H01/GOV/H01.07/household/", NULL, NULL}, {"/H01//H01.07/household/x", NULL, NULL},
    {"/H01/GOV/../household/x", NULL, NULL}, {"/H01/GOV/H01.07/house%2Fhold/x", NULL, NULL}, {"/H01/GOV/H01.07/h%00/x", NULL, NULL},
    {"/H01/GOV/H01.07/%E1%BB/x", NULL, NULL}, {"/H01/GOV/H01.07/%zz/x", NULL, NULL}, {"H01/GOV/H01.07/household/x", NULL, NULL},
    {"/H01/GOV/H01.07/a;b/x", NULL, NULL}, {"/H01/GOV/H01.07/a%20b/x", NULL, NULL}, {"/%2e%2e/GOV/H01.07/household/x", NULL, NULL},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct axis_path path;
    bool good = axis_path_read(*state, cases[i].tail, &path);
    assert_int_equal(good, cases[i].service != NULL);
    if (!good) continue;
    assert_string_equal(path.service, cases[i].service);
    assert_string_equal(path.rest, cases[i].rest);
  }
}

/* Such a name passed the first gate, and the gateway that it was sent on to refused it. */
static void test_a_name_that_grows_when_encoded_again_stops_at_the_first_gate(void **state)
{
  char signs[AXIS_NAME_MAX + 1] = "";
  for (size_t count = 0; count < AXIS_NAME_MAX; count++) {
    signs[count] = '$';
    signs[count + 1] = '\0';
    struct axis_path path, again;
    const char *name;
    bool good = axis_path_read(*state, arena_print(*state, "/H01/GOV/H01.07/household/%s", signs), &path);
    assert_int_equal(good, (count + 1) * 3 <= AXIS_NAME_MAX);
    if (good) assert_true(axis_path_read(*state, axis_name_write(*state, path.service), &again));
    good = axis_name_read(*state, arena_print(*state, "H01/%s", signs), 2, &name);
    assert_int_equal(good, (count + 1) * 3 + 4 <= AXIS_NAME_MAX);
  }
}

static void test_shapes(void **state)
{
  static const struct { const char *raw; enum path_shape shape; const char *path; } cases[] = {
    {"", PATH_PLAIN, "/"}, {"/", PATH_PLAIN, "/"}, {"?a=b", PATH_PLAIN, "/"}, {"/12", PATH_PLAIN, "/12"}, {"/%31%32", PATH_PLAIN, "/12"},
    {"/a/", PATH_PLAIN, "/a/"}, {"/a//b", PATH_AMBIGUOUS, "/a//b"}, {"/a%2fb", PATH_AMBIGUOUS, "/a/b"}, {"/a%5Cb", PATH_AMBIGUOUS, "/a\\b"},
    {"/a;x/b", PATH_AMBIGUOUS, "/a;x/b"}, {"/..", PATH_WRONG, NULL}, {"/%2e%2e/a", PATH_WRONG, NULL}, {"/a/.", PATH_WRONG, NULL},
    {"/a/..;x/b", PATH_WRONG, NULL}, {"/a%2f..%2fb", PATH_WRONG, NULL}, {"/a%5c..", PATH_WRONG, NULL}, {"/%00", PATH_WRONG, NULL},
    {"/%", PATH_WRONG, NULL}, {"/%ff", PATH_WRONG, NULL}, {"a", PATH_WRONG, NULL}, {"/a#b", PATH_WRONG, NULL}, {"/a?x=../..", PATH_PLAIN, "/a"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const char *path;
    assert_int_equal(path_normalise(*state, cases[i].raw, &path), cases[i].shape);
    if (cases[i].path) assert_string_equal(path, cases[i].path);
  }
}

static void test_patterns(void **state)
{
  static const struct { const char *pattern, *path; bool matches; } cases[] = {
    {"*", "/anything/at/all", true}, {"", "/x", true}, {"/x", "/x", true}, {"/x", "/x/", false}, {"/x", "/X", false}, {"/x/*", "/x/12", true},
    {"/x/*", "/x/12/13", false}, {"/x/*", "/x/", false}, {"/x/**", "/x/12/13", true}, {"/x/**", "/x", true}, {"/*/y", "/a/y", true},
    {"/*/y", "/a/b/y", false}, {"/", "/", true}, {"/", "/x", false}, {"/x*", "/xy", false},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    assert_int_equal(path_matches(cases[i].pattern, cases[i].path), cases[i].matches);
}

static void test_urls(void **state)
{
  static const struct { const char *text, *host, *base; int port; } cases[] = {
    {"http://127.0.0.1:9000", "127.0.0.1", "", 9000}, {"http://a.example/base/", "a.example", "/base", 80},
    {"http://[::1]:81/x", "::1", "/x", 81}, {"https://a", NULL, NULL, 0}, {"http://", NULL, NULL, 0}, {"http://u@h:1", NULL, NULL, 0},
    {"http://h:0", NULL, NULL, 0}, {"http://h:1/a?b", NULL, NULL, 0}, {"http://h:1/a b", NULL, NULL, 0}, {"", NULL, NULL, 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct axis_url url;
    assert_int_equal(axis_url_read(*state, cases[i].text, &url), cases[i].host != NULL);
    if (!cases[i].host) continue;
    assert_string_equal(url.host, cases[i].host);
    assert_string_equal(url.base, cases[i].base);
    assert_int_equal(url.port, cases[i].port);
  }
}

/* ---- Rights ---- */
static void test_rights(void **state)
{
  const struct right right = {.consumer = "H01/GOV/A/one", .service = "H01/GOV/B/two/read", .method = "GET", .path = "/people/*",
                              .valid_from = 100, .valid_to = 200, .state = "granted"};
  const struct { struct right_question question; bool covers; } cases[] = {
    {{"H01/GOV/A/one", "H01/GOV/B/two/read", "GET", "/people/7?x", 150}, true},
    {{"H01/GOV/A/one", "H01/GOV/B/two/read", "GET", "/people/%37", 150}, true},
    {{"H01/GOV/A/two", "H01/GOV/B/two/read", "GET", "/people/7", 150}, false},
    {{"H01/GOV/A/one", "H01/GOV/B/two/write", "GET", "/people/7", 150}, false},
    {{"H01/GOV/A/one", "H01/GOV/B/two/read", "POST", "/people/7", 150}, false},
    {{"H01/GOV/A/one", "H01/GOV/B/two/read", "GET", "/people/7", 99}, false},
    {{"H01/GOV/A/one", "H01/GOV/B/two/read", "GET", "/people/7", 200}, false},
    {{"H01/GOV/A/one", "H01/GOV/B/two/read", "GET", "/secrets/7", 150}, false},
    {{"H01/GOV/A/one", "H01/GOV/B/two/read", "GET", "/people/..%2fsecrets", 150}, false},
    {{"H01/GOV/A/one", "H01/GOV/B/two/read", "GET", "/people/a%2fb", 150}, false},
    {{"H01/GOV/A/one", "H01/GOV/B/two/read", "GET", "/people/%2e%2e", 150}, false},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) assert_int_equal(right_covers(*state, &right, &cases[i].question), cases[i].covers);
  struct right revoked = right;
  revoked.state = "revoked";
  assert_false(right_covers(*state, &revoked, &cases[0].question));
}

static void test_guard(void **state)
{
  struct guard *guard = guard_new();
  const struct right right = {.id = 4096 * 3 + 1, .quota_per_minute = 2};
  assert_true(guard_quota(guard, &right, 0));
  assert_true(guard_quota(guard, &right, SECOND_US));
  assert_false(guard_quota(guard, &right, 2 * SECOND_US));
  assert_true(guard_quota(guard, &right, MINUTE_US));
  int64_t now_us = 1000 * SECOND_US;
  assert_int_equal(guard_see(guard, "one", now_us), SEEN_NEW);
  assert_int_equal(guard_see(guard, "one", now_us), SEEN_BEFORE);
  for (int i = 0; i < 5000; i++) assert_int_equal(guard_see(guard, arena_print(*state, "%d", i), now_us + 1), SEEN_NEW);
  assert_int_equal(guard_see(guard, "4999", now_us + 2), SEEN_BEFORE);
  assert_int_equal(guard_see(guard, "one", now_us + REPLAY_WINDOW_US), SEEN_BEFORE);
  assert_int_equal(guard_see(guard, "one", now_us + 3 * REPLAY_WINDOW_US), SEEN_NEW); /* forgotten: its signature is long dead */
  guard_free(guard);
  assert_true(guard_in_time(1000, 1060, 1000 * SECOND_US));
  assert_true(guard_in_time(1000, 1060, 1110 * SECOND_US));
  assert_false(guard_in_time(1000, 1060, 1130 * SECOND_US));
  assert_false(guard_in_time(1000, 1060, 930 * SECOND_US));
  assert_false(guard_in_time(1000, 5000, 1000 * SECOND_US));
}

/* Two processes tell each other through one list what they used: together they do not pass the quota. */
static void test_guards_together(void **state)
{
  struct guard *one = guard_new(), *two = guard_new();
  const struct right right = {.id = 7, .quota_per_minute = 5};
  struct list uses, nothing;
  for (int i = 0; i < 3; i++) assert_true(guard_quota(one, &right, SECOND_US));
  assert_true(guard_quota(two, &right, SECOND_US));
  guard_untold(one, *state, 0, &uses);
  assert_int_equal(uses.count, 1);
  assert_int_equal(((const struct guard_use *)uses.items)[0].used, 3);
  guard_told(one, 0, &uses);
  guard_untold(one, *state, 0, &nothing);
  assert_int_equal(nothing.count, 0);
  guard_learn(two, 0, &uses);
  assert_true(guard_quota(two, &right, SECOND_US)); /* the fifth */
  assert_false(guard_quota(two, &right, SECOND_US));
  guard_untold(two, *state, 0, &uses);
  guard_told(two, 0, &uses);
  struct guard_use all = {7, 5};
  const struct list total = {&all, 1};
  guard_learn(one, 0, &total);
  guard_learn(two, 0, &total);
  assert_false(guard_quota(one, &right, SECOND_US));
  assert_false(guard_quota(two, &right, SECOND_US));
  for (int i = 0; i < 5; i++) assert_true(guard_quota(one, &right, MINUTE_US)); /* another minute is another count */
  guard_told(one, 0, &total);
  guard_learn(one, 0, &total); /* late news of the minute before */
  assert_false(guard_quota(one, &right, MINUTE_US));
  guard_free(one);
  guard_free(two);
}

/* ---- Header fields ---- */
static void test_forward(void **state)
{
  struct http_fields from, out;
  fields_init(&from, *state);
  fields_add(&from, "Host", "h");
  fields_add(&from, "Accept", "application/json");
  fields_add(&from, "Connection", "close, X-Hop");
  fields_add(&from, "X-Hop", "1");
  fields_add(&from, "Axis-Token", "secret");
  fields_add(&from, "X-Road-Request-Id", "forged");
  fields_add(&from, "X-Road-Client", "H01/GOV/A/one");
  fields_add(&from, "Authorization", "Bearer x");
  fields_add(&from, "Signature", "axis=:AA==:");
  fields_add(&from, "User-Agent", "curl");
  assert_true(forward_fields(*state, &from, FORWARD_REQUEST, &out));
  assert_int_equal(out.count, 4);
  assert_string_equal(out.items[0].name, "Accept");
  assert_string_equal(out.items[1].name, "X-Road-Client");
  assert_string_equal(out.items[2].name, "Authorization");
  forward_pack(&out);
  assert_string_equal(out.items[3].name, "Axis-Carried-Signature");
  struct http_fields received;
  fields_add(&out, "Content-Digest", "sha-256=:x:");
  assert_true(forward_received(*state, &out, FORWARD_REQUEST, &received));
  assert_null(fields_get(&received, "Content-Digest"));
  assert_string_equal(fields_get(&received, "Signature"), "axis=:AA==:");
  fields_add(&from, "accept", "text/xml");
  assert_false(forward_fields(*state, &from, FORWARD_REQUEST, &out));
}

/* Connection is unsigned: whoever stood between two gateways could name a signed field there, and the provider never saw what the
 * evidence proves. */
static void test_an_unsigned_connection_never_hides_a_signed_field(void **state)
{
  struct http_fields from, out;
  fields_init(&from, *state);
  fields_add(&from, "Connection", "X-Road-UserId, close");
  fields_add(&from, "X-Road-UserId", "officer");
  assert_true(forward_received(*state, &from, FORWARD_REQUEST, &out));
  assert_string_equal(fields_get(&out, "X-Road-UserId"), "officer");
  assert_null(fields_get(&out, "Connection"));
  assert_true(forward_received(*state, &from, FORWARD_ANSWER, &out));
  assert_string_equal(fields_get(&out, "X-Road-UserId"), "officer");
}

static void test_request_hash(void **state)
{
  /* X-Road's rule, computed here a second way: SHA-512 of the head, then of both hashes. */
  struct http_fields fields;
  uint8_t body[SHA512_SIZE], head[SHA512_SIZE], both[2 * SHA512_SIZE], whole[SHA512_SIZE];
  static const char text[] = "POST\r\n/r1/a?b\r\nAccept:x\r\nX-Road-Request-Id:1\r\n";
  fields_init(&fields, *state);
  fields_add(&fields, "Accept", "x");
  fields_add(&fields, "X-Road-Request-Id", "1");
  sha512("{}", 2, body);
  sha512(text, sizeof text - 1, head);
  memcpy(both, head, SHA512_SIZE);
  memcpy(both + SHA512_SIZE, body, SHA512_SIZE);
  sha512(both, sizeof both, whole);
  assert_string_equal(request_hash(*state, "POST", "/r1/a?b", &fields, NULL), base64_write(*state, head, SHA512_SIZE));
  assert_string_equal(request_hash(*state, "POST", "/r1/a?b", &fields, body), base64_write(*state, whole, SHA512_SIZE));
}

/* ---- Faults ---- */
static void test_faults(void **state)
{
  for (enum fault fault = FAULT_NONE + 1; fault < FAULT_COUNT; fault++) {
    const char *code = fault_code(fault);
    assert_int_equal(fault_by_code(code), fault);
    bool server = strncmp(code, "Server", 6) == 0;
    int status = fault_status(fault);
    if (status != 503 && status != 429) assert_int_equal(status, server ? 500 : 400);
  }
  assert_int_equal(fault_by_code("Server.ServerProxy.Nothing"), FAULT_NONE);
  assert_true(fault_before_call(FAULT_DENIED));
  assert_false(fault_before_call(FAULT_SERVICE));
  struct http_answer answer;
  fault_answer(*state, FAULT_DENIED, "a<b", "7", "application/xml, application/json;q=0.5", &answer);
  assert_non_null(memmem(answer.body.data.data, answer.body.data.size, "a&lt;b", 6));
  assert_string_equal(fields_get(&answer.fields, "X-Road-Error"), "Server.ServerProxy.AccessDenied");
  fault_answer(*state, FAULT_DENIED, "a\"b", "7", NULL, &answer);
  assert_non_null(memmem(answer.body.data.data, answer.body.data.size, "a\\\"b", 4));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_paths, arena_setup, arena_teardown),
    cmocka_unit_test_setup_teardown(test_a_name_that_grows_when_encoded_again_stops_at_the_first_gate, arena_setup, arena_teardown),
    cmocka_unit_test_setup_teardown(test_shapes, arena_setup, arena_teardown),
    cmocka_unit_test_setup_teardown(test_patterns, arena_setup, arena_teardown),
    cmocka_unit_test_setup_teardown(test_urls, arena_setup, arena_teardown),
    cmocka_unit_test_setup_teardown(test_rights, arena_setup, arena_teardown),
    cmocka_unit_test_setup_teardown(test_guard, arena_setup, arena_teardown),
    cmocka_unit_test_setup_teardown(test_guards_together, arena_setup, arena_teardown),
    cmocka_unit_test_setup_teardown(test_forward, arena_setup, arena_teardown),
    cmocka_unit_test_setup_teardown(test_an_unsigned_connection_never_hides_a_signed_field, arena_setup, arena_teardown),
    cmocka_unit_test_setup_teardown(test_request_hash, arena_setup, arena_teardown),
    cmocka_unit_test_setup_teardown(test_faults, arena_setup, arena_teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
