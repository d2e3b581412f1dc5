/* The directory on both databases: what is taken, what is refused, what is in force at once and after a restart. */
#include "axis/directory_inner.h"

#include "axis_sql.h"
#include "base/text.h"
#include "keys/test_process.h"
#include "net/allow.h"
#include "store/testing.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
  struct test_process process;
  struct clock clock;
  struct cx *cx;
  const char *url;
  struct store *store, *far_store;
  struct directory *directory, *far;
};

static struct directory *directory_new(struct fixture *fixture, const char *instance, struct store *store)
{
  struct directory *directory;
  const struct directory_wish wish = {store, fixture->process.keys, instance, arena_print(fixture->cx->arena, "%s-directory", instance),
                                      arena_print(fixture->cx->arena, "%s-authority", instance)};
  enum err err = directory_open(fixture->cx, &wish, &directory);
  if (err) fail_msg("directory_open: %s %s", err_name(err), fixture->cx->problems.count ? fixture->cx->problems.items[0].key : "");
  return directory;
}

static void *fixture_new(const char *(*url)(struct cx *))
{
  struct fixture *fixture = calloc(1, sizeof *fixture);
  fixture->cx = cx_new_alone(&fixture->clock, NULL);
  fixture->url = url(fixture->cx);
  if (!fixture->url) {
    cx_free_alone(fixture->cx);
    free(fixture);
    return NULL;
  }
  test_process_start(&fixture->process, &fixture->clock);
  assert_int_equal(store_open(fixture->cx, fixture->url, &axis_schema, 2, &fixture->store), OK);
  assert_int_equal(store_check(fixture->cx, fixture->store), OK);
  assert_int_equal(store_open(fixture->cx, testing_sqlite(fixture->cx), &axis_schema, 2, &fixture->far_store), OK);
  fixture->directory = directory_new(fixture, "H01", fixture->store);
  fixture->far = directory_new(fixture, "VN", fixture->far_store);
  return fixture;
}

static int sqlite_setup(void **state)
{
  *state = fixture_new(testing_sqlite);
  return 0;
}

static int postgres_setup(void **state)
{
  *state = fixture_new(testing_postgres);
  return 0;
}

static int fixture_free(void **state)
{
  struct fixture *fixture = *state;
  if (!fixture) return 0;
  directory_close(fixture->directory);
  directory_close(fixture->far);
  store_close(fixture->store);
  store_close(fixture->far_store);
  test_process_stop(&fixture->process);
  cx_free_alone(fixture->cx);
  free(fixture);
  return 0;
}

static void expect_problem(struct fixture *fixture, enum err err, enum err wanted, const char *key)
{
  assert_int_equal(err, wanted);
  assert_true(fixture->cx->problems.count > 0);
  assert_string_equal(fixture->cx->problems.items[0].key, key);
  cx_reset_problems(fixture->cx);
}

static void directory_again(struct fixture *fixture)
{
  directory_close(fixture->directory);
  fixture->directory = directory_new(fixture, "H01", fixture->store);
}

static void some_rows(struct fixture *fixture)
{
  struct cx *cx = fixture->cx;
  const struct member member = {.id = "H01/GOV/H01.07", .name = "Sở Tài chính"};
  const struct axis_system system = {.id = "H01/GOV/H01.07/household", .name = "Hộ kinh doanh"};
  const struct axis_service service = {.id = "H01/GOV/H01.07/household/read", .endpoints = "GET /{number}"};
  assert_int_equal(directory_put_member(cx, fixture->directory, &member), OK);
  assert_int_equal(directory_put_system(cx, fixture->directory, &system), OK);
  assert_int_equal(directory_put_service(cx, fixture->directory, &service), OK);
}

static void test_changes(void **state)
{
  struct fixture *fixture = *state;
  if (!fixture) skip();
  struct cx *cx = fixture->cx;
  assert_int_equal(directory_version(fixture->directory), 1);
  some_rows(fixture);
  assert_int_equal(directory_version(fixture->directory), 4);
  const struct snapshot *snapshot = directory_borrow(cx, fixture->directory);
  const struct snapshot_member *member = snapshot_member(snapshot, "H01/GOV/H01.07");
  assert_non_null(member);
  assert_true(signer_good(&member->signer, cx_now(cx)));
  assert_string_equal(snapshot_system(snapshot, "H01/GOV/H01.07/household")->gateway, "H01/gateway");
  struct document document;
  assert_int_equal(document_read(cx, directory_note(cx, fixture->directory, "H01"), &document), OK);
  assert_int_equal(document.version, 4);
  assert_int_equal(document.services.count, 1);
  const char *certificate = member->row.certificate;
  const struct member renamed = {.id = "H01/GOV/H01.07", .name = "Sở khác"};
  assert_int_equal(directory_put_member(cx, fixture->directory, &renamed), OK);
  directory_again(fixture);
  snapshot = directory_borrow(cx, fixture->directory);
  assert_int_equal(snapshot->version, 5);
  assert_string_equal(snapshot_member(snapshot, "H01/GOV/H01.07")->row.name, "Sở khác");
  assert_string_equal(snapshot_member(snapshot, "H01/GOV/H01.07")->row.certificate, certificate); /* kept */
  struct list rows;
  assert_int_equal(member_list(cx, fixture->directory, &rows), OK);
  assert_int_equal(rows.count, 1);
  assert_int_equal(axis_service_list(cx, fixture->directory, "H01/GOV/H01.07/household", &rows), OK);
  assert_int_equal(rows.count, 1);
}

/* Where providers may be: what is entered is judged, also after the list became narrower. */
static void test_provider_networks(void **state)
{
  struct fixture *fixture = *state;
  if (!fixture) skip();
  struct cx *cx = fixture->cx;
  struct directory *directory = fixture->directory;
  struct net_allow *allow, *narrow;
  some_rows(fixture);
  assert_int_equal(net_allow_read(cx, "x", "10.20.0.0/16:8000-8099", &allow), OK);
  assert_int_equal(net_allow_read(cx, "x", "10.20.30.0/24:8000-8099", &narrow), OK);
  directory->providers = allow;
  struct axis_system system = {.id = "H01/GOV/H01.07/y"};
  static const char *const refused[] = {"http://169.254.169.254:8080/latest", "http://127.0.0.1:8080", "http://[::1]:8080", "http://10.20.1.1", "http://10.21.1.1:8080",
    "http://[::ffff:169.254.169.254]:8080", "http://name.example:22", "http://0.0.0.0:8080"};
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
    system.url = refused[i];
    assert_int_equal(directory_put_system(cx, directory, &system), ERR_INPUT);
    assert_string_equal(cx->problems.items[0].field, "url");
    if (!text_equal(cx->problems.items[0].key, "axis.error.url_network")) fail_msg("%s: %s", refused[i], cx->problems.items[0].key);
    cx_reset_problems(cx);
  }
  system.url = "http://thue.angiang.example:8080/x";
  assert_int_equal(directory_put_system(cx, directory, &system), OK);
  system.url = "http://10.20.1.1:8080";
  assert_int_equal(directory_put_system(cx, directory, &system), OK);
  directory->providers = narrow;
  system.state = "suspended"; /* what was let in before can be taken out */
  assert_int_equal(directory_put_system(cx, directory, &system), OK);
  system.url = "http://10.20.1.2:8080";
  expect_problem(fixture, directory_put_system(cx, directory, &system), ERR_INPUT, "axis.error.url_network");
  directory->providers = NULL;
  net_allow_free(allow);
  net_allow_free(narrow);
}

static void test_refusals(void **state)
{
  struct fixture *fixture = *state;
  if (!fixture) skip();
  struct cx *cx = fixture->cx;
  struct directory *directory = fixture->directory;
  static const char *const names[] = {"VN/GOV/X", "H01/GOV", "H01/GOV/X/y", "H01//X", "H01/GOV/..", "H01/GOV/a b", "H01/GOV/é", "H01/G.V/x", "", NULL};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    expect_problem(fixture, directory_put_member(cx, directory, &(struct member){.id = names[i]}), ERR_INPUT, "axis.error.name");
  some_rows(fixture);
  expect_problem(fixture, directory_put_member(cx, directory, &(struct member){.id = "H01/GOV/X", .state = "asleep"}), ERR_INPUT, "error.choice");
  expect_problem(fixture, directory_put_system(cx, directory, &(struct axis_system){.id = "H01/GOV/X/y"}), ERR_INPUT, "axis.error.unknown_member");
  const struct axis_system https = {.id = "H01/GOV/H01.07/y", .url = "https://a"};
  expect_problem(fixture, directory_put_system(cx, directory, &https), ERR_INPUT, "axis.error.url");
  const struct axis_service homeless = {.id = "H01/GOV/H01.07/y/z"};
  expect_problem(fixture, directory_put_service(cx, directory, &homeless), ERR_INPUT, "axis.error.unknown_system");
  const struct trusted_instance own = {.instance = "H01", .directory_key = "x", .url = "a:1"};
  const struct trusted_instance keyless = {.instance = "VN", .directory_key = "x", .url = "a:1"};
  expect_problem(fixture, directory_put_trusted(cx, directory, &own), ERR_INPUT, "axis.error.name");
  expect_problem(fixture, directory_put_trusted(cx, directory, &keyless), ERR_INPUT, "axis.error.key");
  const struct member foreign = {.id = "H01/GOV/X", .certificate = fixture->far->authority};
  assert_int_equal(directory_put_member(cx, directory, &foreign), ERR_INPUT); /* no certificate of our authority */
  cx_reset_problems(cx);
  const char *token;
  expect_problem(fixture, system_token_make(cx, directory, "H01/GOV/H01.07/none", &token), ERR_INPUT, "axis.error.unknown_system");
  assert_int_equal(directory_version(directory), 4);
}

static void test_rights_rows(void **state)
{
  struct fixture *fixture = *state;
  if (!fixture) skip();
  struct cx *cx = fixture->cx;
  some_rows(fixture);
  struct right right = {.consumer = "VN/GOV/X/y", .service = "H01/GOV/H01.07/household/read", .method = "GET", .path = "/*", .purpose = "p",
                        .legal_basis = "l", .valid_from = NONE_DATE, .valid_to = NONE_DATE};
  int64_t id, second;
  assert_int_equal(right_grant(cx, fixture->directory, &right, &id), OK);
  assert_int_equal(right_grant(cx, fixture->directory, &right, &second), OK);
  assert_true(second > id);
  assert_int_equal(directory_version(fixture->directory), 4); /* rights are nobody else's business */
  assert_int_equal(right_revoke(cx, fixture->directory, id), OK);
  struct list rows;
  assert_int_equal(right_list(cx, fixture->directory, right.service, &rows), OK);
  assert_int_equal(rows.count, 2);
  const struct right *all = rows.items;
  assert_string_equal(all[0].state, "revoked");
  assert_string_equal(all[1].state, "granted");
  assert_true(all[1].valid_from == NONE_DATE);
  right.service = "VN/GOV/X/y/z";
  expect_problem(fixture, right_grant(cx, fixture->directory, &right, &id), ERR_INPUT, "axis.error.name");
  right.service = "H01/GOV/H01.07/household/read";
  right.legal_basis = "";
  expect_problem(fixture, right_grant(cx, fixture->directory, &right, &id), ERR_INPUT, "error.required");
  const char *token;
  assert_int_equal(system_token_make(cx, fixture->directory, "H01/GOV/H01.07/household", &token), OK);
  uint8_t digest[DIGEST_SIZE];
  sha256(token, strlen(token), digest);
  const char *hash = hex_write(cx->arena, digest, sizeof digest);
  assert_string_equal(snapshot_token_system(directory_borrow(cx, fixture->directory), hash), "H01/GOV/H01.07/household");
  assert_int_equal(system_token_make(cx, fixture->directory, "H01/GOV/H01.07/household", &token), OK);
  assert_null(snapshot_token_system(directory_borrow(cx, fixture->directory), hash));
}

static const char *far_key(struct fixture *fixture, struct directory *directory)
{
  struct bytes key = directory_public_key(fixture->cx, directory);
  return base64_write(fixture->cx->arena, key.data, key.size);
}

static void test_foreign(void **state)
{
  struct fixture *fixture = *state;
  if (!fixture) skip();
  struct cx *cx = fixture->cx;
  struct directory *directory = fixture->directory;
  const char *first = directory_note(cx, fixture->far, "VN");
  expect_problem(fixture, directory_take_foreign(cx, directory, first), ERR_FORBIDDEN, "axis.error.not_trusted");
  const struct trusted_instance trusted = {.instance = "VN", .directory_key = far_key(fixture, fixture->far), .url = "127.0.0.1:1"};
  assert_int_equal(directory_put_trusted(cx, directory, &trusted), OK);
  const struct member member = {.id = "VN/GOV/G15", .name = "Bộ"};
  assert_int_equal(directory_put_member(cx, fixture->far, &member), OK);
  const char *second = directory_note(cx, fixture->far, "VN");
  assert_int_equal(directory_take_foreign(cx, directory, second), OK);
  assert_non_null(snapshot_member(directory_borrow(cx, directory), "VN/GOV/G15"));
  expect_problem(fixture, directory_take_foreign(cx, directory, first), ERR_CONFLICT, "axis.error.version");  /* never lower */
  expect_problem(fixture, directory_take_foreign(cx, directory, second), ERR_CONFLICT, "axis.error.version");
  char *changed = arena_copy(cx->arena, second);
  *strstr(changed, "G15") = 'H';
  assert_int_equal(directory_take_foreign(cx, directory, changed), ERR_INPUT);
  cx_reset_problems(cx);
  directory_again(fixture);
  assert_non_null(snapshot_member(directory_borrow(cx, fixture->directory), "VN/GOV/G15"));
  const char *kept;
  assert_int_equal(directory_note_at(cx, fixture->directory, "VN", 2, &kept), OK);
  assert_string_equal(kept, second);
  struct trusted_instance suspended = trusted;
  suspended.state = "suspended";
  assert_int_equal(directory_put_trusted(cx, fixture->directory, &suspended), OK);
  assert_null(snapshot_member(directory_borrow(cx, fixture->directory), "VN/GOV/G15"));
  /* Another key is another directory: it begins again, and the old document is not believed any more. */
  struct trusted_instance other = trusted;
  other.directory_key = far_key(fixture, fixture->directory);
  assert_int_equal(directory_put_trusted(cx, fixture->directory, &other), OK);
  assert_null(snapshot_document(directory_borrow(cx, fixture->directory), "VN"));
  assert_int_equal(directory_take_foreign(cx, fixture->directory, second), ERR_INPUT);
  cx_reset_problems(cx);
}

/* A foreign document may speak only of its own instance. */
static void test_foreign_names(void **state)
{
  struct fixture *fixture = *state;
  if (!fixture) skip();
  struct cx *cx = fixture->cx;
  some_rows(fixture);
  const struct trusted_instance trusted = {.instance = "VN", .directory_key = far_key(fixture, fixture->far), .url = "127.0.0.1:1"};
  assert_int_equal(directory_put_trusted(cx, fixture->directory, &trusted), OK);
  const char *pem;
  assert_int_equal(directory_issue(cx, fixture->far, "forged", "H01/GOV/H01.07", NULL, &pem), OK);
  const char *of_gateway;
  assert_int_equal(directory_issue(cx, fixture->far, "VN-gateway-2", "VN/gateway-2", "127.0.0.1", &of_gateway), OK);
  const struct values gateway = ARGS(V("VN/gateway-2"), V("127.0.0.1:1"), V(of_gateway), V(""), V(""), V("H01/gateway"), V("active"));
  assert_int_equal(store_run(cx, fixture->far_store, &axis_gateway_put, gateway, NULL), OK);
  int64_t version;
  assert_int_equal(store_run(cx, fixture->far_store, &axis_member_put, ARGS(V("H01/GOV/H01.07"), V("x"), V(pem), V("active")), NULL), OK);
  const struct values system = ARGS(V("H01/GOV/H01.07/household"), V("x"), V("VN/gateway"), value_text(NULL), V("active"));
  assert_int_equal(store_run(cx, fixture->far_store, &axis_system_put, system, NULL), OK);
  assert_int_equal(store_number(cx, fixture->far_store, &axis_version_next, NO_ARGS, &version), OK);
  assert_int_equal(directory_renew(cx, fixture->far), OK);
  assert_int_equal(directory_change(cx, fixture->far, NULL, NULL, true), OK);
  assert_int_equal(directory_take_foreign(cx, fixture->directory, directory_note(cx, fixture->far, "VN")), OK);
  const struct snapshot *snapshot = directory_borrow(cx, fixture->directory);
  assert_string_not_equal(snapshot_member(snapshot, "H01/GOV/H01.07")->row.certificate, pem);
  assert_string_equal(snapshot_system(snapshot, "H01/GOV/H01.07/household")->gateway, "H01/gateway");
  assert_int_equal(snapshot->systems.count, 1);
  assert_null(snapshot_gateway(snapshot, "VN/gateway-2")); /* it would speak for our systems */
}

static void expect_rights(struct directory *directory, size_t count)
{
  struct snapshot *snapshot = directory_take(directory);
  const struct right *rights = snapshot->rights.items;
  size_t granted = 0;
  for (size_t i = 0; i < snapshot->rights.count; i++) granted += text_equal(rights[i].state, "granted");
  snapshot_release(snapshot);
  assert_int_equal(granted, count);
}

/* Two processes, one of which holds the keys: what is published changes there alone, rights in both, and each sees the other's. */
static void test_twin(void **state)
{
  struct fixture *fixture = *state;
  if (!fixture) skip();
  struct cx *cx = fixture->cx;
  some_rows(fixture);
  struct directory *twin;
  const struct directory_wish wish = {fixture->store, fixture->process.keys, "H01", "not-there", "not-there", far_key(fixture, fixture->directory)};
  assert_int_equal(directory_open(cx, &wish, &twin), OK);
  assert_string_equal(far_key(fixture, twin), far_key(fixture, fixture->directory));
  const struct member member = {.id = "H01/GOV/H01.30", .name = "Sở"};
  int64_t id, before, after;
  expect_problem(fixture, directory_put_member(cx, twin, &member), ERR_CONFLICT, "axis.error.twin");
  assert_int_equal(directory_renew(cx, twin), OK);
  assert_int_equal(directory_version(twin), directory_version(fixture->directory));
  assert_int_equal(store_number(cx, fixture->store, &axis_changes_now, NO_ARGS, &before), OK);
  const struct right right = {.consumer = "VN/GOV/X/y", .service = "H01/GOV/H01.07/household/read", .purpose = "p", .legal_basis = "l",
                              .valid_from = NONE_DATE, .valid_to = NONE_DATE};
  assert_int_equal(right_grant(cx, twin, &right, &id), OK);
  assert_int_equal(store_number(cx, fixture->store, &axis_changes_now, NO_ARGS, &after), OK);
  assert_true(after > before);
  assert_int_equal(directory_reload(cx, fixture->directory), OK);
  expect_rights(fixture->directory, 1);
  assert_int_equal(right_revoke(cx, fixture->directory, id), OK);
  assert_int_equal(directory_put_member(cx, fixture->directory, &member), OK);
  expect_rights(twin, 1);
  assert_int_equal(directory_reload(cx, twin), OK);
  expect_rights(twin, 0);
  assert_non_null(snapshot_member(directory_borrow(cx, twin), member.id));
  assert_string_equal(directory_note(cx, twin, "H01"), directory_note(cx, fixture->directory, "H01"));
  directory_close(twin);
}

/* A stop between the rows of a change and its document is made good at the next start; a document is renewed in time. */
static void test_renewal(void **state)
{
  struct fixture *fixture = *state;
  if (!fixture) skip();
  struct cx *cx = fixture->cx;
  int64_t version;
  assert_int_equal(store_number(cx, fixture->store, &axis_version_next, NO_ARGS, &version), OK);
  directory_again(fixture);
  struct document document;
  assert_int_equal(document_read(cx, directory_note(cx, fixture->directory, "H01"), &document), OK);
  assert_true(document.version > 1);
  version = document.version;
  assert_int_equal(directory_renew(cx, fixture->directory), OK);
  assert_int_equal(directory_version(fixture->directory), version);
  fixture->clock.offset_us = DOCUMENT_LIFE_US / 2 + DAY_US;
  assert_int_equal(directory_renew(cx, fixture->directory), OK);
  assert_int_equal(directory_version(fixture->directory), version + 1);
  fixture->clock.offset_us = 0;
}

static void test_key_names(void **state)
{
  struct fixture *fixture = *state;
  if (!fixture) skip();
  static const struct { const char *member, *key; } cases[] = {
    {"H01/GOV/H01.07", "member-GOV-H01-07"}, {"H01/GOV/X", "member-GOV-X"}, {"H01/G.V/X", NULL}, {"H01/GOV/a-b", NULL},
    {"H01/GOV/é", NULL}, {"H01", NULL},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const char *key = member_key_name(fixture->cx->arena, cases[i].member);
    if (cases[i].key) assert_string_equal(key, cases[i].key);
    else assert_null(key);
  }
}

#define BOTH(test) cmocka_unit_test_setup_teardown(test, sqlite_setup, fixture_free), cmocka_unit_test_setup_teardown(test, postgres_setup, fixture_free)

int main(int count, char **arguments)
{
  test_process_main(count, arguments);
  const struct CMUnitTest tests[] = {
    BOTH(test_changes), BOTH(test_refusals), BOTH(test_provider_networks), BOTH(test_rights_rows), BOTH(test_foreign), BOTH(test_foreign_names), BOTH(test_twin), BOTH(test_renewal),
    cmocka_unit_test_setup_teardown(test_key_names, sqlite_setup, fixture_free),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
