/* Outbox and inbox over the common statements. */
#include "store/queue.h"

#include "base/text.h"
#include "store/common_sql.h"
#include <assert.h>
#include <stdlib.h>

#define BACK_OFF_FIRST_US (2 * SECOND_US)
#define BACK_OFF_MOST_US (5 * MINUTE_US)

static const struct field outbox_fields[] = {
  FIELD(struct outbox_row, id),
  FIELD(struct outbox_row, request_id),
  FIELD(struct outbox_row, subject),
  FIELD(struct outbox_row, purpose),
  FIELD(struct outbox_row, service),
  FIELD(struct outbox_row, method),
  FIELD(struct outbox_row, path),
  FIELD(struct outbox_row, body),
  FIELD(struct outbox_row, state),
  FIELD(struct outbox_row, created_us, .form = FORM_TIME),
  FIELD(struct outbox_row, next_us, .form = FORM_TIME),
  FIELD(struct outbox_row, lease_us, .form = FORM_TIME),
  FIELD(struct outbox_row, attempts),
  FIELD(struct outbox_row, last_error),
  FIELD(struct outbox_row, failing_since_us, .form = FORM_TIME),
};
const struct record_type outbox_type = RECORD("outbox", struct outbox_row, outbox_fields);

static const struct field inbox_fields[] = {
  FIELD(struct inbox_row, consumer),
  FIELD(struct inbox_row, request_id),
  FIELD(struct inbox_row, status),
  FIELD(struct inbox_row, answer),
  FIELD(struct inbox_row, received_us, .form = FORM_TIME),
};
const struct record_type inbox_type = RECORD("inbox", struct inbox_row, inbox_fields);

/* ---- Outbox ---- */

enum err outbox_add(struct cx *cx, struct tx *tx, struct outbox_row *row)
{
  row->request_id = random_uuid(cx->arena);
  row->created_us = row->next_us = cx_now(cx);
  row->state = "waiting";
  row->lease_us = row->attempts = 0;
  row->last_error = NULL;
  row->failing_since_us = NONE_DATE;
  enum err err = sql_number(cx, tx, &common_outbox_add, ARGS(V(row->request_id), V(row->subject), V(row->purpose), V(row->service), V(row->method),
                            V(row->path ? row->path : ""), V(row->body), V(row->created_us)), &row->id);
  assert(err != ERR_NOT_FOUND);
  return err;
}

static int compare_due(const void *a, const void *b)
{
  const struct outbox_row *left = a, *right = b;
  if (left->next_us != right->next_us) return left->next_us < right->next_us ? -1 : 1;
  return (left->id > right->id) - (left->id < right->id);
}

enum err outbox_claim(struct cx *cx, struct store *store, int64_t lease_us, size_t max, struct list *out)
{
  int64_t now_us = cx_now(cx);
  enum err err = store_rows(cx, store, &common_outbox_claim, ARGS(V(now_us), V(now_us + lease_us), V(max)), &outbox_type, max, out);
  /* RETURNING keeps no order. */
  if (!err && out->count > 1) qsort(out->items, out->count, sizeof(struct outbox_row), compare_due);
  return err;
}

/* 2 s doubling to 5 min, ±20 %, so that the rows of an outage do not come back all at once. */
static int64_t back_off_us(int64_t attempts)
{
  uint32_t random;
  random_bytes(&random, sizeof random);
  int64_t wait_us = attempts > 8 ? BACK_OFF_MOST_US : BACK_OFF_FIRST_US << (attempts > 1 ? attempts - 1 : 0);
  if (wait_us > BACK_OFF_MOST_US) wait_us = BACK_OFF_MOST_US;
  return wait_us * 4 / 5 + wait_us * 2 / 5 * (random % 1001) / 1000;
}

struct retry { int64_t id; const char *error; };

static enum err retry_in(struct cx *cx, struct tx *tx, void *arg)
{
  const struct retry *retry = arg;
  int64_t attempts, now_us = cx_now(cx);
  enum err err = sql_number(cx, tx, &common_outbox_attempts, ARGS(V(retry->id)), &attempts);
  if (err == ERR_NOT_FOUND) return OK;   /* ended meanwhile: nothing is left to try */
  if (err) return err;
  return sql_run(cx, tx, &common_outbox_retry, ARGS(V(retry->id), V(now_us + back_off_us(attempts)), V(retry->error), V(now_us)), NULL);
}

enum err outbox_retry(struct cx *cx, struct store *store, int64_t id, const char *error)
{
  return store_write(cx, store, retry_in, &(struct retry){id, error});
}

enum err outbox_end(struct cx *cx, struct tx *tx, int64_t id, const char *state)
{
  assert(text_equal(state, "answered") || text_equal(state, "refused") || text_equal(state, "doubt"));
  int64_t changed;
  enum err err = sql_run(cx, tx, &common_outbox_end, ARGS(V(id), V(state), V(cx_now(cx))), &changed);
  return err ? err : changed ? OK : ERR_CONFLICT;
}

enum err outbox_pending(struct cx *cx, struct store *store, int64_t after, size_t max, struct list *out)
{
  return store_rows(cx, store, &common_outbox_pending, ARGS(V(after), V(max)), &outbox_type, max, out);
}

enum err outbox_about(struct cx *cx, struct tx *tx, const char *subject, const char *purpose, struct outbox_row *out)
{
  return sql_row(cx, tx, &common_outbox_about, ARGS(V(subject), V(purpose)), &outbox_type, out);
}

enum err outbox_wake(struct cx *cx, struct store *store)
{
  return store_run(cx, store, &common_outbox_wake, ARGS(V(cx_now(cx))), NULL);
}

/* ---- Inbox ---- */

enum err inbox_find(struct cx *cx, struct tx *tx, const char *consumer, const char *request_id, struct inbox_row *out)
{
  return sql_row(cx, tx, &common_inbox_find, ARGS(V(consumer), V(request_id)), &inbox_type, out);
}

enum err inbox_add(struct cx *cx, struct tx *tx, const struct inbox_row *row)
{
  return sql_run(cx, tx, &common_inbox_add, ARGS(V(row->consumer), V(row->request_id), V(row->status), V(row->answer), V(row->received_us)), NULL);
}

/* ---- Purge ---- */

enum err queue_purge(struct cx *cx, struct store *store, int64_t before_us, int64_t max, int64_t *removed)
{
  int64_t outbox = 0, inbox = 0;
  assert(max > 0);
  enum err err = store_run(cx, store, &common_outbox_purge, ARGS(V(before_us), V(max)), &outbox);
  if (!err) err = store_run(cx, store, &common_inbox_purge, ARGS(V(before_us), V(max)), &inbox);
  *removed = outbox + inbox;
  return err;
}
