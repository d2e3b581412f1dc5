/* The PostgreSQL engine: a transaction is run SERIALIZABLE and run again when it met others. The first two attempts run
 * side by side; one that met others twice runs alone in this process, so that many who want the same row all get it. */
#include "store/postgres_inner.h"

#include "base/text.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ATTEMPTS_MAX = 5, ATTEMPTS_TOGETHER = 2, BACK_OFF_US = 2000 };

/* ---- Transactions ---- */

/* A session with an open transaction. An idle one may have been ended by the server: then it and its like are dropped,
 * and a fresh one is tried once. */
static enum err transaction_begin(struct cx *cx, struct postgres_store *store, const char *begin, struct postgres_tx *tx)
{
  for (int attempt = 0;; attempt++) {
    size_t before = cx->problems.count;
    *tx = (struct postgres_tx){.tx = {.store = &store->store}};
    enum err err = session_take(cx, store, &tx->session);
    if (err) return err;
    if (!*begin || session_script(cx, tx, begin) == OK) return OK;
    bool lost = tx->again == AGAIN_LOST;
    session_return(store, tx->session);
    if (!lost || attempt > 0) return tx->tx.failed;
    sessions_drop(store);
    cx->problems.count = before;
  }
}

static enum err transaction_fill(struct cx *cx, struct postgres_tx *tx, store_fn *fn, void *arg)
{
  enum err err = fn(cx, &tx->tx, arg);
  if (tx->tx.failed) return tx->tx.failed;
  if (!err && arena_over(cx->arena)) err = cx_fail(cx, ERR_MEMORY, NULL, "error.memory", NULL);
  if (err) {
    tx->again = AGAIN_NO;
    session_script(cx, tx, "rollback");
    return err;
  }
  session_script(cx, tx, "commit");
  /* Whether a commit whose answer was lost was made is not known: it is not made twice. */
  if (tx->again == AGAIN_LOST) tx->again = AGAIN_NO;
  return tx->tx.failed;
}

static void transaction_leave(struct session *session)
{
  PGTransactionStatusType status = PQtransactionStatus(session->connection);
  if (status == PQTRANS_INERROR || status == PQTRANS_INTRANS) PQclear(PQexec(session->connection, "rollback"));
}

static enum err write_once(struct cx *cx, struct postgres_store *store, store_fn *fn, void *arg, enum again *again)
{
  struct postgres_tx tx;
  *again = AGAIN_NO;
  enum err err = transaction_begin(cx, store, "begin isolation level serializable", &tx);
  if (err) return err;
  err = transaction_fill(cx, &tx, fn, arg);
  *again = err ? tx.again : AGAIN_NO;
  transaction_leave(tx.session);
  session_return(store, tx.session);
  if (*again == AGAIN_LOST) sessions_drop(store);
  return err;
}

/* A unique violation may be another's number taken at the same moment: alone, it is what it says. */
static bool worth_again(enum again again, int attempt)
{
  return again != AGAIN_NO && (again != AGAIN_UNIQUE || attempt < ATTEMPTS_TOGETHER);
}

static void back_off(int attempt)
{
  uint32_t random;
  random_bytes(&random, sizeof random);
  struct timespec pause = {.tv_nsec = (long)(random % (uint32_t)(BACK_OFF_US << attempt)) * 1000};
  nanosleep(&pause, NULL);
}

static enum err postgres_write(struct cx *cx, struct store *base, store_fn *fn, void *arg)
{
  struct postgres_store *store = (struct postgres_store *)base;
  size_t before = cx->problems.count;
  for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    enum again again;
    if (attempt < ATTEMPTS_TOGETHER) pthread_rwlock_rdlock(&store->gate);
    else pthread_rwlock_wrlock(&store->gate);
    enum err err = write_once(cx, store, fn, arg, &again);
    pthread_rwlock_unlock(&store->gate);
    if (!worth_again(again, attempt)) return err;
    cx->problems.count = before;
    back_off(attempt);
  }
  return cx_fail(cx, ERR_BUSY, NULL, "error.busy", NULL);
}

/* A snapshot that cannot fail for others' sake; a single statement is a snapshot by itself. */
static enum err read_once(struct cx *cx, struct postgres_store *store, store_fn *fn, void *arg, bool single, enum again *again)
{
  struct postgres_tx tx;
  *again = AGAIN_NO;
  enum err err = transaction_begin(cx, store, single ? "" : "begin isolation level repeatable read read only", &tx);
  if (err) return err;
  err = fn(cx, &tx.tx, arg);
  if (tx.tx.failed) err = tx.tx.failed;
  *again = err ? tx.again : AGAIN_NO;
  transaction_leave(tx.session);
  session_return(store, tx.session);
  if (*again == AGAIN_LOST) sessions_drop(store);
  return err;
}

static enum err postgres_read(struct cx *cx, struct store *base, store_fn *fn, void *arg, bool single)
{
  struct postgres_store *store = (struct postgres_store *)base;
  size_t before = cx->problems.count;
  enum again again;
  enum err err = read_once(cx, store, fn, arg, single, &again);
  if (!single || again != AGAIN_LOST) return err;
  cx->problems.count = before;
  return read_once(cx, store, fn, arg, single, &again);
}

/* ---- The store ---- */

/* A migration may build an index over a million rows: it takes its time. */
static enum err postgres_script(struct cx *cx, struct tx *tx, const char *sql)
{
  enum err err = session_script(cx, (struct postgres_tx *)tx, "set local statement_timeout = 0");
  return err ? err : session_script(cx, (struct postgres_tx *)tx, sql);
}

static enum err check_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct store *store = arg;
  size_t before = cx->problems.count;
  for (size_t i = 0; i < statement_slots(store); i++) {
    const struct statement *statement = statement_at(store, i);
    enum err err = statement_prepare_on(cx, (struct postgres_tx *)tx, statement);
    if (!err) continue;
    cx->problems.count = before;
    return cx_fail(cx, err, NULL, "store.error.statement", "statement", statement->name, NULL);
  }
  return OK;
}

static enum err postgres_check(struct cx *cx, struct store *store)
{
  return store_read(cx, store, check_in, store);
}

static enum err postgres_backup(struct cx *cx, struct store *store, const char *path)
{
  return cx_fail(cx, ERR_INPUT, NULL, "store.error.backup_postgres", NULL);
}

static void postgres_close(struct store *base)
{
  struct postgres_store *store = (struct postgres_store *)base;
  assert(store->idle_count == store->open_count);
  sessions_drop(store);
  pthread_mutex_destroy(&store->mutex);
  pthread_cond_destroy(&store->returned);
  pthread_rwlock_destroy(&store->gate);
  free(store->idle);
  free(store->conninfo);
  free(store);
}

static const struct engine postgres_engine = {
  .close = postgres_close, .check = postgres_check, .backup = postgres_backup, .write = postgres_write,
  .read = postgres_read, .run = postgres_run, .script = postgres_script,
};

static void locks_init(struct postgres_store *store)
{
  clock_condition_init(&store->returned);
  pthread_mutex_init(&store->mutex, NULL);
  /* First attempts come all the time: one that has to run alone must not wait for a moment without any. */
  pthread_rwlockattr_t alone_first;
  pthread_rwlockattr_init(&alone_first);
  pthread_rwlockattr_setkind_np(&alone_first, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
  pthread_rwlock_init(&store->gate, &alone_first);
  pthread_rwlockattr_destroy(&alone_first);
}

enum err postgres_open(struct cx *cx, const char *conninfo, const struct store_schema *schema, int connections, struct store **out)
{
  struct postgres_store *store = calloc(1, sizeof *store);
  if (!store) abort();
  store->store = (struct store){.engine = &postgres_engine, .schema = schema, .postgres = true};
  store->conninfo = strdup(conninfo);
  store->idle = calloc((size_t)connections, sizeof *store->idle);
  if (!store->conninfo || !store->idle) abort();
  store->sessions_max = connections;
  locks_init(store);
  *out = &store->store;
  return OK;
}
