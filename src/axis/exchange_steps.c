/* The steps that the consumer's and the provider's gateway share. */
#include "axis/exchange_inner.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { PREPARED_MAX = 32 }; /* keys with a table, of 150 kB each */

void exchange_init(struct exchange *exchange, struct axis *axis, struct arena *arena, struct loop *loop)
{
  *exchange = (struct exchange){.axis = axis, .loop = loop, .index = -1};
  exchange->cx = (struct cx){.arena = arena, .clock = axis->clock, .log = axis->log, .language = "vi", .request_id = ""};
  exchange->snapshot = directory_borrow(&exchange->cx, axis->directory);
}

static void exchange_go_on(void *arg)
{
  struct exchange *exchange = arg;
  exchange->next(exchange);
}

void exchange_go(struct exchange *exchange, exchange_step *next)
{
  exchange->next = next;
  loop_post(exchange->loop, exchange_go_on, exchange);
}

void exchange_fail(struct exchange *exchange, enum fault fault, const char *subject)
{
  if (exchange->fault) return; /* the first one is the cause */
  exchange->fault = fault;
  exchange->fault_subject = subject;
}

void exchange_fault_fill(struct exchange *exchange)
{
  const char *accept = fields_get(&exchange->fields, "Accept");
  fault_answer(exchange->cx.arena, exchange->fault, exchange->fault_subject, exchange->exchange_id, accept, &exchange->provided);
}

void exchange_count(struct exchange *exchange)
{
  struct axis *axis = exchange->axis;
  atomic_fetch_add(&axis->exchanges, 1);
  enum fault fault = exchange->remote_error ? fault_by_code(exchange->remote_error) : exchange->fault;
  if (exchange->remote_error && !fault) fault = FAULT_SERVER_INTERNAL;
  if (fault) atomic_fetch_add(fault_before_call(fault) ? &axis->refused : &axis->failed, 1);
}

/* ---- Who and whom ---- */
static const struct snapshot_member *member_active(struct exchange *exchange, const char *system)
{
  const struct snapshot_member *member = snapshot_member(exchange->snapshot, axis_name_head(exchange->cx.arena, system, 3));
  return member && state_active(member->row.state) && signer_good(&member->signer, cx_now(&exchange->cx)) ? member : NULL;
}

/* An instance whose document has run out is as good as unknown: nobody says any more that its members are who they were. */
static bool instance_alive(struct exchange *exchange, const char *name)
{
  const char *instance = axis_name_head(exchange->cx.arena, name, 1);
  if (text_equal(instance, exchange->snapshot->instance)) return true;
  const struct snapshot_document *document = snapshot_document(exchange->snapshot, instance);
  return document && document->expires_us > cx_now(&exchange->cx);
}

static const struct axis_system *system_active(struct exchange *exchange, const char *id)
{
  const struct axis_system *system = snapshot_system(exchange->snapshot, id);
  return system && state_active(system->state) && instance_alive(exchange, id) ? system : NULL;
}

static void directory_note_versions(struct exchange *exchange)
{
  struct buffer out;
  buffer_init(&out, exchange->cx.arena);
  buffer_print(&out, "%s/%lld", exchange->snapshot->instance, (long long)exchange->snapshot->version);
  const char *names[] = {exchange->consumer, exchange->path.system};
  for (int i = 0; i < 2; i++) {
    const char *instance = axis_name_head(exchange->cx.arena, names[i], 1);
    const struct snapshot_document *document = snapshot_document(exchange->snapshot, instance);
    if (document && !text_equal(instance, exchange->snapshot->instance)) {
      buffer_print(&out, " %s/%lld", instance, (long long)document->version);
      break; /* one of the two is always ours */
    }
  }
  exchange->evidence.directory = arena_copy(exchange->cx.arena, buffer_string(&out));
}

bool exchange_find(struct exchange *exchange)
{
  struct evidence *evidence = &exchange->evidence;
  bool ours = !exchange->call; /* the consumer's gateway says Client…, the provider's Server… */
  const char *name = axis_name_write(exchange->cx.arena, exchange->path.service);
  exchange->target = arena_print(exchange->cx.arena, "%s%s%s", GATEWAY_PREFIX, name, exchange->path.rest);
  evidence->request_id = exchange->request_id;
  evidence->exchange_id = exchange->exchange_id;
  evidence->consumer = exchange->consumer;
  evidence->service = exchange->path.service;
  evidence->method = exchange->method;
  evidence->target = exchange->target;
  evidence->user = exchange->user;
  directory_note_versions(exchange);
  const struct axis_system *consumer = system_active(exchange, exchange->consumer);
  exchange->consumer_member = consumer ? member_active(exchange, exchange->consumer) : NULL;
  exchange->system = system_active(exchange, exchange->path.system);
  exchange->provider_member = exchange->system ? member_active(exchange, exchange->path.system) : NULL;
  if (!exchange->consumer_member) exchange_fail(exchange, ours ? FAULT_NO_MEMBER_HERE : FAULT_NO_MEMBER, exchange->consumer);
  else if (!exchange->provider_member) exchange_fail(exchange, ours ? FAULT_NO_MEMBER_HERE : FAULT_NO_MEMBER, exchange->path.system);
  return !exchange->fault;
}

bool exchange_permitted(struct exchange *exchange)
{
  struct axis *axis = exchange->axis;
  if (!journal_has_room(axis->journal)) {
    exchange_fail(exchange, exchange->call ? FAULT_SERVER_BUSY : FAULT_CLIENT_BUSY, "journal");
    return false;
  }
  if (meta_is(exchange->path.code)) return true;
  if (!snapshot_service(exchange->snapshot, exchange->path.service)) {
    exchange_fail(exchange, FAULT_NO_SERVICE, exchange->path.service);
    return false;
  }
  const struct list rights = snapshot_rights(exchange->snapshot, exchange->path.service);
  const struct right_question question = {exchange->consumer, exchange->path.service, exchange->method, exchange->path.rest, cx_now(&exchange->cx)};
  exchange->right = rights_find(exchange->cx.arena, &rights, &question);
  if (!exchange->right) {
    exchange_fail(exchange, FAULT_DENIED, exchange->path.service);
    return false;
  }
  exchange->evidence.purpose = exchange->right->purpose;
  if (guard_quota(axis->guard, exchange->right, cx_now(&exchange->cx))) return true;
  exchange_fail(exchange, FAULT_QUOTA, exchange->path.service);
  return false;
}

/* ---- Messages ---- */
static const char *other_gateway(const struct exchange *exchange)
{
  return exchange->peer ? exchange->peer->row.name : exchange->axis->gateway_name;
}

void exchange_request_fill(struct exchange *exchange)
{
  struct arena *arena = exchange->cx.arena;
  struct http_fields *fields = &exchange->request.fields;
  fields_init(fields, arena);
  for (size_t i = 0; i < exchange->fields.count; i++) fields_add(fields, exchange->fields.items[i].name, exchange->fields.items[i].value);
  forward_pack(fields);
  fields_add(fields, "Axis-Sender", exchange->axis->gateway_name);
  fields_add(fields, "Axis-Receiver", other_gateway(exchange));
  fields_add(fields, "Content-Digest", content_digest(arena, exchange->body.sha256));
  exchange->request.message = (struct signed_message){.method = exchange->method, .target = exchange->target, .fields = fields};
  exchange->evidence.request_body_sha256 = hex_write(arena, exchange->body.sha256, DIGEST_SIZE);
}

void exchange_reply_fill(struct exchange *exchange)
{
  struct arena *arena = exchange->cx.arena;
  struct http_answer *provided = &exchange->provided;
  if (exchange->fault) {
    exchange_fault_fill(exchange);
    exchange->evidence.axis_error = fault_code(exchange->fault);
  }
  if (!sha256_body(&provided->body)) sha256("", 0, provided->body.sha256);
  struct http_fields *fields = &exchange->reply.fields;
  fields_init(fields, arena);
  for (size_t i = 0; i < provided->fields.count; i++) fields_add(fields, provided->fields.items[i].name, provided->fields.items[i].value);
  forward_pack(fields);
  if (exchange->request_id) fields_add(fields, "X-Road-Id", exchange->request_id);
  if (exchange->exchange_id) fields_add(fields, "X-Road-Request-Id", exchange->exchange_id);
  fields_add(fields, "Content-Digest", content_digest(arena, provided->body.sha256));
  exchange->reply.message = (struct signed_message){.method = exchange->method, .target = exchange->target, .status = provided->status,
                                                    .fields = fields, .request = &exchange->request.message};
  exchange->evidence.status = provided->status;
  exchange->evidence.answer_body_sha256 = hex_write(arena, provided->body.sha256, DIGEST_SIZE);
}

bool body_digest_matches(const struct http_fields *fields, const struct http_body *body)
{
  uint8_t digest[DIGEST_SIZE];
  const char *value = fields_get(fields, "Content-Digest");
  return value && body->hashed && content_digest_read(value, digest) && memcmp(digest, body->sha256, DIGEST_SIZE) == 0;
}

/* ---- Signing ---- */
static void evidence_sign(struct exchange *exchange, enum forward_side side, const struct received_signature *received)
{
  struct arena *arena = exchange->cx.arena;
  struct evidence *evidence = &exchange->evidence;
  const char *base = base64_write(arena, received->base, strlen(received->base));
  const char *signature = base64_write(arena, received->signature.data, received->signature.size);
  if (side == FORWARD_REQUEST) {
    evidence->request_input = received->input;
    evidence->request_base = base;
    evidence->request_signature = signature;
    evidence->request_signer = received->parameters.key_id;
  } else {
    evidence->answer_input = received->input;
    evidence->answer_base = base;
    evidence->answer_signature = signature;
    evidence->answer_signer = received->parameters.key_id;
  }
}

static struct exchange_message *message_of(struct exchange *exchange, enum forward_side side)
{
  return side == FORWARD_REQUEST ? &exchange->request : &exchange->reply;
}

static const char *tag_of(enum forward_side side)
{
  return side == FORWARD_REQUEST ? "axis-request" : "axis-response";
}

static void exchange_signed(struct exchange *exchange)
{
  if (!exchange->err) {
    message_signature_attach(&message_of(exchange, exchange->signing)->fields, exchange->own.input, &exchange->own.signature);
    evidence_sign(exchange, exchange->signing, &exchange->own);
  }
  exchange_step *next = exchange->next;
  next(exchange);
}

static void exchange_signed_here(void *arg)
{
  exchange_signed(arg);
}

static void key_signed(void *user, enum err err, const struct signature *signature)
{
  struct exchange *exchange = user;
  exchange->err = err;
  if (!err) exchange->own.signature = *signature;
  loop_post(exchange->loop, exchange_signed_here, exchange);
}

void exchange_sign(struct exchange *exchange, enum forward_side side, const struct snapshot_member *signer, exchange_step *next)
{
  int64_t now_s = cx_now(&exchange->cx) / SECOND_US;
  const struct signature_parameters parameters = {now_s, now_s + SIGNATURE_LIFE_S, signer->signer.hash, tag_of(side)};
  const char *key = member_key_name(exchange->cx.arena, signer->row.id);
  exchange->signing = side;
  const struct signed_message *message = &message_of(exchange, side)->message;
  exchange->err = key ? OK : ERR_INTERNAL;
  if (key) exchange->err = message_signature_prepare(&exchange->cx, message, &parameters, &exchange->own);
  if (exchange->err) {
    exchange_go(exchange, next);
    return;
  }
  exchange->next = next;
  keys_sign(exchange->axis->keys, key, exchange->own.digest, key_signed, exchange);
}

/* ---- Checking ---- */
struct preparation { struct axis *axis; struct verifier *verifier; };

static int verifiers_prepared(const struct snapshot *snapshot)
{
  int count = 0;
  const struct snapshot_member *members = snapshot->members.items;
  for (size_t i = 0; i < snapshot->members.count; i++)
    if (members[i].signer.certificate && verifier_prepared(members[i].signer.verifier)) count++;
  return count;
}

static void preparation_run(void *arg)
{
  struct preparation *preparation = arg;
  struct snapshot *snapshot = directory_take(preparation->axis->directory);
  if (verifiers_prepared(snapshot) < PREPARED_MAX) verifier_prepare(preparation->verifier);
  snapshot_release(snapshot);
  verifier_free(preparation->verifier);
  free(preparation);
}

/* Nobody waits for it; where there is no room, checks go on as they did. */
static void preparation_start(struct axis *axis, struct verifier *verifier)
{
  struct preparation *preparation = malloc(sizeof *preparation);
  if (!preparation) abort();
  *preparation = (struct preparation){axis, verifier_hold(verifier)};
  if (workers_submit(axis->chores, preparation_run, preparation)) return;
  verifier_free(verifier);
  free(preparation);
}

bool exchange_check_signature(struct exchange *exchange, enum forward_side side, const struct snapshot_member *signer)
{
  struct received_signature received;
  struct cx *cx = &exchange->cx;
  if (message_signature_read(cx, &message_of(exchange, side)->message, &received) != OK) return false;
  const struct signature_parameters *parameters = &received.parameters;
  if (!text_equal(parameters->tag, tag_of(side)) || !text_equal(parameters->key_id, signer->signer.hash)) return false;
  if (!guard_in_time(parameters->created_s, parameters->expires_s, cx_now(cx))) return false;
  struct verifier *verifier = signer->signer.verifier;
  if (verifier_check(cx, verifier, received.digest, &received.signature) != OK) return false;
  if (verifier_due(verifier)) preparation_start(exchange->axis, verifier);
  evidence_sign(exchange, side, &received);
  return true;
}

/* ---- The journal ---- */

/* Great bodies are kept by their hash alone: the journal is no store for documents. */
static struct bytes body_kept(const struct http_body *body)
{
  return body->path || body->size > HTTP_BODY_MEMORY_MAX ? (struct bytes){0} : body->data;
}

static struct bytes bodies_kept(struct exchange *exchange, bool answer)
{
  struct bytes request = body_kept(&exchange->body), reply = answer ? body_kept(&exchange->provided.body) : (struct bytes){0};
  uint8_t head[4];
  struct buffer out;
  for (int i = 0; i < 4; i++) head[i] = (uint8_t)(request.size >> (24 - 8 * i));
  buffer_init(&out, exchange->cx.arena);
  buffer_add(&out, head, sizeof head);
  buffer_add(&out, request.data, request.size);
  buffer_add(&out, reply.data, reply.size);
  return buffer_bytes(&out);
}

static void exchange_recorded(void *user, enum err err, int64_t index)
{
  struct exchange *exchange = user;
  exchange->err = err;
  exchange->index = index;
  if (!err) exchange_index_add(exchange->axis->index, index, &exchange->evidence);
  loop_post(exchange->loop, exchange_go_on, exchange);
}

void exchange_record(struct exchange *exchange, const char *kind, exchange_step *next)
{
  struct evidence *evidence = &exchange->evidence;
  bool answer = !text_equal(kind, "request");
  evidence->kind = kind;
  evidence->role = text_equal(kind, "local") ? "both" : exchange->call ? "provider" : "consumer";
  evidence->at_us = cx_now(&exchange->cx);
  exchange->next = next;
  journal_append(exchange->axis->journal, evidence, bodies_kept(exchange, answer), exchange_recorded, exchange);
}
