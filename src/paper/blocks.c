/* The head with national name and motto, titles, running text and the lines of forms. */
#include "paper/inner.h"

#include "base/text.h"
#include <math.h>
#include <string.h>

static const char national_name[] = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM";
static const char motto[] = "Độc lập - Tự do - Hạnh phúc";

/* A text in the middle of a column with a rule below it, as long as that part of its last line. */
static void draw_ruled(struct paper *paper, const char *text, double size, double x, double width, double part, double *y)
{
  double narrow = balanced_width(paper, text, size, PAPER_BOLD, width);
  PangoLayout *layout = paper_layout(paper, text, size, PAPER_BOLD, narrow, PAPER_CENTRE);
  PangoRectangle last;
  x += (width - narrow) / 2;
  width = narrow;
  layout_draw(paper, layout, x, *y);
  PangoLayoutLine *line = pango_layout_get_line_readonly(layout, pango_layout_get_line_count(layout) - 1);
  pango_layout_line_get_extents(line, NULL, &last);
  *y += layout_height(layout);
  double length = last.width * part / PANGO_SCALE;
  draw_rule(paper, x + (width - length) / 2, *y + 2, length);
  *y += 5;
  g_object_unref(layout);
}

static double line_width(struct paper *paper, const char *text, double size)
{
  PangoLayout *layout = paper_layout(paper, text, size, PAPER_BOLD, 0, PAPER_LEFT);
  double width = layout_width(layout);
  g_object_unref(layout);
  return width;
}

void paper_head(struct paper *paper, const struct paper_head *head)
{
  double right_width = line_width(paper, national_name, TYPE_MOTTO) + 1; /* it must stand on one line */
  double right = paper->right - right_width, left_width = right - paper->left - 4 * MM * paper->scale;
  double left_y = paper->y, right_y = paper->y;
  if (!text_empty(head->above)) {
    double narrow = balanced_width(paper, head->above, TYPE_MOTTO, PAPER_PLAIN, left_width);
    draw_text(paper, head->above, TYPE_MOTTO, PAPER_PLAIN, paper->left + (left_width - narrow) / 2, narrow, PAPER_CENTRE, &left_y);
  }
  if (!text_empty(head->agency)) draw_ruled(paper, head->agency, TYPE_MOTTO, paper->left, left_width, 0.4, &left_y);
  if (!head->without_motto) {
    draw_text(paper, national_name, TYPE_MOTTO, PAPER_BOLD, right, right_width, PAPER_CENTRE, &right_y);
    draw_ruled(paper, motto, TYPE_BODY, right, right_width, 1, &right_y);
  }
  /* Number and date stand on one line, whichever column is longer. */
  double y = fmax(left_y, right_y) + 1 * MM, date_y = y;
  draw_text(paper, head->number, TYPE_BODY, PAPER_PLAIN, paper->left, left_width, PAPER_CENTRE, &y);
  draw_text(paper, head->place_date, TYPE_BODY, PAPER_ITALIC, right, right_width, PAPER_CENTRE, &date_y);
  paper->y = fmax(y, date_y) + 3 * MM * paper->scale;
}

/* In the middle of the sheet when both sides of it are free of the QR, else in the middle of what the QR leaves. */
static double title_width(struct paper *paper, const char *title, double whole)
{
  if (paper->page > 1 || paper->y >= paper->qr_bottom) return whole;
  double beside = whole - paper->qr_width - 4 * MM, between = beside - paper->qr_width - 4 * MM;
  return line_width(paper, title, TYPE_TITLE) < between ? between : beside;
}

void paper_title(struct paper *paper, const char *title, const char *subtitle)
{
  const char *capitals = text_upper(paper->cx->arena, title);
  qr_place(paper);
  page_need(paper, 20 * MM);
  double whole = paper->right - paper->left, width = title_width(paper, capitals, whole);
  double beside = whole - paper->qr_width - 4 * MM;
  double x = width < beside ? paper->left + (whole - width) / 2 : paper->left;
  double y = paper->y + 5 * MM * paper->scale;
  double narrow = balanced_width(paper, capitals, TYPE_TITLE, PAPER_BOLD, width);
  draw_text(paper, capitals, TYPE_TITLE, PAPER_BOLD, x + (width - narrow) / 2, narrow, PAPER_CENTRE, &y);
  if (!text_empty(subtitle)) {
    y += 1 * MM;
    draw_text(paper, subtitle, TYPE_BODY, PAPER_ITALIC, x, width, PAPER_CENTRE, &y);
  }
  paper->y = y + 5 * MM * paper->scale;
}

/* Line by line, so that a long text goes on over the page's end. */
static void flow(struct paper *paper, PangoLayout *layout, double x)
{
  PangoLayoutIter *iter = pango_layout_get_iter(layout);
  do {
    PangoRectangle line;
    pango_layout_iter_get_line_extents(iter, NULL, &line);
    double height = (double)line.height / PANGO_SCALE;
    double rise = (double)(pango_layout_iter_get_baseline(iter) - line.y) / PANGO_SCALE;
    page_need(paper, height);
    cairo_move_to(paper->cairo, x + (double)line.x / PANGO_SCALE, paper->y + rise);
    pango_cairo_show_layout_line(paper->cairo, pango_layout_iter_get_line_readonly(iter));
    paper->y += height;
  } while (pango_layout_iter_next_line(iter));
  pango_layout_iter_free(iter);
}

void paper_text(struct paper *paper, const char *text, enum paper_align align, unsigned style)
{
  block_begin(paper);
  if (text_empty(text)) return;
  PangoLayout *layout = paper_layout(paper, text, TYPE_BODY, style, paper->right - paper->left, align);
  if (align == PAPER_JUSTIFY) pango_layout_set_indent(layout, (int)(10 * MM * paper->scale * PANGO_SCALE));
  flow(paper, layout, paper->left);
  paper->y += 1.2 * MM * paper->scale;
  g_object_unref(layout);
}

void paper_space(struct paper *paper, double mm)
{
  block_begin(paper);
  paper->y += mm * MM;
}

/* Dots from x to the end of the column, on the line's foot. */
static void draw_dots(struct paper *paper, double x, double end, double y)
{
  static const double dots[] = {0, 2.4};
  cairo_save(paper->cairo);
  cairo_set_line_cap(paper->cairo, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_width(paper->cairo, 0.8);
  cairo_set_dash(paper->cairo, dots, 2, 0);
  cairo_move_to(paper->cairo, x, y);
  cairo_line_to(paper->cairo, end, y);
  cairo_stroke(paper->cairo);
  cairo_restore(paper->cairo);
}

static PangoLayout *line_layout(struct paper *paper, const char *label, const char *value, bool bold_value, double width)
{
  const char *colon = *label && label[strlen(label) - 1] == ':' ? " " : ": ";
  const char *text = arena_print(paper->cx->arena, "%s%s%s", label, colon, value ? value : "");
  PangoLayout *layout = paper_layout(paper, text, TYPE_BODY, PAPER_PLAIN, width, PAPER_LEFT);
  if (bold_value && !text_empty(value)) {
    PangoAttrList *attributes = pango_attr_list_copy(pango_layout_get_attributes(layout));
    PangoAttribute *bold = pango_attr_weight_new(PANGO_WEIGHT_BOLD);
    bold->start_index = (guint)(strlen(text) - strlen(value));
    pango_attr_list_insert(attributes, bold);
    pango_layout_set_attributes(layout, attributes);
    pango_attr_list_unref(attributes);
  }
  return layout;
}

/* Behind the label of a value that is to be written by hand. */
static void draw_blank(struct paper *paper, PangoLayout *layout, double x, double width)
{
  PangoLayoutLine *line = pango_layout_get_line_readonly(layout, pango_layout_get_line_count(layout) - 1);
  PangoRectangle last;
  pango_layout_line_get_extents(line, NULL, &last);
  double foot = (double)pango_layout_get_baseline(layout) / PANGO_SCALE;
  if (pango_layout_get_line_count(layout) > 1) foot = layout_height(layout) - 3 * paper->scale;
  draw_dots(paper, x + (double)last.width / PANGO_SCALE + 2, x + width, paper->y + foot);
}

void paper_line(struct paper *paper, const char *label, const char *value, bool bold_value)
{
  block_begin(paper);
  double width = paper->right - paper->left;
  PangoLayout *layout = line_layout(paper, label, value, bold_value, width);
  if (text_empty(value)) {
    page_need(paper, layout_height(layout));
    draw_blank(paper, layout, paper->left, width);
  }
  flow(paper, layout, paper->left);
  paper->y += 1.2 * MM * paper->scale;
  g_object_unref(layout);
}

void paper_lines(struct paper *paper, const char *left_label, const char *left, const char *right_label, const char *right)
{
  block_begin(paper);
  double gap = 4 * MM, width = (paper->right - paper->left - gap) / 2, right_x = paper->left + width + gap;
  PangoLayout *first = line_layout(paper, left_label, left, false, width), *second = line_layout(paper, right_label, right, false, width);
  double height = fmax(layout_height(first), layout_height(second));
  page_need(paper, height);
  if (text_empty(left)) draw_blank(paper, first, paper->left, width);
  if (text_empty(right)) draw_blank(paper, second, right_x, width);
  layout_draw(paper, first, paper->left, paper->y);
  layout_draw(paper, second, right_x, paper->y);
  paper->y += height + 1.2 * MM * paper->scale;
  g_object_unref(first);
  g_object_unref(second);
}
