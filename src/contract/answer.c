/* Field tables of an answer that comes later. */
#include "contract/answer.h"

static const struct field notice_fields[] = {
  FIELD(struct answer_notice, dossier, .max = 60, .required = true),
  FIELD(struct answer_notice, purpose, .max = 60, .required = true),
  FIELD(struct answer_notice, reference, .max = 40, .required = true),
  FIELD(struct answer_notice, state, .max = 20, .required = true),
  FIELD(struct answer_notice, number, .max = 20),
  FIELD(struct answer_notice, reason, .max = 1000),
  FIELD(struct answer_notice, registered_on, .form = FORM_DATE),
  FIELD(struct answer_notice, convictions, .of = &justice_conviction_type, .max = 100),
};
const struct record_type answer_notice_type = RECORD("notice", struct answer_notice, notice_fields);

static const struct field noted_fields[] = { FIELD(struct answer_noted, reference, .max = 40, .required = true) };
const struct record_type answer_noted_type = RECORD("noted", struct answer_noted, noted_fields);
