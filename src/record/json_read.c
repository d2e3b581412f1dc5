/* Reads a record from JSON. Nothing is guessed: a key that the table does not know, a key given twice or a value of another
 * type is a problem that names its path, and all problems are found in one pass. */
#include "record/inner.h"

#include "base/text.h"
#include <assert.h>
#include <jansson.h>
#include <string.h>

static void read_object(const struct reading *reading, const struct record_type *type, const json_t *object, void *record);

static void read_i64(const struct reading *reading, const struct field *field, const json_t *value, void *record)
{
  int64_t number;
  struct date date;
  if (field->form == FORM_DATE) {
    if (!json_is_string(value) || !date_read_iso(json_string_value(value), &date)) reading_fail(reading, field->name, "error.date", NULL, NULL);
    else *(int64_t *)field_at(field, record) = date_to_days(date);
  } else if (field->form == FORM_TIME) {
    if (!json_is_string(value) || !time_read_iso(json_string_value(value), &number)) reading_fail(reading, field->name, "error.time", NULL, NULL);
    else *(int64_t *)field_at(field, record) = number;
  } else if (!json_is_integer(value)) {
    reading_fail(reading, field->name, field->form == FORM_MONEY ? "error.money" : "error.number", NULL, NULL);
  } else {
    take_i64(reading, field, record, json_integer_value(value));
  }
}

static void read_bytes(const struct reading *reading, const struct field *field, const json_t *value, void *record)
{
  struct bytes bytes;
  if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value) ||
      !base64_read(reading->cx->arena, json_string_value(value), &bytes)) {
    reading_fail(reading, field->name, "error.text", NULL, NULL);
  } else if (field->max && bytes.size > (size_t)field->max) {
    reading_fail(reading, field->name, "error.too_long", "max", arena_print(reading->cx->arena, "%lld", (long long)field->max));
  } else if (bytes.size == 0 && field->required) {
    reading_fail(reading, field->name, "error.required", NULL, NULL);
  } else {
    *(struct bytes *)field_at(field, record) = bytes;
  }
}

static void read_nested(const struct reading *reading, const struct field *field, const json_t *value, void *record)
{
  if (!json_is_object(value)) {
    reading_fail(reading, field->name, "error.json", NULL, NULL);
    return;
  }
  void *nested = arena_alloc(reading->cx->arena, field->of->size);
  struct reading part = reading_of_part(reading, field->name, -1);
  read_object(&part, field->of, value, nested);
  *(void **)field_at(field, record) = nested;
}

static void read_list(const struct reading *reading, const struct field *field, const json_t *value, void *record)
{
  size_t count = json_array_size(value), max = field_rows_max(field);
  if (!json_is_array(value)) {
    reading_fail(reading, field->name, "error.json", NULL, NULL);
    return;
  }
  if (count > max) {
    reading_fail(reading, field->name, "error.too_many", "max", arena_print(reading->cx->arena, "%zu", max));
    return;
  }
  if (count == 0 && field->required) reading_fail(reading, field->name, "error.required", NULL, NULL);
  struct list list = {arena_array(reading->cx->arena, count, field->of->size), count};
  for (size_t i = 0; i < count && !arena_over(reading->cx->arena); i++) {
    struct reading part = reading_of_part(reading, field->name, (int64_t)i);
    const json_t *row = json_array_get(value, i);
    if (json_is_object(row)) read_object(&part, field->of, row, (char *)list.items + i * field->of->size);
    else reading_fail(reading, arena_print(reading->cx->arena, "%s[%zu]", field->name, i), "error.json", NULL, NULL);
  }
  *(struct list *)field_at(field, record) = list;
}

static void read_value(const struct reading *reading, const struct field *field, const json_t *value, void *record)
{
  switch (field->type) {
  case FIELD_I64: read_i64(reading, field, value, record); break;
  case FIELD_TEXT:
    if (json_is_string(value)) take_text(reading, field, record, json_string_value(value), json_string_length(value));
    else reading_fail(reading, field->name, "error.text", NULL, NULL);
    break;
  case FIELD_BYTES: read_bytes(reading, field, value, record); break;
  case FIELD_BOOL:
    if (json_is_boolean(value)) *(bool *)field_at(field, record) = json_is_true(value);
    else reading_fail(reading, field->name, "error.choice", NULL, NULL);
    break;
  case FIELD_REAL:
    if (json_is_number(value)) take_real(reading, field, record, json_number_value(value));
    else reading_fail(reading, field->name, "error.number", NULL, NULL);
    break;
  case FIELD_RECORD: read_nested(reading, field, value, record); break;
  case FIELD_LIST: read_list(reading, field, value, record); break;
  }
}

static void read_object(const struct reading *reading, const struct record_type *type, const json_t *object, void *record)
{
  record_clear(type, record);
  for (size_t i = 0; i < type->field_count && !arena_over(reading->cx->arena); i++) {
    const struct field *field = &type->fields[i];
    const json_t *value = json_object_get(object, field->name);
    if (value && !json_is_null(value)) read_value(reading, field, value, record);
    else if (field->required) reading_fail(reading, field->name, "error.required", NULL, NULL);
  }
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)object, key, value) {
    if (arena_over(reading->cx->arena)) break; /* what was sent may hold any number of them */
    if (record_field(type, key)) continue;
    const char *name = text_clean(reading->cx->arena, key, strlen(key), TEXT_LINE);
    reading_fail(reading, name && strlen(name) <= 100 ? name : "?", "error.unknown_field", NULL, NULL);
  }
}

enum err record_read_json(struct cx *cx, const struct record_type *type, struct bytes json, void *record)
{
  record_clear(type, record);
  json_error_t error;
  json_t *root = json_loadb((const char *)json.data, json.size, JSON_REJECT_DUPLICATES, &error);
  if (!json_is_object(root)) {
    json_decref(root);
    return cx_fail(cx, ERR_INPUT, NULL, "error.json", NULL);
  }
  bool wrong = false;
  read_object(&(struct reading){cx, "", &wrong}, type, root, record);
  json_decref(root);
  if (arena_over(cx->arena)) return cx_fail(cx, ERR_MEMORY, NULL, "error.memory", NULL);
  return wrong ? ERR_INPUT : OK;
}
