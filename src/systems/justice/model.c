/* Field tables of the judicial-record database. */
#include "systems/justice/model.h"

static const struct field conviction_fields[] = {
  FIELD(struct conviction, id),
  FIELD(struct conviction, identity, .form = FORM_DIGITS, .max = 12, .word = "justice.identity"),
  FIELD(struct conviction, full_name, .max = 100, .required = true, .word = "justice.full_name"),
  FIELD(struct conviction, birth_place, .max = 300, .word = "justice.birth_place"),
  FIELD(struct conviction, birth_date, .form = FORM_DATE, .required = true, .word = "justice.birth_date"),
  FIELD(struct conviction, court, .max = 200, .required = true, .word = "justice.court"),
  FIELD(struct conviction, judgment, .max = 60, .required = true, .word = "justice.judgment"),
  FIELD(struct conviction, offence, .max = 300, .required = true, .word = "justice.offence"),
  FIELD(struct conviction, law, .max = 200, .word = "justice.law"),
  FIELD(struct conviction, penalty, .max = 300, .required = true, .word = "justice.penalty"),
  FIELD(struct conviction, extra_penalty, .max = 300, .word = "justice.extra_penalty"),
  FIELD(struct conviction, ban, .max = 300, .word = "justice.ban"),
  FIELD(struct conviction, judged_on, .form = FORM_DATE, .required = true, .word = "justice.judged_on"),
  FIELD(struct conviction, expunged, .word = "justice.expunged"),
  FIELD(struct conviction, chosen),
};
const struct record_type conviction_type = RECORD("conviction", struct conviction, conviction_fields);

static const struct field lookup_fields[] = {
  FIELD(struct lookup, id), FIELD(struct lookup, reference, .word = "justice.reference"), FIELD(struct lookup, consumer, .word = "justice.consumer"),
  FIELD(struct lookup, dossier, .word = "justice.dossier"), FIELD(struct lookup, kind, .word = "justice.kind"),
  FIELD(struct lookup, bans_wanted, .word = "justice.bans_wanted"), FIELD(struct lookup, full_name, .word = "justice.full_name"),
  FIELD(struct lookup, sex, .word = "justice.sex"), FIELD(struct lookup, identity, .word = "justice.identity"),
  FIELD(struct lookup, birth_place, .word = "justice.birth_place"), FIELD(struct lookup, nationality, .word = "justice.nationality"),
  FIELD(struct lookup, residence, .word = "justice.residence"), FIELD(struct lookup, father_name, .word = "justice.father_name"),
  FIELD(struct lookup, mother_name, .word = "justice.mother_name"), FIELD(struct lookup, spouse_name, .word = "justice.spouse_name"),
  FIELD(struct lookup, birth_date, .form = FORM_DATE, .word = "justice.birth_date"), FIELD(struct lookup, state, .word = "justice.state"),
  FIELD(struct lookup, received_us, .form = FORM_TIME, .word = "justice.received"),
  FIELD(struct lookup, answered_us, .form = FORM_TIME, .word = "justice.answered"),
  FIELD(struct lookup, answered_by, .word = "justice.answered_by"), FIELD(struct lookup, note, .form = FORM_LINES, .word = "justice.note"),
  FIELD(struct lookup, version),
};
const struct record_type lookup_type = RECORD("lookup", struct lookup, lookup_fields);

static const char *const outcomes[] = {"clean", "found", NULL};
static const struct field decision_fields[] = {
  FIELD(struct decision, outcome, .choices = outcomes, .required = true, .word = "justice.decision.outcome"),
  FIELD(struct decision, note, .form = FORM_LINES, .max = 1000, .required = true, .word = "justice.decision.note"),
  FIELD(struct decision, version, .required = true),
};
const struct record_type decision_type = RECORD("decision", struct decision, decision_fields);

static const struct field result_fields[] = {
  FIELD(struct taken_result, id), FIELD(struct taken_result, number, .word = "justice.number"),
  FIELD(struct taken_result, dossier, .word = "justice.dossier"), FIELD(struct taken_result, reference, .word = "justice.reference"),
  FIELD(struct taken_result, kind, .word = "justice.kind"), FIELD(struct taken_result, full_name, .word = "justice.full_name"),
  FIELD(struct taken_result, outcome, .word = "justice.outcome"), FIELD(struct taken_result, issuer, .word = "justice.issuer"),
  FIELD(struct taken_result, issued_on, .form = FORM_DATE, .word = "justice.issued_on"),
  FIELD(struct taken_result, taken_us, .form = FORM_TIME, .word = "justice.taken"),
};
const struct record_type taken_result_type = RECORD("taken_result", struct taken_result, result_fields);
