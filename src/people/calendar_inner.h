/* Between the calendar's rows and the reader of its file. */
#ifndef PEOPLE_CALENDAR_INNER_H
#define PEOPLE_CALENDAR_INNER_H

#include "people/people_inner.h"

enum { CALENDAR_DAYS_MAX = 5000, MAKE_UP_WEEKDAY = 8, SPANS_A_DAY = 3 };

extern const char *const calendar_kinds[]; /* ended by NULL */

/* Minutes of the day; weekday 8: a make-up day. */
struct span_row { int64_t weekday, from_minute, to_minute; };

/* The end of every change: memory is out of date, and the log knows. */
MUST_USE enum err calendar_changed_in(struct cx *cx, struct tx *tx, const char *action, const char *subject, const char *detail);

#endif
