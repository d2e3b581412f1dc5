/* Invents businesses from the names in data/demo/seed.json, spread over the communes of today and the last two years. Identity numbers
 * belong to nobody (prefix 000). Written in batches, each one transaction, by the same functions as everything else. */
#include "systems/household/seed.h"

#include "base/draw.h"
#include "base/text.h"
#include "systems/household/load.h"
#include "systems/household/register.h"

enum { BATCH = 500, COUNT_MAX = 2000000, COMMUNES_MAX = 2000, DAYS_BACK = 700, CLOSED_PARTS = 20 };

struct seed_word { const char *text; };
struct seed_words { struct list families, middles, givens, streets, businesses, sectors; };
static const struct field word_fields[] = {FIELD(struct seed_word, text, .max = 100, .required = true)};
static const struct record_type word_type = RECORD("word", struct seed_word, word_fields);
static const struct field words_fields[] = {
  FIELD(struct seed_words, families, .of = &word_type, .max = 200), FIELD(struct seed_words, middles, .of = &word_type, .max = 200),
  FIELD(struct seed_words, givens, .of = &word_type, .max = 400), FIELD(struct seed_words, streets, .of = &word_type, .max = 200),
  FIELD(struct seed_words, businesses, .of = &word_type, .max = 200), FIELD(struct seed_words, sectors, .of = &word_type, .max = 20)};
static const struct record_type words_type = RECORD("seed_words", struct seed_words, words_fields);

struct seed_place { const char *code; struct business_place place; };

struct seeding {
  struct here *here;
  struct seed_words words;
  struct list sectors;
  struct seed_place *places; size_t place_count;
  uint64_t random;
  int64_t today, first_day, there, made;
};

static const char *word(struct seeding *seeding, const struct list *list)
{
  return list->count ? ((const struct seed_word *)list->items)[draw_below(&seeding->random, list->count)].text : "";
}

static const char *person_name(struct cx *cx, struct seeding *seeding)
{
  return arena_print(cx->arena, "%s %s %s", word(seeding, &seeding->words.families), word(seeding, &seeding->words.middles), word(seeding, &seeding->words.givens));
}

/* ---- One business ---- */
static struct household_sector seed_sector(struct seeding *seeding)
{
  const struct sector_row *rows = seeding->sectors.items;
  size_t at = draw_below(&seeding->random, seeding->sectors.count);
  while (text_equal(rows[at].kind, "banned")) at = (at + 1) % seeding->sectors.count;
  return (struct household_sector){.code = rows[at].code, .name = rows[at].name, .main = true};
}

static enum err seed_one(struct cx *cx, struct tx *tx, struct seeding *seeding)
{
  const struct seed_place *place = &seeding->places[draw_below(&seeding->random, seeding->place_count)];
  int64_t day = seeding->first_day + (int64_t)draw_below(&seeding->random, (uint64_t)(seeding->today - seeding->first_day) + 1);
  int64_t serial = seeding->there + seeding->made;
  struct household_sector sector = seed_sector(seeding);
  struct household_person head = {.full_name = person_name(cx, seeding), .birth_date = -7000 + (int64_t)draw_below(&seeding->random, 18000),
    .sex = draw_below(&seeding->random, 2) ? "male" : "female", .identity = arena_print(cx->arena, "000%09lld", (long long)(900000000 - serial)),
    .nationality = household_word("household.viet_nam"), .residence = arena_print(cx->arena, "%s, %s", word(seeding, &seeding->words.streets), place->place.commune_name)};
  /* The serial keeps names apart within a commune. */
  struct business_full full = {.state = {
    .seq = 1, .effective_on = day, .kind = "register", .state = "active", .name = arena_print(cx->arena, "%s %lld", word(seeding, &seeding->words.businesses), (long long)serial + 1),
    .address = word(seeding, &seeding->words.streets), .commune = place->code, .commune_name = place->place.commune_name, .scope = place->place.scope,
    .phone = arena_print(cx->arena, "0000%06llu", (unsigned long long)draw_below(&seeding->random, 1000000)), .capital_vnd = (int64_t)(10 + draw_below(&seeding->random, 490)) * 1000000,
    .founded_by = "person", .suspended_from = NONE_DATE, .suspended_to = NONE_DATE, .closed_on = NONE_DATE, .changed_on = NONE_DATE,
    .decided_by = person_name(cx, seeding), .at_us = time_from_days((int32_t)day, 600)}, .people = {&head, 1}, .sectors = {&sector, 1}};
  enum err err = business_next_number(cx, tx, day, place->place.district, &full.state.number);
  if (!err) err = name_claim_take(cx, tx, full.state.scope, full.state.name, full.state.number);
  if (!err) err = head_claim_take(cx, tx, head.identity, full.state.number);
  if (!err) err = business_add(cx, tx, &full);
  if (err || draw_below(&seeding->random, CLOSED_PARTS)) return err;
  full.state.seq = 2;
  full.state.kind = "close";
  full.state.state = "closed";
  full.state.effective_on = full.state.closed_on = day + (seeding->today - day) / 2;
  full.state.reason = household_word("household.seed.reason");
  err = business_act(cx, tx, &full, 1);
  if (!err) err = name_claim_release(cx, tx, full.state.number);
  return err ? err : head_claim_release(cx, tx, full.state.number);
}

/* ---- Batches ---- */
struct batch { struct seeding *seeding; int64_t count, made; uint64_t random; };

static enum err batch_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct batch *batch = arg;
  struct seeding *seeding = batch->seeding;
  enum err err = OK;
  seeding->random = batch->random; /* run again, the batch is the same */
  seeding->made = batch->made;
  for (int64_t i = 0; !err && i < batch->count; i++) {
    err = seed_one(cx, tx, seeding);
    seeding->made++;
  }
  return err;
}

static enum err run_batch(struct cx *cx, struct seeding *seeding, int64_t count)
{
  struct cx *own = cx_new_alone(cx->clock, cx->log);
  struct batch batch = {seeding, count, seeding->made, seeding->random};
  enum err err = store_write(own, seeding->here->store, batch_in, &batch);
  if (err) cx_take_problems(cx, own);
  cx_free_alone(own);
  return err;
}

/* ---- Preparing ---- */
static enum err add_places(struct cx *cx, struct tx *tx, struct seeding *seeding, const char *parent, int depth)
{
  struct list units;
  enum err err = unit_children(cx, seeding->here->people, parent, seeding->today, &units);
  const struct unit *rows = units.items;
  for (size_t i = 0; !err && i < units.count; i++) {
    if (depth > 0 && !text_equal(rows[i].level, "commune")) err = add_places(cx, tx, seeding, rows[i].code, depth - 1);
    if (err || !text_equal(rows[i].level, "commune") || seeding->place_count == COMMUNES_MAX) continue;
    struct seed_place *place = &seeding->places[seeding->place_count++];
    place->code = rows[i].code;
    err = business_place_find(cx, tx, seeding->here, place->code, seeding->today, &place->place);
  }
  return err;
}

static enum err prepare_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct seeding *seeding = arg;
  struct scope_rule rule;
  seeding->places = ARENA_ARRAY(cx->arena, COMMUNES_MAX, struct seed_place);
  seeding->place_count = 0;
  enum err err = scope_rule_on(cx, tx, seeding->today, &rule);
  if (!err) err = sector_list(cx, tx, &seeding->sectors);
  if (!err) err = business_count(cx, tx, &seeding->there);
  if (!err) err = add_places(cx, tx, seeding, NULL, 2);
  if (err) return err;
  if (seeding->place_count == 0 || seeding->sectors.count == 0) return cx_fail(cx, ERR_CONFLICT, NULL, "household.error.seed_places", NULL);
  /* Places are those of today: no business is older than the rule that gave them. */
  seeding->first_day = seeding->today - DAYS_BACK > rule.valid_from ? seeding->today - DAYS_BACK : rule.valid_from;
  return OK;
}

enum err business_seed(struct cx *cx, struct here *here, const struct command_input *input, struct buffer *out)
{
  struct seeding seeding = {.here = here, .today = time_to_days(cx_now(cx))};
  struct bytes text;
  int64_t wanted;
  const char *count = form_get(&input->args, "count", 0);
  if (!here->demo) return cx_fail(cx, ERR_CONFLICT, NULL, "household.error.no_demo", NULL);
  if (text_empty(count) || !text_to_i64(count, 1, COUNT_MAX, &wanted)) return cx_fail(cx, ERR_INPUT, "count", "error.number", NULL);
  enum err err = household_file_read(cx, here, "demo/seed.json", &text);
  if (!err) err = record_read_json(cx, &words_type, text, &seeding.words);
  if (!err) err = store_read(cx, here->store, prepare_in, &seeding);
  seeding.random = UINT64_C(88172645463325252) + (uint64_t)seeding.there;
  while (!err && seeding.made < wanted) {
    int64_t left = wanted - seeding.made;
    err = here_go_on(cx, here);
    if (!err) err = run_batch(cx, &seeding, left < BATCH ? left : BATCH);
  }
  if (!err) buffer_print(out, "%lld businesses\n", (long long)seeding.made);
  return err;
}
