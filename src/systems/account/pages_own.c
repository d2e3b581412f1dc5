/* One's own account: where one is logged in, and the password. */
#include "systems/account/pages.h"

#include "base/text.h"
#include "systems/account/model.h"

static void show_roles(struct model *model, const struct list *roles, int64_t today)
{
  const struct role_row *items = roles->items;
  for (size_t i = 0; i < roles->count; i++) {
    if (items[i].valid_to != NONE_DATE && items[i].valid_to < today) continue;
    struct model *row = model_row(model, "roles");
    model_record(row, "held", &role_type, &items[i]);
    model_text(row, "unit", items[i].unit_name ? items[i].unit_name : items[i].unit);
    model_text(row, "role", items[i].role);
  }
}

enum err page_own(struct cx *cx, struct view *view)
{
  struct account *account = ARENA_NEW(cx->arena, struct account);
  struct list sessions, roles;
  int64_t id = cx->person->account;
  enum err err = account_get(cx, view->here->people, id, account);
  if (!err) err = role_list(cx, view->here->people, id, &roles);
  if (!err) err = session_list(cx, view->web, id, &sessions);
  if (err) return err;
  model_record(view->model, "account", &account_type, account);
  show_roles(view->model, &roles, time_to_days(cx_now(cx)));
  const struct session_row *items = sessions.items;
  for (size_t i = 0; i < sessions.count; i++) {
    struct model *row = model_row(view->model, "sessions");
    model_record(row, "session", &session_type, &items[i]);
    model_text(row, "agent", agent_short(cx->arena, items[i].agent));
  }
  model_flag(view->model, "several", sessions.count > 1);
  return view_render(cx, view, "account_own");
}

enum err page_session_end(struct cx *cx, struct view *view)
{
  const char *key = form_get(&view->form, "key", 0);
  if (text_empty(key)) return ERR_NOT_FOUND;
  enum err err = session_revoke(cx, view->web, cx->person->account, key);
  if (!err) err = view_flash(cx, view, "account.flash.session_ended", NULL);
  return err ? err : view_redirect(cx, view, "/tai-khoan");
}

/* ---- The password ---- */

static enum err password_render(struct cx *cx, struct view *view, const struct password_form *form)
{
  model_form(view->model, "password", &password_form_type, form, &view->form);
  return view_render(cx, view, "account_password");
}

enum err page_password(struct cx *cx, struct view *view)
{
  const struct password_form empty = {0};
  return password_render(cx, view, &empty);
}

/* Whoever knew the old one is out: every session ends, and this one begins anew. */
static enum err begin_anew(struct cx *cx, struct view *view, int64_t account)
{
  enum err err = session_revoke(cx, view->web, account, NULL);
  if (!err) err = session_begin(cx, view, account);
  return err ? err : view_redirect(cx, view, "/tai-khoan");
}

enum err page_password_change(struct cx *cx, struct view *view)
{
  struct password_form form;
  int64_t account = cx->person->account;
  enum err err = record_read_form(cx, &password_form_type, &view->form, &form);
  if (!err && !text_equal(form.password, form.again)) err = cx_fail(cx, ERR_INPUT, "again", "account.error.password_again", NULL);
  if (!err) err = account_change_password(cx, view->here->people, account, form.old_password, form.password);
  if (err == ERR_INPUT || err == ERR_WHO || err == ERR_TOO_MANY) return password_render(cx, view, &form);
  return err ? err : begin_anew(cx, view, account);
}
