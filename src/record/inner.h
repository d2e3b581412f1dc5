/* What the readers of JSON and of forms share: where a field stands, how a wrong one is named, and the rules of a value. */
#ifndef RECORD_INNER_H
#define RECORD_INNER_H

#include "record/record.h"

/* One record being read. */
struct reading {
  struct cx *cx;
  const char *prefix; /* "", "head." or "sectors[0]." */
  bool *wrong;        /* set by the first problem */
};

void *field_at(const struct field *field, void *record);
const void *field_of(const struct field *field, const void *record);
/* Is it an int64_t whose absence is NONE_DATE? */
bool field_may_be_none(const struct field *field);
size_t field_rows_max(const struct field *field);
/* All zero; dates and times none. */
void record_clear(const struct record_type *type, void *record);

/* Notes the problem under the field's whole path. The argument's name may be NULL. */
void reading_fail(const struct reading *reading, const char *name, const char *key, const char *arg, const char *value);
/* The reading of a part: row < 0: of a nested record. */
struct reading reading_of_part(const struct reading *whole, const char *name, int64_t row);

/* Each takes one value that was given, checks it against its field and puts it into the record, or notes a problem. */
void take_text(const struct reading *reading, const struct field *field, void *record, const char *data, size_t size);
void take_i64(const struct reading *reading, const struct field *field, void *record, int64_t value);
void take_real(const struct reading *reading, const struct field *field, void *record, double value);

#endif
