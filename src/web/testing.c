/* A dispatcher under test, and a small blocking browser. */
#include "web/testing.h"

#include "base/text.h"
#include "base/worker.h"
#include "store/testing.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct web_bench {
  struct cx *cx;
  struct clock *clock;
  struct loops *loops;
  struct workers *workers, *slow;
  struct people *people;
  struct web *web;
  struct http_server *server;
  const char *store_url;
  int port;
};

void testing_problems_print(struct cx *cx)
{
  for (size_t i = 0; i < cx->problems.count; i++) {
    const struct problem *problem = &cx->problems.items[i];
    fprintf(stderr, "  %s at %s", problem->key, problem->field ? problem->field : "-");
    for (int a = 0; a < PROBLEM_ARGS_MAX && problem->args[a].name; a++) fprintf(stderr, " %s=%s", problem->args[a].name, problem->args[a].value);
    fputc('\n', stderr);
  }
}

static void must(struct cx *cx, enum err err, const char *what)
{
  if (!err) return;
  fprintf(stderr, "%s: %s\n", what, err_name(err));
  testing_problems_print(cx);
  abort();
}

/* ---- What ships, and fresh stores ---- */

struct bytes testing_file(struct cx *cx, const char *path)
{
  struct buffer buffer;
  char block[4096];
  size_t got;
  FILE *file = fopen(path, "rbe");
  must(cx, file ? OK : ERR_NOT_FOUND, path);
  buffer_init(&buffer, cx->arena);
  while ((got = fread(block, 1, sizeof block, file)) > 0) buffer_add(&buffer, block, got);
  fclose(file);
  return buffer_bytes(&buffer);
}

struct bytes testing_data(struct cx *cx, const char *name)
{
  return testing_file(cx, arena_print(cx->arena, "%s/%s", getenv("TRUC_DATA"), name));
}

void testing_people_fill(struct cx *cx, struct people *people, bool offices)
{
  int64_t count;
  must(cx, calendar_import(cx, people, testing_data(cx, "calendar.json"), &count), "calendar_import");
  must(cx, unit_import(cx, people, testing_data(cx, "units/an-giang.csv"), &count), "unit_import");
  if (!offices) return;
  must(cx, unit_import(cx, people, testing_data(cx, "units/agencies.csv"), &count), "unit_import");
  must(cx, unit_import_codes(cx, people, testing_data(cx, "units/agency-codes.csv"), &count), "unit_import_codes");
}

const char *testing_store(struct cx *cx, bool postgres)
{
  return postgres ? testing_postgres(cx) : testing_sqlite(cx);
}

/* ---- The bench ---- */

struct web_bench *web_bench_open(struct cx *cx, struct clock *clock, const struct permission *const *permissions, size_t count)
{
  struct web_bench *bench = ARENA_NEW(cx->arena, struct web_bench);
  *bench = (struct web_bench){.cx = cx, .clock = clock};
  must(cx, people_open(cx, testing_sqlite(cx), permissions, count, &bench->people), "people_open");
  must(cx, loops_start(cx, 1, cx->log, clock, &bench->loops), "loops_start");
  bench->workers = workers_start("pages", 4, 100);
  bench->slow = workers_start("slow", 1, 100);
  return bench;
}

void web_bench_store(struct web_bench *bench, const char *url) { bench->store_url = url; }
void web_bench_narrow(struct web_bench *bench)
{
  workers_stop(bench->workers);
  bench->workers = workers_start("pages", 1, 1);
}

struct people *web_bench_people(struct web_bench *bench) { return bench->people; }
struct web *web_bench_web(struct web_bench *bench) { return bench->web; }
int web_bench_port(const struct web_bench *bench) { return bench->port; }

int64_t web_bench_account(struct web_bench *bench, const char *name, const char *role, const char *unit)
{
  const struct account account = {.name = name, .full_name = arena_print(bench->cx->arena, "Nguyễn Thị %s", name), .language = "vi"};
  int64_t id = 0;
  must(bench->cx, account_add(bench->cx, bench->people, &account, "dem trang ben song", NULL, &id), "account_add");
  const struct role_row row = {.account = id, .role = role, .unit = unit, .valid_from = 0, .valid_to = NONE_DATE};
  must(bench->cx, role_give(bench->cx, bench->people, &row), "role_give");
  return id;
}

/* ---- A way in without a log-in page ---- */

static enum err enter(struct cx *cx, struct view *view)
{
  enum err err = session_begin(cx, view, view_i64(view, "account", 0));
  return err ? err : view_redirect(cx, view, "/tro-giup");
}

static const struct param enter_params[] = {{"account", PARAM_I64}, {NULL}};
static const struct page enter_pages[] = {{"GET", "/thu-nghiem/{account}", NULL, enter_params, enter, "ui.log_in"}};

void web_bench_serve(struct web_bench *bench, const struct web_system *systems, size_t count, web_bench_ask *ask)
{
  struct cx *cx = bench->cx;
  struct web_system *all = ARENA_ARRAY(cx->arena, count + 1, struct web_system);
  memcpy(all, systems, count * sizeof *all);
  all[count] = (struct web_system){.pages = enter_pages, .page_count = 1};
  const struct web_wish wish = {.store_url = bench->store_url ? bench->store_url : testing_sqlite(cx), .people = bench->people, .systems = all, .system_count = count + 1, .clock = bench->clock,
                                .log = cx->log, .workers = bench->workers, .slow_workers = bench->slow, .ask = ask};
  must(cx, web_open(cx, &wish, &bench->web), "web_open");
  const struct http_service service = web_service(bench->web);
  const struct http_limits limits = {.spool_folder = testing_folder(cx)};
  must(cx, http_server_start(cx, bench->loops, "127.0.0.1:0", NULL, &service, &limits, &bench->port, &bench->server), "http_server_start");
}

void web_bench_close(struct web_bench *bench)
{
  if (bench->server) http_server_stop(bench->server, 2000);
  workers_stop(bench->workers);
  workers_stop(bench->slow);
  web_close(bench->web);
  loops_stop(bench->loops);
  people_close(bench->people);
}

/* ---- The browser ---- */

struct browser *browser_new_in(struct web_bench *bench, struct cx *cx)
{
  struct browser *browser = ARENA_NEW(cx->arena, struct browser);
  *browser = (struct browser){.bench = bench, .arena = cx->arena, .body = ""};
  fields_init(&browser->cookies, cx->arena);
  fields_init(&browser->extra, cx->arena);
  return browser;
}

struct browser *browser_new(struct web_bench *bench)
{
  return browser_new_in(bench, bench->cx);
}

static int connect_to(int port)
{
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to)) abort();
  return fd;
}

static struct bytes exchange(struct browser *browser, struct bytes request)
{
  int fd = connect_to(browser->bench->port);
  for (size_t sent = 0; sent < request.size;) {
    ssize_t n = send(fd, request.data + sent, request.size - sent, MSG_NOSIGNAL);
    if (n <= 0) break; /* refused early: the answer tells */
    sent += (size_t)n;
  }
  struct buffer answer;
  buffer_init(&answer, browser->arena);
  char block[8192];
  for (ssize_t got; (got = recv(fd, block, sizeof block, 0)) > 0;) buffer_add(&answer, block, (size_t)got);
  close(fd);
  return buffer_bytes(&answer);
}

static void take_cookie(struct browser *browser, const char *value)
{
  struct arena *arena = browser->arena;
  const char *equals = strchr(value, '=');
  const char *name = arena_copy_n(arena, value, (size_t)(equals - value));
  fields_drop(&browser->cookies, name);
  if (!strstr(value, "Max-Age=0")) fields_add(&browser->cookies, name, arena_copy_n(arena, equals + 1, strcspn(equals + 1, ";")));
}

static void take_field(struct browser *browser, char *line)
{
  char *colon = strchr(line, ':');
  if (!colon) return;
  *colon = 0;
  const char *value = colon + 1 + strspn(colon + 1, " ");
  fields_add(&browser->fields, line, value);
  if (strcasecmp(line, "Set-Cookie") == 0) take_cookie(browser, value);
}

static void take_answer(struct browser *browser, struct bytes data)
{
  struct arena *arena = browser->arena;
  char *text = arena_copy_n(arena, data.data, data.size), *end = strstr(text, "\r\n\r\n");
  fields_init(&browser->fields, arena);
  browser->status = end ? atoi(text + 9) : 0;
  browser->body = end ? end + 4 : "";
  if (end) *end = 0;
  for (char *line = strstr(text, "\r\n"); line;) {
    char *next = strstr(line + 2, "\r\n");
    if (next) *next = 0;
    take_field(browser, line + 2);
    line = next;
  }
  browser->location = fields_get(&browser->fields, "Location");
  browser->type = fields_get(&browser->fields, "Content-Type");
}

void browser_send(struct browser *browser, const char *method, const char *path, const char *content_type, struct bytes body)
{
  struct buffer out;
  buffer_init(&out, browser->arena);
  buffer_print(&out, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n", method, path, browser->bench->port);
  for (size_t i = 0; i < browser->cookies.count; i++)
    buffer_print(&out, "%s%s=%s", i ? "; " : "Cookie: ", browser->cookies.items[i].name, browser->cookies.items[i].value);
  if (browser->cookies.count) buffer_text(&out, "\r\n");
  for (size_t i = 0; i < browser->extra.count; i++) buffer_print(&out, "%s: %s\r\n", browser->extra.items[i].name, browser->extra.items[i].value);
  if (content_type) buffer_print(&out, "Content-Type: %s\r\nContent-Length: %zu\r\n", content_type, body.size);
  buffer_text(&out, "\r\n");
  buffer_add(&out, body.data, body.size);
  take_answer(browser, exchange(browser, buffer_bytes(&out)));
}

void browser_get(struct browser *browser, const char *path)
{
  browser_send(browser, "GET", path, NULL, (struct bytes){(const uint8_t *)"", 0});
}

const char *browser_input(struct browser *browser, const char *name)
{
  struct arena *arena = browser->arena;
  const char *at = strstr(browser->body, arena_print(arena, "name=\"%s\"", name));
  const char *value = at ? strstr(at, "value=\"") : NULL;
  return value ? arena_copy_n(arena, value + 7, strcspn(value + 7, "\"")) : NULL;
}

void browser_post(struct browser *browser, const char *path, const char *form)
{
  struct arena *arena = browser->arena;
  struct buffer body;
  buffer_init(&body, arena);
  buffer_text(&body, form);
  for (size_t i = 0; i < 2; i++) {
    const char *name = i ? "form_id" : "csrf", *value = browser_input(browser, name);
    if (value && !strstr(form, arena_print(arena, "%s=", name))) buffer_print(&body, "&%s=%s", name, value);
  }
  browser_send(browser, "POST", path, "application/x-www-form-urlencoded", buffer_bytes(&body));
}

void browser_follow(struct browser *browser)
{
  if (browser->location) browser_get(browser, browser->location);
}

void browser_log_in(struct browser *browser, int64_t account)
{
  browser_get(browser, arena_print(browser->arena, "/thu-nghiem/%lld", (long long)account));
  if (browser->status != 303) abort();
}
