/* The systems of a node: which there are, what each has at hand, their jobs and outboxes. */
#ifndef NODE_HOSTING_H
#define NODE_HOSTING_H

#include "node/node.h"

/* All systems the program knows; a node's configuration names those it hosts. */
extern const struct system *const known_systems[];
extern const size_t known_system_count;

/* Opens stores and files of the configured systems. */
MUST_USE enum err hosting_open(struct cx *cx, struct node *node, const char *folder, const char *data_folder, struct hosted **out, size_t *count);
/* Runs each system's own `open`. */
MUST_USE enum err hosting_load(struct cx *cx, struct hosted *hosted, size_t count);
void hosting_close(struct hosted *hosted, size_t count);

/* Jobs and outboxes run until jobs_stop. */
struct jobs;
MUST_USE enum err jobs_start(struct cx *cx, struct node *node, struct jobs **out);
void jobs_stop(struct jobs *jobs);
void jobs_wake(struct jobs *jobs, struct hosted *hosted); /* its outbox has something */

#endif
