/* The parts of the PostgreSQL engine: transactions (postgres.c), the pool of connections (postgres_pool.c) and
 * statements (postgres_statement.c). */
#ifndef STORE_POSTGRES_INNER_H
#define STORE_POSTGRES_INNER_H

#include "store/engine.h"
#include <libpq-fe.h>
#include <pthread.h>

/* prepared: which statements this connection has, by slot. */
struct session { PGconn *connection; bool *prepared; };

/* Why a transaction may be run again. */
enum again { AGAIN_NO = 0, AGAIN_SERIAL, AGAIN_UNIQUE, AGAIN_LOST };

struct postgres_tx { struct tx tx; struct session *session; enum again again; };

struct postgres_store {
  struct store store;
  char *conninfo;
  pthread_mutex_t mutex;           /* over the pool */
  pthread_cond_t returned;
  struct session **idle;
  int idle_count, open_count, sessions_max;
  pthread_rwlock_t gate;           /* shared by first attempts, alone for those that met others twice */
};

/* Takes an idle session, or connects: ERR_STORAGE when the server cannot be reached, ERR_BUSY when none came free. */
MUST_USE enum err session_take(struct cx *cx, struct postgres_store *store, struct session **out);
/* Gives it back; one that is broken or left in a transaction is closed. */
void session_return(struct postgres_store *store, struct session *session);
/* Closes all idle sessions: the server was restarted, and they are as dead as the one that found it. */
void sessions_drop(struct postgres_store *store);

/* Runs SQL without parameters or rows; sets tx->failed and tx->again. */
enum err session_script(struct cx *cx, struct postgres_tx *tx, const char *sql);
enum err postgres_run(struct cx *cx, struct tx *tx, const struct statement *statement, struct values args, row_reader *reader, void *arg, int64_t *changed);
MUST_USE enum err statement_prepare_on(struct cx *cx, struct postgres_tx *tx, const struct statement *statement);

#endif
