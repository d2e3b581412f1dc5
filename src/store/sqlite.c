/* The SQLite engine: one file a store in WAL mode, a bounded set of reading connections and one writer. Every promise
 * that SQLite makes optional (sync, foreign keys, strict types) is switched on here, and every leniency off. */
#include "store/sqlite_inner.h"

#include "store/sqlite_checked.h"
#include "store/sqlite_log.h"
#include "store/sync.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUSY_MS = 5000 };

static const char *const control_text[CONTROL_COUNT] = {
  [CONTROL_BEGIN] = "begin", [CONTROL_BEGIN_WRITE] = "begin immediate", [CONTROL_COMMIT] = "commit", [CONTROL_ROLLBACK] = "rollback",
  [CONTROL_SAVEPOINT] = "savepoint work", [CONTROL_RELEASE] = "release work", [CONTROL_UNDO] = "rollback to work",
};

/* LIKE minds case, as it does on PostgreSQL; the log of a store that grew once is cut back. */
static const char settings[] = "pragma synchronous = full; pragma foreign_keys = on; pragma trusted_schema = off;"
                               "pragma case_sensitive_like = on; pragma journal_size_limit = 67108864;";
static const char writer_settings[] = "pragma temp_store = memory; pragma cache_size = -8192; pragma wal_autocheckpoint = 8192;";

/* ---- Errors ---- */

static enum err constraint_err(int extended)
{
  switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
    case SQLITE_CONSTRAINT_FOREIGNKEY: return ERR_CONFLICT;
    default: return ERR_INTERNAL;
  }
}

static enum err code_err(int extended)
{
  switch (extended & 0xff) {
    case SQLITE_CONSTRAINT: return constraint_err(extended);
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ERR_BUSY;
    /* A wrong statement, a wrong use, or a write in store_read: faults of the program that the database refused. */
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
    case SQLITE_READONLY: return ERR_INTERNAL;
    default: return ERR_STORAGE;
  }
}

enum err sqlite_fail(struct cx *cx, struct connection *connection, const char *what)
{
  int extended = sqlite3_extended_errcode(connection->db);
  if ((extended & 0xff) == SQLITE_NOMEM) abort();
  enum err err = code_err(extended);
  if (err == ERR_CONFLICT) return err;
  return engine_fail(cx, &(struct fault){.err = err, .key = (extended & 0xff) == SQLITE_FULL ? "error.storage_full" : NULL, .what = what,
                     .code = sqlite3_errstr(extended), .message = sqlite3_errmsg(connection->db)});
}

/* ---- Connections ---- */

int connection_control(struct connection *connection, enum control control)
{
  sqlite3_step(connection->control[control]);
  return sqlite3_reset(connection->control[control]);
}

static void connection_close(struct connection *connection, size_t slots)
{
  for (int i = 0; i < CONTROL_COUNT; i++) sqlite3_finalize(connection->control[i]);
  for (size_t i = 0; connection->cache && i < slots; i++) sqlite3_finalize(connection->cache[i]);
  free(connection->cache);
  int code = sqlite3_close(connection->db);
  assert(code == SQLITE_OK);
  *connection = (struct connection){0};
}

/* SQLite answers with another mode where it cannot share memory with readers: WAL is needed, not wished. */
static bool wal_is_on(sqlite3 *db)
{
  sqlite3_stmt *statement = NULL;
  bool on = sqlite3_prepare_v2(db, "pragma journal_mode = wal", -1, &statement, NULL) == SQLITE_OK &&
            sqlite3_step(statement) == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(statement, 0), "wal") == 0;
  sqlite3_finalize(statement);
  return on;
}

/* After a start SQLite takes up its log as the system shows it, and what the system shows need not be on the disk: after a failed sync it
 * never gets there. Moved into the database and synced it is, before anything is acknowledged on top of it. Busy: another process has it
 * open, and did this. */
static bool log_move(sqlite3 *db)
{
  int code = sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
  return code == SQLITE_OK || code == SQLITE_BUSY;
}

static bool connection_set_up(sqlite3 *db, bool writer)
{
  sqlite3_extended_result_codes(db, 1);
  sqlite3_busy_timeout(db, BUSY_MS);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  if (writer && (!checked_begin(db) || !wal_is_on(db))) return false;
  if (sqlite3_exec(db, settings, NULL, NULL, NULL) != SQLITE_OK) return false;
  if (sqlite3_exec(db, writer ? writer_settings : "pragma query_only = on", NULL, NULL, NULL) != SQLITE_OK) return false;
  return !writer || log_move(db);
}

static enum err connection_open(struct cx *cx, struct sqlite_store *store, bool writer, struct connection *out)
{
  *out = (struct connection){.cache = calloc(statement_slots(&store->store), sizeof(sqlite3_stmt *))};
  if (!out->cache) abort();
  /* Each connection is used by one thread at a time: SQLite need not lock it again. */
  bool good = sqlite3_open_v2(store->path, &out->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, checked_vfs()) == SQLITE_OK &&
              connection_set_up(out->db, writer);
  for (int i = 0; good && i < CONTROL_COUNT; i++)
    good = sqlite3_prepare_v3(out->db, control_text[i], -1, SQLITE_PREPARE_PERSISTENT, &out->control[i], NULL) == SQLITE_OK;
  if (good) return OK;
  sqlite_fail(cx, out, "open");
  connection_close(out, statement_slots(&store->store));
  return ERR_STORAGE;
}

/* ---- Readers ---- */

/* An idle reader, or leave to open one (*out NULL), or ERR_BUSY after a while. */
static enum err reader_wait(struct cx *cx, struct sqlite_store *store, struct connection **out)
{
  int64_t until_us = clock_monotonic_us() + WAIT_S * SECOND_US;
  int waited = 0;
  *out = NULL;
  pthread_mutex_lock(&store->mutex);
  while (!store->idle_count && store->open_count == store->readers_max && !waited)
    waited = clock_wait_until(&store->returned, &store->mutex, until_us);
  bool found = store->idle_count > 0, room = store->open_count < store->readers_max;
  if (found) *out = store->idle[--store->idle_count];
  else if (room) store->open_count++;
  pthread_mutex_unlock(&store->mutex);
  return found || room ? OK : cx_fail(cx, ERR_BUSY, NULL, "error.busy", NULL);
}

static void reader_return(struct sqlite_store *store, struct connection *reader)
{
  pthread_mutex_lock(&store->mutex);
  if (reader) store->idle[store->idle_count++] = reader;
  else store->open_count--;
  pthread_cond_signal(&store->returned);
  pthread_mutex_unlock(&store->mutex);
}

static enum err reader_take(struct cx *cx, struct sqlite_store *store, struct connection **out)
{
  enum err err = reader_wait(cx, store, out);
  if (err || *out) return err;
  struct connection *reader = malloc(sizeof *reader);
  if (!reader) abort();
  err = connection_open(cx, store, false, reader);
  if (!err) {
    *out = reader;
    return OK;
  }
  free(reader);
  reader_return(store, NULL);
  return err;
}

static enum err sqlite_read(struct cx *cx, struct store *base, store_fn *fn, void *arg, bool single)
{
  struct sqlite_store *store = (struct sqlite_store *)base;
  struct sqlite_tx tx = {.tx = {.store = base}};
  enum err err = reader_take(cx, store, &tx.connection);
  if (err) return err;
  if (!single && connection_control(tx.connection, CONTROL_BEGIN) != SQLITE_OK) err = sqlite_fail(cx, tx.connection, "begin");
  if (!err) err = fn(cx, &tx.tx, arg);
  if (tx.tx.failed) err = tx.tx.failed;
  if (!sqlite3_get_autocommit(tx.connection->db)) connection_control(tx.connection, CONTROL_ROLLBACK);
  reader_return(store, tx.connection);
  return err;
}

/* ---- Statements ---- */

static enum err statement_prepare(struct cx *cx, struct store *store, struct connection *connection, const struct statement *statement, sqlite3_stmt **out)
{
  sqlite3_stmt **slot = &connection->cache[statement_slot(store, statement)];
  const char *rest = "";
  if (!*slot && sqlite3_prepare_v3(connection->db, statement->sqlite, -1, SQLITE_PREPARE_PERSISTENT, slot, &rest) != SQLITE_OK)
    return sqlite_fail(cx, connection, statement->name);
  assert(!*rest);
  *out = *slot;
  return OK;
}

static int value_bind(sqlite3_stmt *prepared, int place, const struct value *value)
{
  switch (value->type) {
    case VALUE_NULL: return sqlite3_bind_null(prepared, place);
    case VALUE_I64: return sqlite3_bind_int64(prepared, place, value->i64);
    case VALUE_BOOL: return sqlite3_bind_int64(prepared, place, value->boolean);
    case VALUE_REAL: return sqlite3_bind_double(prepared, place, value->real);
    case VALUE_TEXT: return sqlite3_bind_text64(prepared, place, value->text, strlen(value->text), SQLITE_STATIC, SQLITE_UTF8);
    case VALUE_BYTES: return sqlite3_bind_blob64(prepared, place, value->bytes.data, value->bytes.size, SQLITE_STATIC);
  }
  return SQLITE_MISUSE;
}

static struct value column_value(sqlite3_stmt *prepared, int place)
{
  static const uint8_t nothing[1];
  switch (sqlite3_column_type(prepared, place)) {
    case SQLITE_INTEGER: return value_i64(sqlite3_column_int64(prepared, place));
    case SQLITE_FLOAT: return value_real(sqlite3_column_double(prepared, place));
    case SQLITE_TEXT: return value_text((const char *)sqlite3_column_text(prepared, place));
    case SQLITE_BLOB: {
      const void *data = sqlite3_column_blob(prepared, place);
      return value_bytes((struct bytes){data ? data : nothing, (size_t)sqlite3_column_bytes(prepared, place)});
    }
    default: return (struct value){0};
  }
}

/* Rows of one run share their names. */
struct rows { const char *names[COLUMNS_MAX]; struct value values[COLUMNS_MAX]; struct row row; };

static bool row_show(struct cx *cx, sqlite3_stmt *prepared, struct rows *rows, row_reader *reader, void *arg)
{
  struct row *row = &rows->row;
  if (!row->count) {
    *row = (struct row){.count = (size_t)sqlite3_column_count(prepared), .names = rows->names, .values = rows->values};
    assert(row->count <= COLUMNS_MAX);
    for (size_t i = 0; i < row->count; i++) rows->names[i] = sqlite3_column_name(prepared, (int)i);
  }
  for (size_t i = 0; i < row->count; i++) rows->values[i] = column_value(prepared, (int)i);
  return reader(cx, row, arg);
}

/* A statement that writes is always run to its end, wanted rows or not: only then its constraints are checked. */
static int statement_step(struct cx *cx, sqlite3_stmt *prepared, bool writes, row_reader *reader, void *arg)
{
  bool more = reader != NULL;
  struct rows rows;
  int code;
  rows.row.count = 0;
  while ((code = sqlite3_step(prepared)) == SQLITE_ROW) {
    if (more) more = row_show(cx, prepared, &rows, reader, arg);
    if (!more && !writes) return SQLITE_DONE;
  }
  return code;
}

static enum err sqlite_run(struct cx *cx, struct tx *tx, const struct statement *statement, struct values args, row_reader *reader, void *arg, int64_t *changed)
{
  struct connection *connection = ((struct sqlite_tx *)tx)->connection;
  sqlite3_stmt *prepared = NULL;
  assert(args.count == statement->parameter_count);
  if (tx->failed) return tx->failed;
  tx->failed = statement_prepare(cx, tx->store, connection, statement, &prepared);
  if (tx->failed) return tx->failed;
  for (size_t i = 0; i < args.count; i++) {
    struct value value = statement_value(statement, args, i);
    if (value_bind(prepared, (int)i + 1, &value) != SQLITE_OK) tx->failed = sqlite_fail(cx, connection, statement->name);
  }
  if (!tx->failed && statement_step(cx, prepared, statement->writes, reader, arg) != SQLITE_DONE)
    tx->failed = sqlite_fail(cx, connection, statement->name);
  if (!tx->failed && changed) *changed = statement->writes ? sqlite3_changes64(connection->db) : 0;
  sqlite3_reset(prepared);
  sqlite3_clear_bindings(prepared);
  return tx->failed;
}

static enum err sqlite_script(struct cx *cx, struct tx *tx, const char *sql)
{
  struct connection *connection = ((struct sqlite_tx *)tx)->connection;
  if (!tx->failed && sqlite3_exec(connection->db, sql, NULL, NULL, NULL) != SQLITE_OK) tx->failed = sqlite_fail(cx, connection, "script");
  return tx->failed;
}

/* ---- The store ---- */

static enum err check_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct store *store = arg;
  size_t before = cx->problems.count;
  for (size_t i = 0; i < statement_slots(store); i++) {
    const struct statement *statement = statement_at(store, i);
    sqlite3_stmt *prepared = NULL;
    enum err err = statement_prepare(cx, store, ((struct sqlite_tx *)tx)->connection, statement, &prepared);
    if (!err) continue;
    cx->problems.count = before;
    return cx_fail(cx, err, NULL, "store.error.statement", "statement", statement->name, NULL);
  }
  return OK;
}

static enum err sqlite_check(struct cx *cx, struct store *store)
{
  return store_read(cx, store, check_in, store);
}

static int quick_check_row(void *arg, int count, char **values, char **names)
{
  *(bool *)arg = count == 1 && values[0] && strcmp(values[0], "ok") == 0;
  return 0;
}

struct verdict { char *first; bool sound; };

/* "ok" is the only row of a sound database; of another the first thing found is enough to say. */
static int verdict_row(void *arg, int count, char **values, char **names)
{
  struct verdict *verdict = arg;
  const char *said = count > 0 && values[0] ? values[0] : "";
  bool first = !verdict->sound && !verdict->first;
  verdict->sound = first && strcmp(said, "ok") == 0;
  if (verdict->sound || verdict->first) return 0;
  verdict->first = strdup(said);
  if (!verdict->first) abort();
  return 0;
}

static enum err verify_with(struct cx *cx, struct connection *reader)
{
  struct verdict verdict = {0};
  int code = sqlite3_exec(reader->db, "pragma integrity_check(1); pragma foreign_key_check", verdict_row, &verdict, NULL);
  enum err err = OK;
  bool damaged = code == SQLITE_OK ? !verdict.sound : sqlite3_extended_errcode(reader->db) == SQLITE_IOERR_DATA ||
                                                      (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
  if (code != SQLITE_OK && !damaged) err = sqlite_fail(cx, reader, "verify");
  if (damaged)
    err = engine_fail(cx, &(struct fault){.err = ERR_STORAGE, .key = "store.error.found_damaged", .what = "verify", .code = "", .message = verdict.first ? verdict.first : ""});
  free(verdict.first);
  return err;
}

enum err store_verify_log(struct cx *cx, const char *path) { return log_check(cx, path); }

enum err store_verify_file(struct cx *cx, const char *path)
{
  struct connection connection = {0};
  enum err err = log_check(cx, path);
  if (err) return err;
  bool good = sqlite3_open_v2(path, &connection.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, checked_vfs()) == SQLITE_OK;
  err = good && connection_set_up(connection.db, false) ? verify_with(cx, &connection) : sqlite_fail(cx, &connection, "verify");
  sqlite3_close(connection.db);
  return err;
}

static enum err sqlite_verify(struct cx *cx, struct store *base)
{
  struct sqlite_store *store = (struct sqlite_store *)base;
  struct connection *reader;
  enum err err = reader_take(cx, store, &reader);
  if (err) return err;
  err = verify_with(cx, reader);
  reader_return(store, reader);
  return err;
}

/* Copies in one read transaction of the source, so that writers go on meanwhile; the copy is one file, without WAL. */
static enum err copy_fill(struct cx *cx, struct connection *source, struct connection *copy)
{
  bool sound = false;
  sqlite3_backup *backup = sqlite3_backup_init(copy->db, "main", source->db, "main");
  if (!backup || !checked_like(copy->db, source->db)) {
    sqlite3_backup_finish(backup);
    return sqlite_fail(cx, copy, "backup");
  }
  sqlite3_backup_step(backup, -1);
  if (sqlite3_backup_finish(backup) != SQLITE_OK || sqlite3_exec(copy->db, "pragma journal_mode = delete", NULL, NULL, NULL) != SQLITE_OK ||
      sqlite3_exec(copy->db, "pragma quick_check", quick_check_row, &sound, NULL) != SQLITE_OK)
    return sqlite_fail(cx, copy, "backup");
  return sound ? OK : cx_fail(cx, ERR_STORAGE, NULL, "store.error.damaged", NULL);
}

static enum err copy_make(struct cx *cx, struct connection *source, const char *path)
{
  struct connection copy = {0};
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return disk_fail(cx, "create backup");
  enum err err = sqlite3_open_v2(path, &copy.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, checked_vfs()) == SQLITE_OK ? OK : sqlite_fail(cx, &copy, "backup");
  if (!err) err = copy_fill(cx, source, &copy);
  sqlite3_close(copy.db);
  if (!err && fsync(fd)) err = disk_fail(cx, "sync backup");
  close(fd);
  return err;
}

static enum err sqlite_backup(struct cx *cx, struct store *base, const char *path)
{
  struct sqlite_store *store = (struct sqlite_store *)base;
  struct connection *source;
  if (access(path, F_OK) == 0) return cx_fail(cx, ERR_CONFLICT, NULL, "store.error.backup_exists", "path", path, NULL);
  const char *part = arena_print(cx->arena, "%s.part", path);
  enum err err = reader_take(cx, store, &source);
  if (err) return err;
  err = copy_make(cx, source, part);
  reader_return(store, source);
  if (!err) err = file_name(cx, part, path);
  if (err) unlink(part);
  return err;
}

/* ---- The sign that a store exists ---- */

/* An empty file is a new database to SQLite. So that one that lost its content is not taken for new, a file beside it says that there was
 * a database: written when its tables are durable, never before. */
static const char *sign_of(struct cx *cx, const char *path)
{
  return arena_print(cx->arena, "%s.exists", path);
}

static enum err sqlite_sign(struct cx *cx, struct store *base)
{
  const char *path = ((struct sqlite_store *)base)->path, *sign = sign_of(cx, path);
  if (access(sign, F_OK) == 0) return OK;
  int fd = open(sign, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return disk_fail(cx, "sign store");
  enum err err = fsync(fd) ? disk_fail(cx, "sign store") : OK;
  close(fd);
  const char *slash = strrchr(path, '/');
  if (!err) err = folder_sync(cx, arena_copy_n(cx->arena, path, (size_t)(slash - path)));
  if (err) unlink(sign);
  return err;
}

static enum err content_lost(struct cx *cx)
{
  return engine_fail(cx, &(struct fault){.err = ERR_STORAGE, .key = "store.error.found_damaged", .what = "open", .code = "", .message = "the database lost its content"});
}

/* What was signed begins as each database does that SQLite has written a page of. */
static enum err content_check(struct cx *cx, int fd)
{
  static const char magic[16] = "SQLite format 3";
  char begin[sizeof magic];
  ssize_t got = pread(fd, begin, sizeof begin, 0);
  if (got < 0) return disk_fail(cx, "open store");
  return got == (ssize_t)sizeof begin && memcmp(begin, magic, sizeof magic) == 0 ? OK : content_lost(cx);
}

/* Made here, so that the file and what SQLite puts beside it are for the owner alone; what was signed is never made again. */
static enum err database_make(struct cx *cx, const char *path)
{
  bool is_signed = access(sign_of(cx, path), F_OK) == 0;
  int fd = open(path, O_RDWR | (is_signed ? 0 : O_CREAT) | O_CLOEXEC, 0600);
  if (fd < 0) return is_signed && errno == ENOENT ? content_lost(cx) : disk_fail(cx, "open store");
  enum err err = is_signed ? content_check(cx, fd) : OK;
  close(fd);
  return err;
}

static void sqlite_close(struct store *base)
{
  struct sqlite_store *store = (struct sqlite_store *)base;
  assert(store->idle_count == store->open_count && !store->batch);
  for (int i = 0; i < store->idle_count; i++) {
    connection_close(store->idle[i], statement_slots(base));
    free(store->idle[i]);
  }
  if (store->writer.db) connection_close(&store->writer, statement_slots(base));
  pthread_mutex_destroy(&store->turn);
  pthread_mutex_destroy(&store->mutex);
  pthread_cond_destroy(&store->returned);
  free(store->idle);
  free(store->path);
  free(store);
}

static const struct engine sqlite_engine = {
  .close = sqlite_close, .check = sqlite_check, .backup = sqlite_backup, .verify = sqlite_verify, .sign = sqlite_sign, .write = sqlite_write,
  .read = sqlite_read, .run = sqlite_run, .script = sqlite_script,
};

static struct sqlite_store *store_new(const char *path, const struct store_schema *schema, int readers)
{
  struct sqlite_store *store = calloc(1, sizeof *store);
  if (!store) abort();
  store->store = (struct store){.engine = &sqlite_engine, .schema = schema};
  store->path = strdup(path);
  store->idle = calloc((size_t)readers, sizeof *store->idle);
  if (!store->path || !store->idle) abort();
  store->readers_max = readers;
  clock_condition_init(&store->returned);
  pthread_mutex_init(&store->turn, NULL);
  pthread_mutex_init(&store->mutex, NULL);
  return store;
}

enum err sqlite_open(struct cx *cx, const char *folder, const struct store_schema *schema, int readers, struct store **out)
{
  enum err err = folder_make(cx, folder);
  if (err) return err;
  const char *path = arena_print(cx->arena, "%s/%s.sqlite", folder, schema->name);
  err = database_make(cx, path);
  if (!err) err = folder_sync(cx, folder);
  if (!err) err = log_check(cx, path);
  if (err) return err;
  struct sqlite_store *store = store_new(path, schema, readers);
  err = connection_open(cx, store, true, &store->writer);
  if (err) {
    sqlite_close(&store->store);
    return err;
  }
  log_taken(cx, path);
  *out = &store->store;
  return OK;
}
