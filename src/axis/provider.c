/* Calls the provider of a checked request: one of our systems on a worker, or a foreign one by plain HTTP. */
#include "axis/exchange_inner.h"

#include "base/text.h"

#include <string.h>

/* ---- Our own systems ---- */
const struct axis_local *axis_local_find(const struct axis *axis, const char *system)
{
  for (size_t i = 0; i < axis->local_count; i++)
    if (text_equal(axis->locals[i].here->axis_id, system)) return &axis->locals[i];
  return NULL;
}

static void local_run(void *arg)
{
  struct exchange *exchange = arg;
  struct cx *cx = &exchange->cx;
  const struct axis_local *local = axis_local_find(exchange->axis, exchange->path.system);
  const char *rest = exchange->path.rest, *query = strchr(rest, '?');
  const struct http_call request = {.arena = cx->arena, .method = exchange->method, .target = rest,
    .path = query ? arena_copy_n(cx->arena, rest, (size_t)(query - rest)) : rest, .query = query ? query + 1 : "",
    .fields = exchange->fields, .body = exchange->body, .peer = ""};
  struct service_call call = {.here = local->here, .consumer = exchange->consumer, .request_id = exchange->request_id, .user = exchange->user};
  struct http_answer answer = {0};
  fields_init(&answer.fields, cx->arena);
  enum err err = service_dispatch(cx, local->here, local->services, local->service_count, exchange->path.code, &request, &call, &answer);
  if (err) exchange_fail(exchange, FAULT_SERVER_INTERNAL, exchange->path.service);
  exchange->provided = answer;
  if (!sha256_body(&exchange->provided.body)) exchange_fail(exchange, FAULT_SERVER_INTERNAL, exchange->path.service); /* here, not on the loop */
  exchange_go(exchange, exchange->next);
}

/* ---- Foreign providers ---- */
static enum fault foreign_fault(struct exchange *exchange, enum err err)
{
  if (err == ERR_BUSY) return FAULT_SERVER_BUSY;
  if (err != ERR_FORBIDDEN) return FAULT_SERVICE;
  cx_log(&exchange->cx, LOG_WARN, "a provider's address is outside of provider_networks",
         LOG_FIELDS({"system", exchange->system->id}, {"url", exchange->system->url}));
  return FAULT_ADDRESS;
}

static void foreign_answered(void *user, const struct http_outcome *outcome)
{
  struct exchange *exchange = user;
  const struct http_answer *answer = outcome->answer;
  exchange->reached = outcome->sent;
  if (!outcome->err) exchange->provided = (struct http_answer){.status = answer->status, .body = answer->body};
  bool good = !outcome->err && forward_fields(exchange->cx.arena, &answer->fields, FORWARD_ANSWER, &exchange->provided.fields) &&
              forward_fits(&exchange->provided.fields);
  if (!good) exchange_fail(exchange, foreign_fault(exchange, outcome->err), exchange->path.service);
  exchange_go(exchange, exchange->next);
}

/* The path under the provider's base is the service's code and what followed it, raw, as it was asked. */
static void foreign_call(struct exchange *exchange, const struct axis_url *url)
{
  struct arena *arena = exchange->cx.arena;
  struct http_ask ask = {.arena = arena, .to = {.host = url->host, .port = url->port, .allow = exchange->axis->providers}, .method = exchange->method,
    .target = arena_print(arena, "%s/%s%s", url->base, url_encode(arena, exchange->path.code), exchange->path.rest),
    .body = exchange->body, .wait_ms_max = exchange->wait_ms_max, .answer_max = AXIS_BODY_MAX, .hash_body = true};
  fields_init(&ask.fields, arena);
  for (size_t i = 0; i < exchange->fields.count; i++) fields_add(&ask.fields, exchange->fields.items[i].name, exchange->fields.items[i].value);
  fields_add(&ask.fields, "X-Road-Service", axis_name_write(arena, exchange->path.service) + 1);
  http_client_send(exchange->axis->client, &ask, foreign_answered, exchange);
}

void provider_call(struct exchange *exchange, exchange_step *next)
{
  struct axis_url url;
  exchange->next = next;
  fields_init(&exchange->provided.fields, exchange->cx.arena);
  if (meta_is(exchange->path.code)) {
    meta_answer(exchange);
    exchange_go(exchange, next);
  } else if (axis_local_find(exchange->axis, exchange->path.system)) {
    exchange->reached = true;
    if (workers_submit(exchange->axis->workers, local_run, exchange)) return;
    exchange->reached = false;
    exchange_fail(exchange, FAULT_SERVER_BUSY, exchange->path.service);
    exchange_go(exchange, next);
  } else if (axis_url_read(exchange->cx.arena, exchange->system->url, &url)) {
    foreign_call(exchange, &url);
  } else {
    exchange_fail(exchange, FAULT_SERVICE, exchange->path.service);
    exchange_go(exchange, next);
  }
}
