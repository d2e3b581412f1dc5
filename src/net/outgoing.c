/* A message on its way out. A file is read in pieces; at most TURN bytes go out before other connections have their turn. */
#include "net/outgoing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 65536, TURN = 4 * PIECE };

/* Piece by piece: formatting was a measurable part of a small message. */
void http_field_write(struct buffer *out, const struct http_field *field)
{
  buffer_text(out, field->name);
  buffer_text(out, ": ");
  buffer_text(out, field->value);
  buffer_text(out, "\r\n");
}

enum err http_outgoing_start(struct outgoing *outgoing, struct bytes head, const struct http_body *body)
{
  *outgoing = (struct outgoing){.head = head, .fd = -1};
  if (!body) return OK;
  outgoing->data = body->path ? (struct bytes){NULL, 0} : body->data;
  if (!body->path) return OK;
  outgoing->fd = open(body->path, O_RDONLY | O_CLOEXEC);
  struct stat status;
  if (outgoing->fd < 0 || fstat(outgoing->fd, &status) != 0 || status.st_size != body->size) {
    http_outgoing_done(outgoing);
    return ERR_STORAGE;
  }
  outgoing->file_left = body->size;
  outgoing->piece = malloc(PIECE);
  if (!outgoing->piece) abort();
  return OK;
}

static bool piece_read(struct outgoing *outgoing)
{
  size_t want = outgoing->file_left < PIECE ? (size_t)outgoing->file_left : PIECE;
  ssize_t got;
  do got = read(outgoing->fd, outgoing->piece, want); while (got < 0 && errno == EINTR);
  if (got <= 0) return false;
  outgoing->data = (struct bytes){(const uint8_t *)outgoing->piece, (size_t)got};
  outgoing->file_left -= got;
  return true;
}

static void bytes_drop(struct bytes *bytes, size_t *count)
{
  size_t part = *count < bytes->size ? *count : bytes->size;
  if (part == 0) return;
  bytes->data += part;
  bytes->size -= part;
  *count -= part;
}

enum stream_result http_outgoing_write(struct outgoing *outgoing, struct stream *stream, int64_t *written)
{
  for (int64_t turn = 0; turn < TURN;) {
    if (outgoing->data.size == 0 && outgoing->file_left > 0 && !piece_read(outgoing)) return STREAM_BROKEN;
    if (outgoing->head.size == 0 && outgoing->data.size == 0) return STREAM_OK;
    const struct iovec pieces[2] = {{(void *)(uintptr_t)outgoing->head.data, outgoing->head.size},
                                    {(void *)(uintptr_t)outgoing->data.data, outgoing->data.size}};
    size_t put;
    enum stream_result result = stream_write(stream, pieces, 2, &put);
    if (result != STREAM_OK) return result;
    turn += (int64_t)put;
    *written += (int64_t)put;
    bytes_drop(&outgoing->head, &put);
    bytes_drop(&outgoing->data, &put);
  }
  return STREAM_WAIT_WRITE;
}

void http_outgoing_done(struct outgoing *outgoing)
{
  if (outgoing->fd >= 0) close(outgoing->fd);
  free(outgoing->piece);
  *outgoing = (struct outgoing){.fd = -1};
}
