/* Keeps the documents of trusted instances fresh: asks each every few seconds, and at once when it says that something changed;
 * and tells them when ours changed. What is fetched proves itself by its signature, so any line will do to carry it.
 *
 * One thread watches the time; the asks themselves are asynchronous, so that a dead peer holds up nobody. */
#include "axis/axis_inner.h"
#include "axis/receipt_inner.h"

#include "axis_sql.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WATCH_EVERY_MS = 3000, CHECKPOINT_NOTE_MAX = 8192 };
enum { PEERS_MAX = 128, EVERY_MS = 2000, WAIT_MS = 4000, TICK_MS = 250, RENEW_EVERY_MS = 60000, POKE_EVERY_MS = 200, INSTANCE_MAX = 101 };

/* A trusted instance, or one more gateway of it: a twin's journal is watched, too. */
struct far { char instance[INSTANCE_MAX]; bool twin, fetching, again, watching; int64_t due_us, fetched_us, watch_us; };

struct federation {
  struct axis *axis;
  pthread_t thread;
  bool runs;
  pthread_mutex_t lock;      /* all below */
  pthread_cond_t wake;
  bool stopping, changed;
  struct far far[PEERS_MAX];
  size_t count;
  int64_t renew_us, told_version;
};

struct errand { struct federation *federation; struct cx *cx; const char *instance; const char *note; struct merkle_proof proof; };

static struct far *far_find(struct federation *federation, const char *instance)
{
  for (size_t i = 0; i < federation->count; i++)
    if (text_equal(federation->far[i].instance, instance)) return &federation->far[i];
  return NULL;
}

static void errand_end(struct errand *errand)
{
  struct axis *axis = errand->federation->axis;
  cx_free_alone(errand->cx);
  axis_running_less(axis);
}

/* ---- Fetching ---- */
static void fetch_end(struct errand *errand)
{
  struct federation *federation = errand->federation;
  pthread_mutex_lock(&federation->lock);
  struct far *far = far_find(federation, errand->instance);
  if (far) {
    far->fetching = false;
    far->fetched_us = clock_monotonic_us();
    far->due_us = far->fetched_us + (far->again ? POKE_EVERY_MS : EVERY_MS) * 1000;
    far->again = false;
  }
  pthread_mutex_unlock(&federation->lock);
  errand_end(errand);
}

static void note_take(void *arg)
{
  struct errand *errand = arg;
  struct cx *cx = errand->cx;
  enum err err = directory_take_foreign(cx, errand->federation->axis->directory, errand->note);
  const char *key = cx->problems.count ? cx->problems.items[0].key : "";
  if (err) cx_log(cx, LOG_WARN, "axis: a foreign directory document was refused", LOG_FIELDS({"instance", errand->instance}, {"problem", key}));
  else cx_log(cx, LOG_INFO, "axis: a foreign directory document is in force", LOG_FIELDS({"instance", errand->instance}));
  fetch_end(errand);
}

static void fetched(void *user, const struct http_outcome *outcome)
{
  struct errand *errand = user;
  struct bytes body = {0};
  bool news = !outcome->err && outcome->answer->status == 200;
  if (news && !outcome->answer->body.path) body = outcome->answer->body.data;
  else if (news && http_body_bytes(errand->cx, &outcome->answer->body, DOCUMENT_BYTES_MAX, &body) != OK) news = false;
  if (news) errand->note = arena_copy_n(errand->cx->arena, body.data, body.size);
  if (news && strlen(errand->note) == body.size && workers_submit(errand->federation->axis->chores, note_take, errand)) return;
  fetch_end(errand);
}

static bool ask_fill(struct axis *axis, struct cx *cx, const char *instance, struct http_ask *ask)
{
  const struct snapshot *snapshot = directory_borrow(cx, axis->directory);
  const struct trusted_instance *trusted = snapshot_trusted(snapshot, instance);
  const struct snapshot_document *document = snapshot_document(snapshot, instance);
  const struct snapshot_gateway *twin = snapshot_gateway(snapshot, instance);
  *ask = (struct http_ask){.arena = cx->arena, .method = "GET", .wait_ms_max = WAIT_MS, .answer_max = DOCUMENT_BYTES_MAX,
    .target = arena_print(cx->arena, "/axis/directory?after=%lld", (long long)(document ? document->version : 0))};
  ask->to.tls = peers_any(axis->peers);
  fields_init(&ask->fields, cx->arena);
  fields_add(&ask->fields, "Axis-Instance", axis->instance);
  const char *url = twin ? twin->row.address : trusted ? trusted->url : NULL;
  if (!url || !axis_address_read(cx->arena, url, &ask->to.host, &ask->to.port)) return false;
  ask->to.tls_name = ask->to.host;
  return true;
}

static struct errand *errand_new(struct federation *federation, const char *instance)
{
  struct cx *cx = axis_context(federation->axis);
  struct errand *errand = ARENA_NEW(cx->arena, struct errand);
  *errand = (struct errand){federation, cx, arena_copy(cx->arena, instance), NULL, {.count = 0}};
  return errand;
}

static void fetch_start(struct federation *federation, const char *instance)
{
  struct errand *errand = errand_new(federation, instance);
  struct http_ask ask;
  bool open = axis_running_more(federation->axis);
  if (open && ask_fill(federation->axis, errand->cx, instance, &ask)) http_client_send(federation->axis->client, &ask, fetched, errand);
  else fetch_end(errand);
}

/* ---- Telling ---- */
static void told(void *user, const struct http_outcome *outcome)
{
  errand_end(user);
}

static void tell_start(struct federation *federation, const char *instance)
{
  struct errand *errand = errand_new(federation, instance);
  struct http_ask ask;
  bool open = axis_running_more(federation->axis);
  bool good = open && ask_fill(federation->axis, errand->cx, instance, &ask);
  ask.method = "POST";
  ask.target = "/axis/directory";
  if (good) http_client_send(federation->axis->client, &ask, told, errand);
  else errand_end(errand);
}

/* ---- Watching their journals ---- */
static void watch_end(struct errand *errand)
{
  struct federation *federation = errand->federation;
  pthread_mutex_lock(&federation->lock);
  struct far *far = far_find(federation, errand->instance);
  if (far) {
    far->watching = false;
    far->watch_us = clock_monotonic_us() + WATCH_EVERY_MS * 1000;
  }
  pthread_mutex_unlock(&federation->lock);
  errand_end(errand);
}

static void watch_take(void *arg)
{
  struct errand *errand = arg;
  struct cx *cx = errand->cx;
  enum err err = witness_take(cx, errand->federation->axis, errand->instance, errand->note, &errand->proof);
  const char *key = cx->problems.count ? cx->problems.items[0].key : "";
  if (err == ERR_CONFLICT) cx_log(cx, LOG_ALARM, "axis: a journal contradicts what it signed before", LOG_FIELDS({"instance", errand->instance}));
  else if (err) cx_log(cx, LOG_WARN, "axis: a checkpoint was refused", LOG_FIELDS({"instance", errand->instance}, {"problem", key}));
  watch_end(errand);
}

static void watched(void *user, const struct http_outcome *outcome)
{
  struct errand *errand = user;
  struct arena *arena = errand->cx->arena;
  bool good = !outcome->err && outcome->answer->status == 200 && !outcome->answer->body.path;
  if (good) {
    const struct bytes body = outcome->answer->body.data;
    errand->note = arena_copy_n(arena, body.data, body.size);
    good = strlen(errand->note) == body.size && proof_read(arena, fields_get(&outcome->answer->fields, "Axis-Consistency"), &errand->proof);
  }
  if (good && workers_submit(errand->federation->axis->chores, watch_take, errand)) return;
  watch_end(errand);
}

static void watch_start_of(struct federation *federation, const char *instance)
{
  struct errand *errand = errand_new(federation, instance);
  struct axis *axis = federation->axis;
  struct witness_row seen = {0};
  struct http_ask ask;
  bool open = axis_running_more(axis);
  enum err err = open ? witness_seen(errand->cx, axis, instance, &seen) : ERR_BUSY;
  if ((err && err != ERR_NOT_FOUND) || !ask_fill(axis, errand->cx, instance, &ask)) {
    watch_end(errand);
    return;
  }
  ask.target = arena_print(errand->cx->arena, "/axis/checkpoint?from=%lld", (long long)seen.size);
  ask.answer_max = CHECKPOINT_NOTE_MAX;
  http_client_send(axis->client, &ask, watched, errand);
}

/* ---- The thread ---- */

static void far_add(struct federation *federation, const char *name, bool twin)
{
  if (federation->count == PEERS_MAX || far_find(federation, name) || strlen(name) >= INSTANCE_MAX) return;
  struct far *far = &federation->far[federation->count++];
  *far = (struct far){.twin = twin, .watch_us = clock_monotonic_us() + SECOND_US};
  memcpy(far->instance, name, strlen(name) + 1);
}

/* Takes up instances that were trusted since, and their twins; under lock. */
static void far_refresh(struct federation *federation)
{
  struct snapshot *snapshot = directory_take(federation->axis->directory);
  const struct trusted_instance *trusted = snapshot->trusted.items;
  for (size_t i = 0; i < snapshot->trusted.count; i++) far_add(federation, trusted[i].instance, false);
  const struct snapshot_gateway *gateways = snapshot->gateways.items;
  for (size_t i = 0; i < snapshot->gateways.count; i++) {
    const char *name = gateways[i].row.name;
    if (!text_empty(gateways[i].row.twin_of) && !axis_name_within(name, federation->axis->instance)) far_add(federation, name, true);
  }
  snapshot_release(snapshot);
}

struct round { const char *fetch[PEERS_MAX], *tell[PEERS_MAX], *watch[PEERS_MAX]; size_t fetches, tells, watches; bool renew; };

/* Under lock: what is due now. Names stay where they are: the table only grows. */
static void round_plan(struct federation *federation, struct round *round)
{
  int64_t now_us = clock_monotonic_us(), version = directory_version(federation->axis->directory);
  bool tell = federation->changed && version != federation->told_version;
  far_refresh(federation);
  for (size_t i = 0; i < federation->count; i++) {
    struct far *far = &federation->far[i];
    if (tell && !far->twin) round->tell[round->tells++] = far->instance;
    if (!far->watching && far->watch_us <= now_us) {
      far->watching = true;
      round->watch[round->watches++] = far->instance;
    }
    if (far->twin || far->fetching || far->due_us > now_us) continue;
    far->fetching = true;
    round->fetch[round->fetches++] = far->instance;
  }
  if (tell) federation->told_version = version;
  federation->changed = false;
  round->renew = federation->renew_us <= now_us;
  if (round->renew) federation->renew_us = now_us + RENEW_EVERY_MS * 1000;
}

static void renew_run(struct federation *federation)
{
  struct cx *cx = axis_context(federation->axis);
  enum err err = directory_renew(cx, federation->axis->directory);
  if (err) cx_log(cx, LOG_ALARM, "axis: the directory document could not be renewed", LOG_FIELDS({"error", err_name(err)}));
  cx_free_alone(cx);
}

static void *federation_run(void *arg)
{
  struct federation *federation = arg;
  for (;;) {
    struct round round = {0};
    pthread_mutex_lock(&federation->lock);
    bool stopping = federation->stopping;
    if (!stopping) round_plan(federation, &round);
    pthread_mutex_unlock(&federation->lock);
    if (stopping) return NULL;
    for (size_t i = 0; i < round.tells; i++) tell_start(federation, round.tell[i]);
    for (size_t i = 0; i < round.fetches; i++) fetch_start(federation, round.fetch[i]);
    for (size_t i = 0; i < round.watches; i++) watch_start_of(federation, round.watch[i]);
    if (round.renew) renew_run(federation);
    pthread_mutex_lock(&federation->lock);
    if (!federation->stopping && !federation->changed) clock_wait(&federation->wake, &federation->lock, TICK_MS * 1000);
    pthread_mutex_unlock(&federation->lock);
  }
}

void federation_changed(void *arg)
{
  struct federation *federation = arg;
  pthread_mutex_lock(&federation->lock);
  federation->changed = true;
  pthread_cond_signal(&federation->wake);
  pthread_mutex_unlock(&federation->lock);
}

void federation_poke(struct federation *federation, const char *instance)
{
  if (!federation) return; /* a twin: the first process fetches for all */
  pthread_mutex_lock(&federation->lock);
  struct far *far = far_find(federation, instance);
  if (far && far->fetching) far->again = true;
  else if (far) far->due_us = far->fetched_us + POKE_EVERY_MS * 1000; /* whoever pokes without end makes no storm */
  if (far) pthread_cond_signal(&federation->wake);
  pthread_mutex_unlock(&federation->lock);
}

/* ---- Start and stop ---- */
enum err federation_start(struct cx *cx, struct axis *axis, struct federation **out)
{
  struct federation *federation = calloc(1, sizeof *federation);
  if (!federation) abort();
  federation->axis = axis;
  federation->renew_us = clock_monotonic_us() + RENEW_EVERY_MS * 1000;
  pthread_mutex_init(&federation->lock, NULL);
  clock_condition_init(&federation->wake);
  *out = federation;
  federation->runs = pthread_create(&federation->thread, NULL, federation_run, federation) == 0;
  if (!federation->runs) return cx_fail(cx, ERR_BUSY, NULL, "axis.error.thread", NULL);
  pthread_setname_np(federation->thread, "federation");
  directory_on_change(axis->directory, federation_changed, federation);
  return OK;
}

void federation_stop(struct federation *federation)
{
  if (!federation || !federation->runs) return;
  directory_on_change(federation->axis->directory, NULL, NULL);
  pthread_mutex_lock(&federation->lock);
  federation->stopping = true;
  pthread_cond_signal(&federation->wake);
  pthread_mutex_unlock(&federation->lock);
  pthread_join(federation->thread, NULL);
  federation->runs = false;
}

void federation_free(struct federation *federation)
{
  if (!federation) return;
  pthread_mutex_destroy(&federation->lock);
  pthread_cond_destroy(&federation->wake);
  free(federation);
}

/* ---- What the operator says ---- */
enum err axis_trust(struct cx *cx, struct axis *axis, const char *instance, const char *directory_key, const char *gateway_host_port)
{
  const struct trusted_instance trusted = {.instance = instance, .directory_key = directory_key, .url = gateway_host_port, .state = "active"};
  const struct trusted_instance *known = snapshot_trusted(directory_borrow(cx, axis->directory), instance);
  bool same = known && text_equal(known->directory_key, directory_key) && text_equal(known->url, gateway_host_port) && state_active(known->state);
  enum err err = same ? OK : directory_put_trusted(cx, axis->directory, &trusted);
  if (!err) federation_poke(axis->federation, instance);
  return err;
}
