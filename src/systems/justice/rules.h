/* Pure decisions of the judicial-record database.
 * Law 28/2009/QH12, art. 42 and 43: what certificates No. 1 and No. 2 show. Not verified against the text in force. */
#ifndef SYSTEMS_JUSTICE_RULES_H
#define SYSTEMS_JUSTICE_RULES_H

#include "systems/justice/model.h"

/* Answered at once when nobody comes into question; else an officer looks. */
const char *lookup_first_state(const struct list *candidates);
/* Copies what the asked certificate may show: No. 1 leaves out what is expunged, and bans unless they were asked for. */
void lookup_answer_fill(struct arena *arena, const struct lookup *lookup, const struct list *candidates, struct justice_answer *out);
/* May the officer decide so? A decision "found" names one conviction at least, "clean" names none; only what waits is decided. */
MUST_USE enum err decision_check(struct cx *cx, const struct lookup *lookup, const struct decision *decision, size_t chosen);

#endif
