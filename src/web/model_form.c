/* A form as the field partials read it: for each field of a record its input's name, id, label, value and first problem. */
#include "web/model.h"

#include "base/text.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_DEFAULT_MAX = 100, TEXT_DEFAULT_MAX = 500 };

struct source { const struct form *typed; struct arena *arena; struct model *labels; /* by the input's name: for the error summary */ };

/* "members[0].full_name" → "field-members-0-full_name": also what the error summary links to. */
const char *model_field_id(struct arena *arena, const char *name)
{
  struct buffer id;
  buffer_init(&id, arena);
  buffer_text(&id, "field-");
  for (const char *c = name; *c; c++) {
    if (*c == ']') continue;
    buffer_char(&id, *c == '[' || *c == '.' ? '-' : *c);
  }
  return buffer_string(&id);
}

static bool was_typed(const struct source *source) { return source->typed && source->typed->count > 0; }

static const char *value_of(const struct source *source, const struct field *field, const char *name, const void *record)
{
  if (field->form == FORM_SECRET) return "";
  if (was_typed(source)) {
    const char *typed = form_get(source->typed, name, 0);
    return typed ? typed : "";
  }
  return record ? record_show(source->arena, field, record) : "";
}

static const char *inputmode_of(const struct field *field)
{
  switch (field->form) {
    case FORM_DIGITS:
    case FORM_MONEY:
    case FORM_DATE: return "numeric";
    case FORM_PHONE: return "tel";
    case FORM_EMAIL: return "email";
    default: return field->type == FIELD_I64 ? "numeric" : field->type == FIELD_REAL ? "decimal" : NULL;
  }
}

static int64_t length_max(const struct field *field)
{
  if (field->type != FIELD_TEXT) return 0;
  if (field->form == FORM_PHONE) return 20;
  return field->max ? field->max : TEXT_DEFAULT_MAX;
}

static void add_choice(struct model *model, const char *value, const char *word, const char *text, bool chosen)
{
  struct model *row = model_row(model, "choices");
  model_text(row, "value", value);
  model_text(row, "word", word);
  model_text(row, "text", text);
  model_flag(row, "chosen", chosen);
  if (!value[0]) return;
  const struct model_value *name = model_find(model, "name", model_hash("name", 4));
  assert(name); /* model_form first */
  model_text(row, "id", arena_print(model->arena, "%s-%s", model_field_id(model->arena, name->text), value));
}

static void fill_field(struct model *model, const struct source *source, const struct field *field, const char *name, const void *record)
{
  const char *value = value_of(source, field, name, record);
  model_text(model, "name", name);
  model_text(model, "id", model_field_id(source->arena, name));
  model_text(model, "label", field->word);
  if (field->word) model_text(source->labels, name, field->word);
  model_text(model, "value", value);
  model_set(model, "error", (struct model_value){MODEL_PROBLEM, .text = arena_copy(source->arena, name)});
  model_flag(model, "required", field->required);
  model_text(model, "inputmode", inputmode_of(field));
  if (length_max(field)) model_number(model, "max", length_max(field));
  if (field->type == FIELD_BOOL) model_flag(model, "checked", text_equal(value, "1"));
  for (size_t i = 0; field->choices && field->choices[i]; i++) {
    const char *choice = field->choices[i];
    add_choice(model, choice, arena_print(source->arena, "%s.%s", field->word ? field->word : field->name, choice), NULL, text_equal(choice, value));
  }
}

/* The fields of one record without further depth; prefix: "", "head." or "members[0]." */
static void fill_fields(struct model *model, const struct source *source, const struct record_type *type, const char *prefix, const void *record)
{
  for (size_t i = 0; i < type->field_count; i++) {
    const struct field *field = &type->fields[i];
    if (field->type == FIELD_RECORD || field->type == FIELD_LIST || field->type == FIELD_BYTES) continue;
    fill_field(model_under(model, field->name), source, field, arena_print(source->arena, "%s%s", prefix, field->name), record);
  }
}

static size_t rows_typed(const struct source *source, const char *list, size_t max)
{
  size_t count = 0, size = strlen(list);
  for (size_t i = 0; i < source->typed->count; i++) {
    const char *name = source->typed->pairs[i].name;
    if (strncmp(name, list, size) != 0 || name[size] != '[') continue;
    char *end;
    unsigned long number = strtoul(name + size + 1, &end, 10);
    if (*end == ']' && number < max && number + 1 > count) count = number + 1;
  }
  return count;
}

static void fill_row(struct model *form, const struct source *source, const struct field *list, size_t number, const void *record)
{
  struct model *row = model_row(form, list->name);
  const char *prefix = arena_print(source->arena, "%s[%zu].", list->name, number);
  model_text(row, "prefix", prefix);
  model_number(row, "number", (int64_t)number + 1);
  fill_fields(row, source, list->of, prefix, record);
}

static void fill_list(struct model *form, const struct source *source, const struct field *field, const void *record)
{
  const struct list *list = record ? (const struct list *)(const void *)((const char *)record + field->offset) : NULL;
  size_t max = field->max ? (size_t)field->max : ROWS_DEFAULT_MAX;
  size_t count = was_typed(source) ? rows_typed(source, field->name, max) : list ? list->count : 0;
  for (size_t i = 0; i < count; i++) {
    const void *row = list && i < list->count ? (const char *)list->items + i * field->of->size : NULL;
    fill_row(form, source, field, i, row);
  }
}

void model_form(struct model *model, const char *name, const struct record_type *type, const void *record, const struct form *typed)
{
  const struct source source = {typed, model->arena, model_under(model, "labels")};
  struct model *form = model_under(model, name);
  fill_fields(form, &source, type, "", record);
  for (size_t i = 0; i < type->field_count; i++) {
    const struct field *field = &type->fields[i];
    if (field->type == FIELD_LIST) fill_list(form, &source, field, record);
    if (field->type != FIELD_RECORD) continue;
    const void *child = record ? *(const void *const *)(const void *)((const char *)record + field->offset) : NULL;
    fill_fields(model_under(form, field->name), &source, field->of, arena_print(model->arena, "%s.", field->name), child);
  }
}

void model_form_blank(struct model *model, const char *name, const struct record_type *type, const char *list)
{
  const struct source source = {NULL, model->arena, model_under(model, "labels")};
  struct model *form = model_under(model, name);
  const struct model_value *rows = model_find(form, list, model_hash(list, strlen(list)));
  size_t count = 0;
  for (const struct model *row = rows && rows->kind == MODEL_ROWS ? rows->model : NULL; row; row = row->next) count++;
  const struct field *field = record_field(type, list);
  if (count < (field->max ? (size_t)field->max : ROWS_DEFAULT_MAX)) fill_row(form, &source, field, count, NULL);
}

void model_form_choice(struct model *model, const char *name, const char *field, const char *value, const char *text)
{
  struct model *at = model_under(model, name);
  const char *dot = strchr(field, '.');
  if (dot) at = model_under(at, arena_copy_n(model->arena, field, (size_t)(dot - field)));
  at = model_under(at, dot ? dot + 1 : field);
  const struct model_value *now = model_find(at, "value", model_hash("value", 5));
  add_choice(at, value, NULL, text, now && text_equal(now->text, value));
}
