/* What the axis itself says when it refuses or fails: X-Road's error codes and documents. A provider's own error is not one. */
#ifndef AXIS_FAULT_H
#define AXIS_FAULT_H

#include "net/http.h"

enum fault {
  FAULT_NONE = 0,
  FAULT_BAD_REQUEST,          /* the request breaks the protocol */
  FAULT_WHO,                  /* no token, a wrong one, or one of another system */
  FAULT_NO_MEMBER_HERE,       /* seen by the consumer's gateway: no such system in any trusted directory */
  FAULT_NO_SERVER,            /* X-Road-Security-Server names another one */
  FAULT_NETWORK,              /* the provider's gateway can't be reached or broke off */
  FAULT_ANSWER,               /* its answer is not signed as it must be */
  FAULT_CLIENT_BUSY,
  FAULT_CLIENT_INTERNAL,
  FAULT_TLS,                  /* seen by the provider's gateway: the peer is no active gateway of the directory */
  FAULT_SIGNATURE,            /* signature, digest, window or replay */
  FAULT_NO_MEMBER,
  FAULT_NO_SERVICE,
  FAULT_DENIED,
  FAULT_QUOTA,
  FAULT_SERVICE,              /* the provider can't be reached, or broke off */
  FAULT_ADDRESS,              /* its address is outside of the networks that the operator allowed */
  FAULT_SERVER_BUSY,
  FAULT_SERVER_INTERNAL,
  FAULT_COUNT
};

const char *fault_code(enum fault fault);    /* "Server.ServerProxy.AccessDenied"; NULL for FAULT_NONE */
int fault_status(enum fault fault);
enum fault fault_by_code(const char *code);  /* FAULT_NONE when it is no code of ours */
/* Was it found before the provider could be reached? */
bool fault_before_call(enum fault fault);
/* Fills an answer: status, X-Road-Error, and the document as JSON, or XML where accept prefers it. subject: whom or what it is about;
 * tracking: the exchange's id. Both may be NULL. */
void fault_answer(struct arena *arena, enum fault fault, const char *subject, const char *tracking, const char *accept, struct http_answer *out);

#endif
