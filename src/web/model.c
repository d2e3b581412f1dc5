/* What a template reads: names and values of one page, in a small hash table. */
#include "web/model.h"

#include "web/template.h"

#include "base/text.h"
#include "people/action.h"
#include <assert.h>
#include <string.h>

/* FNV-1a: names are short and come from our own code. */
uint32_t model_hash(const char *name, size_t size)
{
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < size; i++) hash = (hash ^ (unsigned char)name[i]) * 16777619u;
  return hash;
}

struct model *model_new(struct arena *arena)
{
  struct model *model = ARENA_NEW(arena, struct model);
  model->arena = arena;
  return model;
}

/* The place of a name: its entry, or the empty one where it would go. */
static struct model_entry *place_of(const struct model *model, const char *name, uint32_t hash)
{
  size_t at = hash & (model->room - 1);
  while (model->entries[at].name && (model->entries[at].hash != hash || strcmp(model->entries[at].name, name) != 0))
    at = (at + 1) & (model->room - 1);
  return &model->entries[at];
}

static void grow(struct model *model)
{
  struct model_entry *old = model->entries;
  size_t old_room = model->room;
  model->room = old_room ? old_room * 2 : 16;
  model->entries = ARENA_ARRAY(model->arena, model->room, struct model_entry);
  for (size_t i = 0; i < old_room; i++)
    if (old[i].name) *place_of(model, old[i].name, old[i].hash) = old[i];
}

const struct model_value *model_find(const struct model *model, const char *name, uint32_t hash)
{
  if (!model->room) return NULL;
  const struct model_entry *entry = place_of(model, name, hash);
  return entry->name ? &entry->value : NULL;
}

void model_set(struct model *model, const char *name, struct model_value value)
{
  if ((model->count + 1) * 4 > model->room * 3) grow(model);
  uint32_t hash = model_hash(name, strlen(name));
  struct model_entry *entry = place_of(model, name, hash);
  if (!entry->name) {
    *entry = (struct model_entry){.name = arena_copy(model->arena, name), .hash = hash};
    model->count++;
  }
  entry->value = value;
}

void model_text(struct model *model, const char *name, const char *value)
{
  if (value) model_set(model, name, (struct model_value){MODEL_TEXT, .text = arena_copy(model->arena, value)});
  else model_set(model, name, (struct model_value){MODEL_ABSENT});
}

void model_html(struct model *model, const char *name, const char *html)
{
  model_set(model, name, (struct model_value){MODEL_HTML, .text = html});
}

void model_number(struct model *model, const char *name, int64_t value)
{
  model_set(model, name, (struct model_value){MODEL_NUMBER, .number = value});
}

void model_flag(struct model *model, const char *name, bool value)
{
  model_set(model, name, (struct model_value){MODEL_FLAG, .flag = value});
}

void model_late(struct model *model, const char *name, model_late_fn *fn, void *arg)
{
  model_set(model, name, (struct model_value){MODEL_LATE, .late = {fn, arg}});
}

void model_record(struct model *model, const char *name, const struct record_type *type, const void *record)
{
  if (record) model_set(model, name, (struct model_value){MODEL_RECORD, .record = {type, record}});
  else model_set(model, name, (struct model_value){MODEL_ABSENT});
}

void model_rows(struct model *model, const char *name, const struct record_type *type, const struct list *rows)
{
  model_set(model, name, (struct model_value){MODEL_RECORD_ROWS, .rows = {type, rows}});
}

static const struct model_value *find_text(const struct model *model, const char *name)
{
  return model_find(model, name, model_hash(name, strlen(name)));
}

struct model *model_row(struct model *model, const char *name)
{
  struct model *row = model_new(model->arena);
  const struct model_value *value = find_text(model, name);
  if (!value || value->kind != MODEL_ROWS) {
    row->last = row;
    model_set(model, name, (struct model_value){MODEL_ROWS, .model = row});
    return row;
  }
  value->model->last->next = row;
  value->model->last = row;
  return row;
}

void model_actions(struct model *model, const char *name, const struct list *actions, const char *prefix)
{
  const struct action *action = actions->items;
  for (size_t i = 0; i < actions->count; i++) {
    struct model *row = model_row(model, name);
    model_text(row, "at", time_write_vn(model->arena, action[i].at_us));
    model_text(row, "who", text_empty(action[i].person_name) ? NULL : action[i].person_name);
    model_text(row, "word", arena_print(model->arena, "%s.%s", prefix, action[i].action));
  }
}

struct model *model_under(struct model *model, const char *name)
{
  const struct model_value *value = find_text(model, name);
  if (value && value->kind == MODEL_MODEL) return value->model;
  struct model *under = model_new(model->arena);
  model_set(model, name, (struct model_value){MODEL_MODEL, .model = under});
  return under;
}

struct model_value model_member(const struct field *field, const void *record)
{
  const char *member = (const char *)record + field->offset;
  if (field->type == FIELD_LIST) return (struct model_value){MODEL_RECORD_ROWS, .rows = {field->of, (const struct list *)(const void *)member}};
  if (field->type != FIELD_RECORD) return (struct model_value){MODEL_FIELD, .field = {field, record}};
  const void *child = *(const void *const *)(const void *)member;
  if (!child) return (struct model_value){MODEL_ABSENT};
  return (struct model_value){MODEL_RECORD, .record = {field->of, child}};
}
