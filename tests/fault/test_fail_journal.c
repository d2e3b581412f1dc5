/* Each call under the journal fails in turn: appends are refused with an error, entries that were acknowledged are read on, a start fails
 * clearly or goes on from all of them, and when the fault is gone and the journal opened anew it works. */
#include "cut.h"
#include "entries.h"

#include "base/text.h"
#include "keys/test_process.h"
#include "store/testing.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

enum { BEFORE = 3, WORK = 4 };

static const struct clock machine;
static struct test_process process;

/* What was acknowledged says what it should; how many there are. Entries have the number of their place: one that failed is not counted. */
static int64_t all_hold(struct cx *cx, struct journal *journal, int64_t least)
{
  int64_t size = journal_size(journal);
  assert_true(size >= least);
  for (int64_t i = 0; i < least; i++) assert_true(entries_hold(cx, journal, i, i));
  return size;
}

static void reopened(struct cx *cx, const char *folder, int64_t least)
{
  struct journal *journal;
  assert_int_equal(entries_open(cx, folder, process.keys, &journal), OK);
  int64_t size = all_hold(cx, journal, least);
  assert_int_equal(entries_append(journal, size, 2), OK);
  assert_int_equal(journal_verify(cx, journal), OK);
  journal_close(journal);
}

static bool fail_at(enum drive_call call, int64_t n, int code, int64_t more)
{
  struct cx *cx = cx_new_alone(&machine, NULL);
  const char *folder = testing_folder(cx);
  struct journal *journal;
  int64_t told = BEFORE;
  drive_start(folder);
  assert_int_equal(entries_open(cx, folder, process.keys, &journal), OK);
  assert_int_equal(entries_append(journal, 0, BEFORE), OK);
  drive_break(call, n, code, more);
  for (int i = 0; i < WORK; i++) {
    enum err err = entries_append(journal, told, 1);
    assert_true(err == OK || err == ERR_STORAGE || err == ERR_BUSY);
    if (!err) told++;
    if (err) assert_false(journal_good(journal) && err == ERR_STORAGE);
    if (call != DRIVE_READ) all_hold(cx, journal, told);
  }
  bool came = drive_failures() > 0;
  drive_mend();
  all_hold(cx, journal, told);
  journal_close(journal);
  reopened(cx, folder, told);
  drive_end();
  cx_free_alone(cx);
  return came;
}

static void fail_each(enum drive_call call, int code, int64_t more)
{
  int64_t n = 0;
  while (fail_at(call, n, code, more)) n++;
  print_message("journal: calls of kind %d failed at %lld places\n", (int)call, (long long)n);
  assert_true(n > 0);
}

static void each_write_fails(void **state) { fail_each(DRIVE_WRITE, EIO, 0); }
static void the_disk_is_full(void **state) { fail_each(DRIVE_WRITE, ENOSPC, 100); }
static void each_sync_fails(void **state) { fail_each(DRIVE_SYNC, EIO, 0); }

/* A start of a journal with entries, some behind the last checkpoint. */
static bool open_fail_at(enum drive_call call, int64_t n, int code)
{
  struct cx *cx = cx_new_alone(&machine, NULL);
  const char *first = testing_folder(cx), *folder = testing_folder(cx);
  struct journal *journal;
  struct image *image = image_new();
  drive_start(first);
  assert_int_equal(entries_open(cx, first, process.keys, &journal), OK);
  assert_int_equal(entries_append(journal, 0, BEFORE), OK);
  usleep(20000);
  assert_int_equal(entries_append(journal, BEFORE, WORK), OK);
  drive_stop();
  for (size_t i = 0; i < drive_event_count(); i++) image_take(image, drive_event_at(i));
  image_write(image, folder, CUT_NONE, 0);
  image_free(image);
  journal_close(journal);
  drive_start(folder);
  drive_break(call, n, code, 0);
  enum err err = entries_open(cx, folder, process.keys, &journal);
  bool came = drive_failures() > 0;
  drive_mend();
  if (err) assert_true((err == ERR_STORAGE || err == ERR_BUSY) && cx->problems.count > 0);
  if (!err) all_hold(cx, journal, BEFORE + WORK);
  if (!err) journal_close(journal);
  cx_reset_problems(cx);
  reopened(cx, folder, BEFORE + WORK);
  drive_end();
  cx_free_alone(cx);
  return came;
}

static void each_call_of_opening_fails(void **state)
{
  for (enum drive_call call = DRIVE_OPEN; call < DRIVE_CALLS; call++) {
    int64_t n = 0;
    while (open_fail_at(call, n, call == DRIVE_SPACE ? ENOSPC : EIO)) n++;
    print_message("journal: calls of opening, kind %d, failed at %lld places\n", (int)call, (long long)n);
  }
}

/* ---- The real thing: no file may grow further ---- */

static void files_may_not_grow(void **state)
{
  struct cx *cx = cx_new_alone(&machine, NULL);
  const char *folder = testing_folder(cx);
  struct journal *journal;
  struct rlimit before;
  int64_t told = BEFORE;
  assert_int_equal(entries_open(cx, folder, process.keys, &journal), OK);
  assert_int_equal(entries_append(journal, 0, BEFORE), OK);
  signal(SIGXFSZ, SIG_IGN);
  getrlimit(RLIMIT_FSIZE, &before);
  setrlimit(RLIMIT_FSIZE, &(struct rlimit){4000, before.rlim_max});
  for (int i = 0; i < 20; i++)
    if (!entries_append(journal, told, 1)) told++;
  assert_true(told < BEFORE + 20);
  all_hold(cx, journal, told);
  setrlimit(RLIMIT_FSIZE, &before);
  journal_close(journal);
  reopened(cx, folder, told);
  cx_free_alone(cx);
}

static int keys_up(void **state)
{
  test_process_start(&process, &machine);
  return 0;
}

static int keys_down(void **state)
{
  test_process_stop(&process);
  return 0;
}

int main(int count, char **arguments)
{
  test_process_main(count, arguments);
  cut_in_memory();
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_write_fails), cmocka_unit_test(the_disk_is_full), cmocka_unit_test(each_sync_fails),
    cmocka_unit_test(each_call_of_opening_fails), cmocka_unit_test(files_may_not_grow),
  };
  return cmocka_run_group_tests_name("failing calls under the journal", tests, keys_up, keys_down);
}
