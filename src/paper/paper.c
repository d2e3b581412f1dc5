/* A paper's life: the sheet, its pages, the watermark and the QR, and the finished PDF. How text is set stands in type.c; the
 * blocks in blocks.c, table.c and signature.c. */
#include "paper/inner.h"

#include "base/text.h"
#include <assert.h>
#include <cairo-pdf.h>
#include <math.h>
#include <qrencode.h>
#include <stdlib.h>

enum { PAGES_MAX = 500, QR_QUIET_MODULES = 2 };

static const double qr_side_mm = 26, watermark_grey = 0.9;

static void paper_close(void *arg)
{
  struct paper *paper = arg;
  type_close(paper);
  if (paper->cairo) cairo_destroy(paper->cairo);
  if (paper->surface) cairo_surface_destroy(paper->surface);
  paper->cairo = NULL;
  paper->surface = NULL;
  buffer_done(&paper->pdf);
}

void paper_failed(struct paper *paper, enum err err, const char *message)
{
  if (paper->err) return;
  paper->err = err;
  cx_log(paper->cx, LOG_ALARM, message, NULL);
}

static cairo_status_t take_bytes(void *arg, const unsigned char *data, unsigned size)
{
  buffer_add(arg, data, size);
  return CAIRO_STATUS_SUCCESS;
}

/* Along the diagonal, under everything else; as outlines, for letters that lie across the page would be mixed into its text by
 * whoever searches, copies or has it read aloud. For them the same words stand once more in the lower margin. */
static void draw_watermark(struct paper *paper)
{
  if (text_empty(paper->wish.watermark)) return;
  PangoLayout *layout = paper_layout(paper, paper->wish.watermark, TYPE_WATERMARK, PAPER_BOLD, 0, PAPER_LEFT);
  double wide = layout_width(layout), high = layout_height(layout);
  double room = hypot(paper->width, paper->height) * 0.86, fit = fmin(1.2, room / wide);
  cairo_save(paper->cairo);
  cairo_set_source_rgb(paper->cairo, watermark_grey, watermark_grey, watermark_grey);
  cairo_translate(paper->cairo, paper->width / 2, paper->height / 2);
  cairo_rotate(paper->cairo, -atan2(paper->height, paper->width));
  cairo_scale(paper->cairo, fit, fit);
  cairo_move_to(paper->cairo, -wide / 2, -high / 2);
  pango_cairo_layout_path(paper->cairo, layout);
  cairo_fill(paper->cairo);
  cairo_restore(paper->cairo);
  g_object_unref(layout);
  double y = paper->bottom + 5 * MM * paper->scale;
  draw_text(paper, paper->wish.watermark, TYPE_CODE, PAPER_PLAIN, paper->left, paper->right - paper->left, PAPER_CENTRE, &y);
}

/* From the second page on the number stands in the middle of the upper margin (Decree 30/2020). */
static void draw_page_number(struct paper *paper)
{
  int number = paper->page - paper->page_before;
  if (number < 2) return;
  double y = paper->top - 8 * MM * paper->scale;
  draw_text(paper, arena_print(paper->cx->arena, "%d", number), TYPE_BODY, PAPER_PLAIN, paper->left, paper->right - paper->left, PAPER_CENTRE, &y);
}

static void page_begin(struct paper *paper)
{
  paper->page++;
  paper->y = paper->top;
  draw_watermark(paper);
  draw_page_number(paper);
}

void page_break(struct paper *paper)
{
  if (paper->page >= PAGES_MAX) {
    paper_failed(paper, ERR_TOO_LARGE, "a paper has too many pages");
    paper->y = paper->top;
    return;
  }
  cairo_show_page(paper->cairo);
  page_begin(paper);
}

void paper_next(struct paper *paper)
{
  paper->page_before = paper->page;
  page_break(paper);
}

void page_need(struct paper *paper, double height)
{
  if (paper->y + height > paper->bottom && paper->y > paper->top) page_break(paper);
}

/* One filled path, so that no seam shows between modules; on white, so that the watermark does not disturb the reader. */
static void draw_modules(struct paper *paper, const QRcode *qr, double x, double y, double module)
{
  double quiet = QR_QUIET_MODULES * module, side = qr->width * module + 2 * quiet;
  cairo_set_source_rgb(paper->cairo, 1, 1, 1);
  cairo_rectangle(paper->cairo, x - quiet, y - quiet, side, side);
  cairo_fill(paper->cairo);
  cairo_set_source_rgb(paper->cairo, 0, 0, 0);
  for (int row = 0; row < qr->width; row++)
    for (int column = 0; column < qr->width;) {
      int from = column;
      while (column < qr->width && qr->data[row * qr->width + column] & 1) column++;
      if (column > from) cairo_rectangle(paper->cairo, x + from * module, y + row * module, (column - from) * module, module);
      else column++;
    }
  cairo_fill(paper->cairo);
}

void qr_place(struct paper *paper)
{
  if (!paper->qr_waits) return;
  paper->qr_waits = false;
  QRcode *qr = QRcode_encodeString8bit(paper->wish.qr, 0, QR_ECLEVEL_M);
  if (!qr) {
    paper_failed(paper, ERR_INTERNAL, "a QR code cannot be made");
    return;
  }
  double side = qr_side_mm * MM * paper->scale, module = side / (qr->width + 2 * QR_QUIET_MODULES), y = paper->y;
  draw_modules(paper, qr, paper->right - side + QR_QUIET_MODULES * module, y + QR_QUIET_MODULES * module, module);
  QRcode_free(qr);
  y += side;
  paper->qr_width = side;
  if (!text_empty(paper->wish.code)) {
    PangoLayout *code = paper_layout(paper, paper->wish.code, TYPE_CODE, PAPER_PLAIN, 0, PAPER_LEFT);
    double wide = layout_width(code);
    /* In the middle under the QR, or ending with it where it is wider. */
    layout_draw(paper, code, wide < side ? paper->right - (side + wide) / 2 : paper->right - wide, y);
    y += layout_height(code);
    paper->qr_width = fmax(side, wide);
    g_object_unref(code);
  }
  paper->qr_bottom = y + 1 * MM;
}

void block_begin(struct paper *paper)
{
  qr_place(paper);
  if (paper->page == 1 && paper->y < paper->qr_bottom) paper->y = paper->qr_bottom;
}

static void sheet_measure(struct paper *paper, bool a5)
{
  paper->scale = a5 ? 0.8 : 1;
  paper->width = (a5 ? 148 : 210) * MM;
  paper->height = (a5 ? 210 : 297) * MM;
  paper->left = (a5 ? 15 : 30) * MM;
  paper->right = paper->width - (a5 ? 12 : 15) * MM;
  paper->top = (a5 ? 12 : 20) * MM;
  paper->bottom = paper->height - (a5 ? 12 : 20) * MM;
}

struct paper *paper_begin(struct cx *cx, const struct paper_wish *wish)
{
  struct paper *paper = ARENA_NEW(cx->arena, struct paper);
  *paper = (struct paper){.cx = cx, .wish = *wish, .qr_waits = !text_empty(wish->qr)};
  paper->wish.watermark = arena_copy(cx->arena, wish->watermark);
  paper->wish.qr = arena_copy(cx->arena, wish->qr);
  paper->wish.code = arena_copy(cx->arena, wish->code);
  arena_defer(cx->arena, paper_close, paper);
  buffer_init(&paper->pdf, NULL);
  sheet_measure(paper, wish->a5);
  paper->surface = cairo_pdf_surface_create_for_stream(take_bytes, &paper->pdf, paper->width, paper->height);
  if (!text_empty(wish->title)) cairo_pdf_surface_set_metadata(paper->surface, CAIRO_PDF_METADATA_TITLE, wish->title);
  /* The node's time, not the machine's. */
  const char *now = arena_print(cx->arena, "%.19sZ", time_write_iso(cx->arena, cx_now(cx)));
  cairo_pdf_surface_set_metadata(paper->surface, CAIRO_PDF_METADATA_CREATE_DATE, now);
  cairo_pdf_surface_set_metadata(paper->surface, CAIRO_PDF_METADATA_MOD_DATE, now);
  paper->cairo = cairo_create(paper->surface);
  type_open(paper);
  page_begin(paper);
  return paper;
}

static void recipients_alone(struct paper *paper)
{
  if (!paper->recipient_count) return;
  block_begin(paper);
  page_need(paper, (double)(paper->recipient_count + 1) * TYPE_BODY * 1.2 * paper->scale);
  recipients_draw(paper, paper->left, paper->right - paper->left, &paper->y);
}

enum err paper_end(struct cx *cx, struct paper *paper, struct bytes *pdf)
{
  assert(paper->cairo && paper->cx == cx);
  recipients_alone(paper);
  qr_place(paper);
  cairo_show_page(paper->cairo);
  cairo_surface_finish(paper->surface);
  if (cairo_status(paper->cairo) || cairo_surface_status(paper->surface)) paper_failed(paper, ERR_INTERNAL, "drawing a paper failed");
  enum err err = paper->err;
  if (!err) *pdf = (struct bytes){(const uint8_t *)arena_copy_n(cx->arena, paper->pdf.data, paper->pdf.size), paper->pdf.size};
  paper_close(paper);
  if (err == ERR_TOO_LARGE) return cx_fail(cx, err, NULL, "error.too_large", NULL);
  return err ? cx_fail(cx, err, NULL, "error.internal", NULL) : OK;
}
