/* The action log: who did what; looks that count once; nothing is ever taken back. On both engines. */
#include "people/test_support.h"

#include "store/aside.h"
#include "store/engine.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* ---- A store that takes no more ---- */

static enum err limit_in(struct cx *cx, struct tx *tx, void *arg)
{
  return tx->store->engine->script(cx, tx, arg);
}

static void limit(struct fixture *f, bool full)
{
  char *sql = (char *)(uintptr_t)(full ? "pragma max_page_count = 1" : "pragma max_page_count = 1000000");
  assert_int_equal(store_write(f->cx, people_store(f->people), limit_in, sql), OK);
}

static void again(struct fixture *f, const char *folder)
{
  people_close(f->people);
  assert_int_equal(people_open(f->cx, f->url, NULL, 0, &f->people), OK);
  action_prepare(f->cx, people_store(f->people), folder);
}

static size_t looks(struct fixture *f, const char *subject) { return about(f, subject, 0, 10).count; }

/* Looks wait beside the full store, outlive the process, and are rows when there is room; each once, with its own time. */
static void test_waiting(void **state)
{
  struct fixture *f = fixture_of(state);
  const char *folder = f->url + strlen("sqlite:"), *subject = "";
  int64_t count = 0;
  again(f, folder);
  f->cx->person = &officer;
  f->cx->request_id = "r-7";
  limit(f, true);
  while (!store_aside_any(people_store(f->people)) && count < 2000) {
    subject = arena_print(f->cx->arena, "H01-\"%lld\"\tđ", (long long)++count);
    assert_int_equal(action_look(f->cx, people_store(f->people), "dossier.look", subject), OK);
  }
  assert_true(store_aside_any(people_store(f->people)));
  assert_int_equal(action_look(f->cx, people_store(f->people), "dossier.look", ""), OK);
  int64_t at_us = clock_now(&f->clock);
  assert_int_equal(looks(f, subject), 0);
  again(f, folder);
  assert_false(store_aside_any(people_store(f->people)));
  struct list rows = about(f, subject, 0, 10);
  assert_int_equal(rows.count, 1);
  const struct action *row = rows.items;
  assert_true(row->at_us == at_us && row->account == 7);
  assert_string_equal(row->request_id, "r-7");
  assert_string_equal(row->person_name, "Trần Thị Mỹ Duyên");
  assert_int_equal(looks(f, ""), 1);
  limit(f, true);
  f->clock.fixed_us += HOUR_US;
  for (int i = 0; i < 300 && !store_aside_any(people_store(f->people)); i++)
    assert_int_equal(action_look(f->cx, people_store(f->people), "dossier.look", arena_print(f->cx->arena, "again %d", i)), OK);
  limit(f, false);
  assert_int_equal(action_look(f->cx, people_store(f->people), "dossier.look", "with room"), OK);
  assert_false(store_aside_any(people_store(f->people)));
}

/* The room is used up, or there is none: nothing may be shown. */
static void test_no_room(void **state)
{
  struct fixture *f = fixture_of(state);
  const char *folder = f->url + strlen("sqlite:"), *much = arena_print(f->cx->arena, "%0100000d", 1);
  enum err err = OK;
  f->cx->person = &officer;
  limit(f, true);
  for (int i = 0; i < 2000 && !err; i++) err = action_look(f->cx, people_store(f->people), "dossier.look", arena_print(f->cx->arena, "%d", i));
  assert_int_equal(err, ERR_STORAGE);
  assert_problem(f->cx, "error.storage_full", NULL);
  cx_reset_problems(f->cx);
  again(f, folder);
  limit(f, true);
  err = OK;
  for (int i = 0; i < 100 && !err; i++) err = action_look(f->cx, people_store(f->people), "dossier.look", arena_print(f->cx->arena, "%d %s", i, much));
  assert_int_equal(err, ERR_STORAGE);
  assert_problem(f->cx, "error.storage_full", NULL);
  cx_reset_problems(f->cx);
  assert_int_equal(action_look(f->cx, people_store(f->people), "dossier.look", "short"), OK);
}

/* Whatever stands in the file, the store opens; what can be read of it is kept. */
static void test_waiting_damaged(void **state)
{
  struct fixture *f = fixture_of(state);
  const char *folder = f->url + strlen("sqlite:"), *path = arena_print(f->cx->arena, "%s/looks", folder);
  FILE *file = fopen(path, "w");
  fputs("no look\n{\"at_us\":5,\"account\":7,\"action\":\"dossier.look\",\"subject\":\"H01-9\",\"request_id\":\"r\"}\n{\"at_us\":6,\"acc", file);
  fclose(file);
  for (int i = 0; i < 2; i++) {
    again(f, folder);
    assert_false(store_aside_any(people_store(f->people)));
    assert_int_equal(looks(f, "H01-9"), 1);
  }
  /* A copy of the folder may hold a hole of that size: room on paper only. */
  struct stat info;
  assert_int_equal(stat(path, &info), 0);
  assert_true(truncate(path, 0) == 0 && truncate(path, info.st_size) == 0);
  again(f, folder);
  assert_int_equal(stat(path, &info), 0);
  assert_true(info.st_blocks * 512 >= info.st_size);
}

/* Changes of accounts stand in the log under the account's name, without its secrets. */
static void test_changes_of_accounts(void **state)
{
  struct fixture *f = fixture_of(state);
  const struct account account = {.name = "canbo", .full_name = "Nguyễn Văn Phúc"};
  int64_t id;
  assert_int_equal(account_add(f->cx, f->people, &account, "đêm trăng bên sông", NULL, &id), OK);
  assert_int_equal(account_lock(f->cx, f->people, id, true), OK);
  assert_int_equal(account_log_in(f->cx, f->people, "canbo", "đêm trăng bên sông", NULL, &id), ERR_WHO);
  assert_int_equal(account_lock(f->cx, f->people, id, false), OK);
  assert_int_equal(account_log_in(f->cx, f->people, "canbo", "đêm trăng bên sông", NULL, &id), OK);
  assert_int_equal(account_set_password(f->cx, f->people, id, "gió lùa qua khe cửa"), OK);
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
  const struct CMUnitTest tests[] = {ON_BOTH(test_append), ON_BOTH(test_looks), ON_BOTH(test_changes_of_accounts),
    cmocka_unit_test_setup_teardown(test_waiting, fixture_setup_sqlite, fixture_teardown),
    cmocka_unit_test_setup_teardown(test_no_room, fixture_setup_sqlite, fixture_teardown),
    cmocka_unit_test_setup_teardown(test_waiting_damaged, fixture_setup_sqlite, fixture_teardown)};
  return cmocka_run_group_tests_name("people_action", tests, NULL, NULL);
}
