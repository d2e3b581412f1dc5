/* A right names consumer, service, method and path; the path is matched as the provider would read it. */
#include "axis/rights.h"

#include "base/text.h"

static bool right_in_force(const struct right *right, int64_t now_us)
{
  if (!text_equal(right->state, "granted")) return false;
  if (right->valid_from != NONE_DATE && now_us < right->valid_from) return false;
  return right->valid_to == NONE_DATE || now_us < right->valid_to;
}

static bool right_any_path(const struct right *right)
{
  return text_empty(right->path) || text_equal(right->path, "*");
}

bool right_covers(struct arena *arena, const struct right *right, const struct right_question *question)
{
  if (!text_equal(right->consumer, question->consumer) || !text_equal(right->service, question->service)) return false;
  if (!right_in_force(right, question->now_us)) return false;
  bool any_method = text_empty(right->method) || text_equal(right->method, "*");
  if (!any_method && !text_equal(right->method, question->method)) return false;
  const char *path;
  enum path_shape shape = path_normalise(arena, question->path, &path);
  if (shape == PATH_WRONG) return false;
  if (right_any_path(right)) return true;
  return shape == PATH_PLAIN && path_matches(right->path, path);
}

const struct right *rights_find(struct arena *arena, const struct list *rights, const struct right_question *question)
{
  const struct right *all = rights->items;
  for (size_t i = 0; i < rights->count; i++)
    if (right_covers(arena, &all[i], question)) return &all[i];
  return NULL;
}
