/* Who takes part: members, information systems and their tokens, services, trusted instances. */
#include "systems/operator/pages.h"

#include "base/text.h"
#include "systems/operator/model.h"

static struct directory *directory_here(const struct view *view)
{
  return axis_directory(operator_axis(view));
}

/* The state that a button asks for: "active" or "suspended". */
static const char *wanted_state(const struct view *view)
{
  return text_equal(form_get(&view->form, "state", 0), "active") ? "active" : "suspended";
}

/* ---- Members ---- */

static enum err members_render(struct cx *cx, struct view *view, const struct member_form *form)
{
  struct list rows;
  enum err err = member_list(cx, directory_here(view), &rows);
  if (err) return err;
  const struct member *items = rows.items;
  for (size_t i = 0; i < rows.count; i++) {
    struct model *row = model_row(view->model, "rows");
    model_text(row, "id", items[i].id);
    model_text(row, "name", items[i].name);
    show_state_light(row, items[i].state);
  }
  model_form(view->model, "member", &member_form_type, form, &view->form);
  return operator_render(cx, view, "members");
}

enum err page_members(struct cx *cx, struct view *view)
{
  const struct member_form empty = {0};
  return members_render(cx, view, &empty);
}

enum err page_member_put(struct cx *cx, struct view *view)
{
  struct member_form form;
  enum err err = record_read_form(cx, &member_form_type, &view->form, &form);
  if (!err && !axis_id_plain(form.id, 3)) err = cx_fail(cx, ERR_INPUT, "id", "operator.error.member_id", NULL);
  const struct member member = {.id = form.id, .name = form.name, .state = "active"};
  if (!err) err = directory_put_member(cx, directory_here(view), &member);
  if (err == ERR_INPUT || err == ERR_CONFLICT) return members_render(cx, view, &form);
  return operator_done(cx, view, err, "operator.flash.member", form.id, "/van-hanh/thanh-vien");
}

enum err page_member_state(struct cx *cx, struct view *view)
{
  const char *id = form_get(&view->form, "id", 0);
  struct list rows;
  enum err err = member_list(cx, directory_here(view), &rows);
  const struct member *items = rows.items;
  for (size_t i = 0; !err && i < rows.count; i++) {
    if (!text_equal(items[i].id, id)) continue;
    struct member member = items[i];
    member.state = wanted_state(view);
    err = directory_put_member(cx, directory_here(view), &member);
    return operator_done(cx, view, err, "operator.flash.state", id, "/van-hanh/thanh-vien");
  }
  return err ? err : ERR_NOT_FOUND;
}

/* ---- Information systems ---- */

/* What somebody named is called that; what registered under its code alone is called by our word for it. */
static void show_name(struct model *row, const char *id, const char *name)
{
  const char *code = strrchr(id, '/'), *word = code && text_equal(code + 1, name) ? axis_id_word(id) : NULL;
  model_text(row, "name", word ? NULL : name);
  model_text(row, "name_word", word);
}

static enum err systems_render(struct cx *cx, struct view *view, const struct system_form *form, const char *token_of, const char *token)
{
  struct list rows;
  enum err err = system_list(cx, directory_here(view), &rows);
  if (err) return err;
  const struct axis_system *items = rows.items;
  for (size_t i = 0; i < rows.count; i++) {
    struct model *row = model_row(view->model, "rows");
    model_text(row, "id", items[i].id);
    show_name(row, items[i].id, items[i].name);
    model_text(row, "url", items[i].url);
    model_text(row, "gateway", items[i].gateway);
    show_state_light(row, items[i].state);
    if (!text_empty(items[i].url) && !axis_may_call(operator_axis(view), items[i].url)) model_flag(row, "url_refused", true);
  }
  model_form(view->model, "system", &system_form_type, form, &view->form);
  model_text(view->model, "token", token);
  model_text(view->model, "token_of", token_of);
  return operator_render(cx, view, "systems");
}

enum err page_axis_systems(struct cx *cx, struct view *view)
{
  const struct system_form empty = {0};
  return systems_render(cx, view, &empty, NULL, NULL);
}

/* The gateway that the systems of this node hang on. */
static enum err own_gateway(struct cx *cx, struct view *view, const char **name)
{
  struct list rows;
  enum err err = gateway_list(cx, directory_here(view), &rows);
  if (err) return err;
  const struct gateway *items = rows.items;
  if (rows.count == 0) return ERR_INTERNAL;
  *name = items[0].name;
  return OK;
}

static enum err system_check(struct cx *cx, const struct system_form *form)
{
  if (!axis_id_plain(form->id, 4)) return cx_fail(cx, ERR_INPUT, "id", "operator.error.system_id", NULL);
  bool http = text_empty(form->url) || text_starts(form->url, "http://") || text_starts(form->url, "https://");
  return http ? OK : cx_fail(cx, ERR_INPUT, "url", "operator.error.url", NULL);
}

enum err page_axis_system_put(struct cx *cx, struct view *view)
{
  struct system_form form;
  const char *gateway = NULL;
  enum err err = record_read_form(cx, &system_form_type, &view->form, &form);
  if (!err) err = system_check(cx, &form);
  if (!err) err = own_gateway(cx, view, &gateway);
  const struct axis_system system = {.id = form.id, .name = form.name, .gateway = gateway, .url = text_empty(form.url) ? NULL : form.url, .state = "active"};
  if (!err) err = directory_put_system(cx, directory_here(view), &system);
  if (err == ERR_INPUT || err == ERR_CONFLICT || err == ERR_NOT_FOUND) return systems_render(cx, view, &form, NULL, NULL);
  return operator_done(cx, view, err, "operator.flash.system", form.id, "/van-hanh/he-thong");
}

enum err page_axis_system_state(struct cx *cx, struct view *view)
{
  const char *id = form_get(&view->form, "id", 0);
  struct list rows;
  enum err err = system_list(cx, directory_here(view), &rows);
  const struct axis_system *items = rows.items;
  for (size_t i = 0; !err && i < rows.count; i++) {
    if (!text_equal(items[i].id, id)) continue;
    struct axis_system system = items[i];
    system.state = wanted_state(view);
    err = directory_put_system(cx, directory_here(view), &system);
    return operator_done(cx, view, err, "operator.flash.state", id, "/van-hanh/he-thong");
  }
  return err ? err : ERR_NOT_FOUND;
}

/* The token is in the answer alone: it is shown once and nowhere kept. */
enum err page_axis_system_token(struct cx *cx, struct view *view)
{
  const char *id = form_get(&view->form, "id", 0), *token;
  const struct system_form empty = {0};
  enum err err = id ? system_token_make(cx, directory_here(view), id, &token) : ERR_NOT_FOUND;
  return err ? err : systems_render(cx, view, &empty, id, token);
}

/* ---- Services ---- */

static enum err services_render(struct cx *cx, struct view *view, const struct service_form *form)
{
  struct list rows;
  enum err err = axis_service_list(cx, directory_here(view), NULL, &rows);
  if (err) return err;
  const struct axis_service *items = rows.items;
  for (size_t i = 0; i < rows.count; i++) {
    struct model *row = model_row(view->model, "rows");
    model_text(row, "id", items[i].id);
    show_name(row, items[i].id, items[i].name);
    model_text(row, "kind", items[i].kind);
    model_text(row, "endpoints", items[i].endpoints);
  }
  model_flag(view->model, "any", rows.count > 0);
  model_form(view->model, "service", &service_form_type, form, &view->form);
  return operator_render(cx, view, "services");
}

enum err page_axis_services(struct cx *cx, struct view *view)
{
  const struct service_form empty = {.system = view_text(view, "he-thong")};
  return services_render(cx, view, &empty);
}

enum err page_axis_service_put(struct cx *cx, struct view *view)
{
  struct service_form form;
  enum err err = record_read_form(cx, &service_form_type, &view->form, &form);
  if (!err && !axis_id_plain(form.system, 4)) err = cx_fail(cx, ERR_INPUT, "system", "operator.error.system_id", NULL);
  if (!err && !axis_id_plain(form.code, 1)) err = cx_fail(cx, ERR_INPUT, "code", "operator.error.service_code", NULL);
  if (err == ERR_INPUT) return services_render(cx, view, &form);
  const struct axis_service service = {.id = arena_print(cx->arena, "%s/%s", form.system, form.code), .name = form.name, .kind = "REST",
                                       .endpoints = form.endpoints ? form.endpoints : ""};
  if (!err) err = directory_put_service(cx, directory_here(view), &service);
  if (err == ERR_INPUT || err == ERR_CONFLICT || err == ERR_NOT_FOUND) return services_render(cx, view, &form);
  return operator_done(cx, view, err, "operator.flash.service", service.id, "/van-hanh/dich-vu");
}

/* ---- Trusted instances and gateways ---- */

enum err page_instances(struct cx *cx, struct view *view)
{
  struct list trusted, gateways;
  enum err err = trusted_list(cx, directory_here(view), &trusted);
  if (!err) err = gateway_list(cx, directory_here(view), &gateways);
  if (err) return err;
  const struct trusted_instance *items = trusted.items;
  for (size_t i = 0; i < trusted.count; i++) {
    struct model *row = model_row(view->model, "rows");
    model_text(row, "instance", items[i].instance);
    model_text(row, "url", items[i].url);
    model_text(row, "directory_key", items[i].directory_key);
    show_state_light(row, items[i].state);
  }
  model_flag(view->model, "any", trusted.count > 0);
  model_rows(view->model, "gateways", &gateway_type, &gateways);
  return operator_render(cx, view, "instances");
}

enum err page_instance_state(struct cx *cx, struct view *view)
{
  const char *instance = form_get(&view->form, "instance", 0);
  struct list rows;
  enum err err = trusted_list(cx, directory_here(view), &rows);
  const struct trusted_instance *items = rows.items;
  for (size_t i = 0; !err && i < rows.count; i++) {
    if (!text_equal(items[i].instance, instance)) continue;
    struct trusted_instance wanted = items[i];
    wanted.state = wanted_state(view);
    err = directory_put_trusted(cx, directory_here(view), &wanted);
    return operator_done(cx, view, err, "operator.flash.state", instance, "/van-hanh/lien-thong");
  }
  return err ? err : ERR_NOT_FOUND;
}
