/* One non-blocking connection, plain or TLS: the same calls for both, each saying what to wait for when it cannot go on. */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include "net/loop.h"
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/uio.h>

enum stream_result {
  STREAM_OK,
  STREAM_WAIT_READ = EPOLLIN,   /* try again when the descriptor can be read … */
  STREAM_WAIT_WRITE = EPOLLOUT, /* … or written */
  STREAM_END = 1 << 20,         /* the peer has ended its side in good order */
  STREAM_BROKEN                 /* anything else */
};

struct stream { int fd; SSL *ssl; };

/* Takes the descriptor. tls NULL: plain. Certificates are judged at now_us. */
void stream_open(struct stream *stream, int fd, SSL_CTX *tls, bool server, int64_t now_us);
/* For a client, before the handshake: the name the peer's certificate must carry. A host name or an address is looked for in
 * the alternative names; a name with '/' ("H01/gateway") is the common name, which stream_handshake then compares. */
MUST_USE bool stream_expect(struct stream *stream, const char *name);
MUST_USE enum stream_result stream_handshake(struct stream *stream, const char *name); /* name: as given to stream_expect, or NULL */
MUST_USE enum stream_result stream_read(struct stream *stream, void *data, size_t room, size_t *got);
/* Writes some of the first non-empty pieces; *put may be less than all. */
MUST_USE enum stream_result stream_write(struct stream *stream, const struct iovec *pieces, int count, size_t *put);
/* Bytes that were taken from the descriptor already, which epoll therefore does not tell of. */
bool stream_holds(const struct stream *stream);
/* Ends our side: nothing more will be written. */
void stream_finish(struct stream *stream);
void stream_close(struct stream *stream);

#endif
