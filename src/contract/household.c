/* Field tables of the register's exchange records. */
#include "contract/household.h"

static const char *const sexes[] = {"male", "female", NULL};
static const char *const founders[] = {"person", "members", NULL};

const struct field household_person_fields[6] = {
  FIELD(struct household_person, full_name, .max = 100, .required = true, .word = "household.person.full_name"),
  FIELD(struct household_person, birth_date, .form = FORM_DATE, .required = true, .word = "household.person.birth_date"),
  FIELD(struct household_person, sex, .required = true, .choices = sexes, .word = "household.person.sex"),
  FIELD(struct household_person, identity, .form = FORM_DIGITS, .max = 12, .required = true, .word = "household.person.identity"),
  FIELD(struct household_person, nationality, .max = 60, .word = "household.person.nationality"),
  FIELD(struct household_person, residence, .max = 300, .required = true, .word = "household.person.residence"),
};
const struct record_type household_person_type = RECORD("person", struct household_person, household_person_fields);

static const struct field sector_fields[] = {
  FIELD(struct household_sector, code, .max = 10, .required = true, .word = "household.sector.code"),
  FIELD(struct household_sector, name, .max = 200, .word = "household.sector.name"),
  FIELD(struct household_sector, main, .word = "household.sector.main"),
};
const struct record_type household_sector_type = RECORD("sector", struct household_sector, sector_fields);

static const struct field check_fields[] = {
  FIELD(struct household_check, name, .max = 150, .required = true, .word = "household.name"),
  FIELD(struct household_check, commune, .max = 20, .required = true, .word = "household.commune"),
  FIELD(struct household_check, head_identity, .form = FORM_DIGITS, .max = 12, .required = true, .word = "household.person.identity"),
  FIELD(struct household_check, number, .max = 20),
};
const struct record_type household_check_type = RECORD("check", struct household_check, check_fields);

static const struct field check_answer_fields[] = {
  FIELD(struct household_check_answer, name_lawful),
  FIELD(struct household_check_answer, name_free),
  FIELD(struct household_check_answer, head_free),
  FIELD(struct household_check_answer, name_problem, .max = 100),
  FIELD(struct household_check_answer, similar_name, .max = 150),
  FIELD(struct household_check_answer, taken_number, .max = 20),
  FIELD(struct household_check_answer, head_number, .max = 20),
};
const struct record_type household_check_answer_type = RECORD("check_answer", struct household_check_answer, check_answer_fields);

static const struct field application_fields[] = {
  FIELD(struct household_application, dossier, .max = 60, .required = true),
  FIELD(struct household_application, unit, .max = 20, .required = true),
  FIELD(struct household_application, name, .max = 150, .required = true, .word = "household.name"),
  FIELD(struct household_application, address, .max = 300, .required = true, .word = "household.address"),
  FIELD(struct household_application, commune, .max = 20, .required = true, .word = "household.commune"),
  FIELD(struct household_application, phone, .form = FORM_PHONE, .word = "household.phone"),
  FIELD(struct household_application, email, .form = FORM_EMAIL, .word = "household.email"),
  FIELD(struct household_application, capital_vnd, .form = FORM_MONEY, .max = 1000000000000, .word = "household.capital"),
  FIELD(struct household_application, founded_by, .required = true, .choices = founders, .word = "household.founded_by"),
  FIELD_OF(struct household_application, head, &household_person_type, .required = true),
  FIELD(struct household_application, members, .of = &household_person_type, .max = 20),
  FIELD(struct household_application, sectors, .of = &household_sector_type, .max = 20, .required = true),
  FIELD(struct household_application, decided_on, .form = FORM_DATE, .required = true),
  FIELD(struct household_application, decided_by, .max = 100, .required = true),
};
const struct record_type household_application_type = RECORD("application", struct household_application, application_fields);

static const char *const answer_states[] = {"registered", "checking", "refused", NULL};
static const struct field answer_fields[] = {
  FIELD(struct household_answer, state, .choices = answer_states, .required = true),
  FIELD(struct household_answer, number, .max = 20),
  FIELD(struct household_answer, reference, .max = 40),
  FIELD(struct household_answer, reason, .max = 1000),
  FIELD(struct household_answer, registered_on, .form = FORM_DATE),
};
const struct record_type household_answer_type = RECORD("answer", struct household_answer, answer_fields);

static const struct field business_fields[] = {
  FIELD(struct household_business, number, .max = 20, .word = "household.number"),
  FIELD(struct household_business, state, .word = "household.state"),
  FIELD(struct household_business, name, .max = 150, .word = "household.name"),
  FIELD(struct household_business, address, .max = 300, .word = "household.address"),
  FIELD(struct household_business, commune, .max = 20),
  FIELD(struct household_business, commune_name, .max = 200, .word = "household.commune"),
  FIELD(struct household_business, phone, .max = 20, .word = "household.phone"),
  FIELD(struct household_business, email, .max = 100, .word = "household.email"),
  FIELD(struct household_business, founded_by, .word = "household.founded_by"),
  FIELD(struct household_business, dossier, .max = 60, .word = "household.dossier"),
  FIELD(struct household_business, capital_vnd, .form = FORM_MONEY, .max = 1000000000000, .word = "household.capital"),
  FIELD(struct household_business, registered_on, .form = FORM_DATE, .word = "household.registered_on"),
  FIELD(struct household_business, changed_on, .form = FORM_DATE, .word = "household.changed_on"),
  FIELD(struct household_business, changes, .max = 1000, .word = "household.changes"),
  FIELD(struct household_business, suspended_from, .form = FORM_DATE, .word = "household.suspended_from"),
  FIELD(struct household_business, suspended_to, .form = FORM_DATE, .word = "household.suspended_to"),
  FIELD(struct household_business, closed_on, .form = FORM_DATE, .word = "household.closed_on"),
  FIELD_OF(struct household_business, head, &household_person_type),
  FIELD(struct household_business, members, .of = &household_person_type, .max = 20),
  FIELD(struct household_business, sectors, .of = &household_sector_type, .max = 20),
};
const struct record_type household_business_type = RECORD("business", struct household_business, business_fields);

static const struct field line_fields[] = {
  FIELD(struct household_line, number), FIELD(struct household_line, state), FIELD(struct household_line, name),
  FIELD(struct household_line, head_name), FIELD(struct household_line, commune_name),
};
const struct record_type household_line_type = RECORD("line", struct household_line, line_fields);

static const struct field found_fields[] = {
  FIELD(struct household_found, businesses, .of = &household_line_type, .max = 50),
  FIELD(struct household_found, next, .max = 40),
};
const struct record_type household_found_type = RECORD("found", struct household_found, found_fields);
