/* Names on the axis and the paths that carry them: "/H01/GOV/H01.07/household/register/12?x=1".
 *
 * Each of the five segments is percent-encoded UTF-8 on its own; what follows goes through raw. Rights are matched
 * against the decoded and normalised form, and a path that two readers could understand differently is told apart. */
#ifndef AXIS_PATH_H
#define AXIS_PATH_H

#include "base/arena.h"

enum { AXIS_NAME_MAX = 400 /* bytes of an encoded name, or of a path's segment, as it came and as it goes on */ };

struct axis_path {
  const char *instance;  /* "H01" */
  const char *member;    /* "H01/GOV/H01.07" */
  const char *system;    /* "H01/GOV/H01.07/household" */
  const char *code;      /* "register" */
  const char *service;   /* system/code */
  const char *rest;      /* raw, below the service: "", "/12?x=1", "?x=1" */
};

/* tail: what follows "/r1" or "/axis/1" of a raw request target. False: not five whole segments of clean names. */
MUST_USE bool axis_path_read(struct arena *arena, const char *tail, struct axis_path *out);
/* A name of that many segments, encoded ("H01/GOV/H01.07/onestop"); *out is decoded, NULL when it is none. */
MUST_USE bool axis_name_read(struct arena *arena, const char *text, int segments, const char **out);
/* The decoded name again as encoded segments, each after a slash: "/H01/GOV/H01.07/household/register". */
char *axis_name_write(struct arena *arena, const char *name);
/* The first n segments of a decoded name. */
char *axis_name_head(struct arena *arena, const char *name, int segments);
bool axis_name_within(const char *name, const char *owner); /* is owner, or below it */

/* Where a foreign provider listens: "http://host:port/base". */
struct axis_url { const char *host; int port; const char *base; /* "" or "/base", no slash at the end */ };
MUST_USE bool axis_url_read(struct arena *arena, const char *text, struct axis_url *out);
/* "host:port", "[::1]:443". */
MUST_USE bool axis_address_read(struct arena *arena, const char *text, const char **host, int *port);

enum path_shape {
  PATH_PLAIN,      /* one reading only */
  PATH_AMBIGUOUS,  /* encoded slash, backslash, empty segment, ';': only a right to all paths covers it */
  PATH_WRONG       /* dot segments, malformed %, NUL, not UTF-8: never forwarded */
};
/* raw: path and query below a service. *out: the decoded path without the query; "" and "/" both become "/". */
enum path_shape path_normalise(struct arena *arena, const char *raw, const char **out);
/* pattern: "*" or "" all; else segments, where "*" stands for one whole segment and a last "**" for any number of them. */
bool path_matches(const char *pattern, const char *path);

#endif
