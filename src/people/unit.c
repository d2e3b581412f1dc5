/* Units with validity: the store holds every unit that was, memory holds who was below whom. */
#include "people/unit_inner.h"

#include "base/text.h"
#include "people/unit_day.h"
#include <string.h>

static const struct field unit_fields[] = {
  FIELD(struct unit, code, .max = 64, .word = "account.unit_code", .required = true),
  FIELD(struct unit, name, .max = 200, .word = "account.unit_name", .required = true),
  FIELD(struct unit, kind, .max = 60, .word = "account.unit_kind", .required = true),
  FIELD(struct unit, parent, .max = 64, .word = "account.unit_parent"),
  FIELD(struct unit, level, .max = 20, .word = "account.unit_level", .required = true),
  FIELD(struct unit, valid_from, .form = FORM_DATE, .word = "account.valid_from"),
  FIELD(struct unit, valid_to, .form = FORM_DATE, .word = "account.valid_to"),
  FIELD(struct unit, agency_code, .max = 40, .word = "account.agency_code"),
  FIELD(struct unit, address, .max = 300, .word = "account.unit_address"),
  FIELD(struct unit, phone, .max = 60, .word = "account.unit_phone"),
  FIELD(struct unit, hours, .max = 200, .word = "account.unit_hours"),
};
const struct record_type unit_type = RECORD("unit", struct unit, unit_fields);

/* ---- Memory ---- */

struct unit_reading { int64_t version; struct list edges; };

static enum err read_edges_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct unit_reading *reading = arg;
  enum err err = sql_number(cx, tx, &people_number_get, ARGS(V("units")), &reading->version);
  return err ? err : sql_rows(cx, tx, &people_unit_tree, NO_ARGS, &unit_edge_type, UNITS_MAX, &reading->edges);
}

enum err unit_refresh(struct cx *cx, struct people *people)
{
  struct memory *memory = people->memory;
  struct unit_reading reading;
  int64_t version;
  enum err err = store_number(cx, people->store, &people_number_get, ARGS(V("units")), &version);
  pthread_rwlock_rdlock(&memory->lock);
  bool fresh = memory->units_version == version;
  pthread_rwlock_unlock(&memory->lock);
  if (err || fresh) return err;
  err = store_read(cx, people->store, read_edges_in, &reading);
  if (err) return err;
  struct unit_tree *tree = unit_tree_new(reading.edges.items, reading.edges.count), *old = tree;
  pthread_rwlock_wrlock(&memory->lock);
  if (reading.version > memory->units_version) { /* else somebody was quicker and knows more */
    old = memory->units;
    memory->units = tree;
    memory->units_version = reading.version;
  }
  pthread_rwlock_unlock(&memory->lock);
  unit_tree_free(old);
  return OK;
}

bool unit_within(const struct people *people, const char *unit, const char *ancestor, int64_t on_days)
{
  pthread_rwlock_rdlock(&people->memory->lock);
  bool within = unit_tree_within(people->memory->units, unit, ancestor, on_days);
  pthread_rwlock_unlock(&people->memory->lock);
  return within;
}

/* ---- Reading ---- */

static void open_ends(struct unit *unit)
{
  if (unit->valid_from <= FIRST_DAY) unit->valid_from = NONE_DATE;
  if (unit->valid_to >= LAST_DAY) unit->valid_to = NONE_DATE;
}

static enum err unit_read(struct cx *cx, struct people *people, const char *code, int64_t on_days, struct unit *out)
{
  enum err err = store_row(cx, people->store, &people_unit_get, ARGS(V(code), V(on_days)), &unit_type, out);
  if (!err) open_ends(out);
  return err;
}

enum err unit_get(struct cx *cx, struct people *people, const char *code, int64_t on_days, struct unit *out)
{
  bool held;
  enum err err = unit_day_get(cx, people, code, on_days, &held, out);
  if (!err && !held) return unit_read(cx, people, code, on_days, out);
  if (!err) open_ends(out);
  return err;
}

enum err unit_children(struct cx *cx, struct people *people, const char *parent, int64_t on_days, struct list *out)
{
  bool held;
  enum err err = unit_day_children(cx, people, parent, on_days, &held, out);
  if (!err && !held)
    err = parent ? store_rows(cx, people->store, &people_unit_below, ARGS(V(parent), V(on_days)), &unit_type, ROWS_MAX, out)
                 : store_rows(cx, people->store, &people_unit_tops, ARGS(V(on_days)), &unit_type, ROWS_MAX, out);
  struct unit *units = out->items;
  for (size_t i = 0; !err && i < out->count; i++) open_ends(&units[i]);
  return err;
}

enum err unit_search(struct cx *cx, struct people *people, const char *text, int64_t on_days, size_t max, struct list *out)
{
  struct list all;
  const char *wanted = text_fold(cx->arena, text);
  enum err err = store_rows(cx, people->store, &people_unit_on, ARGS(V(on_days)), &unit_type, ROWS_MAX, &all);
  if (err) return err;
  /* A province has a thousand units at most: folding them here is cheaper than keeping a column in step. */
  struct unit *units = all.items;
  size_t found = 0;
  for (size_t i = 0; i < all.count && found < max && !text_empty(wanted); i++) {
    if (!text_equal(units[i].code, text) && !strstr(text_fold(cx->arena, units[i].name), wanted)) continue;
    open_ends(&units[i]);
    units[found++] = units[i];
  }
  *out = (struct list){units, found};
  return OK;
}

/* ---- Writing ---- */

static enum err clear_code(struct cx *cx, struct tx *tx, const struct agency_code *code)
{
  return sql_run(cx, tx, &people_agency_code_clear, ARGS(V(code->unit), V(code->valid_from), V(code->valid_to)), NULL);
}

/* ERR_CONFLICT: another unit has it on one of these days. */
static enum err put_code(struct cx *cx, struct tx *tx, const struct agency_code *code)
{
  int64_t others = 0;
  enum err err = sql_number(cx, tx, &people_agency_code_others, ARGS(V(code->code), V(code->unit), V(code->valid_from), V(code->valid_to)), &others);
  if (!err && others) return ERR_CONFLICT;
  return err ? err : sql_run(cx, tx, &people_agency_code_put, ARGS(V(code->unit), V(code->valid_from), V(code->valid_to), V(code->code)), NULL);
}

static enum err put_unit(struct cx *cx, struct tx *tx, const struct unit *unit)
{
  enum err err = sql_run(cx, tx, &people_unit_clear, ARGS(V(unit->code), V(unit->valid_from), V(unit->valid_to)), NULL);
  if (!err)
    err = sql_run(cx, tx, &people_unit_put,
                  ARGS(V(unit->code), V(unit->valid_from), V(unit->valid_to), V(unit->name), V(unit->kind), V(unit->parent), V(unit->level),
                       V(unit->address), V(unit->phone), V(unit->hours)), NULL);
  if (err || text_empty(unit->agency_code)) return err;
  const struct agency_code code = {unit->code, unit->valid_from, unit->valid_to, unit->agency_code};
  err = clear_code(cx, tx, &code);
  return err ? err : put_code(cx, tx, &code);
}

/* The first unit whose parent is not there on its first or last day; count: none. */
static enum err find_rootless(struct cx *cx, struct tx *tx, const struct unit *units, size_t count, size_t *wrong)
{
  struct list edges;
  enum err err = sql_rows(cx, tx, &people_unit_tree, NO_ARGS, &unit_edge_type, UNITS_MAX, &edges);
  if (err) return err;
  struct unit_tree *tree = unit_tree_new(edges.items, edges.count);
  for (*wrong = 0; *wrong < count; (*wrong)++) {
    const struct unit *unit = &units[*wrong];
    if (!unit_tree_rooted(tree, unit->code, unit->valid_from) || !unit_tree_rooted(tree, unit->code, unit->valid_to)) break;
  }
  unit_tree_free(tree);
  return OK;
}

static enum err write_rows(struct cx *cx, struct tx *tx, struct unit_writing *writing)
{
  enum err err = OK;
  for (size_t i = 0; !err && i < writing->unit_count; i++) {
    err = put_unit(cx, tx, &writing->units[i]);
    if (err == ERR_CONFLICT) writing->wrong_code = i;
  }
  /* All old ones go first: two units may exchange their codes. */
  for (size_t i = 0; !err && i < writing->code_count; i++) err = clear_code(cx, tx, &writing->codes[i]);
  for (size_t i = 0; !err && i < writing->code_count; i++) {
    err = put_code(cx, tx, &writing->codes[i]);
    if (err == ERR_CONFLICT) writing->wrong_code = i;
  }
  return err;
}

static enum err write_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct unit_writing *writing = arg;
  size_t wrong = 0;
  writing->wrong_parent = writing->wrong_code = NO_ROW;
  enum err err = write_rows(cx, tx, writing);
  if (!err && writing->unit_count) err = find_rootless(cx, tx, writing->units, writing->unit_count, &wrong);
  if (!err && wrong < writing->unit_count) {
    writing->wrong_parent = wrong;
    return ERR_INPUT;
  }
  if (!err) err = sql_run(cx, tx, &people_number_next, ARGS(V("units")), NULL);
  const char *detail = arena_print(cx->arena, "{\"units\":%zu,\"codes\":%zu}", writing->unit_count, writing->code_count);
  return err ? err : action_append(cx, tx, "unit.put", writing->subject, detail);
}

enum err unit_write(struct cx *cx, struct people *people, struct unit_writing *writing)
{
  writing->wrong_parent = writing->wrong_code = NO_ROW;
  enum err err = store_write(cx, people->store, write_in, writing);
  return err ? err : unit_refresh(cx, people);
}

/* Systems put their offices at each start: what is there already is no change, and no row in the log. */
static bool stored_already(struct cx *cx, struct people *people, const struct unit *unit)
{
  struct unit stored;
  struct buffer difference;
  buffer_init(&difference, cx->arena);
  enum err err = unit_read(cx, people, unit->code, unit->valid_from == NONE_DATE ? FIRST_DAY : unit->valid_from, &stored);
  if (!err && !unit->agency_code) stored.agency_code = NULL; /* codes have days of their own: none given means none changed */
  return !err && record_difference(&difference, &unit_type, &stored, unit) == 0;
}

enum err unit_put(struct cx *cx, struct people *people, const struct unit *unit)
{
  struct unit own = *unit;
  if (own.valid_from == NONE_DATE) own.valid_from = FIRST_DAY;
  if (own.valid_to == NONE_DATE) own.valid_to = LAST_DAY;
  if (own.valid_from > own.valid_to) return cx_fail(cx, ERR_INPUT, "valid_to", "account.error.dates", NULL);
  if (stored_already(cx, people, unit)) return OK;
  struct unit_writing writing = {.units = &own, .unit_count = 1, .subject = unit->code};
  enum err err = unit_write(cx, people, &writing);
  if (writing.wrong_parent == 0) return cx_fail(cx, ERR_INPUT, "parent", "account.error.unit_parent", NULL);
  if (writing.wrong_code == 0) return cx_fail(cx, ERR_CONFLICT, "agency_code", "account.error.agency_code_taken", NULL);
  return err;
}

const char *unit_place(struct cx *cx, struct people *people, const char *code, int64_t on_days)
{
  struct unit unit;
  size_t problems = cx->problems.count;
  enum err err = unit_get(cx, people, code, on_days, &unit);
  if (!err && text_equal(unit.level, "office") && !text_empty(unit.parent)) err = unit_get(cx, people, unit.parent, on_days, &unit);
  cx->problems.count = problems;
  if (err) return "";
  size_t size = unit.kind ? strlen(unit.kind) : 0;
  bool begins = size && strlen(unit.name) > size + 1 &&
                text_starts(text_lower(cx->arena, unit.name), arena_print(cx->arena, "%s ", text_lower(cx->arena, unit.kind)));
  return begins ? unit.name + size + 1 : unit.name;
}
