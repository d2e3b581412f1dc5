/* How text is set: one font family on its own font map, and no character that it does not have. */
#include "paper/inner.h"

#include "base/text.h"

static const char font_family[] = "Tinos";

void type_close(struct paper *paper)
{
  if (paper->font) g_object_unref(paper->font);
  if (paper->context) g_object_unref(paper->context);
  if (paper->fonts) g_object_unref(paper->fonts);
  paper->font = NULL;
  paper->context = NULL;
  paper->fonts = NULL;
}

/* Without the font a paper would come out in another one, with other line breaks: better none. */
static void check_font(struct paper *paper)
{
  PangoFontDescription *wish = pango_font_description_from_string(font_family);
  paper->font = pango_font_map_load_font(paper->fonts, paper->context, wish);
  PangoFontDescription *found = paper->font ? pango_font_describe(paper->font) : NULL;
  if (!found || !text_equal(pango_font_description_get_family(found), font_family))
    paper_failed(paper, ERR_INTERNAL, "the font of official papers is not installed");
  if (found) pango_font_description_free(found);
  pango_font_description_free(wish);
}

void type_open(struct paper *paper)
{
  paper->fonts = pango_cairo_font_map_new();
  pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(paper->fonts), 72);
  paper->context = pango_font_map_create_context(paper->fonts);
  cairo_font_options_t *options = cairo_font_options_create();
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options(paper->context, options);
  cairo_font_options_destroy(options);
  pango_context_set_round_glyph_positions(paper->context, FALSE);
  pango_context_set_language(paper->context, pango_language_from_string("vi"));
  check_font(paper);
}

/* What is printed for a character that the font lacks; 0: nothing. */
static gunichar substitute(gunichar c)
{
  switch (c) {
  case 0x2610: return 0x25a1;              /* an empty box */
  case 0x2611: case 0x2612: return 0x25a0; /* a ticked one */
  default: break;
  }
  switch (g_unichar_type(c)) {
  case G_UNICODE_FORMAT: return 0;
  case G_UNICODE_SPACE_SEPARATOR: return ' ';
  default: return 0x25a1;
  }
}

/* The text itself where the font has all of it, as it nearly always does. Else another font would be embedded for the rest. */
static const char *printable(struct paper *paper, const char *text)
{
  const char *at = text;
  while (*at && (*at == '\n' || *at == '\t' || !paper->font || pango_font_has_char(paper->font, g_utf8_get_char(at)))) at = g_utf8_next_char(at);
  if (!*at) return text;
  struct buffer out;
  buffer_init(&out, paper->cx->arena);
  buffer_add(&out, text, (size_t)(at - text));
  for (; *at; at = g_utf8_next_char(at)) {
    gunichar c = g_utf8_get_char(at);
    if (c != '\n' && c != '\t' && !pango_font_has_char(paper->font, c)) c = substitute(c);
    char bytes[6];
    if (c) buffer_add(&out, bytes, (size_t)g_unichar_to_utf8(c, bytes));
  }
  return buffer_string(&out);
}

PangoLayout *paper_layout(struct paper *paper, const char *text, double size, unsigned style, double width, enum paper_align align)
{
  static const PangoAlignment alignments[] = {PANGO_ALIGN_LEFT, PANGO_ALIGN_CENTER, PANGO_ALIGN_RIGHT, PANGO_ALIGN_LEFT};
  PangoLayout *layout = pango_layout_new(paper->context);
  PangoFontDescription *font = pango_font_description_from_string(font_family);
  if (style & PAPER_SMALL) size = TYPE_SMALL;
  pango_font_description_set_size(font, (int)(size * paper->scale * PANGO_SCALE));
  if (style & PAPER_BOLD) pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD);
  if (style & PAPER_ITALIC) pango_font_description_set_style(font, PANGO_STYLE_ITALIC);
  pango_layout_set_font_description(layout, font);
  pango_font_description_free(font);
  PangoAttrList *attributes = pango_attr_list_new();
  pango_attr_list_insert(attributes, pango_attr_fallback_new(FALSE)); /* one family, whatever the text */
  pango_layout_set_attributes(layout, attributes);
  pango_attr_list_unref(attributes);
  if (width > 0) pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
  pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_alignment(layout, alignments[align]);
  pango_layout_set_justify(layout, align == PAPER_JUSTIFY);
  pango_layout_set_text(layout, text ? printable(paper, text) : "", -1);
  return layout;
}

double layout_height(PangoLayout *layout)
{
  int height;
  pango_layout_get_size(layout, NULL, &height);
  return (double)height / PANGO_SCALE;
}

double layout_width(PangoLayout *layout)
{
  PangoRectangle logical;
  pango_layout_get_extents(layout, NULL, &logical);
  return (double)logical.width / PANGO_SCALE;
}

void layout_draw(struct paper *paper, PangoLayout *layout, double x, double y)
{
  cairo_move_to(paper->cairo, x, y);
  pango_cairo_show_layout(paper->cairo, layout);
}

void draw_text(struct paper *paper, const char *text, double size, unsigned style, double x, double width, enum paper_align align, double *y)
{
  if (text_empty(text)) return;
  PangoLayout *layout = paper_layout(paper, text, size, style, width, align);
  layout_draw(paper, layout, x, *y);
  *y += layout_height(layout);
  g_object_unref(layout);
}

void draw_rule(struct paper *paper, double x, double y, double length)
{
  cairo_set_line_width(paper->cairo, 0.7);
  cairo_move_to(paper->cairo, x, y);
  cairo_rel_line_to(paper->cairo, length, 0);
  cairo_stroke(paper->cairo);
}

double balanced_width(struct paper *paper, const char *text, double size, unsigned style, double width)
{
  PangoLayout *layout = paper_layout(paper, text, size, style, width, PAPER_LEFT);
  int lines = pango_layout_get_line_count(layout);
  double low = width / 2, high = width;
  while (lines > 1 && high - low > 2) {
    double middle = (low + high) / 2;
    pango_layout_set_width(layout, (int)(middle * PANGO_SCALE));
    if (pango_layout_get_line_count(layout) > lines) low = middle;
    else high = middle;
  }
  g_object_unref(layout);
  return high;
}
