/* How a function says that it did not succeed.
 *
 * Every fallible function returns `enum err`. The detail (which field, which
 * words) is set once, where it is known, with cx_fail(); callers pass the code
 * on. A fault of the program itself is an assert, never an error. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stddef.h>

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_at, first) __attribute__((format(printf, format_at, first)))

enum err {
  OK = 0,
  ERR_INPUT,        /* what was sent is wrong: problems name the fields (400, pages 422) */
  ERR_WHO,          /* nobody is logged in, or credentials are wrong (401) */
  ERR_FORBIDDEN,    /* known, but may not (403) */
  ERR_NOT_FOUND,    /* no such thing, or not for these eyes (404) */
  ERR_CONFLICT,     /* somebody else changed it, or it exists already (409) */
  ERR_TOO_LARGE,    /* over a size limit (413) */
  ERR_TYPE,         /* a media or file type that is not taken (415) */
  ERR_TOO_MANY,     /* over a rate or a quota (429) */
  ERR_BUSY,         /* a queue or a resource is full: try again later (503) */
  ERR_MEMORY,       /* the request went over its memory budget (503) */
  ERR_STORAGE,      /* the database or the disk failed (503) */
  ERR_UPSTREAM,     /* another server could not be reached or broke the protocol (502) */
  ERR_TIMEOUT,      /* another server did not answer in time (504) */
  ERR_AGAIN,        /* not an end: an answer was asked for, the handler is called again with it */
  ERR_INTERNAL      /* none of the above (500) */
};

enum { PROBLEMS_MAX = 40, PROBLEM_ARGS_MAX = 4 };

struct problem_arg { const char *name, *value; };

/* One thing that is wrong, in words that can be translated. */
struct problem {
  const char *key;     /* a word key, for example "error.identity.digits" */
  const char *field;   /* the form or JSON field, or NULL */
  struct problem_arg args[PROBLEM_ARGS_MAX]; /* fills {name} in the words; unused: name NULL */
};

struct problems {
  struct problem items[PROBLEMS_MAX]; /* in the order found; further ones are dropped */
  size_t count;
};

/* The HTTP status for an error; 200 for OK. */
int err_status(enum err err);
/* A short stable English name for logs: "conflict". Never NULL. */
const char *err_name(enum err err);

#endif
