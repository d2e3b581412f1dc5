/* Runs what nobody waits for: each system's jobs by the clock, and its outbox over the axis until every row is answered.
 * Several processes on one store: an outbox's rows are claimed by lease; every other job is one that may run in each of them at once, since
 * it removes what is old (purge, sweep) or reads what others changed (refresh). A job that must run once claims rows likewise.
 * Timers and flags live on one loop's thread; the work itself runs on the pool of job workers. */
#include "node/hosting.h"

#include "base/text.h"
#include "base/worker.h"
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { OUTBOX_EVERY_MS = 1000, OUTBOX_BATCH = 16, OUTBOX_LEASE_S = 60, JOB_BUDGET = 64 << 20 };

struct task {
  struct jobs *jobs;
  struct hosted *hosted;
  const struct job *job;   /* NULL: the outbox */
  struct timer *timer;
  bool running, again;
};

struct jobs {
  struct node *node;
  struct loop *loop;
  struct task *tasks;
  size_t count;
  bool stopping;                 /* on the loop's thread */
  atomic_int busy;               /* tasks running and deliveries under way */
  pthread_mutex_t mutex;
  pthread_cond_t quiet;
};

struct delivery { struct task *task; struct cx *cx; struct outbox_row row; struct axis_outcome outcome; };

static void task_due(void *arg);
static void task_done(void *arg);

static void busy_less(struct jobs *jobs)
{
  pthread_mutex_lock(&jobs->mutex);
  if (atomic_fetch_sub(&jobs->busy, 1) == 1) pthread_cond_broadcast(&jobs->quiet);
  pthread_mutex_unlock(&jobs->mutex);
}

static struct cx *job_context(struct jobs *jobs)
{
  struct cx *cx = cx_new_alone(node_clock(jobs->node), node_log(jobs->node));
  cx->request_id = random_uuid(cx->arena);
  return cx;
}

static void report(struct cx *cx, const struct task *task, enum err err)
{
  const char *key = cx->problems.count ? cx->problems.items[0].key : "";
  cx_log(cx, LOG_WARN, "job failed", LOG_FIELDS({"system", task->hosted->type->name},
         {"job", task->job ? task->job->name : "outbox"}, {"error", err_name(err)}, {"problem", key}));
}

/* ---- The outbox ---- */

static bool worth_retry(const struct axis_outcome *outcome)
{
  int status = outcome->answer.status;
  return outcome->axis_error || status == 429 || status >= 500;
}

static const char *retry_reason(struct cx *cx, const struct axis_outcome *outcome)
{
  return outcome->axis_error ? outcome->axis_error : arena_print(cx->arena, "status %d", outcome->answer.status);
}

struct settling { struct delivery *delivery; struct bytes answer; };

static enum err settle_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct settling *settling = arg;
  struct delivery *delivery = settling->delivery;
  struct hosted *hosted = delivery->task->hosted;
  int status = delivery->outcome.answer.status;
  delivery->row.receipt = delivery->outcome.receipt;
  enum err err = hosted->type->answered ? hosted->type->answered(cx, tx, &hosted->here, &delivery->row, status, settling->answer) : OK;
  return err ? err : outbox_end(cx, tx, delivery->row.id, status < 300 ? "answered" : "refused");
}

static enum err delivery_end(struct delivery *delivery)
{
  struct cx *cx = delivery->cx;
  struct store *store = delivery->task->hosted->here.store;
  if (worth_retry(&delivery->outcome))
    return outbox_retry(cx, store, delivery->row.id, retry_reason(cx, &delivery->outcome));
  struct settling settling = {.delivery = delivery};
  enum err err = http_body_bytes(cx, &delivery->outcome.answer.body, 1 << 20, &settling.answer);
  if (!err) err = store_write(cx, store, settle_in, &settling);
  if (!err) return OK;
  report(cx, delivery->task, err);
  return outbox_retry(cx, store, delivery->row.id, err_name(err));
}

static void delivery_settle(void *arg)
{
  struct delivery *delivery = arg;
  struct jobs *jobs = delivery->task->jobs;
  enum err err = delivery_end(delivery);
  if (err) report(delivery->cx, delivery->task, err);
  struct task *task = delivery->task;
  cx_free_alone(delivery->cx);
  /* What the answer set in motion may have an ask of its own. */
  loop_post(jobs->loop, task_due, task);
  busy_less(jobs);
}

static void delivery_answered(void *user, const struct axis_outcome *outcome)
{
  struct delivery *delivery = user;
  struct jobs *jobs = delivery->task->jobs;
  delivery->outcome = *outcome;
  if (workers_submit(node_jobs(jobs->node), delivery_settle, delivery)) return;
  /* The lease runs out and the row is sent again; the receiver knows it by its request id. */
  cx_free_alone(delivery->cx);
  busy_less(jobs);
}

static void deliver(struct task *task, const struct outbox_row *row)
{
  struct cx *cx = job_context(task->jobs);
  struct delivery *delivery = ARENA_NEW(cx->arena, struct delivery);
  *delivery = (struct delivery){.task = task, .cx = cx, .row = *row};
  struct outbox_row *own = &delivery->row;
  own->request_id = arena_copy(cx->arena, row->request_id);
  own->subject = arena_copy(cx->arena, row->subject);
  own->purpose = arena_copy(cx->arena, row->purpose);
  own->service = arena_copy(cx->arena, row->service);
  own->method = arena_copy(cx->arena, row->method);
  own->path = arena_copy(cx->arena, row->path);
  own->body = arena_copy(cx->arena, row->body);
  struct axis_ask ask = {.arena = cx->arena, .consumer = task->hosted->here.axis_id, .service = own->service, .method = own->method,
                         .path = own->path ? own->path : "", .request_id = own->request_id};
  fields_init(&ask.fields, cx->arena);
  fields_add(&ask.fields, "Content-Type", "application/json");
  fields_add(&ask.fields, "Accept", "application/json");
  if (own->body) ask.body.data = (struct bytes){(const uint8_t *)own->body, strlen(own->body)};
  ask.body.size = (int64_t)ask.body.data.size;
  atomic_fetch_add(&task->jobs->busy, 1);
  axis_exchange(node_axis(task->jobs->node), &ask, delivery_answered, delivery);
}

/* A process that is gone keeps its rows until the lease runs out; an answer that takes longer than that may come twice, and counts once. */
static int64_t lease_us(const struct jobs *jobs)
{
  int64_t configured_s = node_config(jobs->node)->lease_s;
  return (configured_s ? configured_s : OUTBOX_LEASE_S) * SECOND_US;
}

static enum err outbox_run(struct cx *cx, struct task *task)
{
  struct list rows;
  enum err err = outbox_claim(cx, task->hosted->here.store, lease_us(task->jobs), OUTBOX_BATCH, &rows);
  if (err) return err;
  const struct outbox_row *row = rows.items;
  for (size_t i = 0; i < rows.count; i++) deliver(task, &row[i]);
  return OK;
}

/* ---- What nobody asks for any more ---- */

enum { KEPT_DAYS = 90, PURGE_AT_ONCE = 500, PURGE_TURNS = 100 };

static enum err purge_run(struct cx *cx, struct here *here)
{
  int64_t removed = 1;
  enum err err = OK;
  /* Small transactions: a writer who waits is let in between. */
  for (int turn = 0; !err && removed > 0 && turn < PURGE_TURNS; turn++)
    err = queue_purge(cx, here->store, cx_now(cx) - KEPT_DAYS * DAY_US, PURGE_AT_ONCE, &removed);
  return err;
}

static const struct job purge = {"purge", DAY_US / 1000, purge_run};

/* ---- The scanner: whether it is there, before somebody hands in a file ---- */

static enum err scanner_run(struct cx *cx, struct here *here)
{
  const struct hosted *hosted = here->node;
  struct scanner_answer answer;
  return scanner_ask(cx, node_scanner(hosted->node), &answer);
}

static const struct job scanner_watch = {"malware_scanner", MINUTE_US / 1000, scanner_run};

/* ---- Tasks ---- */

static void task_run(void *arg)
{
  struct task *task = arg;
  struct cx *cx = job_context(task->jobs);
  enum err err = task->job ? task->job->run(cx, &task->hosted->here) : outbox_run(cx, task);
  if (err) report(cx, task, err);
  cx_free_alone(cx);
  loop_post(task->jobs->loop, task_done, task);
}

static void task_timer(void *arg)
{
  struct task *task = arg;
  task->timer = NULL;
  task_due(task);
}

static void task_wait(struct task *task, int64_t wait_ms)
{
  if (!task->timer) task->timer = timer_start(task->jobs->loop, wait_ms, task_timer, task);
}

static int64_t task_every(const struct task *task)
{
  return task->job ? task->job->every_ms : OUTBOX_EVERY_MS;
}

static void task_due(void *arg)
{
  struct task *task = arg;
  if (task->jobs->stopping) return;
  if (task->running) {
    task->again = true;
    return;
  }
  timer_stop(task->timer);
  task->timer = NULL;
  task->running = true;
  atomic_fetch_add(&task->jobs->busy, 1);
  if (workers_submit(node_jobs(task->jobs->node), task_run, task)) return;
  task->running = false;
  busy_less(task->jobs);
  task_wait(task, task_every(task));
}

static void task_done(void *arg)
{
  struct task *task = arg;
  struct jobs *jobs = task->jobs;
  task->running = false;
  bool again = task->again;
  task->again = false;
  if (!jobs->stopping && again) task_due(task);
  else if (!jobs->stopping) task_wait(task, task_every(task));
  busy_less(jobs);
}

/* ---- Start and stop ---- */

static size_t tasks_of(const struct hosted *hosted)
{
  return hosted->type->job_count + (hosted->here.store ? 2 : 0);
}

static void fill_tasks(struct jobs *jobs, struct hosted *hosted)
{
  if (hosted->here.store) {
    jobs->tasks[jobs->count++] = (struct task){.jobs = jobs, .hosted = hosted};
    jobs->tasks[jobs->count++] = (struct task){.jobs = jobs, .hosted = hosted, .job = &purge};
  }
  for (size_t i = 0; i < hosted->type->job_count; i++)
    jobs->tasks[jobs->count++] = (struct task){.jobs = jobs, .hosted = hosted, .job = &hosted->type->jobs[i]};
}

static void start_on_loop(void *arg)
{
  struct jobs *jobs = arg;
  for (size_t i = 0; i < jobs->count; i++) task_due(&jobs->tasks[i]);
}

enum err jobs_start(struct cx *cx, struct node *node, struct jobs **out)
{
  struct jobs *jobs = ARENA_NEW(cx->arena, struct jobs);
  size_t count = 0, total = 0;
  struct hosted *hosted = node_hosted(node, &count);
  for (size_t i = 0; i < count; i++) total += tasks_of(&hosted[i]);
  jobs->node = node;
  jobs->loop = node_loop(node);
  jobs->tasks = ARENA_ARRAY(cx->arena, total + 2, struct task);
  pthread_mutex_init(&jobs->mutex, NULL);
  pthread_cond_init(&jobs->quiet, NULL);
  for (size_t i = 0; i < count; i++) fill_tasks(jobs, &hosted[i]);
  if (node_scanner(node) && count) jobs->tasks[jobs->count++] = (struct task){.jobs = jobs, .hosted = &hosted[0], .job = &scanner_watch};
  *out = jobs;
  loop_post(jobs->loop, start_on_loop, jobs);
  return OK;
}

static void stop_on_loop(void *arg)
{
  struct jobs *jobs = arg;
  jobs->stopping = true;
  for (size_t i = 0; i < jobs->count; i++) {
    timer_stop(jobs->tasks[i].timer);
    jobs->tasks[i].timer = NULL;
  }
  busy_less(jobs);
}

void jobs_stop(struct jobs *jobs)
{
  if (!jobs) return;
  atomic_fetch_add(&jobs->busy, 1);
  loop_post(jobs->loop, stop_on_loop, jobs);
  pthread_mutex_lock(&jobs->mutex);
  while (atomic_load(&jobs->busy) > 0) pthread_cond_wait(&jobs->quiet, &jobs->mutex);
  pthread_mutex_unlock(&jobs->mutex);
  pthread_cond_destroy(&jobs->quiet);
  pthread_mutex_destroy(&jobs->mutex);
}

void jobs_wake(struct jobs *jobs, struct hosted *hosted)
{
  for (size_t i = 0; jobs && i < jobs->count; i++)
    if (jobs->tasks[i].hosted == hosted && !jobs->tasks[i].job) loop_post(jobs->loop, task_due, &jobs->tasks[i]);
}
