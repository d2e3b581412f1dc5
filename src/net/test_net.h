/* For the tests of this floor: a server that echoes, raw conversations with it, certificates made on the spot. */
#ifndef NET_TEST_NET_H
#define NET_TEST_NET_H

#include "net/http.h"
#include <pthread.h>

struct test_net {
  struct cx *cx;
  struct loops *loops;
  struct http_server *server;
  int port;
  char folder[32];               /* for spools; removed at the end, and must be empty then */
  struct clock clock;
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  struct http_call *held;        /* of "/hold" */
  int64_t ready;                 /* calls that reached a handler */
};

/* The server's paths: /echo the body again; /facts "size memory|file sha256"; /bytes?N and /file?N that many bytes; /late after
 * 300 ms; /thread from another thread; /hold kept in `held`; /fields a field that breaks its line; /small takes 10 bytes of
 * body; /refused is refused on its head; /who the peer's common name; any other "METHOD path query". */
struct test_net *test_net_start(SSL_CTX *tls, const struct http_limits *limits, int loops);
void test_net_stop(struct test_net *net);

int test_connect(int port);
/* Sends and reads until the peer ends or wait_ms have passed without a byte. The caller frees it. NUL-terminated. */
char *test_talk(int port, const char *data, size_t size, int wait_ms, size_t *got);
char *test_read(int fd, int wait_ms, size_t *got); /* from an open connection; does not close it */

/* One ask, waited for: on a loop or not is the client's choice. */
struct test_outcome { enum err err; bool sent; int status; char *text; int64_t size; struct http_answer *answer; bool certificate; };
struct test_outcome test_ask(struct http_client *client, struct http_ask *ask);

struct test_identity { EVP_PKEY *key; char *pem; };
/* issuer NULL: an authority of its own. name: the common name; host: an alternative name or NULL. */
struct test_identity test_identity_make(const struct test_identity *issuer, const char *name, const char *host, int64_t from_s, int64_t to_s);
void test_identity_free(struct test_identity *identity);

#endif
