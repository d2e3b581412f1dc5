/* The log's files grown ahead with written zeros: a sync of entries then writes their bytes alone, and no inode.
 *
 * The checkpoint's thread grows them, and only into space that is set aside. The writer waits for it only when it has run into the very
 * piece that is being handed to the system, never for the disk; with none ready its own writes make the file longer.
 * Nothing is promised of the zeros: a start takes them for the end (journal_file.c), and cuts them off. */
#include "axis/journal_inner.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PIECE = 256 << 10, RETRY_US = 1000000 };

/* Descriptors of their own, so that an error with the disk is told to the writer by the writer's own sync all the same. */
static bool part_open(struct journal_ahead *ahead, const struct journal *journal, const char *name, int64_t end, int64_t step)
{
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%s", journal->folder, name);
  *ahead = (struct journal_ahead){open(path, O_WRONLY | O_CLOEXEC), end, step, 0};
  return ahead->fd >= 0;
}

bool ahead_open(struct journal *journal)
{
  return part_open(&journal->entries_ahead, journal, "entries", journal->entries_end, journal->reserve / 16) &&
         part_open(&journal->keys_ahead, journal, "keys", journal->size * ENTRY_KEY, journal->reserve / 256);
}

/* What is left of the zeros goes; where that can't be, the next start cuts it. */
static void part_close(const struct journal *journal, struct journal_ahead *ahead, int64_t end)
{
  if (ahead->fd < 0) return;
  if (!journal->failed && ahead->end > end && ftruncate(ahead->fd, end) == 0) ahead->end = end;
  close(ahead->fd);
}

void ahead_close(struct journal *journal)
{
  part_close(journal, &journal->entries_ahead, journal->entries_end);
  part_close(journal, &journal->keys_ahead, journal->size * ENTRY_KEY);
}

/* ---- The writer's side ---- */

void ahead_claim(struct journal *journal, int64_t entries_end, int64_t keys_end)
{
  struct journal_ahead *entries = &journal->entries_ahead, *keys = &journal->keys_ahead;
  pthread_mutex_lock(&journal->lock);
  while (journal->growing && (entries_end > entries->end || keys_end > keys->end)) pthread_cond_wait(&journal->grown, &journal->lock);
  if (entries_end > entries->end) entries->end = entries_end;
  if (keys_end > keys->end) keys->end = keys_end;
  pthread_mutex_unlock(&journal->lock);
}

/* ---- The other thread's ---- */

static bool part_due(const struct journal_ahead *ahead, int64_t used, int64_t now_us)
{
  return ahead->end - used < ahead->step / 2 && now_us >= ahead->retry_us;
}

bool ahead_due(const struct journal *journal)
{
  int64_t now_us = clock_monotonic_us();
  if (journal->failed || journal->stopping) return false;
  return (part_due(&journal->entries_ahead, journal->entries_end, now_us) && journal->entries_ahead.end + journal->entries_ahead.step <= journal->reserved_end) ||
         part_due(&journal->keys_ahead, journal->size * ENTRY_KEY, now_us);
}

/* One piece; the writer may have gone on meanwhile. False: the disk took none. */
static bool piece_grow(struct journal *journal, struct journal_ahead *ahead, const uint8_t *zeros, int64_t most, int64_t *from)
{
  pthread_mutex_lock(&journal->lock);
  *from = ahead->end;
  size_t size = most - *from < PIECE ? (size_t)(most - *from > 0 ? most - *from : 0) : PIECE;
  journal->growing = size > 0;
  pthread_mutex_unlock(&journal->lock);
  bool good = size == 0 || journal_file_write(ahead->fd, zeros, size, *from);
  pthread_mutex_lock(&journal->lock);
  if (good && size > 0) ahead->end = *from + (int64_t)size;
  if (!good) ahead->retry_us = clock_monotonic_us() + RETRY_US;
  journal->growing = false;
  pthread_cond_signal(&journal->grown);
  pthread_mutex_unlock(&journal->lock);
  return good;
}

/* In pieces that are on their way to the disk before the next is written: a sync of entries meets few of them. */
static void part_grow(struct journal *journal, struct journal_ahead *ahead, int64_t used, int64_t most)
{
  pthread_mutex_lock(&journal->lock);
  int64_t from = ahead->end, end = from + ahead->step;
  bool due = !journal->failed && part_due(ahead, used, clock_monotonic_us()) && end <= most;
  pthread_mutex_unlock(&journal->lock);
  uint8_t *zeros = due ? calloc(1, PIECE) : NULL;
  if (due && !zeros) abort();
  while (due && from < end) {
    due = piece_grow(journal, ahead, zeros, end, &from);
    if (due && from < end) sync_file_range(ahead->fd, from, PIECE, SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
  }
  free(zeros);
}

void ahead_grow(struct journal *journal)
{
  pthread_mutex_lock(&journal->lock);
  int64_t entries = journal->entries_end, keys = journal->size * ENTRY_KEY, reserved = journal->reserved_end;
  pthread_mutex_unlock(&journal->lock);
  part_grow(journal, &journal->keys_ahead, keys, INT64_MAX);
  part_grow(journal, &journal->entries_ahead, entries, reserved);
}
