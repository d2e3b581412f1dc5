/* The judicial-record database's rows; one function a thing that can be asked or done. */
#ifndef SYSTEMS_JUSTICE_STORE_H
#define SYSTEMS_JUSTICE_STORE_H

#include "store/store.h"
#include "systems/justice/model.h"

enum { LOOKUPS_A_PAGE = 50, CANDIDATES_MAX = 200 };

/* Adds convictions of a list; those known already are passed over. */
MUST_USE enum err conviction_add(struct cx *cx, struct tx *tx, const struct list *convictions);
/* Writes down a question with its candidates and first state; *out as it then stands. */
MUST_USE enum err lookup_receive(struct cx *cx, struct tx *tx, const char *consumer, const struct justice_lookup *ask, struct lookup *out);
MUST_USE enum err lookup_get(struct cx *cx, struct tx *tx, const char *reference, struct lookup *out);
/* state NULL: all. Newest first, below the id `before` (0: from the newest). */
MUST_USE enum err lookup_list(struct cx *cx, struct tx *tx, const char *state, int64_t before, struct list *out);
MUST_USE enum err lookup_count_checking(struct cx *cx, struct tx *tx, int64_t *count);
MUST_USE enum err lookup_candidates(struct cx *cx, struct tx *tx, int64_t lookup, struct list *out);
/* ERR_CONFLICT when another officer was quicker. chosen: ids of convictions. */
MUST_USE enum err lookup_decide(struct cx *cx, struct tx *tx, const struct lookup *lookup, const struct decision *decision, const int64_t *chosen, size_t count);
MUST_USE enum err result_take(struct cx *cx, struct tx *tx, const char *consumer, const struct justice_result *result, int64_t *taken_us);
/* folded_name NULL: all. */
MUST_USE enum err result_list(struct cx *cx, struct tx *tx, const char *folded_name, int64_t before, struct list *out);

#endif
