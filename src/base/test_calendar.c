/* Deadlines as a table of cases: Tết and 30/4 of 2021, the swapped Friday of 2025, nights, lunch hours and stopped clocks.
 * Moments are written as people read them, "hh:mm dd/mm/yyyy" in Viet Nam. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/calendar.h"
#include "base/text.h"
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int32_t day(const char *text)
{
  struct date date;
  if (!date_read_vn(text, &date)) fail_msg("%s is no day", text);
  return date_to_days(date);
}

static int64_t moment(const char *text)
{
  char date[sizeof "25/11/2026"] = "";
  memcpy(date, text, sizeof date - 1);
  const char *at = text + sizeof date;
  int hour = (at[0] - '0') * 10 + at[1] - '0', minute = (at[3] - '0') * 10 + at[4] - '0';
  return time_from_days(day(date), hour * 60 + minute);
}

/* Tết 2021 is 10 to 16 February; 1 May 2021 was a Saturday, given back on Monday 3 May; Friday 2 May 2025 was given for
 * Saturday 26 April. 21 April 2021: Hùng Kings' day. */
static const char *const holidays[] = {"10/02/2021", "11/02/2021", "12/02/2021", "13/02/2021", "14/02/2021", "15/02/2021", "16/02/2021",
                                       "21/04/2021", "30/04/2021", "01/05/2021", "03/05/2021"};
static const char *const later_holidays[] = {"30/04/2025", "01/05/2025", "02/05/2025"};

struct fixture { struct calendar calendar; struct calendar_day days[COUNT(holidays) + 1 + COUNT(later_holidays)]; };

static const struct calendar *make(struct fixture *fixture)
{
  static const struct working_spans full = {{{420, 660}, {780, 1020}, {0, 0}}}; /* 07:00–11:00, 13:00–17:00 */
  struct calendar *calendar = &fixture->calendar;
  *calendar = (struct calendar){.make_up = full, .days = fixture->days, .in_day_cutoff_minute = 900};
  for (int weekday = 1; weekday <= 5; weekday++) calendar->weekday[weekday] = full;
  for (size_t i = 0; i < COUNT(holidays); i++)
    fixture->days[calendar->day_count++] = (struct calendar_day){day(holidays[i]), DAY_HOLIDAY, "nghỉ lễ"};
  fixture->days[calendar->day_count++] = (struct calendar_day){day("26/04/2025"), DAY_MAKE_UP, "làm bù"};
  for (size_t i = 0; i < COUNT(later_holidays); i++)
    fixture->days[calendar->day_count++] = (struct calendar_day){day(later_holidays[i]), DAY_HOLIDAY, "nghỉ lễ"};
  return calendar;
}

static void days_that_work(void **state)
{
  static const struct { const char *day; bool works; } cases[] = {
    {"09/02/2021", true}, {"10/02/2021", false}, {"14/02/2021", false}, {"16/02/2021", false}, {"17/02/2021", true},
    {"21/04/2021", false}, {"29/04/2021", true}, {"30/04/2021", false}, {"03/05/2021", false}, {"04/05/2021", true},
    {"06/02/2021", false}, {"07/02/2021", false}, {"26/04/2025", true}, {"27/04/2025", false}, {"02/05/2025", false},
    {"03/05/2025", false}, {"05/05/2025", true},
  };
  struct fixture fixture;
  const struct calendar *calendar = make(&fixture);
  for (size_t i = 0; i < COUNT(cases); i++)
    if (calendar_works(calendar, day(cases[i].day)) != cases[i].works) fail_msg("%s", cases[i].day);
}

static void working_days_are_added(void **state)
{
  static const struct { const char *from; int n; const char *to; } cases[] = {
    {"08/02/2021", 0, "08/02/2021"}, {"08/02/2021", 1, "09/02/2021"}, {"08/02/2021", 2, "17/02/2021"}, {"09/02/2021", 3, "19/02/2021"},
    {"10/02/2021", 0, "17/02/2021"}, {"10/02/2021", 1, "17/02/2021"}, {"05/02/2021", 1, "08/02/2021"}, {"29/04/2021", 1, "04/05/2021"},
    {"25/04/2025", 1, "26/04/2025"}, {"25/04/2025", 2, "28/04/2025"}, {"29/04/2025", 1, "05/05/2025"},
  };
  struct fixture fixture;
  const struct calendar *calendar = make(&fixture);
  for (size_t i = 0; i < COUNT(cases); i++)
    if (calendar_add_working_days(calendar, day(cases[i].from), cases[i].n) != day(cases[i].to)) fail_msg("%s + %d", cases[i].from, cases[i].n);
}

static void terms_end_when_they_should(void **state)
{
  static const struct { const char *received; int amount; enum term_unit unit; const char *due; } cases[] = {
    /* working days: the same moment of the n-th working day */
    {"01/03/2021 09:00", 3, TERM_WORKING_DAYS, "04/03/2021 09:00"},
    {"04/03/2021 09:00", 3, TERM_WORKING_DAYS, "09/03/2021 09:00"},
    {"09/02/2021 16:59", 3, TERM_WORKING_DAYS, "19/02/2021 16:59"},
    {"29/04/2021 08:00", 1, TERM_WORKING_DAYS, "04/05/2021 08:00"},
    {"25/04/2025 10:30", 3, TERM_WORKING_DAYS, "29/04/2025 10:30"},
    {"25/04/2025 10:30", 4, TERM_WORKING_DAYS, "05/05/2025 10:30"},
    {"01/03/2021 07:00", 1, TERM_WORKING_DAYS, "02/03/2021 07:00"},
    {"01/03/2021 11:00", 1, TERM_WORKING_DAYS, "02/03/2021 11:00"},
    {"01/03/2021 17:00", 1, TERM_WORKING_DAYS, "02/03/2021 17:00"},
    /* at lunch: from the afternoon's first moment */
    {"01/03/2021 12:00", 3, TERM_WORKING_DAYS, "04/03/2021 13:00"},
    /* while offices rest: from their opening, so the term ends with a day's hours */
    {"01/03/2021 18:00", 3, TERM_WORKING_DAYS, "04/03/2021 17:00"},
    {"01/03/2021 05:00", 3, TERM_WORKING_DAYS, "03/03/2021 17:00"},
    {"06/03/2021 10:00", 3, TERM_WORKING_DAYS, "10/03/2021 17:00"},
    {"12/02/2021 10:00", 1, TERM_WORKING_DAYS, "17/02/2021 17:00"},
    /* calendar days: the end of the last day's hours, over week-ends and holidays */
    {"01/03/2021 09:00", 10, TERM_CALENDAR_DAYS, "11/03/2021 17:00"},
    {"03/03/2021 09:00", 10, TERM_CALENDAR_DAYS, "15/03/2021 17:00"},
    {"01/02/2021 09:00", 10, TERM_CALENDAR_DAYS, "17/02/2021 17:00"},
    {"01/03/2021 23:30", 1, TERM_CALENDAR_DAYS, "02/03/2021 17:00"},
    {"01/03/2021 23:30", 0, TERM_CALENDAR_DAYS, "02/03/2021 17:00"},
    {"01/03/2021 09:00", 0, TERM_CALENDAR_DAYS, "01/03/2021 17:00"},
    /* hours */
    {"01/03/2021 09:00", 24, TERM_HOURS, "02/03/2021 09:00"},
    {"05/03/2021 09:00", 24, TERM_HOURS, "08/03/2021 07:00"},
    {"01/03/2021 16:00", 4, TERM_HOURS, "02/03/2021 07:00"},
    {"01/03/2021 09:00", 4, TERM_WORKING_HOURS, "01/03/2021 15:00"},
    {"01/03/2021 07:00", 8, TERM_WORKING_HOURS, "01/03/2021 17:00"},
    {"09/02/2021 15:00", 4, TERM_WORKING_HOURS, "17/02/2021 09:00"},
    {"05/03/2021 20:00", 2, TERM_WORKING_HOURS, "08/03/2021 09:00"},
    /* in the day, until 15:00 */
    {"01/03/2021 08:00", 0, TERM_IN_DAY, "01/03/2021 17:00"},
    {"01/03/2021 15:00", 0, TERM_IN_DAY, "01/03/2021 17:00"},
    {"01/03/2021 15:01", 0, TERM_IN_DAY, "02/03/2021 17:00"},
    {"05/03/2021 15:01", 0, TERM_IN_DAY, "08/03/2021 17:00"},
    {"09/02/2021 15:01", 0, TERM_IN_DAY, "17/02/2021 17:00"},
    {"06/03/2021 09:00", 0, TERM_IN_DAY, "08/03/2021 17:00"},
  };
  struct fixture fixture;
  const struct calendar *calendar = make(&fixture);
  struct arena *arena = arena_new(0);
  for (size_t i = 0; i < COUNT(cases); i++) {
    const char *due = time_write_vn(arena, calendar_due(calendar, moment(cases[i].received), cases[i].amount, cases[i].unit));
    if (!text_equal(due, cases[i].due))
      fail_msg("%s + %d of unit %d: %s, not %s", cases[i].received, cases[i].amount, (int)cases[i].unit, due, cases[i].due);
  }
  arena_free(arena);
}

static void half_a_second_after_the_cutoff_is_after(void **state)
{
  struct fixture fixture;
  const struct calendar *calendar = make(&fixture);
  assert_int_equal(calendar_due(calendar, moment("01/03/2021 15:00") + SECOND_US / 2, 0, TERM_IN_DAY), moment("02/03/2021 17:00"));
}

static void a_short_saturday_ends_a_term_with_its_hours(void **state)
{
  struct fixture fixture;
  struct calendar calendar = *make(&fixture);
  calendar.weekday[6] = (struct working_spans){{{420, 660}}};
  assert_int_equal(calendar_due(&calendar, moment("05/03/2021 14:00"), 1, TERM_WORKING_DAYS), moment("06/03/2021 11:00"));
  assert_int_equal(calendar_due(&calendar, moment("05/03/2021 09:00"), 1, TERM_WORKING_DAYS), moment("06/03/2021 09:00"));
  assert_int_equal(calendar_due(&calendar, moment("06/03/2021 12:00"), 0, TERM_IN_DAY), moment("08/03/2021 17:00"));
}

static void a_stopped_clock_gives_the_time_back(void **state)
{
  static const struct { const char *from, *to; int64_t minutes; } cases[] = {
    {"01/03/2021 09:00", "01/03/2021 10:30", 90},
    {"01/03/2021 10:00", "01/03/2021 14:00", 120},
    {"01/03/2021 16:00", "02/03/2021 08:00", 120},
    {"05/03/2021 12:00", "08/03/2021 06:00", 240},
    {"05/03/2021 18:00", "08/03/2021 06:00", 0},
    {"09/02/2021 13:00", "17/02/2021 11:00", 480},
    {"01/03/2021 09:00", "01/03/2021 09:00", 0},
    {"01/03/2021 10:00", "01/03/2021 09:00", 0},
  };
  struct fixture fixture;
  const struct calendar *calendar = make(&fixture);
  for (size_t i = 0; i < COUNT(cases); i++)
    assert_int_equal(calendar_worked(calendar, moment(cases[i].from), moment(cases[i].to)), cases[i].minutes * MINUTE_US);
  /* Due on Thursday at 09:00; a supplement was awaited from Tuesday 10:00 to the next Monday 08:00: 5 + 3 × 8 + 1 hours of work. */
  int64_t stopped = calendar_worked(calendar, moment("02/03/2021 10:00"), moment("08/03/2021 08:00"));
  assert_int_equal(stopped, 30 * HOUR_US);
  assert_int_equal(calendar_add_worked(calendar, moment("04/03/2021 09:00"), stopped), moment("09/03/2021 17:00"));
}

static void adding_undoes_counting(void **state)
{
  static const char *const starts[] = {"01/03/2021 07:00", "01/03/2021 06:59", "01/03/2021 11:00", "05/03/2021 12:10", "05/03/2021 17:00",
                                       "09/02/2021 16:59", "13/02/2021 10:00", "25/04/2025 23:59"};
  struct fixture fixture;
  const struct calendar *calendar = make(&fixture);
  for (size_t i = 0; i < COUNT(starts); i++)
    for (int64_t worked = 0; worked < 40 * HOUR_US; worked += 37 * MINUTE_US + 13) {
      int64_t from = moment(starts[i]) - 1, to = calendar_add_worked(calendar, from, worked);
      assert_int_equal(calendar_worked(calendar, from, to), worked);
      assert_true(to >= from);
    }
}

static void days_left_are_working_days(void **state)
{
  static const struct { const char *now, *due; int left; } cases[] = {
    {"01/03/2021 09:00", "01/03/2021 17:00", 0}, {"01/03/2021 17:30", "01/03/2021 17:00", 0}, {"01/03/2021 09:00", "03/03/2021 09:00", 2},
    {"05/03/2021 09:00", "08/03/2021 09:00", 1}, {"06/03/2021 09:00", "08/03/2021 09:00", 1}, {"09/02/2021 09:00", "18/02/2021 09:00", 2},
    {"03/03/2021 09:00", "01/03/2021 17:00", -2}, {"06/03/2021 09:00", "05/03/2021 17:00", -1}, {"08/03/2021 09:00", "05/03/2021 17:00", -1},
    {"17/02/2021 09:00", "08/02/2021 17:00", -2},
  };
  struct fixture fixture;
  const struct calendar *calendar = make(&fixture);
  for (size_t i = 0; i < COUNT(cases); i++)
    if (calendar_days_left(calendar, moment(cases[i].now), moment(cases[i].due)) != cases[i].left) fail_msg("%s → %s", cases[i].now, cases[i].due);
}

/* Over a year with Tết in it: as many as a walk over the days finds. */
static void days_left_are_those_that_a_walk_counts(void **state)
{
  struct fixture fixture;
  const struct calendar *calendar = make(&fixture);
  int32_t first = day("01/12/2020");
  for (int32_t from = first; from < first + 120; from++) {
    int walked = 0;
    for (int32_t to = from + 1; to < from + 260; to++) {
      walked += calendar_works(calendar, to);
      assert_int_equal(calendar_days_left(calendar, time_from_days(from, 600), time_from_days(to, 600)), walked ? walked : 1);
      assert_int_equal(calendar_days_left(calendar, time_from_days(to, 600), time_from_days(from, 600)), walked ? -walked : -1);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(days_that_work), cmocka_unit_test(working_days_are_added), cmocka_unit_test(terms_end_when_they_should),
    cmocka_unit_test(half_a_second_after_the_cutoff_is_after), cmocka_unit_test(a_short_saturday_ends_a_term_with_its_hours),
    cmocka_unit_test(a_stopped_clock_gives_the_time_back), cmocka_unit_test(adding_undoes_counting), cmocka_unit_test(days_left_are_working_days),
    cmocka_unit_test(days_left_are_those_that_a_walk_counts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
