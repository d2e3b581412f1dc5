/* The records of the register: businesses by act and day, applications, and the law's rows with their dates. */
#ifndef SYSTEMS_HOUSEHOLD_MODEL_H
#define SYSTEMS_HOUSEHOLD_MODEL_H

#include "contract/household.h"

/* What lists need of a business, as its last act left it. */
struct business_line {
  const char *number;
  int64_t version, seq, registered_on;
  const char *state, *name, *head_name, *commune_name;
  int64_t suspended_from, suspended_to, closed_on;
};
extern const struct record_type business_line_type;

/* One act: the whole business as it stands from effective_on until the next. People and sectors have the same number and seq. */
struct business_state {
  const char *number;
  int64_t seq, effective_on;
  const char *kind;            /* "register" "change" "suspend" "resume" "close" */
  const char *state;           /* "active" "suspended" "closed" */
  const char *name, *address, *commune, *commune_name;
  const char *scope;           /* within which its name is unique: "district/883", "commune/30307" */
  const char *phone, *email;
  int64_t capital_vnd;
  const char *founded_by;
  int64_t suspended_from, suspended_to; /* first and last day; to NONE_DATE: until it resumes */
  int64_t closed_on, changes, changed_on;
  const char *dossier, *unit, *decided_by, *reason;
  int64_t at_us;
};
extern const struct record_type business_state_type;

/* A state with its people (the head first) and sectors. */
struct business_full { struct business_state state; struct list people, sectors; };

/* An application of the one-stop shop, and how it stands. */
struct application {
  int64_t id;
  const char *reference;       /* "HK-261125-0001" */
  const char *consumer, *dossier, *unit;
  const char *state;           /* "checking" "registered" "refused" */
  const char *name, *head_name, *commune_name;
  const char *body;            /* household_application as JSON */
  const char *why;             /* why an officer looks: "similar" or "sector" */
  const char *similar_name, *similar_number;
  const char *number;
  int64_t registered_on;
  const char *reason;          /* of a refusal; or why the name is distinct */
  int64_t received_us, decided_us;
  const char *decided_by;
  int64_t version;
};
extern const struct record_type application_row_type;

/* ---- What officers type ---- */
struct application_decision { const char *outcome; /* "accept" "refuse" */ const char *reason; int64_t version; };
extern const struct record_type application_decision_type;

struct business_change {
  int64_t effective_on;
  const char *name, *address, *commune, *phone, *email;
  int64_t capital_vnd;
  struct list sectors;         /* household_sector */
  const char *distinct;        /* why the name is distinct from one that reads the same */
  const char *reason;
  int64_t version;
};
extern const struct record_type business_change_type;

struct business_suspension { int64_t notice_on, suspended_from, suspended_to; const char *reason; int64_t version; };
struct business_ending { int64_t effective_on; const char *reason; int64_t version; }; /* resuming and closing */
extern const struct record_type business_suspension_type, business_ending_type;

/* ---- Claims ---- */
struct name_claim { const char *scope, *name_key, *folded, *name, *number; };
struct head_claim { const char *identity, *number; };
extern const struct record_type name_claim_type, head_claim_type;

/* ---- Law as rows ---- */
struct sector_row { const char *code, *name, *kind /* "open" "conditional" "banned" */, *note, *legal_basis; bool verified; };
struct scope_rule { int64_t valid_from, valid_to; const char *level /* "district" "commune" */, *legal_basis; bool verified; };
struct number_rule { int64_t valid_from, valid_to; const char *kind /* "district_letter" "tax" */, *prefix, *legal_basis; bool verified; };
struct district_letter { const char *unit, *province, *letter; };
struct notice_rule { int64_t valid_from, valid_to, working_days; const char *legal_basis; bool verified; };
struct household_rules { struct list scopes, numbers, letters, notices; };
struct household_sectors { struct list sectors; };
extern const struct record_type sector_row_type, scope_rule_type, number_rule_type, district_letter_type, notice_rule_type;
extern const struct record_type household_rules_type, household_sectors_type;

#endif
