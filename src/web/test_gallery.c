/* Every component on a few pages, drawn by the real dispatcher: each page is whole in both languages. With the argument
 * `serve` it stays and prints its address, to be looked at in a browser. */
#include "base/text.h"
#include "toy_html.h"
#include "toy_words.h"
#include "web/testing.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const struct permission permissions[] = {{"toy.read", "counter", "toy.show"}, {NULL, NULL, NULL}};
static const struct permission *const permission_tables[] = {permissions};

static const char *const kinds[] = {"new", "change", "stop", NULL};
struct sample { const char *full_name, *identity, *phone, *kind, *note; int64_t birth_date, fee_vnd; bool agreed; };
static const struct field sample_fields[] = {
  FIELD(struct sample, full_name, .word = "toy.full_name", .required = true),
  FIELD(struct sample, identity, .form = FORM_DIGITS, .max = 12, .word = "toy.identity", .required = true),
  FIELD(struct sample, birth_date, .form = FORM_DATE, .word = "toy.birth_date", .required = true),
  FIELD(struct sample, phone, .form = FORM_PHONE, .word = "toy.phone"),
  FIELD(struct sample, kind, .choices = kinds, .word = "toy.kind", .required = true),
  FIELD(struct sample, fee_vnd, .form = FORM_MONEY, .word = "toy.fee"),
  FIELD(struct sample, note, .form = FORM_LINES, .word = "toy.note"),
  FIELD(struct sample, agreed, .word = "toy.agreed", .required = true),
};
static const struct record_type sample_type = RECORD("sample", struct sample, sample_fields);

struct line { const char *code, *full_name, *procedure, *step, *step_kind, *due, *light, *owner; };
static const struct field line_fields[] = {
  FIELD(struct line, code), FIELD(struct line, full_name), FIELD(struct line, procedure), FIELD(struct line, step),
  FIELD(struct line, step_kind), FIELD(struct line, due), FIELD(struct line, light), FIELD(struct line, owner),
};
static const struct record_type line_type = RECORD("line", struct line, line_fields);
static struct line lines[] = {
  {"H01.31.15-251125-0001", "Nguyễn Thị Mỹ Duyên", "Đăng ký thành lập hộ kinh doanh", "Thẩm định", "progress", "trễ 1 ngày làm việc", "late", "Trần Thị Bích Thủy"},
  {"H01.31.15-251125-0002", "Lê Văn Tám", "Cấp Phiếu lý lịch tư pháp số 1", "Chờ Bộ Tư pháp", "progress", "hôm nay", "due", "Phạm Quốc Khánh"},
  {"H01.31.15-251125-0003", "Trần Ngọc Ẩn", "Đăng ký thay đổi nội dung đăng ký hộ kinh doanh", "Chờ bổ sung", "due", "còn 2 ngày làm việc", "ok", "Trần Thị Bích Thủy"},
  {"H01.31.15-251125-0004", "Võ Thị Sáu", "Cấp Phiếu lý lịch tư pháp số 2", "Có kết quả", "ok", "còn 5 ngày làm việc", "ok", "Nguyễn Văn An"},
};

static enum err show(struct cx *cx, struct view *view)
{
  const char *name = view_text(view, "name");
  if (!cx->person && text_equal(view->call->query, "")) {
    enum err err = session_begin(cx, view, 1);
    return err ? err : view_redirect(cx, view, view->call->path);
  }
  bool post = text_equal(view->page->method, "POST");
  static const struct list rows = {lines, sizeof lines / sizeof lines[0]};
  struct sample sample;
  if (post && record_read_form(cx, &sample_type, &view->form, &sample)) (void)cx_fail(cx, ERR_INPUT, "scan", "error.required", NULL);
  model_form(view->model, "form", &sample_type, NULL, &view->form);
  model_form(view->model, "filter", &sample_type, NULL, NULL);
  model_rows(view->model, "rows", &line_type, &rows);
  model_text(view->model, "next", "/xem/danh-sach?after=1");
  model_text(view->model, "name", "Nguyễn Thị Mỹ Duyên");
  model_text(view->model, "born", "01/07/1990");
  model_text(view->model, "address", "Số 12 Nguyễn Huệ, khóm Mỹ Lộc, phường Mỹ Phước, tỉnh An Giang");
  model_text(view->model, "phone", "0296 3957 006");
  static const struct { const char *name, *template; } pages[] = {
    {"danh-sach", "gallery_list"}, {"ho-so", "gallery_dossier"}, {"tiep-nhan", "gallery_form"}, {"tra-cuu", "gallery_citizen"},
  };
  model_flag(view->model, "citizen", text_equal(name, "tra-cuu"));
  for (size_t i = 0; i < 4; i++)
    if (text_equal(pages[i].name, name)) return view_render(cx, view, pages[i].template);
  return ERR_NOT_FOUND;
}

static const struct param params[] = {{"name", PARAM_CODE}, {NULL}};
static const struct page pages[] = {
  {"GET", "/xem/{name}", NULL, params, show, "toy.home"},
  {"POST", "/xem/{name}", NULL, params, show, "toy.home", PAGE_UPLOAD | PAGE_NO_CSRF},
  {"GET", "/toy", "toy.read", NULL, show, "toy.form"},
};
static struct here here = {.system = "toy", .demo = true, .spool_folder = "/tmp"};
static const struct web_system systems[] = {{&here, pages, 3, &toy_html, toy_words, 2, NULL}, {&here, pages + 2, 0, NULL, NULL, 0, NULL}};
static bool serving;

static void test_every_component_is_drawn(void **state)
{
  struct clock clock = {0};
  struct cx *cx = cx_new_alone(&clock, NULL);
  struct web_bench *bench = web_bench_open(cx, &clock, permission_tables, 1);
  (void)web_bench_account(bench, "duyen", ROLE_COUNTER, "U1");
  web_bench_serve(bench, systems, 1, NULL);
  struct browser *browser = browser_new(bench);
  static const char *const paths[] = {"/xem/danh-sach", "/xem/ho-so", "/xem/tiep-nhan", "/xem/tra-cuu", "/tro-giup"};
  for (int english = 0; english < 2; english++) {
    if (english) browser_get(browser, "/xem/ho-so?lang=en");
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
      browser_get(browser, paths[i]);
      if (browser->status == 303) browser_follow(browser);
      assert_int_equal(browser->status, 200);
      assert_null(strstr(browser->body, "ui."));
      assert_null(strstr(browser->body, "{{"));
    }
  }
  browser_post(browser, "/xem/tiep-nhan", "full_name=&identity=12&birth_date=x");
  assert_int_equal(browser->status, 422);
  if (serving) {
    printf("http://127.0.0.1:%d/xem/danh-sach\n", web_bench_port(bench));
    fflush(stdout);
    pause();
  }
  web_bench_close(bench);
  cx_free_alone(cx);
}

int main(int count, char **arguments)
{
  serving = count > 1 && strcmp(arguments[1], "serve") == 0;
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_component_is_drawn)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
