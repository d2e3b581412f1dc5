/* The calendar's file and rows, and what an administrator enters beside them, on both engines. */
#include "people/test_support.h"

#include "base/text.h"
#include <string.h>

#define HOURS "\"hours\":[{\"weekday\":1,\"from\":\"07:30\",\"to\":\"11:30\"},{\"weekday\":1,\"from\":\"13:00\",\"to\":\"17:00\"}]"

static void test_a_new_store(void **state)
{
  struct fixture *f = fixture_of(state);
  const struct calendar *calendar = people_calendar(f->people);
  assert_true(calendar_works(calendar, day_of("2026-11-25")));
  assert_false(calendar_works(calendar, day_of("2026-11-28")));
  assert_int_equal(calendar->weekday[1].span[0].from, 420);
  assert_int_equal(calendar->weekday[5].span[1].to, 1020);
  assert_int_equal(calendar->in_day_cutoff_minute, 900);
  assert_int_equal(calendar->day_count, 0);
}

static void test_the_file_that_ships(void **state)
{
  struct fixture *f = fixture_of(state);
  static const struct { const char *day; bool works; } cases[] = {
    {"2020-01-22", true}, {"2020-01-23", false}, {"2020-01-29", false}, {"2020-01-30", true}, {"2020-04-02", false}, {"2020-09-03", true},
    {"2021-05-03", false}, {"2022-04-11", false}, {"2022-05-03", false}, {"2022-05-04", true}, {"2023-05-03", false}, {"2024-04-29", false},
    {"2024-05-04", true}, {"2025-04-26", true}, {"2025-05-02", false}, {"2025-07-01", true}, {"2026-02-16", false}, {"2026-02-23", true},
    {"2026-11-25", true}, {"2027-02-11", false}, {"2027-12-31", true},
  };
  int64_t count = 0;
  const struct calendar *old = people_calendar(f->people);
  assert_int_equal(calendar_import(f->cx, f->people, data_file(f->cx, "calendar.json"), &count), OK);
  const struct calendar *calendar = people_calendar(f->people);
  assert_true(count > 100);
  assert_int_equal(calendar->day_count, count);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) assert_int_equal(calendar_works(calendar, day_of(cases[i].day)), cases[i].works);
  assert_int_equal(old->day_count, 0); /* whoever held the old one may go on with it */
  int minutes = 0;
  for (int i = 0; i < 3; i++) minutes += calendar->weekday[3].span[i].to - calendar->weekday[3].span[i].from;
  assert_int_equal(minutes, 8 * 60);
}

static void test_what_import_refuses(void **state)
{
  struct fixture *f = fixture_of(state);
  static const struct { const char *json, *key, *field; } cases[] = {
    {"{\"in_day_cutoff\":\"25:00\"," HOURS ",\"days\":[]}", "account.error.hours", "in_day_cutoff"},
    {"{\"in_day_cutoff\":\"15:00\",\"hours\":[],\"days\":[]}", "error.required", "hours"},
    {"{\"in_day_cutoff\":\"15:00\",\"hours\":[{\"weekday\":1,\"from\":\"11:00\",\"to\":\"07:00\"}],\"days\":[]}", "account.error.hours", "hours[0]"},
    {"{\"in_day_cutoff\":\"15:00\",\"hours\":[{\"weekday\":1,\"from\":\"07:00\",\"to\":\"11:00\"},{\"weekday\":1,\"from\":\"10:00\",\"to\":\"17:00\"}],\"days\":[]}",
     "account.error.hours_order", "hours[1]"},
    {"{\"in_day_cutoff\":\"15:00\"," HOURS ",\"days\":[{\"day\":\"2027-01-01\",\"kind\":\"holiday\",\"name\":\"a\",\"legal_basis\":\"b\",\"verified\":false},"
     "{\"day\":\"2027-01-01\",\"kind\":\"make_up\",\"name\":\"a\",\"legal_basis\":\"b\",\"verified\":false}]}", "account.error.day_twice", "days"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    int64_t count = -1;
    assert_int_equal(calendar_import(f->cx, f->people, bytes_of(cases[i].json), &count), ERR_INPUT);
    assert_problem(f->cx, cases[i].key, cases[i].field);
    assert_int_equal(count, -1);
  }
  assert_int_equal(people_calendar(f->people)->day_count, 0);
}

/* Each of these was taken once, and the next deadline ended the node. */
static void test_a_calendar_that_never_works_is_refused(void **state)
{
  struct fixture *f = fixture_of(state);
  int64_t count = -1;
  const char *make_up = "{\"in_day_cutoff\":\"15:00\",\"hours\":[{\"weekday\":8,\"from\":\"07:00\",\"to\":\"11:00\"}],\"days\":[]}";
  assert_int_equal(calendar_import(f->cx, f->people, bytes_of(make_up), &count), ERR_INPUT);
  assert_problem(f->cx, "error.required", "hours");
  static const struct { const char *first; int days, step; bool good; } cases[] = {
    {"2027-01-01", 366, 1, false}, {"2027-01-01", 61, 1, false}, {"2027-01-01", 61, 6, false}, {"2027-01-01", 61, 7, true},
    {"2027-01-01", 30, 1, true}, {"2027-01-04", 12, 7, false},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct buffer json;
    buffer_init(&json, f->cx->arena);
    buffer_text(&json, "{\"in_day_cutoff\":\"15:00\"," HOURS ",\"days\":[");
    for (int n = 0; n < cases[i].days; n++)
      buffer_print(&json, "%s{\"day\":\"%s\",\"kind\":\"holiday\",\"name\":\"a\",\"legal_basis\":\"b\",\"verified\":false}", n ? "," : "",
                   date_write_iso(f->cx->arena, (int32_t)day_of(cases[i].first) + n * cases[i].step));
    buffer_text(&json, "]}");
    assert_int_equal(calendar_import(f->cx, f->people, bytes_of(buffer_string(&json)), &count), cases[i].good ? OK : ERR_INPUT);
    if (!cases[i].good) assert_problem(f->cx, "account.error.rest", "days");
  }
}

/* The deadline of such a day was 00:00 of the next one, which days left then counted. */
static void test_hours_until_midnight_are_refused(void **state)
{
  struct fixture *f = fixture_of(state);
  int64_t count = -1;
#define WEDNESDAY_UNTIL(end) "{\"in_day_cutoff\":\"15:00\",\"hours\":[{\"weekday\":3,\"from\":\"18:00\",\"to\":\"" end "\"}],\"days\":[]}"
  assert_int_equal(calendar_import(f->cx, f->people, bytes_of(WEDNESDAY_UNTIL("24:00")), &count), ERR_INPUT);
  assert_problem(f->cx, "account.error.hours", "hours[0]");
  assert_int_equal(calendar_import(f->cx, f->people, bytes_of(WEDNESDAY_UNTIL("23:59")), &count), OK);
  const struct calendar *calendar = people_calendar(f->people);
  int64_t now_us = time_from_days((int32_t)day_of("2026-11-25"), 19 * 60); /* a Wednesday */
  assert_int_equal(calendar_days_left(calendar, now_us, calendar_due(calendar, now_us, 0, TERM_CALENDAR_DAYS)), 0);
}

static void test_own_days_never_fill_a_year(void **state)
{
  struct fixture *f = fixture_of(state);
  struct calendar_row row = {.day = day_of("2027-01-01"), .kind = "holiday", .name = "a", .legal_basis = "b"};
  for (int n = 0; n < 60; n++, row.day += 2) assert_int_equal(calendar_day_put(f->cx, f->people, &row), OK);
  assert_int_equal(calendar_day_put(f->cx, f->people, &row), ERR_INPUT);
  assert_problem(f->cx, "account.error.rest", "day");
  row.day += 366;
  assert_int_equal(calendar_day_put(f->cx, f->people, &row), OK);
}

static void test_own_days_stay(void **state)
{
  struct fixture *f = fixture_of(state);
  struct list rows;
  int64_t count;
  const struct calendar_row row = {.day = day_of("2026-12-24"), .kind = "holiday", .name = "Ngày của tỉnh", .legal_basis = "Quyết định của UBND tỉnh"};
  assert_int_equal(calendar_day_put(f->cx, f->people, &row), OK);
  assert_false(calendar_works(people_calendar(f->people), day_of("2026-12-24")));
  assert_int_equal(calendar_import(f->cx, f->people, data_file(f->cx, "calendar.json"), &count), OK);
  assert_false(calendar_works(people_calendar(f->people), day_of("2026-12-24")));
  assert_int_equal(calendar_days(f->cx, f->people, day_of("2026-12-01"), day_of("2026-12-31"), &rows), OK);
  assert_int_equal(rows.count, 1);
  assert_true(((const struct calendar_row *)rows.items)->own);
  assert_int_equal(calendar_day_drop(f->cx, f->people, day_of("2026-12-24")), OK);
  assert_true(calendar_works(people_calendar(f->people), day_of("2026-12-24")));
  assert_int_equal(calendar_day_drop(f->cx, f->people, day_of("2026-12-24")), ERR_NOT_FOUND);
}

static void test_loaded_files(void **state)
{
  struct fixture *f = fixture_of(state);
  const char *hash = "x";
  assert_int_equal(loaded_hash(f->cx, f->people, "calendar.json", &hash), OK);
  assert_null(hash);
  assert_int_equal(loaded_note(f->cx, f->people, "calendar.json", "abc"), OK);
  assert_int_equal(loaded_note(f->cx, f->people, "calendar.json", "def"), OK);
  assert_int_equal(loaded_hash(f->cx, f->people, "calendar.json", &hash), OK);
  assert_string_equal(hash, "def");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    ON_BOTH(test_a_new_store), ON_BOTH(test_the_file_that_ships), ON_BOTH(test_what_import_refuses), ON_BOTH(test_own_days_stay),
    ON_BOTH(test_loaded_files), ON_BOTH(test_a_calendar_that_never_works_is_refused), ON_BOTH(test_own_days_never_fill_a_year),
    ON_BOTH(test_hours_until_midnight_are_refused),
  };
  return cmocka_run_group_tests_name("people_calendar", tests, NULL, NULL);
}
