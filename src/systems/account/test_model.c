/* What the forms take, and that templates and words fit each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include "systems/account/account.h"
#include "systems/account/model.h"
#include "systems/account/entrances.h"
#include "ui_html.h"
#include "ui_words.h"
#include "web/template.h"

static struct cx *context(void)
{
  static const struct clock clock = {.fixed_us = 1764000000 * SECOND_US};
  return cx_new_alone(&clock, NULL);
}

static void test_forms(void **state)
{
  struct cx *cx = context();
  const struct form_pair wrong[] = {{"name", "canbo"}, {"full_name", "Lê Hoàng Minh"}, {"email", "không phải"}, {"role", "king"}};
  const struct form typed = {wrong, 4};
  struct account_form form;
  assert_int_equal(record_read_form(cx, &account_form_type, &typed, &form), ERR_INPUT);
  assert_int_equal(cx->problems.count, 3);
  static const char *const fields[] = {"email", "role", "unit"};
  for (size_t i = 0; i < 3; i++) assert_string_equal(cx->problems.items[i].field, fields[i]);
  assert_false(form.totp);
  cx_free_alone(cx);
}

static struct words *all_words(struct cx *cx)
{
  const struct words_table *tables[] = {&ui_words[0], &ui_words[1], &account_system.words[0], &account_system.words[1]};
  struct words *words = NULL;
  assert_int_equal(words_open(cx, tables, 4, &words), OK);
  return words;
}

static void assert_word(struct cx *cx, const struct words *words, const char *key)
{
  static const char *const languages[] = {"vi", "en"};
  for (size_t i = 0; i < 2; i++)
    if (text_equal(words_get(words, cx->arena, languages[i], key, NULL, 0), key)) fail_msg("no word %s (%s)", key, languages[i]);
}

static void test_titles_and_entrances_have_words(void **state)
{
  struct cx *cx = context();
  const struct words *words = all_words(cx);
  assert_word(cx, words, account_system.word);
  for (size_t i = 0; i < account_system.page_count; i++) assert_word(cx, words, account_system.pages[i].title);
  for (const struct permission *row = account_system.permissions; row->name; row++) assert_word(cx, words, row->word);
  for (const struct entrance *row = entrances; row->prefix; row++) {
    assert_word(cx, words, row->title);
    assert_word(cx, words, row->text);
  }
  for (size_t i = 0; role_names[i]; i++) assert_word(cx, words, arena_print(cx->arena, "account.role.%s", role_names[i]));
  cx_free_alone(cx);
}

struct finding { struct cx *cx; const struct words *words; size_t count; };

static void word_found(void *user, const char *template_name, const char *key)
{
  struct finding *finding = user;
  assert_word(finding->cx, finding->words, key);
  finding->count++;
}

static void test_templates_parse_and_have_words(void **state)
{
  struct cx *cx = context();
  const struct embedded_table *tables[] = {&ui_html, account_system.html};
  struct templates *templates = NULL;
  enum err err = templates_open(cx, tables, 2, &templates);
  if (err) print_message("%s %s\n", cx->problems.items[0].key, cx->problems.items[0].args[0].value);
  assert_int_equal(err, OK);
  struct finding finding = {cx, all_words(cx), 0};
  templates_words(templates, word_found, &finding);
  assert_true(finding.count > 100);
  templates_close(templates);
  cx_free_alone(cx);
}

static void test_browsers_by_name(void **state)
{
  static const char *const cases[][2] = {
    {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36", "Chrome, Windows"},
    {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0", "Edge, Windows"},
    {"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1", "Safari, iPhone"},
    {"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox, Linux"}, {"curl/8.5.0", "curl/8.5.0"}, {"", ""}};
  struct arena *arena = arena_new(0);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) assert_string_equal(agent_short(arena, cases[i][0]), cases[i][1]);
  assert_null(agent_short(arena, NULL));
  arena_free(arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_forms), cmocka_unit_test(test_titles_and_entrances_have_words),
    cmocka_unit_test(test_templates_parse_and_have_words), cmocka_unit_test(test_browsers_by_name),
  };
  return cmocka_run_group_tests_name("account_model", tests, NULL, NULL);
}
