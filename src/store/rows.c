/* Rows into records: each column goes to the member of its name. A column without a member, or of another type than
 * its member, is a fault of the program, found by the first test that reads a row. */
#include "store/engine.h"

#include "base/text.h"
#include <assert.h>
#include <string.h>

static void text_take(struct cx *cx, const struct value *value, void *member)
{
  assert(value->type == VALUE_TEXT);
  *(const char **)member = arena_copy(cx->arena, value->text);
}

static void bytes_take(struct cx *cx, const struct value *value, void *member)
{
  assert(value->type == VALUE_BYTES);
  char *copy = arena_copy_n(cx->arena, value->bytes.data, value->bytes.size);
  *(struct bytes *)member = (struct bytes){(const uint8_t *)copy, value->bytes.size};
}

static int64_t value_number(const struct value *value)
{
  assert(value->type == VALUE_I64 || value->type == VALUE_BOOL);
  return value->type == VALUE_BOOL ? value->boolean : value->i64;
}

static double value_number_real(const struct value *value)
{
  return value->type == VALUE_REAL ? value->real : (double)value_number(value);
}

/* The record is zeroed before, so that NULL leaves NULL, 0, false. */
static void cell_take(struct cx *cx, const struct field *field, const struct value *value, void *record)
{
  void *member = (char *)record + field->offset;
  bool date = field->form == FORM_DATE || field->form == FORM_TIME;
  if (value->type == VALUE_NULL) {
    if (field->type == FIELD_I64 && date) *(int64_t *)member = NONE_DATE;
    return;
  }
  switch (field->type) {
    case FIELD_I64: *(int64_t *)member = value_number(value); break;
    case FIELD_TEXT: text_take(cx, value, member); break;
    case FIELD_BYTES: bytes_take(cx, value, member); break;
    case FIELD_BOOL: *(bool *)member = value_number(value) != 0; break;
    case FIELD_REAL: *(double *)member = value_number_real(value); break;
    case FIELD_RECORD:
    case FIELD_LIST: assert(!"a column cannot hold a record or a list");
  }
}

struct reading {
  const struct record_type *type;
  const struct field *fields[COLUMNS_MAX];   /* of the columns, found at the first row */
  char *items;
  size_t count, room, max;
  bool over;                                 /* the arena's budget was passed */
};

/* Mostly the columns stand in the order of the fields: looked for from the one before on. */
static void columns_find(struct reading *reading, const struct row *row)
{
  const struct record_type *type = reading->type;
  size_t next = 0;
  for (size_t i = 0; i < row->count; i++) {
    bool here = next < type->field_count && text_equal(type->fields[next].name, row->names[i]);
    reading->fields[i] = here ? &type->fields[next] : record_field(type, row->names[i]);
    assert(reading->fields[i]);
    next = (size_t)(reading->fields[i] - type->fields) + 1;
  }
}

static bool record_take(struct cx *cx, const struct row *row, void *arg)
{
  struct reading *reading = arg;
  size_t size = reading->type->size;
  if (!reading->fields[0]) columns_find(reading, row);
  if (reading->count == reading->room) {
    size_t room = reading->room ? reading->room * 2 : 8;
    if (room > reading->max) room = reading->max;
    char *items = arena_array(cx->arena, room, size);
    if (reading->count) memcpy(items, reading->items, reading->count * size);
    reading->items = items;
    reading->room = room;
  }
  void *record = reading->items + reading->count * size;
  for (size_t i = 0; i < row->count && !arena_over(cx->arena); i++) cell_take(cx, reading->fields[i], &row->values[i], record);
  reading->over = arena_over(cx->arena);
  reading->count++;
  return !reading->over && reading->count < reading->max;
}

static enum err reading_run(struct cx *cx, struct tx *tx, const struct statement *statement, struct values args, struct reading *reading)
{
  enum err err = tx->store->engine->run(cx, tx, statement, args, record_take, reading, NULL);
  if (!err && reading->over) err = tx->failed = cx_fail(cx, ERR_MEMORY, NULL, "error.memory", NULL);
  return err;
}

enum err sql_row(struct cx *cx, struct tx *tx, const struct statement *statement, struct values args, const struct record_type *type, void *row)
{
  struct reading reading = {.type = type, .max = 1, .items = row, .room = 1};
  memset(row, 0, type->size);
  enum err err = reading_run(cx, tx, statement, args, &reading);
  return err ? err : reading.count ? OK : ERR_NOT_FOUND;
}

enum err sql_rows(struct cx *cx, struct tx *tx, const struct statement *statement, struct values args,
                  const struct record_type *type, size_t max, struct list *out)
{
  assert(max > 0);
  struct reading reading = {.type = type, .max = max};
  enum err err = reading_run(cx, tx, statement, args, &reading);
  *out = (struct list){.items = reading.items, .count = err ? 0 : reading.count};
  return err;
}

struct number { bool found; int64_t value; };

static bool number_take(struct cx *cx, const struct row *row, void *arg)
{
  struct number *number = arg;
  assert(row->count == 1);
  number->found = row->values[0].type != VALUE_NULL;
  if (number->found) number->value = value_number(&row->values[0]);
  return false;
}

enum err sql_number(struct cx *cx, struct tx *tx, const struct statement *statement, struct values args, int64_t *out)
{
  struct number number = {0};
  enum err err = tx->store->engine->run(cx, tx, statement, args, number_take, &number, NULL);
  if (err) return err;
  if (!number.found) return ERR_NOT_FOUND;
  *out = number.value;
  return OK;
}

enum err sql_run(struct cx *cx, struct tx *tx, const struct statement *statement, struct values args, int64_t *changed)
{
  return tx->store->engine->run(cx, tx, statement, args, NULL, NULL, changed);
}
