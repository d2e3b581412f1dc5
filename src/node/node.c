/* Opens a node from floor to roof and closes it in the reverse order. */
#include "node/node.h"

#include "base/text.h"
#include "node/control.h"
#include "node/disk.h"
#include "node/doctor.h"
#include "node/era.h"
#include "node/hosting.h"
#include "base/worker.h"
#include "net/spool.h"
#include "people/action.h"
#include "node/operations.h"
#include <malloc.h>
#include <string.h>
#include <unistd.h>

enum { PAGE_CONNECTIONS_PER_PEER = 1024 };
/* A heap keeps what its threads once needed at most: two hold a third less than eight a processor. */
enum { HEAPS_MAX = 2, MAPPED_FROM = 256 << 10, KEPT_FREE_MAX = 8 << 20 };
enum { JOB_WORKERS = 4, SLOW_WORKERS = 2, SERVICE_WORKERS = 6, PAGE_WORKERS = 24, QUEUE_MAX = 2048, DRAIN_MS = 5000 };

struct node {
  struct cx *cx;                /* owns what lives as long as the node */
  struct config config;
  struct clock clock;
  struct log *log;
  int lock_fd;
  atomic_bool ending;
  int64_t started_us;
  const char *folder, *data_folder;
  struct keys *keys;
  struct loops *loops;
  struct workers *pages, *slow, *services, *jobs_pool;
  struct scanner *scanner;
  struct people *people;
  struct hosted *hosted;
  size_t hosted_count;
  struct axis *axis;
  struct web *web;
  struct jobs *jobs;
  struct http_server *page_server, *operations_server, *control_server;
};

const char *node_folder(const struct node *node) { return node->folder; }
const struct config *node_config(const struct node *node) { return &node->config; }
struct axis *node_axis(struct node *node) { return node->axis; }
struct people *node_people(struct node *node) { return node->people; }
struct keys *node_keys(struct node *node) { return node->keys; }
struct web *node_web(struct node *node) { return node->web; }
struct workers *node_jobs(struct node *node) { return node->jobs_pool; }
const atomic_bool *node_ending(const struct node *node) { return &node->ending; }
struct scanner *node_scanner(struct node *node) { return node->scanner; }
struct loop *node_loop(struct node *node) { return loops_at(node->loops, 0); }
const struct clock *node_clock(const struct node *node) { return &node->clock; }
struct log *node_log(struct node *node) { return node->log; }
int64_t node_started_us(const struct node *node) { return node->started_us; }

struct hosted *node_hosted(struct node *node, size_t *count)
{
  *count = node->hosted_count;
  return node->hosted;
}

struct hosted *node_find(struct node *node, const char *system)
{
  for (size_t i = 0; i < node->hosted_count; i++)
    if (text_equal(node->hosted[i].type->name, system)) return &node->hosted[i];
  return NULL;
}

struct http_server_counts node_page_counts(struct node *node)
{
  return http_server_counts(node->page_server);
}

static void wake_outbox(struct here *here)
{
  struct hosted *hosted = here->node;
  jobs_wake(hosted->node->jobs, hosted);
}

/* ---- A page asks over the axis ---- */

struct page_ask { struct ask *ask; void (*done)(void *); void *done_arg; };

static void page_answered(void *user, const struct axis_outcome *outcome)
{
  struct page_ask *waiting = user;
  struct ask *ask = waiting->ask;
  bool large = outcome->answer.body.path != NULL; /* over HTTP_BODY_MEMORY_MAX: no page needs that much */
  ask->status = large ? 502 : outcome->answer.status;
  ask->axis_error = large ? "Server.ClientProxy.AnswerTooLarge" : outcome->axis_error;
  ask->answer = outcome->answer.body.data;
  ask->receipt = outcome->receipt;
  waiting->done(waiting->done_arg);
}

static void page_ask(void *user, struct here *here, const struct person *person, struct ask *ask, struct arena *arena,
                     void (*done)(void *), void *done_arg)
{
  struct node *node = user;
  struct page_ask *waiting = ARENA_NEW(arena, struct page_ask);
  *waiting = (struct page_ask){ask, done, done_arg};
  struct axis_ask wish = {.arena = arena, .consumer = here->axis_id, .service = ask->service, .method = ask->method,
                          .path = ask->path ? ask->path : "", .user = person ? person->name : NULL, .wait_ms_max = ask->wait_ms_max};
  fields_init(&wish.fields, arena);
  fields_add(&wish.fields, "Accept", "application/json");
  if (ask->body) {
    fields_add(&wish.fields, "Content-Type", "application/json");
    wish.body.data = (struct bytes){(const uint8_t *)ask->body, strlen(ask->body)};
    wish.body.size = (int64_t)wish.body.data.size;
  }
  axis_exchange(node->axis, &wish, page_answered, waiting);
}

/* ---- Opening, floor by floor ---- */

static enum err open_ground(struct cx *cx, struct node *node, const struct node_wish *wish)
{
  enum err err = config_read(cx, node->folder, &node->config);
  if (!err) err = disk_lock(cx, node->folder, &node->lock_fd);
  node->clock = (struct clock){.offset_us = node->config.clock_offset_s * SECOND_US};
  node->log = log_new(STDOUT_FILENO, wish->log_level, &node->clock);
  const char *spool = arena_print(cx->arena, "%s/spool", node->folder);
  if (!err) err = disk_folder(cx, spool, 0700);
  if (!err) http_spool_empty(spool); /* the lock says that we are alone in it */
  if (!err) err = doctor_start(cx, node->log, node->folder, &node->config);
  int workers = node->config.page_workers ? (int)node->config.page_workers : PAGE_WORKERS;
  /* Files that are scanned, and as many that wait for it, hold at most half of the workers: the other half is for other pages. */
  const struct scanner_wish scanner = {.address = node->config.malware_scanner, .at_once = workers < 4 ? 1 : workers / 4};
  if (!err && !text_empty(scanner.address)) err = scanner_open(cx, &scanner, &node->scanner);
  const char *keys = arena_print(cx->arena, "%s/keys", node->folder);
  if (!err) err = disk_folder(cx, keys, 0700);
  if (!err) err = keys_start(cx, wish->executable, keys, &node->keys);
  mallopt(M_ARENA_MAX, HEAPS_MAX);
  /* Left to itself it takes one large piece given back as a sign to keep tens of megabytes for the next. */
  mallopt(M_MMAP_THRESHOLD, MAPPED_FROM);
  mallopt(M_TRIM_THRESHOLD, KEPT_FREE_MAX);
  int cores = (int)sysconf(_SC_NPROCESSORS_ONLN);
  if (!err) err = loops_start(cx, cores > 0 ? cores : 1, node->log, &node->clock, &node->loops);
  if (err) return err;
  node->pages = workers_start("pages", workers, QUEUE_MAX);
  node->slow = workers_start("slow", SLOW_WORKERS, 256);
  node->services = workers_start("services", SERVICE_WORKERS, QUEUE_MAX);
  node->jobs_pool = workers_start("jobs", JOB_WORKERS, QUEUE_MAX);
  return OK;
}

static const char *store_url(struct cx *cx, const struct node *node, const char *part)
{
  if (!text_empty(node->config.store)) return node->config.store;
  return arena_print(cx->arena, "sqlite:%s/%s", node->folder, part);
}

static enum err open_people(struct cx *cx, struct node *node)
{
  const struct permission **tables = ARENA_ARRAY(cx->arena, known_system_count + 1, const struct permission *);
  size_t count = 0;
  for (size_t i = 0; i < known_system_count; i++)
    if (known_systems[i]->permissions) tables[count++] = known_systems[i]->permissions;
  enum err err = disk_folder(cx, arena_print(cx->arena, "%s/people", node->folder), 0700);
  if (!err) err = people_open(cx, store_url(cx, node, "people"), tables, count, &node->people);
  if (!err) action_prepare(cx, people_store(node->people), arena_print(cx->arena, "%s/people", node->folder));
  return err;
}

static enum err open_systems(struct cx *cx, struct node *node)
{
  enum err err = hosting_open(cx, node, node->folder, node->data_folder, &node->hosted, &node->hosted_count);
  for (size_t i = 0; i < node->hosted_count; i++) node->hosted[i].here.wake_outbox = wake_outbox;
  return err;
}

/* The operator's system, and no other, sees the axis and the queues of all systems here. */
static void open_operations(struct cx *cx, struct node *node)
{
  struct hosted *operator = node_find(node, "operator");
  if (!operator) return;
  struct here **systems = ARENA_ARRAY(cx->arena, node->hosted_count + 1, struct here *);
  for (size_t i = 0; i < node->hosted_count; i++) systems[i] = &node->hosted[i].here;
  struct here_operations *operations = ARENA_NEW(cx->arena, struct here_operations);
  *operations = (struct here_operations){node->axis, systems, node->hosted_count, node->scanner};
  operator->here.operations = operations;
}

static enum err open_axis(struct cx *cx, struct node *node)
{
  struct axis_local *locals = ARENA_ARRAY(cx->arena, node->hosted_count + 1, struct axis_local);
  size_t count = 0;
  for (size_t i = 0; i < node->hosted_count; i++)
    locals[count++] = (struct axis_local){&node->hosted[i].here, node->hosted[i].type->services, node->hosted[i].type->service_count};
  const struct config *config = &node->config;
  enum err err = disk_folder(cx, arena_print(cx->arena, "%s/axis", node->folder), 0700);
  if (err) return err;
  struct axis_wish wish = {
    .instance = config->instance, .folder = arena_print(cx->arena, "%s/axis", node->folder), .store_url = store_url(cx, node, "axis"),
    .keys = node->keys, .loops = node->loops, .workers = node->services, .clock = &node->clock, .log = node->log,
    .information_address = config->axis_address, .gateway_address = config->gateway_address, .gateway_public = config->gateway_public,
    .locals = locals, .local_count = count, .provider_networks = config_provider_networks(config)};
  if (!text_empty(config->twin_gateway)) {
    wish.twin_gateway = config->twin_gateway;
    wish.directory_key = config->directory_key;
  }
  err = axis_open(cx, &wish, &node->axis);
  if (err) return err;
  action_prepare(cx, axis_store(node->axis), wish.folder);
  open_operations(cx, node);
  return OK;
}

static enum err open_web(struct cx *cx, struct node *node)
{
  struct web_system *systems = ARENA_ARRAY(cx->arena, node->hosted_count + 1, struct web_system);
  for (size_t i = 0; i < node->hosted_count; i++) {
    const struct system *type = node->hosted[i].type;
    systems[i] = (struct web_system){&node->hosted[i].here, type->pages, type->page_count, type->html, type->words, type->words_count, type->word};
  }
  const char *era = NULL;
  enum err err = disk_folder(cx, arena_print(cx->arena, "%s/web", node->folder), 0700);
  if (!err) err = era_word(cx, node->data_folder, &era);
  if (err) return err;
  const struct web_wish wish = {
    .store_url = store_url(cx, node, "web"), .people = node->people, .systems = systems, .system_count = node->hosted_count,
    .clock = &node->clock, .log = node->log, .workers = node->pages, .slow_workers = node->slow, .ask = page_ask, .ask_user = node,
    .title = node->config.title, .era_word = era, .secure_cookies = node->config.secure_cookies,
    .trusted_proxies = node->config.trusted_proxies};
  return web_open(cx, &wish, &node->web);
}

/* A proxy before the node is one peer for all who come through it; anybody else never needs so many. One address alone cannot
 * take all connections of the door (8192). */
struct http_limits node_page_limits(const char *spool_folder)
{
  return (struct http_limits){.connections_per_peer_max = PAGE_CONNECTIONS_PER_PEER, .spool_folder = spool_folder};
}

static enum err open_doors(struct cx *cx, struct node *node)
{
  const struct http_service service = web_service(node->web);
  const struct http_limits limits = node_page_limits(arena_print(cx->arena, "%s/spool", node->folder));
  enum err err = jobs_start(cx, node, &node->jobs);
  if (!err) err = http_server_start(cx, node->loops, node->config.pages_address, NULL, &service, &limits, NULL, &node->page_server);
  if (!err) err = operations_start(cx, node, node->loops, node->config.operations_address, NULL, &node->operations_server);
  if (!err) err = control_start(cx, node, node->loops, node->folder, &node->control_server);
  return err;
}

enum err node_start(struct cx *cx, const struct node_wish *wish, struct node **out)
{
  struct cx *own = cx_new_alone(cx->clock, cx->log);
  struct node *node = ARENA_NEW(own->arena, struct node);
  *node = (struct node){.cx = own, .lock_fd = -1, .started_us = clock_monotonic_us()};
  node->folder = arena_copy(own->arena, wish->folder);
  node->data_folder = arena_copy(own->arena, wish->data_folder);
  own->language = cx->language;
  enum err err = open_ground(own, node, wish);
  own->clock = &node->clock;
  own->log = node->log; /* what is wrong with a store is said there */
  if (!err) err = open_people(own, node);
  if (!err) err = open_systems(own, node);
  if (!err) err = hosting_load(own, node->hosted, node->hosted_count);
  if (!err) err = open_axis(own, node);
  if (!err) err = open_web(own, node);
  if (!err) err = open_doors(own, node);
  if (err) {
    cx_take_problems(cx, own);
    node_stop(node);
    return err;
  }
  log_write(node->log, LOG_INFO, "", "node started", LOG_FIELDS({"node", node->config.node}, {"pages", node->config.pages_address}));
  *out = node;
  return OK;
}

static void close_doors(struct node *node)
{
  if (node->control_server) http_server_stop(node->control_server, DRAIN_MS);
  if (node->page_server) http_server_stop(node->page_server, DRAIN_MS);
  if (node->operations_server) http_server_stop(node->operations_server, DRAIN_MS);
  jobs_stop(node->jobs);
}

void node_stop(struct node *node)
{
  atomic_store(&node->ending, true);
  close_doors(node);
  workers_stop(node->pages);
  workers_stop(node->slow);
  if (node->axis) axis_close(node->axis);
  workers_stop(node->services);
  workers_stop(node->jobs_pool);
  if (node->web) web_close(node->web);
  if (node->loops) loops_stop(node->loops);
  hosting_close(node->hosted, node->hosted_count);
  scanner_close(node->scanner);
  if (node->people) people_close(node->people);
  if (node->keys) keys_stop(node->keys);
  log_write(node->log, LOG_INFO, "", "node stopped", LOG_FIELDS({"node", node->config.node ? node->config.node : ""}));
  log_free(node->log);
  if (node->lock_fd >= 0) close(node->lock_fd);
  cx_free_alone(node->cx);
}
