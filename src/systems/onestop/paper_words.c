/* Papers take their words from the Vietnamese table alone. */
#include "systems/onestop/paper_words.h"

#include "base/text.h"
#include "onestop_words.h"
#include "systems/onestop/rules.h"
#include <assert.h>
#include <string.h>

static const char prefix[] = "onestop.paper.";

const char *paper_word(const char *key)
{
  const struct words_table *table = &onestop_words[0];
  size_t size = sizeof prefix - 1;
  assert(text_equal(table->language, "vi"));
  for (size_t i = 0; i < table->count; i++)
    if (strncmp(table->words[i].key, prefix, size) == 0 && text_equal(table->words[i].key + size, key)) return table->words[i].text;
  assert(!"a paper's word is missing");
  return "";
}

const char *paper_fill2(struct cx *cx, const char *key, const char *name, const char *value, const char *name2, const char *value2)
{
  const struct problem_arg args[] = {{name, value}, {name2, value2}};
  return pattern_fill(cx->arena, paper_word(key), args, 2);
}

const char *paper_fill(struct cx *cx, const char *key, const char *name, const char *value)
{
  return paper_fill2(cx, key, name, value, name, value);
}

const char *paper_date(struct cx *cx, const char *place, int64_t day)
{
  struct date date = date_from_days((int32_t)day);
  const struct problem_arg args[] = {
    {"place", place}, {"day", arena_print(cx->arena, "%02d", date.day)}, {"month", arena_print(cx->arena, "%02d", date.month)},
    {"year", arena_print(cx->arena, "%d", date.year)}};
  return pattern_fill(cx->arena, paper_word("date"), args, 4);
}
