/* What stands around every page: who works where, the language, messages, what is wrong. */
#include "web/web_inner.h"

#include "base/text.h"
#include "web/words.h"
#include <stdlib.h>
#include <string.h>

static const char *word_of(const struct cx *cx, const struct web *web, const char *key)
{
  return words_get(web->words, cx->arena, cx->language, key, NULL, 0);
}

static bool word_exists(const struct web *web, const char *key)
{
  return words_find(web->words, 0, key, model_hash(key, strlen(key))) != NULL;
}

/* The system's own name, or that of its first page. */
static const char *system_word(struct cx *cx, const struct web *web, const struct web_hosted *hosted)
{
  if (hosted == &web->own) return NULL;
  if (hosted->system->word) return hosted->system->word;
  const char *key = arena_print(cx->arena, "%s.system", hosted->system->here ? hosted->system->here->system : "");
  return word_exists(web, key) ? key : NULL;
}

const char *visit_target_with(struct visit *visit, const char *name, const char *value)
{
  const struct http_call *call = visit->view.call;
  struct buffer out;
  buffer_init(&out, visit->cx.arena);
  buffer_text(&out, call->path);
  char next = '?';
  for (const char *at = call->query; *at;) {
    size_t size = strcspn(at, "&"), name_size = strcspn(at, "=&");
    bool same = name_size == strlen(name) && memcmp(at, name, name_size) == 0;
    if (!same && size) {
      buffer_char(&out, next);
      buffer_add(&out, at, size);
      next = '&';
    }
    at += size + (at[size] == '&');
  }
  if (value) buffer_print(&out, "%c%s=%s", next, name, value);
  return buffer_string(&out);
}

/* ---- Tokens are made when a form is drawn ---- */

static const char *late_token(void *arg)
{
  struct visit *visit = arg;
  if (!visit->csrf) visit->csrf = web_hash(visit->cx.arena, "csrf", visit_anchor(visit));
  return visit->csrf;
}

static const char *late_form_id(void *arg)
{
  struct visit *visit = arg;
  if (!visit->form_id) visit->form_id = random_uuid(visit->cx.arena);
  return visit->form_id;
}

/* ---- Filling ---- */

static void fill_language(struct visit *visit, struct model *model)
{
  const char *other = text_equal(visit->cx.language, "en") ? "vi" : "en";
  bool get = !text_equal(visit->view.call->method, "POST");
  model_text(model, "language", visit->cx.language);
  model_text(model, "language_other", other);
  model_text(model, "language_url", get ? visit_target_with(visit, "lang", other) : arena_print(visit->cx.arena, "/?lang=%s", other));
}

static void fill_nav(struct visit *visit, struct model *model)
{
  const struct web *web = visit->view.web;
  size_t count = 0;
  for (size_t i = 0; i < web->hosted_count; i++) {
    const struct web_hosted *hosted = &web->hosted[i];
    for (size_t p = 0; p < hosted->system->page_count; p++) {
      const struct page *page = &hosted->system->pages[p];
      bool lists = text_equal(page->method, "GET") && !text_empty(page->permission) && !strchr(page->path, '{');
      if (!lists || !person_may(visit->cx.person, page->permission)) continue;
      struct model *row = model_row(model, "nav");
      const char *word = system_word(&visit->cx, web, hosted);
      model_text(row, "url", page->path);
      model_text(row, "word", word ? word : page->title);
      model_flag(row, "here", visit->route && visit->route->hosted == hosted);
      count++;
      break;
    }
  }
  model_flag(model, "has_nav", count > 1);
}

void layout_fill(struct cx *cx, struct visit *visit)
{
  struct web *web = visit->view.web;
  struct model *model = visit->view.model = model_new(cx->arena);
  const struct page *page = visit->route ? visit->route->page : NULL;
  fill_language(visit, model);
  model_text(model, "asset", web->asset_path);
  model_text(model, "home_url", "/");
  model_text(model, "title", page ? word_of(cx, web, page->title) : "");
  model_text(model, "system_word", visit->route ? system_word(cx, web, visit->route->hosted) : NULL);
  model_text(model, "era_word", web->wish.era_word);
  model_text(model, "node_title", text_empty(web->wish.title) ? word_of(cx, web, "ui.name") : web->wish.title);
  model_text(model, "program_version", WEB_VERSION);
  model_flag(model, "demo", web->demo);
  model_flag(model, "citizen", false);
  model_late(model, "csrf", late_token, visit);
  model_late(model, "form_id", late_form_id, visit);
}

/* Which unit and person: known anew after a handler that logs in or out. */
static void fill_person(struct cx *cx, struct visit *visit, struct model *model)
{
  const struct person *person = cx->person;
  bool log_in_page = visit->route && text_equal(visit->route->page->path, LOG_IN_PATH);
  const struct model_value *citizen = model_find(model, "citizen", model_hash("citizen", 7));
  bool offers_log_in = !person && !log_in_page && !(citizen && citizen->kind == MODEL_FLAG && citizen->flag);
  model_text(model, "person_name", person ? person->full_name : NULL);
  model_text(model, "person_login", person ? person->name : NULL);
  model_text(model, "unit_name", person ? person->unit_name : NULL);
  model_text(model, "log_in_url", offers_log_in ? LOG_IN_PATH : NULL);
  if (person) fill_nav(visit, model);
}

/* "members[1].full_name" has no label of its own in the summary: the column's label and the row's number. */
static const char *with_label(struct cx *cx, const struct web *web, struct model *labels, const struct problem *problem, const char *text)
{
  if (!problem->field || !text_starts(problem->key, "error.")) return text;
  const struct model_value *label = model_find(labels, problem->field, model_hash(problem->field, strlen(problem->field)));
  if (!label || label->kind != MODEL_TEXT) return text;
  const char *word = word_of(cx, web, label->text), *bracket = strchr(problem->field, '[');
  if (!bracket) return arena_print(cx->arena, "%s: %s", word, text);
  return arena_print(cx->arena, "%s (%d): %s", word, (int)strtol(bracket + 1, NULL, 10) + 1, text);
}

static void fill_problems(struct cx *cx, struct visit *visit, struct model *model)
{
  const struct web *web = visit->view.web;
  struct model *by_field = model_under(model, "problem"), *labels = model_under(model, "labels");
  for (size_t i = 0; i < cx->problems.count; i++) {
    const struct problem *problem = &cx->problems.items[i];
    const char *text = words_get(web->words, cx->arena, cx->language, problem->key, problem->args, PROBLEM_ARGS_MAX);
    struct model *row = model_row(model, "problems");
    model_text(row, "text", with_label(cx, web, labels, problem, text));
    if (!problem->field) continue;
    model_text(row, "url", arena_print(cx->arena, "#%s", model_field_id(cx->arena, problem->field)));
    if (!model_find(by_field, problem->field, model_hash(problem->field, strlen(problem->field)))) model_text(by_field, problem->field, text);
  }
  model_flag(model, "has_problems", cx->problems.count > 0);
}

static void fill_flash(struct cx *cx, struct visit *visit, struct model *model)
{
  const char *cookie = cookie_get(cx->arena, visit->view.call, visit->view.web, "flash");
  struct bytes data;
  if (!cookie || !base64url_read(cx->arena, cookie, &data)) return;
  const char *text = text_clean(cx->arena, (const char *)data.data, data.size, TEXT_LINES);
  const char *line = text ? strchr(text, '\n') : NULL;
  const char *word = text ? (line ? arena_copy_n(cx->arena, text, (size_t)(line - text)) : text) : NULL;
  if (word && word_exists(visit->view.web, word)) {
    model_text(model, "flash_word", word);
    model_text(model, "flash_value", line ? line + 1 : "");
    model_flag(model, "flash_note", text_starts(word, "ui.session."));
  }
  cookie_set(visit, "flash", NULL, 0);
}

/* The layout writes the title as heading, unless the page has one of its own; the way back stands above it. Gives the rest. */
static const char *fill_heading(struct cx *cx, struct model *model, const char *body)
{
  const struct model_value *title = model_find(model, "title", model_hash("title", 5));
  if (title && title->kind == MODEL_TEXT && !strstr(body, "<h1")) model_text(model, "heading", title->text);
  const char *end = text_starts(body, "<a class=\"govuk-back-link\"") ? strstr(body, "</a>") : NULL;
  if (!end) return body;
  end += strlen("</a>");
  model_flag(model, "has_back", true);
  model_html(model, "back", arena_copy_n(cx->arena, body, (size_t)(end - body)));
  return end;
}

enum err layout_render(struct cx *cx, struct visit *visit, const struct web_hosted *hosted, const char *name, int status)
{
  const struct web *web = visit->view.web;
  struct model *model = visit->view.model;
  struct buffer body, page;
  buffer_init(&body, cx->arena);
  buffer_init(&page, cx->arena);
  fill_person(cx, visit, model);
  fill_problems(cx, visit, model);
  enum err err = template_render(cx, hosted->templates, web->words, arena_print(cx->arena, "%s.html", name), model, &body);
  if (err) return err;
  fill_flash(cx, visit, model);
  model_html(model, "body", fill_heading(cx, model, buffer_string(&body)));
  err = template_render(cx, hosted->templates, web->words, "layout.html", model, &page);
  if (err) return err;
  answer_start(visit, status);
  answer_body(visit, "text/html; charset=utf-8", buffer_bytes(&page));
  return OK;
}
