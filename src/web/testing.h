/* For tests of pages, of any floor above: a running dispatcher on loopback, and a browser that keeps cookies and sends
 * forms back with their tokens.
 *
 *   struct web_bench *bench = web_bench_open(cx, &clock, permissions, 1);        people, on a fresh store
 *   int64_t officer = web_bench_account(bench, "an", ROLE_COUNTER, "U1");
 *   web_bench_serve(bench, &(struct web_system){&here, pages, count, &html, words, 2}, 1, NULL);
 *   struct browser *browser = browser_new(bench);
 *   browser_log_in(browser, officer);
 *   browser_get(browser, "/mot-cua");           browser->status, browser->body
 *   browser_post(browser, "/mot-cua", "name=An&day=01%2F07%2F2026");               tokens are taken from the page before
 *   web_bench_close(bench);
 * What goes wrong in the bench itself ends the test. All memory is in cx->arena. */
#ifndef WEB_TESTING_H
#define WEB_TESTING_H

#include "web/web.h"

struct web_bench;

struct web_bench *web_bench_open(struct cx *cx, struct clock *clock, const struct permission *const *permissions, size_t count);
void web_bench_store(struct web_bench *bench, const char *url); /* where sessions are kept; else a fresh SQLite file */
void web_bench_narrow(struct web_bench *bench); /* before serving: one page worker, and a queue of one */
struct people *web_bench_people(struct web_bench *bench);
/* An account with one role in one unit from long ago on; the password is "dem trang ben song" and there is no TOTP. */
int64_t web_bench_account(struct web_bench *bench, const char *name, const char *role, const char *unit);
/* ask: answers view_ask, on any thread; NULL: none. Problems of the tables are printed. */
typedef void web_bench_ask(void *user, struct here *here, const struct person *person, struct ask *ask, struct arena *arena, void (*done)(void *), void *done_arg);
void web_bench_serve(struct web_bench *bench, const struct web_system *systems, size_t count, web_bench_ask *ask);
struct web *web_bench_web(struct web_bench *bench);
int web_bench_port(const struct web_bench *bench);
void web_bench_close(struct web_bench *bench);

struct browser {
  struct web_bench *bench;
  struct arena *arena;
  struct http_fields cookies;     /* name → value */
  struct http_fields extra;       /* fields to send with each request */
  int status;
  const char *location, *type, *body;
  struct http_fields fields;
};

struct browser *browser_new(struct web_bench *bench);
struct browser *browser_new_in(struct web_bench *bench, struct cx *cx); /* for a thread of its own: its memory is in cx */
void browser_get(struct browser *browser, const char *path);
/* form: name=value&…, encoded; csrf and form_id of the last page are added unless the form has them. A redirect is not followed. */
void browser_post(struct browser *browser, const char *path, const char *form);
void browser_send(struct browser *browser, const char *method, const char *path, const char *content_type, struct bytes body);
void browser_follow(struct browser *browser); /* the last redirect */
void browser_log_in(struct browser *browser, int64_t account);
/* The value of the first input of that name on the last page, or NULL. */
const char *browser_input(struct browser *browser, const char *name);

/* ---- What tests of systems share besides a server ---- */
void testing_problems_print(struct cx *cx);
struct bytes testing_file(struct cx *cx, const char *path);
/* A file that ships below data/ (TRUC_DATA): "units/an-giang.csv". */
struct bytes testing_data(struct cx *cx, const char *name);
/* The shipped calendar and the units of both layouts; the offices among them and all agencies' codes when wanted. */
void testing_people_fill(struct cx *cx, struct people *people, bool offices);
/* A fresh store: SQLite, or PostgreSQL where there is one, else NULL. It lives as long as the context. */
const char *testing_store(struct cx *cx, bool postgres);

#endif
