/* Fuzzer of forms as browsers send them: pairs, then records read from them. What a form shows of a record it takes back. */
#include "fuzz.h"

#include "contract/household.h"
#include "contract/justice.h"

struct typed { const char *name, *note, *phone, *email; double share; int64_t at_us, fee_vnd, count; bool agreed; };
static const struct field typed_fields[] = {
  FIELD(struct typed, name, .max = 40), FIELD(struct typed, note, .form = FORM_LINES), FIELD(struct typed, phone, .form = FORM_PHONE),
  FIELD(struct typed, email, .form = FORM_EMAIL), FIELD(struct typed, share, .max = 100, .min = -5), FIELD(struct typed, at_us, .form = FORM_TIME),
  FIELD(struct typed, fee_vnd, .form = FORM_MONEY, .max = 1000000), FIELD(struct typed, count), FIELD(struct typed, agreed),
};
static const struct record_type typed_type = RECORD("typed", struct typed, typed_fields);

static const struct record_type *const types[] = {&typed_type, &household_check_type, &household_application_type, &justice_lookup_type, &household_business_type};

static void check_pairs(struct cx *cx, const struct form *form)
{
  struct buffer out;
  struct form again;
  buffer_init(&out, cx->arena);
  for (size_t i = 0; i < form->count; i++)
    buffer_print(&out, "%s%s=%s", i ? "&" : "", url_encode(cx->arena, form->pairs[i].name), url_encode(cx->arena, form->pairs[i].value));
  assert(form_read(cx, fuzz_bytes(buffer_string(&out)), &again) == OK && again.count == form->count);
  for (size_t i = 0; i < form->count; i++)
    assert(text_equal(again.pairs[i].name, form->pairs[i].name) && text_equal(again.pairs[i].value, form->pairs[i].value));
}

static bool is_scalar(const struct field *field)
{
  return field->type == FIELD_TEXT || field->type == FIELD_I64 || field->type == FIELD_BOOL || field->type == FIELD_REAL;
}

/* The scalars of the record as a form shows them, read again. */
static void check_shown(struct cx *cx, const struct record_type *type, const void *record)
{
  struct form_pair *pairs = ARENA_ARRAY(cx->arena, type->field_count, struct form_pair);
  struct form form = {pairs, 0};
  void *again = arena_alloc(cx->arena, type->size);
  for (size_t i = 0; i < type->field_count; i++)
    if (is_scalar(&type->fields[i])) pairs[form.count++] = (struct form_pair){type->fields[i].name, record_show(cx->arena, &type->fields[i], record)};
  cx_reset_problems(cx);
  enum err err = record_read_form(cx, type, &form, again);
  for (size_t i = 0; i < cx->problems.count; i++) {
    const struct field *field = record_field(type, cx->problems.items[i].field);
    assert(!field || !is_scalar(field)); /* lists and nested records were left out */
  }
  assert(err == OK || cx->problems.count > 0);
  for (size_t i = 0; i < type->field_count; i++)
    if (is_scalar(&type->fields[i]))
      assert(text_equal(record_show(cx->arena, &type->fields[i], record), record_show(cx->arena, &type->fields[i], again)));
}

static void check_record(struct cx *cx, const struct record_type *type, const struct form *form)
{
  void *record = arena_alloc(cx->arena, type->size), *again = arena_alloc(cx->arena, type->size);
  enum err err = record_read_form(cx, type, form, record);
  fuzz_judge(cx, err);
  if (err) return;
  struct buffer json;
  buffer_init(&json, cx->arena);
  record_write_json(&json, type, record);
  assert(record_read_json(cx, type, buffer_bytes(&json), again) == OK);
  check_shown(cx, type, record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size == 0) return 0;
  struct cx *cx = fuzz_cx();
  struct form form;
  enum err err = form_read(cx, (struct bytes){data + 1, size - 1}, &form);
  fuzz_judge(cx, err);
  if (!err) {
    check_pairs(cx, &form);
    check_record(cx, types[data[0] % (sizeof types / sizeof types[0])], &form);
  }
  cx_free_alone(cx);
  return 0;
}
