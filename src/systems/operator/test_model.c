/* Names of members, systems and services; and the right a form asks for. */
#include "systems/operator/model.h"

#include "base/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void test_ids(void **state)
{
  const struct { const char *id; int parts; bool plain; } cases[] = {
    {"H01/GOV/H01.20", 3, true}, {"H01/GOV/H01.20/tax", 4, true}, {"H01/GOV/H01.20/tax/check", 5, true}, {"read", 1, true},
    {"H01/GOV/H01.20", 4, false}, {"H01//H01.20", 3, false}, {"/GOV/x", 3, false}, {"H01/GOV/", 3, false}, {"", 1, false},
    {"H01/GOV/a b", 3, false}, {"H01/GOV/a%2fb", 3, false}, {"H01/GOV/á", 3, false},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) assert_int_equal(axis_id_plain(cases[i].id, cases[i].parts), cases[i].plain);
}

static void test_known_names(void **state)
{
  assert_string_equal(axis_id_word("H01/GOV/H01.07/household"), "operator.known.household");
  assert_string_equal(axis_id_word("VN/GOV/G15/justice/lookup"), "operator.known.justice.lookup");
  const char *const others[] = {"H01/GOV/H01.20/tax", "H01/GOV/H01.07", "H01/GOV/household", "household", "H01/GOV/H01.07/household/", "H01/GOV/H01.07/household/checks",
                                "H01/GOV/H01.07/tax/household", ""};
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) assert_null(axis_id_word(others[i]));
}

static void test_right_dates(void **state)
{
  const struct date first = {2021, 3, 1}, last = {2021, 3, 31};
  struct arena *arena = arena_new(0);
  struct right_form form = {.method = "post", .valid_from = date_to_days(first), .valid_to = date_to_days(last)};
  struct right right = right_from_form(arena, &form, "Võ Minh Khôi");
  assert_int_equal(right.valid_from, time_from_days(date_to_days(first), 0));
  assert_int_equal(time_to_days(right.valid_to), date_to_days(last)); /* the last day still counts */
  assert_int_equal(time_to_days(right.valid_to + 1), date_to_days(last) + 1);
  assert_string_equal(right.method, "POST");
  form = (struct right_form){.method = "any", .valid_from = NONE_DATE, .valid_to = NONE_DATE};
  right = right_from_form(arena, &form, "x");
  assert_true(right.valid_from == NONE_DATE && right.valid_to == NONE_DATE);
  assert_string_equal(right.method, "*");
  arena_free(arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_ids), cmocka_unit_test(test_known_names), cmocka_unit_test(test_right_dates)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
