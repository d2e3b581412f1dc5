/* The working calendar: which hours offices work, which days are holidays, which
 * week-end days are worked in exchange, and the deadlines that follow.
 * Rows come from data/calendar.json; each carries its legal basis. */
#ifndef BASE_CALENDAR_H
#define BASE_CALENDAR_H

#include "base/clock.h"

enum day_kind { DAY_HOLIDAY = 1, DAY_MAKE_UP = 2 };

struct calendar_day { int32_t days; enum day_kind kind; const char *name; };

/* Working spans of a weekday in minutes of the day, to < 1440: the end of a day's hours is a moment of that day. Unused spans have
 * from == to. */
struct working_spans { struct { int from, to; } span[3]; };

struct calendar {
  struct working_spans weekday[8];   /* 1 Monday … 7 Sunday; 0 unused */
  struct working_spans make_up;      /* hours of a make-up day */
  const struct calendar_day *days;   /* sorted by .days */
  size_t day_count;
  int in_day_cutoff_minute;          /* in-day procedures received after it: next working day (900 = 15:00) */
};

/* How a procedure counts its time. */
enum term_unit { TERM_WORKING_DAYS = 1, TERM_CALENDAR_DAYS, TERM_WORKING_HOURS, TERM_HOURS, TERM_IN_DAY };

bool calendar_works(const struct calendar *calendar, int32_t days);
/* The n-th working day after `days` (n = 0: the day itself or the next one that works). */
int32_t calendar_add_working_days(const struct calendar *calendar, int32_t days, int n);
/* When a dossier received at received_us is due (amount >= 0; not used by TERM_IN_DAY).
 * Working days: the same moment of the n-th working day after, moved into its hours; what comes while offices rest counts
 * from their next opening, so that its term ends with the hours of a day. Working hours: so much working time on (a day is
 * 8 working hours). Calendar days: the end of the last day's working hours, moved to the next working day. Hours: by the
 * clock, moved to the next working moment. In the day: the end of its hours; after the cut-off those of the next working day. */
int64_t calendar_due(const struct calendar *calendar, int64_t received_us, int amount, enum term_unit unit);
/* Working microseconds between two times (0 when to <= from); a stopped clock gives these back. */
int64_t calendar_worked(const struct calendar *calendar, int64_t from_us, int64_t to_us);
/* from_us moved on by `worked_us` of working time. */
int64_t calendar_add_worked(const struct calendar *calendar, int64_t from_us, int64_t worked_us);
/* Whole working days from now to due, for "còn 2 ngày làm việc": 0 = due today (also when its moment has passed), negative =
 * late by, never 0 when the days differ. */
int calendar_days_left(const struct calendar *calendar, int64_t now_us, int64_t due_us);

#endif
