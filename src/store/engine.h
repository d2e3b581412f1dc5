/* What an engine gives to the store, and what both engines share. For the files of this folder alone. */
#ifndef STORE_ENGINE_H
#define STORE_ENGINE_H

#include "store/store.h"

enum { PARAMETERS_MAX = 64, COLUMNS_MAX = 64, WAIT_S = 10 };

/* One row as the engine gives it, valid until the reader returns. */
struct row { size_t count; const char *const *names; const struct value *values; };
/* false: enough rows. *arg keeps the reader's own outcome. */
typedef bool row_reader(struct cx *cx, const struct row *row, void *arg);

struct tx {
  struct store *store;
  enum err failed;       /* the first failure of a statement: nothing more is run */
};

struct engine {
  void (*close)(struct store *store);
  enum err (*check)(struct cx *cx, struct store *store);
  enum err (*backup)(struct cx *cx, struct store *store, const char *path);
  enum err (*verify)(struct cx *cx, struct store *store);   /* NULL: the engine does it by itself */
  /* Once it is migrated: leaves a durable sign that the store exists. NULL: the engine needs none. */
  enum err (*sign)(struct cx *cx, struct store *store);
  enum err (*write)(struct cx *cx, struct store *store, store_fn *fn, void *arg);
  /* single: fn runs one statement only, which needs no transaction around it. */
  enum err (*read)(struct cx *cx, struct store *store, store_fn *fn, void *arg, bool single);
  /* Runs a statement; reader (may be NULL) sees its rows. Sets tx->failed when it fails. */
  enum err (*run)(struct cx *cx, struct tx *tx, const struct statement *statement, struct values args, row_reader *reader, void *arg, int64_t *changed);
  /* Runs statements that have neither parameters nor rows: a migration's text. */
  enum err (*script)(struct cx *cx, struct tx *tx, const char *sql);
};

struct store {
  const struct engine *engine;
  const struct store_schema *schema;
  bool postgres;
  struct aside *aside;   /* NULL: no room was set aside */
};

MUST_USE enum err sqlite_open(struct cx *cx, const char *folder, const struct store_schema *schema, int readers, struct store **out);
MUST_USE enum err postgres_open(struct cx *cx, const char *conninfo, const struct store_schema *schema, int connections, struct store **out);

/* Runs what is missing of the common and the own migrations, in one transaction. */
MUST_USE enum err migrate(struct cx *cx, struct store *store);

/* A statement's place in a connection's cache: common statements stand before the store's own. */
size_t statement_slot(const struct store *store, const struct statement *statement);
size_t statement_slots(const struct store *store);
const struct statement *statement_at(const struct store *store, size_t slot);

/* The n-th argument as its parameter is declared; NULL stays NULL, 0 and 1 become a bool where one is wanted. A wrong
 * type or count is a fault of the program. */
struct value statement_value(const struct statement *statement, struct values args, size_t n);

/* What an engine said. key NULL: the usual word for err. Messages never hold data: they are logged. */
struct fault { enum err err; const char *key, *what, *code, *message; };
/* Logs it, and fails with its word. */
enum err engine_fail(struct cx *cx, const struct fault *fault);

#endif
