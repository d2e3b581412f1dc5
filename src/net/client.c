/* The client: asks find a free link to their target, open one, or wait in the target's queue, each within its own time. */
#include "net/client_inner.h"

#include "base/text.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { LINKS_MAX = 32, QUEUE_MAX = 1024, NAMES_THREADS = 4, NAMES_WAITING_MAX = 256, WAIT_MS_MAX = 30000, ANSWER_MAX = 64 << 20 };

/* ---- Targets ---- */
static struct target **target_list(struct http_client *client, struct loop *loop)
{
  return &client->targets[loop_number(loop)];
}

static char *must_copy(const char *text)
{
  char *copy = text ? strdup(text) : NULL;
  if (text && !copy) abort();
  return copy;
}

static bool target_is(const struct target *target, const struct http_target *to)
{
  return target->port == to->port && target->tls == to->tls && target->allow == to->allow && text_equal(target->host, to->host) &&
         text_equal(target->tls_name, to->tls_name);
}

static struct target *target_get(struct http_client *client, struct loop *loop, const struct http_target *to)
{
  struct target **list = target_list(client, loop);
  for (struct target *target = *list; target; target = target->next)
    if (target_is(target, to)) return target;
  struct target *target = calloc(1, sizeof *target);
  if (!target) abort();
  *target = (struct target){.client = client, .loop = loop, .next = *list, .host = must_copy(to->host), .port = to->port, .tls = to->tls,
                            .tls_name = must_copy(to->tls_name), .allow = to->allow};
  if (to->tls) SSL_CTX_up_ref(to->tls);
  *list = target;
  return target;
}

static void target_free(struct target *target)
{
  struct target **at = target_list(target->client, target->loop);
  while (*at != target) at = &(*at)->next;
  *at = target->next;
  SSL_CTX_free(target->tls);
  free(target->host);
  free(target->tls_name);
  free(target);
}

static void queue_add(struct target *target, struct job *job)
{
  job->next = NULL;
  if (target->last) target->last->next = job;
  else target->first = job;
  target->last = job;
  target->waiting++;
}

struct job *http_target_take(struct target *target)
{
  struct job *job = target->first;
  if (!job) return NULL;
  target->first = job->next;
  if (!target->first) target->last = NULL;
  target->waiting--;
  return job;
}

static void queue_drop(struct target *target, struct job *job)
{
  struct job **at = &target->first, *before = NULL;
  while (*at != job) {
    before = *at;
    at = &(*at)->next;
  }
  *at = job->next;
  if (target->last == job) target->last = before;
  target->waiting--;
}

void http_target_move(struct target *target)
{
  while (target->waiting > 0 && target->link_count < target->client->links_max) http_link_open(target, http_target_take(target));
  if (target->waiting == 0 && target->link_count == 0) target_free(target);
}

/* ---- Jobs ---- */
static void job_count(struct http_client *client, int change)
{
  pthread_mutex_lock(&client->mutex);
  client->jobs += change;
  pthread_cond_broadcast(&client->changed);
  pthread_mutex_unlock(&client->mutex);
}

void http_job_end(struct job *job, enum err err, struct http_answer *answer, X509 *certificate)
{
  timer_stop(job->timer);
  if (err == ERR_UPSTREAM && job->refused) err = ERR_FORBIDDEN;
  const struct http_outcome outcome = {.err = err, .sent = job->sent, .answer = err ? NULL : answer, .peer_certificate = certificate};
  job->done(job->user, &outcome);
  struct http_client *client = job->client;
  free(job);
  job_count(client, -1);
}

/* Ends a job wherever it stands. */
static void job_break(struct job *job, enum err err)
{
  struct target *target = job->target;
  if (job->link) http_link_close(job->link);
  else queue_drop(target, job);
  http_target_move(target);
  http_job_end(job, err, NULL, NULL);
}

static void job_late(void *arg)
{
  struct job *job = arg;
  job->timer = NULL;
  job_break(job, ERR_TIMEOUT);
}

static void job_place(struct job *job, bool fresh)
{
  struct target *target = job->target;
  struct link *idle = fresh ? NULL : http_link_idle(target);
  if (idle) {
    http_link_serve(idle, job);
  } else if (target->link_count < target->client->links_max) {
    http_link_open(target, job);
  } else if (target->waiting < QUEUE_MAX) {
    queue_add(target, job);
  } else {
    http_job_end(job, ERR_BUSY, NULL, NULL);
  }
}

void http_job_again(struct job *job)
{
  job->retried = true;
  job_place(job, true);
}

static bool ask_well_formed(const struct http_ask *ask)
{
  if (!http_is_token(ask->method) || ask->target[0] != '/') return false;
  for (const unsigned char *c = (const unsigned char *)ask->target; *c; c++)
    if (*c <= 0x20 || *c >= 0x7f) return false;
  for (size_t i = 0; i < ask->fields.count; i++)
    if (!http_is_token(ask->fields.items[i].name) || !http_is_field_value(ask->fields.items[i].value)) return false;
  return true;
}

static void job_start(void *arg)
{
  struct job *job = arg;
  if (atomic_load(&job->client->closing)) {
    http_job_end(job, ERR_UPSTREAM, NULL, NULL);
  } else if (!ask_well_formed(&job->ask)) {
    http_job_end(job, ERR_INPUT, NULL, NULL);
  } else {
    job->timer = timer_start(job->loop, job->ask.wait_ms_max, job_late, job);
    job->target = target_get(job->client, job->loop, &job->ask.to);
    job_place(job, false);
  }
}

static struct loop *loop_choose(struct http_client *client)
{
  struct loop *here = loop_here();
  return here && loop_loops(here) == client->loops ? here : loops_any(client->loops);
}

void http_client_send(struct http_client *client, const struct http_ask *ask,
                      void (*done)(void *user, const struct http_outcome *outcome), void *user)
{
  struct job *job = calloc(1, sizeof *job);
  if (!job) abort();
  *job = (struct job){.client = client, .loop = loop_choose(client), .ask = *ask, .done = done, .user = user};
  if (job->ask.wait_ms_max <= 0) job->ask.wait_ms_max = WAIT_MS_MAX;
  if (job->ask.answer_max <= 0) job->ask.answer_max = ANSWER_MAX;
  job_count(client, 1);
  loop_post(job->loop, job_start, job);
}

/* ---- Life ---- */
enum err http_client_new(struct cx *cx, struct loops *loops, const char *spool_folder, int connections_per_target_max,
                         struct http_client **out)
{
  struct http_client *client = calloc(1, sizeof *client + (size_t)loops_count(loops) * sizeof client->targets[0]);
  if (!client) abort();
  client->loops = loops;
  client->spool_folder = must_copy(spool_folder);
  client->links_max = connections_per_target_max > 0 ? connections_per_target_max : LINKS_MAX;
  client->names = workers_start("names", NAMES_THREADS, NAMES_WAITING_MAX);
  pthread_mutex_init(&client->mutex, NULL);
  pthread_cond_init(&client->changed, NULL);
  *out = client;
  return OK;
}

static void target_break(struct target *target)
{
  /* The last job or link takes the target with it: it must not be looked at after. */
  while (target->waiting > 0) http_job_end(http_target_take(target), ERR_UPSTREAM, NULL, NULL);
  while (target->links) {
    struct job *job = http_link_job(target->links);
    http_link_close(target->links);
    if (job) http_job_end(job, ERR_UPSTREAM, NULL, NULL);
  }
  http_target_move(target);
}

struct share { struct http_client *client; struct loop *loop; char *host; int port; };

static void share_close(void *arg)
{
  struct share *share = arg;
  struct http_client *client = share->client;
  struct target **list = target_list(client, share->loop);
  while (*list) target_break(*list);
  free(share);
  pthread_mutex_lock(&client->mutex);
  client->shares_closed++;
  pthread_cond_broadcast(&client->changed);
  pthread_mutex_unlock(&client->mutex);
}

static void share_forget(void *arg)
{
  struct share *share = arg;
  struct target *next;
  for (struct target *target = *target_list(share->client, share->loop); target; target = next) {
    next = target->next;
    if (target->port != share->port || !text_equal(target->host, share->host)) continue;
    http_link_close_idle(target);
    http_target_move(target);
  }
  struct http_client *client = share->client;
  free(share->host);
  free(share);
  job_count(client, -1);
}

static void each_share(struct http_client *client, void (*fn)(void *), const char *host, int port)
{
  for (int i = 0; i < loops_count(client->loops); i++) {
    struct share *share = calloc(1, sizeof *share);
    if (!share) abort();
    *share = (struct share){client, loops_at(client->loops, i), must_copy(host), port};
    loop_post(share->loop, fn, share);
  }
}

void http_client_free(struct http_client *client)
{
  if (!client) return;
  assert(!loop_here());
  atomic_store(&client->closing, true);
  each_share(client, share_close, NULL, 0);
  pthread_mutex_lock(&client->mutex);
  while (client->jobs > 0 || client->shares_closed < loops_count(client->loops)) pthread_cond_wait(&client->changed, &client->mutex);
  pthread_mutex_unlock(&client->mutex);
  workers_stop(client->names);
  pthread_mutex_destroy(&client->mutex);
  pthread_cond_destroy(&client->changed);
  free(client->spool_folder);
  free(client);
}

void http_client_forget(struct http_client *client, const char *host, int port)
{
  job_count(client, loops_count(client->loops)); /* they are waited for like asks */
  each_share(client, share_forget, host, port);
}
