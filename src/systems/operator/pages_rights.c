/* Who may: rights that hold at once when they are granted, and end at once when they are revoked. */
#include "systems/operator/pages.h"

#include "base/text.h"
#include "systems/operator/model.h"

/* What the directory calls a system; NULL: it knows none. */
static const char *name_of(const struct list *systems, const char *id)
{
  const struct axis_system *items = systems->items;
  for (size_t i = 0; i < systems->count; i++)
    if (text_equal(items[i].id, id)) return items[i].name;
  return NULL;
}

static void show_right(struct cx *cx, struct model *model, const struct list *systems, const struct right *right)
{
  struct model *row = model_row(model, "rows");
  model_text(row, "id", arena_print(cx->arena, "%lld", (long long)right->id));
  model_record(row, "right", &right_type, right);
  model_text(row, "consumer_word", axis_id_word(right->consumer));
  model_text(row, "consumer_name", name_of(systems, right->consumer));
  model_text(row, "service_word", axis_id_word(right->service));
  if (right->valid_to != NONE_DATE) model_text(row, "until", date_write_vn(cx->arena, time_to_days(right->valid_to)));
  if (right->quota_per_minute) model_number(row, "quota", right->quota_per_minute);
  show_state_light(row, right->state);
}

static enum err rights_render(struct cx *cx, struct view *view, const struct right_form *form)
{
  const char *service = view_text(view, "dich-vu");
  struct list rows, systems;
  enum err err = right_list(cx, axis_directory(operator_axis(view)), text_empty(service) ? NULL : service, &rows);
  if (!err) err = system_list(cx, axis_directory(operator_axis(view)), &systems);
  if (err) return err;
  const struct right *items = rows.items;
  for (size_t i = 0; i < rows.count; i++) show_right(cx, view->model, &systems, &items[i]);
  model_flag(view->model, "any", rows.count > 0);
  model_text(view->model, "service", service);
  model_form(view->model, "right", &right_form_type, form, &view->form);
  return operator_render(cx, view, "rights");
}

enum err page_rights(struct cx *cx, struct view *view)
{
  const struct right_form empty = {.method = "any", .path = "*", .valid_from = NONE_DATE, .valid_to = NONE_DATE, .service = view_text(view, "dich-vu")};
  return rights_render(cx, view, &empty);
}

static enum err right_check(struct cx *cx, const struct right_form *form)
{
  enum err err = OK;
  if (!axis_id_plain(form->consumer, 4)) err = cx_fail(cx, ERR_INPUT, "consumer", "operator.error.system_id", NULL);
  if (!axis_id_plain(form->service, 5)) err = cx_fail(cx, ERR_INPUT, "service", "operator.error.service_id", NULL);
  bool ordered = form->valid_from == NONE_DATE || form->valid_to == NONE_DATE || form->valid_from <= form->valid_to;
  return ordered ? err : cx_fail(cx, ERR_INPUT, "valid_to", "operator.error.dates", NULL);
}

enum err page_right_grant(struct cx *cx, struct view *view)
{
  struct right_form form;
  int64_t id;
  enum err err = record_read_form(cx, &right_form_type, &view->form, &form);
  if (!err) err = right_check(cx, &form);
  struct right right = {0};
  if (!err) right = right_from_form(cx->arena, &form, cx->person->full_name); /* of a form without a method there is none to make */
  if (!err) err = right_grant(cx, axis_directory(operator_axis(view)), &right, &id);
  if (err == ERR_INPUT || err == ERR_CONFLICT || err == ERR_NOT_FOUND) return rights_render(cx, view, &form);
  return operator_done(cx, view, err, "operator.flash.granted", form.service, "/van-hanh/quyen");
}

enum err page_right_revoke(struct cx *cx, struct view *view)
{
  int64_t id;
  const char *text = form_get(&view->form, "id", 0);
  if (!text || !text_to_i64(text, 1, INT64_MAX, &id)) return ERR_NOT_FOUND;
  enum err err = right_revoke(cx, axis_directory(operator_axis(view)), id);
  return operator_done(cx, view, err, "operator.flash.revoked", text, "/van-hanh/quyen");
}
