/* The built-in catalogue in both eras, and files that are not: refused with line and field, nothing of them stays. */
#include "systems/onestop/test_support.h"

#include "base/text.h"
#include "systems/system.h"
#include <string.h>

static struct procedure on_day(struct fixture *fixture, const char *code, const char *iso)
{
  struct date date;
  struct procedure procedure;
  assert_true(date_read_iso(iso, &date));
  assert_ok(fixture->cx, procedure_on(fixture->cx, fixture->here.store, code, date_to_days(date), &procedure));
  return procedure;
}

struct era_case { const char *code, *day, *place, *unit; };
static const struct era_case era_cases[] = {
  {"1.001612", "2021-03-10", "30280", "883-TCKH"}, {"1.001612", "2025-06-30", "30280", "883-TCKH"}, {"1.001612", "2025-07-01", "30307", "30307"},
  {"2.000488", "2021-03-10", "883", "AG-STP"},     {"2.000488", "2025-02-28", "883", "AG-STP"},     {"2.000488", "2025-03-01", "883", "AG-CA"},
  {"2.000488", "2026-11-25", "30307", "AG-CA"},
};

static void test_deciding_units(void **state)
{
  struct fixture *fixture = fixture_of(state);
  for (size_t i = 0; i < sizeof era_cases / sizeof era_cases[0]; i++) {
    const struct era_case *one = &era_cases[i];
    struct procedure procedure = on_day(fixture, one->code, one->day);
    struct date date;
    struct unit unit;
    assert_true(date_read_iso(one->day, &date));
    assert_ok(fixture->cx, decider_unit(fixture->cx, fixture->here.people, &procedure, one->place, date_to_days(date), &unit));
    assert_string_equal(unit.code, one->unit);
  }
}

static void test_built_in(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  struct list procedures;
  struct procedure_parts parts;
  struct paper_form form;
  assert_ok(cx, procedure_list(cx, fixture->here.store, time_to_days(cx_now(cx)), &procedures));
  assert_int_equal(procedures.count, 2);
  for (int64_t version = 1; version <= 2; version++) {
    assert_ok(cx, procedure_get(cx, fixture->here.store, "1.001612", version, &parts));
    assert_int_equal(parts.components.count, 5);
    assert_int_equal(parts.fees.count, 1);
    assert_false(parts.procedure.verified);
    assert_ok(cx, procedure_get(cx, fixture->here.store, "2.000488", version, &parts));
    assert_int_equal(parts.exemptions.count, 7);
    assert_non_null(authority_find(&parts, "kin"));
  }
  assert_ok(cx, paper_form_on(cx, fixture->here.store, "receipt", date_to_days((struct date){2021, 3, 10}), &form));
  assert_string_equal(form.legal_basis, "Thông tư 01/2018/TT-VPCP");
  assert_ok(cx, paper_form_on(cx, fixture->here.store, "receipt", time_to_days(cx_now(cx)), &form));
  assert_string_equal(form.legal_basis, "Thông tư 03/2025/TT-VPCP");
  /* Opened again, as at each start, nothing is added or lost. */
  assert_ok(cx, catalogue_open(cx, &fixture->here));
  assert_ok(cx, procedure_list(cx, fixture->here.store, time_to_days(cx_now(cx)), &procedures));
  assert_int_equal(procedures.count, 2);
}

#define ROW(more) \
  "{\"code\": \"1.999999\", \"version\": 1, \"kind\": \"household\", \"name\": \"Thủ tục thử\", \"short_name\": \"Thử\", \"field\": \"Thử\", \"legal_basis\": \"x\",\n" \
  " \"decider_level\": \"commune\", \"decider_place\": \"receiving\", \"term_amount\": 5, \"result_name\": \"x\", \"issuer\": \"x\", \"signer\": \"x\",\n" \
  " \"proxy\": \"authority\",\n " more "}"
#define GOOD "\"term_unit\": \"working_days\", \"valid_from\": \"2025-07-01\""

static enum err import(struct fixture *fixture, const char *text)
{
  struct buffer out;
  const struct command_input input = {.file = {(const uint8_t *)text, strlen(text)}};
  buffer_init(&out, fixture->cx->arena);
  return catalogue_import(fixture->cx, &fixture->here, &input, &out);
}

struct wrong_case { const char *text, *key, *field; };
static const struct wrong_case wrong_cases[] = {
  {"", "onestop.error.catalogue.json", "1"},
  {"{\"procedures\": [\n{]}", "onestop.error.catalogue.json", "2"},
  {"[1]", "onestop.error.catalogue.object", "1"},
  {"{\n\"procedurs\": []}", "onestop.error.catalogue.unknown", "2:procedurs"},
  {"{\"procedures\": {}}", "onestop.error.catalogue.list", "1:procedures"},
  {"{\"procedures\": [\n1]}", "onestop.error.catalogue.object", "2:procedures"},
  {"{\"procedures\": [\n" ROW("\"term_unit\": \"weeks\", \"valid_from\": \"2025-07-01\"") "]}", "error.choice", "5:procedures[0].term_unit"},
  {"{\"procedures\": [\n" ROW("\"term_unit\": \"working_days\",\n\"valid_from\": \"2025-02-30\"") "]}", "error.date", "6:procedures[0].valid_from"},
  {"{\"procedures\": [\n" ROW("\"term_unit\": \"working_days\"") "]}", "error.required", "2:procedures[0].valid_from"},
  {"{\"procedures\": [\n" ROW(GOOD ", \"colour\": 1") "]}", "error.unknown_field", "5:procedures[0].colour"},
  {"{\"procedures\": [\n" ROW(GOOD ", \"valid_to\": \"2025-01-01\"") "]}", "onestop.error.catalogue.period", "5:procedures[0].valid_to"},
  {"{\"procedures\": [\n" ROW(GOOD) ",\n" ROW(GOOD) "]}", "onestop.error.catalogue.twice", "6:procedures[1].version"},
  {"{\"procedures\": [\n" ROW(GOOD) "],\n\"components\": [{\"procedure\": \"1.000000\", \"version\": 1, \"code\": \"a\", \"title\": \"b\"}]}",
   "onestop.error.catalogue.version", "6:components[0].procedure"},
};

static void test_wrong_files(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct procedure procedure;
  for (size_t i = 0; i < sizeof wrong_cases / sizeof wrong_cases[0]; i++) {
    assert_problem(fixture->cx, import(fixture, wrong_cases[i].text), ERR_INPUT, wrong_cases[i].key, wrong_cases[i].field);
    assert_int_equal(procedure_on(fixture->cx, fixture->here.store, "1.999999", 20500, &procedure), ERR_NOT_FOUND);
  }
}

static void test_good_file(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  struct procedure_parts parts;
  assert_ok(cx, import(fixture, "{\"procedures\": [\n" ROW(GOOD) "], \"components\": [{\"procedure\": \"1.999999\", \"version\": 1, \"code\": \"a\", \"title\": \"Đơn\"}]}"));
  assert_ok(cx, procedure_get(cx, fixture->here.store, "1.999999", 1, &parts));
  assert_int_equal(parts.components.count, 1);
  /* Again, changed: nobody used it yet, so it is replaced with all that hangs on it. */
  assert_ok(cx, import(fixture, "{\"procedures\": [\n" ROW(GOOD) "]}"));
  assert_ok(cx, procedure_get(cx, fixture->here.store, "1.999999", 1, &parts));
  assert_int_equal(parts.components.count, 0);
}

/* A good row beside one that cannot be: neither stays. */
static void test_all_or_nothing(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  struct procedure procedure;
  receive_household(fixture);
  const char *used = "{\"procedures\": [\n" ROW(GOOD) ",\n"
    "{\"code\": \"1.001612\", \"version\": 2, \"kind\": \"household\", \"name\": \"x\", \"short_name\": \"x\", \"field\": \"x\", \"legal_basis\": \"x\", \"decider_level\": \"commune\",\n"
    "\"decider_place\": \"receiving\", \"term_amount\": 5, \"result_name\": \"x\", \"issuer\": \"x\", \"signer\": \"x\", \"proxy\": \"none\", " GOOD "}]}";
  assert_problem(cx, import(fixture, used), ERR_CONFLICT, "onestop.error.catalogue.used", "6:procedures[1].version");
  assert_int_equal(procedure_on(cx, fixture->here.store, "1.999999", 20500, &procedure), ERR_NOT_FOUND);
  const char *overlapping = "{\"procedures\": [\n" ROW(GOOD) ",\n"
    "{\"code\": \"1.001612\", \"version\": 3, \"kind\": \"household\", \"name\": \"x\", \"short_name\": \"x\", \"field\": \"x\", \"legal_basis\": \"x\", \"decider_level\": \"commune\",\n"
    "\"decider_place\": \"receiving\", \"term_amount\": 5, \"result_name\": \"x\", \"issuer\": \"x\", \"signer\": \"x\", \"proxy\": \"none\", " GOOD "}]}";
  assert_problem(cx, import(fixture, overlapping), ERR_INPUT, "onestop.error.catalogue.overlap", "6:procedures[1].version");
  assert_int_equal(procedure_on(cx, fixture->here.store, "1.999999", 20500, &procedure), ERR_NOT_FOUND);
}

int main(void)
{
  const struct CMUnitTest tests[] = {ON_BOTH(test_built_in), TODAY(test_deciding_units), TODAY(test_wrong_files), ON_BOTH(test_good_file), ON_BOTH(test_all_or_nothing)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
