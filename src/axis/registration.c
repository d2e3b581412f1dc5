/* What a node puts into its instance's directory by itself: its gateway, and the systems it hosts with their members and services.
 * Nothing is written that stands there already, so that a start makes no new version. A twin writes nothing: the first process did. */
#include "axis/axis_inner.h"

#include "axis_sql.h"
#include "base/text.h"

#include <string.h>

#define CERTIFICATE_RENEW_US (90 * DAY_US)
enum { VERSIONS_SKIPPED = 1000000 };

/* ---- The gateway ---- */

/* Another log than the directory names: this node was restored from a backup, and may have published versions since that it knows
 * nothing of. Whoever has seen them takes no lower one. */
static enum err versions_skip(struct cx *cx, struct axis *axis)
{
  return store_run(cx, axis->store, &axis_version_skip, ARGS(V(VERSIONS_SKIPPED)), NULL);
}

static bool is_twin(const struct axis *axis)
{
  return axis->gateway_own != axis->gateway_name;
}

static enum err twin_certificate(struct cx *cx, struct axis *axis)
{
  enum err err = twin_check(cx, axis);
  if (err) return err;
  axis->gateway_pem = arena_copy(axis->cx->arena, snapshot_gateway(directory_borrow(cx, axis->directory), axis->gateway_own)->row.certificate);
  return OK;
}

enum err axis_gateway_certificate(struct cx *cx, struct axis *axis)
{
  if (is_twin(axis)) return twin_certificate(cx, axis);
  const struct snapshot_gateway *known = snapshot_gateway(directory_borrow(cx, axis->directory), axis->gateway_name);
  const char *host;
  int port;
  if (!axis_address_read(cx->arena, axis->gateway_public, &host, &port)) host = "127.0.0.1";
  bool good = known && known->signer.certificate && known->signer.to_us - cx_now(cx) > CERTIFICATE_RENEW_US && text_equal(known->host, host);
  const char *pem = good ? known->row.certificate : NULL;
  enum err err = good ? OK : directory_issue(cx, axis->directory, GATEWAY_KEY, axis->gateway_name, host, &pem);
  axis->gateway_pem = arena_copy(axis->cx->arena, pem);
  return err;
}

static enum err register_gateway(struct cx *cx, struct axis *axis)
{
  const struct snapshot_gateway *known = snapshot_gateway(directory_borrow(cx, axis->directory), axis->gateway_name);
  struct bytes key;
  struct gateway wish = {.name = axis->gateway_name, .address = axis->gateway_public, .certificate = axis->gateway_pem,
                         .journal_origin = journal_origin(axis->journal), .state = "active"};
  enum err err = keys_public(cx, axis->keys, JOURNAL_KEY, &key);
  if (err) return err;
  wish.journal_key = base64_write(cx->arena, key.data, key.size);
  if (known) wish.state = known->row.state;
  bool same = known && text_equal(known->row.address, wish.address) && text_equal(known->row.certificate, wish.certificate) &&
              text_equal(known->row.journal_origin, wish.journal_origin) && text_equal(known->row.journal_key, wish.journal_key);
  if (known && !text_equal(known->row.journal_origin, wish.journal_origin)) err = versions_skip(cx, axis);
  return err || same ? err : directory_put_gateway(cx, axis->directory, &wish);
}

/* ---- Systems ---- */
static enum err register_member(struct cx *cx, struct axis *axis, const char *id)
{
  const struct snapshot_member *known = snapshot_member(directory_borrow(cx, axis->directory), id);
  if (known && known->signer.certificate && known->signer.to_us - cx_now(cx) > CERTIFICATE_RENEW_US) return OK;
  struct member wish = {.id = id, .name = known ? known->row.name : id, .state = known ? known->row.state : "active"};
  const char *key = member_key_name(cx->arena, id);
  if (!key) return cx_fail(cx, ERR_INPUT, "id", "axis.error.name", "name", id, NULL);
  enum err err = directory_issue(cx, axis->directory, key, id, NULL, &wish.certificate);
  return err ? err : directory_put_member(cx, axis->directory, &wish);
}

static enum err register_system(struct cx *cx, struct axis *axis, const char *id)
{
  const struct axis_system *known = snapshot_system(directory_borrow(cx, axis->directory), id);
  if (known && text_equal(known->gateway, axis->gateway_name) && text_empty(known->url)) return OK;
  const struct axis_system wish = {.id = id, .name = known ? known->name : strrchr(id, '/') + 1, .gateway = axis->gateway_name,
                                   .state = known ? known->state : "active"};
  return directory_put_system(cx, axis->directory, &wish);
}

static const char *endpoints_of(struct cx *cx, const struct axis_local *local, const char *code)
{
  struct buffer out;
  buffer_init(&out, cx->arena);
  for (size_t i = 0; i < local->service_count; i++) {
    const struct service *row = &local->services[i];
    if (text_equal(row->code, code)) buffer_print(&out, "%s%s %s", out.size ? "\n" : "", row->method, text_empty(row->path) ? "/" : row->path);
  }
  return arena_copy(cx->arena, buffer_string(&out));
}

static enum err register_service(struct cx *cx, struct axis *axis, const struct axis_local *local, const char *code)
{
  const char *id = arena_print(cx->arena, "%s/%s", local->here->axis_id, code);
  const struct axis_service *known = snapshot_service(directory_borrow(cx, axis->directory), id);
  const struct axis_service wish = {.id = id, .name = known ? known->name : code, .kind = "REST", .endpoints = endpoints_of(cx, local, code)};
  if (known && text_equal(known->endpoints, wish.endpoints)) return OK;
  return directory_put_service(cx, axis->directory, &wish);
}

static bool code_before(const struct axis_local *local, size_t i)
{
  for (size_t k = 0; k < i; k++)
    if (text_equal(local->services[k].code, local->services[i].code)) return true;
  return false;
}

static enum err register_local(struct cx *cx, struct axis *axis, const struct axis_local *local)
{
  const char *system = local->here->axis_id;
  enum err err = register_member(cx, axis, axis_name_head(cx->arena, system, 3));
  if (!err) err = register_system(cx, axis, system);
  for (size_t i = 0; !err && i < local->service_count; i++)
    if (!code_before(local, i)) err = register_service(cx, axis, local, local->services[i].code);
  return err;
}

enum err axis_register(struct cx *cx, struct axis *axis)
{
  if (is_twin(axis)) return OK;
  enum err err = register_gateway(cx, axis);
  for (size_t i = 0; !err && i < axis->local_count; i++) err = register_local(cx, axis, &axis->locals[i]);
  return err;
}
