/* What the operator's instruments read: /health and /metrics (Prometheus text, version 0.0.4), on an address of their own. */
#ifndef NODE_OPERATIONS_H
#define NODE_OPERATIONS_H

#include "node/node.h"

MUST_USE enum err operations_start(struct cx *cx, struct node *node, struct loops *loops, const char *address, int *port, struct http_server **out);

#endif
