/* What a change changed, as the action log keeps it: values as forms show them, parts under their path, secrets as "…". */
#include "record/inner.h"

#include "base/text.h"
#include <string.h>

struct comparison { struct buffer *out; struct arena *scratch; size_t count; };

static bool bytes_equal(const struct bytes *a, const struct bytes *b)
{
  return a->size == b->size && (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

static bool values_equal(const struct field *field, const void *a, const void *b)
{
  switch (field->type) {
  case FIELD_I64: return *(const int64_t *)a == *(const int64_t *)b;
  case FIELD_BOOL: return *(const bool *)a == *(const bool *)b;
  case FIELD_REAL: return memcmp(a, b, sizeof(double)) == 0;
  case FIELD_BYTES: return bytes_equal(a, b);
  default: {
    const char *left = *(const char *const *)a, *right = *(const char *const *)b;
    return text_equal(left ? left : "", right ? right : "");
  }
  }
}

static bool is_set(const struct field *field, const void *record)
{
  const void *at = field_of(field, record);
  return field->type == FIELD_TEXT ? !text_empty(*(const char *const *)at) : ((const struct bytes *)at)->size > 0;
}

/* A value of bytes says only that it is there: its content belongs into no log. */
static const char *show(struct comparison *comparison, const struct field *field, const void *record)
{
  if (field->form == FORM_SECRET || field->type == FIELD_BYTES) return is_set(field, record) ? "…" : "";
  return record_show(comparison->scratch, field, record);
}

static void compare_records(struct comparison *comparison, const struct record_type *type, const char *prefix, const void *before, const void *after);

static void compare_lists(struct comparison *comparison, const struct field *field, const struct list *before, const struct list *after)
{
  size_t size = field->of->size, rows = before->count > after->count ? before->count : after->count;
  for (size_t i = 0; i < rows; i++) {
    const char *prefix = arena_print(comparison->scratch, "%s[%zu].", field->name, i);
    const void *left = i < before->count ? (const char *)before->items + i * size : NULL;
    const void *right = i < after->count ? (const char *)after->items + i * size : NULL;
    compare_records(comparison, field->of, prefix, left, right);
  }
}

static void compare_values(struct comparison *comparison, const struct field *field, const char *prefix, const void *before, const void *after)
{
  if (values_equal(field, field_of(field, before), field_of(field, after))) return;
  buffer_char(comparison->out, comparison->count++ ? ',' : '{');
  json_quote(comparison->out, arena_print(comparison->scratch, "%s%s", prefix, field->name));
  buffer_text(comparison->out, ":[");
  json_quote(comparison->out, show(comparison, field, before));
  buffer_char(comparison->out, ',');
  json_quote(comparison->out, show(comparison, field, after));
  buffer_char(comparison->out, ']');
}

/* NULL on either side stands for a record in which nothing is set. */
static void compare_records(struct comparison *comparison, const struct record_type *type, const char *prefix, const void *before, const void *after)
{
  void *empty = arena_alloc(comparison->scratch, type->size);
  record_clear(type, empty);
  if (!before) before = empty;
  if (!after) after = empty;
  for (size_t i = 0; i < type->field_count; i++) {
    const struct field *field = &type->fields[i];
    const void *left = field_of(field, before), *right = field_of(field, after);
    if (field->type == FIELD_LIST) {
      compare_lists(comparison, field, left, right);
    } else if (field->type == FIELD_RECORD) {
      if (*(void *const *)left || *(void *const *)right)
        compare_records(comparison, field->of, arena_print(comparison->scratch, "%s.", field->name), *(void *const *)left, *(void *const *)right);
    } else {
      compare_values(comparison, field, prefix, before, after);
    }
  }
}

size_t record_difference(struct buffer *out, const struct record_type *type, const void *before, const void *after)
{
  struct comparison comparison = {out, arena_new(SIZE_MAX / 4), 0};
  compare_records(&comparison, type, "", before, after);
  buffer_text(out, comparison.count ? "}" : "{}");
  arena_free(comparison.scratch);
  return comparison.count;
}
