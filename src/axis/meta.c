/* What the axis tells about itself: the metaservices of X-Road's REST protocol, answered from the directory. */
#include "axis/exchange_inner.h"

#include "base/text.h"

#include <string.h>

static const char *const codes[] = {"listMethods", "allowedMethods", "getOpenAPI"};

bool meta_is(const char *code)
{
  for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
    if (text_equal(code, codes[i])) return true;
  return false;
}

struct meta_id { const char *object_type, *xroad_instance, *member_class, *member_code, *subsystem_code; };
static const struct field id_fields[] = {
  FIELD(struct meta_id, object_type), FIELD(struct meta_id, xroad_instance), FIELD(struct meta_id, member_class),
  FIELD(struct meta_id, member_code), FIELD(struct meta_id, subsystem_code),
};
static const struct record_type id_type = RECORD("id", struct meta_id, id_fields);

struct meta_client { struct meta_id *id; const char *name, *subsystem_name; };
static const struct field client_fields[] = {
  FIELD_OF(struct meta_client, id, &id_type), FIELD(struct meta_client, name), FIELD(struct meta_client, subsystem_name),
};
static const struct record_type client_type = RECORD("client", struct meta_client, client_fields);

struct meta_clients { struct list member; };
static const struct field clients_fields[] = { FIELD(struct meta_clients, member, .of = &client_type) };
static const struct record_type clients_type = RECORD("clients", struct meta_clients, clients_fields);

static const struct field endpoint_fields[] = { FIELD(struct openapi_endpoint, method), FIELD(struct openapi_endpoint, path) };
static const struct record_type endpoint_type = RECORD("endpoint", struct openapi_endpoint, endpoint_fields);

struct meta_service {
  const char *object_type, *xroad_instance, *member_class, *member_code, *subsystem_code, *service_code, *service_type;
  struct list endpoint_list;
};
static const struct field service_fields[] = {
  FIELD(struct meta_service, object_type), FIELD(struct meta_service, xroad_instance), FIELD(struct meta_service, member_class),
  FIELD(struct meta_service, member_code), FIELD(struct meta_service, subsystem_code), FIELD(struct meta_service, service_code),
  FIELD(struct meta_service, service_type), FIELD(struct meta_service, endpoint_list, .of = &endpoint_type),
};
static const struct record_type service_type = RECORD("service", struct meta_service, service_fields);

struct meta_services { struct list service; };
static const struct field services_fields[] = { FIELD(struct meta_services, service, .of = &service_type) };
static const struct record_type services_type = RECORD("services", struct meta_services, services_fields);

/* The n-th segment of a name. */
static const char *segment(struct arena *arena, const char *name, int n)
{
  for (; n > 0; n--) name = strchr(name, '/') + 1;
  return arena_copy_n(arena, name, strcspn(name, "/"));
}

static void answer_json(struct arena *arena, const struct record_type *type, const void *record, struct http_answer *out)
{
  struct buffer body;
  buffer_init(&body, arena);
  record_write_json(&body, type, record);
  *out = (struct http_answer){.status = 200};
  fields_init(&out->fields, arena);
  fields_add(&out->fields, "Content-Type", "application/json; charset=utf-8");
  out->body = (struct http_body){.data = buffer_bytes(&body), .size = (int64_t)body.size};
}

/* ---- listClients ---- */
static struct meta_client client_make(struct arena *arena, const char *id, const char *member_name, const char *system_name)
{
  struct meta_id *made = ARENA_NEW(arena, struct meta_id);
  *made = (struct meta_id){system_name ? "SUBSYSTEM" : "MEMBER", segment(arena, id, 0), segment(arena, id, 1), segment(arena, id, 2),
                           system_name ? segment(arena, id, 3) : NULL};
  return (struct meta_client){made, member_name, system_name};
}

void meta_list_clients(struct arena *arena, const struct snapshot *snapshot, const char *instance, struct http_answer *out)
{
  struct meta_clients clients = {.member = {ARENA_ARRAY(arena, snapshot->members.count + snapshot->systems.count + 1, struct meta_client), 0}};
  struct meta_client *made = clients.member.items;
  const struct snapshot_member *members = snapshot->members.items;
  const struct axis_system *systems = snapshot->systems.items;
  for (size_t i = 0; i < snapshot->members.count; i++)
    if (axis_name_within(members[i].row.id, instance) && state_active(members[i].row.state))
      made[clients.member.count++] = client_make(arena, members[i].row.id, members[i].row.name, NULL);
  for (size_t i = 0; i < snapshot->systems.count; i++) {
    if (!axis_name_within(systems[i].id, instance) || !state_active(systems[i].state)) continue;
    const struct snapshot_member *member = snapshot_member(snapshot, axis_name_head(arena, systems[i].id, 3));
    made[clients.member.count++] = client_make(arena, systems[i].id, member ? member->row.name : "", systems[i].name ? systems[i].name : "");
  }
  answer_json(arena, &clients_type, &clients, out);
}

/* ---- listMethods, allowedMethods ---- */

/* "GET /x\nPOST /y" */
static struct list endpoints_read(struct arena *arena, const char *text)
{
  size_t lines = 1;
  for (const char *c = text ? text : ""; *c; c++) lines += *c == '\n';
  struct openapi_endpoint *made = ARENA_ARRAY(arena, lines, struct openapi_endpoint);
  size_t count = 0;
  for (const char *at = text ? text : ""; *at;) {
    size_t size = strcspn(at, "\n"), method = strcspn(at, " ");
    const char *path = at + method + 1;
    if (method + 1 < size) made[count++] = (struct openapi_endpoint){arena_copy_n(arena, at, method), arena_copy_n(arena, path, size - method - 1)};
    at += size + (at[size] == '\n');
  }
  return (struct list){made, count};
}

/* Does any right of the consumer name the service? */
static bool service_allowed(struct exchange *exchange, const char *service)
{
  const struct list rights = snapshot_rights(exchange->snapshot, service);
  const struct right *all = rights.items;
  for (size_t i = 0; i < rights.count; i++) {
    const bool any_method = text_equal(all[i].method, "*");
    const struct right_question question = {exchange->consumer, service, any_method ? "GET" : all[i].method, "", cx_now(&exchange->cx)};
    struct right whole = all[i];
    whole.path = "*";
    if (right_covers(exchange->cx.arena, &whole, &question)) return true;
  }
  return false;
}

static void list_methods(struct exchange *exchange, bool allowed_only)
{
  struct arena *arena = exchange->cx.arena;
  const char *system = exchange->path.system;
  const struct list all = snapshot_services_of(exchange->snapshot, system);
  const struct axis_service *services = all.items;
  struct meta_services found = {.service = {ARENA_ARRAY(arena, all.count + 1, struct meta_service), 0}};
  struct meta_service *made = found.service.items;
  for (size_t i = 0; i < all.count; i++) {
    if (allowed_only && !service_allowed(exchange, services[i].id)) continue;
    made[found.service.count++] = (struct meta_service){"SERVICE", segment(arena, system, 0), segment(arena, system, 1), segment(arena, system, 2),
      segment(arena, system, 3), segment(arena, services[i].id, 4), services[i].kind, endpoints_read(arena, services[i].endpoints)};
  }
  answer_json(arena, &services_type, &found, &exchange->provided);
}

/* ---- getOpenAPI ---- */
static void openapi_get(struct exchange *exchange)
{
  struct arena *arena = exchange->cx.arena;
  const char *query = strchr(exchange->path.rest, '?'), *given = query ? strstr(query, "serviceCode=") : NULL;
  const char *code = given ? url_decode(arena, given + strlen("serviceCode="), strcspn(given + strlen("serviceCode="), "&"), true) : NULL;
  const struct axis_service *service = code ? snapshot_service(exchange->snapshot, arena_print(arena, "%s/%s", exchange->path.system, code)) : NULL;
  if (!service) {
    exchange_fail(exchange, code ? FAULT_NO_SERVICE : FAULT_BAD_REQUEST, "serviceCode");
    return;
  }
  exchange->provided.status = 200;
  fields_add(&exchange->provided.fields, "Content-Type", "application/json; charset=utf-8");
  const struct list endpoints = endpoints_read(arena, service->endpoints);
  const char *text = openapi_write(arena, service, axis_local_find(exchange->axis, exchange->path.system), &endpoints);
  exchange->provided.body = (struct http_body){.data = {(const uint8_t *)text, strlen(text)}, .size = (int64_t)strlen(text)};
}

void meta_answer(struct exchange *exchange)
{
  if (!text_equal(exchange->method, "GET")) exchange_fail(exchange, FAULT_BAD_REQUEST, "method");
  else if (text_equal(exchange->path.code, "getOpenAPI")) openapi_get(exchange);
  else list_methods(exchange, text_equal(exchange->path.code, "allowedMethods"));
}
