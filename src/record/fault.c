/* Faults of a field table that no compiler finds. */
#include "record/inner.h"

#include "base/text.h"

static bool form_fits(const struct field *field)
{
  switch (field->form) {
  case FORM_PLAIN: return true;
  case FORM_TIME:
  case FORM_DATE:
  case FORM_MONEY: return field->type == FIELD_I64;
  case FORM_SECRET: return field->type == FIELD_TEXT || field->type == FIELD_BYTES;
  default: return field->type == FIELD_TEXT;
  }
}

static bool is_part(const struct field *field)
{
  return field->type == FIELD_RECORD || field->type == FIELD_LIST;
}

static const char *field_fault(const struct record_type *type, const struct field *field, bool nested)
{
  if (record_field(type, field->name) != field) return "a name stands there twice";
  if (field->offset >= type->size) return "a field lies outside the record";
  if (!form_fits(field)) return "a form does not fit the type";
  if (field->form == FORM_DIGITS && field->max <= 0) return "digits without their number";
  if (field->max < 0 || (field->max && field->min > field->max)) return "the least is over the greatest";
  if (field->choices && field->type != FIELD_TEXT) return "choices of something that is no text";
  if (is_part(field) != (field->of != NULL)) return "a part without its type, or a type without a part";
  if (is_part(field) && nested) return "parts of parts";
  return NULL;
}

static const char *type_fault(const struct record_type *type, bool nested)
{
  for (size_t i = 0; i < type->field_count; i++) {
    const struct field *field = &type->fields[i];
    const char *fault = field_fault(type, field, nested);
    if (!fault && is_part(field)) fault = type_fault(field->of, true);
    if (fault) return fault;
  }
  return NULL;
}

const char *record_type_fault(const struct record_type *type)
{
  return type_fault(type, false);
}
