/* Forms: what a browser sends, what people type, and that what a form shows it also takes back. */
#include "record/test_shop.h"

static struct form read_body(struct cx *cx, const char *body)
{
  struct form form = {NULL, 0};
  if (form_read(cx, (struct bytes){(const uint8_t *)body, strlen(body)}, &form)) fail_msg("%s", take_problems(cx));
  return form;
}

static void a_body_becomes_pairs(void **state)
{
  struct cx *cx = *state;
  struct form form = read_body(cx, "name=Qu%C3%A1n+%E1%BB%90c&&a=1&a=2&flag&empty=&notes=m%0D%0An&x=1=2");
  assert_string_equal(form_get(&form, "name", 0), "Quán Ốc");
  assert_string_equal(form_get(&form, "a", 0), "1");
  assert_string_equal(form_get(&form, "a", 1), "2");
  assert_null(form_get(&form, "a", 2));
  assert_null(form_get(&form, "b", 0));
  assert_string_equal(form_get(&form, "flag", 0), "");
  assert_string_equal(form_get(&form, "empty", 0), "");
  assert_string_equal(form_get(&form, "notes", 0), "m\nn");
  assert_string_equal(form_get(&form, "x", 0), "1=2");
  assert_int_equal(form.count, 7);
  assert_int_equal(read_body(cx, "").count, 0);
  assert_int_equal(form_read(cx, (struct bytes){NULL, 0}, &form), OK);
}

static void bodies_that_are_no_forms(void **state)
{
  static const struct { const char *body, *problems; } cases[] = {
    {"a=%", "- error.form"}, {"a=%zz", "- error.form"}, {"%00=1", "- error.form"}, {"a=%00", "- error.form"},
    {"%FF=1", "- error.form"}, {"a=%FF", "a error.text"}, {"a=%1B", "a error.text"},
  };
  struct cx *cx = *state;
  struct form form;
  for (size_t i = 0; i < COUNT(cases); i++) {
    assert_int_equal(form_read(cx, (struct bytes){(const uint8_t *)cases[i].body, strlen(cases[i].body)}, &form), ERR_INPUT);
    assert_string_equal(take_problems(cx), cases[i].problems);
  }
  struct buffer many;
  buffer_init(&many, cx->arena);
  for (int i = 0; i < 1000; i++) buffer_text(&many, "a=1&");
  assert_int_equal(form_read(cx, buffer_bytes(&many), &form), ERR_INPUT);
  assert_string_equal(take_problems(cx), "- error.too_many max=1000");
  many.size--;
  assert_int_equal(form_read(cx, buffer_bytes(&many), &form), OK);
  assert_int_equal(form.count, 1000);
}

static void a_full_form_is_read(void **state)
{
  struct cx *cx = *state;
  struct form form = read_body(cx,
    "name=+Qu%C3%A1n++A+&notes=m%0D%0An&phone=0912.345.678&email=a%40b.vn&state=closed&password=+x+&staff=4&capital_vnd=200.000"
    "&opened_on=1%2F7%2F2025&seen_us=25%2F11%2F2026+14%3A05&open=1&share=12%2C5&photo=AAEC&head.full_name=B&head.identity=000080000001"
    "&head.birth_date=29%2F02%2F1980&sectors%5B0%5D.code=5610&sectors%5B0%5D.main=1&sectors%5B1%5D.code=&sectors%5B1%5D.main=1"
    "&sectors%5B4%5D.code=4711&stranger=1&csrf=abc");
  struct shop shop;
  assert_int_equal(record_read_form(cx, &shop_type, &form, &shop), OK);
  assert_string_equal(shop.name, "Quán A");
  assert_string_equal(shop.notes, "m\nn");
  assert_string_equal(shop.phone, "0912345678");
  assert_string_equal(shop.password, " x ");
  assert_true(shop.staff == 4 && shop.capital_vnd == 200000 && shop.opened_on == 20270 && shop.open);
  assert_int_equal(shop.seen_us, 1795590300000000);
  assert_true(shop.share > 12.49 && shop.share < 12.51);
  assert_null(shop.photo.data);
  assert_string_equal(shop.head->full_name, "B");
  assert_false(shop.head->adult);
  assert_int_equal(shop.sectors.count, 2);
  const struct shop_sector *sectors = shop.sectors.items;
  assert_true(sectors[0].main && text_equal(sectors[1].code, "4711") && !sectors[1].main);
}

static void each_wrong_input_is_named(void **state)
{
  static const struct { const char *body, *problems; } cases[] = {
    {"", "name error.required"},
    {"name=A&staff=x", "staff error.number"},
    {"name=A&staff=0", "staff error.range min=1 max=10"},
    {"name=A&staff=", ""},
    {"name=A&capital_vnd=20.00", "capital_vnd error.money"},
    {"name=A&capital_vnd=.200", "capital_vnd error.money"},
    {"name=A&capital_vnd=2000.000", "capital_vnd error.money"},
    {"name=A&capital_vnd=200.000.", "capital_vnd error.money"},
    {"name=A&capital_vnd=200.000.00", "capital_vnd error.money"},
    {"name=A&capital_vnd=-5", "capital_vnd error.money"},
    {"name=A&capital_vnd=99999999999999999999999999", "capital_vnd error.money"},
    {"name=A&capital_vnd=1.000.000", ""},
    {"name=A&opened_on=31/04/2025", "opened_on error.date"},
    {"name=A&opened_on=2025-04-30", "opened_on error.date"},
    {"name=A&seen_us=25/11/2026", "seen_us error.time"},
    {"name=A&seen_us=25/11/2026 24:00", "seen_us error.time"},
    {"name=A&seen_us=14:05", "seen_us error.time"},
    {"name=A&share=1,2,3", "share error.number"},
    {"name=A&share=,5", "share error.number"},
    {"name=A&share=1e5", "share error.number"},
    {"name=A&share=0x10", "share error.number"},
    {"name=A&share=nan", "share error.number"},
    {"name=A&open=yes", "open error.choice"},
    {"name=A&open=0", ""},
    {"name=A&name=B", ""},
    {"name=a%0Ab", "name error.text"},
    {"name=A&notes=a%0Ab", ""},
    {"name=A&head.full_name=B", "head.identity error.required"},
    {"name=A&head.full_name=+&head.adult=1", ""},
    {"name=A&sectors[2].code=12345678901", "sectors[2].code error.too_long max=10"},
    {"name=A&sectors[0].code=1&sectors[1].code=1&sectors[2].code=1&sectors[3].code=1", "sectors error.too_many max=3"},
    {"name=A&sectors[9999].code=1", "sectors error.too_many max=3"},
    {"name=A&sectors[99999].code=1&sectors[x].code=1&sectors[0]code=1&sectors[].code=1", ""},
  };
  struct cx *cx = *state;
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct shop shop;
    struct form form = read_body(cx, cases[i].body);
    enum err err = record_read_form(cx, &shop_type, &form, &shop);
    const char *problems = take_problems(cx);
    if (!text_equal(problems, cases[i].problems) || err != (*problems ? ERR_INPUT : OK))
      fail_msg("%s: \"%s\", not \"%s\"", cases[i].body, problems, cases[i].problems);
  }
}

struct consent { bool agreed; struct shop_person *person; struct list sectors; };
static const struct field consent_fields[] = {
  FIELD(struct consent, agreed, .required = true),
  FIELD_OF(struct consent, person, &shop_person_type, .required = true),
  FIELD(struct consent, sectors, .of = &shop_sector_type, .required = true),
};
static const struct record_type consent_type = RECORD("consent", struct consent, consent_fields);

static void required_parts_are_asked_for_field_by_field(void **state)
{
  struct cx *cx = *state;
  struct consent consent;
  struct form form = read_body(cx, "agreed=0");
  assert_int_equal(record_read_form(cx, &consent_type, &form, &consent), ERR_INPUT);
  assert_string_equal(take_problems(cx), "agreed error.required; person.full_name error.required; person.identity error.required; sectors error.required");
  assert_int_equal(record_read_json(cx, &consent_type, (struct bytes){(const uint8_t *)"{\"sectors\":[]}", 14}, &consent), ERR_INPUT);
  assert_string_equal(take_problems(cx), "agreed error.required; person error.required; sectors error.required");
}

static void what_is_shown_is_taken_back(void **state)
{
  struct cx *cx = *state;
  struct shop shop = {.name = "Quán A", .state = "active", .staff = 4, .capital_vnd = 1200000, .opened_on = 20270,
                      .seen_us = 1795590300000000, .open = true, .share = 12.25};
  static const struct { const char *name, *shown; } cases[] = {
    {"name", "Quán A"}, {"notes", ""}, {"state", "active"}, {"staff", "4"}, {"capital_vnd", "1.200.000"}, {"opened_on", "01/07/2025"},
    {"seen_us", "25/11/2026 14:05"}, {"open", "1"}, {"share", "12,25"},
  };
  struct form_pair pairs[COUNT(cases)];
  for (size_t i = 0; i < COUNT(cases); i++) {
    pairs[i] = (struct form_pair){cases[i].name, record_show(cx->arena, record_field(&shop_type, cases[i].name), &shop)};
    assert_string_equal(pairs[i].value, cases[i].shown);
  }
  struct shop again;
  assert_int_equal(record_read_form(cx, &shop_type, &(struct form){pairs, COUNT(pairs)}, &again), OK);
  struct buffer difference;
  buffer_init(&difference, cx->arena);
  assert_int_equal(record_difference(&difference, &shop_type, &shop, &again), 0);
  assert_string_equal(buffer_string(&difference), "{}");
  shop.opened_on = NONE_DATE;
  assert_string_equal(record_show(cx->arena, record_field(&shop_type, "opened_on"), &shop), "");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    ROW(a_body_becomes_pairs), ROW(bodies_that_are_no_forms), ROW(a_full_form_is_read), ROW(each_wrong_input_is_named),
    ROW(required_parts_are_asked_for_field_by_field), ROW(what_is_shown_is_taken_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
