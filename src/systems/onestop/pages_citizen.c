/* A citizen looks up a dossier: by the secret of the receipt's QR, or by its code and the last digits of the registered phone.
 * The page names nobody: it says how things stand, when it is due, and what to bring where. */
#include "systems/onestop/pages.h"

#include "base/text.h"
#include "systems/onestop/rules.h"
#include <string.h>

enum { PHONE_DIGITS = 4 };

struct lookup_form { const char *code, *phone; };
static const struct field lookup_fields[] = {
  FIELD(struct lookup_form, code, .max = 60, .required = true, .word = "onestop.lookup.code"),
  FIELD(struct lookup_form, phone, .form = FORM_DIGITS, .max = PHONE_DIGITS, .required = true, .word = "onestop.lookup.phone"),
};
static const struct record_type lookup_type = RECORD("lookup", struct lookup_form, lookup_fields);

static enum err lookup_render(struct cx *cx, struct view *view)
{
  model_flag(view->model, "citizen", true);
  model_form(view->model, "lookup", &lookup_type, NULL, &view->form);
  return view_render(cx, view, "onestop_lookup");
}

enum err page_lookup(struct cx *cx, struct view *view)
{
  return lookup_render(cx, view);
}

/* ---- How it stands ---- */
struct sentence { const char *status, *kind; };
static const struct sentence sentences[] = {
  {STATUS_SUPPLEMENT, "due"}, {STATUS_REFUSED, "late"}, {STATUS_RECEIVED, "progress"}, {STATUS_PROCESSING, "progress"},
  {STATUS_PROPOSED, "progress"}, {STATUS_APPROVED, "progress"}};

static const char *kind_of(const char *status)
{
  for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++)
    if (text_equal(sentences[i].status, status)) return sentences[i].kind;
  return NULL;
}

static void show_steps(struct view *view, const char *status)
{
  static const char *const words[] = {"onestop.step.received", "onestop.step.working", "onestop.step.ready", "onestop.step.returned"};
  int stage = status_stage(status);
  bool ended = !status_open(status), without_result = text_equal(status, STATUS_REFUSED) || text_equal(status, STATUS_WITHDRAWN);
  for (int i = 1; i <= 4; i++) {
    /* Refused or withdrawn: nobody shall read that there is a result. */
    if (without_result && i != 1 && i != 4) continue;
    struct model *row = model_row(view->model, "steps");
    model_text(row, "word", words[i - 1]);
    model_flag(row, "done", i < stage || (ended && i == stage));
    model_flag(row, "now", i == stage && !ended);
  }
}

static enum err show_counter(struct cx *cx, struct view *view, const struct dossier *dossier)
{
  struct unit unit;
  enum err err = unit_get(cx, view->here->people, dossier->receiving_unit, dossier_units_day(dossier), &unit);
  if (err) return err;
  model_text(view->model, "counter_name", unit.name);
  model_text(view->model, "counter_address", unit.address);
  model_text(view->model, "counter_hours", unit.hours);
  if (!text_empty(unit.phone)) {
    struct buffer digits;
    buffer_init(&digits, cx->arena);
    for (const char *at = unit.phone; *at; at++)
      if ((*at >= '0' && *at <= '9') || *at == '+') buffer_char(&digits, *at);
    model_text(view->model, "counter_phone", unit.phone);
    model_text(view->model, "counter_tel", arena_print(cx->arena, "tel:%s", buffer_string(&digits)));
  }
  return OK;
}

/* The papers to bring, by their names in the procedure. */
static enum err show_missing(struct cx *cx, struct view *view, const struct dossier *dossier)
{
  struct procedure_parts procedure;
  enum err err = procedure_get(cx, view->here->store, dossier->procedure, dossier->version, &procedure);
  const struct component *all = procedure.components.items;
  for (size_t i = 0; !err && i < procedure.components.count; i++)
    if (missing_has(dossier->missing, all[i].code)) model_text(model_row(view->model, "missing"), "component_title", all[i].title);
  return err;
}

static enum err status_render(struct cx *cx, struct view *view, const struct dossier *dossier)
{
  bool proxy = !text_empty(dossier->submitter_name), told = text_equal(dossier->status, STATUS_SUPPLEMENT) || text_equal(dossier->status, STATUS_REFUSED);
  bool done = text_equal(dossier->status, STATUS_DONE);
  enum light light = light_of(people_calendar(view->here->people), dossier->status, dossier->due_us, cx_now(cx));
  model_flag(view->model, "citizen", true);
  model_text(view->model, "code", dossier->code);
  model_text(view->model, "procedure", dossier->title);
  model_text(view->model, "sentence", arena_print(cx->arena, light == LIGHT_LATE ? "onestop.sentence.late" : "onestop.sentence.%s", dossier->status));
  model_text(view->model, "kind", light == LIGHT_LATE ? "late" : kind_of(dossier->status));
  const char *bring = arena_print(cx->arena, "onestop.bring.%s%s", dossier->status, done && proxy ? "_proxy" : "");
  model_text(view->model, "bring", light == LIGHT_LATE ? "onestop.bring.late" : bring);
  if (text_equal(dossier->fee_state, "due") && status_open(dossier->status)) model_text(view->model, "fee_due", money_write(cx->arena, dossier->fee_vnd));
  if (status_ticking(dossier->status)) model_text(view->model, "due_at", time_write_vn(cx->arena, dossier->due_us));
  /* What is to be supplemented and why it was refused are the officer's words to the citizen: shown to who holds the receipt. */
  if (told) model_text(view->model, "notice", dossier->notice);
  model_text(view->model, "notice_word", arena_print(cx->arena, "onestop.lookup.notice_%s", dossier->status));
  model_flag(view->model, "has_missing", text_equal(dossier->status, STATUS_SUPPLEMENT) && !text_empty(dossier->missing));
  show_steps(view, dossier->status);
  enum err err = show_counter(cx, view, dossier);
  if (!err && text_equal(dossier->status, STATUS_SUPPLEMENT)) err = show_missing(cx, view, dossier);
  return err ? err : view_render(cx, view, "onestop_lookup_status");
}

/* ---- By secret ---- */
enum err page_lookup_code(struct cx *cx, struct view *view)
{
  struct dossier dossier;
  const char *code = view_text(view, "code"), *secret = view_text(view, "k");
  enum err err = dossier_get(cx, view->here->store, code, &dossier);
  if (err && err != ERR_NOT_FOUND) return err;
  bool right = !err && secret && strlen(secret) == strlen(dossier.secret) && secret_equal(secret, dossier.secret, strlen(secret));
  if (right) return status_render(cx, view, &dossier);
  cx_reset_problems(cx);
  view->form = (struct form){.pairs = (const struct form_pair[]){{"code", code}}, .count = 1};
  return lookup_render(cx, view);
}

/* ---- By the number of a paper receipt ---- */
/* Nobody's data are known yet: whoever has such a paper learns that it will be entered, and where it lies. */
static enum err on_paper_render(struct cx *cx, struct view *view, const struct reserve_number *number)
{
  const struct dossier paper = {.receiving_unit = number->unit, .received_us = number->reserved_us, .units_on = NONE_DATE};
  model_flag(view->model, "citizen", true);
  model_text(view->model, "code", number->number);
  model_text(view->model, "sentence", "onestop.sentence.on_paper");
  model_text(view->model, "kind", kind_of(STATUS_RECEIVED));
  model_text(view->model, "bring", "onestop.bring.on_paper");
  show_steps(view, STATUS_RECEIVED);
  enum err err = show_counter(cx, view, &paper);
  return err ? err : view_render(cx, view, "onestop_lookup_status");
}

/* *code becomes the dossier's when it was typed from a paper receipt that is entered; *waits: it is not entered yet. */
static enum err from_paper(struct cx *cx, struct view *view, const char **code, struct reserve_number *number, bool *waits)
{
  enum err err = text_starts(*code, "DP-") ? reserve_number_find(cx, view->here->store, *code, number) : ERR_NOT_FOUND;
  *waits = !err && text_equal(number->state, "unused");
  if (!err && text_equal(number->state, "used")) *code = number->dossier;
  return err == ERR_NOT_FOUND ? OK : err;
}

/* ---- By phone ---- */
static bool phone_ends(const char *phone, const char *digits)
{
  size_t size = phone ? strlen(phone) : 0;
  return size >= PHONE_DIGITS && text_equal(phone + size - PHONE_DIGITS, digits);
}

/* One answer for an unknown code and a wrong phone; what is wrong counts for the code, known or not. */
enum err page_lookup_post(struct cx *cx, struct view *view)
{
  struct lookup_form typed;
  struct dossier dossier;
  struct reserve_number paper;
  bool waits = false;
  enum err err = record_read_form(cx, &lookup_type, &view->form, &typed);
  if (err == ERR_INPUT) return lookup_render(cx, view);
  const char *code = err ? "" : text_upper(cx->arena, typed.code);
  if (!err) err = from_paper(cx, view, &code, &paper, &waits);
  if (!err && waits) return on_paper_render(cx, view, &paper);
  if (!err) err = attempt_check(cx, view->here->store, code);
  if (err == ERR_TOO_MANY) return lookup_render(cx, view);
  if (err) return err;
  err = dossier_get(cx, view->here->store, code, &dossier);
  if (err && err != ERR_NOT_FOUND) return err;
  if (!err && (phone_ends(dossier.phone, typed.phone) || phone_ends(dossier.submitter_phone, typed.phone))) return status_render(cx, view, &dossier);
  err = attempt_note(cx, view->here->store, code);
  if (err) return err;
  cx_reset_problems(cx);
  (void)cx_fail(cx, ERR_INPUT, "code", "onestop.error.lookup", NULL);
  return lookup_render(cx, view);
}
