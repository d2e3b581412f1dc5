/* HTTP header fields as an ordered list. */
#include "base/fields.h"

#include <string.h>
#include <strings.h>

void fields_init(struct http_fields *fields, struct arena *arena)
{
  *fields = (struct http_fields){.arena = arena};
}

void fields_add(struct http_fields *fields, const char *name, const char *value)
{
  if (fields->count == fields->room) {
    size_t room = fields->room ? fields->room * 2 : 16;
    struct http_field *items = ARENA_ARRAY(fields->arena, room, struct http_field);
    if (fields->count) memcpy(items, fields->items, fields->count * sizeof *items);
    fields->items = items;
    fields->room = room;
  }
  fields->items[fields->count++] = (struct http_field){arena_copy(fields->arena, name), arena_copy(fields->arena, value)};
}

const char *fields_get(const struct http_fields *fields, const char *name)
{
  for (size_t i = 0; i < fields->count; i++)
    if (strcasecmp(fields->items[i].name, name) == 0) return fields->items[i].value;
  return NULL;
}

size_t fields_count(const struct http_fields *fields, const char *name)
{
  size_t found = 0;
  for (size_t i = 0; i < fields->count; i++) found += strcasecmp(fields->items[i].name, name) == 0;
  return found;
}

void fields_drop(struct http_fields *fields, const char *name)
{
  size_t kept = 0;
  for (size_t i = 0; i < fields->count; i++)
    if (strcasecmp(fields->items[i].name, name) != 0) fields->items[kept++] = fields->items[i];
  fields->count = kept;
}
