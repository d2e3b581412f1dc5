/* Logging in and out, and choosing the unit to work in. */
#include "systems/account/pages.h"

#include "base/text.h"
#include "systems/account/model.h"

static enum err log_in_render(struct cx *cx, struct view *view, const struct log_in_form *form)
{
  model_form(view->model, "log_in", &log_in_form_type, form, &view->form);
  return view_render(cx, view, "account_log_in");
}

enum err page_log_in(struct cx *cx, struct view *view)
{
  const struct log_in_form empty = {0};
  return log_in_render(cx, view, &empty);
}

/* Where the account may work now; nobody gets in without a role. */
static enum err choices_of(struct cx *cx, struct view *view, int64_t account, struct list *choices)
{
  enum err err = person_choices(cx, view->here->people, account, choices);
  if (!err && choices->count == 0) return cx_fail(cx, ERR_WHO, NULL, "account.error.no_role", NULL);
  return err;
}

enum err page_log_in_try(struct cx *cx, struct view *view)
{
  struct log_in_form form;
  struct list choices = {0};
  int64_t account = 0;
  enum err err = record_read_form(cx, &log_in_form_type, &view->form, &form);
  if (!err) err = account_log_in(cx, view->here->people, form.name, form.password, form.code, &account);
  if (!err) err = choices_of(cx, view, account, &choices);
  if (err == ERR_INPUT || err == ERR_WHO || err == ERR_TOO_MANY) return log_in_render(cx, view, &form);
  if (!err) err = session_begin(cx, view, account);
  /* From the front page web/ goes on to the page that was wanted. */
  return err ? err : view_redirect(cx, view, choices.count > 1 ? "/tai-khoan/don-vi" : "/");
}

enum err page_log_out(struct cx *cx, struct view *view)
{
  enum err err = session_end(cx, view);
  return err ? err : view_redirect(cx, view, "/");
}

/* ---- The unit worked in ---- */

static void show_choice(struct model *model, const struct person_choice *choice, const char *now)
{
  struct model *row = model_row(model, "choices");
  model_text(row, "code", choice->unit);
  model_text(row, "unit", choice->unit_name);
  model_flag(row, "chosen", text_equal(choice->unit, now));
  for (size_t i = 0; role_names[i]; i++) {
    const struct person holder = {.roles = choice->roles};
    if (person_is(&holder, role_names[i])) model_text(model_row(row, "roles"), "role", role_names[i]);
  }
}

enum err page_choose_unit(struct cx *cx, struct view *view)
{
  struct list choices;
  enum err err = choices_of(cx, view, cx->person->account, &choices);
  if (err) return err;
  const struct person_choice *items = choices.items;
  for (size_t i = 0; i < choices.count; i++) show_choice(view->model, &items[i], cx->person->unit);
  model_flag(view->model, "many", choices.count > 1);
  return view_render(cx, view, "account_choose_unit");
}

static bool may_work_in(const struct list *choices, const char *unit)
{
  const struct person_choice *items = choices->items;
  for (size_t i = 0; i < choices->count; i++)
    if (text_equal(items[i].unit, unit)) return true;
  return false;
}

enum err page_choose_unit_take(struct cx *cx, struct view *view)
{
  struct list choices;
  const char *unit = form_get(&view->form, "unit", 0);
  enum err err = choices_of(cx, view, cx->person->account, &choices);
  if (err) return err;
  if (!may_work_in(&choices, unit)) {
    cx_fail(cx, ERR_INPUT, "unit", "account.error.choose_unit", NULL);
    return page_choose_unit(cx, view);
  }
  err = session_choose_unit(cx, view, unit);
  return err ? err : view_redirect(cx, view, "/");
}
