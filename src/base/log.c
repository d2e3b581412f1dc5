/* The structured log: a line is built in a buffer of its own and written with one call, so that lines never mix. */
#include "base/log.h"

#include "base/text.h"
#include <stdlib.h>
#include <unistd.h>

struct log { int fd; enum log_level level; const struct clock *clock; };

static const char *const level_names[] = {[LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARN] = "warn", [LOG_ALARM] = "alarm"};
static const struct clock machine_clock;

struct log *log_new(int fd, enum log_level level, const struct clock *clock)
{
  struct log *log = malloc(sizeof *log);
  if (!log) abort();
  *log = (struct log){fd, level, clock ? clock : &machine_clock};
  return log;
}

void log_free(struct log *log)
{
  free(log);
}

void log_write(struct log *log, enum log_level level, const char *request_id, const char *message, const struct log_field *fields)
{
  if (!log || level < log->level) return;
  struct arena *arena = arena_new(1 << 20);
  struct buffer line;
  buffer_init(&line, arena);
  buffer_print(&line, "{\"at\":\"%s\",\"level\":\"%s\",\"message\":", time_write_iso(arena, clock_now(log->clock)), level_names[level]);
  json_quote(&line, message);
  if (request_id && *request_id) {
    buffer_text(&line, ",\"request\":");
    json_quote(&line, request_id);
  }
  for (; fields && fields->name; fields++) {
    buffer_char(&line, ',');
    json_quote(&line, fields->name);
    buffer_char(&line, ':');
    json_quote(&line, fields->value);
  }
  buffer_text(&line, "}\n");
  ssize_t ignored = write(log->fd, line.data, line.size); /* nowhere to say that the log cannot be written */
  (void)ignored;
  arena_free(arena);
}
