/* The one thread that writes the log: what waits is written together and synced once; then the callers are told.
 * A checkpoint is asked of the keys process meanwhile, and written when it comes back: a slow signature delays no entry. */
#include "axis/journal_inner.h"

#include "keys/message_signature.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BATCH_BYTES = 16 << 20, CHECKPOINT_EVERY_MS = 300, CHECKPOINT_RETRY_MS = 1000, SPACE_EVERY_MS = 1000, LAST_CHECKPOINT_WAIT_MS = 3000 };

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
  else journal->reserve_retry_us = now_us + SPACE_EVERY_MS * 1000;
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
    if (bytes->count > 0 && journal->size == journal->last_checkpoint.size) journal->uncovered_since_us = clock_monotonic_us();
    journal->size += bytes->count;
    journal->entries_end += (int64_t)bytes->entries.size;
  }
  pthread_mutex_unlock(&journal->lock);
}

static void batch_run(struct journal *journal, struct journal_append *batch)
{
  struct batch_bytes bytes = {0};
  bool good = !journal->failed;
  if (good) batch_build(journal, batch, &bytes);
  if (good) good = batch_write(journal, &bytes);
  batch_publish(journal, batch, &bytes, good);
  buffer_done(&bytes.entries);
  buffer_done(&bytes.keys);
  buffer_done(&bytes.tree);
  for (struct journal_append *append = batch, *next; append; append = next) {
    next = append->next;
    append->done(append->user, append->err, append->err ? -1 : append->index);
    append_free(append);
  }
}

/* ---- Checkpoints ---- */
static void checkpoint_signed(void *user, enum err err, const struct signature *signature)
{
  struct journal *journal = user;
  pthread_mutex_lock(&journal->lock);
  journal->sealing.state = err ? SEALING_REFUSED : SEALING_SIGNED;
  if (!err) journal->sealing.signature = *signature;
  pthread_cond_signal(&journal->wake);
  pthread_mutex_unlock(&journal->lock);
}

/* Under lock. */
static bool checkpoint_due(const struct journal *journal)
{
  if (journal->sealing.state != SEALING_NONE || journal->failed || journal->size == journal->last_checkpoint.size) return false;
  return journal->stopping || clock_monotonic_us() - journal->sealing.asked_us >= CHECKPOINT_EVERY_MS * 1000;
}

static void checkpoint_ask(struct journal *journal)
{
  struct sealing *sealing = &journal->sealing;
  if (fdatasync(journal->tree_fd) != 0) {
    pthread_mutex_lock(&journal->lock);
    journal->failed = true;
    pthread_mutex_unlock(&journal->lock);
    return;
  }
  sealing->checkpoint = (struct checkpoint){journal->origin, journal->size, merkle_root(&journal->tree)};
  sealing->arena = arena_new(1 << 20);
  sealing->text = checkpoint_write(sealing->arena, &sealing->checkpoint);
  uint8_t digest[DIGEST_SIZE];
  sha256(sealing->text, strlen(sealing->text), digest);
  pthread_mutex_lock(&journal->lock);
  sealing->state = SEALING_ASKED;
  sealing->asked_us = clock_monotonic_us();
  pthread_mutex_unlock(&journal->lock);
  keys_sign(journal->keys, journal->key_name, digest, checkpoint_signed, journal);
}

static void checkpoint_end(struct journal *journal)
{
  struct sealing *sealing = &journal->sealing;
  bool good = sealing->state == SEALING_SIGNED;
  const char *note = good ? note_attach(sealing->arena, sealing->text, journal->origin, journal->public_key, &sealing->signature) : NULL;
  good = good && journal_file_replace(journal->folder, "checkpoint", note);
  pthread_mutex_lock(&journal->lock);
  if (good) {
    free(journal->last_note);
    journal->last_note = strdup(note);
    if (!journal->last_note) abort();
    journal->last_checkpoint = sealing->checkpoint;
    journal->uncovered_since_us = sealing->asked_us;
  } else {
    sealing->asked_us = clock_monotonic_us() + (CHECKPOINT_RETRY_MS - CHECKPOINT_EVERY_MS) * 1000;
  }
  sealing->state = SEALING_NONE;
  pthread_mutex_unlock(&journal->lock);
  arena_free(sealing->arena);
  sealing->arena = NULL;
}

/* ---- The thread ---- */

/* Under lock: until there is something to do, or a checkpoint falls due. */
static void writer_wait(struct journal *journal)
{
  int64_t wait_us = 1000 * SECOND_US;
  if (journal->size != journal->last_checkpoint.size && journal->sealing.state == SEALING_NONE)
    wait_us = journal->sealing.asked_us + CHECKPOINT_EVERY_MS * 1000 - clock_monotonic_us();
  if (space_low(journal) && wait_us > SPACE_EVERY_MS * 1000) wait_us = SPACE_EVERY_MS * 1000;
  if (journal->stopping && wait_us > 10000) wait_us = 10000;
  if (wait_us < 1000) wait_us = 1000;
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  int64_t nanoseconds = until.tv_nsec + wait_us % SECOND_US * 1000;
  until.tv_sec += wait_us / SECOND_US + nanoseconds / 1000000000;
  until.tv_nsec = nanoseconds % 1000000000;
  pthread_cond_timedwait(&journal->wake, &journal->lock, &until);
}

/* Under lock: nothing left, or the keys process gives no last signature. */
static bool writer_may_end(const struct journal *journal, int64_t stop_us)
{
  if (!journal->stopping || journal->first) return false;
  bool asleep = journal->sealing.state == SEALING_NONE;
  bool covered = journal->failed || journal->size == journal->last_checkpoint.size;
  return (asleep && covered) || (asleep && clock_monotonic_us() - stop_us > LAST_CHECKPOINT_WAIT_MS * 1000);
}

static void *writer_run(void *arg)
{
  struct journal *journal = arg;
  int64_t stop_us = 0;
  for (;;) {
    space_keep(journal);
    pthread_mutex_lock(&journal->lock);
    bool signed_now = journal->sealing.state == SEALING_SIGNED || journal->sealing.state == SEALING_REFUSED;
    if (journal->stopping && !stop_us) stop_us = clock_monotonic_us();
    bool end = writer_may_end(journal, stop_us);
    if (!end && !journal->first && !signed_now && !checkpoint_due(journal)) writer_wait(journal);
    struct journal_append *batch = batch_take(journal);
    signed_now = journal->sealing.state == SEALING_SIGNED || journal->sealing.state == SEALING_REFUSED;
    bool due = checkpoint_due(journal);
    pthread_mutex_unlock(&journal->lock);
    if (end) return NULL;
    if (batch) batch_run(journal, batch);
    if (signed_now) checkpoint_end(journal);
    if (due) checkpoint_ask(journal);
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
