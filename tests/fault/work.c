#include "work.h"

#include "base/text.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { THREADS = 4 };

struct work { int64_t n; const char *subject; int64_t outbox; };

static const char *work_code(struct cx *cx, int64_t n) { return arena_print(cx->arena, "T%lld", (long long)n); }

/* Bytes that say whose they are, so that a stranger's page is no match. */
static struct bytes payload(struct cx *cx, int64_t n)
{
  uint8_t *data = arena_alloc(cx->arena, WORK_PAYLOAD);
  for (int i = 0; i < WORK_PAYLOAD; i++) data[i] = (uint8_t)((n + 1) * (i + 7) >> 3);
  return (struct bytes){data, WORK_PAYLOAD};
}

static enum err begin_in(struct cx *cx, struct tx *tx, void *arg)
{
  const struct work *work = arg;
  const char *code = work_code(cx, work->n);
  struct outbox_row ask = {.subject = code, .purpose = "ask", .service = "H01/GOV/A/b/c", .method = "POST", .body = "{}"};
  const struct inbox_row answer = {.consumer = "H01/GOV/A/d", .request_id = code, .status = 200, .answer = "{}", .received_us = 1};
  enum err err = sql_run(cx, tx, &fault_entry_add, ARGS(V(code), V(payload(cx, work->n))), NULL);
  if (!err) err = outbox_add(cx, tx, &ask);
  return err ? err : inbox_add(cx, tx, &answer);
}

enum err work_begin(struct cx *cx, struct store *store, int64_t n)
{
  enum err err = store_write(cx, store, begin_in, &(struct work){.n = n});
  if (!err) drive_tell(n);
  return err;
}

static enum err end_in(struct cx *cx, struct tx *tx, void *arg)
{
  const struct work *work = arg;
  enum err err = outbox_end(cx, tx, work->outbox, "answered");
  return err ? err : sql_run(cx, tx, &fault_entry_add, ARGS(V(arena_print(cx->arena, "E-%s", work->subject)), V(payload(cx, 0))), NULL);
}

enum err work_end(struct cx *cx, struct store *store)
{
  struct list rows;
  enum err err = outbox_claim(cx, store, MINUTE_US, 2, &rows);
  for (size_t i = 0; !err && i < rows.count; i++) {
    const struct outbox_row *row = (struct outbox_row *)rows.items + i;
    err = store_write(cx, store, end_in, &(struct work){.subject = row->subject, .outbox = row->id});
    if (!err) drive_tell(WORK_ENDED + strtoll(row->subject + 1, NULL, 10));
  }
  return err;
}

struct worker { struct store *store; int64_t first, count; int failed; };

static void *worker_run(void *arg)
{
  static const struct clock machine;
  struct worker *worker = arg;
  for (int64_t n = worker->first; n < worker->first + worker->count; n++) {
    struct cx *cx = cx_new_alone(&machine, NULL);
    worker->failed += work_begin(cx, worker->store, n) != OK;
    worker->failed += work_end(cx, worker->store) != OK;
    cx_free_alone(cx);
  }
  return NULL;
}

void work_run(struct store *store, int64_t first, int64_t count, int *failed)
{
  pthread_t threads[THREADS];
  struct worker workers[THREADS];
  int sum = 0;
  for (int i = 0; i < THREADS; i++) {
    workers[i] = (struct worker){.store = store, .first = first + i * (count / THREADS), .count = count / THREADS};
    pthread_create(&threads[i], NULL, worker_run, &workers[i]);
  }
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    sum += workers[i].failed;
  }
  if (failed) *failed = sum;
  else assert_int_equal(sum, 0);
}

int64_t work_state(struct cx *cx, struct store *store, int64_t n)
{
  int64_t state;
  const char *code = work_code(cx, n);
  enum err err = store_number(cx, store, &fault_entry_state, ARGS(V(code), V(payload(cx, n)), V(arena_print(cx->arena, "E-%s", code))), &state);
  return err ? -1 : state;
}

const char *work_check(struct cx *cx, struct store *store, int64_t count, const struct told *told)
{
  for (int64_t n = 0; n < count; n++) {
    int64_t state = work_state(cx, store, n);
    bool whole = state == 0 || state == 7 || state == 31;
    if (!whole) return arena_print(cx->arena, "transaction %lld is half there (%lld)", (long long)n, (long long)state);
    if (told_has(told, n) && state == 0) return arena_print(cx->arena, "transaction %lld was acknowledged and is lost", (long long)n);
    if (told_has(told, WORK_ENDED + n) && state != 31) return arena_print(cx->arena, "the end of %lld was acknowledged and is lost", (long long)n);
  }
  return NULL;
}
