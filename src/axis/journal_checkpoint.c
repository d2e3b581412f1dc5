/* The thread that signs what the log holds. Its syncs, and the keys process's time, are its own: no entry waits behind them.
 * Between checkpoints it makes the log's files grow.
 *
 * It covers only what the writer has published, which is durable; the rows of the tree for it were written before that, and are synced
 * here before anything is signed over them. */
#include "axis/journal_inner.h"

#include "keys/message_signature.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { EVERY_MS = 300, RETRY_MS = 1000, LAST_WAIT_MS = 3000, STOPPING_MS = 50 };

/* ---- One checkpoint ---- */
static void checkpoint_signed(void *user, enum err err, const struct signature *signature)
{
  struct journal *journal = user;
  pthread_mutex_lock(&journal->lock);
  journal->sealing.state = err ? SEALING_REFUSED : SEALING_SIGNED;
  if (!err) journal->sealing.signature = *signature;
  pthread_cond_signal(&journal->seal);
  pthread_mutex_unlock(&journal->lock);
}

/* False: the disk failed. *text: what is to be signed. */
static bool checkpoint_prepare(struct journal *journal, struct arena *arena, struct checkpoint *checkpoint, const char **text)
{
  pthread_mutex_lock(&journal->lock);
  struct merkle_tree tree = journal->tree;
  pthread_mutex_unlock(&journal->lock);
  *checkpoint = (struct checkpoint){journal->origin, tree.size, merkle_root(&tree)};
  *text = checkpoint_write(arena, checkpoint);
  if (fdatasync(journal->tree_fd) == 0) return true;
  pthread_mutex_lock(&journal->lock);
  journal->failed = true;
  pthread_mutex_unlock(&journal->lock);
  return false;
}

static bool checkpoint_sign(struct journal *journal, const char *text, struct signature *signature)
{
  struct sealing *sealing = &journal->sealing;
  uint8_t digest[DIGEST_SIZE];
  sha256(text, strlen(text), digest);
  pthread_mutex_lock(&journal->lock);
  sealing->state = SEALING_ASKED;
  sealing->asked_us = clock_monotonic_us();
  pthread_mutex_unlock(&journal->lock);
  keys_sign(journal->keys, journal->key_name, digest, checkpoint_signed, journal);
  pthread_mutex_lock(&journal->lock);
  while (sealing->state == SEALING_ASKED) pthread_cond_wait(&journal->seal, &journal->lock);
  bool good = sealing->state == SEALING_SIGNED;
  *signature = sealing->signature;
  sealing->state = SEALING_NONE;
  pthread_mutex_unlock(&journal->lock);
  return good;
}

/* note NULL: there is none; it is tried again later. */
static void checkpoint_publish(struct journal *journal, const struct checkpoint *checkpoint, const char *note)
{
  pthread_mutex_lock(&journal->lock);
  if (note) {
    free(journal->last_note);
    journal->last_note = strdup(note);
    if (!journal->last_note) abort();
    journal->last_checkpoint = *checkpoint;
    journal->uncovered_since_us = journal->sealing.asked_us;
  } else {
    journal->sealing.asked_us = clock_monotonic_us() + (RETRY_MS - EVERY_MS) * 1000;
  }
  pthread_mutex_unlock(&journal->lock);
}

static void checkpoint_make(struct journal *journal)
{
  struct arena *arena = arena_new(1 << 20);
  struct checkpoint checkpoint;
  struct signature signature;
  const char *text, *note = NULL;
  if (checkpoint_prepare(journal, arena, &checkpoint, &text)) {
    if (checkpoint_sign(journal, text, &signature)) note = note_attach(arena, text, journal->origin, journal->public_key, &signature);
    if (note && !journal_file_replace(journal->folder, "checkpoint", note)) note = NULL;
    checkpoint_publish(journal, &checkpoint, note);
  }
  arena_free(arena);
}

/* ---- The thread ---- */

/* Under lock: when the next one falls due; 0: now, -1: not before there is something new. */
static int64_t checkpoint_wait_us(const struct journal *journal)
{
  if (journal->failed || journal->size == journal->last_checkpoint.size) return -1;
  int64_t wait_us = journal->sealing.asked_us + EVERY_MS * 1000 - clock_monotonic_us();
  bool failed = wait_us > EVERY_MS * 1000;
  return wait_us < 0 || (journal->sealer_stops && !failed) ? 0 : wait_us;
}

enum sealer_task { SEALER_ENDS, SEALER_SIGNS, SEALER_GROWS, SEALER_WAITS };

/* Under lock. It ends when the log is closed and nothing is left to be covered, or the keys process gives no last signature. */
static enum sealer_task sealer_task(const struct journal *journal, int64_t wait_us, int64_t stop_us)
{
  if (journal->sealer_stops && (wait_us < 0 || clock_monotonic_us() - stop_us > LAST_WAIT_MS * 1000)) return SEALER_ENDS;
  if (ahead_due(journal)) return SEALER_GROWS;
  return wait_us == 0 ? SEALER_SIGNS : SEALER_WAITS;
}

static enum sealer_task sealer_next(struct journal *journal, int64_t *stop_us)
{
  pthread_mutex_lock(&journal->lock);
  enum sealer_task task;
  for (;;) {
    int64_t wait_us = checkpoint_wait_us(journal);
    if (journal->sealer_stops && !*stop_us) *stop_us = clock_monotonic_us();
    task = sealer_task(journal, wait_us, *stop_us);
    if (task != SEALER_WAITS) break;
    if (wait_us < 0) pthread_cond_wait(&journal->seal, &journal->lock);
    else clock_wait(&journal->seal, &journal->lock, journal->sealer_stops && wait_us > STOPPING_MS * 1000 ? STOPPING_MS * 1000 : wait_us);
  }
  pthread_mutex_unlock(&journal->lock);
  return task;
}

static void *sealer_run(void *arg)
{
  struct journal *journal = arg;
  int64_t stop_us = 0;
  for (enum sealer_task task; (task = sealer_next(journal, &stop_us)) != SEALER_ENDS;) {
    if (task == SEALER_GROWS) ahead_grow(journal);
    else checkpoint_make(journal);
  }
  return NULL;
}

bool sealer_start(struct journal *journal)
{
  journal->sealer_runs = pthread_create(&journal->sealer, NULL, sealer_run, journal) == 0;
  if (journal->sealer_runs) pthread_setname_np(journal->sealer, "checkpoint");
  return journal->sealer_runs;
}

void sealer_stop(struct journal *journal)
{
  if (!journal->sealer_runs) return;
  pthread_mutex_lock(&journal->lock);
  journal->sealer_stops = true;
  pthread_cond_signal(&journal->seal);
  pthread_mutex_unlock(&journal->lock);
  pthread_join(journal->sealer, NULL);
}
