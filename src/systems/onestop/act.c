/* What each action does to a dossier, beyond its step in the life cycle. */
#include "systems/onestop/act.h"

#include "base/text.h"
#include "onestop_sql.h"
#include <string.h>

enum { LEVELS_MAX = 4 };

struct doing {
  struct cx *cx;
  struct tx *tx;
  struct act *act;
  const struct kind *kind;
  struct dossier *dossier;
  struct dossier_exchange known;    /* the kind's exchange; request_id NULL: never asked */
  struct procedure procedure;
  const char *issuer;
};

/* ---- Effects: one function an action; those without one change the status alone ---- */
static enum err do_take(struct doing *doing)
{
  const struct person *person = doing->cx->person;
  doing->dossier->holder = person->account;
  doing->dossier->holder_name = person->full_name;
  return OK;
}

static enum err do_hand_over(struct doing *doing)
{
  doing->dossier->holder = doing->act->to_account;
  doing->dossier->holder_name = doing->act->to_full_name;
  return OK;
}

/* The codes of the papers that were ticked, separated by a space. */
static const char *missing_codes(struct arena *arena, const struct act_form *form)
{
  const struct act_component *all = form->missing.items;
  struct buffer out;
  buffer_init(&out, arena);
  for (size_t i = 0; i < form->missing.count; i++)
    if (all[i].wanted && !text_empty(all[i].code)) buffer_print(&out, "%s%s", out.size ? " " : "", all[i].code);
  return out.size ? buffer_string(&out) : NULL;
}

static enum err do_supplement(struct doing *doing)
{
  doing->dossier->missing = missing_codes(doing->cx->arena, &doing->act->form);
  doing->dossier->stopped_us = cx_now(doing->cx);
  doing->dossier->notice = doing->act->form.reason;
  return OK;
}

static enum err do_supplemented(struct doing *doing)
{
  struct dossier *dossier = doing->dossier;
  const struct calendar *calendar = people_calendar(doing->act->here->people);
  if (dossier->stopped_us != NONE_DATE) dossier->due_us = term_resume(calendar, dossier->due_us, dossier->stopped_us, cx_now(doing->cx));
  dossier->stopped_us = NONE_DATE;
  dossier->notice = NULL;
  dossier->missing = NULL;
  return OK;
}

static enum err do_notice(struct doing *doing)
{
  doing->dossier->notice = doing->act->form.reason;
  doing->dossier->stopped_us = NONE_DATE;
  return OK;
}

static enum err do_propose(struct doing *doing)
{
  doing->dossier->opinion = doing->act->form.reason;
  doing->dossier->returned = false;
  return OK;
}

static enum err do_send_back(struct doing *doing)
{
  doing->dossier->opinion = doing->act->form.reason;
  doing->dossier->returned = true;
  return OK;
}

/* A result that no register numbers is numbered here, by unit and year. */
static enum err number_result(struct doing *doing)
{
  struct cx *cx = doing->cx;
  struct dossier *dossier = doing->dossier;
  int32_t today = time_to_days(cx_now(cx));
  int64_t sequence;
  const char *year = arena_print(cx->arena, "%d", date_from_days(today).year);
  const char *owner = arena_print(cx->arena, "%s:%s", dossier->deciding_unit, dossier->procedure);
  enum err err = sequence_take(cx, doing->tx, owner, year, &sequence);
  if (err) return err;
  const struct problem_arg args[] = {{"sequence", arena_print(cx->arena, "%lld", (long long)sequence)}, {"yyyy", year}};
  dossier->result_number = pattern_fill(cx->arena, doing->procedure.result_number, args, 2);
  dossier->result_on = today;
  return OK;
}

static enum err do_approve(struct doing *doing)
{
  struct dossier *dossier = doing->dossier;
  dossier->decided_us = cx_now(doing->cx);
  dossier->decided_by = doing->cx->person->full_name;
  dossier->returned = false;
  return text_empty(doing->procedure.result_number) ? OK : number_result(doing);
}

static enum err do_return(struct doing *doing)
{
  doing->dossier->returned_us = cx_now(doing->cx);
  doing->dossier->returned_to = doing->act->form.receiver_name;
  return OK;
}

static enum err do_pay(struct doing *doing)
{
  const struct act_form *form = &doing->act->form;
  const struct person *person = doing->cx->person;
  if (text_empty(form->means)) return cx_fail(doing->cx, ERR_INPUT, "means", "onestop.error.means", NULL);
  if (text_empty(form->series) != text_empty(form->number)) return cx_fail(doing->cx, ERR_INPUT, "number", "onestop.error.receipt", NULL);
  const struct dossier_fee fee = {.dossier = doing->dossier->code, .means = form->means, .series = form->series, .number = form->number,
                                  .paid_us = cx_now(doing->cx), .account = person->account, .officer = person->full_name};
  doing->dossier->fee_state = "paid";
  enum err err = fee_settle(doing->cx, doing->tx, &fee);
  return err == ERR_CONFLICT ? cx_fail(doing->cx, ERR_CONFLICT, "number", "onestop.error.receipt_twice", NULL) : err;
}

struct effect { const char *action; enum err (*run)(struct doing *doing); };
static const struct effect effects[] = {
  {"take", do_take}, {"hand_over", do_hand_over}, {"supplement", do_supplement}, {"supplemented", do_supplemented},
  {"refuse", do_notice}, {"withdraw", do_notice}, {"propose", do_propose}, {"send_back", do_send_back}, {"approve", do_approve},
  {"return", do_return}, {"pay", do_pay},
};

static enum err effect_run(struct doing *doing)
{
  for (size_t i = 0; i < sizeof effects / sizeof effects[0]; i++)
    if (text_equal(effects[i].action, doing->act->action)) return effects[i].run(doing);
  return OK;
}

/* ---- What the action asks of other systems ---- */
/* A dossier that went straight from the counter to the citizen is looked up when it comes back. */
static const struct kind_ask *ask_due(const struct doing *doing)
{
  const char *action = doing->act->action;
  bool forward = text_equal(action, "ask_again") || (text_equal(action, "supplemented") && !doing->known.request_id);
  return kind_ask_of(doing->kind, forward ? "forward" : action);
}

static enum err ask_send(struct doing *doing)
{
  struct cx *cx = doing->cx;
  struct dossier *dossier = doing->dossier;
  const struct kind_ask *ask = ask_due(doing);
  if (!ask) return OK;
  const char *service = here_service(cx->arena, doing->act->here, ask->part, ask->code);
  if (!service) return cx_fail(cx, ERR_CONFLICT, NULL, "onestop.error.part", "part", ask->part, NULL);
  const struct ask_facts facts = {.dossier = dossier, .known = doing->known.request_id ? &doing->known : NULL, .issuer = doing->issuer,
                                  .today = time_to_days(cx_now(cx))};
  struct outbox_row row = {.subject = dossier->code, .purpose = ask->purpose, .service = service, .method = "POST", .path = "",
                           .body = ask->body(cx, &facts), .failing_since_us = NONE_DATE};
  if (!row.body) return cx_fail(cx, ERR_INTERNAL, NULL, "onestop.error.body", NULL);
  enum err err = outbox_add(cx, doing->tx, &row);
  if (err) return err;
  if (ask->holds) dossier->awaiting = ask->purpose;
  doing->act->asked = true;
  const struct dossier_exchange exchange = {.request_id = row.request_id, .dossier = dossier->code, .purpose = ask->purpose,
    .service = service, .state = "waiting", .asked_us = cx_now(cx), .answered_us = NONE_DATE};
  return exchange_put(cx, doing->tx, &exchange);
}

/* ---- The transaction ---- */
static enum err load_known(struct doing *doing)
{
  doing->known = (struct dossier_exchange){0};
  if (!doing->kind->known_purpose) return OK;
  enum err err = exchange_of_dossier(doing->cx, doing->tx, doing->dossier->code, doing->kind->known_purpose, &doing->known);
  return err == ERR_NOT_FOUND ? OK : err;
}

static enum err fail_changed(struct doing *doing)
{
  struct cx *cx = doing->cx;
  struct list actions;
  enum err err = action_about(cx, doing->tx, doing->dossier->code, 0, 20, &actions);
  if (err) return err;
  const struct action *action = actions.items;
  for (size_t i = 0; i < actions.count; i++) {
    if (!text_starts(action[i].action, "dossier.") || text_equal(action[i].action, "dossier.check")) continue;
    bool system = text_empty(action[i].person_name);
    const char *key = system ? "onestop.changed.system" : arena_print(cx->arena, "onestop.changed.%s", action[i].action + strlen("dossier."));
    return cx_fail(cx, ERR_CONFLICT, NULL, key, "who", system ? "–" : action[i].person_name, "when", time_write_vn(cx->arena, action[i].at_us), NULL);
  }
  return cx_fail(cx, ERR_CONFLICT, NULL, "onestop.error.changed", NULL);
}

static enum err check_step(struct doing *doing, const struct step **out)
{
  struct cx *cx = doing->cx;
  const struct step *step = step_find(doing->dossier, doing->act->action);
  if (!step) return cx_fail(cx, ERR_CONFLICT, NULL, "onestop.error.not_now", NULL);
  if (!step_allows(step, doing->dossier, cx->person)) return cx_fail(cx, ERR_FORBIDDEN, NULL, "onestop.error.not_yours", NULL);
  bool asked = doing->known.request_id != NULL;
  const struct act_facts facts = {.form = &doing->act->form, .known = !doing->kind->known_purpose || (asked && exchange_answered(&doing->known)),
                                  .failed = asked && text_equal(doing->known.state, "failed")};
  struct guard_finding finding = guard_check(step->guard, doing->dossier, &facts);
  if (finding.key) return cx_fail(cx, ERR_INPUT, finding.field, finding.key, NULL);
  *out = step;
  return OK;
}

/* The history reads it back as an act_form: the reason, the receiver, the receipt. */
static const char *detail_of(struct cx *cx, const struct act *act)
{
  struct buffer out;
  buffer_init(&out, cx->arena);
  struct act_form form = act->form;
  form.to_name = act->to_full_name;
  record_write_json(&out, &act_form_type, &form);
  return buffer_string(&out);
}

static enum err act_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct act *act = arg;
  struct doing doing = {.cx = cx, .tx = tx, .act = act, .dossier = &act->dossier};
  const struct step *step = NULL;
  act->asked = false;
  enum err err = dossier_find(cx, tx, act->code, &act->dossier);
  if (err) return err;
  doing.kind = kind_find(act->dossier.kind);
  if (dossier_sight(&act->dossier, cx->person, time_to_days(cx_now(cx))) == SIGHT_NONE) return ERR_NOT_FOUND;
  if (act->dossier.revision != act->form.revision) return fail_changed(&doing);
  err = load_known(&doing);
  if (!err) err = check_step(&doing, &step);
  if (!err) err = sql_row(cx, tx, &onestop_procedure_get, ARGS(V(act->dossier.procedure), V(act->dossier.version)), &procedure_type, &doing.procedure);
  if (err) return err;
  doing.issuer = act->dossier.deciding_name;
  if (step->to) act->dossier.status = step->to;
  err = effect_run(&doing);
  if (!err) err = ask_send(&doing);
  if (!err) err = dossier_change(cx, tx, &act->dossier);
  if (!err) err = action_append(cx, tx, arena_print(cx->arena, "dossier.%s", act->action), act->code, detail_of(cx, act));
  return err;
}

/* Who a dossier is handed to must work on the deciding unit's dossiers. */
static enum err find_receiver(struct cx *cx, struct act *act)
{
  struct account account;
  struct person *person;
  if (text_empty(act->form.to_name)) return cx_fail(cx, ERR_INPUT, "to_name", "onestop.error.to_name", NULL);
  enum err err = account_by_name(cx, act->here->people, act->form.to_name, &account);
  if (!err) err = person_load(cx, act->here->people, account.id, cx->person->unit, &person);
  if (err == ERR_NOT_FOUND || (!err && !person_is(person, ROLE_SPECIALIST)))
    return cx_fail(cx, ERR_INPUT, "to_name", "onestop.error.to_name_unknown", NULL);
  if (err) return err;
  act->to_account = account.id;
  act->to_full_name = account.full_name;
  return OK;
}

enum err dossier_act(struct cx *cx, struct act *act)
{
  enum err err = text_equal(act->action, "hand_over") ? find_receiver(cx, act) : OK;
  if (!err) err = store_write(cx, act->here->store, act_in, act);
  if (!err && act->asked && act->here->wake_outbox) act->here->wake_outbox(act->here);
  return err;
}

/* ---- Who issues ---- */
enum err issuer_fill(struct cx *cx, struct people *people, const char *pattern, const char *unit, int64_t on_days, const char **out)
{
  const char *names[LEVELS_MAX] = {NULL};
  size_t count = 0;
  *out = NULL;
  if (text_empty(pattern)) return OK;
  for (const char *code = unit; code && count < LEVELS_MAX;) {
    struct unit found;
    enum err err = unit_get(cx, people, code, on_days, &found);
    if (err) return err;
    names[count++] = found.name;
    code = text_empty(found.parent) ? NULL : found.parent;
  }
  const struct problem_arg args[] = {{"unit", names[0]}, {"parent", count > 1 ? names[1] : ""}, {"province", names[count - 1]}};
  *out = text_upper(cx->arena, pattern_fill(cx->arena, pattern, args, 3));
  return OK;
}
