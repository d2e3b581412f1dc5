/* What stands between a request and its handler: rates, permission, the form's token, the same form sent twice. */
#include "web/web_inner.h"

#include "base/text.h"
#include "keys/keys.h"
#include "web/web_sql.h"
#include <string.h>

/* ---- Rates ---- */

enum err guard_rate(struct cx *cx, struct visit *visit)
{
  const struct route *route = visit->route;
  if (!route->rate_hits) return OK;
  int64_t slot = cx_now(cx) / (route->rate_seconds * SECOND_US), hits = 0;
  const char *peer = visit->view.call->peer ? visit->view.call->peer : "";
  const char *bucket = arena_print(cx->arena, "%s %s %s", route->page->method, route->page->path, peer);
  int64_t until = (slot + 1) * route->rate_seconds * SECOND_US;
  enum err err = store_number(cx, visit->view.web->store, &web_rate_hit, ARGS(V(bucket), V(slot), V(until)), &hits);
  if (err || hits <= route->rate_hits) return err;
  const char *wait = arena_print(cx->arena, "%lld", (long long)((until - cx_now(cx)) / SECOND_US + 1));
  fields_add(&visit->view.answer->fields, "Retry-After", wait);
  return ERR_TOO_MANY;
}

/* ---- Who may ---- */

/* To the log-in page, and from there back to where somebody wanted to go. */
static enum err ask_to_log_in(struct cx *cx, struct visit *visit, bool *answered)
{
  const struct http_call *call = visit->view.call;
  bool post = text_equal(call->method, "POST");
  const char *back = post ? NULL : visit_target_with(visit, "lang", NULL);
  if (post) {
    enum err err = session_keep_form(cx, visit);
    if (err) return err;
    bool other;
    const struct route *same = route_find(visit->view.web, "GET", call->path, &other);
    back = visit->resume ? visit->resume : same ? call->path : NULL;
    visit->resume = NULL;
  }
  if (back && strlen(back) < 1024) cookie_set(visit, "return", base64url_write(cx->arena, back, strlen(back)), KEPT_US / SECOND_US);
  bool ended = visit->cookie_session != NULL;
  enum err err = view_flash(cx, &visit->view, ended ? "ui.session.ended" : "ui.session.needed", NULL);
  if (!err) err = view_redirect(cx, &visit->view, LOG_IN_PATH);
  *answered = !err;
  return err;
}

enum err guard_permission(struct cx *cx, struct visit *visit, bool *answered)
{
  const char *permission = visit->route->page->permission;
  if (!permission) return OK;
  if (!cx->person) return ask_to_log_in(cx, visit, answered);
  return !*permission || person_may(cx->person, permission) ? OK : ERR_FORBIDDEN;
}

/* ---- The form is ours ---- */

static const char *typed(const struct visit *visit, const char *name)
{
  const char *value = form_get(&visit->view.form, name, 0);
  for (size_t i = 0; !value && i < visit->view.parts.count; i++)
    if (text_equal(visit->view.parts.items[i].name, name)) value = visit->view.parts.items[i].value;
  return value;
}

/* What the browser says of where the form stood: absent in old browsers and simple clients. */
static bool from_own_page(const struct http_call *call, bool otherwise)
{
  const char *origin = fields_get(&call->fields, "Origin"), *host = fields_get(&call->fields, "Host");
  if (!origin || !host) return otherwise;
  const char *slashes = strstr(origin, "://");
  return slashes && strcasecmp(slashes + 3, host) == 0;
}

enum err guard_token(struct cx *cx, struct visit *visit, bool *answered)
{
  const char *given = typed(visit, "csrf");
  if ((visit->route->page->flags & PAGE_NO_CSRF) && !given)
    return from_own_page(visit->view.call, true) ? OK : cx_fail(cx, ERR_FORBIDDEN, NULL, "error.csrf", NULL);
  const char *wanted = visit->anchor ? web_hash(cx->arena, "csrf", visit->anchor) : NULL;
  if (wanted && given && strlen(given) == strlen(wanted) && secret_equal(given, wanted, strlen(wanted))) return OK;
  /* Our own page, but from before a log-in: nothing that was typed is lost. */
  if (cx->person && given && !visit->view.parts.count && from_own_page(visit->view.call, false)) {
    enum err err = visit_show_form_again(cx, visit, visit->view.call->path, &visit->view.form);
    *answered = !err;
    return err;
  }
  return cx_fail(cx, ERR_FORBIDDEN, NULL, "error.csrf", NULL);
}

/* ---- The same form twice ---- */

struct sent { const char *location; int64_t sent_us; };
static const struct field sent_fields[] = {FIELD(struct sent, location), FIELD(struct sent, sent_us, .form = FORM_TIME)};
static const struct record_type sent_type = RECORD("sent", struct sent, sent_fields);

/* With its length before it, no text passes for another that ends elsewhere; absent is not empty. */
static void claim_add(struct buffer *all, const char *text)
{
  if (text) buffer_print(all, "%zu:%s,", strlen(text), text);
  else buffer_text(all, "-,");
}

static enum err claim_add_file(struct cx *cx, struct buffer *all, const struct http_part *part)
{
  struct bytes content;
  uint8_t digest[32];
  enum err err = http_body_bytes(cx, &(struct http_body){.path = part->path, .size = part->size}, part->size, &content);
  if (err) return err;
  sha256(content.data, content.size, digest);
  claim_add(all, hex_write(cx->arena, digest, sizeof digest));
  return OK;
}

/* One form as it was filled in: sent again with another content, a file's too, it is another one. */
static enum err claim_of(struct cx *cx, struct visit *visit, const char *form_id, const char **claim)
{
  struct buffer all;
  buffer_init(&all, cx->arena);
  claim_add(&all, visit->anchor);
  claim_add(&all, visit->view.call->path);
  claim_add(&all, form_id);
  for (size_t i = 0; i < visit->view.form.count; i++) {
    claim_add(&all, visit->view.form.pairs[i].name);
    claim_add(&all, visit->view.form.pairs[i].value);
  }
  enum err err = OK;
  for (size_t i = 0; !err && i < visit->view.parts.count; i++) {
    const struct http_part *part = &visit->view.parts.items[i];
    claim_add(&all, part->name);
    claim_add(&all, part->value);
    claim_add(&all, part->file_name);
    if (part->path) err = claim_add_file(cx, &all, part);
  }
  *claim = web_hash(cx->arena, "sent", buffer_string(&all));
  return err;
}

struct claiming { const char *hash; struct sent found; bool taken; };

static enum err claim_in_store(struct cx *cx, struct tx *tx, void *arg)
{
  struct claiming *claiming = arg;
  claiming->taken = false;
  enum err err = sql_row(cx, tx, &web_sent_get, ARGS(V(claiming->hash)), &sent_type, &claiming->found);
  int64_t now = cx_now(cx);
  bool lost = !err && !claiming->found.location && now - claiming->found.sent_us > CLAIM_US;
  if (!err && !lost) return OK;
  if (err && err != ERR_NOT_FOUND) return err;
  err = sql_run(cx, tx, &web_sent_claim, ARGS(V(claiming->hash), V(now)), NULL);
  claiming->taken = !err;
  return err;
}

enum err guard_twice(struct cx *cx, struct visit *visit, bool *answered)
{
  const char *form_id = typed(visit, "form_id");
  if (!form_id || !visit->anchor || strlen(form_id) > 64) return OK;
  struct claiming claiming = {0};
  enum err err = claim_of(cx, visit, form_id, &claiming.hash);
  if (!err) visit->view.claim = claiming.hash;
  if (!err && (visit->route->page->flags & PAGE_ONCE)) return session_sweep(cx, visit->view.web);
  if (!err) err = store_write(cx, visit->view.web->store, claim_in_store, &claiming);
  if (err) return err;
  if (claiming.taken) {
    visit->claim = claiming.hash;
    return session_sweep(cx, visit->view.web);
  }
  if (!claiming.found.location) return ERR_AGAIN;
  err = view_redirect(cx, &visit->view, claiming.found.location);
  *answered = !err;
  return err;
}

enum err guard_settle(struct cx *cx, struct visit *visit)
{
  if (!visit->claim) return OK;
  const struct http_answer *answer = visit->view.answer;
  visit->location = answer->status == 303 ? fields_get(&answer->fields, "Location") : NULL;
  if (visit->location) return OK;
  const char *claim = visit->claim;
  visit->claim = NULL;
  return store_run(cx, visit->view.web->store, &web_sent_drop, ARGS(V(claim)), NULL);
}
