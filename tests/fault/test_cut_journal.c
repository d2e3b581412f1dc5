/* The power goes at every change that the journal makes: each acknowledged entry is there and readable, and the tree goes on from every
 * checkpoint that was seen before. */
#include "cut.h"
#include "entries.h"

#include "axis/journal_inner.h"
#include "keys/test_process.h"
#include "store/testing.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

enum { BATCHES = 8, BATCH = 3, ENTRIES = BATCHES * BATCH, SEEN_MAX = 40, SEEN = 100000 };

static const struct clock machine;
static struct test_process process;

struct story { struct checkpoint seen[SEEN_MAX]; int count; };

/* Waits for the checkpoint that covers the whole, and remembers it; told as SEEN + its place. */
static void checkpoint_see(struct cx *cx, struct journal *journal, struct story *story)
{
  const char *note;
  struct checkpoint checkpoint = {0};
  for (int i = 0; i < 400; i++) {
    enum err err = journal_checkpoint(cx, journal, &note, &checkpoint);
    if (!err && checkpoint.size == journal_size(journal)) break;
    usleep(5000);
  }
  assert_int_equal(checkpoint.size, journal_size(journal));
  story->seen[story->count] = checkpoint;
  drive_tell(SEEN + story->count++);
}

static bool goes_on_from(struct cx *cx, struct journal *journal, const struct checkpoint *seen)
{
  struct merkle_proof proof;
  int64_t size = journal_size(journal);
  if (size < seen->size || journal_prove_consistency(cx, journal, seen->size, size, &proof)) return false;
  return merkle_check_consistency(seen->size, seen->root, size, merkle_root(&journal->tree), &proof);
}

static const char *look(struct cx *cx, struct journal *journal, const struct told *told, const struct story *story)
{
  for (int i = 0; i < story->count; i++)
    if (told_has(told, SEEN + i) && !goes_on_from(cx, journal, &story->seen[i])) return "the tree does not go on from a checkpoint that was seen";
  for (size_t i = 0; i < told->count; i++)
    if (told->items[i] < SEEN && !entries_hold(cx, journal, told->items[i], told->items[i])) return "an acknowledged entry is lost";
  return journal_verify(cx, journal) ? "the journal is damaged" : NULL;
}

static const char *check(struct cx *cx, const char *folder, const struct told *told, void *user)
{
  struct journal *journal;
  if (entries_open(cx, folder, process.keys, &journal)) return "the journal does not open";
  const char *wrong = look(cx, journal, told, user);
  int64_t size = journal_size(journal);
  if (!wrong && entries_append(journal, size, 1)) wrong = "the journal takes no more";
  if (!wrong && !entries_hold(cx, journal, size, size)) wrong = "a new entry is not there";
  journal_close(journal);
  return wrong;
}

/* A journal in a fresh folder whose every change is kept from here on. */
static struct journal *begin(struct cx *cx)
{
  struct journal *journal;
  const char *folder = testing_folder(cx);
  drive_start(folder);
  assert_int_equal(entries_open(cx, folder, process.keys, &journal), OK);
  return journal;
}

static void power_cut_at_every_change(void **state)
{
  struct cx *cx = cx_new_alone(&machine, NULL);
  struct story story = {0};
  struct journal *journal = begin(cx);
  for (int i = 0; i < BATCHES; i++) {
    assert_int_equal(entries_append(journal, (int64_t)i * BATCH, BATCH), OK);
    if (i % 3 == 1) checkpoint_see(cx, journal, &story);
  }
  journal_close(journal);
  drive_stop();
  int cuts = cut_everywhere(&(struct cut_walk){.check = check, .user = &story, .tears = 2, .between = 1});
  print_message("journal: %d power cuts over %zu changes\n", cuts, drive_event_count());
  drive_end();
  cx_free_alone(cx);
}

/* The disk takes long over a checkpoint's sync: entries are acknowledged meanwhile, and the power goes at every change of that too. */
static void power_cut_while_a_checkpoint_waits(void **state)
{
  static const char *const held[] = {"journal/tree", "journal/checkpoint.new"};
  struct cx *cx = cx_new_alone(&machine, NULL);
  struct story story = {0};
  struct journal *journal = begin(cx);
  assert_int_equal(entries_append(journal, 0, BATCH), OK);
  checkpoint_see(cx, journal, &story);
  for (int i = 0; i < 2; i++) {
    const char *note;
    struct checkpoint checkpoint;
    drive_hold(held[i]);
    assert_int_equal(entries_append(journal, journal_size(journal), BATCH), OK);
    drive_wait_held();
    int64_t covered = story.seen[story.count - 1].size;
    for (int batch = 0; batch < 3; batch++) assert_int_equal(entries_append(journal, journal_size(journal), BATCH), OK);
    assert_int_equal(journal_checkpoint(cx, journal, &note, &checkpoint), OK);
    assert_int_equal(checkpoint.size, covered);
    drive_release();
    checkpoint_see(cx, journal, &story);
  }
  journal_close(journal);
  drive_stop();
  int cuts = cut_everywhere(&(struct cut_walk){.check = check, .user = &story, .tears = 2, .between = 1});
  print_message("journal, entries while a checkpoint waits: %d power cuts\n", cuts);
  drive_end();
  cx_free_alone(cx);
}

/* All changes so far, as the system shows them to the next process, in a folder of its own. */
static void kill_into(const char *folder)
{
  struct image *image = image_new();
  for (size_t i = 0; i < drive_event_count(); i++) image_take(image, drive_event_at(i));
  image_write(image, folder, CUT_NONE, 0);
  image_free(image);
}

/* A sync failed and nobody was told; the journal takes no more. The process is started again: what the system shows it of those entries
 * is on no disk. Then it works on, and the power goes. */
static void power_cut_after_a_failed_sync_and_a_restart(void **state)
{
  int cuts = 0;
  for (int64_t sync = 0; sync < 2; sync++) {
    struct cx *cx = cx_new_alone(&machine, NULL);
    struct story story = {0};
    struct journal *journal;
    const char *folder = testing_folder(cx), *again = testing_folder(cx);
    drive_start(folder);
    assert_int_equal(entries_open(cx, folder, process.keys, &journal), OK);
    assert_int_equal(entries_append(journal, 0, BATCH), OK);
    checkpoint_see(cx, journal, &story);
    drive_break(DRIVE_SYNC, sync, EIO, 0);
    assert_int_equal(entries_append(journal, BATCH, BATCH), ERR_STORAGE);
    assert_int_equal(entries_append(journal, BATCH, BATCH), ERR_STORAGE);
    assert_true(entries_hold(cx, journal, 1, 1));
    size_t ended = drive_event_count();
    kill_into(again);
    drive_stop();
    journal_close(journal);
    drive_go_on(again);
    assert_int_equal(entries_open(cx, again, process.keys, &journal), OK);
    assert_int_equal(entries_append(journal, journal_size(journal), BATCH), OK);
    checkpoint_see(cx, journal, &story);
    journal_close(journal);
    drive_stop();
    cuts += cut_everywhere(&(struct cut_walk){.check = check, .user = &story, .start = ended, .tears = 2, .between = 1});
    drive_end();
    cx_free_alone(cx);
  }
  print_message("journal started again: %d power cuts\n", cuts);
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
  const struct CMUnitTest tests[] = {cmocka_unit_test(power_cut_at_every_change), cmocka_unit_test(power_cut_while_a_checkpoint_waits),
                                     cmocka_unit_test(power_cut_after_a_failed_sync_and_a_restart)};
  return cmocka_run_group_tests_name("power cuts under the journal", tests, keys_up, keys_down);
}
