/* Services on the axis: whoever was asked tells how it ended; whoever may, reads how a dossier stands.
 *
 *   POST answer          answer_notice → answer_noted     once
 *   GET  status/{code}                 → dossier_state    no names: what the citizen's page shows */
#include "systems/onestop/services.h"

#include "base/text.h"
#include "contract/answer.h"
#include "systems/onestop/act.h"

struct dossier_state { const char *code, *procedure, *title, *status, *receiving_unit, *deciding_unit; int64_t national_status, received_us, due_us, returned_us; };
static const struct field state_fields[] = {
  FIELD(struct dossier_state, code), FIELD(struct dossier_state, procedure), FIELD(struct dossier_state, title), FIELD(struct dossier_state, status),
  FIELD(struct dossier_state, receiving_unit), FIELD(struct dossier_state, deciding_unit), FIELD(struct dossier_state, national_status),
  FIELD(struct dossier_state, received_us, .form = FORM_TIME), FIELD(struct dossier_state, due_us, .form = FORM_TIME),
  FIELD(struct dossier_state, returned_us, .form = FORM_TIME),
};
static const struct record_type state_type = RECORD("dossier_state", struct dossier_state, state_fields);

/* The convictions of a notice are kept in the same shape as those of an answer at once. */
static const char *answer_json(struct cx *cx, const struct answer_notice *notice)
{
  if (!text_equal(notice->purpose, "justice.lookup")) return NULL;
  const struct justice_answer answer = {.reference = notice->reference, .state = notice->state, .convictions = notice->convictions, .answered_us = cx_now(cx)};
  struct buffer out;
  buffer_init(&out, cx->arena);
  record_write_json(&out, &justice_answer_type, &answer);
  return buffer_string(&out);
}

static enum err take_answer(struct cx *cx, struct tx *tx, struct service_call *call)
{
  const struct answer_notice *notice = call->ask;
  const struct settlement settlement = {
    .dossier = notice->dossier, .purpose = notice->purpose, .consumer = call->consumer, .state = notice->state, .reference = notice->reference,
    .number = notice->number, .reason = notice->reason, .registered_on = notice->registered_on, .answer = answer_json(cx, notice)};
  ((struct answer_noted *)call->answer)->reference = notice->reference;
  return dossier_settle(cx, tx, call->here, &settlement);
}

static enum err read_status(struct cx *cx, struct tx *tx, struct service_call *call)
{
  struct dossier dossier;
  enum err err = dossier_find(cx, tx, call->path[0], &dossier);
  if (err) return err;
  *(struct dossier_state *)call->answer = (struct dossier_state){
    .code = dossier.code, .procedure = dossier.procedure, .title = dossier.title, .status = dossier.status,
    .receiving_unit = dossier.receiving_unit, .deciding_unit = dossier.deciding_unit, .national_status = status_national(dossier.status),
    .received_us = dossier.received_us, .due_us = dossier.due_us, .returned_us = dossier.returned_us};
  return OK;
}

const struct service onestop_services[2] = {
  {.code = "answer", .method = "POST", .path = "", .ask = &answer_notice_type, .answer = &answer_noted_type, .once = true, .handle = take_answer, .word = "onestop.service.answer"},
  {.code = "status", .method = "GET", .path = "/{code}", .answer = &state_type, .handle = read_status, .word = "onestop.service.status"},
};
