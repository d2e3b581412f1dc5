/* Open dossiers of units that have ended, one transaction each: what stops in between goes on with the next run. A dossier comes under
 * the version of its procedure in force today, since that says who decides now and who signs; its deadline stays. */
#include "systems/onestop/succeed.h"

#include "base/text.h"
#include "people/action.h"
#include "people/csv.h"
#include "systems/onestop/catalogue.h"
#include "systems/onestop/kinds.h"
#include "systems/onestop/rules.h"
#include "systems/onestop/store.h"
#include "systems/system.h"
#include <stdio.h>
#include <string.h>

enum { BATCH = 200, CODE_SIZE = 80 };

struct succeeding {
  struct cx *cx;
  struct here *here;
  struct csv rows;               /* unit, successor */
  int64_t today, moved, left;    /* left: nobody follows the unit, or somebody changed the dossier meanwhile */
};

/* ---- Who follows ---- */
static const char *successor_of(const struct succeeding *all, const char *unit)
{
  for (size_t i = 0; i < all->rows.row_count; i++)
    if (text_equal(all->rows.rows[i][0], unit)) return all->rows.rows[i][1];
  return NULL;
}

static enum err unit_now(const struct succeeding *all, const char *code, bool *there, struct unit *out)
{
  size_t problems = all->cx->problems.count;
  enum err err = code ? unit_get(all->cx, all->here->people, code, all->today, out) : ERR_NOT_FOUND;
  *there = err == OK;
  all->cx->problems.count = problems;
  return err == ERR_NOT_FOUND ? OK : err;
}

/* The unit itself while it exists, else who follows it; *there false: nobody. */
static enum err follow(const struct succeeding *all, const char *code, bool *there, struct unit *out)
{
  enum err err = unit_now(all, code, there, out);
  return err || *there ? err : unit_now(all, successor_of(all, code), there, out);
}

/* The business lies in the commune that took its old one in, even where the old one's code lives on under another name. */
static enum err follow_place(struct succeeding *all, struct dossier *dossier, const char **place)
{
  struct household_request *request;
  struct unit commune;
  struct buffer content;
  bool there;
  void *record;
  enum err err = kind_request(all->cx, dossier, &record);
  if (err) return err;
  request = record;
  const char *successor = successor_of(all, request->business_commune);
  err = unit_now(all, successor ? successor : request->business_commune, &there, &commune);
  if (err || !there) return err;
  request->business_commune = commune.code;
  buffer_init(&content, all->cx->arena);
  record_write_json(&content, kind_find(dossier->kind)->request, request);
  dossier->content = buffer_string(&content);
  *place = commune.code;
  return OK;
}

/* ---- One dossier ---- */
struct succession { struct dossier before, after; };

/* *there false: nobody follows. */
static enum err prepare(struct succeeding *all, struct succession *one, bool *there)
{
  struct cx *cx = all->cx;
  struct dossier *after = &one->after;
  struct unit receiving, deciding;
  struct procedure procedure;
  bool decides;
  *after = one->before;
  enum err err = follow(all, after->receiving_unit, there, &receiving);
  if (!err && *there) err = unit_now(all, after->deciding_unit, &decides, &deciding);
  if (err || !*there) return err;
  const char *place = receiving.code;
  if (text_equal(after->kind, "household")) err = follow_place(all, after, &place);
  if (!err) err = procedure_on(cx, all->here->store, after->procedure, all->today, &procedure);
  if (!err && !decides) err = decider_unit(cx, all->here->people, &procedure, place, all->today, &deciding);
  if (err) return err;
  after->version = procedure.version;
  after->receiving_unit = receiving.code;
  after->receiving_name = receiving.name;
  after->deciding_unit = deciding.code;
  after->deciding_name = deciding.name;
  after->units_on = all->today;
  if (!decides) {
    after->holder = 0;
    after->holder_name = NULL;
  }
  return OK;
}

static enum err write_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct succession *one = arg;
  const struct dossier *before = &one->before, *after = &one->after;
  const struct act_form told = {.reason = arena_print(cx->arena, "%s → %s; %s → %s", before->receiving_name, after->receiving_name, before->deciding_name, after->deciding_name)};
  struct buffer detail;
  buffer_init(&detail, cx->arena);
  record_write_json(&detail, &act_form_type, &told);
  struct dossier changed = *after;
  enum err err = dossier_reseat(cx, tx, before, &changed);
  return err ? err : action_append(cx, tx, "dossier.succeed", before->code, buffer_string(&detail));
}

static enum err succeed_one(struct succeeding *all, const char *code)
{
  struct cx *cx = all->cx;
  struct succession one;
  bool there = false;
  size_t problems = cx->problems.count;
  enum err err = dossier_get(cx, all->here->store, code, &one.before);
  if (!err) err = prepare(all, &one, &there);
  if (!err && there) err = store_write(cx, all->here->store, write_in, &one);
  bool skipped = err == ERR_CONFLICT || err == ERR_INPUT || err == ERR_NOT_FOUND || (!err && !there);
  if (skipped) cx->problems.count = problems;
  all->left += skipped;
  all->moved += !err && there;
  return skipped ? OK : err;
}

/* ---- All of them ---- */
static enum err succeed_some(struct succeeding *all, const char *unit, char *after, size_t room, size_t *count)
{
  struct list codes;
  enum err err = open_codes(all->cx, all->here->store, unit, arena_copy(all->cx->arena, after), BATCH, &codes);
  const struct dossier_code *rows = codes.items;
  *count = err ? 0 : codes.count;
  for (size_t i = 0; !err && i < codes.count; i++) err = succeed_one(all, rows[i].code);
  if (!err && codes.count) (void)snprintf(after, room, "%s", rows[codes.count - 1].code);
  return err;
}

/* Each batch has memory of its own: there may be many. */
static enum err succeed_unit(struct succeeding *all, const char *unit)
{
  char after[CODE_SIZE] = "";
  enum err err = OK;
  for (size_t count = BATCH; !err && count == BATCH;) {
    struct cx *cx = cx_new_alone(all->cx->clock, all->cx->log);
    struct succeeding some = *all;
    cx->request_id = arena_copy(cx->arena, all->cx->request_id);
    some.cx = cx;
    err = succeed_some(&some, unit, after, sizeof after, &count);
    all->moved = some.moved;
    all->left = some.left;
    if (err) cx_take_problems(all->cx, cx);
    cx_free_alone(cx);
  }
  return err;
}

static enum err succeed_all(struct succeeding *all)
{
  struct list units;
  enum err err = list_units(all->cx, all->here->store, cx_now(all->cx), &units);
  const struct unit_counts *rows = units.items;
  for (size_t i = 0; !err && i < units.count; i++) {
    struct unit unit;
    bool there;
    err = unit_now(all, rows[i].unit, &there, &unit);
    if (!err && !there) err = succeed_unit(all, rows[i].unit);
  }
  return err;
}

enum err dossier_succeed(struct cx *cx, struct here *here, const struct command_input *input, struct buffer *out)
{
  static const struct csv_column columns[] = {{"unit", true}, {"successor", true}};
  struct succeeding all = {.cx = cx, .here = here, .today = time_to_days(cx_now(cx))};
  enum err err = csv_read(cx, input->file, columns, 2, &all.rows);
  if (!err) err = succeed_all(&all);
  if (!err) buffer_print(out, "%lld dossiers handed over, %lld left\n", (long long)all.moved, (long long)all.left);
  return err;
}
