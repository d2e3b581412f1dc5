/* The context of one piece of work. */
#include "base/cx.h"

#include <stdarg.h>
#include <stdlib.h>

enum { ALONE_BUDGET = 256 << 20 };

enum err cx_fail(struct cx *cx, enum err err, const char *field, const char *key, ...)
{
  if (cx->problems.count == PROBLEMS_MAX) return err;
  struct problem *problem = &cx->problems.items[cx->problems.count++];
  *problem = (struct problem){.key = arena_copy(cx->arena, key), .field = arena_copy(cx->arena, field)};
  va_list list;
  va_start(list, key);
  for (int i = 0; i < PROBLEM_ARGS_MAX; i++) {
    const char *name = va_arg(list, const char *);
    if (!name) break;
    const char *value = va_arg(list, const char *);
    problem->args[i] = (struct problem_arg){arena_copy(cx->arena, name), value ? arena_copy(cx->arena, value) : ""};
  }
  va_end(list);
  return err;
}

void cx_log(struct cx *cx, enum log_level level, const char *message, const struct log_field *fields)
{
  log_write(cx->log, level, cx->request_id, message, fields);
}

int64_t cx_now(const struct cx *cx)
{
  return clock_now(cx->clock);
}

void cx_reset_problems(struct cx *cx)
{
  cx->problems.count = 0;
}

void cx_take_problems(struct cx *cx, const struct cx *other)
{
  for (size_t i = 0; i < other->problems.count && cx->problems.count < PROBLEMS_MAX; i++) {
    const struct problem *from = &other->problems.items[i];
    struct problem *to = &cx->problems.items[cx->problems.count++];
    *to = (struct problem){.key = arena_copy(cx->arena, from->key), .field = arena_copy(cx->arena, from->field)};
    for (int a = 0; a < PROBLEM_ARGS_MAX && from->args[a].name; a++)
      to->args[a] = (struct problem_arg){arena_copy(cx->arena, from->args[a].name), arena_copy(cx->arena, from->args[a].value)};
  }
}

struct cx *cx_new_alone(const struct clock *clock, struct log *log)
{
  struct arena *arena = arena_new(ALONE_BUDGET);
  struct cx *cx = ARENA_NEW(arena, struct cx);
  *cx = (struct cx){.arena = arena, .clock = clock, .log = log, .language = "vi", .request_id = ""};
  return cx;
}

void cx_free_alone(struct cx *cx)
{
  if (cx) arena_free(cx->arena);
}
