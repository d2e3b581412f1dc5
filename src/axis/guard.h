/* Counts that live in memory: how often a right was used this minute, and which exchanges were seen already. */
#ifndef AXIS_GUARD_H
#define AXIS_GUARD_H

#include "axis/directory.h"

/* Signatures live that long, and clocks may differ by that much. */
enum { SIGNATURE_LIFE_S = 60, SIGNATURE_SKEW_S = 60 };
#define REPLAY_WINDOW_US ((SIGNATURE_LIFE_S + 2 * SIGNATURE_SKEW_S) * SECOND_US)

struct guard;

struct guard *guard_new(void);
void guard_free(struct guard *guard);
/* false: the right's quota of this minute is used up. Counts the call when not. */
MUST_USE bool guard_quota(struct guard *guard, const struct right *right, int64_t now_us);
enum seen { SEEN_NEW, SEEN_BEFORE, SEEN_FULL };
/* Remembers an exchange for longer than its signature can live. */
MUST_USE enum seen guard_see(struct guard *guard, const char *exchange_id, int64_t now_us);
/* Is the time of a signature within the window? */
bool guard_in_time(int64_t created_s, int64_t expires_s, int64_t now_us);

#endif
