/* The records of the judicial-record database: convictions, look-ups, results taken. */
#ifndef SYSTEMS_JUSTICE_MODEL_H
#define SYSTEMS_JUSTICE_MODEL_H

#include "contract/justice.h"

/* One conviction of one person, as the courts reported it. */
struct conviction {
  int64_t id;
  const char *identity;        /* 12 digits, or NULL: convictions older than the card have none */
  const char *full_name, *birth_place;
  int64_t birth_date;
  const char *court, *judgment, *offence, *law, *penalty, *extra_penalty, *ban;
  int64_t judged_on;
  bool expunged;
  bool chosen;                 /* of a look-up's candidates: an officer found that it is this person's */
};
extern const struct record_type conviction_type;

/* A question of a one-stop shop, and how it stands. */
struct lookup {
  int64_t id;
  const char *reference;       /* "LL-261124-0001" */
  const char *consumer, *dossier, *kind;
  bool bans_wanted;
  const char *full_name, *sex, *identity, *birth_place, *nationality, *residence, *father_name, *mother_name, *spouse_name;
  int64_t birth_date;
  const char *state;           /* "checking" "clean" "found" */
  int64_t received_us, answered_us;
  const char *answered_by, *note;
  int64_t version;
};
extern const struct record_type lookup_type;

/* What the national officer decides; convictions come as `chosen` values beside it. */
struct decision { const char *outcome; /* "clean" "found" */ const char *note; int64_t version; };
extern const struct record_type decision_type;

/* A certificate that the province issued, as it told us. */
struct taken_result { int64_t id; const char *number, *dossier, *reference, *kind, *full_name, *outcome, *issuer; int64_t issued_on, taken_us; };
extern const struct record_type taken_result_type;

struct lookup_counts { int64_t checking, today; };

#endif
