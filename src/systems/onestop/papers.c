/* Gathers what a paper says, and draws forms 01, 02 and 03. The results are in papers_result.c. */
#include "systems/onestop/papers.h"

#include "base/text.h"
#include "paper/paper.h"
#include "systems/onestop/act.h"
#include "systems/onestop/paper_words.h"
#include "systems/onestop/rules.h"
#include <string.h>

/* ---- Gathering ---- */
const char *lookup_url(struct arena *arena, const struct here *here, const struct dossier *dossier)
{
  return arena_print(arena, "%s/tra-cuu/%s?k=%s", here->public_url, dossier->code, dossier->secret);
}

bool dossier_is_second(struct cx *cx, const struct dossier *dossier)
{
  void *record;
  if (!text_equal(dossier->kind, "justice") || kind_request(cx, dossier, &record) != OK) return false;
  return text_equal(((const struct justice_request *)record)->certificate_kind, "2");
}

/* "Phường Long Xuyên" → "phường Long Xuyên": as it stands in a sentence. */
static const char *unit_in_text(struct cx *cx, const struct unit *unit)
{
  size_t size = unit->kind ? strlen(unit->kind) : 0;
  bool begins = size && text_starts(text_lower(cx->arena, unit->name), arena_print(cx->arena, "%s ", text_lower(cx->arena, unit->kind)));
  return begins ? arena_print(cx->arena, "%s%s", text_lower(cx->arena, unit->kind), unit->name + size) : unit->name;
}

/* "phường Long Xuyên, tỉnh An Giang": the unit and those above it on a day. */
static enum err area_of(struct cx *cx, struct people *people, const char *code, int64_t day, const char **out)
{
  struct unit unit;
  enum err err = unit_get(cx, people, code, day, &unit);
  const char *text = err ? "" : unit_in_text(cx, &unit);
  for (int level = 0; !err && level < 3 && !text_empty(unit.parent); level++) {
    err = unit_get(cx, people, unit.parent, day, &unit);
    if (!err) text = arena_print(cx->arena, "%s, %s", text, unit_in_text(cx, &unit));
  }
  *out = text;
  return err;
}

/* A commune decides by its committee; an office by itself. */
static enum err fill_deciding(struct cx *cx, struct people *people, const struct dossier *dossier, int64_t day, const char **out)
{
  struct unit unit;
  enum err err = unit_get(cx, people, dossier->deciding_unit, day, &unit);
  if (!err) *out = text_equal(unit.level, "office") ? dossier->deciding_name : paper_fill(cx, "committee", "unit", unit_in_text(cx, &unit));
  return err;
}

static bool paper_is_there(const struct dossier *dossier, enum paper_kind kind)
{
  if (kind == PAPER_SUPPLEMENT) return text_equal(dossier->status, STATUS_SUPPLEMENT);
  if (kind == PAPER_REFUSAL) return text_equal(dossier->status, STATUS_REFUSED);
  if (kind == PAPER_RESULT) return text_equal(dossier->status, STATUS_DONE) || text_equal(dossier->status, STATUS_RETURNED);
  return true;
}

static enum err gather_result(struct cx *cx, struct here *here, struct paper_facts *out)
{
  const struct dossier *dossier = &out->parts.dossier;
  int64_t day = dossier->result_on == NONE_DATE ? time_to_days(cx_now(cx)) : dossier->result_on;
  enum err err = issuer_fill(cx, here->people, out->procedure.procedure.issuer_above, dossier->deciding_unit, day, &out->issuer_above);
  if (!err) err = issuer_fill(cx, here->people, out->procedure.procedure.issuer, dossier->deciding_unit, day, &out->issuer);
  out->place = unit_place(cx, here->people, dossier->deciding_unit, day);
  if (text_equal(dossier->kind, "household")) {
    const struct household_request *request = out->request;
    return err ? err : area_of(cx, here->people, request->business_commune, day, &out->commune_name);
  }
  const struct dossier_exchange *exchanges = out->parts.exchanges.items;
  for (size_t i = 0; !err && i < out->parts.exchanges.count; i++) {
    struct justice_answer answer;
    if (!text_equal(exchanges[i].purpose, "justice.lookup") || !text_equal(exchanges[i].state, "found")) continue;
    err = record_read_json(cx, &justice_answer_type, (struct bytes){(const uint8_t *)exchanges[i].answer, strlen(exchanges[i].answer)}, &answer);
    if (!err) out->convictions = answer.convictions;
    break;
  }
  return err;
}

enum err paper_gather(struct cx *cx, struct here *here, const char *code, enum paper_kind kind, struct paper_facts *out)
{
  static const char *const purposes[] = {[PAPER_RECEIPT] = "receipt", [PAPER_SUPPLEMENT] = "supplement", [PAPER_REFUSAL] = "refusal"};
  *out = (struct paper_facts){.demo = here->demo};
  enum err err = dossier_see(cx, here, code, &out->parts);
  if (err) return err;
  const struct dossier *dossier = &out->parts.dossier;
  int64_t received = time_to_days(dossier->received_us), units_day = dossier_units_day(dossier);
  if (!paper_is_there(dossier, kind)) return ERR_NOT_FOUND;
  if (kind == PAPER_RESULT && dossier_is_second(cx, dossier) && !person_may(cx->person, "onestop.record_two")) return ERR_FORBIDDEN;
  err = procedure_get(cx, here->store, dossier->procedure, dossier->version, &out->procedure);
  if (!err) err = kind_request(cx, dossier, &out->request);
  if (!err) err = unit_get(cx, here->people, dossier->receiving_unit, units_day, &out->receiving);
  if (!err && kind == PAPER_RESULT) return gather_result(cx, here, out);
  out->place = unit_place(cx, here->people, dossier->receiving_unit, units_day);
  out->lookup_url = lookup_url(cx->arena, here, dossier);
  if (!err) err = fill_deciding(cx, here->people, dossier, units_day, &out->deciding);
  if (!err) err = paper_form_on(cx, here->store, purposes[kind], received, &out->form);
  return err;
}

enum err paper_draw(struct cx *cx, const struct paper_facts *facts, enum paper_kind kind, struct bytes *pdf)
{
  if (kind == PAPER_RECEIPT) return paper_receipt(cx, facts, pdf);
  if (kind == PAPER_SUPPLEMENT) return paper_supplement(cx, facts, pdf);
  if (kind == PAPER_REFUSAL) return paper_refusal(cx, facts, pdf);
  return text_equal(facts->parts.dossier.kind, "household") ? paper_household(cx, facts, pdf) : paper_justice(cx, facts, pdf);
}

/* ---- What the forms share ---- */
static struct paper *form_begin(struct cx *cx, const struct paper_facts *facts, int64_t at_us)
{
  const struct dossier *dossier = &facts->parts.dossier;
  const struct paper_wish wish = {.title = arena_print(cx->arena, "%s %s", facts->form.title, dossier->code), .qr = facts->lookup_url, .code = dossier->code,
                                  .watermark = facts->demo ? paper_word("watermark") : NULL};
  struct paper *paper = paper_begin(cx, &wish);
  const char *above = text_upper(cx->arena, paper_fill(cx, "committee", "unit", facts->receiving.name));
  const struct paper_head head = {.above = above, .agency = text_upper(cx->arena, facts->form.desk),
                                  .number = paper_fill(cx, "number_code", "code", dossier->code),
                                  .place_date = paper_date(cx, facts->place, time_to_days(at_us))};
  paper_head(paper, &head);
  const char *form_number = paper_fill2(cx, "form_number", "number", facts->form.number, "basis", facts->form.legal_basis);
  paper_title(paper, text_upper(cx->arena, facts->form.title), form_number);
  return paper;
}

static void applicant_lines(struct cx *cx, struct paper *paper, const struct dossier *dossier)
{
  paper_line(paper, paper_word("applicant"), text_upper(cx->arena, dossier->full_name), true);
  paper_lines(paper, paper_word("identity"), dossier->identity, paper_word("phone"), dossier->phone);
  paper_line(paper, paper_word("address"), dossier->residence, false);
}

static void contact_lines(struct cx *cx, struct paper *paper, const struct paper_facts *facts, const char *word)
{
  const struct unit *unit = &facts->receiving;
  const char *phone = text_empty(unit->phone) ? "" : unit->phone, *hours = text_empty(unit->hours) ? "" : unit->hours;
  paper_line(paper, paper_word(word), arena_print(cx->arena, "%s, %s", facts->parts.dossier.receiving_name, text_empty(unit->address) ? "" : unit->address), false);
  paper_line(paper, paper_word("counter_phone"), phone, false);
  paper_line(paper, paper_word("counter_hours"), hours, false);
}

static void sign(struct paper *paper, const char *left_title, const char *left_name, const char *right_title, const char *right_name)
{
  const struct paper_signature left = {.title = left_title, .note = paper_word("sign_note"), .name = left_name};
  const struct paper_signature right = {.title = right_title, .note = paper_word("sign_note"), .name = right_name};
  paper_space(paper, 1);
  paper_signatures(paper, &left, &right);
}

/* ---- 01: receipt and appointment ---- */
static void component_table(struct cx *cx, struct paper *paper, const struct list *components)
{
  const struct dossier_component *rows = components->items;
  const char *heads[] = {paper_word("no"), paper_word("component"), paper_word("mark"), paper_word("pieces")};
  const double widths[] = {1.4, 9, 3, 2};
  const char **cells = ARENA_ARRAY(cx->arena, components->count * 4 + 1, const char *);
  for (size_t i = 0; i < components->count; i++) {
    cells[i * 4] = arena_print(cx->arena, "%zu", i + 1);
    cells[i * 4 + 1] = rows[i].title;
    cells[i * 4 + 2] = paper_word(arena_print(cx->arena, "mark.%s", rows[i].mark));
    cells[i * 4 + 3] = arena_print(cx->arena, "%lld", (long long)rows[i].pieces);
  }
  const struct paper_table table = {.columns = 4, .heads = heads, .widths = widths, .rows = components->count, .cells = cells};
  paper_table(paper, &table);
}

static const char *fee_text(struct cx *cx, const struct paper_facts *facts)
{
  const struct dossier_fee *fee = &facts->parts.fee;
  const char *amount = money_write(cx->arena, fee->amount_vnd);
  if (text_equal(facts->parts.dossier.fee_state, "due")) return paper_fill(cx, "fee_due", "amount", amount);
  if (text_equal(facts->parts.dossier.fee_state, "exempt")) {
    const struct exemption *exemption = exemption_find(&facts->procedure, fee->exemption);
    return paper_fill(cx, "fee_exempt", "reason", exemption ? exemption->title : "");
  }
  const char *receipt = text_empty(fee->number) ? "" : paper_fill2(cx, "fee_receipt", "series", fee->series ? fee->series : "", "number", fee->number);
  return arena_print(cx->arena, "%s%s", paper_fill(cx, "fee_paid", "amount", amount), receipt);
}

static void submitter_lines(struct cx *cx, struct paper *paper, const struct paper_facts *facts)
{
  const struct dossier *dossier = &facts->parts.dossier;
  if (text_empty(dossier->submitter_name)) return;
  paper_lines(paper, paper_word("submitter"), dossier->submitter_name, paper_word("identity"), dossier->submitter_identity);
  const struct authority *authority = authority_find(&facts->procedure, dossier->authority);
  const char *note = text_empty(dossier->authority_note) ? "" : arena_print(cx->arena, " (%s)", dossier->authority_note);
  paper_line(paper, paper_word("authority"), arena_print(cx->arena, "%s%s", authority ? authority->title : "", note), false);
}

enum err paper_receipt(struct cx *cx, const struct paper_facts *facts, struct bytes *pdf)
{
  const struct dossier *dossier = &facts->parts.dossier;
  struct paper *paper = form_begin(cx, facts, dossier->received_us);
  applicant_lines(cx, paper, dossier);
  submitter_lines(cx, paper, facts);
  paper_line(paper, paper_word("request"), arena_print(cx->arena, "%s (%s)", dossier->title, dossier->procedure), false);
  paper_text(paper, paper_word("components"), PAPER_LEFT, PAPER_PLAIN);
  component_table(cx, paper, &facts->parts.components);
  paper_lines(paper, paper_word("sets"), arena_print(cx->arena, "%lld", (long long)dossier->sets), paper_word("fee"), fee_text(cx, facts));
  const char *sequence = strrchr(dossier->code, '-');
  paper_lines(paper, paper_word("received_at"), time_write_vn(cx->arena, dossier->received_us), paper_word("book"), sequence ? sequence + 1 : dossier->code);
  if (dossier->reserved_number)
    paper_line(paper, paper_word("reserved_number"),
               paper_fill2(cx, "reserved_value", "number", dossier->reserved_number, "entered", time_write_vn(cx->arena, dossier->entered_us)), false);
  paper_line(paper, paper_word("due_at"), time_write_vn(cx->arena, dossier->due_us), true);
  paper_line(paper, paper_word("deciding"), facts->deciding, false);
  contact_lines(cx, paper, facts, "counter");
  paper_text(paper, paper_word("lookup_note"), PAPER_LEFT, PAPER_ITALIC | PAPER_SMALL);
  const char *submitter = text_empty(dossier->submitter_name) ? dossier->full_name : dossier->submitter_name;
  sign(paper, paper_word("submitter_sign"), submitter, paper_word("receiver_sign"), dossier->received_by);
  return paper_end(cx, paper, pdf);
}

/* ---- 02: request for supplements; 03: refusal ---- */
static void reason_lines(struct paper *paper, const char *label, const struct dossier *dossier)
{
  paper_text(paper, label, PAPER_LEFT, PAPER_BOLD);
  paper_text(paper, text_empty(dossier->notice) ? "" : dossier->notice, PAPER_JUSTIFY, PAPER_PLAIN);
}

static struct paper *notice_begin(struct cx *cx, const struct paper_facts *facts, const char *reason_word)
{
  const struct dossier *dossier = &facts->parts.dossier;
  int64_t at_us = dossier->stopped_us == NONE_DATE ? cx_now(cx) : dossier->stopped_us;
  struct paper *paper = form_begin(cx, facts, at_us);
  applicant_lines(cx, paper, dossier);
  if (!text_empty(dossier->email)) paper_line(paper, paper_word("email"), dossier->email, false);
  paper_line(paper, paper_word("request"), arena_print(cx->arena, "%s (%s)", dossier->title, dossier->procedure), false);
  paper_line(paper, paper_word("received_at"), time_write_vn(cx->arena, dossier->received_us), false);
  reason_lines(paper, paper_word(reason_word), dossier);
  return paper;
}

/* The papers that the officer ticked, with the numbers of originals and copies. */
static void missing_table(struct cx *cx, struct paper *paper, const struct paper_facts *facts)
{
  const struct component *all = facts->procedure.components.items;
  const char *heads[] = {paper_word("no"), paper_word("component"), paper_word("originals"), paper_word("copies"), paper_word("note")};
  const double widths[] = {1.4, 9.6, 2, 2, 2.4};
  const char **cells = ARENA_ARRAY(cx->arena, facts->procedure.components.count * 5 + 1, const char *);
  size_t rows = 0;
  for (size_t i = 0; i < facts->procedure.components.count; i++) {
    if (!missing_has(facts->parts.dossier.missing, all[i].code)) continue;
    const char **row = cells + rows++ * 5;
    row[0] = arena_print(cx->arena, "%zu", rows);
    row[1] = all[i].title;
    row[2] = arena_print(cx->arena, "%lld", (long long)all[i].originals);
    row[3] = arena_print(cx->arena, "%lld", (long long)all[i].copies);
  }
  const struct paper_table table = {.columns = 5, .heads = heads, .widths = widths, .rows = rows, .cells = cells};
  if (rows == 0) return;
  paper_text(paper, paper_word("missing"), PAPER_LEFT, PAPER_PLAIN);
  paper_table(paper, &table);
}

static const char *guiding_officer(struct cx *cx, const struct dossier *dossier)
{
  if (!text_empty(dossier->holder_name)) return dossier->holder_name;
  return cx->person ? cx->person->full_name : dossier->received_by;
}

enum err paper_supplement(struct cx *cx, const struct paper_facts *facts, struct bytes *pdf)
{
  struct paper *paper = notice_begin(cx, facts, "supplement_reason");
  missing_table(cx, paper, facts);
  paper_text(paper, paper_word("supplement_note"), PAPER_JUSTIFY, PAPER_ITALIC);
  contact_lines(cx, paper, facts, "contact");
  const struct paper_signature right = {.title = paper_word("guide_sign"), .note = paper_word("sign_note"), .name = guiding_officer(cx, &facts->parts.dossier)};
  paper_space(paper, 1);
  paper_signatures(paper, NULL, &right);
  return paper_end(cx, paper, pdf);
}

enum err paper_refusal(struct cx *cx, const struct paper_facts *facts, struct bytes *pdf)
{
  struct paper *paper = notice_begin(cx, facts, "refusal_reason");
  const struct dossier *dossier = &facts->parts.dossier;
  paper_text(paper, paper_word("refusal_note"), PAPER_JUSTIFY, PAPER_PLAIN);
  contact_lines(cx, paper, facts, "contact");
  const char *submitter = text_empty(dossier->submitter_name) ? dossier->full_name : dossier->submitter_name;
  sign(paper, paper_word("submitter_sign"), submitter, paper_word("receiver_sign"), guiding_officer(cx, dossier));
  return paper_end(cx, paper, pdf);
}
