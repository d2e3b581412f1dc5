/* One SQL interface over SQLite and PostgreSQL.
 *
 * A system owns a store: an SQLite file, or a PostgreSQL schema. SQL stands in .sql files, read
 * at build by tools/embed_sql.py into const tables:
 *
 *   schema.sql, 0002_name.sql …   migrations in order, run once each, recorded by number and hash; one that was
 *     changed after it ran is an error at open. Column words: i64 text bytes bool real. SQLite tables become
 *     STRICT; one whose rows are their primary key alone is WITHOUT ROWID. An `i64 primary key` takes the next number when the insert leaves it out; give it always or never.
 *     What only one engine knows stands between lines `-- @sqlite`, `-- @postgres`, `-- @both`.
 *   query.sql                     statements, each right under a comment that names it and its parameters (the
 *                                 list may go on over lines that begin with --):
 *     -- dossier_get(code text, unit i64)
 *     select code, applicant from dossier where code = ?1 and unit = ?2;
 *   For system `onestop` this makes  extern const struct statement onestop_dossier_get;  in
 *   "onestop_sql.h", and  extern const struct store_schema onestop_schema.
 *   ?n becomes $n for PostgreSQL, outside literals; `::` fails the build. Write only SQL that both
 *   engines take (upsert with ON CONFLICT, RETURNING, no ILIKE, no type casts but CAST(x AS i64)).
 *   Text compares and sorts by code point on both, LIKE minds case on both (and wants its ESCAPE written).
 *
 * A transaction is a function. store_write runs fn on the one SQLite writer connection inside a
 * SAVEPOINT, the last of those who are there commits for all, and each returns only when the commit that holds its work
 * is durable (synchronous=FULL, WAL). On PostgreSQL it runs SERIALIZABLE and again, at most 5 times, on
 * 40001/40P01, on a unique violation (another may have taken the number at the same moment; the third run,
 * alone, decides), and on a session lost before the commit; so fn must be callable twice: it sets its results only through *arg, afresh each
 * time. fn does no network, no cryptography, no rendering, and does not call store_write or store_read.
 * When fn returns an error, all it did is undone and that error is returned. An arena over its budget is
 * ERR_MEMORY instead of a commit. A statement that failed (ERR_NOT_FOUND is no failure) dooms its
 * transaction: further ones fail alike, and so does the transaction whatever fn returns. Where a conflict is
 * expected, write ON CONFLICT DO NOTHING and look at the count of rows.
 *
 * After ERR_STORAGE the work is undone. Only when the machine stops in that very moment may it be found done at the next start, whole, as
 * with any answer that never came. A failed sync is not believed later: the next transaction, and every start, writes again what it
 * should have made durable (tests/fault shows it).
 *
 * Errors of the engine: ERR_STORAGE "error.storage", or "error.storage_full" when the disk is full; ERR_BUSY
 * "error.busy" when no connection came free or the transaction met others five times; ERR_MEMORY "error.memory". */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "record/record.h"

enum value_type { VALUE_NULL = 0, VALUE_I64, VALUE_TEXT, VALUE_BYTES, VALUE_BOOL, VALUE_REAL };

struct value {
  enum value_type type;
  union { int64_t i64; const char *text; struct bytes bytes; bool boolean; double real; };
};

struct value value_i64(int64_t v);
struct value value_text(const char *v);     /* NULL becomes VALUE_NULL */
struct value value_bytes(struct bytes v);   /* data NULL becomes VALUE_NULL */
struct value value_bool(bool v);
struct value value_real(double v);
struct value value_date(int64_t v);         /* NONE_DATE becomes VALUE_NULL */
#define V(x)                                                                                        \
  _Generic((x), bool : value_bool, int : value_i64, long : value_i64,        \
           long long : value_i64, unsigned : value_i64, size_t : value_i64, char * : value_text,    \
           const char * : value_text, struct bytes : value_bytes, double : value_real)(x)
/* ARGS(V(code), V(unit)): the arguments of a statement, in the order of ?1 … ?n. */
struct values { const struct value *items; size_t count; };
#define ARGS(...) ((struct values){(const struct value[]){__VA_ARGS__}, sizeof((const struct value[]){__VA_ARGS__}) / sizeof(struct value)})
#define NO_ARGS ((struct values){NULL, 0})

struct statement {
  const char *name;                       /* "onestop_dossier_get" */
  const char *sqlite, *postgres;          /* the text for each engine */
  const enum value_type *parameters;      /* their types */
  size_t parameter_count;
  uint32_t number;                        /* position in its schema's table: the cache slot */
  bool writes;                            /* it may change rows: store_row and its like run it in store_write */
};

struct migration { int number; const char *name, *sqlite, *postgres, *hash; };

struct store_schema {
  const char *name;                       /* "onestop": also the PostgreSQL schema and the file's name */
  const struct migration *migrations; size_t migration_count;
  const struct statement *const *statements; size_t statement_count;
};

struct store;
struct tx;
typedef enum err store_fn(struct cx *cx, struct tx *tx, void *arg);

/* url: "sqlite:FOLDER" (file FOLDER/<schema>.sqlite) or "postgres:CONNINFO" (schema <schema>),
 * also as a URI "postgres://…".
 * An SQLite file that is empty or gone though it was a store once (FOLDER/<schema>.sqlite.exists stands beside it) is
 * ERR_STORAGE "store.error.found_damaged"; so is one whose log was damaged (store_verify_log).
 * Runs the migrations of the common schema (action, outbox, inbox: store/sql/common) and of this one, prepares nothing
 * yet. The schema must live as long as the store. Statements of the common schema ("store/common_sql.h") run in every store.
 * readers: reading connections at most (one is taken per store_read); on PostgreSQL connections at all. */
MUST_USE enum err store_open(struct cx *cx, const char *url, const struct store_schema *schema, int readers, struct store **out);
void store_close(struct store *store);
/* Prepares every statement of the schema on the engine, so that a wrong one is found at start and in tests. */
MUST_USE enum err store_check(struct cx *cx, struct store *store);
bool store_is_postgres(const struct store *store);
/* A consistent copy of a running SQLite store into a file; PostgreSQL: ERR_INPUT (use its own tools). */
MUST_USE enum err store_backup(struct cx *cx, struct store *store, const char *path);

/* Reads the whole store and checks its pages' checksums, structure, keys and constraints: ERR_STORAGE "store.error.found_damaged"; the log
 * says what is wrong. Takes as long as reading it does. (A changed page is an error for whoever reads it, at any time: sqlite_checked.c.) PostgreSQL looks after its own pages (data checksums, pg_amcheck): OK. */
MUST_USE enum err store_verify(struct cx *cx, struct store *store);
/* The same of an SQLite file that need not be open here; it changes nothing in it and runs no migration. */
MUST_USE enum err store_verify_file(struct cx *cx, const char *path);
/* Whether transactions that were told to be safe stand behind a damage in the log (PATH-wal) of an SQLite file that is not open:
 * ERR_STORAGE "store.error.found_damaged"; the log says where. Where PATH-wal.lost exists, the loss was accepted: OK. The next store_open
 * then goes on with what stands before the damage, and takes that file away. */
MUST_USE enum err store_verify_log(struct cx *cx, const char *path);

MUST_USE enum err store_write(struct cx *cx, struct store *store, store_fn *fn, void *arg);
MUST_USE enum err store_read(struct cx *cx, struct store *store, store_fn *fn, void *arg);

/* Runs a statement that returns no rows; *changed (may be NULL) gets the count of rows.
 * A unique or foreign key violation is ERR_CONFLICT. */
MUST_USE enum err sql_run(struct cx *cx, struct tx *tx, const struct statement *statement, struct values args, int64_t *changed);
/* The first row into *row (zeroed first) by column name; ERR_NOT_FOUND without a problem when there is none. A column
 * without a member is a fault of the program (assert); a NULL column leaves NULL, 0 or NONE_DATE (FORM_DATE, FORM_TIME). */
MUST_USE enum err sql_row(struct cx *cx, struct tx *tx, const struct statement *statement, struct values args,
                          const struct record_type *type, void *row);
/* All rows, at most max (more are left unread), one after another in cx->arena. */
MUST_USE enum err sql_rows(struct cx *cx, struct tx *tx, const struct statement *statement, struct values args,
                           const struct record_type *type, size_t max, struct list *out);
/* The one integer of the first row; ERR_NOT_FOUND when there is none or it is NULL. */
MUST_USE enum err sql_number(struct cx *cx, struct tx *tx, const struct statement *statement, struct values args, int64_t *out);

/* One statement as a whole transaction, for the many cases that need no more. */
MUST_USE enum err store_row(struct cx *cx, struct store *store, const struct statement *statement, struct values args,
                            const struct record_type *type, void *row);
MUST_USE enum err store_rows(struct cx *cx, struct store *store, const struct statement *statement, struct values args,
                             const struct record_type *type, size_t max, struct list *out);
MUST_USE enum err store_number(struct cx *cx, struct store *store, const struct statement *statement, struct values args, int64_t *out);
MUST_USE enum err store_run(struct cx *cx, struct store *store, const struct statement *statement, struct values args, int64_t *changed);

#endif
