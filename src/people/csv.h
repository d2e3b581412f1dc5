/* Comma-separated values (RFC 4180) as records of text: one row a line, columns found by the names in the first line.
 * Quoted values may hold commas and quotes ("" for one), no line ends. Values are cleaned text (TEXT_LINE); "" stays "". */
#ifndef PEOPLE_CSV_H
#define PEOPLE_CSV_H

#include "base/buffer.h"
#include "base/cx.h"

enum { CSV_COLUMNS_MAX = 32, CSV_ROWS_MAX = 20000 };

struct csv_column { const char *name; bool required; /* the column must be there */ };

/* Rows of `count` values in the order of the columns asked for; a column that is not there gives NULL. */
struct csv { const char ***rows; const int64_t *lines; size_t row_count; };

/* ERR_INPUT: "account.error.csv" with line and column; "account.error.csv_column", "account.error.csv_missing" about the first line.
 * A byte order mark is skipped. */
MUST_USE enum err csv_read(struct cx *cx, struct bytes text, const struct csv_column *columns, size_t count, struct csv *out);
/* Fails with the word key about one value: field is the column's name, {line} the line. */
enum err csv_fail(struct cx *cx, const char *key, const struct csv *csv, size_t row, const char *column);

#endif
