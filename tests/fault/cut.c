/* Walks along the log: the image grows by a change, the power goes, what is left is looked at, and the walk goes on. */
#include "cut.h"

#include "store/testing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

void cut_in_memory(void)
{
  if (access("/dev/shm", W_OK) == 0) setenv("TMPDIR", "/dev/shm", 0);
}

bool told_has(const struct told *told, int64_t number)
{
  for (size_t i = 0; i < told->count; i++)
    if (told->items[i] == number) return true;
  return false;
}

static bool is_sync(size_t at)
{
  if (at >= drive_event_count()) return false;
  enum drive_change change = drive_event_at(at)->change;
  return change >= DRIVE_SYNCED && change <= DRIVE_NAMES_SYNC_FAILED;
}

/* How many images to make when so many changes were taken: just behind a sync little is left to tear. */
static int images(const struct cut_walk *walk, size_t taken)
{
  if (taken < walk->start) return 0;
  if (taken == drive_event_count() || is_sync(taken) || (walk->between && taken % (size_t)walk->between == 0)) return 1 + walk->tears;
  return taken > 0 && is_sync(taken - 1);
}

static void cut_once(const struct cut_walk *walk, const struct image *image, const struct told *told, size_t taken, int tear)
{
  static const struct clock machine;
  struct cx *cx = cx_new_alone(&machine, NULL);
  const char *folder = testing_folder(cx);
  image_write(image, folder, tear ? CUT_TEAR : CUT_DROP, taken * 31 + (uint64_t)tear);
  const char *wrong = walk->check(cx, folder, told, walk->user);
  if (wrong) print_error("power cut after change %zu of %zu, tear %d: %s\n", taken, drive_event_count(), tear, wrong);
  for (size_t i = 0; wrong && i < cx->problems.count; i++) print_error("  %s\n", cx->problems.items[i].key);
  assert_null(wrong);
  cx_free_alone(cx);
}

int cut_everywhere(const struct cut_walk *walk)
{
  struct image *image = image_new();
  struct told told = {.items = calloc(drive_event_count() + 1, sizeof *told.items)};
  int cuts = 0;
  for (size_t taken = 0; taken <= drive_event_count(); taken++) {
    for (int tear = 0, most = images(walk, taken); tear < most; tear++, cuts++) cut_once(walk, image, &told, taken, tear);
    if (taken == drive_event_count()) break;
    const struct drive_event *event = drive_event_at(taken);
    if (event->change == DRIVE_TOLD) told.items[told.count++] = event->number;
    image_take(image, event);
  }
  image_free(image);
  free(told.items);
  return cuts;
}
