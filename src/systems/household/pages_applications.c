/* Applications that wait for an officer: the name beside the one it reads like, and the officer's word. */
#include "systems/household/pages.h"

#include "base/text.h"
#include "people/action.h"

static void application_state_model(struct model *model, const struct application *row)
{
  bool waits = text_equal(row->state, "checking"), refused = text_equal(row->state, "refused");
  model_text(model, "light", waits ? "due" : refused ? "late" : "ok");
  model_text(model, "state_word", waits ? "household.application.checking" : refused ? "household.application.refused" : "household.application.registered");
}

/* ---- The list ---- */
struct applications_read { const char *state; int64_t before; struct list rows; int64_t checking; };

static enum err applications_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct applications_read *read = arg;
  enum err err = application_list(cx, tx, read->state, read->before, &read->rows);
  return err ? err : application_count_checking(cx, tx, &read->checking);
}

enum err page_household_applications(struct cx *cx, struct view *view)
{
  bool all = text_equal(view_text(view, "loc"), "tat-ca");
  struct applications_read read = {.state = all ? NULL : "checking", .before = view_i64(view, "truoc", 0)};
  enum err err = store_read(cx, view->here->store, applications_in, &read);
  if (!err) err = action_look(cx, view->here->store, "application.list", all ? "all" : "checking");
  if (err) return err;
  const struct application *rows = read.rows.items;
  for (size_t i = 0; i < read.rows.count; i++) {
    struct model *row = model_row(view->model, "rows");
    model_record(row, "a", &application_row_type, &rows[i]);
    application_state_model(row, &rows[i]);
  }
  model_flag(view->model, "any", read.rows.count > 0);
  model_flag(view->model, "all", all);
  model_number(view->model, "checking", read.checking);
  if (read.rows.count == APPLICATIONS_A_PAGE)
    model_text(view->model, "next", arena_print(cx->arena, "/ho-kinh-doanh/cho-xem-xet?%struoc=%lld", all ? "loc=tat-ca&" : "",
                                                (long long)rows[APPLICATIONS_A_PAGE - 1].id));
  return view_render(cx, view, "household_applications");
}

/* ---- One application ---- */
struct application_read { const char *reference; struct application row; struct household_application body; bool similar_there; struct business_read similar; struct list history; };

static enum err application_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct application_read *read = arg;
  enum err err = application_get(cx, tx, read->reference, &read->row);
  if (!err) err = application_body_read(cx, &read->row, &read->body);
  if (!err) err = action_about(cx, tx, read->reference, 0, 50, &read->history);
  if (err || !read->row.similar_number) return err;
  read->similar = (struct business_read){.number = read->row.similar_number, .day = time_to_days(cx_now(cx))};
  read->similar_there = true;
  return business_read_tx(cx, tx, &read->similar);
}

static void show_asked(struct cx *cx, struct view *view, const struct application_read *read)
{
  const struct household_application *body = &read->body;
  struct household_business asked = {
    .state = "active", .name = body->name, .address = body->address, .commune = body->commune, .commune_name = read->row.commune_name,
    .phone = body->phone, .email = body->email, .founded_by = body->founded_by, .dossier = body->dossier, .capital_vnd = body->capital_vnd,
    .registered_on = NONE_DATE, .changed_on = NONE_DATE, .suspended_from = NONE_DATE, .suspended_to = NONE_DATE, .closed_on = NONE_DATE,
    .head = body->head, .members = body->members, .sectors = body->sectors};
  struct household_business *kept = ARENA_NEW(cx->arena, struct household_business);
  *kept = asked;
  business_show_model(cx, model_row(view->model, "asked"), kept);
}

static enum err application_render(struct cx *cx, struct view *view, const struct application_decision *decision)
{
  struct application_read *read = ARENA_NEW(cx->arena, struct application_read);
  read->reference = view_text(view, "reference");
  enum err err = store_read(cx, view->here->store, application_in, read);
  if (!err) err = action_look(cx, view->here->store, "application.look", read->reference);
  if (err) return err;
  model_record(view->model, "a", &application_row_type, &read->row);
  application_state_model(view->model, &read->row);
  show_asked(cx, view, read);
  if (read->similar_there) business_show_model(cx, model_row(view->model, "similar"), &read->similar.shown);
  model_flag(view->model, "why_sector", text_equal(read->row.why, "sector"));
  model_flag(view->model, "waits", text_equal(read->row.state, "checking") && person_may(cx->person, "household.decide"));
  model_form(view->model, "decision", &application_decision_type, decision, &view->form);
  model_actions(view->model, "history", &read->history, "household.history");
  model_number(view->model, "version", read->row.version);
  model_text(view->model, "title", read->reference);
  return view_render(cx, view, "household_application");
}

enum err page_household_application(struct cx *cx, struct view *view)
{
  const struct application_decision empty = {0};
  return application_render(cx, view, &empty);
}

struct settling { struct here *here; const char *reference; const struct application_decision *decision; };

static enum err settle_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct settling *settling = arg;
  return application_settle(cx, tx, settling->here, settling->reference, settling->decision);
}

enum err page_household_application_decide(struct cx *cx, struct view *view)
{
  struct application_decision decision;
  enum err err = record_read_form(cx, &application_decision_type, &view->form, &decision);
  struct settling settling = {view->here, view_text(view, "reference"), &decision};
  if (!err) err = store_write(cx, view->here->store, settle_in, &settling);
  if (err == ERR_INPUT || err == ERR_CONFLICT) return application_render(cx, view, &decision);
  if (err) return err;
  view->here->wake_outbox(view->here);
  bool accepted = text_equal(decision.outcome, "accept");
  err = view_flash(cx, view, accepted ? "household.flash.accept" : "household.flash.refuse", settling.reference);
  return err ? err : view_redirect(cx, view, "/ho-kinh-doanh/cho-xem-xet");
}
