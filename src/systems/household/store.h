/* The register's rows; one function a thing that can be asked or done. All run inside a transaction. */
#ifndef SYSTEMS_HOUSEHOLD_STORE_H
#define SYSTEMS_HOUSEHOLD_STORE_H

#include "store/store.h"
#include "systems/household/model.h"

enum { BUSINESSES_A_PAGE = 50, APPLICATIONS_A_PAGE = 50, ACTS_MAX = 1000, PEOPLE_MAX = 21, SECTORS_MAX = 20, SECTOR_ROWS_MAX = 2000 };

/* ---- Businesses ---- */
MUST_USE enum err business_line_get(struct cx *cx, struct tx *tx, const char *number, struct business_line *out);
/* Above the number `after`; wanted NULL or without letters: all. A page and one row more, when there are more. */
MUST_USE enum err business_find(struct cx *cx, struct tx *tx, const char *wanted, const char *after, struct list *out);
MUST_USE enum err business_count(struct cx *cx, struct tx *tx, int64_t *count);
/* As it stood on that day; ERR_NOT_FOUND before its registration. */
MUST_USE enum err business_on(struct cx *cx, struct tx *tx, const char *number, int64_t day, struct business_full *out);
/* As its last act left it, though that may count only from a later day. */
MUST_USE enum err business_last(struct cx *cx, struct tx *tx, const char *number, struct business_full *out);
MUST_USE enum err business_history(struct cx *cx, struct tx *tx, const char *number, struct list *out);
/* The first state (seq 1) of a new business. */
MUST_USE enum err business_add(struct cx *cx, struct tx *tx, const struct business_full *full);
/* A further act; full->state.seq is the last one's + 1. ERR_CONFLICT when another officer was quicker. */
MUST_USE enum err business_act(struct cx *cx, struct tx *tx, const struct business_full *full, int64_t version);

/* ---- Claims ---- */
/* Who has exactly this name there, and who a name that reads the same (but not the business `own`); number NULL: nobody. */
MUST_USE enum err name_claim_find(struct cx *cx, struct tx *tx, const char *scope, const char *name, struct name_claim *out);
MUST_USE enum err name_claim_similar(struct cx *cx, struct tx *tx, const char *scope, const char *name, const char *own, struct name_claim *out);
MUST_USE enum err name_claim_take(struct cx *cx, struct tx *tx, const char *scope, const char *name, const char *number);
MUST_USE enum err name_claim_release(struct cx *cx, struct tx *tx, const char *number);
MUST_USE enum err head_claim_find(struct cx *cx, struct tx *tx, const char *identity, struct head_claim *out);
MUST_USE enum err head_claim_take(struct cx *cx, struct tx *tx, const char *identity, const char *number);
MUST_USE enum err head_claim_release(struct cx *cx, struct tx *tx, const char *number);

/* ---- Applications ---- */
MUST_USE enum err application_add(struct cx *cx, struct tx *tx, const struct application *application);
MUST_USE enum err application_get(struct cx *cx, struct tx *tx, const char *reference, struct application *out);
/* state NULL: all. Newest first, below the id `before` (0: from the newest). */
MUST_USE enum err application_list(struct cx *cx, struct tx *tx, const char *state, int64_t before, struct list *out);
MUST_USE enum err application_count_checking(struct cx *cx, struct tx *tx, int64_t *count);
/* state, number, registered_on, reason, decided_us and decided_by as in *application. ERR_CONFLICT when it was decided meanwhile. */
MUST_USE enum err application_decide(struct cx *cx, struct tx *tx, const struct application *application, int64_t version);
/* "HK-261125-0001": the day in Viet Nam and the day's sequence. */
MUST_USE enum err application_next_reference(struct cx *cx, struct tx *tx, const char **out);

/* ---- Law as rows ---- */
MUST_USE enum err household_loaded(struct cx *cx, struct tx *tx, const char *file, const char **hash); /* NULL: never */
MUST_USE enum err household_note_loaded(struct cx *cx, struct tx *tx, const char *file, const char *hash);
MUST_USE enum err household_rules_put(struct cx *cx, struct tx *tx, const struct household_rules *rules);
MUST_USE enum err household_sectors_put(struct cx *cx, struct tx *tx, const struct household_sectors *sectors);
MUST_USE enum err sector_list(struct cx *cx, struct tx *tx, struct list *out);
/* The row of each sector, NULL where there is none. */
MUST_USE enum err sector_rows_of(struct cx *cx, struct tx *tx, const struct list *sectors, const struct sector_row *const **out);
MUST_USE enum err scope_rule_on(struct cx *cx, struct tx *tx, int64_t day, struct scope_rule *out);
MUST_USE enum err notice_rule_on(struct cx *cx, struct tx *tx, int64_t day, struct notice_rule *out);
/* The next number of that day's series; district: the unit's code, for the rule that needs it. */
MUST_USE enum err business_next_number(struct cx *cx, struct tx *tx, int64_t day, const char *district, const char **out);

#endif
