/* Sessions: who a browser is. The cookie is a random id; the store knows its hash, the account and the times. */
#include "web/web_inner.h"

#include "base/text.h"
#include "web/web_sql.h"
#include <string.h>

enum { SESSIONS_MAX = 100, AGENT_MAX = 200 };

struct stored { const char *handle; int64_t account; const char *unit; int64_t begun_us, seen_us; };
static const struct field stored_fields[] = {
  FIELD(struct stored, handle), FIELD(struct stored, account), FIELD(struct stored, unit),
  FIELD(struct stored, begun_us, .form = FORM_TIME), FIELD(struct stored, seen_us, .form = FORM_TIME),
};
static const struct record_type stored_type = RECORD("stored_session", struct stored, stored_fields);

static const struct field session_fields[] = {
  FIELD(struct session_row, key), FIELD(struct session_row, account), FIELD(struct session_row, begun_us, .form = FORM_TIME),
  FIELD(struct session_row, seen_us, .form = FORM_TIME), FIELD(struct session_row, peer), FIELD(struct session_row, agent),
};
const struct record_type session_type = RECORD("session", struct session_row, session_fields);

static const struct field kept_fields[] = {FIELD(struct kept_form, path), FIELD(struct kept_form, body, .form = FORM_LINES, .max = BODY_DEFAULT_MAX)};
const struct record_type web_kept_type = RECORD("kept_form", struct kept_form, kept_fields);

static const char *id_hash(struct arena *arena, const char *id) { return web_hash(arena, "session", id); }
static const char *kept_hash(struct arena *arena, const char *anchor) { return web_hash(arena, "kept", anchor); }

/* The person of a session; a unit that was left since then gives way to the first one. */
static enum err load_person(struct cx *cx, struct visit *visit, const struct stored *row)
{
  struct person *person = NULL;
  enum err err = person_load(cx, visit->view.web->wish.people, row->account, row->unit, &person);
  if (err == ERR_NOT_FOUND && row->unit) err = person_load(cx, visit->view.web->wish.people, row->account, NULL, &person);
  if (err == ERR_NOT_FOUND) {
    cx_reset_problems(cx);
    return OK;
  }
  if (!err) cx_reset_problems(cx);
  if (!err) cx->person = person;
  return err;
}

/* When it can not be kept that somebody was here (a full disk), the page is shown all the same. */
static void session_touch(struct cx *cx, struct web *web, const char *hash)
{
  size_t problems = cx->problems.count;
  if (store_run(cx, web->store, &web_session_touch, ARGS(V(hash), V(cx_now(cx))), NULL) != OK) cx->problems.count = problems;
}

enum err session_load(struct cx *cx, struct visit *visit)
{
  struct web *web = visit->view.web;
  const char *id = cookie_get(cx->arena, visit->view.call, web, "session");
  const char *before = cookie_get(cx->arena, visit->view.call, web, "before");
  visit->cookie_before = cookie_is_random(before) ? before : NULL;
  visit->anchor = visit->cookie_before;
  if (!cookie_is_random(id)) return OK;
  visit->cookie_session = id;
  struct stored row;
  enum err err = store_row(cx, web->store, &web_session_get, ARGS(V(id_hash(cx->arena, id))), &stored_type, &row);
  if (err) return err == ERR_NOT_FOUND ? OK : err;
  int64_t now = cx_now(cx);
  if (now - row.seen_us > SESSION_IDLE_US || now - row.begun_us > SESSION_LIFE_US) {
    visit->ended_account = row.account;
    return OK;
  }
  err = load_person(cx, visit, &row);
  if (err || !cx->person) return err;
  visit->view.session = row.handle;
  visit->anchor = id;
  if (now - row.seen_us > SESSION_TOUCH_US) session_touch(cx, web, id_hash(cx->arena, id));
  return OK;
}

const char *visit_anchor(struct visit *visit)
{
  if (visit->anchor) return visit->anchor;
  visit->anchor = cookie_random(visit->cx.arena);
  cookie_set(visit, "before", visit->anchor, 0);
  return visit->anchor;
}

/* ---- Beginning and ending ---- */

struct beginning { const char *old_hash, *new_hash, *kept_from, *kept_to, *handle, *unit, *peer, *agent; int64_t account; };

static enum err begin_in_store(struct cx *cx, struct tx *tx, void *arg)
{
  const struct beginning *b = arg;
  enum err err = b->old_hash ? sql_run(cx, tx, &web_session_drop, ARGS(V(b->old_hash)), NULL) : OK;
  if (!err && b->kept_from) err = sql_run(cx, tx, &web_kept_move, ARGS(V(b->kept_from), V(b->kept_to)), NULL);
  if (!err) err = sql_run(cx, tx, &web_session_add, ARGS(V(b->new_hash), V(b->handle), V(b->account), V(b->unit), V(cx_now(cx)), V(b->peer), V(b->agent)), NULL);
  return err;
}

/* The browser's name for itself, cut to what a list shows. */
static const char *agent_of(struct cx *cx, const struct http_call *call)
{
  const char *agent = fields_get(&call->fields, "User-Agent");
  const char *text = agent ? text_clean(cx->arena, agent, strnlen(agent, AGENT_MAX), TEXT_LINE) : NULL;
  return text ? text : "";
}

/* Own pages only: no other host, no other scheme. */
static bool is_own_path(const char *path)
{
  if (!path || path[0] != '/' || path[1] == '/') return false;
  for (const char *c = path; *c; c++)
    if ((unsigned char)*c <= ' ' || *c == '\\' || (unsigned char)*c == 127) return false;
  return true;
}

const char *session_return_path(struct cx *cx, struct visit *visit)
{
  const char *cookie = cookie_get(cx->arena, visit->view.call, visit->view.web, "return");
  struct bytes path;
  if (!cookie || !base64url_read(cx->arena, cookie, &path)) return NULL;
  const char *text = arena_copy_n(cx->arena, path.data, path.size);
  return is_own_path(text) ? text : NULL;
}

enum err session_begin(struct cx *cx, struct view *view, int64_t account)
{
  struct visit *visit = visit_of(view);
  const char *id = cookie_random(cx->arena);
  struct person *person = NULL;
  enum err err = person_load(cx, view->web->wish.people, account, NULL, &person);
  if (err) return err == ERR_NOT_FOUND ? ERR_FORBIDDEN : err; /* no role anywhere: there is nothing to log in to */
  struct beginning b = {
    .new_hash = id_hash(cx->arena, id), .handle = random_uuid(cx->arena), .account = account, .unit = person->unit, .peer = view->call->peer ? view->call->peer : "",
    .agent = agent_of(cx, view->call)};
  if (visit->cookie_session) b.old_hash = id_hash(cx->arena, visit->cookie_session);
  if (visit->cookie_before) b.kept_from = kept_hash(cx->arena, visit->cookie_before), b.kept_to = kept_hash(cx->arena, id);
  err = store_write(cx, view->web->store, begin_in_store, &b);
  if (err) return err;
  view->session = b.handle;
  visit->anchor = id;
  visit->resume = session_return_path(cx, visit);
  cx->person = person;
  cookie_set(visit, "session", id, 0);
  cookie_set(visit, "before", NULL, 0);
  return session_sweep(cx, view->web);
}

enum err session_end(struct cx *cx, struct view *view)
{
  struct visit *visit = visit_of(view);
  view->session = NULL;
  cx->person = NULL;
  cookie_set(visit, "session", NULL, 0);
  if (!visit->cookie_session) return OK;
  const char *hash = id_hash(cx->arena, visit->cookie_session);
  visit->cookie_session = visit->anchor = NULL;
  return store_run(cx, view->web->store, &web_session_drop, ARGS(V(hash)), NULL);
}

enum err session_choose_unit(struct cx *cx, struct view *view, const char *unit)
{
  struct visit *visit = visit_of(view);
  if (!cx->person || !view->session) return cx_fail(cx, ERR_WHO, NULL, "ui.session.needed", NULL);
  struct person *person = NULL;
  enum err err = person_load(cx, view->web->wish.people, cx->person->account, unit, &person);
  if (err == ERR_NOT_FOUND) return ERR_FORBIDDEN;
  if (!err) err = store_run(cx, view->web->store, &web_session_unit, ARGS(V(id_hash(cx->arena, visit->anchor)), V(unit)), NULL);
  if (!err) cx->person = person;
  return err;
}

enum err session_list(struct cx *cx, struct web *web, int64_t account, struct list *out)
{
  int64_t now = cx_now(cx);
  return store_rows(cx, web->store, &web_session_of, ARGS(V(account), V(now - SESSION_IDLE_US), V(now - SESSION_LIFE_US)), &session_type, SESSIONS_MAX, out);
}

enum err session_revoke(struct cx *cx, struct web *web, int64_t account, const char *key)
{
  if (!key) return store_run(cx, web->store, &web_session_revoke_all, ARGS(V(account)), NULL);
  int64_t changed = 0;
  enum err err = store_run(cx, web->store, &web_session_revoke, ARGS(V(account), V(key)), &changed);
  return !err && !changed ? ERR_NOT_FOUND : err;
}

/* ---- What an ended session leaves behind ---- */

static bool is_secret_name(const char *name)
{
  static const char *const parts[] = {"password", "secret", "totp", "mat_khau", "mat-khau"};
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
    if (strcasestr(name, parts[i])) return true;
  return text_equal(name, "csrf") || text_equal(name, "form_id");
}

static const char *form_body(struct cx *cx, const struct form *form)
{
  struct buffer out;
  buffer_init(&out, cx->arena);
  for (size_t i = 0; i < form->count; i++) {
    if (is_secret_name(form->pairs[i].name)) continue;
    buffer_print(&out, "%s%s=%s", out.size ? "&" : "", url_encode(cx->arena, form->pairs[i].name), url_encode(cx->arena, form->pairs[i].value));
  }
  return buffer_string(&out);
}

/* Only a form of the very session that ended, so that nobody else's page can plant one. */
enum err session_keep_form(struct cx *cx, struct visit *visit)
{
  const char *typed = form_get(&visit->view.form, "csrf", 0);
  if (!visit->cookie_session || !visit->ended_account || !typed) return OK;
  const char *token = web_hash(cx->arena, "csrf", visit->cookie_session);
  if (strlen(typed) != strlen(token) || !secret_equal(typed, token, strlen(token))) return OK;
  const char *body = form_body(cx, &visit->view.form);
  const char *hash = kept_hash(cx->arena, visit_anchor(visit));
  visit->resume = RESUME_PATH;
  return store_run(cx, visit->view.web->store, &web_kept_put, ARGS(V(hash), V(visit->ended_account), V(visit->view.call->path), V(body), V(cx_now(cx))), NULL);
}

enum err session_kept_form(struct cx *cx, struct visit *visit, struct kept_form *out)
{
  int64_t account = cx->person ? cx->person->account : 0;
  const char *hash = kept_hash(cx->arena, visit_anchor(visit));
  return store_row(cx, visit->view.web->store, &web_kept_get, ARGS(V(hash), V(account), V(cx_now(cx) - KEPT_US)), &web_kept_type, out);
}

static enum err sweep_in_store(struct cx *cx, struct tx *tx, void *arg)
{
  int64_t now = cx_now(cx);
  enum err err = sql_run(cx, tx, &web_session_sweep, ARGS(V(now - 2 * SESSION_LIFE_US)), NULL);
  if (!err) err = sql_run(cx, tx, &web_kept_sweep, ARGS(V(now - KEPT_US)), NULL);
  if (!err) err = sql_run(cx, tx, &web_sent_sweep, ARGS(V(now - SENT_US)), NULL);
  if (!err) err = sql_run(cx, tx, &web_rate_sweep, ARGS(V(now)), NULL);
  return err;
}

/* At most once a minute, by whoever comes by. */
enum err session_sweep(struct cx *cx, struct web *web)
{
  long long now = cx_now(cx), last = atomic_load(&web->swept_us);
  if (now - last < MINUTE_US || !atomic_compare_exchange_strong(&web->swept_us, &last, now)) return OK;
  return store_write(cx, web->store, sweep_in_store, NULL);
}
