/* Connections to PostgreSQL: opened when they are needed, kept while they live, at most so many. A session that the
 * server ended is found dead by its next user and replaced; nothing else remembers that there was an outage. */
#include "store/postgres_inner.h"

#include "base/text.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* What every session is set to. Writers ask for SERIALIZABLE themselves. A server that answers commits before they are
 * durable is not believed. Time-outs bound a statement, a wait for a lock, and a transaction that its process forgot. */
static const char settings[] =
  "set client_min_messages = warning; set bytea_output = hex; set extra_float_digits = 1; set statement_timeout = '30s';"
  "set lock_timeout = '10s'; set idle_in_transaction_session_timeout = '60s'; set standard_conforming_strings = on;"
  "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'";

static void notice_ignore(void *arg, const PGresult *result)
{
}

static bool command_good(PGconn *connection, const char *sql)
{
  PGresult *result = PQexec(connection, sql);
  ExecStatusType status = result ? PQresultStatus(result) : PGRES_FATAL_ERROR;
  PQclear(result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* The schema's name is from a build-time table, [a-z0-9_] only. It is made only where it is missing: a role that owns
 * its schema needs no right to make others. */
static bool schema_set(struct cx *cx, PGconn *connection, const char *schema)
{
  const char *make = arena_print(cx->arena,
    "do $$ begin if not exists (select from pg_namespace where nspname = '%s') then create schema %s; end if; end $$", schema, schema);
  const char *search = arena_print(cx->arena, "set search_path = %s", schema);
  /* Two nodes that start together both find it missing; the second looks again. */
  return (command_good(connection, make) || command_good(connection, make)) && command_good(connection, search);
}

static void session_free(struct session *session)
{
  PQfinish(session->connection);
  free(session->prepared);
  free(session);
}

/* "dbname" holding a conninfo or a URI is expanded: what stands before it is a default, what stands after it is not. */
static PGconn *connect_to(const char *conninfo)
{
  static const char *const names[] = {"application_name", "connect_timeout", "tcp_user_timeout", "dbname", "client_encoding", NULL};
  const char *values[] = {"truc", "5", "20000", conninfo, "UTF8", NULL};
  return PQconnectdbParams(names, values, 1);
}

static enum err session_open(struct cx *cx, struct postgres_store *store, struct session **out)
{
  struct session *session = calloc(1, sizeof *session);
  if (!session) abort();
  session->prepared = calloc(statement_slots(&store->store), sizeof *session->prepared);
  if (!session->prepared) abort();
  session->connection = connect_to(store->conninfo);
  PQsetNoticeReceiver(session->connection, notice_ignore, NULL);
  bool good = PQstatus(session->connection) == CONNECTION_OK && command_good(session->connection, settings) &&
              schema_set(cx, session->connection, store->store.schema->name);
  if (good) {
    *out = session;
    return OK;
  }
  /* libpq names host, port and user here, never a password. */
  enum err err = engine_fail(cx, &(struct fault){.err = ERR_STORAGE, .what = "connect", .code = "", .message = PQerrorMessage(session->connection)});
  session_free(session);
  return err;
}

/* An idle session, or leave to open one (*out NULL). */
static enum err session_wait(struct cx *cx, struct postgres_store *store, struct session **out)
{
  int64_t until_us = clock_monotonic_us() + WAIT_S * SECOND_US;
  int waited = 0;
  *out = NULL;
  pthread_mutex_lock(&store->mutex);
  while (!store->idle_count && store->open_count == store->sessions_max && !waited)
    waited = clock_wait_until(&store->returned, &store->mutex, until_us);
  bool found = store->idle_count > 0, room = store->open_count < store->sessions_max;
  if (found) *out = store->idle[--store->idle_count];
  else if (room) store->open_count++;
  pthread_mutex_unlock(&store->mutex);
  return found || room ? OK : cx_fail(cx, ERR_BUSY, NULL, "error.busy", NULL);
}

static void place_free(struct postgres_store *store, struct session *kept)
{
  pthread_mutex_lock(&store->mutex);
  if (kept) store->idle[store->idle_count++] = kept;
  else store->open_count--;
  pthread_cond_signal(&store->returned);
  pthread_mutex_unlock(&store->mutex);
}

enum err session_take(struct cx *cx, struct postgres_store *store, struct session **out)
{
  enum err err = session_wait(cx, store, out);
  if (err || *out) return err;
  err = session_open(cx, store, out);
  if (err) place_free(store, NULL);
  return err;
}

void session_return(struct postgres_store *store, struct session *session)
{
  if (PQstatus(session->connection) == CONNECTION_OK && PQtransactionStatus(session->connection) == PQTRANS_IDLE) {
    place_free(store, session);
    return;
  }
  session_free(session);
  place_free(store, NULL);
}

void sessions_drop(struct postgres_store *store)
{
  pthread_mutex_lock(&store->mutex);
  store->open_count -= store->idle_count;
  while (store->idle_count > 0) session_free(store->idle[--store->idle_count]);
  pthread_cond_broadcast(&store->returned);
  pthread_mutex_unlock(&store->mutex);
}
