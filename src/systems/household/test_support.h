/* What the register's tests share: a store with the shipped rules, people with both layouts of units, and an application. */
#ifndef HOUSEHOLD_TEST_SUPPORT_H
#define HOUSEHOLD_TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "systems/household/household.h"
#include "systems/household/register.h"

struct fixture { struct clock clock; struct cx *cx; struct here here; struct person officer; bool own_people; };

/* NULL: PostgreSQL is wanted and there is none. people NULL: its own. day: "2026-11-25". */
struct fixture *fixture_make(bool postgres, struct people *people, const char *day);
void fixture_end(struct fixture *fixture);
void fixture_day(struct fixture *fixture, const char *day);
int setup_sqlite(void **state);
int setup_postgres(void **state);
int teardown(void **state);
struct fixture *fixture_of(void **state);
#define ON_BOTH(test) \
  cmocka_unit_test_setup_teardown(test, setup_sqlite, teardown), {#test " (PostgreSQL)", test, setup_postgres, teardown, NULL}

int64_t day_of(const char *iso);
void assert_ok(struct cx *cx, enum err err);
void assert_problem(struct cx *cx, enum err got, enum err err, const char *key);
/* An application for a shop in a commune, decided today; the head's identity from the number. */
struct household_application application_of(struct cx *cx, const char *name, const char *commune, int64_t person);
struct household_answer receive(struct fixture *fixture, const struct household_application *application);
struct household_business business_as_of(struct fixture *fixture, const char *number, const char *day);
/* A write inside a transaction of the fixture's store. */
struct act { struct here *here; const char *number, *action; const void *form; };
enum err act(struct fixture *fixture, const char *number, const char *action, const void *form);
int64_t version_of(struct fixture *fixture, const char *number);

#endif
