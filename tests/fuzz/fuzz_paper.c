/* Fuzzer of papers: lines of the input become blocks, chosen by their first letter. Whatever people are called and whatever they
 * wrote, a PDF comes of it. */
#include "fuzz.h"

#include "paper/paper.h"

enum { BLOCKS_MAX = 30 };

static void block(struct paper *paper, const char *line)
{
  const char *text = line[0] ? line + 1 : line, *two[] = {text, "12"}, *cells[] = {text, "1", NULL, text};
  const struct paper_signature signature = {.authority = text, .title = "x", .note = NULL, .name = text};
  switch (line[0]) {
    case 'h': paper_head(paper, &(struct paper_head){.above = text, .agency = "a", .number = text, .place_date = text}); break;
    case 't': paper_title(paper, text, text[0] ? text + strlen(text) : NULL); break;
    case 'l': paper_line(paper, text, text, true); break;
    case 'w': paper_lines(paper, text, "", "x", text); break;
    case 'b': paper_table(paper, &(struct paper_table){.columns = 2, .heads = two, .rows = 2, .cells = cells}); break;
    case 's': paper_signatures(paper, NULL, &signature); break;
    case 'r': paper_recipients(paper, two, 2); break;
    default: paper_text(paper, line, line[0] % 2 ? PAPER_JUSTIFY : PAPER_CENTRE, (unsigned)line[0] & 7); break;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct cx *cx = fuzz_cx();
  const char *text = size > 1 && size < 3000 ? text_clean(cx->arena, (const char *)data + 1, size - 1, TEXT_LINES) : NULL;
  if (text) {
    struct bytes pdf;
    const char *rest = text, *first = fuzz_line(cx->arena, &rest), *line;
    const struct paper_wish wish = {.a5 = data[0] & 1, .title = first, .watermark = data[0] & 2 ? first : NULL, .qr = data[0] & 4 ? first : NULL, .code = first};
    struct paper *paper = paper_begin(cx, &wish);
    for (int i = 0; i < BLOCKS_MAX && (line = fuzz_line(cx->arena, &rest)); i++) block(paper, line);
    enum err err = paper_end(cx, paper, &pdf);
    fuzz_judge(cx, err);
    if (!err) assert(pdf.size > 100 && memcmp(pdf.data, "%PDF-", 5) == 0);
  }
  cx_free_alone(cx);
  return 0;
}
