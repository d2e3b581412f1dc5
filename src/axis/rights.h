/* Which right covers a call: denied unless one does. Pure; quotas are counted elsewhere. */
#ifndef AXIS_RIGHTS_H
#define AXIS_RIGHTS_H

#include "axis/directory.h"
#include "axis/path.h"

struct right_question { const char *consumer, *service, *method, *path; /* raw, below the service */ int64_t now_us; };

bool right_covers(struct arena *arena, const struct right *right, const struct right_question *question);
/* The first of the rights that covers the call, or NULL. */
const struct right *rights_find(struct arena *arena, const struct list *rights, const struct right_question *question);

#endif
