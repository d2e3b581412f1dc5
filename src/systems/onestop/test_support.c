/* Fresh stores, people and catalogue for each test. */
#include "systems/onestop/test_support.h"

#include "base/text.h"
#include "onestop_sql.h"
#include "store/testing.h"
#include "web/testing.h"
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

static const struct permission permissions[] = {
  {"onestop.list", "counter specialist decider head", "x"}, {"onestop.receive", "counter", "x"},
  {"onestop.record_two", "specialist decider", "x"}, {NULL, NULL, NULL}};
static const struct permission *const tables[] = {permissions};

void assert_ok(struct cx *cx, enum err err)
{
  if (err) testing_problems_print(cx);
  assert_string_equal(err_name(err), err_name(OK));
}

void assert_problem(struct cx *cx, enum err got, enum err err, const char *key, const char *field)
{
  assert_string_equal(err_name(got), err_name(err));
  if (cx->problems.count == 0 || !text_equal(cx->problems.items[0].key, key) || !text_equal(cx->problems.items[0].field, field)) testing_problems_print(cx);
  assert_true(cx->problems.count > 0);
  assert_string_equal(cx->problems.items[0].key, key);
  if (field) assert_string_equal(cx->problems.items[0].field, field);
  cx_reset_problems(cx);
}

static struct person person_of(struct fixture *fixture, int64_t account, const char *name, const char *unit, const char *roles)
{
  return (struct person){.account = account, .name = name, .full_name = name, .unit = unit, .unit_name = unit, .roles = roles, .language = "vi", .people = fixture->here.people};
}

static void make_persons(struct fixture *fixture, bool today)
{
  fixture->counter = person_of(fixture, 1, "Trần Thị Mỹ Duyên", today ? "30307" : "883", "counter");
  fixture->specialist = person_of(fixture, 2, "Nguyễn Văn Phúc", today ? "30307" : "883-TCKH", "specialist");
  fixture->decider = person_of(fixture, 3, "Lê Hoàng Minh", today ? "30307" : "883-TCKH", "decider");
  fixture->second_specialist = person_of(fixture, 4, "Đỗ Thị Kim Thoa", today ? "AG-CA" : "AG-STP", "specialist");
  fixture->second_decider = person_of(fixture, 5, "Phan Quốc Hưng", today ? "AG-CA" : "AG-STP", "decider");
  fixture->stranger = person_of(fixture, 6, "Thái Thị Ngọc Bích", today ? "30682" : "894", "counter specialist decider");
}

static const struct here_part parts[] = {{"household", "H01/GOV/H01.07/household"}, {"justice", "VN/GOV/G15/justice"}};

struct fixture *fixture_make(bool postgres, const char *day)
{
  struct fixture *fixture = calloc(1, sizeof *fixture);
  struct date date;
  assert_true(date_read_iso(day, &date));
  fixture->clock.fixed_us = time_from_days(date_to_days(date), 8 * 60 + 30);
  fixture->cx = cx_new_alone(&fixture->clock, NULL);
  fixture->postgres = postgres;
  struct cx *cx = fixture->cx;
  struct here *here = &fixture->here;
  const char *url = testing_store(cx, postgres);
  if (!url) {
    cx_free_alone(cx);
    free(fixture);
    return NULL;
  }
  *here = (struct here){.system = "onestop", .axis_id = "H01/GOV/H01.01/onestop", .public_url = "https://motcua.example", .public_url_given = true, .demo = true,
                        .data_folder = getenv("TRUC_DATA"), .parts = parts, .part_count = 2};
  assert_ok(cx, people_open(cx, url, tables, 1, &here->people));
  testing_people_fill(cx, here->people, true);
  assert_ok(cx, store_open(cx, url, &onestop_schema, 4, &here->store));
  assert_ok(cx, store_check(cx, here->store));
  assert_ok(cx, files_open(cx, testing_folder(cx), &here->files));
  assert_ok(cx, catalogue_open(cx, here));
  make_persons(fixture, date.year > 2025);
  cx->person = &fixture->counter;
  return fixture;
}

void fixture_end(struct fixture *fixture)
{
  files_close(fixture->here.files);
  store_close(fixture->here.store);
  people_close(fixture->here.people);
  cx_free_alone(fixture->cx);
  free(fixture);
}

int setup_today(void **state)
{
  *state = fixture_make(false, "2026-11-25");
  return 0;
}

int setup_mission(void **state)
{
  *state = fixture_make(false, "2021-03-10");
  return 0;
}

int setup_postgres(void **state)
{
  *state = fixture_make(true, "2026-11-25");
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

/* ---- Papers ---- */
static void run_pdftotext(const char *pdf, const char *text)
{
  char *arguments[] = {(char[]){"pdftotext"}, (char[]){"-layout"}, strdup(pdf), strdup(text), NULL};
  pid_t child;
  int status;
  assert_int_equal(posix_spawnp(&child, "pdftotext", NULL, NULL, arguments, environ), 0);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  free(arguments[2]);
  free(arguments[3]);
}

const char *paper_text_of(struct cx *cx, struct bytes pdf)
{
  const char *folder = testing_folder(cx), *path = arena_print(cx->arena, "%s/paper.pdf", folder), *read = arena_print(cx->arena, "%s/paper.txt", folder);
  FILE *file = fopen(path, "wbe");
  assert_non_null(file);
  assert_int_equal(fwrite(pdf.data, 1, pdf.size, file), pdf.size);
  fclose(file);
  run_pdftotext(path, read);
  struct bytes raw = testing_file(cx, read);
  struct buffer text;
  buffer_init(&text, cx->arena);
  bool space = false;
  for (size_t i = 0; i < raw.size; i++) {
    char c = (char)raw.data[i];
    bool white = strchr(" \n\f\r", c) != NULL;
    if (!white) buffer_char(&text, c);
    else if (!space) buffer_char(&text, ' ');
    space = white;
  }
  return buffer_string(&text);
}

/* ---- Dossiers ---- */
static struct intake intake_of(const char *procedure, struct intake_component *components, size_t count)
{
  return (struct intake){
    .procedure = procedure, .full_name = "Nguyễn Thị Ánh Tuyết", .birth_date = 7300, .sex = "female", .identity = "000190000123",
    .nationality = "Việt Nam", .residence = "Số 12/4 khóm Bình Thới, phường Long Xuyên, tỉnh An Giang", .phone = "0000123456",
    .components = {components, count}, .copies = 1, .sets = 1, .means = "cash", .series = "AG/26", .number = "0000001"};
}

static const char *receive_from(struct fixture *fixture, struct intake *intake, const void *request, const struct late_entry *late)
{
  struct cx *cx = fixture->cx;
  static int64_t receipts = 0;
  int64_t now_us = late ? late->received_us : cx_now(cx), today = time_to_days(now_us);
  struct procedure procedure;
  struct procedure_parts procedure_parts;
  struct receiving receiving;
  intake->number = arena_print(cx->arena, "%07lld", (long long)++receipts);
  cx->person = &fixture->counter;
  assert_ok(cx, procedure_on(cx, fixture->here.store, intake->procedure, today, &procedure));
  assert_ok(cx, procedure_get(cx, fixture->here.store, procedure.code, procedure.version, &procedure_parts));
  const struct intake_case one = {&procedure_parts, kind_find(procedure.kind), intake, request, now_us, late};
  assert_ok(cx, intake_check(cx, &one));
  assert_ok(cx, intake_prepare(cx, &fixture->here, &one, &receiving));
  assert_ok(cx, dossier_receive(cx, fixture->here.store, &receiving));
  return receiving.dossier.code;
}

static const char *receive(struct fixture *fixture, struct intake *intake, const void *request)
{
  return receive_from(fixture, intake, request, NULL);
}

const char *receive_late(struct fixture *fixture, const char **number)
{
  struct cx *cx = fixture->cx;
  struct intake_component components[] = {
    {.code = "request", .given = true, .mark = "original", .pieces = 1}, {.code = "identity", .given = true, .mark = "copy", .pieces = 1}};
  struct household_sector sectors[] = {{"4711", "Bán lẻ trong cửa hàng kinh doanh tổng hợp", true}};
  struct household_request request = {.business_name = "Núi Sập", .business_address = "Số 6 khóm Đông Thịnh", .business_commune = "30307",
                                      .capital_vnd = 1000000, .founded_by = "person", .sectors = {sectors, 1}};
  struct intake intake = intake_of("1.001612", components, 2);
  int64_t received_us = cx_now(cx) + HOUR_US;
  cx->person = &fixture->counter;
  assert_ok(cx, reserve_take(cx, &fixture->here, 1, number));
  fixture->clock.fixed_us += 2 * DAY_US;
  return receive_from(fixture, &intake, &request, &(const struct late_entry){*number, received_us, cx_now(cx)});
}

const char *receive_household(struct fixture *fixture)
{
  struct intake_component components[] = {
    {.code = "request", .given = true, .mark = "original", .pieces = 1}, {.code = "identity", .given = true, .mark = "copy", .pieces = 1}};
  struct household_sector sectors[] = {{"4711", "Bán lẻ trong cửa hàng kinh doanh tổng hợp", true}};
  struct household_request request = {
    .business_name = "Bảy Núi", .business_address = "Số 5 khóm Đông Thịnh", .business_commune = text_equal(fixture->counter.unit, "883") ? "30280" : "30307",
    .capital_vnd = 150000000, .founded_by = "person", .sectors = {sectors, 1}};
  struct intake intake = intake_of("1.001612", components, 2);
  return receive(fixture, &intake, &request);
}

const char *receive_justice(struct fixture *fixture, const char *kind)
{
  struct intake_component components[] = {
    {.code = "request", .given = true, .mark = "original", .pieces = 1}, {.code = "identity", .given = true, .mark = "copy", .pieces = 1}};
  struct justice_request request = {.certificate_kind = kind, .birth_place = "An Giang", .father_name = "Nguyễn Văn Tư", .mother_name = "Lê Thị Sáu"};
  struct intake intake = intake_of("2.000488", components, 2);
  return receive(fixture, &intake, &request);
}

struct dossier dossier_now(struct fixture *fixture, const char *code)
{
  struct dossier dossier;
  assert_ok(fixture->cx, dossier_get(fixture->cx, fixture->here.store, code, &dossier));
  return dossier;
}

enum err act_as(struct fixture *fixture, const struct person *person, const char *code, const char *action, const struct act_form *form)
{
  struct act act = {.here = &fixture->here, .code = code, .action = action};
  if (form) act.form = *form;
  act.form.revision = dossier_now(fixture, code).revision;
  fixture->cx->person = person;
  enum err err = dossier_act(fixture->cx, &act);
  fixture->cx->person = &fixture->counter;
  return err;
}

struct answering { struct fixture *fixture; const char *code, *purpose, *json; int status; };

static enum err answer_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct answering *answering = arg;
  struct outbox_row row;
  enum err err = outbox_about(cx, tx, answering->code, answering->purpose, &row);
  struct bytes json = {(const uint8_t *)answering->json, strlen(answering->json)};
  if (!err) err = onestop_answered(cx, tx, &answering->fixture->here, &row, answering->status, json);
  return err ? err : outbox_end(cx, tx, row.id, answering->status < 300 ? "answered" : "refused");
}

void answer_outbox(struct fixture *fixture, const char *code, const char *purpose, int status, const char *json)
{
  struct answering answering = {fixture, code, purpose, json, status};
  fixture->cx->person = NULL;
  assert_ok(fixture->cx, store_write(fixture->cx, fixture->here.store, answer_in, &answering));
  fixture->cx->person = &fixture->counter;
}
