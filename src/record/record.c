/* Field tables: finding a field. Reading and writing stand in json.c and form.c. */
#include "record/record.h"

#include "base/text.h"

const struct field *record_field(const struct record_type *type, const char *name)
{
  for (size_t i = 0; i < type->field_count; i++)
    if (text_equal(type->fields[i].name, name)) return &type->fields[i];
  return NULL;
}
