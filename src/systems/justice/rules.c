/* Pure decisions of the judicial-record database. */
#include "systems/justice/rules.h"

#include "base/text.h"

const char *lookup_first_state(const struct list *candidates)
{
  return candidates->count == 0 ? "clean" : "checking";
}

static bool shown(const struct lookup *lookup, const struct conviction *conviction)
{
  return conviction->chosen && (!conviction->expunged || text_equal(lookup->kind, "2"));
}

void lookup_answer_fill(struct arena *arena, const struct lookup *lookup, const struct list *candidates, struct justice_answer *out)
{
  const struct conviction *all = candidates->items;
  struct justice_conviction *visible = ARENA_ARRAY(arena, candidates->count + 1, struct justice_conviction);
  bool bans = lookup->bans_wanted || text_equal(lookup->kind, "2");
  size_t count = 0;
  for (size_t i = 0; i < candidates->count; i++) {
    const struct conviction *c = &all[i];
    if (!shown(lookup, c)) continue;
    visible[count++] = (struct justice_conviction){.court = c->court, .judgment = c->judgment, .judged_on = c->judged_on, .offence = c->offence,
      .law = c->law, .penalty = c->penalty, .extra_penalty = c->extra_penalty, .ban = bans ? c->ban : NULL, .expunged = c->expunged};
  }
  bool waits = text_equal(lookup->state, "checking");
  /* Only expunged convictions and certificate No. 1: whoever asks may not even learn that there were some. */
  *out = (struct justice_answer){.reference = lookup->reference, .state = waits ? "checking" : count ? "found" : "clean",
                                 .convictions = {visible, waits ? 0 : count}, .answered_us = lookup->answered_us};
}

enum err decision_check(struct cx *cx, const struct lookup *lookup, const struct decision *decision, size_t chosen)
{
  if (!text_equal(lookup->state, "checking")) return cx_fail(cx, ERR_CONFLICT, NULL, "justice.error.decided", "name", lookup->answered_by, NULL);
  if (text_equal(decision->outcome, "found") && chosen == 0) return cx_fail(cx, ERR_INPUT, "chosen", "justice.error.choose", NULL);
  if (text_equal(decision->outcome, "clean") && chosen > 0) return cx_fail(cx, ERR_INPUT, "chosen", "justice.error.choose_none", NULL);
  return OK;
}
