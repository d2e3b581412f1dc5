/* What other systems answer: at once to our ask, or later as a notice. Both lead to the same change. */
#include "systems/onestop/act.h"

#include "base/text.h"
#include <string.h>

struct known_state { const char *purpose, *state; };
static const struct known_state known_states[] = {
  {"household.register", "registered"}, {"household.register", "refused"}, {"household.register", "checking"}, {"household.register", "failed"},
  {"justice.lookup", "clean"}, {"justice.lookup", "found"}, {"justice.lookup", "checking"}, {"justice.lookup", "failed"},
  {"justice.result", "taken"}, {"justice.result", "failed"},
};

static bool is_known(const struct settlement *settlement)
{
  for (size_t i = 0; i < sizeof known_states / sizeof known_states[0]; i++)
    if (text_equal(known_states[i].purpose, settlement->purpose) && text_equal(known_states[i].state, settlement->state)) return true;
  return false;
}

static bool is_final(const char *state)
{
  return !text_equal(state, "waiting") && !text_equal(state, "checking");
}

/* Only the asked system may say how it ended. */
static bool may_settle(const struct dossier_exchange *exchange, const char *consumer)
{
  size_t size = consumer ? strlen(consumer) : 0;
  return !consumer || (strncmp(exchange->service, consumer, size) == 0 && exchange->service[size] == '/');
}

static const char *action_of(const struct settlement *settlement, const struct dossier *dossier)
{
  if (!text_equal(settlement->purpose, "household.register")) return "answered";
  if (text_equal(settlement->state, "registered")) return "registered";
  bool failed = text_equal(settlement->state, "refused") || text_equal(settlement->state, "failed");
  return failed && text_equal(dossier->status, STATUS_APPROVED) ? "register_refused" : "answered";
}

static enum err tell(struct cx *cx, struct tx *tx, const struct dossier *dossier, const struct settlement *settlement, const char *action)
{
  const char *name = text_equal(action, "answered") ? arena_print(cx->arena, "dossier.answered_%s", settlement->state) : arena_print(cx->arena, "dossier.%s", action);
  return action_append(cx, tx, name, dossier->code, NULL);
}

static enum err apply(struct cx *cx, struct tx *tx, struct dossier *dossier, const struct settlement *settlement)
{
  const char *action = action_of(settlement, dossier);
  const struct step *step = step_find(dossier, action);
  /* That the national database took a result moves nothing and is told; what else comes when the dossier has ended stands in the
   * exchange's own row. */
  if (!step) return text_equal(settlement->purpose, "justice.result") ? tell(cx, tx, dossier, settlement, action) : OK;
  if (step->to) dossier->status = step->to;
  if (is_final(settlement->state) && text_equal(dossier->awaiting, settlement->purpose)) dossier->awaiting = NULL;
  if (text_equal(action, "registered")) {
    dossier->result_number = settlement->number;
    dossier->result_on = settlement->registered_on;
  }
  if (text_equal(action, "register_refused") || text_equal(settlement->state, "failed")) {
    dossier->returned = true;
    dossier->opinion = settlement->reason;
  }
  enum err err = dossier_change(cx, tx, dossier);
  return err ? err : tell(cx, tx, dossier, settlement, action);
}

enum err dossier_settle(struct cx *cx, struct tx *tx, struct here *here, const struct settlement *settlement)
{
  struct dossier dossier;
  struct dossier_exchange exchange;
  if (!is_known(settlement)) return cx_fail(cx, ERR_INPUT, "state", "onestop.error.state", NULL);
  enum err err = dossier_find(cx, tx, settlement->dossier, &dossier);
  if (!err) err = exchange_of_dossier(cx, tx, settlement->dossier, settlement->purpose, &exchange);
  if (err) return err;
  /* Who was not asked doesn't learn either whether there is such a dossier. */
  if (!may_settle(&exchange, settlement->consumer)) return ERR_NOT_FOUND;
  if (is_final(exchange.state)) return OK; /* a notice overtook the first answer, or came twice */
  exchange.state = settlement->state;
  if (settlement->reference) exchange.reference = settlement->reference;
  exchange.number = settlement->number;
  exchange.reason = settlement->reason;
  exchange.answer = settlement->answer;
  if (settlement->receipt) exchange.receipt = settlement->receipt;
  exchange.answered_us = cx_now(cx);
  err = exchange_close(cx, tx, &exchange);
  return err ? err : apply(cx, tx, &dossier, settlement);
}

/* ---- Answers to outbox rows ---- */
static enum err settle_registered(struct cx *cx, struct bytes answer, struct settlement *out)
{
  struct household_answer said;
  enum err err = record_read_json(cx, &household_answer_type, answer, &said);
  if (err) return err;
  out->state = said.state;
  out->reference = said.reference;
  out->number = said.number;
  out->reason = said.reason;
  out->registered_on = said.registered_on;
  return OK;
}

static enum err settle_lookup(struct cx *cx, struct bytes answer, struct settlement *out)
{
  struct justice_answer said;
  enum err err = record_read_json(cx, &justice_answer_type, answer, &said);
  if (err) return err;
  out->state = said.state;
  out->reference = said.reference;
  return OK;
}

static enum err settle_taken(struct cx *cx, struct bytes answer, struct settlement *out)
{
  struct justice_taken said;
  enum err err = record_read_json(cx, &justice_taken_type, answer, &said);
  if (err) return err;
  out->state = "taken";
  out->number = said.number;
  return OK;
}

struct reading { const char *purpose; enum err (*read)(struct cx *cx, struct bytes answer, struct settlement *out); };
static const struct reading readings[] = {
  {"household.register", settle_registered}, {"justice.lookup", settle_lookup}, {"justice.result", settle_taken}};

enum err onestop_answered(struct cx *cx, struct tx *tx, struct here *here, const struct outbox_row *row, int status, struct bytes answer)
{
  struct settlement settlement = {.dossier = row->subject, .purpose = row->purpose, .state = "failed", .registered_on = NONE_DATE, .receipt = row->receipt,
                                  .answer = arena_copy_n(cx->arena, answer.data ? (const char *)answer.data : "", answer.size)};
  size_t problems = cx->problems.count;
  enum err err = status >= 200 && status < 300 ? ERR_INPUT : OK;
  for (size_t i = 0; err && i < sizeof readings / sizeof readings[0]; i++)
    if (text_equal(readings[i].purpose, row->purpose)) err = readings[i].read(cx, answer, &settlement);
  /* An answer that cannot be read is a failed exchange that an officer sees, not a row that is sent for ever. */
  cx->problems.count = problems;
  if (err) settlement.state = "failed";
  if (text_equal(settlement.state, "failed")) settlement.reason = arena_print(cx->arena, "HTTP %d", status);
  return dossier_settle(cx, tx, here, &settlement);
}
