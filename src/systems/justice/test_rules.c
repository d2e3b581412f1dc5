/* What certificates show, and when an officer may decide. */
#include "systems/justice/rules.h"

#include "base/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const struct clock clock_now_fixed = {.fixed_us = 1600000000000000};

static struct conviction candidates[] = {
  {.id = 1, .offence = "expunged one", .ban = "no office", .expunged = true, .chosen = true},
  {.id = 2, .offence = "open one", .ban = "no office", .chosen = true},
  {.id = 3, .offence = "another person's", .chosen = false},
};

static void test_first_state(void **state)
{
  struct list none = {0}, some = {candidates, 3};
  assert_string_equal(lookup_first_state(&none), "clean");
  assert_string_equal(lookup_first_state(&some), "checking");
}

struct shown_case { const char *kind; bool bans; size_t from, count; const char *state; size_t shown; bool ban_shown; };

static void test_answer(void **state)
{
  const struct shown_case cases[] = {
    {"1", false, 0, 3, "found", 1, false}, {"1", true, 0, 3, "found", 1, true},  {"2", false, 0, 3, "found", 2, true},
    {"1", false, 0, 1, "clean", 0, false}, {"2", false, 0, 1, "found", 1, true}, {"1", false, 2, 1, "clean", 0, false},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct arena *arena = arena_new(0);
    struct lookup lookup = {.reference = "LL-1", .kind = cases[i].kind, .bans_wanted = cases[i].bans, .state = "found"};
    struct list list = {candidates + cases[i].from, cases[i].count};
    struct justice_answer answer;
    lookup_answer_fill(arena, &lookup, &list, &answer);
    assert_string_equal(answer.state, cases[i].state);
    assert_int_equal(answer.convictions.count, cases[i].shown);
    const struct justice_conviction *first = answer.convictions.items;
    if (answer.convictions.count) assert_int_equal(first->ban != NULL, cases[i].ban_shown);
    arena_free(arena);
  }
}

static void test_waiting_answers_nothing(void **state)
{
  struct arena *arena = arena_new(0);
  struct lookup lookup = {.reference = "LL-1", .kind = "2", .state = "checking"};
  struct list list = {candidates, 3};
  struct justice_answer answer;
  lookup_answer_fill(arena, &lookup, &list, &answer);
  assert_string_equal(answer.state, "checking");
  assert_int_equal(answer.convictions.count, 0);
  arena_free(arena);
}

static void test_decision(void **state)
{
  const struct { const char *state, *outcome; size_t chosen; enum err err; } cases[] = {
    {"checking", "found", 1, OK}, {"checking", "clean", 0, OK}, {"checking", "found", 0, ERR_INPUT},
    {"checking", "clean", 1, ERR_INPUT}, {"clean", "found", 1, ERR_CONFLICT}, {"found", "clean", 0, ERR_CONFLICT},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct cx *cx = cx_new_alone(&clock_now_fixed, NULL);
    const struct lookup lookup = {.state = cases[i].state, .answered_by = "Bùi Quang Huy"};
    const struct decision decision = {.outcome = cases[i].outcome};
    assert_int_equal(decision_check(cx, &lookup, &decision, cases[i].chosen), cases[i].err);
    assert_int_equal(cx->problems.count, cases[i].err ? 1 : 0);
    cx_free_alone(cx);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_first_state), cmocka_unit_test(test_answer),
                                     cmocka_unit_test(test_waiting_answers_nothing), cmocka_unit_test(test_decision)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
