/* Field tables of the register. */
#include "systems/household/model.h"

#define L(...) FIELD(struct business_line, __VA_ARGS__)
static const struct field line_fields[] = {
  L(number, .word = "household.number"), L(version), L(seq), L(registered_on, .form = FORM_DATE, .word = "household.registered_on"),
  L(state, .word = "household.state"), L(name, .word = "household.name"), L(head_name, .word = "household.head"),
  L(commune_name, .word = "household.commune"), L(suspended_from, .form = FORM_DATE), L(suspended_to, .form = FORM_DATE),
  L(closed_on, .form = FORM_DATE),
};
const struct record_type business_line_type = RECORD("business_line", struct business_line, line_fields);

#define S(...) FIELD(struct business_state, __VA_ARGS__)
static const struct field state_fields[] = {
  S(number, .word = "household.number"), S(seq), S(effective_on, .form = FORM_DATE, .word = "household.effective_on"), S(kind), S(state),
  S(name, .word = "household.name"), S(address, .word = "household.address"), S(commune), S(commune_name, .word = "household.commune"),
  S(scope), S(phone, .word = "household.phone"), S(email, .word = "household.email"),
  S(capital_vnd, .form = FORM_MONEY, .word = "household.capital"), S(founded_by, .word = "household.founded_by"),
  S(suspended_from, .form = FORM_DATE, .word = "household.suspended_from"), S(suspended_to, .form = FORM_DATE, .word = "household.suspended_to"),
  S(closed_on, .form = FORM_DATE, .word = "household.closed_on"), S(changes), S(changed_on, .form = FORM_DATE),
  S(dossier, .word = "household.dossier"), S(unit), S(decided_by, .word = "household.decided_by"), S(reason, .word = "household.reason"),
  S(at_us, .form = FORM_TIME),
};
const struct record_type business_state_type = RECORD("business_state", struct business_state, state_fields);

#define A(...) FIELD(struct application, __VA_ARGS__)
static const struct field application_fields[] = {
  A(id), A(reference, .word = "household.reference"), A(consumer, .word = "household.consumer"), A(dossier, .word = "household.dossier"), A(unit),
  A(state), A(name, .word = "household.name"), A(head_name, .word = "household.head"), A(commune_name, .word = "household.commune"), A(body),
  A(why), A(similar_name), A(similar_number), A(number, .word = "household.number"), A(registered_on, .form = FORM_DATE),
  A(reason, .word = "household.reason"), A(received_us, .form = FORM_TIME, .word = "household.received"),
  A(decided_us, .form = FORM_TIME, .word = "household.decided"), A(decided_by, .word = "household.decided_by"), A(version),
};
const struct record_type application_row_type = RECORD("application_row", struct application, application_fields);

static const char *const outcomes[] = {"accept", "refuse", NULL};
static const struct field decision_fields[] = {
  FIELD(struct application_decision, outcome, .choices = outcomes, .required = true, .word = "household.decision.outcome"),
  FIELD(struct application_decision, reason, .form = FORM_LINES, .max = 1000, .required = true, .word = "household.decision.reason"),
  FIELD(struct application_decision, version, .required = true),
};
const struct record_type application_decision_type = RECORD("application_decision", struct application_decision, decision_fields);

#define C(...) FIELD(struct business_change, __VA_ARGS__)
static const struct field change_fields[] = {
  C(effective_on, .form = FORM_DATE, .required = true, .word = "household.effective_on"),
  C(name, .max = 150, .required = true, .word = "household.name"), C(address, .max = 300, .required = true, .word = "household.address"),
  C(commune, .max = 20, .required = true, .word = "household.commune_code"), C(phone, .form = FORM_PHONE, .word = "household.phone"),
  C(email, .form = FORM_EMAIL, .word = "household.email"),
  C(capital_vnd, .form = FORM_MONEY, .max = 1000000000000, .word = "household.capital"),
  C(sectors, .of = &household_sector_type, .max = 20),
  C(distinct, .form = FORM_LINES, .max = 500, .word = "household.distinct"),
  C(reason, .form = FORM_LINES, .max = 1000, .required = true, .word = "household.reason"), C(version, .required = true),
};
const struct record_type business_change_type = RECORD("business_change", struct business_change, change_fields);

static const struct field suspension_fields[] = {
  FIELD(struct business_suspension, notice_on, .form = FORM_DATE, .required = true, .word = "household.notice_on"),
  FIELD(struct business_suspension, suspended_from, .form = FORM_DATE, .required = true, .word = "household.suspended_from"),
  FIELD(struct business_suspension, suspended_to, .form = FORM_DATE, .word = "household.suspended_to"),
  FIELD(struct business_suspension, reason, .form = FORM_LINES, .max = 1000, .required = true, .word = "household.reason"),
  FIELD(struct business_suspension, version, .required = true),
};
const struct record_type business_suspension_type = RECORD("business_suspension", struct business_suspension, suspension_fields);

static const struct field ending_fields[] = {
  FIELD(struct business_ending, effective_on, .form = FORM_DATE, .required = true, .word = "household.effective_on"),
  FIELD(struct business_ending, reason, .form = FORM_LINES, .max = 1000, .required = true, .word = "household.reason"),
  FIELD(struct business_ending, version, .required = true),
};
const struct record_type business_ending_type = RECORD("business_ending", struct business_ending, ending_fields);

static const struct field name_claim_fields[] = {
  FIELD(struct name_claim, scope), FIELD(struct name_claim, name_key), FIELD(struct name_claim, folded), FIELD(struct name_claim, name),
  FIELD(struct name_claim, number)};
const struct record_type name_claim_type = RECORD("name_claim", struct name_claim, name_claim_fields);
static const struct field head_claim_fields[] = {FIELD(struct head_claim, identity), FIELD(struct head_claim, number)};
const struct record_type head_claim_type = RECORD("head_claim", struct head_claim, head_claim_fields);

/* ---- Law as rows ---- */
static const char *const sector_kinds[] = {"open", "conditional", "banned", NULL};
static const char *const scope_levels[] = {"district", "commune", NULL};
static const char *const number_kinds[] = {"district_letter", "tax", NULL};
static const struct field sector_fields[] = {
  FIELD(struct sector_row, code, .form = FORM_DIGITS, .max = 4, .required = true), FIELD(struct sector_row, name, .max = 200, .required = true),
  FIELD(struct sector_row, kind, .choices = sector_kinds, .required = true), FIELD(struct sector_row, note, .max = 300),
  FIELD(struct sector_row, legal_basis, .max = 300), FIELD(struct sector_row, verified)};
const struct record_type sector_row_type = RECORD("sector_row", struct sector_row, sector_fields);
static const struct field scope_fields[] = {
  FIELD(struct scope_rule, valid_from, .form = FORM_DATE), FIELD(struct scope_rule, valid_to, .form = FORM_DATE),
  FIELD(struct scope_rule, level, .choices = scope_levels, .required = true), FIELD(struct scope_rule, legal_basis, .max = 300, .required = true),
  FIELD(struct scope_rule, verified)};
const struct record_type scope_rule_type = RECORD("scope_rule", struct scope_rule, scope_fields);
static const struct field number_fields[] = {
  FIELD(struct number_rule, valid_from, .form = FORM_DATE), FIELD(struct number_rule, valid_to, .form = FORM_DATE),
  FIELD(struct number_rule, kind, .choices = number_kinds, .required = true), FIELD(struct number_rule, prefix, .max = 4),
  FIELD(struct number_rule, legal_basis, .max = 300, .required = true), FIELD(struct number_rule, verified)};
const struct record_type number_rule_type = RECORD("number_rule", struct number_rule, number_fields);
static const struct field letter_fields[] = {
  FIELD(struct district_letter, unit, .max = 20, .required = true), FIELD(struct district_letter, province, .form = FORM_DIGITS, .max = 2, .required = true),
  FIELD(struct district_letter, letter, .max = 1, .required = true)};
const struct record_type district_letter_type = RECORD("district_letter", struct district_letter, letter_fields);
static const struct field notice_fields[] = {
  FIELD(struct notice_rule, valid_from, .form = FORM_DATE), FIELD(struct notice_rule, valid_to, .form = FORM_DATE),
  FIELD(struct notice_rule, working_days, .max = 60), FIELD(struct notice_rule, legal_basis, .max = 300, .required = true),
  FIELD(struct notice_rule, verified)};
const struct record_type notice_rule_type = RECORD("notice_rule", struct notice_rule, notice_fields);
static const struct field rules_fields[] = {
  FIELD(struct household_rules, scopes, .of = &scope_rule_type), FIELD(struct household_rules, numbers, .of = &number_rule_type),
  FIELD(struct household_rules, letters, .of = &district_letter_type, .max = 1000), FIELD(struct household_rules, notices, .of = &notice_rule_type)};
const struct record_type household_rules_type = RECORD("household_rules", struct household_rules, rules_fields);
static const struct field sectors_fields[] = {FIELD(struct household_sectors, sectors, .of = &sector_row_type, .max = 2000)};
const struct record_type household_sectors_type = RECORD("household_sectors", struct household_sectors, sectors_fields);
