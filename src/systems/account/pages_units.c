/* Units as of a day, the working calendar of a year, and the action log of a subject. */
#include "systems/account/pages.h"

#include "base/text.h"
#include "people/action.h"
#include "systems/account/detail.h"
#include "systems/account/model.h"

enum { ACTIONS_A_PAGE = 50, PARENTS_MAX = 8, UNITS_FOUND_MAX = 50 };

/* ---- Units ---- */

static const char *unit_path(struct cx *cx, const char *code, int64_t day)
{
  const char *on = url_encode(cx->arena, date_write_vn(cx->arena, (int32_t)day));
  return code ? arena_print(cx->arena, "/quan-tri/don-vi?ma=%s&ngay=%s", code, on) : arena_print(cx->arena, "/quan-tri/don-vi?ngay=%s", on);
}

static void show_unit(struct cx *cx, struct model *row, const struct unit *unit, int64_t day)
{
  model_record(row, "unit", &unit_type, unit);
  model_text(row, "path", unit_path(cx, unit->code, day));
}

/* From the top down to the unit's parent. */
static enum err show_parents(struct cx *cx, struct view *view, const char *parent, int64_t day)
{
  struct unit *above = ARENA_ARRAY(cx->arena, PARENTS_MAX, struct unit);
  size_t count = 0;
  for (; parent && count < PARENTS_MAX; parent = above[count++].parent) {
    enum err err = unit_get(cx, view->here->people, parent, day, &above[count]);
    if (err) return err;
  }
  while (count) show_unit(cx, model_row(view->model, "above"), &above[--count], day);
  return OK;
}

static void show_children(struct cx *cx, struct view *view, const struct list *units, int64_t day)
{
  const struct unit *items = units->items;
  for (size_t i = 0; i < units->count; i++) show_unit(cx, model_row(view->model, "children"), &items[i], day);
  model_number(view->model, "count", (int64_t)units->count);
}

static enum err units_found(struct cx *cx, struct view *view, const char *text, int64_t day)
{
  struct list found;
  enum err err = unit_search(cx, view->here->people, text, day, UNITS_FOUND_MAX, &found);
  if (err) return err;
  show_children(cx, view, &found, day);
  model_text(view->model, "text", text);
  return view_render(cx, view, "account_units_found");
}

enum err page_account_units(struct cx *cx, struct view *view)
{
  struct unit *unit = ARENA_NEW(cx->arena, struct unit);
  struct list children;
  const char *code = view_text(view, "ma"), *text = view_text(view, "tim");
  int64_t day = view_i64(view, "ngay", time_to_days(cx_now(cx)));
  enum err err = code ? unit_get(cx, view->here->people, code, day, unit) : OK;
  model_text(view->model, "day", date_write_vn(cx->arena, (int32_t)day));
  model_text(view->model, "code", code);
  model_text(view->model, "tops", unit_path(cx, NULL, day));
  if (!text_empty(text)) return units_found(cx, view, text, day);
  if (err == ERR_NOT_FOUND) return view_render(cx, view, "account_unit_none");
  if (!err && code) err = show_parents(cx, view, unit->parent, day);
  if (!err) err = unit_children(cx, view->here->people, code, day, &children);
  if (err) return err;
  if (code) show_unit(cx, view->model, unit, day);
  show_children(cx, view, &children, day);
  return view_render(cx, view, "account_units");
}

/* ---- The calendar ---- */

static void show_hours(struct cx *cx, struct model *model, const char *weekday, const struct working_spans *spans)
{
  struct buffer text;
  buffer_init(&text, cx->arena);
  for (int i = 0; i < 3; i++) {
    int from = spans->span[i].from, to = spans->span[i].to;
    if (from != to) buffer_print(&text, "%s%02d:%02d–%02d:%02d", text.size ? ", " : "", from / 60, from % 60, to / 60, to % 60);
  }
  if (!text.size) return;
  struct model *row = model_row(model, "hours");
  model_text(row, "weekday", weekday);
  model_text(row, "spans", buffer_string(&text));
}

static void show_week(struct cx *cx, struct view *view)
{
  static const char *const names[] = {"1", "2", "3", "4", "5", "6", "7"};
  const struct calendar *calendar = people_calendar(view->here->people);
  for (int i = 1; i <= 7; i++) show_hours(cx, view->model, names[i - 1], &calendar->weekday[i]);
  show_hours(cx, view->model, "8", &calendar->make_up);
}

static void show_day(struct cx *cx, struct model *model, const struct calendar_row *day)
{
  static const char *const weekdays[] = {"", "1", "2", "3", "4", "5", "6", "7"};
  struct model *row = model_row(model, "days");
  model_record(row, "day", &calendar_row_type, day);
  model_text(row, "weekday", weekdays[date_weekday((int32_t)day->day)]);
  model_text(row, "kind_word", text_equal(day->kind, "holiday") ? "account.day_kind.holiday" : "account.day_kind.make_up");
  model_text(row, "light", text_equal(day->kind, "holiday") ? "quiet" : "progress");
  model_text(row, "iso", date_write_iso(cx->arena, (int32_t)day->day));
  model_flag(row, "own", day->own);
  model_flag(row, "verified", day->verified);
}

static const char *year_path(struct cx *cx, int64_t year)
{
  return arena_print(cx->arena, "/quan-tri/lich?nam=%lld", (long long)year);
}

static int64_t year_of(struct cx *cx, struct view *view)
{
  int64_t year = view_i64(view, "nam", date_from_days(time_to_days(cx_now(cx))).year);
  return year < 1970 ? 1970 : year;
}

static enum err calendar_render(struct cx *cx, struct view *view, const struct day_form *form)
{
  struct list days;
  int64_t year = year_of(cx, view);
  const struct date first = {(int)year, 1, 1}, last = {(int)year, 12, 31};
  enum err err = calendar_days(cx, view->here->people, date_to_days(first), date_to_days(last), &days);
  if (err) return err;
  const struct calendar_row *items = days.items;
  for (size_t i = 0; i < days.count; i++) show_day(cx, view->model, &items[i]);
  show_week(cx, view);
  model_text(view->model, "year", arena_print(cx->arena, "%lld", (long long)year));
  model_text(view->model, "before", year_path(cx, year - 1));
  model_text(view->model, "after", year_path(cx, year + 1));
  model_flag(view->model, "may_change", person_may(cx->person, "account.admin"));
  model_form(view->model, "day_form", &day_form_type, form, &view->form);
  return view_render(cx, view, "account_calendar");
}

enum err page_calendar(struct cx *cx, struct view *view)
{
  const struct day_form empty = {.day = NONE_DATE};
  return calendar_render(cx, view, &empty);
}

static enum err back_to_year(struct cx *cx, struct view *view, enum err err, const char *word, int64_t day)
{
  if (!err) err = view_flash(cx, view, word, date_write_vn(cx->arena, (int32_t)day));
  return err ? err : view_redirect(cx, view, year_path(cx, date_from_days((int32_t)day).year));
}

enum err page_day_put(struct cx *cx, struct view *view)
{
  struct day_form form;
  enum err err = record_read_form(cx, &day_form_type, &view->form, &form);
  /* An administrator answers for what was entered by hand. */
  const struct calendar_row row = {.day = form.day, .kind = form.kind, .name = form.name, .legal_basis = form.legal_basis, .verified = true};
  if (!err) err = calendar_day_put(cx, view->here->people, &row);
  if (err == ERR_INPUT) return calendar_render(cx, view, &form);
  return back_to_year(cx, view, err, "account.flash.day_put", form.day);
}

enum err page_day_drop(struct cx *cx, struct view *view)
{
  struct date date;
  const char *text = form_get(&view->form, "day", 0);
  if (!text || !date_read_iso(text, &date)) return ERR_NOT_FOUND;
  int32_t day = date_to_days(date);
  return back_to_year(cx, view, calendar_day_drop(cx, view->here->people, day), "account.flash.day_dropped", day);
}

/* ---- The action log ---- */

struct actions_read { const char *subject; int64_t before; struct list rows; };

static enum err actions_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct actions_read *read = arg;
  return action_about(cx, tx, read->subject, read->before, ACTIONS_A_PAGE, &read->rows);
}

static void show_action(struct cx *cx, struct view *view, struct model *model, const struct action *action)
{
  struct model *row = model_row(model, "actions");
  model_record(row, "entry", &action_type, action);
  model_text(row, "action", action->action);
  model_text(row, "who", action->person_name);
  struct unit unit;
  size_t problems = cx->problems.count;
  bool known = !text_empty(action->unit) && unit_get(cx, view->here->people, action->unit, time_to_days(action->at_us), &unit) == OK;
  cx->problems.count = problems;
  model_text(row, "unit", known ? unit.name : action->unit);
  if (!detail_show(cx->arena, row, action->detail)) model_text(row, "detail", action->detail);
}

enum err page_actions(struct cx *cx, struct view *view)
{
  struct actions_read read = {.subject = view_text(view, "subject"), .before = view_i64(view, "truoc", 0)};
  enum err err = store_read(cx, people_store(view->here->people), actions_in, &read);
  if (err) return err;
  const struct action *items = read.rows.items;
  for (size_t i = 0; i < read.rows.count; i++) show_action(cx, view, view->model, &items[i]);
  model_text(view->model, "subject", read.subject);
  if (read.rows.count == ACTIONS_A_PAGE)
    model_text(view->model, "next", arena_print(cx->arena, "/quan-tri/nhat-ky/%s?truoc=%lld", read.subject, (long long)items[ACTIONS_A_PAGE - 1].id));
  return view_render(cx, view, "account_actions");
}
