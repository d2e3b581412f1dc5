/* Field tables: finding and showing a field, and the rules of a value, the same whether it came by JSON or by a form. */
#include "record/inner.h"

#include "base/text.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHARACTERS_DEFAULT = 500, EMAIL_MAX = 254, ROWS_DEFAULT = 100 };

const struct field *record_field(const struct record_type *type, const char *name)
{
  for (size_t i = 0; i < type->field_count; i++)
    if (text_equal(type->fields[i].name, name)) return &type->fields[i];
  return NULL;
}

void *field_at(const struct field *field, void *record)
{
  return (char *)record + field->offset;
}

const void *field_of(const struct field *field, const void *record)
{
  return (const char *)record + field->offset;
}

bool field_may_be_none(const struct field *field)
{
  return field->type == FIELD_I64 && (field->form == FORM_DATE || field->form == FORM_TIME);
}

size_t field_rows_max(const struct field *field)
{
  return field->max ? (size_t)field->max : ROWS_DEFAULT;
}

void record_clear(const struct record_type *type, void *record)
{
  memset(record, 0, type->size);
  for (size_t i = 0; i < type->field_count; i++)
    if (field_may_be_none(&type->fields[i])) *(int64_t *)field_at(&type->fields[i], record) = NONE_DATE;
}

void reading_fail(const struct reading *reading, const char *name, const char *key, const char *arg, const char *value)
{
  *reading->wrong = true;
  const char *path = arena_print(reading->cx->arena, "%s%s", reading->prefix, name);
  (void)cx_fail(reading->cx, ERR_INPUT, path, key, arg, value, NULL);
}

struct reading reading_of_part(const struct reading *whole, const char *name, int64_t row)
{
  assert(whole->prefix[0] == '\0'); /* one level of nesting, no more */
  struct reading part = *whole;
  struct arena *arena = whole->cx->arena;
  part.prefix = row < 0 ? arena_print(arena, "%s.", name) : arena_print(arena, "%s[%lld].", name, (long long)row);
  return part;
}

static const char *number_text(const struct reading *reading, int64_t number)
{
  return arena_print(reading->cx->arena, "%lld", (long long)number);
}

static bool is_choice(const struct field *field, const char *text)
{
  for (const char *const *choice = field->choices; *choice; choice++)
    if (text_equal(*choice, text)) return true;
  return false;
}

/* One form of a number: digits alone, the country code as the 0 that stands for it at home. NULL: no number. */
static const char *phone_normalise(struct arena *arena, const char *text)
{
  struct buffer out;
  buffer_init(&out, arena);
  if (text_starts(text, "+84")) {
    text += 3;
    buffer_char(&out, '0');
  }
  for (; *text; text++)
    if (*text >= '0' && *text <= '9') buffer_char(&out, *text);
    else if (*text != ' ' && *text != '.') return NULL;
  return out.size >= 9 && out.size <= 11 ? out.data : NULL;
}

static bool is_email(const char *text)
{
  const char *at = strchr(text, '@');
  if (!at || at == text || strchr(at + 1, '@')) return false;
  for (const char *c = text; *c; c++)
    if (*c <= ' ' || *c >= 0x7f || strchr("<>(),;:\\\"[]", *c)) return false; /* also bytes over 0x7f, negative here */
  const char *dot = strrchr(at, '.');
  return dot && dot > at + 1 && dot[1] != '\0' && !strstr(at, "..") && at[1] != '.' && strlen(text) <= EMAIL_MAX;
}

static bool all_digits(const char *text)
{
  return strspn(text, "0123456789") == strlen(text);
}

/* The text as its form wants it, or NULL after a problem. */
static const char *check_form(const struct reading *reading, const struct field *field, const char *text)
{
  const char *fine = text;
  switch (field->form) {
  case FORM_DIGITS:
    if (all_digits(text) && (!field->max || strlen(text) == (size_t)field->max)) return text;
    reading_fail(reading, field->name, "error.digits", "count", number_text(reading, field->max));
    return NULL;
  case FORM_PHONE:
    if (!(fine = phone_normalise(reading->cx->arena, text))) reading_fail(reading, field->name, "error.phone", NULL, NULL);
    return fine;
  case FORM_EMAIL:
    if (!is_email(text)) fine = NULL;
    if (!fine) reading_fail(reading, field->name, "error.email", NULL, NULL);
    return fine;
  default:
    return text;
  }
}

static bool is_blank(const char *text)
{
  return text[strspn(text, " \t\n")] == '\0';
}

void take_text(const struct reading *reading, const struct field *field, void *record, const char *data, size_t size)
{
  /* What only a machine compares keeps its spaces; all else is folded to what a person reads. */
  bool as_typed = field->form == FORM_LINES || field->form == FORM_SECRET;
  const char *text = text_clean(reading->cx->arena, data, size, as_typed ? TEXT_LINES : TEXT_LINE);
  if (!text) {
    reading_fail(reading, field->name, "error.text", NULL, NULL);
    return;
  }
  if (field->form == FORM_SECRET ? text_empty(text) : is_blank(text)) {
    if (field->required) reading_fail(reading, field->name, "error.required", NULL, NULL);
    return;
  }
  int64_t max = field->max ? field->max : CHARACTERS_DEFAULT;
  if (field->form != FORM_DIGITS && text_characters(text) > (size_t)max) {
    reading_fail(reading, field->name, "error.too_long", "max", number_text(reading, max));
    return;
  }
  text = check_form(reading, field, text);
  if (text && field->choices && !is_choice(field, text)) {
    reading_fail(reading, field->name, "error.choice", NULL, NULL);
    return;
  }
  *(const char **)field_at(field, record) = text;
}

static void fail_range(const struct reading *reading, const struct field *field)
{
  struct arena *arena = reading->cx->arena;
  bool money = field->form == FORM_MONEY;
  *reading->wrong = true;
  (void)cx_fail(reading->cx, ERR_INPUT, arena_print(arena, "%s%s", reading->prefix, field->name), "error.range",
                "min", money ? number_write(arena, field->min) : number_text(reading, field->min),
                "max", money ? number_write(arena, field->max) : number_text(reading, field->max), NULL);
}

void take_i64(const struct reading *reading, const struct field *field, void *record, int64_t value)
{
  if (field->max && (value < field->min || value > field->max)) fail_range(reading, field);
  else *(int64_t *)field_at(field, record) = value;
}

void take_real(const struct reading *reading, const struct field *field, void *record, double value)
{
  if (field->max && (value < (double)field->min || value > (double)field->max)) fail_range(reading, field);
  else *(double *)field_at(field, record) = value;
}

static const char *show_i64(struct arena *arena, const struct field *field, int64_t value)
{
  switch (field->form) {
  case FORM_DATE: return value == NONE_DATE ? "" : date_write_vn(arena, (int32_t)value);
  case FORM_TIME: return value == NONE_DATE ? "" : time_write_vn(arena, value);
  case FORM_MONEY: return number_write(arena, value);
  default: return arena_print(arena, "%lld", (long long)value);
  }
}

/* With the comma that Vietnamese readers expect, and no more digits than the number needs. */
static const char *show_real(struct arena *arena, double value)
{
  char *text = arena_print(arena, "%.15g", value);
  char *dot = strchr(text, '.');
  if (dot) *dot = ',';
  return text;
}

const char *record_show(struct arena *arena, const struct field *field, const void *record)
{
  const void *at = field_of(field, record);
  switch (field->type) {
  case FIELD_I64: return show_i64(arena, field, *(const int64_t *)at);
  case FIELD_BOOL: return *(const bool *)at ? "1" : "";
  case FIELD_REAL: return show_real(arena, *(const double *)at);
  case FIELD_TEXT: {
    const char *text = *(const char *const *)at;
    return text && field->form != FORM_SECRET ? text : "";
  }
  default:
    assert(!"a field that forms do not show");
    return "";
  }
}
