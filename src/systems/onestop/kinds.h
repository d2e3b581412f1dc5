/* What differs from procedure to procedure: the request's record, whom it asks over the axis and when, and what must be known.
 * A further procedure of a known kind is a catalogue row; a new kind is a row here, a record and a template. */
#ifndef ONESTOP_KINDS_H
#define ONESTOP_KINDS_H

#include "systems/onestop/catalogue_model.h"
#include "systems/onestop/model.h"

struct ask_facts { const struct dossier *dossier; const struct dossier_exchange *known; const char *issuer; int64_t today; };

/* An exchange that an action sets in motion. */
struct kind_ask {
  const char *action;         /* "forward" */
  const char *part, *code;    /* "justice", "lookup": here_service finds whom */
  const char *purpose;        /* "justice.lookup" */
  bool holds;                 /* the dossier waits for the answer */
  const char *(*body)(struct cx *cx, const struct ask_facts *facts);
};

struct kind {
  const char *name;
  const struct record_type *request;
  const struct kind_ask *asks; size_t ask_count;
  const char *known_purpose;  /* its answer must be there before a proposal; NULL: none */
  /* Rules of the request beyond its fields. */
  enum err (*check)(struct cx *cx, const struct intake *intake, const void *request);
  const char *(*place)(const void *request);   /* the unit that counts for decider_place "business"; NULL: none */
  const char *(*words)(const void *request);   /* further text to be found by; may be NULL */
};

const struct kind *kind_find(const char *name); /* NULL: unknown */
const struct kind_ask *kind_ask_of(const struct kind *kind, const char *action);
/* Reads a dossier's content into its kind's record. */
MUST_USE enum err kind_request(struct cx *cx, const struct dossier *dossier, void **out);
/* Has the exchange that must be known been answered? */
bool exchange_answered(const struct dossier_exchange *exchange);

/* The register's look-up that a page asks for. */
const char *household_check_body(struct cx *cx, const struct intake *intake, const struct household_request *request);

#endif
