/* Official papers as PDF: A4 or A5, black on white, Tinos 13 to 14 pt (metrics of Times New Roman), with the furniture that
 * Decree 30/2020/ND-CP (Appendix I) asks for: Quốc hiệu and tiêu ngữ, the agency's block, number, place and date, signature
 * blocks, room for the seal, "Nơi nhận". Content is laid out from top to bottom; a page that is full is followed by another.
 * All text is plain UTF-8, never markup; LF begins a new line; a character that Tinos lacks is printed as a box. Drawn by
 * pangocairo; slow (10–50 ms): on the slow workers only. */
#ifndef PAPER_PAPER_H
#define PAPER_PAPER_H

#include "base/cx.h"
#include "base/buffer.h"

struct paper;

struct paper_wish {
  bool a5;                    /* else A4; margins 20 mm top and bottom, 30 left, 15 right (A5: 12, 12, 15, 12) */
  const char *title;          /* PDF metadata */
  const char *watermark;      /* across every page as outlines, and as text in its lower margin ("BẢN TRÌNH DIỄN – KHÔNG CÓ
                               * GIÁ TRỊ PHÁP LÝ"); NULL: none */
  const char *qr;             /* what the QR at the top right, below the head and beside the title, carries; NULL: none */
  const char *code;           /* printed under the QR, or NULL */
};
/* Never NULL; freed by paper_end, and with cx->arena at the latest. Texts are copied. */
struct paper *paper_begin(struct cx *cx, const struct paper_wish *wish);

/* The two columns at the head. above: the superior agency or NULL; number: "Số: 12/GTN" or NULL; place_date: "An Giang, ngày …". */
struct paper_head { const char *above, *agency, *number, *place_date; bool without_motto; };
void paper_head(struct paper *paper, const struct paper_head *head);
void paper_title(struct paper *paper, const char *title, const char *subtitle); /* capitals, bold, centred; subtitle may be NULL */
enum paper_align { PAPER_LEFT, PAPER_CENTRE, PAPER_RIGHT, PAPER_JUSTIFY };
enum paper_style { PAPER_PLAIN = 0, PAPER_BOLD = 1, PAPER_ITALIC = 2, PAPER_SMALL = 4 };
void paper_text(struct paper *paper, const char *text, enum paper_align align, unsigned style);
/* "Họ và tên: NGUYỄN VĂN AN" (a label without its colon gets one); an empty value leaves a dotted line. */
void paper_line(struct paper *paper, const char *label, const char *value, bool bold_value);
/* Two of them side by side. */
void paper_lines(struct paper *paper, const char *left_label, const char *left, const char *right_label, const char *right);
/* Bordered; widths: parts of the whole (NULL: all alike); the head is repeated on each page. cells: rows × columns, NULL counts
 * as ""; numbers of up to four digits stand in the middle. At most 20 columns. */
struct paper_table { size_t columns; const char *const *heads; const double *widths; size_t rows; const char *const *cells; };
void paper_table(struct paper *paper, const struct paper_table *table);
void paper_space(struct paper *paper, double mm);
/* The next of several papers in one PDF: a new page, whose pages are counted from 1. */
void paper_next(struct paper *paper);
/* authority: "TM. ỦY BAN NHÂN DÂN", "KT. GIÁM ĐỐC" or NULL; title: "CHỦ TỊCH"; note: "(Ký, ghi rõ họ tên)" or NULL; name or NULL. */
struct paper_signature { const char *authority, *title, *note, *name; };
void paper_signatures(struct paper *paper, const struct paper_signature *left, const struct paper_signature *right); /* left may be NULL */
void paper_recipients(struct paper *paper, const char *const *lines, size_t count); /* "Nơi nhận:", beside the next signature */
/* The finished PDF, in cx->arena; frees the paper. ERR_TOO_LARGE over 500 pages. */
MUST_USE enum err paper_end(struct cx *cx, struct paper *paper, struct bytes *pdf);

#endif
