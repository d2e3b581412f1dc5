/* Actions: the only way a dossier's status changes. Each is one transaction: the dossier and its seats, what it asks over the
 * axis, and its line in the history. */
#ifndef ONESTOP_ACT_H
#define ONESTOP_ACT_H

#include "systems/onestop/rules.h"
#include "systems/onestop/store.h"

struct act {
  struct here *here;
  const char *code, *action;
  struct act_form form;             /* form.revision: the one that the page was decided on */
  int64_t to_account;               /* hand_over: who gets it */
  const char *to_full_name;
  struct dossier dossier;           /* after */
  bool asked;                       /* an outbox row was added: wake it */
};
/* ERR_NOT_FOUND: not for these eyes; ERR_CONFLICT: somebody was faster (the problem says who did what), or not now;
 * ERR_FORBIDDEN: another's turn; ERR_INPUT: a guard. */
MUST_USE enum err dossier_act(struct cx *cx, struct act *act);

/* What another system said, at once (answered) or later (an answer_notice). */
struct settlement {
  const char *dossier, *purpose, *consumer; /* consumer: who says it, or NULL when it is the answer to our own ask */
  const char *state;                /* "registered" "refused" "clean" "found" "checking" "taken" "failed" */
  const char *reference, *number, *reason, *answer, *receipt;
  int64_t registered_on;
};
MUST_USE enum err dossier_settle(struct cx *cx, struct tx *tx, struct here *here, const struct settlement *settlement);
/* struct system's door for answers to outbox rows. */
MUST_USE enum err onestop_answered(struct cx *cx, struct tx *tx, struct here *here, const struct outbox_row *row, int status, struct bytes answer);

/* {unit} {parent} {province} of a procedure's issuer patterns, filled for the deciding unit; capitals. */
MUST_USE enum err issuer_fill(struct cx *cx, struct people *people, const char *pattern, const char *unit, int64_t on_days, const char **out);

#endif
