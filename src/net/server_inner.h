/* Inside the server: the server itself (server.c), its connections (connection.c) and their answers (reply.c).
 *
 * A connection belongs to one loop and is touched by its thread alone. An exchange is one request with its answer; while a
 * handler has it, the connection may end: the exchange then goes on without one until http_reply brings it home. */
#ifndef NET_SERVER_INNER_H
#define NET_SERVER_INNER_H

#include "net/framing.h"
#include "net/outgoing.h"
#include "net/peers.h"
#include "net/spool.h"
#include <pthread.h>
#include <stdatomic.h>

struct connection;

struct http_server {
  struct loops *loops;
  struct http_service service;
  struct http_limits limits;
  SSL_CTX *tls;
  char *spool_folder, *unix_path;
  struct loop *door;             /* the loop that takes connections in */
  int listen_fd;
  struct watch *listen_watch;
  struct timer *listen_pause;    /* while no descriptors are free */
  atomic_int holders;            /* freed with the last: the owner, each connection, each exchange */
  atomic_bool draining;
  atomic_llong requests, refused, bytes_in, bytes_out;
  pthread_mutex_t mutex;
  pthread_cond_t changed;        /* of the three below */
  int connections;
  bool door_closed;
  struct peers *peers;           /* NULL: no limit a peer */
  struct connection *lists[];    /* one a loop, touched by that loop alone */
};

struct exchange {
  struct http_call call;         /* first: http_reply gets only this */
  struct http_server *server;
  struct connection *connection; /* NULL: it has ended */
  struct http_answer answer;
  int minor;
  bool keep, head_only;
  atomic_bool replied;
};

/* Takes the descriptor in; on the loop's thread. */
void http_connection_start(struct http_server *server, struct loop *loop, int fd, const char *peer);
void http_connection_end(struct connection *connection);
/* Ends it if nothing is under way on it, otherwise after the answer under way. */
void http_connection_drain(struct connection *connection);
struct connection *http_connection_next(struct connection *connection);
/* The answer is there: connection.c sends it. */
void http_connection_answer(struct connection *connection);

void http_server_hold(struct http_server *server);
void http_server_release(struct http_server *server);
void http_server_connection_ended(struct http_server *server, const char *peer);

/* reply.c */
struct exchange *http_exchange_new(struct http_server *server, struct connection *connection);
void http_exchange_free(struct exchange *exchange);
/* The answer's head with small bodies behind it, in the call's arena; *body: what is to be sent after it, or NULL. */
struct bytes http_exchange_write_head(struct exchange *exchange, bool keep, const struct http_body **body);
/* A short answer of the server's own. */
void http_exchange_refuse(struct exchange *exchange, int status);

#endif
