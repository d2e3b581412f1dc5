/* The structured log: one JSON object a line, to a file descriptor, written whole.
 * Never put a secret, a password, a token or a person's data into it. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/clock.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ALARM };

struct log;

/* fd is not owned; level: the least that is written. clock NULL: the machine's time. */
struct log *log_new(int fd, enum log_level level, const struct clock *clock);
void log_free(struct log *log);
struct log_field { const char *name, *value; };
/* message: a constant phrase in English; fields end with a NULL name. log NULL writes nothing. */
void log_write(struct log *log, enum log_level level, const char *request_id, const char *message,
               const struct log_field *fields);
#define LOG_FIELDS(...) ((const struct log_field[]){__VA_ARGS__, {NULL, NULL}})

#endif
