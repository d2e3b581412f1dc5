/* On a store that several processes share, sees what another one changed: the directory and rights are read again when their count of
 * changes is another, and each process adds what it used of the rights' quotas and learns what the others used. */
#include "axis/axis_inner.h"

#include "axis_sql.h"

#include <stdlib.h>
#include <time.h>

enum { LOOK_EVERY_MS = 250, QUOTAS_MAX = 4096 };

struct sharing {
  struct axis *axis;
  pthread_t thread;
  bool runs;
  pthread_mutex_t lock;          /* stopping */
  pthread_cond_t wake;
  bool stopping;
  int64_t seen;                  /* changes, when the directory was last read */
  bool failed;
  atomic_llong good_us;          /* clock_monotonic_us; when all was last known */
};

/* ---- What is looked at ---- */
static const struct field quota_fields[] = { FIELD(struct guard_use, access_right), FIELD(struct guard_use, used) };
static const struct record_type quota_type = RECORD("quota", struct guard_use, quota_fields);

static enum err changes_look(struct cx *cx, struct sharing *sharing)
{
  int64_t changes;
  enum err err = store_number(cx, sharing->axis->store, &axis_changes_now, NO_ARGS, &changes);
  if (err || changes == sharing->seen) return err;
  err = directory_reload(cx, sharing->axis->directory);
  if (!err) sharing->seen = changes; /* counted before it was read: what came between is read again */
  return err;
}

struct telling { int64_t minute; struct list uses; };

static enum err tell_in(struct cx *cx, struct tx *tx, void *arg)
{
  const struct telling *telling = arg;
  const struct guard_use *use = telling->uses.items;
  enum err err = sql_run(cx, tx, &axis_quota_forget, ARGS(V(telling->minute - 2)), NULL);
  for (size_t i = 0; !err && i < telling->uses.count; i++)
    err = sql_run(cx, tx, &axis_quota_more, ARGS(V(use[i].access_right), V(telling->minute), V(use[i].used)), NULL);
  return err;
}

static enum err quotas_look(struct cx *cx, struct sharing *sharing)
{
  struct axis *axis = sharing->axis;
  struct telling telling = {.minute = cx_now(cx) / MINUTE_US};
  struct list all;
  guard_untold(axis->guard, cx->arena, telling.minute, &telling.uses);
  enum err err = telling.uses.count ? store_write(cx, axis->store, tell_in, &telling) : OK;
  if (!err) guard_told(axis->guard, telling.minute, &telling.uses);
  if (!err) err = store_rows(cx, axis->store, &axis_quota_all, ARGS(V(telling.minute)), &quota_type, QUOTAS_MAX, &all);
  if (!err) guard_learn(axis->guard, telling.minute, &all);
  return err;
}

static void sharing_look(struct sharing *sharing)
{
  struct cx *cx = axis_context(sharing->axis);
  enum err err = changes_look(cx, sharing);
  if (!err) err = quotas_look(cx, sharing);
  if (err && !sharing->failed) cx_log(cx, LOG_ALARM, "axis: what other processes changed is not known", LOG_FIELDS({"error", err_name(err)}));
  sharing->failed = err != OK;
  if (!err) atomic_store(&sharing->good_us, clock_monotonic_us());
  cx_free_alone(cx);
}

/* ---- The thread ---- */
static bool sharing_wait(struct sharing *sharing)
{
  pthread_mutex_lock(&sharing->lock);
  while (!sharing->stopping && clock_wait(&sharing->wake, &sharing->lock, LOOK_EVERY_MS * 1000) == 0) {}
  bool go_on = !sharing->stopping;
  pthread_mutex_unlock(&sharing->lock);
  return go_on;
}

static void *sharing_run(void *arg)
{
  struct sharing *sharing = arg;
  do sharing_look(sharing); while (sharing_wait(sharing));
  return NULL;
}

enum err sharing_start(struct cx *cx, struct axis *axis, struct sharing **out)
{
  struct sharing *sharing = calloc(1, sizeof *sharing);
  if (!sharing) abort();
  sharing->axis = axis;
  sharing->seen = -1;
  atomic_init(&sharing->good_us, clock_monotonic_us());
  pthread_mutex_init(&sharing->lock, NULL);
  clock_condition_init(&sharing->wake);
  *out = sharing;
  sharing->runs = pthread_create(&sharing->thread, NULL, sharing_run, sharing) == 0;
  if (!sharing->runs) return cx_fail(cx, ERR_BUSY, NULL, "axis.error.thread", NULL);
  pthread_setname_np(sharing->thread, "sharing");
  return OK;
}

void sharing_stop(struct sharing *sharing)
{
  if (!sharing) return;
  pthread_mutex_lock(&sharing->lock);
  sharing->stopping = true;
  pthread_cond_signal(&sharing->wake);
  pthread_mutex_unlock(&sharing->lock);
  if (sharing->runs) pthread_join(sharing->thread, NULL);
  pthread_mutex_destroy(&sharing->lock);
  pthread_cond_destroy(&sharing->wake);
  free(sharing);
}

int64_t sharing_behind_us(const struct sharing *sharing)
{
  return sharing ? clock_monotonic_us() - atomic_load(&sharing->good_us) : 0;
}
