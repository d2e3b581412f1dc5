/* Reads comma-separated values strictly: what is not well formed is refused with its line. */
#include "people/csv.h"

#include "base/text.h"
#include <string.h>

struct reader {
  struct cx *cx;
  const char *at, *end;
  int64_t line;
  size_t found;                        /* columns of the first line */
  int wanted_of[CSV_COLUMNS_MAX];      /* which wanted column it is; -1: none */
};

static enum err fail_line(struct cx *cx, const char *key, int64_t line, const char *column)
{
  return cx_fail(cx, ERR_INPUT, column, key, "line", arena_print(cx->arena, "%lld", (long long)line), "column", column, NULL);
}

enum err csv_fail(struct cx *cx, const char *key, const struct csv *csv, size_t row, const char *column)
{
  return fail_line(cx, key, csv->lines[row], column);
}

/* What stands up to the next comma or line end, without its quotes. false: not well formed. */
static bool take_value(struct reader *reader, struct buffer *value)
{
  bool quoted = reader->at < reader->end && *reader->at == '"', open = quoted;
  if (quoted) reader->at++;
  for (; reader->at < reader->end; reader->at++) {
    char c = *reader->at;
    bool twice = c == '"' && reader->at + 1 < reader->end && reader->at[1] == '"';
    if (open && c == '"' && !twice) { open = false; continue; }
    if (open && twice) reader->at++;
    if (!open && (c == ',' || c == '\n' || c == '\r')) break;
    if (!open && (quoted || c == '"')) return false;
    buffer_char(value, c);
  }
  return !open;
}

/* The next value; *last: it ended its line. NULL: not well formed. */
static const char *read_value(struct reader *reader, bool *last)
{
  struct buffer value;
  buffer_init(&value, reader->cx->arena);
  if (!take_value(reader, &value)) return NULL;
  bool carriage = reader->at < reader->end && *reader->at == '\r';
  if (carriage) reader->at++;
  char end = reader->at < reader->end ? *reader->at++ : '\n';
  if (end != '\n' && (carriage || end != ',')) return NULL;
  *last = end == '\n';
  return text_clean(reader->cx->arena, buffer_string(&value), value.size, TEXT_LINE);
}

static enum err read_header(struct reader *reader, const struct csv_column *columns, size_t count)
{
  bool last = false, seen[CSV_COLUMNS_MAX] = {false};
  while (!last) {
    const char *name = read_value(reader, &last);
    if (!name || reader->found == CSV_COLUMNS_MAX) return fail_line(reader->cx, "account.error.csv", 1, NULL);
    int which = -1;
    for (size_t i = 0; i < count; i++)
      if (text_equal(columns[i].name, name)) which = (int)i;
    if (which < 0 || seen[which]) return cx_fail(reader->cx, ERR_INPUT, name, "account.error.csv_column", "column", name, NULL);
    seen[which] = true;
    reader->wanted_of[reader->found++] = which;
  }
  for (size_t i = 0; i < count; i++)
    if (columns[i].required && !seen[i])
      return cx_fail(reader->cx, ERR_INPUT, columns[i].name, "account.error.csv_missing", "column", columns[i].name, NULL);
  reader->line++;
  return OK;
}

static enum err read_row(struct reader *reader, const struct csv_column *columns, const char **row)
{
  bool last = false;
  int64_t line = reader->line;
  for (size_t i = 0; i < reader->found; i++) {
    const char *name = columns[reader->wanted_of[i]].name, *value = last ? NULL : read_value(reader, &last);
    if (!value || (i + 1 == reader->found && !last)) return fail_line(reader->cx, "account.error.csv", line, name);
    row[reader->wanted_of[i]] = value;
  }
  reader->line++;
  return OK;
}

static size_t lines_of(struct bytes text)
{
  size_t lines = 1;
  for (size_t i = 0; i < text.size; i++) lines += text.data[i] == '\n';
  return lines;
}

enum err csv_read(struct cx *cx, struct bytes text, const struct csv_column *columns, size_t count, struct csv *out)
{
  const char *begin = text.size ? (const char *)text.data : "";
  struct reader reader = {.cx = cx, .at = begin, .end = begin + text.size, .line = 1};
  if (text.size >= 3 && memcmp(begin, "\xEF\xBB\xBF", 3) == 0) reader.at += 3;
  enum err err = read_header(&reader, columns, count);
  if (err) return err;
  size_t room = lines_of(text);
  if (room > CSV_ROWS_MAX) return cx_fail(cx, ERR_TOO_LARGE, NULL, "account.error.csv_long", "max", arena_print(cx->arena, "%d", CSV_ROWS_MAX), NULL);
  int64_t *lines = ARENA_ARRAY(cx->arena, room, int64_t);
  *out = (struct csv){.rows = ARENA_ARRAY(cx->arena, room, const char **), .lines = lines};
  while (reader.at < reader.end) {
    const char **row = ARENA_ARRAY(cx->arena, count, const char *);
    lines[out->row_count] = reader.line;
    out->rows[out->row_count] = row;
    err = read_row(&reader, columns, row);
    if (err) return err;
    out->row_count++;
  }
  return OK;
}
