/* PostgreSQL alone: sessions that the server ended, and a server that cannot be reached for a while. */
#include "store/test_places.h"

#include "base/text.h"
#include <libpq-fe.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static void server_run(const char *sql)
{
  PGconn *connection = PQconnectdb(getenv("TRUC_TEST_POSTGRES"));
  PGresult *result = PQexec(connection, sql);
  ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) fail_msg("%s: %s", sql, PQerrorMessage(connection));
  PQclear(result);
  PQfinish(connection);
}

static const char *database_of(const struct place *place)
{
  return strstr(place->url, " dbname=test_") + strlen(" dbname=");
}

/* As after a restart: every session is gone. */
static void sessions_end(struct place *place)
{
  server_run(arena_print(place->cx->arena, "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '%s'", database_of(place)));
}

struct cut { struct place *place; int runs; };

/* With a cut, the first run loses its session in the middle. */
static enum err increment_in(struct cx *cx, struct tx *tx, void *arg)
{
  int64_t value;
  struct cut *cut = arg;
  enum err err = sql_number(cx, tx, &sample_counter_get, ARGS(V("n")), &value);
  if (cut && cut->runs++ == 0) sessions_end(cut->place);
  return err ? err : sql_run(cx, tx, &sample_counter_set, ARGS(V("n"), V(value + 1)), NULL);
}

static int64_t counter(struct place *place)
{
  int64_t value = -1;
  assert_int_equal(store_number(place->cx, place->store, &sample_counter_get, ARGS(V("n")), &value), OK);
  return value;
}

static void restarted_between(struct place *place)
{
  assert_int_equal(counter(place), 0);
  sessions_end(place);
  assert_int_equal(store_write(place->cx, place->store, increment_in, NULL), OK);
  assert_int_equal(place->cx->problems.count, 0);
  sessions_end(place);
  assert_int_equal(counter(place), 1);
  sessions_end(place);
  assert_int_equal(store_check(place->cx, place->store), OK);
}

/* A transaction whose session ends before its commit is run again on a new one. */
static void restarted_within(struct place *place)
{
  struct cut cut = {.place = place};
  assert_int_equal(store_write(place->cx, place->store, increment_in, &cut), OK);
  assert_int_equal(cut.runs, 2);
  assert_int_equal(counter(place), 1);
}

static void unreachable_for_a_while(struct place *place)
{
  const char *name = database_of(place);
  server_run(arena_print(place->cx->arena, "alter database %s allow_connections false", name));
  sessions_end(place);
  int64_t value;
  for (int i = 0; i < 3; i++) {
    assert_int_equal(store_write(place->cx, place->store, increment_in, NULL), ERR_STORAGE);
    assert_int_equal(place->cx->problems.count, 1);
    assert_string_equal(place->cx->problems.items[0].key, "error.storage");
    cx_reset_problems(place->cx);
    assert_int_equal(store_number(place->cx, place->store, &sample_counter_get, ARGS(V("n")), &value), ERR_STORAGE);
    cx_reset_problems(place->cx);
  }
  server_run(arena_print(place->cx->arena, "alter database %s allow_connections true", name));
  assert_int_equal(store_write(place->cx, place->store, increment_in, NULL), OK);
  assert_int_equal(counter(place), 1);
}

/* Each session lost while all are busy gives its place back. */
static void places_are_not_lost(struct place *place)
{
  for (int i = 0; i < READERS * 3; i++) {
    struct cut cut = {.place = place};
    assert_int_equal(store_write(place->cx, place->store, increment_in, &cut), OK);
  }
  assert_int_equal(counter(place), READERS * 3);
}

static void *open_run(void *arg)
{
  const struct place *place = arg;
  struct cx *cx = cx_new_alone(&place->clock, NULL);
  struct store *store = NULL;
  enum err err = store_open(cx, place->url, &sample_schema, 1, &store);
  store_close(store);
  cx_free_alone(cx);
  return (void *)(uintptr_t)err;
}

/* Several nodes that start on an empty database make one schema of it. */
static void opened_by_many(struct place *place)
{
  pthread_t threads[READERS];
  testing_postgres_clear(place->url, sample_schema.name);
  for (int i = 0; i < READERS; i++) pthread_create(&threads[i], NULL, open_run, place);
  for (int i = 0; i < READERS; i++) {
    void *err;
    pthread_join(threads[i], &err);
    assert_null(err);
  }
  assert_int_equal(counter(place), 0);
}

static const struct place_case cases[] = {
  {"opened by many", opened_by_many},
  {"restarted between", restarted_between},
  {"restarted within", restarted_within},
  {"unreachable for a while", unreachable_for_a_while},
  {"places are not lost", places_are_not_lost},
};

static void wrong_address(void **state)
{
  struct cx *cx = cx_new_alone(NULL, NULL);
  struct store *store = NULL;
  assert_int_equal(store_open(cx, "postgres:host=127.0.0.1 port=1 user=nobody connect_timeout=2", &sample_schema, 1, &store), ERR_STORAGE);
  assert_string_equal(cx->problems.items[0].key, "error.storage");
  cx_reset_problems(cx);
  assert_int_equal(store_open(cx, "mysql:x", &sample_schema, 1, &store), ERR_INPUT);
  cx_free_alone(cx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(wrong_address)};
  int failed = cmocka_run_group_tests_name("address", tests, NULL, NULL);
  return failed + places_run_on("sessions", cases, sizeof cases / sizeof cases[0], true);
}
