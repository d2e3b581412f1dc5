/* The action log: who did what; looks that count once; nothing is ever taken back. On both engines. */
#include "people/test_support.h"

#include <string.h>

static const struct person officer = {.account = 7, .name = "canbo", .full_name = "Trần Thị Mỹ Duyên", .unit = "30292", .roles = "counter"};

struct reading { const char *subject; int64_t before; size_t max; struct list rows; };

static enum err read_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct reading *reading = arg;
  return action_about(cx, tx, reading->subject, reading->before, reading->max, &reading->rows);
}

static struct list about(struct fixture *f, const char *subject, int64_t before, size_t max)
{
  struct reading reading = {.subject = subject, .before = before, .max = max};
  assert_int_equal(store_read(f->cx, people_store(f->people), read_in, &reading), OK);
  return reading.rows;
}

static enum err append_in(struct cx *cx, struct tx *tx, void *arg)
{
  return action_append(cx, tx, arg, "H01-1", "{\"note\":[null,\"x\"]}");
}

static enum err fail_in(struct cx *cx, struct tx *tx, void *arg)
{
  enum err err = append_in(cx, tx, arg);
  return err ? err : ERR_CONFLICT;
}

static void test_append(void **state)
{
  struct fixture *f = fixture_of(state);
  struct store *store = people_store(f->people);
  f->cx->person = &officer;
  f->cx->request_id = "r-1";
  assert_int_equal(store_write(f->cx, store, append_in, (char *)(uintptr_t)"dossier.receive"), OK);
  assert_int_equal(store_write(f->cx, store, fail_in, (char *)(uintptr_t)"dossier.lost"), ERR_CONFLICT);
  f->cx->person = NULL;
  assert_int_equal(store_write(f->cx, store, append_in, (char *)(uintptr_t)"dossier.remind"), OK);
  struct list rows = about(f, "H01-1", 0, 10);
  assert_int_equal(rows.count, 2);
  const struct action *action = rows.items;
  assert_string_equal(action[0].action, "dossier.remind");
  assert_int_equal(action[0].account, 0);
  assert_null(action[0].person_name);
  assert_string_equal(action[1].action, "dossier.receive");
  assert_string_equal(action[1].person_name, "Trần Thị Mỹ Duyên");
  assert_string_equal(action[1].role, "counter");
  assert_string_equal(action[1].unit, "30292");
  assert_string_equal(action[1].request_id, "r-1");
  assert_int_equal(action[1].at_us, clock_now(&f->clock));
  rows = about(f, "H01-1", action[0].id, 10);
  assert_int_equal(rows.count, 1);
  assert_int_equal(about(f, "H01-1", 0, 1).count, 1);
}

static void test_looks(void **state)
{
  struct fixture *f = fixture_of(state);
  struct store *store = people_store(f->people);
  f->cx->person = &officer;
  for (int i = 0; i < 3; i++) assert_int_equal(action_look(f->cx, store, "dossier.look", "H01-2"), OK);
  assert_int_equal(about(f, "H01-2", 0, 10).count, 1);
  assert_int_equal(action_look(f->cx, store, "dossier.print", "H01-2"), OK);
  const struct person other = {.account = 8, .full_name = "Lê Hoàng Minh"};
  f->cx->person = &other;
  assert_int_equal(action_look(f->cx, store, "dossier.look", "H01-2"), OK);
  assert_int_equal(about(f, "H01-2", 0, 10).count, 3);
  f->cx->person = &officer;
  f->clock.fixed_us += 10 * MINUTE_US + 1;
  assert_int_equal(action_look(f->cx, store, "dossier.look", "H01-2"), OK);
  assert_int_equal(about(f, "H01-2", 0, 10).count, 4);
}

/* Changes of accounts stand in the log under the account's name, without its secrets. */
static void test_changes_of_accounts(void **state)
{
  struct fixture *f = fixture_of(state);
  const struct account account = {.name = "canbo", .full_name = "Nguyễn Văn Phúc"};
  int64_t id;
  assert_int_equal(account_add(f->cx, f->people, &account, "mật khẩu đủ dài", NULL, &id), OK);
  assert_int_equal(account_lock(f->cx, f->people, id, true), OK);
  assert_int_equal(account_log_in(f->cx, f->people, "canbo", "mật khẩu đủ dài", NULL, &id), ERR_WHO);
  assert_int_equal(account_lock(f->cx, f->people, id, false), OK);
  assert_int_equal(account_log_in(f->cx, f->people, "canbo", "mật khẩu đủ dài", NULL, &id), OK);
  assert_int_equal(account_set_password(f->cx, f->people, id, "mật khẩu khác dài"), OK);
  static const char *const expected[] = {"account.password", "account.log_in", "account.unlock", "account.log_in_failed", "account.lock", "account.add"};
  struct list rows = about(f, "canbo", 0, 10);
  const struct action *actions = rows.items;
  assert_int_equal(rows.count, 6);
  for (size_t i = 0; i < rows.count; i++) {
    assert_string_equal(actions[i].action, expected[i]);
    if (actions[i].detail) assert_null(strstr(actions[i].detail, "mật khẩu"));
  }
  assert_int_equal(actions[1].account, id);
}

int main(void)
{
  const struct CMUnitTest tests[] = {ON_BOTH(test_append), ON_BOTH(test_looks), ON_BOTH(test_changes_of_accounts)};
  return cmocka_run_group_tests_name("people_action", tests, NULL, NULL);
}
