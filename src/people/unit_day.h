/* Today's units from memory. */
#ifndef PEOPLE_UNIT_DAY_H
#define PEOPLE_UNIT_DAY_H

#include "people/people_inner.h"

void unit_day_free(struct unit_day *today); /* NULL is allowed */
/* *held false: the day is not today, and the store is to be asked. Units have their days as the store has them. */
MUST_USE enum err unit_day_get(struct cx *cx, struct people *people, const char *code, int64_t day, bool *held, struct unit *out);
/* parent NULL: those without one. */
MUST_USE enum err unit_day_children(struct cx *cx, struct people *people, const char *parent, int64_t day, bool *held, struct list *out);

#endif
