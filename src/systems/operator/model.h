/* The forms of the operator's pages. */
#ifndef SYSTEMS_OPERATOR_MODEL_H
#define SYSTEMS_OPERATOR_MODEL_H

#include "axis/directory.h"

struct member_form { const char *id, *name; };
struct system_form { const char *id, *name, *url; };
struct service_form { const char *system, *code, *name, *endpoints; };
struct right_form { const char *consumer, *service, *method, *path, *purpose, *legal_basis; int64_t valid_from, valid_to; /* days */ int64_t quota_per_minute; };
extern const struct record_type member_form_type, system_form_type, service_form_type, right_form_type;

/* The right that a form asks for: its method as HTTP has it ("any": "*"), days become the first and last moment in Viet Nam. */
struct right right_from_form(struct arena *arena, const struct right_form *form, const char *granted_by);
/* Is the name of that many parts ("H01/GOV/H01.20/tax": 4), each not empty and of plain signs? */
bool axis_id_plain(const char *id, int parts);
/* The word key of a system ("H01/GOV/H01.07/household") or service ("…/household/check") that the platform itself brings: it registers
 * under a code, and an operator reads words. NULL: somebody else's. */
const char *axis_id_word(const char *id);

#endif
