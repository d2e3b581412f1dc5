/* Dossiers on both engines: codes without gap or double, changes that lose nothing, lists, search, the whole way of both procedures. */
#include "systems/onestop/test_support.h"

#include "base/text.h"
#include "systems/system.h"
#include "systems/onestop/seed.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARALLEL = 200, THREADS = 8 };

/* ---- 200 intakes at once ---- */
struct crowd { struct fixture *fixture; struct receiving *receiving; int from; char codes[PARALLEL][48]; };
struct crowd_part { struct crowd *crowd; int thread; bool failed; };

static void prepare_one(struct fixture *fixture, struct receiving *out)
{
  struct cx *cx = fixture->cx;
  struct procedure_parts *parts = ARENA_NEW(cx->arena, struct procedure_parts);
  static struct intake_component components[] = {{.code = "request", .given = true, .mark = "original"}, {.code = "identity", .given = true, .mark = "copy"}};
  struct justice_request request = {.certificate_kind = "1", .birth_place = "An Giang"};
  struct intake intake = {.procedure = "2.000488", .full_name = "Châu Kim Sang", .birth_date = 5000, .sex = "male", .identity = "000090000001",
                          .residence = "x", .phone = "0000123456", .components = {components, 2}, .exemption = "poor"};
  assert_ok(cx, procedure_get(cx, fixture->here.store, "2.000488", 2, parts));
  const struct intake_case one = {parts, kind_find("justice"), &intake, &request, cx_now(cx)};
  assert_ok(cx, intake_prepare(cx, &fixture->here, &one, out));
}

static void *receive_some(void *arg)
{
  struct crowd_part *part = arg;
  struct crowd *crowd = part->crowd;
  for (int i = part->thread; i < PARALLEL; i += THREADS) {
    struct cx *cx = cx_new_alone(&crowd->fixture->clock, NULL);
    cx->person = &crowd->fixture->counter;
    struct receiving receiving = *crowd->receiving;
    enum err err = dossier_receive(cx, crowd->fixture->here.store, &receiving);
    if (err) part->failed = true;
    else snprintf(crowd->codes[i], sizeof crowd->codes[i], "%s", receiving.dossier.code);
    cx_free_alone(cx);
  }
  return NULL;
}

static int compare_codes(const void *a, const void *b) { return strcmp(a, b); }

static void test_codes_without_gap(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct receiving receiving;
  prepare_one(fixture, &receiving);
  struct crowd *crowd = calloc(1, sizeof *crowd);
  crowd->fixture = fixture;
  crowd->receiving = &receiving;
  pthread_t threads[THREADS];
  struct crowd_part parts[THREADS];
  for (int i = 0; i < THREADS; i++) {
    parts[i] = (struct crowd_part){crowd, i, false};
    pthread_create(&threads[i], NULL, receive_some, &parts[i]);
  }
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
    assert_false(parts[i].failed);
  }
  qsort(crowd->codes, PARALLEL, sizeof crowd->codes[0], compare_codes);
  for (int i = 0; i < PARALLEL; i++) {
    const char *sequence = strrchr(crowd->codes[i], '-');
    assert_non_null(sequence);
    assert_int_equal(strtol(sequence + 1, NULL, 10), i + 1);
  }
  free(crowd);
}

/* The process ended after the dossier was written and before its answer was noted: the form comes again. */
static void test_form_once(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  struct receiving first, again, other;
  prepare_one(fixture, &first);
  prepare_one(fixture, &again);
  prepare_one(fixture, &other);
  first.form = again.form = "form-1";
  other.form = "form-2";
  assert_ok(cx, dossier_receive(cx, fixture->here.store, &first));
  assert_ok(cx, dossier_receive(cx, fixture->here.store, &again));
  assert_ok(cx, dossier_receive(cx, fixture->here.store, &other));
  assert_string_equal(again.dossier.code, first.dossier.code);
  assert_string_not_equal(other.dossier.code, first.dossier.code);
  struct dossier kept;
  assert_ok(cx, dossier_get(cx, fixture->here.store, first.dossier.code, &kept));
  assert_string_equal(kept.secret, first.dossier.secret);
}

/* ---- Changes lose nothing ---- */
struct racer { struct fixture *fixture; const char *code; const struct person *person; int won, lost, wrong; };

/* Reads the dossier and hands it over to itself until it won ten times; a conflict is read and tried again. */
static void *race(void *arg)
{
  struct racer *racer = arg;
  for (int tries = 0; racer->won < 10 && tries < 2000; tries++) {
    struct cx *cx = cx_new_alone(&racer->fixture->clock, NULL);
    cx->person = racer->person;
    struct act act = {.here = &racer->fixture->here, .code = racer->code, .action = "take"};
    struct dossier dossier;
    enum err err = dossier_get(cx, racer->fixture->here.store, racer->code, &dossier);
    act.form.revision = dossier.revision;
    if (!err) err = dossier_act(cx, &act);
    if (!err) racer->won++;
    else if (err == ERR_CONFLICT || err == ERR_BUSY) racer->lost++;
    else racer->wrong++;
    cx_free_alone(cx);
  }
  return NULL;
}

static void test_no_change_is_lost(void **state)
{
  struct fixture *fixture = fixture_of(state);
  const char *code = receive_household(fixture);
  assert_ok(fixture->cx, act_as(fixture, &fixture->counter, code, "forward", NULL));
  int64_t before = dossier_now(fixture, code).revision;
  pthread_t threads[4];
  struct racer racers[4];
  for (int i = 0; i < 4; i++) {
    racers[i] = (struct racer){.fixture = fixture, .code = code, .person = &fixture->specialist};
    pthread_create(&threads[i], NULL, race, &racers[i]);
  }
  int won = 0;
  for (int i = 0; i < 4; i++) {
    pthread_join(threads[i], NULL);
    assert_int_equal(racers[i].wrong, 0);
    won += racers[i].won;
  }
  assert_int_equal(won, 40);
  assert_int_equal(dossier_now(fixture, code).revision, before + 40);
}

static void test_second_officer_is_told(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  const char *code = receive_household(fixture);
  struct act late = {.here = &fixture->here, .code = code, .action = "refuse", .form = {.revision = 1, .reason = "trùng hồ sơ"}};
  assert_ok(cx, act_as(fixture, &fixture->counter, code, "forward", NULL));
  assert_problem(cx, dossier_act(cx, &late), ERR_CONFLICT, "onestop.changed.forward", NULL);
  assert_string_equal(dossier_now(fixture, code).status, "processing");
}

/* ---- The whole way ---- */
/* A later notice, from who was asked and from somebody else. */
struct notice { struct fixture *fixture; struct settlement settlement; };

static enum err notice_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct notice *notice = arg;
  return dossier_settle(cx, tx, &notice->fixture->here, &notice->settlement);
}

static void test_household_way(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  const char *code = receive_household(fixture);
  const struct act_form opinion = {.reason = "Đủ điều kiện"}, back = {.reason = "Bổ sung địa chỉ"};
  assert_problem(cx, act_as(fixture, &fixture->specialist, code, "forward", NULL), ERR_FORBIDDEN, "onestop.error.not_yours", NULL);
  assert_int_equal(act_as(fixture, &fixture->stranger, code, "forward", NULL), ERR_NOT_FOUND);
  assert_ok(cx, act_as(fixture, &fixture->counter, code, "forward", NULL));
  assert_ok(cx, act_as(fixture, &fixture->specialist, code, "take", NULL));
  assert_ok(cx, act_as(fixture, &fixture->specialist, code, "propose", &opinion));
  assert_problem(cx, act_as(fixture, &fixture->decider, code, "send_back", NULL), ERR_INPUT, "onestop.error.reason", "reason");
  assert_ok(cx, act_as(fixture, &fixture->decider, code, "send_back", &back));
  assert_true(dossier_now(fixture, code).returned);
  assert_ok(cx, act_as(fixture, &fixture->specialist, code, "propose", &opinion));
  assert_ok(cx, act_as(fixture, &fixture->decider, code, "approve", NULL));
  struct dossier dossier = dossier_now(fixture, code);
  assert_string_equal(dossier.turn, "agency");
  assert_string_equal(dossier.awaiting, "household.register");
  answer_outbox(fixture, code, "household.register", 200, "{\"state\":\"checking\",\"reference\":\"r-1\"}");
  assert_string_equal(dossier_now(fixture, code).status, "approved");
  struct notice notice = {fixture, {.dossier = code, .purpose = "household.register", .consumer = "H01/GOV/H01.07/household", .state = "registered",
                                    .reference = "r-1", .number = "8000123456", .registered_on = 20782}};
  assert_ok(cx, store_write(cx, fixture->here.store, notice_in, &notice));
  assert_ok(cx, store_write(cx, fixture->here.store, notice_in, &notice)); /* come twice, it changes nothing more */
  dossier = dossier_now(fixture, code);
  assert_string_equal(dossier.status, "done");
  assert_string_equal(dossier.result_number, "8000123456");
  assert_null(dossier.awaiting);
  const struct act_form other = {.receiver_name = "Lê Văn Bảy"}, self = {.receiver_name = "Nguyễn Thị Ánh Tuyết", .receiver_identity = "000190000123"};
  assert_problem(cx, act_as(fixture, &fixture->counter, code, "return", &other), ERR_INPUT, "onestop.error.authority_again", "authority_checked");
  assert_ok(cx, act_as(fixture, &fixture->counter, code, "return", &self));
  assert_string_equal(dossier_now(fixture, code).status, "returned");
}

static void test_register_refuses(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  const char *code = receive_household(fixture);
  assert_ok(cx, act_as(fixture, &fixture->counter, code, "forward", NULL));
  assert_ok(cx, act_as(fixture, &fixture->specialist, code, "propose", NULL));
  assert_ok(cx, act_as(fixture, &fixture->decider, code, "approve", NULL));
  answer_outbox(fixture, code, "household.register", 200, "{\"state\":\"refused\",\"reason\":\"Tên đã có\"}");
  struct dossier dossier = dossier_now(fixture, code);
  assert_string_equal(dossier.status, "processing");
  assert_string_equal(dossier.turn, "specialist");
  assert_true(dossier.returned);
  assert_string_equal(dossier.opinion, "Tên đã có");
}

static void test_justice_way(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  const char *code = receive_justice(fixture, "1");
  assert_ok(cx, act_as(fixture, &fixture->counter, code, "forward", NULL));
  assert_string_equal(dossier_now(fixture, code).turn, "agency");
  assert_problem(cx, act_as(fixture, &fixture->second_specialist, code, "propose", NULL), ERR_INPUT, "onestop.error.awaiting", NULL);
  answer_outbox(fixture, code, "justice.lookup", 200, "{\"state\":\"checking\",\"reference\":\"L-7\"}");
  struct notice notice = {fixture, {.dossier = code, .purpose = "justice.lookup", .consumer = "VN/GOV/G15/other", .state = "clean", .reference = "L-7", .registered_on = NONE_DATE}};
  assert_int_equal(store_write(cx, fixture->here.store, notice_in, &notice), ERR_NOT_FOUND);
  notice.settlement.consumer = "VN/GOV/G15/justice";
  notice.settlement.state = "registered";
  assert_problem(cx, store_write(cx, fixture->here.store, notice_in, &notice), ERR_INPUT, "onestop.error.state", "state");
  notice.settlement.state = "clean";
  assert_ok(cx, store_write(cx, fixture->here.store, notice_in, &notice));
  assert_string_equal(dossier_now(fixture, code).turn, "specialist");
  assert_ok(cx, act_as(fixture, &fixture->second_specialist, code, "propose", NULL));
  assert_ok(cx, act_as(fixture, &fixture->second_decider, code, "approve", NULL));
  struct dossier dossier = dossier_now(fixture, code);
  assert_string_equal(dossier.status, "done");
  assert_string_equal(dossier.result_number, "1/2026/CA-LLTP");
  answer_outbox(fixture, code, "justice.result", 200, "{\"number\":\"1/2026/CA-LLTP\"}");
  assert_string_equal(dossier_now(fixture, code).status, "done");
}

static void test_failed_exchange(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  const char *code = receive_justice(fixture, "1");
  assert_ok(cx, act_as(fixture, &fixture->counter, code, "forward", NULL));
  answer_outbox(fixture, code, "justice.lookup", 400, "{}");
  assert_problem(cx, act_as(fixture, &fixture->second_specialist, code, "propose", NULL), ERR_INPUT, "onestop.error.not_known", NULL);
  assert_ok(cx, act_as(fixture, &fixture->second_specialist, code, "ask_again", NULL));
  assert_string_equal(dossier_now(fixture, code).turn, "agency");
  answer_outbox(fixture, code, "justice.lookup", 200, "not json");
  assert_ok(cx, act_as(fixture, &fixture->second_specialist, code, "ask_again", NULL));
  answer_outbox(fixture, code, "justice.lookup", 200, "{\"state\":\"clean\",\"reference\":\"L-9\"}");
  assert_ok(cx, act_as(fixture, &fixture->second_specialist, code, "propose", NULL));
}

static void test_clock_stands(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  const char *code = receive_household(fixture);
  const struct act_form reason = {.reason = "Thiếu bản sao căn cước"};
  int64_t due = dossier_now(fixture, code).due_us;
  assert_ok(cx, act_as(fixture, &fixture->counter, code, "supplement", &reason));
  assert_string_equal(dossier_now(fixture, code).notice, "Thiếu bản sao căn cước");
  fixture->clock.fixed_us += 7 * DAY_US;
  assert_ok(cx, act_as(fixture, &fixture->counter, code, "supplemented", NULL));
  struct dossier dossier = dossier_now(fixture, code);
  assert_int_equal(dossier.due_us, due + 7 * DAY_US);
  assert_int_equal(dossier.stopped_us, NONE_DATE);
}

static void test_mission_era(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  const char *household = receive_household(fixture), *justice = receive_justice(fixture, "2");
  assert_string_equal(dossier_now(fixture, household).deciding_unit, "883-TCKH");
  assert_int_equal(dossier_now(fixture, household).version, 1);
  assert_string_equal(dossier_now(fixture, justice).deciding_unit, "AG-STP");
  assert_non_null(strstr(household, "-210310-0001"));
  assert_non_null(strstr(justice, "-210310-0002"));
  assert_ok(cx, act_as(fixture, &fixture->counter, household, "forward", NULL));
  assert_ok(cx, act_as(fixture, &fixture->specialist, household, "take", NULL));
}

/* ---- Lists and search ---- */
static size_t found(struct fixture *fixture, const char *unit, const char *query)
{
  struct list lines;
  const struct list_wish wish = {.unit = unit, .query = query, .now_us = cx_now(fixture->cx), .max = 50};
  assert_ok(fixture->cx, list_read(fixture->cx, fixture->here.store, &wish, NULL, &lines));
  return lines.count;
}

static void test_search(void **state)
{
  struct fixture *fixture = fixture_of(state);
  const char *code = receive_household(fixture);
  receive_justice(fixture, "1");
  assert_int_equal(found(fixture, "30307", "anh tuyet"), 2);
  assert_int_equal(found(fixture, "30307", "Tuyết Nguyễn Thị Ánh"), 2);
  assert_int_equal(found(fixture, "30307", "bay nui"), 1);
  assert_int_equal(found(fixture, "30307", "000190000123"), 2);
  assert_int_equal(found(fixture, "30307", code), 1);
  assert_int_equal(found(fixture, "30307", "nguyen tuyet"), 2);
  assert_int_equal(found(fixture, "30307", "nguyen thi anh tu"), 2);
  assert_int_equal(found(fixture, "30307", "tuyet bong"), 0);
  assert_int_equal(found(fixture, "30307", "%"), 0);
  assert_int_equal(found(fixture, "AG-CA", "anh tuyet"), 1);
  assert_int_equal(found(fixture, "30682", "anh tuyet"), 0);
}

/* One dossier has the words side by side, another has them elsewhere: the second is found only apart. */
static void test_search_apart(void **state)
{
  struct fixture *fixture = fixture_of(state);
  receive_household(fixture);
  bool beside = false;
  struct list lines;
  struct list_wish wish = {.unit = "30307", .query = "anh tuyet", .now_us = cx_now(fixture->cx), .max = 50, .beside = &beside};
  assert_ok(fixture->cx, list_read(fixture->cx, fixture->here.store, &wish, NULL, &lines));
  assert_int_equal(lines.count, 1);
  assert_true(beside);
  beside = false;
  wish.apart = true;
  assert_ok(fixture->cx, list_read(fixture->cx, fixture->here.store, &wish, NULL, &lines));
  assert_int_equal(lines.count, 1);
  assert_false(beside);
  wish = (struct list_wish){.unit = "30307", .query = "tuyet anh", .now_us = wish.now_us, .max = 50, .beside = &beside};
  assert_ok(fixture->cx, list_read(fixture->cx, fixture->here.store, &wish, NULL, &lines));
  assert_int_equal(lines.count, 1);
  assert_false(beside);
}

static void test_lists(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  const char *first = receive_household(fixture), *second = receive_justice(fixture, "1");
  receive_household(fixture);
  assert_ok(cx, act_as(fixture, &fixture->counter, second, "forward", NULL));
  struct list_wish wish = {.unit = "30307", .filter = LIST_TODO, .turns = {"counter"}, .now_us = cx_now(cx), .max = 1};
  struct list_counts counts;
  struct list lines;
  assert_ok(cx, list_read(cx, fixture->here.store, &wish, &counts, &lines));
  assert_int_equal(counts.todo, 2);
  assert_int_equal(counts.agency, 1);
  assert_int_equal(counts.all, 3);
  assert_int_equal(counts.late, 0);
  assert_ok(cx, list_read(cx, fixture->here.store, &wish, NULL, &lines));
  assert_int_equal(lines.count, 2); /* one more than asked for: there is a next page */
  const struct dossier_line *line = lines.items;
  assert_string_equal(line[0].code, first);
  wish.after_us = line[0].rank_us;
  wish.after_code = line[0].code;
  assert_ok(cx, list_read(cx, fixture->here.store, &wish, NULL, &lines));
  assert_int_equal(lines.count, 1);
  wish = (struct list_wish){.unit = "30307", .filter = LIST_LATE, .now_us = cx_now(cx) + 30 * DAY_US, .max = 10};
  assert_ok(cx, list_read(cx, fixture->here.store, &wish, NULL, &lines));
  assert_int_equal(lines.count, 3);
  /* Whose time stands is behind all whose time runs, and late in no list. */
  const struct act_form reason = {.reason = "Bổ sung giấy tờ"};
  assert_ok(cx, act_as(fixture, &fixture->counter, first, "supplement", &reason));
  assert_ok(cx, list_read(cx, fixture->here.store, &wish, NULL, &lines));
  assert_int_equal(lines.count, 2);
  wish = (struct list_wish){.unit = "30307", .filter = LIST_ALL, .now_us = cx_now(cx), .max = 2};
  assert_ok(cx, list_read(cx, fixture->here.store, &wish, NULL, &lines));
  assert_int_equal(lines.count, 3);
  line = lines.items;
  assert_true(line[0].due_us <= line[1].due_us);
  assert_string_equal(line[2].code, first);
  wish.after_us = line[1].rank_us;
  wish.after_code = line[1].code;
  assert_ok(cx, list_read(cx, fixture->here.store, &wish, NULL, &lines));
  assert_int_equal(lines.count, 1);
  assert_string_equal(((const struct dossier_line *)lines.items)->code, first);
  wish.unit = "30682";
  wish.filter = LIST_ALL;
  assert_ok(cx, list_read(cx, fixture->here.store, &wish, NULL, &lines));
  assert_int_equal(lines.count, 0);
}

/* ---- Seeding ---- */
static void test_seed(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  const struct command_input input = {.args = {.pairs = (const struct form_pair[]){{"count", "60"}, {"unit", "30307"}}, .count = 2}};
  const struct command_input spread = {.args = {.pairs = (const struct form_pair[]){{"count", "60"}}, .count = 1}};
  const struct command_input nowhere = {.args = {.pairs = (const struct form_pair[]){{"count", "60"}, {"unit", "00000"}}, .count = 2}};
  atomic_bool ending = false;
  struct buffer out;
  buffer_init(&out, cx->arena);
  cx->person = NULL;
  assert_ok(cx, dossier_seed(cx, &fixture->here, &input, &out));
  assert_string_equal(buffer_string(&out), "60 dossiers\n");
  assert_ok(cx, dossier_seed(cx, &fixture->here, &input, &out));
  assert_true(found(fixture, "30307", "nguyen") > 0);
  assert_ok(cx, dossier_seed(cx, &fixture->here, &spread, &out));
  assert_problem(cx, dossier_seed(cx, &fixture->here, &nowhere, &out), ERR_INPUT, "onestop.error.seed_unit", "unit");
  fixture->here.ending = &ending;
  assert_ok(cx, dossier_seed(cx, &fixture->here, &spread, &out));
  atomic_store(&ending, true);
  assert_problem(cx, dossier_seed(cx, &fixture->here, &spread, &out), ERR_BUSY, "error.ending", NULL);
  fixture->here.demo = false;
  assert_problem(cx, dossier_seed(cx, &fixture->here, &input, &out), ERR_CONFLICT, "onestop.error.no_demo", NULL);
}

/* ---- The citizen's attempts ---- */
static void test_attempts(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  for (int i = 0; i < 5; i++) {
    assert_ok(cx, attempt_check(cx, fixture->here.store, "X"));
    assert_ok(cx, attempt_note(cx, fixture->here.store, "X"));
  }
  assert_problem(cx, attempt_check(cx, fixture->here.store, "X"), ERR_TOO_MANY, "onestop.error.attempts", "phone");
  assert_ok(cx, attempt_check(cx, fixture->here.store, "Y"));
  fixture->clock.fixed_us += 16 * MINUTE_US;
  assert_ok(cx, attempt_check(cx, fixture->here.store, "X"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    ON_BOTH(test_codes_without_gap), ON_BOTH(test_form_once), ON_BOTH(test_no_change_is_lost), ON_BOTH(test_second_officer_is_told), ON_BOTH(test_household_way),
    ON_BOTH(test_register_refuses), ON_BOTH(test_justice_way), ON_BOTH(test_failed_exchange), TODAY(test_clock_stands), MISSION(test_mission_era),
    ON_BOTH(test_search), ON_BOTH(test_search_apart), ON_BOTH(test_lists), ON_BOTH(test_seed), TODAY(test_attempts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
