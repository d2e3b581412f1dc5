/* One non-blocking connection, plain or TLS. OpenSSL works on the socket itself; its error queue is a thread's, so it is
 * emptied before each call. SIGPIPE cannot come: loops have it blocked. */
#include "net/stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void stream_open(struct stream *stream, int fd, SSL_CTX *tls, bool server, int64_t now_us)
{
  *stream = (struct stream){.fd = fd};
  if (!tls) return;
  stream->ssl = SSL_new(tls);
  if (!stream->ssl || SSL_set_fd(stream->ssl, fd) != 1) abort();
  SSL_set_mode(stream->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  X509_VERIFY_PARAM_set_time(SSL_get0_param(stream->ssl), (time_t)(now_us / SECOND_US));
  if (server) SSL_set_accept_state(stream->ssl);
  else SSL_set_connect_state(stream->ssl);
}

static bool name_is_address(const char *name)
{
  unsigned char ignored[16];
  return inet_pton(AF_INET, name, ignored) == 1 || inet_pton(AF_INET6, name, ignored) == 1;
}

bool stream_expect(struct stream *stream, const char *name)
{
  if (!stream->ssl || strchr(name, '/')) return true;
  if (name_is_address(name)) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(stream->ssl), name) == 1;
  SSL_set_hostflags(stream->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(stream->ssl, name) == 1 && SSL_set_tlsext_host_name(stream->ssl, name) == 1;
}

static enum stream_result tls_result(struct stream *stream, int result)
{
  switch (SSL_get_error(stream->ssl, result)) {
    case SSL_ERROR_NONE: return STREAM_OK;
    case SSL_ERROR_WANT_READ: return STREAM_WAIT_READ;
    case SSL_ERROR_WANT_WRITE: return STREAM_WAIT_WRITE;
    case SSL_ERROR_ZERO_RETURN: return STREAM_END;
    default: return STREAM_BROKEN;
  }
}

static bool common_name_is(const struct stream *stream, const char *name)
{
  char found[256];
  X509 *certificate = SSL_get0_peer_certificate(stream->ssl);
  if (!certificate) return false;
  int size = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, found, sizeof found);
  return size > 0 && (size_t)size == strlen(found) && strcmp(found, name) == 0;
}

enum stream_result stream_handshake(struct stream *stream, const char *name)
{
  if (!stream->ssl) return STREAM_OK;
  ERR_clear_error();
  enum stream_result result = tls_result(stream, SSL_do_handshake(stream->ssl));
  if (result == STREAM_OK && name && strchr(name, '/') && !common_name_is(stream, name)) return STREAM_BROKEN;
  return result;
}

static enum stream_result socket_result(uint32_t wait)
{
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return (enum stream_result)wait;
  return STREAM_BROKEN;
}

enum stream_result stream_read(struct stream *stream, void *data, size_t room, size_t *got)
{
  *got = 0;
  if (stream->ssl) {
    ERR_clear_error();
    return tls_result(stream, SSL_read_ex(stream->ssl, data, room, got));
  }
  ssize_t count = recv(stream->fd, data, room, 0);
  if (count < 0) return socket_result(STREAM_WAIT_READ);
  *got = (size_t)count;
  return count == 0 ? STREAM_END : STREAM_OK;
}

enum stream_result stream_write(struct stream *stream, const struct iovec *pieces, int count, size_t *put)
{
  *put = 0;
  if (stream->ssl) {
    while (count > 1 && pieces->iov_len == 0) pieces++, count--;
    ERR_clear_error();
    return tls_result(stream, SSL_write_ex(stream->ssl, pieces->iov_base, pieces->iov_len, put));
  }
  struct msghdr message = {.msg_iov = (struct iovec *)(uintptr_t)pieces, .msg_iovlen = (size_t)count};
  ssize_t sent = sendmsg(stream->fd, &message, MSG_NOSIGNAL);
  if (sent < 0) return socket_result(STREAM_WAIT_WRITE);
  *put = (size_t)sent;
  return STREAM_OK;
}

bool stream_holds(const struct stream *stream)
{
  return stream->ssl && SSL_has_pending(stream->ssl);
}

void stream_finish(struct stream *stream)
{
  if (stream->ssl && SSL_is_init_finished(stream->ssl)) {
    ERR_clear_error();
    SSL_shutdown(stream->ssl);
  }
  shutdown(stream->fd, SHUT_WR);
}

void stream_close(struct stream *stream)
{
  SSL_free(stream->ssl);
  if (stream->fd >= 0) close(stream->fd);
  *stream = (struct stream){.fd = -1};
}
