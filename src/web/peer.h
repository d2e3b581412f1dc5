/* Whose address counts: the socket's, or what a trusted proxy says of whom it serves. */
#ifndef WEB_PEER_H
#define WEB_PEER_H

#include "net/http.h"

/* trusted: addresses with spaces or commas between; NULL or "": none. From one of them X-Forwarded-For is read from its end to the first
 * address that is not trusted; what is no address ends the reading. */
const char *peer_real(struct arena *arena, const struct http_call *call, const char *trusted);

#endif
