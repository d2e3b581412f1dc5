/* The booklet of paper receipts for the hours without a line: form 01 with lines to fill in by hand. */
#include "systems/onestop/papers.h"

#include "base/text.h"
#include "paper/paper.h"
#include "systems/onestop/paper_words.h"

enum { COMPONENT_LINES = 5 };

struct booklet { struct cx *cx; struct paper *paper; struct paper_form form; struct unit unit; const char *place_date; };

static void draw_components(struct paper *paper)
{
  static const double widths[] = {1.4, 9, 3, 2};
  static const char *const empty[COMPONENT_LINES * 4];
  const char *heads[] = {paper_word("no"), paper_word("component"), paper_word("mark"), paper_word("pieces")};
  const struct paper_table table = {.columns = 4, .heads = heads, .widths = widths, .rows = COMPONENT_LINES, .cells = empty};
  paper_text(paper, paper_word("components"), PAPER_LEFT, PAPER_PLAIN);
  paper_table(paper, &table);
}

static void draw_lines(const struct booklet *booklet)
{
  struct paper *paper = booklet->paper;
  paper_line(paper, paper_word("applicant"), NULL, false);
  paper_lines(paper, paper_word("birth_date"), NULL, paper_word("sex"), NULL);
  paper_lines(paper, paper_word("identity"), NULL, paper_word("phone"), NULL);
  paper_line(paper, paper_word("address"), NULL, false);
  paper_lines(paper, paper_word("submitter"), NULL, paper_word("identity"), NULL);
  paper_line(paper, paper_word("request"), NULL, false);
  draw_components(paper);
  paper_lines(paper, paper_word("sets"), NULL, paper_word("fee"), NULL);
  paper_line(paper, paper_word("received_at"), paper_word("reserved_time"), false);
  paper_line(paper, paper_word("due_at"), paper_word("reserved_time"), false);
  const struct unit *unit = &booklet->unit;
  paper_line(paper, paper_word("counter"), arena_print(booklet->cx->arena, "%s, %s", unit->name, text_empty(unit->address) ? "" : unit->address), false);
  paper_line(paper, paper_word("counter_phone"), unit->phone, false);
  paper_line(paper, paper_word("counter_hours"), unit->hours, false);
}

static void draw_number(const struct booklet *booklet, const char *number)
{
  struct cx *cx = booklet->cx;
  struct paper *paper = booklet->paper;
  const char *above = text_upper(cx->arena, paper_fill(cx, "committee", "unit", booklet->unit.name));
  const struct paper_head head = {.above = above, .agency = text_upper(cx->arena, booklet->form.desk),
                                  .number = paper_fill(cx, "number_code", "code", number), .place_date = booklet->place_date};
  const struct paper_signature left = {.title = paper_word("submitter_sign"), .note = paper_word("sign_note")};
  const struct paper_signature right = {.title = paper_word("receiver_sign"), .note = paper_word("sign_note")};
  paper_head(paper, &head);
  paper_title(paper, text_upper(cx->arena, booklet->form.title),
              paper_fill2(cx, "form_number", "number", booklet->form.number, "basis", booklet->form.legal_basis));
  paper_text(paper, paper_fill(cx, "reserved_note", "number", number), PAPER_JUSTIFY, PAPER_ITALIC | PAPER_SMALL);
  draw_lines(booklet);
  paper_space(paper, 1);
  paper_signatures(paper, &left, &right);
}

enum err paper_reserved(struct cx *cx, struct here *here, const struct reserve_block *block, const struct list *numbers, struct bytes *pdf)
{
  struct booklet booklet = {.cx = cx};
  int32_t day = time_to_days(block->reserved_us);
  const struct reserve_number *all = numbers->items;
  size_t drawn = 0;
  enum err err = unit_get(cx, here->people, block->unit, day, &booklet.unit);
  if (!err) err = paper_form_on(cx, here->store, "receipt", day, &booklet.form);
  if (err) return err;
  const struct paper_wish wish = {.title = paper_fill(cx, "reserved_title", "number", block->first), .watermark = here->demo ? paper_word("watermark") : NULL};
  booklet.place_date = paper_fill(cx, "reserved_date", "place", unit_place(cx, here->people, block->unit, day));
  booklet.paper = paper_begin(cx, &wish);
  for (size_t i = 0; i < numbers->count; i++) {
    if (!text_equal(all[i].state, "unused")) continue;
    if (drawn++) paper_next(booklet.paper);
    draw_number(&booklet, all[i].number);
  }
  return drawn ? paper_end(cx, booklet.paper, pdf) : ERR_NOT_FOUND;
}
