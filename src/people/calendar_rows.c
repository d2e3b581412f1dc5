/* The working calendar's rows: hours of weekdays, holidays and make-up days with their legal basis, and the calendar that
 * base/calendar reckons with, built from them. */
#include "people/calendar_inner.h"

#include "base/text.h"
#include <string.h>

const char *const calendar_kinds[] = {"holiday", "make_up", NULL};

static const struct field row_fields[] = {
  FIELD(struct calendar_row, day, .form = FORM_DATE, .word = "account.day", .required = true),
  FIELD(struct calendar_row, kind, .max = 20, .word = "account.day_kind", .required = true, .choices = calendar_kinds),
  FIELD(struct calendar_row, name, .max = 200, .word = "account.day_name", .required = true),
  FIELD(struct calendar_row, legal_basis, .max = 300, .word = "account.legal_basis", .required = true),
  FIELD(struct calendar_row, verified, .word = "account.verified"),
  FIELD(struct calendar_row, own),
};
const struct record_type calendar_row_type = RECORD("calendar_row", struct calendar_row, row_fields);

static const struct field span_fields[] = {
  FIELD(struct span_row, weekday), FIELD(struct span_row, from_minute), FIELD(struct span_row, to_minute),
};
static const struct record_type span_type = RECORD("span", struct span_row, span_fields);

/* ---- From rows to the calendar in memory ---- */

struct calendar_reading { int64_t version, cutoff; struct list spans, days; };

static enum err read_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct calendar_reading *reading = arg;
  enum err err = sql_number(cx, tx, &people_number_get, ARGS(V("calendar")), &reading->version);
  if (!err) err = sql_number(cx, tx, &people_number_get, ARGS(V("in_day_cutoff")), &reading->cutoff);
  if (!err) err = sql_rows(cx, tx, &people_span_all, NO_ARGS, &span_type, ROWS_MAX, &reading->spans);
  return err ? err : sql_rows(cx, tx, &people_calendar_between, ARGS(V(FIRST_DAY), V(LAST_DAY)), &calendar_row_type, CALENDAR_DAYS_MAX, &reading->days);
}

static void add_span(struct calendar *calendar, const struct span_row *row)
{
  struct working_spans *spans = row->weekday == MAKE_UP_WEEKDAY ? &calendar->make_up : &calendar->weekday[row->weekday];
  for (int i = 0; i < SPANS_A_DAY; i++) {
    if (spans->span[i].from != spans->span[i].to) continue;
    spans->span[i].from = (int)row->from_minute;
    spans->span[i].to = (int)row->to_minute;
    return;
  }
}

static struct held_calendar *calendar_build(const struct calendar_reading *reading)
{
  struct arena *arena = arena_new(0);
  struct held_calendar *held = ARENA_NEW(arena, struct held_calendar);
  struct calendar *calendar = ARENA_NEW(arena, struct calendar);
  struct calendar_day *days = ARENA_ARRAY(arena, reading->days.count, struct calendar_day);
  const struct calendar_row *rows = reading->days.items;
  const struct span_row *spans = reading->spans.items;
  for (size_t i = 0; i < reading->days.count; i++)
    days[i] = (struct calendar_day){(int32_t)rows[i].day, text_equal(rows[i].kind, "holiday") ? DAY_HOLIDAY : DAY_MAKE_UP, arena_copy(arena, rows[i].name)};
  for (size_t i = 0; i < reading->spans.count; i++) add_span(calendar, &spans[i]);
  calendar->days = days;
  calendar->day_count = reading->days.count;
  calendar->in_day_cutoff_minute = (int)reading->cutoff;
  *held = (struct held_calendar){.arena = arena, .calendar = calendar};
  return held;
}

enum err calendar_refresh(struct cx *cx, struct people *people)
{
  struct memory *memory = people->memory;
  struct calendar_reading reading;
  int64_t version;
  enum err err = store_number(cx, people->store, &people_number_get, ARGS(V("calendar")), &version);
  pthread_rwlock_rdlock(&memory->lock);
  bool fresh = memory->calendar_version == version;
  pthread_rwlock_unlock(&memory->lock);
  if (err || fresh) return err;
  err = store_read(cx, people->store, read_in, &reading);
  if (err) return err;
  struct held_calendar *held = calendar_build(&reading);
  pthread_rwlock_wrlock(&memory->lock);
  bool newer = reading.version > memory->calendar_version;
  if (newer) {
    held->older = memory->calendars;
    memory->calendars = held;
    memory->calendar_version = reading.version;
  }
  pthread_rwlock_unlock(&memory->lock);
  if (!newer) arena_free(held->arena);
  return OK;
}

const struct calendar *people_calendar(struct people *people)
{
  pthread_rwlock_rdlock(&people->memory->lock);
  const struct calendar *calendar = people->memory->calendars->calendar;
  pthread_rwlock_unlock(&people->memory->lock);
  return calendar;
}

/* ---- Days that an administrator enters ---- */

/* base/calendar looks for the next working day and takes it for granted that there is one. */
static bool rests_too_long(const struct calendar *calendar)
{
  for (size_t i = 0, first = 0; i < calendar->day_count; i++) {
    const struct calendar_day *days = calendar->days;
    int holidays = 0;
    while (days[first].days <= days[i].days - 366) first++;
    for (size_t j = first; j <= i; j++) holidays += days[j].kind == DAY_HOLIDAY;
    int rest = 0;
    while (rest <= REST_MAX_DAYS && !calendar_works(calendar, days[i].days + rest)) rest++;
    if (holidays > HOLIDAYS_A_YEAR_MAX || rest > REST_MAX_DAYS) return true;
  }
  return false;
}

static enum err check_in(struct cx *cx, struct tx *tx, const char *field)
{
  struct calendar_reading reading;
  enum err err = read_in(cx, tx, &reading);
  if (err) return err;
  struct held_calendar *held = calendar_build(&reading);
  bool good = !rests_too_long(held->calendar);
  arena_free(held->arena);
  return good ? OK : cx_fail(cx, ERR_INPUT, field, "account.error.rest", NULL);
}

enum err calendar_changed_in(struct cx *cx, struct tx *tx, const struct calendar_change *change)
{
  enum err err = check_in(cx, tx, change->field);
  if (!err) err = sql_run(cx, tx, &people_number_next, ARGS(V("calendar")), NULL);
  return err ? err : action_append(cx, tx, change->action, change->subject, change->detail);
}

static enum err put_in(struct cx *cx, struct tx *tx, void *arg)
{
  const struct calendar_row *row = arg;
  struct buffer detail;
  buffer_init(&detail, cx->arena);
  record_difference(&detail, &calendar_row_type, NULL, row);
  enum err err = sql_run(cx, tx, &people_calendar_put, ARGS(V(row->day), V(row->kind), V(row->name), V(row->legal_basis), V(row->verified)), NULL);
  return err ? err : calendar_changed_in(cx, tx, &(struct calendar_change){"calendar.put", date_write_iso(cx->arena, (int32_t)row->day), buffer_string(&detail), "day"});
}

enum err calendar_day_put(struct cx *cx, struct people *people, const struct calendar_row *row)
{
  struct calendar_row own = *row;
  enum err err = store_write(cx, people->store, put_in, &own);
  return err ? err : calendar_refresh(cx, people);
}

static enum err drop_in(struct cx *cx, struct tx *tx, void *arg)
{
  int64_t day = *(int64_t *)arg, changed = 0;
  enum err err = sql_run(cx, tx, &people_calendar_drop, ARGS(V(day)), &changed);
  if (!err && changed == 0) return ERR_NOT_FOUND;
  return err ? err : calendar_changed_in(cx, tx, &(struct calendar_change){"calendar.drop", date_write_iso(cx->arena, (int32_t)day), NULL, "day"});
}

enum err calendar_day_drop(struct cx *cx, struct people *people, int64_t day)
{
  enum err err = store_write(cx, people->store, drop_in, &day);
  return err ? err : calendar_refresh(cx, people);
}

enum err calendar_days(struct cx *cx, struct people *people, int64_t from_day, int64_t to_day, struct list *out)
{
  return store_rows(cx, people->store, &people_calendar_between, ARGS(V(from_day), V(to_day)), &calendar_row_type, CALENDAR_DAYS_MAX, out);
}
