/* Files that people hand in: the one way by which a page takes one into its system's store of files. Whatever is refused for what a
 * scanner found in it stands in the action log, with who sent it. */
#ifndef PEOPLE_HANDED_H
#define PEOPLE_HANDED_H

#include "people/here.h"

#define HANDED_INFECTED "file.infected" /* the action */
#define HANDED_SUBJECT "MALWARE"        /* its subject: all of them are read together */

struct handed {
  const char *path;   /* the temporary file; gone afterwards, whatever is returned */
  const char *name;   /* as its sender calls it; NULL: it has none */
  const char *peer;   /* the address that it came from */
};

/* As file_take, which has the errors. */
MUST_USE enum err handed_take(struct cx *cx, const struct here *here, const struct handed *handed, const struct file_limits *limits, struct file_info *out);

/* The detail of the row, as JSON. */
struct handed_refused { const char *name, *hash, *type, *finding, *peer; int64_t size; };
extern const struct record_type handed_refused_type;

#endif
