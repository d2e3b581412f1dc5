/* Each write, sync, read and other call under the store and its queue fails in turn: the answer is a clear error, reads of what is there
 * go on, nothing is there by half, and when the fault is gone work goes on. The budget of a request is gone at each allocation in turn. */
#include "work.h"

#include "base/text.h"
#include "store/testing.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <signal.h>

#include <cmocka.h>

enum { BEFORE = 4, WORK = 6, NUMBERS = BEFORE + 2 * WORK };

static const struct clock machine;

static bool clear_error(const struct cx *cx, enum err err)
{
  if (err != ERR_STORAGE || cx->problems.count == 0) return false;
  const char *key = cx->problems.items[cx->problems.count - 1].key;
  return text_equal(key, "error.storage") || text_equal(key, "error.storage_full");
}

static void all_whole(struct cx *cx, struct store *store)
{
  const struct told none = {0};
  const char *wrong = work_check(cx, store, NUMBERS, &none);
  if (wrong) print_error("%s\n", wrong);
  assert_null(wrong);
}

struct place { struct cx *cx; const char *folder, *url; };

static struct place place_make(void)
{
  struct place place = {.cx = cx_new_alone(&machine, NULL)};
  place.folder = testing_folder(place.cx);
  place.url = arena_print(place.cx->arena, "sqlite:%s/data", place.folder);
  drive_start(place.folder);
  return place;
}

static void place_drop(struct place *place)
{
  drive_end();
  cx_free_alone(place->cx);
}

/* One step of work that may fail; what was acknowledged is kept. */
static int step(struct cx *cx, enum err err)
{
  if (err && !clear_error(cx, err)) print_error("error %d, %s\n", (int)err, cx->problems.count ? cx->problems.items[0].key : "no word");
  if (err) assert_true(clear_error(cx, err));
  cx_reset_problems(cx);
  return err != OK;
}

/* Whether the plan's call came at all. failing: how many calls one after another. */
static bool fail_at(enum drive_call call, int64_t n, int code, int64_t more)
{
  struct place place = place_make();
  struct store *store;
  assert_int_equal(store_open(place.cx, place.url, &fault_schema, 2, &store), OK);
  for (int64_t i = 0; i < BEFORE; i++) assert_int_equal(work_begin(place.cx, store, i), OK);
  drive_break(call, n, code, more);
  for (int64_t i = BEFORE; i < BEFORE + WORK; i++) {
    bool failed = step(place.cx, work_begin(place.cx, store, i));
    step(place.cx, work_end(place.cx, store));
    /* Reads go on while writes fail; and what was told to have failed is not there. */
    assert_int_equal(work_state(place.cx, store, 0) & 7, 7);
    assert_int_equal(work_state(place.cx, store, i) & 1, !failed);
  }
  bool came = drive_failures() > 0;
  drive_mend();
  all_whole(place.cx, store);
  for (int64_t i = BEFORE + WORK; i < NUMBERS; i++) assert_int_equal(work_begin(place.cx, store, i), OK);
  store_close(store);
  assert_int_equal(store_open(place.cx, place.url, &fault_schema, 2, &store), OK);
  all_whole(place.cx, store);
  assert_int_equal(store_verify(place.cx, store), OK);
  store_close(store);
  place_drop(&place);
  return came;
}

static void fail_each(enum drive_call call, int code, int64_t more)
{
  int64_t n = 0;
  while (fail_at(call, n, code, more)) n += 1 + n / 16;
  print_message("calls of kind %d failed at %lld places\n", (int)call, (long long)n);
}

static void each_write_fails(void **state) { fail_each(DRIVE_WRITE, EIO, 0); }
static void the_disk_is_full_for_a_while(void **state) { fail_each(DRIVE_WRITE, ENOSPC, 20); }
static void each_sync_fails(void **state) { fail_each(DRIVE_SYNC, EIO, 0); }

/* What a process left that was killed at work, with its log beside the database. */
static void left_behind(const char *folder)
{
  struct place place = place_make();
  struct store *store;
  struct image *image = image_new();
  assert_int_equal(store_open(place.cx, place.url, &fault_schema, 2, &store), OK);
  for (int64_t i = 0; i < BEFORE; i++) assert_int_equal(work_begin(place.cx, store, i), OK);
  for (size_t i = 0; i < drive_event_count(); i++) image_take(image, drive_event_at(i));
  image_write(image, folder, CUT_NONE, 0);
  image_free(image);
  drive_stop();
  store_close(store);
  place_drop(&place);
}

/* A read that fails is an error and no other answer, at the start or later. */
static bool read_fail_at(int64_t n)
{
  struct cx *cx = cx_new_alone(&machine, NULL);
  const char *folder = testing_folder(cx), *url = arena_print(cx->arena, "sqlite:%s/data", folder);
  struct store *store = NULL;
  left_behind(folder);
  drive_start(folder);
  drive_break(DRIVE_READ, n, EIO, 0);
  if (!step(cx, store_open(cx, url, &fault_schema, 2, &store))) {
    for (int64_t i = 0; i < BEFORE; i++) {
      int64_t found = work_state(cx, store, i);
      assert_true(found == -1 || found == 7);
    }
    step(cx, work_begin(cx, store, BEFORE));
    step(cx, work_end(cx, store));
  }
  bool came = drive_failures() > 0;
  drive_mend();
  store_close(store);
  assert_int_equal(store_open(cx, url, &fault_schema, 2, &store), OK);
  for (int64_t i = 0; i < BEFORE; i++) assert_int_equal(work_state(cx, store, i) & 7, 7);
  all_whole(cx, store);
  store_close(store);
  drive_end();
  cx_free_alone(cx);
  return came;
}

static void each_read_fails(void **state)
{
  int64_t n = 0;
  while (read_fail_at(n)) n++;
  assert_true(n > 10);
  print_message("reads failed at %lld places\n", (long long)n);
}

/* Opening: it fails clearly or not at all, and leaves nothing that the next start stumbles over. */
static bool open_fail_at(enum drive_call call, int64_t n)
{
  struct place place = place_make();
  struct store *store = NULL;
  drive_break(call, n, EIO, 0);
  enum err err = store_open(place.cx, place.url, &fault_schema, 2, &store);
  bool came = drive_failures() > 0;
  if (err) assert_true(clear_error(place.cx, err));
  if (!err) store_close(store);
  drive_mend();
  assert_int_equal(store_open(place.cx, place.url, &fault_schema, 2, &store), OK);
  assert_int_equal(work_begin(place.cx, store, 0), OK);
  assert_int_equal(store_verify(place.cx, store), OK);
  store_close(store);
  place_drop(&place);
  return came;
}

static void each_call_of_opening_fails(void **state)
{
  for (enum drive_call call = DRIVE_OPEN; call < DRIVE_CALLS; call++) {
    int64_t n = 0;
    while (open_fail_at(call, n)) n++;
  }
}

/* The real thing: the system lets no file grow further. */
static void files_may_not_grow(void **state)
{
  struct place place = place_make();
  struct store *store;
  struct rlimit before, small;
  drive_stop();
  assert_int_equal(store_open(place.cx, place.url, &fault_schema, 2, &store), OK);
  assert_int_equal(work_begin(place.cx, store, 0), OK);
  signal(SIGXFSZ, SIG_IGN);
  getrlimit(RLIMIT_FSIZE, &before);
  small = (struct rlimit){150000, before.rlim_max};
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  int failed = 0;
  for (int64_t i = 1; i < 3 * WORK; i++) {
    failed += step(place.cx, work_begin(place.cx, store, i));
    assert_int_equal(work_state(place.cx, store, 0), 7);
  }
  assert_true(failed > 0);
  all_whole(place.cx, store);
  setrlimit(RLIMIT_FSIZE, &before);
  assert_int_equal(work_begin(place.cx, store, 3 * WORK), OK);
  store_close(store);
  place_drop(&place);
}

/* ---- Memory ---- */

/* Every budget from next to nothing, in steps smaller than a piece: OK and there, or ERR_MEMORY and not there. */
static void over_budget_at_each_allocation(void **state)
{
  struct place place = place_make();
  struct store *store;
  int64_t n = 0, over = 0, fine = 0;
  drive_stop();
  assert_int_equal(store_open(place.cx, place.url, &fault_schema, 2, &store), OK);
  for (size_t budget = WORK_PAYLOAD - 500; fine < 4; budget += 24, n++) {
    struct cx cx = {.arena = arena_new(budget), .clock = &machine, .request_id = "r"};
    enum err err = work_begin(&cx, store, n);
    assert_true(err == OK || err == ERR_MEMORY);
    if (err) assert_string_equal(cx.problems.items[0].key, "error.memory");
    if (!err) assert_false(arena_over(cx.arena));
    arena_free(cx.arena);
    cx = *place.cx;
    cx.arena = arena_new(0);
    assert_int_equal(work_state(&cx, store, n), err ? 0 : 7);
    arena_free(cx.arena);
    fine += !err;
    over += err != OK;
  }
  assert_true(over > 10);
  print_message("%lld budgets were too small\n", (long long)over);
  store_close(store);
  place_drop(&place);
}

int main(void)
{
  cut_in_memory();
  drive_vfs_register();
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_write_fails), cmocka_unit_test(the_disk_is_full_for_a_while), cmocka_unit_test(each_sync_fails),
    cmocka_unit_test(each_read_fails), cmocka_unit_test(each_call_of_opening_fails), cmocka_unit_test(files_may_not_grow),
    cmocka_unit_test(over_budget_at_each_allocation),
  };
  return cmocka_run_group_tests_name("failing calls under the store", tests, NULL, NULL);
}
