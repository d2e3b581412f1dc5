/* The door for other gateways: signed exchanges, our directory's document, our journal's last checkpoint.
 *
 * Any client certificate may connect; what it may do is decided a message: an exchange only from a gateway that the directory in
 * force names as active, in the name of a consumer that stands behind that very gateway. */
#include "axis/exchange_inner.h"
#include "axis/receipt_inner.h"

#include "base/text.h"

#include <string.h>

/* ---- Answering ---- */
static void gateway_send(struct exchange *exchange)
{
  struct http_answer answer = {.status = exchange->provided.status, .fields = exchange->reply.fields, .body = exchange->provided.body};
  struct axis *axis = exchange->axis;
  exchange_count(exchange);
  http_reply(exchange->call, &answer); /* frees the exchange with the call */
  axis_running_less(axis);
}

/* Without evidence there is no answer but that one; nothing vouches for it but the connection. */
static void gateway_refuse(struct exchange *exchange)
{
  exchange->evidence.axis_error = NULL;
  exchange->reply.fields = (struct http_fields){0};
  exchange_reply_fill(exchange);
  gateway_send(exchange);
}

static void gateway_recorded(struct exchange *exchange)
{
  if (!exchange->err) {
    gateway_send(exchange);
    return;
  }
  exchange->fault = exchange->err == ERR_BUSY && !exchange->reached ? FAULT_SERVER_BUSY : FAULT_SERVER_INTERNAL;
  exchange->fault_subject = "journal";
  gateway_refuse(exchange);
}

static void gateway_signed(struct exchange *exchange)
{
  if (exchange->err) {
    exchange->fault = FAULT_SERVER_INTERNAL;
    exchange->fault_subject = "signature";
    gateway_refuse(exchange);
    return;
  }
  exchange_record(exchange, "outcome", gateway_recorded);
}

static void gateway_reply(struct exchange *exchange)
{
  exchange_reply_fill(exchange);
  exchange_sign(exchange, FORWARD_ANSWER, exchange->provider_member, gateway_signed);
}

/* The request stands in the journal: now the provider may see it. */
static void gateway_call(struct exchange *exchange)
{
  if (exchange->err) {
    exchange_fail(exchange, FAULT_SERVER_BUSY, "journal");
    gateway_refuse(exchange);
    return;
  }
  provider_call(exchange, gateway_reply);
}

/* ---- Checking ---- */
static bool peer_check(struct exchange *exchange)
{
  exchange->peer = snapshot_gateway_of(exchange->snapshot, exchange->call->peer_certificate);
  bool good = exchange->peer && state_active(exchange->peer->row.state) && signer_good(&exchange->peer->signer, cx_now(&exchange->cx));
  if (!good) exchange_fail(exchange, FAULT_TLS, NULL);
  return good;
}

static bool names_check(struct exchange *exchange)
{
  struct arena *arena = exchange->cx.arena;
  const struct http_fields *fields = &exchange->call->fields;
  const char *decoded;
  exchange->request_id = fields_get(fields, "X-Road-Id");
  exchange->exchange_id = fields_get(fields, "X-Road-Request-Id");
  exchange->user = fields_get(fields, "X-Road-UserId");
  bool good = axis_path_read(arena, exchange->call->target + strlen(GATEWAY_PREFIX), &exchange->path) &&
              path_normalise(arena, exchange->path.rest, &decoded) != PATH_WRONG;
  good = good && axis_name_read(arena, fields_get(fields, "X-Road-Client"), 4, &exchange->consumer);
  good = good && forward_is_text(exchange->request_id, AXIS_ID_MAX) && forward_is_text(exchange->exchange_id, AXIS_ID_MAX);
  good = good && (!exchange->user || forward_is_text(exchange->user, AXIS_USER_MAX));
  good = good && text_equal(fields_get(fields, "Axis-Sender"), snapshot_gateway_place(exchange->peer));
  /* Not the name of the gateway that this one may be a twin of: what was sent to that one cannot be sent to this one again. */
  good = good && text_equal(fields_get(fields, "Axis-Receiver"), exchange->axis->gateway_own);
  if (!good) exchange_fail(exchange, FAULT_BAD_REQUEST, NULL);
  return good;
}

/* Each system speaks through its own gateway, and is called through its own. */
static bool places_check(struct exchange *exchange)
{
  if (!exchange_find(exchange)) return false;
  const struct axis_system *consumer = snapshot_system(exchange->snapshot, exchange->consumer);
  if (!text_equal(consumer->gateway, snapshot_gateway_place(exchange->peer))) exchange_fail(exchange, FAULT_NO_MEMBER, exchange->consumer);
  else if (!text_equal(exchange->system->gateway, exchange->axis->gateway_name)) exchange_fail(exchange, FAULT_NO_MEMBER, exchange->path.system);
  return !exchange->fault;
}

static bool message_check(struct exchange *exchange)
{
  struct http_call *call = exchange->call;
  struct arena *arena = exchange->cx.arena;
  forward_signed(arena, &call->fields, FORWARD_REQUEST, &exchange->request.fields);
  exchange->request.message = (struct signed_message){.method = exchange->method, .target = call->target, .fields = &exchange->request.fields};
  exchange->evidence.target = call->target;
  exchange->target = call->target;
  bool good = body_digest_matches(&exchange->request.fields, &call->body) &&
              exchange_check_signature(exchange, FORWARD_REQUEST, exchange->consumer_member) &&
              forward_received(arena, &call->fields, FORWARD_REQUEST, &exchange->fields);
  if (!good) {
    exchange_fail(exchange, FAULT_SIGNATURE, exchange->consumer);
    return false;
  }
  exchange->evidence.request_body_sha256 = hex_write(arena, call->body.sha256, DIGEST_SIZE);
  fields_add(&exchange->fields, "X-Road-Request-Id", exchange->exchange_id);
  enum seen seen = guard_see(exchange->axis->guard, exchange->exchange_id, cx_now(&exchange->cx));
  if (seen != SEEN_NEW) exchange_fail(exchange, seen == SEEN_FULL ? FAULT_SERVER_BUSY : FAULT_SIGNATURE, exchange->exchange_id);
  return seen == SEEN_NEW;
}

static void gateway_exchange(struct axis *axis, struct http_call *call)
{
  struct exchange *exchange = ARENA_NEW(call->arena, struct exchange);
  exchange_init(exchange, axis, call->arena, call->loop);
  exchange->call = call;
  exchange->method = call->method;
  exchange->body = call->body;
  exchange->wait_ms_max = AXIS_WAIT_MS;
  fields_init(&exchange->fields, call->arena);
  bool known = axis_running_more(axis);
  if (!known) exchange_fail(exchange, FAULT_SERVER_BUSY, "closing");
  known = known && peer_check(exchange) && names_check(exchange) && places_check(exchange) && message_check(exchange);
  if (exchange->request_id) exchange->cx.request_id = exchange->request_id;
  /* Whom we don't know, or who doesn't prove who they are, leaves no trace in the journal: anybody could fill it. */
  if (!known) gateway_refuse(exchange);
  else if (exchange_permitted(exchange)) exchange_record(exchange, "request", gateway_call);
  else if (exchange->fault == FAULT_SERVER_BUSY) gateway_refuse(exchange);
  else gateway_reply(exchange);
}

/* ---- Documents ---- */
/* The note lives as long as the snapshot, which is given back when the call ends: nothing is copied, however great it is. */
static void note_reply(struct http_call *call, const char *note, const char *proof)
{
  struct http_answer answer = {.status = 200};
  fields_init(&answer.fields, call->arena);
  fields_add(&answer.fields, "Content-Type", "text/plain; charset=utf-8");
  if (proof) fields_add(&answer.fields, "Axis-Consistency", proof);
  answer.body = (struct http_body){.data = {(const uint8_t *)note, strlen(note)}, .size = (int64_t)strlen(note)};
  http_reply(call, &answer);
}

static void gateway_directory(struct axis *axis, struct http_call *call)
{
  const char *instance = fields_get(&call->fields, "Axis-Instance");
  if (text_equal(call->method, "POST")) {
    if (instance) federation_poke(axis->federation, instance);
    http_reply_text(call, 202, "text/plain; charset=utf-8", "");
    return;
  }
  int64_t after = 0;
  struct cx cx = {.arena = call->arena, .clock = axis->clock, .log = axis->log, .language = "vi", .request_id = ""};
  const char *version = text_starts(call->query, "after=") ? call->query + strlen("after=") : "0";
  bool good = text_to_i64(version, 0, INT64_MAX, &after);
  const struct snapshot_document *own = snapshot_document(directory_borrow(&cx, axis->directory), axis->instance);
  if (!good || !own) http_reply_text(call, good ? 503 : 400, "text/plain; charset=utf-8", "");
  else if (own->version <= after) http_reply_text(call, 204, "text/plain; charset=utf-8", "");
  else note_reply(call, own->note, NULL);
}

struct checkpoint_work { struct axis *axis; struct http_call *call; int64_t from; };

static void checkpoint_run(void *arg)
{
  struct checkpoint_work *work = arg;
  struct axis *axis = work->axis;
  struct http_call *call = work->call;
  struct cx cx = {.arena = call->arena, .clock = axis->clock, .log = axis->log, .language = "vi", .request_id = ""};
  const char *note;
  struct checkpoint checkpoint;
  struct merkle_proof proof = {0};
  enum err err = journal_checkpoint(&cx, axis->journal, &note, &checkpoint);
  if (!err && work->from > 0 && work->from <= checkpoint.size)
    err = journal_prove_consistency(&cx, axis->journal, work->from, checkpoint.size, &proof);
  if (err) http_reply_text(call, err == ERR_NOT_FOUND ? 404 : 503, "text/plain; charset=utf-8", "");
  else note_reply(call, note, proof_write(call->arena, &proof));
  axis_running_less(axis);
}

/* "?from=N": with the proof that the tree of N entries is the beginning of this one. Read from files: not on the loop. */
static void gateway_checkpoint(struct axis *axis, struct http_call *call)
{
  struct checkpoint_work *work = ARENA_NEW(call->arena, struct checkpoint_work);
  *work = (struct checkpoint_work){axis, call, 0};
  bool good = !*call->query || (text_starts(call->query, "from=") && text_to_i64(call->query + strlen("from="), 0, INT64_MAX, &work->from));
  bool open = axis_running_more(axis);
  if (good && open && workers_submit(axis->chores, checkpoint_run, work)) return;
  axis_running_less(axis);
  http_reply_text(call, good ? 503 : 400, "text/plain; charset=utf-8", "");
}

/* ---- The server ---- */
static int gateway_head(void *self, struct http_call *call, int64_t *body_max)
{
  struct axis *axis = self;
  struct snapshot *snapshot = directory_take(axis->directory);
  bool known = snapshot_gateway_of(snapshot, call->peer_certificate) != NULL;
  snapshot_release(snapshot);
  *body_max = known ? AXIS_BODY_MAX : AXIS_BODY_STRANGER_MAX;
  return 0;
}

static void gateway_ready(void *self, struct http_call *call)
{
  struct axis *axis = self;
  if (text_starts(call->path, GATEWAY_PREFIX "/")) gateway_exchange(axis, call);
  else if (text_equal(call->path, "/axis/directory")) gateway_directory(axis, call);
  else if (text_equal(call->path, "/axis/checkpoint") && text_equal(call->method, "GET")) gateway_checkpoint(axis, call);
  else http_reply_text(call, 404, "text/plain; charset=utf-8", "");
}

enum err gateway_start(struct cx *cx, struct axis *axis, const char *address)
{
  const struct http_service service = {.self = axis, .head = gateway_head, .ready = gateway_ready, .hash_bodies = true};
  const struct http_limits limits = {.spool_folder = arena_print(cx->arena, "%s/spool", axis->folder)};
  return http_server_start(cx, axis->loops, address, peers_server(axis->peers), &service, &limits, &axis->gateway_port, &axis->gateway);
}
