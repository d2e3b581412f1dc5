/* An exchange as its consumer's gateway sees it; and whole, when the provider is on this node too. */
#include "axis/exchange_inner.h"

#include "base/text.h"

#include <string.h>

/* ---- The end ---- */
static void outcome_fields(struct exchange *exchange, struct http_fields *fields)
{
  struct arena *arena = exchange->cx.arena;
  fields_add(fields, "X-Road-Id", exchange->request_id);
  fields_add(fields, "X-Road-Client", axis_name_write(arena, exchange->consumer) + 1);
  if (!exchange->path.service) return;
  fields_add(fields, "X-Road-Service", axis_name_write(arena, exchange->path.service) + 1);
  fields_add(fields, "X-Road-Request-Id", exchange->exchange_id);
  const char *target = arena_print(arena, "%s%s%s", CLIENT_PREFIX, axis_name_write(arena, exchange->path.service), exchange->path.rest);
  const char *hash = request_hash(arena, exchange->method, target, &exchange->fields, exchange->body.size > 0 ? exchange->body_sha512 : NULL);
  fields_add(fields, "X-Road-Request-Hash", hash);
}

static void exchange_end(struct exchange *exchange)
{
  struct axis *axis = exchange->axis;
  const char *error = exchange->remote_error ? exchange->remote_error : fault_code(exchange->fault);
  struct axis_outcome outcome = {.answer = exchange->provided, .axis_error = error, .reached = exchange->reached,
                                 .request_id = exchange->request_id, .exchange_id = exchange->exchange_id};
  if (exchange->remote_error && !fields_get(&outcome.answer.fields, "X-Road-Error")) fields_add(&outcome.answer.fields, "X-Road-Error", error);
  outcome_fields(exchange, &outcome.answer.fields);
  if (exchange->index >= 0) {
    outcome.receipt = arena_print(exchange->cx.arena, "%s:%lld", journal_origin(axis->journal), (long long)exchange->index);
    fields_add(&outcome.answer.fields, "Axis-Receipt", outcome.receipt);
  }
  exchange_count(exchange);
  exchange->done(exchange->done_user, &outcome); /* may free the exchange with its arena */
  axis_running_less(axis);
}

/* What the axis says itself, when no journal entry can or need say it. */
static void exchange_end_fault(struct exchange *exchange)
{
  exchange_fault_fill(exchange);
  exchange_end(exchange);
}

/* The answer stands only when its evidence does. */
static void exchange_recorded_end(struct exchange *exchange)
{
  if (!exchange->err) {
    exchange_end(exchange);
    return;
  }
  exchange->remote_error = NULL;
  exchange->fault = exchange->err == ERR_BUSY ? FAULT_CLIENT_BUSY : FAULT_CLIENT_INTERNAL;
  exchange->fault_subject = "journal";
  exchange_end_fault(exchange);
}

/* The consumer's gateway failed or refused on its own: its evidence says so, with what there is of signatures. */
static void exchange_end_refused(struct exchange *exchange)
{
  if (exchange->fault == FAULT_CLIENT_BUSY) {
    exchange_end_fault(exchange);
    return;
  }
  struct evidence *evidence = &exchange->evidence;
  exchange_fault_fill(exchange);
  evidence->axis_error = fault_code(exchange->fault);
  evidence->status = exchange->provided.status;
  evidence->answer_body_sha256 = evidence->answer_input = evidence->answer_base = evidence->answer_signature = evidence->answer_signer = NULL;
  exchange_record(exchange, exchange->peer || !exchange->provider_member ? "outcome" : "local", exchange_recorded_end);
}

/* ---- Both systems are ours ---- */
static void local_record(struct exchange *exchange)
{
  if (exchange->err) {
    exchange_fail(exchange, FAULT_CLIENT_INTERNAL, "signature");
    exchange_end_refused(exchange);
    return;
  }
  exchange_record(exchange, "local", exchange_recorded_end);
}

static void local_reply(struct exchange *exchange)
{
  exchange_reply_fill(exchange);
  exchange_sign(exchange, FORWARD_ANSWER, exchange->provider_member, local_record);
}

static void local_call(struct exchange *exchange)
{
  if (exchange->err) {
    exchange_fail(exchange, FAULT_CLIENT_INTERNAL, "signature");
    exchange_end_refused(exchange);
  } else if (exchange_permitted(exchange)) {
    provider_call(exchange, local_reply);
  } else if (exchange->fault == FAULT_CLIENT_BUSY) {
    exchange_end_refused(exchange);
  } else {
    local_reply(exchange);
  }
}

/* ---- The provider is behind another gateway ---- */
static bool answer_take(struct exchange *exchange, const struct http_outcome *outcome)
{
  struct arena *arena = exchange->cx.arena;
  const struct http_answer *answer = outcome->answer;
  forward_signed(arena, &answer->fields, FORWARD_ANSWER, &exchange->reply.fields);
  exchange->reply.message = (struct signed_message){.method = exchange->method, .target = exchange->target, .status = answer->status,
                                                    .fields = &exchange->reply.fields, .request = &exchange->request.message};
  const char *error = fields_get(&answer->fields, "X-Road-Error");
  bool unsigned_refusal = error && fields_count(&answer->fields, "Signature") == 0;
  if (!unsigned_refusal && !body_digest_matches(&exchange->reply.fields, &answer->body)) return false;
  if (!unsigned_refusal && !exchange_check_signature(exchange, FORWARD_ANSWER, exchange->provider_member)) return false;
  if (!unsigned_refusal && !text_equal(fields_get(&answer->fields, "X-Road-Request-Id"), exchange->exchange_id)) return false;
  exchange->provided = (struct http_answer){.status = answer->status, .body = answer->body};
  if (!forward_received(arena, &answer->fields, FORWARD_ANSWER, &exchange->provided.fields)) return false;
  exchange->remote_error = arena_copy(arena, error);
  return true;
}

static void remote_evidence(struct exchange *exchange)
{
  struct evidence *evidence = &exchange->evidence;
  evidence->status = exchange->provided.status;
  evidence->axis_error = exchange->remote_error;
  bool is_signed = !text_empty(evidence->answer_signature);
  evidence->answer_body_sha256 = is_signed ? hex_write(exchange->cx.arena, exchange->provided.body.sha256, DIGEST_SIZE) : NULL;
  enum fault fault = exchange->remote_error ? fault_by_code(exchange->remote_error) : FAULT_NONE;
  exchange->reached = !fault || !fault_before_call(fault);
}

static void remote_answered(void *user, const struct http_outcome *outcome)
{
  struct exchange *exchange = user;
  exchange->reached = outcome->sent;
  if (outcome->err) exchange_fail(exchange, FAULT_NETWORK, exchange->peer->row.name);
  else if (!answer_take(exchange, outcome)) exchange_fail(exchange, FAULT_ANSWER, exchange->peer->row.name);
  if (exchange->fault) {
    exchange_end_refused(exchange);
    return;
  }
  remote_evidence(exchange);
  exchange_record(exchange, "outcome", exchange_recorded_end);
}

static void remote_send(struct exchange *exchange)
{
  struct axis *axis = exchange->axis;
  SSL_CTX *tls = exchange->err ? NULL : peers_client(&exchange->cx, axis->peers, exchange->peer);
  if (!journal_has_room(axis->journal)) exchange_fail(exchange, FAULT_CLIENT_BUSY, "journal");
  else if (exchange->err) exchange_fail(exchange, FAULT_CLIENT_INTERNAL, "signature");
  else if (!tls) exchange_fail(exchange, FAULT_NETWORK, exchange->peer->row.name);
  if (exchange->fault) {
    exchange_end_refused(exchange);
    return;
  }
  const struct http_ask ask = {.arena = exchange->cx.arena,
    .to = {.host = exchange->peer->host, .port = exchange->peer->port, .tls = tls, .tls_name = exchange->peer->row.name},
    .method = exchange->method, .target = exchange->target, .fields = exchange->request.fields, .body = exchange->body,
    .wait_ms_max = exchange->wait_ms_max, .answer_max = AXIS_BODY_MAX, .hash_body = true};
  http_client_send(axis->client, &ask, remote_answered, exchange);
}

/* ---- The beginning ---- */

/* Which gateway the provider is behind; NULL and no fault: ours. */
static void peer_find(struct exchange *exchange)
{
  const char *own = exchange->axis->gateway_name;
  const char *pinned = fields_get(&exchange->fields, "X-Road-Security-Server");
  const struct axis_system *consumer = snapshot_system(exchange->snapshot, exchange->consumer);
  if (!text_equal(consumer->gateway, own)) {
    exchange_fail(exchange, FAULT_NO_MEMBER_HERE, exchange->consumer);
    return;
  }
  if (pinned && !text_equal(pinned, exchange->system->gateway)) {
    exchange_fail(exchange, FAULT_NO_SERVER, "X-Road-Security-Server");
    return;
  }
  if (text_equal(exchange->system->gateway, own)) return;
  exchange->peer = snapshot_gateway(exchange->snapshot, exchange->system->gateway);
  bool good = exchange->peer && exchange->peer->host && state_active(exchange->peer->row.state);
  if (!good || !signer_good(&exchange->peer->signer, cx_now(&exchange->cx))) exchange_fail(exchange, FAULT_NETWORK, exchange->system->gateway);
}

static void exchange_ready(struct exchange *exchange)
{
  if (exchange->err) exchange_fail(exchange, FAULT_CLIENT_INTERNAL, "body");
  if (!exchange->fault && exchange_find(exchange)) peer_find(exchange);
  if (exchange->fault) {
    exchange_end_refused(exchange);
    return;
  }
  exchange_request_fill(exchange);
  exchange_sign(exchange, FORWARD_REQUEST, exchange->consumer_member, exchange->peer ? remote_send : local_call);
}

static void body_hash(void *arg)
{
  struct exchange *exchange = arg;
  bool good = sha256_body(&exchange->body) && sha512_body(&exchange->body, exchange->body_sha512);
  exchange->err = good ? OK : ERR_STORAGE;
  exchange_go(exchange, exchange_ready);
}

/* The fields that say who and which, in the place where the system wrote them; else at the end. */
static void field_set(struct http_fields *fields, const char *name, const char *value)
{
  if (!fields_get(fields, name)) fields_add(fields, name, value);
}

static bool request_take(struct exchange *exchange, const struct axis_ask *ask)
{
  struct arena *arena = exchange->cx.arena;
  const char *tail = arena_print(arena, "%s%s", axis_name_write(arena, ask->service), ask->path);
  const char *decoded;
  if (!axis_path_read(arena, tail, &exchange->path) || !text_equal(exchange->path.service, ask->service)) return false;
  if (path_normalise(arena, exchange->path.rest, &decoded) == PATH_WRONG) return false;
  if (!forward_fields(arena, &ask->fields, FORWARD_REQUEST, &exchange->fields) || !forward_fits(&exchange->fields)) return false;
  if (ask->request_id && !forward_is_text(ask->request_id, AXIS_ID_MAX)) return false;
  if (ask->user && !forward_is_text(ask->user, AXIS_USER_MAX)) return false;
  field_set(&exchange->fields, "X-Road-Client", axis_name_write(arena, ask->consumer) + 1);
  if (ask->user) field_set(&exchange->fields, "X-Road-UserId", ask->user);
  if (ask->request_id) field_set(&exchange->fields, "X-Road-Id", ask->request_id);
  fields_add(&exchange->fields, "X-Road-Request-Id", exchange->exchange_id);
  if (!ask->request_id) fields_add(&exchange->fields, "X-Road-Id", exchange->request_id);
  return true;
}

static void exchange_begin(struct exchange *exchange)
{
  if (exchange->fault) {
    exchange_end_fault(exchange);
    return;
  }
  /* A great body is read from its file: not on a loop. */
  if (!exchange->body.path) body_hash(exchange);
  else if (!workers_submit(exchange->axis->chores, body_hash, exchange)) {
    exchange_fail(exchange, FAULT_CLIENT_BUSY, "body");
    exchange_end_fault(exchange);
  }
}

void axis_exchange(struct axis *axis, const struct axis_ask *ask, void (*done)(void *user, const struct axis_outcome *outcome), void *user)
{
  struct loop *loop = loop_here() ? loop_here() : loops_any(axis->loops);
  struct exchange *exchange = ARENA_NEW(ask->arena, struct exchange);
  exchange_init(exchange, axis, ask->arena, loop);
  exchange->done = done;
  exchange->done_user = user;
  exchange->consumer = arena_copy(ask->arena, ask->consumer);
  exchange->method = arena_copy(ask->arena, ask->method);
  exchange->user = arena_copy(ask->arena, ask->user);
  exchange->exchange_id = random_uuid(ask->arena);
  exchange->id_made = !ask->request_id;
  exchange->request_id = ask->request_id ? arena_copy(ask->arena, ask->request_id)
                                         : arena_print(ask->arena, "%s-%s", axis->instance, random_uuid(ask->arena));
  exchange->cx.request_id = exchange->request_id;
  exchange->body = ask->body;
  exchange->wait_ms_max = ask->wait_ms_max ? ask->wait_ms_max : AXIS_WAIT_MS;
  fields_init(&exchange->fields, ask->arena);
  if (!request_take(exchange, ask)) exchange_fail(exchange, FAULT_BAD_REQUEST, NULL);
  bool open = axis_running_more(axis);
  if (!open) exchange_fail(exchange, FAULT_CLIENT_BUSY, "closing");
  exchange_go(exchange, exchange_begin);
}
