/* Migrations: each runs once, in order, and is remembered by its hash, so that a store never silently differs from the
 * program that reads it. All that are missing run in one transaction: a half-migrated store does not exist. */
#include "store/engine.h"

#include "base/text.h"
#include "store/common_sql.h"
#include "store/ledger_sql.h"
#include <assert.h>

enum { MIGRATIONS_MAX = 1000 };

struct recorded { int64_t number; const char *name, *hash; };

static const struct field recorded_fields[] = {
  FIELD(struct recorded, number),
  FIELD(struct recorded, name),
  FIELD(struct recorded, hash),
};
static const struct record_type recorded_type = RECORD("migration", struct recorded, recorded_fields);

static const char *migration_text(const struct store *store, const struct migration *migration)
{
  return store_is_postgres(store) ? migration->postgres : migration->sqlite;
}

static enum err migration_fail(struct cx *cx, const char *key, const struct store_schema *schema, int64_t number, const char *name)
{
  return cx_fail(cx, ERR_STORAGE, NULL, key, "schema", schema->name, "number", arena_print(cx->arena, "%lld", (long long)number), "name", name, NULL);
}

static enum err recorded_check(struct cx *cx, const struct store_schema *schema, const struct list *list)
{
  const struct recorded *recorded = list->items;
  for (size_t i = 0; i < list->count; i++) {
    if (i >= schema->migration_count || recorded[i].number != schema->migrations[i].number)
      return migration_fail(cx, "store.error.migration_unknown", schema, recorded[i].number, recorded[i].name);
    if (!text_equal(recorded[i].hash, schema->migrations[i].hash))
      return migration_fail(cx, "store.error.migration_changed", schema, recorded[i].number, recorded[i].name);
  }
  return OK;
}

static enum err schema_migrate(struct cx *cx, struct tx *tx, const struct store_schema *schema)
{
  struct list recorded;
  enum err err = sql_rows(cx, tx, &common_migration_all, ARGS(V(schema->name)), &recorded_type, MIGRATIONS_MAX, &recorded);
  if (!err) err = recorded_check(cx, schema, &recorded);
  for (size_t i = recorded.count; !err && i < schema->migration_count; i++) {
    const struct migration *migration = &schema->migrations[i];
    err = tx->store->engine->script(cx, tx, migration_text(tx->store, migration));
    if (!err) err = sql_run(cx, tx, &common_migration_add, ARGS(V(schema->name), V(migration->number), V(migration->name),
                            V(migration->hash), V(cx_now(cx))), NULL);
  }
  return err;
}

static enum err migrate_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct store *store = arg;
  assert(ledger_schema.migration_count == 1);
  enum err err = tx->store->engine->script(cx, tx, migration_text(store, &ledger_schema.migrations[0]));
  if (!err) err = schema_migrate(cx, tx, &common_schema);
  if (!err) err = schema_migrate(cx, tx, store->schema);
  return err;
}

enum err migrate(struct cx *cx, struct store *store)
{
  return store_write(cx, store, migrate_in, store);
}
