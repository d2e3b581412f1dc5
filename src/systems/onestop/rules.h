/* The one-stop shop's decisions: pure functions of records and time, no store, no pages. */
#ifndef ONESTOP_RULES_H
#define ONESTOP_RULES_H

#include "base/calendar.h"
#include "people/people.h"
#include "systems/onestop/catalogue_model.h"
#include "systems/onestop/model.h"

/* ---- Life cycle: only an action changes a status ---- */
#define STATUS_RECEIVED "received"     /* Đã tiếp nhận (national list 2) */
#define STATUS_PROCESSING "processing" /* Đang giải quyết (4) */
#define STATUS_SUPPLEMENT "supplement" /* Yêu cầu bổ sung (5): the clock stands */
#define STATUS_PROPOSED "proposed"     /* Đã trình (4) */
#define STATUS_APPROVED "approved"     /* Đã duyệt, waits for the register (4) */
#define STATUS_DONE "done"             /* Đã giải quyết (9) */
#define STATUS_RETURNED "returned"     /* Đã trả kết quả (10) */
#define STATUS_REFUSED "refused"       /* Không tiếp nhận giải quyết (3) */
#define STATUS_WITHDRAWN "withdrawn"   /* Công dân rút (7) */

enum guard {
  GUARD_NONE = 0,
  GUARD_REASON,        /* words to the citizen or the colleague are needed */
  GUARD_QUIET,         /* nothing is awaited from another system */
  GUARD_QUIET_REASON,  /* both */
  GUARD_READY,         /* quiet, the fee is settled, and what the kind must know is known */
  GUARD_FAILED,        /* the last exchange failed */
  GUARD_RECEIVER,      /* who takes the result is named; a proxy's authority was checked again */
  GUARD_FEE_DUE
};

struct step {
  const char *from;    /* NULL: any open status */
  const char *action, *role; /* role "system": only the axis' answer does it */
  const char *kind;    /* NULL: every kind */
  enum guard guard;
  const char *to;      /* NULL: stays */
};
extern const struct step life_cycle[];
extern const size_t life_cycle_count;

/* What guards look at beyond the dossier itself. */
struct act_facts { const struct act_form *form; bool known; bool failed; /* the kind's exchange is answered; failed */ };

/* The row for an action now, or NULL. */
const struct step *step_find(const struct dossier *dossier, const char *action);
/* May this person's roles in this unit take the step? The receiving unit's counter, the deciding unit's specialist and decider. */
bool step_allows(const struct step *step, const struct dossier *dossier, const struct person *person);
/* The key of what stands in the way, with its field; NULL: nothing. */
struct guard_finding { const char *key, *field; };
struct guard_finding guard_check(enum guard guard, const struct dossier *dossier, const struct act_facts *facts);

bool status_open(const char *status);
bool status_ticking(const char *status);      /* its clock runs */
int status_national(const char *status);      /* number in the national portal's list */
/* "counter" "specialist" "decider" "citizen" "agency" "none". */
const char *turn_of(const char *status, const char *awaiting);
/* 1 … 4 of the four steps that a citizen sees: received, being solved, result ready, returned. */
int status_stage(const char *status);

/* ---- Who may see ---- */
enum sight { SIGHT_NONE, SIGHT_RECEIVING, SIGHT_DECIDING, SIGHT_BOTH, SIGHT_ABOVE };
/* A head sees the units below (SIGHT_ABOVE); a third unit sees nothing. */
enum sight dossier_sight(const struct dossier *dossier, const struct person *person, int64_t on_days);

/* ---- Deadlines ---- */
int64_t term_due(const struct calendar *calendar, const struct procedure *procedure, int64_t received_us, bool long_term);
/* The clock that stood since stopped_us goes on: the due time moves by the working time that passed. */
int64_t term_resume(const struct calendar *calendar, int64_t due_us, int64_t stopped_us, int64_t now_us);
enum light { LIGHT_OK, LIGHT_DUE, LIGHT_LATE, LIGHT_STOPPED, LIGHT_DONE };
/* Where a dossier stands in a list, soonest first: its deadline, or behind all of those while its time stands. */
int64_t seat_rank(const char *status, int64_t due_us);
enum light light_of(const struct calendar *calendar, const char *status, int64_t due_us, int64_t now_us);

/* Is this component among the codes of dossier->missing? */
bool missing_has(const char *missing, const char *code);

/* ---- Codes: "{agency}-{yymmdd}-{sequence}" ---- */
/* The agency's code as the unit gives it, or by the numbering rule: "H01.{unit}". */
char *code_agency(struct arena *arena, const struct numbering *numbering, const struct unit *unit);
char *code_write(struct arena *arena, const struct numbering *numbering, const char *agency, int32_t day, int64_t sequence);
/* "{sequence}/{yyyy}" patterns of result numbers. */
char *pattern_fill(struct arena *arena, const char *pattern, const struct problem_arg *args, size_t count);

/* ---- Paper receipts reserved in advance ---- */
/* "DP-H01.30307-261125-007": sortable within a block, and no dossier's code. */
char *reserve_write(struct arena *arena, const char *agency, int32_t day, int64_t sequence);
/* A late entry's true time of receipt lies in or after the minute of the reservation, and not in the future: the key of what is
 * wrong, or NULL. received_us NONE_DATE: it was not given. */
const char *late_check(int64_t reserved_us, int64_t received_us, int64_t now_us);

/* ---- Fees ---- */
/* What is to be paid: the base, or what the exemption leaves, and the further copies. */
int64_t fee_compute(const struct list *fees, const struct exemption *exemption, int64_t copies);

/* ---- Identity cards ---- */
enum card_state { CARD_OK, CARD_EMPTY, CARD_SHAPE, CARD_GARBLED };
struct card { const char *identity, *old_identity, *full_name, *sex, *residence; int64_t birth_date, issued_on; };
/* Reads the QR text of a citizen's card; CARD_GARBLED: an input method changed the letters while a scanner typed them. */
enum card_state card_read(struct arena *arena, const char *text, struct card *out);

/* The day on which a dossier's units are looked up. */
int64_t dossier_units_day(const struct dossier *dossier);

#endif
