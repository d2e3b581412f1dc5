/* Accounts, logging in and roles on both engines. */
#include "people/test_support.h"

#include "base/text.h"
#include <pthread.h>
#include <string.h>

#define GOOD "mật khẩu đủ dài"

static const uint8_t secret[20] = "abcdefghijklmnopqrst";

static int64_t add(struct fixture *f, const char *name, const uint8_t *totp)
{
  const struct account account = {.name = name, .full_name = "Trần Thị Mỹ Duyên", .language = "vi"};
  int64_t id = 0;
  assert_int_equal(account_add(f->cx, f->people, &account, GOOD, totp, &id), OK);
  assert_true(id > 0);
  return id;
}

static enum err log_in(struct fixture *f, const char *name, const char *password, const char *code)
{
  int64_t id = 0;
  enum err err = account_log_in(f->cx, f->people, name, password, code, &id);
  assert_int_equal(err == OK, id > 0);
  if (err) assert_problem(f->cx, err == ERR_WHO ? "account.error.log_in" : "account.error.locked_out", NULL);
  return err;
}

static const char *code_at(struct fixture *f, int64_t later_us)
{
  char *code = arena_alloc(f->cx->arena, 7);
  totp_code(secret, sizeof secret, clock_now(&f->clock) + later_us, code);
  return code;
}

static void test_add_and_read(void **state)
{
  struct fixture *f = fixture_of(state);
  struct account account;
  int64_t id = add(f, "canbo.tiepnhan", secret);
  assert_int_equal(account_by_name(f->cx, f->people, "canbo.tiepnhan", &account), OK);
  assert_int_equal(account.id, id);
  assert_string_equal(account.full_name, "Trần Thị Mỹ Duyên");
  assert_true(account.totp);
  assert_false(account.locked);
  assert_int_equal(account.created_us, clock_now(&f->clock));
  assert_int_equal(account_by_name(f->cx, f->people, "khongco", &account), ERR_NOT_FOUND);
  assert_int_equal(account_get(f->cx, f->people, id + 1, &account), ERR_NOT_FOUND);
}

static void test_what_add_refuses(void **state)
{
  struct fixture *f = fixture_of(state);
  struct account account = {.name = "canbo", .full_name = "Lê Hoàng Minh"};
  int64_t id;
  add(f, "canbo", NULL);
  assert_int_equal(account_add(f->cx, f->people, &account, GOOD, NULL, &id), ERR_CONFLICT);
  assert_problem(f->cx, "account.error.name_taken", "name");
  static const char *const wrong[] = {"", "a", ".abc", "Canbo", "can bo", "cán.bộ", "a/b"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    account.name = wrong[i];
    assert_int_equal(account_add(f->cx, f->people, &account, GOOD, NULL, &id), ERR_INPUT);
    assert_problem(f->cx, "account.error.name", "name");
  }
  account.name = "khac";
  assert_int_equal(account_add(f->cx, f->people, &account, "ngắn", NULL, &id), ERR_INPUT);
  assert_problem(f->cx, "account.error.password_short", "password");
}

static void test_list_by_name(void **state)
{
  struct fixture *f = fixture_of(state);
  static const char *const names[] = {"dung", "an", "binh", "chi"};
  for (int i = 0; i < 4; i++) add(f, names[i], NULL);
  struct list page;
  assert_int_equal(account_list(f->cx, f->people, NULL, 3, &page), OK);
  assert_int_equal(page.count, 3);
  const struct account *rows = page.items;
  assert_string_equal(rows[0].name, "an");
  assert_string_equal(rows[2].name, "chi");
  assert_int_equal(account_list(f->cx, f->people, "chi", 3, &page), OK);
  assert_int_equal(page.count, 1);
  assert_string_equal(((const struct account *)page.items)->name, "dung");
}

static void test_log_in(void **state)
{
  struct fixture *f = fixture_of(state);
  add(f, "canbo", NULL);
  assert_int_equal(log_in(f, "canbo", GOOD, NULL), OK);
  assert_int_equal(log_in(f, "CanBo", GOOD, ""), OK);
  assert_int_equal(log_in(f, "canbo", "sai mật khẩu", NULL), ERR_WHO);
  assert_int_equal(log_in(f, "khongco", GOOD, NULL), ERR_WHO);
  assert_int_equal(log_in(f, "", "", NULL), ERR_WHO);
  assert_int_equal(log_in(f, NULL, NULL, NULL), ERR_WHO);
}

static void test_code_counts_once(void **state)
{
  struct fixture *f = fixture_of(state);
  add(f, "canbo", secret);
  assert_int_equal(log_in(f, "canbo", GOOD, NULL), ERR_WHO);
  assert_int_equal(log_in(f, "canbo", "sai mật khẩu", code_at(f, 0)), ERR_WHO);
  const char *code = code_at(f, 0);
  assert_int_equal(log_in(f, "canbo", GOOD, code), OK);
  assert_int_equal(log_in(f, "canbo", GOOD, code), ERR_WHO);
  /* An older step than the one that was used counts as used too. */
  assert_int_equal(log_in(f, "canbo", GOOD, code_at(f, -30 * SECOND_US)), ERR_WHO);
  f->clock.fixed_us += 30 * SECOND_US;
  assert_int_equal(log_in(f, "canbo", GOOD, code), ERR_WHO);
  assert_int_equal(log_in(f, "canbo", GOOD, code_at(f, 0)), OK);
}

static void test_a_new_authenticator(void **state)
{
  struct fixture *f = fixture_of(state);
  static const uint8_t other[20] = "tsrqponmlkjihgfedcba";
  int64_t id = add(f, "canbo", secret);
  assert_int_equal(log_in(f, "canbo", GOOD, code_at(f, 0)), OK);
  assert_int_equal(account_set_totp(f->cx, f->people, id, other), OK);
  assert_int_equal(log_in(f, "canbo", GOOD, code_at(f, 0)), ERR_WHO);
  char code[7];
  totp_code(other, sizeof other, clock_now(&f->clock), code);
  assert_int_equal(log_in(f, "canbo", GOOD, code), OK);
  assert_int_equal(account_set_totp(f->cx, f->people, id, NULL), OK);
  assert_int_equal(log_in(f, "canbo", GOOD, NULL), OK);
}

static void test_locked(void **state)
{
  struct fixture *f = fixture_of(state);
  int64_t id = add(f, "canbo", NULL);
  assert_int_equal(account_lock(f->cx, f->people, id, true), OK);
  assert_int_equal(log_in(f, "canbo", GOOD, NULL), ERR_WHO);
  assert_int_equal(account_lock(f->cx, f->people, id, false), OK);
  assert_int_equal(log_in(f, "canbo", GOOD, NULL), OK);
  assert_int_equal(account_lock(f->cx, f->people, id + 1, true), ERR_NOT_FOUND);
}

/* Ten wrong ones shut the door for 15 minutes, to the right password too; also when the name is nobody's, and whichever
 * process of the node asks. */
static void shut_out(struct fixture *f, const char *name)
{
  for (int i = 0; i < 10; i++) {
    assert_int_equal(log_in(f, name, "sai mật khẩu", NULL), ERR_WHO);
    f->clock.fixed_us += SECOND_US;
  }
  assert_int_equal(log_in(f, name, GOOD, NULL), ERR_TOO_MANY);
  struct people *mine = f->people;
  f->people = fixture_again(f);
  assert_int_equal(log_in(f, name, GOOD, NULL), ERR_TOO_MANY);
  people_close(f->people);
  f->people = mine;
}

static void test_shut_out(void **state)
{
  struct fixture *f = fixture_of(state);
  add(f, "canbo", NULL);
  add(f, "nguoikhac", NULL);
  shut_out(f, "canbo");
  assert_int_equal(log_in(f, "nguoikhac", GOOD, NULL), OK);
  f->clock.fixed_us += 15 * MINUTE_US - 2 * SECOND_US;
  assert_int_equal(log_in(f, "canbo", GOOD, NULL), ERR_TOO_MANY);
  f->clock.fixed_us += 2 * SECOND_US;
  assert_int_equal(log_in(f, "canbo", GOOD, NULL), OK);
}

static void test_shut_out_of_an_unknown_name(void **state)
{
  shut_out(fixture_of(state), "khongco");
}

static void test_a_good_one_takes_the_count_back(void **state)
{
  struct fixture *f = fixture_of(state);
  add(f, "canbo", NULL);
  for (int i = 0; i < 9; i++) assert_int_equal(log_in(f, "canbo", "sai mật khẩu", NULL), ERR_WHO);
  assert_int_equal(log_in(f, "canbo", GOOD, NULL), OK);
  for (int i = 0; i < 9; i++) assert_int_equal(log_in(f, "canbo", "sai mật khẩu", NULL), ERR_WHO);
  f->clock.fixed_us += 16 * MINUTE_US;
  for (int i = 0; i < 2; i++) assert_int_equal(log_in(f, "canbo", "sai mật khẩu", NULL), ERR_WHO);
  assert_int_equal(log_in(f, "canbo", GOOD, NULL), OK);
}

struct racer { struct fixture *fixture; enum err err; };

static void *race(void *arg)
{
  struct racer *racer = arg;
  struct cx *cx = cx_new_alone(&racer->fixture->clock, NULL);
  int64_t id;
  racer->err = account_log_in(cx, racer->fixture->people, "canbo", "sai mật khẩu", NULL, &id);
  cx_free_alone(cx);
  return NULL;
}

static void test_many_at_once_do_not_outrun_the_count(void **state)
{
  struct fixture *f = fixture_of(state);
  enum { RACERS = 12 };
  struct racer racers[RACERS];
  pthread_t threads[RACERS];
  int wrong = 0;
  add(f, "canbo", NULL);
  for (int i = 0; i < RACERS; i++) {
    racers[i].fixture = f;
    assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
  }
  for (int i = 0; i < RACERS; i++) {
    pthread_join(threads[i], NULL);
    wrong += racers[i].err == ERR_WHO;
    assert_true(racers[i].err == ERR_WHO || racers[i].err == ERR_TOO_MANY || racers[i].err == ERR_BUSY);
  }
  assert_true(wrong <= 10);
}

static void test_change_password(void **state)
{
  struct fixture *f = fixture_of(state);
  int64_t id = add(f, "canbo", secret);
  assert_int_equal(account_change_password(f->cx, f->people, id, "sai mật khẩu", "một mật khẩu mới"), ERR_WHO);
  assert_problem(f->cx, "account.error.old_password", "old_password");
  assert_int_equal(account_change_password(f->cx, f->people, id, GOOD, "ngắn"), ERR_INPUT);
  assert_problem(f->cx, "account.error.password_short", "password");
  assert_int_equal(account_change_password(f->cx, f->people, id, GOOD, "một mật khẩu mới"), OK);
  assert_int_equal(log_in(f, "canbo", GOOD, code_at(f, 0)), ERR_WHO);
  assert_int_equal(log_in(f, "canbo", "một mật khẩu mới", code_at(f, 0)), OK);
  assert_int_equal(account_set_password(f->cx, f->people, id, "do người quản trị đặt"), OK);
  f->clock.fixed_us += MINUTE_US;
  assert_int_equal(log_in(f, "canbo", "do người quản trị đặt", code_at(f, 0)), OK);
}

/* ---- Roles and persons ---- */

static void give(struct fixture *f, int64_t account, const char *role, const char *unit, int64_t from, int64_t to)
{
  const struct role_row row = {.account = account, .role = role, .unit = unit, .valid_from = from, .valid_to = to};
  assert_int_equal(role_give(f->cx, f->people, &row), OK);
}

static void test_person(void **state)
{
  struct fixture *f = fixture_of(state);
  struct person *person;
  int64_t id = add(f, "canbo", NULL), today = day_of("2026-11-25");
  assert_int_equal(person_load(f->cx, f->people, id, NULL, &person), ERR_NOT_FOUND);
  give(f, id, ROLE_HEAD, "91", NONE_DATE, NONE_DATE);
  give(f, id, ROLE_COUNTER, "30292", today, today);
  give(f, id, ROLE_SPECIALIST, "30292", today, NONE_DATE);
  give(f, id, ROLE_ADMIN, "30292", today + 1, NONE_DATE);
  give(f, id, ROLE_DECIDER, "30292", today - 9, today - 1);
  assert_int_equal(person_load(f->cx, f->people, id, NULL, &person), OK);
  assert_string_equal(person->unit, "30292");
  assert_string_equal(person->roles, "counter specialist");
  assert_string_equal(person->unit_name, "30292"); /* no unit of that code was ever loaded */
  assert_true(person_is(person, ROLE_COUNTER));
  assert_false(person_is(person, ROLE_ADMIN));
  assert_false(person_is(person, "count"));
  assert_false(person_is(NULL, ROLE_COUNTER));
  assert_true(person_may(person, "onestop.receive"));
  assert_false(person_may(person, "onestop.decide"));
  assert_false(person_may(person, "onestop.unknown"));
  assert_false(person_may(NULL, "onestop.receive"));
  assert_true(person_may_some(person, "onestop."));
  assert_false(person_may_some(person, "account."));
  assert_true(people_knows(f->people, "account.admin"));
  assert_false(people_knows(f->people, "account"));
  assert_true(people_knows_some(f->people, "account."));
  assert_false(people_knows_some(f->people, "justice."));
  assert_int_equal(person_load(f->cx, f->people, id, "91", &person), OK);
  assert_true(person_may(person, "onestop.decide"));
  assert_int_equal(person_load(f->cx, f->people, id, "89", &person), ERR_NOT_FOUND);
}

static void test_person_locked(void **state)
{
  struct fixture *f = fixture_of(state);
  struct person *person;
  int64_t id = add(f, "canbo", NULL);
  give(f, id, ROLE_HEAD, "91", NONE_DATE, NONE_DATE);
  assert_int_equal(account_lock(f->cx, f->people, id, true), OK);
  assert_int_equal(person_load(f->cx, f->people, id, "91", &person), ERR_NOT_FOUND);
}

static void test_role_of_a_unit_that_ceased(void **state)
{
  struct fixture *f = fixture_of(state);
  static const char units[] = "code,name,type,parent_code,level,valid_from,valid_to\n89,Tỉnh An Giang,tỉnh,,province,,2025-06-30\n"
                              "91,Tỉnh Kiên Giang,tỉnh,,province,,2025-06-30\n91,Tỉnh An Giang,tỉnh,,province,2025-07-01,\n";
  int64_t count, id = add(f, "canbo", NULL);
  struct person *person;
  assert_int_equal(unit_import(f->cx, f->people, bytes_of(units), &count), OK);
  give(f, id, ROLE_COUNTER, "89", 0, NONE_DATE);
  give(f, id, ROLE_COUNTER, "91", 0, NONE_DATE);
  assert_int_equal(person_load(f->cx, f->people, id, NULL, &person), OK);
  assert_string_equal(person->unit, "91");
  assert_string_equal(person->unit_name, "Tỉnh An Giang");
  assert_int_equal(person_load(f->cx, f->people, id, "89", &person), ERR_NOT_FOUND);
  f->clock.fixed_us = time_from_days(day_of("2020-11-05"), 480);
  assert_int_equal(person_load(f->cx, f->people, id, "89", &person), OK);
  assert_int_equal(person_load(f->cx, f->people, id, "91", &person), OK);
  assert_string_equal(person->unit_name, "Tỉnh Kiên Giang");
}

static void test_role_end(void **state)
{
  struct fixture *f = fixture_of(state);
  struct list roles;
  struct person *person;
  int64_t id = add(f, "canbo", NULL);
  const struct role_row role = {.account = id, .role = ROLE_COUNTER, .unit = "91"};
  assert_int_equal(role_end(f->cx, f->people, &role), ERR_NOT_FOUND);
  give(f, id, ROLE_COUNTER, "91", day_of("2026-01-01"), NONE_DATE);
  give(f, id, ROLE_COUNTER, "91", day_of("2027-01-01"), NONE_DATE);
  assert_int_equal(role_end(f->cx, f->people, &role), OK);
  assert_int_equal(person_load(f->cx, f->people, id, NULL, &person), ERR_NOT_FOUND);
  assert_int_equal(role_list(f->cx, f->people, id, &roles), OK);
  assert_int_equal(roles.count, 1);
  assert_int_equal(((const struct role_row *)roles.items)->valid_to, day_of("2026-11-24"));
  assert_int_equal(role_end(f->cx, f->people, &role), ERR_NOT_FOUND);
}

static void test_what_role_give_refuses(void **state)
{
  struct fixture *f = fixture_of(state);
  int64_t id = add(f, "canbo", NULL);
  struct role_row role = {.account = id, .role = "king", .unit = "91", .valid_from = 10, .valid_to = NONE_DATE};
  assert_int_equal(role_give(f->cx, f->people, &role), ERR_INPUT);
  assert_problem(f->cx, "account.error.role", "role");
  role.role = ROLE_HEAD;
  role.valid_to = 9;
  assert_int_equal(role_give(f->cx, f->people, &role), ERR_INPUT);
  assert_problem(f->cx, "account.error.dates", "valid_to");
  role.valid_to = NONE_DATE;
  role.account = id + 1;
  assert_int_equal(role_give(f->cx, f->people, &role), ERR_NOT_FOUND);
}

/* argon2id makes log-ins slow: what differs in no statement from a test above runs on one engine. */
#define ON_SQLITE(test) cmocka_unit_test_setup_teardown(test, fixture_setup_sqlite, fixture_teardown)

int main(void)
{
  const struct CMUnitTest tests[] = {
    ON_BOTH(test_add_and_read), ON_BOTH(test_what_add_refuses), ON_BOTH(test_list_by_name), ON_BOTH(test_log_in),
    ON_BOTH(test_code_counts_once), ON_BOTH(test_a_new_authenticator), ON_BOTH(test_locked), ON_BOTH(test_shut_out),
    ON_SQLITE(test_shut_out_of_an_unknown_name), ON_SQLITE(test_a_good_one_takes_the_count_back),
    ON_BOTH(test_many_at_once_do_not_outrun_the_count), ON_BOTH(test_change_password), ON_BOTH(test_person), ON_BOTH(test_person_locked),
    ON_BOTH(test_role_of_a_unit_that_ceased), ON_BOTH(test_role_end), ON_BOTH(test_what_role_give_refuses),
  };
  return cmocka_run_group_tests_name("people_account", tests, NULL, NULL);
}
