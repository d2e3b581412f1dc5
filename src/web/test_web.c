/* The dispatcher end to end: a toy system on a real server on loopback, and a browser that behaves, or does not. */
#include "base/text.h"
#include "toy_html.h"
#include "toy_words.h"
#include "store/testing.h"
#include "web/testing.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- A toy system ---- */

static const struct permission toy_permissions[] = {
  {"toy.read", "counter head", "toy.show"}, {"toy.write", "counter", "toy.form"}, {"toy.admin", "admin", "toy.show"}, {NULL, NULL, NULL},
};
static const struct permission *const permission_tables[] = {toy_permissions};

struct toy { const char *full_name; int64_t birth_date; };
static const struct field toy_fields[] = {
  FIELD(struct toy, full_name, .max = 40, .word = "toy.full_name", .required = true),
  FIELD(struct toy, birth_date, .form = FORM_DATE, .word = "toy.birth_date", .required = true),
};
static const struct record_type toy_type = RECORD("toy", struct toy, toy_fields);

static atomic_int saved_count, handler_count;

static enum err home(struct cx *cx, struct view *view) { return view_render(cx, view, "toy_home"); }
static enum err log_in_form(struct cx *cx, struct view *view) { return view_render(cx, view, "toy_log_in"); }

static enum err log_in(struct cx *cx, struct view *view)
{
  int64_t account;
  const char *given = form_get(&view->form, "account", 0);
  if (!given || !text_to_i64(given, 1, 1000, &account)) {
    (void)cx_fail(cx, ERR_INPUT, "account", "error.number", NULL);
    return view_render(cx, view, "toy_log_in");
  }
  enum err err = session_begin(cx, view, account);
  return err ? err : view_redirect(cx, view, "/");
}

static enum err log_out(struct cx *cx, struct view *view)
{
  enum err err = session_end(cx, view);
  if (!err) err = view_flash(cx, view, "toy.gone", NULL);
  return err ? err : view_redirect(cx, view, "/dang-nhap");
}

static enum err form_page(struct cx *cx, struct view *view)
{
  model_form(view->model, "toy", &toy_type, NULL, NULL);
  return view_render(cx, view, "toy_form");
}

static enum err save(struct cx *cx, struct view *view)
{
  struct toy toy;
  enum err err = record_read_form(cx, &toy_type, &view->form, &toy);
  if (err == ERR_INPUT) {
    model_form(view->model, "toy", &toy_type, &toy, &view->form);
    return view_render(cx, view, "toy_form");
  }
  if (err) return err;
  if (text_equal(toy.full_name, "Chậm")) usleep(400000);
  int number = atomic_fetch_add(&saved_count, 1) + 1;
  err = view_flash(cx, view, "toy.saved", toy.full_name);
  return err ? err : view_redirect(cx, view, arena_print(cx->arena, "/toy/N%d", number));
}

static enum err show(struct cx *cx, struct view *view)
{
  model_text(view->model, "code", view_text(view, "code"));
  model_text(view->model, "q", view_text(view, "q"));
  model_number(view->model, "n", view_i64(view, "n", -1));
  model_number(view->model, "d", view_i64(view, "d", -1));
  model_text(view->model, "undeclared", view_text(view, "undeclared"));
  return view_render(cx, view, "toy_show");
}

static enum err ask_twice(struct cx *cx, struct view *view)
{
  atomic_fetch_add(&handler_count, 1);
  struct ask first = {.service = "H01/GOV/X/s", .method = "GET", .path = "/one"}, second = {.service = "H01/GOV/X/s", .method = "GET", .path = "/two"};
  enum err err = view_ask(cx, view, &first);
  if (!err) err = view_ask(cx, view, &second);
  if (err) return err;
  model_text(view->model, "answer", arena_print(cx->arena, "%d %.*s, %d %s", first.status, (int)first.answer.size, (const char *)first.answer.data, second.status, second.axis_error));
  return view_render(cx, view, "toy_show");
}

static enum err paper(struct cx *cx, struct view *view)
{
  return view_bytes(cx, view, "application/pdf", (struct bytes){(const uint8_t *)"%PDF", 4}, "Giấy hẹn.pdf");
}

static enum err stored_file(struct cx *cx, struct view *view)
{
  FILE *file = tmpfile();
  if (!file || fputs("của tệp", file) < 0 || fflush(file)) abort();
  int fd = dup(fileno(file));
  fclose(file);
  return view_file(cx, view, "text/plain", fd, (int64_t)strlen("của tệp"), NULL);
}

static enum err slow(struct cx *cx, struct view *view)
{
  usleep(500000);
  return view_render(cx, view, "toy_home");
}

static enum err broken(struct cx *cx, struct view *view) { return cx_fail(cx, ERR_INTERNAL, NULL, "toy.broken", NULL); }
static enum err conflict(struct cx *cx, struct view *view) { return cx_fail(cx, ERR_CONFLICT, NULL, "toy.broken", NULL); }
static enum err silent(struct cx *cx, struct view *view) { return OK; }

static enum err greedy(struct cx *cx, struct view *view)
{
  for (int i = 0; i < 20; i++) (void)arena_alloc(cx->arena, 1 << 20);
  return view_render(cx, view, "toy_show");
}

static enum err take_file(struct cx *cx, struct view *view)
{
  const char *name = form_get(&view->form, "title", 0);
  size_t files = 0;
  for (size_t i = 0; i < view->parts.count; i++) files += view->parts.items[i].path != NULL;
  if (text_equal(name, "Lưu")) return view_redirect(cx, view, arena_print(cx->arena, "/toy/N%d", atomic_fetch_add(&saved_count, 1) + 1));
  model_text(view->model, "answer", arena_print(cx->arena, "%s %zu", name ? name : "-", files));
  return view_render(cx, view, "toy_show");
}

static const struct param show_params[] = {
  {"code", PARAM_CODE, 0, true}, {"q", PARAM_TEXT, 20}, {"n", PARAM_I64, 100}, {"d", PARAM_DATE}, {NULL},
};

static const struct page pages[] = {
  {"GET", "/", "", NULL, home, "toy.home"},
  {"GET", "/dang-nhap", NULL, NULL, log_in_form, "toy.log_in"},
  {"POST", "/dang-nhap", NULL, NULL, log_in, "toy.log_in", PAGE_SLOW},
  {"POST", "/dang-xuat", "", NULL, log_out, "toy.log_in"},
  {"GET", "/toy", "toy.read", NULL, form_page, "toy.form"},
  {"POST", "/toy", "toy.write", NULL, save, "toy.form"},
  {"GET", "/toy/{code}", "toy.read", show_params, show, "toy.show"},
  {"GET", "/toy/hoi", "toy.read", NULL, ask_twice, "toy.show"},
  {"GET", "/toy/giay", "toy.read", NULL, paper, "toy.show", PAGE_FRAME},
  {"GET", "/toy/quan-tri", "toy.admin", NULL, home, "toy.show"},
  {"GET", "/toy/tep-da-luu", NULL, NULL, stored_file, "toy.show"},
  {"GET", "/toy/cham", NULL, NULL, slow, "toy.show"},
  {"GET", "/toy/hong", NULL, NULL, broken, "toy.show"},
  {"GET", "/toy/xung-dot", NULL, NULL, conflict, "toy.show"},
  {"GET", "/toy/im", NULL, NULL, silent, "toy.show"},
  {"GET", "/toy/tham", NULL, NULL, greedy, "toy.show"},
  {"GET", "/toy/it", NULL, NULL, home, "toy.show", 0, 0, "3/60"},
  {"POST", "/toy/tep", "toy.write", NULL, take_file, "toy.show", PAGE_UPLOAD, 4096},
};
static struct here toy_here = {.system = "toy", .demo = true, .spool_folder = "/tmp"};
static const struct web_system toy_system = {&toy_here, pages, sizeof pages / sizeof pages[0], &toy_html, toy_words, 2, NULL};

/* Answers on another thread, as the axis does. */
struct answering { struct ask *ask; struct arena *arena; void (*done)(void *); void *arg; };

static void *answer_later(void *arg)
{
  struct answering *answering = arg;
  usleep(20000);
  bool first = text_equal(answering->ask->path, "/one");
  answering->ask->status = first ? 200 : 500;
  answering->ask->axis_error = first ? NULL : "Server.Down";
  answering->ask->answer = (struct bytes){(const uint8_t *)"đây", strlen("đây")};
  answering->done(answering->arg);
  return NULL;
}

static void answer_ask(void *user, struct here *here, const struct person *person, struct ask *ask, struct arena *arena, void (*done)(void *), void *done_arg)
{
  struct answering *answering = ARENA_NEW(arena, struct answering);
  *answering = (struct answering){ask, arena, done, done_arg};
  pthread_t thread;
  if (pthread_create(&thread, NULL, answer_later, answering) || pthread_detach(thread)) abort();
}

/* ---- The bench ---- */

struct fixture { struct cx *cx; struct clock clock; struct web_bench *bench; struct browser *browser; int64_t officer, head; };

static int begin_on(void **state, bool postgres)
{
  static struct clock machine;
  struct cx *cx = cx_new_alone(&machine, NULL);
  struct fixture *f = ARENA_NEW(cx->arena, struct fixture);
  *f = (struct fixture){.cx = cx};
  cx->clock = &f->clock;
  const char *url = postgres ? testing_postgres(cx) : NULL;
  *state = f;
  if (postgres && !url) return 0;
  f->bench = web_bench_open(cx, &f->clock, permission_tables, 1);
  web_bench_store(f->bench, url);
  f->officer = web_bench_account(f->bench, "an", ROLE_COUNTER, "U1");
  f->head = web_bench_account(f->bench, "be", ROLE_HEAD, "U1");
  web_bench_serve(f->bench, &toy_system, 1, answer_ask);
  f->browser = browser_new(f->bench);
  atomic_store(&saved_count, 0);
  atomic_store(&handler_count, 0);
  return 0;
}

static int begin(void **state) { return begin_on(state, false); }
static int begin_postgres(void **state) { return begin_on(state, true); }

static int end(void **state)
{
  struct fixture *f = *state;
  if (f->bench) web_bench_close(f->bench);
  cx_free_alone(f->cx);
  return 0;
}

static struct fixture *fixture_of(void **state)
{
  struct fixture *f = *state;
  if (!f->bench) skip();
  return f;
}

static void assert_has(const struct browser *browser, const char *part)
{
  if (!strstr(browser->body, part)) fail_msg("status %d, no \"%s\" in:\n%s", browser->status, part, browser->body);
}

static void assert_lacks(const struct browser *browser, const char *part)
{
  if (strstr(browser->body, part)) fail_msg("\"%s\" in:\n%s", part, browser->body);
}

static void assert_goes(const struct browser *browser, const char *path)
{
  assert_int_equal(browser->status, 303);
  assert_string_equal(browser->location, path);
}

#define GOOD "full_name=Nguy%E1%BB%85n+V%C4%83n+An&birth_date=01%2F07%2F1990"

/* ---- Logging in and out ---- */

static void test_log_in_leads_where_one_wanted_to_go(void **state)
{
  struct fixture *f = *state;
  browser_get(f->browser, "/toy/N7?q=x");
  assert_goes(f->browser, "/dang-nhap");
  browser_follow(f->browser);
  assert_has(f->browser, "Đăng nhập để xem trang này.");
  const char *before = fields_get(&f->browser->cookies, "before");
  browser_post(f->browser, "/dang-nhap", "account=1");
  assert_goes(f->browser, "/toy/N7?q=x");
  assert_null(fields_get(&f->browser->cookies, "before"));
  assert_string_not_equal(fields_get(&f->browser->cookies, "session"), before);
  browser_follow(f->browser);
  assert_int_equal(f->browser->status, 200);
  assert_has(f->browser, "Mã N7; q=x;");
  assert_has(f->browser, "Nguyễn Thị an");
  assert_lacks(f->browser, "Đăng nhập để xem trang này.");
}

static void test_log_out_ends_the_session(void **state)
{
  struct fixture *f = *state;
  browser_log_in(f->browser, f->officer);
  const char *session = fields_get(&f->browser->cookies, "session");
  browser_get(f->browser, "/");
  browser_post(f->browser, "/dang-xuat", "x=1");
  assert_goes(f->browser, "/dang-nhap");
  browser_follow(f->browser);
  assert_has(f->browser, "Đã đăng xuất");
  fields_add(&f->browser->cookies, "session", session);
  browser_get(f->browser, "/");
  assert_goes(f->browser, "/dang-nhap");
}

static void test_a_form_needs_its_token(void **state)
{
  struct fixture *f = *state;
  browser_log_in(f->browser, f->officer);
  browser_get(f->browser, "/toy");
  browser_post(f->browser, "/toy", GOOD "&csrf=0000000000000000000000000000000000000000000000000000000000000000");
  assert_int_equal(f->browser->status, 403);
  browser_post(f->browser, "/toy", GOOD "&csrf=");
  assert_int_equal(f->browser->status, 403);
  struct browser *other = browser_new(f->bench);
  browser_log_in(other, f->officer);
  browser_get(other, "/toy");
  browser_get(f->browser, "/toy");
  const char *token = browser_input(other, "csrf");
  browser_post(f->browser, "/toy", arena_print(f->cx->arena, "%s&csrf=%s", GOOD, token));
  assert_int_equal(f->browser->status, 403);
  assert_int_equal(atomic_load(&saved_count), 0);
  struct browser *stranger = browser_new(f->bench);
  browser_post(stranger, "/dang-nhap", "account=1");
  assert_int_equal(stranger->status, 403);
}

static void test_permissions_and_unknown_pages(void **state)
{
  struct fixture *f = *state;
  browser_log_in(f->browser, f->head);
  browser_get(f->browser, "/toy/quan-tri");
  assert_int_equal(f->browser->status, 403);
  assert_has(f->browser, "Không có quyền xem trang này");
  browser_get(f->browser, "/toy");
  assert_int_equal(f->browser->status, 200);
  browser_post(f->browser, "/toy", GOOD);
  assert_int_equal(f->browser->status, 403);
  browser_get(f->browser, "/khong-co");
  assert_int_equal(f->browser->status, 404);
  assert_has(f->browser, "Không tìm thấy trang");
  assert_has(f->browser, "Nguyễn Thị be");
}

/* ---- Forms ---- */

static void test_errors_keep_what_was_typed(void **state)
{
  struct fixture *f = *state;
  browser_log_in(f->browser, f->officer);
  browser_get(f->browser, "/toy");
  assert_has(f->browser, "Như trên giấy tờ");
  browser_post(f->browser, "/toy", "full_name=%3CAn%3E&birth_date=31%2F02%2F1990");
  assert_int_equal(f->browser->status, 422);
  assert_has(f->browser, "value=\"&lt;An&gt;\"");
  assert_has(f->browser, "value=\"31/02/1990\"");
  assert_has(f->browser, "<a href=\"#field-birth_date\">Ngày sinh: Nhập ngày có thật");
  assert_has(f->browser, "id=\"field-birth_date\"");
  assert_has(f->browser, "id=\"field-birth_date-error\"");
  assert_lacks(f->browser, "field-full_name-error");
  assert_has(f->browser, "<title>Lỗi: ");
}

static void test_success_redirects_and_tells_once(void **state)
{
  struct fixture *f = *state;
  browser_log_in(f->browser, f->officer);
  browser_get(f->browser, "/toy");
  browser_post(f->browser, "/toy", GOOD);
  assert_goes(f->browser, "/toy/N1");
  browser_follow(f->browser);
  assert_has(f->browser, "Đã lưu Nguyễn Văn An");
  browser_get(f->browser, "/toy/N1");
  assert_lacks(f->browser, "Đã lưu");
}

static void test_the_same_form_counts_once(void **state)
{
  struct fixture *f = *state;
  browser_log_in(f->browser, f->officer);
  browser_get(f->browser, "/toy");
  const char *form = arena_print(f->cx->arena, "%s&csrf=%s&form_id=%s", GOOD, browser_input(f->browser, "csrf"), browser_input(f->browser, "form_id"));
  browser_post(f->browser, "/toy", form);
  assert_goes(f->browser, "/toy/N1");
  browser_post(f->browser, "/toy", form);
  assert_goes(f->browser, "/toy/N1");
  assert_int_equal(atomic_load(&saved_count), 1);
  browser_post(f->browser, "/toy", arena_print(f->cx->arena, "%s&more=1", form));
  assert_goes(f->browser, "/toy/N2");
}

static void send_upload(struct fixture *f, const char *token, const char *note, const char *content)
{
  const char *part = "--b\r\nContent-Disposition: form-data; name=\"";
  const char *body = arena_print(f->cx->arena, "%scsrf\"\r\n\r\n%s\r\n%sform_id\"\r\n\r\nid\r\n%stitle\"\r\n\r\nLưu\r\n%snote\"\r\n\r\n%s\r\n"
    "%sscan\"; filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%s\r\n--b--\r\n", part, token, part, part, part, note, part, content);
  browser_send(f->browser, "POST", "/toy/tep", "multipart/form-data; boundary=b", (struct bytes){(const uint8_t *)body, strlen(body)});
}

/* A file counted by its name and size: the corrected one was answered as if it had been taken already. */
static void test_a_corrected_file_of_the_same_size_is_another_form(void **state)
{
  struct fixture *f = *state;
  browser_log_in(f->browser, f->officer);
  browser_get(f->browser, "/toy");
  const char *token = browser_input(f->browser, "csrf");
  send_upload(f, token, "a", "%PDF-1.4");
  assert_goes(f->browser, "/toy/N1");
  send_upload(f, token, "a", "%PDF-1.4");
  assert_goes(f->browser, "/toy/N1");
  send_upload(f, token, "a", "%PDF-1.5");
  assert_goes(f->browser, "/toy/N2");
}

/* A line in a value looked like the next field. */
static void test_a_value_never_passes_for_two_fields(void **state)
{
  struct fixture *f = *state;
  browser_log_in(f->browser, f->officer);
  browser_get(f->browser, "/toy");
  const char *form = arena_print(f->cx->arena, "%s&csrf=%s&form_id=%s", GOOD, browser_input(f->browser, "csrf"), browser_input(f->browser, "form_id"));
  browser_post(f->browser, "/toy", arena_print(f->cx->arena, "%s&a=1&b=2", form));
  assert_goes(f->browser, "/toy/N1");
  browser_post(f->browser, "/toy", arena_print(f->cx->arena, "%s&a=1%%0Ab%%3D2", form));
  assert_goes(f->browser, "/toy/N2");
}

struct race { struct browser *browser; const char *form; };

static void *post_in_race(void *arg)
{
  struct race *race = arg;
  browser_post(race->browser, "/toy", race->form);
  return NULL;
}

static void test_the_same_form_at_the_same_time_counts_once(void **state)
{
  struct fixture *f = fixture_of(state);
  browser_log_in(f->browser, f->officer);
  browser_get(f->browser, "/toy");
  const char *form = arena_print(f->cx->arena, "full_name=Ch%%E1%%BA%%ADm&birth_date=01%%2F07%%2F1990&csrf=%s&form_id=%s",
                                 browser_input(f->browser, "csrf"), browser_input(f->browser, "form_id"));
  struct web_bench *bench = f->bench;
  struct race races[3];
  pthread_t threads[3];
  struct cx *own[3];
  for (int i = 0; i < 3; i++) {
    own[i] = cx_new_alone(&f->clock, NULL); /* an arena has one owner */
    races[i] = (struct race){browser_new_in(bench, own[i]), form};
    for (size_t c = 0; c < f->browser->cookies.count; c++) fields_add(&races[i].browser->cookies, f->browser->cookies.items[c].name, f->browser->cookies.items[c].value);
  }
  for (int i = 0; i < 3; i++) assert_int_equal(pthread_create(&threads[i], NULL, post_in_race, &races[i]), 0);
  for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
  for (int i = 0; i < 3; i++) assert_goes(races[i].browser, "/toy/N1");
  assert_int_equal(atomic_load(&saved_count), 1);
  for (int i = 0; i < 3; i++) cx_free_alone(own[i]);
}

static void test_an_ended_session_gives_the_form_back(void **state)
{
  struct fixture *f = fixture_of(state);
  browser_log_in(f->browser, f->officer);
  browser_get(f->browser, "/toy");
  f->clock.offset_us += 31 * MINUTE_US;
  browser_post(f->browser, "/toy", GOOD);
  assert_goes(f->browser, "/dang-nhap");
  browser_follow(f->browser);
  assert_has(f->browser, "nội dung đã nhập được giữ lại");
  browser_post(f->browser, "/dang-nhap", arena_print(f->cx->arena, "account=%lld", (long long)f->officer));
  assert_goes(f->browser, "/tiep-tuc");
  browser_follow(f->browser);
  assert_has(f->browser, "name=\"full_name\" value=\"Nguyễn Văn An\"");
  browser_post(f->browser, "/toy", GOOD);
  assert_goes(f->browser, "/toy/N1");
}

static void test_what_one_typed_is_not_for_another(void **state)
{
  struct fixture *f = *state;
  browser_log_in(f->browser, f->officer);
  browser_get(f->browser, "/toy");
  f->clock.offset_us += 31 * MINUTE_US;
  browser_post(f->browser, "/toy", GOOD);
  browser_follow(f->browser);
  browser_post(f->browser, "/dang-nhap", arena_print(f->cx->arena, "account=%lld", (long long)f->head));
  assert_goes(f->browser, "/tiep-tuc");
  browser_follow(f->browser);
  assert_goes(f->browser, "/");
}

/* A page of another site cannot leave a form to be sent after the next log-in. */
static void test_a_planted_form_is_not_kept(void **state)
{
  struct fixture *f = *state;
  browser_log_in(f->browser, f->officer);
  f->clock.offset_us += 31 * MINUTE_US;
  browser_post(f->browser, "/toy", GOOD "&csrf=1111111111111111111111111111111111111111111111111111111111111111");
  assert_goes(f->browser, "/dang-nhap");
  browser_follow(f->browser);
  browser_post(f->browser, "/dang-nhap", arena_print(f->cx->arena, "account=%lld", (long long)f->officer));
  assert_goes(f->browser, "/toy");
}

static void test_a_form_from_before_a_log_in_is_shown_again(void **state)
{
  struct fixture *f = *state;
  browser_log_in(f->browser, f->officer);
  browser_get(f->browser, "/toy");
  const char *form = arena_print(f->cx->arena, "%s&csrf=%s&form_id=x", GOOD, browser_input(f->browser, "csrf"));
  browser_log_in(f->browser, f->officer);
  fields_add(&f->browser->extra, "Origin", arena_print(f->cx->arena, "http://127.0.0.1:%d", web_bench_port(f->bench)));
  browser_post(f->browser, "/toy", form);
  assert_int_equal(f->browser->status, 200);
  assert_has(f->browser, "Gửi lại nội dung đã nhập");
  browser_post(f->browser, "/toy", GOOD);
  assert_goes(f->browser, "/toy/N1");
  fields_drop(&f->browser->extra, "Origin");
  fields_add(&f->browser->extra, "Origin", "https://evil.example");
  browser_post(f->browser, "/toy", form);
  assert_int_equal(f->browser->status, 403);
}

static void test_uploads(void **state)
{
  struct fixture *f = *state;
  browser_log_in(f->browser, f->officer);
  browser_get(f->browser, "/toy");
  const char *token = browser_input(f->browser, "csrf");
  const char *body = arena_print(f->cx->arena, "--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n%s\r\n--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nBản quét\r\n"
    "--b\r\nContent-Disposition: form-data; name=\"scan\"; filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\n\r\n%%PDF-1.4\r\n--b--\r\n", token);
  browser_send(f->browser, "POST", "/toy/tep", "multipart/form-data; boundary=b", (struct bytes){(const uint8_t *)body, strlen(body)});
  assert_int_equal(f->browser->status, 200);
  assert_has(f->browser, "Bản quét 1");
  browser_send(f->browser, "POST", "/toy", "multipart/form-data; boundary=b", (struct bytes){(const uint8_t *)body, strlen(body)});
  assert_int_equal(f->browser->status, 415);
  char *large = arena_alloc(f->cx->arena, 6000);
  memset(large, 'x', 6000);
  browser_send(f->browser, "POST", "/toy/tep", "multipart/form-data; boundary=b", (struct bytes){(const uint8_t *)large, 6000});
  assert_int_equal(f->browser->status, 413);
  assert_has(f->browser, "Nội dung gửi quá lớn");
}

/* ---- Parameters, languages, faults ---- */

static void test_only_declared_parameters_exist(void **state)
{
  struct fixture *f = *state;
  browser_log_in(f->browser, f->officer);
  static const struct { const char *path; int status; const char *part; } rows[] = {
    {"/toy/A.b-1_2", 200, "Mã A.b-1_2; q=; n=-1; d=-1"}, {"/toy/A?q=%C4%90%E1%BB%97+A&n=7&d=2025-07-01", 200, "q=Đỗ A; n=7; d=20270"},
    {"/toy/A?d=01%2F07%2F2025", 200, "d=20270"}, {"/toy/A?n=&q=", 200, "n=-1"}, {"/toy/A?undeclared=x", 200, "Mã A"}, {"/toy/A?n=101", 400, "chưa đúng"},
    {"/toy/A?n=x", 400, ""}, {"/toy/A?d=31%2F02%2F2025", 400, "chưa đúng"}, {"/toy/A%20b", 404, ""}, {"/toy/%E1%BB%97", 404, ""},
    {"/toy/A/b", 404, ""}, {"/toy/", 404, ""}, {"/toy/A?q=012345678901234567890", 400, ""}, {"/toy/A?q=%00", 400, ""}, {"/toy/A?q=%FF", 400, ""},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    browser_get(f->browser, rows[i].path);
    if (f->browser->status != rows[i].status) fail_msg("%s: %d", rows[i].path, f->browser->status);
    assert_has(f->browser, rows[i].part);
  }
}

static void test_files_and_methods(void **state)
{
  struct fixture *f = *state;
  browser_get(f->browser, "/toy/tep-da-luu");
  assert_int_equal(f->browser->status, 200);
  assert_string_equal(f->browser->body, "của tệp");
  assert_null(fields_get(&f->browser->fields, "Content-Disposition"));
  browser_post(f->browser, "/toy/tep-da-luu", "a=1");
  assert_int_equal(f->browser->status, 405);
  assert_string_equal(fields_get(&f->browser->fields, "Allow"), "GET, HEAD");
  assert_has(f->browser, "Trang này không nhận yêu cầu như vậy");
  browser_send(f->browser, "HEAD", "/toy/tep-da-luu", NULL, (struct bytes){NULL, 0});
  assert_int_equal(f->browser->status, 200);
  assert_string_equal(f->browser->body, "");
}

static void test_languages(void **state)
{
  struct fixture *f = *state;
  browser_get(f->browser, "/dang-nhap?a=1&lang=en&b=2");
  assert_goes(f->browser, "/dang-nhap?a=1&b=2");
  browser_get(f->browser, "/dang-nhap");
  assert_has(f->browser, "<html class=\"govuk-template app-officer\" lang=\"en\">");
  assert_has(f->browser, "<h1 class=\"govuk-heading-l\">Log in</h1>");
  assert_has(f->browser, "href=\"/dang-nhap?lang=vi\"");
  browser_get(f->browser, "/khong-co");
  assert_has(f->browser, "Page not found");
  browser_get(f->browser, "/dang-nhap?lang=xx");
  assert_int_equal(f->browser->status, 200);
}

static void test_pages_of_what_went_wrong(void **state)
{
  struct fixture *f = *state;
  static const struct { const char *path; int status; const char *part, *never; } rows[] = {
    {"/toy/hong", 500, "Hệ thống gặp lỗi", "Hỏng"}, {"/toy/xung-dot", 409, "Hỏng", "Mã yêu cầu"}, {"/toy/im", 500, "Mã yêu cầu", "xyz"},
    {"/toy/tham", 503, "Hệ thống đang bận", "xyz"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    browser_get(f->browser, rows[i].path);
    if (f->browser->status != rows[i].status) fail_msg("%s: %d", rows[i].path, f->browser->status);
    assert_has(f->browser, rows[i].part);
    assert_lacks(f->browser, rows[i].never);
  }
  assert_string_equal(fields_get(&f->browser->fields, "Retry-After"), "5");
}

static void test_rates(void **state)
{
  struct fixture *f = fixture_of(state);
  f->clock.fixed_us = 1764000000 * SECOND_US;
  for (int i = 0; i < 3; i++) {
    browser_get(f->browser, "/toy/it");
    assert_int_equal(f->browser->status, 200);
  }
  browser_get(f->browser, "/toy/it");
  assert_int_equal(f->browser->status, 429);
  assert_string_equal(fields_get(&f->browser->fields, "Retry-After"), "61");
  f->clock.fixed_us += 61 * SECOND_US;
  browser_get(f->browser, "/toy/it");
  assert_int_equal(f->browser->status, 200);
}

static void test_asks_hold_no_worker(void **state)
{
  struct fixture *f = *state;
  browser_log_in(f->browser, f->officer);
  browser_get(f->browser, "/toy/hoi");
  assert_int_equal(f->browser->status, 200);
  assert_has(f->browser, "200 đây, 500 Server.Down");
  assert_int_equal(atomic_load(&handler_count), 3);
}

static void *get_slow(void *arg)
{
  browser_get(arg, "/toy/cham");
  return NULL;
}

static void test_a_full_queue_says_so(void **state)
{
  static struct clock machine;
  struct cx *cx = cx_new_alone(&machine, NULL);
  struct web_bench *bench = web_bench_open(cx, &machine, permission_tables, 1);
  web_bench_narrow(bench);
  web_bench_serve(bench, &toy_system, 1, NULL);
  enum { ASKERS = 6 };
  struct cx *own[ASKERS];
  struct browser *browsers[ASKERS];
  pthread_t threads[ASKERS];
  for (int i = 0; i < ASKERS; i++) {
    own[i] = cx_new_alone(&machine, NULL);
    browsers[i] = browser_new_in(bench, own[i]);
    assert_int_equal(pthread_create(&threads[i], NULL, get_slow, browsers[i]), 0);
  }
  int served = 0, refused = 0;
  for (int i = 0; i < ASKERS; i++) {
    pthread_join(threads[i], NULL);
    served += browsers[i]->status == 200;
    if (browsers[i]->status != 503) continue;
    refused++;
    assert_has(browsers[i], "Hệ thống đang bận");
    assert_string_equal(fields_get(&browsers[i]->fields, "Retry-After"), "5");
  }
  assert_int_equal(served + refused, ASKERS);
  assert_true(served >= 1 && refused >= 1);
  for (int i = 0; i < ASKERS; i++) cx_free_alone(own[i]);
  web_bench_close(bench);
  cx_free_alone(cx);
}

static void test_security_fields(void **state)
{
  struct fixture *f = *state;
  browser_get(f->browser, "/dang-nhap");
  const struct http_fields *fields = &f->browser->fields;
  assert_string_equal(fields_get(fields, "Content-Security-Policy"), "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
  assert_string_equal(fields_get(fields, "Cache-Control"), "no-store");
  assert_string_equal(fields_get(fields, "X-Content-Type-Options"), "nosniff");
  assert_string_equal(fields_get(fields, "Referrer-Policy"), "same-origin");
  assert_non_null(strstr(fields_get(fields, "Set-Cookie"), "HttpOnly; SameSite=Lax"));
  assert_lacks(f->browser, "<style");
  assert_lacks(f->browser, " style=");
  browser_log_in(f->browser, f->officer);
  browser_get(f->browser, "/toy/giay");
  assert_non_null(strstr(fields_get(&f->browser->fields, "Content-Security-Policy"), "frame-ancestors 'self'"));
  assert_string_equal(f->browser->type, "application/pdf");
  assert_string_equal(fields_get(&f->browser->fields, "Content-Disposition"), "attachment; filename*=UTF-8''Gi%E1%BA%A5y%20h%E1%BA%B9n.pdf");
}

static void test_assets(void **state)
{
  struct fixture *f = *state;
  browser_get(f->browser, "/dang-nhap");
  const char *at = strstr(f->browser->body, "/a/");
  const char *path = arena_copy_n(f->cx->arena, at, strcspn(at, "\""));
  const char *folder = arena_copy_n(f->cx->arena, path, (size_t)(strrchr(path, '/') - path));
  browser_get(f->browser, arena_print(f->cx->arena, "%s/app.css", folder));
  assert_int_equal(f->browser->status, 200);
  assert_string_equal(f->browser->type, "text/css; charset=utf-8");
  assert_string_equal(fields_get(&f->browser->fields, "Cache-Control"), "public, max-age=31536000, immutable");
  assert_has(f->browser, "Be Vietnam Pro");
  fields_add(&f->browser->extra, "If-None-Match", fields_get(&f->browser->fields, "ETag"));
  browser_get(f->browser, arena_print(f->cx->arena, "%s/app.css", folder));
  assert_int_equal(f->browser->status, 304);
  browser_get(f->browser, "/a/0000000000000000/app.js");
  assert_int_equal(f->browser->status, 200);
  assert_string_equal(fields_get(&f->browser->fields, "Cache-Control"), "no-cache");
  fields_add(&f->browser->extra, "Accept-Encoding", "gzip");
  browser_get(f->browser, "/a/0000000000000000/app.js");
  assert_string_equal(fields_get(&f->browser->fields, "Content-Encoding"), "gzip");
  browser_get(f->browser, "/a/0/../../etc/passwd");
  assert_int_equal(f->browser->status, 404);
  browser_get(f->browser, "/a/x");
  assert_int_equal(f->browser->status, 404);
}

static void test_sessions_end_by_time_and_by_hand(void **state)
{
  struct fixture *f = fixture_of(state);
  browser_log_in(f->browser, f->officer);
  struct browser *second = browser_new(f->bench);
  browser_log_in(second, f->officer);
  struct list sessions;
  assert_int_equal(session_list(f->cx, web_bench_web(f->bench), f->officer, &sessions), OK);
  assert_int_equal(sessions.count, 2);
  assert_int_equal(session_revoke(f->cx, web_bench_web(f->bench), f->officer, NULL), OK);
  browser_get(f->browser, "/");
  assert_goes(f->browser, "/dang-nhap");
  browser_log_in(second, f->officer);
  for (int hour = 0; hour < 47; hour++) {
    f->clock.offset_us += 15 * MINUTE_US;
    browser_get(second, "/");
    assert_int_equal(second->status, 200);
  }
  f->clock.offset_us += 16 * MINUTE_US;
  browser_get(second, "/");
  assert_goes(second, "/dang-nhap");
  assert_int_equal(session_revoke(f->cx, web_bench_web(f->bench), f->officer, "none"), ERR_NOT_FOUND);
}

/* ---- Tables ---- */

static void assert_refused(const struct page *wrong, size_t count, const char *key)
{
  struct clock clock = {0};
  struct cx *cx = cx_new_alone(&clock, NULL);
  const struct web_system system = {&toy_here, wrong, count, &toy_html, toy_words, 2, NULL};
  assert_int_equal(web_check(cx, &system, 1), ERR_INTERNAL);
  assert_string_equal(cx->problems.items[0].key, key);
  cx_free_alone(cx);
}

static void test_wrong_tables_are_refused(void **state)
{
  static const struct param code[] = {{"code", PARAM_CODE}, {"other", PARAM_CODE}, {NULL}};
  const struct page twice[] = {{"GET", "/x/{code}", NULL, code, home, "toy.show"}, {"GET", "/x/{other}", NULL, code, home, "toy.show"}};
  assert_refused(twice, 2, "error.table.page_twice");
  const struct page undeclared[] = {{"GET", "/x/{number}", NULL, code, home, "toy.show"}};
  assert_refused(undeclared, 1, "error.table.page_path");
  const struct page method[] = {{"PUT", "/x", NULL, NULL, home, "toy.show"}};
  assert_refused(method, 1, "error.table.page_path");
  const struct page word[] = {{"GET", "/x", NULL, NULL, home, "toy.nothing"}};
  assert_refused(word, 1, "error.table.word_unknown");
  const struct page rate[] = {{"GET", "/x", NULL, NULL, home, "toy.show", 0, 0, "many"}};
  assert_refused(rate, 1, "error.table.page_rate");
}

static void test_unknown_permissions_are_refused(void **state)
{
  struct fixture *f = *state;
  const struct page wrong[] = {{"GET", "/x", "toy.nothing", NULL, home, "toy.show"}};
  const struct web_system system = {&toy_here, wrong, 1, &toy_html, toy_words, 2, NULL};
  const struct web_wish wish = {.store_url = "sqlite:/nowhere", .people = web_bench_people(f->bench), .systems = &system, .system_count = 1, .clock = &f->clock};
  struct web *web;
  assert_int_equal(web_open(f->cx, &wish, &web), ERR_INTERNAL);
  assert_string_equal(f->cx->problems.items[0].key, "error.table.page_permission");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
#define TEST_ON_BOTH(name) TEST(name), {#name " (PostgreSQL)", name, begin_postgres, end, NULL}

int main(void)
{
  const struct CMUnitTest tests[] = {
    TEST(test_log_in_leads_where_one_wanted_to_go), TEST(test_log_out_ends_the_session), TEST(test_a_form_needs_its_token),
    TEST(test_permissions_and_unknown_pages), TEST(test_errors_keep_what_was_typed), TEST(test_success_redirects_and_tells_once),
    TEST(test_a_corrected_file_of_the_same_size_is_another_form), TEST(test_a_value_never_passes_for_two_fields),
    TEST(test_the_same_form_counts_once), TEST_ON_BOTH(test_the_same_form_at_the_same_time_counts_once), TEST_ON_BOTH(test_an_ended_session_gives_the_form_back),
    TEST(test_what_one_typed_is_not_for_another), TEST(test_a_planted_form_is_not_kept), TEST(test_a_form_from_before_a_log_in_is_shown_again),
    TEST(test_uploads), TEST(test_only_declared_parameters_exist), TEST(test_files_and_methods), TEST(test_languages), TEST(test_pages_of_what_went_wrong), TEST_ON_BOTH(test_rates),
    TEST(test_asks_hold_no_worker), TEST(test_security_fields), TEST(test_assets), TEST_ON_BOTH(test_sessions_end_by_time_and_by_hand),
    cmocka_unit_test(test_a_full_queue_says_so), cmocka_unit_test(test_wrong_tables_are_refused), TEST(test_unknown_permissions_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
