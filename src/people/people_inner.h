/* What the files of people/ share: how the store and what is kept in memory hang together. */
#ifndef PEOPLE_PEOPLE_INNER_H
#define PEOPLE_PEOPLE_INNER_H

#include "people/action.h"
#include "people/people_sql.h"
#include "people/unit_tree.h"
#include <pthread.h>

enum { ROWS_MAX = 5000, PASSWORD_MIN = 10, PASSWORD_MAX = 200, TOTP_SECRET_SIZE = 20 };

/* How open days are stored: see schema.sql. */
#define FIRST_DAY INT64_C(-1000000)
#define LAST_DAY INT64_C(4000000)

/* Calendars that were in force since the start: pages and jobs may still hold an older one. */
struct held_calendar { struct held_calendar *older; struct arena *arena; const struct calendar *calendar; };

struct unit_day;

/* Apart from struct people, so that it changes under its lock while people is lent out as const. */
struct memory {
  pthread_rwlock_t lock;
  struct unit_tree *units;
  struct unit_day *today;          /* today's units in full, or an earlier day's */
  struct held_calendar *calendars; /* the newest first */
  int64_t units_version, calendar_version;
};

struct people {
  struct store *store;
  const struct permission **permissions;
  size_t permission_count;
  struct memory *memory;
};

/* Take units and calendar from the store into memory, when the store's version is another than the one held. */
MUST_USE enum err unit_refresh(struct cx *cx, struct people *people);
MUST_USE enum err calendar_refresh(struct cx *cx, struct people *people);

/* role.c: person_choices, in a transaction that stands. */
MUST_USE enum err person_choices_in(struct cx *cx, struct tx *tx, int64_t account, struct list *out);

/* password_rule.c: may this be the account's new password? ERR_INPUT on the field `password`, with a message for each rule.
 * units: names of the units around the account, ended by NULL; NULL: none. password_check looks them up. */
MUST_USE enum err password_check_rule(struct cx *cx, const struct account *account, const char *const *units, const char *password);
MUST_USE enum err password_check(struct cx *cx, struct people *people, const struct account *account, const char *password);
/* password.c: argon2id. The encoded form is a PHC string. */
MUST_USE enum err password_hash(struct cx *cx, const char *password, const char **encoded);
bool password_matches(const char *encoded, const char *password);
/* An encoded form that no password matches, and that costs as much to compare. */
const char *password_none(struct arena *arena);

/* totp.c: the step whose code this is, within one step of now, or -1. */
int64_t totp_step_of(const uint8_t *secret, size_t size, int64_t now_us, const char *code);

#endif
