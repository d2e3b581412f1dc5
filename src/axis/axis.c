/* The axis of a node: opened from the store up to its two doors, closed in the reverse order. Read axis.h first, then
 * exchange_inner.h for the way of an exchange. */
#include "axis/axis_inner.h"
#include "axis/journal_restore.h"

#include "axis_sql.h"
#include "axis/path.h"
#include "base/text.h"
#include "net/allow.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BEHIND_MAX_S = 5 };
enum { READERS = 4, CHORES = 2, CHORES_MAX = 4096, CONNECTIONS_PER_TARGET = 64, DRAIN_MS = 5000, CONTEXT_BUDGET = 256 << 20 };

struct cx *axis_context(struct axis *axis)
{
  return cx_new_alone(axis->clock, axis->log);
}

/* ---- What runs ---- */
bool axis_running_more(struct axis *axis)
{
  pthread_mutex_lock(&axis->lock);
  axis->running++;
  bool open = !axis->closing;
  pthread_mutex_unlock(&axis->lock);
  return open;
}

void axis_running_less(struct axis *axis)
{
  pthread_mutex_lock(&axis->lock);
  if (--axis->running == 0) pthread_cond_broadcast(&axis->quiet);
  pthread_mutex_unlock(&axis->lock);
}

/* ---- Opening ---- */
static enum err folder_make(struct cx *cx, const char *path)
{
  if (mkdir(path, 0700) == 0 || errno == EEXIST) return OK;
  return cx_fail(cx, ERR_STORAGE, NULL, "axis.error.folder", "path", path, "reason", strerrordesc_np(errno), NULL);
}

/* What a killed run left: nobody knows its names any more. */
static void spool_empty(struct cx *cx, const char *path)
{
  DIR *folder = opendir(path);
  for (struct dirent *entry; folder && (entry = readdir(folder));)
    if (entry->d_name[0] != '.') unlink(arena_print(cx->arena, "%s/%s", path, entry->d_name));
  if (folder) closedir(folder);
}

static struct axis *axis_new(const struct cx *cx, const struct axis_wish *wish)
{
  struct axis *axis = calloc(1, sizeof *axis);
  if (!axis) abort();
  axis->cx = cx_new_alone(wish->clock, wish->log);
  struct arena *arena = axis->cx->arena;
  axis->clock = wish->clock;
  axis->log = wish->log;
  axis->instance = arena_copy(arena, wish->instance);
  axis->folder = arena_copy(arena, wish->folder);
  axis->gateway_name = arena_print(arena, "%s/gateway", wish->instance);
  axis->gateway_own = wish->twin_gateway ? arena_copy(arena, wish->twin_gateway) : axis->gateway_name;
  axis->gateway_public = arena_copy(arena, wish->gateway_public);
  axis->keys = wish->keys;
  axis->loops = wish->loops;
  axis->workers = wish->workers;
  axis->locals = wish->locals;
  axis->local_count = wish->local_count;
  axis->guard = guard_new();
  axis->chores = workers_start("axis", CHORES, CHORES_MAX);
  pthread_mutex_init(&axis->lock, NULL);
  pthread_cond_init(&axis->quiet, NULL);
  return axis;
}

const char *axis_journal_first(struct arena *arena, const char *gateway)
{
  return arena_print(arena, "%s/journal-1", gateway);
}

/* A log that came out of a backup is closed first, and the one that follows has a name of its own. */
static enum err open_journal(struct cx *cx, struct axis *axis)
{
  struct journal_wish wish = {.folder = arena_print(cx->arena, "%s/journal", axis->folder), .keys = axis->keys, .key_name = JOURNAL_KEY};
  enum err err = journal_take_up(cx, &wish, &wish.origin);
  if (!wish.origin) wish.origin = axis_journal_first(cx->arena, axis->gateway_own);
  if (!err) err = journal_open(cx, &wish, &axis->journal);
  return err ? err : journal_begin(cx, axis->journal, wish.folder);
}

static enum err open_stores(struct cx *cx, struct axis *axis, const struct axis_wish *wish)
{
  enum err err = folder_make(cx, axis->folder);
  const char *spool = arena_print(cx->arena, "%s/spool", axis->folder);
  if (!err) err = folder_make(cx, spool);
  if (!err) spool_empty(cx, spool);
  if (!err && wish->provider_networks) err = net_allow_read(cx, "provider_networks", wish->provider_networks, &axis->providers);
  if (!err) err = store_open(cx, wish->store_url, &axis_schema, READERS, &axis->store);
  if (!err) err = store_check(cx, axis->store);
  const struct directory_wish directory = {axis->store, axis->keys, axis->instance, DIRECTORY_KEY, AUTHORITY_KEY, wish->directory_key,
                                            axis->providers};
  if (!err) err = directory_open(cx, &directory, &axis->directory);
  if (!err) err = open_journal(cx, axis);
  return err ? err : exchange_index_open(cx, axis, &axis->index);
}

static enum err open_doors(struct cx *cx, struct axis *axis, const struct axis_wish *wish)
{
  enum err err = axis_gateway_certificate(cx, axis);
  if (!err) err = peers_open(cx, axis->keys, GATEWAY_KEY, axis->gateway_pem, &axis->peers);
  if (!err) err = http_client_new(cx, axis->loops, arena_print(cx->arena, "%s/spool", axis->folder), CONNECTIONS_PER_TARGET, &axis->client);
  if (!err && !wish->twin_gateway) err = federation_start(cx, axis, &axis->federation);
  if (!err && store_is_postgres(axis->store)) err = sharing_start(cx, axis, &axis->sharing);
  if (!err) err = gateway_start(cx, axis, wish->gateway_address);
  if (!err && text_empty(axis->gateway_public)) axis->gateway_public = arena_print(axis->cx->arena, "127.0.0.1:%d", axis->gateway_port);
  if (!err) err = axis_register(cx, axis);
  return err ? err : information_start(cx, axis, wish->information_address);
}

enum err axis_open(struct cx *cx, const struct axis_wish *wish, struct axis **out)
{
  struct axis *axis = axis_new(cx, wish);
  struct cx *own = axis_context(axis);
  enum err err = open_stores(own, axis, wish);
  if (!err) err = open_doors(own, axis, wish);
  if (err) cx_take_problems(cx, own);
  cx_free_alone(own);
  if (err) {
    axis_close(axis);
    return err;
  }
  *out = axis;
  return OK;
}

/* ---- Closing ---- */
static void running_wait(struct axis *axis)
{
  pthread_mutex_lock(&axis->lock);
  axis->closing = true;
  while (axis->running > 0) pthread_cond_wait(&axis->quiet, &axis->lock);
  pthread_mutex_unlock(&axis->lock);
}

void axis_close(struct axis *axis)
{
  if (!axis) return;
  if (axis->information) http_server_stop(axis->information, DRAIN_MS);
  if (axis->gateway) http_server_stop(axis->gateway, DRAIN_MS);
  sharing_stop(axis->sharing);
  federation_stop(axis->federation);
  running_wait(axis);
  federation_free(axis->federation);
  if (axis->client) http_client_free(axis->client);
  net_allow_free(axis->providers);
  workers_stop(axis->chores);
  exchange_index_close(axis->index);
  journal_close(axis->journal);
  directory_close(axis->directory);
  peers_close(axis->peers);
  if (axis->store) store_close(axis->store);
  guard_free(axis->guard);
  pthread_mutex_destroy(&axis->lock);
  pthread_cond_destroy(&axis->quiet);
  cx_free_alone(axis->cx);
  free(axis);
}

/* ---- Looking ---- */
bool axis_may_call(const struct axis *axis, const char *url)
{
  struct arena *arena = arena_new(0);
  struct axis_url read;
  bool may = !axis->providers || !axis_url_read(arena, url, &read) || net_allow_host(axis->providers, read.host, read.port);
  arena_free(arena);
  return may;
}

struct directory *axis_directory(struct axis *axis)
{
  return axis->directory;
}

struct journal *axis_journal(struct axis *axis)
{
  return axis->journal;
}

struct store *axis_store(struct axis *axis)
{
  return axis->store;
}

int axis_information_port(const struct axis *axis)
{
  return axis->information_port;
}

int axis_gateway_port(const struct axis *axis)
{
  return axis->gateway_port;
}

struct axis_health axis_health(struct axis *axis)
{
  struct snapshot *snapshot = directory_take(axis->directory);
  const struct snapshot_document *own = snapshot_document(snapshot, axis->instance);
  struct axis_health health = {.journal_ok = journal_good(axis->journal), .journal_size = journal_size(axis->journal),
    .checkpoint_age_us = journal_uncovered_us(axis->journal), .directory_version = snapshot->version,
    .directory_ok = own && own->version == snapshot->version && own->expires_us > clock_now(axis->clock) &&
                    sharing_behind_us(axis->sharing) < BEHIND_MAX_S * SECOND_US,
    .exchanges = atomic_load(&axis->exchanges), .refused = atomic_load(&axis->refused), .failed = atomic_load(&axis->failed)};
  snapshot_release(snapshot);
  pthread_mutex_lock(&axis->lock);
  health.running = axis->running;
  pthread_mutex_unlock(&axis->lock);
  return health;
}
