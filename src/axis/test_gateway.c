/* What another gateway may try: messages repeated, changed, stale, in somebody else's name, from nobody known. */
#include "axis/exchange_inner.h"
#include "axis/test_nodes.h"

#include "base/text.h"
#include "keys/test_process.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

static struct test_node *h01, *vn, *stranger;
static const struct snapshot_gateway vn_gateway = {.row = {.name = "VN/gateway"}}; /* as somebody knows it who is not trusted */

static int nodes_setup(void **state)
{
  h01 = test_node_new("H01");
  vn = test_node_new("VN");
  stranger = test_node_new("XX");
  test_nodes_trust(h01, vn);
  test_right(vn, "H01/GOV/A/probe", "bytes", "POST", "*");
  test_right(vn, "VN/GOV/A/probe", "bytes", "POST", "*");
  const struct member second = {.id = "H01/GOV/B"};
  assert_int_equal(directory_put_member(h01->cx, axis_directory(h01->axis), &second), OK);
  return 0;
}

static int nodes_teardown(void **state)
{
  test_node_free(h01);
  test_node_free(vn);
  test_node_free(stranger);
  return 0;
}

/* ---- A message of our own making ---- */
struct craft {
  struct test_node *sender;
  const char *consumer, *signer;         /* NULL: as it should be */
  void (*before)(struct exchange *);     /* changes what is signed */
  void (*after)(struct exchange *);      /* changes what was signed */
  int repeats;
  int64_t clock_offset_us;
};

struct crafted { pthread_mutex_t lock; pthread_cond_t told; bool signed_now, answered; struct exchange *exchange; int status; char *error; };

static void crafted_tell(struct crafted *crafted, bool *what)
{
  pthread_mutex_lock(&crafted->lock);
  *what = true;
  pthread_cond_signal(&crafted->told);
  pthread_mutex_unlock(&crafted->lock);
}

static void crafted_wait(struct crafted *crafted, bool *what)
{
  pthread_mutex_lock(&crafted->lock);
  while (!*what) pthread_cond_wait(&crafted->told, &crafted->lock);
  *what = false;
  pthread_mutex_unlock(&crafted->lock);
}

static void crafted_signed(struct exchange *exchange)
{
  struct crafted *crafted = exchange->done_user;
  crafted_tell(crafted, &crafted->signed_now);
}

static void crafted_answered(void *user, const struct http_outcome *outcome)
{
  struct crafted *crafted = user;
  crafted->status = outcome->err ? -(int)outcome->err : outcome->answer->status;
  const char *error = outcome->err ? NULL : fields_get(&outcome->answer->fields, "X-Road-Error");
  free(crafted->error);
  crafted->error = error ? strdup(error) : NULL;
  crafted_tell(crafted, &crafted->answered);
}

static void crafted_sign(struct crafted *crafted, const struct craft *craft, struct arena *arena)
{
  struct exchange *exchange = ARENA_NEW(arena, struct exchange);
  struct axis *axis = craft->sender->axis;
  struct clock clock = {.offset_us = craft->clock_offset_us};
  exchange_init(exchange, axis, arena, loops_any(axis->loops));
  exchange->cx.clock = &clock;
  exchange->done_user = crafted;
  exchange->consumer = craft->consumer ? craft->consumer : craft->sender->system;
  exchange->method = "POST";
  exchange->request_id = "crafted";
  exchange->exchange_id = random_uuid(arena);
  exchange->body = (struct http_body){.data = {(const uint8_t *)"{\"text\":\"abcd\"}", 15}, .size = 15};
  assert_true(sha256_body(&exchange->body));
  assert_true(axis_path_read(arena, "/VN/GOV/A/probe/bytes", &exchange->path));
  bool found = exchange_find(exchange);
  exchange->fault = FAULT_NONE;
  exchange->peer = snapshot_gateway(exchange->snapshot, "VN/gateway");
  fields_init(&exchange->fields, arena);
  fields_add(&exchange->fields, "X-Road-Client", exchange->consumer);
  fields_add(&exchange->fields, "X-Road-Id", exchange->request_id);
  fields_add(&exchange->fields, "X-Road-Request-Id", exchange->exchange_id);
  if (craft->sender != h01) exchange->peer = &vn_gateway;
  exchange_request_fill(exchange);
  if (craft->before) craft->before(exchange);
  const struct snapshot_member *signer = snapshot_member(exchange->snapshot, craft->signer ? craft->signer : craft->sender->member);
  assert_true(signer && (found || craft->sender != h01));
  exchange_sign(exchange, FORWARD_REQUEST, signer, crafted_signed);
  crafted_wait(crafted, &crafted->signed_now);
  assert_int_equal(exchange->err, OK);
  exchange->cx.clock = &craft->sender->clock;
  if (craft->after) craft->after(exchange);
  crafted->exchange = exchange;
}

static struct http_ask ask_of(const struct test_node *sender, const struct exchange *exchange)
{
  return (struct http_ask){.arena = exchange->cx.arena, .method = exchange->method, .target = exchange->target, .fields = exchange->request.fields,
    .body = exchange->body, .wait_ms_max = 5000,
    .to = {.host = "127.0.0.1", .port = axis_gateway_port(vn->axis), .tls = peers_any(sender->axis->peers), .tls_name = "VN/gateway"}};
}

/* X-Road-Error of the last answer, "" for none; "TLS" when there was no answer. The caller frees it. */
static char *crafted_send(const struct craft *craft)
{
  struct crafted crafted = {.lock = PTHREAD_MUTEX_INITIALIZER, .told = PTHREAD_COND_INITIALIZER};
  struct arena *arena = arena_new(0);
  crafted_sign(&crafted, craft, arena);
  struct exchange *exchange = crafted.exchange;
  const struct http_ask ask = ask_of(craft->sender, exchange);
  for (int i = 0; i <= craft->repeats; i++) {
    http_client_send(craft->sender->axis->client, &ask, crafted_answered, &crafted);
    crafted_wait(&crafted, &crafted.answered);
  }
  char *error = crafted.error ? crafted.error : strdup(crafted.status < 0 ? "TLS" : "");
  arena_free(arena);
  return error;
}

static void expect(const struct craft *craft, const char *code)
{
  int64_t calls = test_node_calls(vn);
  char *error = crafted_send(craft);
  assert_string_equal(error, code);
  int64_t reached = craft->repeats || !*code ? 1 : 0;
  assert_int_equal(test_node_calls(vn), calls + reached);
  free(error);
}

#define BAD_SIGNATURE "Server.ServerProxy.InvalidSignatureValue"

static void test_as_it_should_be(void **state)
{
  expect(&(struct craft){.sender = h01}, "");
}

static void test_repeated(void **state)
{
  expect(&(struct craft){.sender = h01, .repeats = 1}, BAD_SIGNATURE);
}

/* ---- Changed on the way ---- */
static void change_body(struct exchange *exchange)
{
  exchange->body.data.data = (const uint8_t *)"{\"text\":\"abcX\"}";
}

static void change_field(struct exchange *exchange)
{
  struct http_fields *fields = &exchange->request.fields;
  for (size_t i = 0; i < fields->count; i++)
    if (strcmp(fields->items[i].name, "X-Road-Id") == 0) fields->items[i].value = "another";
}

static void add_field(struct exchange *exchange)
{
  fields_add(&exchange->request.fields, "X-More", "1");
}

static void double_field(struct exchange *exchange)
{
  fields_add(&exchange->request.fields, "X-Road-Id", "another");
}

static void drop_signature(struct exchange *exchange)
{
  fields_drop(&exchange->request.fields, "Signature");
}

static void change_target(struct exchange *exchange)
{
  exchange->target = "/axis/1/VN/GOV/A/probe/bytes?x";
}

static void change_method(struct exchange *exchange)
{
  exchange->method = "PUT";
}

static void test_changed(void **state)
{
  void (*const changes[])(struct exchange *) = {change_body, change_field, add_field, double_field, drop_signature, change_target, change_method};
  for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) expect(&(struct craft){.sender = h01, .after = changes[i]}, BAD_SIGNATURE);
}

static void test_stale(void **state)
{
  expect(&(struct craft){.sender = h01, .clock_offset_us = -200 * SECOND_US}, BAD_SIGNATURE);
  expect(&(struct craft){.sender = h01, .clock_offset_us = 200 * SECOND_US}, BAD_SIGNATURE);
  expect(&(struct craft){.sender = h01, .clock_offset_us = -30 * SECOND_US}, "");
}

/* ---- Well signed, and still not allowed ---- */
static void other_receiver(struct exchange *exchange)
{
  struct http_fields *fields = &exchange->request.fields;
  for (size_t i = 0; i < fields->count; i++)
    if (strcmp(fields->items[i].name, "Axis-Receiver") == 0) fields->items[i].value = "XX/gateway";
}

static void other_digest(struct exchange *exchange)
{
  struct http_fields *fields = &exchange->request.fields;
  fields_drop(fields, "Content-Digest");
}

static void test_wrong_names(void **state)
{
  expect(&(struct craft){.sender = h01, .before = other_receiver}, "Client.BadRequest");
  expect(&(struct craft){.sender = h01, .before = other_digest}, BAD_SIGNATURE);
  expect(&(struct craft){.sender = h01, .signer = "H01/GOV/B"}, BAD_SIGNATURE);
  /* VN's own system has the right, but it does not speak through H01's gateway. */
  expect(&(struct craft){.sender = h01, .consumer = "VN/GOV/A/probe"}, "Server.ServerProxy.UnknownMember");
  expect(&(struct craft){.sender = stranger}, "Server.ServerProxy.SslAuthenticationFailed");
  expect(&(struct craft){.sender = stranger, .consumer = "H01/GOV/A/probe"}, "Server.ServerProxy.SslAuthenticationFailed");
}

/* What was sent to the gateway that this one is a twin of is not taken here: it would be taken twice. */
static void test_another_ones(void **state)
{
  const char *own = vn->axis->gateway_own;
  vn->axis->gateway_own = "VN/gateway-2";
  expect(&(struct craft){.sender = h01}, "Client.BadRequest");
  vn->axis->gateway_own = own;
}

/* ---- Journals that are watched ---- */
static bool vn_seen(void *arg)
{
  struct witness_row row;
  enum err err = witness_seen(h01->cx, h01->axis, "VN", &row);
  return err == OK && row.size >= *(int64_t *)arg;
}

static const char *vn_checkpoint(int64_t size, const struct hash *root)
{
  struct cx *cx = h01->cx;
  struct checkpoint checkpoint = {.origin = "VN/gateway/journal-1", .size = size, .root = *root};
  const char *text = checkpoint_write(cx->arena, &checkpoint);
  struct signature signature;
  struct bytes key;
  uint8_t digest[DIGEST_SIZE];
  sha256(text, strlen(text), digest);
  assert_int_equal(keys_sign_wait(cx, vn->keys, JOURNAL_KEY, digest, &signature), OK);
  assert_int_equal(keys_public(cx, vn->keys, JOURNAL_KEY, &key), OK);
  return note_attach(cx->arena, text, checkpoint.origin, key, &signature);
}

/* A log that was shortened or rewritten, and signed anew by its own key, is refused by whoever saw it before. */
static void test_watched(void **state)
{
  int64_t size = journal_size(axis_journal(vn->axis));
  struct merkle_proof none = {0};
  struct hash root = {{7}};
  assert_true(size > 2);
  assert_true(test_until(vn_seen, &size, 8000));
  assert_int_equal(witness_take(h01->cx, h01->axis, "VN", vn_checkpoint(size - 1, &root), &none), ERR_CONFLICT);
  assert_int_equal(witness_take(h01->cx, h01->axis, "VN", vn_checkpoint(size, &root), &none), ERR_CONFLICT);
  assert_int_equal(witness_take(h01->cx, h01->axis, "VN", vn_checkpoint(size + 1, &root), &none), ERR_CONFLICT);
  char *changed = arena_copy(h01->cx->arena, vn_checkpoint(size, &root));
  changed[strlen("VN/gateway/journal-1\n")] = '9';
  assert_int_equal(witness_take(h01->cx, h01->axis, "VN", changed, &none), ERR_INPUT);
  cx_reset_problems(h01->cx);
  free(crafted_send(&(struct craft){.sender = h01}));
  size = journal_size(axis_journal(vn->axis));
  assert_true(test_until(vn_seen, &size, 8000)); /* what is only longer is taken */
}

/* ---- After a restart ---- */
static void test_repeated_after_restart(void **state)
{
  struct crafted crafted = {.lock = PTHREAD_MUTEX_INITIALIZER, .told = PTHREAD_COND_INITIALIZER};
  struct arena *arena = arena_new(0);
  crafted_sign(&crafted, &(struct craft){.sender = h01}, arena);
  struct exchange *exchange = crafted.exchange;
  struct http_ask ask = ask_of(h01, exchange);
  http_client_send(h01->axis->client, &ask, crafted_answered, &crafted);
  crafted_wait(&crafted, &crafted.answered);
  assert_int_equal(crafted.status, 200);
  test_node_close(vn);
  test_node_open(vn);
  ask.to.port = axis_gateway_port(vn->axis);
  http_client_send(h01->axis->client, &ask, crafted_answered, &crafted);
  crafted_wait(&crafted, &crafted.answered);
  assert_string_equal(crafted.error, BAD_SIGNATURE);
  free(crafted.error);
  arena_free(arena);
}

int main(int count, char **arguments)
{
  test_process_main(count, arguments);
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_as_it_should_be), cmocka_unit_test(test_repeated), cmocka_unit_test(test_changed), cmocka_unit_test(test_stale),
    cmocka_unit_test(test_wrong_names), cmocka_unit_test(test_another_ones), cmocka_unit_test(test_watched), cmocka_unit_test(test_repeated_after_restart),
  };
  return cmocka_run_group_tests(tests, nodes_setup, nodes_teardown);
}
