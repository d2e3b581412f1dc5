/* HTTP header fields as an ordered list; shared by signatures (floor 1) and HTTP (floor 2). */
#ifndef BASE_FIELDS_H
#define BASE_FIELDS_H

#include "base/arena.h"

struct http_field { const char *name, *value; }; /* name as received; value trimmed */

struct http_fields { struct http_field *items; size_t count, room; struct arena *arena; };

void fields_init(struct http_fields *fields, struct arena *arena);
void fields_add(struct http_fields *fields, const char *name, const char *value); /* both copied */
/* The first value of that name (case-insensitive), or NULL. */
const char *fields_get(const struct http_fields *fields, const char *name);
size_t fields_count(const struct http_fields *fields, const char *name); /* how often the name stands there */
void fields_drop(struct http_fields *fields, const char *name);

#endif
