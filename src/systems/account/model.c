/* The forms' field tables. */
#include "systems/account/model.h"

#include "people/people.h"
#include <string.h>

static const struct field log_in_fields[] = {
  FIELD(struct log_in_form, name, .max = 60, .word = "account.name", .required = true),
  FIELD(struct log_in_form, password, .max = 200, .form = FORM_SECRET, .word = "account.password", .required = true),
  FIELD(struct log_in_form, code, .max = 10, .form = FORM_SECRET, .word = "account.code"),
};
const struct record_type log_in_form_type = RECORD("log_in", struct log_in_form, log_in_fields);

static const struct field password_fields[] = {
  FIELD(struct password_form, old_password, .max = 200, .form = FORM_SECRET, .word = "account.old_password", .required = true),
  FIELD(struct password_form, password, .max = 200, .form = FORM_SECRET, .word = "account.new_password", .required = true),
  FIELD(struct password_form, again, .max = 200, .form = FORM_SECRET, .word = "account.password_again", .required = true),
};
const struct record_type password_form_type = RECORD("password", struct password_form, password_fields);

static const struct field account_form_fields[] = {
  FIELD(struct account_form, name, .max = 60, .word = "account.name", .required = true),
  FIELD(struct account_form, full_name, .max = 100, .word = "account.full_name", .required = true),
  FIELD(struct account_form, email, .max = 200, .form = FORM_EMAIL, .word = "account.email"),
  FIELD(struct account_form, phone, .form = FORM_PHONE, .word = "account.phone"),
  FIELD(struct account_form, role, .max = 40, .word = "account.role", .required = true, .choices = role_names),
  FIELD(struct account_form, unit, .max = 64, .word = "account.unit", .required = true),
  FIELD(struct account_form, totp, .word = "account.totp"),
};
const struct record_type account_form_type = RECORD("account_form", struct account_form, account_form_fields);

static const struct field role_form_fields[] = {
  FIELD(struct role_form, role, .max = 40, .word = "account.role", .required = true, .choices = role_names),
  FIELD(struct role_form, unit, .max = 64, .word = "account.unit", .required = true),
  FIELD(struct role_form, valid_from, .form = FORM_DATE, .word = "account.valid_from"),
  FIELD(struct role_form, valid_to, .form = FORM_DATE, .word = "account.valid_to"),
};
const struct record_type role_form_type = RECORD("role_form", struct role_form, role_form_fields);

static const char *const day_kinds[] = {"holiday", "make_up", NULL};
static const struct field day_fields[] = {
  FIELD(struct day_form, day, .form = FORM_DATE, .word = "account.day", .required = true),
  FIELD(struct day_form, kind, .max = 20, .word = "account.day_kind", .required = true, .choices = day_kinds),
  FIELD(struct day_form, name, .max = 200, .word = "account.day_name", .required = true),
  FIELD(struct day_form, legal_basis, .max = 300, .word = "account.legal_basis", .required = true),
};
const struct record_type day_form_type = RECORD("day_form", struct day_form, day_fields);

static const char *agent_part(const char *agent, const char *const parts[][2], size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (strstr(agent, parts[i][0])) return parts[i][1];
  return NULL;
}

const char *agent_short(struct arena *arena, const char *agent)
{
  /* Each says the names of those before it too: the first that fits is the one it is. */
  static const char *const browsers[][2] = {{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"coc_coc", "CocCoc"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}};
  static const char *const machines[][2] = {{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"Linux", "Linux"}};
  const char *browser = agent ? agent_part(agent, browsers, sizeof browsers / sizeof browsers[0]) : NULL;
  const char *machine = agent ? agent_part(agent, machines, sizeof machines / sizeof machines[0]) : NULL;
  return browser && machine ? arena_print(arena, "%s, %s", browser, machine) : agent;
}
