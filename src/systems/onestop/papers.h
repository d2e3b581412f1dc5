/* Official papers of the one-stop shop as PDF: forms 01, 02 and 03 in the numbering of the day the dossier was received, and the
 * two results. Slow: on the slow workers only. */
#ifndef ONESTOP_PAPERS_H
#define ONESTOP_PAPERS_H

#include "base/buffer.h"
#include "systems/onestop/catalogue.h"
#include "systems/onestop/store.h"

/* All a paper needs; gathered by paper_gather, drawn without touching the store. */
struct paper_facts {
  struct dossier_parts parts;
  struct procedure_parts procedure;
  struct paper_form form;               /* of the receipt, supplement or refusal */
  struct unit receiving;
  const char *issuer_above, *issuer, *place;
  const struct paper_form *receipt;
  const char *officer, *lookup_url;
  void *request;                        /* of the dossier's kind */
  struct list convictions;              /* justice_conviction of the known answer */
  const char *commune_name;             /* of the business's address, with what it belongs to */
  const char *deciding;                 /* as form 01 names who decides */
  bool demo;
};

enum paper_kind { PAPER_RECEIPT = 1, PAPER_SUPPLEMENT, PAPER_REFUSAL, PAPER_RESULT };

/* ERR_NOT_FOUND: not for these eyes, or no such paper now; ERR_FORBIDDEN: certificate No. 2 without its permission. */
MUST_USE enum err paper_gather(struct cx *cx, struct here *here, const char *code, enum paper_kind kind, struct paper_facts *out);
MUST_USE enum err paper_draw(struct cx *cx, const struct paper_facts *facts, enum paper_kind kind, struct bytes *pdf);
/* A block's unused numbers as a booklet: form 01 to be filled in by hand, a page a number. ERR_NOT_FOUND: none is left. */
MUST_USE enum err paper_reserved(struct cx *cx, struct here *here, const struct reserve_block *block, const struct list *numbers, struct bytes *pdf);
/* Where the QR of form 01 leads. */
const char *lookup_url(struct arena *arena, const struct here *here, const struct dossier *dossier);
/* The content names a certificate No. 2: who may not see it gets neither its paper nor its findings. */
bool dossier_is_second(struct cx *cx, const struct dossier *dossier);

MUST_USE enum err paper_receipt(struct cx *cx, const struct paper_facts *facts, struct bytes *pdf);
MUST_USE enum err paper_supplement(struct cx *cx, const struct paper_facts *facts, struct bytes *pdf);
MUST_USE enum err paper_refusal(struct cx *cx, const struct paper_facts *facts, struct bytes *pdf);
MUST_USE enum err paper_household(struct cx *cx, const struct paper_facts *facts, struct bytes *pdf);
MUST_USE enum err paper_justice(struct cx *cx, const struct paper_facts *facts, struct bytes *pdf);

#endif
