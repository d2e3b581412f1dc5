/* Dates and times: arithmetic on the proleptic Gregorian calendar and the few ways in which times are written. */
#include "base/clock.h"

#include "base/text.h"
#include <string.h>
#include <time.h>

enum { YEAR_MAX = 9999, DAYS_IN_400_YEARS = 146097, DAYS_TO_1970 = 719468 /* from 0000-03-01 */ };

static int64_t divide_down(int64_t value, int64_t by)
{
  return value / by - (value % by < 0);
}

static int64_t machine_us(clockid_t id)
{
  struct timespec now;
  clock_gettime(id, &now);
  return (int64_t)now.tv_sec * SECOND_US + now.tv_nsec / 1000;
}

int64_t clock_now(const struct clock *clock)
{
  return clock->fixed_us ? clock->fixed_us : machine_us(CLOCK_REALTIME) + clock->offset_us;
}

int64_t clock_monotonic_us(void)
{
  return machine_us(CLOCK_MONOTONIC);
}

/* Years are counted from March, so that the leap day is the last of its year. */
int32_t date_to_days(struct date date)
{
  int year = date.month > 2 ? date.year : date.year - 1;
  int month = (date.month + 9) % 12;
  int era = (int)divide_down(year, 400), of_era = year - era * 400;
  int day_of_year = (153 * month + 2) / 5 + date.day - 1;
  return era * DAYS_IN_400_YEARS + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - DAYS_TO_1970;
}

struct date date_from_days(int32_t days)
{
  int64_t shifted = (int64_t)days + DAYS_TO_1970;
  int64_t era = divide_down(shifted, DAYS_IN_400_YEARS);
  int of_era = (int)(shifted - era * DAYS_IN_400_YEARS);
  int year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  int day_of_year = of_era - (365 * year + year / 4 - year / 100);
  int month = (5 * day_of_year + 2) / 153;
  int day = day_of_year - (153 * month + 2) / 5 + 1;
  int civil_month = month < 10 ? month + 3 : month - 9;
  return (struct date){(int)(era * 400) + year + (civil_month <= 2), civil_month, day};
}

int date_weekday(int32_t days)
{
  int since_monday = (int)(((int64_t)days + 3) % 7); /* 1970-01-01 was a Thursday */
  return (since_monday + 7) % 7 + 1;
}

int32_t time_to_days(int64_t time_us)
{
  return (int32_t)divide_down(time_us + VIETNAM_OFFSET_US, DAY_US);
}

int64_t time_from_days(int32_t days, int minute_of_day)
{
  return (int64_t)days * DAY_US + minute_of_day * MINUTE_US - VIETNAM_OFFSET_US;
}

int time_minute_of_day(int64_t time_us)
{
  return (int)((time_us - time_from_days(time_to_days(time_us), 0)) / MINUTE_US);
}

static bool date_exists(struct date date)
{
  if (date.year < 1 || date.year > YEAR_MAX || date.month < 1 || date.month > 12 || date.day < 1 || date.day > 31) return false;
  struct date same = date_from_days(date_to_days(date));
  return same.month == date.month && same.day == date.day;
}

/* min to max digits at *at; moves on behind them. -1: not so. */
static int take_number(const char **at, int min, int max)
{
  int value = 0, count = 0;
  for (; count < max && **at >= '0' && **at <= '9'; count++) value = value * 10 + *(*at)++ - '0';
  return count < min ? -1 : value;
}

static bool take_char(const char **at, char c)
{
  if (**at != c) return false;
  ++*at;
  return true;
}

static bool take_iso_date(const char **at, struct date *date)
{
  return (date->year = take_number(at, 4, 4)) >= 0 && take_char(at, '-') && (date->month = take_number(at, 2, 2)) >= 0 &&
         take_char(at, '-') && (date->day = take_number(at, 2, 2)) >= 0 && date_exists(*date);
}

bool date_read_iso(const char *text, struct date *out)
{
  struct date date;
  if (!text || !take_iso_date(&text, &date) || *text) return false;
  *out = date;
  return true;
}

bool date_read_vn(const char *text, struct date *out)
{
  struct date date;
  if (!text) return false;
  if ((date.day = take_number(&text, 1, 2)) < 0 || !take_char(&text, '/') || (date.month = take_number(&text, 1, 2)) < 0 ||
      !take_char(&text, '/') || (date.year = take_number(&text, 4, 4)) < 0 || *text || !date_exists(date))
    return false;
  *out = date;
  return true;
}

/* hh:mm:ss and a fraction of up to six digits. */
static bool take_time_of_day(const char **at, int64_t *out_us)
{
  int hour, minute, second, fraction = 0;
  if ((hour = take_number(at, 2, 2)) < 0 || !take_char(at, ':') || (minute = take_number(at, 2, 2)) < 0 || !take_char(at, ':') ||
      (second = take_number(at, 2, 2)) < 0 || hour > 23 || minute > 59 || second > 59)
    return false;
  if (take_char(at, '.')) {
    const char *start = *at;
    if ((fraction = take_number(at, 1, 6)) < 0) return false;
    for (ptrdiff_t digits = *at - start; digits < 6; digits++) fraction *= 10;
  }
  *out_us = hour * HOUR_US + minute * MINUTE_US + second * SECOND_US + fraction;
  return true;
}

static bool take_offset(const char **at, int64_t *out_us)
{
  *out_us = 0;
  if (take_char(at, 'Z') || take_char(at, 'z')) return true;
  int sign = **at == '-' ? -1 : 1, hour, minute;
  if ((!take_char(at, '+') && !take_char(at, '-')) || (hour = take_number(at, 2, 2)) < 0 || !take_char(at, ':') ||
      (minute = take_number(at, 2, 2)) < 0 || hour > 23 || minute > 59)
    return false;
  *out_us = sign * (hour * HOUR_US + minute * MINUTE_US);
  return true;
}

bool time_read_iso(const char *text, int64_t *out_us)
{
  struct date date;
  int64_t of_day, offset;
  if (!text || !take_iso_date(&text, &date)) return false;
  if (!take_char(&text, 'T') && !take_char(&text, 't')) return false;
  if (!take_time_of_day(&text, &of_day) || !take_offset(&text, &offset) || *text) return false;
  *out_us = date_to_days(date) * DAY_US + of_day - offset;
  return true;
}

/* Lists write dates by the hundred: digit by digit it takes a tenth of what formatting does. */
static void digits_write(char *out, int number, int digits)
{
  for (int i = digits - 1; i >= 0; i--, number /= 10) out[i] = (char)('0' + number % 10);
}

/* The year, month and day in the places of "yyyy", "mm" and "dd". */
static char *date_fill(struct arena *arena, const char *form, struct date date)
{
  char *text = arena_copy(arena, form);
  digits_write(strchr(text, 'y'), date.year, 4);
  digits_write(strchr(text, 'm'), date.month, 2);
  digits_write(strchr(text, 'd'), date.day, 2);
  return text;
}

char *date_write_iso(struct arena *arena, int32_t days)
{
  struct date date = date_from_days(days);
  if (date.year < 0 || date.year > YEAR_MAX) return arena_print(arena, "%d-%02d-%02d", date.year, date.month, date.day);
  return date_fill(arena, "yyyy-mm-dd", date);
}

char *date_write_vn(struct arena *arena, int32_t days)
{
  struct date date = date_from_days(days);
  if (date.year < 0 || date.year > YEAR_MAX) return arena_print(arena, "%02d/%02d/%d", date.day, date.month, date.year);
  return date_fill(arena, "dd/mm/yyyy", date);
}

char *time_write_vn(struct arena *arena, int64_t time_us)
{
  int minute = time_minute_of_day(time_us);
  return arena_print(arena, "%s %02d:%02d", date_write_vn(arena, time_to_days(time_us)), minute / 60, minute % 60);
}

char *time_write_iso(struct arena *arena, int64_t time_us)
{
  int32_t days = (int32_t)divide_down(time_us, DAY_US);
  int64_t rest = time_us - days * DAY_US, seconds = rest / SECOND_US;
  return arena_print(arena, "%sT%02d:%02d:%02d.%06dZ", date_write_iso(arena, days), (int)(seconds / 3600), (int)(seconds / 60 % 60),
                     (int)(seconds % 60), (int)(rest % SECOND_US));
}

char *time_write_http(struct arena *arena, int64_t time_us)
{
  static const char *const weekdays[] = {"", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  static const char *const months[] = {"", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  int32_t days = (int32_t)divide_down(time_us, DAY_US);
  struct date date = date_from_days(days);
  int seconds = (int)((time_us - days * DAY_US) / SECOND_US);
  return arena_print(arena, "%s, %02d %s %04d %02d:%02d:%02d GMT", weekdays[date_weekday(days)], date.day, months[date.month], date.year,
                     seconds / 3600, seconds / 60 % 60, seconds % 60);
}

void clock_condition_init(pthread_cond_t *condition)
{
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(condition, &monotonic);
  pthread_condattr_destroy(&monotonic);
}

int clock_wait_until(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t until_us)
{
  const struct timespec until = {.tv_sec = until_us / SECOND_US, .tv_nsec = until_us % SECOND_US * 1000};
  return pthread_cond_timedwait(condition, lock, &until);
}

int clock_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t wait_us)
{
  return clock_wait_until(condition, lock, clock_monotonic_us() + wait_us);
}
