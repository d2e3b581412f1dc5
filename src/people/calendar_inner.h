/* Between the calendar's rows and the reader of its file. */
#ifndef PEOPLE_CALENDAR_INNER_H
#define PEOPLE_CALENDAR_INNER_H

#include "people/people_inner.h"

enum { CALENDAR_DAYS_MAX = 5000, MAKE_UP_WEEKDAY = 8, SPANS_A_DAY = 3 };
/* Law gives 11 holidays a year, and exchanges make some 22 of them; whatever is far beyond is a wrong file. */
enum { HOLIDAYS_A_YEAR_MAX = 60, REST_MAX_DAYS = 60 };

extern const char *const calendar_kinds[]; /* ended by NULL */

/* Minutes of the day; weekday 8: a make-up day. */
struct span_row { int64_t weekday, from_minute, to_minute; };

struct calendar_change { const char *action, *subject, *detail, *field; };
/* The end of every change: memory is out of date, and the log knows. A calendar by which no deadline can be reckoned any more is refused:
 * ERR_INPUT "account.error.rest" at .field. */
MUST_USE enum err calendar_changed_in(struct cx *cx, struct tx *tx, const struct calendar_change *change);

#endif
