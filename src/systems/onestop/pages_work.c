/* The work list, and the counter officer's cash list of a day. */
#include "systems/onestop/pages.h"

#include "base/text.h"
#include "systems/onestop/rules.h"
#include <string.h>

enum { LINES_A_PAGE = 50 };

/* ---- Filters ---- */
struct filter { const char *code; enum list_filter filter; const char *word, *empty; };
static const struct filter filters[] = {
  {"viec", LIST_TODO, "onestop.list.todo", "onestop.empty.todo"},
  {"dan", LIST_CITIZEN, "onestop.list.citizen", "onestop.empty.citizen"},
  {"khac", LIST_AGENCY, "onestop.list.agency", "onestop.empty.agency"},
  {"tra-lai", LIST_RETURNED, "onestop.list.returned", "onestop.empty.returned"},
  {"tre", LIST_LATE, "onestop.list.late", "onestop.empty.late"},
  {"tat-ca", LIST_ALL, "onestop.list.all", "onestop.empty.all"},
  {"xong", LIST_CLOSED, "onestop.list.closed", "onestop.empty.closed"},
};

static const struct filter *filter_of(const char *code)
{
  for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++)
    if (text_equal(filters[i].code, code)) return &filters[i];
  return &filters[0];
}

static void fill_turns(const struct person *person, struct list_wish *wish)
{
  static const char *const roles[] = {ROLE_COUNTER, ROLE_SPECIALIST, ROLE_DECIDER};
  size_t count = 0;
  for (size_t i = 0; i < 3; i++)
    if (person_is(person, roles[i])) wish->turns[count++] = roles[i];
}

/* Negative: none is shown. */
static int64_t count_of(const struct list_counts *counts, enum list_filter filter)
{
  if (!counts) return -1;
  const int64_t by_filter[] = {[LIST_ALL] = counts->all, [LIST_TODO] = counts->todo, [LIST_CITIZEN] = counts->citizen,
                               [LIST_AGENCY] = counts->agency, [LIST_RETURNED] = counts->returned, [LIST_LATE] = counts->late, [LIST_CLOSED] = -1};
  return by_filter[filter];
}

/* The links of a list keep the unit that a head looks into. */
static const char *list_url(struct cx *cx, struct view *view, const char *filter)
{
  const char *unit = view_text(view, "don-vi");
  return unit ? arena_print(cx->arena, "/mot-cua?don-vi=%s&loc=%s", unit, filter) : arena_print(cx->arena, "/mot-cua?loc=%s", filter);
}

static void show_filters(struct cx *cx, struct view *view, const struct filter *chosen, const struct list_counts *counts)
{
  for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
    struct model *row = model_row(view->model, "filters");
    int64_t count = count_of(counts, filters[i].filter);
    model_text(row, "word", filters[i].word);
    model_text(row, "url", list_url(cx, view, filters[i].code));
    model_flag(row, "chosen", counts && chosen == &filters[i]); /* a search goes over all */
    model_flag(row, "late", filters[i].filter == LIST_LATE && count > 0);
    if (count >= 0) model_text(row, "count", arena_print(cx->arena, "%lld", (long long)count));
  }
}

/* ---- Lines ---- */
/* What the row needs next is a verb: the person's own next action, else "look". */
static const char *verb_of(const struct person *person, const struct dossier_line *line)
{
  if (!person_is(person, line->turn)) return "onestop.verb.look";
  return text_equal(line->status, STATUS_DONE) ? "onestop.verb.return" : text_equal(line->turn, ROLE_COUNTER) ? "onestop.verb.forward"
       : text_equal(line->turn, ROLE_SPECIALIST) ? "onestop.verb.work" : "onestop.verb.decide";
}

/* A line as its row shows it. */
struct work_row { const struct dossier_line *line; const char *url, *light, *due_word, *verb; int64_t due_days, due_date; };
static const struct field row_fields[] = {
  FIELD_OF(struct work_row, line, &dossier_line_type), FIELD(struct work_row, url), FIELD(struct work_row, light), FIELD(struct work_row, due_word), FIELD(struct work_row, verb),
  FIELD(struct work_row, due_days), FIELD(struct work_row, due_date, .form = FORM_DATE)};
static const struct record_type row_type = RECORD("work_row", struct work_row, row_fields);

static void show_lines(struct cx *cx, struct view *view, const struct dossier_line *lines, size_t count)
{
  const struct calendar *calendar = people_calendar(view->here->people);
  int64_t now = cx_now(cx);
  struct work_row *rows = ARENA_ARRAY(cx->arena, count + 1, struct work_row);
  struct list *list = ARENA_NEW(cx->arena, struct list);
  for (size_t i = 0; i < count; i++) {
    struct shown_due due = due_shown(calendar, lines[i].status, lines[i].due_us, now);
    rows[i] = (struct work_row){.line = &lines[i], .url = arena_join(cx->arena, "/mot-cua/ho-so/", lines[i].code), .light = due.light, .due_word = due.word, .due_days = due.days, .due_date = due.date,
                                .verb = verb_of(cx->person, &lines[i])};
  }
  *list = (struct list){rows, count};
  model_rows(view->model, "rows", &row_type, list);
}

/* "rank:code" of the last line; what is not of that form begins at the start. */
static void key_read(struct cx *cx, const char *text, struct list_wish *wish)
{
  const char *colon = text ? strchr(text, ':') : NULL;
  if (!colon || !text_to_i64(arena_copy_n(cx->arena, text, (size_t)(colon - text)), INT64_MIN, INT64_MAX, &wish->after_us)) return;
  wish->after_code = colon + 1;
}

static void show_next(struct cx *cx, struct view *view, const struct filter *filter, const struct list_wish *wish, const struct dossier_line *last)
{
  const char *key = url_encode(cx->arena, arena_print(cx->arena, "%lld:%s", (long long)last->rank_us, last->code));
  const char *query = text_empty(wish->query) ? "" : arena_print(cx->arena, "&q=%s", url_encode(cx->arena, wish->query));
  const char *apart = wish->apart ? "&roi=1" : "";
  model_text(view->model, "next", arena_print(cx->arena, "%s%s%s&sau=%s", list_url(cx, view, filter->code), query, apart, key));
}

/* Found by words side by side: the same words anywhere in a dossier may find more. */
static void show_apart(struct cx *cx, struct view *view, const struct filter *filter, const struct list_wish *wish)
{
  const char *query = url_encode(cx->arena, wish->query);
  model_text(view->model, "apart", arena_print(cx->arena, "%s&q=%s&roi=1", list_url(cx, view, filter->code), query));
}

/* One's own unit; a head may look into the units below. */
static bool unit_chosen(struct cx *cx, const char *wanted, const char **unit)
{
  *unit = wanted ? wanted : cx->person->unit;
  if (!wanted || text_equal(wanted, cx->person->unit)) return true;
  return person_is(cx->person, ROLE_HEAD) && unit_within(cx->person->people, wanted, cx->person->unit, time_to_days(cx_now(cx)));
}

enum err page_work_list(struct cx *cx, struct view *view)
{
  const struct filter *filter = filter_of(view_text(view, "loc"));
  const char *unit;
  if (!unit_chosen(cx, view_text(view, "don-vi"), &unit)) return ERR_NOT_FOUND;
  struct list_wish wish = {.unit = unit, .filter = filter->filter, .query = view_text(view, "q"), .now_us = cx_now(cx), .max = LINES_A_PAGE};
  bool beside = false;
  wish.apart = view_text(view, "roi") != NULL;
  wish.beside = &beside;
  struct list lines;
  struct list_counts counts;
  fill_turns(cx->person, &wish);
  key_read(cx, view_text(view, "sau"), &wish);
  bool searches = !text_empty(wish.query); /* among all dossiers, whatever their filter: its counts say nothing of what is found */
  enum err err = list_read(cx, view->here->store, &wish, searches ? NULL : &counts, &lines);
  if (!err) err = action_look(cx, view->here->store, "onestop.list", searches ? "search" : filter->code);
  struct unit below;
  if (!err && !text_equal(unit, cx->person->unit)) err = unit_get(cx, view->here->people, unit, time_to_days(cx_now(cx)), &below);
  if (err) return err;
  if (!text_equal(unit, cx->person->unit)) model_text(view->model, "title", below.name);
  show_filters(cx, view, filter, searches ? NULL : &counts);
  const struct dossier_line *line = lines.items;
  size_t shown = lines.count > LINES_A_PAGE ? LINES_A_PAGE : lines.count;
  show_lines(cx, view, line, shown);
  if (lines.count > shown) show_next(cx, view, filter, &wish, &line[shown - 1]);
  if (wish.after_code) model_text(view->model, "first", list_url(cx, view, filter->code));
  if (beside) show_apart(cx, view, filter, &wish);
  model_flag(view->model, "any", shown > 0);
  model_text(view->model, "q", wish.query);
  bool oversees = person_may(cx->person, "onestop.oversee");
  model_text(view->model, "filter_code", filter->code);
  model_text(view->model, "empty_word", text_empty(wish.query) ? (oversees && !view_text(view, "don-vi") ? "onestop.empty.oversee" : filter->empty) : "onestop.empty.found");
  model_text(view->model, "unit", view_text(view, "don-vi"));
  model_flag(view->model, "may_oversee", oversees);
  model_flag(view->model, "may_receive", person_may(cx->person, "onestop.receive"));
  return view_render(cx, view, "onestop_work_list");
}

/* ---- Units below a head ---- */
static void show_unit(struct cx *cx, struct view *view, const struct unit_counts *counts)
{
  struct model *row = model_row(view->model, "rows");
  struct unit unit;
  size_t problems = cx->problems.count;
  bool known = unit_get(cx, view->here->people, counts->unit, time_to_days(cx_now(cx)), &unit) == OK;
  cx->problems.count = problems;
  model_text(row, "name", known ? unit.name : counts->unit);
  model_record(row, "counts", &unit_counts_type, counts);
  model_flag(row, "late", counts->late > 0);
  model_text(row, "url", arena_print(cx->arena, "/mot-cua?don-vi=%s&loc=tat-ca", counts->unit));
  model_text(row, "late_url", arena_print(cx->arena, "/mot-cua?don-vi=%s&loc=tre", counts->unit));
}

enum err page_units(struct cx *cx, struct view *view)
{
  struct list units;
  int64_t today = time_to_days(cx_now(cx));
  enum err err = list_units(cx, view->here->store, cx_now(cx), &units);
  if (err) return err;
  const struct unit_counts *all = units.items;
  bool any = false;
  for (size_t i = 0; i < units.count; i++) {
    if (!unit_within(cx->person->people, all[i].unit, cx->person->unit, today)) continue;
    show_unit(cx, view, &all[i]);
    any = true;
  }
  model_flag(view->model, "any", any);
  return view_render(cx, view, "onestop_units");
}

/* ---- Cash ---- */
static void show_fee(struct cx *cx, struct view *view, const struct dossier_fee *fee)
{
  struct model *row = model_row(view->model, "rows");
  model_record(row, "fee", &dossier_fee_type, fee);
  model_text(row, "amount", money_write(cx->arena, fee->amount_vnd));
  model_text(row, "at", time_write_vn(cx->arena, fee->paid_us));
  if (!text_empty(fee->means)) model_text(row, "means_word", arena_print(cx->arena, "onestop.means.%s", fee->means));
}

static void show_total(struct cx *cx, struct view *view, const char *means, const struct list *fees)
{
  const struct dossier_fee *fee = fees->items;
  int64_t total = 0, count = 0;
  for (size_t i = 0; i < fees->count; i++)
    if (text_equal(fee[i].means, means)) {
      total += fee[i].amount_vnd;
      count++;
    }
  struct model *row = model_row(view->model, "totals");
  model_text(row, "word", arena_print(cx->arena, "onestop.means.%s", means));
  model_text(row, "total", money_write(cx->arena, total));
  model_number(row, "count", count);
}

enum err page_cash(struct cx *cx, struct view *view)
{
  int64_t day = view_i64(view, "ngay", time_to_days(cx_now(cx)));
  struct list fees;
  enum err err = fee_day(cx, view->here->store, cx->person->account, cx->person->unit, day, &fees);
  if (!err) err = action_look(cx, view->here->store, "onestop.cash", date_write_iso(cx->arena, (int32_t)day));
  if (err) return err;
  for (size_t i = 0; i < fees.count; i++) show_fee(cx, view, &((const struct dossier_fee *)fees.items)[i]);
  show_total(cx, view, "cash", &fees);
  show_total(cx, view, "transfer", &fees);
  model_text(view->model, "day", date_write_vn(cx->arena, (int32_t)day));
  model_text(view->model, "officer", cx->person->full_name);
  model_flag(view->model, "any", fees.count > 0);
  return view_render(cx, view, "onestop_cash");
}
