/* The rows that operators list: an index of the journal, written behind it from what was recorded. What a restart or a failure missed
 * is read from the journal, so losing rows loses nothing. */
#include "axis/axis_inner.h"

#include "axis_sql.h"
#include "base/text.h"

#include <stdlib.h>
#include <time.h>

enum { BATCH = 500, ROWS_A_COMMIT = 2048, RECENT_MAX = 200000, QUEUE_ROWS = 8192, QUEUE_BYTES = 8 << 20, QUEUE_SPARE = 64 << 10, GATHER_MS = 1000 };

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

/* What was recorded since the thread last looked, in the order of the entries; full, the rest is read from the journal. */
struct row_queue { struct arena *arena; struct exchange_row *rows; size_t count; };

struct exchange_index {
  struct axis *axis;
  pthread_t writer;
  bool writer_runs;
  int64_t next;                  /* the first entry without a row; the writer's own */
  pthread_mutex_t lock;          /* all below */
  pthread_cond_t wake;
  struct row_queue queue;
  int64_t missed;                /* up to here entries have no row in the queue */
  bool stopping;
};

/* ---- Writing rows ---- */

struct index_batch { struct axis *axis; const struct exchange_row *rows; size_t count; };

static enum err batch_in(struct cx *cx, struct tx *tx, void *arg)
{
  const struct index_batch *batch = arg;
  const char *origin = journal_origin(batch->axis->journal);
  for (size_t i = 0; i < batch->count; i++) {
    const struct exchange_row *row = &batch->rows[i];
    enum err err = sql_run(cx, tx, &axis_exchange_put,
                           ARGS(V(origin), V(row->index), V(row->request_id), V(row->exchange_id), V(row->consumer), V(row->service), V(row->method),
                                V(row->axis_error), V(row->role), V(row->status), V(row->at_us)), NULL);
    if (err) return err;
  }
  return OK;
}

/* Rows are written in the order of their entries, so that the last one says what a restart has to read. */
static enum err batch_write(struct exchange_index *index, const struct exchange_row *rows, size_t count)
{
  struct index_batch batch = {index->axis, rows, count};
  struct cx *cx = axis_context(index->axis);
  enum err err = count ? store_write(cx, index->axis->store, batch_in, &batch) : OK;
  if (err) cx_log(cx, LOG_WARN, "axis: the index of exchanges fell behind", LOG_FIELDS({"error", err_name(err)}));
  cx_free_alone(cx);
  return err;
}

/* ---- From the journal ---- */

static struct exchange_row row_of(int64_t index, const struct evidence *evidence)
{
  return (struct exchange_row){index, evidence->request_id, evidence->exchange_id, evidence->consumer, evidence->service, evidence->method,
                               evidence->axis_error, evidence->role, evidence->status, evidence->at_us};
}

/* An erased entry has nothing to list any more. */
static enum err row_read(struct cx *cx, struct axis *axis, int64_t index, struct exchange_row *row, bool *there)
{
  struct journal_entry entry;
  struct evidence evidence;
  enum err err = journal_read(cx, axis->journal, index, &entry);
  *there = !err && !entry.erased;
  if (err || entry.erased) return err;
  err = evidence_read(cx, entry.record, &evidence);
  if (!err && text_equal(evidence.kind, "origin")) *there = false; /* no exchange, but the beginning of a log that follows another */
  *row = row_of(index, &evidence);
  return err;
}

static enum err batch_read(struct cx *cx, struct exchange_index *index, int64_t end)
{
  struct exchange_row *rows = ARENA_ARRAY(cx->arena, BATCH, struct exchange_row);
  size_t count = 0;
  for (int64_t i = index->next; i < end; i++) {
    bool there;
    enum err err = row_read(cx, index->axis, i, &rows[count], &there);
    if (err) return err;
    count += there;
  }
  enum err err = batch_write(index, rows, count);
  if (!err) index->next = end;
  return err;
}

static enum err index_catch_up(struct exchange_index *index, int64_t end)
{
  enum err err = OK;
  while (!err && index->next < end) {
    struct cx *cx = axis_context(index->axis);
    err = batch_read(cx, index, end - index->next > BATCH ? index->next + BATCH : end);
    cx_free_alone(cx);
  }
  return err;
}

/* ---- As entries are recorded ---- */

static void queue_open(struct row_queue *queue)
{
  queue->arena = arena_new(QUEUE_BYTES);
  queue->rows = ARENA_ARRAY(queue->arena, QUEUE_ROWS, struct exchange_row);
  queue->count = 0;
}

static const char *text_kept(struct arena *arena, const char *text)
{
  return text ? arena_copy(arena, text) : "";
}

static struct exchange_row row_kept(struct arena *arena, int64_t index, const struct evidence *evidence)
{
  struct exchange_row row = row_of(index, evidence);
  const char **texts[] = {&row.request_id, &row.exchange_id, &row.consumer, &row.service, &row.method, &row.axis_error, &row.role};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) *texts[i] = text_kept(arena, *texts[i]);
  return row;
}

void exchange_index_add(struct exchange_index *index, int64_t entry, const struct evidence *evidence)
{
  pthread_mutex_lock(&index->lock);
  struct row_queue *queue = &index->queue;
  if (queue->count == QUEUE_ROWS || arena_used(queue->arena) > QUEUE_BYTES - QUEUE_SPARE) index->missed = entry + 1;
  else queue->rows[queue->count++] = row_kept(queue->arena, entry, evidence);
  if (queue->count == 1) pthread_cond_signal(&index->wake);
  pthread_mutex_unlock(&index->lock);
}

/* What lies between the last row written and these was missed. After a failure they are missed too. */
static enum err queue_write(struct exchange_index *index, const struct row_queue *queue)
{
  enum err err = OK;
  for (size_t i = 0, count; !err && i < queue->count; i += count) {
    const struct exchange_row *rows = &queue->rows[i];
    for (count = 1; i + count < queue->count && count < ROWS_A_COMMIT && rows[count].index == rows[0].index + (int64_t)count;) count++;
    err = index_catch_up(index, rows[0].index);
    if (!err) err = batch_write(index, rows, count);
    if (!err) index->next = rows[count - 1].index + 1;
  }
  return err;
}

/* They are read from the journal with the next ones, or at the next start. */
static void queue_missed(struct exchange_index *index, const struct row_queue *queue)
{
  pthread_mutex_lock(&index->lock);
  int64_t end = queue->rows[queue->count - 1].index + 1;
  if (index->missed < end) index->missed = end;
  pthread_mutex_unlock(&index->lock);
}

/* Rows wait a little for others: each writing is a commit, on the disk that the journal waits for. */
static void *writer_run(void *arg)
{
  struct exchange_index *index = arg;
  struct row_queue spare;
  bool stopping = false;
  queue_open(&spare);
  while (!stopping) {
    pthread_mutex_lock(&index->lock);
    while (index->queue.count == 0 && !index->stopping) pthread_cond_wait(&index->wake, &index->lock);
    while (!index->stopping && clock_wait(&index->wake, &index->lock, GATHER_MS * 1000) == 0) {}
    struct row_queue taken = index->queue;
    index->queue = spare;
    int64_t missed = index->missed;
    stopping = index->stopping;
    pthread_mutex_unlock(&index->lock);
    enum err err = queue_write(index, &taken);
    if (!err) err = index_catch_up(index, missed);
    if (err && taken.count) queue_missed(index, &taken);
    arena_free(taken.arena);
    queue_open(&spare);
  }
  arena_free(spare.arena);
  return NULL;
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

static struct exchange_index *index_new(struct axis *axis)
{
  struct exchange_index *index = calloc(1, sizeof *index);
  if (!index) abort();
  index->axis = axis;
  queue_open(&index->queue);
  pthread_mutex_init(&index->lock, NULL);
  clock_condition_init(&index->wake);
  return index;
}

enum err exchange_index_open(struct cx *cx, struct axis *axis, struct exchange_index **out)
{
  struct exchange_index *index = *out = index_new(axis);
  int64_t last, size = journal_size(axis->journal);
  enum err err = store_number(cx, axis->store, &axis_exchange_last, ARGS(V(journal_origin(axis->journal))), &last);
  if (err) return err;
  index->next = last + 1;
  if (index->next > size) return cx_fail(cx, ERR_CONFLICT, NULL, "journal.error.shorter", NULL);
  err = index_catch_up(index, size);
  if (!err) err = replays_load(cx, axis);
  if (err) return err;
  index->writer_runs = pthread_create(&index->writer, NULL, writer_run, index) == 0;
  if (!index->writer_runs) return cx_fail(cx, ERR_BUSY, NULL, "journal.error.thread", NULL);
  pthread_setname_np(index->writer, "exchanges");
  return OK;
}

void exchange_index_close(struct exchange_index *index)
{
  if (!index) return;
  pthread_mutex_lock(&index->lock);
  index->stopping = true;
  pthread_cond_signal(&index->wake);
  pthread_mutex_unlock(&index->lock);
  if (index->writer_runs) pthread_join(index->writer, NULL);
  arena_free(index->queue.arena);
  pthread_mutex_destroy(&index->lock);
  pthread_cond_destroy(&index->wake);
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
