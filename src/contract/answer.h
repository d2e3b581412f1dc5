/* An answer that comes later: a system that said "checking" tells the system that asked how it ended.
 *
 *   POST answer    answer_notice → answer_noted    once; a service of whoever asked ("<consumer>/answer")
 * The sender's outbox carries it, so that it arrives once however often the line breaks. */
#ifndef CONTRACT_ANSWER_H
#define CONTRACT_ANSWER_H

#include "contract/justice.h"

struct answer_notice {
  const char *dossier;      /* as the asker named it */
  const char *purpose;      /* "household.register" or "justice.lookup" */
  const char *reference;    /* of the answering system */
  const char *state;        /* "registered" "refused" | "clean" "found" */
  const char *number;       /* of the business that was registered, or NULL */
  const char *reason;       /* of a refusal, or NULL */
  int64_t registered_on;    /* days; NONE_DATE: nothing was registered */
  struct list convictions;  /* justice_conviction, when found */
};
struct answer_noted { const char *reference; };
extern const struct record_type answer_notice_type, answer_noted_type;

#endif
