/* Field tables of the catalogue: the same tables read its JSON files and its rows. */
#include "systems/onestop/catalogue_model.h"

static const char *const kinds[] = {"household", "justice", NULL};
static const char *const levels[] = {"commune", "district", "province", NULL};
static const char *const places[] = {"receiving", "business", NULL};
static const char *const term_units[] = {"working_days", "calendar_days", "working_hours", "hours", "in_day", NULL};
static const char *const proxies[] = {"authority", "none", NULL};
static const char *const form_purposes[] = {"receipt", "supplement", "refusal", NULL};

enum { VERSION_MAX = 9999, FEE_VND_MAX = 1000000000 };

#define P(...) FIELD(struct procedure, __VA_ARGS__)
static const struct field procedure_fields[] = {
  P(code, .max = 40, .required = true), P(version, .min = 1, .max = VERSION_MAX, .required = true),
  P(kind, .choices = kinds, .required = true), P(name, .max = 300, .required = true), P(short_name, .max = 60, .required = true), P(field, .max = 200, .required = true),
  P(valid_from, .form = FORM_DATE, .required = true), P(valid_to, .form = FORM_DATE),
  P(legal_basis, .max = 500, .required = true), P(verified),
  P(decider_level, .choices = levels, .required = true), P(decider_office, .max = 20), P(decider_place, .choices = places, .required = true),
  P(term_amount, .min = 1, .max = 1000, .required = true), P(term_long_amount, .min = 0, .max = 1000),
  P(term_unit, .choices = term_units, .required = true), P(term_note, .max = 500),
  P(result_name, .max = 300, .required = true), P(result_number, .max = 100),
  P(issuer_above, .max = 200), P(issuer, .max = 200, .required = true), P(signer_authority, .max = 100), P(signer, .max = 100, .required = true),
  P(proxy, .choices = proxies, .required = true),
};
const struct record_type procedure_type = RECORD("procedure", struct procedure, procedure_fields);

/* Of one version: what every such row begins with. */
#define OF_VERSION(owner) FIELD(owner, procedure, .max = 40, .required = true), FIELD(owner, version, .min = 1, .max = VERSION_MAX, .required = true)

#define C(...) FIELD(struct component, __VA_ARGS__)
static const struct field component_fields[] = {
  OF_VERSION(struct component), C(ordinal, .max = 100), C(code, .max = 40, .required = true), C(title, .max = 300, .required = true),
  C(form, .max = 200), C(originals, .max = 9), C(copies, .max = 9), C(required), C(when_needed, .max = 300),
};
const struct record_type component_type = RECORD("component", struct component, component_fields);

#define F(...) FIELD(struct fee_rule, __VA_ARGS__)
static const struct field fee_fields[] = {
  OF_VERSION(struct fee_rule), F(code, .max = 40, .required = true), F(title, .max = 200, .required = true),
  F(amount_vnd, .max = FEE_VND_MAX, .required = true), F(from_copy, .max = 100), F(legal_basis, .max = 500, .required = true), F(verified),
};
const struct record_type fee_rule_type = RECORD("fee", struct fee_rule, fee_fields);

#define E(...) FIELD(struct exemption, __VA_ARGS__)
static const struct field exemption_fields[] = {
  OF_VERSION(struct exemption), E(code, .max = 40, .required = true), E(title, .max = 200, .required = true),
  E(pays_vnd, .max = FEE_VND_MAX, .required = true), E(proof, .max = 300), E(legal_basis, .max = 500, .required = true), E(verified),
};
const struct record_type exemption_type = RECORD("exemption", struct exemption, exemption_fields);

#define A(...) FIELD(struct authority, __VA_ARGS__)
static const struct field authority_fields[] = {
  OF_VERSION(struct authority), A(code, .max = 40, .required = true), A(title, .max = 300, .required = true), A(certified), A(note, .max = 300),
};
const struct record_type authority_type = RECORD("authority", struct authority, authority_fields);

#define FORM(...) FIELD(struct paper_form, __VA_ARGS__)
static const struct field form_fields[] = {
  FORM(purpose, .choices = form_purposes, .required = true), FORM(number, .max = 20, .required = true), FORM(title, .max = 200, .required = true),
  FORM(desk, .max = 200, .required = true),
  FORM(valid_from, .form = FORM_DATE, .required = true), FORM(valid_to, .form = FORM_DATE),
  FORM(legal_basis, .max = 500, .required = true), FORM(verified),
};
const struct record_type paper_form_type = RECORD("form", struct paper_form, form_fields);

#define N(...) FIELD(struct numbering, __VA_ARGS__)
static const struct field numbering_fields[] = {
  N(pattern, .max = 100, .required = true), N(digits, .min = 1, .max = 9, .required = true), N(agency, .max = 60, .required = true),
  N(valid_from, .form = FORM_DATE, .required = true), N(valid_to, .form = FORM_DATE), N(legal_basis, .max = 500, .required = true), N(verified),
};
const struct record_type numbering_type = RECORD("numbering", struct numbering, numbering_fields);

#define U(...) FIELD(struct counter, __VA_ARGS__)
static const struct field counter_fields[] = {
  U(unit, .max = 20, .required = true), U(address, .max = 300, .required = true), U(phone, .max = 40, .required = true),
  U(hours, .max = 300, .required = true), U(valid_from, .form = FORM_DATE, .required = true),
};
const struct record_type counter_type = RECORD("counter", struct counter, counter_fields);
