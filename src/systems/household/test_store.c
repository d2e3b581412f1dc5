/* The register on both databases: what is registered, refused or looked at, who is first, and what stood on which day. */
#include "systems/household/test_support.h"

#include "base/text.h"
#include "household_sql.h"
#include "systems/household/rules.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* ---- Applications ---- */
static void test_register(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct household_application first = application_of(fixture->cx, "Hộ kinh doanh Bảy Núi", "30307", 1);
  struct household_answer answer = receive(fixture, &first);
  assert_string_equal(answer.state, "registered");
  assert_true(tax_number_valid(answer.number));
  assert_int_equal(answer.registered_on, day_of("2026-11-25"));
  assert_string_equal(answer.reference, "HK-261125-0001");
  struct household_business business = business_as_of(fixture, answer.number, "2026-11-25");
  assert_string_equal(business.name, "Bảy Núi");
  assert_string_equal(business.state, "active");
  assert_string_equal(business.dossier, first.dossier);
  assert_non_null(strstr(business.commune_name, "An Giang"));
  assert_int_equal(business.sectors.count, 1);
  assert_true(strlen(((struct household_sector *)business.sectors.items)->name) > 20); /* the official name */
  assert_string_equal(business.head->identity, "000000000001");
}

static void test_refused(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  struct household_application first = application_of(cx, "Bảy Núi", "30307", 1);
  struct household_answer registered = receive(fixture, &first);
  struct household_sector banned = {"8020", "x", true}, none = {"47", "x", true};
  const struct { const char *name, *commune; int64_t person; struct household_sector *sector; int64_t later; const char *part; } cases[] = {
    {"BẢY NÚI", "30307", 2, NULL, 0, registered.number},          /* the same name, case aside */
    {"Tám Núi", "30307", 1, NULL, 0, registered.number},          /* the head has one */
    {"Công ty Tám Núi", "30307", 2, NULL, 0, "công ty"},         {"Tám Núi", "99999", 2, NULL, 0, "99999"},
    {"Tám Núi", "883", 2, NULL, 0, "883"},                       {"Tám Núi", "30307", 2, &banned, 0, "8020"},
    {"Tám Núi", "30307", 2, &none, 0, "4 chữ số"},               {"Tám Núi", "30307", 2, NULL, 1, "hôm nay"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct household_application ask = application_of(cx, cases[i].name, cases[i].commune, cases[i].person);
    if (cases[i].sector) ask.sectors.items = cases[i].sector;
    ask.decided_on += cases[i].later;
    struct household_answer answer = receive(fixture, &ask);
    assert_string_equal(answer.state, "refused");
    assert_null(answer.number);
    if (!strstr(answer.reason, cases[i].part)) fail_msg("case %zu: %s", i, answer.reason);
  }
  struct household_application elsewhere = application_of(cx, "Bảy Núi", "30682", 3);
  assert_string_equal(receive(fixture, &elsewhere).state, "registered"); /* another commune */
}

struct settling { struct here *here; const char *reference; struct application_decision decision; };

static enum err settle_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct settling *settling = arg;
  return application_settle(cx, tx, settling->here, settling->reference, &settling->decision);
}

static enum err settle(struct fixture *fixture, const char *reference, const char *outcome, int64_t version)
{
  struct settling settling = {&fixture->here, reference, {.outcome = outcome, .reason = "Khác địa chỉ, ngành", .version = version}};
  return store_write(fixture->cx, fixture->here.store, settle_in, &settling);
}

struct noticed { const char *reference; struct outbox_row row; };

static enum err notice_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct noticed *noticed = arg;
  return outbox_about(cx, tx, noticed->reference, "answer", &noticed->row);
}

static const char *notice_of(struct fixture *fixture, const char *reference)
{
  struct noticed noticed = {.reference = reference};
  assert_ok(fixture->cx, store_read(fixture->cx, fixture->here.store, notice_in, &noticed));
  assert_string_equal(noticed.row.service, "H01/GOV/H01.01/onestop/answer");
  return noticed.row.body;
}

static void test_checking(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  struct household_application first = application_of(cx, "Bảy Núi", "30307", 1), second = application_of(cx, "Bay Nui", "30307", 2);
  struct household_application third = application_of(cx, "Bẩy-Núi", "30307", 3), fourth = application_of(cx, "Lạ", "30307", 4);
  struct household_sector unknown = {"0899", "Khai khoáng khác", true};
  receive(fixture, &first);
  struct household_answer accepted = receive(fixture, &second), refused = receive(fixture, &third);
  fourth.sectors.items = &unknown;
  struct household_answer sector = receive(fixture, &fourth);
  assert_string_equal(accepted.state, "checking");
  assert_string_equal(refused.state, "checking");
  assert_string_equal(sector.state, "checking");
  fixture_day(fixture, "2026-11-26");
  assert_problem(cx, settle(fixture, accepted.reference, "accept", 9), ERR_CONFLICT, "household.error.decided"); /* an older page */
  assert_ok(cx, settle(fixture, accepted.reference, "accept", 1));
  assert_problem(cx, settle(fixture, accepted.reference, "refuse", 2), ERR_CONFLICT, "household.error.decided");
  assert_ok(cx, settle(fixture, refused.reference, "refuse", 1));
  assert_ok(cx, settle(fixture, sector.reference, "accept", 1));
  assert_non_null(strstr(notice_of(fixture, accepted.reference), "\"state\":\"registered\""));
  assert_non_null(strstr(notice_of(fixture, accepted.reference), "2026-11-26"));
  assert_non_null(strstr(notice_of(fixture, refused.reference), "Khác địa chỉ"));
  /* What was accepted holds its claims. */
  struct household_application again = application_of(cx, "Bay nui", "30307", 5);
  assert_string_equal(receive(fixture, &again).state, "refused");
}

/* While it waited, another one took the head: accepting says so, and the application goes on waiting. */
static void test_overtaken(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  struct household_application first = application_of(cx, "Bảy Núi", "30307", 1), second = application_of(cx, "Bay Nui", "30307", 2);
  struct household_application third = application_of(cx, "Sông Hậu", "30307", 2);
  receive(fixture, &first);
  struct household_answer waiting = receive(fixture, &second);
  assert_string_equal(receive(fixture, &third).state, "registered");
  assert_problem(cx, settle(fixture, waiting.reference, "accept", 1), ERR_INPUT, "household.error.head_taken");
  assert_ok(cx, settle(fixture, waiting.reference, "refuse", 1));
}

/* ---- The two eras ---- */
static void test_district_era(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  fixture_day(fixture, "2021-03-10");
  struct household_application first = application_of(cx, "Bảy Núi", "30280", 1), second = application_of(cx, "Bảy Núi", "30283", 2);
  struct household_application third = application_of(cx, "Bảy Núi", "30316", 3);
  struct household_answer answer = receive(fixture, &first);
  assert_string_equal(answer.state, "registered");
  assert_string_equal(answer.number, "89A8000001");
  assert_string_equal(receive(fixture, &second).state, "refused"); /* another commune of the same district */
  struct household_answer other = receive(fixture, &third);
  assert_string_equal(other.state, "registered"); /* another district */
  assert_string_equal(other.number, "89B8000001");
  fixture_day(fixture, "2026-11-25");
  struct household_application later = application_of(cx, "Bảy Núi", "30280", 4);
  assert_string_equal(receive(fixture, &later).state, "refused"); /* that commune is no more */
}

/* ---- Acts, and what stood when ---- */
static void test_as_of(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  struct household_application ask = application_of(cx, "Bảy Núi", "30307", 1);
  const char *number = receive(fixture, &ask).number;
  struct household_sector sectors[] = {{"5610", NULL, true}, {"4711", NULL, false}};
  fixture_day(fixture, "2026-12-02");
  struct business_change change = {.effective_on = day_of("2026-12-01"), .name = "Hộ kinh doanh Sông Hậu", .address = "Số 6", .commune = "30307",
                                   .capital_vnd = 2000000, .sectors = {sectors, 2}, .reason = "đơn", .version = 1};
  assert_ok(cx, act(fixture, number, "change", &change));
  assert_problem(cx, act(fixture, number, "change", &change), ERR_CONFLICT, "household.error.changed");
  struct business_suspension suspension = {.notice_on = day_of("2026-12-02"), .suspended_from = day_of("2026-12-07"), .suspended_to = day_of("2026-12-20"),
                                           .reason = "sửa nhà", .version = 2};
  assert_ok(cx, act(fixture, number, "suspend", &suspension));
  fixture_day(fixture, "2026-12-10");
  struct business_ending resume = {.effective_on = day_of("2026-12-10"), .reason = "xong", .version = 3};
  assert_ok(cx, act(fixture, number, "resume", &resume));
  struct business_ending close = {.effective_on = day_of("2026-12-10"), .reason = "nghỉ", .version = 4};
  assert_ok(cx, act(fixture, number, "close", &close));
  const struct { const char *day, *name, *state; size_t sectors; int64_t capital, changes; } cases[] = {
    {"2026-11-25", "Bảy Núi", "active", 1, 150000000, 0},    {"2026-11-30", "Bảy Núi", "active", 1, 150000000, 0},
    {"2026-12-01", "Sông Hậu", "active", 2, 2000000, 1},     {"2026-12-06", "Sông Hậu", "active", 2, 2000000, 1},
    {"2026-12-07", "Sông Hậu", "suspended", 2, 2000000, 1},  {"2026-12-09", "Sông Hậu", "suspended", 2, 2000000, 1},
    {"2026-12-10", "Sông Hậu", "closed", 2, 2000000, 1}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct household_business b = business_as_of(fixture, number, cases[i].day);
    assert_string_equal(b.name, cases[i].name);
    assert_string_equal(b.state, cases[i].state);
    assert_int_equal(b.sectors.count, cases[i].sectors);
    assert_int_equal(b.capital_vnd, cases[i].capital);
    assert_int_equal(b.changes, cases[i].changes);
  }
  /* Closed: the name and the head are free again. */
  struct household_application next = application_of(cx, "Sông Hậu", "30307", 1);
  assert_string_equal(receive(fixture, &next).state, "registered");
}

static void test_acts_refused(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  struct household_application ask = application_of(cx, "Bảy Núi", "30307", 1), other = application_of(cx, "Sông Hậu", "30307", 2);
  const char *number = receive(fixture, &ask).number;
  receive(fixture, &other);
  struct household_sector sector = {"4711", NULL, true};
  struct business_change change = {.effective_on = day_of("2026-11-25"), .name = "SÔNG HẬU", .address = "a", .commune = "30307", .sectors = {&sector, 1},
                                   .reason = "r", .version = 1};
  assert_problem(cx, act(fixture, number, "change", &change), ERR_INPUT, "household.error.name_taken");
  change.name = "Song Hau";
  assert_problem(cx, act(fixture, number, "change", &change), ERR_INPUT, "household.error.similar");
  change.distinct = "khác ngành";
  change.effective_on = day_of("2026-11-26");
  assert_problem(cx, act(fixture, number, "change", &change), ERR_INPUT, "household.error.future");
  change.effective_on = day_of("2026-11-24");
  assert_problem(cx, act(fixture, number, "change", &change), ERR_INPUT, "household.error.before_last");
  change.effective_on = day_of("2026-11-25");
  change.commune = "30280";
  assert_problem(cx, act(fixture, number, "change", &change), ERR_INPUT, "household.error.commune");
  change.commune = "30682";
  change.distinct = NULL; /* in another commune nothing reads alike */
  assert_ok(cx, act(fixture, number, "change", &change));
  struct business_ending ending = {.effective_on = day_of("2026-11-25"), .reason = "r", .version = 2};
  assert_problem(cx, act(fixture, number, "resume", &ending), ERR_CONFLICT, "household.error.action");
  struct business_suspension soon = {.notice_on = day_of("2026-11-25"), .suspended_from = day_of("2026-11-27"), .suspended_to = NONE_DATE, .reason = "r", .version = 2};
  assert_problem(cx, act(fixture, number, "suspend", &soon), ERR_INPUT, "household.error.notice");
  assert_int_equal(version_of(fixture, number), 2); /* what failed left nothing */
}

/* ---- Who is first ---- */
enum { TOGETHER = 20 };
struct racer { struct fixture *fixture; int64_t person; const char *name; char state[16]; };

static void *race(void *arg)
{
  struct racer *racer = arg;
  struct cx *cx = cx_new_alone(&racer->fixture->clock, NULL);
  struct household_application ask = application_of(cx, racer->name, "30307", racer->person);
  struct fixture own = *racer->fixture;
  own.cx = cx;
  struct household_answer answer = receive(&own, &ask);
  snprintf(racer->state, sizeof racer->state, "%s", answer.state);
  cx_free_alone(cx);
  return NULL;
}

static void race_together(struct fixture *fixture, bool same_name)
{
  pthread_t threads[TOGETHER];
  struct racer racers[TOGETHER];
  int registered = 0, refused = 0;
  for (int i = 0; i < TOGETHER; i++) {
    racers[i] = (struct racer){.fixture = fixture, .person = same_name ? 100 + i : 500, .name = same_name ? "Trùng Tên" : arena_print(fixture->cx->arena, "Quán %d", i)};
    assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
  }
  for (int i = 0; i < TOGETHER; i++) {
    pthread_join(threads[i], NULL);
    registered += strcmp(racers[i].state, "registered") == 0;
    refused += strcmp(racers[i].state, "refused") == 0;
  }
  assert_int_equal(registered, 1);
  assert_int_equal(refused, TOGETHER - 1);
}

static void test_together(void **state)
{
  struct fixture *fixture = fixture_of(state);
  race_together(fixture, true);
  race_together(fixture, false); /* one head, twenty names */
}

/* ---- Searching ---- */
struct finding { const char *wanted, *after; struct list rows; };

static enum err find_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct finding *finding = arg;
  return business_find(cx, tx, finding->wanted, finding->after, &finding->rows);
}

static size_t found(struct fixture *fixture, const char *wanted)
{
  struct finding finding = {.wanted = wanted};
  assert_ok(fixture->cx, store_read(fixture->cx, fixture->here.store, find_in, &finding));
  return finding.rows.count;
}

static void test_search(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  struct household_application first = application_of(cx, "Bảy Núi", "30307", 1), second = application_of(cx, "Đồng Tháp", "30307", 2);
  second.head->full_name = "Châu Văn Đệ";
  const char *number = receive(fixture, &first).number;
  receive(fixture, &second);
  const struct { const char *wanted; size_t count; } cases[] = {
    {NULL, 2}, {"", 2}, {"bay nui", 1}, {"NÚI", 1}, {"tuyết", 1}, {"chau de", 1}, {"de chau dong", 1}, {"ui", 0}, {"nui tam", 0}, {"b", 1}, {"dong thap chau van de", 1},
    {"%", 2}, {"khong co", 0}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    if (found(fixture, cases[i].wanted) != cases[i].count) fail_msg("%s", cases[i].wanted);
  assert_int_equal(found(fixture, number), 1);
  assert_int_equal(found(fixture, arena_copy_n(cx->arena, number, 4)), 2);
}

static void test_seed_and_pages(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  const struct form_pair count = {"count", "130"};
  const struct command_input input = {.args = {&count, 1}};
  struct buffer out;
  buffer_init(&out, cx->arena);
  assert_string_equal(household_system.commands[0].name, "household seed");
  assert_ok(cx, household_system.commands[0].run(cx, &fixture->here, &input, &out));
  assert_ok(cx, household_system.commands[0].run(cx, &fixture->here, &input, &out)); /* again: others */
  struct finding finding = {0};
  size_t seen = 0, pages = 0;
  do {
    assert_ok(cx, store_read(cx, fixture->here.store, find_in, &finding));
    const struct business_line *rows = finding.rows.items;
    size_t shown = finding.rows.count > BUSINESSES_A_PAGE ? BUSINESSES_A_PAGE : finding.rows.count;
    for (size_t i = 1; i < shown; i++) assert_true(strcmp(rows[i - 1].number, rows[i].number) < 0);
    seen += shown;
    pages++;
    finding.after = shown ? rows[shown - 1].number : NULL;
  } while (finding.rows.count > BUSINESSES_A_PAGE);
  assert_int_equal(seen, 260);
  assert_int_equal(pages, 6);
  fixture->here.demo = false;
  assert_problem(cx, household_system.commands[0].run(cx, &fixture->here, &input, &out), ERR_CONFLICT, "household.error.no_demo");
}

/* What was loaded is not loaded again, and a second start changes nothing. */
static void test_open_again(void **state)
{
  struct fixture *fixture = fixture_of(state);
  int64_t before, after;
  assert_ok(fixture->cx, store_number(fixture->cx, fixture->here.store, &household_business_count, NO_ARGS, &before));
  assert_ok(fixture->cx, household_system.open(fixture->cx, &fixture->here));
  assert_ok(fixture->cx, store_number(fixture->cx, fixture->here.store, &household_business_count, NO_ARGS, &after));
  assert_int_equal(before, after);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    ON_BOTH(test_register), ON_BOTH(test_refused), ON_BOTH(test_checking), ON_BOTH(test_overtaken), ON_BOTH(test_district_era), ON_BOTH(test_as_of),
    ON_BOTH(test_acts_refused), ON_BOTH(test_together), ON_BOTH(test_search), ON_BOTH(test_seed_and_pages), ON_BOTH(test_open_again)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
