/* Counts that live in memory: how often a right was used this minute, and which exchanges were seen already. */
#ifndef AXIS_GUARD_H
#define AXIS_GUARD_H

#include "axis/directory.h"
#include "record/record.h"

/* Signatures live that long, and clocks may differ by that much. */
enum { SIGNATURE_LIFE_S = 60, SIGNATURE_SKEW_S = 60 };
#define REPLAY_WINDOW_US ((SIGNATURE_LIFE_S + 2 * SIGNATURE_SKEW_S) * SECOND_US)

struct guard;

struct guard *guard_new(void);
void guard_free(struct guard *guard);
/* false: the right's quota of this minute is used up. Counts the call when not. */
MUST_USE bool guard_quota(struct guard *guard, const struct right *right, int64_t now_us);
/* With others on one store: what they and we used in a minute. Untold: what the store has not heard of ours yet; told: it has; learn: what
 * all used together, as the store knows it. Lists of struct guard_use. Between two exchanges of news more than the quota may pass. */
struct guard_use { int64_t access_right, used; };
void guard_untold(struct guard *guard, struct arena *arena, int64_t minute, struct list *out);
void guard_told(struct guard *guard, int64_t minute, const struct list *uses);
void guard_learn(struct guard *guard, int64_t minute, const struct list *all);
enum seen { SEEN_NEW, SEEN_BEFORE, SEEN_FULL };
/* Remembers an exchange for longer than its signature can live. */
MUST_USE enum seen guard_see(struct guard *guard, const char *exchange_id, int64_t now_us);
/* Is the time of a signature within the window? */
bool guard_in_time(int64_t created_s, int64_t expires_s, int64_t now_us);

#endif
