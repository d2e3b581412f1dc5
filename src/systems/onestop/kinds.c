/* The two kinds of procedure: the registration of a household business, and the judicial record certificate. */
#include "systems/onestop/kinds.h"

#include "base/text.h"
#include <string.h>

static const char *json_of(struct cx *cx, const struct record_type *type, const void *record)
{
  struct buffer out;
  buffer_init(&out, cx->arena);
  record_write_json(&out, type, record);
  return buffer_string(&out);
}

enum err kind_request(struct cx *cx, const struct dossier *dossier, void **out)
{
  const struct kind *kind = kind_find(dossier->kind);
  *out = arena_alloc(cx->arena, kind->request->size);
  struct bytes json = {(const uint8_t *)dossier->content, strlen(dossier->content)};
  return record_read_json(cx, kind->request, json, *out);
}

bool exchange_answered(const struct dossier_exchange *exchange)
{
  return text_equal(exchange->state, "clean") || text_equal(exchange->state, "found");
}

/* ---- Household business ---- */
static enum err household_rules(struct cx *cx, const struct intake *intake, const void *record)
{
  const struct household_request *request = record;
  const struct household_sector *sectors = request->sectors.items;
  size_t mains = 0;
  enum err err = OK;
  for (size_t i = 0; i < request->sectors.count; i++) mains += sectors[i].main;
  if (request->sectors.count == 0) err = cx_fail(cx, ERR_INPUT, "sectors[0].code", "onestop.error.sectors", NULL);
  else if (mains != 1) err = cx_fail(cx, ERR_INPUT, "sectors[0].main", "onestop.error.main_sector", NULL);
  bool members = text_equal(request->founded_by, "members");
  if (members && request->members.count == 0) err = cx_fail(cx, ERR_INPUT, "members[0].full_name", "onestop.error.members", NULL);
  return err;
}

static const char *household_place(const void *record)
{
  return ((const struct household_request *)record)->business_commune;
}

static const char *household_words(const void *record)
{
  return ((const struct household_request *)record)->business_name;
}

const char *household_check_body(struct cx *cx, const struct intake *intake, const struct household_request *request)
{
  const struct household_check check = {.name = request->business_name, .commune = request->business_commune, .head_identity = intake->identity};
  return json_of(cx, &household_check_type, &check);
}

static const char *register_body(struct cx *cx, const struct ask_facts *facts)
{
  const struct dossier *dossier = facts->dossier;
  void *record;
  if (kind_request(cx, dossier, &record) != OK) return NULL;
  const struct household_request *request = record;
  struct household_person head = {.full_name = dossier->full_name, .birth_date = dossier->birth_date, .sex = dossier->sex,
    .identity = dossier->identity, .nationality = dossier->nationality, .residence = dossier->residence};
  const struct household_application application = {
    .dossier = dossier->code, .unit = dossier->deciding_unit, .name = request->business_name, .address = request->business_address,
    .commune = request->business_commune, .phone = request->business_phone, .email = request->business_email,
    .capital_vnd = request->capital_vnd, .founded_by = request->founded_by, .head = &head, .members = request->members,
    .sectors = request->sectors, .decided_on = facts->today, .decided_by = dossier->decided_by};
  return json_of(cx, &household_application_type, &application);
}

static const struct kind_ask household_asks[] = {
  {"approve", "household", "register", "household.register", true, register_body},
};

/* ---- Judicial record ---- */
static enum err justice_rules(struct cx *cx, const struct intake *intake, const void *record)
{
  const struct justice_request *request = record;
  /* Certificate No. 2 admits no proxy. */
  if (text_equal(request->certificate_kind, "2") && intake->by_other)
    return cx_fail(cx, ERR_INPUT, "by_other", "onestop.error.no_proxy", NULL);
  return OK;
}

static const char *lookup_body(struct cx *cx, const struct ask_facts *facts)
{
  const struct dossier *dossier = facts->dossier;
  void *record;
  if (kind_request(cx, dossier, &record) != OK) return NULL;
  const struct justice_request *request = record;
  const struct justice_lookup lookup = {
    .dossier = dossier->code, .kind = request->certificate_kind, .bans_wanted = request->bans_wanted, .full_name = dossier->full_name,
    .sex = dossier->sex, .identity = dossier->identity, .birth_place = request->birth_place, .nationality = dossier->nationality,
    .residence = dossier->residence, .father_name = request->father_name, .mother_name = request->mother_name,
    .spouse_name = request->spouse_name, .birth_date = dossier->birth_date};
  return json_of(cx, &justice_lookup_type, &lookup);
}

static const char *result_body(struct cx *cx, const struct ask_facts *facts)
{
  const struct dossier *dossier = facts->dossier;
  void *record;
  if (!facts->known || kind_request(cx, dossier, &record) != OK) return NULL;
  const struct justice_request *request = record;
  const struct justice_result result = {
    .dossier = dossier->code, .reference = facts->known->reference, .number = dossier->result_number, .kind = request->certificate_kind,
    .identity = dossier->identity, .full_name = dossier->full_name, .outcome = text_equal(facts->known->state, "clean") ? "none" : "has",
    .issuer = facts->issuer, .issued_on = dossier->result_on};
  return json_of(cx, &justice_result_type, &result);
}

static const struct kind_ask justice_asks[] = {
  {"forward", "justice", "lookup", "justice.lookup", true, lookup_body},
  {"approve", "justice", "result", "justice.result", false, result_body},
};

/* ---- The table ---- */
static const struct kind kinds[] = {
  {.name = "household", .request = &household_request_type, .asks = household_asks, .ask_count = 1, .check = household_rules,
   .place = household_place, .words = household_words},
  {.name = "justice", .request = &justice_request_type, .asks = justice_asks, .ask_count = 2, .known_purpose = "justice.lookup",
   .check = justice_rules},
};

const struct kind *kind_find(const char *name)
{
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    if (text_equal(kinds[i].name, name)) return &kinds[i];
  return NULL;
}

const struct kind_ask *kind_ask_of(const struct kind *kind, const char *action)
{
  for (size_t i = 0; i < kind->ask_count; i++)
    if (text_equal(kind->asks[i].action, action)) return &kind->asks[i];
  return NULL;
}
