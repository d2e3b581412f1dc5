/* Accounts, roles and who a person is, on both engines. */
#include "people/test_support.h"

#include "base/text.h"
#include <string.h>

#define GOOD "đêm trăng bên sông"

static const uint8_t secret[20] = "abcdefghijklmnopqrst";

static int64_t add(struct fixture *f, const char *name, const uint8_t *totp)
{
  const struct account account = {.name = name, .full_name = "Trần Thị Mỹ Duyên", .language = "vi"};
  int64_t id = 0;
  assert_int_equal(account_add(f->cx, f->people, &account, GOOD, totp, &id), OK);
  assert_true(id > 0);
  return id;
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

int main(void)
{
  const struct CMUnitTest tests[] = {
    ON_BOTH(test_add_and_read), ON_BOTH(test_what_add_refuses), ON_BOTH(test_list_by_name), ON_BOTH(test_person), ON_BOTH(test_person_locked),
    ON_BOTH(test_role_of_a_unit_that_ceased), ON_BOTH(test_role_end), ON_BOTH(test_what_role_give_refuses),
  };
  return cmocka_run_group_tests_name("people_account", tests, NULL, NULL);
}
