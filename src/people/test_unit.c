/* Units by day: the tree, the files that ship, and what a file is refused for, on both engines. */
#include "people/test_support.h"

#include "base/text.h"
#include "people/unit_tree.h"
#include <string.h>

#define HEAD "code,name,type,parent_code,level,valid_from,valid_to\n"

static void test_tree(void **state)
{
  static const struct unit_edge edges[] = {
    {"30280", "883", -1000, 100}, {"883", "89", -1000, 100}, {"91", NULL, 101, 9999}, {"89", NULL, -1000, 100},
    {"91", NULL, -1000, 100}, {"a", "b", 0, 9}, {"b", "a", 0, 9}, {"orphan", "gone", 0, 9},
  };
  struct unit_tree *tree = unit_tree_new(edges, sizeof edges / sizeof edges[0]);
  assert_true(unit_tree_within(tree, "30280", "89", 100));
  assert_true(unit_tree_within(tree, "30280", "883", -1000));
  assert_false(unit_tree_within(tree, "30280", "89", 101));
  assert_false(unit_tree_within(tree, "30280", "91", 50));
  assert_false(unit_tree_within(tree, "89", "30280", 50));
  assert_true(unit_tree_within(tree, "91", "91", 50));
  assert_int_equal(unit_tree_find(tree, "91", 100)->valid_to, 100);
  assert_int_equal(unit_tree_find(tree, "91", 101)->valid_to, 9999);
  assert_null(unit_tree_find(tree, "9", 50));
  assert_null(unit_tree_find(tree, "91", 10000));
  assert_null(unit_tree_find(tree, "91", -1001));
  assert_true(unit_tree_rooted(tree, "30280", 100));
  assert_false(unit_tree_rooted(tree, "a", 5));
  assert_false(unit_tree_rooted(tree, "orphan", 5));
  unit_tree_free(tree);
  struct unit_tree *none = unit_tree_new(NULL, 0);
  assert_false(unit_tree_within(none, "a", "b", 0));
  unit_tree_free(none);
}

static void load_all(struct fixture *f)
{
  int64_t count = 0;
  assert_int_equal(unit_import(f->cx, f->people, data_file(f->cx, "units/an-giang.csv"), &count), OK);
  assert_int_equal(count, 429);
  assert_int_equal(unit_import(f->cx, f->people, data_file(f->cx, "units/agencies.csv"), &count), OK);
  assert_int_equal(unit_import(f->cx, f->people, data_file(f->cx, "units/national.csv"), &count), OK);
  assert_int_equal(unit_import_codes(f->cx, f->people, data_file(f->cx, "units/agency-codes.csv"), &count), OK);
}

static void test_one_code_two_provinces(void **state)
{
  struct fixture *f = fixture_of(state);
  struct unit unit;
  load_all(f);
  assert_int_equal(unit_get(f->cx, f->people, "91", day_of("2025-06-30"), &unit), OK);
  assert_string_equal(unit.name, "Tỉnh Kiên Giang");
  assert_string_equal(unit.agency_code, "H33");
  assert_int_equal(unit.valid_from, NONE_DATE);
  assert_int_equal(unit.valid_to, day_of("2025-06-30"));
  assert_int_equal(unit_get(f->cx, f->people, "91", day_of("2025-07-01"), &unit), OK);
  assert_string_equal(unit.name, "Tỉnh An Giang");
  assert_string_equal(unit.agency_code, "H01");
  assert_int_equal(unit.valid_to, NONE_DATE);
  assert_int_equal(unit_get(f->cx, f->people, "89", day_of("2025-07-01"), &unit), ERR_NOT_FOUND);
  assert_int_equal(unit_get(f->cx, f->people, "89", day_of("2020-11-05"), &unit), OK);
  assert_string_equal(unit.agency_code, "000.00.00.H01");
}

static void test_the_place_beside_a_date(void **state)
{
  struct fixture *f = fixture_of(state);
  int32_t today = day_of("2026-11-25");
  load_all(f);
  assert_string_equal(unit_place(f->cx, f->people, "30307", today), "Long Xuyên");
  assert_string_equal(unit_place(f->cx, f->people, "91", today), "An Giang");
  assert_string_equal(unit_place(f->cx, f->people, "AG-CA", today), "An Giang"); /* an office signs where it belongs */
  assert_string_equal(unit_place(f->cx, f->people, "khong", today), "");
  assert_int_equal(f->cx->problems.count, 0);
}

static void test_within_by_day(void **state)
{
  struct fixture *f = fixture_of(state);
  int32_t before = day_of("2025-06-30"), after = day_of("2025-07-01");
  assert_false(unit_within(f->people, "30292", "883", before));
  load_all(f);
  assert_true(unit_within(f->people, "30292", "883", before)); /* Phường Bình Khánh in Long Xuyên */
  assert_true(unit_within(f->people, "30292", "89", before));
  assert_false(unit_within(f->people, "30292", "91", before));
  assert_true(unit_within(f->people, "30292", "91", after));   /* Phường Bình Đức, below the province itself */
  assert_false(unit_within(f->people, "30292", "883", after));
  assert_true(unit_within(f->people, "883-TCKH", "89", before));
  assert_false(unit_within(f->people, "883-TCKH", "91", after));
  assert_true(unit_within(f->people, "AG-CA", "89", before));
  assert_true(unit_within(f->people, "AG-CA", "91", after));
  assert_false(unit_within(f->people, "AG-CA", "89", day_of("2025-02-28")));
}

static void test_children(void **state)
{
  struct fixture *f = fixture_of(state);
  struct list rows;
  load_all(f);
  assert_int_equal(unit_children(f->cx, f->people, NULL, day_of("2020-11-05"), &rows), OK);
  assert_int_equal(rows.count, 4); /* two provinces, two ministries */
  assert_int_equal(unit_children(f->cx, f->people, "89", day_of("2020-11-05"), &rows), OK);
  size_t districts = 0, communes = 0;
  const struct unit *units = rows.items;
  for (size_t i = 0; i < rows.count; i++) districts += text_equal(units[i].level, "district");
  assert_int_equal(districts, 11);
  assert_int_equal(unit_children(f->cx, f->people, "91", day_of("2026-11-25"), &rows), OK);
  units = rows.items;
  for (size_t i = 0; i < rows.count; i++) communes += text_equal(units[i].level, "commune");
  assert_int_equal(communes, 102);
  assert_int_equal(unit_children(f->cx, f->people, "883", day_of("2026-11-25"), &rows), OK);
  assert_int_equal(rows.count, 0);
}

static void test_search(void **state)
{
  struct fixture *f = fixture_of(state);
  static const struct { const char *text, *day; size_t count; const char *first; } cases[] = {
    {"binh duc", "2026-11-25", 1, "30292"}, {"BÌNH ĐỨC", "2020-11-05", 1, "30289"}, {"883", "2020-11-05", 1, "883"}, {"883", "2026-11-25", 0, NULL},
    {"long xuyen", "2020-11-05", 2, "883"}, {"", "2026-11-25", 0, NULL}, {"--", "2026-11-25", 0, NULL}, {"phuong", "2026-11-25", 5, NULL},
  };
  load_all(f);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct list rows;
    assert_int_equal(unit_search(f->cx, f->people, cases[i].text, day_of(cases[i].day), 5, &rows), OK);
    assert_int_equal(rows.count, cases[i].count);
    if (cases[i].first) assert_string_equal(((const struct unit *)rows.items)->code, cases[i].first);
  }
}

/* Every unit of either era has an agency code on its first and its last day. */
static void test_every_unit_has_a_code(void **state)
{
  struct fixture *f = fixture_of(state);
  static const char *const days[] = {"2020-11-05", "2024-05-20", "2025-06-30", "2025-07-01", "2026-11-25"};
  load_all(f);
  for (size_t d = 0; d < sizeof days / sizeof days[0]; d++) {
    const char *todo[800] = {NULL};
    size_t count = 1, seen = 0;
    for (size_t at = 0; at < count; at++) {
      struct list rows;
      assert_int_equal(unit_children(f->cx, f->people, todo[at], day_of(days[d]), &rows), OK);
      const struct unit *units = rows.items;
      for (size_t i = 0; i < rows.count; i++, seen++) {
        assert_non_null(units[i].agency_code);
        assert_true(count < 800);
        if (!text_equal(units[i].level, "commune") && !text_equal(units[i].level, "office")) todo[count++] = units[i].code;
      }
    }
    assert_true(seen > 100);
  }
}

static void test_what_import_refuses(void **state)
{
  struct fixture *f = fixture_of(state);
  static const struct { const char *rows, *key, *field, *line; } cases[] = {
    {"91,Tỉnh,tỉnh,,province,,\n91,Tỉnh,tỉnh,,province,2025-07-01,\n", "account.error.csv_overlap", "code", "3"},
    {"91,Tỉnh,tỉnh,,province,2025-02-30,\n", "account.error.csv_date", "valid_from", "2"},
    {"91,Tỉnh,tỉnh,,province,2025-07-01,2025-06-30\n", "account.error.csv_dates", "valid_to", "2"},
    {"91,Tỉnh,tỉnh,,province,,\n1/2,Xã,xã,91,commune,,\n", "account.error.csv_code", "code", "3"},
    {"91,,tỉnh,,province,,\n", "account.error.csv_empty", "name", "2"},
    {"91,Tỉnh,,,province,,\n", "account.error.csv_empty", "type", "2"},
    {"91,Tỉnh,tỉnh,,kingdom,,\n", "account.error.csv_level", "level", "2"},
    {"91,Tỉnh,tỉnh,,province,,\n1,Xã,xã,92,commune,,\n", "account.error.csv_parent", "parent_code", "3"},
    {"91,Tỉnh,tỉnh,,province,,2025-06-30\n1,Xã,xã,91,commune,,\n", "account.error.csv_parent", "parent_code", "3"},
    {"91,Tỉnh,tỉnh,,province,2025-07-01,\n1,Xã,xã,91,commune,,\n", "account.error.csv_parent", "parent_code", "3"},
    {"1,Xã,xã,2,commune,,\n2,Xã,xã,1,commune,,\n", "account.error.csv_parent", "parent_code", "2"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    int64_t count = -1;
    struct unit unit;
    struct bytes csv = bytes_of(arena_print(f->cx->arena, "%s%s", HEAD, cases[i].rows));
    assert_int_equal(unit_import(f->cx, f->people, csv, &count), ERR_INPUT);
    assert_string_equal(f->cx->problems.items[0].args[0].value, cases[i].line);
    assert_problem(f->cx, cases[i].key, cases[i].field);
    assert_int_equal(count, -1);
    assert_int_equal(unit_get(f->cx, f->people, "91", day_of("2025-06-30"), &unit), ERR_NOT_FOUND);
  }
}

static void test_import_again_takes_the_place(void **state)
{
  struct fixture *f = fixture_of(state);
  struct unit unit;
  int64_t count;
  for (int i = 0; i < 2; i++) assert_int_equal(unit_import(f->cx, f->people, data_file(f->cx, "units/an-giang.csv"), &count), OK);
  assert_int_equal(unit_import(f->cx, f->people, bytes_of(HEAD "91,Tỉnh An Giang mới,tỉnh,,province,2025-07-01,\n"), &count), OK);
  assert_int_equal(unit_get(f->cx, f->people, "91", day_of("2026-01-01"), &unit), OK);
  assert_string_equal(unit.name, "Tỉnh An Giang mới");
  assert_int_equal(unit_get(f->cx, f->people, "91", day_of("2025-01-01"), &unit), OK);
  assert_string_equal(unit.name, "Tỉnh Kiên Giang");
}

static void test_further_columns(void **state)
{
  struct fixture *f = fixture_of(state);
  struct unit unit;
  int64_t count;
  static const char csv[] = "agency_code,code,name,type,parent_code,level,valid_from,valid_to,address,phone,hours\n"
                            "H01,91,Tỉnh An Giang,tỉnh,,province,,,\"16C Tôn Đức Thắng, phường Long Xuyên\",0296 3857000,sáng\n";
  assert_int_equal(unit_import(f->cx, f->people, bytes_of(csv), &count), OK);
  assert_int_equal(unit_get(f->cx, f->people, "91", 0, &unit), OK);
  assert_string_equal(unit.agency_code, "H01");
  assert_string_equal(unit.address, "16C Tôn Đức Thắng, phường Long Xuyên");
  assert_string_equal(unit.phone, "0296 3857000");
  assert_string_equal(unit.hours, "sáng");
}

static void test_codes(void **state)
{
  struct fixture *f = fixture_of(state);
  struct unit unit;
  int64_t count;
  assert_int_equal(unit_import(f->cx, f->people, bytes_of(HEAD "1,Một,xã,,commune,,\n2,Hai,xã,,commune,,\n"), &count), OK);
  assert_int_equal(unit_import_codes(f->cx, f->people, bytes_of("unit,valid_from,valid_to,agency_code\n1,,,H01.1\n2,,,H01.2\n"), &count), OK);
  assert_int_equal(unit_import_codes(f->cx, f->people, bytes_of("unit,valid_from,valid_to,agency_code\n1,,,H01.2\n2,,,H01.1\n"), &count), OK);
  assert_int_equal(unit_get(f->cx, f->people, "1", 0, &unit), OK);
  assert_string_equal(unit.agency_code, "H01.2");
  assert_int_equal(unit_import_codes(f->cx, f->people, bytes_of("unit,valid_from,valid_to,agency_code\n1,2025-07-01,,H01.1\n"), &count), ERR_INPUT);
  assert_problem(f->cx, "account.error.csv_agency_code", "agency_code");
  assert_int_equal(unit_get(f->cx, f->people, "1", day_of("2026-01-01"), &unit), OK);
  assert_string_equal(unit.agency_code, "H01.2");
}

static enum err about_in(struct cx *cx, struct tx *tx, void *arg)
{
  return action_about(cx, tx, "30292", 0, 10, arg);
}

static size_t actions_about(struct fixture *f)
{
  struct list rows;
  assert_int_equal(store_read(f->cx, people_store(f->people), about_in, &rows), OK);
  return rows.count;
}

static void test_put(void **state)
{
  struct fixture *f = fixture_of(state);
  struct unit read, unit = {.code = "30292", .name = "Phường Bình Đức", .kind = "phường", .parent = "91", .level = "commune",
                            .valid_from = NONE_DATE, .valid_to = NONE_DATE, .agency_code = "H01.105"};
  assert_int_equal(unit_put(f->cx, f->people, &unit), ERR_INPUT);
  assert_problem(f->cx, "account.error.unit_parent", "parent");
  unit.parent = NULL;
  assert_int_equal(unit_put(f->cx, f->people, &unit), OK);
  assert_int_equal(unit_get(f->cx, f->people, "30292", 0, &read), OK);
  assert_int_equal(read.valid_from, NONE_DATE);
  assert_string_equal(read.agency_code, "H01.105");
  assert_int_equal(unit_put(f->cx, f->people, &unit), OK); /* no change: nothing for the log */
  assert_int_equal(actions_about(f), 1);
  unit.phone = "0296 3857000";
  assert_int_equal(unit_put(f->cx, f->people, &unit), OK);
  assert_int_equal(actions_about(f), 2);
  unit.code = "30301";
  assert_int_equal(unit_put(f->cx, f->people, &unit), ERR_CONFLICT);
  assert_problem(f->cx, "account.error.agency_code_taken", "agency_code");
  assert_int_equal(unit_get(f->cx, f->people, "30301", 0, &read), ERR_NOT_FOUND);
}

/* Today's units are held in memory: a change is seen at once, and in another process after a look at the version; other days are not touched. */
static void test_today(void **state)
{
  struct fixture *f = fixture_of(state);
  int64_t today = day_of("2026-11-25");
  struct unit read, unit = {.code = "91", .name = "Tỉnh", .kind = "tỉnh", .level = "province", .valid_from = NONE_DATE, .valid_to = NONE_DATE};
  struct list tops;
  assert_int_equal(unit_get(f->cx, f->people, "91", today, &read), ERR_NOT_FOUND);
  assert_int_equal(unit_put(f->cx, f->people, &unit), OK);
  assert_int_equal(unit_get(f->cx, f->people, "91", today, &read), OK);
  struct people *other = fixture_again(f);
  assert_int_equal(unit_get(f->cx, other, "91", today, &read), OK);
  unit = (struct unit){.code = "91", .name = "Tỉnh mới", .kind = "tỉnh", .level = "province", .valid_from = today, .valid_to = NONE_DATE};
  assert_int_equal(unit_put(f->cx, f->people, &unit), OK);
  assert_int_equal(unit_get(f->cx, f->people, "91", today, &read), OK);
  assert_string_equal(read.name, "Tỉnh mới");
  assert_int_equal(read.valid_from, today);
  assert_int_equal(read.valid_to, NONE_DATE);
  assert_int_equal(unit_children(f->cx, f->people, NULL, today, &tops), OK);
  assert_int_equal(tops.count, 1);
  assert_int_equal(people_refresh(f->cx, other), OK);
  assert_int_equal(unit_get(f->cx, other, "91", today, &read), OK);
  assert_string_equal(read.name, "Tỉnh mới");
  people_close(other);
}

/* What one process imports, another sees after a look at the version. */
static void test_refresh(void **state)
{
  struct fixture *f = fixture_of(state);
  struct people *other = fixture_again(f);
  int64_t count;
  assert_int_equal(unit_import(f->cx, f->people, bytes_of(HEAD "91,Tỉnh,tỉnh,,province,,\n1,Xã,xã,91,commune,,\n"), &count), OK);
  assert_true(unit_within(f->people, "1", "91", 0));
  assert_false(unit_within(other, "1", "91", 0));
  assert_int_equal(people_refresh(f->cx, other), OK);
  assert_true(unit_within(other, "1", "91", 0));
  people_close(other);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_tree), ON_BOTH(test_one_code_two_provinces), ON_BOTH(test_within_by_day), ON_BOTH(test_children),
    cmocka_unit_test_setup_teardown(test_the_place_beside_a_date, fixture_setup_sqlite, fixture_teardown),
    ON_BOTH(test_search), cmocka_unit_test_setup_teardown(test_every_unit_has_a_code, fixture_setup_sqlite, fixture_teardown), /* the data, not the engine */ ON_BOTH(test_what_import_refuses), ON_BOTH(test_import_again_takes_the_place),
    ON_BOTH(test_further_columns), ON_BOTH(test_codes), ON_BOTH(test_put), ON_BOTH(test_today), ON_BOTH(test_refresh),
  };
  return cmocka_run_group_tests_name("people_unit", tests, NULL, NULL);
}
