/* Memory of one request: allocated piece by piece, freed whole.
 *
 * An arena has a budget. Over it, arena_alloc still returns usable memory (from
 * malloc, up to a hard stop of twice the budget + one request), but marks the
 * arena: store_write and the web dispatcher turn the mark into ERR_MEMORY before
 * anything is committed. When malloc itself fails the process aborts; restart
 * recovers. In sanitizer builds every piece is a separate malloc, so that ASan
 * sees overruns and use after free. Not thread-safe: one arena, one owner. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/err.h"
#include <stdbool.h>
#include <stdint.h>

struct arena;

/* budget: bytes, 0 for the default of 16 MiB. Never NULL. */
struct arena *arena_new(size_t budget);
/* Frees the arena and all it gave. NULL is allowed. */
void arena_free(struct arena *arena);
/* Frees all it gave and starts again empty, unmarked. */
void arena_reset(struct arena *arena);
/* size bytes, aligned for any type, with nothing in particular in them: for who fills them at once. */
void *arena_room(struct arena *arena, size_t size) __attribute__((malloc, alloc_size(2)));
/* size bytes, zeroed, aligned for any type. Never NULL. size 0 gives a unique pointer. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((malloc, alloc_size(2)));
/* count × size with overflow check. */
void *arena_array(struct arena *arena, size_t count, size_t size) __attribute__((malloc, alloc_size(2, 3)));
char *arena_copy(struct arena *arena, const char *text);               /* NULL gives NULL */
char *arena_copy_n(struct arena *arena, const void *data, size_t size); /* adds a NUL after */
char *arena_join(struct arena *arena, const char *first, const char *second); /* one after the other */
char *arena_print(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
/* Runs fn(arg) when the arena is reset or freed, last registered first: closes files and the like. */
void arena_defer(struct arena *arena, void (*fn)(void *), void *arg);
bool arena_over(const struct arena *arena);   /* the budget was passed */
size_t arena_used(const struct arena *arena); /* bytes given */

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, count, type) ((type *)arena_array((arena), (count), sizeof(type)))

#endif
