/* The arena's promises: zeroed, aligned, apart; marked over its budget and usable still; whole on reset. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include <string.h>

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
  struct arena *arena = arena_new(0);
  unsigned char *before = NULL;
  for (size_t size = 0; size < 9000; size += 1 + size / 7) {
    unsigned char *piece = arena_alloc(arena, size);
    assert_int_equal((uintptr_t)piece % 16, 0);
    for (size_t i = 0; i < size; i++) assert_int_equal(piece[i], 0);
    memset(piece, 0xee, size);
    assert_ptr_not_equal(piece, before);
    before = piece;
  }
  arena_free(arena);
}

static void large_piece_leaves_the_open_block_in_use(void **state)
{
  struct arena *arena = arena_new(0);
  char *small = arena_copy(arena, "nhỏ");
  char *large = arena_alloc(arena, 100000);
  memset(large, 'x', 100000);
  char *again = arena_copy(arena, "sau");
  assert_string_equal(small, "nhỏ");
  assert_string_equal(again, "sau");
  arena_free(arena);
}

static void over_budget_is_a_mark_until_reset(void **state)
{
  struct arena *arena = arena_new(1000);
  arena_alloc(arena, 900);
  assert_false(arena_over(arena));
  char *late = arena_alloc(arena, 500);
  memset(late, 1, 500);
  assert_true(arena_over(arena));
  assert_true(arena_used(arena) >= 1400);
  arena_reset(arena);
  assert_false(arena_over(arena));
  assert_int_equal(arena_used(arena), 0);
  arena_free(arena);
}

static void copies_and_prints(void **state)
{
  struct arena *arena = arena_new(0);
  assert_null(arena_copy(arena, NULL));
  assert_string_equal(arena_copy(arena, "Trần"), "Trần");
  char *part = arena_copy_n(arena, "abcdef", 3);
  assert_string_equal(part, "abc");
  assert_string_equal(arena_copy_n(arena, NULL, 0), "");
  assert_string_equal(arena_print(arena, "%s-%03d", "a", 7), "a-007");
  assert_int_equal(ARENA_ARRAY(arena, 4, int)[3], 0);
  arena_free(arena);
}

struct trace { char text[8]; size_t count; };
struct note { struct trace *trace; char letter; };

static void note_down(void *arg)
{
  struct note *note = arg;
  note->trace->text[note->trace->count++] = note->letter;
}

static void deferred_run_last_first_and_once(void **state)
{
  struct trace trace = {.count = 0};
  struct note a = {&trace, 'a'}, b = {&trace, 'b'}, c = {&trace, 'c'};
  struct arena *arena = arena_new(0);
  arena_defer(arena, note_down, &a);
  arena_defer(arena, note_down, &b);
  arena_reset(arena);
  arena_defer(arena, note_down, &c);
  arena_free(arena);
  arena_free(NULL);
  assert_string_equal(trace.text, "bac");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(pieces_are_zeroed_aligned_and_apart), cmocka_unit_test(large_piece_leaves_the_open_block_in_use),
    cmocka_unit_test(over_budget_is_a_mark_until_reset),   cmocka_unit_test(copies_and_prints),
    cmocka_unit_test(deferred_run_last_first_and_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
