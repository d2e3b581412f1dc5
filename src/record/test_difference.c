/* The audit difference: only what changed, parts under their path, nothing secret; and the field tables themselves. */
#include "record/test_shop.h"

static const char *difference(struct cx *cx, const struct shop *before, const struct shop *after, size_t count)
{
  struct buffer out;
  buffer_init(&out, cx->arena);
  assert_int_equal(record_difference(&out, &shop_type, before, after), count);
  return buffer_string(&out);
}

static void only_changes_are_told(void **state)
{
  struct shop before = {.name = "A", .notes = "", .capital_vnd = 5000, .opened_on = 20270, .seen_us = NONE_DATE, .share = 0.5};
  struct shop after = before;
  assert_string_equal(difference(*state, &before, &after, 0), "{}");
  after.name = "B \"b\"";
  after.notes = NULL;
  after.capital_vnd = 1000000;
  after.opened_on = NONE_DATE;
  after.open = true;
  assert_string_equal(difference(*state, &before, &after, 4),
                      "{\"name\":[\"A\",\"B \\\"b\\\"\"],\"capital_vnd\":[\"5.000\",\"1.000.000\"],\"opened_on\":[\"01/07/2025\",\"\"],\"open\":[\"\",\"1\"]}");
}

static void a_new_record_tells_what_is_set(void **state)
{
  struct shop after = {.name = "A", .opened_on = NONE_DATE, .seen_us = NONE_DATE, .staff = 2};
  assert_string_equal(difference(*state, NULL, &after, 2), "{\"name\":[\"\",\"A\"],\"staff\":[\"0\",\"2\"]}");
  assert_string_equal(difference(*state, &after, NULL, 2), "{\"name\":[\"A\",\"\"],\"staff\":[\"2\",\"0\"]}");
}

static void secrets_and_bytes_stay_out(void **state)
{
  struct shop before = {.opened_on = NONE_DATE, .seen_us = NONE_DATE, .password = "cũ"};
  struct shop after = before;
  after.password = "mới";
  after.photo = (struct bytes){(const uint8_t *)"x", 1};
  assert_string_equal(difference(*state, &before, &after, 2), "{\"password\":[\"…\",\"…\"],\"photo\":[\"\",\"…\"]}");
}

static void parts_are_told_under_their_path(void **state)
{
  struct shop_person old_head = {"A", "000080000001", NONE_DATE, false}, new_head = {"A", "000080000002", 3711, false};
  struct shop_sector old_sectors[] = {{"5610", true}, {"4711", false}}, new_sectors[] = {{"5610", true}, {"4719", false}, {"4781", false}};
  struct shop before = {.opened_on = NONE_DATE, .seen_us = NONE_DATE, .head = &old_head, .sectors = {old_sectors, 2}};
  struct shop after = {.opened_on = NONE_DATE, .seen_us = NONE_DATE, .head = &new_head, .sectors = {new_sectors, 3}};
  assert_string_equal(difference(*state, &before, &after, 4),
                      "{\"head.identity\":[\"000080000001\",\"000080000002\"],\"head.birth_date\":[\"\",\"29/02/1980\"],"
                      "\"sectors[1].code\":[\"4711\",\"4719\"],\"sectors[2].code\":[\"\",\"4781\"]}");
  after.sectors = before.sectors;
  after.head = NULL;
  assert_string_equal(difference(*state, &before, &after, 2), "{\"head.full_name\":[\"A\",\"\"],\"head.identity\":[\"000080000001\",\"\"]}");
}

static void tables_take_type_and_place_from_the_member(void **state)
{
  const struct field *field = record_field(&shop_type, "share");
  assert_int_equal(field->type, FIELD_REAL);
  assert_int_equal(field->offset, offsetof(struct shop, share));
  assert_int_equal(record_field(&shop_type, "head")->type, FIELD_RECORD);
  assert_ptr_equal(record_field(&shop_type, "sectors")->of, &shop_sector_type);
  assert_null(record_field(&shop_type, "share "));
  assert_int_equal(shop_type.field_count, 15);
}

static const char *fault_of(struct field field)
{
  const struct field fields[] = {FIELD(struct shop, name), field};
  const struct record_type type = {"wrong", sizeof(struct shop), fields, 2};
  return record_type_fault(&type);
}

static void tables_that_compile_may_still_be_wrong(void **state)
{
  assert_null(record_type_fault(&shop_type));
  assert_null(fault_of((struct field)FIELD(struct shop, notes, .form = FORM_LINES)));
  assert_string_equal(fault_of((struct field)FIELD(struct shop, name)), "a name stands there twice");
  assert_string_equal(fault_of((struct field)FIELD(struct shop, notes, .form = FORM_DATE)), "a form does not fit the type");
  assert_string_equal(fault_of((struct field)FIELD(struct shop, staff, .form = FORM_EMAIL)), "a form does not fit the type");
  assert_string_equal(fault_of((struct field)FIELD(struct shop, notes, .form = FORM_DIGITS)), "digits without their number");
  assert_string_equal(fault_of((struct field)FIELD(struct shop, staff, .min = 3, .max = 2)), "the least is over the greatest");
  assert_string_equal(fault_of((struct field)FIELD(struct shop, staff, .choices = shop_states)), "choices of something that is no text");
  assert_string_equal(fault_of((struct field)FIELD(struct shop, sectors)), "a part without its type, or a type without a part");
  assert_string_equal(fault_of((struct field)FIELD_OF(struct shop, head, &shop_type)), "parts of parts");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    ROW(only_changes_are_told), ROW(a_new_record_tells_what_is_set), ROW(secrets_and_bytes_stay_out), ROW(parts_are_told_under_their_path),
    ROW(tables_take_type_and_place_from_the_member),
    ROW(tables_that_compile_may_still_be_wrong),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
