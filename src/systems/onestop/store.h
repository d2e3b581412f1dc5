/* The one-stop shop's rows: one function a thing that is read or written. */
#ifndef ONESTOP_STORE_H
#define ONESTOP_STORE_H

#include "people/action.h"
#include "people/here.h"
#include "systems/onestop/catalogue.h"
#include "systems/onestop/kinds.h"
#include "systems/onestop/model.h"

/* ---- Receiving ---- */
struct receiving {
  struct dossier dossier;           /* all but the code */
  struct list components, scans;    /* dossier_component, dossier_scan; dossier is filled in */
  struct dossier_fee fee;
  struct dossier_exchange check;    /* the look-up made at the counter; request_id NULL: none */
  const char *words;                /* by what it is found, beside its code; folded inside */
  const struct numbering *numbering;
  const char *agency;
  int32_t day;
  const char *form;                 /* the form that was filled in, as view->claim; NULL: none */
};
/* Gives the code and writes everything, in one transaction: no code is lost or given twice. A form that was taken gives its
 * dossier's code, and nothing is written. */
MUST_USE enum err dossier_receive(struct cx *cx, struct store *store, struct receiving *receiving);
/* The dossier that was made of a form; NULL: none (form NULL: none either). */
MUST_USE enum err dossier_of_form(struct cx *cx, struct store *store, const char *form, const char **code);
/* The same inside a transaction: for many at once. */
MUST_USE enum err dossier_receive_in(struct cx *cx, struct tx *tx, struct receiving *receiving);

/* ---- Paper receipts reserved in advance, store_reserve.c ---- */
/* Reserves so many numbers for cx->person's unit; *first names the block. */
MUST_USE enum err reserve_take(struct cx *cx, struct here *here, int64_t pieces, const char **first);
MUST_USE enum err reserve_blocks(struct cx *cx, struct store *store, const char *unit, struct list *out);
/* ERR_NOT_FOUND also for a block of another unit. numbers (may be NULL): reserve_number, in their order. */
MUST_USE enum err reserve_block_see(struct cx *cx, struct store *store, const char *first, struct reserve_block *out, struct list *numbers);
/* For cx->person's unit; unknown, used and void ones are told on field "reserved_number". */
MUST_USE enum err reserve_number_open(struct cx *cx, struct store *store, const char *number, struct reserve_number *out);
/* A number whoever asks; ERR_NOT_FOUND: none was reserved. */
MUST_USE enum err reserve_number_find(struct cx *cx, struct store *store, const char *number, struct reserve_number *out);
/* An unused number becomes void for a reason; what happened to it before is told on field "number". */
MUST_USE enum err reserve_void(struct cx *cx, struct store *store, const struct void_form *form);
/* Inside the receiving transaction: the number is this dossier's, or nobody's change happens. */
MUST_USE enum err reserve_use(struct cx *cx, struct tx *tx, const struct dossier *dossier);

/* ---- Reading ---- */
struct dossier_parts { struct dossier dossier; struct list components, scans, exchanges; struct dossier_fee fee; };
MUST_USE enum err dossier_get(struct cx *cx, struct store *store, const char *code, struct dossier *out);
MUST_USE enum err dossier_parts_get(struct cx *cx, struct store *store, const char *code, struct dossier_parts *out);
/* For a person: ERR_NOT_FOUND when these eyes may not see it. */
MUST_USE enum err dossier_see(struct cx *cx, struct here *here, const char *code, struct dossier_parts *out);

/* ---- Changing, in a transaction ---- */
MUST_USE enum err dossier_find(struct cx *cx, struct tx *tx, const char *code, struct dossier *out);
/* Writes what an action may change and both seats; raises the revision. ERR_CONFLICT when somebody was faster. */
MUST_USE enum err dossier_change(struct cx *cx, struct tx *tx, struct dossier *dossier);
/* The same dossier with other units, in the place of `before`: who sees and finds it changes with them. ERR_CONFLICT as above. */
MUST_USE enum err dossier_reseat(struct cx *cx, struct tx *tx, const struct dossier *before, struct dossier *dossier);
/* Codes of a unit's open dossiers (rows of struct dossier_code), by code. */
struct dossier_code { const char *code; };
MUST_USE enum err open_codes(struct cx *cx, struct store *store, const char *unit, const char *after, size_t max, struct list *out);
MUST_USE enum err exchange_of_dossier(struct cx *cx, struct tx *tx, const char *dossier, const char *purpose, struct dossier_exchange *out);
MUST_USE enum err exchange_put(struct cx *cx, struct tx *tx, const struct dossier_exchange *exchange);
MUST_USE enum err exchange_close(struct cx *cx, struct tx *tx, const struct dossier_exchange *exchange);
MUST_USE enum err sequence_take(struct cx *cx, struct tx *tx, const char *owner, const char *period, int64_t *out);
MUST_USE enum err fee_settle(struct cx *cx, struct tx *tx, const struct dossier_fee *fee);

/* ---- Lists ---- */
enum list_filter { LIST_ALL, LIST_TODO, LIST_CITIZEN, LIST_AGENCY, LIST_RETURNED, LIST_LATE, LIST_CLOSED };
struct list_wish {
  const char *unit;
  enum list_filter filter;
  const char *turns[3];             /* LIST_TODO: whose turns are the person's */
  const char *query;                /* search, or NULL: words side by side, or, where nothing has them so, anywhere in a dossier */
  bool apart;                       /* anywhere at once */
  bool *beside;                     /* out, may be NULL: found side by side, so that there may be more apart */
  int64_t after_us; const char *after_code; /* rank and code of the last line seen; code NULL: from the start */
  int64_t now_us;
  size_t max;
};
struct list_counts { int64_t todo, citizen, agency, returned, late, all; };
/* Lines of dossier_line; one more than max when there are more. counts, if wanted: of all filters, of the same moment. */
MUST_USE enum err list_read(struct cx *cx, struct store *store, const struct list_wish *wish, struct list_counts *counts, struct list *lines);
/* A row of search begins with each word of a text and holds what follows it: some folded words with one space between. */
const char *seek_phrase(struct arena *arena, const char *folded);

/* Open dossiers by unit, for whoever oversees them. */
struct unit_counts { const char *unit; int64_t pieces, late, citizen, agency; };
extern const struct record_type unit_counts_type;
MUST_USE enum err list_units(struct cx *cx, struct store *store, int64_t now_us, struct list *out);

/* ---- The counter's cash, scans sent ahead, the citizen's attempts ---- */
MUST_USE enum err fee_day(struct cx *cx, struct store *store, int64_t account, const char *unit, int64_t day, struct list *out);
MUST_USE enum err upload_put(struct cx *cx, struct store *store, int64_t account, const struct dossier_scan *scan);
MUST_USE enum err upload_get(struct cx *cx, struct store *store, int64_t account, const char *hash, struct dossier_scan *out);
/* Counts a wrong attempt; ERR_TOO_MANY when there were too many of late. */
MUST_USE enum err attempt_check(struct cx *cx, struct store *store, const char *code);
MUST_USE enum err attempt_note(struct cx *cx, struct store *store, const char *code);
MUST_USE enum err sweep(struct cx *cx, struct store *store);

#endif
