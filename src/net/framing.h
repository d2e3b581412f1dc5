/* Where a body ends: after a length, after its last chunk, or with the connection. Chunks are taken in their one plain form:
 * no extensions, no trailers, no bare LF; llhttp would let some of these pass, so it is not asked. */
#ifndef NET_FRAMING_H
#define NET_FRAMING_H

#include "net/head.h"

enum framing_state { FRAMING_END, FRAMING_LENGTH, FRAMING_OPEN, /* chunked: */ CHUNK_SIZE, CHUNK_SIZE_LF, CHUNK_DATA, CHUNK_DATA_CR,
                     CHUNK_DATA_LF, CHUNK_LAST_CR, CHUNK_LAST_LF };

struct framing { enum framing_state state; int64_t left; int digits; };

/* open_ended: without length and chunks the body goes on to the end of the connection. */
void http_framing_start(struct framing *framing, const struct head *head, bool open_ended);
bool http_framing_ended(const struct framing *framing);
/* Goes on through data. *used: bytes taken; *piece: those of them, at their end, that belong to the body (may be none). Call
 * again while bytes are left and the body has not ended. False: not a well-formed body. */
MUST_USE bool http_framing_step(struct framing *framing, const char *data, size_t size, size_t *used, struct bytes *piece);

#endif
