/* Dossiers: receiving, reading, changing. Lists are in store_list.c. */
#include "systems/onestop/store.h"

#include "base/text.h"
#include "onestop_sql.h"
#include "systems/onestop/rules.h"
#include <string.h>

enum { PARTS_MAX = 200, RECEIVE_TRIES = 8 };
#define TAKEN_FORM_US (24 * HOUR_US)

/* ---- Receiving ---- */
static enum err add_dossier(struct cx *cx, struct tx *tx, const struct dossier *d)
{
  return sql_run(cx, tx, &onestop_dossier_add,
                 ARGS(V(d->code), V(d->procedure), V(d->version), V(d->kind), V(d->title), V(d->receiving_unit), V(d->receiving_name),
                      V(d->deciding_unit), V(d->deciding_name), V(d->status), V(d->turn), V(d->holder_name), V(d->full_name),
                      value_date(d->birth_date), V(d->sex), V(d->identity), V(d->nationality), V(d->residence), V(d->phone), V(d->email),
                      V(d->submitter_name), V(d->submitter_identity), V(d->submitter_phone), V(d->authority), V(d->authority_note),
                      V(d->content), V(d->copies), V(d->sets), V(d->fee_vnd), V(d->fee_state), V(d->received_us), V(d->received_by),
                      V(d->due_us), V(d->secret), V(d->short_title), V(d->reserved_number),
                      value_date(d->reserved_number ? d->entered_us : NONE_DATE)), NULL);
}

static enum err put_seat(struct cx *cx, struct tx *tx, const struct dossier *d, const char *unit)
{
  bool closed = !status_open(d->status), ticking = status_ticking(d->status);
  int64_t rank_us = seat_rank(d->status, d->due_us);
  return sql_run(cx, tx, &onestop_seat_put,
                 ARGS(V(unit), V(d->code), V(closed), V(d->due_us), V(d->turn), V(d->returned), V(ticking), V(rank_us)), NULL);
}

static enum err put_seats(struct cx *cx, struct tx *tx, const struct dossier *dossier)
{
  enum err err = put_seat(cx, tx, dossier, dossier->receiving_unit);
  if (!err && !text_equal(dossier->receiving_unit, dossier->deciding_unit)) err = put_seat(cx, tx, dossier, dossier->deciding_unit);
  return err;
}

static enum err add_word(struct cx *cx, struct tx *tx, const struct dossier *dossier, const char *word)
{
  enum err err = sql_run(cx, tx, &onestop_seek_add, ARGS(V(dossier->receiving_unit), V(word), V(dossier->code)), NULL);
  if (!err && !text_equal(dossier->receiving_unit, dossier->deciding_unit))
    err = sql_run(cx, tx, &onestop_seek_add, ARGS(V(dossier->deciding_unit), V(word), V(dossier->code)), NULL);
  return err;
}

static enum err add_words(struct cx *cx, struct tx *tx, const struct receiving *receiving)
{
  const struct dossier *d = &receiving->dossier;
  const char *all[] = {d->code, d->full_name, d->identity, d->phone, d->submitter_name, d->reserved_number, receiving->words};
  enum err err = add_word(cx, tx, d, text_lower(cx->arena, d->code)); /* also whole: a code typed in full finds itself alone */
  if (!err && d->reserved_number) err = add_word(cx, tx, d, text_lower(cx->arena, d->reserved_number));
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    if (text_empty(all[i])) continue;
    const char *at = text_fold(cx->arena, all[i]);
    for (; !err && *(at += strspn(at, " ")); at += strcspn(at, " ")) err = add_word(cx, tx, d, seek_phrase(cx->arena, at));
  }
  return err;
}

static enum err add_parts(struct cx *cx, struct tx *tx, const struct receiving *receiving)
{
  const char *code = receiving->dossier.code;
  const struct dossier_component *components = receiving->components.items;
  const struct dossier_scan *scans = receiving->scans.items;
  enum err err = OK;
  for (size_t i = 0; !err && i < receiving->components.count; i++)
    err = sql_run(cx, tx, &onestop_component_add,
                  ARGS(V(code), V(components[i].ordinal), V(components[i].code), V(components[i].title), V(components[i].mark),
                       V(components[i].pieces), V(components[i].paper_number), V(components[i].issuer), V(components[i].confirmed)), NULL);
  for (size_t i = 0; !err && i < receiving->scans.count; i++)
    err = sql_run(cx, tx, &onestop_scan_add,
                  ARGS(V(code), V(scans[i].component), V(scans[i].hash), V(scans[i].type), V(scans[i].name), V(scans[i].size),
                       V(scans[i].at_us)), NULL);
  return err;
}

static enum err add_fee(struct cx *cx, struct tx *tx, const struct receiving *receiving)
{
  const struct dossier_fee *fee = &receiving->fee;
  bool paid = fee->paid_us != NONE_DATE;
  return sql_run(cx, tx, &onestop_fee_add,
                 ARGS(V(receiving->dossier.code), V(fee->unit), V(fee->exemption), V(fee->amount_vnd), V(fee->means), V(fee->series),
                      V(fee->number), value_date(fee->paid_us), paid ? V(fee->account) : value_text(NULL), V(fee->officer), V(fee->full_name)), NULL);
}

/* What the log keeps of a late entry: the dossier's own members. */
static const char *late_detail(struct cx *cx, const struct dossier *dossier)
{
  const struct late_entry late = {dossier->reserved_number, dossier->received_us, dossier->entered_us, dossier->received_by, 0};
  struct buffer out;
  buffer_init(&out, cx->arena);
  record_write_json(&out, &late_entry_type, &late);
  return buffer_string(&out);
}

/* "2026-11-24": the period of a day's sequence. */
enum err sequence_take(struct cx *cx, struct tx *tx, const char *owner, const char *period, int64_t *out)
{
  return sql_number(cx, tx, &onestop_sequence_next, ARGS(V(owner), V(period)), out);
}

enum err dossier_receive_in(struct cx *cx, struct tx *tx, struct receiving *receiving)
{
  struct dossier *dossier = &receiving->dossier;
  int64_t sequence;
  enum err err = sequence_take(cx, tx, dossier->receiving_unit, date_write_iso(cx->arena, receiving->day), &sequence);
  if (err) return err;
  dossier->code = code_write(cx->arena, receiving->numbering, receiving->agency, receiving->day, sequence);
  dossier->status = STATUS_RECEIVED;
  dossier->turn = turn_of(dossier->status, NULL);
  err = dossier->reserved_number ? reserve_use(cx, tx, dossier) : OK;
  if (!err) err = add_dossier(cx, tx, dossier);
  if (!err) err = put_seats(cx, tx, dossier);
  if (!err) err = add_words(cx, tx, receiving);
  if (!err) err = add_parts(cx, tx, receiving);
  if (!err) err = add_fee(cx, tx, receiving);
  receiving->check.dossier = dossier->code;
  if (!err && receiving->check.request_id) err = exchange_put(cx, tx, &receiving->check);
  if (err) return err;
  return dossier->reserved_number ? action_append(cx, tx, "dossier.receive_late", dossier->code, late_detail(cx, dossier))
                                  : action_append(cx, tx, "dossier.receive", dossier->code, NULL);
}

struct taken_form { const char *dossier; };
static const struct field taken_form_fields[] = {FIELD(struct taken_form, dossier)};
static const struct record_type taken_form_type = RECORD("taken_form", struct taken_form, taken_form_fields);

enum err dossier_of_form(struct cx *cx, struct store *store, const char *form, const char **code)
{
  struct taken_form taken = {0};
  enum err err = form ? store_row(cx, store, &onestop_taken_form_get, ARGS(V(form)), &taken_form_type, &taken) : OK;
  *code = taken.dossier;
  return err == ERR_NOT_FOUND ? OK : err;
}

static enum err receive_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct receiving *receiving = arg;
  if (!receiving->form) return dossier_receive_in(cx, tx, receiving);
  struct taken_form taken;
  enum err err = sql_row(cx, tx, &onestop_taken_form_get, ARGS(V(receiving->form)), &taken_form_type, &taken);
  if (!err) receiving->dossier.code = taken.dossier;
  if (err != ERR_NOT_FOUND) return err;
  err = dossier_receive_in(cx, tx, receiving);
  if (!err) err = sql_run(cx, tx, &onestop_taken_form_sweep, ARGS(V(cx_now(cx) - TAKEN_FORM_US)), NULL);
  return err ? err : sql_run(cx, tx, &onestop_taken_form_add, ARGS(V(receiving->form), V(receiving->dossier.code), V(cx_now(cx))), NULL);
}

/* All intakes of a unit's day meet at one row: where the engine gives up on one of many, it is tried again here. */
enum err dossier_receive(struct cx *cx, struct store *store, struct receiving *receiving)
{
  enum err err = ERR_BUSY;
  size_t problems = cx->problems.count;
  for (int i = 0; i < RECEIVE_TRIES && err == ERR_BUSY; i++) {
    cx->problems.count = problems;
    err = store_write(cx, store, receive_in, receiving);
  }
  return err;
}

/* ---- Reading ---- */
enum err dossier_find(struct cx *cx, struct tx *tx, const char *code, struct dossier *out)
{
  return sql_row(cx, tx, &onestop_dossier_get, ARGS(V(code)), &dossier_type, out);
}

enum err dossier_get(struct cx *cx, struct store *store, const char *code, struct dossier *out)
{
  return store_row(cx, store, &onestop_dossier_get, ARGS(V(code)), &dossier_type, out);
}

struct getting { const char *code; struct dossier_parts *out; };

static enum err get_parts(struct cx *cx, struct tx *tx, void *arg)
{
  struct getting *getting = arg;
  struct dossier_parts *out = getting->out;
  const struct values key = ARGS(V(getting->code));
  enum err err = sql_row(cx, tx, &onestop_dossier_get, key, &dossier_type, &out->dossier);
  if (!err) err = sql_rows(cx, tx, &onestop_component_list, key, &dossier_component_type, PARTS_MAX, &out->components);
  if (!err) err = sql_rows(cx, tx, &onestop_scan_list, key, &dossier_scan_type, PARTS_MAX, &out->scans);
  if (!err) err = sql_rows(cx, tx, &onestop_exchange_list, key, &dossier_exchange_type, PARTS_MAX, &out->exchanges);
  if (!err) err = sql_row(cx, tx, &onestop_fee_get, key, &dossier_fee_type, &out->fee);
  return err;
}

enum err dossier_parts_get(struct cx *cx, struct store *store, const char *code, struct dossier_parts *out)
{
  *out = (struct dossier_parts){0};
  struct getting getting = {code, out};
  return store_read(cx, store, get_parts, &getting);
}

enum err dossier_see(struct cx *cx, struct here *here, const char *code, struct dossier_parts *out)
{
  enum err err = dossier_parts_get(cx, here->store, code, out);
  if (err) return err;
  if (dossier_sight(&out->dossier, cx->person, time_to_days(cx_now(cx))) == SIGHT_NONE) return ERR_NOT_FOUND;
  return action_look(cx, here->store, "onestop.look", code);
}

/* ---- Changing ---- */
enum err dossier_change(struct cx *cx, struct tx *tx, struct dossier *d)
{
  int64_t changed = 0;
  d->turn = turn_of(d->status, d->awaiting);
  enum err err = sql_run(cx, tx, &onestop_dossier_change,
                         ARGS(V(d->code), V(d->revision), V(d->status), V(d->awaiting), V(d->turn), V(d->returned), V(d->holder),
                              V(d->holder_name), V(d->fee_state), V(d->due_us), value_date(d->stopped_us), value_date(d->decided_us),
                              V(d->decided_by), V(d->opinion), V(d->notice), V(d->result_number), value_date(d->result_on),
                              value_date(d->returned_us), V(d->returned_to), V(d->missing)), &changed);
  if (!err && changed == 0) return ERR_CONFLICT;
  d->revision++;
  return err ? err : put_seats(cx, tx, d);
}

static const struct field code_fields[] = {FIELD(struct dossier_code, code)};
static const struct record_type code_type = RECORD("dossier_code", struct dossier_code, code_fields);

enum err open_codes(struct cx *cx, struct store *store, const char *unit, const char *after, size_t max, struct list *out)
{
  return store_rows(cx, store, &onestop_seat_open, ARGS(V(unit), V(after), V((int64_t)max)), &code_type, max, out);
}

/* Words follow before seats go: a unit that both leave and take stays whole. */
static enum err move_words(struct cx *cx, struct tx *tx, const struct dossier *dossier, const char *from, const char *to)
{
  return text_equal(from, to) ? OK : sql_run(cx, tx, &onestop_seek_copy, ARGS(V(from), V(dossier->code), V(to)), NULL);
}

static enum err leave_unit(struct cx *cx, struct tx *tx, const struct dossier *dossier, const char *unit)
{
  if (text_equal(unit, dossier->receiving_unit) || text_equal(unit, dossier->deciding_unit)) return OK;
  enum err err = sql_run(cx, tx, &onestop_seat_drop, ARGS(V(unit), V(dossier->code)), NULL);
  return err ? err : sql_run(cx, tx, &onestop_seek_drop, ARGS(V(unit), V(dossier->code)), NULL);
}

enum err dossier_reseat(struct cx *cx, struct tx *tx, const struct dossier *before, struct dossier *d)
{
  int64_t changed = 0;
  enum err err = sql_run(cx, tx, &onestop_dossier_succeed,
                         ARGS(V(d->code), V(d->revision), V(d->version), V(d->receiving_unit), V(d->receiving_name), V(d->deciding_unit),
                              V(d->deciding_name), V(d->holder), V(d->holder_name), V(d->content), V(d->units_on)), &changed);
  if (!err && changed == 0) return ERR_CONFLICT;
  d->revision++;
  if (!err) err = move_words(cx, tx, d, before->receiving_unit, d->receiving_unit);
  if (!err) err = move_words(cx, tx, d, before->deciding_unit, d->deciding_unit);
  if (!err) err = leave_unit(cx, tx, d, before->receiving_unit);
  if (!err) err = leave_unit(cx, tx, d, before->deciding_unit);
  return err ? err : put_seats(cx, tx, d);
}

enum err exchange_of_dossier(struct cx *cx, struct tx *tx, const char *dossier, const char *purpose, struct dossier_exchange *out)
{
  return sql_row(cx, tx, &onestop_exchange_last, ARGS(V(dossier), V(purpose)), &dossier_exchange_type, out);
}

enum err exchange_put(struct cx *cx, struct tx *tx, const struct dossier_exchange *e)
{
  return sql_run(cx, tx, &onestop_exchange_add,
                 ARGS(V(e->request_id), V(e->dossier), V(e->purpose), V(e->service), V(e->state), V(e->answer), V(e->asked_us),
                      value_date(e->answered_us), V(e->receipt)), NULL);
}

enum err exchange_close(struct cx *cx, struct tx *tx, const struct dossier_exchange *e)
{
  return sql_run(cx, tx, &onestop_exchange_end,
                 ARGS(V(e->request_id), V(e->state), V(e->reference), V(e->number), V(e->reason), V(e->answer), value_date(e->answered_us), V(e->receipt)), NULL);
}

enum err fee_settle(struct cx *cx, struct tx *tx, const struct dossier_fee *fee)
{
  int64_t changed = 0;
  enum err err = sql_run(cx, tx, &onestop_fee_pay,
                         ARGS(V(fee->dossier), V(fee->means), V(fee->series), V(fee->number), V(fee->paid_us), V(fee->account), V(fee->officer)),
                         &changed);
  return !err && changed == 0 ? ERR_CONFLICT : err;
}
