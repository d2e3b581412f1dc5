/* Tests run side by side, so each gets a folder or a database that nobody else knows. */
#include "store/testing.h"

#include "base/text.h"
#include <assert.h>
#include <ftw.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int path_remove(const char *path, const struct stat *status, int type, struct FTW *where)
{
  return remove(path);
}

static void folder_remove(void *path)
{
  nftw(path, path_remove, 16, FTW_DEPTH | FTW_PHYS);
}

const char *testing_folder(struct cx *cx)
{
  const char *temporary = getenv("TMPDIR");
  char *path = arena_print(cx->arena, "%s/truc-store.XXXXXX", text_empty(temporary) ? "/tmp" : temporary);
  char *made = mkdtemp(path);
  assert(made);
  arena_defer(cx->arena, folder_remove, made);
  return made;
}

const char *testing_sqlite(struct cx *cx)
{
  return arena_print(cx->arena, "sqlite:%s", testing_folder(cx));
}

struct database { const char *server, *name; };

static void server_run(const char *server, const char *sql)
{
  PGconn *connection = PQconnectdb(server);
  PGresult *result = PQexec(connection, sql);
  if (PQresultStatus(result) != PGRES_COMMAND_OK) fprintf(stderr, "%s: %s\n", sql, PQerrorMessage(connection));
  assert(PQresultStatus(result) == PGRES_COMMAND_OK);
  PQclear(result);
  PQfinish(connection);
}

static void database_drop(void *arg)
{
  const struct database *database = arg;
  char sql[128];
  snprintf(sql, sizeof sql, "drop database %s with (force)", database->name);
  server_run(database->server, sql);
}

void testing_postgres_clear(const char *url, const char *schema)
{
  char sql[128];
  assert(text_starts(url, "postgres:"));
  snprintf(sql, sizeof sql, "set client_min_messages = warning; drop schema if exists %s cascade", schema);
  server_run(url + strlen("postgres:"), sql);
}

const char *testing_postgres(struct cx *cx)
{
  const char *server = getenv("TRUC_TEST_POSTGRES");
  if (text_empty(server)) {
    fprintf(stderr, "SKIP: PostgreSQL (TRUC_TEST_POSTGRES is not set; run under tools/with-postgres)\n");
    return NULL;
  }
  uint64_t random;
  random_bytes(&random, sizeof random);
  struct database *database = ARENA_NEW(cx->arena, struct database);
  database->server = arena_copy(cx->arena, server);
  database->name = arena_print(cx->arena, "test_%016llx", (unsigned long long)random);
  server_run(server, arena_print(cx->arena, "create database %s", database->name));
  arena_defer(cx->arena, database_drop, database);
  return arena_print(cx->arena, "postgres:%s dbname=%s", server, database->name);
}
