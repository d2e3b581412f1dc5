/* What runs reads this: the directory of all trusted instances and the rights, immutable, replaced whole at each change.
 * Taken by reference count; a message is judged by one snapshot from its beginning to its end. */
#ifndef AXIS_SNAPSHOT_H
#define AXIS_SNAPSHOT_H

#include "axis/directory.h"
#include "axis/rights.h"
#include "keys/verifier.h"
#include <stdatomic.h>

/* A certificate that was found good: issued by its instance's authority for its use and name. */
struct signer { X509 *certificate; /* NULL: not usable */ struct verifier *verifier; const char *hash; int64_t from_us, to_us; const char *pem, *authority; };

struct snapshot_member { struct member row; struct signer signer; };
struct snapshot_gateway { struct gateway row; struct signer signer; const char *host; int port; };
/* Behind which gateway the systems stand that it speaks for. */
const char *snapshot_gateway_place(const struct snapshot_gateway *gateway);
struct snapshot_token { const char *hash, *system; };
struct snapshot_document { const char *instance; int64_t version; const char *note; int64_t expires_us; };

struct snapshot {
  atomic_int references;
  struct arena *arena;
  const char *instance;
  int64_t version;               /* of our own document */
  struct list members;           /* struct snapshot_member, by id */
  struct list systems;           /* struct axis_system, by id */
  struct list services;          /* struct axis_service, by id */
  struct list gateways;          /* struct snapshot_gateway, by name */
  struct list trusted;           /* struct trusted_instance, by instance */
  struct list rights;            /* struct right, by service, then id */
  struct list tokens;            /* struct snapshot_token, by hash */
  struct list documents;         /* struct snapshot_document, by instance */
};

/* The rows a snapshot is made from, as read in one transaction into the snapshot's arena. */
struct directory_rows {
  struct list members, systems, services, gateways, trusted, rights, tokens, documents;
  int64_t version;
  const char *authority;
};
extern const struct record_type snapshot_token_type, snapshot_document_type;
MUST_USE enum err directory_rows_read(struct cx *cx, struct store *store, struct directory_rows *out);

/* cx->arena becomes the snapshot's own. before: the last snapshot, whose checked certificates are used again; may be NULL. */
struct snapshot *snapshot_build(struct cx *cx, const char *instance, const struct directory_rows *rows, const struct snapshot *before);
void snapshot_release(void *snapshot); /* NULL is allowed; void * for arena_defer */

/* Each NULL when there is none; state is the caller's to look at. */
const struct snapshot_member *snapshot_member(const struct snapshot *snapshot, const char *id);
const struct axis_system *snapshot_system(const struct snapshot *snapshot, const char *id);
const struct axis_service *snapshot_service(const struct snapshot *snapshot, const char *id);
const struct snapshot_gateway *snapshot_gateway(const struct snapshot *snapshot, const char *name);
const struct snapshot_gateway *snapshot_gateway_of(const struct snapshot *snapshot, X509 *certificate);
const struct trusted_instance *snapshot_trusted(const struct snapshot *snapshot, const char *instance);
const struct snapshot_document *snapshot_document(const struct snapshot *snapshot, const char *instance);
const char *snapshot_token_system(const struct snapshot *snapshot, const char *hash);
struct list snapshot_rights(const struct snapshot *snapshot, const char *service);           /* a run of the sorted array */
struct list snapshot_services_of(const struct snapshot *snapshot, const char *system);       /* likewise */
bool signer_good(const struct signer *signer, int64_t now_us);
bool state_active(const char *state);

#endif
