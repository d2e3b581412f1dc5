/* The rows that operators list: an index of the journal, made behind it. Losing them loses nothing, they are made again. */
#include "axis/axis_inner.h"

#include "axis_sql.h"
#include "base/text.h"

#include <stdlib.h>

enum { BATCH = 200, RECENT_MAX = 200000 };

static const struct field exchange_fields[] = {
  FIELD(struct exchange_row, index),
  FIELD(struct exchange_row, request_id, .max = 300),
  FIELD(struct exchange_row, exchange_id, .max = 300),
  FIELD(struct exchange_row, consumer, .max = AXIS_NAME_MAX),
  FIELD(struct exchange_row, service, .max = AXIS_NAME_MAX),
  FIELD(struct exchange_row, method),
  FIELD(struct exchange_row, axis_error),
  FIELD(struct exchange_row, role),
  FIELD(struct exchange_row, status),
  FIELD(struct exchange_row, at_us, .form = FORM_TIME),
};
const struct record_type exchange_type = RECORD("exchange", struct exchange_row, exchange_fields);

struct exchange_index {
  struct axis *axis;
  atomic_int work;         /* 0: idle, 1: under way, 2: under way, and the journal grew meanwhile */
  int64_t next;            /* of the one that works */
};

struct index_batch { struct axis *axis; struct list rows; };

static enum err batch_in(struct cx *cx, struct tx *tx, void *arg)
{
  const struct index_batch *batch = arg;
  const struct exchange_row *rows = batch->rows.items;
  const char *origin = journal_origin(batch->axis->journal);
  for (size_t i = 0; i < batch->rows.count; i++) {
    const struct exchange_row *row = &rows[i];
    enum err err = sql_run(cx, tx, &axis_exchange_put,
                           ARGS(V(origin), V(row->index), V(row->request_id), V(row->exchange_id), V(row->consumer), V(row->service), V(row->method),
                                V(row->axis_error), V(row->role), V(row->status), V(row->at_us)), NULL);
    if (err) return err;
  }
  return OK;
}

/* An erased entry has nothing to list any more. */
static enum err row_make(struct cx *cx, struct axis *axis, int64_t index, struct exchange_row *row, bool *there)
{
  struct journal_entry entry;
  struct evidence evidence;
  enum err err = journal_read(cx, axis->journal, index, &entry);
  *there = !err && !entry.erased;
  if (err || entry.erased) return err;
  err = evidence_read(cx, entry.record, &evidence);
  if (!err && text_equal(evidence.kind, "origin")) *there = false; /* no exchange, but the beginning of a log that follows another */
  *row = (struct exchange_row){index, evidence.request_id, evidence.exchange_id, evidence.consumer, evidence.service, evidence.method,
                               evidence.axis_error, evidence.role, evidence.status, evidence.at_us};
  return err;
}

static enum err batch_index(struct cx *cx, struct exchange_index *index, int64_t end)
{
  struct exchange_row *rows = ARENA_ARRAY(cx->arena, BATCH, struct exchange_row);
  struct index_batch batch = {index->axis, {rows, 0}};
  for (int64_t i = index->next; i < end; i++) {
    bool there;
    enum err err = row_make(cx, index->axis, i, &rows[batch.rows.count], &there);
    if (err) return err;
    batch.rows.count += there;
  }
  enum err err = batch.rows.count ? store_write(cx, index->axis->store, batch_in, &batch) : OK;
  if (!err) index->next = end;
  return err;
}

static enum err index_catch_up(struct exchange_index *index)
{
  enum err err = OK;
  int64_t size = journal_size(index->axis->journal);
  while (!err && index->next < size) {
    struct cx *cx = axis_context(index->axis);
    err = batch_index(cx, index, size - index->next > BATCH ? index->next + BATCH : size);
    if (err) cx_log(cx, LOG_WARN, "axis: the index of exchanges fell behind", LOG_FIELDS({"error", err_name(err)}));
    cx_free_alone(cx);
  }
  return err;
}

static void index_run(void *arg)
{
  struct exchange_index *index = arg;
  struct axis *axis = index->axis;
  do {
    atomic_store(&index->work, 1);
    if (index_catch_up(index) != OK) {
      atomic_store(&index->work, 0);
      break;
    }
  } while (atomic_fetch_sub(&index->work, 1) == 2);
  axis_running_less(axis);
}

void exchange_index_wake(struct exchange_index *index)
{
  int work = atomic_load(&index->work);
  do {
    if (work == 2) return;
  } while (!atomic_compare_exchange_weak(&index->work, &work, work + 1));
  if (work != 0) return;
  bool open = axis_running_more(index->axis);
  if (open && workers_submit(index->axis->chores, index_run, index)) return;
  atomic_store(&index->work, 0);
  axis_running_less(index->axis);
}

/* After a restart, what came within the life of a signature is still known. */
static enum err replays_load(struct cx *cx, struct axis *axis)
{
  struct list rows;
  const struct values args = ARGS(V(journal_origin(axis->journal)), V(cx_now(cx) - REPLAY_WINDOW_US), V(RECENT_MAX));
  enum err err = store_rows(cx, axis->store, &axis_exchange_recent, args, &exchange_type, RECENT_MAX, &rows);
  const struct exchange_row *row = rows.items;
  for (size_t i = 0; !err && i < rows.count; i++)
    if (guard_see(axis->guard, row[i].exchange_id, cx_now(cx)) == SEEN_FULL) break;
  return err;
}

enum err exchange_index_open(struct cx *cx, struct axis *axis, struct exchange_index **out)
{
  struct exchange_index *index = calloc(1, sizeof *index);
  if (!index) abort();
  index->axis = axis;
  *out = index;
  int64_t last;
  enum err err = store_number(cx, axis->store, &axis_exchange_last, ARGS(V(journal_origin(axis->journal))), &last);
  if (err) return err;
  index->next = last + 1;
  if (index->next > journal_size(axis->journal)) return cx_fail(cx, ERR_CONFLICT, NULL, "journal.error.shorter", NULL);
  err = index_catch_up(index);
  return err ? err : replays_load(cx, axis);
}

void exchange_index_close(struct exchange_index *index)
{
  free(index);
}

enum err exchange_list(struct cx *cx, struct axis *axis, const char *request_id, int64_t before, size_t max, struct list *out)
{
  const char *origin = journal_origin(axis->journal);
  int64_t most = max > 1000 ? 1000 : (int64_t)max;
  if (before <= 0) before = INT64_MAX;
  if (text_empty(request_id))
    return store_rows(cx, axis->store, &axis_exchange_newest, ARGS(V(origin), V(before), V(most)), &exchange_type, (size_t)most, out);
  return store_rows(cx, axis->store, &axis_exchange_about, ARGS(V(request_id), V(origin), V(before), V(most)), &exchange_type, (size_t)most, out);
}
