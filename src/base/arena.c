/* Memory of one request. Blocks are chained; a piece comes from the newest block, or from a block of its own when it is
 * large. In sanitizer builds each piece is a block, so that overruns and late uses are seen. */
#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 16384, BUDGET_DEFAULT = 16 << 20, ALIGNMENT = 16 };

struct block { struct block *next; size_t used, room; _Alignas(ALIGNMENT) unsigned char data[]; };
struct deferred { struct deferred *next; void (*fn)(void *); void *arg; };

struct arena {
  struct block *blocks;
  struct deferred *deferred;
  size_t budget, used;
};

static void *must_malloc(size_t size)
{
  void *memory = malloc(size);
  if (!memory) abort();
  return memory;
}

struct arena *arena_new(size_t budget)
{
  struct arena *arena = must_malloc(sizeof *arena);
  *arena = (struct arena){.budget = budget ? budget : BUDGET_DEFAULT};
  return arena;
}

void arena_reset(struct arena *arena)
{
  for (struct deferred *d = arena->deferred; d; d = d->next) d->fn(d->arg);
  arena->deferred = NULL;
  for (struct block *block = arena->blocks, *next; block; block = next) {
    next = block->next;
    free(block);
  }
  arena->blocks = NULL;
  arena->used = 0;
}

void arena_free(struct arena *arena)
{
  if (!arena) return;
  arena_reset(arena);
  free(arena);
}

/* A new block of at least size bytes, put before the newest one when it is full at once. */
static struct block *block_add(struct arena *arena, size_t size)
{
#ifdef TRUC_SANITIZED
  size_t room = size;
#else
  size_t room = size > BLOCK_SIZE / 4 ? size : BLOCK_SIZE;
#endif
  if (room > SIZE_MAX - sizeof(struct block)) abort();
  struct block *block = must_malloc(sizeof *block + room);
  block->used = 0;
  block->room = room;
  struct block *first = arena->blocks;
  if (first && room == size) {
    block->next = first->next;
    first->next = block;
  } else {
    block->next = first;
    arena->blocks = block;
  }
  return block;
}

void *arena_room(struct arena *arena, size_t size)
{
  if (size > SIZE_MAX - ALIGNMENT) abort();
#ifdef TRUC_SANITIZED
  size_t rounded = size ? size : 1;
  struct block *block = block_add(arena, rounded);
#else
  size_t rounded = ((size ? size : 1) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  struct block *block = arena->blocks;
  if (!block || block->room - block->used < rounded) block = block_add(arena, rounded);
#endif
  /* Twice the budget and one piece over it: whoever asks for that ignores arena_over, a fault of the program. */
  assert(arena->used <= 2 * arena->budget);
  arena->used += rounded;
  void *piece = block->data + block->used;
  block->used += rounded;
  return piece;
}

void *arena_alloc(struct arena *arena, size_t size)
{
  return memset(arena_room(arena, size), 0, size);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
  size_t total;
  if (__builtin_mul_overflow(count, size, &total)) abort();
  return arena_alloc(arena, total);
}

char *arena_copy_n(struct arena *arena, const void *data, size_t size)
{
  char *copy = arena_room(arena, size + 1);
  if (size) memcpy(copy, data, size);
  copy[size] = '\0';
  return copy;
}

char *arena_copy(struct arena *arena, const char *text)
{
  return text ? arena_copy_n(arena, text, strlen(text)) : NULL;
}

char *arena_join(struct arena *arena, const char *first, const char *second)
{
  size_t first_size = strlen(first), second_size = strlen(second);
  char *joined = arena_room(arena, first_size + second_size + 1);
  memcpy(joined, first, first_size);
  memcpy(joined + first_size, second, second_size + 1);
  return joined;
}

char *arena_print(struct arena *arena, const char *format, ...)
{
  va_list list, again;
  char short_text[256]; /* most are: then formatting once does */
  va_start(list, format);
  va_copy(again, list);
  int size = vsnprintf(short_text, sizeof short_text, format, list);
  va_end(list);
  assert(size >= 0);
  char *text = arena_room(arena, (size_t)size + 1);
  if ((size_t)size < sizeof short_text) memcpy(text, short_text, (size_t)size + 1);
  else vsnprintf(text, (size_t)size + 1, format, again);
  va_end(again);
  return text;
}

void arena_defer(struct arena *arena, void (*fn)(void *), void *arg)
{
  struct deferred *d = arena_alloc(arena, sizeof *d);
  *d = (struct deferred){arena->deferred, fn, arg};
  arena->deferred = d;
}

bool arena_over(const struct arena *arena)
{
  return arena->used > arena->budget;
}

size_t arena_used(const struct arena *arena)
{
  return arena->used;
}
