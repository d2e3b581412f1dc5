/* The rows of the directory: their field tables, and reading them. What changes them is in directory_change.c. */
#include "axis/directory_inner.h"

#include "axis_sql.h"

static const char *const states[] = {"active", "suspended", NULL};
static const char *const right_states[] = {"granted", "revoked", NULL};
static const char *const kinds[] = {"REST", "OPENAPI", NULL};

static const struct field member_fields[] = {
  FIELD(struct member, id, .max = AXIS_NAME_MAX, .required = true),
  FIELD(struct member, name, .max = 200),
  FIELD(struct member, certificate, .form = FORM_LINES, .max = PEM_MAX),
  FIELD(struct member, state, .choices = states, .required = true),
};
const struct record_type member_type = RECORD("member", struct member, member_fields);

static const struct field system_fields[] = {
  FIELD(struct axis_system, id, .max = AXIS_NAME_MAX, .required = true),
  FIELD(struct axis_system, name, .max = 200),
  FIELD(struct axis_system, gateway, .max = AXIS_NAME_MAX),
  FIELD(struct axis_system, url, .max = 500),
  FIELD(struct axis_system, state, .choices = states, .required = true),
};
const struct record_type axis_system_type = RECORD("system", struct axis_system, system_fields);

static const struct field service_fields[] = {
  FIELD(struct axis_service, id, .max = AXIS_NAME_MAX, .required = true),
  FIELD(struct axis_service, name, .max = 200),
  FIELD(struct axis_service, kind, .choices = kinds, .required = true),
  FIELD(struct axis_service, endpoints, .form = FORM_LINES, .max = 20000),
};
const struct record_type axis_service_type = RECORD("service", struct axis_service, service_fields);

static const struct field gateway_fields[] = {
  FIELD(struct gateway, name, .max = AXIS_NAME_MAX, .required = true),
  FIELD(struct gateway, address, .max = 300, .required = true),
  FIELD(struct gateway, certificate, .form = FORM_LINES, .max = PEM_MAX),
  FIELD(struct gateway, journal_origin, .max = AXIS_NAME_MAX),
  FIELD(struct gateway, journal_key, .max = 1000),
  FIELD(struct gateway, twin_of, .max = AXIS_NAME_MAX),
  FIELD(struct gateway, state, .choices = states, .required = true),
};
const struct record_type gateway_type = RECORD("gateway", struct gateway, gateway_fields);

static const struct field trusted_fields[] = {
  FIELD(struct trusted_instance, instance, .max = 100, .required = true),
  FIELD(struct trusted_instance, directory_key, .max = 1000, .required = true),
  FIELD(struct trusted_instance, url, .max = 300, .required = true),
  FIELD(struct trusted_instance, state, .choices = states, .required = true),
};
const struct record_type trusted_instance_type = RECORD("trusted", struct trusted_instance, trusted_fields);

static const struct field right_fields[] = {
  FIELD(struct right, id),
  FIELD(struct right, consumer, .max = AXIS_NAME_MAX, .required = true),
  FIELD(struct right, service, .max = AXIS_NAME_MAX, .required = true),
  FIELD(struct right, method, .max = 20),
  FIELD(struct right, path, .max = 300),
  FIELD(struct right, purpose, .max = 300, .required = true),
  FIELD(struct right, legal_basis, .max = 300, .required = true),
  FIELD(struct right, valid_from, .form = FORM_TIME),
  FIELD(struct right, valid_to, .form = FORM_TIME),
  FIELD(struct right, quota_per_minute, .max = 1000000),
  FIELD(struct right, state, .choices = right_states),
  FIELD(struct right, granted_by, .max = 100),
};
const struct record_type right_type = RECORD("right", struct right, right_fields);

static const struct field token_fields[] = { FIELD(struct snapshot_token, hash), FIELD(struct snapshot_token, system) };
const struct record_type snapshot_token_type = RECORD("token", struct snapshot_token, token_fields);

static const struct field document_fields[] = {
  FIELD(struct snapshot_document, instance), FIELD(struct snapshot_document, version), FIELD(struct snapshot_document, note),
};
const struct record_type snapshot_document_type = RECORD("document", struct snapshot_document, document_fields);

struct authority_row { const char *certificate; };
static const struct field authority_fields[] = { FIELD(struct authority_row, certificate) };
static const struct record_type authority_type = RECORD("authority", struct authority_row, authority_fields);

/* ---- Reading all in one transaction ---- */
static enum err rows_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct directory_rows *rows = arg;
  *rows = (struct directory_rows){0};
  const struct { const struct statement *statement; const struct record_type *type; struct list *out; } parts[] = {
    {&axis_member_all, &member_type, &rows->members}, {&axis_system_all, &axis_system_type, &rows->systems},
    {&axis_service_all, &axis_service_type, &rows->services}, {&axis_gateway_all, &gateway_type, &rows->gateways},
    {&axis_trusted_all, &trusted_instance_type, &rows->trusted}, {&axis_right_all, &right_type, &rows->rights},
    {&axis_token_all, &snapshot_token_type, &rows->tokens}, {&axis_document_all, &snapshot_document_type, &rows->documents},
  };
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
    enum err err = sql_rows(cx, tx, parts[i].statement, NO_ARGS, parts[i].type, DOCUMENT_ROWS_MAX, parts[i].out);
    if (err) return err;
  }
  struct authority_row authority;
  enum err err = sql_row(cx, tx, &axis_authority_get, NO_ARGS, &authority_type, &authority);
  if (err) return err;
  rows->authority = authority.certificate;
  return sql_number(cx, tx, &axis_version_now, NO_ARGS, &rows->version);
}

enum err directory_rows_read(struct cx *cx, struct store *store, struct directory_rows *out)
{
  return store_read(cx, store, rows_in, out);
}

enum err directory_authority_read(struct cx *cx, struct store *store, const char **pem)
{
  struct authority_row authority;
  enum err err = store_row(cx, store, &axis_authority_get, NO_ARGS, &authority_type, &authority);
  *pem = err ? NULL : authority.certificate;
  return err;
}

/* ---- Lists for the operator's pages ---- */
enum { LIST_MAX = 100000 };

enum err member_list(struct cx *cx, struct directory *directory, struct list *out)
{
  return store_rows(cx, directory->store, &axis_member_all, NO_ARGS, &member_type, LIST_MAX, out);
}

enum err system_list(struct cx *cx, struct directory *directory, struct list *out)
{
  return store_rows(cx, directory->store, &axis_system_all, NO_ARGS, &axis_system_type, LIST_MAX, out);
}

/* All that this gateway knows, of trusted instances too: what a right or a call can name. */
enum err axis_service_list(struct cx *cx, struct directory *directory, const char *system, struct list *out)
{
  const struct snapshot *snapshot = directory_borrow(cx, directory);
  *out = system ? snapshot_services_of(snapshot, system) : snapshot->services;
  return OK;
}

enum err gateway_list(struct cx *cx, struct directory *directory, struct list *out)
{
  return store_rows(cx, directory->store, &axis_gateway_all, NO_ARGS, &gateway_type, LIST_MAX, out);
}

enum err trusted_list(struct cx *cx, struct directory *directory, struct list *out)
{
  return store_rows(cx, directory->store, &axis_trusted_all, NO_ARGS, &trusted_instance_type, LIST_MAX, out);
}

enum err right_list(struct cx *cx, struct directory *directory, const char *service, struct list *out)
{
  if (!service) return store_rows(cx, directory->store, &axis_right_all, NO_ARGS, &right_type, LIST_MAX, out);
  return store_rows(cx, directory->store, &axis_right_of_service, ARGS(V(service)), &right_type, LIST_MAX, out);
}
