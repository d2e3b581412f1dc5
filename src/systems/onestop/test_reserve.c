/* Paper receipts reserved in advance: the time window, one dossier a number whatever happens at once, voids, the booklet, and what a
 * late entry keeps. */
#include "systems/onestop/test_support.h"

#include "base/text.h"
#include "systems/onestop/papers.h"
#include "systems/onestop/rules.h"
#include <pthread.h>
#include <string.h>

enum { TRIES = 20 };

/* ---- The time window ---- */
struct window_case { const char *reserved, *received, *now, *key; };
static const struct window_case windows[] = {
  {"2026-11-25T08:30:00+07:00", "2026-11-25T08:31:00+07:00", "2026-11-25T15:00:00+07:00", NULL},
  {"2026-11-25T08:30:40+07:00", "2026-11-25T08:30:00+07:00", "2026-11-25T15:00:00+07:00", NULL}, /* the same minute */
  {"2026-11-25T08:30:00+07:00", "2026-11-25T08:29:00+07:00", "2026-11-25T15:00:00+07:00", "onestop.error.late_before"},
  {"2026-11-25T08:30:00+07:00", "2026-11-24T23:59:00+07:00", "2026-11-25T15:00:00+07:00", "onestop.error.late_before"},
  {"2026-11-25T08:30:00+07:00", "2026-11-25T15:00:00+07:00", "2026-11-25T15:00:00+07:00", NULL}, /* this very moment */
  {"2026-11-25T08:30:00+07:00", "2026-11-25T15:01:00+07:00", "2026-11-25T15:00:30+07:00", "onestop.error.late_future"},
  {"2026-11-25T08:30:00+07:00", "2027-11-25T08:31:00+07:00", "2026-11-25T15:00:00+07:00", "onestop.error.late_future"},
  {"2026-11-25T08:30:00+07:00", NULL, "2026-11-25T15:00:00+07:00", "onestop.error.late_time"},
};

static int64_t at(const char *text)
{
  int64_t time_us = NONE_DATE;
  if (text) assert_true(time_read_iso(text, &time_us));
  return time_us;
}

static void test_window(void **state)
{
  for (size_t i = 0; i < sizeof windows / sizeof windows[0]; i++) {
    const char *key = late_check(at(windows[i].reserved), at(windows[i].received), at(windows[i].now));
    if (!text_equal(key, windows[i].key)) print_error("case %zu: %s\n", i, key ? key : "none");
    assert_true(text_equal(key, windows[i].key));
  }
}

static void test_number(void **state)
{
  struct cx *cx = cx_new_alone(NULL, NULL);
  int32_t day = date_to_days((struct date){2026, 11, 5});
  assert_string_equal(reserve_write(cx->arena, "H01.30307", day, 7), "DP-H01.30307-261105-007");
  assert_string_equal(reserve_write(cx->arena, "000.00.31.H01", day, 1234), "DP-000.00.31.H01-261105-1234");
  cx_free_alone(cx);
}

/* ---- Blocks ---- */
static const char *reserve(struct fixture *fixture, int64_t pieces)
{
  const char *first;
  assert_ok(fixture->cx, reserve_take(fixture->cx, &fixture->here, pieces, &first));
  return first;
}

static void test_blocks(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  struct store *store = fixture->here.store;
  struct reserve_block block;
  struct list numbers, blocks;
  const char *first = reserve(fixture, 20), *second = reserve(fixture, 5);
  assert_string_equal(first + strlen(first) - 11, "-261125-001");
  assert_string_equal(second + strlen(second) - 11, "-261125-021");
  assert_ok(cx, reserve_block_see(cx, store, second, &block, &numbers));
  assert_int_equal(block.pieces, 5);
  assert_int_equal(numbers.count, 5);
  const struct reserve_number *all = numbers.items;
  assert_true(text_starts(all[4].number, "DP-"));
  assert_string_equal(all[4].number + strlen(all[4].number) - 4, "-025");
  assert_string_equal(all[4].state, "unused");
  assert_int_equal(all[4].reserved_us, cx_now(cx));
  assert_ok(cx, reserve_blocks(cx, store, fixture->counter.unit, &blocks));
  assert_int_equal(blocks.count, 2);
  assert_ok(cx, reserve_blocks(cx, store, fixture->stranger.unit, &blocks));
  assert_int_equal(blocks.count, 0);
  cx->person = &fixture->stranger;
  assert_int_equal(reserve_block_see(cx, store, second, &block, NULL), ERR_NOT_FOUND);
  struct reserve_number number;
  assert_problem(cx, reserve_number_open(cx, store, first, &number), ERR_INPUT, "onestop.error.reserve_unknown", "reserved_number");
  assert_problem(cx, reserve_void(cx, store, &(struct void_form){first, "x"}), ERR_INPUT, "onestop.error.reserve_unknown", "number");
  cx->person = &fixture->counter;
  assert_problem(cx, reserve_number_open(cx, store, "DP-x", &number), ERR_INPUT, "onestop.error.reserve_unknown", "reserved_number");
}

/* ---- Late entry ---- */
static void prepare_late(struct fixture *fixture, const char *number, int64_t received_us, struct receiving *out)
{
  struct cx *cx = fixture->cx;
  static struct intake_component components[] = {{.code = "request", .given = true, .mark = "original"}, {.code = "identity", .given = true, .mark = "copy"}};
  struct procedure_parts *parts = ARENA_NEW(cx->arena, struct procedure_parts);
  struct justice_request request = {.certificate_kind = "1", .birth_place = "An Giang"};
  struct intake intake = {.procedure = "2.000488", .full_name = "Châu Kim Sang", .birth_date = 5000, .sex = "male", .identity = "000090000001",
                          .residence = "x", .phone = "0000123456", .components = {components, 2}, .exemption = "poor"};
  const struct late_entry late = {number, received_us, cx_now(cx)};
  assert_ok(cx, procedure_get(cx, fixture->here.store, "2.000488", 2, parts));
  const struct intake_case one = {parts, kind_find("justice"), &intake, &request, received_us, &late};
  assert_ok(cx, intake_prepare(cx, &fixture->here, &one, out));
}

/* Received on paper on Wednesday and entered on Friday: the code, the deadline and the words by which it is found are Wednesday's. */
static void test_late_entry(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  struct store *store = fixture->here.store;
  const char *first = reserve(fixture, 3), *online = receive_justice(fixture, "1");
  int64_t received_us = cx_now(cx) + HOUR_US;
  struct receiving receiving;
  fixture->clock.fixed_us += 2 * DAY_US;
  prepare_late(fixture, first, received_us, &receiving);
  assert_ok(cx, dossier_receive(cx, store, &receiving));
  const char *code = receiving.dossier.code;
  struct dossier dossier = dossier_now(fixture, code);
  assert_true(strncmp(code, online, strlen(online) - 4) == 0);
  assert_string_equal(code + strlen(code) - 4, "0002");
  assert_int_equal(dossier.received_us, received_us);
  assert_int_equal(dossier.entered_us, cx_now(cx));
  assert_string_equal(dossier.reserved_number, first);
  assert_string_equal(time_write_vn(cx->arena, dossier.due_us), "07/12/2026 17:00");
  assert_null(dossier_now(fixture, online).reserved_number);
  assert_true(dossier_now(fixture, online).entered_us == NONE_DATE);
  /* A second use is told where the number went; nothing else has happened. */
  prepare_late(fixture, first, received_us, &receiving);
  assert_int_equal(dossier_receive(cx, store, &receiving), ERR_INPUT);
  assert_string_equal(cx->problems.items[0].key, "onestop.error.reserve_used");
  assert_string_equal(cx->problems.items[0].args[0].value, code);
  cx_reset_problems(cx);
  /* It is found by the paper's number, and the list marks it. */
  const struct list_wish wish = {.unit = fixture->counter.unit, .query = first, .max = 10};
  struct list lines;
  assert_ok(cx, list_read(cx, store, &wish, NULL, &lines));
  assert_int_equal(lines.count, 1);
  assert_string_equal(((const struct dossier_line *)lines.items)->reserved_number, first);
  /* The next one of that day still takes the next number. */
  prepare_late(fixture, arena_print(cx->arena, "%.*s2", (int)strlen(first) - 1, first), received_us, &receiving);
  assert_ok(cx, dossier_receive(cx, store, &receiving));
  assert_string_equal(receiving.dossier.code + strlen(receiving.dossier.code) - 4, "0003");
}

/* The due time is that of any receipt at the true time; what came while offices rest counts from their next opening. */
static void test_late_out_of_hours(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  const struct calendar *calendar = people_calendar(fixture->here.people);
  struct procedure household, justice;
  struct receiving late;
  const char *first = reserve(fixture, 2);
  int64_t evening = cx_now(cx) + 2 * DAY_US + 12 * HOUR_US; /* Friday, half past eight */
  int64_t monday = time_from_days(time_to_days(evening) + 3, 7 * 60);
  fixture->clock.fixed_us += 6 * DAY_US;
  assert_ok(cx, procedure_on(cx, fixture->here.store, "1.001612", time_to_days(evening), &household));
  assert_ok(cx, procedure_on(cx, fixture->here.store, "2.000488", time_to_days(evening), &justice));
  prepare_late(fixture, first, evening, &late);
  assert_int_equal(late.dossier.received_us, evening);
  assert_int_equal(late.dossier.due_us, term_due(calendar, &justice, evening, false));
  assert_int_equal(time_to_days(term_due(calendar, &household, evening, false)) + 1, time_to_days(term_due(calendar, &household, monday, false)));
  assert_string_equal(time_write_vn(cx->arena, term_due(calendar, &household, evening, false)), "02/12/2026 17:00");
}

static void test_void(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  struct store *store = fixture->here.store;
  const char *first = reserve(fixture, 1);
  struct receiving receiving;
  struct reserve_block block;
  assert_ok(cx, reserve_void(cx, store, &(struct void_form){first, "Viết hỏng"}));
  assert_problem(cx, reserve_void(cx, store, &(struct void_form){first, "nữa"}), ERR_INPUT, "onestop.error.reserve_void", "number");
  prepare_late(fixture, first, cx_now(cx), &receiving);
  assert_problem(cx, dossier_receive(cx, store, &receiving), ERR_INPUT, "onestop.error.reserve_void", "reserved_number");
  assert_ok(cx, reserve_block_see(cx, store, first, &block, NULL));
  assert_int_equal(block.voided, 1);
  assert_int_equal(block.used, 0);
  const char *other = reserve(fixture, 1);
  prepare_late(fixture, other, cx_now(cx), &receiving);
  assert_ok(cx, dossier_receive(cx, store, &receiving));
  assert_problem(cx, reserve_void(cx, store, &(struct void_form){other, "x"}), ERR_INPUT, "onestop.error.reserve_used", "number");
}

/* ---- Twenty counters type the same number at once ---- */
struct rival { struct fixture *fixture; const struct receiving *receiving; enum err err; const char *told; char code[60], held[60]; };

static void *enter_number(void *arg)
{
  struct rival *rival = arg;
  struct cx *cx = cx_new_alone(&rival->fixture->clock, NULL);
  struct receiving receiving = *rival->receiving;
  cx->person = &rival->fixture->counter;
  rival->err = dossier_receive(cx, rival->fixture->here.store, &receiving);
  if (!rival->err) (void)!strncpy(rival->code, receiving.dossier.code, sizeof rival->code - 1);
  if (cx->problems.count && text_equal(cx->problems.items[0].key, "onestop.error.reserve_used"))
    (void)!strncpy(rival->held, cx->problems.items[0].args[0].value, sizeof rival->held - 1);
  cx_free_alone(cx);
  return NULL;
}

static void test_one_of_twenty(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct receiving receiving;
  struct rival rivals[TRIES];
  pthread_t threads[TRIES];
  prepare_late(fixture, reserve(fixture, 1), cx_now(fixture->cx), &receiving);
  for (int i = 0; i < TRIES; i++) {
    rivals[i] = (struct rival){.fixture = fixture, .receiving = &receiving};
    pthread_create(&threads[i], NULL, enter_number, &rivals[i]);
  }
  const char *winner = NULL;
  for (int i = 0; i < TRIES; i++) {
    pthread_join(threads[i], NULL);
    if (rivals[i].err) continue;
    assert_null(winner);
    winner = rivals[i].code;
  }
  assert_non_null(winner);
  for (int i = 0; i < TRIES; i++) {
    if (!rivals[i].err) continue;
    assert_int_equal(rivals[i].err, ERR_INPUT);
    assert_string_equal(rivals[i].held, winner);
  }
  assert_string_equal(winner + strlen(winner) - 4, "0001");
}

/* ---- The booklet ---- */
static void test_booklet(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  struct reserve_block block;
  struct list numbers;
  struct bytes pdf;
  const char *first = reserve(fixture, 3);
  assert_ok(cx, reserve_block_see(cx, fixture->here.store, first, &block, &numbers));
  assert_ok(cx, paper_reserved(cx, &fixture->here, &block, &numbers, &pdf));
  const char *text = paper_text_of(cx, pdf);
  for (int i = 1; i <= 3; i++) assert_non_null(strstr(text, arena_print(cx->arena, "%.*s%d", (int)strlen(first) - 1, first, i)));
  assert_non_null(strstr(text, "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ"));
  assert_non_null(strstr(text, "Mã hồ sơ sẽ được cấp"));
  size_t pages = 0;
  for (const char *found = text; (found = strstr(found, "GIẤY TIẾP NHẬN HỒ SƠ")); found++) pages++;
  assert_int_equal(pages, 3);
  for (size_t i = 0; i < 3; i++) assert_ok(cx, reserve_void(cx, fixture->here.store, &(struct void_form){((struct reserve_number *)numbers.items)[i].number, "x"}));
  assert_ok(cx, reserve_block_see(cx, fixture->here.store, first, &block, &numbers));
  assert_int_equal(paper_reserved(cx, &fixture->here, &block, &numbers, &pdf), ERR_NOT_FOUND);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_window), cmocka_unit_test(test_number), ON_BOTH(test_blocks), ON_BOTH(test_late_entry), TODAY(test_late_out_of_hours),
    ON_BOTH(test_void), ON_BOTH(test_one_of_twenty), TODAY(test_booklet),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
