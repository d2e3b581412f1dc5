/* Names, numbers, sectors, people, the life cycle and the days of acts: tables of cases from the law's text. */
#include "systems/household/rules.h"

#include "base/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const struct clock fixed = {.fixed_us = 1764000000000000}; /* 2025-11-24 */

static void test_own_name(void **state)
{
  const struct { const char *typed, *own; } cases[] = {
    {"Bảy Núi", "Bảy Núi"}, {"Hộ kinh doanh Bảy Núi", "Bảy Núi"}, {"HỘ KINH DOANH  Bảy  Núi ", "Bảy Núi"}, {"hộ kinh doanh: Bảy Núi", "Bảy Núi"},
    {"HKD Bảy Núi", "Bảy Núi"}, {"Hộ kinh doanh hộ kinh doanh Tâm", "Tâm"}, {"Hộ kinh doanh", ""}, {"Hộ", "Hộ"}, {NULL, ""}, {"  ", ""},
    {"Hộ Kinh Bắc", "Hộ Kinh Bắc"}};
  struct arena *arena = arena_new(0);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) assert_string_equal(business_name_own(arena, cases[i].typed), cases[i].own);
  arena_free(arena);
}

static void test_name_lawful(void **state)
{
  const struct { const char *name, *problem; } cases[] = {
    {"Bảy Núi", NULL}, {"Fozzy Jazz Wax 79", NULL}, {"Đặng & Ưng – ", "household.name.letters"}, {"Đặng & Ưng", NULL}, {"A.B-C (2)", NULL},
    {"Ngọc Ỹ Ặt Ữ", NULL}, {"Å Café", "household.name.letters"}, {"小店", "household.name.letters"}, {"Приве́т", "household.name.letters"},
    {"", "household.name.empty"}, {"...", "household.name.empty"}, {"Công ty Sông Hậu", "household.name.banned"},
    {"CÔNG  TY Sông Hậu", "household.name.banned"}, {"Cong ty Song Hau", "household.name.banned"}, {"Tổng công ty An", "household.name.banned"},
    {"Tập đoàn An", "household.name.banned"}, {"An Doanh Nghiệp", "household.name.banned"}, {"Công Tyson", NULL}, {"Tập Đoan", "household.name.banned"}};
  struct arena *arena = arena_new(0);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const char *problem = business_name_problem(arena, cases[i].name);
    if (!text_equal(problem, cases[i].problem)) fail_msg("%s: %s", cases[i].name, problem ? problem : "lawful");
  }
  arena_free(arena);
}

/* Real numbers of public bodies and companies, whose check digit is known to be right. */
static void test_tax_number(void **state)
{
  const struct { const char *number; bool valid; } cases[] = {
    {"0100109106", true}, {"0300588569", true}, {"0100112437", true}, {"0100109107", false}, {"010010910", false}, {"01001091060", false}, {"0100I09106", false}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) assert_int_equal(tax_number_valid(cases[i].number), cases[i].valid);
}

static void test_numbers(void **state)
{
  struct arena *arena = arena_new(0);
  const struct number_rule letters = {.kind = "district_letter"}, tax = {.kind = "tax", .prefix = "80"};
  const struct district_letter letter = {"883", "89", "A"};
  assert_string_equal(business_number_write(arena, &letters, &letter, 123), "89A8000123");
  size_t passed_over = 0;
  for (int64_t i = 1; i <= 1100; i++) {
    const char *number = business_number_write(arena, &tax, NULL, i);
    passed_over += number == NULL;
    if (number) assert_true(tax_number_valid(number));
  }
  assert_in_range(passed_over, 90, 110); /* one in eleven has no digit */
  arena_free(arena);
}

static void test_life_cycle(void **state)
{
  const struct { const char *from, *action, *to; } cases[] = {
    {"active", "change", "active"}, {"active", "suspend", "suspended"}, {"active", "resume", NULL}, {"active", "close", "closed"},
    {"suspended", "change", NULL}, {"suspended", "suspend", NULL}, {"suspended", "resume", "active"}, {"suspended", "close", "closed"},
    {"closed", "change", NULL}, {"closed", "suspend", NULL}, {"closed", "resume", NULL}, {"closed", "close", NULL}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const char *to = business_state_after(cases[i].from, cases[i].action);
    assert_true(text_equal(to, cases[i].to));
  }
}

static void test_state_then(void **state)
{
  const struct { const char *state; int64_t from, to, closed, day; const char *then; } cases[] = {
    {"active", NONE_DATE, NONE_DATE, NONE_DATE, 5, "active"},     {"suspended", 10, 20, NONE_DATE, 9, "active"},
    {"suspended", 10, 20, NONE_DATE, 10, "suspended"},            {"suspended", 10, 20, NONE_DATE, 20, "suspended"},
    {"suspended", 10, 20, NONE_DATE, 21, "active"},               {"suspended", 10, NONE_DATE, NONE_DATE, 900, "suspended"},
    {"closed", NONE_DATE, NONE_DATE, 30, 29, "active"},           {"closed", NONE_DATE, NONE_DATE, 30, 30, "closed"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    assert_string_equal(business_state_then(cases[i].state, cases[i].from, cases[i].to, cases[i].closed, cases[i].day), cases[i].then);
}

static void expect(struct cx *cx, enum err err, const char *key, const char *field)
{
  assert_int_equal(err, key ? ERR_INPUT : OK);
  assert_int_equal(cx->problems.count, key ? 1 : 0);
  if (key) assert_string_equal(cx->problems.items[0].key, key);
  if (field) assert_string_equal(cx->problems.items[0].field, field);
  cx_reset_problems(cx);
}

static void test_sectors(void **state)
{
  struct cx *cx = cx_new_alone(&fixed, NULL);
  const struct sector_row open = {.kind = "open"}, banned = {.kind = "banned", .note = "n"}, conditional = {.kind = "conditional"};
  struct household_sector a = {"4711", "x", true}, b = {"4730", "y", false}, c = {"92", "z", false}, second_main = {"5610", "u", true};
  const struct { struct household_sector sectors[2]; size_t count; const struct sector_row *known[2]; const char *key, *field; } cases[] = {
    {{a}, 1, {&open}, NULL, NULL}, {{a, b}, 2, {&open, &conditional}, NULL, NULL}, {{a, b}, 2, {&open, NULL}, NULL, NULL},
    {{a, c}, 2, {&open, NULL}, "household.error.sector_code", "sectors[1].code"}, {{b}, 1, {&open}, "household.error.main_sector", "sectors[0].main"},
    {{a, second_main}, 2, {&open, &open}, "household.error.main_sector", NULL}, {{a}, 1, {&banned}, "household.error.sector_banned", "sectors[0].code"},
    {{a}, 0, {&open}, "household.error.sectors", NULL}, {{a, {"4711", "x", false}}, 2, {&open, &open}, "household.error.sector_twice", "sectors[1].code"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct household_sector rows[2] = {cases[i].sectors[0], cases[i].sectors[1]};
    const struct list list = {rows, cases[i].count};
    expect(cx, sectors_check(cx, &list, cases[i].known), cases[i].key, cases[i].field);
  }
  cx_free_alone(cx);
}

static void test_people(void **state)
{
  struct cx *cx = cx_new_alone(&fixed, NULL);
  int64_t day = date_to_days((struct date){2025, 7, 10});
  struct household_person adult = {.identity = "1", .birth_date = date_to_days((struct date){2007, 7, 10})};
  struct household_person child = {.identity = "1", .birth_date = date_to_days((struct date){2007, 7, 11})};
  struct household_person other = {.identity = "2"};
  const struct { struct household_person *head, *member; const char *founded_by, *key; } cases[] = {
    {&adult, NULL, "person", NULL}, {&child, NULL, "person", "household.error.head_age"}, {&adult, &other, "members", NULL},
    {&adult, NULL, "members", "household.error.members"}, {&adult, &other, "person", "household.error.no_members"},
    {&adult, &adult, "members", "household.error.head_twice"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const struct household_application application = {.head = cases[i].head, .founded_by = cases[i].founded_by, .decided_on = day,
                                                      .members = {cases[i].member, cases[i].member ? 1 : 0}};
    expect(cx, people_check(cx, &application), cases[i].key, NULL);
  }
  cx_free_alone(cx);
}

static void test_days(void **state)
{
  struct cx *cx = cx_new_alone(&fixed, NULL);
  static const struct working_spans whole = {{{420, 1020}}};
  const struct calendar calendar = {.weekday = {[1] = whole, [2] = whole, [3] = whole, [4] = whole, [5] = whole}};
  int64_t thursday = date_to_days((struct date){2025, 11, 20}), today = date_to_days((struct date){2025, 11, 24});
  const struct { int64_t notice, from, to; const char *key, *field; } cases[] = {
    {thursday, thursday + 5, NONE_DATE, NULL, NULL},                                        /* Friday, Monday, Tuesday */
    {thursday, thursday + 4, NONE_DATE, "household.error.notice", "suspended_from"}, {today + 1, today + 9, NONE_DATE, "household.error.future", "notice_on"},
    {thursday, thursday + 9, thursday + 9, NULL, NULL}, {thursday, thursday + 9, thursday + 8, "household.error.suspended_to", "suspended_to"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const struct business_suspension form = {.notice_on = cases[i].notice, .suspended_from = cases[i].from, .suspended_to = cases[i].to};
    expect(cx, suspension_check(cx, &form, &calendar, 3, today), cases[i].key, cases[i].field);
  }
  expect(cx, act_day_check(cx, today, today, today), NULL, NULL);
  expect(cx, act_day_check(cx, today + 1, today, today), "household.error.future", "effective_on");
  expect(cx, act_day_check(cx, today - 1, today, today), "household.error.before_last", "effective_on");
  expect(cx, application_day_check(cx, today, today), NULL, NULL);
  expect(cx, application_day_check(cx, today + 1, today), "household.error.future", "decided_on");
  cx_free_alone(cx);
}

static void test_tables(void **state)
{
  const struct record_type *const types[] = {&business_line_type, &business_state_type, &application_row_type, &application_decision_type, &business_change_type,
    &business_suspension_type, &business_ending_type, &name_claim_type, &head_claim_type, &sector_row_type, &scope_rule_type, &number_rule_type,
    &district_letter_type, &notice_rule_type, &household_rules_type, &household_sectors_type};
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) assert_null(record_type_fault(types[i]));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_own_name), cmocka_unit_test(test_name_lawful), cmocka_unit_test(test_tax_number), cmocka_unit_test(test_numbers),
    cmocka_unit_test(test_life_cycle), cmocka_unit_test(test_state_then), cmocka_unit_test(test_sectors), cmocka_unit_test(test_people),
    cmocka_unit_test(test_days), cmocka_unit_test(test_tables)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
