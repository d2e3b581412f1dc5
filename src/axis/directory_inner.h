/* The directory's parts among themselves, and what the axis needs beyond the public contract. */
#ifndef AXIS_DIRECTORY_INNER_H
#define AXIS_DIRECTORY_INNER_H

#include "axis/snapshot.h"
#include <pthread.h>

struct directory {
  struct store *store;
  struct keys *keys;
  struct arena *arena;           /* of the names below */
  const char *instance, *directory_key, *authority_key;
  struct bytes public_key;       /* of the directory key */
  const char *authority;         /* PEM */
  const struct net_allow *providers; /* NULL: anywhere */
  bool twin;                     /* another process holds the directory and authority keys */
  pthread_mutex_t change;        /* one change at a time */
  pthread_mutex_t lock;          /* the pointer below */
  struct snapshot *current;
  void (*changed)(void *user);   /* after each new snapshot; must not block */
  void *changed_user;
};

/* The snapshot in force; snapshot_release gives it back. */
struct snapshot *directory_take(struct directory *directory);
/* The same, given back when cx->arena is freed. */
const struct snapshot *directory_borrow(struct cx *cx, struct directory *directory);
/* Set once, before traffic. */
void directory_on_change(struct directory *directory, void (*changed)(void *user), void *user);
/* Runs fn as a change: one transaction with a new version when the document shows it, then document and snapshot. */
MUST_USE enum err directory_change(struct cx *cx, struct directory *directory, store_fn *fn, void *arg, bool published);
/* Makes a key when there is none, and a certificate of our authority for it. host: of gateways, else NULL. */
MUST_USE enum err directory_issue(struct cx *cx, struct directory *directory, const char *key_name, const char *common_name,
                                  const char *host, const char **pem);
/* A certificate of our authority over a public key that was brought to us. ERR_CONFLICT where another process holds the authority. */
MUST_USE enum err directory_certify(struct cx *cx, struct directory *directory, struct bytes spki, const char *common_name,
                                    const char *host, const char **pem);
/* Reads the store again: another process changed it. */
MUST_USE enum err directory_reload(struct cx *cx, struct directory *directory);
/* "member-GOV-H01-07" for H01/GOV/H01.07; NULL when the name has signs that a key's name can't carry. */
const char *member_key_name(struct arena *arena, const char *member);
/* The row of our authority; ERR_NOT_FOUND before the first start ended. */
MUST_USE enum err directory_authority_read(struct cx *cx, struct store *store, const char **pem);
/* A document of that version, in force or not: for receipts. ERR_NOT_FOUND. */
MUST_USE enum err directory_note_at(struct cx *cx, struct directory *directory, const char *instance, int64_t version, const char **note);
/* Publishes anew when the document would expire within half of its life, or when a change did not come that far. */
MUST_USE enum err directory_renew(struct cx *cx, struct directory *directory);

/* ---- The document ---- */
struct published_system { const char *id, *name, *gateway, *state; };
struct published_trust { const char *instance, *directory_key; };
struct document {
  const char *instance;
  int64_t version, issued_us, expires_us;
  const char *authority;         /* PEM */
  struct list members, systems, services, gateways, trusted; /* struct member, published_system, axis_service, gateway, published_trust */
};
extern const struct record_type document_type;
enum { DOCUMENT_ROWS_MAX = 1000000, DOCUMENT_BYTES_MAX = 64 << 20, PEM_MAX = 16000 };
#define DOCUMENT_LIFE_US (30 * DAY_US)
/* The text of a note is one line of JSON. Not checked here. */
MUST_USE enum err document_read(struct cx *cx, const char *note, struct document *out);
MUST_USE enum err document_publish(struct cx *cx, struct directory *directory, const struct directory_rows *rows, const char **note);
const char *document_signer(struct arena *arena, const char *instance); /* "H01/directory" */

#endif
