/* Fuzzer of comma-separated values: rows that were read and are written with quotes read the same. */
#include "fuzz.h"

#include "people/csv.h"

enum { COLUMNS = 5 };
static const struct csv_column columns[COLUMNS] = {{"code", true}, {"name", true}, {"type", false}, {"parent_code", false}, {"valid_from", false}};

static void value_write(struct buffer *out, const char *value)
{
  buffer_char(out, '"');
  for (const char *c = value; *c; c++) buffer_text(out, *c == '"' ? "\"\"" : (char[]){*c, '\0'});
  buffer_char(out, '"');
}

/* A column that was not there gives NULL in each row, and is not written. */
static const char *csv_write(struct arena *arena, const struct csv *csv)
{
  struct buffer out;
  buffer_init(&out, arena);
  for (size_t row = 0; row <= csv->row_count; row++) {
    bool any = false;
    for (size_t i = 0; i < COLUMNS; i++) {
      if (!csv->rows[0][i]) continue;
      if (any) buffer_char(&out, ',');
      any = true;
      value_write(&out, row == 0 ? columns[i].name : csv->rows[row - 1][i]);
    }
    buffer_text(&out, "\r\n");
  }
  return buffer_string(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct cx *cx = fuzz_cx();
  struct csv csv, again;
  enum err err = csv_read(cx, (struct bytes){data, size}, columns, COLUMNS, &csv);
  fuzz_judge(cx, err);
  if (!err && csv.row_count) {
    assert(csv_read(cx, fuzz_bytes(csv_write(cx->arena, &csv)), columns, COLUMNS, &again) == OK && again.row_count == csv.row_count);
    for (size_t row = 0; row < csv.row_count; row++)
      for (size_t i = 0; i < COLUMNS; i++) assert(text_equal(again.rows[row][i], csv.rows[row][i]));
  }
  cx_free_alone(cx);
  return 0;
}
