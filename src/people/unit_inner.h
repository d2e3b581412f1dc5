/* Between the units' store and the readers of unit files: several rows written at once, and which of them was wrong. */
#ifndef PEOPLE_UNIT_INNER_H
#define PEOPLE_UNIT_INNER_H

#include "people/people_inner.h"
#include <stdint.h>

enum { UNITS_MAX = 100000 };
#define NO_ROW SIZE_MAX

struct agency_code { const char *unit; int64_t valid_from, valid_to; const char *code; };

struct unit_writing {
  const struct unit *units; size_t unit_count;        /* days without open ends: FIRST_DAY, LAST_DAY */
  const struct agency_code *codes; size_t code_count;
  const char *subject;                                /* for the action log */
  size_t wrong_parent, wrong_code;                    /* out: the row that was refused, else NO_ROW */
};

/* All or nothing; memory is fresh afterwards. */
MUST_USE enum err unit_write(struct cx *cx, struct people *people, struct unit_writing *writing);

#endif
