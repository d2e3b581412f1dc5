/* What the national judicial-record database exchanges over the axis.
 *
 *   POST lookup            justice_lookup → justice_answer    once; "clean" at once when nobody of that name, birth date or identity
 *                                                             number stands there, else "checking": a national officer decides and
 *                                                             the answer follows as an answer_notice
 *   GET  lookup/{reference}                → justice_answer   how it stands now
 *   POST result            justice_result → justice_taken     once; the certificate that was issued
 * Legal basis: Law 28/2009/QH12 on judicial records; the Ministry's own contract is not public: not verified. */
#ifndef CONTRACT_JUSTICE_H
#define CONTRACT_JUSTICE_H

#include "record/record.h"

struct justice_lookup {
  const char *dossier;      /* the asking one-stop's code */
  const char *kind;         /* "1" or "2": which certificate; expunged convictions are answered for "2" alone */
  bool bans_wanted;         /* No. 1: bans on holding posts are shown on request only */
  const char *full_name, *sex, *identity, *birth_place, *nationality, *residence, *father_name, *mother_name, *spouse_name;
  int64_t birth_date;
};
extern const struct record_type justice_lookup_type;

struct justice_conviction { const char *court, *judgment; int64_t judged_on; const char *offence, *law, *penalty, *extra_penalty, *ban; bool expunged; };
extern const struct record_type justice_conviction_type;

struct justice_answer {
  const char *reference;    /* of the look-up */
  const char *state;        /* "clean" "checking" "found" */
  struct list convictions;  /* justice_conviction, when found */
  int64_t answered_us;
};
extern const struct record_type justice_answer_type;

struct justice_result { const char *dossier, *reference, *number, *kind, *identity, *full_name, *outcome; /* "none" "has" */ const char *issuer; int64_t issued_on; };
struct justice_taken { const char *number; int64_t taken_us; };
extern const struct record_type justice_result_type, justice_taken_type;

#endif
