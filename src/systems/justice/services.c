/* What the judicial-record database offers on the axis. */
#include "systems/justice/services.h"

#include "base/text.h"
#include "people/action.h"
#include "systems/justice/rules.h"
#include "systems/justice/store.h"

static enum err handle_lookup(struct cx *cx, struct tx *tx, struct service_call *call)
{
  struct lookup lookup;
  struct list candidates;
  enum err err = lookup_receive(cx, tx, call->consumer, call->ask, &lookup);
  if (!err) err = lookup_candidates(cx, tx, lookup.id, &candidates);
  if (!err) err = action_append(cx, tx, "lookup.receive", lookup.reference, NULL);
  if (!err) lookup_answer_fill(cx->arena, &lookup, &candidates, call->answer);
  return err;
}

static enum err handle_lookup_read(struct cx *cx, struct tx *tx, struct service_call *call)
{
  struct lookup lookup;
  struct list candidates;
  enum err err = lookup_get(cx, tx, call->path[0], &lookup);
  /* Somebody else's question is not there for this consumer. */
  if (!err && !text_equal(lookup.consumer, call->consumer)) err = ERR_NOT_FOUND;
  if (!err) err = lookup_candidates(cx, tx, lookup.id, &candidates);
  if (!err) lookup_answer_fill(cx->arena, &lookup, &candidates, call->answer);
  return err;
}

static enum err handle_result(struct cx *cx, struct tx *tx, struct service_call *call)
{
  const struct justice_result *result = call->ask;
  struct justice_taken *taken = call->answer;
  struct lookup lookup;
  enum err err = lookup_get(cx, tx, result->reference, &lookup);
  if (err == ERR_NOT_FOUND || (!err && !text_equal(lookup.consumer, call->consumer)))
    return cx_fail(cx, ERR_INPUT, "reference", "justice.error.reference", NULL);
  if (!err && text_equal(lookup.state, "checking")) return cx_fail(cx, ERR_CONFLICT, "reference", "justice.error.not_answered", NULL);
  if (!err) err = result_take(cx, tx, call->consumer, result, &taken->taken_us);
  if (!err) err = action_append(cx, tx, "result.take", result->number, NULL);
  taken->number = result->number;
  return err;
}

const struct service justice_services[] = {
  {.code = "lookup", .method = "POST", .path = "", .ask = &justice_lookup_type, .answer = &justice_answer_type, .once = true,
   .handle = handle_lookup, .word = "justice.service.lookup"},
  {.code = "lookup", .method = "GET", .path = "/{reference}", .answer = &justice_answer_type, .handle = handle_lookup_read, .word = "justice.service.lookup"},
  {.code = "result", .method = "POST", .path = "", .ask = &justice_result_type, .answer = &justice_taken_type, .once = true,
   .handle = handle_result, .word = "justice.service.result"},
};
const size_t justice_service_count = sizeof justice_services / sizeof justice_services[0];
