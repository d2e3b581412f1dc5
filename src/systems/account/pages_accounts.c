/* The administrator's pages on accounts. Secrets that are made here are shown on the page that answers, and nowhere else. */
#include "systems/account/pages.h"

#include "base/text.h"
#include "people/action.h"
#include "systems/account/model.h"
#include "systems/account/secrets.h"

enum { ACCOUNTS_A_PAGE = 50 };

enum err page_accounts(struct cx *cx, struct view *view)
{
  struct list rows;
  enum err err = account_list(cx, view->here->people, view_text(view, "sau"), ACCOUNTS_A_PAGE + 1, &rows);
  if (err) return err;
  const struct account *items = rows.items;
  bool more = rows.count > ACCOUNTS_A_PAGE;
  if (more) rows.count = ACCOUNTS_A_PAGE;
  model_rows(view->model, "accounts", &account_type, &rows);
  if (more) model_text(view->model, "next", arena_print(cx->arena, "/quan-tri/tai-khoan?sau=%s", items[ACCOUNTS_A_PAGE - 1].name));
  if (view_text(view, "sau")) model_text(view->model, "first", "/quan-tri/tai-khoan");
  return view_render(cx, view, "account_list");
}

/* ---- A new one ---- */

static enum err new_render(struct cx *cx, struct view *view, const struct account_form *form)
{
  model_form(view->model, "account", &account_form_type, form, &view->form);
  return view_render(cx, view, "account_new");
}

enum err page_account_new(struct cx *cx, struct view *view)
{
  const struct account_form empty = {.totp = true};
  return new_render(cx, view, &empty);
}

static enum err check_unit(struct cx *cx, struct view *view, const char *code, int64_t day)
{
  struct unit unit;
  enum err err = unit_get(cx, view->here->people, code, day, &unit);
  return err == ERR_NOT_FOUND ? cx_fail(cx, ERR_INPUT, "unit", "account.error.unit", "unit", code, NULL) : err;
}

static enum err secrets_render(struct cx *cx, struct view *view, const char *name, const struct secrets *secrets)
{
  model_text(view->model, "name", name);
  model_text(view->model, "password", secrets->password);
  model_text(view->model, "otpauth", secrets->otpauth);
  return view_render(cx, view, "account_secrets");
}

enum err page_account_add(struct cx *cx, struct view *view)
{
  struct account_form form;
  struct secrets secrets;
  enum err err = record_read_form(cx, &account_form_type, &view->form, &form);
  if (!err) err = check_unit(cx, view, form.unit, time_to_days(cx_now(cx)));
  const struct account account = {.name = form.name, .full_name = form.full_name, .email = form.email, .phone = form.phone, .language = "vi"};
  const struct role_row role = {.role = form.role, .unit = form.unit, .valid_from = NONE_DATE, .valid_to = NONE_DATE};
  if (!err) err = secrets_make(cx, view->here, &account, &role, form.totp, &secrets);
  if (err == ERR_INPUT || err == ERR_CONFLICT) return new_render(cx, view, &form);
  return err ? err : secrets_render(cx, view, account.name, &secrets);
}

/* ---- One account ---- */

static enum err account_of(struct cx *cx, struct view *view, struct account *out)
{
  return account_by_name(cx, view->here->people, view_text(view, "name"), out);
}

static const char *account_path(struct cx *cx, const struct account *account)
{
  return arena_print(cx->arena, "/quan-tri/tai-khoan/%s", account->name);
}

/* A role that has ended names its unit as it was called then. */
static void show_role(struct cx *cx, struct model *model, const struct role_row *role)
{
  int64_t today = time_to_days(cx_now(cx));
  struct model *row = model_row(model, "roles");
  bool ended = role->valid_to != NONE_DATE && role->valid_to < today;
  model_record(row, "held", &role_type, role);
  if (role->valid_from > 0) model_text(row, "from", date_write_vn(cx->arena, (int32_t)role->valid_from));
  else model_text(row, "from_word", "account.always"); /* day 0 */
  if (role->valid_to == NONE_DATE) model_text(row, "to_word", "account.no_end");
  model_text(row, "role", role->role);
  model_text(row, "unit", role->unit_name ? role->unit_name : role->unit);
  model_text(row, "code", role->unit);
  model_flag(row, "holds", !ended);
  model_text(row, "light", ended ? "quiet" : role->valid_from > today ? "progress" : "ok");
  model_text(row, "state", ended ? "account.role_state.ended" : role->valid_from > today ? "account.role_state.later" : "account.role_state.holds");
}

static enum err account_render(struct cx *cx, struct view *view, const struct account *account, const struct role_form *form)
{
  struct list roles;
  enum err err = role_list(cx, view->here->people, account->id, &roles);
  if (err) return err;
  const struct role_row *items = roles.items;
  for (size_t i = 0; i < roles.count; i++) show_role(cx, view->model, &items[i]);
  model_record(view->model, "account", &account_type, account);
  model_flag(view->model, "self", account->id == cx->person->account);
  model_form(view->model, "role_form", &role_form_type, form, &view->form);
  model_text(view->model, "title", account->full_name);
  return view_render(cx, view, "account_one");
}

enum err page_account(struct cx *cx, struct view *view)
{
  struct account account;
  const struct role_form empty = {.valid_from = NONE_DATE, .valid_to = NONE_DATE};
  enum err err = account_of(cx, view, &account);
  if (!err) err = action_look(cx, people_store(view->here->people), "account.look", account.name);
  return err ? err : account_render(cx, view, &account, &empty);
}

static enum err done(struct cx *cx, struct view *view, enum err err, const char *word, const struct account *account)
{
  if (!err) err = view_flash(cx, view, word, account->full_name);
  return err ? err : view_redirect(cx, view, account_path(cx, account));
}

enum err page_account_lock(struct cx *cx, struct view *view)
{
  struct account account;
  const char *text = form_get(&view->form, "locked", 0);
  bool locked = text_equal(text, "1");
  enum err err = account_of(cx, view, &account);
  /* Who locks out the last administrator can only be helped from the terminal. */
  if (!err && account.id == cx->person->account) return cx_fail(cx, ERR_FORBIDDEN, NULL, "account.error.self", NULL);
  if (!err) err = account_lock(cx, view->here->people, account.id, locked);
  if (!err && locked) err = session_revoke(cx, view->web, account.id, NULL);
  return done(cx, view, err, locked ? "account.flash.locked" : "account.flash.unlocked", &account);
}

enum err page_account_password(struct cx *cx, struct view *view)
{
  struct account account;
  struct secrets secrets = {.password = password_make(cx->arena)};
  enum err err = account_of(cx, view, &account);
  if (!err) err = account_set_password(cx, view->here->people, account.id, secrets.password);
  if (!err) err = session_revoke(cx, view->web, account.id, NULL);
  return err ? err : secrets_render(cx, view, account.name, &secrets);
}

enum err page_account_totp(struct cx *cx, struct view *view)
{
  struct account account;
  struct secrets secrets;
  enum err err = account_of(cx, view, &account);
  if (!err) err = secrets_renew_totp(cx, view->here, &account, &secrets);
  return err ? err : secrets_render(cx, view, account.name, &secrets);
}

/* ---- Its roles ---- */

enum err page_role_give(struct cx *cx, struct view *view)
{
  struct account account;
  struct role_form form;
  enum err err = account_of(cx, view, &account);
  if (err) return err;
  err = record_read_form(cx, &role_form_type, &view->form, &form);
  struct role_row role = {.account = account.id, .role = form.role, .unit = form.unit, .valid_from = form.valid_from, .valid_to = form.valid_to};
  int64_t first = role.valid_from == NONE_DATE ? time_to_days(cx_now(cx)) : role.valid_from;
  if (!err) err = check_unit(cx, view, role.unit, first);
  if (!err) err = role_give(cx, view->here->people, &role);
  if (err == ERR_INPUT) return account_render(cx, view, &account, &form);
  return done(cx, view, err, "account.flash.role_given", &account);
}

enum err page_role_end(struct cx *cx, struct view *view)
{
  struct account account;
  enum err err = account_of(cx, view, &account);
  const struct role_row role = {.account = account.id, .role = form_get(&view->form, "role", 0), .unit = form_get(&view->form, "unit", 0)};
  if (!err && (!role.role || !role.unit)) return ERR_NOT_FOUND;
  bool own_door = !err && account.id == cx->person->account && text_equal(role.role, ROLE_ADMIN);
  if (own_door) return cx_fail(cx, ERR_FORBIDDEN, NULL, "account.error.self", NULL);
  if (!err) err = role_end(cx, view->here->people, &role);
  return done(cx, view, err, "account.flash.role_ended", &account);
}
