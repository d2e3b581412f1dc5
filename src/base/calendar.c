/* Deadlines are promises to citizens: every count of working time goes through the spans of one day, so that no two pages
 * reckon differently. A moment at which a span ends still belongs to it: a term that is used up then ends then, and not when
 * the next span begins. */
#include "base/calendar.h"

#include <assert.h>

/* More days on end than any calendar rests; a range longer than any office looks at. Beyond them the caller's data is wrong. */
enum { REST_DAYS_MAX = 366, RANGE_DAYS_MAX = 200 * 366, SPANS = 3 };

static const struct working_spans no_hours;

/* The first that is not before. */
static size_t place_from(const struct calendar *calendar, int32_t days)
{
  size_t low = 0, high = calendar->day_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (calendar->days[middle].days < days) low = middle + 1;
    else high = middle;
  }
  return low;
}

static const struct calendar_day *find_day(const struct calendar *calendar, int32_t days)
{
  size_t place = place_from(calendar, days);
  return place < calendar->day_count && calendar->days[place].days == days ? &calendar->days[place] : NULL;
}

static const struct working_spans *hours_of(const struct calendar *calendar, int32_t days)
{
  const struct calendar_day *day = find_day(calendar, days);
  if (!day) return &calendar->weekday[date_weekday(days)];
  return day->kind == DAY_MAKE_UP ? &calendar->make_up : &no_hours;
}

static bool works_in(const struct working_spans *hours)
{
  for (int i = 0; i < SPANS; i++)
    if (hours->span[i].from < hours->span[i].to) return true;
  return false;
}

bool calendar_works(const struct calendar *calendar, int32_t days)
{
  return works_in(hours_of(calendar, days));
}

static int32_t working_day_from(const struct calendar *calendar, int32_t days)
{
  int32_t limit = days + REST_DAYS_MAX;
  while (!calendar_works(calendar, days)) {
    days++;
    assert(days < limit);
  }
  return days;
}

int32_t calendar_add_working_days(const struct calendar *calendar, int32_t days, int n)
{
  assert(n >= 0);
  if (n == 0) return working_day_from(calendar, days);
  for (; n > 0; n--) days = working_day_from(calendar, days + 1);
  return days;
}

static int64_t end_of_hours(const struct calendar *calendar, int32_t days)
{
  const struct working_spans *hours = hours_of(calendar, days);
  int end = 0;
  for (int i = 0; i < SPANS; i++)
    if (hours->span[i].from < hours->span[i].to && hours->span[i].to > end) end = hours->span[i].to;
  return time_from_days(days, end);
}

struct moments { int64_t from_us, to_us; };

/* The first span that ends at time_us or later. */
static struct moments span_ending_from(const struct calendar *calendar, int64_t time_us)
{
  int32_t first = time_to_days(time_us);
  for (int32_t days = first; days < first + REST_DAYS_MAX; days++) {
    const struct working_spans *hours = hours_of(calendar, days);
    for (int i = 0; i < SPANS; i++) {
      struct moments span = {time_from_days(days, hours->span[i].from), time_from_days(days, hours->span[i].to)};
      if (span.from_us < span.to_us && span.to_us >= time_us) return span;
    }
  }
  assert(!"a calendar that never works");
  return (struct moments){time_us, time_us + 1};
}

static int64_t later(int64_t a, int64_t b)
{
  return a > b ? a : b;
}

/* The moment itself when offices work then, else the next at which they begin. */
static int64_t working_moment_from(const struct calendar *calendar, int64_t time_us)
{
  return later(time_us, span_ending_from(calendar, time_us).from_us);
}

/* The moment moved into the hours of its own day, which works. */
static int64_t into_hours_of_day(const struct calendar *calendar, int64_t time_us)
{
  int64_t moved = working_moment_from(calendar, time_us);
  return time_to_days(moved) == time_to_days(time_us) ? moved : end_of_hours(calendar, time_to_days(time_us));
}

/* What comes while offices rest counts as received when they open: its first working day is then a whole one, and the term
 * ends with the hours of its last day. */
static int64_t due_working_days(const struct calendar *calendar, int64_t received_us, int amount)
{
  int64_t start_us = working_moment_from(calendar, received_us);
  int32_t start_day = time_to_days(start_us);
  bool before_opening = start_us != received_us && calendar_worked(calendar, time_from_days(start_day, 0), start_us) == 0;
  if (amount == 0) return end_of_hours(calendar, start_day);
  if (before_opening) return end_of_hours(calendar, calendar_add_working_days(calendar, start_day, amount - 1));
  int32_t due_day = calendar_add_working_days(calendar, start_day, amount);
  return into_hours_of_day(calendar, start_us + (due_day - start_day) * DAY_US);
}

/* A term of no days at all, begun after hours, ends with the next hours: never before it began. */
static int64_t due_calendar_days(const struct calendar *calendar, int64_t received_us, int amount)
{
  int32_t day = working_day_from(calendar, time_to_days(received_us) + amount);
  int64_t due_us = end_of_hours(calendar, day);
  return due_us >= received_us ? due_us : end_of_hours(calendar, working_day_from(calendar, day + 1));
}

static int64_t due_in_day(const struct calendar *calendar, int64_t received_us)
{
  int32_t day = time_to_days(received_us);
  bool late = received_us > time_from_days(day, calendar->in_day_cutoff_minute) || received_us > end_of_hours(calendar, day);
  return end_of_hours(calendar, working_day_from(calendar, late ? day + 1 : day));
}

int64_t calendar_due(const struct calendar *calendar, int64_t received_us, int amount, enum term_unit unit)
{
  assert(amount >= 0);
  switch (unit) {
  case TERM_WORKING_DAYS: return due_working_days(calendar, received_us, amount);
  case TERM_CALENDAR_DAYS: return due_calendar_days(calendar, received_us, amount);
  case TERM_WORKING_HOURS: return calendar_add_worked(calendar, received_us, amount * HOUR_US);
  case TERM_HOURS: return working_moment_from(calendar, received_us + amount * HOUR_US);
  case TERM_IN_DAY: return due_in_day(calendar, received_us);
  }
  assert(!"a unit that does not exist");
  return received_us;
}

int64_t calendar_worked(const struct calendar *calendar, int64_t from_us, int64_t to_us)
{
  if (to_us <= from_us) return 0;
  int32_t first = time_to_days(from_us), last = time_to_days(to_us);
  assert(last - first < RANGE_DAYS_MAX);
  int64_t worked = 0;
  for (int32_t days = first; days <= last; days++) {
    const struct working_spans *hours = hours_of(calendar, days);
    for (int i = 0; i < SPANS; i++) {
      int64_t from = time_from_days(days, hours->span[i].from), to = time_from_days(days, hours->span[i].to);
      from = later(from, from_us);
      if (to > to_us) to = to_us;
      if (from < to) worked += to - from;
    }
  }
  return worked;
}

int64_t calendar_add_worked(const struct calendar *calendar, int64_t from_us, int64_t worked_us)
{
  int64_t at = from_us;
  for (int steps = 0; worked_us > 0; steps++) {
    assert(steps < RANGE_DAYS_MAX * SPANS);
    struct moments span = span_ending_from(calendar, at + 1);
    int64_t start = later(at, span.from_us);
    at = span.to_us - start < worked_us ? span.to_us : start + worked_us;
    worked_us -= at - start;
  }
  return at;
}

/* Working days after one day and up to another, without walking over them: whole weeks, the rest of a week, and what stands
 * otherwise in the calendar. */
static int working_days_between(const struct calendar *calendar, int32_t after, int32_t up_to)
{
  int weekdays = 0;
  for (int i = 1; i <= 7; i++) weekdays += works_in(&calendar->weekday[i]);
  int count = (up_to - after) / 7 * weekdays;
  for (int32_t days = up_to - (up_to - after) % 7 + 1; days <= up_to; days++) count += works_in(&calendar->weekday[date_weekday(days)]);
  for (size_t i = place_from(calendar, after + 1); i < calendar->day_count && calendar->days[i].days <= up_to; i++)
    count += calendar_works(calendar, calendar->days[i].days) - works_in(&calendar->weekday[date_weekday(calendar->days[i].days)]);
  return count;
}

int calendar_days_left(const struct calendar *calendar, int64_t now_us, int64_t due_us)
{
  int32_t today = time_to_days(now_us), due_day = time_to_days(due_us);
  int32_t first = today < due_day ? today : due_day, last = today < due_day ? due_day : today;
  assert(last - first < RANGE_DAYS_MAX);
  int count = working_days_between(calendar, first, last);
  if (count == 0 && first < last) count = 1; /* over a week-end: no longer today's */
  return today < due_day ? count : -count;
}
