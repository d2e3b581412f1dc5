/* Fresh stores with the shipped rules and units. */
#include "systems/household/test_support.h"

#include "base/text.h"
#include "household_sql.h"
#include "web/testing.h"
#include <stdlib.h>

static const struct permission *const tables[] = {(const struct permission[]){{"household.look", "register", "x"}, {NULL, NULL, NULL}}};

int64_t day_of(const char *iso)
{
  struct date date;
  assert_true(date_read_iso(iso, &date));
  return date_to_days(date);
}

void assert_ok(struct cx *cx, enum err err)
{
  if (err) testing_problems_print(cx);
  assert_string_equal(err_name(err), err_name(OK));
}

void assert_problem(struct cx *cx, enum err got, enum err err, const char *key)
{
  if (cx->problems.count != 1 || !text_equal(cx->problems.items[0].key, key)) testing_problems_print(cx);
  assert_string_equal(err_name(got), err_name(err));
  assert_int_equal(cx->problems.count, 1);
  assert_string_equal(cx->problems.items[0].key, key);
  cx_reset_problems(cx);
}

static void no_wake(struct here *here) {}

void fixture_day(struct fixture *fixture, const char *day)
{
  fixture->clock.fixed_us = time_from_days((int32_t)day_of(day), 8 * 60 + 30);
}

struct fixture *fixture_make(bool postgres, struct people *people, const char *day)
{
  struct fixture *fixture = calloc(1, sizeof *fixture);
  assert_non_null(fixture);
  fixture_day(fixture, day);
  struct cx *cx = fixture->cx = cx_new_alone(&fixture->clock, NULL);
  struct here *here = &fixture->here;
  const char *url = testing_store(cx, postgres);
  if (!url) {
    cx_free_alone(cx);
    free(fixture);
    return NULL;
  }
  *here = (struct here){.system = "household", .axis_id = "H01/GOV/H01.07/household", .demo = true, .data_folder = getenv("TRUC_DATA"),
                        .people = people, .wake_outbox = no_wake};
  fixture->own_people = !people;
  if (!people) assert_ok(cx, people_open(cx, url, tables, 1, &here->people));
  testing_people_fill(cx, here->people, false);
  assert_ok(cx, store_open(cx, url, &household_schema, 4, &here->store));
  assert_ok(cx, store_check(cx, here->store));
  assert_ok(cx, household_system.open(cx, here));
  fixture->officer = (struct person){.account = 7, .name = "dangky", .full_name = "Phạm Ngọc Ánh", .unit = "30307", .unit_name = "Phường Long Xuyên",
                                     .roles = "register", .language = "vi", .people = here->people};
  cx->person = &fixture->officer;
  return fixture;
}

void fixture_end(struct fixture *fixture)
{
  store_close(fixture->here.store);
  if (fixture->own_people) people_close(fixture->here.people);
  cx_free_alone(fixture->cx);
  free(fixture);
}

int setup_sqlite(void **state)
{
  *state = fixture_make(false, NULL, "2026-11-25");
  return 0;
}

int setup_postgres(void **state)
{
  *state = fixture_make(true, NULL, "2026-11-25");
  return 0;
}

int teardown(void **state)
{
  if (*state) fixture_end(*state);
  return 0;
}

struct fixture *fixture_of(void **state)
{
  if (!*state) skip();
  return *state;
}

struct household_application application_of(struct cx *cx, const char *name, const char *commune, int64_t person)
{
  static const struct household_sector shop = {"4711", "x", true};
  struct household_sector *sector = ARENA_NEW(cx->arena, struct household_sector);
  struct household_person *head = ARENA_NEW(cx->arena, struct household_person);
  *sector = shop;
  *head = (struct household_person){.full_name = "Nguyễn Thị Ánh Tuyết", .birth_date = 7300, .sex = "female", .nationality = "Việt Nam", .residence = "Khóm 1",
                                    .identity = arena_print(cx->arena, "000%09lld", (long long)person)};
  return (struct household_application){
    .dossier = arena_print(cx->arena, "H01.1-%lld", (long long)person), .unit = "30307", .name = name, .address = "Số 5 khóm Đông Thịnh", .commune = commune,
    .capital_vnd = 150000000, .founded_by = "person", .head = head, .sectors = {sector, 1}, .decided_on = time_to_days(cx_now(cx)), .decided_by = "Lê Hoàng Minh"};
}

struct receiving { struct here *here; const struct household_application *application; struct household_answer answer; };

static enum err receive_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct receiving *receiving = arg;
  return application_receive(cx, tx, receiving->here, "H01/GOV/H01.01/onestop", receiving->application, &receiving->answer);
}

struct household_answer receive(struct fixture *fixture, const struct household_application *application)
{
  struct receiving receiving = {&fixture->here, application, {0}};
  assert_ok(fixture->cx, store_write(fixture->cx, fixture->here.store, receive_in, &receiving));
  assert_int_equal(fixture->cx->problems.count, 0);
  return receiving.answer;
}

struct reading { const char *number; int64_t day; struct business_line line; struct business_full full; };

static enum err read_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct reading *reading = arg;
  enum err err = business_line_get(cx, tx, reading->number, &reading->line);
  return err ? err : business_on(cx, tx, reading->number, reading->day, &reading->full);
}

struct household_business business_as_of(struct fixture *fixture, const char *number, const char *day)
{
  struct reading reading = {.number = number, .day = day_of(day)};
  struct household_business business;
  assert_ok(fixture->cx, store_read(fixture->cx, fixture->here.store, read_in, &reading));
  business_show(fixture->cx, &reading.full, reading.line.registered_on, reading.day, &business);
  return business;
}

int64_t version_of(struct fixture *fixture, const char *number)
{
  struct reading reading = {.number = number, .day = time_to_days(cx_now(fixture->cx))};
  assert_ok(fixture->cx, store_read(fixture->cx, fixture->here.store, read_in, &reading));
  return reading.line.version;
}

static enum err act_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct act *one = arg;
  if (text_equal(one->action, "change")) return business_change_in(cx, tx, one->here, one->number, one->form);
  if (text_equal(one->action, "suspend")) return business_suspend_in(cx, tx, one->here, one->number, one->form);
  return business_end_in(cx, tx, one->number, one->action, one->form);
}

enum err act(struct fixture *fixture, const char *number, const char *action, const void *form)
{
  struct act one = {&fixture->here, number, action, form};
  return store_write(fixture->cx, fixture->here.store, act_in, &one);
}
