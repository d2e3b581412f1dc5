/* What services and pages both do with the register: check, register, decide an application, act on a business. All run inside a
 * transaction of the register's store; units are asked of people's, which is another. */
#ifndef SYSTEMS_HOUSEHOLD_REGISTER_H
#define SYSTEMS_HOUSEHOLD_REGISTER_H

#include "people/here.h"
#include "systems/household/store.h"

/* Where a business is, on a day. */
struct business_place {
  const char *commune_name;    /* "Phường Mỹ Bình, Thành phố Long Xuyên, Tỉnh An Giang" */
  const char *scope;           /* within which its name is unique */
  const char *district;        /* code, or NULL on a day without districts */
};
/* ERR_INPUT at "commune" when there is no such commune on that day. */
MUST_USE enum err business_place_find(struct cx *cx, struct tx *tx, struct here *here, const char *commune, int64_t day, struct business_place *out);

MUST_USE enum err household_check_answer_fill(struct cx *cx, struct tx *tx, struct here *here, const struct household_check *ask, struct household_check_answer *out);
/* Registers at once, or writes down that an officer must look, or refuses with every reason; always with an application row. */
MUST_USE enum err application_receive(struct cx *cx, struct tx *tx, struct here *here, const char *consumer, const struct household_application *ask,
                                      struct household_answer *out);
/* The officer's word: registers as of today, or refuses; the answer goes to whoever asked, in the same transaction. */
MUST_USE enum err application_settle(struct cx *cx, struct tx *tx, struct here *here, const char *reference, const struct application_decision *decision);
MUST_USE enum err application_body_read(struct cx *cx, const struct application *application, struct household_application *out);

/* Acts on a business; ERR_CONFLICT when it is not in a state for that, or was changed since the page was drawn. */
MUST_USE enum err business_change_in(struct cx *cx, struct tx *tx, struct here *here, const char *number, const struct business_change *form);
MUST_USE enum err business_suspend_in(struct cx *cx, struct tx *tx, struct here *here, const char *number, const struct business_suspension *form);
/* action: "resume" or "close" */
MUST_USE enum err business_end_in(struct cx *cx, struct tx *tx, const char *number, const char *action, const struct business_ending *form);

/* The contract's record of a business as of a day. */
void business_show(struct cx *cx, const struct business_full *full, int64_t registered_on, int64_t day, struct household_business *out);
void business_line_show(const struct business_line *line, int64_t today, struct household_line *out);

/* A Vietnamese text for papers and reasons that go to other systems, whatever language a page is in; asserts that the key exists. */
const char *household_word(const char *key);
const char *household_fill(struct cx *cx, const char *key, const struct problem_arg *args, size_t count);
/* The problems from the n-th on as one text. */
const char *household_problems_text(struct cx *cx, size_t from);

#endif
