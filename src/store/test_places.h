/* One table of cases, each run on a fresh store of both engines. */
#ifndef STORE_TEST_PLACES_H
#define STORE_TEST_PLACES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sample_sql.h"
#include "store/testing.h"
#include <stdlib.h>

enum { READERS = 4 };
#define NOW_US (INT64_C(1700000000) * SECOND_US)

struct place;
struct place_case { const char *name; void (*run)(struct place *place); };
/* What a test starts from: the case, and the group's database (NULL: there is none). */
struct place_start { const struct place_case *one; const char *postgres; };
struct place { struct cx *cx; struct clock clock; const char *url; struct store *store; const struct place_case *one; };

static inline int place_up(void **state, bool postgres)
{
  const struct place_start *start = *state;
  struct place *place = calloc(1, sizeof *place);
  place->one = start->one;
  place->clock.fixed_us = NOW_US;
  place->cx = cx_new_alone(&place->clock, NULL);
  place->url = postgres ? start->postgres : testing_sqlite(place->cx);
  *state = place;
  if (postgres && place->url) testing_postgres_clear(place->url, sample_schema.name);
  return place->url && store_open(place->cx, place->url, &sample_schema, READERS, &place->store) ? -1 : 0;
}

static inline int place_up_sqlite(void **state) { return place_up(state, false); }
static inline int place_up_postgres(void **state) { return place_up(state, true); }

static inline int place_down(void **state)
{
  struct place *place = *state;
  store_close(place->store);
  cx_free_alone(place->cx);
  free(place);
  return 0;
}

static inline void place_run(void **state)
{
  struct place *place = *state;
  if (!place->url) skip();
  place->one->run(place);
}

static inline void place_reopen(struct place *place)
{
  store_close(place->store);
  assert_int_equal(store_open(place->cx, place->url, &sample_schema, READERS, &place->store), OK);
}

static inline int places_run_on(const char *title, const struct place_case *cases, size_t count, bool postgres)
{
  struct cx *cx = cx_new_alone(NULL, NULL);
  struct CMUnitTest *tests = ARENA_ARRAY(cx->arena, count, struct CMUnitTest);
  const char *database = postgres ? testing_postgres(cx) : NULL;
  for (size_t i = 0; i < count; i++) {
    struct place_start *start = ARENA_NEW(cx->arena, struct place_start);
    *start = (struct place_start){&cases[i], database};
    tests[i] = (struct CMUnitTest){cases[i].name, place_run, postgres ? place_up_postgres : place_up_sqlite, place_down, start};
  }
  int failed = _cmocka_run_group_tests(arena_print(cx->arena, "%s, %s", title, postgres ? "PostgreSQL" : "SQLite"), tests, count, NULL, NULL);
  cx_free_alone(cx);
  return failed;
}

/* How many failed. */
static inline int places_run(const char *title, const struct place_case *cases, size_t count)
{
  return places_run_on(title, cases, count, false) + places_run_on(title, cases, count, true);
}

#endif
