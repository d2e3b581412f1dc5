/* Inside the client: asks and the targets they wait at (client.c), links to targets (link.c), names to addresses (lookup.c).
 *
 * Everything of a target belongs to one loop and is touched by its thread alone; each loop has targets of its own. */
#ifndef NET_CLIENT_INNER_H
#define NET_CLIENT_INNER_H

#include "base/worker.h"
#include "net/framing.h"
#include "net/outgoing.h"
#include "net/spool.h"
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>

struct link;
struct target;

struct http_client {
  struct loops *loops;
  char *spool_folder;
  int links_max;                 /* a target and loop */
  struct workers *names;
  atomic_bool closing;
  pthread_mutex_t mutex;
  pthread_cond_t changed;        /* of the two below */
  int64_t jobs;
  int shares_closed;
  struct target *targets[];      /* one list a loop */
};

/* One ask on its way. */
struct job {
  struct http_client *client;
  struct loop *loop;
  struct http_ask ask;
  void (*done)(void *, const struct http_outcome *);
  void *user;
  struct target *target;
  struct link *link;             /* NULL: it waits in the target's queue */
  struct timer *timer;
  struct job *next;              /* in that queue */
  bool sent, retried;
  bool refused;                  /* the host's addresses are not allowed */
};

struct target {
  struct http_client *client;
  struct loop *loop;
  struct target *next;
  char *host, *tls_name;
  int port;
  SSL_CTX *tls;
  const struct net_allow *allow;
  struct link *links;
  int link_count;
  struct job *first, *last;      /* the queue */
  size_t waiting;
};

/* ---- client.c ---- */
/* Ends the job: done is called, the job is gone. The link must have let go of it. */
void http_job_end(struct job *job, enum err err, struct http_answer *answer, X509 *certificate);
/* Tries once more on a new link. */
void http_job_again(struct job *job);
/* A link has become free or has gone: the queue moves on, or the target is dropped when nothing is left of it. */
void http_target_move(struct target *target);
struct job *http_target_take(struct target *target); /* the first of the queue, or NULL */

/* ---- link.c ---- */
/* A new connection for this job. */
void http_link_open(struct target *target, struct job *job);
/* An idle link that still stands, or NULL. */
struct link *http_link_idle(struct target *target);
void http_link_serve(struct link *link, struct job *job);
/* Ends the link without a word to its job. */
void http_link_close(struct link *link);
void http_link_close_idle(struct target *target);   /* and keeps those at work from being used again */
struct job *http_link_job(struct link *link);
/* The addresses have been found, NULL: none. The link owns them. */
void http_link_found(struct link *link, struct addrinfo *addresses);

/* ---- lookup.c ---- */
struct lookup;
/* Calls http_link_found on the loop, later. */
struct lookup *http_lookup_start(struct link *link, struct target *target);
void http_lookup_leave(struct lookup *lookup);      /* the link has gone */

#endif
