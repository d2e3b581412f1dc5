/* Unit files: official lists as comma-separated values. A file is checked whole before a row is written. */
#include "people/unit_inner.h"

#include "base/text.h"
#include "people/csv.h"
#include <stdlib.h>
#include <string.h>

enum unit_column { CODE, NAME, TYPE, PARENT, LEVEL, FROM, TO, AGENCY_CODE, ADDRESS, PHONE, HOURS, UNIT_COLUMNS };
static const struct csv_column unit_columns[UNIT_COLUMNS] = {
  [CODE] = {"code", true}, [NAME] = {"name", true}, [TYPE] = {"type", true}, [PARENT] = {"parent_code", true}, [LEVEL] = {"level", true},
  [FROM] = {"valid_from", true}, [TO] = {"valid_to", true}, [AGENCY_CODE] = {"agency_code", false}, [ADDRESS] = {"address", false},
  [PHONE] = {"phone", false}, [HOURS] = {"hours", false},
};

enum code_column { CODE_UNIT, CODE_FROM, CODE_TO, CODE_CODE, CODE_COLUMNS };
static const struct csv_column code_columns[CODE_COLUMNS] = {
  [CODE_UNIT] = {"unit", true}, [CODE_FROM] = {"valid_from", true}, [CODE_TO] = {"valid_to", true}, [CODE_CODE] = {"agency_code", true},
};

/* What a value must be, besides text. */
static const char *const levels[] = {"nation", "ministry", "province", "district", "commune", "office", NULL};

static bool level_is_known(const char *level)
{
  for (size_t i = 0; levels[i]; i++)
    if (text_equal(levels[i], level)) return true;
  return false;
}

static bool code_is_good(const char *code)
{
  size_t size = strlen(code);
  return size >= 1 && size <= 64 && strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == size;
}

static enum err read_day(struct cx *cx, const struct csv *csv, size_t row, const char *value, const char *column, int64_t otherwise, int64_t *out)
{
  struct date date;
  *out = otherwise;
  if (text_empty(value)) return OK;
  if (!date_read_iso(value, &date)) return csv_fail(cx, "account.error.csv_date", csv, row, column);
  *out = date_to_days(date);
  return OK;
}

static const char *or_null(const char *text)
{
  return text_empty(text) ? NULL : text;
}

static enum err read_unit(struct cx *cx, const struct csv *csv, size_t row, struct unit *out)
{
  const char **value = csv->rows[row];
  *out = (struct unit){.code = value[CODE], .name = value[NAME], .kind = value[TYPE], .parent = or_null(value[PARENT]), .level = value[LEVEL],
                       .agency_code = or_null(value[AGENCY_CODE]), .address = or_null(value[ADDRESS]), .phone = or_null(value[PHONE]),
                       .hours = or_null(value[HOURS])};
  enum err err = read_day(cx, csv, row, value[FROM], "valid_from", FIRST_DAY, &out->valid_from);
  if (!err) err = read_day(cx, csv, row, value[TO], "valid_to", LAST_DAY, &out->valid_to);
  if (err) return err;
  if (!code_is_good(out->code)) return csv_fail(cx, "account.error.csv_code", csv, row, "code");
  if (text_empty(out->name)) return csv_fail(cx, "account.error.csv_empty", csv, row, "name");
  if (text_empty(out->kind)) return csv_fail(cx, "account.error.csv_empty", csv, row, "type");
  if (!level_is_known(out->level)) return csv_fail(cx, "account.error.csv_level", csv, row, "level");
  if (out->parent && !code_is_good(out->parent)) return csv_fail(cx, "account.error.csv_code", csv, row, "parent_code");
  if (out->valid_from > out->valid_to) return csv_fail(cx, "account.error.csv_dates", csv, row, "valid_to");
  return OK;
}

/* One code's days within a file, to find two rows that claim the same day. */
struct claim { const char *code; int64_t from, to; size_t row; };

static int claim_compare(const void *a, const void *b)
{
  const struct claim *left = a, *right = b;
  int order = strcmp(left->code, right->code);
  return order ? order : (left->from > right->from) - (left->from < right->from);
}

/* The later row of two that overlap; NO_ROW: none do. */
static size_t find_overlap(struct claim *claims, size_t count)
{
  if (count) qsort(claims, count, sizeof *claims, claim_compare);
  for (size_t i = 1; i < count; i++)
    if (text_equal(claims[i - 1].code, claims[i].code) && claims[i].from <= claims[i - 1].to)
      return claims[i].row > claims[i - 1].row ? claims[i].row : claims[i - 1].row;
  return NO_ROW;
}

static enum err read_units(struct cx *cx, const struct csv *csv, struct unit *units)
{
  struct claim *claims = ARENA_ARRAY(cx->arena, csv->row_count, struct claim);
  for (size_t i = 0; i < csv->row_count; i++) {
    enum err err = read_unit(cx, csv, i, &units[i]);
    if (err) return err;
    claims[i] = (struct claim){units[i].code, units[i].valid_from, units[i].valid_to, i};
  }
  size_t overlap = find_overlap(claims, csv->row_count);
  return overlap == NO_ROW ? OK : csv_fail(cx, "account.error.csv_overlap", csv, overlap, "code");
}

enum err unit_import(struct cx *cx, struct people *people, struct bytes text, int64_t *count)
{
  struct csv csv;
  enum err err = csv_read(cx, text, unit_columns, UNIT_COLUMNS, &csv);
  if (err) return err;
  struct unit *units = ARENA_ARRAY(cx->arena, csv.row_count, struct unit);
  err = read_units(cx, &csv, units);
  if (err) return err;
  struct unit_writing writing = {.units = units, .unit_count = csv.row_count, .subject = "import"};
  err = unit_write(cx, people, &writing);
  if (writing.wrong_parent != NO_ROW) return csv_fail(cx, "account.error.csv_parent", &csv, writing.wrong_parent, "parent_code");
  if (writing.wrong_code != NO_ROW) return csv_fail(cx, "account.error.csv_agency_code", &csv, writing.wrong_code, "agency_code");
  if (!err) *count = (int64_t)csv.row_count;
  return err;
}

static enum err read_code(struct cx *cx, const struct csv *csv, size_t row, struct agency_code *out)
{
  const char **value = csv->rows[row];
  *out = (struct agency_code){.unit = value[CODE_UNIT], .code = value[CODE_CODE]};
  enum err err = read_day(cx, csv, row, value[CODE_FROM], "valid_from", FIRST_DAY, &out->valid_from);
  if (!err) err = read_day(cx, csv, row, value[CODE_TO], "valid_to", LAST_DAY, &out->valid_to);
  if (err) return err;
  if (!code_is_good(out->unit)) return csv_fail(cx, "account.error.csv_code", csv, row, "unit");
  if (!code_is_good(out->code)) return csv_fail(cx, "account.error.csv_code", csv, row, "agency_code");
  if (out->valid_from > out->valid_to) return csv_fail(cx, "account.error.csv_dates", csv, row, "valid_to");
  return OK;
}

enum err unit_import_codes(struct cx *cx, struct people *people, struct bytes text, int64_t *count)
{
  struct csv csv;
  enum err err = csv_read(cx, text, code_columns, CODE_COLUMNS, &csv);
  if (err) return err;
  struct agency_code *codes = ARENA_ARRAY(cx->arena, csv.row_count, struct agency_code);
  struct claim *claims = ARENA_ARRAY(cx->arena, csv.row_count, struct claim);
  for (size_t i = 0; i < csv.row_count; i++) {
    err = read_code(cx, &csv, i, &codes[i]);
    if (err) return err;
    claims[i] = (struct claim){codes[i].unit, codes[i].valid_from, codes[i].valid_to, i};
  }
  size_t overlap = find_overlap(claims, csv.row_count);
  if (overlap != NO_ROW) return csv_fail(cx, "account.error.csv_overlap", &csv, overlap, "unit");
  struct unit_writing writing = {.codes = codes, .code_count = csv.row_count, .subject = "import_codes"};
  err = unit_write(cx, people, &writing);
  if (writing.wrong_code != NO_ROW) return csv_fail(cx, "account.error.csv_agency_code", &csv, writing.wrong_code, "agency_code");
  if (!err) *count = (int64_t)csv.row_count;
  return err;
}
