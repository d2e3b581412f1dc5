/* The context of one piece of work: what every function may need and no global holds. */
#ifndef BASE_CX_H
#define BASE_CX_H

#include "base/log.h"

struct person; /* people/person.h: who acts; NULL: nobody, or the system itself */

struct cx {
  struct arena *arena;
  const struct clock *clock;
  struct log *log;             /* may be NULL */
  const char *language;        /* "vi" or "en" */
  const char *request_id;      /* for the log and the action log; never NULL */
  const struct person *person;
  struct problems problems;
};

/* Records what is wrong and returns err, so that `return cx_fail(…)` reads well.
 * field may be NULL. args: pairs name, value, ended by NULL; values are copied. */
enum err cx_fail(struct cx *cx, enum err err, const char *field, const char *key, ...) __attribute__((sentinel));
void cx_log(struct cx *cx, enum log_level level, const char *message, const struct log_field *fields);
int64_t cx_now(const struct cx *cx); /* µs */
/* Forgets the problems so far: before work is tried again. */
void cx_reset_problems(struct cx *cx);

/* Copies the problems of another context, with their texts: when a part of the work had an arena of its own. */
void cx_take_problems(struct cx *cx, const struct cx *other);

/* A context on an arena of its own for tests and commands: clock fixed when fixed_us is not 0. */
struct cx *cx_new_alone(const struct clock *clock, struct log *log);
void cx_free_alone(struct cx *cx);

#endif
