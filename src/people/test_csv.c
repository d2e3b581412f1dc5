/* The reader of comma-separated values: what is read, and what is refused. */
#include "people/test_support.h"

#include "people/csv.h"
#include <string.h>

static const struct csv_column columns[] = {{"code", true}, {"name", true}, {"note", false}};

static struct cx *context(void **state)
{
  return *state;
}

static int setup(void **state)
{
  static const struct clock clock = {0};
  *state = cx_new_alone(&clock, NULL);
  return 0;
}

static int teardown(void **state)
{
  cx_free_alone(*state);
  return 0;
}

static void test_values(void **state)
{
  struct csv csv;
  assert_int_equal(csv_read(context(state), bytes_of("\xEF\xBB\xBFname,code\r\n\"Xã An Phú, \"\"cũ\"\"\",1\r\n,2\n hai  ba,3"), columns, 3, &csv), OK);
  assert_int_equal(csv.row_count, 3);
  assert_string_equal(csv.rows[0][0], "1");
  assert_string_equal(csv.rows[0][1], "Xã An Phú, \"cũ\"");
  assert_null(csv.rows[0][2]);
  assert_string_equal(csv.rows[1][1], "");
  assert_string_equal(csv.rows[2][1], "hai ba");
  assert_int_equal(csv.lines[2], 4);
}

static void test_no_rows(void **state)
{
  struct csv csv;
  assert_int_equal(csv_read(context(state), bytes_of("code,name\n"), columns, 3, &csv), OK);
  assert_int_equal(csv.row_count, 0);
}

static void test_what_is_refused(void **state)
{
  static const struct { const char *text, *key, *field; } cases[] = {
    {"", "account.error.csv_column", ""},
    {"code\n1\n", "account.error.csv_missing", "name"},
    {"code,name,other\n", "account.error.csv_column", "other"},
    {"code,name,code\n", "account.error.csv_column", "code"},
    {"code,name\n1\n", "account.error.csv", "name"},
    {"code,name\n1,a,b\n", "account.error.csv", "name"},
    {"code,name\n1,\"a\n", "account.error.csv", "name"},
    {"code,name\n1,\"a\"\"", "account.error.csv", "name"},
    {"code,name\n1,\"", "account.error.csv", "name"},
    {"code,name\n1,\"a\"b\n", "account.error.csv", "name"},
    {"code,name\n1,\"a\nb\"\n", "account.error.csv", "name"},
    {"code,name\n1,a\"b\n", "account.error.csv", "name"},
    {"code,name\n1\r,a\n", "account.error.csv", "code"},
    {"code,name\n1,\xC3\x28\n", "account.error.csv", "name"},
  };
  struct csv csv;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    assert_int_equal(csv_read(context(state), bytes_of(cases[i].text), columns, 3, &csv), ERR_INPUT);
    assert_problem(context(state), cases[i].key, cases[i].field);
  }
}

static void test_the_line_is_named(void **state)
{
  struct csv csv;
  struct cx *cx = context(state);
  assert_int_equal(csv_read(cx, bytes_of("code,name\n1,a\n\"2\",b\n3,\n4\n"), columns, 3, &csv), ERR_INPUT);
  assert_string_equal(cx->problems.items[0].args[0].name, "line");
  assert_string_equal(cx->problems.items[0].args[0].value, "5");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_values, setup, teardown),
    cmocka_unit_test_setup_teardown(test_no_rows, setup, teardown),
    cmocka_unit_test_setup_teardown(test_what_is_refused, setup, teardown),
    cmocka_unit_test_setup_teardown(test_the_line_is_named, setup, teardown),
  };
  return cmocka_run_group_tests_name("people_csv", tests, NULL, NULL);
}
