/* Who looked at a dossier or changed it, for whoever answers for the log: it names officers, and of the dossier its code alone.
 * And which files were refused for the malware in them, from whom: there the file's name is what it is found by. */
#include "systems/onestop/pages.h"

#include "base/text.h"
#include "people/action.h"
#include "people/handed.h"
#include <string.h>

enum { ENTRIES_A_PAGE = 50 };

struct log_read { const char *subject; int64_t before; struct list rows; };

static enum err log_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct log_read *read = arg;
  return action_about(cx, tx, read->subject, read->before, ENTRIES_A_PAGE, &read->rows);
}

static void show_refused(struct cx *cx, struct model *row, const struct action *entry)
{
  struct handed_refused refused;
  size_t problems = cx->problems.count;
  const struct bytes detail = {(const uint8_t *)entry->detail, entry->detail ? strlen(entry->detail) : 0};
  if (record_read_json(cx, &handed_refused_type, detail, &refused) == OK) model_record(row, "refused", &handed_refused_type, memcpy(ARENA_NEW(cx->arena, struct handed_refused), &refused, sizeof refused));
  cx->problems.count = problems;
}

static void show_entry(struct cx *cx, struct view *view, const struct action *entry)
{
  struct model *row = model_row(view->model, "rows");
  bool dossier = text_starts(entry->action, "dossier.");
  struct unit unit;
  size_t problems = cx->problems.count;
  bool known = !text_empty(entry->unit) && unit_get(cx, view->here->people, entry->unit, time_to_days(entry->at_us), &unit) == OK;
  cx->problems.count = problems;
  if (text_equal(entry->action, HANDED_INFECTED)) show_refused(cx, row, entry);
  model_text(row, "at", time_write_vn(cx->arena, entry->at_us));
  model_text(row, "who", entry->person_name);
  model_text(row, "unit", known ? unit.name : entry->unit);
  model_text(row, "word", dossier ? arena_print(cx->arena, "onestop.history.%s", entry->action + strlen("dossier.")) : arena_print(cx->arena, "onestop.log.%s", entry->action));
}

enum err page_log(struct cx *cx, struct view *view)
{
  const char *typed = view_text(view, "ma");
  struct log_read read = {.subject = text_empty(typed) ? NULL : text_upper(cx->arena, typed), .before = view_i64(view, "truoc", 0)};
  enum err err = read.subject ? action_look(cx, view->here->store, "onestop.log", read.subject) : OK;
  if (!err && read.subject) err = store_read(cx, view->here->store, log_in, &read);
  if (err) return err;
  const struct action *all = read.rows.items;
  for (size_t i = 0; i < read.rows.count; i++) show_entry(cx, view, &all[i]);
  model_text(view->model, "subject", read.subject);
  model_text(view->model, "infected_url", arena_print(cx->arena, "/mot-cua/nhat-ky?ma=%s", HANDED_SUBJECT));
  model_flag(view->model, "any", read.rows.count > 0);
  if (read.rows.count == ENTRIES_A_PAGE)
    model_text(view->model, "next", arena_print(cx->arena, "/mot-cua/nhat-ky?ma=%s&truoc=%lld", url_encode(cx->arena, read.subject), (long long)all[ENTRIES_A_PAGE - 1].id));
  return view_render(cx, view, "onestop_log");
}
