/* The engine-independent half of the store: opens by URL, hands transactions to the engine, and runs single statements
 * as transactions of their own. */
#include "store/engine.h"

#include "base/text.h"
#include "store/aside.h"
#include "store/common_sql.h"
#include <assert.h>
#include <string.h>

/* ---- Values ---- */

struct value value_i64(int64_t v) { return (struct value){.type = VALUE_I64, .i64 = v}; }
struct value value_bool(bool v) { return (struct value){.type = VALUE_BOOL, .boolean = v}; }
struct value value_real(double v) { return (struct value){.type = VALUE_REAL, .real = v}; }
struct value value_text(const char *v) { return v ? (struct value){.type = VALUE_TEXT, .text = v} : (struct value){0}; }
struct value value_bytes(struct bytes v) { return v.data ? (struct value){.type = VALUE_BYTES, .bytes = v} : (struct value){0}; }
struct value value_date(int64_t v) { return v == NONE_DATE ? (struct value){0} : value_i64(v); }

struct value statement_value(const struct statement *statement, struct values args, size_t n)
{
  assert(args.count == statement->parameter_count && n < args.count);
  struct value value = args.items[n];
  enum value_type wanted = statement->parameters[n];
  if (value.type == VALUE_NULL || value.type == wanted) return value;
  /* `true` and a comparison are int in C, so that V() makes a number of them. */
  if (wanted == VALUE_BOOL && value.type == VALUE_I64 && (value.i64 == 0 || value.i64 == 1)) return value_bool(value.i64 == 1);
  if (wanted == VALUE_I64 && value.type == VALUE_BOOL) return value_i64(value.boolean);
  if (wanted == VALUE_REAL && value.type == VALUE_I64) return value_real((double)value.i64);
  assert(!"an argument is of another type than its parameter");
  return value;
}

/* ---- Statements ---- */

size_t statement_slot(const struct store *store, const struct statement *statement)
{
  size_t number = statement->number;
  if (number < common_schema.statement_count && common_schema.statements[number] == statement) return number;
  assert(number < store->schema->statement_count && store->schema->statements[number] == statement);
  return common_schema.statement_count + number;
}

size_t statement_slots(const struct store *store)
{
  return common_schema.statement_count + store->schema->statement_count;
}

const struct statement *statement_at(const struct store *store, size_t slot)
{
  size_t common = common_schema.statement_count;
  return slot < common ? common_schema.statements[slot] : store->schema->statements[slot - common];
}

static const char *fault_key(const struct fault *fault)
{
  if (fault->key) return fault->key;
  return fault->err == ERR_STORAGE ? "error.storage" : fault->err == ERR_BUSY ? "error.busy" : "error.internal";
}

enum err engine_fail(struct cx *cx, const struct fault *fault)
{
  cx_log(cx, fault->err == ERR_BUSY ? LOG_WARN : LOG_ALARM, "store failed",
         LOG_FIELDS({"what", fault->what}, {"code", fault->code}, {"cause", fault->message}));
  return cx_fail(cx, fault->err, NULL, fault_key(fault), NULL);
}

/* ---- Opening ---- */

enum err store_open(struct cx *cx, const char *url, const struct store_schema *schema, int readers, struct store **out)
{
  assert(readers > 0);
  struct store *store = NULL;
  enum err err;
  if (text_starts(url, "sqlite:")) err = sqlite_open(cx, url + strlen("sqlite:"), schema, readers, &store);
  else if (text_starts(url, "postgres://")) err = postgres_open(cx, url, schema, readers, &store);
  else if (text_starts(url, "postgres:")) err = postgres_open(cx, url + strlen("postgres:"), schema, readers, &store);
  else return cx_fail(cx, ERR_INPUT, NULL, "store.error.url", NULL);
  if (err) return err;
  err = migrate(cx, store);
  if (!err && store->engine->sign) err = store->engine->sign(cx, store);
  if (err) {
    store_close(store);
    return err;
  }
  *out = store;
  return OK;
}

void store_close(struct store *store)
{
  if (!store) return;
  aside_close(store->aside);
  store->engine->close(store);
}

bool store_is_postgres(const struct store *store) { return store->postgres; }
enum err store_check(struct cx *cx, struct store *store) { return store->engine->check(cx, store); }
enum err store_backup(struct cx *cx, struct store *store, const char *path) { return store->engine->backup(cx, store, path); }

enum err store_verify(struct cx *cx, struct store *store) { return store->engine->verify ? store->engine->verify(cx, store) : OK; }

enum err store_write(struct cx *cx, struct store *store, store_fn *fn, void *arg)
{
  return store->engine->write(cx, store, fn, arg);
}

enum err store_read(struct cx *cx, struct store *store, store_fn *fn, void *arg)
{
  return store->engine->read(cx, store, fn, arg, false);
}

/* ---- One statement as a transaction ---- */

struct single {
  const struct statement *statement;
  struct values args;
  const struct record_type *type;
  void *row;               /* store_row */
  struct list *list;       /* store_rows */
  size_t max;
  int64_t *number;         /* store_number, store_run */
};

static enum err single_row(struct cx *cx, struct tx *tx, void *arg)
{
  struct single *single = arg;
  return sql_row(cx, tx, single->statement, single->args, single->type, single->row);
}

static enum err single_rows(struct cx *cx, struct tx *tx, void *arg)
{
  struct single *single = arg;
  return sql_rows(cx, tx, single->statement, single->args, single->type, single->max, single->list);
}

static enum err single_number(struct cx *cx, struct tx *tx, void *arg)
{
  struct single *single = arg;
  return sql_number(cx, tx, single->statement, single->args, single->number);
}

static enum err single_run(struct cx *cx, struct tx *tx, void *arg)
{
  struct single *single = arg;
  return sql_run(cx, tx, single->statement, single->args, single->number);
}

static enum err run_single(struct cx *cx, struct store *store, store_fn *fn, struct single *single)
{
  return single->statement->writes ? store->engine->write(cx, store, fn, single) : store->engine->read(cx, store, fn, single, true);
}

enum err store_row(struct cx *cx, struct store *store, const struct statement *statement, struct values args,
                   const struct record_type *type, void *row)
{
  return run_single(cx, store, single_row, &(struct single){.statement = statement, .args = args, .type = type, .row = row});
}

enum err store_rows(struct cx *cx, struct store *store, const struct statement *statement, struct values args,
                    const struct record_type *type, size_t max, struct list *out)
{
  return run_single(cx, store, single_rows, &(struct single){.statement = statement, .args = args, .type = type, .max = max, .list = out});
}

enum err store_number(struct cx *cx, struct store *store, const struct statement *statement, struct values args, int64_t *out)
{
  return run_single(cx, store, single_number, &(struct single){.statement = statement, .args = args, .number = out});
}

enum err store_run(struct cx *cx, struct store *store, const struct statement *statement, struct values args, int64_t *changed)
{
  return run_single(cx, store, single_run, &(struct single){.statement = statement, .args = args, .number = changed});
}
