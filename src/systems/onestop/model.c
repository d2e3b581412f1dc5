/* Field tables of the one-stop shop's records. */
#include "systems/onestop/model.h"

static const char *const sexes[] = {"male", "female", NULL};
static const char *const marks[] = {"original", "certified", "copy", "scanned", "fetched", NULL};
static const char *const founders[] = {"person", "members", NULL};
static const char *const certificate_kinds[] = {"1", "2", NULL};
static const char *const means_at_intake[] = {"cash", "transfer", "later", NULL};
static const char *const means_paid[] = {"cash", "transfer", NULL};

#define D(...) FIELD(struct dossier, __VA_ARGS__)
static const struct field dossier_fields[] = {
  D(code, .word = "onestop.code"), D(procedure), D(version), D(kind), D(title, .word = "onestop.procedure"), D(short_title),
  D(receiving_unit), D(receiving_name, .word = "onestop.receiving"), D(deciding_unit), D(deciding_name, .word = "onestop.deciding"),
  D(status), D(awaiting), D(turn), D(returned), D(holder), D(holder_name),
  D(full_name, .word = "onestop.full_name"), D(birth_date, .form = FORM_DATE), D(sex), D(identity, .word = "onestop.identity"),
  D(nationality), D(residence, .word = "onestop.residence"), D(phone, .word = "onestop.phone"), D(email),
  D(submitter_name), D(submitter_identity), D(submitter_phone), D(authority), D(authority_note),
  D(content, .max = 20000), D(copies), D(sets), D(fee_vnd, .form = FORM_MONEY), D(fee_state),
  D(received_us, .form = FORM_TIME), D(received_by), D(due_us, .form = FORM_TIME), D(stopped_us, .form = FORM_TIME),
  D(decided_us, .form = FORM_TIME), D(decided_by), D(opinion), D(notice), D(missing), D(result_number), D(result_on, .form = FORM_DATE),
  D(returned_us, .form = FORM_TIME), D(returned_to), D(secret, .form = FORM_SECRET),
  D(reserved_number), D(entered_us, .form = FORM_TIME), D(units_on, .form = FORM_DATE), D(revision),
};
const struct record_type dossier_type = RECORD("dossier", struct dossier, dossier_fields);

#define L(...) FIELD(struct dossier_line, __VA_ARGS__)
static const struct field line_fields[] = {
  L(code), L(title), L(full_name), L(submitter_name), L(status), L(turn), L(holder_name), L(awaiting), L(returned), L(ticking),
  L(due_us, .form = FORM_TIME), L(received_us, .form = FORM_TIME), L(reserved_number), L(rank_us),
};
const struct record_type dossier_line_type = RECORD("dossier_line", struct dossier_line, line_fields);

#define C(...) FIELD(struct dossier_component, __VA_ARGS__)
static const struct field component_fields[] = {
  C(dossier), C(ordinal), C(code), C(title), C(mark), C(pieces), C(paper_number), C(issuer), C(confirmed),
};
const struct record_type dossier_component_type = RECORD("dossier_component", struct dossier_component, component_fields);

#define S(...) FIELD(struct dossier_scan, __VA_ARGS__)
static const struct field scan_fields[] = {S(dossier), S(component), S(hash), S(type), S(name), S(size), S(at_us, .form = FORM_TIME)};
const struct record_type dossier_scan_type = RECORD("dossier_scan", struct dossier_scan, scan_fields);

#define F(...) FIELD(struct dossier_fee, __VA_ARGS__)
static const struct field fee_fields[] = {
  F(dossier), F(unit), F(exemption), F(amount_vnd, .form = FORM_MONEY), F(means), F(series), F(number),
  F(paid_us, .form = FORM_TIME), F(account), F(officer), F(full_name),
};
const struct record_type dossier_fee_type = RECORD("dossier_fee", struct dossier_fee, fee_fields);

#define E(...) FIELD(struct dossier_exchange, __VA_ARGS__)
static const struct field exchange_fields[] = {
  E(request_id), E(dossier), E(purpose), E(service), E(state), E(reference), E(number), E(reason), E(answer, .max = 100000),
  E(asked_us, .form = FORM_TIME), E(answered_us, .form = FORM_TIME), E(receipt),
};
const struct record_type dossier_exchange_type = RECORD("dossier_exchange", struct dossier_exchange, exchange_fields);

#define B(...) FIELD(struct reserve_block, __VA_ARGS__)
static const struct field block_fields[] = {
  B(first), B(unit), B(pieces), B(reserved_us, .form = FORM_TIME), B(account), B(officer), B(used), B(voided)};
const struct record_type reserve_block_type = RECORD("reserve_block", struct reserve_block, block_fields);

#define N(...) FIELD(struct reserve_number, __VA_ARGS__)
static const struct field number_fields[] = {
  N(number), N(block), N(unit), N(state), N(dossier), N(reason), N(changed_us, .form = FORM_TIME), N(changed_by), N(reserved_us, .form = FORM_TIME)};
const struct record_type reserve_number_type = RECORD("reserve_number", struct reserve_number, number_fields);

static const struct field late_fields[] = {
  FIELD(struct late_entry, number), FIELD(struct late_entry, received_us, .form = FORM_TIME), FIELD(struct late_entry, entered_us, .form = FORM_TIME),
  FIELD(struct late_entry, received_by)};
const struct record_type late_entry_type = RECORD("late_entry", struct late_entry, late_fields);

static const struct field late_time_fields[] = {FIELD(struct late_time, late_us, .form = FORM_TIME)};
const struct record_type late_time_type = RECORD("late_time", struct late_time, late_time_fields);

static const struct field reserve_fields[] = {
  FIELD(struct reserve_form, pieces, .min = 1, .max = RESERVE_MAX, .required = true, .word = "onestop.reserve.pieces")};
const struct record_type reserve_form_type = RECORD("reserve", struct reserve_form, reserve_fields);
static const struct field void_fields[] = {
  FIELD(struct void_form, number, .max = 60, .required = true, .word = "onestop.reserve.number"),
  FIELD(struct void_form, reason, .max = 200, .required = true, .word = "onestop.reserve.reason")};
const struct record_type void_form_type = RECORD("void", struct void_form, void_fields);

#define IC(...) FIELD(struct intake_component, __VA_ARGS__)
static const struct field intake_component_fields[] = {
  IC(code, .max = 40), IC(given), IC(mark, .choices = marks), IC(pieces, .max = 99), IC(paper_number, .max = 60), IC(issuer, .max = 150),
  IC(confirmed), IC(hash, .max = 64),
};
const struct record_type intake_component_type = RECORD("intake_component", struct intake_component, intake_component_fields);

#define I(...) FIELD(struct intake, __VA_ARGS__)
static const struct field intake_fields[] = {
  I(procedure, .max = 60, .required = true), I(card, .max = 600),
  I(reserved_number, .max = 60, .word = "onestop.reserve.number"), I(late_us, .form = FORM_TIME, .word = "onestop.late.received"),
  I(late_by, .max = 60, .word = "onestop.late.by"),
  I(full_name, .max = 100, .required = true, .word = "onestop.person_name"),
  I(birth_date, .form = FORM_DATE, .required = true, .word = "onestop.birth_date"),
  I(sex, .required = true, .choices = sexes, .word = "onestop.sex"),
  I(identity, .form = FORM_DIGITS, .max = 12, .required = true, .word = "onestop.identity"),
  I(nationality, .max = 60, .word = "onestop.nationality"),
  I(residence, .max = 300, .required = true, .word = "onestop.residence"),
  I(phone, .form = FORM_PHONE, .required = true, .word = "onestop.phone"),
  I(email, .form = FORM_EMAIL, .word = "onestop.email"),
  I(by_other, .word = "onestop.by_other"),
  I(submitter_name, .max = 100, .word = "onestop.submitter_name"),
  I(submitter_identity, .form = FORM_DIGITS, .max = 12, .word = "onestop.submitter_identity"),
  I(submitter_phone, .form = FORM_PHONE, .word = "onestop.submitter_phone"),
  I(authority, .max = 40, .word = "onestop.authority"),
  I(authority_note, .max = 200, .word = "onestop.authority_note"),
  I(components, .of = &intake_component_type, .max = 30),
  I(copies, .max = 50, .word = "onestop.copies"), I(sets, .max = 9, .word = "onestop.sets"),
  I(long_term, .word = "onestop.long_term"),
  I(exemption, .max = 40, .word = "onestop.exemption"),
  I(means, .choices = means_at_intake, .word = "onestop.means"),
  I(series, .max = 20, .word = "onestop.series"), I(number, .max = 20, .word = "onestop.number"),
};
const struct record_type intake_type = RECORD("intake", struct intake, intake_fields);

#define H(...) FIELD(struct household_request, __VA_ARGS__)
static const struct field household_fields[] = {
  H(business_name, .max = 150, .required = true, .word = "onestop.business_name"),
  H(business_address, .max = 300, .required = true, .word = "onestop.business_address"),
  H(business_commune, .max = 20, .required = true, .word = "onestop.business_commune"),
  H(business_phone, .form = FORM_PHONE, .word = "onestop.business_phone"),
  H(business_email, .form = FORM_EMAIL, .word = "onestop.business_email"),
  H(capital_vnd, .form = FORM_MONEY, .min = 1, .max = 1000000000000, .required = true, .word = "onestop.capital"),
  H(founded_by, .required = true, .choices = founders, .word = "onestop.founded_by"),
  H(sectors, .of = &household_sector_type, .max = 20), H(members, .of = &household_person_type, .max = 20),
};
const struct record_type household_request_type = RECORD("household_request", struct household_request, household_fields);

#define J(...) FIELD(struct justice_request, __VA_ARGS__)
static const struct field justice_fields[] = {
  J(certificate_kind, .required = true, .choices = certificate_kinds, .word = "onestop.certificate_kind"),
  J(bans_wanted, .word = "onestop.bans_wanted"),
  J(birth_place, .max = 300, .required = true, .word = "onestop.birth_place"),
  J(father_name, .max = 100, .word = "onestop.father_name"), J(mother_name, .max = 100, .word = "onestop.mother_name"),
  J(spouse_name, .max = 100, .word = "onestop.spouse_name"), J(purpose, .max = 300, .word = "onestop.purpose"),
};
const struct record_type justice_request_type = RECORD("justice_request", struct justice_request, justice_fields);

static const struct field act_component_fields[] = {FIELD(struct act_component, code, .max = 40), FIELD(struct act_component, wanted)};
const struct record_type act_component_type = RECORD("act_component", struct act_component, act_component_fields);

#define A(...) FIELD(struct act_form, __VA_ARGS__)
static const struct field act_fields[] = {
  A(revision, .required = true), A(reason, .form = FORM_LINES, .max = 1000, .word = "onestop.reason"),
  A(to_name, .max = 60, .word = "onestop.to_name"), A(receiver_name, .max = 100, .word = "onestop.receiver_name"),
  A(receiver_identity, .form = FORM_DIGITS, .max = 12, .word = "onestop.receiver_identity"),
  A(authority_checked, .word = "onestop.authority_checked"), A(means, .choices = means_paid, .word = "onestop.means"),
  A(series, .max = 20, .word = "onestop.series"), A(number, .max = 20, .word = "onestop.number"),
  A(missing, .of = &act_component_type, .max = 30),
};
const struct record_type act_form_type = RECORD("act", struct act_form, act_fields);
