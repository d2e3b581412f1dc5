/* Services: what a system offers on the axis, as rows. The same rows feed listMethods, rights and OpenAPI. */
#ifndef AXIS_SERVICE_H
#define AXIS_SERVICE_H

#include "net/http.h"
#include "people/here.h"

struct service_call {
  struct here *here;              /* of the providing system */
  const char *consumer;           /* "H01/GOV/H01.01/onestop" */
  const char *request_id;         /* X-Road-Id: stable over repetitions; the inbox's key */
  const char *user;               /* X-Road-UserId, or NULL */
  const char *const *path;        /* values of {name} in the row's path, in order, decoded */
  const char *query;              /* raw */
  const void *ask;                /* of the row's ask type; NULL when it has none */
  void *answer;                   /* zeroed, of the row's answer type */
  int status;                     /* 200 unless the handler says otherwise */
  void (*after)(struct here *here); /* run after the commit, when set: outbox wake and the like */
};

struct service {
  const char *code;               /* service code: "register" */
  const char *method;
  const char *path;               /* below the service: "" or "/{number}" */
  const struct record_type *ask, *answer; /* JSON bodies */
  bool once;                      /* a change: effect once by the inbox, in one transaction with the handler */
  /* tx: a write transaction when once, else a read. Same rules and store as pages. Errors become problem+json:
   * ERR_INPUT 400 with fields, ERR_NOT_FOUND 404, ERR_CONFLICT 409 … */
  enum err (*handle)(struct cx *cx, struct tx *tx, struct service_call *call);
  const char *word;
};

/* The call as the gateway hands it to one of our systems; the answer's memory is in cx->arena. */
MUST_USE enum err service_dispatch(struct cx *cx, struct here *here, const struct service *services, size_t count,
                                   const char *code, const struct http_call *request, struct service_call *call, struct http_answer *answer);

#endif
