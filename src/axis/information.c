/* The door for information systems in any language: X-Road's REST protocol /r1.
 *
 * A system proves itself by its token; X-Road-Client is a claim that must agree with it. */
#include "axis/exchange_inner.h"

#include "base/text.h"

#include <string.h>

enum { CLIENTS_BUDGET = 1 << 30 };

/* ---- Who asks ---- */
static const char *caller_of(struct cx *cx, const struct snapshot *snapshot, const struct http_fields *fields)
{
  const char *token = fields_count(fields, "Axis-Token") == 1 ? fields_get(fields, "Axis-Token") : NULL;
  uint8_t digest[DIGEST_SIZE];
  if (!token) return NULL;
  sha256(token, strlen(token), digest);
  const char *system = snapshot_token_system(snapshot, hex_write(cx->arena, digest, sizeof digest));
  const struct axis_system *row = snapshot_system(snapshot, system);
  return row && state_active(row->state) ? system : NULL;
}

struct information { struct axis *axis; struct http_call *call; struct cx cx; };

static void information_fault(struct information *information, enum fault fault, const char *subject)
{
  struct http_call *call = information->call;
  struct http_answer answer;
  atomic_fetch_add(&information->axis->exchanges, 1);
  atomic_fetch_add(&information->axis->refused, 1);
  fault_answer(call->arena, fault, subject, NULL, fields_get(&call->fields, "Accept"), &answer);
  http_reply(call, &answer);
}

/* ---- Exchanges ---- */
static void information_answered(void *user, const struct axis_outcome *outcome)
{
  http_reply(user, &outcome->answer);
}

static void information_exchange(struct information *information, const char *caller)
{
  struct http_call *call = information->call;
  struct arena *arena = call->arena;
  const struct http_fields *fields = &call->fields;
  const char *client;
  struct axis_path path;
  if (!axis_name_read(arena, fields_get(fields, "X-Road-Client"), 4, &client) || fields_count(fields, "X-Road-Client") != 1) {
    information_fault(information, FAULT_BAD_REQUEST, "X-Road-Client");
  } else if (!text_equal(client, caller)) {
    information_fault(information, FAULT_WHO, client);
  } else if (!axis_path_read(arena, call->target + strlen(CLIENT_PREFIX), &path)) {
    information_fault(information, FAULT_BAD_REQUEST, "path");
  } else {
    const struct axis_ask ask = {.arena = arena, .consumer = caller, .service = path.service, .method = call->method, .path = path.rest,
      .request_id = fields_get(fields, "X-Road-Id"), .user = fields_get(fields, "X-Road-UserId"), .fields = *fields, .body = call->body};
    axis_exchange(information->axis, &ask, information_answered, call);
  }
}

static void arena_drop(void *arena)
{
  arena_free(arena);
}

static void information_clients(struct information *information, const struct snapshot *snapshot)
{
  struct http_call *call = information->call;
  static const char parameter[] = "xRoadInstance=";
  const char *instance = information->axis->instance, *value = call->query + strlen(parameter);
  if (text_starts(call->query, parameter)) instance = url_decode(call->arena, value, strcspn(value, "&"), true);
  if (!instance || !snapshot_document(snapshot, instance)) {
    information_fault(information, FAULT_BAD_REQUEST, "xRoadInstance");
    return;
  }
  struct http_answer answer;
  struct arena *arena = arena_new(CLIENTS_BUDGET); /* a whole instance may be more than a call's own arena holds */
  arena_defer(call->arena, arena_drop, arena);
  meta_list_clients(arena, snapshot, instance, &answer);
  http_reply(call, &answer);
}

/* ---- The server ---- */
static int information_head(void *self, struct http_call *call, int64_t *body_max)
{
  struct axis *axis = self;
  struct cx cx = {.arena = call->arena, .clock = axis->clock, .request_id = ""};
  *body_max = caller_of(&cx, directory_borrow(&cx, axis->directory), &call->fields) ? AXIS_BODY_MAX : AXIS_BODY_STRANGER_MAX;
  return 0;
}

static void information_ready(void *self, struct http_call *call)
{
  struct axis *axis = self;
  struct information information = {axis, call, {.arena = call->arena, .clock = axis->clock, .log = axis->log, .language = "vi", .request_id = ""}};
  const struct snapshot *snapshot = directory_borrow(&information.cx, axis->directory);
  const char *caller = caller_of(&information.cx, snapshot, &call->fields);
  bool exchange = text_starts(call->path, CLIENT_PREFIX "/"), clients = text_equal(call->path, "/listClients");
  if (!exchange && !clients) information_fault(&information, FAULT_BAD_REQUEST, "path");
  else if (!caller) information_fault(&information, FAULT_WHO, "Axis-Token");
  else if (exchange) information_exchange(&information, caller);
  else if (!text_equal(call->method, "GET")) information_fault(&information, FAULT_BAD_REQUEST, "method");
  else information_clients(&information, snapshot);
}

enum err information_start(struct cx *cx, struct axis *axis, const char *address)
{
  const struct http_service service = {.self = axis, .head = information_head, .ready = information_ready, .hash_bodies = true};
  const struct http_limits limits = {.spool_folder = arena_print(cx->arena, "%s/spool", axis->folder)};
  return http_server_start(cx, axis->loops, address, NULL, &service, &limits, &axis->information_port, &axis->information);
}
