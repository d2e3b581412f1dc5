/* The judicial-record database's rows. */
#include "systems/justice/store.h"

#include "base/text.h"
#include "justice_sql.h"
#include "people/people.h"
#include "systems/justice/rules.h"

enum err conviction_add(struct cx *cx, struct tx *tx, const struct list *convictions)
{
  const struct conviction *items = convictions->items;
  for (size_t i = 0; i < convictions->count; i++) {
    const struct conviction *c = &items[i];
    int64_t id;
    enum err err = sql_number(cx, tx, &justice_conviction_next, NO_ARGS, &id);
    if (!err)
      err = sql_run(cx, tx, &justice_conviction_add,
                    ARGS(V(id), V(c->identity), V(c->full_name), V(text_fold(cx->arena, c->full_name)), V(c->birth_place), V(c->birth_date), V(c->court),
                         V(c->judgment), V(c->judged_on), V(c->offence), V(c->law), V(c->penalty), V(c->extra_penalty), V(c->ban), V(c->expunged)), NULL);
    if (err) return err;
  }
  return OK;
}

/* "LL-261124-0001": the day in Viet Nam and the day's sequence. */
static enum err next_reference(struct cx *cx, struct tx *tx, const char **out)
{
  int32_t day = time_to_days(cx_now(cx));
  struct date date = date_from_days(day);
  int64_t number;
  enum err err = sql_number(cx, tx, &justice_day_next, ARGS(V((int64_t)day)), &number);
  if (!err) *out = arena_print(cx->arena, "LL-%02d%02d%02d-%04lld", date.year % 100, date.month, date.day, (long long)number);
  return err;
}

struct id_row { int64_t id; };
static const struct field id_fields[] = {FIELD(struct id_row, id)};
static const struct record_type id_type = RECORD("id", struct id_row, id_fields);

static enum err add_candidates(struct cx *cx, struct tx *tx, int64_t lookup, const struct list *found)
{
  const struct id_row *ids = found->items;
  for (size_t i = 0; i < found->count; i++) {
    enum err err = sql_run(cx, tx, &justice_candidate_add, ARGS(V(lookup), V(ids[i].id)), NULL);
    if (err) return err;
  }
  return OK;
}

enum err lookup_receive(struct cx *cx, struct tx *tx, const char *consumer, const struct justice_lookup *ask, struct lookup *out)
{
  struct list found;
  int64_t id, now = cx_now(cx);
  const char *reference = NULL;
  enum err err = sql_rows(cx, tx, &justice_conviction_candidates,
                          ARGS(V(ask->identity), V(text_fold(cx->arena, ask->full_name)), V(ask->birth_date)), &id_type, CANDIDATES_MAX, &found);
  if (!err) err = next_reference(cx, tx, &reference);
  if (!err) err = sql_number(cx, tx, &justice_lookup_next, NO_ARGS, &id);
  if (err) return err;
  const char *state = lookup_first_state(&found);
  bool waits = text_equal(state, "checking");
  err = sql_run(cx, tx, &justice_lookup_add,
                ARGS(V(id), V(reference), V(consumer), V(ask->dossier), V(ask->kind), V(ask->bans_wanted), V(ask->full_name), V(ask->sex),
                     V(ask->identity), V(ask->birth_place), V(ask->nationality), V(ask->residence), V(ask->father_name), V(ask->mother_name),
                     V(ask->spouse_name), V(ask->birth_date), V(state), V(now), waits ? (struct value){.type = VALUE_NULL} : V(now)), NULL);
  if (!err) err = add_candidates(cx, tx, id, &found);
  if (!err) err = lookup_get(cx, tx, reference, out);
  return err;
}

enum err lookup_get(struct cx *cx, struct tx *tx, const char *reference, struct lookup *out)
{
  return sql_row(cx, tx, &justice_lookup_get, ARGS(V(reference)), &lookup_type, out);
}

enum err lookup_list(struct cx *cx, struct tx *tx, const char *state, int64_t before, struct list *out)
{
  if (before <= 0) before = INT64_MAX;
  if (state) return sql_rows(cx, tx, &justice_lookup_list, ARGS(V(state), V(before), V(LOOKUPS_A_PAGE)), &lookup_type, LOOKUPS_A_PAGE, out);
  return sql_rows(cx, tx, &justice_lookup_all, ARGS(V(before), V(LOOKUPS_A_PAGE)), &lookup_type, LOOKUPS_A_PAGE, out);
}

enum err lookup_count_checking(struct cx *cx, struct tx *tx, int64_t *count)
{
  return sql_number(cx, tx, &justice_lookup_checking, NO_ARGS, count);
}

enum err lookup_candidates(struct cx *cx, struct tx *tx, int64_t lookup, struct list *out)
{
  return sql_rows(cx, tx, &justice_candidate_list, ARGS(V(lookup)), &conviction_type, CANDIDATES_MAX, out);
}

enum err lookup_decide(struct cx *cx, struct tx *tx, const struct lookup *lookup, const struct decision *decision, const int64_t *chosen, size_t count)
{
  int64_t changed;
  const char *who = cx->person ? cx->person->full_name : "";
  enum err err = sql_run(cx, tx, &justice_lookup_decide,
                         ARGS(V(lookup->id), V(decision->version), V(decision->outcome), V(cx_now(cx)), V(who), V(decision->note)), &changed);
  if (!err && changed == 0) err = cx_fail(cx, ERR_CONFLICT, NULL, "justice.error.decided", "name", lookup->answered_by ? lookup->answered_by : "", NULL);
  for (size_t i = 0; !err && i < count; i++) {
    err = sql_run(cx, tx, &justice_candidate_choose, ARGS(V(lookup->id), V(chosen[i])), &changed);
    if (!err && changed == 0) err = cx_fail(cx, ERR_INPUT, "chosen", "justice.error.choose", NULL);
  }
  return err;
}

enum err result_take(struct cx *cx, struct tx *tx, const char *consumer, const struct justice_result *r, int64_t *taken_us)
{
  int64_t id;
  *taken_us = cx_now(cx);
  enum err err = sql_number(cx, tx, &justice_result_next, NO_ARGS, &id);
  if (!err)
    err = sql_run(cx, tx, &justice_result_add,
                  ARGS(V(id), V(consumer), V(r->number), V(r->dossier), V(r->reference), V(r->kind), V(r->identity), V(r->full_name),
                       V(text_fold(cx->arena, r->full_name)), V(r->outcome), V(r->issuer), V(r->issued_on), V(*taken_us)), NULL);
  return err == ERR_CONFLICT ? cx_fail(cx, ERR_CONFLICT, "number", "justice.error.number_taken", "number", r->number, NULL) : err;
}

enum err result_list(struct cx *cx, struct tx *tx, const char *folded_name, int64_t before, struct list *out)
{
  if (before <= 0) before = INT64_MAX;
  if (folded_name) return sql_rows(cx, tx, &justice_result_named, ARGS(V(folded_name), V(before), V(LOOKUPS_A_PAGE)), &taken_result_type, LOOKUPS_A_PAGE, out);
  return sql_rows(cx, tx, &justice_result_list, ARGS(V(before), V(LOOKUPS_A_PAGE)), &taken_result_type, LOOKUPS_A_PAGE, out);
}
