/* Looking: the list of businesses, one business as of a day, its extract. */
#include "systems/household/pages.h"

#include "base/text.h"
#include "people/action.h"
#include "systems/household/rules.h"

void business_state_model(struct model *model, const char *state)
{
  bool active = text_equal(state, "active"), closed = text_equal(state, "closed");
  model_text(model, "light", active ? "ok" : closed ? "quiet" : "due");
  model_text(model, "state_word", active ? "household.state.active" : closed ? "household.state.closed" : "household.state.suspended");
}

/* ---- The list ---- */
struct list_read { const char *wanted, *after; struct list rows; int64_t checking; };

static enum err list_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct list_read *read = arg;
  enum err err = business_find(cx, tx, read->wanted, read->after, &read->rows);
  return err ? err : application_count_checking(cx, tx, &read->checking);
}

static void show_list(struct cx *cx, struct view *view, const struct list_read *read)
{
  const struct business_line *rows = read->rows.items;
  size_t count = read->rows.count > BUSINESSES_A_PAGE ? BUSINESSES_A_PAGE : read->rows.count;
  int64_t today = time_to_days(cx_now(cx));
  for (size_t i = 0; i < count; i++) {
    struct household_line line;
    struct model *row = model_row(view->model, "rows");
    business_line_show(&rows[i], today, &line);
    model_record(row, "b", &business_line_type, &rows[i]);
    business_state_model(row, line.state);
  }
  model_flag(view->model, "any", count > 0);
  model_text(view->model, "tim", read->wanted);
  model_number(view->model, "checking", read->checking);
  if (read->after) model_text(view->model, "first", "/ho-kinh-doanh");
  if (read->rows.count <= count) return;
  const char *query = text_empty(read->wanted) ? "" : arena_print(cx->arena, "tim=%s&", url_encode(cx->arena, read->wanted));
  model_text(view->model, "next", arena_print(cx->arena, "/ho-kinh-doanh?%ssau=%s", query, rows[count - 1].number));
}

enum err page_business_list(struct cx *cx, struct view *view)
{
  struct list_read read = {.wanted = view_text(view, "tim"), .after = view_text(view, "sau")};
  enum err err = store_read(cx, view->here->store, list_in, &read);
  if (!err) err = action_look(cx, view->here->store, "business.list", text_empty(read.wanted) ? "all" : read.wanted);
  if (err) return err;
  show_list(cx, view, &read);
  return view_render(cx, view, "household_list");
}

/* ---- One business ---- */
enum err business_read_tx(struct cx *cx, struct tx *tx, struct business_read *read)
{
  enum err err = business_line_get(cx, tx, read->number, &read->line);
  /* A day before it was registered shows it as it was registered. */
  if (!err && read->day < read->line.registered_on) read->day = read->line.registered_on;
  if (!err) err = business_on(cx, tx, read->number, read->day, &read->full);
  if (!err) err = business_history(cx, tx, read->number, &read->history);
  if (!err) err = action_about(cx, tx, read->number, 0, 50, &read->actions);
  if (!err) business_show(cx, &read->full, read->line.registered_on, read->day, &read->shown);
  return err;
}

static enum err business_in(struct cx *cx, struct tx *tx, void *arg)
{
  return business_read_tx(cx, tx, arg);
}

enum err business_read_all(struct cx *cx, struct view *view, struct business_read *read)
{
  read->number = view_text(view, "number");
  enum err err = store_read(cx, view->here->store, business_in, read);
  return err ? err : action_look(cx, view->here->store, "business.look", read->number);
}

static const char *sex_word(const char *sex) { return text_equal(sex, "female") ? "household.person.sex.female" : "household.person.sex.male"; }

void business_show_model(struct cx *cx, struct model *model, const struct household_business *business)
{
  const struct household_person *members = business->members.items;
  model_record(model, "b", &household_business_type, business);
  model_text(model, "capital", money_write(cx->arena, business->capital_vnd));
  model_text(model, "founder_word", text_equal(business->founded_by, "members") ? "household.founded_by.members" : "household.founded_by.person");
  business_state_model(model, business->state);
  if (business->head) {
    model_record(model, "head", &household_person_type, business->head);
    model_text(model, "sex_word", sex_word(business->head->sex));
  }
  for (size_t i = 0; i < business->members.count; i++) {
    struct model *row = model_row(model, "members");
    model_record(row, "m", &household_person_type, &members[i]);
    model_text(row, "member_sex_word", sex_word(members[i].sex));
  }
  model_flag(model, "any_members", business->members.count > 0);
  model_rows(model, "sectors", &household_sector_type, &business->sectors);
}

static const char *kind_word(struct cx *cx, const char *kind) { return arena_print(cx->arena, "household.kind.%s", kind); }

static void show_history(struct cx *cx, struct view *view, const struct business_read *read)
{
  const struct business_state *states = read->history.items;
  for (size_t i = 0; i < read->history.count; i++) {
    struct model *row = model_row(view->model, "history");
    model_record(row, "s", &business_state_type, &states[i]);
    model_text(row, "kind_word", kind_word(cx, states[i].kind));
    model_flag(row, "now", states[i].seq == read->full.state.seq);
    model_text(row, "url", arena_print(cx->arena, "/ho-kinh-doanh/%s?ngay=%s", states[i].number, date_write_iso(cx->arena, (int32_t)states[i].effective_on)));
  }
  model_actions(view->model, "actions", &read->actions, "household.history");
}

static void show_actions(struct cx *cx, struct view *view, const struct business_read *read)
{
  const struct business_line *line = &read->line;
  const char *state = business_state_then(line->state, line->suspended_from, line->suspended_to, line->closed_on, time_to_days(cx_now(cx)));
  bool may = person_may(cx->person, "household.change");
  static const char *const actions[] = {"change", "suspend", "resume", "close", NULL};
  for (size_t i = 0; actions[i]; i++)
    model_flag(view->model, arena_print(cx->arena, "may_%s", actions[i]), may && business_state_after(state, actions[i]));
}

enum err page_business(struct cx *cx, struct view *view)
{
  int64_t today = time_to_days(cx_now(cx));
  int64_t asked = view_i64(view, "ngay", today);
  struct business_read read = {.day = asked};
  enum err err = business_read_all(cx, view, &read);
  if (err) return err;
  if (asked < read.day) model_text(view->model, "too_early", date_write_vn(cx->arena, (int32_t)asked));
  business_show_model(cx, view->model, &read.shown);
  show_history(cx, view, &read);
  show_actions(cx, view, &read);
  model_text(view->model, "day", date_write_vn(cx->arena, (int32_t)read.day));
  model_text(view->model, "day_iso", date_write_iso(cx->arena, (int32_t)read.day));
  model_flag(view->model, "past", read.day != today);
  model_text(view->model, "title", read.shown.name);
  return view_render(cx, view, "household_business");
}

enum err page_business_extract(struct cx *cx, struct view *view)
{
  struct business_read read = {.day = view_i64(view, "ngay", time_to_days(cx_now(cx)))};
  struct bytes pdf;
  enum err err = business_read_all(cx, view, &read);
  if (!err) err = business_extract_draw(cx, view->here, &read, &pdf);
  return err ? err : view_bytes(cx, view, "application/pdf", pdf, NULL);
}
