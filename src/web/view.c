/* What handlers call to answer: a page, a redirect, bytes, a message for the next page, an ask over the axis. */
#include "web/web_inner.h"

#include "base/text.h"
#include <assert.h>
#include <string.h>
#include <unistd.h>

enum { FLASH_SECONDS = 300, FLASH_MAX = 1500 };

struct visit *visit_of(struct view *view)
{
  return (struct visit *)view; /* its first member */
}

const char *view_text(const struct view *view, const char *param)
{
  const struct visit *visit = (const struct visit *)view;
  for (size_t i = 0; i < visit->param_count; i++)
    if (text_equal(visit->params[i].name, param)) return visit->params[i].value;
  return NULL;
}

int64_t view_i64(const struct view *view, const char *param, int64_t otherwise)
{
  const struct visit *visit = (const struct visit *)view;
  for (size_t i = 0; i < visit->param_count; i++)
    if (text_equal(visit->params[i].name, param)) return visit->params[i].number;
  return otherwise;
}

/* ---- Answers ---- */

static const char page_policy[] = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
                                  "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors ";
/* A document of its own kind, a PDF for example, brings its viewer's style with it. */
static const char bytes_policy[] = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; object-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors ";

static void add_security_fields(struct visit *visit, const char *policy)
{
  struct http_fields *fields = &visit->view.answer->fields;
  bool framed = visit->route && (visit->route->page->flags & PAGE_FRAME);
  fields_add(fields, "Content-Security-Policy", arena_print(visit->cx.arena, "%s%s", policy, framed ? "'self'" : "'none'"));
  fields_add(fields, "X-Frame-Options", framed ? "SAMEORIGIN" : "DENY");
  fields_add(fields, "X-Content-Type-Options", "nosniff");
  fields_add(fields, "Referrer-Policy", "same-origin");
  fields_add(fields, "Cross-Origin-Opener-Policy", "same-origin");
  fields_add(fields, "Cross-Origin-Resource-Policy", "same-origin");
  fields_add(fields, "Permissions-Policy", "camera=(self), microphone=(), geolocation=(), payment=()");
  fields_add(fields, "Cache-Control", "no-store");
  if (visit->view.web->wish.secure_cookies) fields_add(fields, "Strict-Transport-Security", "max-age=31536000");
}

/* What was put on an answer before, cookies for example, stays. */
void answer_start(struct visit *visit, int status)
{
  static const char *const again[] = {"Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy", "Permissions-Policy", "Cache-Control", "Strict-Transport-Security", "Content-Type", "Location", "Content-Disposition"};
  for (size_t i = 0; visit->view.answer->status && i < sizeof again / sizeof again[0]; i++) fields_drop(&visit->view.answer->fields, again[i]);
  visit->view.answer->status = status;
  visit->view.answer->body = (struct http_body){.size = 0};
}

void answer_body(struct visit *visit, const char *type, struct bytes body)
{
  add_security_fields(visit, text_starts(type, "text/html") ? page_policy : bytes_policy);
  fields_add(&visit->view.answer->fields, "Content-Type", type);
  visit->view.answer->body = (struct http_body){.data = body, .size = (int64_t)body.size};
}

enum err view_render(struct cx *cx, struct view *view, const char *name)
{
  struct visit *visit = visit_of(view);
  return layout_render(cx, visit, visit->route->hosted, name, cx->problems.count ? 422 : 200);
}

/* After log-in one goes on where one wanted to be, unless the account itself needs something first. */
static const char *where_to_go(struct visit *visit, const char *path)
{
  if (!visit->resume && visit->cx.person && text_equal(path, "/")) visit->resume = session_return_path(&visit->cx, visit);
  if (!visit->resume || text_starts(path, "/tai-khoan")) return path;
  const char *resume = visit->resume;
  visit->resume = NULL;
  cookie_set(visit, "return", NULL, 0);
  return resume;
}

enum err view_redirect(struct cx *cx, struct view *view, const char *path)
{
  struct visit *visit = visit_of(view);
  assert(path[0] == '/' && path[1] != '/'); /* own paths only */
  answer_start(visit, 303);
  fields_add(&view->answer->fields, "Location", where_to_go(visit, path));
  answer_body(visit, "text/html; charset=utf-8", (struct bytes){NULL, 0});
  return OK;
}

static void add_disposition(struct visit *visit, const char *file_name)
{
  if (!file_name) return;
  const char *encoded = url_encode(visit->cx.arena, file_name);
  fields_add(&visit->view.answer->fields, "Content-Disposition", arena_print(visit->cx.arena, "attachment; filename*=UTF-8''%s", encoded));
}

enum err view_bytes(struct cx *cx, struct view *view, const char *type, struct bytes content, const char *file_name)
{
  struct visit *visit = visit_of(view);
  answer_start(visit, 200);
  add_disposition(visit, file_name);
  answer_body(visit, type, content);
  return OK;
}

static void close_file(void *arg)
{
  close(*(int *)arg);
}

enum err view_file(struct cx *cx, struct view *view, const char *type, int fd, int64_t size, const char *file_name)
{
  struct visit *visit = visit_of(view);
  int *held = ARENA_NEW(visit->cx.arena, int);
  *held = fd;
  arena_defer(visit->cx.arena, close_file, held);
  answer_start(visit, 200);
  add_disposition(visit, file_name);
  answer_body(visit, type, (struct bytes){NULL, 0});
  view->answer->body = (struct http_body){.path = arena_print(visit->cx.arena, "/proc/self/fd/%d", fd), .size = size};
  return OK;
}

/* In a cookie, so that it needs neither a session nor a write: it is escaped like any text, and lives a few minutes. */
enum err view_flash(struct cx *cx, struct view *view, const char *word, const char *value)
{
  const char *text = arena_print(cx->arena, "%s\n%s", word, value ? value : "");
  if (strlen(text) < FLASH_MAX) cookie_set(visit_of(view), "flash", base64url_write(cx->arena, text, strlen(text)), FLASH_SECONDS);
  return OK;
}

/* ---- Asking over the axis ---- */

enum err view_ask(struct cx *cx, struct view *view, struct ask *ask)
{
  struct visit *visit = visit_of(view);
  size_t number = visit->ask_next++;
  if (number < visit->ask_done) {
    const struct ask *answered = &visit->asks[number];
    ask->status = answered->status;
    ask->axis_error = answered->axis_error;
    ask->answer = answered->answer;
    ask->receipt = answered->receipt;
    return OK;
  }
  if (number == ASKS_MAX || !view->web->wish.ask) return cx_fail(cx, ERR_INTERNAL, NULL, "error.asks", NULL);
  visit->asks[number] = (struct ask){
    .service = arena_copy(cx->arena, ask->service), .method = arena_copy(cx->arena, ask->method), .path = arena_copy(cx->arena, ask->path),
    .body = arena_copy(cx->arena, ask->body), .wait_ms_max = ask->wait_ms_max};
  visit->ask_open = true;
  return ERR_AGAIN;
}
