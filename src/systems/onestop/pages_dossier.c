/* A dossier: who, what, where it is, whose turn, due when; its components, exchanges and history; and what one can do. */
#include "systems/onestop/pages.h"

#include "base/text.h"
#include "systems/onestop/act.h"
#include "systems/onestop/papers.h"
#include "systems/onestop/rules.h"
#include <string.h>

enum { HISTORY_MAX = 200 };

/* ---- What one can do ---- */
/* An action as a form: its path's last part, and which fields it has. */
struct action_form { const char *segment, *action; bool danger, reason, to_name, receiver, fee; };
static const struct action_form action_forms[] = {
  {"chuyen", "forward"}, {"nhan-viec", "take"}, {"hoi-lai", "ask_again"}, {"da-bo-sung", "supplemented"},
  {"trinh", "propose", .reason = true}, {"duyet", "approve"}, {"tra-ket-qua", "return", .receiver = true},
  {"thu-phi", "pay", .fee = true}, {"ban-giao", "hand_over", .to_name = true}, {"yeu-cau-bo-sung", "supplement", .reason = true},
  {"tra-lai", "send_back", .reason = true}, {"tu-choi", "refuse", .danger = true, .reason = true}, {"rut", "withdraw", .danger = true, .reason = true},
};

/* The last look-up that a proposal needs came to nothing. */
static bool has_failed(const struct dossier_parts *parts)
{
  const struct dossier_exchange *exchanges = parts->exchanges.items;
  const char *purpose = kind_find(parts->dossier.kind)->known_purpose;
  for (size_t i = 0; purpose && i < parts->exchanges.count; i++)
    if (text_equal(exchanges[i].purpose, purpose)) return text_equal(exchanges[i].state, "failed");
  return false;
}

static bool is_offered(const struct dossier_parts *parts, const struct person *person, const struct action_form *form)
{
  const struct dossier *dossier = &parts->dossier;
  const struct step *step = step_find(dossier, form->action);
  if (!step || !step_allows(step, dossier, person)) return false;
  bool quiet = step->guard == GUARD_QUIET || step->guard == GUARD_QUIET_REASON;
  if (quiet && dossier->awaiting) return false;
  if (text_equal(form->action, "ask_again")) return has_failed(parts);
  if (text_equal(form->action, "take")) return dossier->holder != person->account;
  if (text_equal(form->action, "pay")) return text_equal(dossier->fee_state, "due");
  return true;
}

/* The procedure's papers, to tick those that are to be brought. */
static void show_missing(struct cx *cx, struct view *view, struct model *action, const struct procedure_parts *procedure, bool failed)
{
  const struct component *all = procedure->components.items;
  for (size_t i = 0; i < procedure->components.count; i++) {
    struct model *row = model_row(action, "missing");
    const char *typed = form_get(&view->form, arena_print(cx->arena, "missing[%zu].wanted", i), 0);
    model_text(row, "n", arena_print(cx->arena, "%zu", i));
    model_text(row, "code", all[i].code);
    model_text(row, "component_title", all[i].title);
    model_flag(row, "wanted", failed && typed);
  }
}

static struct model *show_action(struct cx *cx, struct view *view, const struct dossier *dossier, const struct action_form *form, bool failed, bool primary)
{
  struct model *row = model_row(view->model, form->danger ? "dangers" : "actions");
  const struct act_form empty = {.receiver_name = text_empty(dossier->submitter_name) ? dossier->full_name : dossier->submitter_name,
                                 .receiver_identity = text_empty(dossier->submitter_name) ? dossier->identity : dossier->submitter_identity};
  model_text(row, "url", arena_print(cx->arena, "/mot-cua/ho-so/%s/%s", dossier->code, form->segment));
  model_text(row, "word", arena_print(cx->arena, "onestop.act.%s", form->action));
  model_text(row, "ids", failed ? "field" : form->segment);
  model_text(row, "reason_word", arena_print(cx->arena, "onestop.reason.%s", form->action));
  model_flag(row, "failed", failed);
  model_flag(row, "primary", primary);
  model_flag(row, "plain", !form->reason && !form->to_name && !form->receiver && !form->fee);
  model_flag(row, "reason", form->reason);
  model_flag(row, "to_name", form->to_name);
  model_flag(row, "receiver", form->receiver);
  model_flag(row, "proxy", !text_empty(dossier->submitter_name));
  model_flag(row, "fee", form->fee);
  model_form(row, "f", &act_form_type, &empty, failed ? &view->form : NULL);
  return row;
}

static void show_actions(struct cx *cx, struct view *view, const struct dossier_parts *parts, const struct procedure_parts *procedure, const char *failed_action)
{
  const struct dossier *dossier = &parts->dossier;
  bool first = true;
  for (size_t i = 0; i < sizeof action_forms / sizeof action_forms[0]; i++) {
    const struct action_form *form = &action_forms[i];
    if (!is_offered(parts, cx->person, form)) continue;
    bool failed = text_equal(form->action, failed_action);
    struct model *row = show_action(cx, view, dossier, form, failed, first && !form->danger);
    if (text_equal(form->action, "supplement")) show_missing(cx, view, row, procedure, failed);
    first = false;
  }
  model_flag(view->model, "may_check", text_equal(dossier->kind, "household") && status_open(dossier->status));
}

/* ---- Parts ---- */
static void show_components(struct cx *cx, struct view *view, const struct dossier_parts *parts)
{
  const struct dossier_component *components = parts->components.items;
  const struct dossier_scan *scans = parts->scans.items;
  for (size_t i = 0; i < parts->components.count; i++) {
    struct model *row = model_row(view->model, "components");
    model_record(row, "component", &dossier_component_type, &components[i]);
    model_text(row, "mark_word", arena_print(cx->arena, "onestop.mark.%s", components[i].mark));
    for (size_t s = 0; s < parts->scans.count; s++) {
      if (!text_equal(scans[s].component, components[i].code)) continue;
      struct model *scan = model_row(row, "scans");
      model_text(scan, "name", scans[s].name);
      model_text(scan, "url", arena_print(cx->arena, "/mot-cua/ho-so/%s/tep/%s", parts->dossier.code, scans[s].hash));
    }
  }
}

struct pending_read { const struct dossier_exchange *exchange; struct outbox_row row; };

static enum err pending_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct pending_read *read = arg;
  return outbox_about(cx, tx, read->exchange->dossier, read->exchange->purpose, &read->row);
}

/* A waiting exchange says since when, and what the axis met on its way. */
static enum err show_waiting(struct cx *cx, struct view *view, struct model *row, const struct dossier_exchange *exchange)
{
  struct pending_read read = {.exchange = exchange};
  enum err err = store_read(cx, view->here->store, pending_in, &read);
  if (err) return err == ERR_NOT_FOUND ? OK : err;
  model_text(row, "last_error", read.row.last_error);
  if (read.row.failing_since_us != NONE_DATE) model_text(row, "failing_since", time_write_vn(cx->arena, read.row.failing_since_us));
  return OK;
}

static bool may_see_findings(struct cx *cx, const struct dossier *dossier)
{
  if (!text_equal(cx->person->unit, dossier->deciding_unit)) return false;
  return !dossier_is_second(cx, dossier) || person_may(cx->person, "onestop.record_two");
}

static void show_findings(struct cx *cx, struct model *row, const struct dossier_exchange *exchange)
{
  struct justice_answer *answer = ARENA_NEW(cx->arena, struct justice_answer);
  struct bytes json = {(const uint8_t *)exchange->answer, strlen(exchange->answer)};
  size_t problems = cx->problems.count;
  if (record_read_json(cx, &justice_answer_type, json, answer) == OK) model_rows(row, "convictions", &justice_conviction_type, &answer->convictions);
  cx->problems.count = problems;
}

static enum err show_exchanges(struct cx *cx, struct view *view, const struct dossier_parts *parts)
{
  static const char *const kinds[] = {"clean", "registered", "checked", "taken", NULL};
  const struct dossier_exchange *all = parts->exchanges.items;
  enum err err = OK;
  for (size_t i = 0; !err && i < parts->exchanges.count; i++) {
    struct model *row = model_row(view->model, "exchanges");
    bool waits = text_equal(all[i].state, "waiting") || text_equal(all[i].state, "checking"), good = false;
    for (size_t k = 0; kinds[k]; k++) good = good || text_equal(kinds[k], all[i].state);
    /* Whether something was found is itself a finding. */
    bool hidden = text_equal(all[i].purpose, "justice.lookup") && !waits && !may_see_findings(cx, &parts->dossier);
    model_record(row, "exchange", &dossier_exchange_type, &all[i]);
    model_text(row, "purpose_word", arena_print(cx->arena, "onestop.purpose.%s", all[i].purpose));
    model_text(row, "state_word", arena_print(cx->arena, "onestop.exchange.%s", hidden ? "answered" : all[i].state));
    model_text(row, "light", waits ? "progress" : good || hidden ? "ok" : text_equal(all[i].state, "found") ? "due" : "late");
    model_text(row, "asked_at", time_write_vn(cx->arena, all[i].asked_us));
    if (all[i].answered_us != NONE_DATE) model_text(row, "answered_at", time_write_vn(cx->arena, all[i].answered_us));
    model_flag(row, "waits", waits);
    if (waits) err = show_waiting(cx, view, row, &all[i]);
    if (text_equal(all[i].state, "found") && all[i].answer && !hidden) show_findings(cx, row, &all[i]);
  }
  return err;
}

struct history_read { const char *code; struct list actions; };

static enum err history_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct history_read *read = arg;
  return action_about(cx, tx, read->code, 0, HISTORY_MAX, &read->actions);
}

/* Both times of a late entry, in one sentence. */
static void show_late(struct cx *cx, struct model *row, const char *detail)
{
  struct late_entry late;
  size_t problems = cx->problems.count;
  struct bytes json = {(const uint8_t *)detail, strlen(detail)};
  if (record_read_json(cx, &late_entry_type, json, &late) == OK) {
    model_text(row, "late_number", late.number);
    model_text(row, "late_entered", time_write_vn(cx->arena, late.entered_us));
    model_text(row, "late_received", time_write_vn(cx->arena, late.received_us));
    model_text(row, "late_by", late.received_by);
  }
  cx->problems.count = problems;
}

static void show_detail(struct cx *cx, struct model *row, const char *detail)
{
  struct act_form *form = ARENA_NEW(cx->arena, struct act_form);
  size_t problems = cx->problems.count;
  struct bytes json = {(const uint8_t *)detail, strlen(detail)};
  if (record_read_json(cx, &act_form_type, json, form) == OK) model_record(row, "detail", &act_form_type, form);
  cx->problems.count = problems;
}

static enum err show_history(struct cx *cx, struct view *view, const char *code)
{
  struct history_read read = {.code = code};
  enum err err = store_read(cx, view->here->store, history_in, &read);
  const struct action *actions = read.actions.items;
  for (size_t i = 0; !err && i < read.actions.count; i++) {
    if (!text_starts(actions[i].action, "dossier.")) continue;
    struct model *row = model_row(view->model, "history");
    model_text(row, "word", arena_print(cx->arena, "onestop.history.%s", actions[i].action + strlen("dossier.")));
    model_text(row, "at", time_write_vn(cx->arena, actions[i].at_us));
    model_text(row, "who", actions[i].person_name);
    if (text_equal(actions[i].action, "dossier.receive_late")) show_late(cx, row, actions[i].detail);
    else if (!text_empty(actions[i].detail)) show_detail(cx, row, actions[i].detail);
  }
  return err;
}

static enum err show_request(struct cx *cx, struct view *view, const struct dossier *dossier)
{
  void *request;
  enum err err = kind_request(cx, dossier, &request);
  if (err) return err;
  model_flag(view->model, dossier->kind, true);
  model_record(view->model, "request", kind_find(dossier->kind)->request, request);
  if (!text_equal(dossier->kind, "household")) return OK;
  const struct household_request *household = request;
  struct unit commune;
  size_t problems = cx->problems.count;
  if (unit_get(cx, view->here->people, household->business_commune, dossier_units_day(dossier), &commune) == OK)
    model_text(view->model, "commune_name", commune.name);
  cx->problems.count = problems;
  model_text(view->model, "capital", money_write(cx->arena, household->capital_vnd));
  model_rows(view->model, "sectors", &household_sector_type, &household->sectors);
  model_rows(view->model, "members", &household_person_type, &household->members);
  return OK;
}

/* ---- The page ---- */
static void show_summary(struct cx *cx, struct view *view, const struct dossier_parts *parts)
{
  const struct dossier *dossier = &parts->dossier;
  struct model *model = view->model;
  model_record(model, "dossier", &dossier_type, dossier);
  model_text(model, "revision", arena_print(cx->arena, "%lld", (long long)dossier->revision));
  model_text(model, "status_word", arena_print(cx->arena, "onestop.status.%s", dossier->status));
  model_text(model, "turn_word", arena_print(cx->arena, "onestop.turn.%s", dossier->turn));
  model_text(model, "received_at", time_write_vn(cx->arena, dossier->received_us));
  if (dossier->reserved_number) model_text(model, "entered_at", time_write_vn(cx->arena, dossier->entered_us));
  if (dossier->stopped_us != NONE_DATE) model_text(model, "stopped_at", time_write_vn(cx->arena, dossier->stopped_us));
  model_text(model, "sex_word", arena_print(cx->arena, "onestop.sex.%s", dossier->sex));
  model_text(model, "birth_date", date_write_vn(cx->arena, (int32_t)dossier->birth_date));
  model_text(model, "fee_amount", money_write(cx->arena, parts->fee.amount_vnd));
  model_text(model, "fee_word", arena_print(cx->arena, "onestop.fee_state.%s", dossier->fee_state));
  model_record(model, "fee", &dossier_fee_type, &parts->fee);
  bool done = text_equal(dossier->status, STATUS_DONE) || text_equal(dossier->status, STATUS_RETURNED);
  model_flag(model, "has_result", done && (!dossier_is_second(cx, dossier) || person_may(cx->person, "onestop.record_two")));
  model_flag(model, "has_supplement", text_equal(dossier->status, STATUS_SUPPLEMENT));
  model_flag(model, "has_refusal", text_equal(dossier->status, STATUS_REFUSED));
  show_due(cx, view, model, dossier->status, dossier->due_us);
  model_text(model, "due_at", time_write_vn(cx->arena, dossier->due_us));
}

enum err dossier_render(struct cx *cx, struct view *view, const char *code, const char *failed_action)
{
  struct dossier_parts *parts = ARENA_NEW(cx->arena, struct dossier_parts);
  struct procedure_parts procedure;
  enum err err = dossier_see(cx, view->here, code, parts);
  if (!err) err = procedure_get(cx, view->here->store, parts->dossier.procedure, parts->dossier.version, &procedure);
  if (err) return err;
  const struct authority *authority = authority_find(&procedure, parts->dossier.authority);
  model_text(view->model, "authority_title", authority ? authority->title : NULL);
  model_text(view->model, "legal_basis", procedure.procedure.legal_basis);
  show_summary(cx, view, parts);
  show_components(cx, view, parts);
  err = show_request(cx, view, &parts->dossier);
  if (!err) err = show_exchanges(cx, view, parts);
  if (!err) err = show_history(cx, view, code);
  if (err) return err;
  show_actions(cx, view, parts, &procedure, failed_action);
  model_text(view->model, "title", code);
  return view_render(cx, view, "onestop_dossier");
}

enum err page_dossier(struct cx *cx, struct view *view)
{
  return dossier_render(cx, view, view_text(view, "code"), NULL);
}

enum err page_act(struct cx *cx, struct view *view)
{
  struct act act = {.here = view->here, .code = view_text(view, "code")};
  const char *segment = strrchr(view->page->path, '/') + 1;
  for (size_t i = 0; i < sizeof action_forms / sizeof action_forms[0]; i++)
    if (text_equal(action_forms[i].segment, segment)) act.action = action_forms[i].action;
  enum err err = record_read_form(cx, &act_form_type, &view->form, &act.form);
  if (!err) err = dossier_act(cx, &act);
  if (err == ERR_INPUT || err == ERR_CONFLICT) return dossier_render(cx, view, act.code, act.action);
  if (!err) err = view_flash(cx, view, arena_print(cx->arena, "onestop.done.%s", act.action), act.code);
  return err ? err : view_redirect(cx, view, arena_print(cx->arena, "/mot-cua/ho-so/%s", act.code));
}

/* ---- The register's look-up, from the dossier ---- */
struct check_keep { const struct dossier_exchange *exchange; };

static enum err check_in(struct cx *cx, struct tx *tx, void *arg)
{
  const struct check_keep *keep = arg;
  enum err err = exchange_put(cx, tx, keep->exchange);
  return err ? err : action_append(cx, tx, "dossier.check", keep->exchange->dossier, NULL);
}

enum err page_check(struct cx *cx, struct view *view)
{
  const char *code = view_text(view, "code");
  struct dossier_parts parts;
  void *request;
  struct ask ask;
  enum err err = dossier_see(cx, view->here, code, &parts);
  if (!err && !text_equal(parts.dossier.kind, "household")) return ERR_NOT_FOUND;
  if (!err) err = kind_request(cx, &parts.dossier, &request);
  const struct intake head = {.identity = parts.dossier.identity};
  if (!err) err = ask_check(cx, view, household_check_body(cx, &head, request), &ask);
  if (err) return err;
  struct dossier_exchange exchange = check_exchange(cx, &ask);
  exchange.dossier = code;
  struct check_keep keep = {&exchange};
  err = store_write(cx, view->here->store, check_in, &keep);
  if (err) return err;
  show_check(view, &ask, cx);
  return dossier_render(cx, view, code, NULL);
}

/* ---- A scan ---- */
enum err page_scan(struct cx *cx, struct view *view)
{
  struct dossier_parts parts;
  const char *hash = view_text(view, "hash");
  enum err err = dossier_see(cx, view->here, view_text(view, "code"), &parts);
  if (err) return err;
  const struct dossier_scan *scans = parts.scans.items;
  for (size_t i = 0; i < parts.scans.count; i++) {
    if (!text_equal(scans[i].hash, hash)) continue;
    int fd;
    int64_t size;
    err = file_read(cx, view->here->files, hash, &fd, &size);
    return err ? err : view_file(cx, view, scans[i].type, fd, size, NULL);
  }
  return ERR_NOT_FOUND;
}
