/* The axis' parts among themselves. */
#ifndef AXIS_AXIS_INNER_H
#define AXIS_AXIS_INNER_H

#include "axis/axis.h"
#include "axis/directory_inner.h"
#include "axis/fault.h"
#include "axis/guard.h"
#include "axis/peers.h"
#include "base/worker.h"

enum {
  AXIS_BODY_MAX = 100 << 20,     /* of a request or an answer */
  AXIS_BODY_STRANGER_MAX = 64 << 10,
  AXIS_WAIT_MS = 30000,
  AXIS_USER_MAX = 200, AXIS_ID_MAX = 200
};
#define DIRECTORY_KEY "directory"
#define AUTHORITY_KEY "authority"
#define JOURNAL_KEY "journal"
#define GATEWAY_KEY "gateway"

struct axis {
  struct cx *cx;                 /* owns the names below */
  const char *instance, *folder, *gateway_public, *gateway_pem;
  const char *gateway_name;      /* behind which our systems stand */
  const char *gateway_own;       /* of this process: the same, or that of a twin */
  struct store *store;
  struct keys *keys;
  struct loops *loops;
  struct workers *workers;       /* the node's: they run services */
  struct workers *chores;        /* ours: what nobody waits for, and hashing of great bodies */
  const struct clock *clock;
  struct log *log;
  const struct axis_local *locals; size_t local_count;
  struct directory *directory;
  struct journal *journal;
  struct guard *guard;
  struct peers *peers;
  struct net_allow *providers;   /* NULL: anywhere */
  struct http_client *client;
  struct http_server *information, *gateway;
  int information_port, gateway_port;
  struct federation *federation; /* NULL: of a twin */
  struct sharing *sharing;       /* NULL: nobody shares the store */
  struct exchange_index *index;
  atomic_llong exchanges, refused, failed;
  pthread_mutex_t lock;          /* running */
  pthread_cond_t quiet;
  int64_t running;
  bool closing;
};

/* A context for work that belongs to no request; ended by cx_free_alone. */
struct cx *axis_context(struct axis *axis);
/* Counts what axis_close waits for. False: the axis is closing; it is counted all the same. */
MUST_USE bool axis_running_more(struct axis *axis);
void axis_running_less(struct axis *axis);

/* ---- registration.c: this node's gateway, members, systems and services, as far as they are not in the directory ---- */
MUST_USE enum err axis_register(struct cx *cx, struct axis *axis);
MUST_USE enum err axis_gateway_certificate(struct cx *cx, struct axis *axis); /* fills axis->gateway_pem */

/* ---- twin.c, sharing.c: several processes on one store ---- */
MUST_USE enum err twin_check(struct cx *cx, struct axis *axis); /* are we whom the directory names? */
MUST_USE enum err sharing_start(struct cx *cx, struct axis *axis, struct sharing **out);
void sharing_stop(struct sharing *sharing);
int64_t sharing_behind_us(const struct sharing *sharing); /* since when others' changes may be unknown */
const char *axis_journal_first(struct arena *arena, const char *gateway); /* the name of its first log */

/* ---- gateway.c, information.c: the two doors ---- */
MUST_USE enum err gateway_start(struct cx *cx, struct axis *axis, const char *address);
MUST_USE enum err information_start(struct cx *cx, struct axis *axis, const char *address);

/* ---- federation.c ---- */
MUST_USE enum err federation_start(struct cx *cx, struct axis *axis, struct federation **out);
void federation_stop(struct federation *federation);  /* starts no more fetches; those under way are counted as running */
void federation_free(struct federation *federation);
void federation_changed(void *federation);                              /* our directory is another: tell the others */
void federation_poke(struct federation *federation, const char *instance); /* theirs is another: fetch it; NULL: all */

/* ---- witness.c: checkpoints of other instances' journals; instance: its name, or that of one more gateway of it ---- */
struct witness_row { const char *instance, *origin; int64_t size; const char *note; };
MUST_USE enum err witness_seen(struct cx *cx, struct axis *axis, const char *instance, struct witness_row *out); /* ERR_NOT_FOUND */
/* ERR_CONFLICT: the log does not hold what it held before; what was seen first is kept. proof: from the size seen to the note's. */
MUST_USE enum err witness_take(struct cx *cx, struct axis *axis, const char *instance, const char *note, const struct merkle_proof *proof);

/* ---- exchange_index.c: the rows that operators list ---- */
MUST_USE enum err exchange_index_open(struct cx *cx, struct axis *axis, struct exchange_index **out);
void exchange_index_close(struct exchange_index *index);
/* An entry was recorded: called in the order of the entries. */
void exchange_index_add(struct exchange_index *index, int64_t entry, const struct evidence *evidence);

#endif
