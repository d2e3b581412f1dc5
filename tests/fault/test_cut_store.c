/* Acknowledged means synced: the power goes at every sync of a store at work, and at moments between, and whatever the drive kept of
 * what was not synced, each acknowledged transaction is there, and none by half. */
#include "work.h"

#include "store/testing.h"

#include <errno.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { COUNT = 60, MORE = 8, TEARS = 2, CHECKPOINT_PAGES = 40 };

static const struct clock machine;

/* SQLite moves its log into the database every so many pages; here often, so that the power goes in the middle of that too. */
static int checkpoint_often(sqlite3 *db, char **message, const void *routines)
{
  return sqlite3_wal_autocheckpoint(db, CHECKPOINT_PAGES);
}

static struct store *store_get(struct cx *cx, const char *folder)
{
  struct store *store;
  assert_int_equal(store_open(cx, arena_print(cx->arena, "sqlite:%s/data", folder), &fault_schema, 2, &store), OK);
  return store;
}

static const char *check(struct cx *cx, const char *folder, const struct told *told, void *user)
{
  int64_t count = *(int64_t *)user;
  struct store *store;
  if (store_open(cx, arena_print(cx->arena, "sqlite:%s/data", folder), &fault_schema, 1, &store)) return "the store does not open";
  const char *wrong = work_check(cx, store, count, told);
  if (!wrong && store_verify(cx, store)) wrong = "the store is damaged";
  if (!wrong && work_begin(cx, store, count)) wrong = "the store takes no more";
  store_close(store);
  return wrong;
}

static void power_cut_at_every_sync(void **state)
{
  struct cx *cx = cx_new_alone(&machine, NULL);
  const char *folder = testing_folder(cx);
  drive_start(folder);
  struct store *store = store_get(cx, folder);
  work_run(store, 0, COUNT, NULL);
  store_close(store);
  drive_stop();
  int64_t count = COUNT;
  int cuts = cut_everywhere(&(struct cut_walk){.check = check, .user = &count, .tears = TEARS, .between = 37});
  print_message("store: %d power cuts over %zu changes\n", cuts, drive_event_count());
  assert_true(cuts > 3 * COUNT / 4);
  drive_end();
  cx_free_alone(cx);
}

/* The process ends in mid-work and starts again on what the system still held in memory; then the power goes. Nothing may be
 * acknowledged on top of what is on no disk. failing: a sync had failed before, so that the system believes it to be written. */
static void restart_then_cut(bool failing)
{
  struct cx *cx = cx_new_alone(&machine, NULL);
  const char *folder = testing_folder(cx), *again = testing_folder(cx);
  drive_start(folder);
  struct store *store = store_get(cx, folder);
  work_run(store, 0, MORE, NULL);
  if (failing) drive_break(DRIVE_SYNC, 0, EIO, 0);
  assert_int_equal(work_begin(cx, store, MORE), failing ? ERR_STORAGE : OK);
  size_t ended = drive_event_count();
  struct image *image = image_new();
  for (size_t i = 0; i < ended; i++) image_take(image, drive_event_at(i));
  image_write(image, again, CUT_NONE, 0);
  image_free(image);
  drive_stop();
  store_close(store);
  drive_go_on(again);
  store = store_get(cx, again);
  work_run(store, MORE + 1, MORE, NULL);
  store_close(store);
  drive_stop();
  int64_t count = 2 * MORE + 1;
  int cuts = cut_everywhere(&(struct cut_walk){.check = check, .user = &count, .start = ended, .tears = 1});
  print_message("store started again: %d power cuts\n", cuts);
  drive_end();
  cx_free_alone(cx);
}

/* Work that goes on after a sync failed, the log's or the database's: what was told to have failed may be there or not, what is told
 * afterwards is. */
static void power_cut_after_a_failed_sync(void **state)
{
  int cuts = 0;
  for (int64_t n = 0, failures = 1; failures; n += 3) {
    struct cx *cx = cx_new_alone(&machine, NULL);
    const char *folder = testing_folder(cx);
    drive_start(folder);
    struct store *store = store_get(cx, folder);
    size_t start = drive_event_count();
    drive_break(DRIVE_SYNC, n, EIO, 0);
    for (int64_t i = 0; i < 2 * MORE; i++) {
      enum err err = work_begin(cx, store, i);
      assert_true(err == OK || err == ERR_STORAGE);
      cx_reset_problems(cx);
    }
    failures = drive_failures();
    drive_stop();
    store_close(store);
    int64_t count = 2 * MORE;
    if (failures) cuts += cut_everywhere(&(struct cut_walk){.check = check, .user = &count, .start = start, .tears = 1});
    drive_end();
    cx_free_alone(cx);
  }
  print_message("store after a failed sync: %d power cuts\n", cuts);
}

static void power_cut_after_a_restart(void **state) { restart_then_cut(false); }
static void power_cut_after_a_failed_sync_and_a_restart(void **state) { restart_then_cut(true); }

int main(void)
{
  cut_in_memory();
  drive_vfs_register();
  sqlite3_auto_extension((void (*)(void))checkpoint_often);
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(power_cut_at_every_sync),
    cmocka_unit_test(power_cut_after_a_failed_sync),
    cmocka_unit_test(power_cut_after_a_restart),
    cmocka_unit_test(power_cut_after_a_failed_sync_and_a_restart),
  };
  return cmocka_run_group_tests_name("power cuts under the store", tests, NULL, NULL);
}
