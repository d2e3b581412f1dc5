/* What several pages show alike: when a dossier is due, and what the register said. */
#include "systems/onestop/pages.h"

#include "base/text.h"
#include "systems/onestop/rules.h"
#include <stdlib.h>

enum { CHECK_WAIT_MS = 5000 };

struct light_words { const char *kind, *word; };
static const struct light_words lights[] = {
  [LIGHT_OK] = {"ok", "onestop.light.ok"}, [LIGHT_DUE] = {"due", "onestop.light.due"}, [LIGHT_LATE] = {"late", "onestop.light.late"},
  [LIGHT_STOPPED] = {"quiet", "onestop.light.stopped"}, [LIGHT_DONE] = {"ok", "onestop.light.done"}};

void show_due(struct cx *cx, struct view *view, struct model *model, const char *status, int64_t due_us)
{
  const struct calendar *calendar = people_calendar(view->here->people);
  int64_t now = cx_now(cx);
  enum light light = light_of(calendar, status, due_us, now);
  int days = calendar_days_left(calendar, now, due_us);
  model_text(model, "light", lights[light].kind);
  model_text(model, "light_word", lights[light].word);
  model_text(model, "due_date", date_write_vn(cx->arena, time_to_days(due_us)));
  model_text(model, "due_at", time_write_vn(cx->arena, due_us));
  model_number(model, "due_days", abs(days));
  const char *word = light == LIGHT_LATE ? (days < 0 ? "onestop.due.late" : "onestop.due.late_today") : days == 0 ? "onestop.due.today" : "onestop.due.left";
  if (light == LIGHT_STOPPED) word = "onestop.due.stopped";
  if (light == LIGHT_DONE) word = "onestop.due.done";
  model_text(model, "due_word", word);
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
