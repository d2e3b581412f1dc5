/* Who signs, with room for the signature and the seal, and who receives. */
#include "paper/inner.h"

#include "base/text.h"
#include <math.h>

static const char recipients_word[] = "Nơi nhận:";
static const double seal_room_mm = 27;

void paper_recipients(struct paper *paper, const char *const *lines, size_t count)
{
  const char **kept = ARENA_ARRAY(paper->cx->arena, count, const char *);
  for (size_t i = 0; i < count; i++) kept[i] = arena_copy(paper->cx->arena, lines[i]);
  paper->recipients = kept;
  paper->recipient_count = count;
}

void recipients_draw(struct paper *paper, double x, double width, double *y)
{
  draw_text(paper, recipients_word, TYPE_MOTTO, PAPER_BOLD | PAPER_ITALIC, x, width, PAPER_LEFT, y);
  for (size_t i = 0; i < paper->recipient_count; i++)
    draw_text(paper, paper->recipients[i], TYPE_SMALL, PAPER_PLAIN, x, width, PAPER_LEFT, y);
  paper->recipient_count = 0;
}

static double measure(struct paper *paper, const char *text, double size, unsigned style, double width)
{
  if (text_empty(text)) return 0;
  PangoLayout *layout = paper_layout(paper, text, size, style, width, PAPER_CENTRE);
  double height = layout_height(layout);
  g_object_unref(layout);
  return height;
}

static double signature_height(struct paper *paper, const struct paper_signature *signature, double width)
{
  return measure(paper, signature->authority, TYPE_BODY, PAPER_BOLD, width) + measure(paper, signature->title, TYPE_BODY, PAPER_BOLD, width) +
         measure(paper, signature->note, TYPE_SMALL, PAPER_ITALIC, width) + seal_room_mm * MM * paper->scale +
         measure(paper, signature->name, TYPE_BODY, PAPER_BOLD, width);
}

static double recipients_height(struct paper *paper, double width)
{
  double height = measure(paper, recipients_word, TYPE_MOTTO, PAPER_BOLD | PAPER_ITALIC, width);
  for (size_t i = 0; i < paper->recipient_count; i++) height += measure(paper, paper->recipients[i], TYPE_SMALL, PAPER_PLAIN, width);
  return height;
}

/* Both names stand on one line: foot is where they begin. */
static void signature_draw(struct paper *paper, const struct paper_signature *signature, double x, double width, double foot)
{
  double y = paper->y;
  draw_text(paper, signature->authority, TYPE_BODY, PAPER_BOLD, x, width, PAPER_CENTRE, &y);
  draw_text(paper, signature->title, TYPE_BODY, PAPER_BOLD, x, width, PAPER_CENTRE, &y);
  draw_text(paper, signature->note, TYPE_SMALL, PAPER_ITALIC, x, width, PAPER_CENTRE, &y);
  draw_text(paper, signature->name, TYPE_BODY, PAPER_BOLD, x, width, PAPER_CENTRE, &foot);
}

static double name_height(struct paper *paper, const struct paper_signature *signature, double width)
{
  return measure(paper, signature->name, TYPE_BODY, PAPER_BOLD, width);
}

void paper_signatures(struct paper *paper, const struct paper_signature *left, const struct paper_signature *right)
{
  block_begin(paper);
  double half = (paper->right - paper->left) / 2, right_x = paper->left + half;
  bool beside = !left && paper->recipient_count > 0;
  double height = signature_height(paper, right, half), foot = height - name_height(paper, right, half);
  if (left) {
    double other = signature_height(paper, left, half);
    foot = fmax(foot, other - name_height(paper, left, half));
    height = fmax(height, other);
  }
  if (beside) height = fmax(height, recipients_height(paper, half));
  paper->y += 3 * MM * paper->scale;
  page_need(paper, height);
  signature_draw(paper, right, right_x, half, paper->y + foot);
  if (left) signature_draw(paper, left, paper->left, half, paper->y + foot);
  double recipients_y = paper->y;
  if (beside) recipients_draw(paper, paper->left, half, &recipients_y);
  paper->y += height + 3 * MM * paper->scale;
}
