/* Bordered tables. A row stays whole where a page can hold it; one that no page can hold is cut between lines. The head is
 * repeated on each page. */
#include "paper/inner.h"

#include "base/text.h"
#include <assert.h>
#include <math.h>
#include <string.h>

enum { COLUMNS_MAX = 20 };

/* One row that is being drawn: a layout per column. */
struct row { size_t columns; PangoLayout *cells[COLUMNS_MAX]; double x[COLUMNS_MAX + 1]; int lines; double line_height, padding; };

static void columns_measure(struct paper *paper, const struct paper_table *table, double *x)
{
  double whole = paper->right - paper->left, sum = 0;
  for (size_t i = 0; i < table->columns; i++) sum += table->widths ? table->widths[i] : 1;
  x[0] = paper->left;
  for (size_t i = 0; i < table->columns; i++) x[i + 1] = x[i] + whole * (table->widths ? table->widths[i] : 1) / sum;
}

/* A count or an ordinal stands in the middle of its column. */
static enum paper_align cell_align(const char *cell, bool head)
{
  return head || (cell && strlen(cell) <= 4 && text_is_digits(cell, strlen(cell))) ? PAPER_CENTRE : PAPER_LEFT;
}

static struct row row_set(struct paper *paper, const struct paper_table *table, const char *const *cells, bool head)
{
  struct row row = {.columns = table->columns, .padding = 1.2 * MM * paper->scale};
  columns_measure(paper, table, row.x);
  for (size_t i = 0; i < row.columns; i++) {
    double width = row.x[i + 1] - row.x[i] - 2 * row.padding;
    row.cells[i] = paper_layout(paper, cells[i], TYPE_TABLE, head ? PAPER_BOLD : PAPER_PLAIN, width, cell_align(cells[i], head));
    int lines = pango_layout_get_line_count(row.cells[i]);
    if (lines > row.lines) row.lines = lines;
    row.line_height = fmax(row.line_height, layout_height(row.cells[i]) / lines);
  }
  return row;
}

static void row_done(struct row *row)
{
  for (size_t i = 0; i < row->columns; i++) g_object_unref(row->cells[i]);
}

static double row_height(const struct row *row, int lines)
{
  return lines * row->line_height + 2 * row->padding;
}

/* Lines from … from + count of one cell, in the middle of the slice's height when the cell has fewer. */
static void cell_draw(struct paper *paper, const struct row *row, size_t column, int from, int count, bool whole)
{
  PangoLayout *cell = row->cells[column];
  int lines = pango_layout_get_line_count(cell);
  double y = paper->y + row->padding;
  if (whole) y += (count - lines) * row->line_height / 2;
  PangoLayoutIter *iter = pango_layout_get_iter(cell);
  for (int i = 0; i < lines && i < from + count; i++, pango_layout_iter_next_line(iter)) {
    if (i < from) continue;
    PangoRectangle line;
    pango_layout_iter_get_line_extents(iter, NULL, &line);
    double rise = (double)(pango_layout_iter_get_baseline(iter) - line.y) / PANGO_SCALE;
    cairo_move_to(paper->cairo, row->x[column] + row->padding + (double)line.x / PANGO_SCALE, y + (i - from) * row->line_height + rise);
    pango_cairo_show_layout_line(paper->cairo, pango_layout_iter_get_line_readonly(iter));
  }
  pango_layout_iter_free(iter);
}

static void slice_draw(struct paper *paper, const struct row *row, int from, int count)
{
  double height = row_height(row, count);
  cairo_set_line_width(paper->cairo, 0.6);
  for (size_t i = 0; i < row->columns; i++) {
    cairo_rectangle(paper->cairo, row->x[i], paper->y, row->x[i + 1] - row->x[i], height);
    cairo_stroke(paper->cairo);
    cell_draw(paper, row, i, from, count, from == 0 && count == row->lines);
  }
  paper->y += height;
}

static void head_draw(struct paper *paper, const struct paper_table *table)
{
  struct row head = row_set(paper, table, table->heads, true);
  slice_draw(paper, &head, 0, head.lines);
  row_done(&head);
}

static int lines_that_fit(const struct paper *paper, const struct row *row)
{
  return (int)((paper->bottom - paper->y - 2 * row->padding) / row->line_height);
}

/* Nothing is cut that the next page can hold whole; after a break at least a line is drawn, so that it ends. */
static void row_draw(struct paper *paper, const struct paper_table *table, const struct row *row)
{
  bool moved = false;
  for (int from = 0; from < row->lines && !paper->err;) {
    int left = row->lines - from, fit = lines_that_fit(paper, row);
    bool next_holds = row_height(row, left) < (paper->bottom - paper->top) * 0.7;
    if (moved && fit < 1) fit = 1;
    if (fit > left) fit = left;
    if (fit == left || (fit >= 1 && (moved || !next_holds))) {
      slice_draw(paper, row, from, fit);
      from += fit;
    }
    if (from == row->lines) break;
    page_break(paper);
    head_draw(paper, table);
    moved = true;
  }
}

void paper_table(struct paper *paper, const struct paper_table *table)
{
  assert(table->columns > 0 && table->columns <= COLUMNS_MAX);
  block_begin(paper);
  page_need(paper, 25 * MM * paper->scale); /* no head alone at the foot of a page */
  head_draw(paper, table);
  for (size_t i = 0; i < table->rows; i++) {
    struct row row = row_set(paper, table, table->cells + i * table->columns, false);
    row_draw(paper, table, &row);
    row_done(&row);
  }
  paper->y += 2.5 * MM * paper->scale;
}
