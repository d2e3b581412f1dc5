/* The parts of the SQLite engine: connections and statements (sqlite.c), and the one writer (sqlite_writer.c). */
#ifndef STORE_SQLITE_INNER_H
#define STORE_SQLITE_INNER_H

#include "store/engine.h"
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>

/* The statements that bound transactions; they need no cache slot of a schema. */
enum control { CONTROL_BEGIN, CONTROL_BEGIN_WRITE, CONTROL_COMMIT, CONTROL_ROLLBACK, CONTROL_SAVEPOINT, CONTROL_RELEASE, CONTROL_UNDO, CONTROL_COUNT };

struct connection { sqlite3 *db; sqlite3_stmt *control[CONTROL_COUNT]; sqlite3_stmt **cache; };

struct sqlite_tx { struct tx tx; struct connection *connection; };

struct batch;

struct sqlite_store {
  struct store store;
  char *path;

  struct connection writer;
  pthread_mutex_t turn;          /* held while the writer connection is used */
  atomic_int waiting;            /* callers that will take the turn */
  atomic_int owner;              /* thread whose fn runs on the writer; 0: none */
  struct batch *batch;           /* the open transaction, or NULL */

  pthread_mutex_t mutex;         /* over the readers */
  pthread_cond_t returned;
  struct connection **idle;
  int idle_count, open_count, readers_max;
};

/* Runs a control statement; the SQLite code. */
int connection_control(struct connection *connection, enum control control);
/* Says what SQLite answered. A unique or foreign key violation is ERR_CONFLICT, without a problem. */
enum err sqlite_fail(struct cx *cx, struct connection *connection, const char *what);
enum err sqlite_write(struct cx *cx, struct store *store, store_fn *fn, void *arg);

#endif
