/* Fuzzer of templates: they are our own, but a value in them is not. Whatever template parses and draws, no value leaves its
 * place: its sign for markup, "zq" behind an angle bracket or a quote, never comes out as written; and no address becomes a script. */
#include "fuzz.h"

#include "ui_html.h"
#include "ui_words.h"
#include "web/template.h"

#include <stdlib.h>

static const char hostile[] = "\"'><zq onx='zq' \"zq=`zq &zq;</zq>", script[] = "javascript:zq()";

struct row { const char *v, *u; int64_t on; bool chosen; };
static const struct field row_fields[] = {
  FIELD(struct row, v, .word = "field.name"), FIELD(struct row, u), FIELD(struct row, on, .form = FORM_DATE), FIELD(struct row, chosen)};
static const struct record_type row_type = RECORD("row", struct row, row_fields);

static const struct word own_words[] = {{"x.a", "A {a} <b> {b}"}, {"x.b.new", "New & {v}"}};
static const struct words_table own_tables[] = {{"vi", own_words, 2}, {"en", own_words, 2}};

static struct model *model_make(struct arena *arena)
{
  static const struct row rows[] = {{hostile, script, 20000, true}, {NULL, "/a?b=c", NONE_DATE, false}};
  static const struct list list = {(void *)(uintptr_t)rows, 2};
  struct model *model = model_new(arena);
  model_text(model, "v", hostile);
  model_text(model, "u", script);
  model_text(model, "part", "script:zq()");
  model_text(model, "colon", ":zq()");
  model_text(model, "spaced", " \t\x01JavaScript:zq()");
  model_text(model, "s", "new");
  model_text(model, "e", NULL);
  model_number(model, "n", -12345);
  model_flag(model, "f", true);
  model_record(model, "r", &row_type, &rows[0]);
  model_rows(model, "rows", &row_type, &list);
  model_text(model_row(model, "made"), "v", hostile);
  model_text(model_row(model, "made"), "u", script);
  return model;
}

/* Draws text as the template "t"; NULL: it does not parse, or cannot be drawn. */
static const char *draw(struct cx *cx, struct bytes text, bool with_partials)
{
  struct words *words;
  struct templates *templates;
  struct buffer out;
  const struct words_table *word_tables[] = {&own_tables[0], &own_tables[1], &ui_words[0], &ui_words[1]};
  const struct embedded file = {"t.html", "text/html", text, {NULL, 0}, ""};
  const struct embedded_table table = {&file, 1};
  const struct embedded_table *tables[] = {&table, &ui_html};
  cx_reset_problems(cx);
  assert(words_open(cx, word_tables, 4, &words) == OK);
  enum err err = templates_open(cx, tables, with_partials ? 2 : 1, &templates);
  fuzz_judge(cx, err);
  if (err) return NULL;
  buffer_init(&out, cx->arena);
  err = template_render(cx, templates, words, "t.html", model_make(cx->arena), &out);
  fuzz_judge(cx, err);
  templates_close(templates);
  return err ? NULL : buffer_string(&out);
}

/* Nothing that a browser reads as a script comes of a value behind static text in an address. Browsers pass over control
 * characters and spaces there, and over case. */
static void check_address(struct cx *cx, const char *before)
{
  static const char *const holes[] = {"u", "part", "colon", "spaced"};
  char plain[64];
  for (size_t i = 0; i < sizeof holes / sizeof holes[0]; i++) {
    const char *template = arena_print(cx->arena, "<a href=\"%s{{%s}}\">", before, holes[i]), *out = draw(cx, fuzz_bytes(template), false);
    size_t size = 0;
    if (!out) continue;
    for (const char *c = out + strlen("<a href=\""); *c && *c != '"' && size + 1 < sizeof plain; c++)
      if ((unsigned char)*c > ' ') plain[size++] = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
    plain[size] = '\0';
    assert(!text_starts(plain, "javascript:"));
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size == 0 || memmem(data, size, "zq", 2)) return 0;
  struct cx *cx = fuzz_cx();
  const char *out = draw(cx, (struct bytes){data, size}, data[size - 1] == '\n'), *text = fuzz_text(cx->arena, data, size);
  assert(!out || (!strstr(out, "<zq") && !strstr(out, "\"zq=") && !strstr(out, "'zq'") && !strstr(out, "</zq")));
  if (text && size < 40 && !strpbrk(text, "\"<>{}&:")) check_address(cx, text);
  cx_free_alone(cx);
  return 0;
}
