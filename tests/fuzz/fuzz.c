/* What the fuzzers share. */
#include "fuzz.h"

static const struct clock clock_fixed = {.fixed_us = INT64_C(1795568400) * SECOND_US};

struct cx *fuzz_cx(void)
{
  return cx_new_alone(&clock_fixed, NULL);
}

const char *fuzz_text(struct arena *arena, const uint8_t *data, size_t size)
{
  return size && memchr(data, '\0', size) ? NULL : arena_copy_n(arena, data, size);
}

const char *fuzz_line(struct arena *arena, const char **rest)
{
  if (!**rest) return NULL;
  size_t size = strcspn(*rest, "\n");
  const char *line = arena_copy_n(arena, *rest, size);
  *rest += size + ((*rest)[size] == '\n');
  return line;
}

struct bytes fuzz_bytes(const char *text)
{
  return (struct bytes){(const uint8_t *)text, strlen(text)};
}

void fuzz_judge(const struct cx *cx, enum err err)
{
  assert(err == OK ? cx->problems.count == 0 : cx->problems.count > 0);
  for (size_t i = 0; i < cx->problems.count; i++) assert(!text_empty(cx->problems.items[i].key));
}
