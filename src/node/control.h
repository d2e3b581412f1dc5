/* Commands reach a running node through the Unix socket FOLDER/control.sock (mode 0600): HTTP/1.1, form in, text or JSON out. */
#ifndef NODE_CONTROL_H
#define NODE_CONTROL_H

#include "node/node.h"

MUST_USE enum err control_start(struct cx *cx, struct node *node, struct loops *loops, const char *folder, struct http_server **out);

/* The caller's end: POSTs to the node of that data folder and waits. status: HTTP. ERR_UPSTREAM when no node runs there. */
struct control_ask { const char *folder, *path; const struct form_pair *args; size_t arg_count; struct bytes file; };
MUST_USE enum err control_call(struct cx *cx, const struct control_ask *ask, int *status, struct bytes *answer);

#endif
