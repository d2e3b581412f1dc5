/* How a business is shown outside, and the register's own Vietnamese words for papers and reasons. */
#include "systems/household/register.h"

#include "base/text.h"
#include "household_words.h"
#include "systems/household/rules.h"
#include "web/words.h"
#include <assert.h>

void business_show(struct cx *cx, const struct business_full *full, int64_t registered_on, int64_t day, struct household_business *out)
{
  const struct business_state *s = &full->state;
  struct household_person *people = full->people.items;
  size_t members = full->people.count ? full->people.count - 1 : 0;
  *out = (struct household_business){
    .number = s->number, .state = business_state_then(s->state, s->suspended_from, s->suspended_to, s->closed_on, day), .name = s->name,
    .address = s->address, .commune = s->commune, .commune_name = s->commune_name, .phone = s->phone, .email = s->email, .founded_by = s->founded_by,
    .dossier = s->dossier, .capital_vnd = s->capital_vnd, .registered_on = registered_on, .changed_on = s->changed_on, .changes = s->changes,
    .suspended_from = s->suspended_from, .suspended_to = s->suspended_to, .closed_on = s->closed_on, .head = full->people.count ? people : NULL,
    .members = {members ? people + 1 : NULL, members}, .sectors = full->sectors};
}

void business_line_show(const struct business_line *line, int64_t today, struct household_line *out)
{
  *out = (struct household_line){.number = line->number, .name = line->name, .head_name = line->head_name, .commune_name = line->commune_name,
                                 .state = business_state_then(line->state, line->suspended_from, line->suspended_to, line->closed_on, today)};
}

/* ---- Words ---- */
static const char *word_of(const char *key)
{
  const struct words_table *table = &household_words[0];
  assert(text_equal(table->language, "vi"));
  for (size_t i = 0; i < table->count; i++)
    if (text_equal(table->words[i].key, key)) return table->words[i].text;
  return NULL;
}

const char *household_word(const char *key)
{
  const char *text = word_of(key);
  assert(text);
  return text;
}

const char *household_fill(struct cx *cx, const char *key, const struct problem_arg *args, size_t count)
{
  struct buffer out;
  buffer_init(&out, cx->arena);
  words_fill(&out, household_word(key), args, count);
  return buffer_string(&out);
}

const char *household_problems_text(struct cx *cx, size_t from)
{
  struct buffer out;
  buffer_init(&out, cx->arena);
  for (size_t i = from; i < cx->problems.count; i++) {
    const struct problem *problem = &cx->problems.items[i];
    size_t args = 0;
    while (args < PROBLEM_ARGS_MAX && problem->args[args].name) args++;
    if (i > from) buffer_char(&out, ' ');
    if (word_of(problem->key)) words_fill(&out, household_word(problem->key), problem->args, args);
    else buffer_text(&out, problem->key);
  }
  return buffer_string(&out);
}
