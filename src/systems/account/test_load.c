/* Loading what ships, and the operator's commands, on both engines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include "store/testing.h"
#include "systems/account/account.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct fixture { struct clock clock; struct cx *cx; struct here here; };

static int setup(void **state, const char *(*url)(struct cx *cx))
{
  static const struct permission *const tables[] = {NULL};
  struct fixture *f = calloc(1, sizeof *f);
  if (!f) return -1;
  *state = f;
  f->clock.fixed_us = time_from_days(date_to_days((struct date){2026, 11, 25}), 480);
  f->cx = cx_new_alone(&f->clock, NULL);
  const char *where = url(f->cx), *data = getenv("TRUC_DATA");
  if (!where) return 0;
  f->here = (struct here){.system = "account", .data_folder = data ? data : "data"};
  return people_open(f->cx, where, tables, 1, &f->here.people) ? -1 : 0;
}

static int setup_sqlite(void **state) { return setup(state, testing_sqlite); }
static int setup_postgres(void **state) { return setup(state, testing_postgres); }

static int teardown(void **state)
{
  struct fixture *f = *state;
  people_close(f->here.people);
  cx_free_alone(f->cx);
  free(f);
  return 0;
}

static struct fixture *fixture_of(void **state)
{
  struct fixture *f = *state;
  if (!f->here.people) skip();
  return f;
}

static void test_what_ships(void **state)
{
  struct fixture *f = fixture_of(state);
  struct unit unit;
  const char *hash;
  int32_t today = time_to_days(cx_now(f->cx));
  assert_int_equal(account_system.open(f->cx, &f->here), OK);
  assert_int_equal(unit_get(f->cx, f->here.people, "AG-PVHCC", today, &unit), OK);
  assert_string_equal(unit.agency_code, "H01.01");
  assert_string_equal(unit.parent, "91");
  assert_int_equal(unit_get(f->cx, f->here.people, "G15", today, &unit), OK);
  assert_true(people_calendar(f->here.people)->day_count > 100);
  assert_int_equal(loaded_hash(f->cx, f->here.people, "units/an-giang.csv", &hash), OK);
  assert_int_equal(strlen(hash), 64);
}

/* The second start finds nothing new: what an administrator changed meanwhile stays. */
static void test_second_start(void **state)
{
  struct fixture *f = fixture_of(state);
  struct unit unit = {.code = "30292", .name = "Tên do người quản trị sửa", .kind = "phường", .parent = "91", .level = "commune",
                      .valid_from = date_to_days((struct date){2025, 7, 1}), .valid_to = NONE_DATE};
  assert_int_equal(account_system.open(f->cx, &f->here), OK);
  assert_int_equal(unit_put(f->cx, f->here.people, &unit), OK);
  assert_int_equal(account_system.open(f->cx, &f->here), OK);
  assert_int_equal(unit_get(f->cx, f->here.people, "30292", time_to_days(cx_now(f->cx)), &unit), OK);
  assert_string_equal(unit.name, "Tên do người quản trị sửa");
}

static void test_a_missing_file(void **state)
{
  struct fixture *f = fixture_of(state);
  f->here.data_folder = testing_folder(f->cx);
  assert_int_equal(account_system.open(f->cx, &f->here), ERR_STORAGE);
  assert_string_equal(f->cx->problems.items[0].key, "account.error.file");
}

static const struct command *command_named(const char *name)
{
  for (size_t i = 0; i < account_system.command_count; i++)
    if (text_equal(account_system.commands[i].name, name)) return &account_system.commands[i];
  fail_msg("no command %s", name);
  return NULL;
}

static enum err run(struct fixture *f, const char *name, const struct form_pair *pairs, size_t count, struct buffer *out)
{
  const struct command_input input = {.args = {pairs, count}};
  buffer_init(out, f->cx->arena);
  return command_named(name)->run(f->cx, &f->here, &input, out);
}

/* The line "word: value" of what a command printed. */
static const char *line_of(struct fixture *f, const struct buffer *out, const char *word)
{
  const char *at = strstr(buffer_string(out), word);
  assert_non_null(at);
  at += strlen(word);
  return arena_copy_n(f->cx->arena, at, strcspn(at, "\n"));
}

static void test_user_add(void **state)
{
  struct fixture *f = fixture_of(state);
  const struct form_pair pairs[] = {{"node", "x"}, {"name", "quantri"}, {"full-name", "Đặng Thị Thu Hà"}, {"role", "admin"}, {"unit", "91"}};
  struct buffer out;
  struct account account;
  struct person *person;
  int64_t id;
  assert_int_equal(account_system.open(f->cx, &f->here), OK);
  assert_int_equal(run(f, "user add", pairs, 5, &out), OK);
  assert_int_equal(account_by_name(f->cx, f->here.people, "quantri", &account), OK);
  assert_true(account.totp);
  assert_non_null(strstr(line_of(f, &out, "otpauth: "), "otpauth://totp/Truc:quantri?secret="));
  assert_int_equal(person_load(f->cx, f->here.people, account.id, NULL, &person), OK);
  assert_string_equal(person->unit_name, "Tỉnh An Giang");
  /* Without the code nobody gets in, with the password printed. */
  assert_int_equal(account_log_in(f->cx, f->here.people, "quantri", line_of(f, &out, "password: "), "", &id), ERR_WHO);
  cx_reset_problems(f->cx);
  assert_int_equal(run(f, "user add", pairs, 5, &out), ERR_CONFLICT);
}

static void test_user_add_refuses(void **state)
{
  struct fixture *f = fixture_of(state);
  struct form_pair pairs[] = {{"name", "quantri"}, {"full-name", "Đặng Thị Thu Hà"}, {"role", "king"}, {"unit", "91"}};
  struct buffer out;
  struct account account;
  assert_int_equal(account_system.open(f->cx, &f->here), OK);
  assert_int_equal(run(f, "user add", pairs, 3, &out), ERR_INPUT);
  assert_string_equal(f->cx->problems.items[0].field, "unit");
  cx_reset_problems(f->cx);
  assert_int_equal(run(f, "user add", pairs, 4, &out), ERR_INPUT);
  assert_string_equal(f->cx->problems.items[0].field, "role");
  cx_reset_problems(f->cx);
  pairs[2].value = "admin";
  pairs[3].value = "89"; /* ceased on 30-06-2025 */
  assert_int_equal(run(f, "user add", pairs, 4, &out), ERR_INPUT);
  assert_string_equal(f->cx->problems.items[0].field, "unit");
  assert_int_equal(account_by_name(f->cx, f->here.people, "quantri", &account), ERR_NOT_FOUND);
}

static void test_user_password(void **state)
{
  struct fixture *f = fixture_of(state);
  const struct account account = {.name = "canbo", .full_name = "Lê Hoàng Minh"};
  const struct form_pair pairs[] = {{"name", "canbo"}};
  const struct form_pair unknown[] = {{"name", "khongco"}};
  struct buffer out;
  int64_t id;
  assert_int_equal(account_add(f->cx, f->here.people, &account, "đêm trăng bên sông", NULL, &id), OK);
  assert_int_equal(run(f, "user password", pairs, 1, &out), OK);
  assert_int_equal(account_log_in(f->cx, f->here.people, "canbo", line_of(f, &out, "password: "), NULL, &id), OK);
  assert_int_equal(run(f, "user password", unknown, 1, &out), ERR_NOT_FOUND);
  assert_string_equal(f->cx->problems.items[0].key, "account.error.unknown");
}

#define ON_BOTH(test) cmocka_unit_test_setup_teardown(test, setup_sqlite, teardown), {#test " (PostgreSQL)", test, setup_postgres, teardown, NULL}

int main(void)
{
  const struct CMUnitTest tests[] = {
    ON_BOTH(test_what_ships), ON_BOTH(test_second_start), ON_BOTH(test_a_missing_file), ON_BOTH(test_user_add), ON_BOTH(test_user_add_refuses),
    ON_BOTH(test_user_password),
  };
  return cmocka_run_group_tests_name("account_load", tests, NULL, NULL);
}
