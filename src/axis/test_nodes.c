/* Nodes for tests. */
#include "axis/test_nodes.h"

#include "base/text.h"
#include "keys/test_process.h"
#include "store/queue.h"
#include "store/testing.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <setjmp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- The probe ---- */
static const struct field ask_fields[] = { FIELD(struct probe_ask, text, .form = FORM_LINES, .max = 4000000, .required = true) };
const struct record_type probe_ask_type = RECORD("probe_ask", struct probe_ask, ask_fields);
static const struct field answer_fields[] = { FIELD(struct probe_answer, value, .max = 1000) };
const struct record_type probe_answer_type = RECORD("probe_answer", struct probe_answer, answer_fields);

static void probe_see(struct service_call *call)
{
  struct test_node *node = call->here->node;
  struct probe *probe = node->probe;
  pthread_mutex_lock(&probe->lock);
  probe->calls++;
  snprintf(probe->consumer, sizeof probe->consumer, "%s", call->consumer);
  snprintf(probe->path, sizeof probe->path, "%s", call->path[0] ? call->path[0] : "");
  snprintf(probe->query, sizeof probe->query, "%s", call->query);
  snprintf(probe->request_id, sizeof probe->request_id, "%s", call->request_id);
  snprintf(probe->user, sizeof probe->user, "%s", call->user ? call->user : "");
  pthread_mutex_unlock(&probe->lock);
}

static enum err probe_read(struct cx *cx, struct tx *tx, struct service_call *call)
{
  probe_see(call);
  ((struct probe_answer *)call->answer)->value = call->path[0];
  return OK;
}

static enum err probe_write(struct cx *cx, struct tx *tx, struct service_call *call)
{
  const struct probe_ask *ask = call->ask;
  probe_see(call);
  struct outbox_row row = {.subject = ask->text, .purpose = "probe", .service = "", .method = "POST", .path = "", .body = ""};
  enum err err = outbox_add(cx, tx, &row);
  ((struct probe_answer *)call->answer)->value = arena_print(cx->arena, "%lld", (long long)row.id);
  call->status = 201;
  return err;
}

static enum err probe_slow(struct cx *cx, struct tx *tx, struct service_call *call)
{
  probe_see(call);
  usleep(300000);
  return OK;
}

static enum err probe_fail(struct cx *cx, struct tx *tx, struct service_call *call)
{
  probe_see(call);
  return cx_fail(cx, ERR_CONFLICT, "text", "probe.error.taken", "name", "x", NULL);
}

static enum err probe_bytes(struct cx *cx, struct tx *tx, struct service_call *call)
{
  const struct probe_ask *ask = call->ask;
  probe_see(call);
  ((struct probe_answer *)call->answer)->value = arena_print(cx->arena, "%zu", strlen(ask->text));
  return OK;
}

static const struct service probe_services[] = {
  {"read", "GET", "/{item}", NULL, &probe_answer_type, false, probe_read, NULL},
  {"write", "POST", "", &probe_ask_type, &probe_answer_type, true, probe_write, NULL},
  {"slow", "POST", "", NULL, NULL, false, probe_slow, NULL},
  {"fail", "POST", "", &probe_ask_type, NULL, true, probe_fail, NULL},
  {"bytes", "POST", "", &probe_ask_type, &probe_answer_type, false, probe_bytes, NULL},
};

static const struct store_schema probe_schema = {.name = "probe"};

/* ---- Nodes ---- */
static struct test_node *node_new(const char *instance, bool postgres)
{
  struct test_node *node = calloc(1, sizeof *node);
  assert_non_null(node);
  node->cx = cx_new_alone(&node->clock, NULL);
  node->instance = instance;
  node->folder = testing_folder(node->cx);
  node->url = postgres ? testing_postgres(node->cx) : NULL;
  if (!node->url) node->url = arena_print(node->cx->arena, "sqlite:%s/store", node->folder);
  node->member = arena_print(node->cx->arena, "%s/GOV/A", instance);
  node->system = arena_print(node->cx->arena, "%s/probe", node->member);
  node->probe = ARENA_NEW(node->cx->arena, struct probe);
  pthread_mutex_init(&node->probe->lock, NULL);
  test_node_open(node);
  return node;
}

struct test_node *test_node_new(const char *instance)
{
  return node_new(instance, false);
}

struct test_node *test_node_new_postgres(const char *instance)
{
  return node_new(instance, true);
}

void test_node_open(struct test_node *node)
{
  struct cx *cx = node->cx;
  const char *keys = arena_print(cx->arena, "%s/keys", node->folder), *store = arena_print(cx->arena, "%s/store", node->folder);
  mkdir(keys, 0700);
  mkdir(store, 0700);
  assert_int_equal(keys_start(cx, "/proc/self/exe", keys, &node->keys), OK);
  assert_int_equal(loops_start(cx, 2, NULL, &node->clock, &node->loops), OK);
  node->workers = workers_start("services", 3, 4096);
  node->here = (struct here){.system = "probe", .axis_id = node->system, .node = node};
  assert_int_equal(store_open(cx, node->url, &probe_schema, 2, &node->here.store), OK);
  struct axis_local *local = ARENA_NEW(cx->arena, struct axis_local);
  *local = (struct axis_local){&node->here, probe_services, sizeof probe_services / sizeof probe_services[0]};
  node->wish = (struct axis_wish){.instance = node->instance, .folder = arena_print(cx->arena, "%s/axis", node->folder), .store_url = node->url,
    .keys = node->keys, .loops = node->loops, .workers = node->workers, .clock = &node->clock, .information_address = "127.0.0.1:0",
    .gateway_address = "127.0.0.1:0", .locals = local, .local_count = 1};
  enum err err = axis_open(cx, &node->wish, &node->axis);
  if (err) fail_msg("axis_open: %s %s", err_name(err), cx->problems.count ? cx->problems.items[0].key : "");
}

void test_node_close(struct test_node *node)
{
  axis_close(node->axis);
  workers_stop(node->workers);
  loops_stop(node->loops);
  store_close(node->here.store);
  keys_stop(node->keys);
  node->axis = NULL;
}

void test_node_free(struct test_node *node)
{
  if (node->axis) test_node_close(node);
  pthread_mutex_destroy(&node->probe->lock);
  cx_free_alone(node->cx);
  free(node);
}

const char *test_node_key(struct test_node *node)
{
  struct bytes key = directory_public_key(node->cx, axis_directory(node->axis));
  return base64_write(node->cx->arena, key.data, key.size);
}

bool test_until(bool (*true_now)(void *arg), void *arg, int wait_ms)
{
  for (int i = 0; i < wait_ms / 10; i++) {
    if (true_now(arg)) return true;
    usleep(10000);
  }
  return true_now(arg);
}

struct knowing { struct test_node *node; const char *instance; int64_t version; };

static bool knows(void *arg)
{
  const struct knowing *knowing = arg;
  struct snapshot *snapshot = directory_take(axis_directory(knowing->node->axis));
  const struct snapshot_document *document = snapshot_document(snapshot, knowing->instance);
  bool good = document && document->version >= knowing->version;
  snapshot_release(snapshot);
  return good;
}

static void trust_one(struct test_node *node, struct test_node *other)
{
  const char *address = arena_print(node->cx->arena, "127.0.0.1:%d", axis_gateway_port(other->axis));
  assert_int_equal(axis_trust(node->cx, node->axis, other->instance, test_node_key(other), address), OK);
}

void test_nodes_trust(struct test_node *a, struct test_node *b)
{
  trust_one(a, b);
  trust_one(b, a);
  struct knowing first = {a, b->instance, directory_version(axis_directory(b->axis))};
  struct knowing second = {b, a->instance, directory_version(axis_directory(a->axis))};
  assert_true(test_until(knows, &first, 5000));
  assert_true(test_until(knows, &second, 5000));
}

int64_t test_right(struct test_node *provider, const char *consumer, const char *code, const char *method, const char *path)
{
  const struct right right = {.consumer = consumer, .service = arena_print(provider->cx->arena, "%s/%s", provider->system, code), .method = method,
    .path = path, .purpose = "to test", .legal_basis = "none", .valid_from = NONE_DATE, .valid_to = NONE_DATE};
  int64_t id;
  assert_int_equal(right_grant(provider->cx, axis_directory(provider->axis), &right, &id), OK);
  return id;
}

int64_t test_node_effects(struct test_node *node)
{
  struct list rows;
  assert_int_equal(outbox_pending(node->cx, node->here.store, 0, 1000, &rows), OK);
  return (int64_t)rows.count;
}

int64_t test_node_calls(struct test_node *node)
{
  pthread_mutex_lock(&node->probe->lock);
  int64_t calls = node->probe->calls;
  pthread_mutex_unlock(&node->probe->lock);
  return calls;
}

/* ---- Exchanges ---- */

/* "origin:7" */
static int64_t receipt_index(const char *receipt)
{
  int64_t index;
  assert_true(text_to_i64(strrchr(receipt, ':') + 1, 0, INT64_MAX, &index));
  return index;
}

struct exchange_wait { pthread_mutex_t lock; pthread_cond_t told; bool done; struct test_node *node; struct test_outcome outcome; };

static void exchange_done(void *user, const struct axis_outcome *outcome)
{
  struct exchange_wait *wait = user;
  struct arena *arena = wait->node->cx->arena;
  struct bytes body = outcome->answer.body.path ? (struct bytes){0} : outcome->answer.body.data;
  pthread_mutex_lock(&wait->lock);
  wait->outcome = (struct test_outcome){.status = outcome->answer.status, .axis_error = arena_copy(arena, outcome->axis_error),
    .body = arena_copy_n(arena, body.data, body.size), .receipt = arena_copy(arena, outcome->receipt), .reached = outcome->reached,
    .exchange_id = arena_copy(arena, outcome->exchange_id), .index = -1};
  fields_init(&wait->outcome.fields, arena);
  for (size_t i = 0; i < outcome->answer.fields.count; i++)
    fields_add(&wait->outcome.fields, outcome->answer.fields.items[i].name, outcome->answer.fields.items[i].value);
  if (outcome->receipt) wait->outcome.index = receipt_index(outcome->receipt);
  wait->done = true;
  pthread_cond_signal(&wait->told);
  pthread_mutex_unlock(&wait->lock);
}

struct test_outcome test_exchange(struct test_node *node, const struct test_ask *wish)
{
  struct exchange_wait wait = {.lock = PTHREAD_MUTEX_INITIALIZER, .told = PTHREAD_COND_INITIALIZER, .node = node};
  struct arena *arena = arena_new(64 << 20);
  struct axis_ask ask = {.arena = arena, .consumer = node->system, .service = wish->service, .method = wish->method ? wish->method : "GET",
    .path = wish->path ? wish->path : "", .request_id = wish->request_id, .user = wish->user};
  fields_init(&ask.fields, arena);
  if (wish->body) {
    fields_add(&ask.fields, "Content-Type", "application/json");
    ask.body = (struct http_body){.data = {(const uint8_t *)wish->body, strlen(wish->body)}, .size = (int64_t)strlen(wish->body)};
  }
  axis_exchange(node->axis, &ask, exchange_done, &wait);
  pthread_mutex_lock(&wait.lock);
  while (!wait.done) pthread_cond_wait(&wait.told, &wait.lock);
  pthread_mutex_unlock(&wait.lock);
  arena_free(arena);
  return wait.outcome;
}

struct many { pthread_mutex_t lock; pthread_cond_t told; int left, good; int64_t *indexes; };
struct one_of_many { struct many *many; struct arena *arena; };

static void one_done(void *user, const struct axis_outcome *outcome)
{
  struct one_of_many *one = user;
  struct many *many = one->many;
  struct arena *arena = one->arena;
  pthread_mutex_lock(&many->lock);
  if (outcome->answer.status == 200 && outcome->receipt) many->indexes[many->good++] = receipt_index(outcome->receipt);
  many->left--;
  pthread_cond_signal(&many->told);
  pthread_mutex_unlock(&many->lock);
  arena_free(arena);
}

static void one_start(struct test_node *node, const struct test_ask *wish, struct many *many)
{
  struct arena *arena = arena_new(0);
  struct one_of_many *one = ARENA_NEW(arena, struct one_of_many);
  *one = (struct one_of_many){many, arena};
  struct axis_ask ask = {.arena = arena, .consumer = node->system, .service = wish->service, .method = wish->method ? wish->method : "GET",
                         .path = wish->path ? wish->path : ""};
  fields_init(&ask.fields, arena);
  axis_exchange(node->axis, &ask, one_done, one);
}

static int compare_index(const void *a, const void *b)
{
  int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
  return (left > right) - (left < right);
}

int test_exchange_many(struct test_node *node, const struct test_ask *wish, int count)
{
  struct many many = {.lock = PTHREAD_MUTEX_INITIALIZER, .told = PTHREAD_COND_INITIALIZER, .left = count};
  many.indexes = ARENA_ARRAY(node->cx->arena, (size_t)count, int64_t);
  for (int i = 0; i < count; i++) one_start(node, wish, &many);
  pthread_mutex_lock(&many.lock);
  while (many.left > 0) pthread_cond_wait(&many.told, &many.lock);
  pthread_mutex_unlock(&many.lock);
  qsort(many.indexes, (size_t)many.good, sizeof *many.indexes, compare_index);
  for (int i = 1; i < many.good; i++) assert_true(many.indexes[i] > many.indexes[i - 1]);
  return many.good;
}

const char *test_receipt(struct test_node *node, int64_t index)
{
  const char *json = NULL;
  enum err err = ERR_AGAIN;
  for (int i = 0; err == ERR_AGAIN && i < 200; i++) {
    err = receipt_make(node->cx, node->axis, index, &json);
    if (err == ERR_AGAIN) usleep(10000);
  }
  assert_int_equal(err, OK);
  cx_reset_problems(node->cx);
  return json;
}

/* ---- Plain HTTP ---- */
int test_http(struct test_node *node, int port, const char *text, const char **head, const char **body)
{
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
  assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
  struct buffer all;
  char block[4096];
  ssize_t got;
  buffer_init(&all, node->cx->arena);
  while ((got = read(fd, block, sizeof block)) > 0) buffer_add(&all, block, (size_t)got);
  close(fd);
  char *whole = arena_copy(node->cx->arena, buffer_string(&all)), *end = strstr(whole, "\r\n\r\n");
  if (!end || strncmp(whole, "HTTP/1.1 ", 9) != 0) fail_msg("no answer: %s", whole);
  end[2] = '\0';
  *head = whole;
  *body = end + 4;
  return (int)strtol(whole + 9, NULL, 10);
}
