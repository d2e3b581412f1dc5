/* Writes a record as JSON straight into a buffer. What is absent (no text, no date, no bytes, no nested record) is left out,
 * and so are secrets; numbers, truth values and lists are always there. */
#include "record/inner.h"

#include "base/text.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>

static void write_object(struct buffer *out, struct arena *scratch, const struct record_type *type, const void *record);

/* The shortest text that reads back as the same number. */
static void write_real(struct buffer *out, struct arena *scratch, double value)
{
  assert(isfinite(value));
  const char *text = "0";
  for (int digits = 15; digits <= 17; digits++) {
    text = arena_print(scratch, "%.*g", digits, value);
    if (strtod(text, NULL) == value) break;
  }
  buffer_text(out, text);
}

static void write_i64(struct buffer *out, struct arena *scratch, const struct field *field, int64_t value)
{
  if (field->form == FORM_DATE) json_quote(out, date_write_iso(scratch, (int32_t)value));
  else if (field->form == FORM_TIME) json_quote(out, time_write_iso(scratch, value));
  else buffer_print(out, "%lld", (long long)value);
}

static bool is_absent(const struct field *field, const void *at)
{
  switch (field->type) {
  case FIELD_I64: return field_may_be_none(field) && *(const int64_t *)at == NONE_DATE;
  case FIELD_TEXT: return !*(const char *const *)at || field->form == FORM_SECRET;
  case FIELD_BYTES: return !((const struct bytes *)at)->data || field->form == FORM_SECRET;
  case FIELD_RECORD: return !*(void *const *)at;
  default: return false;
  }
}

static void write_list(struct buffer *out, struct arena *scratch, const struct record_type *type, const struct list *list)
{
  buffer_char(out, '[');
  for (size_t i = 0; i < list->count; i++) {
    if (i) buffer_char(out, ',');
    write_object(out, scratch, type, (const char *)list->items + i * type->size);
  }
  buffer_char(out, ']');
}

static void write_value(struct buffer *out, struct arena *scratch, const struct field *field, const void *at)
{
  switch (field->type) {
  case FIELD_I64: write_i64(out, scratch, field, *(const int64_t *)at); break;
  case FIELD_TEXT: json_quote(out, *(const char *const *)at); break;
  case FIELD_BYTES: json_quote(out, base64_write(scratch, ((const struct bytes *)at)->data, ((const struct bytes *)at)->size)); break;
  case FIELD_BOOL: buffer_text(out, *(const bool *)at ? "true" : "false"); break;
  case FIELD_REAL: write_real(out, scratch, *(const double *)at); break;
  case FIELD_RECORD: write_object(out, scratch, field->of, *(void *const *)at); break;
  case FIELD_LIST: write_list(out, scratch, field->of, at); break;
  }
}

static void write_object(struct buffer *out, struct arena *scratch, const struct record_type *type, const void *record)
{
  bool any = false;
  buffer_char(out, '{');
  for (size_t i = 0; i < type->field_count; i++) {
    const struct field *field = &type->fields[i];
    const void *at = field_of(field, record);
    if (is_absent(field, at)) continue;
    if (any) buffer_char(out, ',');
    any = true;
    json_quote(out, field->name);
    buffer_char(out, ':');
    write_value(out, scratch, field, at);
  }
  buffer_char(out, '}');
}

void record_write_json(struct buffer *out, const struct record_type *type, const void *record)
{
  struct arena *scratch = arena_new(SIZE_MAX / 4); /* as large as what is written: its bound is the writer's */
  write_object(out, scratch, type, record);
  arena_free(scratch);
}
