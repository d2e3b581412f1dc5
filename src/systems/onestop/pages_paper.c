/* Papers as PDF, shown in the browser and printed from there. */
#include "systems/onestop/pages.h"

#include "base/text.h"
#include "systems/onestop/papers.h"

struct paper_name { const char *name; enum paper_kind kind; };
static const struct paper_name names[] = {
  {"tiep-nhan", PAPER_RECEIPT}, {"bo-sung", PAPER_SUPPLEMENT}, {"tu-choi", PAPER_REFUSAL}, {"ket-qua", PAPER_RESULT}};

enum err page_paper(struct cx *cx, struct view *view)
{
  const char *name = view_text(view, "paper");
  struct paper_facts facts;
  struct bytes pdf;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (!text_equal(names[i].name, name)) continue;
    enum err err = paper_gather(cx, view->here, view_text(view, "code"), names[i].kind, &facts);
    if (!err) err = paper_draw(cx, &facts, names[i].kind, &pdf);
    return err ? err : view_bytes(cx, view, "application/pdf", pdf, NULL);
  }
  return ERR_NOT_FOUND;
}
