/* The directory of an instance: members, systems, services, gateways, certificates, trusted instances; and the rights.
 *
 * The operator's node keeps them as rows (schema `axis`) and publishes one signed document a change: JSON, a version
 * that only grows, an expiry, signed as a note by the instance's directory key. A gateway lives on its last good copy and never
 * takes a lower version. Rights are not in the document: the providing gateway alone knows and checks them.
 * What runs reads an immutable snapshot in memory, replaced at each change, so that a change holds at once. */
#ifndef AXIS_DIRECTORY_H
#define AXIS_DIRECTORY_H

#include "keys/certificate.h"
#include "store/store.h"

struct member { const char *id; /* "H01/GOV/H01.07" */ const char *name; const char *certificate; /* PEM */ const char *state; /* "active" "suspended" */ };
struct axis_system { const char *id; /* "H01/GOV/H01.07/household" */ const char *name; const char *gateway; /* gateway's name */ const char *url; /* foreign provider's base URL, NULL: one of ours; never published */
  const char *state; };
struct axis_service { const char *id; /* system/code */ const char *name, *kind; /* "REST" "OPENAPI" */ const char *endpoints; /* "GET /x\nPOST /y" */ };
struct gateway { const char *name; /* "H01/gateway" */ const char *address; /* host:port */ const char *certificate; /* TLS, PEM */ const char *journal_origin, *journal_key; /* base64 SPKI */
  const char *twin_of; /* it speaks for the systems behind that gateway of its instance; NULL: for its own */ const char *state; };
struct trusted_instance { const char *instance; /* "VN" */ const char *directory_key; /* base64 SPKI */ const char *url; /* where its document is fetched: gateway host:port */ const char *state; };
struct right { int64_t id; const char *consumer, *service, *method, *path; /* pattern: path.h */ const char *purpose, *legal_basis;
  int64_t valid_from, valid_to; /* µs; NONE_DATE open */ int64_t quota_per_minute; /* 0: none */ const char *state; /* "granted" "revoked" */ const char *granted_by; };
extern const struct record_type member_type, axis_system_type, axis_service_type, gateway_type, trusted_instance_type, right_type;

struct directory;
struct net_allow;

struct directory_wish { struct store *store; struct keys *keys; const char *instance; const char *directory_key_name; const char *authority_key_name;
  const char *directory_key; /* base64 SPKI: another process holds it, and changes what is published; NULL: ours */
  const struct net_allow *providers; /* where a foreign provider's URL may lead; NULL: anywhere. Must outlive */ };
MUST_USE enum err directory_open(struct cx *cx, const struct directory_wish *wish, struct directory **out);
void directory_close(struct directory *directory);

/* Changes: rows, action log, new document, new snapshot: all in force when they return. Where another process holds the directory key,
 * whatever shows in the document is ERR_CONFLICT "axis.error.twin"; rights and tokens change everywhere. */
MUST_USE enum err directory_put_member(struct cx *cx, struct directory *directory, const struct member *member);
MUST_USE enum err directory_put_system(struct cx *cx, struct directory *directory, const struct axis_system *system);
MUST_USE enum err directory_put_service(struct cx *cx, struct directory *directory, const struct axis_service *service);
MUST_USE enum err directory_put_gateway(struct cx *cx, struct directory *directory, const struct gateway *gateway);
MUST_USE enum err directory_put_trusted(struct cx *cx, struct directory *directory, const struct trusted_instance *instance);
MUST_USE enum err right_grant(struct cx *cx, struct directory *directory, const struct right *right, int64_t *id);
MUST_USE enum err right_revoke(struct cx *cx, struct directory *directory, int64_t id);
/* A new random token of an information system; only its hash is kept. Shown once. */
MUST_USE enum err system_token_make(struct cx *cx, struct directory *directory, const char *system, const char **token);
/* A foreign instance's document: checked against the trusted key, refused when its version is lower. */
MUST_USE enum err directory_take_foreign(struct cx *cx, struct directory *directory, const char *note);

MUST_USE enum err member_list(struct cx *cx, struct directory *directory, struct list *out);
MUST_USE enum err system_list(struct cx *cx, struct directory *directory, struct list *out);
MUST_USE enum err axis_service_list(struct cx *cx, struct directory *directory, const char *system, struct list *out);
MUST_USE enum err gateway_list(struct cx *cx, struct directory *directory, struct list *out);
MUST_USE enum err trusted_list(struct cx *cx, struct directory *directory, struct list *out);
MUST_USE enum err right_list(struct cx *cx, struct directory *directory, const char *service, struct list *out); /* service NULL: all */

/* The signed document now in force, of our instance or a trusted one; allocated in the arena. */
const char *directory_note(struct cx *cx, struct directory *directory, const char *instance);
int64_t directory_version(struct directory *directory);
struct bytes directory_public_key(struct cx *cx, struct directory *directory);

#endif
