/* Numbers of paper receipts, reserved while the line is there and entered when it is back: each ends once, used by one dossier or void. */
#include "systems/onestop/store.h"

#include "base/text.h"
#include "onestop_sql.h"
#include "systems/onestop/rules.h"

enum { BLOCKS_MAX = 100 };

/* ---- Reserving ---- */
struct taking { int64_t pieces; const char *agency, *first; int32_t day; };

static enum err take_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct taking *taking = arg;
  const struct person *person = cx->person;
  int64_t last;
  const char *owner = arena_print(cx->arena, "DP:%s", person->unit);
  enum err err = sql_number(cx, tx, &onestop_sequence_take_many, ARGS(V(owner), V(date_write_iso(cx->arena, taking->day)), V(taking->pieces)), &last);
  if (err) return err;
  int64_t sequence = last - taking->pieces + 1;
  taking->first = reserve_write(cx->arena, taking->agency, taking->day, sequence);
  err = sql_run(cx, tx, &onestop_reserve_block_add,
                ARGS(V(taking->first), V(person->unit), V(taking->pieces), V(cx_now(cx)), V(person->account), V(person->full_name)), NULL);
  for (; !err && sequence <= last; sequence++)
    err = sql_run(cx, tx, &onestop_reserve_number_add,
                  ARGS(V(reserve_write(cx->arena, taking->agency, taking->day, sequence)), V(taking->first), V(person->unit)), NULL);
  return err ? err : action_append(cx, tx, "onestop.reserve", taking->first, NULL);
}

enum err reserve_take(struct cx *cx, struct here *here, int64_t pieces, const char **first)
{
  struct taking taking = {.pieces = pieces, .day = time_to_days(cx_now(cx))};
  struct unit unit;
  struct numbering numbering;
  enum err err = unit_get(cx, here->people, cx->person->unit, taking.day, &unit);
  if (!err) err = numbering_on(cx, here->store, taking.day, &numbering);
  if (err) return err == ERR_NOT_FOUND ? cx_fail(cx, ERR_CONFLICT, NULL, "onestop.error.numbering", NULL) : err;
  taking.agency = code_agency(cx->arena, &numbering, &unit);
  err = store_write(cx, here->store, take_in, &taking);
  *first = taking.first;
  return err;
}

/* ---- Reading ---- */
enum err reserve_blocks(struct cx *cx, struct store *store, const char *unit, struct list *out)
{
  return store_rows(cx, store, &onestop_reserve_block_list, ARGS(V(unit), V(BLOCKS_MAX)), &reserve_block_type, BLOCKS_MAX, out);
}

enum err reserve_block_see(struct cx *cx, struct store *store, const char *first, struct reserve_block *out, struct list *numbers)
{
  enum err err = store_row(cx, store, &onestop_reserve_block_get, ARGS(V(first)), &reserve_block_type, out);
  if (err) return err;
  if (!text_equal(out->unit, cx->person->unit)) return ERR_NOT_FOUND;
  return numbers ? store_rows(cx, store, &onestop_reserve_number_list, ARGS(V(first)), &reserve_number_type, RESERVE_MAX, numbers) : OK;
}

/* Why a number is not to be had any more: which dossier has it, or that it is void. */
static enum err fail_ended(struct cx *cx, const char *field, const struct reserve_number *found)
{
  if (!text_equal(found->unit, cx->person->unit)) return cx_fail(cx, ERR_INPUT, field, "onestop.error.reserve_unknown", NULL);
  if (text_equal(found->state, "void")) return cx_fail(cx, ERR_INPUT, field, "onestop.error.reserve_void", "reason", found->reason, NULL);
  return cx_fail(cx, ERR_INPUT, field, "onestop.error.reserve_used", "dossier", found->dossier, NULL);
}

enum err reserve_number_find(struct cx *cx, struct store *store, const char *number, struct reserve_number *out)
{
  return store_row(cx, store, &onestop_reserve_number_get, ARGS(V(number)), &reserve_number_type, out);
}

enum err reserve_number_open(struct cx *cx, struct store *store, const char *number, struct reserve_number *out)
{
  enum err err = store_row(cx, store, &onestop_reserve_number_get, ARGS(V(number)), &reserve_number_type, out);
  if (err == ERR_NOT_FOUND) return cx_fail(cx, ERR_INPUT, "reserved_number", "onestop.error.reserve_unknown", NULL);
  if (err) return err;
  bool open = text_equal(out->state, "unused") && text_equal(out->unit, cx->person->unit);
  return open ? OK : fail_ended(cx, "reserved_number", out);
}

/* ---- Ending: by a dossier, or void ---- */
struct ending { const char *number, *state, *dossier, *reason, *field; };

static enum err number_end(struct cx *cx, struct tx *tx, const struct ending *ending)
{
  int64_t changed = 0;
  enum err err = sql_run(cx, tx, &onestop_reserve_number_end,
                         ARGS(V(ending->number), V(cx->person->unit), V(ending->state), V(ending->dossier), V(ending->reason), V(cx_now(cx)),
                              V(cx->person->full_name)), &changed);
  if (err || changed) return err;
  struct reserve_number found;
  err = sql_row(cx, tx, &onestop_reserve_number_get, ARGS(V(ending->number)), &reserve_number_type, &found);
  if (err == ERR_NOT_FOUND) return cx_fail(cx, ERR_INPUT, ending->field, "onestop.error.reserve_unknown", NULL);
  return err ? err : fail_ended(cx, ending->field, &found);
}

enum err reserve_use(struct cx *cx, struct tx *tx, const struct dossier *dossier)
{
  return number_end(cx, tx, &(const struct ending){dossier->reserved_number, "used", dossier->code, NULL, "reserved_number"});
}

static enum err void_in(struct cx *cx, struct tx *tx, void *arg)
{
  const struct void_form *form = arg;
  enum err err = number_end(cx, tx, &(const struct ending){form->number, "void", NULL, form->reason, "number"});
  struct buffer detail;
  buffer_init(&detail, cx->arena);
  record_write_json(&detail, &void_form_type, form);
  return err ? err : action_append(cx, tx, "onestop.reserve_void", form->number, buffer_string(&detail));
}

enum err reserve_void(struct cx *cx, struct store *store, const struct void_form *form)
{
  struct void_form copy = *form;
  return store_write(cx, store, void_in, &copy);
}
