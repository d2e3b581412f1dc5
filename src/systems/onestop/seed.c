/* Invents dossiers: names from data/demo/seed.json, spread over the units that receive, the last months and the statuses as in a real year.
 * Identity and phone numbers belong to nobody (prefix 000). Written unit after unit and day after day, so that the rows of a
 * transaction lie side by side in every index and a million cost as much each as the first thousand. */
#include "systems/onestop/seed.h"

#include "base/draw.h"
#include "base/text.h"
#include "systems/onestop/intake.h"
#include "systems/onestop/paper_words.h"
#include "onestop_sql.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 200, COUNT_MAX = 2000000, COUNTERS_MAX = 200, LEVELS_MAX = 6, FILE_MAX = 1 << 20, DAYS_BACK = 240 };

struct seed_word { const char *text; };
struct seed_words { struct list families, middles, givens, streets, businesses, sectors; };
static const struct field word_fields[] = {FIELD(struct seed_word, text, .max = 100, .required = true)};
static const struct record_type word_type = RECORD("word", struct seed_word, word_fields);
static const struct field words_fields[] = {
  FIELD(struct seed_words, families, .of = &word_type, .max = 200), FIELD(struct seed_words, middles, .of = &word_type, .max = 200),
  FIELD(struct seed_words, givens, .of = &word_type, .max = 400), FIELD(struct seed_words, streets, .of = &word_type, .max = 200),
  FIELD(struct seed_words, businesses, .of = &word_type, .max = 200), FIELD(struct seed_words, sectors, .of = &word_type, .max = 20)};
static const struct record_type words_type = RECORD("seed_words", struct seed_words, words_fields);

/* A unit that receives, with what follows from it for each procedure, worked out once. */
struct seed_place { struct unit unit; const char *agency; struct unit deciding[8]; bool usable[8]; };

struct seeding {
  struct cx *cx;                    /* lives for the whole command */
  struct here *here;
  struct seed_words words;
  struct procedure_parts *parts; size_t part_count;
  struct seed_place *places; size_t place_count;
  struct numbering numbering;
  uint64_t random;
  int64_t now_us, there, made, wanted; /* there: dossiers before */
};

static const char *word(struct seeding *seeding, const struct list *list)
{
  return list->count ? ((const struct seed_word *)list->items)[draw_below(&seeding->random, list->count)].text : "";
}

/* ---- One dossier ---- */
static const char *content_of(struct cx *cx, struct seeding *seeding, const struct procedure *procedure, const char *unit)
{
  struct buffer out;
  buffer_init(&out, cx->arena);
  if (text_equal(procedure->kind, "household")) {
    struct household_sector sector = {.code = "4711", .name = word(seeding, &seeding->words.sectors), .main = true};
    struct household_request request = {.business_commune = unit, .founded_by = "person", .sectors = {&sector, 1}};
    request.business_name = word(seeding, &seeding->words.businesses);
    request.business_address = word(seeding, &seeding->words.streets);
    request.capital_vnd = (int64_t)(10 + draw_below(&seeding->random, 490)) * 1000000;
    record_write_json(&out, &household_request_type, &request);
  } else {
    const struct justice_request request = {.certificate_kind = "1", .birth_place = word(seeding, &seeding->words.streets)};
    record_write_json(&out, &justice_request_type, &request);
  }
  return buffer_string(&out);
}

static const char *person_name(struct cx *cx, struct seeding *seeding)
{
  const char *family = word(seeding, &seeding->words.families), *middle = word(seeding, &seeding->words.middles);
  return arena_print(cx->arena, "%s %s %s", family, middle, word(seeding, &seeding->words.givens));
}

static void seed_person(struct cx *cx, struct seeding *seeding, const struct seed_place *place, struct dossier *out)
{
  out->full_name = person_name(cx, seeding);
  out->birth_date = -9000 + (int64_t)draw_below(&seeding->random, 20000);
  out->sex = draw_below(&seeding->random, 2) ? "male" : "female";
  out->identity = arena_print(cx->arena, "000%09llu", (unsigned long long)draw_below(&seeding->random, 1000000000));
  out->residence = arena_print(cx->arena, "%s, %s", word(seeding, &seeding->words.streets), place->unit.name);
  out->phone = arena_print(cx->arena, "0000%06llu", (unsigned long long)draw_below(&seeding->random, 1000000));
}

static void seed_fee(struct cx *cx, struct seeding *seeding, const struct procedure_parts *parts, struct receiving *out)
{
  int64_t amount = fee_compute(&parts->fees, NULL, 1);
  bool paid = amount > 0;
  out->fee = (struct dossier_fee){.unit = out->dossier.receiving_unit, .amount_vnd = amount, .paid_us = NONE_DATE, .full_name = out->dossier.full_name};
  if (paid) {
    out->fee.means = "cash";
    out->fee.series = "TD";
    out->fee.number = arena_print(cx->arena, "%08lld", (long long)(seeding->there + seeding->made));
    out->fee.paid_us = out->dossier.received_us;
    out->fee.officer = out->dossier.received_by;
  }
  out->dossier.fee_vnd = amount;
  out->dossier.fee_state = paid ? "paid" : "exempt";
}

static void seed_components(struct cx *cx, const struct procedure_parts *parts, struct receiving *out)
{
  const struct component *all = parts->components.items;
  struct dossier_component *rows = ARENA_ARRAY(cx->arena, parts->components.count + 1, struct dossier_component);
  size_t count = 0;
  for (size_t i = 0; i < parts->components.count; i++)
    if (all[i].required) rows[count++] = (struct dossier_component){.ordinal = all[i].ordinal, .code = all[i].code, .title = all[i].title, .mark = "original", .pieces = 1};
  out->components = (struct list){rows, count};
}

static void seed_receiving(struct cx *cx, struct seeding *seeding, const struct seed_place *place, size_t part, struct receiving *out)
{
  const struct procedure_parts *parts = &seeding->parts[part];
  const struct procedure *procedure = &parts->procedure;
  int64_t received = cx_now(cx);
  uint8_t secret[16];
  random_bytes(secret, sizeof secret);
  *out = (struct receiving){.numbering = &seeding->numbering, .agency = place->agency, .day = time_to_days(received), .words = ""};
  out->dossier = (struct dossier){
    .procedure = procedure->code, .version = procedure->version, .kind = procedure->kind, .title = procedure->name, .short_title = procedure->short_name,
    .receiving_unit = place->unit.code, .receiving_name = place->unit.name, .deciding_unit = place->deciding[part].code,
    .deciding_name = place->deciding[part].name, .nationality = paper_word("viet_nam"), .copies = 1, .sets = 1, .received_us = received, .due_us = term_due(people_calendar(seeding->here->people), procedure, received, false),
    .stopped_us = NONE_DATE, .decided_us = NONE_DATE, .result_on = NONE_DATE, .returned_us = NONE_DATE,
    .secret = base64url_write(cx->arena, secret, sizeof secret), .revision = 1};
  seed_person(cx, seeding, place, &out->dossier);
  out->dossier.content = content_of(cx, seeding, procedure, place->unit.code);
  out->dossier.received_by = person_name(cx, seeding);
  seed_fee(cx, seeding, parts, out);
  seed_components(cx, parts, out);
}

/* ---- How far it has come: parts of a thousand, for those whose day has passed and for the others ---- */
struct seed_end { int past, ahead; const char *status, *action; };
static const struct seed_end ends[] = {
  {935, 200, STATUS_RETURNED, "dossier.return"}, {35, 30, STATUS_REFUSED, "dossier.refuse"}, {19, 20, STATUS_WITHDRAWN, "dossier.withdraw"},
  {6, 130, STATUS_DONE, "dossier.approve"}, {1, 100, STATUS_PROPOSED, "dossier.propose"}, {2, 90, STATUS_SUPPLEMENT, "dossier.supplement"},
  {2, 240, STATUS_PROCESSING, "dossier.forward"}, {0, 190, STATUS_RECEIVED, NULL}};

static const struct seed_end *draw_end(struct seeding *seeding, int64_t due_us)
{
  int part = (int)draw_below(&seeding->random, 1000);
  for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
    part -= due_us > seeding->now_us ? ends[i].ahead : ends[i].past;
    if (part < 0) return &ends[i];
  }
  return &ends[0];
}

static enum err seed_end_in(struct cx *cx, struct tx *tx, struct seeding *seeding, struct dossier *dossier)
{
  const struct seed_end *end = draw_end(seeding, dossier->due_us);
  if (!end->action) return OK;
  dossier->status = end->status;
  if (text_equal(end->status, STATUS_SUPPLEMENT)) dossier->stopped_us = dossier->received_us + DAY_US;
  if (text_equal(end->status, STATUS_PROCESSING)) dossier->returned = draw_below(&seeding->random, 12) == 0;
  if (text_equal(end->status, STATUS_RETURNED) || text_equal(end->status, STATUS_DONE)) {
    dossier->decided_us = dossier->due_us - HOUR_US;
    dossier->decided_by = dossier->received_by;
    dossier->result_number = arena_print(cx->arena, "TD-%lld", (long long)seeding->made);
    dossier->result_on = time_to_days(dossier->due_us);
  }
  if (text_equal(end->status, STATUS_RETURNED)) {
    dossier->returned_us = dossier->due_us;
    dossier->returned_to = dossier->full_name;
  }
  enum err err = dossier_change(cx, tx, dossier);
  return err ? err : action_append(cx, tx, end->action, dossier->code, NULL);
}

/* ---- Where and when: the units in turn, each with its share of all, and its days in their order ---- */
static int32_t draw_day(struct seeding *seeding, int64_t place_from, int64_t place_to)
{
  int64_t share = place_to - place_from, at = seeding->made - place_from;
  int64_t within = (int64_t)draw_below(&seeding->random, DAYS_BACK);
  int32_t ago = DAYS_BACK - 1 - (int32_t)((at * DAYS_BACK + within) / share);
  return calendar_add_working_days(people_calendar(seeding->here->people), time_to_days(seeding->now_us) - ago, 0);
}

static const struct seed_place *next_place(struct seeding *seeding, struct clock *clock)
{
  int64_t count = (int64_t)seeding->place_count, index = seeding->made * count / seeding->wanted;
  int64_t from = (index * seeding->wanted + count - 1) / count, to = ((index + 1) * seeding->wanted + count - 1) / count;
  int32_t day = draw_day(seeding, from, to);
  clock->fixed_us = time_from_days(day, 420 + (int)draw_below(&seeding->random, 240));
  if (clock->fixed_us > seeding->now_us) clock->fixed_us = seeding->now_us;
  return &seeding->places[index];
}

/* ---- Batches ---- */
struct batch { struct seeding *seeding; struct clock *clock; int64_t count; uint64_t random; int64_t made; };

static enum err batch_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct batch *batch = arg;
  struct seeding *seeding = batch->seeding;
  enum err err = OK;
  seeding->random = batch->random; /* run again, the batch is the same */
  seeding->made = batch->made;
  for (int64_t i = 0; !err && i < batch->count; i++) {
    const struct seed_place *place = next_place(seeding, batch->clock);
    size_t part = draw_below(&seeding->random, seeding->part_count);
    struct receiving receiving;
    if (!place->usable[part]) part = place->usable[0] ? 0 : 1;
    seed_receiving(cx, seeding, place, part, &receiving);
    err = dossier_receive_in(cx, tx, &receiving);
    if (!err) err = seed_end_in(cx, tx, seeding, &receiving.dossier);
    seeding->made++;
  }
  return err;
}

static enum err run_batch(struct seeding *seeding, int64_t count)
{
  struct clock clock = {.fixed_us = seeding->now_us};
  struct cx *cx = cx_new_alone(&clock, seeding->cx->log);
  cx->request_id = arena_copy(cx->arena, seeding->cx->request_id);
  struct batch batch = {seeding, &clock, count, seeding->random, seeding->made};
  enum err err = store_write(cx, seeding->here->store, batch_in, &batch);
  if (err) cx_take_problems(seeding->cx, cx);
  cx_free_alone(cx);
  return err;
}

/* ---- Preparing ---- */
static enum err read_words(struct seeding *seeding)
{
  struct cx *cx = seeding->cx;
  const char *path = arena_print(cx->arena, "%s/demo/seed.json", seeding->here->data_folder);
  FILE *file = fopen(path, "rbe");
  if (!file) return cx_fail(cx, ERR_STORAGE, NULL, "onestop.error.file", "path", path, "cause", "open", NULL);
  char *text = arena_alloc(cx->arena, FILE_MAX);
  size_t size = fread(text, 1, FILE_MAX, file);
  fclose(file);
  return record_read_json(cx, &words_type, (struct bytes){(const uint8_t *)text, size}, &seeding->words);
}

static enum err read_procedures(struct seeding *seeding, int64_t today)
{
  struct list procedures;
  enum err err = procedure_list(seeding->cx, seeding->here->store, today, &procedures);
  if (err) return err;
  size_t most = sizeof((struct seed_place *)0)->usable / sizeof(bool);
  const struct procedure *all = procedures.items;
  seeding->part_count = procedures.count < most ? procedures.count : most;
  seeding->parts = ARENA_ARRAY(seeding->cx->arena, seeding->part_count + 1, struct procedure_parts);
  for (size_t i = 0; !err && i < seeding->part_count; i++)
    err = procedure_get(seeding->cx, seeding->here->store, all[i].code, all[i].version, &seeding->parts[i]);
  return err;
}

static enum err read_place(struct seeding *seeding, const char *code, int64_t today)
{
  struct cx *cx = seeding->cx;
  struct seed_place *place = &seeding->places[seeding->place_count];
  bool any = false;
  size_t problems = cx->problems.count;
  enum err err = unit_get(cx, seeding->here->people, code, today, &place->unit);
  if (!err) place->agency = code_agency(cx->arena, &seeding->numbering, &place->unit);
  for (size_t i = 0; !err && i < seeding->part_count; i++) {
    place->usable[i] = decider_unit(cx, seeding->here->people, &seeding->parts[i].procedure, code, today, &place->deciding[i]) == OK;
    any = any || place->usable[i];
  }
  cx->problems.count = problems;
  if (!err && any) seeding->place_count++;
  return err == ERR_NOT_FOUND ? OK : err;
}

/* The province over the first counter that is open today; NULL: none. */
static const char *province_code(struct seeding *seeding, int64_t today, enum err *err)
{
  struct list counters;
  struct cx *cx = seeding->cx;
  size_t problems = cx->problems.count;
  *err = store_rows(cx, seeding->here->store, &onestop_counter_list, NO_ARGS, &counter_type, COUNTERS_MAX, &counters);
  const struct counter *all = counters.items;
  for (size_t i = 0; !*err && i < counters.count; i++) {
    struct unit unit = {.code = all[i].unit, .parent = all[i].unit};
    for (int level = 0; level < LEVELS_MAX && !text_empty(unit.parent); level++) {
      if (unit_get(cx, seeding->here->people, unit.parent, today, &unit) != OK) break;
      if (text_equal(unit.level, "province")) return unit.code;
    }
    cx->problems.count = problems;
  }
  return NULL;
}

/* All units right under the province: its communes, before 01-07-2025 its districts. */
static enum err read_places_of_province(struct seeding *seeding, int64_t today)
{
  struct list units;
  enum err err;
  const char *province = province_code(seeding, today, &err);
  if (err || !province) return err;
  err = unit_children(seeding->cx, seeding->here->people, province, today, &units);
  if (err) return err;
  seeding->places = ARENA_ARRAY(seeding->cx->arena, units.count + 1, struct seed_place);
  const struct unit *all = units.items;
  for (size_t i = 0; !err && i < units.count; i++)
    if (!text_equal(all[i].level, "office")) err = read_place(seeding, all[i].code, today);
  return err;
}

static enum err read_places(struct seeding *seeding, const char *unit, int64_t today)
{
  struct cx *cx = seeding->cx;
  enum err err = numbering_on(cx, seeding->here->store, today, &seeding->numbering);
  if (err) return err;
  if (text_empty(unit)) {
    err = read_places_of_province(seeding, today);
  } else {
    seeding->places = ARENA_ARRAY(cx->arena, 1, struct seed_place);
    err = read_place(seeding, unit, today);
    if (!err && !seeding->place_count) return cx_fail(cx, ERR_INPUT, "unit", "onestop.error.seed_unit", NULL);
  }
  if (!err && (seeding->place_count == 0 || seeding->part_count == 0)) return cx_fail(cx, ERR_CONFLICT, NULL, "onestop.error.seed_places", NULL);
  return err;
}

enum err dossier_seed(struct cx *cx, struct here *here, const struct command_input *input, struct buffer *out)
{
  struct seeding seeding = {.cx = cx, .here = here, .now_us = cx_now(cx)};
  const char *count = form_get(&input->args, "count", 0);
  if (!here->demo) return cx_fail(cx, ERR_CONFLICT, NULL, "onestop.error.no_demo", NULL);
  if (text_empty(count) || !text_to_i64(count, 1, COUNT_MAX, &seeding.wanted)) return cx_fail(cx, ERR_INPUT, "count", "error.number", NULL);
  int64_t today = time_to_days(seeding.now_us);
  enum err err = store_number(cx, here->store, &onestop_dossier_count, NO_ARGS, &seeding.there);
  if (!err) err = read_words(&seeding);
  if (!err) err = read_procedures(&seeding, today);
  if (!err) err = read_places(&seeding, form_get(&input->args, "unit", 0), today);
  if (err) return err;
  seeding.random = UINT64_C(88172645463325252) + (uint64_t)seeding.there;
  while (!err && seeding.made < seeding.wanted) {
    int64_t left = seeding.wanted - seeding.made;
    err = here_go_on(cx, here);
    if (!err) err = run_batch(&seeding, left < BATCH ? left : BATCH);
  }
  if (!err) buffer_print(out, "%lld dossiers\n", (long long)seeding.made);
  return err;
}
