/* Applications: what the law and the register say about them, and what becomes of them. */
#include "systems/household/register.h"

#include "base/text.h"
#include "contract/answer.h"
#include "people/action.h"
#include "systems/household/rules.h"

/* ---- Places ---- */
enum { LEVELS_MAX = 6 };

static const char *name_chain(struct cx *cx, struct here *here, const struct unit *commune, int64_t day, const char **district)
{
  struct unit unit = *commune;
  const char *chain = unit.name;
  *district = NULL;
  for (int i = 0; i < LEVELS_MAX && !text_empty(unit.parent); i++) {
    const char *parent = unit.parent;
    if (unit_get(cx, here->people, parent, day, &unit)) break;
    if (text_equal(unit.level, "district")) *district = unit.code;
    if (text_equal(unit.level, "district") || text_equal(unit.level, "province")) chain = arena_print(cx->arena, "%s, %s", chain, unit.name);
  }
  return chain;
}

enum err business_place_find(struct cx *cx, struct tx *tx, struct here *here, const char *commune, int64_t day, struct business_place *out)
{
  struct unit unit = {0};
  struct scope_rule rule;
  enum err err = unit_get(cx, here->people, commune, day, &unit);
  if (err == ERR_NOT_FOUND || (!err && !text_equal(unit.level, "commune")))
    return cx_fail(cx, ERR_INPUT, "commune", "household.error.commune", "code", commune ? commune : "", NULL);
  if (!err) err = scope_rule_on(cx, tx, day, &rule);
  if (err) return err;
  out->commune_name = name_chain(cx, here, &unit, day, &out->district);
  bool by_district = text_equal(rule.level, "district") && out->district;
  out->scope = by_district ? arena_print(cx->arena, "district/%s", out->district) : arena_print(cx->arena, "commune/%s", unit.code);
  return OK;
}

/* ---- Check ---- */
enum err household_check_answer_fill(struct cx *cx, struct tx *tx, struct here *here, const struct household_check *ask, struct household_check_answer *out)
{
  const char *name = business_name_own(cx->arena, ask->name);
  struct business_place place;
  struct name_claim same = {0}, similar = {0};
  struct head_claim head = {0};
  enum err err = business_place_find(cx, tx, here, ask->commune, time_to_days(cx_now(cx)), &place);
  if (!err) err = name_claim_find(cx, tx, place.scope, name, &same);
  if (!err) err = name_claim_similar(cx, tx, place.scope, name, ask->number, &similar);
  if (!err) err = head_claim_find(cx, tx, ask->head_identity, &head);
  if (err) return err;
  bool own_name = same.number && text_equal(same.number, ask->number);
  bool own_head = head.number && text_equal(head.number, ask->number);
  const char *problem = business_name_problem(cx->arena, name);
  *out = (struct household_check_answer){
    .name_lawful = !problem, .name_problem = problem, .name_free = !same.number || own_name, .taken_number = own_name ? NULL : same.number,
    .head_free = !head.number || own_head, .head_number = own_head ? NULL : head.number};
  if (out->name_free) out->similar_name = similar.name;
  return OK;
}

/* ---- What stands against an application ---- */
struct verdict { struct business_place place; const struct sector_row *const *sectors; struct name_claim similar; bool unknown_sector; };

static enum err check_claims(struct cx *cx, struct tx *tx, const struct household_application *ask, struct verdict *verdict)
{
  struct name_claim same = {0};
  enum err err = name_claim_find(cx, tx, verdict->place.scope, ask->name, &same);
  if (!err) err = name_claim_similar(cx, tx, verdict->place.scope, ask->name, NULL, &verdict->similar);
  if (err) return err;
  return same.number ? cx_fail(cx, ERR_INPUT, "name", "household.error.name_taken", "name", same.name, "number", same.number, NULL) : OK;
}

static enum err check_head(struct cx *cx, struct tx *tx, const struct household_application *ask)
{
  struct head_claim head = {0};
  enum err err = head_claim_find(cx, tx, ask->head->identity, &head);
  if (err || !head.number) return err;
  return cx_fail(cx, ERR_INPUT, "head.identity", "household.error.head_taken", "number", head.number, NULL);
}

/* Runs every check, so that all reasons are told at once: *first keeps the first "wrong", and anything graver ends it. */
static bool goes_on(enum err err, enum err *first)
{
  if (err && (!*first || err != ERR_INPUT)) *first = err;
  return !err || err == ERR_INPUT;
}

static enum err application_judge(struct cx *cx, struct tx *tx, struct here *here, const struct household_application *ask, int64_t day, struct verdict *out)
{
  enum err first = OK;
  const char *problem = business_name_problem(cx->arena, ask->name);
  *out = (struct verdict){0};
  if (problem) first = cx_fail(cx, ERR_INPUT, "name", problem, NULL);
  if (!goes_on(application_day_check(cx, ask->decided_on, time_to_days(cx_now(cx))), &first)) return first;
  if (!goes_on(sector_rows_of(cx, tx, &ask->sectors, &out->sectors), &first)) return first;
  if (!goes_on(sectors_check(cx, &ask->sectors, out->sectors), &first)) return first;
  if (!goes_on(people_check(cx, ask), &first)) return first;
  for (size_t i = 0; i < ask->sectors.count; i++) out->unknown_sector = out->unknown_sector || !out->sectors[i];
  if (!goes_on(check_head(cx, tx, ask), &first)) return first;
  enum err place = business_place_find(cx, tx, here, ask->commune, day, &out->place);
  if (!goes_on(place, &first) || place) return first;
  goes_on(check_claims(cx, tx, ask, out), &first);
  return first;
}

/* ---- Registering ---- */

/* The official name of a sector, where it is known; else what was applied for. */
static struct list official_sectors(struct cx *cx, const struct list *asked, const struct sector_row *const *known)
{
  const struct household_sector *rows = asked->items;
  struct household_sector *out = ARENA_ARRAY(cx->arena, asked->count + 1, struct household_sector);
  for (size_t i = 0; i < asked->count; i++) {
    out[i] = rows[i];
    if (known[i]) out[i].name = known[i]->name;
    if (text_empty(out[i].name)) out[i].name = out[i].code;
  }
  return (struct list){out, asked->count};
}

static struct list people_of(struct cx *cx, const struct household_application *ask)
{
  struct household_person *out = ARENA_ARRAY(cx->arena, ask->members.count + 1, struct household_person);
  const struct household_person *members = ask->members.items;
  out[0] = *ask->head;
  for (size_t i = 0; i < ask->members.count; i++) out[i + 1] = members[i];
  return (struct list){out, ask->members.count + 1};
}

static enum err register_now(struct cx *cx, struct tx *tx, const struct household_application *ask, const struct verdict *verdict, int64_t day, const char **number)
{
  enum err err = business_next_number(cx, tx, day, verdict->place.district, number);
  if (err) return err;
  const struct business_full full = {
    .state = {.number = *number, .seq = 1, .effective_on = day, .kind = "register", .state = "active", .name = ask->name, .address = ask->address,
              .commune = ask->commune, .commune_name = verdict->place.commune_name, .scope = verdict->place.scope, .phone = ask->phone,
              .email = ask->email, .capital_vnd = ask->capital_vnd, .founded_by = ask->founded_by, .suspended_from = NONE_DATE,
              .suspended_to = NONE_DATE, .closed_on = NONE_DATE, .changed_on = NONE_DATE, .dossier = ask->dossier, .unit = ask->unit,
              .decided_by = ask->decided_by, .at_us = cx_now(cx)},
    .people = people_of(cx, ask), .sectors = official_sectors(cx, &ask->sectors, verdict->sectors)};
  err = name_claim_take(cx, tx, verdict->place.scope, ask->name, *number);
  if (!err) err = head_claim_take(cx, tx, ask->head->identity, *number);
  if (!err) err = business_add(cx, tx, &full);
  return err ? err : action_append(cx, tx, "business.register", *number, NULL);
}

static const char *body_json(struct cx *cx, const struct household_application *ask)
{
  struct buffer out;
  buffer_init(&out, cx->arena);
  record_write_json(&out, &household_application_type, ask);
  return buffer_string(&out);
}

static void answer_of(const struct application *row, struct household_answer *out)
{
  bool refused = text_equal(row->state, "refused");
  *out = (struct household_answer){.state = row->state, .number = row->number, .reference = row->reference, .reason = refused ? row->reason : NULL,
                                   .registered_on = row->registered_on};
}

/* What becomes of it: *row's state, and the number when it is registered. */
static enum err application_outcome(struct cx *cx, struct tx *tx, const struct household_application *ask, const struct verdict *verdict, struct application *row)
{
  row->why = verdict->similar.number ? "similar" : verdict->unknown_sector ? "sector" : NULL;
  if (row->why) {
    row->state = "checking";
    row->similar_name = verdict->similar.name;
    row->similar_number = verdict->similar.number;
    return OK;
  }
  row->state = "registered";
  row->registered_on = ask->decided_on;
  row->decided_us = row->received_us;
  row->decided_by = ask->decided_by;
  return register_now(cx, tx, ask, verdict, ask->decided_on, &row->number);
}

enum err application_receive(struct cx *cx, struct tx *tx, struct here *here, const char *consumer, const struct household_application *asked,
                             struct household_answer *out)
{
  struct household_application ask = *asked;
  size_t problems = cx->problems.count;
  struct verdict verdict;
  ask.name = business_name_own(cx->arena, asked->name);
  struct application row = {.consumer = consumer, .dossier = ask.dossier, .unit = ask.unit, .name = ask.name, .head_name = ask.head->full_name,
                            .commune_name = ask.commune, .registered_on = NONE_DATE, .received_us = cx_now(cx), .decided_us = NONE_DATE};
  row.body = body_json(cx, &ask);
  enum err err = application_next_reference(cx, tx, &row.reference);
  if (err) return err;
  err = application_judge(cx, tx, here, &ask, ask.decided_on, &verdict);
  if (verdict.place.commune_name) row.commune_name = verdict.place.commune_name;
  if (err == ERR_INPUT) {
    row.state = "refused";
    row.reason = household_problems_text(cx, problems);
    row.decided_us = row.received_us;
    cx->problems.count = problems;
    err = OK;
  } else if (!err) {
    err = application_outcome(cx, tx, &ask, &verdict, &row);
  }
  if (!err) err = application_add(cx, tx, &row);
  if (!err) err = action_append(cx, tx, arena_print(cx->arena, "application.%s", row.state), row.reference, NULL);
  if (!err) answer_of(&row, out);
  return err;
}

/* ---- The officer's word ---- */
enum err application_body_read(struct cx *cx, const struct application *application, struct household_application *out)
{
  struct buffer body;
  buffer_init(&body, cx->arena);
  buffer_text(&body, application->body);
  return record_read_json(cx, &household_application_type, buffer_bytes(&body), out);
}

static enum err application_accept(struct cx *cx, struct tx *tx, struct here *here, struct application *row)
{
  struct household_application ask;
  struct verdict verdict;
  int64_t today = time_to_days(cx_now(cx));
  enum err err = application_body_read(cx, row, &ask);
  if (!err) err = application_judge(cx, tx, here, &ask, today, &verdict);
  if (!err) err = register_now(cx, tx, &ask, &verdict, today, &row->number);
  row->registered_on = today;
  return err;
}

static enum err send_answer(struct cx *cx, struct tx *tx, const struct application *row)
{
  bool refused = text_equal(row->state, "refused");
  const struct answer_notice notice = {.dossier = row->dossier, .purpose = "household.register", .reference = row->reference, .state = row->state,
                                       .number = row->number, .reason = refused ? row->reason : NULL, .registered_on = row->registered_on};
  struct buffer body;
  buffer_init(&body, cx->arena);
  record_write_json(&body, &answer_notice_type, &notice);
  struct outbox_row out = {.subject = row->reference, .purpose = "answer", .service = arena_print(cx->arena, "%s/answer", row->consumer),
                           .method = "POST", .path = "", .body = buffer_string(&body)};
  return outbox_add(cx, tx, &out);
}

enum err application_settle(struct cx *cx, struct tx *tx, struct here *here, const char *reference, const struct application_decision *decision)
{
  struct application row;
  enum err err = application_get(cx, tx, reference, &row);
  if (err) return err;
  if (!text_equal(row.state, "checking")) return cx_fail(cx, ERR_CONFLICT, NULL, "household.error.decided", "reference", reference, NULL);
  bool accepted = text_equal(decision->outcome, "accept");
  if (accepted) err = application_accept(cx, tx, here, &row);
  row.state = accepted ? "registered" : "refused";
  row.reason = decision->reason;
  row.decided_us = cx_now(cx);
  row.decided_by = cx->person ? cx->person->full_name : "";
  if (!err) err = application_decide(cx, tx, &row, decision->version);
  if (!err) err = send_answer(cx, tx, &row);
  return err ? err : action_append(cx, tx, accepted ? "application.accept" : "application.refuse", reference, NULL);
}
