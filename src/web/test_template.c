/* Templates: every place is escaped by its own rule, and a hole in a wrong place does not parse. */
#include "base/text.h"
#include "ui_html.h"
#include "ui_words.h"
#include "web/template.h"
#include "web/words.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct clock clock_fixed = {.fixed_us = 1764000000 * SECOND_US};

struct person_row { const char *full_name; int64_t birth_date; bool chosen; int64_t fee_vnd; const char *secret; };
static const struct field person_fields[] = {
  FIELD(struct person_row, full_name, .max = 100, .word = "test.name", .required = true),
  FIELD(struct person_row, birth_date, .form = FORM_DATE, .word = "test.birth"),
  FIELD(struct person_row, chosen),
  FIELD(struct person_row, fee_vnd, .form = FORM_MONEY),
  FIELD(struct person_row, secret, .form = FORM_SECRET),
};
static const struct record_type person_row_type = RECORD("person", struct person_row, person_fields);

static const char *const kinds[] = {"new", "change", NULL};
struct filing { const char *kind; struct person_row *head; struct list members; };
static const struct field filing_fields[] = {
  FIELD(struct filing, kind, .word = "test.kind", .choices = kinds),
  FIELD_OF(struct filing, head, &person_row_type),
  FIELD(struct filing, members, .of = &person_row_type, .max = 5),
};
static const struct record_type filing_type = RECORD("filing", struct filing, filing_fields);

static const struct word words_vi[] = {
  {"test.hello", "Chào {name}, còn {days} ngày"}, {"test.state.open", "Đang mở"}, {"test.kind", "Loại"}, {"test.name", "Họ & tên"},
  {"test.birth", "Ngày sinh"}, {"test.kind.new", "Mới"}, {"test.kind.change", "Đổi"}, {"test.wrong", "Nhập {what}"},
};
static const struct word words_en[] = {
  {"test.hello", "Hello {name}, {days} days left"}, {"test.state.open", "Open"}, {"test.kind", "Kind"}, {"test.name", "Full name"},
  {"test.birth", "Born"}, {"test.kind.new", "New"}, {"test.kind.change", "Change"}, {"test.wrong", "Enter {what}"},
};
static const struct words_table test_words[] = {{"vi", words_vi, 8}, {"en", words_en, 8}};

struct bench { struct cx *cx; struct words *words; struct model *model; };

static int begin(void **state)
{
  struct cx *cx = cx_new_alone(&clock_fixed, NULL);
  struct bench *bench = ARENA_NEW(cx->arena, struct bench);
  const struct words_table *tables[] = {&test_words[0], &test_words[1], &ui_words[0], &ui_words[1]};
  *bench = (struct bench){.cx = cx, .model = model_new(cx->arena)};
  assert_int_equal(words_open(cx, tables, 4, &bench->words), OK);
  *state = bench;
  return 0;
}

static int end(void **state)
{
  cx_free_alone(((struct bench *)*state)->cx);
  return 0;
}

/* Draws text as the template "t", with the shared partials at hand; NULL when it does not parse or draw. */
static const char *drawn(struct bench *bench, const char *text)
{
  const struct embedded file = {"t.html", "text/html", {(const uint8_t *)text, strlen(text)}, {NULL, 0}, ""};
  const struct embedded_table table = {&file, 1};
  const struct embedded_table *tables[] = {&table, &ui_html};
  struct templates *templates;
  cx_reset_problems(bench->cx);
  if (templates_open(bench->cx, tables, 2, &templates)) return NULL;
  struct buffer out;
  buffer_init(&out, bench->cx->arena);
  enum err err = template_render(bench->cx, templates, bench->words, "t.html", bench->model, &out);
  templates_close(templates);
  return err ? NULL : buffer_string(&out);
}

static const char *first_problem(const struct bench *bench)
{
  return bench->cx->problems.count ? bench->cx->problems.items[0].key : "";
}

static void test_escapes_by_place(void **state)
{
  struct bench *bench = *state;
  static const struct { const char *value, *template, *wanted; } rows[] = {
    {"<b>&\"'", "<p>{{v}}</p>", "<p>&lt;b&gt;&amp;&quot;&#39;</p>"},
    {"\" onclick=\"x", "<p title=\"{{v}}\">", "<p title=\"&quot; onclick=&quot;x\">"},
    {"' x", "<p title='{{v}}'>", "<p title='&#39; x'>"},
    {"</textarea><script>", "<textarea>{{v}}</textarea>", "<textarea>&lt;/textarea&gt;&lt;script&gt;</textarea>"},
    {"javascript:alert(1)", "<a href=\"{{v}}\">", "<a href=\"#\">"},
    {"JaVaScRiPt:alert(1)", "<a href=\"{{v}}\">", "<a href=\"#\">"},
    {" javascript:alert(1)", "<a href=\"{{v}}\">", "<a href=\"#\">"},
    {"java\tscript:alert(1)", "<a href=\"{{v}}\">", "<a href=\"#\">"},
    {"data:text/html,x", "<img src=\"{{v}}\">", "<img src=\"#\">"},
    {"vbscript:x", "<form action='{{v}}'>", "<form action='#'>"},
    {"javascript:x", "<button FormAction=\"{{v}}\">", "<button FormAction=\"#\">"},
    {"/mot-cua?x=1&y=2", "<a href=\"{{v}}\">", "<a href=\"/mot-cua?x=1&amp;y=2\">"},
    {"https://an.example/a", "<a href=\"{{v}}\">", "<a href=\"https://an.example/a\">"},
    {"a b&c=d/e", "<a href=\"/tim?q={{v}}\">", "<a href=\"/tim?q=a%20b%26c%3Dd%2Fe\">"},
    {"H01.7-251125-0001", "<a href=\"/mot-cua/{{v}}/in\">", "<a href=\"/mot-cua/H01.7-251125-0001/in\">"},
    {"+84 296 3957 006", "<a href=\"tel:{{v}}\">", "<a href=\"tel:+842963957006\">"},
    {"a@b.vn?cc=x", "<a href=\"mailto:{{v}}\">", "<a href=\"mailto:a@b.vn%3Fcc%3Dx\">"},
    {"x", "<p class=\"a {{#v}}b{{/v}}\">", "<p class=\"a b\">"},
    {"x", "<option{{#v}} selected{{/v}}>", "<option selected>"},
    {"x", "<option{{#none}} selected{{/none}} value=\"{{v}}\">", "<option value=\"x\">"},
    {"javascript:x", "<a href=\"{{#none}}/a{{/none}}{{v}}\">", "<a href=\"#\">"},
    {"x", "a{{! note }}b", "ab"},
    {"x", "  {{#v}}\n<p>\n  {{/v}}\n", "<p>\n"},
    {"x", "<!-- a -- b --><!DOCTYPE html>{{v}}", "<!-- a -- b --><!DOCTYPE html>x"},
    {"x", "<script src=\"{{v}}\"></script>{{v}}", "<script src=\"x\"></script>x"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    model_text(bench->model, "v", rows[i].value);
    const char *out = drawn(bench, rows[i].template);
    if (!out) fail_msg("%s: %s", rows[i].template, first_problem(bench));
    assert_string_equal(out, rows[i].wanted);
  }
}

static void test_refuses_holes_in_wrong_places(void **state)
{
  struct bench *bench = *state;
  static const struct { const char *template, *problem; } rows[] = {
    {"<script>{{v}}</script>", "error.template.place"}, {"<style>a{{v}}</style>", "error.template.place"},
    {"<SCRIPT>var a = '{{v}}'</SCRIPT>", "error.template.place"}, {"<!-- {{v}} -->", "error.template.place"},
    {"<p class={{v}}>", "error.template.place"}, {"<p {{v}}>", "error.template.place"}, {"<{{v}}>", "error.template.place"},
    {"<p onclick=\"{{v}}\">", "error.template.place"}, {"<p style=\"{{v}}\">", "error.template.place"},
    {"<p title=\"{{>csrf}}\">", "error.template.place"}, {"<p title=\"{{raw:v}}\">", "error.template.place"},
    {"<p title=a{{v}}>", "error.template.place"}, {"<p a{{v}}=\"x\">", "error.template.place"}, {"<p {{t:test.kind}}>", "error.template.place"},
    {"<!-- {{#v}}x{{/v}} -->", "error.template.place"}, {"<iframe srcdoc=\"{{v}}\">", "error.template.place"},
    {"{{#v}}<p title=\"{{/v}}\">", "error.template.join"}, {"<p title=\"{{#v}}\">{{/v}}", "error.template.join"},
    {"{{#v}}<textarea>{{/v}}</textarea>", "error.template.join"},
    {"<op{{#v}}tion{{/v}}>", "error.template.markup"}, {"<a{{#v}} hre{{/v}}f=\"{{v}}\">", "error.template.markup"},
    {"{{#v}}x", "error.template.unclosed"}, {"x{{/v}}", "error.template.end"}, {"{{#v}}{{#w}}{{/v}}{{/w}}", "error.template.end"},
    {"{{v", "error.template.open"}, {"{{}}", "error.template.syntax"}, {"{{a b}}", "error.template.syntax"}, {"{{t:}}", "error.template.syntax"},
    {"a < b", "error.template.markup"}, {"<p title=\"x", "error.template.markup"},
    {"{{>nothing}}", "error.template.no_partial"}, {"{{>tag kind=ok colour=red}}", "error.template.argument_unknown"}, {"{{>field}}", "error.template.argument_absent"},
    {"{{>field f=*no.such}}", "error.template.argument_absent"},
  };
  model_text(bench->model, "v", "x");
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (drawn(bench, rows[i].template)) fail_msg("%s was taken", rows[i].template);
    if (strcmp(first_problem(bench), rows[i].problem) != 0) fail_msg("%s: %s", rows[i].template, first_problem(bench));
  }
}

static void test_names_file_and_line(void **state)
{
  struct bench *bench = *state;
  assert_null(drawn(bench, "<p>\n{{#v}}\n<b>\n{{/v}}\n<i class={{v}}>"));
  const struct problem *problem = &bench->cx->problems.items[0];
  assert_string_equal(problem->args[0].value, "t.html");
  assert_string_equal(problem->args[1].value, "5");
}

static void test_reads_records_rows_and_words(void **state)
{
  struct bench *bench = *state;
  struct person_row people[] = {
    {"Nguyễn Văn An", 20000, true, 200000, "hidden"}, {"Trần Thị Bê", NONE_DATE, false, 0, "hidden"},
  };
  const struct list list = {people, 2};
  const struct filing filing = {"new", &people[0], list};
  model_record(bench->model, "filing", &filing_type, &filing);
  model_rows(bench->model, "people", &person_row_type, &list);
  model_text(bench->model, "state", "open");
  model_text(bench->model, "status_word", "test.state.open");
  model_number(bench->model, "days", 2);
  model_number(bench->model, "zero", 0);
  struct model *row = model_row(bench->model, "hand");
  model_text(row, "state", "inner");
  model_text(model_row(bench->model, "hand"), "only", "second");
  static const struct { const char *template, *wanted; } rows[] = {
    {"{{filing.head.full_name}} {{filing.kind}}", "Nguyễn Văn An new"},
    {"{{#people}}{{full_name}}:{{birth_date}}:{{fee_vnd}}:{{#chosen}}yes{{/chosen}}:{{secret}};{{/people}}", "Nguyễn Văn An:04/10/2024:200.000:yes:;Trần Thị Bê::0::;"},
    {"{{#filing.members}}{{#birth_date}}{{full_name}}{{/birth_date}}{{^birth_date}}-{{/birth_date}}{{/filing.members}}", "Nguyễn Văn An-"},
    {"{{#filing.head}}{{full_name}}/{{kind}}{{days}}{{/filing.head}}", "Nguyễn Văn An/2"},
    {"{{t:test.hello name=filing.head.full_name days=days}}", "Chào Nguyễn Văn An, còn 2 ngày"},
    {"{{t:test.state.*state}}|{{t:*status_word}}|{{t:*absent}}|{{t:no.such}}", "Đang mở|Đang mở||no.such"},
    {"{{#hand}}{{state}}{{only}},{{/hand}}", "inner,opensecond,"},
    {"{{#zero}}x{{/zero}}{{^zero}}none{{/zero}}{{zero}}", "none0"},
    {"{{>tag kind=*state word=*status_word}}", "<strong class=\"govuk-tag app-tag app-tag--open\">Đang mở</strong>\n"},
    {"{{>tag kind=late word=test.hello n=*days}}", "<strong class=\"govuk-tag app-tag app-tag--late\">Chào {name}, còn {days} ngày</strong>\n"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const char *out = drawn(bench, rows[i].template);
    if (!out) fail_msg("%s: %s", rows[i].template, first_problem(bench));
    assert_string_equal(out, rows[i].wanted);
  }
  bench->cx->language = "en";
  assert_string_equal(drawn(bench, "{{t:test.state.*state}}"), "Open");
  bench->cx->language = "vi";
}

/* A parameter that was not given is absent, even when the page has something of that name. */
static void test_partials_do_not_capture(void **state)
{
  struct bench *bench = *state;
  model_text(bench->model, "text", "of the page");
  assert_string_equal(drawn(bench, "{{>tag kind=ok word=test.kind}}"), "<strong class=\"govuk-tag app-tag app-tag--ok\">Loại</strong>\n");
}

static void assert_has(const char *text, const char *part)
{
  if (!text || !strstr(text, part)) fail_msg("no %s in: %s", part, text ? text : "(nothing)");
}

static void test_forms_keep_what_was_typed(void **state)
{
  struct bench *bench = *state;
  static const struct form_pair pairs[] = {
    {"kind", "change"}, {"head.full_name", "<An>"}, {"head.birth_date", "99/99/9999"}, {"members[1].full_name", "Hai"},
  };
  const struct form typed = {pairs, 4};
  model_form(bench->model, "filing", &filing_type, NULL, &typed);
  model_form_blank(bench->model, "filing", &filing_type, "members");
  const char *page = "{{>field f=*filing.head.full_name width=20}}{{>field_date f=*filing.head.birth_date}}{{>field_choice f=*filing.kind}}{{>field_select f=*filing.kind}}"
                     "{{#filing.members}}[{{number}}:{{full_name.name}}={{full_name.value}}]{{/filing.members}}";
  const struct embedded file = {"t.html", "text/html", {(const uint8_t *)page, strlen(page)}, {NULL, 0}, ""};
  const struct embedded_table table = {&file, 1};
  const struct embedded_table *tables[] = {&table, &ui_html};
  struct templates *templates;
  assert_int_equal(templates_open(bench->cx, tables, 2, &templates), OK);
  assert_int_equal(cx_fail(bench->cx, ERR_INPUT, "head.full_name", "test.wrong", "what", "họ tên", NULL), ERR_INPUT);
  struct buffer out;
  buffer_init(&out, bench->cx->arena);
  assert_int_equal(template_render(bench->cx, templates, bench->words, "t.html", bench->model, &out), OK);
  templates_close(templates);
  const char *html = buffer_string(&out);
  assert_has(html, "id=\"field-head-full_name\" name=\"head.full_name\" type=\"text\" value=\"&lt;An&gt;\"");
  assert_has(html, "Nhập họ tên</p>");
  assert_has(html, "aria-describedby=\"field-head-full_name-error\"");
  assert_has(html, "value=\"99/99/9999\"");
  assert_has(html, "value=\"change\" checked>");
  assert_has(html, "<option value=\"change\" selected>Đổi</option>");
  assert_has(html, "[1:members[0].full_name=][2:members[1].full_name=Hai][3:members[2].full_name=]");
}

static void note_word(void *user, const char *template_name, const char *key)
{
  buffer_print(user, "%s ", key);
}

static void test_tells_its_words(void **state)
{
  struct bench *bench = *state;
  const char *page = "{{t:test.kind}}{{t:*x}}{{>field f=*a hint=test.hint width=20}}{{>field label=test.label f=*b}}";
  const struct embedded file = {"t.html", "text/html", {(const uint8_t *)page, strlen(page)}, {NULL, 0}, ""};
  const struct embedded_table table = {&file, 1};
  const struct embedded_table *tables[] = {&table, &ui_html};
  struct templates *templates;
  assert_int_equal(templates_open(bench->cx, tables, 2, &templates), OK);
  struct buffer found;
  buffer_init(&found, bench->cx->arena);
  templates_words(templates, note_word, &found);
  assert_true(text_starts(buffer_string(&found), "test.kind test.hint test.label "));
  templates_close(templates);
}

static void test_bounds_depth_and_output(void **state)
{
  struct bench *bench = *state;
  assert_null(drawn(bench, "{{>t}}"));
  assert_string_equal(first_problem(bench), "error.template.depth");
}

/* Every budget in steps smaller than a piece: the whole page, or ERR_MEMORY. */
static void test_a_budget_that_ends_anywhere_is_said(void **state)
{
  struct bench *bench = *state;
  static const char text[] = "{{#people}}<p>{{full_name}} {{birth_date}} {{fee_vnd}} {{t:test.hello name=full_name days=days}} {{>tag kind=late word=test.hello}}</p>{{/people}}";
  const struct embedded file = {"t.html", "text/html", {(const uint8_t *)text, strlen(text)}, {NULL, 0}, ""};
  const struct embedded_table table = {&file, 1};
  const struct embedded_table *tables[] = {&table, &ui_html};
  struct templates *templates;
  struct person_row people[64];
  for (int i = 0; i < 64; i++) people[i] = (struct person_row){"Nguyễn Văn <An>", 20000, true, 200000, "hidden"};
  const struct list list = {people, 64};
  model_rows(bench->model, "people", &person_row_type, &list);
  model_number(bench->model, "days", 2);
  assert_int_equal(templates_open(bench->cx, tables, 2, &templates), OK);
  const char *whole = drawn(bench, text);
  size_t over = 0, fine = 0;
  for (size_t budget = 16384; fine < 4; budget += 24) {
    struct cx cx = *bench->cx;
    cx.arena = arena_new(budget);
    cx.problems = (struct problems){0};
    struct buffer out;
    buffer_init(&out, cx.arena);
    enum err err = template_render(&cx, templates, bench->words, "t.html", bench->model, &out);
    assert_true(err == OK || err == ERR_MEMORY);
    if (err) assert_string_equal(cx.problems.items[0].key, "error.memory");
    else assert_string_equal(buffer_string(&out), whole);
    fine += !err;
    over += err != OK;
    arena_free(cx.arena);
  }
  assert_true(over > 10);
  templates_close(templates);
}

static void test_refuses_words_that_differ(void **state)
{
  struct bench *bench = *state;
  static const struct word one[] = {{"a.b", "x"}}, two[] = {{"a.c", "y"}};
  const struct words_table vi = {"vi", one, 1}, en = {"en", two, 1};
  struct words *words;
  cx_reset_problems(bench->cx);
  assert_int_equal(words_open(bench->cx, (const struct words_table *const[]){&vi, &en}, 2, &words), ERR_INTERNAL);
  assert_string_equal(first_problem(bench), "error.table.word_missing");
  cx_reset_problems(bench->cx);
  assert_int_equal(words_open(bench->cx, (const struct words_table *const[]){&vi, &vi}, 2, &words), ERR_INTERNAL);
  assert_string_equal(first_problem(bench), "error.table.word_twice");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_escapes_by_place, begin, end),
    cmocka_unit_test_setup_teardown(test_refuses_holes_in_wrong_places, begin, end),
    cmocka_unit_test_setup_teardown(test_names_file_and_line, begin, end),
    cmocka_unit_test_setup_teardown(test_reads_records_rows_and_words, begin, end),
    cmocka_unit_test_setup_teardown(test_partials_do_not_capture, begin, end),
    cmocka_unit_test_setup_teardown(test_forms_keep_what_was_typed, begin, end),
    cmocka_unit_test_setup_teardown(test_tells_its_words, begin, end),
    cmocka_unit_test_setup_teardown(test_bounds_depth_and_output, begin, end),
    cmocka_unit_test_setup_teardown(test_a_budget_that_ends_anywhere_is_said, begin, end),
    cmocka_unit_test_setup_teardown(test_refuses_words_that_differ, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
