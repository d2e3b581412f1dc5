/* `user add` and `user password`: both print a password that stands nowhere else. */
#include "systems/account/commands.h"

#include "base/text.h"
#include "systems/account/secrets.h"

static enum err need(struct cx *cx, const struct command_input *input, const char *name, const char **out)
{
  *out = form_get(&input->args, name, 0);
  return text_empty(*out) ? cx_fail(cx, ERR_INPUT, name, "error.required", NULL) : OK;
}

static enum err check_unit(struct cx *cx, struct here *here, const char *code)
{
  struct unit unit;
  enum err err = unit_get(cx, here->people, code, time_to_days(cx_now(cx)), &unit);
  return err == ERR_NOT_FOUND ? cx_fail(cx, ERR_INPUT, "unit", "account.error.unit", "unit", code, NULL) : err;
}

static enum err check_role(struct cx *cx, const char *role)
{
  for (size_t i = 0; role_names[i]; i++)
    if (text_equal(role_names[i], role)) return OK;
  return cx_fail(cx, ERR_INPUT, "role", "account.error.role", "role", role, NULL);
}

static void print_secrets(struct buffer *out, const char *name, const struct secrets *secrets)
{
  buffer_print(out, "name: %s\npassword: %s\n", name, secrets->password);
  if (secrets->otpauth) buffer_print(out, "otpauth: %s\n", secrets->otpauth);
}

static enum err run_add(struct cx *cx, struct here *here, const struct command_input *input, struct buffer *out)
{
  struct account account = {.language = "vi"};
  struct role_row role = {.valid_from = NONE_DATE, .valid_to = NONE_DATE};
  struct secrets secrets;
  enum err err = need(cx, input, "name", &account.name);
  if (!err) err = need(cx, input, "full-name", &account.full_name);
  if (!err) err = need(cx, input, "role", &role.role);
  if (!err) err = need(cx, input, "unit", &role.unit);
  if (!err) err = check_role(cx, role.role);
  if (!err) err = check_unit(cx, here, role.unit);
  if (!err) err = secrets_make(cx, here, &account, &role, true, &secrets);
  if (!err) print_secrets(out, account.name, &secrets);
  return err;
}

static enum err run_password(struct cx *cx, struct here *here, const struct command_input *input, struct buffer *out)
{
  const char *name;
  struct account account;
  struct secrets secrets = {.password = password_make(cx->arena)};
  enum err err = need(cx, input, "name", &name);
  if (!err) err = account_by_name(cx, here->people, name, &account);
  if (err == ERR_NOT_FOUND) return cx_fail(cx, ERR_NOT_FOUND, "name", "account.error.unknown", "name", name, NULL);
  if (!err) err = account_set_password(cx, here->people, account.id, secrets.password);
  if (!err) print_secrets(out, name, &secrets);
  return err;
}

const struct command account_commands[ACCOUNT_COMMANDS] = {
  {"user add", "--name NAME --full-name TEXT --role ROLE --unit CODE", false, run_add},
  {"user password", "--name NAME", false, run_password},
};
