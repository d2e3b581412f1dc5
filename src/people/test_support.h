/* What the tests of people/ that need a store share: a fresh one for each test, on SQLite and, where TRUC_TEST_POSTGRES names a
 * server, on PostgreSQL in a database of its own. */
#ifndef PEOPLE_TEST_SUPPORT_H
#define PEOPLE_TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "people/action.h"

struct fixture {
  bool postgres;
  struct clock clock;      /* stands still at 2026-11-25 08:00 in Viet Nam until a test moves it */
  struct cx *cx;
  const char *url;
  struct people *people;
};

int fixture_setup_sqlite(void **state);
int fixture_setup_postgres(void **state);
int fixture_teardown(void **state);
/* Skips the test when there is no PostgreSQL server for it. */
struct fixture *fixture_of(void **state);
/* Opens another people over the same store, as another process would. */
struct people *fixture_again(struct fixture *fixture);
/* The only problem is this one. */
void assert_problem(struct cx *cx, const char *key, const char *field);
struct bytes bytes_of(const char *text);
/* Reads a file of data/ in the project's folder (environment TRUC_DATA, set by the build). */
struct bytes data_file(struct cx *cx, const char *name);
int32_t day_of(const char *iso);

#define ON_BOTH(test) \
  cmocka_unit_test_setup_teardown(test, fixture_setup_sqlite, fixture_teardown), \
  {#test " (PostgreSQL)", test, fixture_setup_postgres, fixture_teardown, NULL}

#endif
