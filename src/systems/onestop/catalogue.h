/* Procedures as versioned data: read from data/catalogue/ at start and by `truc catalogue import FILE`.
 * A file is one JSON object of flat lists (README.md, "Catalogue"); every row carries validity or hangs on a version
 * that does, a legal basis, and whether somebody checked it. */
#ifndef ONESTOP_CATALOGUE_H
#define ONESTOP_CATALOGUE_H

#include "people/here.h"
#include "systems/onestop/catalogue_model.h"

struct command_input;

/* Reads and checks a file: ERR_INPUT names each fault as "LINE:field". */
MUST_USE enum err catalogue_read(struct cx *cx, struct bytes json, struct catalogue *out);
/* Writes it, all or nothing. replace: versions that no dossier uses are replaced, one in use is a conflict; else what is
 * there already stays. */
MUST_USE enum err catalogue_store(struct cx *cx, struct here *here, const struct catalogue *catalogue, bool replace);
/* Loads what ships with the program, then tells the units where their counters are. Idempotent. */
MUST_USE enum err catalogue_open(struct cx *cx, struct here *here);
MUST_USE enum err catalogue_import(struct cx *cx, struct here *here, const struct command_input *input, struct buffer *out);

/* What is in force on a day. */
MUST_USE enum err procedure_list(struct cx *cx, struct store *store, int64_t on_days, struct list *out);
MUST_USE enum err procedure_on(struct cx *cx, struct store *store, const char *code, int64_t on_days, struct procedure *out);

MUST_USE enum err procedure_get(struct cx *cx, struct store *store, const char *code, int64_t version, struct procedure_parts *out);
MUST_USE enum err paper_form_on(struct cx *cx, struct store *store, const char *purpose, int64_t on_days, struct paper_form *out);
MUST_USE enum err numbering_on(struct cx *cx, struct store *store, int64_t on_days, struct numbering *out);
/* The unit that decides: the place's ancestor at the procedure's level, or that level's office. */
MUST_USE enum err decider_unit(struct cx *cx, struct people *people, const struct procedure *procedure, const char *place, int64_t on_days, struct unit *out);

const struct exemption *exemption_find(const struct procedure_parts *parts, const char *code); /* NULL: none */
const struct authority *authority_find(const struct procedure_parts *parts, const char *code);

#endif
