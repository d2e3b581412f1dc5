/* Fuzzer of the dispatcher: a whole request comes to pages that read parameters, forms and files. Whatever is sent, the pages never
 * break (500), and what was typed never comes back as markup ("<zq"). */
#include "talk.h"

#include "toy_html.h"
#include "toy_words.h"
#include "web/testing.h"

#include <stdlib.h>

struct toy { const char *full_name; int64_t birth_date; };
static const struct field toy_fields[] = {
  FIELD(struct toy, full_name, .max = 40, .word = "toy.full_name", .required = true),
  FIELD(struct toy, birth_date, .form = FORM_DATE, .word = "toy.birth_date", .required = true),
};
static const struct record_type toy_type = RECORD("toy", struct toy, toy_fields);

static enum err home(struct cx *cx, struct view *view) { return view_render(cx, view, "toy_home"); }
static enum err log_in_form(struct cx *cx, struct view *view) { return view_render(cx, view, "toy_log_in"); }

static enum err fill_in(struct cx *cx, struct view *view)
{
  struct toy toy;
  enum err err = record_read_form(cx, &toy_type, &view->form, &toy);
  if (err && err != ERR_INPUT) return err;
  model_form(view->model, "toy", &toy_type, &toy, &view->form);
  return err ? view_render(cx, view, "toy_form") : view_redirect(cx, view, arena_print(cx->arena, "/toy/%zu", strlen(toy.full_name)));
}

static enum err show(struct cx *cx, struct view *view)
{
  model_text(view->model, "code", view_text(view, "code"));
  model_text(view->model, "q", view_text(view, "q"));
  model_number(view->model, "n", view_i64(view, "n", -1));
  model_number(view->model, "d", view_i64(view, "d", -1));
  return view_render(cx, view, "toy_show");
}

static enum err take_file(struct cx *cx, struct view *view)
{
  struct buffer names;
  buffer_init(&names, cx->arena);
  for (size_t i = 0; i < view->parts.count; i++) buffer_text(&names, view->parts.items[i].file_name ? view->parts.items[i].file_name : view->parts.items[i].value);
  const char *clean = text_clean(cx->arena, buffer_string(&names), names.size, TEXT_LINES);
  model_text(view->model, "answer", clean);
  return view_render(cx, view, "toy_show");
}

static const struct param show_params[] = {{"code", PARAM_CODE, 0, true}, {"q", PARAM_TEXT, 20}, {"n", PARAM_I64, 100}, {"d", PARAM_DATE}, {NULL}};
static const struct page pages[] = {
  {"GET", "/", "", NULL, home, "toy.home"},
  {"GET", "/dang-nhap", NULL, NULL, log_in_form, "toy.log_in"},
  {"POST", "/toy", NULL, NULL, fill_in, "toy.form", PAGE_NO_CSRF},
  {"POST", "/toy/tep", NULL, NULL, take_file, "toy.show", PAGE_NO_CSRF | PAGE_UPLOAD, 8192},
  {"POST", "/toy/ghi", "", NULL, fill_in, "toy.form"},
  {"GET", "/toy/{code}", NULL, show_params, show, "toy.show"},
};
static struct here here = {.system = "toy", .spool_folder = "/tmp"};
static const struct web_system toy_system = {&here, pages, sizeof pages / sizeof pages[0], &toy_html, toy_words, 2, NULL};

static struct { struct cx *cx; struct clock clock; struct web_bench *web; struct http_service service; struct talk_server server; } bench;

static void bench_stop(void)
{
  talk_stop(&bench.server);
  web_bench_close(bench.web);
  cx_free_alone(bench.cx);
}

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
  static const struct http_limits limits = {.spool_folder = "/tmp"};
  bench.cx = fuzz_cx();
  bench.clock = *bench.cx->clock;
  bench.web = web_bench_open(bench.cx, &bench.clock, NULL, 0);
  web_bench_serve(bench.web, &toy_system, 1, NULL);
  bench.service = web_service(web_bench_web(bench.web));
  talk_start(&bench.server, &bench.clock, &bench.service, &limits);
  atexit(bench_stop);
  return 0;
}

/* With its line's end, which nothing that was typed keeps. */
static const char broken[] = "HTTP/1.1 500 Internal Server Error\r\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct arena *arena = arena_new(64 << 20);
  struct buffer out;
  buffer_init(&out, arena);
  talk(&bench.server, (struct bytes){data, size}, size, &out);
  const char *text = buffer_string(&out);
  assert(!strstr(text, broken) && !strstr(text, "<zq"));
  arena_free(arena);
  return 0;
}
