/* People: accounts, units with validity dates, roles per unit, permissions, the working calendar's rows.
 * One store a node (schema `people`). No pages here: they are in systems/account.
 *
 * Passwords: argon2id (RFC 9106: 19 MiB, t = 2, p = 1 at least). Officers log in with TOTP (RFC 6238, SHA-1, 30 s, 6 digits,
 * ±1 step, a code counts once). Ten wrong attempts in 15 minutes lock the account for 15 minutes; an unknown
 * name takes as long as a wrong password. */
#ifndef PEOPLE_PEOPLE_H
#define PEOPLE_PEOPLE_H

#include "base/calendar.h"
#include "store/store.h"

/* ---- Permissions: rows that each system declares ---- */
struct permission {
  const char *name;  /* "onestop.receive" */
  const char *roles; /* who has it: role names separated by one space */
  const char *word;  /* key of its description */
};
/* The roles of the house; a role is held in a unit, for a time. */
#define ROLE_COUNTER "counter"       /* counter officer: intake, return */
#define ROLE_SPECIALIST "specialist" /* handles dossiers of the deciding unit */
#define ROLE_DECIDER "decider"       /* deciding officer: approves, refuses, signs */
#define ROLE_REGISTER "register"     /* officer of a specialised register */
#define ROLE_NATIONAL "national"     /* officer of the national database */
#define ROLE_HEAD "head"             /* head of a department: sees delays of the unit and below */
#define ROLE_OPERATOR "operator"     /* runs the axis */
#define ROLE_ADMIN "admin"           /* accounts, units, catalogue, calendar */

/* All of them, in the order in which pages offer them; ended by NULL. */
extern const char *const role_names[];

struct people;

/* permissions: of all systems of this node, NULL-ended by name; must outlive. */
MUST_USE enum err people_open(struct cx *cx, const char *store_url, const struct permission *const *permissions, size_t count, struct people **out);
void people_close(struct people *people);
struct store *people_store(struct people *people);
/* Takes up what another process of the node changed in units and calendar since the last look; cheap when nothing did. */
MUST_USE enum err people_refresh(struct cx *cx, struct people *people);
/* Does a system of this node declare the permission? */
bool people_knows(const struct people *people, const char *permission);
/* Some permission whose name begins with the prefix: is that system here? */
bool people_knows_some(const struct people *people, const char *prefix);

/* ---- Who acts ---- */
struct person {
  int64_t account;
  const char *name;          /* log-in name */
  const char *full_name;
  const char *unit;          /* code of the unit worked in now */
  const char *unit_name;
  const char *roles;         /* roles held in that unit now, separated by one space */
  const char *language;      /* "vi" or "en" */
  const struct people *people;
};
bool person_is(const struct person *person, const char *role);         /* NULL person: false */
bool person_may(const struct person *person, const char *permission);
/* Some permission whose name begins with the prefix: person_may_some(person, "onestop."). */
bool person_may_some(const struct person *person, const char *prefix);
/* The roles that a unit's holder has at now; unit NULL: the first by code. ERR_NOT_FOUND: locked, ended or no role there.
 * A unit that has ceased to exist gives no role. */
MUST_USE enum err person_load(struct cx *cx, struct people *people, int64_t account, const char *unit, struct person **out);
/* The units in which the account holds roles now, by code. */
struct person_choice { const char *unit, *unit_name, *roles; };
extern const struct record_type person_choice_type;
MUST_USE enum err person_choices(struct cx *cx, struct people *people, int64_t account, struct list *out);

/* ---- Accounts ---- */
struct account { int64_t id; const char *name, *full_name, *email, *phone, *language; bool locked; bool totp; int64_t created_us; };
extern const struct record_type account_type;
struct role_row { int64_t account; const char *role, *unit, *unit_name; int64_t valid_from, valid_to; /* days */ };
extern const struct record_type role_type;

/* Every change below is in the action log of the people's store, by its log-in name as subject.
 * Names: [a-z0-9][a-z0-9._-]{1,59}; passwords: 10 to 200 characters, not the name, not common
 * or leaked, not put together from words of the account, its units and the house (password_rule.c). A name that is taken: ERR_CONFLICT.
 * password_hash and the TOTP secret are made outside any transaction. totp_secret: 20 bytes, or NULL for none. */
MUST_USE enum err account_add(struct cx *cx, struct people *people, const struct account *account, const char *password, const uint8_t *totp_secret, int64_t *id);
MUST_USE enum err account_by_name(struct cx *cx, struct people *people, const char *name, struct account *out);
MUST_USE enum err account_get(struct cx *cx, struct people *people, int64_t id, struct account *out);
MUST_USE enum err account_list(struct cx *cx, struct people *people, const char *after_name, size_t max, struct list *out);
MUST_USE enum err account_set_password(struct cx *cx, struct people *people, int64_t id, const char *password);
/* By its owner: the old password is checked like a log-in, wrong ones are counted. Slow. */
MUST_USE enum err account_change_password(struct cx *cx, struct people *people, int64_t id, const char *old, const char *password);
/* A new authenticator: for a lost phone. secret: 20 bytes, NULL: none from now on. */
MUST_USE enum err account_set_totp(struct cx *cx, struct people *people, int64_t id, const uint8_t *secret);
MUST_USE enum err account_lock(struct cx *cx, struct people *people, int64_t id, bool locked);
/* The unit need not be known; valid_from NONE_DATE: from today. Given again from the same day, valid_to is set anew. */
MUST_USE enum err role_give(struct cx *cx, struct people *people, const struct role_row *role);
/* What is held of this role in this unit ends with yesterday: it holds no longer from now on. ERR_NOT_FOUND: not held. */
MUST_USE enum err role_end(struct cx *cx, struct people *people, const struct role_row *role);
/* Who held the role in the unit on a day; by log-in name. */
struct role_holder { int64_t account; const char *name, *full_name; };
MUST_USE enum err role_holders(struct cx *cx, struct people *people, const char *role, const char *unit, int64_t on_days, struct list *out);
/* Also what has ended, the newest first. */
MUST_USE enum err role_list(struct cx *cx, struct people *people, int64_t account, struct list *out);
/* Checks password and code; counts failures; slow (argon2id): on a worker of its own pool only.
 * ERR_WHO: wrong (one message for all causes); ERR_TOO_MANY: locked out for a while. */
MUST_USE enum err account_log_in(struct cx *cx, struct people *people, const char *name, const char *password, const char *code, int64_t *id);
/* A random password that can be read out: 79 bits, letters and digits that are not taken for each other. */
const char *password_make(struct arena *arena);
/* otpauth://totp/… for an authenticator app. */
const char *totp_uri(struct arena *arena, const char *issuer, const char *name, const uint8_t secret[20]);
/* The code at a time; for tests and demos. */
void totp_code(const uint8_t *secret, size_t size, int64_t time_us, char out[7]);

/* ---- Units ---- */
struct unit { const char *code, *name, *kind, *parent, *level; int64_t valid_from, valid_to; /* NONE_DATE: open */ const char *agency_code; const char *address, *phone, *hours; };
extern const struct record_type unit_type;
/* Loads units from CSV with the columns code,name,type,parent_code,level,valid_from,valid_to and, where they are there,
 * agency_code,address,phone,hours. All or nothing; errors name the line and column. A line takes the place of what is stored
 * of the same code for days that it covers too; so a code may stand for different units one after the other (91: Kiên Giang,
 * then An Giang), never for two at once. On its first and last day a unit's parent must exist. */
MUST_USE enum err unit_import(struct cx *cx, struct people *people, struct bytes csv, int64_t *count);
/* Loads agency codes (unit,valid_from,valid_to,agency_code): a unit's code changes its layout while the unit stays. As above. */
MUST_USE enum err unit_import_codes(struct cx *cx, struct people *people, struct bytes csv, int64_t *count);
/* agency_code is the one of that day. */
MUST_USE enum err unit_get(struct cx *cx, struct people *people, const char *code, int64_t on_days, struct unit *out);
/* "Phường Long Xuyên" → "Long Xuyên": the place beside a date on a unit's papers, of an office the one it belongs to; "" when there is none. */
const char *unit_place(struct cx *cx, struct people *people, const char *code, int64_t on_days);
/* By code; parent NULL: those that have none. */
MUST_USE enum err unit_children(struct cx *cx, struct people *people, const char *parent, int64_t on_days, struct list *out);
/* Units of that day whose code is the text, or whose name contains it, case and diacritics aside; by code, at most max. */
MUST_USE enum err unit_search(struct cx *cx, struct people *people, const char *text, int64_t on_days, size_t max, struct list *out);
/* Is `unit` the other unit or below it on that day? Answered from memory. */
bool unit_within(const struct people *people, const char *unit, const char *ancestor, int64_t on_days);
MUST_USE enum err unit_put(struct cx *cx, struct people *people, const struct unit *unit);

/* ---- The working calendar ---- */
/* A new store knows the hours Monday to Friday 07:00–11:00 and 13:00–17:00 and no holidays.
 * {"in_day_cutoff": "15:00", "hours": [{"weekday": 1 … 7, 8 for make-up days, "from": "07:00", "to": "11:00"}…],
 *  "days": [{"day": "2025-01-01", "kind": "holiday" | "make_up", "name", "legal_basis", "verified": false}…]}
 * takes the place of what was imported before; days that an administrator entered stay. */
MUST_USE enum err calendar_import(struct cx *cx, struct people *people, struct bytes json, int64_t *count);
struct calendar_row { int64_t day; const char *kind, *name, *legal_basis; bool verified, own; /* entered by an administrator */ };
extern const struct record_type calendar_row_type;
MUST_USE enum err calendar_day_put(struct cx *cx, struct people *people, const struct calendar_row *row);
MUST_USE enum err calendar_day_drop(struct cx *cx, struct people *people, int64_t day);
MUST_USE enum err calendar_days(struct cx *cx, struct people *people, int64_t from_day, int64_t to_day, struct list *out);
/* The calendar now in force; valid as long as `people` (old ones are kept until close). */
const struct calendar *people_calendar(struct people *people);

/* ---- Files that were loaded, by the hash of their content, so that a start reads only what changed ---- */
MUST_USE enum err loaded_hash(struct cx *cx, struct people *people, const char *file, const char **hash); /* NULL: never */
MUST_USE enum err loaded_note(struct cx *cx, struct people *people, const char *file, const char *hash);

#endif
