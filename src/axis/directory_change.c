/* The operator's changes. Each is a row, an action-log row, a new version of the document where it shows, and a snapshot. */
#include "axis/directory_inner.h"

#include "axis_sql.h"
#include "base/text.h"
#include "net/allow.h"
#include "keys/merkle.h"
#include "keys/message_signature.h"
#include "people/action.h"

#include <string.h>

static enum err name_bad(struct cx *cx, const char *field, const char *name)
{
  return cx_fail(cx, ERR_INPUT, field, "axis.error.name", "name", name ? name : "", NULL);
}

/* A clean name of that many segments; own: of our instance. Names in rows are decoded, so encoding one must give it back. */
static enum err name_check(struct cx *cx, const char *field, const char *name, int segments, const char *own)
{
  const char *read;
  if (!name || !axis_name_read(cx->arena, axis_name_write(cx->arena, name) + 1, segments, &read) || !text_equal(read, name))
    return name_bad(cx, field, name);
  return own && !axis_name_within(name, own) ? name_bad(cx, field, name) : OK;
}

static enum err state_check(struct cx *cx, const char **state)
{
  if (text_empty(*state)) *state = "active";
  if (text_equal(*state, "active") || text_equal(*state, "suspended")) return OK;
  return cx_fail(cx, ERR_INPUT, "state", "error.choice", NULL);
}

static const char *text_or_empty(const char *text)
{
  return text ? text : "";
}

/* ---- Putting a row, whatever its kind ---- */
struct put {
  const struct statement *statement;
  struct values args;
  const char *action, *subject;
  const struct record_type *type;
  const void *row;
};

static enum err put_in(struct cx *cx, struct tx *tx, void *arg)
{
  const struct put *put = arg;
  struct buffer detail;
  buffer_init(&detail, cx->arena);
  record_difference(&detail, put->type, NULL, put->row);
  enum err err = sql_run(cx, tx, put->statement, put->args, NULL);
  return err ? err : action_append(cx, tx, put->action, put->subject, buffer_string(&detail));
}

/* ---- Members ---- */
static enum err certificate_own(struct cx *cx, struct directory *directory, const char *pem, const char *name, enum certificate_use use)
{
  X509 *certificate = NULL, *authority = NULL;
  enum err err = certificate_read(cx, pem, &certificate);
  if (!err) err = certificate_read(cx, directory->authority, &authority);
  if (!err) err = certificate_check(cx, certificate, authority, use, cx_now(cx));
  if (!err && !text_equal(certificate_name(cx->arena, certificate), name))
    err = cx_fail(cx, ERR_INPUT, "certificate", "axis.error.certificate", "name", name, NULL);
  X509_free(certificate);
  X509_free(authority);
  return err;
}

/* Without a certificate, the one it had; for a new member, one over a key that this node holds for it. */
static enum err member_certificate(struct cx *cx, struct directory *directory, struct member *member)
{
  if (!text_empty(member->certificate)) return certificate_own(cx, directory, member->certificate, member->id, CERTIFICATE_MEMBER);
  const struct snapshot_member *before = snapshot_member(directory_borrow(cx, directory), member->id);
  if (before && signer_good(&before->signer, cx_now(cx))) {
    member->certificate = before->row.certificate;
    return OK;
  }
  const char *key = member_key_name(cx->arena, member->id);
  if (!key) return name_bad(cx, "id", member->id);
  return directory_issue(cx, directory, key, member->id, NULL, &member->certificate);
}

enum err directory_put_member(struct cx *cx, struct directory *directory, const struct member *wish)
{
  struct member member = *wish;
  enum err err = name_check(cx, "id", member.id, 3, directory->instance);
  if (!err) err = state_check(cx, &member.state);
  if (!err) err = member_certificate(cx, directory, &member);
  if (err) return err;
  member.name = text_or_empty(member.name);
  struct put put = {&axis_member_put, ARGS(V(member.id), V(member.name), V(member.certificate), V(member.state)),
                    "directory.member", member.id, &member_type, &member};
  return directory_change(cx, directory, put_in, &put, true);
}

/* ---- Systems and services ---- */
/* A name is judged again at each connection: where it leads may change. */
static enum err url_check(struct cx *cx, const struct directory *directory, const char *url, const char *before)
{
  struct axis_url read;
  if (!url || text_equal(url, before)) return OK; /* what is refused by now can still be suspended */
  if (!axis_url_read(cx->arena, url, &read)) return cx_fail(cx, ERR_INPUT, "url", "axis.error.url", NULL);
  if (!directory->providers || net_allow_host(directory->providers, read.host, read.port)) return OK;
  return cx_fail(cx, ERR_INPUT, "url", "axis.error.url_network", "address", arena_print(cx->arena, "%s:%d", read.host, read.port), NULL);
}

enum err directory_put_system(struct cx *cx, struct directory *directory, const struct axis_system *wish)
{
  struct axis_system system = *wish;
  enum err err = name_check(cx, "id", system.id, 4, directory->instance);
  if (err) return err;
  const struct snapshot *snapshot = directory_borrow(cx, directory);
  const char *member = axis_name_head(cx->arena, system.id, 3);
  if (!snapshot_member(snapshot, member)) err = cx_fail(cx, ERR_INPUT, "id", "axis.error.unknown_member", "name", member, NULL);
  if (text_empty(system.gateway)) system.gateway = arena_print(cx->arena, "%s/gateway", directory->instance);
  if (text_empty(system.url)) system.url = NULL;
  const struct axis_system *before = snapshot_system(snapshot, system.id);
  if (!err) err = url_check(cx, directory, system.url, before ? before->url : NULL);
  if (!err) err = state_check(cx, &system.state);
  if (err) return err;
  system.name = text_or_empty(system.name);
  struct put put = {&axis_system_put, ARGS(V(system.id), V(system.name), V(system.gateway), V(system.url), V(system.state)),
                    "directory.system", system.id, &axis_system_type, &system};
  return directory_change(cx, directory, put_in, &put, true);
}

enum err directory_put_service(struct cx *cx, struct directory *directory, const struct axis_service *wish)
{
  struct axis_service service = *wish;
  enum err err = name_check(cx, "id", service.id, 5, directory->instance);
  if (err) return err;
  const char *system = axis_name_head(cx->arena, service.id, 4);
  if (!snapshot_system(directory_borrow(cx, directory), system))
    return cx_fail(cx, ERR_INPUT, "id", "axis.error.unknown_system", "name", system, NULL);
  if (text_empty(service.kind)) service.kind = "REST";
  service.name = text_or_empty(service.name);
  service.endpoints = text_or_empty(service.endpoints);
  struct put put = {&axis_service_put, ARGS(V(service.id), V(service.name), V(service.kind), V(service.endpoints)),
                    "directory.service", service.id, &axis_service_type, &service};
  return directory_change(cx, directory, put_in, &put, true);
}

/* ---- Gateways and other instances ---- */
enum err directory_put_gateway(struct cx *cx, struct directory *directory, const struct gateway *wish)
{
  struct gateway gateway = *wish;
  enum err err = name_check(cx, "name", gateway.name, 2, directory->instance);
  if (text_empty(gateway.twin_of)) gateway.twin_of = NULL;
  if (!err && gateway.twin_of) err = name_check(cx, "twin_of", gateway.twin_of, 2, directory->instance);
  if (!err) err = state_check(cx, &gateway.state);
  if (!err) err = certificate_own(cx, directory, text_or_empty(gateway.certificate), gateway.name, CERTIFICATE_GATEWAY);
  if (err) return err;
  struct put put = {&axis_gateway_put, ARGS(V(gateway.name), V(text_or_empty(gateway.address)), V(gateway.certificate),
                                            V(text_or_empty(gateway.journal_origin)), V(text_or_empty(gateway.journal_key)), V(gateway.twin_of), V(gateway.state)),
                    "directory.gateway", gateway.name, &gateway_type, &gateway};
  return directory_change(cx, directory, put_in, &put, true);
}

static enum err directory_key_check(struct cx *cx, const char *text)
{
  struct bytes spki = {0};
  EVP_PKEY *key = text && base64_read(cx->arena, text, &spki) ? public_key_read(spki) : NULL;
  EVP_PKEY_free(key);
  return key ? OK : cx_fail(cx, ERR_INPUT, "directory_key", "axis.error.key", NULL);
}

/* Another key means another directory, whose versions begin anew. */
struct trust { struct put put; bool fresh; };

static enum err trust_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct trust *trust = arg;
  enum err err = trust->fresh ? sql_run(cx, tx, &axis_document_drop, ARGS(V(trust->put.subject)), NULL) : OK;
  return err ? err : put_in(cx, tx, &trust->put);
}

enum err directory_put_trusted(struct cx *cx, struct directory *directory, const struct trusted_instance *wish)
{
  struct trusted_instance trusted = *wish;
  enum err err = name_check(cx, "instance", trusted.instance, 1, NULL);
  if (!err && text_equal(trusted.instance, directory->instance)) err = name_bad(cx, "instance", trusted.instance);
  if (!err) err = directory_key_check(cx, trusted.directory_key);
  if (!err && (text_empty(trusted.url) || !strchr(trusted.url, ':'))) err = cx_fail(cx, ERR_INPUT, "url", "axis.error.url", NULL);
  if (!err) err = state_check(cx, &trusted.state);
  if (err) return err;
  const struct trusted_instance *before = snapshot_trusted(directory_borrow(cx, directory), trusted.instance);
  struct trust trust = {.put = {&axis_trusted_put, ARGS(V(trusted.instance), V(trusted.directory_key), V(trusted.url), V(trusted.state)),
                                "directory.trusted", trusted.instance, &trusted_instance_type, &trusted},
                        .fresh = before && !text_equal(before->directory_key, trusted.directory_key)};
  return directory_change(cx, directory, trust_in, &trust, true);
}

/* ---- Rights ---- */
static enum err right_check(struct cx *cx, struct directory *directory, struct right *right)
{
  enum err err = name_check(cx, "consumer", right->consumer, 4, NULL);
  if (!err) err = name_check(cx, "service", right->service, 5, directory->instance);
  if (!err && text_empty(right->purpose)) err = cx_fail(cx, ERR_INPUT, "purpose", "error.required", NULL);
  if (!err && text_empty(right->legal_basis)) err = cx_fail(cx, ERR_INPUT, "legal_basis", "error.required", NULL);
  if (text_empty(right->method)) right->method = "*";
  if (text_empty(right->path)) right->path = "*";
  if (!err && right->path[0] != '/' && !text_equal(right->path, "*")) err = cx_fail(cx, ERR_INPUT, "path", "axis.error.path", NULL);
  if (text_empty(right->granted_by)) right->granted_by = cx->person ? cx->person->name : "";
  return err;
}

static enum err grant_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct right *right = arg;
  enum err err = sql_number(cx, tx, &axis_right_next, NO_ARGS, &right->id);
  if (err) return err;
  struct put put = {&axis_right_add, ARGS(V(right->id), V(right->consumer), V(right->service), V(right->method), V(right->path), V(right->purpose),
                                          V(right->legal_basis), value_date(right->valid_from), value_date(right->valid_to),
                                          V(right->quota_per_minute), V(right->granted_by)),
                    "right.grant", right->service, &right_type, right};
  return put_in(cx, tx, &put);
}

enum err right_grant(struct cx *cx, struct directory *directory, const struct right *wish, int64_t *id)
{
  struct right right = *wish;
  enum err err = right_check(cx, directory, &right);
  if (!err) err = directory_change(cx, directory, grant_in, &right, false);
  *id = right.id;
  return err;
}

static enum err revoke_in(struct cx *cx, struct tx *tx, void *arg)
{
  int64_t id = *(int64_t *)arg, changed = 0;
  enum err err = sql_run(cx, tx, &axis_right_end, ARGS(V(id)), &changed);
  if (!err && changed == 0) return cx_fail(cx, ERR_NOT_FOUND, "id", "axis.error.unknown_right", NULL);
  return err ? err : action_append(cx, tx, "right.revoke", arena_print(cx->arena, "%lld", (long long)id), NULL);
}

enum err right_revoke(struct cx *cx, struct directory *directory, int64_t id)
{
  return directory_change(cx, directory, revoke_in, &id, false);
}

/* ---- Tokens ---- */
struct token { const char *hash, *system; int64_t created_us; };

static enum err token_in(struct cx *cx, struct tx *tx, void *arg)
{
  const struct token *token = arg;
  enum err err = sql_run(cx, tx, &axis_token_drop, ARGS(V(token->system)), NULL);
  if (!err) err = sql_run(cx, tx, &axis_token_add, ARGS(V(token->hash), V(token->system), V(token->created_us)), NULL);
  return err ? err : action_append(cx, tx, "system.token", token->system, NULL);
}

enum err system_token_make(struct cx *cx, struct directory *directory, const char *system, const char **out)
{
  uint8_t secret[32], digest[DIGEST_SIZE];
  if (!system || !axis_name_within(system, directory->instance) || !snapshot_system(directory_borrow(cx, directory), system))
    return cx_fail(cx, ERR_INPUT, "system", "axis.error.unknown_system", "name", system ? system : "", NULL);
  random_bytes(secret, sizeof secret);
  *out = base64url_write(cx->arena, secret, sizeof secret);
  sha256(*out, strlen(*out), digest);
  struct token token = {hex_write(cx->arena, digest, sizeof digest), system, cx_now(cx)};
  return directory_change(cx, directory, token_in, &token, false);
}

/* ---- A foreign instance's document ---- */
struct taking { const char *instance, *note; int64_t version; };

static enum err taking_in(struct cx *cx, struct tx *tx, void *arg)
{
  const struct taking *taking = arg;
  int64_t before = 0;
  enum err err = sql_number(cx, tx, &axis_document_version, ARGS(V(taking->instance)), &before);
  if (err && err != ERR_NOT_FOUND) return err;
  if (taking->version <= before && err == OK) return cx_fail(cx, ERR_CONFLICT, "version", "axis.error.version", NULL);
  return sql_run(cx, tx, &axis_document_put, ARGS(V(taking->instance), V(taking->version), V(taking->note), V(cx_now(cx))), NULL);
}

static enum err note_check_trusted(struct cx *cx, const struct trusted_instance *trusted, const char *note)
{
  struct bytes key;
  if (!base64_read(cx->arena, trusted->directory_key, &key)) return cx_fail(cx, ERR_INPUT, "directory_key", "axis.error.key", NULL);
  return note_check(cx, note, document_signer(cx->arena, trusted->instance), key);
}

enum err directory_take_foreign(struct cx *cx, struct directory *directory, const char *note)
{
  struct document document;
  enum err err = document_read(cx, note, &document);
  if (err) return err;
  const struct trusted_instance *trusted = snapshot_trusted(directory_borrow(cx, directory), document.instance);
  if (!trusted) return cx_fail(cx, ERR_FORBIDDEN, "instance", "axis.error.not_trusted", "name", document.instance, NULL);
  err = note_check_trusted(cx, trusted, note);
  if (!err && document.expires_us <= cx_now(cx)) err = cx_fail(cx, ERR_CONFLICT, "expires_us", "axis.error.expired", NULL);
  if (err) return err;
  struct taking taking = {document.instance, note, document.version};
  return directory_change(cx, directory, taking_in, &taking, false);
}
