/* Time. Inside: int64_t microseconds since 1970-01-01 UTC. Outside: Asia/Ho_Chi_Minh
 * (UTC+7 without daylight saving since 1975). A node takes its time from one clock,
 * so that tests and an era's story can set it. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <pthread.h>
#include "base/arena.h"

#define SECOND_US INT64_C(1000000)
#define MINUTE_US (60 * SECOND_US)
#define HOUR_US (60 * MINUTE_US)
#define DAY_US (24 * HOUR_US)
#define VIETNAM_OFFSET_US (7 * HOUR_US)

/* A clock that runs offset_us ahead of the machine's, or stands at fixed_us when that is not 0. */
struct clock { int64_t offset_us, fixed_us; };

int64_t clock_now(const struct clock *clock);
int64_t clock_monotonic_us(void); /* for durations; unrelated to any clock */

/* A day of the civil calendar, as it is written in Viet Nam. */
struct date { int year, month, day; };

int32_t date_to_days(struct date date);      /* days since 1970-01-01 */
struct date date_from_days(int32_t days);
int date_weekday(int32_t days);              /* 1 Monday … 7 Sunday */
int32_t time_to_days(int64_t time_us);       /* the day in Viet Nam */
int64_t time_from_days(int32_t days, int minute_of_day); /* local wall time → UTC µs */
int time_minute_of_day(int64_t time_us);     /* 0 … 1439 in Viet Nam */

/* "2025-07-01" and "01/07/2025"; both readers refuse days that do not exist. */
MUST_USE bool date_read_iso(const char *text, struct date *out);
MUST_USE bool date_read_vn(const char *text, struct date *out);
char *date_write_iso(struct arena *arena, int32_t days);
char *date_write_vn(struct arena *arena, int32_t days);
char *time_write_vn(struct arena *arena, int64_t time_us);  /* "25/11/2026 14:05" */
char *time_write_iso(struct arena *arena, int64_t time_us); /* "2026-11-25T07:05:00.000000Z" */
/* RFC 3339 with any offset; a fraction up to 6 digits. */
MUST_USE bool time_read_iso(const char *text, int64_t *out_us);
char *time_write_http(struct arena *arena, int64_t time_us); /* IMF-fixdate, RFC 9110 */

/* A condition whose waits end by the monotonic clock: a clock that is set does not lengthen them. */
void clock_condition_init(pthread_cond_t *condition);
/* Waits for such a condition, wait_us at most, under its lock; 0: it was signalled. */
int clock_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t wait_us);
/* The same up to a moment of clock_monotonic_us: for loops, where a wait begun anew would never end. */
int clock_wait_until(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t until_us);

#endif
