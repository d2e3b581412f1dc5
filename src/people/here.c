/* What a running system asks of its node: who plays a part, and whether to go on. */
#include "people/here.h"

#include "base/text.h"

const char *here_service(struct arena *arena, const struct here *here, const char *part, const char *code)
{
  for (size_t i = 0; i < here->part_count; i++)
    if (text_equal(here->parts[i].part, part))
      return arena_print(arena, "%s/%s", here->parts[i].axis_id, code);
  return NULL;
}

enum err here_go_on(struct cx *cx, const struct here *here)
{
  return here->ending && atomic_load(here->ending) ? cx_fail(cx, ERR_BUSY, NULL, "error.ending", NULL) : OK;
}
