/* Draws templates: walks the nodes of a file with a chain of scopes, and escapes every value by its place. */
#include "web/template_parts.h"

#include "base/text.h"
#include "web/words.h"
#include <stdio.h>
#include <string.h>

enum { TEMPLATES_BUDGET = 64 << 20 };

enum scope_kind { SCOPE_MODEL = 1, SCOPE_RECORD, SCOPE_ARGUMENTS };

struct given { const char *name; uint32_t hash; struct model_value value; };

struct scope {
  const struct scope *outer;
  enum scope_kind kind;
  const struct model *model;
  const struct record_type *type;
  const void *record;
  const struct given *given; size_t given_count;
  const struct template_file *file; /* ARGUMENTS: a parameter that was not given is absent, not looked for outside */
};

struct remembered { const struct record_type *type; const struct field *field; };

struct render {
  struct cx *cx;
  const struct words *words;
  size_t language;
  struct buffer *out;
  struct remembered *remembered; /* a slot for each name in the templates */
  int depth;
};

static enum err draw(struct render *render, const struct template_file *file, size_t from, size_t to, const struct scope *scope);

/* ---- Looking up ---- */

static const struct field *field_of(struct render *render, const struct segment *segment, const struct record_type *type)
{
  struct remembered *slot = &render->remembered[segment->slot];
  if (slot->type != type) *slot = (struct remembered){type, record_field(type, segment->name)};
  return slot->field;
}

/* true: the name stands in this scope, though its value may be absent. */
static bool find_in(struct render *render, const struct scope *scope, const struct segment *segment, struct model_value *out)
{
  if (scope->kind == SCOPE_MODEL) {
    const struct model_value *value = model_find(scope->model, segment->name, segment->hash);
    if (value) *out = *value;
    return value != NULL;
  }
  if (scope->kind == SCOPE_RECORD) {
    const struct field *field = field_of(render, segment, scope->type);
    if (field) *out = model_member(field, scope->record);
    return field != NULL;
  }
  for (size_t i = 0; i < scope->given_count; i++) {
    if (scope->given[i].hash != segment->hash || strcmp(scope->given[i].name, segment->name) != 0) continue;
    *out = scope->given[i].value;
    return true;
  }
  return template_parameter(scope->file, segment->hash, segment->name) != NULL;
}

static struct model_value look_up(struct render *render, const struct scope *scope, struct path path)
{
  struct model_value value = {MODEL_ABSENT};
  while (scope && !find_in(render, scope, &path.segments[0], &value)) scope = scope->outer;
  for (size_t i = 1; i < path.count; i++) {
    const struct segment *segment = &path.segments[i];
    struct model_value inner = {MODEL_ABSENT};
    if (value.kind == MODEL_MODEL) {
      const struct model_value *found = model_find(value.model, segment->name, segment->hash);
      if (found) inner = *found;
    } else if (value.kind == MODEL_RECORD) {
      const struct field *field = field_of(render, segment, value.record.type);
      if (field) inner = model_member(field, value.record.record);
    }
    value = inner;
  }
  return value;
}

static const char *problem_text(struct render *render, const char *field)
{
  const struct problems *problems = &render->cx->problems;
  for (size_t i = 0; i < problems->count; i++)
    if (text_equal(problems->items[i].field, field))
      return words_get(render->words, render->cx->arena, render->cx->language, problems->items[i].key, problems->items[i].args, PROBLEM_ARGS_MAX);
  return NULL;
}

/* NULL: nothing to show. */
static const char *text_of(struct render *render, const struct model_value *value)
{
  switch (value->kind) {
    case MODEL_TEXT: return value->text;
    case MODEL_NUMBER: return arena_print(render->cx->arena, "%lld", (long long)value->number);
    case MODEL_FLAG: return value->flag ? "1" : NULL;
    case MODEL_FIELD: return value->field.field->form == FORM_SECRET ? NULL : record_show(render->cx->arena, value->field.field, value->field.record);
    case MODEL_PROBLEM: return problem_text(render, value->text);
    case MODEL_LATE: return value->late.fn(value->late.arg);
    default: return NULL;
  }
}

static bool field_is_set(const struct field *field, const void *record)
{
  const void *member = (const char *)record + field->offset;
  bool timed = field->form == FORM_DATE || field->form == FORM_TIME;
  switch (field->type) {
    case FIELD_I64: return *(const int64_t *)member != (timed ? NONE_DATE : 0);
    case FIELD_TEXT: return !text_empty(*(const char *const *)member);
    case FIELD_BOOL: return *(const bool *)member;
    case FIELD_REAL: return *(const double *)member < 0 || *(const double *)member > 0;
    case FIELD_BYTES: return ((const struct bytes *)member)->size > 0;
    default: return false;
  }
}

static bool is_set(struct render *render, const struct model_value *value)
{
  switch (value->kind) {
    case MODEL_ABSENT: return false;
    case MODEL_NUMBER: return value->number != 0;
    case MODEL_FLAG: return value->flag;
    case MODEL_FIELD: return field_is_set(value->field.field, value->field.record);
    case MODEL_RECORD_ROWS: return value->rows.list->count > 0;
    case MODEL_MODEL:
    case MODEL_ROWS:
    case MODEL_RECORD: return true;
    default: return !text_empty(text_of(render, value));
  }
}

/* ---- Escaping ---- */

/* Relative, http, https, mailto and tel pass; what a browser might read otherwise does not. */
static bool url_is_harmless(const char *url)
{
  size_t scheme = strcspn(url, ":/?#");
  for (const char *c = url; *c; c++)
    if ((unsigned char)*c <= ' ' || *c == '\\') return false;
  if (url[scheme] != ':') return true;
  static const char *const schemes[] = {"http", "https", "mailto", "tel"};
  for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
    if (strlen(schemes[i]) == scheme && strncasecmp(url, schemes[i], scheme) == 0) return true;
  return false;
}

static void write_contact(struct render *render, const char *text)
{
  for (; *text; text++) {
    bool plain = (*text >= '0' && *text <= '9') || (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') || strchr("+@._-", *text);
    if (plain) buffer_char(render->out, *text);
    else if (*text != ' ') buffer_print(render->out, "%%%02X", (unsigned char)*text);
  }
}

static void write_escaped(struct render *render, enum markup_escape escape, const char *text)
{
  if (text_empty(text)) return;
  switch (escape) {
    case ESCAPE_URL: html_escape(render->out, url_is_harmless(text) ? text : "#"); return;
    case ESCAPE_URL_PART: html_escape(render->out, url_encode(render->cx->arena, text)); return;
    case ESCAPE_CONTACT: write_contact(render, text); return;
    default: html_escape(render->out, text); return;
  }
}

/* ---- Drawing, one function a kind of node ---- */

static void draw_word(struct render *render, const struct node *node, const struct scope *scope)
{
  const char *key = node->text;
  uint32_t hash = node->hash;
  if (node->path.count) {
    struct model_value value = look_up(render, scope, node->path);
    const char *rest = text_of(render, &value);
    if (text_empty(rest)) return;
    key = node->size ? arena_join(render->cx->arena, node->text, rest) : rest;
    hash = model_hash(key, strlen(key));
  }
  const char *text = words_find(render->words, render->language, key, hash);
  if (!text) text = key;
  if (node->arg_count && strchr(text, '{')) {
    struct problem_arg args[ARGUMENTS_MAX];
    for (size_t i = 0; i < node->arg_count; i++) {
      struct model_value value = look_up(render, scope, node->args[i].path);
      const char *arg = text_of(render, &value);
      args[i] = (struct problem_arg){node->args[i].name, arg ? arg : ""};
    }
    struct buffer filled;
    buffer_init(&filled, render->cx->arena);
    words_fill(&filled, text, args, node->arg_count);
    text = buffer_string(&filled);
  }
  write_escaped(render, node->escape, text);
}

static enum err draw_models(struct render *render, const struct template_file *file, size_t number, const struct scope *scope, const struct model *first)
{
  for (const struct model *model = first; model; model = model->next) {
    const struct scope inner = {.outer = scope, .kind = SCOPE_MODEL, .model = model};
    enum err err = draw(render, file, number + 1, file->nodes[number].end, &inner);
    if (err) return err;
  }
  return OK;
}

static enum err draw_records(struct render *render, const struct template_file *file, size_t number, const struct scope *scope, const struct model_value *value)
{
  const struct list *list = value->rows.list;
  for (size_t i = 0; i < list->count; i++) {
    const void *record = (const char *)list->items + i * value->rows.type->size;
    const struct scope inner = {.outer = scope, .kind = SCOPE_RECORD, .type = value->rows.type, .record = record};
    enum err err = draw(render, file, number + 1, file->nodes[number].end, &inner);
    if (err) return err;
  }
  return OK;
}

static enum err draw_section(struct render *render, const struct template_file *file, size_t number, const struct scope *scope)
{
  const struct node *node = &file->nodes[number];
  const struct model_value value = look_up(render, scope, node->path);
  bool set = is_set(render, &value);
  if (node->kind == NODE_UNLESS) return set ? OK : draw(render, file, number + 1, node->end, scope);
  if (!set) return OK;
  if (value.kind == MODEL_ROWS) return draw_models(render, file, number, scope, value.model);
  if (value.kind == MODEL_RECORD_ROWS) return draw_records(render, file, number, scope, &value);
  struct scope inner = {.outer = scope, .kind = SCOPE_MODEL, .model = value.model};
  if (value.kind == MODEL_RECORD) inner = (struct scope){.outer = scope, .kind = SCOPE_RECORD, .type = value.record.type, .record = value.record.record};
  bool own = value.kind == MODEL_MODEL || value.kind == MODEL_RECORD;
  return draw(render, file, number + 1, node->end, own ? &inner : scope);
}

static enum err fault(struct render *render, const char *key, const struct template_file *file, const struct node *node, const char *hole)
{
  const char *line = arena_print(render->cx->arena, "%d", node->line);
  return cx_fail(render->cx, ERR_INTERNAL, NULL, key, "file", file->name, "line", line, "hole", hole, NULL);
}

static enum err draw_partial(struct render *render, const struct template_file *file, const struct node *node, const struct scope *scope)
{
  struct given given[ARGUMENTS_MAX];
  for (size_t i = 0; i < node->arg_count; i++) {
    const struct argument *arg = &node->args[i];
    given[i] = (struct given){arg->name, arg->hash, {MODEL_TEXT, .text = arg->text}};
    if (!arg->text) given[i].value = look_up(render, scope, arg->path);
    const struct parameter *parameter = template_parameter(node->partial, arg->hash, arg->name);
    if (parameter && parameter->required && given[i].value.kind == MODEL_ABSENT)
      return fault(render, "error.template.argument_absent", file, node, arg->name);
  }
  const struct scope inner = {.outer = scope, .kind = SCOPE_ARGUMENTS, .given = given, .given_count = node->arg_count, .file = node->partial};
  if (render->depth == PARTIAL_DEPTH_MAX) return fault(render, "error.template.depth", file, node, node->text);
  render->depth++;
  enum err err = draw(render, node->partial, 0, node->partial->node_count, &inner);
  render->depth--;
  return err;
}

static enum err draw(struct render *render, const struct template_file *file, size_t from, size_t to, const struct scope *scope)
{
  enum err err = OK;
  for (size_t i = from; !err && i < to; i++) {
    const struct node *node = &file->nodes[i];
    struct model_value value;
    switch (node->kind) {
      case NODE_TEXT: buffer_add(render->out, node->text, node->size); break;
      case NODE_VALUE:
        value = look_up(render, scope, node->path);
        write_escaped(render, node->escape, text_of(render, &value));
        break;
      case NODE_RAW:
        value = look_up(render, scope, node->path);
        if (value.kind == MODEL_HTML) buffer_text(render->out, value.text);
        break;
      case NODE_WORD: draw_word(render, node, scope); break;
      case NODE_SECTION:
      case NODE_UNLESS:
        err = draw_section(render, file, i, scope);
        i = node->end - 1;
        break;
      case NODE_PARTIAL: err = draw_partial(render, file, node, scope); break;
    }
  }
  /* What grows without end is a loop of our own making; what is merely long is caught by the arena's budget. */
  if (!err && (render->out->size > TEMPLATE_OUTPUT_MAX || arena_over(render->cx->arena)))
    err = cx_fail(render->cx, ERR_MEMORY, NULL, "error.memory", NULL);
  return err;
}

enum err template_render(struct cx *cx, const struct templates *templates, const struct words *words, const char *name,
                         const struct model *model, struct buffer *out)
{
  const struct template_file *file = template_file_find(templates, name);
  if (!file) return cx_fail(cx, ERR_INTERNAL, NULL, "error.template.missing", "file", name, NULL);
  struct render render = {.cx = cx, .words = words, .language = words_language(words, cx->language), .out = out,
                          .remembered = ARENA_ARRAY(cx->arena, templates->slot_count + 1, struct remembered)};
  const struct scope scope = {.kind = SCOPE_MODEL, .model = model};
  return draw(&render, file, 0, file->node_count, &scope);
}

/* ---- Opening ---- */

const struct template_file *template_file_find(const struct templates *templates, const char *name)
{
  for (size_t i = 0; i < templates->count; i++)
    if (text_equal(templates->files[i].name, name)) return &templates->files[i];
  return NULL;
}

const struct parameter *template_parameter(const struct template_file *file, uint32_t hash, const char *name)
{
  for (size_t i = 0; i < file->parameter_count; i++)
    if (file->parameters[i].hash == hash && text_equal(file->parameters[i].name, name)) return &file->parameters[i];
  return NULL;
}

static bool argument_given(const struct node *node, const struct parameter *parameter)
{
  for (size_t i = 0; i < node->arg_count; i++)
    if (node->args[i].hash == parameter->hash && text_equal(node->args[i].name, parameter->name)) return true;
  return false;
}

static enum err refuse_call(struct cx *cx, const struct template_file *file, const struct node *node, const char *key, const char *hole)
{
  return cx_fail(cx, ERR_INTERNAL, NULL, key, "file", file->name, "line", arena_print(cx->arena, "%d", node->line), "hole", hole, NULL);
}

/* Finds the partial of a call, and compares what is given with what the partial declares. */
static enum err link_call(struct cx *cx, const struct templates *templates, const struct template_file *file, struct node *node)
{
  node->partial = template_file_find(templates, node->text);
  if (!node->partial) return refuse_call(cx, file, node, "error.template.no_partial", node->text);
  if (!node->partial->declares) return OK;
  for (size_t i = 0; i < node->arg_count; i++)
    if (!template_parameter(node->partial, node->args[i].hash, node->args[i].name))
      return refuse_call(cx, file, node, "error.template.argument_unknown", node->args[i].name);
  for (size_t i = 0; i < node->partial->parameter_count; i++)
    if (node->partial->parameters[i].required && !argument_given(node, &node->partial->parameters[i]))
      return refuse_call(cx, file, node, "error.template.argument_absent", node->partial->parameters[i].name);
  return OK;
}

static enum err link_all(struct cx *cx, struct templates *templates)
{
  for (size_t f = 0; f < templates->count; f++) {
    struct node *nodes = (struct node *)templates->files[f].nodes; /* ours until templates_open returns */
    for (size_t i = 0; i < templates->files[f].node_count; i++) {
      if (nodes[i].kind != NODE_PARTIAL) continue;
      enum err err = link_call(cx, templates, &templates->files[f], &nodes[i]);
      if (err) return err;
    }
  }
  return OK;
}

enum err templates_open(struct cx *cx, const struct embedded_table *const *tables, size_t count, struct templates **out)
{
  size_t total = 0;
  for (size_t t = 0; t < count; t++) total += tables[t]->count;
  struct arena *arena = arena_new(TEMPLATES_BUDGET);
  struct templates *templates = ARENA_NEW(arena, struct templates);
  *templates = (struct templates){.arena = arena, .files = ARENA_ARRAY(arena, total, struct template_file)};
  enum err err = OK;
  for (size_t t = 0; t < count; t++)
    for (size_t i = 0; !err && i < tables[t]->count; i++) {
      const struct embedded *source = &tables[t]->files[i];
      if (template_file_find(templates, source->name)) err = cx_fail(cx, ERR_INTERNAL, NULL, "error.template.twice", "file", source->name, NULL);
      if (!err) err = template_parse(cx, templates, source, &templates->files[templates->count]);
      if (!err) templates->count++;
    }
  if (!err) err = link_all(cx, templates);
  if (err) templates_close(templates);
  *out = err ? NULL : templates;
  return err;
}

void templates_close(struct templates *templates)
{
  if (templates) arena_free(templates->arena);
}

/* ---- Which words are used ---- */

/* Does the partial show this argument as a word, itself or by handing it on? Then a text given for it is a key. */
static bool shown_as_word(const struct template_file *file, const char *name, int depth)
{
  for (size_t i = 0; i < file->node_count && depth < PARTIAL_DEPTH_MAX; i++) {
    const struct node *node = &file->nodes[i];
    if (node->kind == NODE_WORD && !node->size && node->path.count == 1 && text_equal(node->path.segments[0].name, name)) return true;
    for (size_t a = 0; node->kind == NODE_PARTIAL && a < node->arg_count; a++) {
      const struct path *path = &node->args[a].path;
      if (!node->args[a].text && path->count == 1 && text_equal(path->segments[0].name, name) && shown_as_word(node->partial, node->args[a].name, depth + 1))
        return true;
    }
  }
  return false;
}

void templates_words(const struct templates *templates, void (*found)(void *user, const char *template_name, const char *key), void *user)
{
  for (size_t f = 0; f < templates->count; f++)
    for (size_t i = 0; i < templates->files[f].node_count; i++) {
      const struct node *node = &templates->files[f].nodes[i];
      if (node->kind == NODE_WORD && !node->path.count) found(user, templates->files[f].name, node->text);
      for (size_t a = 0; node->kind == NODE_PARTIAL && a < node->arg_count; a++)
        if (node->args[a].text && shown_as_word(node->partial, node->args[a].name, 0)) found(user, templates->files[f].name, node->args[a].text);
    }
}
