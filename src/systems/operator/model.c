/* The forms of the operator's pages. */
#include "systems/operator/model.h"

#include "base/text.h"
#include <ctype.h>
#include <string.h>

static const char *const methods[] = {"any", "get", "post", "put", "delete", "patch", NULL};

static const struct field member_fields[] = {
  FIELD(struct member_form, id, .max = 200, .required = true, .word = "operator.member.id"),
  FIELD(struct member_form, name, .max = 200, .required = true, .word = "operator.member.name"),
};
const struct record_type member_form_type = RECORD("member", struct member_form, member_fields);

static const struct field system_fields[] = {
  FIELD(struct system_form, id, .max = 200, .required = true, .word = "operator.system.id"),
  FIELD(struct system_form, name, .max = 200, .required = true, .word = "operator.system.name"),
  FIELD(struct system_form, url, .max = 300, .word = "operator.system.url"),
};
const struct record_type system_form_type = RECORD("system", struct system_form, system_fields);

static const struct field service_fields[] = {
  FIELD(struct service_form, system, .max = 200, .required = true, .word = "operator.service.system"),
  FIELD(struct service_form, code, .max = 60, .required = true, .word = "operator.service.code"),
  FIELD(struct service_form, name, .max = 200, .required = true, .word = "operator.service.name"),
  FIELD(struct service_form, endpoints, .form = FORM_LINES, .max = 2000, .word = "operator.service.endpoints"),
};
const struct record_type service_form_type = RECORD("service", struct service_form, service_fields);

static const struct field right_fields[] = {
  FIELD(struct right_form, consumer, .max = 200, .required = true, .word = "operator.right.consumer"),
  FIELD(struct right_form, service, .max = 300, .required = true, .word = "operator.right.service"),
  FIELD(struct right_form, method, .required = true, .choices = methods, .word = "operator.right.method"),
  FIELD(struct right_form, path, .max = 200, .required = true, .word = "operator.right.path"),
  FIELD(struct right_form, purpose, .max = 300, .required = true, .word = "operator.right.purpose"),
  FIELD(struct right_form, legal_basis, .max = 300, .required = true, .word = "operator.right.legal_basis"),
  FIELD(struct right_form, valid_from, .form = FORM_DATE, .word = "operator.right.valid_from"),
  FIELD(struct right_form, valid_to, .form = FORM_DATE, .word = "operator.right.valid_to"),
  FIELD(struct right_form, quota_per_minute, .max = 1000000, .word = "operator.right.quota"),
};
const struct record_type right_form_type = RECORD("right", struct right_form, right_fields);

struct right right_from_form(struct arena *arena, const struct right_form *form, const char *granted_by)
{
  bool from = form->valid_from != NONE_DATE, to = form->valid_to != NONE_DATE;
  return (struct right){.consumer = form->consumer, .service = form->service, .path = form->path,
    .method = text_equal(form->method, "any") ? "*" : text_upper(arena, form->method),
    .purpose = form->purpose, .legal_basis = form->legal_basis, .quota_per_minute = form->quota_per_minute, .state = "granted", .granted_by = granted_by,
    .valid_from = from ? time_from_days((int32_t)form->valid_from, 0) : NONE_DATE,
    .valid_to = to ? time_from_days((int32_t)form->valid_to + 1, 0) - 1 : NONE_DATE};
}

bool axis_id_plain(const char *id, int parts)
{
  int count = 1;
  bool empty = true;
  for (const char *c = id; *c; c++) {
    if (*c == '/' && empty) return false;
    if (*c == '/') count++;
    else if (!isalnum((unsigned char)*c) && !strchr("._-", *c)) return false;
    empty = *c == '/';
  }
  return count == parts && !empty;
}

const char *axis_id_word(const char *id)
{
  static const struct { const char *code, *word; } known[] = {
    {"/account", "operator.known.account"}, {"/household", "operator.known.household"}, {"/justice", "operator.known.justice"},
    {"/onestop", "operator.known.onestop"}, {"/operator", "operator.known.operator"},
    {"/household/check", "operator.known.household.check"}, {"/household/read", "operator.known.household.read"},
    {"/household/register", "operator.known.household.register"}, {"/household/search", "operator.known.household.search"},
    {"/justice/lookup", "operator.known.justice.lookup"}, {"/justice/result", "operator.known.justice.result"},
    {"/onestop/answer", "operator.known.onestop.answer"}, {"/onestop/status", "operator.known.onestop.status"}};
  const char *code = id;
  for (int parts = 0; code && parts < 3; parts++) code = strchr(code + (parts > 0), '/'); /* behind the instance, the class and the member */
  for (size_t i = 0; code && i < sizeof known / sizeof known[0]; i++)
    if (text_equal(code, known[i].code)) return known[i].word;
  return NULL;
}
