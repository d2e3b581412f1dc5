/* Pure decisions of the register. Legal basis: Decree 01/2021/NĐ-CP art. 88 to 92 and Decree 168/2025/NĐ-CP; not verified against the
 * text in force. What depends on the day (scope, numbering, notice) stands in data/household/rules.json. */
#ifndef SYSTEMS_HOUSEHOLD_RULES_H
#define SYSTEMS_HOUSEHOLD_RULES_H

#include "base/calendar.h"
#include "systems/household/model.h"

/* The own name: without "Hộ kinh doanh" or "HKD" before it, white space folded. Never NULL. */
const char *business_name_own(struct arena *arena, const char *name);
/* What the law says against an own name: a word key, or NULL when it is lawful. */
const char *business_name_problem(struct arena *arena, const char *own_name);
/* Two names are the same when their keys are (case aside), and read almost the same when their folded texts are. */
const char *business_name_key(struct arena *arena, const char *own_name);

/* Check digit of a tax number over nine digits; -1: there is none, the number is passed over. */
int tax_check_digit(const char *nine_digits);
bool tax_number_valid(const char *ten_digits);
/* The number for the n-th business of a series; NULL: passed over, take the next. letter: of the district, for that kind. */
const char *business_number_write(struct arena *arena, const struct number_rule *rule, const struct district_letter *letter, int64_t sequence);

/* Life cycle: the state after an action; NULL: it is not for this state. */
const char *business_state_after(const char *state, const char *action);
/* The state that holds on a day of a row in force then: a suspension ends by itself after its last day. */
const char *business_state_then(const char *state, int64_t suspended_from, int64_t suspended_to, int64_t closed_on, int64_t day);

/* The checks below write every problem they find into cx and return ERR_INPUT. known: for each sector its row, or NULL. */
MUST_USE enum err sectors_check(struct cx *cx, const struct list *sectors, const struct sector_row *const *known);
MUST_USE enum err people_check(struct cx *cx, const struct household_application *application);
MUST_USE enum err application_day_check(struct cx *cx, int64_t decided_on, int64_t today);
MUST_USE enum err suspension_check(struct cx *cx, const struct business_suspension *form, const struct calendar *calendar, int64_t working_days, int64_t today);
/* An act counts from its day on: not before the last act, not after today. */
MUST_USE enum err act_day_check(struct cx *cx, int64_t effective_on, int64_t last_on, int64_t today);

#endif
