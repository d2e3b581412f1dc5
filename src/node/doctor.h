/* Looks over a node's folder and says in words what is wrong and what to do. It mends nothing. */
#ifndef NODE_DOCTOR_H
#define NODE_DOCTOR_H

#include "node/node.h"

struct doctor_wish { const char *folder; const struct config *config; struct node *node; /* the one that runs here; NULL: it is stopped, and the folder locked by us */ };
struct doctor_sum { int64_t databases, files, named, entries; /* looked at */ const char *scanner; /* what it says of itself; NULL: files are taken unscanned */ };

/* Everything: reads all databases, the journals and every stored file. ERR_STORAGE: what was found is in cx->problems, each with what to do;
 * the first forty. */
MUST_USE enum err doctor_look(struct cx *cx, const struct doctor_wish *wish, struct doctor_sum *out);
void doctor_tell(struct buffer *out, const struct doctor_sum *sum);
/* The cheap part, at each start: refuses to go on without the keys that the journal was written with; modes and room are alarms. */
MUST_USE enum err doctor_start(struct cx *cx, struct log *log, const char *folder, const struct config *config);

/* ---- doctor_files.c ---- */
struct looking { struct cx *cx; const struct doctor_wish *wish; struct doctor_sum *sum; enum err err; };
/* Notes what was found. One problem at least. */
void doctor_found(struct looking *looking, const char *key, const char *what, const char *more);
/* Modes and owners of all that lies in the folder. */
void doctor_modes(struct looking *looking);
/* Stored files against their names, and rows against stored files; databases: they are sound. */
void doctor_files(struct looking *looking, bool databases);

#endif
