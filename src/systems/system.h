/* What a system is to the node: one row of tables and a few doors. Adding a system = a folder, a contract and a line in node/. */
#ifndef SYSTEMS_SYSTEM_H
#define SYSTEMS_SYSTEM_H

#include "axis/service.h"
#include "web/web.h"

struct job { const char *name; int64_t every_ms; enum err (*run)(struct cx *cx, struct here *here); };

/* A command of the operator: `truc NAME [FILE] [--argument value …]`, run inside the node that is running. */
struct command_input { struct form args; struct bytes file; };
struct command {
  const char *name;                             /* "catalogue import" */
  const char *usage;                            /* "FILE" or "--count N" */
  bool takes_file;
  /* Writes what the person at the terminal reads to out (JSON or lines of text). */
  enum err (*run)(struct cx *cx, struct here *here, const struct command_input *input, struct buffer *out);
};

struct system {
  const char *name;                             /* "onestop": folder, store schema, word prefix */
  const char *word;                             /* key of its visible name */
  const struct store_schema *schema;            /* NULL: it has no store of its own */
  const struct statement *files;                /* (after text, most i64) → hash: the files that its rows name, in order; NULL: none */
  const struct page *pages; size_t page_count;
  const struct service *services; size_t service_count;
  const struct permission *permissions;         /* ended by a NULL name */
  const struct job *jobs; size_t job_count;
  const struct command *commands; size_t command_count;
  const struct embedded_table *html;
  const struct words_table *words; size_t words_count;
  /* Loads what a new store needs (catalogue, sectors …); run at each start, idempotent. May be NULL. */
  enum err (*open)(struct cx *cx, struct here *here);
  /* The answer to an outbox row, in the transaction that ends it: a business change belongs here. May be NULL without asks. */
  enum err (*answered)(struct cx *cx, struct tx *tx, struct here *here, const struct outbox_row *row, int status, struct bytes answer);
};

/* onestop.h, household.h … each declare:  extern const struct system onestop_system; */

#endif
