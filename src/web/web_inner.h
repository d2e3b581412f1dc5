/* What the files of web/ share: the dispatcher's tables, and a visit: one request on its way through them.
 *
 *   web.c       opening, closing; what the HTTP server calls
 *   check.c     all tables are sound
 *   route.c     paths and typed parameters
 *   visit.c     a request: language → session → guards → handler → answer
 *   guard.c     permission, form token, the same form twice, rates
 *   settled.c   forms that took effect, written down before they are answered
 *   session.c   sessions and what an ended one leaves behind
 *   cookie.c    cookies, hashes, tokens
 *   view.c      what handlers call; layout.c what stands around their pages; fault.c pages of what went wrong
 *   asset.c     styles, scripts, fonts */
#ifndef WEB_WEB_INNER_H
#define WEB_WEB_INNER_H

#include "web/model.h"
#include "web/template.h"
#include "web/web.h"
#include <pthread.h>
#include <stdatomic.h>

enum { PARAMS_MAX = 16, SEGMENTS_OF_PATH_MAX = 12, ASKS_MAX = 4, BODY_DEFAULT_MAX = 65536, TWICE_WAIT_MS = 200, TWICE_TRIES_MAX = 50 };

#define SESSION_IDLE_US (30 * MINUTE_US)
#define SESSION_LIFE_US (12 * HOUR_US)
#define SESSION_TOUCH_US (60 * SECOND_US)
#define KEPT_US (30 * MINUTE_US)
#define SENT_US HOUR_US
#define CLAIM_US (60 * SECOND_US) /* a handler that has not ended by then was lost with its process */

#define LOG_IN_PATH "/dang-nhap"
#define RESUME_PATH "/tiep-tuc"
#define HELP_PATH "/tro-giup"
#define ASSET_PREFIX "/a/"

/* A system with what is made for it at start. */
struct web_hosted { const struct web_system *system; struct templates *templates; };

struct route_segment { const char *text; size_t size; const struct param *param; /* NULL: text is literal */ };
struct route {
  const struct page *page;
  const struct web_hosted *hosted;
  struct route_segment segments[SEGMENTS_OF_PATH_MAX];
  size_t segment_count;
  int64_t rate_hits, rate_seconds; /* 0: no limit */
};

struct web {
  struct arena *arena;
  struct web_wish wish;
  struct store *store;
  struct words *words;
  struct web_hosted own;           /* the pages of web itself: help, resume, faults */
  struct web_system own_system;
  struct web_hosted *hosted;
  size_t hosted_count;
  struct route *routes;
  size_t route_count;
  const char *asset_path;          /* "/a/<hash of all>" */
  atomic_llong swept_us;
  pthread_mutex_t settling;        /* of the two below */
  struct visit *settled;           /* those whose form is to be written down, the newest first */
  bool settler;                    /* a worker is at it, or called to it */
  bool demo;
};

struct visit {
  struct view view;                /* first: handlers get only this */
  struct cx cx;
  const struct route *route;
  struct { const char *name, *value; int64_t number; } params[PARAMS_MAX];
  size_t param_count;
  const char *cookie_session, *cookie_before;
  const char *anchor;              /* what tokens are bound to: the session's id, or one made before log-in */
  int64_t ended_account;           /* whose session just ended; 0: nobody's */
  const char *form_id, *csrf, *claim;
  const char *location;            /* where a claimed form led */
  struct visit *settled_before;
  const char *flash_word, *flash_value;
  const char *resume;              /* where to go on after log-in */
  struct ask asks[ASKS_MAX];
  size_t ask_done, ask_next;       /* answered ones; the next of this run */
  bool ask_open, language_given, admitted;
  bool other_method;               /* the path is there, but not for this method */
  int twice_tries;
};

/* ---- route.c ---- */
MUST_USE enum err routes_open(struct cx *cx, struct web *web);
/* NULL: none; *other_method: the path is there, but not for this method. */
const struct route *route_find(const struct web *web, const char *method, const char *path, bool *other_method);
/* Path and query into visit->params by the row's table; ERR_NOT_FOUND or ERR_INPUT. */
MUST_USE enum err route_read_params(struct cx *cx, struct visit *visit);

/* ---- settled.c ---- */
/* Writes down where the visit's form led, together with others, and answers it. */
void settled_answer(struct visit *visit);

/* ---- check.c ---- */
MUST_USE enum err check_pages(struct cx *cx, const struct web *web);
MUST_USE enum err check_words(struct cx *cx, const struct web *web);

/* ---- cookie.c ---- */
const char *cookie_get(struct arena *arena, const struct http_call *call, const struct web *web, const char *name);
/* value NULL: takes it away. seconds 0: as long as the browser is open. */
void cookie_set(struct visit *visit, const char *name, const char *value, int64_t seconds);
const char *cookie_random(struct arena *arena); /* 256 bits */
bool cookie_is_random(const char *value);
/* SHA-256 of purpose and text, hex: what is stored of an id, and tokens derived from it. */
const char *web_hash(struct arena *arena, const char *purpose, const char *text);

/* ---- session.c ---- */
MUST_USE enum err session_load(struct cx *cx, struct visit *visit);
MUST_USE enum err session_sweep(struct cx *cx, struct web *web);
/* Where somebody wanted to go before logging in; NULL: nowhere. */
const char *session_return_path(struct cx *cx, struct visit *visit);
/* Keeps a form whose session ended, for its account. */
MUST_USE enum err session_keep_form(struct cx *cx, struct visit *visit);
struct kept_form { const char *path, *body; };
MUST_USE enum err session_kept_form(struct cx *cx, struct visit *visit, struct kept_form *out);
const char *visit_anchor(struct visit *visit); /* makes one, with its cookie, when there is none */
extern const struct record_type web_kept_type;

/* ---- guard.c: OK, or the error whose page is shown; *answered: the answer is made already ---- */
MUST_USE enum err guard_rate(struct cx *cx, struct visit *visit);
MUST_USE enum err guard_permission(struct cx *cx, struct visit *visit, bool *answered);
MUST_USE enum err guard_token(struct cx *cx, struct visit *visit, bool *answered);
/* ERR_AGAIN: the same form is being handled now. */
MUST_USE enum err guard_twice(struct cx *cx, struct visit *visit, bool *answered);
/* After the handler: remembers where the form led to, or lets it be sent again. */
MUST_USE enum err guard_settle(struct cx *cx, struct visit *visit);

/* ---- view.c, layout.c, fault.c, visit.c ---- */
void answer_start(struct visit *visit, int status);
void answer_body(struct visit *visit, const char *type, struct bytes body);
MUST_USE enum err layout_render(struct cx *cx, struct visit *visit, const struct web_hosted *hosted, const char *name, int status);
void layout_fill(struct cx *cx, struct visit *visit);
const char *visit_target_with(struct visit *visit, const char *name, const char *value); /* path and query with one parameter changed */
void fault_page(struct visit *visit, int status);
MUST_USE enum err visit_show_form_again(struct cx *cx, struct visit *visit, const char *path, const struct form *form);
void visit_take(struct web *web, struct http_call *call);
struct visit *visit_of(struct view *view);

/* ---- asset.c ---- */
bool asset_answer(const struct web *web, struct http_call *call);
const char *asset_version(struct arena *arena);

#endif
