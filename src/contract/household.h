/* What the register of household businesses exchanges over the axis: the shapes of its services' bodies.
 *
 *   POST check      household_check → household_check_answer       nothing changes
 *   POST register   household_application → household_answer       once; "registered" at once, or "checking": a register officer
 *                                                                  looks first and the answer follows as an answer_notice
 *   GET  read/{number}?on=2025-07-01   → household_business        its state as of that day; without `on`: today
 *   GET  search?q=…&after=…            → household_found           at most 50, by number
 * Legal basis: Decree 168/2025 (from 01-07-2025), Decree 01/2021 before; contents of the certificate as there. */
#ifndef CONTRACT_HOUSEHOLD_H
#define CONTRACT_HOUSEHOLD_H

#include "record/record.h"

/* A head or a member. sex: "male" or "female". */
struct household_person { const char *full_name; int64_t birth_date; const char *sex, *identity, *nationality, *residence; };
extern const struct record_type household_person_type;
extern const struct field household_person_fields[6];

struct household_sector { const char *code; /* VSIC 2018, 4 digits */ const char *name; bool main; };
extern const struct record_type household_sector_type;

struct household_check { const char *name, *commune; /* unit code of the business's address */ const char *head_identity; const char *number; /* of the business itself when it changes; else NULL */ };
struct household_check_answer {
  bool name_lawful, name_free, head_free;
  const char *name_problem;   /* word key, when not lawful */
  const char *similar_name;   /* a registered name that reads almost the same, or NULL: a register officer will look */
  const char *taken_number;   /* of the business that has the name, or NULL */
  const char *head_number;    /* of the business that the person heads, or NULL */
};
extern const struct record_type household_check_type, household_check_answer_type;

struct household_application {
  const char *dossier;        /* the one-stop's code */
  const char *unit;           /* code of the deciding unit */
  const char *name;           /* own name, without "Hộ kinh doanh" */
  const char *address;        /* house number, hamlet or quarter */
  const char *commune;        /* unit code */
  const char *phone, *email;
  int64_t capital_vnd;
  const char *founded_by;     /* "person" or "members" */
  struct household_person *head;
  struct list members;        /* household_person, when founded_by is "members": the others */
  struct list sectors;        /* household_sector, exactly one main */
  int64_t decided_on;         /* days */
  const char *decided_by;
};
extern const struct record_type household_application_type;

struct household_answer { const char *state; /* "registered" "checking" "refused" */ const char *number, *reference, *reason; int64_t registered_on; };
extern const struct record_type household_answer_type;

struct household_business {
  const char *number, *state; /* "active" "suspended" "closed" */
  const char *name, *address, *commune, *commune_name, *phone, *email, *founded_by, *dossier;
  int64_t capital_vnd, registered_on, changed_on, changes, suspended_from, suspended_to, closed_on;
  struct household_person *head;
  struct list members, sectors;
};
extern const struct record_type household_business_type;

struct household_line { const char *number, *state, *name, *head_name, *commune_name; };
struct household_found { struct list businesses; const char *next; /* value of `after` for more, or NULL */ };
extern const struct record_type household_line_type, household_found_type;

#endif
