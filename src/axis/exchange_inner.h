/* One exchange on its way. It belongs to one loop; each step ends by starting something that waits, and that posts the next
 * step back to the loop. So only one thread works on an exchange at any time.
 *
 *   consumer's gateway (exchange.c)   check → sign → send → check the answer → journal → give the answer
 *   provider's gateway (gateway.c)    check → journal the request → call (provider.c) → sign → journal the outcome → answer
 *   both in one node (exchange.c)     check → sign → call → sign → journal → give the answer */
#ifndef AXIS_EXCHANGE_INNER_H
#define AXIS_EXCHANGE_INNER_H

#include "axis/axis_inner.h"
#include "axis/forward.h"
#include "keys/message_signature.h"

#define GATEWAY_PREFIX "/axis/1"
#define CLIENT_PREFIX "/r1"

struct exchange;
typedef void exchange_step(struct exchange *exchange);

/* A message between gateways: what is signed, and its signature. */
struct exchange_message { struct http_fields fields; struct signed_message message; };

struct exchange {
  struct axis *axis;
  struct cx cx;                          /* its arena is the caller's */
  struct loop *loop;
  const struct snapshot *snapshot;       /* judges it from beginning to end */
  struct axis_path path;
  const char *consumer, *method, *target, *user, *request_id, *exchange_id;
  bool id_made;
  const struct snapshot_member *consumer_member, *provider_member;
  const struct axis_system *system;      /* the provider's */
  const struct snapshot_gateway *peer;   /* the other gateway; NULL when both systems are ours */
  const struct right *right;
  struct http_fields fields;             /* of the request as the provider gets them */
  struct http_body body;
  uint8_t body_sha512[SHA512_SIZE];
  struct exchange_message request, reply;
  struct evidence evidence;

  enum fault fault;                      /* the axis itself refused or failed; subject: about what */
  const char *fault_subject;
  const char *remote_error;              /* X-Road-Error of the other gateway */
  bool reached;
  struct http_answer provided;           /* the provider's answer, or ours for it: end-to-end fields only */
  int64_t index;                         /* of the journal's entry; -1: none */

  int64_t wait_ms_max;
  exchange_step *next;                   /* what goes on when the step that waits is done */
  enum forward_side signing;
  struct received_signature own;         /* what is being signed; the evidence keeps it as a receiver reads it */
  enum err err;                          /* of the step that waited */

  void (*done)(void *user, const struct axis_outcome *outcome);
  void *done_user;
  struct http_call *call;                /* the gateway's, when it came from there */
};

/* ---- exchange_steps.c: what both gateways do ---- */
void exchange_init(struct exchange *exchange, struct axis *axis, struct arena *arena, struct loop *loop);
void exchange_go(struct exchange *exchange, exchange_step *next); /* posts the step to the loop; any thread */
void exchange_fail(struct exchange *exchange, enum fault fault, const char *subject);
/* Finds the provider's system, member and gateway for exchange->path; consumer_member for exchange->consumer. False: failed. */
MUST_USE bool exchange_find(struct exchange *exchange);
/* Service known, right granted, quota left, journal not full; sets exchange->right. False: failed. */
MUST_USE bool exchange_permitted(struct exchange *exchange);
/* Signs exchange->request or ->reply in the member's name, with what goes into the evidence; then next, with exchange->err. */
void exchange_sign(struct exchange *exchange, enum forward_side side, const struct snapshot_member *signer, exchange_step *next);
/* Checks what came from the other gateway. False: not as it must be. */
MUST_USE bool exchange_check_signature(struct exchange *exchange, enum forward_side side, const struct snapshot_member *signer);
/* Appends the evidence; then next, with exchange->err and ->index. */
void exchange_record(struct exchange *exchange, const char *kind, exchange_step *next);
void exchange_request_fill(struct exchange *exchange);   /* exchange->request from ->fields and ->body */
void exchange_reply_fill(struct exchange *exchange);     /* exchange->reply from ->provided, or from the fault */
void exchange_fault_fill(struct exchange *exchange);     /* ->provided says the fault */
void exchange_count(struct exchange *exchange);          /* at its end */
MUST_USE bool body_digest_matches(const struct http_fields *fields, const struct http_body *body);

/* ---- provider.c: fills exchange->provided or fails; then next ---- */
void provider_call(struct exchange *exchange, exchange_step *next);
const struct axis_local *axis_local_find(const struct axis *axis, const char *system); /* NULL: not one of ours */

/* ---- meta.c: listMethods, allowedMethods, getOpenAPI, listClients ---- */
bool meta_is(const char *code);
void meta_answer(struct exchange *exchange);
void meta_list_clients(struct arena *arena, const struct snapshot *snapshot, const char *instance, struct http_answer *out);

/* ---- openapi.c: of a service with these endpoints (struct openapi_endpoint); local: whose rows know more, or NULL ---- */
struct openapi_endpoint { const char *method, *path; };
const char *openapi_write(struct arena *arena, const struct axis_service *service, const struct axis_local *local, const struct list *endpoints);

#endif
