/* A growing run of bytes. */
#include "base/buffer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buffer_init(struct buffer *buffer, struct arena *arena)
{
  *buffer = (struct buffer){.arena = arena};
}

void buffer_done(struct buffer *buffer)
{
  if (!buffer->arena) free(buffer->data);
  *buffer = (struct buffer){.arena = buffer->arena};
}

/* Room for `more` bytes and the NUL. */
static void buffer_grow(struct buffer *buffer, size_t more)
{
  if (more > SIZE_MAX / 4 || buffer->size > SIZE_MAX / 4) abort();
  size_t need = buffer->size + more + 1;
  if (need <= buffer->room) return;
  size_t room = buffer->room ? buffer->room * 2 : 256;
  if (room < need) room = need;
  char *data = buffer->arena ? arena_room(buffer->arena, room) : realloc(buffer->data, room);
  if (!data) abort();
  if (buffer->arena && buffer->size) memcpy(data, buffer->data, buffer->size);
  buffer->data = data;
  buffer->room = room;
}

void buffer_add(struct buffer *buffer, const void *data, size_t size)
{
  buffer_grow(buffer, size);
  if (size) memcpy(buffer->data + buffer->size, data, size);
  buffer->size += size;
  buffer->data[buffer->size] = '\0';
}

void buffer_text(struct buffer *buffer, const char *text)
{
  if (text) buffer_add(buffer, text, strlen(text));
}

void buffer_char(struct buffer *buffer, char c)
{
  buffer_grow(buffer, 1);
  buffer->data[buffer->size++] = c;
  buffer->data[buffer->size] = '\0';
}

void buffer_print(struct buffer *buffer, const char *format, ...)
{
  va_list list, again;
  va_start(list, format);
  va_copy(again, list);
  buffer_grow(buffer, 0);
  size_t room = buffer->room - buffer->size; /* mostly enough: then formatting once does */
  int size = vsnprintf(buffer->data + buffer->size, room, format, list);
  va_end(list);
  assert(size >= 0);
  if ((size_t)size >= room) {
    buffer_grow(buffer, (size_t)size);
    vsnprintf(buffer->data + buffer->size, (size_t)size + 1, format, again);
  }
  va_end(again);
  buffer->size += (size_t)size;
}

const char *buffer_string(const struct buffer *buffer)
{
  return buffer->data ? buffer->data : "";
}

struct bytes buffer_bytes(const struct buffer *buffer)
{
  return (struct bytes){(const uint8_t *)buffer->data, buffer->size};
}
