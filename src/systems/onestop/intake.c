/* Checks an intake against its procedure, and makes the dossier of it. */
#include "systems/onestop/intake.h"

#include "base/text.h"

enum { SECRET_SIZE = 16 };

const struct intake_component *intake_component_find(const struct intake *intake, const char *code)
{
  const struct intake_component *all = intake->components.items;
  for (size_t i = 0; i < intake->components.count; i++)
    if (text_equal(all[i].code, code)) return &all[i];
  return NULL;
}

/* ---- Checks ---- */
static enum err check_people(struct cx *cx, const struct intake_case *one)
{
  const struct intake *intake = one->intake;
  enum err err = OK;
  if (intake->birth_date != NONE_DATE && intake->birth_date > time_to_days(one->now_us))
    err = cx_fail(cx, ERR_INPUT, "birth_date", "onestop.error.birth_date", NULL);
  if (!intake->by_other) return err;
  if (text_equal(one->parts->procedure.proxy, "none")) return cx_fail(cx, ERR_INPUT, "by_other", "onestop.error.no_proxy", NULL);
  if (text_empty(intake->submitter_name)) err = cx_fail(cx, ERR_INPUT, "submitter_name", "onestop.error.submitter", NULL);
  if (text_empty(intake->submitter_identity)) err = cx_fail(cx, ERR_INPUT, "submitter_identity", "error.identity.digits", NULL);
  if (!authority_find(one->parts, intake->authority)) err = cx_fail(cx, ERR_INPUT, "authority", "onestop.error.authority", NULL);
  return err;
}

static enum err check_component(struct cx *cx, const struct intake_case *one, const struct component *component, size_t index)
{
  const struct intake_component *typed = intake_component_find(one->intake, component->code);
  bool given = typed && typed->given;
  if (component->required && !given)
    return cx_fail(cx, ERR_INPUT, arena_print(cx->arena, "components[%zu].given", index), "onestop.error.component", "title", component->title, NULL);
  if (!given) return OK;
  if (text_empty(typed->mark))
    return cx_fail(cx, ERR_INPUT, arena_print(cx->arena, "components[%zu].mark", index), "onestop.error.mark", "title", component->title, NULL);
  /* Who scans a paper confirms that the scan is like the paper. */
  if (!text_empty(typed->hash) && !typed->confirmed)
    return cx_fail(cx, ERR_INPUT, arena_print(cx->arena, "components[%zu].confirmed", index), "onestop.error.confirm", "title", component->title, NULL);
  return OK;
}

static enum err check_components(struct cx *cx, const struct intake_case *one)
{
  const struct component *all = one->parts->components.items;
  enum err result = OK;
  for (size_t i = 0; i < one->parts->components.count; i++) {
    enum err err = check_component(cx, one, &all[i], i);
    if (err) result = err;
  }
  return result;
}

static enum err check_fee(struct cx *cx, const struct intake_case *one)
{
  const struct intake *intake = one->intake;
  if (!text_empty(intake->exemption) && !exemption_find(one->parts, intake->exemption))
    return cx_fail(cx, ERR_INPUT, "exemption", "error.choice", NULL);
  if (intake_fee(one) == 0) return OK;
  if (text_empty(intake->means)) return cx_fail(cx, ERR_INPUT, "means", "onestop.error.means", NULL);
  if (text_equal(intake->means, "later")) return OK;
  if (text_empty(intake->series)) return cx_fail(cx, ERR_INPUT, "series", "onestop.error.receipt", NULL);
  return text_empty(intake->number) ? cx_fail(cx, ERR_INPUT, "number", "onestop.error.receipt", NULL) : OK;
}

enum err intake_check(struct cx *cx, const struct intake_case *one)
{
  enum err people = check_people(cx, one), components = check_components(cx, one), fee = check_fee(cx, one);
  enum err kind = one->kind->check(cx, one->intake, one->request);
  return people ? people : components ? components : fee ? fee : kind;
}

int64_t intake_fee(const struct intake_case *one)
{
  int64_t copies = one->intake->copies > 0 ? one->intake->copies : 1;
  return fee_compute(&one->parts->fees, exemption_find(one->parts, one->intake->exemption), copies);
}

/* ---- The dossier ---- */
static struct dossier people_of(const struct intake *intake)
{
  return (struct dossier){
    .full_name = intake->full_name, .birth_date = intake->birth_date, .sex = intake->sex, .identity = intake->identity,
    .nationality = intake->nationality, .residence = intake->residence, .phone = intake->phone, .email = intake->email,
    .submitter_name = intake->by_other ? intake->submitter_name : NULL,
    .submitter_identity = intake->by_other ? intake->submitter_identity : NULL,
    .submitter_phone = intake->by_other ? intake->submitter_phone : NULL,
    .authority = intake->by_other ? intake->authority : NULL, .authority_note = intake->by_other ? intake->authority_note : NULL,
    .copies = intake->copies > 0 ? intake->copies : 1, .sets = intake->sets > 0 ? intake->sets : 1,
    .stopped_us = NONE_DATE, .decided_us = NONE_DATE, .result_on = NONE_DATE, .returned_us = NONE_DATE,
    .entered_us = NONE_DATE, .units_on = NONE_DATE};
}

static void prepare_components(struct cx *cx, const struct intake_case *one, struct receiving *out)
{
  const struct component *all = one->parts->components.items;
  struct dossier_component *rows = ARENA_ARRAY(cx->arena, one->parts->components.count + 1, struct dossier_component);
  size_t count = 0;
  for (size_t i = 0; i < one->parts->components.count; i++) {
    const struct intake_component *typed = intake_component_find(one->intake, all[i].code);
    if (!typed || !typed->given) continue;
    rows[count++] = (struct dossier_component){
      .ordinal = all[i].ordinal, .code = all[i].code, .title = all[i].title, .mark = typed->mark, .pieces = typed->pieces > 0 ? typed->pieces : 1,
      .paper_number = typed->paper_number, .issuer = typed->issuer, .confirmed = typed->confirmed};
  }
  out->components = (struct list){rows, count};
}

static void prepare_fee(struct cx *cx, const struct intake_case *one, struct receiving *out)
{
  const struct intake *intake = one->intake;
  int64_t amount = intake_fee(one);
  bool later = text_equal(intake->means, "later"), paid = amount > 0 && !later;
  out->fee = (struct dossier_fee){.unit = cx->person->unit, .amount_vnd = amount, .paid_us = NONE_DATE, .full_name = intake->full_name,
                                  .exemption = text_empty(intake->exemption) ? NULL : intake->exemption};
  if (paid) {
    out->fee.means = intake->means;
    out->fee.series = intake->series;
    out->fee.number = intake->number;
    out->fee.paid_us = one->now_us;
    /* The money is with whoever gave the receipt. */
    bool other = one->late && one->late->received_by;
    out->fee.account = other ? one->late->account : cx->person->account;
    out->fee.officer = other ? one->late->received_by : cx->person->full_name;
  }
  out->dossier.fee_vnd = amount;
  out->dossier.fee_state = amount == 0 ? "exempt" : paid ? "paid" : "due";
}

static const char *content_of(struct cx *cx, const struct intake_case *one)
{
  struct buffer out;
  buffer_init(&out, cx->arena);
  record_write_json(&out, one->kind->request, one->request);
  return buffer_string(&out);
}

static enum err prepare_units(struct cx *cx, struct here *here, const struct intake_case *one, struct receiving *out)
{
  struct unit receiving, deciding;
  const struct procedure *procedure = &one->parts->procedure;
  enum err err = unit_get(cx, here->people, cx->person->unit, out->day, &receiving);
  bool business = text_equal(procedure->decider_place, "business") && one->kind->place;
  const char *place = business ? one->kind->place(one->request) : cx->person->unit;
  if (!err) err = decider_unit(cx, here->people, procedure, place, out->day, &deciding);
  if (err) return err == ERR_NOT_FOUND ? cx_fail(cx, ERR_INPUT, business ? "business_commune" : "procedure", "onestop.error.decider", NULL) : err;
  struct numbering *numbering = ARENA_NEW(cx->arena, struct numbering);
  err = numbering_on(cx, here->store, out->day, numbering);
  if (err) return err == ERR_NOT_FOUND ? cx_fail(cx, ERR_CONFLICT, NULL, "onestop.error.numbering", NULL) : err;
  out->numbering = numbering;
  out->agency = code_agency(cx->arena, numbering, &receiving);
  out->dossier.receiving_unit = receiving.code;
  out->dossier.receiving_name = receiving.name;
  out->dossier.deciding_unit = deciding.code;
  out->dossier.deciding_name = deciding.name;
  return OK;
}

enum err intake_prepare(struct cx *cx, struct here *here, const struct intake_case *one, struct receiving *out)
{
  const struct procedure *procedure = &one->parts->procedure;
  uint8_t secret[SECRET_SIZE];
  random_bytes(secret, sizeof secret);
  *out = (struct receiving){.dossier = people_of(one->intake), .day = time_to_days(one->now_us)};
  struct dossier *dossier = &out->dossier;
  dossier->procedure = procedure->code;
  dossier->version = procedure->version;
  dossier->kind = procedure->kind;
  dossier->title = procedure->name;
  dossier->short_title = procedure->short_name;
  dossier->content = content_of(cx, one);
  dossier->secret = base64url_write(cx->arena, secret, sizeof secret);
  dossier->received_us = one->now_us;
  dossier->received_by = one->late && one->late->received_by ? one->late->received_by : cx->person->full_name;
  if (one->late) {
    dossier->reserved_number = one->late->number;
    dossier->entered_us = one->late->entered_us;
  }
  dossier->due_us = term_due(people_calendar(here->people), procedure, one->now_us, one->intake->long_term);
  out->words = one->kind->words ? one->kind->words(one->request) : NULL;
  prepare_components(cx, one, out);
  prepare_fee(cx, one, out);
  return prepare_units(cx, here, one, out);
}
