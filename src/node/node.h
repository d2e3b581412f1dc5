/* A running node: one data folder, its systems, stores, axis, pages and jobs. */
#ifndef NODE_NODE_H
#define NODE_NODE_H

#include "axis/axis.h"
#include "node/config.h"
#include "systems/system.h"

struct node;

/* One system on this node. */
struct hosted { const struct system *type; struct here here; struct node *node; };

struct node_wish { const char *executable; const char *folder; const char *data_folder; enum log_level log_level; };

/* Opens everything and listens; what fails is a problem in cx. */
MUST_USE enum err node_start(struct cx *cx, const struct node_wish *wish, struct node **out);
/* Drains and closes. */
void node_stop(struct node *node);

/* For the parts of the node. */
const char *node_folder(const struct node *node);
const struct config *node_config(const struct node *node);
struct axis *node_axis(struct node *node);
struct people *node_people(struct node *node);
struct keys *node_keys(struct node *node);
struct web *node_web(struct node *node);
struct workers *node_jobs(struct node *node);
struct loop *node_loop(struct node *node);
const atomic_bool *node_ending(const struct node *node); /* true from the moment at which it is told to end */
struct scanner *node_scanner(struct node *node); /* NULL: files are taken unscanned */
const struct clock *node_clock(const struct node *node);
struct log *node_log(struct node *node);
struct hosted *node_hosted(struct node *node, size_t *count);
struct hosted *node_find(struct node *node, const char *system); /* NULL: not here */
int64_t node_started_us(const struct node *node); /* clock_monotonic_us */
/* What the door of pages bears: at most 1024 connections of one address, a proxy's too. */
struct http_limits node_page_limits(const char *spool_folder);
struct http_server_counts node_page_counts(struct node *node);

#endif
