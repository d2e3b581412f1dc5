/* The axis of a node: exchanges between systems, near and far, with rights, signatures and evidence.
 *
 * Towards information systems it speaks X-Road's REST protocol /r1 (docs/axis.md); between gateways, signed HTTP over
 * mutually authenticated TLS 1.3 (POST-like pass-through under /axis/1/…). axis_exchange is the one way in: /r1, pages and outboxes use it. */
#ifndef AXIS_AXIS_H
#define AXIS_AXIS_H

#include "axis/directory.h"
#include "axis/journal.h"
#include "axis/service.h"

struct axis;

/* One of our systems on this node, as a provider. */
struct axis_local { struct here *here; const struct service *services; size_t service_count; };

struct axis_wish {
  const char *instance;                 /* "H01" */
  const char *folder;                   /* data folder: journal/, spool/ */
  const char *store_url;
  struct keys *keys;
  struct loops *loops;
  struct workers *workers;              /* run our systems' services */
  const struct clock *clock; struct log *log;
  const char *information_address;      /* /r1 for information systems: "127.0.0.1:8081" */
  const char *gateway_address;          /* other gateways: "127.0.0.1:8082" */
  const char *gateway_public;           /* host:port as others reach it */
  const struct axis_local *locals; size_t local_count;
  const char *twin_gateway;             /* "H01/gateway-2": another process of this node is the first, and admitted this one; NULL: the first */
  const char *directory_key;            /* base64 SPKI: of a twin alone */
  const char *provider_networks;        /* where foreign providers may be: net/allow.h; NULL: anywhere */
};
/* Opens the store, the directory and the journal, makes keys and certificates at the first start, registers the local systems
 * and their services, and listens. */
MUST_USE enum err axis_open(struct cx *cx, const struct axis_wish *wish, struct axis **out);
void axis_close(struct axis *axis); /* drains */
struct directory *axis_directory(struct axis *axis);
/* May a provider's URL be called, as far as can be told without asking for a name? What is no URL may. */
bool axis_may_call(const struct axis *axis, const char *url);
struct journal *axis_journal(struct axis *axis);
struct store *axis_store(struct axis *axis);
int axis_information_port(const struct axis *axis);
int axis_gateway_port(const struct axis *axis);

struct axis_ask {
  struct arena *arena;                  /* lives until done */
  const char *consumer;                 /* I/C/M/S; already authenticated */
  const char *service;                  /* I/C/M/S/code */
  const char *method, *path;            /* raw path (and ?query) below the service */
  const char *request_id;               /* X-Road-Id, or NULL to have one made */
  const char *user;                     /* X-Road-UserId, or NULL */
  struct http_fields fields;            /* end-to-end fields that go along */
  struct http_body body;
  int64_t wait_ms_max;                  /* 0: 30,000 */
};
struct axis_outcome {
  struct http_answer answer;            /* the provider's, or the axis's own error document */
  const char *axis_error;               /* X-Road-Error when the axis itself refused or failed, else NULL */
  bool reached;                         /* the provider may have seen it */
  const char *request_id, *exchange_id;
  const char *receipt;                  /* "<origin>:<index>" of the journal entry, or NULL */
};
/* Any thread; done on a loop. */
void axis_exchange(struct axis *axis, const struct axis_ask *ask, void (*done)(void *user, const struct axis_outcome *outcome), void *user);

/* Exchanges as the operator sees them: an index of journal entries (no bodies). Newest first, by key. */
struct exchange_row { int64_t index; const char *request_id, *exchange_id, *consumer, *service, *method, *axis_error, *role; int64_t status, at_us; };
extern const struct record_type exchange_type;
MUST_USE enum err exchange_list(struct cx *cx, struct axis *axis, const char *request_id, int64_t before, size_t max, struct list *out);

/* ---- Receipts: what convinces a stranger offline ---- */
/* JSON of one form only (any other byte is refused): origin, index, size, path, checkpoint note, salt, record, and the directory
 * documents that name the signers. ERR_AGAIN while no checkpoint covers the entry yet. */
MUST_USE enum err receipt_make(struct cx *cx, struct axis *axis, int64_t index, const char **json);
struct receipt_finding { struct evidence evidence; struct checkpoint checkpoint; const char *members; };
/* Trusts directory_key (base64 SPKI of the instance) alone. On refusal the problem says what does not hold. */
MUST_USE enum err receipt_verify(struct cx *cx, struct bytes receipt, const char *directory_key, struct receipt_finding *out);

/* ---- Federation: two operators exchange documents and certificate requests, nothing else crosses ---- */
/* Trusts an instance: its directory key was compared out of band. Fetches its document now and every few seconds. */
MUST_USE enum err axis_trust(struct cx *cx, struct axis *axis, const char *instance, const char *directory_key, const char *gateway_host_port);

/* ---- Several processes on one PostgreSQL ---- */
/* What the first process learns of a twin: public keys (base64 SPKI), and where its gateway will be reached. */
struct axis_twin { const char *gateway_key, *journal_key, *address; };
/* Certifies the twin's gateway and takes it into the directory; the same journal key again: the same gateway, anew. *gateway: its name.
 * ERR_CONFLICT: the store is not shared, there are 16 twins, or this process is not the first. */
MUST_USE enum err axis_admit_twin(struct cx *cx, struct axis *axis, const struct axis_twin *twin, const char **gateway);
/* Nobody takes anything from that gateway any more, until it is admitted again; its journal's receipts hold. ERR_NOT_FOUND: no twin of ours. */
MUST_USE enum err axis_end_twin(struct cx *cx, struct axis *axis, const char *gateway);

struct axis_health { bool journal_ok, directory_ok; int64_t journal_size, checkpoint_age_us, directory_version; int64_t exchanges, refused, failed, running; };
struct axis_health axis_health(struct axis *axis);

#endif
