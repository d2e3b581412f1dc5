/* What the one-stop shop's tests share: a store, people with both layouts of units, the built-in catalogue, and persons. */
#ifndef ONESTOP_TEST_SUPPORT_H
#define ONESTOP_TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "systems/onestop/act.h"
#include "systems/onestop/intake.h"

struct fixture {
  bool postgres;
  struct clock clock;
  struct cx *cx;
  struct here here;
  struct person counter, specialist, decider, stranger; /* of the era the fixture was made for */
  struct person second_specialist, second_decider;      /* of the judicial record's deciding agency */
};

/* day: "2026-11-25" (two levels) or "2021-03-10" (three); a working Wednesday, 8:30. NULL: PostgreSQL is wanted and there is none. */
struct fixture *fixture_make(bool postgres, const char *day);
void fixture_end(struct fixture *fixture);
int setup_today(void **state);
int setup_mission(void **state);
int setup_postgres(void **state);
int teardown(void **state);
struct fixture *fixture_of(void **state);
#define TODAY(test) cmocka_unit_test_setup_teardown(test, setup_today, teardown)
#define MISSION(test) cmocka_unit_test_setup_teardown(test, setup_mission, teardown)
#define ON_BOTH(test) \
  cmocka_unit_test_setup_teardown(test, setup_today, teardown), {#test " (PostgreSQL)", test, setup_postgres, teardown, NULL}

void assert_ok(struct cx *cx, enum err err);
void assert_problem(struct cx *cx, enum err got, enum err err, const char *key, const char *field);
/* Receives a dossier of either procedure as the fixture's counter officer; the code is in the arena. */
const char *receive_household(struct fixture *fixture);
const char *receive_justice(struct fixture *fixture, const char *kind);
/* Received on paper an hour from the fixture's time, entered two days later: then is now. *number: the paper receipt's. */
const char *receive_late(struct fixture *fixture, const char **number);
/* Does an action as a person, from the dossier's present revision. */
enum err act_as(struct fixture *fixture, const struct person *person, const char *code, const char *action, const struct act_form *form);
struct dossier dossier_now(struct fixture *fixture, const char *code);
/* What the node does when the outbox row of a purpose is answered. */
void answer_outbox(struct fixture *fixture, const char *code, const char *purpose, int status, const char *json);
/* What pdftotext reads in a paper, white space folded to one space. */
const char *paper_text_of(struct cx *cx, struct bytes pdf);

#endif
