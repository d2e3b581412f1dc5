/* A request on its way: language, session, guards, handler, answer. One function a step; a step that fails decides the page. */
#include "web/web_inner.h"
#include "web/peer.h"

#include "base/text.h"
#include "base/worker.h"
#include <assert.h>
#include <strings.h>
#include <string.h>

enum { PARTS_MAX = 200, LANGUAGE_SECONDS = 365 * 24 * 3600 };

static void visit_run(void *arg);

/* ---- Reading ---- */

static const char *language_known(const char *language)
{
  return text_equal(language, "en") ? "en" : text_equal(language, "vi") ? "vi" : NULL;
}

/* ?lang=en sets the cookie and leads to the same page without it. */
static bool switch_language(struct visit *visit)
{
  const struct http_call *call = visit->view.call;
  const char *at = strstr(call->query, "lang=");
  if (!at || (at != call->query && at[-1] != '&') || text_equal(call->method, "POST")) return false;
  const char *wanted = language_known(arena_copy_n(visit->cx.arena, at + 5, strcspn(at + 5, "&")));
  if (!wanted) return false;
  cookie_set(visit, "lang", wanted, LANGUAGE_SECONDS);
  const char *to = visit_target_with(visit, "lang", NULL);
  answer_start(visit, 303);
  fields_add(&visit->view.answer->fields, "Location", to[0] == '/' && (to[1] == '/' || to[1] == '\\') ? "/" : to);
  answer_body(visit, "text/html; charset=utf-8", (struct bytes){NULL, 0});
  return true;
}

static void choose_language(struct visit *visit)
{
  const char *cookie = language_known(cookie_get(visit->cx.arena, visit->view.call, visit->view.web, "lang"));
  if (cookie) visit->language_given = true;
  visit->cx.language = cookie ? cookie : "vi";
}

static bool content_is(const struct http_call *call, const char *type)
{
  const char *given = fields_get(&call->fields, "Content-Type");
  size_t size = strlen(type);
  return given && strncasecmp(given, type, size) == 0 && (given[size] == 0 || given[size] == ';' || given[size] == ' ');
}

static int64_t body_limit(const struct page *page)
{
  return page->body_max ? page->body_max : BODY_DEFAULT_MAX;
}

/* The pairs of an ordinary form; files wait until it is known who sends them. */
static enum err read_form(struct cx *cx, struct visit *visit)
{
  const struct http_call *call = visit->view.call;
  if (!text_equal(call->method, "POST")) return OK;
  if (call->body.size > body_limit(visit->route->page)) return ERR_TOO_LARGE;
  if (call->body.size == 0) return OK;
  if (content_is(call, "multipart/form-data")) return visit->route->page->flags & PAGE_UPLOAD ? OK : ERR_TYPE;
  if (!content_is(call, "application/x-www-form-urlencoded")) return ERR_TYPE;
  struct bytes body;
  enum err err = http_body_bytes(cx, &call->body, body_limit(visit->route->page), &body);
  return err ? err : form_read(cx, body, &visit->view.form);
}

/* The values among the parts are a form like any other. */
static void parts_to_form(struct cx *cx, struct view *view)
{
  struct form_pair *pairs = ARENA_ARRAY(cx->arena, view->parts.count + 1, struct form_pair);
  size_t count = 0;
  for (size_t i = 0; i < view->parts.count; i++) {
    const struct http_part *part = &view->parts.items[i];
    if (!part->value) continue;
    const char *value = text_clean(cx->arena, part->value, strlen(part->value), TEXT_LINES);
    if (value) pairs[count++] = (struct form_pair){part->name, value};
  }
  view->form = (struct form){pairs, count};
}

static enum err read_parts(struct cx *cx, struct visit *visit)
{
  const struct http_call *call = visit->view.call;
  if (!text_equal(call->method, "POST") || !content_is(call, "multipart/form-data")) return OK;
  const struct here *here = visit->view.here;
  const struct multipart_limits limits = {.parts_max = PARTS_MAX, .value_max = BODY_DEFAULT_MAX, .spool_folder = here ? here->spool_folder : NULL};
  enum err err = multipart_read(cx, fields_get(&call->fields, "Content-Type"), &call->body, &limits, &visit->view.parts);
  if (!err) parts_to_form(cx, &visit->view);
  return err;
}

/* ---- Admission ---- */

static enum err admit(struct cx *cx, struct visit *visit, bool *answered)
{
  visit->view.call->peer = peer_real(cx->arena, visit->view.call, visit->view.web->wish.trusted_proxies);
  choose_language(visit);
  enum err err = session_load(cx, visit);
  if (err) return err;
  if (cx->person && !visit->language_given) cx->language = language_known(cx->person->language) ? language_known(cx->person->language) : "vi";
  if ((*answered = switch_language(visit))) return OK;
  err = route_read_params(cx, visit);
  if (!err) err = guard_rate(cx, visit);
  if (!err) err = read_form(cx, visit);
  if (!err) err = guard_permission(cx, visit, answered);
  if (err || *answered || !text_equal(visit->view.call->method, "POST")) return err;
  err = read_parts(cx, visit);
  if (!err) err = guard_token(cx, visit, answered);
  return err;
}

/* ---- Ending ---- */

static void log_visit(struct visit *visit, enum err err)
{
  const struct http_answer *answer = visit->view.answer;
  struct cx *cx = &visit->cx;
  int64_t spent = (clock_monotonic_us() - visit->view.call->started_us) / 1000;
  const char *problem = cx->problems.count ? cx->problems.items[0].key : err ? err_name(err) : "";
  const char *where = cx->problems.count && cx->problems.items[0].args[0].value ? cx->problems.items[0].args[0].value : "";
  bool ours = answer->status >= 500, refused = answer->status == 403;
  const char *account = refused && cx->person ? arena_print(cx->arena, "%lld", (long long)cx->person->account) : "";
  cx_log(cx, ours ? LOG_WARN : refused ? LOG_INFO : LOG_DEBUG, ours ? "page failed" : refused ? "page refused" : "page",
    LOG_FIELDS({"account", account}, {"method", visit->view.call->method}, {"page", visit->route ? visit->route->page->path : ""}, {"status", arena_print(cx->arena, "%d", answer->status)}, {"problem", problem},
    {"where", ours ? where : ""}, {"ms", arena_print(cx->arena, "%lld", (long long)spent)}));
}

/* The last that is done with a visit: its memory goes with the answer. */
static void finish(struct visit *visit, enum err err)
{
  struct cx *cx = &visit->cx;
  if (!err && visit->view.answer->status == 0) err = ERR_INTERNAL; /* a handler that answered nothing */
  /* A redirect says that a change was committed: nothing may be told to the contrary. */
  if (!err && visit->view.answer->status != 303 && arena_over(cx->arena)) err = ERR_MEMORY;
  enum err settled = guard_settle(cx, visit);
  if (!err && settled) cx_log(cx, LOG_WARN, "form not settled", NULL); /* it took effect; at worst it can be sent twice */
  if (err) {
    const struct problems kept = cx->problems;
    fault_page(visit, err_status(err));
    cx->problems = kept;
  }
  log_visit(visit, err);
  if (visit->claim) settled_answer(visit);
  else http_reply(visit->view.call, visit->view.answer);
}

/* ---- Waiting: no worker does it ---- */

static bool submit(struct visit *visit)
{
  const struct web_wish *wish = &visit->view.web->wish;
  bool slow = visit->route && (visit->route->page->flags & PAGE_SLOW) && wish->slow_workers;
  return workers_submit(slow ? wish->slow_workers : wish->workers, visit_run, visit);
}

static void go_on(void *arg)
{
  struct visit *visit = arg;
  if (!submit(visit)) finish(visit, ERR_BUSY);
}

static void start_wait(void *arg)
{
  struct visit *visit = arg;
  timer_start(visit->view.call->loop, TWICE_WAIT_MS, go_on, visit);
}

static void asked(void *arg)
{
  struct visit *visit = arg;
  visit->ask_done++;
  go_on(visit);
}

/* ---- Running ---- */

static void run_handler(struct visit *visit)
{
  struct cx *cx = &visit->cx;
  cx_reset_problems(cx);
  layout_fill(cx, visit);
  visit->ask_next = 0;
  visit->ask_open = false;
  enum err err = visit->route->page->handle(cx, &visit->view);
  if (err != ERR_AGAIN) {
    finish(visit, err);
    return;
  }
  assert(visit->ask_open); /* ERR_AGAIN comes from view_ask alone */
  const struct web_wish *wish = &visit->view.web->wish;
  wish->ask(wish->ask_user, visit->view.here, cx->person, &visit->asks[visit->ask_done], cx->arena, asked, visit);
}

static void run_admitted(struct visit *visit)
{
  struct cx *cx = &visit->cx;
  bool answered = false;
  enum err err = visit->claim || !text_equal(visit->view.call->method, "POST") || visit->ask_done ? OK : guard_twice(cx, visit, &answered);
  if (err == ERR_AGAIN && visit->twice_tries++ < TWICE_TRIES_MAX) {
    loop_post(visit->view.call->loop, start_wait, visit);
    return;
  }
  if (err == ERR_AGAIN) err = cx_fail(cx, ERR_CONFLICT, NULL, "error.twice", NULL);
  if (err || answered) finish(visit, err);
  else run_handler(visit);
}

static enum err no_route(struct visit *visit, bool *answered)
{
  choose_language(visit);
  if ((*answered = switch_language(visit))) return OK;
  if (!visit->other_method) return ERR_NOT_FOUND;
  fault_page(visit, 405);
  fields_add(&visit->view.answer->fields, "Allow", text_equal(visit->view.call->method, "POST") ? "GET, HEAD" : "POST");
  *answered = true;
  return OK;
}

static void visit_run(void *arg)
{
  struct visit *visit = arg;
  struct cx *cx = &visit->cx;
  if (!visit->admitted) {
    bool answered = false;
    enum err err = visit->route ? admit(cx, visit, &answered) : session_load(cx, visit);
    if (!visit->route && !err) err = no_route(visit, &answered);
    if (err || answered) {
      finish(visit, err);
      return;
    }
    visit->admitted = true;
  }
  run_admitted(visit);
}

void visit_take(struct web *web, struct http_call *call)
{
  bool other_method;
  const struct route *route = route_find(web, call->method, call->path, &other_method);
  struct arena *arena = call->arena;
  struct visit *visit = ARENA_NEW(arena, struct visit);
  visit->cx = (struct cx){.arena = arena, .clock = web->wish.clock, .log = web->wish.log, .language = "vi", .request_id = random_uuid(arena)};
  visit->route = route;
  visit->other_method = other_method;
  visit->view = (struct view){.page = route ? route->page : NULL, .here = route ? route->hosted->system->here : NULL, .answer = ARENA_NEW(arena, struct http_answer),
                              .call = call, .web = web};
  fields_init(&visit->view.answer->fields, arena);
  visit->view.model = model_new(arena);
  if (!submit(visit)) {
    choose_language(visit);
    finish(visit, ERR_BUSY);
  }
}

/* ---- Pages of our own ---- */

static enum err help_page(struct cx *cx, struct view *view)
{
  model_flag(view->model, "citizen", !cx->person);
  return view_render(cx, view, "web_help");
}

enum err visit_show_form_again(struct cx *cx, struct visit *visit, const char *path, const struct form *form)
{
  layout_fill(cx, visit);
  struct model *model = visit->view.model;
  model_text(model, "title", words_get(visit->view.web->words, cx->arena, cx->language, "ui.resume.title", NULL, 0));
  model_text(model, "action", path);
  for (size_t i = 0; i < form->count; i++) {
    if (text_equal(form->pairs[i].name, "csrf") || text_equal(form->pairs[i].name, "form_id")) continue;
    struct model *row = model_row(model, "pairs");
    model_text(row, "name", form->pairs[i].name);
    model_text(row, "value", form->pairs[i].value);
  }
  return layout_render(cx, visit, &visit->view.web->own, "web_resume", 200);
}

static enum err resume_page(struct cx *cx, struct view *view)
{
  struct kept_form kept;
  struct form form;
  enum err err = session_kept_form(cx, visit_of(view), &kept);
  if (err == ERR_NOT_FOUND) return view_redirect(cx, view, "/");
  if (!err) err = form_read(cx, (struct bytes){(const uint8_t *)kept.body, strlen(kept.body)}, &form);
  return err ? err : visit_show_form_again(cx, visit_of(view), kept.path, &form);
}

const struct page web_own_pages[] = {
  {"GET", HELP_PATH, NULL, NULL, help_page, "ui.help.title"},
  {"GET", RESUME_PATH, "", NULL, resume_page, "ui.resume.title"},
};
const size_t web_own_page_count = sizeof web_own_pages / sizeof web_own_pages[0];
