/* Pages: routes, guards, sessions, forms, templates and words. Never includes axis/.
 *
 * All a dispatcher can check stands in a page's row; a handler runs on a page worker only when the
 * row's conditions hold. A parameter that is not declared does not exist. */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include "net/http.h"
#include "people/here.h"

struct view;
struct page;

/* ---- The table of pages ---- */
enum param_type { PARAM_TEXT = 1, PARAM_I64, PARAM_DATE, PARAM_CODE /* [A-Za-z0-9._-]{1,64} */ };
struct param { const char *name; enum param_type type; int64_t max; bool required; };

enum page_flags {
  PAGE_UPLOAD = 1,     /* POST takes multipart/form-data, files to disk */
  PAGE_NO_CSRF = 2,    /* a POST that changes nothing for a session (log-in has its own token) */
  PAGE_SLOW = 4,       /* runs on the small pool for argon2id and PDF */
  PAGE_FRAME = 8,      /* may be framed by our own pages (print previews) */
  PAGE_ONCE = 16       /* its handler keeps view->claim in the transaction of what it writes, and leads the same form sent again to where the
                        * first one led: one commit, and no doubt when the process ends in between. Elsewhere the dispatcher does it */
};

struct page {
  const char *method;            /* "GET" or "POST" */
  const char *path;              /* "/ho-so/{code}": {name} takes one segment, declared in params */
  const char *permission;        /* NULL: anybody; "": any logged-in person; else person_may */
  const struct param *params;    /* of path and query, ended by a NULL name; NULL: none */
  enum err (*handle)(struct cx *cx, struct view *view);
  const char *title;             /* word key of its title */
  unsigned flags;
  int64_t body_max;              /* POST: bytes; 0: 64 KiB */
  const char *rate;              /* "20/60": that many a peer address in so many seconds; NULL: none */
};

/* ---- What a handler works with ---- */
struct view {
  const struct page *page;
  struct here *here;             /* of the system whose page it is */
  struct form form;              /* POST: what was typed (never lost: record_read_form + problems → render again) */
  struct http_parts parts;       /* PAGE_UPLOAD: files */
  struct model *model;           /* filled by the handler; layout values are there already */
  struct http_answer *answer;    /* filled by view_render and friends */
  const char *session;           /* its key as session_list names it, or NULL: nobody is logged in */
  const char *claim;             /* POST: this form as it was filled in, the same when it is sent again; NULL: it has no form_id */
  struct http_call *call;
  struct web *web;
};

const char *view_text(const struct view *view, const char *param);           /* NULL: not given */
int64_t view_i64(const struct view *view, const char *param, int64_t otherwise);
/* Renders html/NAME.html inside the layout, status 200 (or 422 when cx->problems is not empty). */
MUST_USE enum err view_render(struct cx *cx, struct view *view, const char *name);
MUST_USE enum err view_redirect(struct cx *cx, struct view *view, const char *path); /* 303; own paths only */
/* Any bytes: PDFs, exports. file_name NULL: shown in the browser. */
MUST_USE enum err view_bytes(struct cx *cx, struct view *view, const char *type, struct bytes content, const char *file_name);
MUST_USE enum err view_file(struct cx *cx, struct view *view, const char *type, int fd, int64_t size, const char *file_name);
/* A message shown once on the next page of this session ("Đã tiếp nhận hồ sơ …"). */
MUST_USE enum err view_flash(struct cx *cx, struct view *view, const char *word, const char *value);

/* Asks a service over the axis and waits without holding a worker: the first call notes the ask and returns
 * ERR_AGAIN, which the handler passes on at once, having changed nothing; when the answer is there the handler is called
 * again from its start and view_ask gives it (OK also when status is an error: look at it). One at a time, at most 4 a page. */
struct ask { const char *service, *method, *path, *body; int64_t wait_ms_max; int status; const char *axis_error; struct bytes answer; const char *receipt; };
MUST_USE enum err view_ask(struct cx *cx, struct view *view, struct ask *ask);

/* Sessions: 256-bit random id, stored hashed, 30 min idle, 12 h at most; a new id at log-in. */
MUST_USE enum err session_begin(struct cx *cx, struct view *view, int64_t account);
MUST_USE enum err session_end(struct cx *cx, struct view *view);
MUST_USE enum err session_choose_unit(struct cx *cx, struct view *view, const char *unit);
struct session_row { const char *key; int64_t account, begun_us, seen_us; const char *peer, *agent; };
extern const struct record_type session_type;
MUST_USE enum err session_list(struct cx *cx, struct web *web, int64_t account, struct list *out);
MUST_USE enum err session_revoke(struct cx *cx, struct web *web, int64_t account, const char *key); /* key NULL: all of the account */

/* ---- Models: what a template reads ---- */
struct model;
struct model *model_new(struct arena *arena);
void model_text(struct model *model, const char *name, const char *value);  /* copied; NULL counts as absent */
void model_number(struct model *model, const char *name, int64_t value);
void model_flag(struct model *model, const char *name, bool value);
/* The record's fields are read as {{name.member}}, shown by their form. Borrowed. */
void model_record(struct model *model, const char *name, const struct record_type *type, const void *record);
/* Rows for {{#name}}…{{/name}}: members are read as {{member}}. */
void model_rows(struct model *model, const char *name, const struct record_type *type, const struct list *rows);
/* What was done, for people: rows with {{at}}, {{who}} (absent: a system did it) and {{word}}, the key "PREFIX.ACTION". */
void model_actions(struct model *model, const char *name, const struct list *actions, const char *prefix);
/* A further row built by hand; returns its model, whose names shadow the outer ones. */
struct model *model_row(struct model *model, const char *name);
/* Values of a form as typed and its problems, for the field partials: {{name.full_name}}, of a nested record
 * {{name.head.full_name}}, of a list {{#name.members}}{{>field f=*full_name}}{{/name.members}} with as many rows as were typed
 * (or stand in the record) and {{number}} counting from 1. typed NULL or without pairs: the record's values. */
void model_form(struct model *model, const char *name, const struct record_type *type, const void *record, const struct form *typed);
/* One empty row more at the end of a list of that form: somebody pressed "add", or the first one is offered. */
void model_form_blank(struct model *model, const char *name, const struct record_type *type, const char *list);
/* A choice that is data, not a word: {{>field_select}} and {{>field_choice}} offer them in the order added. field: "commune", "head.sex". */
void model_form_choice(struct model *model, const char *name, const char *field, const char *value, const char *text);

/* ---- Words ---- */
struct word { const char *key, *text; };
struct words_table { const char *language; const struct word *words; size_t count; };
struct words;
/* All tables together, in cx->arena; a key that one language lacks or that stands twice is ERR_INTERNAL. */
MUST_USE enum err words_open(struct cx *cx, const struct words_table *const *tables, size_t count, struct words **out);
/* The text, or the key itself when there is none. {name} is filled from args. */
const char *words_get(const struct words *words, struct arena *arena, const char *language, const char *key, const struct problem_arg *args, size_t arg_count);

/* ---- Embedded files, made at build by tools/embed_files.py ---- */
struct embedded { const char *name, *type; struct bytes plain, gzip; const char *hash; /* 16 hex of SHA-256 */ };
struct embedded_table { const struct embedded *files; size_t count; };

/* ---- The dispatcher ---- */
struct web_system {
  struct here *here;
  const struct page *pages; size_t page_count;
  const struct embedded_table *html;
  const struct words_table *words; size_t words_count;
  const char *word;                            /* key of its visible name; NULL: the word "<system>.system", or none */
};
struct web_wish {
  const char *store_url;                       /* sessions, rates: schema `web` */
  struct people *people;
  const struct web_system *systems; size_t system_count;
  const struct clock *clock; struct log *log;
  struct workers *workers, *slow_workers;
  /* Sends an ask over the axis in the name of here->axis_id; done from any thread. */
  void (*ask)(void *user, struct here *here, const struct person *person, struct ask *ask, struct arena *arena, void (*done)(void *), void *done_arg);
  void *ask_user;
  const char *era_word;                        /* shown in the header when not today's law, else NULL */
  bool secure_cookies;                         /* behind TLS */
  const char *trusted_proxies;                 /* addresses whose X-Forwarded-For is believed; NULL: none */
  const char *title;                           /* whose pages these are while nobody is logged in: "Tỉnh An Giang"; NULL: the words' own name */
};
/* Pages that stand beside those of the systems: help, a form given back. */
extern const struct page web_own_pages[];
extern const size_t web_own_page_count;

struct web;
/* Checks all tables (unique paths, permissions known, templates parse, words in both languages): ERR_INTERNAL names what is wrong. */
MUST_USE enum err web_open(struct cx *cx, const struct web_wish *wish, struct web **out);
/* The same look at the tables alone, for a system's tests: no store, and permissions are not compared. */
MUST_USE enum err web_check(struct cx *cx, const struct web_system *systems, size_t count);
void web_close(struct web *web);
struct http_service web_service(struct web *web);

#endif
