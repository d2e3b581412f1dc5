/* Field tables of the judicial-record database's exchange records. */
#include "contract/justice.h"

static const char *const kinds[] = {"1", "2", NULL};
static const char *const sexes[] = {"male", "female", NULL};
static const char *const states[] = {"clean", "checking", "found", NULL};
static const char *const outcomes[] = {"none", "has", NULL};

static const struct field lookup_fields[] = {
  FIELD(struct justice_lookup, dossier, .max = 60, .required = true),
  FIELD(struct justice_lookup, kind, .choices = kinds, .required = true, .word = "justice.kind"),
  FIELD(struct justice_lookup, bans_wanted, .word = "justice.bans_wanted"),
  FIELD(struct justice_lookup, full_name, .max = 100, .required = true, .word = "justice.full_name"),
  FIELD(struct justice_lookup, sex, .choices = sexes, .required = true, .word = "justice.sex"),
  FIELD(struct justice_lookup, identity, .form = FORM_DIGITS, .max = 12, .required = true, .word = "justice.identity"),
  FIELD(struct justice_lookup, birth_place, .max = 300, .word = "justice.birth_place"),
  FIELD(struct justice_lookup, nationality, .max = 60, .word = "justice.nationality"),
  FIELD(struct justice_lookup, residence, .max = 300, .word = "justice.residence"),
  FIELD(struct justice_lookup, father_name, .max = 100, .word = "justice.father_name"),
  FIELD(struct justice_lookup, mother_name, .max = 100, .word = "justice.mother_name"),
  FIELD(struct justice_lookup, spouse_name, .max = 100, .word = "justice.spouse_name"),
  FIELD(struct justice_lookup, birth_date, .form = FORM_DATE, .required = true, .word = "justice.birth_date"),
};
const struct record_type justice_lookup_type = RECORD("lookup", struct justice_lookup, lookup_fields);

static const struct field conviction_fields[] = {
  FIELD(struct justice_conviction, court, .max = 200, .required = true, .word = "justice.court"),
  FIELD(struct justice_conviction, judgment, .max = 60, .required = true, .word = "justice.judgment"),
  FIELD(struct justice_conviction, judged_on, .form = FORM_DATE, .required = true, .word = "justice.judged_on"),
  FIELD(struct justice_conviction, offence, .max = 300, .required = true, .word = "justice.offence"),
  FIELD(struct justice_conviction, law, .max = 200, .word = "justice.law"),
  FIELD(struct justice_conviction, penalty, .max = 300, .required = true, .word = "justice.penalty"),
  FIELD(struct justice_conviction, extra_penalty, .max = 300, .word = "justice.extra_penalty"),
  FIELD(struct justice_conviction, ban, .max = 300, .word = "justice.ban"),
  FIELD(struct justice_conviction, expunged, .word = "justice.expunged"),
};
const struct record_type justice_conviction_type = RECORD("conviction", struct justice_conviction, conviction_fields);

static const struct field answer_fields[] = {
  FIELD(struct justice_answer, reference, .max = 40, .required = true),
  FIELD(struct justice_answer, state, .choices = states, .required = true),
  FIELD(struct justice_answer, convictions, .of = &justice_conviction_type, .max = 100),
  FIELD(struct justice_answer, answered_us, .form = FORM_TIME),
};
const struct record_type justice_answer_type = RECORD("answer", struct justice_answer, answer_fields);

static const struct field result_fields[] = {
  FIELD(struct justice_result, dossier, .max = 60, .required = true),
  FIELD(struct justice_result, reference, .max = 40, .required = true),
  FIELD(struct justice_result, number, .max = 60, .required = true, .word = "justice.number"),
  FIELD(struct justice_result, kind, .choices = kinds, .required = true, .word = "justice.kind"),
  FIELD(struct justice_result, identity, .form = FORM_DIGITS, .max = 12, .required = true, .word = "justice.identity"),
  FIELD(struct justice_result, full_name, .max = 100, .required = true, .word = "justice.full_name"),
  FIELD(struct justice_result, outcome, .choices = outcomes, .required = true, .word = "justice.outcome"),
  FIELD(struct justice_result, issuer, .max = 200, .required = true, .word = "justice.issuer"),
  FIELD(struct justice_result, issued_on, .form = FORM_DATE, .required = true, .word = "justice.issued_on"),
};
const struct record_type justice_result_type = RECORD("result", struct justice_result, result_fields);

static const struct field taken_fields[] = {
  FIELD(struct justice_taken, number, .max = 60, .required = true),
  FIELD(struct justice_taken, taken_us, .form = FORM_TIME),
};
const struct record_type justice_taken_type = RECORD("taken", struct justice_taken, taken_fields);
