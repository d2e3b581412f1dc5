/* The one writer: callers take turns on one connection, each in a savepoint of one open transaction, and the last of
 * those who are there commits for all. While one commit waits for the disk, the next batch gathers at the door; so the
 * disk is asked once for many, and nobody is ever delayed for company. */
#include "store/sqlite_inner.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

/* A batch is closed when this many took part or it is this old, so that its first caller is answered in bounded time. */
enum { BATCH_MAX = 128, BATCH_US = 10000 };

struct batch {
  int64_t begun_us;
  int members;                   /* whose work is to be committed */
  int holders;                   /* threads that still look at it */
  bool ended;
  enum err err;
  bool full;                     /* the disk was full */
  pthread_cond_t end;
};

static struct batch *batch_open(struct sqlite_store *store)
{
  struct batch *batch = calloc(1, sizeof *batch);
  if (!batch) abort();
  batch->begun_us = clock_monotonic_us();
  pthread_cond_init(&batch->end, NULL);
  return store->batch = batch;
}

static void batch_release(struct batch *batch)
{
  if (--batch->holders > 0 || !batch->ended) return;
  pthread_cond_destroy(&batch->end);
  free(batch);
}

/* Ends the open transaction for all who took part in it; cx is of the one who does it. */
static void batch_end(struct cx *cx, struct sqlite_store *store)
{
  struct batch *batch = store->batch;
  struct connection *writer = &store->writer;
  bool open = !sqlite3_get_autocommit(writer->db);
  int code = SQLITE_ABORT;
  if (open) code = connection_control(writer, batch->members ? CONTROL_COMMIT : CONTROL_ROLLBACK);
  else if (sqlite3_errcode(writer->db) == SQLITE_FULL) code = SQLITE_FULL;
  if (code != SQLITE_OK) {
    size_t before = cx->problems.count;
    sqlite_fail(cx, writer, "commit");
    cx->problems.count = before;   /* each caller says it on its own */
    batch->err = ERR_STORAGE;
    batch->full = code == SQLITE_FULL;
    if (!sqlite3_get_autocommit(writer->db)) connection_control(writer, CONTROL_ROLLBACK);
  }
  batch->ended = true;
  store->batch = NULL;
  pthread_cond_broadcast(&batch->end);
}

/* fn in its savepoint: its work stands in the open transaction, or nothing of it. */
static enum err savepoint_run(struct cx *cx, struct sqlite_store *store, store_fn *fn, void *arg)
{
  struct connection *writer = &store->writer;
  if (connection_control(writer, CONTROL_SAVEPOINT) != SQLITE_OK) return sqlite_fail(cx, writer, "savepoint");
  struct sqlite_tx tx = {.tx = {.store = &store->store}, .connection = writer};
  atomic_store(&store->owner, (int)gettid());
  enum err err = fn(cx, &tx.tx, arg);
  atomic_store(&store->owner, 0);
  if (tx.tx.failed) err = tx.tx.failed;
  if (!err && arena_over(cx->arena)) err = cx_fail(cx, ERR_MEMORY, NULL, "error.memory", NULL);
  /* SQLite undoes the whole transaction by itself on some failures, a full disk among them. */
  if (sqlite3_get_autocommit(writer->db)) return err ? err : ERR_STORAGE;
  if (err && connection_control(writer, CONTROL_UNDO) != SQLITE_OK) sqlite_fail(cx, writer, "undo");
  if (connection_control(writer, CONTROL_RELEASE) != SQLITE_OK && !err) err = sqlite_fail(cx, writer, "release");
  return err;
}

static bool batch_due(const struct sqlite_store *store)
{
  const struct batch *batch = store->batch;
  return atomic_load(&store->waiting) == 0 || batch->members >= BATCH_MAX || clock_monotonic_us() - batch->begun_us > BATCH_US ||
         sqlite3_get_autocommit(store->writer.db);
}

/* With the turn taken: runs fn, and returns when the batch that holds its work has ended. */
static enum err turn_run(struct cx *cx, struct sqlite_store *store, store_fn *fn, void *arg)
{
  if (!store->batch) {
    if (connection_control(&store->writer, CONTROL_BEGIN_WRITE) != SQLITE_OK) return sqlite_fail(cx, &store->writer, "begin");
    batch_open(store);
  }
  struct batch *batch = store->batch;
  batch->holders++;
  enum err err = savepoint_run(cx, store, fn, arg);
  if (!err) batch->members++;
  if (batch_due(store)) batch_end(cx, store);
  /* Somebody waits for the turn, comes into this batch, and decides the same at its end. */
  while (!err && !batch->ended) pthread_cond_wait(&batch->end, &store->turn);
  if (!err && batch->err) err = cx_fail(cx, batch->err, NULL, batch->full ? "error.storage_full" : "error.storage", NULL);
  batch_release(batch);
  return err;
}

enum err sqlite_write(struct cx *cx, struct store *base, store_fn *fn, void *arg)
{
  struct sqlite_store *store = (struct sqlite_store *)base;
  assert(atomic_load(&store->owner) != (int)gettid());
  atomic_fetch_add(&store->waiting, 1);
  pthread_mutex_lock(&store->turn);
  atomic_fetch_sub(&store->waiting, 1);
  enum err err = turn_run(cx, store, fn, arg);
  pthread_mutex_unlock(&store->turn);
  return err;
}
