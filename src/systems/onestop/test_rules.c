/* The rules as tables of cases: life cycle, sight, deadlines, codes, fees, identity cards. */
#include "systems/onestop/test_support.h"

#include "base/text.h"


/* ---- Life cycle ---- */
struct step_case { const char *status, *kind, *action, *to; };
static const struct step_case step_cases[] = {
  {"received", "household", "forward", "processing"}, {"received", "justice", "refuse", "refused"},
  {"received", "household", "approve", "-"},          {"processing", "household", "propose", "proposed"},
  {"processing", "household", "approve", "-"},        {"proposed", "household", "approve", "approved"},
  {"proposed", "justice", "approve", "done"},         {"proposed", "justice", "send_back", "processing"},
  {"approved", "household", "registered", "done"},    {"approved", "household", "register_refused", "processing"},
  {"supplement", "justice", "supplemented", "processing"}, {"supplement", "justice", "propose", "-"},
  {"done", "household", "return", "returned"},        {"returned", "household", "return", "-"},
  {"refused", "household", "pay", "-"},               {"withdrawn", "justice", "forward", "-"},
};

static void test_steps(void **state)
{
  for (size_t i = 0; i < sizeof step_cases / sizeof step_cases[0]; i++) {
    const struct step_case *one = &step_cases[i];
    const struct dossier dossier = {.status = one->status, .kind = one->kind};
    const struct step *step = step_find(&dossier, one->action);
    if (text_equal(one->to, "-")) assert_null(step);
    else assert_string_equal(step->to, one->to);
  }
}

/* Every status of the table is reached, and from every open one something leads on. */
static void test_life_cycle_is_whole(void **state)
{
  static const char *const statuses[] = {"processing", "supplement", "proposed", "approved", "done", "returned", "refused", "withdrawn"};
  for (size_t s = 0; s < sizeof statuses / sizeof statuses[0]; s++) {
    bool reached = false, leaves = false;
    for (size_t i = 0; i < life_cycle_count; i++) {
      reached = reached || text_equal(life_cycle[i].to, statuses[s]);
      leaves = leaves || (text_equal(life_cycle[i].from, statuses[s]) && life_cycle[i].to);
    }
    assert_true(reached);
    assert_int_equal(leaves, status_open(statuses[s]));
  }
}

struct guard_case { enum guard guard; const char *awaiting, *fee_state, *reason, *receiver; bool checked, known, failed; const char *key; };
static const struct guard_case guard_cases[] = {
  {GUARD_REASON, NULL, "paid", NULL, NULL, false, false, false, "onestop.error.reason"},
  {GUARD_REASON, NULL, "paid", "thiếu bản sao", NULL, false, false, false, NULL},
  {GUARD_QUIET, "justice.lookup", "paid", NULL, NULL, false, false, false, "onestop.error.awaiting"},
  {GUARD_QUIET_REASON, "justice.lookup", "paid", "x", NULL, false, false, false, "onestop.error.awaiting"},
  {GUARD_READY, NULL, "due", NULL, NULL, false, true, false, "onestop.error.fee_due"},
  {GUARD_READY, NULL, "paid", NULL, NULL, false, false, false, "onestop.error.not_known"},
  {GUARD_READY, "x", "paid", NULL, NULL, false, true, false, "onestop.error.awaiting"},
  {GUARD_READY, NULL, "exempt", NULL, NULL, false, true, false, NULL},
  {GUARD_FAILED, NULL, "paid", NULL, NULL, false, false, false, "onestop.error.not_failed"},
  {GUARD_FAILED, NULL, "paid", NULL, NULL, false, false, true, NULL},
  {GUARD_RECEIVER, NULL, "paid", NULL, NULL, false, false, false, "onestop.error.receiver"},
  {GUARD_RECEIVER, NULL, "paid", NULL, "Lê Văn Bảy", false, false, false, "onestop.error.authority_again"},
  {GUARD_RECEIVER, NULL, "paid", NULL, "Lê Văn Bảy", true, false, false, NULL},
  {GUARD_RECEIVER, NULL, "paid", NULL, "Trần An", false, false, false, NULL},
  {GUARD_FEE_DUE, NULL, "paid", NULL, NULL, false, false, false, "onestop.error.fee_settled"},
};

static void test_guards(void **state)
{
  for (size_t i = 0; i < sizeof guard_cases / sizeof guard_cases[0]; i++) {
    const struct guard_case *one = &guard_cases[i];
    const struct dossier dossier = {.status = "done", .awaiting = one->awaiting, .fee_state = one->fee_state, .full_name = "Trần An"};
    const struct act_form form = {.reason = one->reason, .receiver_name = one->receiver, .authority_checked = one->checked};
    const struct act_facts facts = {&form, one->known, one->failed};
    struct guard_finding finding = guard_check(one->guard, &dossier, &facts);
    if (one->key) assert_string_equal(finding.key, one->key);
    else assert_null(finding.key);
  }
}

static void test_turns(void **state)
{
  assert_string_equal(turn_of("received", NULL), "counter");
  assert_string_equal(turn_of("processing", NULL), "specialist");
  assert_string_equal(turn_of("processing", "justice.lookup"), "agency");
  assert_string_equal(turn_of("supplement", "justice.lookup"), "citizen");
  assert_string_equal(turn_of("approved", "household.register"), "agency");
  assert_string_equal(turn_of("returned", NULL), "none");
}

/* ---- Who may see and act ---- */
static void test_sight(void **state)
{
  const struct dossier dossier = {.status = "received", .kind = "household", .receiving_unit = "883", .deciding_unit = "883-TCKH"};
  const struct person counter = {.unit = "883", .roles = "counter"}, specialist = {.unit = "883-TCKH", .roles = "specialist"};
  const struct person third = {.unit = "894", .roles = "counter specialist decider"};
  assert_int_equal(dossier_sight(&dossier, &counter, 0), SIGHT_RECEIVING);
  assert_int_equal(dossier_sight(&dossier, &specialist, 0), SIGHT_DECIDING);
  assert_int_equal(dossier_sight(&dossier, &third, 0), SIGHT_NONE);
  assert_int_equal(dossier_sight(&dossier, NULL, 0), SIGHT_NONE);
  const struct step *forward = step_find(&dossier, "forward");
  assert_true(step_allows(forward, &dossier, &counter));
  assert_false(step_allows(forward, &dossier, &specialist));
  assert_false(step_allows(forward, &dossier, &third));
}

/* ---- Deadlines ---- */
static void test_terms(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  const struct calendar *calendar = people_calendar(fixture->here.people);
  struct procedure household, justice;
  int64_t now = cx_now(cx), today = time_to_days(now);
  assert_ok(cx, procedure_on(cx, fixture->here.store, "1.001612", today, &household));
  assert_ok(cx, procedure_on(cx, fixture->here.store, "2.000488", today, &justice));
  /* Received on Wednesday 25-11-2026 at 8:30: three working days later is Monday. */
  assert_string_equal(time_write_vn(cx->arena, term_due(calendar, &household, now, false)), "30/11/2026 08:30");
  assert_string_equal(date_write_iso(cx->arena, time_to_days(term_due(calendar, &justice, now, false))), "2026-12-07");
  assert_string_equal(date_write_iso(cx->arena, time_to_days(term_due(calendar, &justice, now, true))), "2026-12-10");
  /* The clock stood two working days and one hour. */
  int64_t due = term_due(calendar, &household, now, false);
  int64_t stopped = now + HOUR_US, resumed = now + 2 * DAY_US + 2 * HOUR_US;
  assert_string_equal(time_write_vn(cx->arena, term_resume(calendar, due, stopped, resumed)), "02/12/2026 09:30");
  assert_int_equal(light_of(calendar, "processing", due, now), LIGHT_OK);
  assert_int_equal(light_of(calendar, "processing", due, due - HOUR_US), LIGHT_DUE);
  assert_int_equal(light_of(calendar, "processing", due, due + 1), LIGHT_LATE);
  assert_int_equal(light_of(calendar, "supplement", due, due + 1), LIGHT_STOPPED);
  assert_int_equal(seat_rank("processing", due), due);
  assert_true(seat_rank("supplement", due) > due + 50 * 365 * DAY_US);
  assert_int_equal(seat_rank("returned", due), due);
  assert_int_equal(light_of(calendar, "returned", due, due + 1), LIGHT_DONE);
}

/* ---- Codes ---- */
static void test_codes(void **state)
{
  struct cx *cx = cx_new_alone(NULL, NULL);
  const struct numbering numbering = {.pattern = "{agency}-{yymmdd}-{sequence}", .digits = 4, .agency = "H01.{unit}"};
  const struct unit with = {.code = "883", .agency_code = "000.00.31.H01"}, without = {.code = "30307"};
  int32_t day = date_to_days((struct date){2026, 10, 8});
  assert_string_equal(code_write(cx->arena, &numbering, code_agency(cx->arena, &numbering, &with), day, 7), "000.00.31.H01-261008-0007");
  assert_string_equal(code_write(cx->arena, &numbering, code_agency(cx->arena, &numbering, &without), day, 12345), "H01.30307-261008-12345");
  const struct problem_arg args[] = {{"sequence", "3"}, {"yyyy", "2026"}};
  assert_string_equal(pattern_fill(cx->arena, "{sequence}/{yyyy}/STP {unknown} {", args, 2), "3/2026/STP {unknown} {");
  cx_free_alone(cx);
}

/* ---- Fees ---- */
struct fee_case { const char *exemption; int64_t copies, total; };
static const struct fee_case fee_cases[] = {
  {NULL, 1, 200000}, {NULL, 2, 200000}, {NULL, 3, 205000}, {NULL, 5, 215000}, {"student", 1, 100000}, {"student", 4, 110000}, {"poor", 1, 0}, {"child", 2, 0}};

static void test_fees(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct procedure_parts parts;
  assert_ok(fixture->cx, procedure_get(fixture->cx, fixture->here.store, "2.000488", 2, &parts));
  for (size_t i = 0; i < sizeof fee_cases / sizeof fee_cases[0]; i++)
    assert_int_equal(fee_compute(&parts.fees, exemption_find(&parts, fee_cases[i].exemption), fee_cases[i].copies), fee_cases[i].total);
}

/* ---- Identity cards ---- */
struct card_case { const char *text; enum card_state state; const char *name, *sex, *old; };
static const struct card_case card_cases[] = {
  {"000190000123|351234567|Nguyễn Thị Ánh Tuyết|27121989|Nữ|Khóm Bình Thới, Long Xuyên, An Giang|10052021", CARD_OK, "Nguyễn Thị Ánh Tuyết", "female", "351234567"},
  {"000190000123||Neang Sóc Kha|27121989|Nữ|Ấp An Lợi, Tri Tôn, An Giang|10052021", CARD_OK, "Neang Sóc Kha", "female", NULL},
  {"000190000123|Lê Văn Bảy|27/12/1989|Nam|Ấp An Lợi|10/05/2021", CARD_OK, "Lê Văn Bảy", "male", NULL},
  {"000190000123||Lê Văn Bảy|27121989|Nam|Ấp An Lợi|10052021|||Nguyễn A|Trần B", CARD_OK, "Lê Văn Bảy", "male", NULL},
  {"", CARD_EMPTY, NULL, NULL, NULL},
  {"https://example.org/", CARD_SHAPE, NULL, NULL, NULL},
  {"00019000012||Lê Văn Bảy|27121989|Nam|x|10052021", CARD_SHAPE, NULL, NULL, NULL},
  {"000190000123||Lê Văn Bảy|31021989|Nam|x|10052021", CARD_SHAPE, NULL, NULL, NULL},
  {"000190000123||Nguye64n Thi5 A1nh|27121989|Nữ|x|10052021", CARD_GARBLED, NULL, "female", NULL},
  {"000190000123||Nguyá»…n Thá»‹ A|27121989|Nữ|x|10052021", CARD_GARBLED, NULL, "female", NULL},
  {"000190000123||Nguy?n Th? A|27121989|Nữ|x|10052021", CARD_GARBLED, NULL, "female", NULL},
  {"000190000123||Lê Văn Bảỳ|27121989|Nam|x|10052021", CARD_GARBLED, NULL, "male", NULL},
  {"000190000123||Lê Văn Bảy|27121989|Nư4|x|10052021", CARD_GARBLED, NULL, NULL, NULL},
};

static void test_cards(void **state)
{
  struct arena *arena = arena_new(0);
  for (size_t i = 0; i < sizeof card_cases / sizeof card_cases[0]; i++) {
    const struct card_case *one = &card_cases[i];
    struct card card;
    assert_int_equal(card_read(arena, one->text, &card), one->state);
    assert_true(text_equal(card.full_name, one->name));
    assert_true(text_equal(card.sex, one->sex));
    if (one->state == CARD_OK) assert_true(text_equal(card.old_identity, one->old));
    if (one->state == CARD_OK || one->state == CARD_GARBLED) assert_string_equal(date_write_iso(arena, (int32_t)card.birth_date), "1989-12-27");
  }
  arena_free(arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_steps), cmocka_unit_test(test_life_cycle_is_whole), cmocka_unit_test(test_guards), cmocka_unit_test(test_turns),
    cmocka_unit_test(test_sight), TODAY(test_terms), cmocka_unit_test(test_codes), TODAY(test_fees), cmocka_unit_test(test_cards),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
