/* The one thread that writes the log: what waits is written together and synced once; then the callers are told. */
#include "axis/journal_inner.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BATCH_BYTES = 16 << 20, SPACE_EVERY_S = 1, CROWD = 2, GATHER_US_MAX = 1000 };

/* ---- Entries ---- */

/* Takes waiting appends off the queue; under lock. Those that failed already are in the list too. */
static struct journal_append *batch_take(struct journal *journal)
{
  struct journal_append *batch = journal->first, *last = NULL;
  int64_t bytes = 0;
  for (struct journal_append *append = batch; append && bytes < BATCH_BYTES; append = append->next) {
    bytes += (int64_t)append->sealed_size;
    last = append;
  }
  if (!last) return NULL;
  journal->first = last->next;
  if (!journal->first) journal->last = &journal->first;
  last->next = NULL;
  return batch;
}

struct batch_bytes { struct buffer entries, keys, tree; int64_t count; };

static void batch_build(struct journal *journal, struct journal_append *batch, struct batch_bytes *bytes)
{
  for (struct journal_append *append = batch; append; append = append->next) {
    if (append->err) continue;
    append->index = journal->size + bytes->count++;
    uint8_t row[TREE_ROW];
    tree_row_write(row, journal->entries_end + (int64_t)bytes->entries.size, content_leaf(&append->content));
    buffer_add(&bytes->tree, row, sizeof row);
    buffer_add(&bytes->keys, append->key, ENTRY_KEY);
    const struct frame frame = {append->index, journal->size, append->content, append->sealed, append->sealed_size};
    frame_write(&bytes->entries, &frame);
  }
}

/* Keys first: an entry without its key would be a promise that can't be kept. */
static bool batch_write(struct journal *journal, const struct batch_bytes *bytes)
{
  if (bytes->count == 0) return true;
  ahead_claim(journal, journal->entries_end + (int64_t)bytes->entries.size, (journal->size + bytes->count) * ENTRY_KEY);
  return journal_file_write(journal->keys_fd, bytes->keys.data, bytes->keys.size, journal->size * ENTRY_KEY) &&
         fdatasync(journal->keys_fd) == 0 &&
         journal_file_write(journal->entries_fd, bytes->entries.data, bytes->entries.size, journal->entries_end) &&
         fdatasync(journal->entries_fd) == 0 &&
         journal_file_write(journal->tree_fd, bytes->tree.data, bytes->tree.size, journal->size * TREE_ROW);
}

static bool space_low(const struct journal *journal)
{
  return journal->reserved_end - journal->entries_end - journal->queued_bytes < journal->reserve / 2;
}

/* A disk that was full may have been given room again: nobody has to start the node anew. */
static void space_keep(struct journal *journal)
{
  int64_t now_us = clock_monotonic_us(), end = journal->entries_end + journal->reserve;
  pthread_mutex_lock(&journal->lock);
  bool due = space_low(journal) && now_us >= journal->reserve_retry_us;
  pthread_mutex_unlock(&journal->lock);
  if (!due) return;
  bool good = journal_reserve(journal, end);
  pthread_mutex_lock(&journal->lock);
  if (good) journal->reserved_end = end;
  else journal->reserve_retry_us = now_us + SPACE_EVERY_S * SECOND_US;
  pthread_mutex_unlock(&journal->lock);
}

static void batch_publish(struct journal *journal, struct journal_append *batch, const struct batch_bytes *bytes, bool good)
{
  pthread_mutex_lock(&journal->lock);
  if (!good) journal->failed = true; /* after a failed sync nobody knows what the disk holds: only a new start can tell */
  for (struct journal_append *append = batch; append; append = append->next) {
    if (!append->err) journal->queued_bytes -= FRAME_HEAD + HASH_SIZE + (int64_t)append->sealed_size;
    if (!append->err && !good) append->err = ERR_STORAGE;
    if (!append->err) tree_add(journal, content_leaf(&append->content));
  }
  if (good) {
    bool first = bytes->count > 0 && journal->size == journal->last_checkpoint.size;
    if (first) journal->uncovered_since_us = clock_monotonic_us();
    journal->size += bytes->count;
    journal->entries_end += (int64_t)bytes->entries.size;
    if (first || ahead_due(journal)) pthread_cond_signal(&journal->seal);
  }
  pthread_mutex_unlock(&journal->lock);
}

/* How long to wait for others before the next. Where several came together more are on their way: as long a wait as this batch took lets
 * one sync serve twice as many, and nobody who comes wakes the thread meanwhile. Who came alone makes nobody wait. */
static int64_t batch_run(struct journal *journal, struct journal_append *batch)
{
  struct batch_bytes bytes = {0};
  int64_t start_us = clock_monotonic_us();
  pthread_mutex_lock(&journal->lock);
  bool good = !journal->failed;
  pthread_mutex_unlock(&journal->lock);
  if (good) batch_build(journal, batch, &bytes);
  if (good) good = batch_write(journal, &bytes);
  int64_t took_us = clock_monotonic_us() - start_us;
  batch_publish(journal, batch, &bytes, good);
  buffer_done(&bytes.entries);
  buffer_done(&bytes.keys);
  buffer_done(&bytes.tree);
  for (struct journal_append *append = batch, *next; append; append = next) {
    next = append->next;
    append->done(append->user, append->err, append->err ? -1 : append->index);
    append_free(append);
  }
  if (bytes.count < CROWD) return 0;
  return took_us < GATHER_US_MAX ? took_us : GATHER_US_MAX;
}

/* ---- The thread ---- */

/* Under lock: until there is something to do. */
static void writer_wait(struct journal *journal)
{
  if (space_low(journal)) clock_wait(&journal->wake, &journal->lock, SPACE_EVERY_S * SECOND_US);
  else pthread_cond_wait(&journal->wake, &journal->lock);
}

static void *writer_run(void *arg)
{
  struct journal *journal = arg;
  int64_t gather_us = 0;
  for (;;) {
    space_keep(journal);
    if (gather_us > 0) usleep((useconds_t)gather_us);
    pthread_mutex_lock(&journal->lock);
    if (!journal->stopping && !journal->first) writer_wait(journal);
    struct journal_append *batch = batch_take(journal);
    bool end = journal->stopping && !batch;
    pthread_mutex_unlock(&journal->lock);
    if (end) return NULL;
    gather_us = batch ? batch_run(journal, batch) : 0;
  }
}

bool writer_start(struct journal *journal)
{
  journal->writer_runs = pthread_create(&journal->writer, NULL, writer_run, journal) == 0;
  if (journal->writer_runs) pthread_setname_np(journal->writer, "journal");
  return journal->writer_runs;
}

void writer_stop(struct journal *journal)
{
  if (!journal->writer_runs) return;
  pthread_mutex_lock(&journal->lock);
  journal->stopping = true;
  pthread_cond_signal(&journal->wake);
  pthread_mutex_unlock(&journal->lock);
  pthread_join(journal->writer, NULL);
}
