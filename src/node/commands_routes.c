/* routes: every page, service and permission of the program as JSON, so that a test tries all of them and none is forgotten. */
#include "node/commands.h"

#include "base/text.h"
#include "node/hosting.h"
#include <stdio.h>

static const char *param_type_name(enum param_type type)
{
  static const char *const names[] = {[PARAM_TEXT] = "text", [PARAM_I64] = "number", [PARAM_DATE] = "date", [PARAM_CODE] = "code"};
  return names[type];
}

static void write_key(struct buffer *out, const char *key, const char *value)
{
  buffer_print(out, ",\"%s\":", key);
  if (value) json_quote(out, value);
  else buffer_text(out, "null");
}

static void write_flag(struct buffer *out, const char *key, bool value)
{
  buffer_print(out, ",\"%s\":%s", key, value ? "true" : "false");
}

/* What stands between two rows of a list: nothing before the first. */
static void next_row(struct buffer *out)
{
  if (out->data[out->size - 1] != '[') buffer_text(out, ",\n");
}

static void write_params(struct buffer *out, const struct param *params)
{
  buffer_text(out, ",\"params\":[");
  for (; params && params->name; params++) {
    next_row(out);
    buffer_print(out, "{\"type\":\"%s\",\"max\":%lld", param_type_name(params->type), (long long)params->max);
    write_key(out, "name", params->name);
    write_flag(out, "required", params->required);
    buffer_char(out, '}');
  }
  buffer_char(out, ']');
}

static void write_pages(struct buffer *out, const char *system, const struct page *pages, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    next_row(out);
    buffer_print(out, "{\"system\":\"%s\"", system);
    write_key(out, "method", pages[i].method);
    write_key(out, "path", pages[i].path);
    write_key(out, "permission", pages[i].permission);
    write_key(out, "rate", pages[i].rate);
    write_flag(out, "upload", pages[i].flags & PAGE_UPLOAD);
    write_flag(out, "csrf", !(pages[i].flags & PAGE_NO_CSRF));
    write_flag(out, "frame", pages[i].flags & PAGE_FRAME);
    write_params(out, pages[i].params);
    buffer_char(out, '}');
  }
}

static void write_services(struct buffer *out, const struct system *system)
{
  for (size_t i = 0; i < system->service_count; i++) {
    next_row(out);
    buffer_print(out, "{\"system\":\"%s\"", system->name);
    write_key(out, "code", system->services[i].code);
    write_key(out, "method", system->services[i].method);
    write_key(out, "path", system->services[i].path);
    write_flag(out, "once", system->services[i].once);
    buffer_char(out, '}');
  }
}

static void write_permissions(struct buffer *out, const struct system *system)
{
  for (const struct permission *row = system->permissions; row && row->name; row++) {
    next_row(out);
    buffer_print(out, "{\"system\":\"%s\"", system->name);
    write_key(out, "name", row->name);
    write_key(out, "roles", row->roles);
    buffer_char(out, '}');
  }
}

int command_routes(struct cx *cx, const struct command_line *line)
{
  struct buffer out;
  buffer_init(&out, cx->arena);
  buffer_text(&out, "{\"pages\":[");
  write_pages(&out, "web", web_own_pages, web_own_page_count);
  for (size_t i = 0; i < known_system_count; i++) write_pages(&out, known_systems[i]->name, known_systems[i]->pages, known_systems[i]->page_count);
  buffer_text(&out, "],\n\"services\":[");
  for (size_t i = 0; i < known_system_count; i++) write_services(&out, known_systems[i]);
  buffer_text(&out, "],\n\"permissions\":[");
  for (size_t i = 0; i < known_system_count; i++) write_permissions(&out, known_systems[i]);
  buffer_text(&out, "]}\n");
  return fwrite(out.data, 1, out.size, stdout) == out.size ? 0 : 1;
}
