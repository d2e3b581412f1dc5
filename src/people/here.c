/* Finds who plays a part for a system. */
#include "people/here.h"

#include "base/text.h"

const char *here_service(struct arena *arena, const struct here *here, const char *part, const char *code)
{
  for (size_t i = 0; i < here->part_count; i++)
    if (text_equal(here->parts[i].part, part))
      return arena_print(arena, "%s/%s", here->parts[i].axis_id, code);
  return NULL;
}
