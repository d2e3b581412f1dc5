/* The growing buffer on an arena and on malloc, and the list of header fields. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buffer.h"
#include "base/fields.h"
#include <string.h>

static void grows_and_stays_terminated(struct arena *arena)
{
  struct buffer buffer;
  buffer_init(&buffer, arena);
  assert_string_equal(buffer_string(&buffer), "");
  assert_int_equal(buffer_bytes(&buffer).size, 0);
  buffer_text(&buffer, NULL);
  for (int i = 0; i < 3000; i++) buffer_print(&buffer, "%d,", i % 10);
  buffer_char(&buffer, 'z');
  buffer_add(&buffer, "a\0b", 3);
  assert_int_equal(buffer.size, 6004);
  assert_int_equal(strlen(buffer.data), 6002);
  assert_memory_equal(buffer.data + 5998, "9,za\0b", 7);
  struct bytes bytes = buffer_bytes(&buffer);
  assert_int_equal(bytes.size, 6004);
  assert_ptr_equal(bytes.data, buffer.data);
  buffer_done(&buffer);
  assert_int_equal(buffer.size, 0);
  assert_string_equal(buffer_string(&buffer), "");
}

static void grows_on_malloc(void **state)
{
  grows_and_stays_terminated(NULL);
}

static void grows_on_an_arena(void **state)
{
  struct arena *arena = arena_new(0);
  grows_and_stays_terminated(arena);
  arena_free(arena);
}

static void prints_longer_than_its_room(void **state)
{
  struct buffer buffer;
  buffer_init(&buffer, NULL);
  buffer_print(&buffer, "%01000d", 7);
  assert_int_equal(buffer.size, 1000);
  assert_int_equal(buffer.data[999], '7');
  buffer_done(&buffer);
}

static void header_fields_keep_order_and_ignore_case(void **state)
{
  struct arena *arena = arena_new(0);
  struct http_fields fields;
  fields_init(&fields, arena);
  for (int i = 0; i < 40; i++) fields_add(&fields, arena_print(arena, "X-%d", i), "v");
  fields_add(&fields, "Accept", "first");
  fields_add(&fields, "ACCEPT", "second");
  assert_string_equal(fields_get(&fields, "accept"), "first");
  assert_int_equal(fields_count(&fields, "accept"), 2);
  assert_null(fields_get(&fields, "accep"));
  fields_drop(&fields, "Accept");
  assert_int_equal(fields.count, 40);
  assert_string_equal(fields.items[39].name, "X-39");
  arena_free(arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(grows_on_malloc), cmocka_unit_test(grows_on_an_arena), cmocka_unit_test(prints_longer_than_its_room),
    cmocka_unit_test(header_fields_keep_order_and_ignore_case),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
