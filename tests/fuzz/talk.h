/* A raw conversation with a server in this process, over a Unix socket: it has no ports that a million runs could use up. */
#ifndef FUZZ_TALK_H
#define FUZZ_TALK_H

#include "fuzz.h"

#include "net/http.h"

#include <sys/un.h>

struct talk_server { struct cx *cx; struct loops *loops; struct http_server *server; struct sockaddr_un address; };

/* *service and *limits must live on. */
void talk_start(struct talk_server *out, const struct clock *clock, const struct http_service *service, const struct http_limits *limits);
void talk_stop(struct talk_server *server);
/* Sends the first bytes, a moment later the rest, ends its half, and adds all that comes until the server has ended too. */
void talk(const struct talk_server *server, struct bytes data, size_t first, struct buffer *out);

#endif
