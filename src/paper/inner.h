/* A paper while it is drawn. All lengths are points (1/72 inch) but where a name ends in _mm; y grows downwards. */
#ifndef PAPER_INNER_H
#define PAPER_INNER_H

#include "paper/paper.h"

#include <pango/pangocairo.h>

#define MM (72.0 / 25.4)

/* Sizes of type on A4; A5 takes four fifths of them. */
#define TYPE_BODY 13.0
#define TYPE_MOTTO 12.0
#define TYPE_TITLE 15.0
#define TYPE_TABLE 12.0
#define TYPE_SMALL 11.0
#define TYPE_CODE 9.0
#define TYPE_WATERMARK 40.0

struct paper {
  struct cx *cx;
  struct paper_wish wish;
  struct buffer pdf;          /* on malloc */
  cairo_surface_t *surface;
  cairo_t *cairo;
  PangoFontMap *fonts;        /* its own: pango's objects must not be shared between threads */
  PangoContext *context;
  PangoFont *font;            /* the regular one: which characters it has */
  double width, height, left, right, top, bottom; /* of the sheet; where its margins end */
  double scale;               /* of type: 1 on A4 */
  double y;                   /* where the next block begins */
  int page;                   /* 1 … */
  int page_before;            /* the last page of the paper before this one in the same PDF */
  bool qr_waits;              /* not drawn yet */
  double qr_bottom, qr_width; /* once drawn: what the title must keep clear of; 0: nothing */
  const char *const *recipients; /* wait for a signature to stand beside */
  size_t recipient_count;
  enum err err;               /* the first thing that went wrong; drawing goes on harmlessly */
};

void paper_failed(struct paper *paper, enum err err, const char *message); /* message: a constant phrase, for the log */
void type_open(struct paper *paper);
void type_close(struct paper *paper);

/* A text set to a width (<= 0: one line as long as it gets); freed by the caller with g_object_unref. */
PangoLayout *paper_layout(struct paper *paper, const char *text, double size, unsigned style, double width, enum paper_align align);
double layout_height(PangoLayout *layout);
double layout_width(PangoLayout *layout); /* of the widest line */
/* Draws it whole at a place; moves nothing. */
void layout_draw(struct paper *paper, PangoLayout *layout, double x, double y);
/* Sets a text, draws it at x and *y, moves *y below it. NULL and "" draw nothing. */
void draw_text(struct paper *paper, const char *text, double size, unsigned style, double x, double width, enum paper_align align, double *y);
/* The narrowest width at which the text takes no more lines than at this one: so that no last line has one word. */
double balanced_width(struct paper *paper, const char *text, double size, unsigned style, double width);
void draw_rule(struct paper *paper, double x, double y, double length);

void page_break(struct paper *paper);
/* A new page unless so much room is left (or the page is new already). */
void page_need(struct paper *paper, double height);
/* The QR is drawn before the first block that is not the head; what is not a title begins below it. */
void qr_place(struct paper *paper);
void block_begin(struct paper *paper);

void recipients_draw(struct paper *paper, double x, double width, double *y);

#endif
