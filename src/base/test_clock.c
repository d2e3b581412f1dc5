/* Dates and times: known days, every day of four centuries there and back, and readers that take nothing loose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void known_days(void **state)
{
  static const struct { struct date date; int32_t days; int weekday; } cases[] = {
    {{1970, 1, 1}, 0, 4}, {{1969, 12, 31}, -1, 3}, {{2000, 2, 29}, 11016, 2}, {{2021, 2, 12}, 18670, 5}, {{2025, 7, 1}, 20270, 2},
    {{1, 1, 1}, -719162, 1}, {{9999, 12, 31}, 2932896, 5},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    assert_int_equal(date_to_days(cases[i].date), cases[i].days);
    assert_int_equal(date_weekday(cases[i].days), cases[i].weekday);
  }
}

static void every_day_of_four_centuries(void **state)
{
  struct date before = date_from_days(-110000);
  for (int32_t days = -109999; days < 37000; days++) {
    struct date date = date_from_days(days);
    assert_int_equal(date_to_days(date), days);
    bool next_day = date.year == before.year && date.month == before.month && date.day == before.day + 1;
    bool next_month = date.day == 1 && (date.year == before.year ? date.month == before.month + 1 : date.month == 1 && before.month == 12);
    assert_true(next_day || next_month);
    before = date;
  }
}

static void days_turn_at_midnight_in_viet_nam(void **state)
{
  int64_t midnight = time_from_days(20270, 0);
  assert_int_equal(midnight, 20270 * DAY_US - 7 * HOUR_US);
  assert_int_equal(time_to_days(midnight), 20270);
  assert_int_equal(time_to_days(midnight - 1), 20269);
  assert_int_equal(time_minute_of_day(midnight), 0);
  assert_int_equal(time_minute_of_day(midnight - 1), 1439);
  assert_int_equal(time_minute_of_day(time_from_days(-3, 905)), 905);
}

static void dates_are_read_strictly(void **state)
{
  static const struct { const char *text; bool vn, fine; } cases[] = {
    {"2025-07-01", false, true}, {"2024-02-29", false, true}, {"2025-02-29", false, false}, {"1900-02-29", false, false},
    {"2025-7-1", false, false}, {"2025-07-01 ", false, false}, {" 2025-07-01", false, false}, {"0000-01-01", false, false},
    {"2025-13-01", false, false}, {"2025-00-01", false, false}, {"2025-01-00", false, false}, {"2025-04-31", false, false},
    {"", false, false}, {"2025/07/01", false, false}, {"20250701", false, false}, {NULL, false, false},
    {"01/07/2025", true, true}, {"1/7/2025", true, true}, {"31/04/2025", true, false}, {"01/07/25", true, false},
    {"01-07-2025", true, false}, {"001/7/2025", true, false}, {"01/07/20255", true, false}, {"/7/2025", true, false}, {"", true, false},
    {NULL, true, false},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct date date = {0, 0, 0};
    bool fine = cases[i].vn ? date_read_vn(cases[i].text, &date) : date_read_iso(cases[i].text, &date);
    if (fine != cases[i].fine) fail_msg("case %zu: %s", i, cases[i].text);
    if (!fine) assert_int_equal(date.year, 0);
  }
  struct date date;
  assert_true(date_read_vn("9/2/2021", &date));
  assert_true(date.year == 2021 && date.month == 2 && date.day == 9);
}

static void times_are_read_with_any_offset(void **state)
{
  static const struct { const char *text; bool fine; int64_t us; } cases[] = {
    {"1970-01-01T00:00:00Z", true, 0},
    {"1970-01-01t07:00:00+07:00", true, 0},
    {"1969-12-31T23:59:59.999999Z", true, -1},
    {"2026-11-25T14:05:00.5+07:00", true, 1795590300500000},
    {"2026-11-25T02:05:00-05:00", true, 1795590300000000},
    {"2026-11-25T07:05:00", false, 0},
    {"2026-11-25 07:05:00Z", false, 0},
    {"2026-11-25T24:00:00Z", false, 0},
    {"2026-11-25T07:60:00Z", false, 0},
    {"2026-11-25T07:05:60Z", false, 0},
    {"2026-11-25T07:05:00.Z", false, 0},
    {"2026-11-25T07:05:00.1234567Z", false, 0},
    {"2026-11-25T07:05Z", false, 0},
    {"2026-11-25T07:05:00+0700", false, 0},
    {"2026-11-25T07:05:00+24:00", false, 0},
    {"2026-11-31T07:05:00Z", false, 0},
    {"2026-11-25T07:05:00ZZ", false, 0},
    {"", false, 0},
    {NULL, false, 0},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    int64_t us = 0;
    if (time_read_iso(cases[i].text, &us) != cases[i].fine || us != cases[i].us) fail_msg("case %zu: %s", i, cases[i].text);
  }
}

static void times_are_written(void **state)
{
  struct arena *arena = arena_new(0);
  int64_t us = 1795590300000042, again;
  assert_string_equal(time_write_vn(arena, us), "25/11/2026 14:05");
  assert_string_equal(time_write_iso(arena, us), "2026-11-25T07:05:00.000042Z");
  assert_string_equal(time_write_iso(arena, -1), "1969-12-31T23:59:59.999999Z");
  assert_string_equal(time_write_http(arena, us), "Wed, 25 Nov 2026 07:05:00 GMT");
  assert_string_equal(time_write_http(arena, 784111777 * SECOND_US), "Sun, 06 Nov 1994 08:49:37 GMT");
  assert_string_equal(date_write_iso(arena, 20270), "2025-07-01");
  assert_string_equal(date_write_vn(arena, 20270), "01/07/2025");
  assert_string_equal(date_write_vn(arena, date_to_days((struct date){987, 12, 30})), "30/12/0987");
  assert_string_equal(date_write_vn(arena, date_to_days((struct date){12345, 1, 2})), "02/01/12345");
  assert_true(time_read_iso(time_write_iso(arena, us), &again));
  assert_int_equal(again, us);
  arena_free(arena);
}

static void clocks_stand_run_and_are_ahead(void **state)
{
  struct clock machine = {0, 0}, ahead = {HOUR_US, 0}, fixed = {HOUR_US, 42};
  assert_int_equal(clock_now(&fixed), 42);
  int64_t difference = clock_now(&ahead) - clock_now(&machine);
  assert_true(difference > HOUR_US - MINUTE_US && difference <= HOUR_US);
  int64_t from = clock_monotonic_us();
  assert_true(clock_monotonic_us() >= from);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(known_days), cmocka_unit_test(every_day_of_four_centuries), cmocka_unit_test(days_turn_at_midnight_in_viet_nam),
    cmocka_unit_test(dates_are_read_strictly), cmocka_unit_test(times_are_read_with_any_offset), cmocka_unit_test(times_are_written),
    cmocka_unit_test(clocks_stand_run_and_are_ahead),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
