/* Reads forms as people typed them: dates as dd/mm/yyyy, money with or without its full stops, rows left blank skipped.
 * A problem names the input as it stood on the page, so that the words appear beside it. */
#include "record/inner.h"

#include "base/text.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PAIRS_MAX = 1000 };

const char *form_get(const struct form *form, const char *name, size_t n)
{
  for (size_t i = 0; i < form->count; i++)
    if (text_equal(form->pairs[i].name, name) && n-- == 0) return form->pairs[i].value;
  return NULL;
}

/* One "name=value" of the body. */
static enum err read_pair(struct cx *cx, const char *data, size_t size, struct form_pair *out)
{
  const char *equals = memchr(data, '=', size);
  size_t name_size = equals ? (size_t)(equals - data) : size;
  const char *name = url_decode(cx->arena, data, name_size, true);
  const char *value = equals ? url_decode(cx->arena, equals + 1, size - name_size - 1, true) : "";
  if (name) name = text_clean(cx->arena, name, strlen(name), TEXT_LINE);
  if (!name || !value) return cx_fail(cx, ERR_INPUT, NULL, "error.form", NULL);
  value = text_clean(cx->arena, value, strlen(value), TEXT_LINES);
  if (!value) return cx_fail(cx, ERR_INPUT, name, "error.text", NULL);
  *out = (struct form_pair){name, value};
  return OK;
}

enum err form_read(struct cx *cx, struct bytes body, struct form *out)
{
  const char *data = (const char *)body.data, *end = data + body.size;
  size_t room = 1, count = 0;
  for (const char *c = data; c < end; c++) room += *c == '&';
  if (room > PAIRS_MAX) return cx_fail(cx, ERR_INPUT, NULL, "error.too_many", "max", "1000", NULL);
  struct form_pair *pairs = ARENA_ARRAY(cx->arena, room, struct form_pair);
  while (data < end) {
    const char *and = memchr(data, '&', (size_t)(end - data));
    size_t size = (size_t)((and ? and : end) - data);
    if (size > 0) {
      enum err err = read_pair(cx, data, size, &pairs[count++]);
      if (err) return err;
    }
    data += size + 1;
  }
  *out = (struct form){pairs, count};
  return OK;
}

/* "200000" or "200.000": a full stop only where a group of three follows, and then before each group. */
static bool money_read(const char *text, int64_t *out)
{
  char digits[24];
  size_t count = 0, length = strlen(text), first_stop = strcspn(text, ".");
  bool grouped = first_stop < length;
  if (grouped && (first_stop == 0 || first_stop > 3)) return false;
  for (size_t i = 0; i < length; i++) {
    bool stop_here = grouped && i >= first_stop && (i - first_stop) % 4 == 0;
    if (stop_here != (text[i] == '.')) return false;
    if (stop_here) continue;
    if (text[i] < '0' || text[i] > '9' || count + 1 >= sizeof digits) return false;
    digits[count++] = text[i];
  }
  if (grouped && (length - first_stop) % 4 != 0) return false;
  digits[count] = '\0';
  return text_to_i64(digits, 0, INT64_MAX, out);
}

/* "25/11/2026 14:05" */
static bool time_read_form(const char *text, int64_t *out)
{
  size_t length = strlen(text);
  if (length < 6) return false;
  const char *hour = text + length - 5;
  char day[16] = "";
  struct date date;
  if (hour[-1] != ' ' || length - 6 >= sizeof day || hour[2] != ':') return false;
  memcpy(day, text, length - 6);
  int64_t hours, minutes;
  char two[3] = {hour[0], hour[1], '\0'};
  if (!date_read_vn(day, &date) || !text_is_digits(two, 2) || !text_to_i64(two, 0, 23, &hours) || !text_is_digits(hour + 3, 2) ||
      !text_to_i64(hour + 3, 0, 59, &minutes))
    return false;
  *out = time_from_days(date_to_days(date), (int)(hours * 60 + minutes));
  return true;
}

static bool real_read(struct arena *arena, const char *text, double *out)
{
  char *copy = arena_copy(arena, text), *comma = strchr(copy, ',');
  if (comma) *comma = '.';
  size_t sign = copy[0] == '-', whole = strspn(copy + sign, "0123456789");
  const char *rest = copy + sign + whole;
  if (whole == 0 || whole > 15) return false;
  if (*rest == '.' && (rest[1] == '\0' || rest[1 + strspn(rest + 1, "0123456789")] != '\0')) return false;
  if (*rest != '.' && *rest != '\0') return false;
  *out = strtod(copy, NULL);
  return true;
}

static void take_number(const struct reading *reading, const struct field *field, const char *text, void *record)
{
  int64_t number;
  double real;
  struct date date;
  const char *wrong = NULL;
  if (field->type == FIELD_REAL) {
    if (real_read(reading->cx->arena, text, &real)) take_real(reading, field, record, real);
    else wrong = "error.number";
  } else if (field->form == FORM_DATE) {
    if (date_read_vn(text, &date)) *(int64_t *)field_at(field, record) = date_to_days(date);
    else wrong = "error.date";
  } else if (field->form == FORM_TIME) {
    if (time_read_form(text, &number)) *(int64_t *)field_at(field, record) = number;
    else wrong = "error.time";
  } else if (field->form == FORM_MONEY) {
    if (money_read(text, &number)) take_i64(reading, field, record, number);
    else wrong = "error.money";
  } else {
    if (text_to_i64(text, INT64_MIN, INT64_MAX, &number)) take_i64(reading, field, record, number);
    else wrong = "error.number";
  }
  if (wrong) reading_fail(reading, field->name, wrong, NULL, NULL);
}

static void read_scalar(const struct reading *reading, const struct field *field, const char *value, void *record)
{
  if (!value) value = "";
  if (field->type == FIELD_TEXT) {
    take_text(reading, field, record, value, strlen(value));
    return;
  }
  const char *text = text_clean(reading->cx->arena, value, strlen(value), TEXT_LINE);
  if (!text) {
    reading_fail(reading, field->name, "error.text", NULL, NULL);
  } else if (field->type == FIELD_BOOL) {
    if (!text_empty(text) && !text_equal(text, "1") && !text_equal(text, "0")) reading_fail(reading, field->name, "error.choice", NULL, NULL);
    else if (field->required && !text_equal(text, "1")) reading_fail(reading, field->name, "error.required", NULL, NULL);
    else *(bool *)field_at(field, record) = text_equal(text, "1");
  } else if (!text_empty(text)) {
    take_number(reading, field, text, record);
  } else if (field->required) {
    reading_fail(reading, field->name, "error.required", NULL, NULL);
  }
}

/* Was anything typed into the inputs under this prefix? A tick alone is not a row. */
static bool part_is_filled(const struct reading *part, const struct record_type *type, const struct form *form)
{
  for (size_t i = 0; i < type->field_count; i++) {
    const char *value = form_get(form, arena_print(part->cx->arena, "%s%s", part->prefix, type->fields[i].name), 0);
    if (type->fields[i].type != FIELD_BOOL && value && value[strspn(value, " \t\n")] != '\0') return true;
  }
  return false;
}

static void read_fields(const struct reading *reading, const struct record_type *type, const struct form *form, void *record);

static void read_nested(const struct reading *reading, const struct field *field, const struct form *form, void *record)
{
  struct reading part = reading_of_part(reading, field->name, -1);
  if (!field->required && !part_is_filled(&part, field->of, form)) return;
  void *nested = arena_alloc(reading->cx->arena, field->of->size);
  read_fields(&part, field->of, form, nested);
  *(void **)field_at(field, record) = nested;
}

/* How many rows of that name the form has: one more than the greatest index. */
static size_t count_rows(const struct form *form, const char *name)
{
  size_t length = strlen(name), rows = 0;
  for (size_t i = 0; i < form->count; i++) {
    const char *pair = form->pairs[i].name;
    if (strncmp(pair, name, length) != 0 || pair[length] != '[') continue;
    const char *index = pair + length + 1;
    size_t digits = strspn(index, "0123456789");
    if (digits == 0 || digits > 4 || index[digits] != ']' || index[digits + 1] != '.') continue;
    size_t row = strtoul(index, NULL, 10) + 1;
    if (row > rows) rows = row;
  }
  return rows;
}

static void read_list(const struct reading *reading, const struct field *field, const struct form *form, void *record)
{
  size_t rows = count_rows(form, field->name), max = field_rows_max(field);
  if (rows > PAIRS_MAX) {
    reading_fail(reading, field->name, "error.too_many", "max", arena_print(reading->cx->arena, "%zu", max));
    return;
  }
  struct list list = {arena_array(reading->cx->arena, rows < max ? rows : max, field->of->size), 0};
  for (size_t i = 0; i < rows; i++) {
    struct reading part = reading_of_part(reading, field->name, (int64_t)i);
    if (!part_is_filled(&part, field->of, form)) continue;
    if (list.count == max) {
      reading_fail(reading, field->name, "error.too_many", "max", arena_print(reading->cx->arena, "%zu", max));
      break;
    }
    read_fields(&part, field->of, form, (char *)list.items + list.count++ * field->of->size);
  }
  if (list.count == 0 && field->required) reading_fail(reading, field->name, "error.required", NULL, NULL);
  *(struct list *)field_at(field, record) = list;
}

static void read_fields(const struct reading *reading, const struct record_type *type, const struct form *form, void *record)
{
  record_clear(type, record);
  for (size_t i = 0; i < type->field_count; i++) {
    const struct field *field = &type->fields[i];
    if (field->type == FIELD_RECORD) read_nested(reading, field, form, record);
    else if (field->type == FIELD_LIST) read_list(reading, field, form, record);
    else if (field->type != FIELD_BYTES)
      read_scalar(reading, field, form_get(form, arena_print(reading->cx->arena, "%s%s", reading->prefix, field->name), 0), record);
  }
}

enum err record_read_form(struct cx *cx, const struct record_type *type, const struct form *form, void *record)
{
  bool wrong = false;
  read_fields(&(struct reading){cx, "", &wrong}, type, form, record);
  return wrong ? ERR_INPUT : OK;
}
