/* From what was typed at the counter to a dossier: the checks beyond single fields, and what follows from the catalogue. */
#ifndef ONESTOP_INTAKE_H
#define ONESTOP_INTAKE_H

#include "systems/onestop/rules.h"
#include "systems/onestop/store.h"

struct intake_case {
  const struct procedure_parts *parts;
  const struct kind *kind;
  const struct intake *intake;
  const void *request;
  int64_t now_us;                       /* when it is received; of a late entry: when the paper receipt was given */
  const struct late_entry *late;        /* NULL: received here and now */
};
/* Every rule that is broken is a problem on its field. Components are found by code; their form names count the catalogue's order. */
MUST_USE enum err intake_check(struct cx *cx, const struct intake_case *one);
/* What is to be paid now. */
int64_t intake_fee(const struct intake_case *one);
/* The dossier as it will be received by cx->person's unit: units, due time, fee, secret. Scans are added by the caller. */
MUST_USE enum err intake_prepare(struct cx *cx, struct here *here, const struct intake_case *one, struct receiving *out);
/* What was typed about a component; NULL: nothing. */
const struct intake_component *intake_component_find(const struct intake *intake, const char *code);

#endif
