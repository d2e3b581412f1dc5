/* What several pages show alike: when a dossier is due, and what the register said. */
#include "systems/onestop/pages.h"

#include "base/text.h"
#include "systems/onestop/rules.h"
#include <stdlib.h>

enum { CHECK_WAIT_MS = 5000 };

/* How the style names them. */
static const char *const light_kinds[] = {[LIGHT_OK] = "ok", [LIGHT_DUE] = "due", [LIGHT_LATE] = "late", [LIGHT_STOPPED] = "quiet", [LIGHT_DONE] = "ok"};

static const char *due_word(enum light light, int days)
{
  switch (light) {
    case LIGHT_STOPPED: return "onestop.due.stopped";
    case LIGHT_DONE: return "onestop.due.done";
    case LIGHT_LATE: return days < 0 ? "onestop.due.late" : "onestop.due.late_today";
    default: return days == 0 ? "onestop.due.today" : "onestop.due.left";
  }
}

struct shown_due due_shown(const struct calendar *calendar, const char *status, int64_t due_us, int64_t now_us)
{
  enum light light = light_of(calendar, status, due_us, now_us);
  int days = calendar_days_left(calendar, now_us, due_us);
  return (struct shown_due){.light = light_kinds[light], .word = due_word(light, days), .days = abs(days), .date = time_to_days(due_us)};
}

void show_due(struct cx *cx, struct view *view, struct model *model, const char *status, int64_t due_us)
{
  struct shown_due due = due_shown(people_calendar(view->here->people), status, due_us, cx_now(cx));
  model_text(model, "light", due.light);
  model_text(model, "due_word", due.word);
  model_number(model, "due_days", due.days);
  model_text(model, "due_date", date_write_vn(cx->arena, (int32_t)due.date));
}

enum err ask_check(struct cx *cx, struct view *view, const char *body, struct ask *ask)
{
  *ask = (struct ask){.service = here_service(cx->arena, view->here, "household", "check"), .method = "POST", .path = "", .body = body,
                      .wait_ms_max = CHECK_WAIT_MS};
  if (!ask->service) return cx_fail(cx, ERR_CONFLICT, NULL, "onestop.error.part", "part", "household", NULL);
  return view_ask(cx, view, ask);
}

static bool check_read(struct cx *cx, const struct ask *ask, struct household_check_answer *out)
{
  size_t problems = cx->problems.count;
  bool good = ask->status == 200 && record_read_json(cx, &household_check_answer_type, ask->answer, out) == OK;
  cx->problems.count = problems;
  return good;
}

void show_check(struct view *view, const struct ask *ask, struct cx *cx)
{
  struct household_check_answer answer;
  struct model *model = model_row(view->model, "check");
  model_text(model, "receipt", ask->receipt);
  model_text(model, "at", time_write_vn(cx->arena, cx_now(cx)));
  if (!check_read(cx, ask, &answer)) {
    model_flag(model, "failed", true);
    model_text(model, "cause", ask->axis_error ? ask->axis_error : arena_print(cx->arena, "HTTP %d", ask->status));
    return;
  }
  model_flag(model, "answered", true);
  model_flag(model, "name_ok", answer.name_lawful && answer.name_free);
  model_flag(model, "name_unlawful", !answer.name_lawful);
  model_flag(model, "name_taken", answer.name_lawful && !answer.name_free);
  model_text(model, "taken_number", answer.taken_number);
  model_text(model, "similar_name", answer.similar_name);
  model_flag(model, "head_ok", answer.head_free);
  model_text(model, "head_number", answer.head_number);
}

struct dossier_exchange check_exchange(struct cx *cx, const struct ask *ask)
{
  bool good = ask->status == 200;
  return (struct dossier_exchange){
    .request_id = random_uuid(cx->arena), .purpose = "household.check", .service = ask->service, .state = good ? "checked" : "failed",
    .answer = good ? arena_copy_n(cx->arena, ask->answer.data, ask->answer.size) : NULL,
    .reason = good ? NULL : ask->axis_error, .asked_us = cx_now(cx), .answered_us = cx_now(cx), .receipt = ask->receipt};
}
