/* JSON in and out: a full record survives, and each wrong thing is named by its path with the right words. */
#include "record/test_shop.h"

static enum err read_text(struct cx *cx, const char *json, struct shop *shop)
{
  return record_read_json(cx, &shop_type, (struct bytes){(const uint8_t *)json, strlen(json)}, shop);
}

static const char *written(struct cx *cx, const struct shop *shop)
{
  struct buffer out;
  buffer_init(&out, cx->arena);
  record_write_json(&out, &shop_type, shop);
  return buffer_string(&out);
}

static const char full[] =
  "{\"name\":\"Quán \\\"Ốc\\\"\",\"notes\":\"một\\nhai\",\"phone\":\"0912345678\",\"email\":\"oc@example.vn\",\"state\":\"active\","
  "\"staff\":4,\"capital_vnd\":200000,\"opened_on\":\"2025-07-01\",\"seen_us\":\"2026-11-25T07:05:00.000000Z\",\"open\":true,"
  "\"share\":12.1,\"photo\":\"AAEC/w==\",\"head\":{\"full_name\":\"Trần Thị Ốc\",\"identity\":\"000080000001\",\"birth_date\":\"1980-02-29\","
  "\"adult\":true},\"sectors\":[{\"code\":\"5610\",\"main\":true},{\"code\":\"4711\",\"main\":false}]}";

static void a_full_record_survives(void **state)
{
  struct cx *cx = *state;
  struct shop shop;
  assert_int_equal(read_text(cx, full, &shop), OK);
  assert_string_equal(shop.name, "Quán \"Ốc\"");
  assert_int_equal(shop.opened_on, 20270);
  assert_int_equal(shop.seen_us, 1795590300000000);
  assert_true(shop.open && shop.share > 12.09 && shop.share < 12.11);
  assert_int_equal(shop.photo.size, 4);
  assert_memory_equal(shop.photo.data, "\0\1\2\xff", 4);
  assert_string_equal(shop.head->full_name, "Trần Thị Ốc");
  assert_int_equal(shop.sectors.count, 2);
  assert_string_equal(((struct shop_sector *)shop.sectors.items)[1].code, "4711");
  assert_string_equal(written(cx, &shop), full);
}

static void what_is_absent_stays_absent(void **state)
{
  struct cx *cx = *state;
  struct shop shop;
  memset(&shop, 0x55, sizeof shop);
  assert_int_equal(read_text(cx, "{\"name\":\"A\",\"notes\":\"\",\"opened_on\":null,\"head\":null}", &shop), OK);
  assert_null(shop.notes);
  assert_null(shop.phone);
  assert_null(shop.head);
  assert_null(shop.photo.data);
  assert_true(shop.opened_on == NONE_DATE && shop.seen_us == NONE_DATE && shop.staff == 0 && !shop.open && shop.sectors.count == 0);
  assert_string_equal(written(cx, &shop), "{\"name\":\"A\",\"staff\":0,\"capital_vnd\":0,\"open\":false,\"share\":0,\"sectors\":[]}");
}

static void secrets_are_read_and_never_written(void **state)
{
  struct cx *cx = *state;
  struct shop shop;
  assert_int_equal(read_text(cx, "{\"name\":\"A\",\"password\":\" hai  dấu \"}", &shop), OK);
  assert_string_equal(shop.password, " hai  dấu ");
  assert_null(strstr(written(cx, &shop), "dấu"));
  assert_string_equal(record_show(cx->arena, record_field(&shop_type, "password"), &shop), "");
}

static void each_wrong_thing_is_named(void **state)
{
  static const struct { const char *json, *problems; } cases[] = {
    {"", "- error.json"},
    {"[]", "- error.json"},
    {"{\"name\":\"A\"} x", "- error.json"},
    {"{\"name\":\"A\",\"name\":\"B\"}", "- error.json"},
    {"{\"name\":\"\xff\"}", "- error.json"},
    {"{\"name\":\"a\\u0000b\"}", "- error.json"},
    {"{\"name\":\"A\",\"share\":1e999}", "- error.json"},
    {"{}", "name error.required"},
    {"{\"name\":null}", "name error.required"},
    {"{\"name\":\"  \"}", "name error.required"},
    {"{\"name\":7}", "name error.text"},
    {"{\"name\":\"a\\nb\"}", "name error.text"},
    {"{\"name\":\"mười một chữ\"}", "name error.too_long max=10"},
    {"{\"name\":\"ườườườườườ\"}", ""},
    {"{\"name\":\"A\",\"staff\":0}", "staff error.range min=1 max=10"},
    {"{\"name\":\"A\",\"staff\":11}", "staff error.range min=1 max=10"},
    {"{\"name\":\"A\",\"staff\":\"4\"}", "staff error.number"},
    {"{\"name\":\"A\",\"staff\":4.0}", "staff error.number"},
    {"{\"name\":\"A\",\"capital_vnd\":2000000000}", "capital_vnd error.range min=0 max=1.000.000.000"},
    {"{\"name\":\"A\",\"capital_vnd\":\"2\"}", "capital_vnd error.money"},
    {"{\"name\":\"A\",\"opened_on\":\"01/07/2025\"}", "opened_on error.date"},
    {"{\"name\":\"A\",\"opened_on\":20270}", "opened_on error.date"},
    {"{\"name\":\"A\",\"seen_us\":\"2026-11-25\"}", "seen_us error.time"},
    {"{\"name\":\"A\",\"open\":1}", "open error.choice"},
    {"{\"name\":\"A\",\"state\":\"opened\"}", "state error.choice"},
    {"{\"name\":\"A\",\"share\":\"1\"}", "share error.number"},
    {"{\"name\":\"A\",\"share\":100.5}", "share error.range min=0 max=100"},
    {"{\"name\":\"A\",\"photo\":\"AAE\"}", "photo error.text"},
    {"{\"name\":\"A\",\"photo\":\"AAECAwQFBgcI\"}", "photo error.too_long max=8"},
    {"{\"name\":\"A\",\"phone\":\"12345678\"}", "phone error.phone"},
    {"{\"name\":\"A\",\"phone\":\"09a2345678\"}", "phone error.phone"},
    {"{\"name\":\"A\",\"email\":\"a@b\"}", "email error.email"},
    {"{\"name\":\"A\",\"email\":\"a b@c.vn\"}", "email error.email"},
    {"{\"name\":\"A\",\"email\":\"ă@c.vn\"}", "email error.email"},
    {"{\"name\":\"A\",\"email\":\"a@b@c.vn\"}", "email error.email"},
    {"{\"name\":\"A\",\"colour\":1}", "colour error.unknown_field"},
    {"{\"name\":\"A\",\"a\\u0007\":1}", "? error.unknown_field"},
    {"{\"name\":\"A\",\"head\":[]}", "head error.json"},
    {"{\"name\":\"A\",\"head\":{\"full_name\":\"B\",\"identity\":\"12\"}}", "head.identity error.digits count=12"},
    {"{\"name\":\"A\",\"head\":{\"full_name\":\"B\",\"identity\":\"00008000000a\"}}", "head.identity error.digits count=12"},
    {"{\"name\":\"A\",\"head\":{\"identity\":\"000080000001\",\"age\":1}}", "head.full_name error.required; head.age error.unknown_field"},
    {"{\"name\":\"A\",\"sectors\":{}}", "sectors error.json"},
    {"{\"name\":\"A\",\"sectors\":[1]}", "sectors[0] error.json"},
    {"{\"name\":\"A\",\"sectors\":[{\"code\":\"1\"},{}]}", "sectors[1].code error.required"},
    {"{\"name\":\"A\",\"sectors\":[{},{},{},{}]}", "sectors error.too_many max=3"},
    {"{\"staff\":99,\"open\":2}", "name error.required; staff error.range min=1 max=10; open error.choice"},
  };
  struct cx *cx = *state;
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct shop shop;
    enum err err = read_text(cx, cases[i].json, &shop);
    const char *problems = take_problems(cx);
    if (!text_equal(problems, cases[i].problems) || err != (*problems ? ERR_INPUT : OK))
      fail_msg("%s: \"%s\", not \"%s\"", cases[i].json, problems, cases[i].problems);
  }
}

static void phones_have_one_form(void **state)
{
  static const char *const same[] = {"0912345678", "091 234 5678", "0912.345.678", "+84912345678", "+84 912 345 678"};
  struct cx *cx = *state;
  for (size_t i = 0; i < COUNT(same); i++) {
    struct shop shop;
    assert_int_equal(read_text(cx, arena_print(cx->arena, "{\"name\":\"A\",\"phone\":\"%s\"}", same[i]), &shop), OK);
    assert_string_equal(shop.phone, "0912345678");
  }
}

static void numbers_are_written_short_and_exact(void **state)
{
  static const struct { double value; const char *text; } cases[] = {
    {0.1, "0.1"}, {1.0 / 3, "0.3333333333333333"}, {100, "100"}, {-2.5e-10, "-2.5e-10"}, {0.1 + 0.2, "0.30000000000000004"}};
  struct cx *cx = *state;
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct shop shop = {.opened_on = NONE_DATE, .seen_us = NONE_DATE, .share = cases[i].value};
    const char *json = written(cx, &shop);
    if (!strstr(json, arena_print(cx->arena, "\"share\":%s,", cases[i].text))) fail_msg("%s: %s", cases[i].text, json);
  }
}

static void deep_nesting_is_refused_not_followed(void **state)
{
  struct cx *cx = *state;
  struct buffer json;
  buffer_init(&json, cx->arena);
  buffer_text(&json, "{\"name\":");
  for (int i = 0; i < 100000; i++) buffer_char(&json, '[');
  struct shop shop;
  assert_int_equal(record_read_json(cx, &shop_type, buffer_bytes(&json), &shop), ERR_INPUT);
  assert_string_equal(take_problems(cx), "- error.json");
}

/* Every budget in steps smaller than a piece: the whole record, or ERR_MEMORY; never more than the arena bears. */
static void a_budget_that_ends_anywhere_is_said(void **state)
{
  size_t over = 0, fine = 0;
  for (size_t budget = 240; fine < 4; budget += 8) {
    struct cx cx = {.arena = arena_new(budget), .request_id = "r"}, *own = *state;
    struct shop shop;
    enum err err = read_text(&cx, full, &shop);
    assert_true(err == OK || err == ERR_MEMORY);
    assert_int_equal(err != OK, arena_over(cx.arena));
    if (!err) assert_string_equal(written(own, &shop), full);
    if (err) assert_string_equal(cx.problems.items[cx.problems.count - 1].key, "error.memory");
    fine += !err;
    over += err != OK;
    arena_free(cx.arena);
  }
  assert_true(over > 10);
}

/* Each was cleaned and named in memory that was never given back: enough of them ended the process. */
static void unknown_fields_without_number_stop_at_the_budget(void **state)
{
  struct buffer json;
  buffer_init(&json, ((struct cx *)*state)->arena);
  buffer_text(&json, "{\"name\":\"A\"");
  for (int i = 0; i < 20000; i++) buffer_print(&json, ",\"x%d\":1", i);
  buffer_char(&json, '}');
  struct cx cx = {.arena = arena_new(16384), .request_id = "r"};
  struct shop shop;
  assert_int_equal(record_read_json(&cx, &shop_type, buffer_bytes(&json), &shop), ERR_MEMORY);
  arena_free(cx.arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    ROW(a_full_record_survives), ROW(what_is_absent_stays_absent), ROW(secrets_are_read_and_never_written), ROW(each_wrong_thing_is_named),
    ROW(phones_have_one_form), ROW(numbers_are_written_short_and_exact), ROW(deep_nesting_is_refused_not_followed),
    ROW(a_budget_that_ends_anywhere_is_said), ROW(unknown_fields_without_number_stop_at_the_budget),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
