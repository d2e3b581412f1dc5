/* A message on its way out: a head in memory and a body in memory or a file, written as fast as the peer takes it. */
#ifndef NET_OUTGOING_H
#define NET_OUTGOING_H

#include "net/http.h"
#include "net/stream.h"

struct outgoing {
  struct bytes head, data; /* what is left of each; data: of a body in memory, or of the piece of the file at hand */
  int fd;                  /* of the file, or -1 */
  int64_t file_left;
  char *piece;
};

void http_field_write(struct buffer *out, const struct http_field *field);
/* Both must stay until http_outgoing_done. body NULL: none. ERR_STORAGE: the file cannot be opened or has another size. */
MUST_USE enum err http_outgoing_start(struct outgoing *outgoing, struct bytes head, const struct http_body *body);
/* STREAM_OK: all was written. After a part it gives way to others with STREAM_WAIT_WRITE. Adds to *written. */
MUST_USE enum stream_result http_outgoing_write(struct outgoing *outgoing, struct stream *stream, int64_t *written);
void http_outgoing_done(struct outgoing *outgoing); /* allowed on a zeroed one with fd -1, and again */

#endif
