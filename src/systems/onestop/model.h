/* The records of the one-stop shop: dossiers, what hangs on them, and what is typed at the counter.
 * The catalogue's records are in catalogue.h. Vietnamese legal terms: README.md, "Words". */
#ifndef ONESTOP_MODEL_H
#define ONESTOP_MODEL_H

#include "contract/household.h"
#include "contract/justice.h"
#include "record/record.h"

/* ---- A dossier: one row; `revision` is raised by every change ---- */
struct dossier {
  const char *code, *procedure;
  int64_t version;                                   /* of the procedure, under which it was received */
  const char *kind, *title, *short_title;            /* "household"; the procedure's names */
  const char *receiving_unit, *receiving_name, *deciding_unit, *deciding_name;
  const char *status, *awaiting;                     /* rules.h; awaiting: purpose of the exchange it waits for, or NULL */
  const char *turn;                                  /* whose turn: derived, kept for lists */
  bool returned;                                     /* was sent back by the decider or the register */
  int64_t holder;                                    /* account that works on it; 0: nobody yet */
  const char *holder_name;
  const char *full_name;
  int64_t birth_date;
  const char *sex, *identity, *nationality, *residence, *phone, *email;
  const char *submitter_name, *submitter_identity, *submitter_phone, *authority, *authority_note;
  const char *content;                               /* JSON of the kind's request */
  int64_t copies, sets, fee_vnd;
  const char *fee_state;                             /* "due" "paid" "exempt" */
  int64_t received_us;
  const char *received_by;
  int64_t due_us, stopped_us, decided_us;            /* stopped_us: since when the clock stands; NONE_DATE: it runs */
  const char *decided_by, *opinion, *notice, *missing; /* notice: what the citizen is told; missing: codes of components to bring */
  const char *result_number;
  int64_t result_on, returned_us;
  const char *returned_to, *secret;
  const char *reserved_number;                       /* of the paper receipt it was received on while the line was down; NULL: received here */
  int64_t entered_us;                                /* when it was entered from that receipt */
  int64_t units_on;                                  /* day from which it is its units'; NONE_DATE: since it was received */
  int64_t revision;
};
extern const struct record_type dossier_type;

/* A line of a work list, and the key it is paged by. */
struct dossier_line {
  const char *code, *title, *full_name, *submitter_name, *status, *turn, *holder_name, *awaiting;
  bool returned, ticking;
  int64_t due_us, received_us;
  const char *reserved_number;
  int64_t rank_us;   /* the key of a page of a list, with the code */
};
extern const struct record_type dossier_line_type;

struct dossier_component { const char *dossier; int64_t ordinal; const char *code, *title, *mark; int64_t pieces; const char *paper_number, *issuer; bool confirmed; };
struct dossier_scan { const char *dossier, *component, *hash, *type, *name; int64_t size, at_us; };
struct dossier_fee {
  const char *dossier, *unit, *exemption;            /* exemption: its code, or NULL */
  int64_t amount_vnd;
  const char *means, *series, *number;               /* "cash" "transfer"; NULL while due */
  int64_t paid_us, account;
  const char *officer, *full_name;
};
/* What another system was asked. */
struct dossier_exchange {
  const char *request_id, *dossier, *purpose, *service, *state; /* "waiting" "checking" "clean" "found" "registered" "refused" "failed" "checked" */
  const char *reference, *number, *reason, *answer;             /* answer: JSON as it came, for those who may see it */
  int64_t asked_us, answered_us;
  const char *receipt;
};
/* Paper receipts reserved in advance: a block is named by its first number. */
struct reserve_block { const char *first, *unit; int64_t pieces, reserved_us, account; const char *officer; int64_t used, voided; };
struct reserve_number { const char *number, *block, *unit, *state, *dossier, *reason; int64_t changed_us; const char *changed_by; int64_t reserved_us; };
/* Entered later than received: the paper receipt's number, both times, and who received it on paper (NULL: who enters it). */
struct late_entry { const char *number; int64_t received_us, entered_us; const char *received_by; int64_t account; };
extern const struct record_type reserve_block_type, reserve_number_type, late_entry_type;
extern const struct record_type dossier_component_type, dossier_scan_type, dossier_fee_type, dossier_exchange_type;

/* ---- What is typed at the counter ---- */
enum { RESERVE_MAX = 100 };                         /* numbers of one block */
struct reserve_form { int64_t pieces; };
struct void_form { const char *number, *reason; };
struct late_time { int64_t late_us; };               /* of struct intake, read ahead: it decides which version of the procedure is shown */
extern const struct record_type reserve_form_type, void_form_type, late_time_type;
struct intake_component { const char *code; bool given; const char *mark; int64_t pieces; const char *paper_number, *issuer; bool confirmed; const char *hash; };
extern const struct record_type intake_component_type;

struct intake {
  const char *procedure, *card;
  const char *reserved_number;                       /* late entry from a paper receipt … */
  int64_t late_us;                                   /* … when that was given … */
  const char *late_by;                               /* … and by whom: a log-in name */
  const char *full_name;
  int64_t birth_date;
  const char *sex, *identity, *nationality, *residence, *phone, *email;
  bool by_other;                                     /* somebody else submits */
  const char *submitter_name, *submitter_identity, *submitter_phone, *authority, *authority_note;
  struct list components;                            /* intake_component */
  int64_t copies, sets;
  bool long_term;                                    /* the procedure's longer term applies */
  const char *exemption, *means, *series, *number;   /* means "later": not paid yet */
};
extern const struct record_type intake_type;

/* Procedure 1.001612: what the request form says beyond the applicant, who is the head. */
struct household_request {
  const char *business_name, *business_address, *business_commune, *business_phone, *business_email;
  int64_t capital_vnd;
  const char *founded_by;
  struct list sectors, members;
};
/* Procedure 2.000488. */
struct justice_request { const char *certificate_kind; bool bans_wanted; const char *birth_place, *father_name, *mother_name, *spouse_name, *purpose; };
extern const struct record_type household_request_type, justice_request_type;

/* ---- What is typed with an action ---- */
struct act_component { const char *code; bool wanted; };
extern const struct record_type act_component_type;

struct act_form {
  int64_t revision;
  const char *reason, *to_name, *receiver_name, *receiver_identity;
  bool authority_checked;
  const char *means, *series, *number;
  struct list missing;                               /* act_component: what is asked for */
};
extern const struct record_type act_form_type;

#endif
