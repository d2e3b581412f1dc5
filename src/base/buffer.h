/* A growing run of bytes; the one way to build output piece by piece. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include "base/arena.h"

struct bytes { const uint8_t *data; size_t size; };

struct buffer {
  struct arena *arena; /* where it grows; NULL: malloc, freed by buffer_done */
  char *data;          /* always NUL-terminated once anything was added; NULL before */
  size_t size, room;
};

void buffer_init(struct buffer *buffer, struct arena *arena);
void buffer_done(struct buffer *buffer);
void buffer_add(struct buffer *buffer, const void *data, size_t size);
void buffer_text(struct buffer *buffer, const char *text); /* NULL adds nothing */
void buffer_char(struct buffer *buffer, char c);
void buffer_print(struct buffer *buffer, const char *format, ...) PRINTF_LIKE(2, 3);
/* The text so far, "" when empty; valid until the next addition. */
const char *buffer_string(const struct buffer *buffer);
struct bytes buffer_bytes(const struct buffer *buffer);

#endif
