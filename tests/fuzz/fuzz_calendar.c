/* Fuzzer of deadlines: any calendar with hours, any moment, any term. A deadline never lies before its beginning, who comes later is
 * not due earlier, a longer term does not end earlier, and working time that is added is the time that is counted. */
#include "fuzz.h"

#include "base/calendar.h"

enum { DAYS_MAX = 60, HOURS = 8 };

static const struct working_spans hours[HOURS] = {
  {{{0, 0}}}, {{{420, 660}, {780, 1020}}}, {{{450, 690}, {810, 1050}}}, {{{480, 720}}}, {{{0, 1439}}}, {{{1380, 1439}}},
  {{{0, 1}, {600, 601}, {1438, 1439}}}, {{{780, 1020}}},
};

struct input { const uint8_t *data; size_t size; };

static unsigned take(struct input *input, int bytes)
{
  unsigned number = 0;
  for (; bytes > 0; bytes--) {
    number = number << 8 | (input->size ? input->data[0] : 0);
    if (input->size) input->data++, input->size--;
  }
  return number;
}

/* At least one weekday works; days in order and once each. */
static void calendar_take(struct input *input, struct calendar *out, struct calendar_day days[DAYS_MAX], int32_t first)
{
  *out = (struct calendar){.days = days, .in_day_cutoff_minute = (int)(take(input, 2) % 1440)};
  for (int i = 1; i <= 7; i++) out->weekday[i] = hours[take(input, 1) % HOURS];
  out->weekday[1 + take(input, 1) % 7] = hours[1 + take(input, 1) % (HOURS - 1)];
  out->make_up = hours[1 + take(input, 1) % (HOURS - 1)];
  int32_t day = first;
  for (size_t count = take(input, 1) % DAYS_MAX; out->day_count < count;) {
    unsigned step = take(input, 1);
    day += 1 + (int32_t)(step & 15);
    days[out->day_count++] = (struct calendar_day){day, step & 16 ? DAY_MAKE_UP : DAY_HOLIDAY, "x"};
  }
}

static void check_terms(const struct calendar *calendar, int64_t received_us, int64_t later_us, int amount)
{
  for (enum term_unit unit = TERM_WORKING_DAYS; unit <= TERM_IN_DAY; unit++) {
    int64_t due = calendar_due(calendar, received_us, amount, unit);
    assert(due >= received_us);
    assert(calendar_due(calendar, later_us, amount, unit) >= due);
    assert(unit == TERM_IN_DAY || calendar_due(calendar, received_us, amount + 1, unit) >= due);
    assert(unit == TERM_WORKING_HOURS || calendar_works(calendar, time_to_days(due)));
    assert(calendar_days_left(calendar, received_us, due) >= 0 && calendar_days_left(calendar, due, due) == 0);
    if (time_to_days(due) != time_to_days(received_us)) assert(calendar_days_left(calendar, due, received_us) < 0);
  }
}

static void check_work(const struct calendar *calendar, int64_t from_us, int64_t to_us, int64_t worked_us)
{
  int64_t end = calendar_add_worked(calendar, from_us, worked_us), middle = from_us + (to_us - from_us) / 3;
  assert(end >= from_us && calendar_worked(calendar, from_us, end) == worked_us);
  assert(calendar_worked(calendar, from_us, middle) + calendar_worked(calendar, middle, to_us) == calendar_worked(calendar, from_us, to_us));
  assert(calendar_worked(calendar, from_us, to_us) <= to_us - from_us);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct input input = {data, size};
  struct calendar calendar;
  struct calendar_day days[DAYS_MAX];
  const int32_t first = 20000;
  calendar_take(&input, &calendar, days, first);
  int64_t received_us = time_from_days(first, 0) + (int64_t)(take(&input, 2) % (14 * 1440)) * MINUTE_US + take(&input, 1) % 4;
  int64_t later_us = received_us + (int64_t)take(&input, 2) * MINUTE_US / 4;
  check_terms(&calendar, received_us, later_us, (int)(take(&input, 1) % 80));
  check_work(&calendar, received_us, later_us, (int64_t)(take(&input, 2) % 2000) * MINUTE_US + take(&input, 1));
  int32_t day = calendar_add_working_days(&calendar, first, (int)(take(&input, 1) % 40));
  assert(day >= first && calendar_works(&calendar, day));
  return 0;
}
