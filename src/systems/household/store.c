/* Businesses and their acts, and what each may hold once. */
#include "systems/household/store.h"

#include "base/text.h"
#include "household_sql.h"
#include "systems/household/rules.h"
#include <string.h>

/* ---- Searching: folded words ---- */
enum { WORDS_MAX = 60, WANTED_MAX = 4 };

/* Splits a folded text in place. */
static size_t words_split(char *folded, const char **words, size_t max)
{
  size_t count = 0;
  char *rest = folded;
  while (count < max && (rest += strspn(rest, " "), *rest)) {
    words[count++] = rest;
    rest += strcspn(rest, " ");
    if (*rest) *rest++ = '\0';
  }
  return count;
}

static const char *found_text(struct cx *cx, const struct business_full *full)
{
  const struct household_person *head = full->people.items;
  const char *all = arena_print(cx->arena, "%s %s %s", full->state.name, head->full_name, full->state.number);
  return arena_print(cx->arena, " %s ", text_fold(cx->arena, all));
}

static enum err words_put(struct cx *cx, struct tx *tx, const char *number, const char *found)
{
  const char *words[WORDS_MAX];
  size_t count = words_split(arena_copy(cx->arena, found), words, WORDS_MAX);
  enum err err = sql_run(cx, tx, &household_word_drop, ARGS(V(number)), NULL);
  for (size_t i = 0; !err && i < count; i++) err = sql_run(cx, tx, &household_word_add, ARGS(V(words[i]), V(number)), NULL);
  return err;
}

static void longest_first(const char **words, size_t count)
{
  size_t best = 0;
  for (size_t i = 1; i < count; i++)
    if (strlen(words[i]) > strlen(words[best])) best = i;
  const char *first = words[0];
  words[0] = words[best];
  words[best] = first;
}

enum err business_find(struct cx *cx, struct tx *tx, const char *wanted, const char *after, struct list *out)
{
  enum { MOST = BUSINESSES_A_PAGE + 1 };
  const char *words[WANTED_MAX], *patterns[WANTED_MAX];
  size_t count = wanted ? words_split(text_fold(cx->arena, wanted), words, WANTED_MAX) : 0;
  if (!after) after = "";
  if (count == 0) return sql_rows(cx, tx, &household_business_list, ARGS(V(after), V((int64_t)MOST)), &business_line_type, MOST, out);
  longest_first(words, count);
  for (size_t i = 0; i < WANTED_MAX; i++) patterns[i] = i < count ? arena_print(cx->arena, "%% %s%%", words[i]) : "%";
  /* '{' follows z: folded text holds a to z, digits and spaces only. */
  const char *end = arena_print(cx->arena, "%s{", words[0]);
  return sql_rows(cx, tx, &household_business_search, ARGS(V(words[0]), V(end), V(after), V(patterns[1]), V(patterns[2]), V(patterns[3]), V((int64_t)MOST)),
                  &business_line_type, MOST, out);
}

/* ---- Reading ---- */
enum err business_count(struct cx *cx, struct tx *tx, int64_t *count)
{
  return sql_number(cx, tx, &household_business_count, NO_ARGS, count);
}

enum err business_line_get(struct cx *cx, struct tx *tx, const char *number, struct business_line *out)
{
  return sql_row(cx, tx, &household_business_get, ARGS(V(number)), &business_line_type, out);
}

static enum err read_parts(struct cx *cx, struct tx *tx, struct business_full *out)
{
  struct values args = ARGS(V(out->state.number), V(out->state.seq));
  enum err err = sql_rows(cx, tx, &household_person_list, args, &household_person_type, PEOPLE_MAX, &out->people);
  return err ? err : sql_rows(cx, tx, &household_sector_list, args, &household_sector_type, SECTORS_MAX, &out->sectors);
}

enum err business_on(struct cx *cx, struct tx *tx, const char *number, int64_t day, struct business_full *out)
{
  enum err err = sql_row(cx, tx, &household_state_on, ARGS(V(number), V(day)), &business_state_type, &out->state);
  return err ? err : read_parts(cx, tx, out);
}

enum err business_last(struct cx *cx, struct tx *tx, const char *number, struct business_full *out)
{
  enum err err = sql_row(cx, tx, &household_state_last, ARGS(V(number)), &business_state_type, &out->state);
  return err ? err : read_parts(cx, tx, out);
}

enum err business_history(struct cx *cx, struct tx *tx, const char *number, struct list *out)
{
  return sql_rows(cx, tx, &household_state_list, ARGS(V(number)), &business_state_type, ACTS_MAX, out);
}

/* ---- Writing ---- */
static enum err add_state(struct cx *cx, struct tx *tx, const struct business_state *s)
{
  return sql_run(cx, tx, &household_state_add,
                 ARGS(V(s->number), V(s->seq), V(s->effective_on), V(s->kind), V(s->state), V(s->name), V(s->address), V(s->commune), V(s->commune_name),
                      V(s->scope), V(s->phone), V(s->email), V(s->capital_vnd), V(s->founded_by), value_date(s->suspended_from), value_date(s->suspended_to),
                      value_date(s->closed_on), V(s->changes), value_date(s->changed_on), V(s->dossier), V(s->unit), V(s->decided_by), V(s->reason),
                      V(s->at_us)), NULL);
}

static enum err add_parts(struct cx *cx, struct tx *tx, const struct business_full *full)
{
  const struct household_person *people = full->people.items;
  const struct household_sector *sectors = full->sectors.items;
  const char *number = full->state.number;
  int64_t seq = full->state.seq;
  enum err err = add_state(cx, tx, &full->state);
  for (size_t i = 0; !err && i < full->people.count; i++)
    err = sql_run(cx, tx, &household_person_add,
                  ARGS(V(number), V(seq), V((int64_t)i), V(people[i].full_name), V(people[i].birth_date), V(people[i].sex), V(people[i].identity),
                       V(people[i].nationality), V(people[i].residence)), NULL);
  for (size_t i = 0; !err && i < full->sectors.count; i++)
    err = sql_run(cx, tx, &household_sector_add,
                  ARGS(V(number), V(seq), V((int64_t)i), V(sectors[i].code), V(sectors[i].name), V(sectors[i].main)), NULL);
  return err;
}

enum err business_add(struct cx *cx, struct tx *tx, const struct business_full *full)
{
  const struct business_state *s = &full->state;
  const struct household_person *head = full->people.items;
  const char *found = found_text(cx, full);
  enum err err = sql_run(cx, tx, &household_business_put,
                         ARGS(V(s->number), V(1), V(s->seq), V(s->effective_on), V(s->state), V(s->name), V(head->full_name), V(s->commune_name),
                              value_date(s->suspended_from), value_date(s->suspended_to), value_date(s->closed_on), V(found)), NULL);
  if (!err) err = words_put(cx, tx, s->number, found);
  return err ? err : add_parts(cx, tx, full);
}

enum err business_act(struct cx *cx, struct tx *tx, const struct business_full *full, int64_t version)
{
  const struct business_state *s = &full->state;
  const struct household_person *head = full->people.items;
  const char *found = found_text(cx, full);
  int64_t changed;
  enum err err = sql_run(cx, tx, &household_business_change,
                         ARGS(V(s->number), V(version), V(s->seq), V(s->state), V(s->name), V(head->full_name), V(s->commune_name),
                              value_date(s->suspended_from), value_date(s->suspended_to), value_date(s->closed_on), V(found)), &changed);
  if (!err && changed == 0) return cx_fail(cx, ERR_CONFLICT, NULL, "household.error.changed", "number", s->number, NULL);
  if (!err) err = words_put(cx, tx, s->number, found);
  return err ? err : add_parts(cx, tx, full);
}

/* ---- Claims ---- */

/* Nobody has it: number NULL. */
static enum err maybe(enum err err) { return err == ERR_NOT_FOUND ? OK : err; }

enum err name_claim_find(struct cx *cx, struct tx *tx, const char *scope, const char *name, struct name_claim *out)
{
  const char *key = business_name_key(cx->arena, name);
  return maybe(sql_row(cx, tx, &household_name_claim_of, ARGS(V(scope), V(key)), &name_claim_type, out));
}

enum err name_claim_similar(struct cx *cx, struct tx *tx, const char *scope, const char *name, const char *own, struct name_claim *out)
{
  const char *folded = text_fold(cx->arena, name);
  return maybe(sql_row(cx, tx, &household_name_claim_similar, ARGS(V(scope), V(folded), V(own ? own : "")), &name_claim_type, out));
}

enum err name_claim_take(struct cx *cx, struct tx *tx, const char *scope, const char *name, const char *number)
{
  const char *key = business_name_key(cx->arena, name);
  return sql_run(cx, tx, &household_name_claim_add, ARGS(V(scope), V(key), V(text_fold(cx->arena, name)), V(name), V(number)), NULL);
}

enum err name_claim_release(struct cx *cx, struct tx *tx, const char *number)
{
  return sql_run(cx, tx, &household_name_claim_drop, ARGS(V(number)), NULL);
}

enum err head_claim_find(struct cx *cx, struct tx *tx, const char *identity, struct head_claim *out)
{
  return maybe(sql_row(cx, tx, &household_head_claim_of, ARGS(V(identity)), &head_claim_type, out));
}

enum err head_claim_take(struct cx *cx, struct tx *tx, const char *identity, const char *number)
{
  return sql_run(cx, tx, &household_head_claim_add, ARGS(V(identity), V(number)), NULL);
}

enum err head_claim_release(struct cx *cx, struct tx *tx, const char *number)
{
  return sql_run(cx, tx, &household_head_claim_drop, ARGS(V(number)), NULL);
}
