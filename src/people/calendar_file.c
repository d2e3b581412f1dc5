/* The calendar's file: hours of weekdays and days with their legal basis, as JSON; checked whole before a row is written. */
#include "people/calendar_inner.h"

#include "base/text.h"
#include <string.h>

enum { DAY_MINUTES = 1440 };

struct hours_line { int64_t weekday; const char *from, *to; };
static const struct field hours_fields[] = {
  FIELD(struct hours_line, weekday, .min = 1, .max = MAKE_UP_WEEKDAY, .required = true),
  FIELD(struct hours_line, from, .max = 5, .required = true), FIELD(struct hours_line, to, .max = 5, .required = true),
};
static const struct record_type hours_type = RECORD("hours", struct hours_line, hours_fields);

struct day_line { int64_t day; const char *kind, *name, *legal_basis; bool verified; };
static const struct field day_fields[] = {
  FIELD(struct day_line, day, .form = FORM_DATE, .required = true),
  FIELD(struct day_line, kind, .max = 20, .required = true, .choices = calendar_kinds),
  FIELD(struct day_line, name, .max = 200, .required = true),
  FIELD(struct day_line, legal_basis, .max = 300, .required = true),
  FIELD(struct day_line, verified),
};
static const struct record_type day_type = RECORD("day", struct day_line, day_fields);

struct calendar_file { const char *in_day_cutoff; struct list hours, days; };
static const struct field file_fields[] = {
  FIELD(struct calendar_file, in_day_cutoff, .max = 5, .required = true),
  FIELD(struct calendar_file, hours, .of = &hours_type, .max = 8 * SPANS_A_DAY),
  FIELD(struct calendar_file, days, .of = &day_type, .max = CALENDAR_DAYS_MAX),
};
static const struct record_type file_type = RECORD("calendar", struct calendar_file, file_fields);

/* "07:30" → 450; -1: not a time. "24:00" is none: a deadline at that moment would stand on the next day, and be counted there. */
static int minute_of(const char *text)
{
  if (!text || strlen(text) != 5 || text[2] != ':' || strspn(text, "0123456789:") != 5) return -1;
  int hour = (text[0] - '0') * 10 + text[1] - '0', minute = (text[3] - '0') * 10 + text[4] - '0';
  return minute < 60 && hour * 60 + minute < DAY_MINUTES ? hour * 60 + minute : -1;
}

static enum err check_hours(struct cx *cx, const struct calendar_file *file, struct span_row *spans)
{
  const struct hours_line *lines = file->hours.items;
  for (size_t i = 0; i < file->hours.count; i++) {
    spans[i] = (struct span_row){lines[i].weekday, minute_of(lines[i].from), minute_of(lines[i].to)};
    const char *field = arena_print(cx->arena, "hours[%zu]", i);
    if (spans[i].from_minute < 0 || spans[i].to_minute <= spans[i].from_minute) return cx_fail(cx, ERR_INPUT, field, "account.error.hours", NULL);
    int same_day = 1;
    for (size_t j = 0; j < i; j++) {
      if (spans[j].weekday != spans[i].weekday) continue;
      same_day++;
      if (spans[j].to_minute > spans[i].from_minute) return cx_fail(cx, ERR_INPUT, field, "account.error.hours_order", NULL);
    }
    if (same_day > SPANS_A_DAY) return cx_fail(cx, ERR_INPUT, field, "account.error.hours", NULL);
  }
  bool works = false;
  for (size_t i = 0; i < file->hours.count; i++) works = works || spans[i].weekday != MAKE_UP_WEEKDAY;
  return works ? OK : cx_fail(cx, ERR_INPUT, "hours", "error.required", NULL);
}

static int64_t *sorted_days(struct cx *cx, const struct day_line *lines, size_t count)
{
  int64_t *days = ARENA_ARRAY(cx->arena, count, int64_t);
  for (size_t i = 0; i < count; i++) {
    size_t at = i;
    for (; at > 0 && days[at - 1] > lines[i].day; at--) days[at] = days[at - 1]; /* files are nearly in order */
    days[at] = lines[i].day;
  }
  return days;
}

static enum err check_days(struct cx *cx, const struct calendar_file *file)
{
  const int64_t *days = sorted_days(cx, file->days.items, file->days.count);
  for (size_t i = 1; i < file->days.count; i++)
    if (days[i] == days[i - 1])
      return cx_fail(cx, ERR_INPUT, "days", "account.error.day_twice", "day", date_write_vn(cx->arena, (int32_t)days[i]), NULL);
  return OK;
}

struct calendar_writing { const struct calendar_file *file; const struct span_row *spans; int cutoff; };

static enum err import_in(struct cx *cx, struct tx *tx, void *arg)
{
  const struct calendar_writing *writing = arg;
  const struct day_line *days = writing->file->days.items;
  enum err err = sql_run(cx, tx, &people_span_clear, NO_ARGS, NULL);
  for (size_t i = 0; !err && i < writing->file->hours.count; i++) {
    const struct span_row *span = &writing->spans[i];
    err = sql_run(cx, tx, &people_span_put, ARGS(V(span->weekday), V(span->from_minute), V(span->to_minute)), NULL);
  }
  if (!err) err = sql_run(cx, tx, &people_number_put, ARGS(V("in_day_cutoff"), V(writing->cutoff)), NULL);
  if (!err) err = sql_run(cx, tx, &people_calendar_clear, NO_ARGS, NULL);
  for (size_t i = 0; !err && i < writing->file->days.count; i++)
    err = sql_run(cx, tx, &people_calendar_import, ARGS(V(days[i].day), V(days[i].kind), V(days[i].name), V(days[i].legal_basis), V(days[i].verified)), NULL);
  return err ? err : calendar_changed_in(cx, tx, &(struct calendar_change){"calendar.import", "calendar", NULL, "days"});
}

enum err calendar_import(struct cx *cx, struct people *people, struct bytes json, int64_t *count)
{
  struct calendar_file file;
  enum err err = record_read_json(cx, &file_type, json, &file);
  if (err) return err;
  struct span_row *spans = ARENA_ARRAY(cx->arena, file.hours.count, struct span_row);
  struct calendar_writing writing = {.file = &file, .spans = spans, .cutoff = minute_of(file.in_day_cutoff)};
  if (writing.cutoff < 0) return cx_fail(cx, ERR_INPUT, "in_day_cutoff", "account.error.hours", NULL);
  err = check_hours(cx, &file, spans);
  if (!err) err = check_days(cx, &file);
  if (!err) err = store_write(cx, people->store, import_in, &writing);
  if (!err) err = calendar_refresh(cx, people);
  if (!err) *count = (int64_t)file.days.count;
  return err;
}
