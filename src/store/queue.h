/* Outbox and inbox: how a change in one system takes effect once in another.
 *
 * The sender writes an outbox row in its business transaction; a job of the node sends it over
 * the axis until it is answered, with back-off, and hands the answer to the system in a
 * transaction that also ends the row. The receiver writes an inbox row (consumer, request id,
 * answer) in its business transaction; the same request again gets the same answer.
 * Tables outbox and inbox are in every system's store. Rows are claimed by lease, so that
 * several node processes may share one PostgreSQL. */
#ifndef STORE_QUEUE_H
#define STORE_QUEUE_H

#include "store/store.h"

/* Life: waiting → (sent: leased) → answered | refused | doubt. `doubt`: at-least-once could not be
 * proven for a foreign provider; an operator resolves it. */
struct outbox_row {
  int64_t id;
  const char *request_id;   /* UUID; the receiver's deduplication key, kept over all attempts */
  const char *subject;      /* what it is about, for the system that sent it: a dossier's code */
  const char *purpose;      /* which of the system's asks: "household.register" */
  const char *service;      /* "H01/GOV/H01.07/household/register" */
  const char *method;       /* "POST" */
  const char *path;         /* path and query below the service, "" or "/…" */
  const char *body;         /* JSON */
  const char *state;        /* "waiting" "answered" "refused" "doubt" */
  int64_t created_us, lease_us;
  int64_t next_us;          /* when it is due; of an ended row, when it ended */
  int64_t attempts;         /* times it was claimed */
  const char *last_error;   /* axis code of the last failure, or NULL */
  const char *receipt;      /* no column: of the exchange that brought the answer, while it is handed to the system */
  int64_t failing_since_us; /* first failure of the present run of failures; NONE_DATE: none */
};
extern const struct record_type outbox_type;

/* Adds a row, due at once. Takes subject, purpose, service, method, path and body from it, and fills the rest. */
MUST_USE enum err outbox_add(struct cx *cx, struct tx *tx, struct outbox_row *row);
/* Takes at most max due rows and leases them for lease_us from now. */
MUST_USE enum err outbox_claim(struct cx *cx, struct store *store, int64_t lease_us, size_t max, struct list *out);
/* An attempt failed: again after the back-off (2 s doubling to 5 min, ±20 %); error: an axis code. Of a row that was
 * ended meanwhile nothing is changed. */
MUST_USE enum err outbox_retry(struct cx *cx, struct store *store, int64_t id, const char *error);
/* Ends a row, in the transaction that takes the answer. state: "answered", "refused" or "doubt"; a row in doubt may be
 * ended otherwise by an operator. ERR_CONFLICT when it was ended already: the answer came twice, and the transaction
 * that takes it a second time is undone. */
MUST_USE enum err outbox_end(struct cx *cx, struct tx *tx, int64_t id, const char *state);
/* All rows not yet ended, those in doubt among them, oldest first, by key: after = the last id seen (0 first). */
MUST_USE enum err outbox_pending(struct cx *cx, struct store *store, int64_t after, size_t max, struct list *out);
/* The last row about a subject and purpose. */
MUST_USE enum err outbox_about(struct cx *cx, struct tx *tx, const char *subject, const char *purpose, struct outbox_row *out);
/* Makes waiting rows due now: the peer is back, or an operator asked. */
MUST_USE enum err outbox_wake(struct cx *cx, struct store *store);

struct inbox_row { const char *consumer, *request_id; int64_t status; const char *answer; int64_t received_us; };
extern const struct record_type inbox_type;

/* OK and *out when this request was answered before; ERR_NOT_FOUND when it is new. */
MUST_USE enum err inbox_find(struct cx *cx, struct tx *tx, const char *consumer, const char *request_id, struct inbox_row *out);
MUST_USE enum err inbox_add(struct cx *cx, struct tx *tx, const struct inbox_row *row);   /* ERR_CONFLICT: it is there already */

/* Removes what nobody asks for any more: outbox rows answered or refused before that time, and inbox rows received before it, at most
 * max of each, oldest first; *removed: of both. A row in doubt, or not yet answered, stays. A request that comes again after
 * its inbox row went is taken as new, so before_us lies far behind the longest outage. */
MUST_USE enum err queue_purge(struct cx *cx, struct store *store, int64_t before_us, int64_t max, int64_t *removed);

#endif
