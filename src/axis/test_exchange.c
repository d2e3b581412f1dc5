/* Two instances exchange: what is allowed passes, what is not never reaches the provider, and each has evidence for a stranger. */
#include "axis/journal_inner.h"
#include "axis/journal_restore.h"
#include "axis/test_nodes.h"

#include "base/text.h"
#include "keys/test_process.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>

#include <cmocka.h>

static struct test_node *h01, *vn;

static int nodes_setup(void **state)
{
  h01 = test_node_new("H01");
  vn = test_node_new_postgres("VN");
  test_nodes_trust(h01, vn);
  return 0;
}

static int nodes_teardown(void **state)
{
  test_node_free(h01);
  test_node_free(vn);
  return 0;
}

static void expect_error(const struct test_outcome *outcome, const char *code)
{
  assert_non_null(outcome->axis_error);
  assert_string_equal(outcome->axis_error, code);
  assert_string_equal(fields_get(&outcome->fields, "X-Road-Error"), code);
  assert_non_null(strstr(outcome->body, code));
}

static void test_allowed(void **state)
{
  test_right(vn, "H01/GOV/A/probe", "read", "GET", "/*");
  const struct test_ask ask = {.service = "VN/GOV/A/probe/read", .path = "/12?x=%20y", .request_id = "my-id-1", .user = "EE1"};
  struct test_outcome outcome = test_exchange(h01, &ask);
  assert_null(outcome.axis_error);
  assert_int_equal(outcome.status, 200);
  assert_string_equal(outcome.body, "{\"value\":\"12\"}");
  assert_true(outcome.reached);
  assert_string_equal(fields_get(&outcome.fields, "X-Road-Id"), "my-id-1");
  assert_string_equal(fields_get(&outcome.fields, "X-Road-Client"), "H01/GOV/A/probe");
  assert_string_equal(fields_get(&outcome.fields, "X-Road-Service"), "VN/GOV/A/probe/read");
  assert_string_equal(fields_get(&outcome.fields, "X-Road-Request-Id"), outcome.exchange_id);
  assert_non_null(fields_get(&outcome.fields, "X-Road-Request-Hash"));
  assert_string_equal(fields_get(&outcome.fields, "Content-Type"), "application/json; charset=utf-8");
  assert_string_equal(vn->probe->consumer, "H01/GOV/A/probe");
  assert_string_equal(vn->probe->path, "12");
  assert_string_equal(vn->probe->query, "x=%20y");
  assert_string_equal(vn->probe->request_id, "my-id-1");
  assert_string_equal(vn->probe->user, "EE1");
}

static void test_denied(void **state)
{
  int64_t calls = test_node_calls(vn);
  struct test_outcome outcome = test_exchange(h01, &(struct test_ask){.service = "VN/GOV/A/probe/slow", .method = "POST"});
  expect_error(&outcome, "Server.ServerProxy.AccessDenied");
  assert_false(outcome.reached);
  outcome = test_exchange(h01, &(struct test_ask){.service = "VN/GOV/A/probe/read", .path = "/a%2fb"});
  expect_error(&outcome, "Server.ServerProxy.AccessDenied");
  outcome = test_exchange(h01, &(struct test_ask){.service = "VN/GOV/A/probe/read", .path = "/../x"});
  expect_error(&outcome, "Client.BadRequest");
  outcome = test_exchange(h01, &(struct test_ask){.service = "VN/GOV/A/probe/nothing"});
  expect_error(&outcome, "Server.ServerProxy.UnknownService");
  outcome = test_exchange(h01, &(struct test_ask){.service = "VN/GOV/B/probe/read"});
  expect_error(&outcome, "Server.ClientProxy.UnknownMember");
  outcome = test_exchange(h01, &(struct test_ask){.service = "XX/GOV/B/probe/read"});
  expect_error(&outcome, "Server.ClientProxy.UnknownMember");
  assert_int_equal(test_node_calls(vn), calls);
}

static void test_revoked(void **state)
{
  const struct test_ask ask = {.service = "VN/GOV/A/probe/bytes", .method = "POST", .body = "{\"text\":\"abc\"}"};
  int64_t right = test_right(vn, "H01/GOV/A/probe", "bytes", "POST", "*");
  assert_string_equal(test_exchange(h01, &ask).body, "{\"value\":\"3\"}");
  assert_int_equal(right_revoke(vn->cx, axis_directory(vn->axis), right), OK);
  struct test_outcome outcome = test_exchange(h01, &ask);
  expect_error(&outcome, "Server.ServerProxy.AccessDenied");
  assert_int_equal(right_revoke(vn->cx, axis_directory(vn->axis), right), ERR_NOT_FOUND);
  cx_reset_problems(vn->cx);
}

static void test_quota(void **state)
{
  const struct right right = {.consumer = "H01/GOV/A/probe", .service = "VN/GOV/A/probe/fail", .method = "POST", .path = "*", .purpose = "p",
    .legal_basis = "l", .valid_from = NONE_DATE, .valid_to = NONE_DATE, .quota_per_minute = 2};
  int64_t id;
  assert_int_equal(right_grant(vn->cx, axis_directory(vn->axis), &right, &id), OK);
  const struct test_ask ask = {.service = "VN/GOV/A/probe/fail", .method = "POST", .body = "{\"text\":\"a\"}"};
  struct test_outcome outcome = test_exchange(h01, &ask);
  assert_null(outcome.axis_error); /* a provider's own error is the provider's */
  assert_int_equal(outcome.status, 409);
  assert_string_equal(fields_get(&outcome.fields, "Content-Type"), "application/problem+json");
  assert_non_null(strstr(outcome.body, "\"key\":\"probe.error.taken\""));
  bool refused = false;
  for (int i = 0; i < 4 && !refused; i++) { /* the minute may turn once in between */
    outcome = test_exchange(h01, &ask);
    refused = outcome.axis_error != NULL;
  }
  expect_error(&outcome, "Server.ServerProxy.QuotaExceeded");
  assert_int_equal(outcome.status, 429);
}

static void test_once(void **state)
{
  test_right(vn, "H01/GOV/A/probe", "write", "POST", "*");
  const struct test_ask ask = {.service = "VN/GOV/A/probe/write", .method = "POST", .request_id = "once-1", .body = "{\"text\":\"one\"}"};
  int64_t effects = test_node_effects(vn);
  struct test_outcome first = test_exchange(h01, &ask), again = test_exchange(h01, &ask);
  assert_int_equal(first.status, 201);
  assert_int_equal(again.status, 201);
  assert_string_equal(first.body, again.body);
  assert_string_not_equal(first.exchange_id, again.exchange_id);
  assert_int_equal(test_node_effects(vn), effects + 1);
  const struct test_ask wrong = {.service = "VN/GOV/A/probe/write", .method = "POST", .body = "{\"text\":\"one\",\"more\":1}"};
  assert_int_equal(test_exchange(h01, &wrong).status, 400);
  const struct test_ask method = {.service = "VN/GOV/A/probe/write", .method = "POST", .path = "/x", .body = "{}"};
  assert_int_equal(test_exchange(h01, &method).status, 404);
  assert_int_equal(test_node_effects(vn), effects + 1);
}

static void test_great_body(void **state)
{
  test_right(vn, "H01/GOV/A/probe", "bytes", "POST", "*");
  struct buffer body;
  buffer_init(&body, h01->cx->arena);
  buffer_text(&body, "{\"text\":\"");
  for (int i = 0; i < 30000; i++) buffer_text(&body, "0123456789");
  buffer_text(&body, "\"}");
  struct test_outcome outcome = test_exchange(h01, &(struct test_ask){.service = "VN/GOV/A/probe/bytes", .method = "POST", .body = body.data});
  assert_int_equal(outcome.status, 200);
  assert_string_equal(outcome.body, "{\"value\":\"300000\"}");
}

/* ---- Both systems on one node ---- */
static void test_local(void **state)
{
  const char *own = arena_print(h01->cx->arena, "%s/read", h01->system);
  struct test_outcome outcome = test_exchange(h01, &(struct test_ask){.service = own, .path = "/x"});
  expect_error(&outcome, "Server.ServerProxy.AccessDenied");
  test_right(h01, h01->system, "read", "*", "*");
  int64_t size = journal_size(axis_journal(h01->axis));
  outcome = test_exchange(h01, &(struct test_ask){.service = own, .path = "/x"});
  assert_int_equal(outcome.status, 200);
  assert_int_equal(journal_size(axis_journal(h01->axis)), size + 1); /* one entry, both roles */
  struct receipt_finding finding;
  const char *receipt = test_receipt(h01, outcome.index);
  assert_int_equal(receipt_verify(h01->cx, (struct bytes){(const uint8_t *)receipt, strlen(receipt)}, test_node_key(h01), &finding), OK);
  assert_string_equal(finding.evidence.role, "both");
  assert_string_equal(finding.evidence.consumer, h01->system);
}

/* ---- Evidence ---- */
static enum err verify(const char *receipt, size_t size, const char *key, struct receipt_finding *finding)
{
  struct cx *cx = cx_new_alone(&h01->clock, NULL);
  struct receipt_finding own;
  enum err err = receipt_verify(cx, (struct bytes){(const uint8_t *)receipt, size}, key, &own);
  if (err && cx->problems.count == 0) fail_msg("refused without a reason");
  if (finding) {
    *finding = own;
    finding->evidence.role = err ? NULL : arena_copy(h01->cx->arena, own.evidence.role);
    finding->evidence.kind = err ? NULL : arena_copy(h01->cx->arena, own.evidence.kind);
    finding->evidence.axis_error = err ? NULL : arena_copy(h01->cx->arena, own.evidence.axis_error);
  }
  cx_free_alone(cx);
  return err;
}

static void test_receipts(void **state)
{
  struct receipt_finding finding;
  int64_t before = journal_size(axis_journal(vn->axis));
  struct test_outcome outcome = test_exchange(h01, &(struct test_ask){.service = "VN/GOV/A/probe/read", .path = "/evidence"});
  assert_int_equal(outcome.status, 200);
  assert_int_equal(journal_size(axis_journal(vn->axis)), before + 2); /* the request before the call, the outcome before the answer */
  const char *receipt = test_receipt(h01, outcome.index);
  assert_int_equal(verify(receipt, strlen(receipt), test_node_key(h01), &finding), OK);
  assert_int_equal(finding.evidence.status, 200);
  assert_string_equal(finding.evidence.role, "consumer");
  assert_int_equal(verify(receipt, strlen(receipt), test_node_key(vn), NULL), OK); /* VN trusts H01 in its document */
  receipt = test_receipt(vn, before);
  assert_int_equal(verify(receipt, strlen(receipt), test_node_key(h01), &finding), OK);
  assert_string_equal(finding.evidence.kind, "request");
  receipt = test_receipt(vn, before + 1);
  assert_int_equal(verify(receipt, strlen(receipt), test_node_key(vn), &finding), OK);
  assert_string_equal(finding.evidence.role, "provider");
  outcome = test_exchange(h01, &(struct test_ask){.service = "VN/GOV/A/probe/slow", .method = "POST"});
  receipt = test_receipt(h01, outcome.index); /* a refusal is signed by who refused */
  assert_int_equal(verify(receipt, strlen(receipt), test_node_key(h01), &finding), OK);
  assert_string_equal(finding.evidence.axis_error, "Server.ServerProxy.AccessDenied");
}

/* A receipt in which any one byte was changed, taken away or added is none. A sanitized build has no time for all of them: every
 * third stands for its neighbours, and in the documents, one signed line each, every 31st. The story tries all. */
static void test_receipt_bytes(void **state)
{
  struct test_outcome outcome = test_exchange(h01, &(struct test_ask){.service = "VN/GOV/A/probe/read", .path = "/bytes"});
  const char *receipt = test_receipt(h01, outcome.index), *key = test_node_key(h01);
  size_t size = strlen(receipt);
  char *changed = malloc(size + 2);
  size_t documents = (size_t)(strstr(receipt, "\"documents\":") - receipt);
  for (size_t i = 0; i < size; i += i < documents || i > size - 150 ? 3 : 31) {
    memcpy(changed, receipt, size);
    changed[i] = (char)(changed[i] ^ (1 << (i % 7)));
    if (verify(changed, size, key, NULL) == OK) fail_msg("byte %zu of %zu was changed unseen: %.60s", i, size, receipt + (i > 30 ? i - 30 : 0));
  }
  for (size_t i = 0; i < size; i += 297) {
    memcpy(changed, receipt, i);
    memcpy(changed + i, receipt + i + 1, size - i - 1);
    if (verify(changed, size - 1, key, NULL) == OK) fail_msg("byte %zu was lost unseen", i);
  }
  memcpy(changed, receipt, size);
  changed[size] = '\n';
  assert_int_not_equal(verify(changed, size + 1, key, NULL), OK);
  free(changed);
}

/* Another instance's receipt is consistent in itself and still worth nothing under our key. */
static void test_receipt_forged(void **state)
{
  struct test_node *other = test_node_new("H01");
  test_right(other, other->system, "read", "*", "*");
  struct test_outcome outcome = test_exchange(other, &(struct test_ask){.service = "H01/GOV/A/probe/read", .path = "/forged"});
  const char *receipt = test_receipt(other, outcome.index);
  assert_int_equal(verify(receipt, strlen(receipt), test_node_key(other), NULL), OK);
  assert_int_not_equal(verify(receipt, strlen(receipt), test_node_key(h01), NULL), OK);
  test_node_free(other);
}

/* A node whose clock is set to another era goes on: certificates and documents are made anew where they have run out. */
static void test_eras(void **state)
{
  struct test_node *node = test_node_new("H09");
  const int64_t years[] = {0, 10, -6};
  test_right(node, node->system, "read", "*", "*");
  for (size_t i = 0; i < sizeof years / sizeof years[0]; i++) {
    test_node_close(node);
    node->clock.offset_us = years[i] * 365 * DAY_US;
    test_node_open(node);
    struct test_outcome outcome = test_exchange(node, &(struct test_ask){.service = "H09/GOV/A/probe/read", .path = "/era"});
    assert_int_equal(outcome.status, 200);
    const char *receipt = test_receipt(node, outcome.index);
    assert_int_equal(verify(receipt, strlen(receipt), test_node_key(node), NULL), OK);
    assert_true(axis_health(node->axis).directory_ok);
  }
  test_node_free(node);
}

/* A log out of a backup is closed; the next one has a new name that the directory publishes, and receipts hold as before. */
static void test_restored(void **state)
{
  struct test_node *node = test_node_new("H08");
  const struct test_ask ask = {.service = "H08/GOV/A/probe/read", .path = "/1"};
  test_right(node, node->system, "read", "*", "*");
  const char *old = test_receipt(node, test_exchange(node, &ask).index);
  int64_t version = directory_version(axis_directory(node->axis));
  test_node_close(node);
  const char *folder = arena_print(node->cx->arena, "%s/axis/journal", node->folder);
  assert_int_equal(journal_mark_restored(node->cx, folder, "H08/gateway/journal-1"), OK);
  test_node_open(node);
  assert_string_not_equal(journal_origin(axis_journal(node->axis)), "H08/gateway/journal-1");
  assert_true(directory_version(axis_directory(node->axis)) > version + 1000); /* whatever was published since the backup was lower */
  struct test_outcome outcome = test_exchange(node, &ask);
  assert_int_equal(outcome.status, 200);
  assert_int_equal(outcome.index, 1); /* behind the entry that names the old log */
  const char *fresh = test_receipt(node, outcome.index), *key = test_node_key(node);
  assert_int_equal(verify(fresh, strlen(fresh), key, NULL), OK);
  assert_int_equal(verify(old, strlen(old), key, NULL), OK);
  test_node_free(node);
}

static bool index_whole(void *arg)
{
  struct list rows;
  int64_t size = journal_size(axis_journal(h01->axis));
  assert_int_equal(exchange_list(h01->cx, h01->axis, NULL, 0, 1, &rows), OK);
  return rows.count == 1 && ((struct exchange_row *)rows.items)[0].index == size - 1;
}

static void test_exchange_rows(void **state)
{
  struct list rows;
  assert_true(test_until(index_whole, NULL, 3000));
  assert_int_equal(exchange_list(h01->cx, h01->axis, "once-1", 0, 10, &rows), OK);
  assert_int_equal(rows.count, 2);
  const struct exchange_row *row = rows.items;
  assert_true(row[0].index > row[1].index);
  assert_string_equal(row[0].service, "VN/GOV/A/probe/write");
  assert_int_equal(row[0].status, 201);
  assert_int_equal(exchange_list(h01->cx, h01->axis, "once-1", row[0].index, 10, &rows), OK);
  assert_int_equal(rows.count, 1);
}

/* ---- Taking back trust ---- */
/* Refused on our own side, so the other's news has reached us: refused there proves nothing of that. */
static bool refused_here(void *arg)
{
  const char *error = test_exchange(h01, arg).axis_error;
  return error && strcmp(error, "Server.ClientProxy.UnknownMember") == 0;
}

static bool passes_now(void *arg)
{
  return test_exchange(h01, arg).axis_error == NULL;
}

static void test_member_suspended(void **state)
{
  const struct test_ask ask = {.service = "VN/GOV/A/probe/read", .path = "/1"};
  struct member member = {.id = "H01/GOV/A", .name = "A", .state = "suspended"};
  assert_int_equal(directory_put_member(h01->cx, axis_directory(h01->axis), &member), OK);
  struct test_outcome outcome = test_exchange(h01, &ask);
  expect_error(&outcome, "Server.ClientProxy.UnknownMember");
  member.state = "active";
  assert_int_equal(directory_put_member(h01->cx, axis_directory(h01->axis), &member), OK);
  assert_true(test_until(passes_now, (void *)(uintptr_t)&ask, 3000));
  /* The other instance's operator suspends its own member: we hear of it within a second or two. */
  struct member far = {.id = "VN/GOV/A", .name = "A", .state = "suspended"};
  assert_int_equal(directory_put_member(vn->cx, axis_directory(vn->axis), &far), OK);
  int64_t start_us = clock_monotonic_us();
  assert_true(test_until(refused_here, (void *)(uintptr_t)&ask, 3000));
  assert_true(clock_monotonic_us() - start_us < 2 * SECOND_US);
  far.state = "active";
  assert_int_equal(directory_put_member(vn->cx, axis_directory(vn->axis), &far), OK);
  assert_true(test_until(passes_now, (void *)(uintptr_t)&ask, 3000));
}

static void test_instance_suspended(void **state)
{
  const struct test_ask ask = {.service = "VN/GOV/A/probe/read", .path = "/1"};
  struct list trusted;
  int64_t calls = test_node_calls(vn);
  assert_int_equal(trusted_list(vn->cx, axis_directory(vn->axis), &trusted), OK);
  struct trusted_instance row = ((struct trusted_instance *)trusted.items)[0];
  row.state = "suspended";
  assert_int_equal(directory_put_trusted(vn->cx, axis_directory(vn->axis), &row), OK);
  struct test_outcome outcome = test_exchange(h01, &ask); /* the very next one, on a connection that stands */
  expect_error(&outcome, "Server.ServerProxy.SslAuthenticationFailed");
  assert_false(outcome.reached);
  assert_int_equal(test_node_calls(vn), calls);
  row.state = "active";
  assert_int_equal(directory_put_trusted(vn->cx, axis_directory(vn->axis), &row), OK);
  assert_true(test_until(passes_now, (void *)(uintptr_t)&ask, 3000));
}

static void test_provider_gone(void **state)
{
  const struct test_ask ask = {.service = "VN/GOV/A/probe/read", .path = "/1"};
  int port = axis_gateway_port(vn->axis);
  test_node_close(vn);
  struct test_outcome outcome = test_exchange(h01, &ask);
  expect_error(&outcome, "Server.ClientProxy.NetworkError");
  assert_true(outcome.index >= 0); /* that nobody answered is evidence too */
  test_node_open(vn);
  assert_int_not_equal(axis_gateway_port(vn->axis), port); /* port 0: it stands elsewhere now, and says so itself */
  const char *address = arena_print(h01->cx->arena, "127.0.0.1:%d", axis_gateway_port(vn->axis));
  assert_int_equal(axis_trust(h01->cx, h01->axis, "VN", test_node_key(vn), address), OK);
  assert_true(test_until(passes_now, (void *)(uintptr_t)&ask, 5000));
}

static void test_many(void **state)
{
  assert_int_equal(test_exchange_many(h01, &(struct test_ask){.service = "VN/GOV/A/probe/read", .path = "/1"}, 200), 200);
  assert_int_equal(test_exchange_many(h01, &(struct test_ask){.service = "H01/GOV/A/probe/read", .path = "/1"}, 200), 200);
}

/* The directory changes under the traffic's feet: each exchange is judged by one state of it, and none falls between two. */
struct changing { atomic_bool stop; int changes; };

static void *change_without_end(void *arg)
{
  struct changing *changing = arg;
  struct cx *cx = cx_new_alone(&h01->clock, NULL);
  while (!atomic_load(&changing->stop)) {
    const struct member member = {.id = "H01/GOV/A", .name = changing->changes % 2 ? "one" : "other"};
    assert_int_equal(directory_put_member(cx, axis_directory(h01->axis), &member), OK);
    changing->changes++;
  }
  cx_free_alone(cx);
  return NULL;
}

static void test_changes_under_traffic(void **state)
{
  struct changing changing = {.changes = 0};
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, change_without_end, &changing), 0);
  for (int i = 0; i < 5; i++) {
    assert_int_equal(test_exchange_many(h01, &(struct test_ask){.service = "H01/GOV/A/probe/read", .path = "/1"}, 60), 60);
    assert_int_equal(test_exchange_many(h01, &(struct test_ask){.service = "VN/GOV/A/probe/read", .path = "/1"}, 60), 60);
  }
  atomic_store(&changing.stop, true);
  pthread_join(thread, NULL);
  assert_true(changing.changes > 3);
}

/* The process that holds the keys dies: it is started again, and what is under way is signed. */
static void test_keys_killed(void **state)
{
  for (int i = 0; i < 3; i++) {
    kill(keys_process_pid(h01->keys), SIGKILL);
    assert_int_equal(test_exchange(h01, &(struct test_ask){.service = "VN/GOV/A/probe/read", .path = "/1"}).status, 200);
  }
}

/* Without room for evidence nothing is asked of anybody. */
static void test_no_room(void **state)
{
  struct journal *journal = axis_journal(vn->axis);
  int64_t calls = test_node_calls(vn);
  pthread_mutex_lock(&journal->lock);
  int64_t reserved_end = journal->reserved_end;
  journal->reserved_end = journal->entries_end;
  journal->reserve_retry_us = clock_monotonic_us() + 10 * SECOND_US; /* it would help itself within a second */
  pthread_mutex_unlock(&journal->lock);
  struct test_outcome outcome = test_exchange(h01, &(struct test_ask){.service = "VN/GOV/A/probe/read", .path = "/1"});
  expect_error(&outcome, "Server.ServerProxy.Busy");
  assert_int_equal(outcome.status, 503);
  assert_false(outcome.reached);
  outcome = test_exchange(vn, &(struct test_ask){.service = "VN/GOV/A/probe/read", .path = "/1"});
  expect_error(&outcome, "Server.ClientProxy.Busy");
  assert_int_equal(test_node_calls(vn), calls);
  assert_false(axis_health(vn->axis).journal_ok);
  pthread_mutex_lock(&journal->lock);
  journal->reserved_end = reserved_end;
  journal->reserve_retry_us = 0;
  pthread_mutex_unlock(&journal->lock);
  assert_int_equal(test_exchange(h01, &(struct test_ask){.service = "VN/GOV/A/probe/read", .path = "/1"}).status, 200);
}

static void test_health(void **state)
{
  struct axis_health health = axis_health(h01->axis);
  assert_true(health.journal_ok);
  assert_true(health.directory_ok);
  assert_true(health.checkpoint_age_us < SECOND_US);
  assert_true(health.exchanges > 10);
  assert_true(health.refused > 3);
  assert_int_equal(health.journal_size, journal_size(axis_journal(h01->axis)));
}

int main(int count, char **arguments)
{
  test_process_main(count, arguments);
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_allowed), cmocka_unit_test(test_denied), cmocka_unit_test(test_revoked), cmocka_unit_test(test_quota),
    cmocka_unit_test(test_once), cmocka_unit_test(test_great_body), cmocka_unit_test(test_local), cmocka_unit_test(test_receipts),
    cmocka_unit_test(test_receipt_bytes), cmocka_unit_test(test_receipt_forged), cmocka_unit_test(test_eras), cmocka_unit_test(test_restored),
    cmocka_unit_test(test_exchange_rows),
    cmocka_unit_test(test_member_suspended), cmocka_unit_test(test_instance_suspended), cmocka_unit_test(test_many),
    cmocka_unit_test(test_changes_under_traffic),    cmocka_unit_test(test_no_room), cmocka_unit_test(test_keys_killed), cmocka_unit_test(test_health),
    cmocka_unit_test(test_provider_gone),
  };
  return cmocka_run_group_tests(tests, nodes_setup, nodes_teardown);
}
