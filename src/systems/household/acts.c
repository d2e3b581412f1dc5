/* Acts on a registered business: each makes a new state from the last one, and claims and releases what its name holds. */
#include "systems/household/register.h"

#include "base/text.h"
#include "people/action.h"
#include "systems/household/rules.h"

/* The business as the act finds it; *full becomes the new state, to be changed further. */
static enum err act_begin(struct cx *cx, struct tx *tx, const char *number, const char *action, int64_t version, struct business_full *full)
{
  struct business_line line;
  enum err err = business_line_get(cx, tx, number, &line);
  if (!err) err = business_last(cx, tx, number, full);
  if (err) return err;
  if (line.version != version) return cx_fail(cx, ERR_CONFLICT, NULL, "household.error.changed", "number", number, NULL);
  struct business_state *s = &full->state;
  const char *now = business_state_then(s->state, s->suspended_from, s->suspended_to, s->closed_on, time_to_days(cx_now(cx)));
  const char *next = business_state_after(now, action);
  if (!next) return cx_fail(cx, ERR_CONFLICT, NULL, "household.error.action", "number", number, NULL);
  s->seq++;
  s->kind = action;
  s->state = next;
  s->suspended_from = s->suspended_to = NONE_DATE;
  s->dossier = NULL;
  s->unit = cx->person ? cx->person->unit : NULL;
  s->decided_by = cx->person ? cx->person->full_name : "";
  s->at_us = cx_now(cx);
  return OK;
}

static enum err act_write(struct cx *cx, struct tx *tx, const struct business_full *full, int64_t version, const char *detail)
{
  enum err err = business_act(cx, tx, full, version);
  return err ? err : action_append(cx, tx, arena_print(cx->arena, "business.%s", full->state.kind), full->state.number, detail);
}

/* ---- Change ---- */

/* The name where the business will be: lawful, free, and told apart from one that reads the same. */
static enum err name_check(struct cx *cx, struct tx *tx, const struct business_state *s, const struct business_change *form)
{
  struct name_claim same = {0}, similar = {0};
  const char *problem = business_name_problem(cx->arena, s->name);
  if (problem) return cx_fail(cx, ERR_INPUT, "name", problem, NULL);
  enum err err = name_claim_find(cx, tx, s->scope, s->name, &same);
  if (!err) err = name_claim_similar(cx, tx, s->scope, s->name, s->number, &similar);
  if (err) return err;
  if (same.number && !text_equal(same.number, s->number))
    return cx_fail(cx, ERR_INPUT, "name", "household.error.name_taken", "name", same.name, "number", same.number, NULL);
  if (similar.number && text_empty(form->distinct))
    return cx_fail(cx, ERR_INPUT, "distinct", "household.error.similar", "name", similar.name, "number", similar.number, NULL);
  return OK;
}

static enum err sectors_take(struct cx *cx, struct tx *tx, const struct list *typed, struct list *out)
{
  const struct sector_row *const *known;
  enum err err = sector_rows_of(cx, tx, typed, &known);
  if (!err) err = sectors_check(cx, typed, known);
  struct household_sector *rows = typed->items;
  for (size_t i = 0; !err && i < typed->count; i++) {
    if (known[i]) rows[i].name = known[i]->name;
    if (text_empty(rows[i].name)) rows[i].name = rows[i].code;
  }
  *out = *typed;
  return err;
}

static enum err name_move(struct cx *cx, struct tx *tx, const struct business_state *before, const struct business_state *after)
{
  if (text_equal(before->scope, after->scope) && text_equal(before->name, after->name)) return OK;
  enum err err = name_claim_release(cx, tx, after->number);
  return err ? err : name_claim_take(cx, tx, after->scope, after->name, after->number);
}

static const char *change_detail(struct cx *cx, const struct business_full *before, const struct business_change *form)
{
  const struct business_state *s = &before->state;
  const struct business_change was = {.effective_on = form->effective_on, .name = s->name, .address = s->address, .commune = s->commune, .phone = s->phone,
                                      .email = s->email, .capital_vnd = s->capital_vnd, .sectors = before->sectors, .version = form->version};
  struct buffer out;
  buffer_init(&out, cx->arena);
  return record_difference(&out, &business_change_type, &was, form) ? buffer_string(&out) : NULL;
}

static void change_apply(struct cx *cx, struct business_state *s, const struct business_change *form)
{
  s->effective_on = s->changed_on = form->effective_on;
  s->changes++;
  s->name = business_name_own(cx->arena, form->name);
  s->address = form->address;
  s->commune = form->commune;
  s->phone = form->phone;
  s->email = form->email;
  s->capital_vnd = form->capital_vnd;
  s->reason = form->distinct ? arena_print(cx->arena, "%s\n%s", form->reason, form->distinct) : form->reason;
}

/* Where it stays, the place it was registered under stays too: its commune may have ceased to exist since. */
static enum err place_change(struct cx *cx, struct tx *tx, struct here *here, const struct business_state *before, struct business_state *after)
{
  struct business_place place;
  if (text_equal(before->commune, after->commune)) return OK;
  enum err err = business_place_find(cx, tx, here, after->commune, after->effective_on, &place);
  if (err) return err;
  after->commune_name = place.commune_name;
  after->scope = place.scope;
  return OK;
}

enum err business_change_in(struct cx *cx, struct tx *tx, struct here *here, const char *number, const struct business_change *form)
{
  struct business_full full, before;
  enum err err = act_begin(cx, tx, number, "change", form->version, &full);
  if (!err) err = business_last(cx, tx, number, &before);
  if (!err) err = act_day_check(cx, form->effective_on, before.state.effective_on, time_to_days(cx_now(cx)));
  if (err) return err;
  change_apply(cx, &full.state, form);
  err = place_change(cx, tx, here, &before.state, &full.state);
  if (!err) err = sectors_take(cx, tx, &form->sectors, &full.sectors);
  if (!err) err = name_check(cx, tx, &full.state, form);
  if (!err) err = name_move(cx, tx, &before.state, &full.state);
  return err ? err : act_write(cx, tx, &full, form->version, change_detail(cx, &before, form));
}

/* ---- Suspend, resume, close ---- */
enum err business_suspend_in(struct cx *cx, struct tx *tx, struct here *here, const char *number, const struct business_suspension *form)
{
  struct business_full full;
  struct notice_rule rule;
  int64_t today = time_to_days(cx_now(cx));
  enum err err = act_begin(cx, tx, number, "suspend", form->version, &full);
  if (!err) err = notice_rule_on(cx, tx, form->notice_on, &rule);
  if (!err) err = suspension_check(cx, form, people_calendar(here->people), rule.working_days, today);
  if (err) return err;
  struct business_state *s = &full.state;
  if (form->suspended_from < s->effective_on)
    return cx_fail(cx, ERR_INPUT, "suspended_from", "household.error.before_last", "date", date_write_vn(cx->arena, (int32_t)s->effective_on), NULL);
  s->effective_on = s->suspended_from = form->suspended_from;
  s->suspended_to = form->suspended_to;
  s->reason = form->reason;
  return act_write(cx, tx, &full, form->version, NULL);
}

enum err business_end_in(struct cx *cx, struct tx *tx, const char *number, const char *action, const struct business_ending *form)
{
  struct business_full full;
  int64_t today = time_to_days(cx_now(cx));
  enum err err = act_begin(cx, tx, number, action, form->version, &full);
  /* A suspension that has not begun keeps nobody from closing: it then never takes place. */
  int64_t last_on = !err && full.state.effective_on > today ? today : full.state.effective_on;
  if (!err) err = act_day_check(cx, form->effective_on, last_on, today);
  if (err) return err;
  full.state.effective_on = form->effective_on;
  full.state.reason = form->reason;
  if (text_equal(action, "close")) {
    full.state.closed_on = form->effective_on;
    err = name_claim_release(cx, tx, number);
    if (!err) err = head_claim_release(cx, tx, number);
  }
  return err ? err : act_write(cx, tx, &full, form->version, NULL);
}
