/* The officers' pages as a browser sees them, and the services as the axis calls them. */
#include "systems/household/test_support.h"

#include "axis/service.h"
#include "base/text.h"
#include "web/testing.h"
#include <stdlib.h>
#include <string.h>

struct office { struct fixture *fixture; struct cx *cx; struct web_bench *bench; int64_t officer, other; const char *number; };

static int setup_office(void **state)
{
  static const struct permission *tables[1];
  static struct clock clock;
  struct office *office = calloc(1, sizeof *office);
  assert_non_null(office);
  *state = office;
  tables[0] = household_system.permissions;
  clock.fixed_us = time_from_days((int32_t)day_of("2026-11-25"), 510);
  office->cx = cx_new_alone(&clock, NULL);
  office->bench = web_bench_open(office->cx, &clock, tables, 1);
  office->fixture = fixture_make(false, web_bench_people(office->bench), "2026-11-25");
  office->officer = web_bench_account(office->bench, "dangky", ROLE_REGISTER, "30307");
  office->other = web_bench_account(office->bench, "canbo", ROLE_COUNTER, "30307");
  const struct web_system system = {.here = &office->fixture->here, .pages = household_system.pages, .page_count = household_system.page_count,
                                    .html = household_system.html, .words = household_system.words, .words_count = household_system.words_count};
  web_bench_serve(office->bench, &system, 1, NULL);
  struct household_application ask = application_of(office->fixture->cx, "Bảy Núi", "30307", 1);
  office->number = receive(office->fixture, &ask).number;
  return 0;
}

static int teardown_office(void **state)
{
  struct office *office = *state;
  fixture_end(office->fixture);
  web_bench_close(office->bench);
  cx_free_alone(office->cx);
  free(office);
  return 0;
}

static void assert_has(const struct browser *browser, const char *text)
{
  if (!strstr(browser->body, text)) fail_msg("status %d, not on the page: %s\n%s", browser->status, text, browser->body);
}

static struct browser *officer(struct office *office)
{
  struct browser *browser = browser_new(office->bench);
  browser_log_in(browser, office->officer);
  return browser;
}

static const char *url(struct office *office, const char *end)
{
  return arena_print(office->cx->arena, "/ho-kinh-doanh/%s%s", office->number, end);
}

static void test_only_the_register(void **state)
{
  struct office *office = *state;
  struct browser *browser = browser_new(office->bench);
  browser_get(browser, "/ho-kinh-doanh");
  assert_int_equal(browser->status, 303); /* to the log-in */
  browser_log_in(browser, office->other);
  browser_get(browser, "/ho-kinh-doanh");
  assert_int_equal(browser->status, 403);
  browser_get(browser, url(office, ""));
  assert_int_equal(browser->status, 403);
}

static void test_look(void **state)
{
  struct office *office = *state;
  struct browser *browser = officer(office);
  browser_get(browser, "/ho-kinh-doanh?tim=bay+nui+tuyet");
  assert_int_equal(browser->status, 200);
  assert_has(browser, office->number);
  browser_get(browser, "/ho-kinh-doanh?tim=khong+co");
  assert_null(strstr(browser->body, office->number));
  browser_get(browser, url(office, "?ngay=25%2F11%2F2026"));
  assert_int_equal(browser->status, 200);
  assert_has(browser, "000000000001");
  assert_has(browser, "/thay-doi\"");
  assert_has(browser, "150.000.000 đồng");
  browser_get(browser, url(office, "/trich-luc"));
  assert_int_equal(browser->status, 200);
  assert_string_equal(browser->type, "application/pdf");
  browser_get(browser, "/ho-kinh-doanh/khong-co");
  assert_int_equal(browser->status, 404);
}

static void test_change(void **state)
{
  struct office *office = *state;
  struct browser *browser = officer(office);
  browser_get(browser, url(office, "/thay-doi"));
  assert_int_equal(browser->status, 200);
  assert_string_equal(browser_input(browser, "name"), "Bảy Núi");
  assert_string_equal(browser_input(browser, "sectors[0].code"), "4711");
  const char *version = browser_input(browser, "version");
  const char *rest = arena_print(office->cx->arena, "&version=%s&address=So+6&commune=30307&capital_vnd=2000000&reason=don&sectors[0].code=5610&sectors[0].main=1"
                                 "&sectors[1].code=&sectors[1].name=", version);
  browser_post(browser, url(office, "/thay-doi"), arena_print(office->cx->arena, "effective_on=25%%2F11%%2F2026&name=C%%C3%%B4ng+ty+An%s", rest));
  assert_int_equal(browser->status, 422);
  assert_string_equal(browser_input(browser, "name"), "Công ty An"); /* kept as typed */
  assert_string_equal(browser_input(browser, "address"), "So 6");
  const char *good = arena_print(office->cx->arena, "effective_on=25%%2F11%%2F2026&name=S%%C3%%B4ng+H%%E1%%BA%%ADu%s", rest);
  browser_post(browser, url(office, "/thay-doi"), good);
  assert_int_equal(browser->status, 303);
  browser_follow(browser);
  assert_has(browser, "Sông Hậu");
  browser_get(browser, url(office, "/thay-doi"));
  browser_post(browser, url(office, "/thay-doi"), good); /* from the older page */
  assert_int_equal(browser->status, 422);
  assert_int_equal(version_of(office->fixture, office->number), 2);
}

static void test_life(void **state)
{
  struct office *office = *state;
  struct browser *browser = officer(office);
  browser_get(browser, url(office, "/tam-ngung"));
  browser_post(browser, url(office, "/tam-ngung"), "version=1&notice_on=25%2F11%2F2026&suspended_from=26%2F11%2F2026&reason=sua+nha");
  assert_int_equal(browser->status, 422);
  assert_has(browser, "sua nha");
  browser_post(browser, url(office, "/tam-ngung"), "version=1&notice_on=25%2F11%2F2026&suspended_from=30%2F11%2F2026&reason=sua+nha");
  assert_int_equal(browser->status, 303);
  browser_get(browser, url(office, "?ngay=30%2F11%2F2026"));
  assert_has(browser, "Tạm ngừng kinh doanh");
  browser_get(browser, url(office, "/tiep-tuc"));
  browser_post(browser, url(office, "/tiep-tuc"), "version=2&effective_on=25%2F11%2F2026&reason=x");
  assert_int_equal(browser->status, 422); /* it is active today */
}

static void test_close(void **state)
{
  struct office *office = *state;
  struct browser *browser = officer(office);
  browser_get(browser, url(office, "/cham-dut"));
  browser_post(browser, url(office, "/cham-dut"), "version=1&effective_on=25%2F11%2F2026&reason=");
  assert_int_equal(browser->status, 422);
  browser_post(browser, url(office, "/cham-dut"), "version=1&effective_on=25%2F11%2F2026&reason=nghi");
  assert_int_equal(browser->status, 303);
  browser_follow(browser);
  assert_has(browser, "Đã chấm dứt");
  assert_null(strstr(browser->body, "/thay-doi\""));
}

static void test_decide(void **state)
{
  struct office *office = *state;
  struct browser *browser = officer(office);
  struct household_application similar = application_of(office->fixture->cx, "Bay Nui", "30307", 2);
  const char *reference = receive(office->fixture, &similar).reference;
  const char *path = arena_print(office->cx->arena, "/ho-kinh-doanh/cho-xem-xet/%s", reference);
  browser_get(browser, "/ho-kinh-doanh/cho-xem-xet");
  assert_has(browser, reference);
  browser_get(browser, path);
  assert_has(browser, "Bay Nui");
  assert_has(browser, "Bảy Núi");
  assert_has(browser, office->number);
  browser_post(browser, path, "version=1&outcome=accept&reason=");
  assert_int_equal(browser->status, 422);
  browser_post(browser, path, "version=1&outcome=accept&reason=khac+nganh");
  assert_int_equal(browser->status, 303);
  assert_string_equal(browser->location, "/ho-kinh-doanh/cho-xem-xet");
  browser_get(browser, path);
  assert_has(browser, "Đã đăng ký");
  assert_null(strstr(browser->body, "name=\"outcome\""));
}

/* ---- Services ---- */
static const char *call(struct fixture *fixture, const char *code, const char *method, const char *path, const char *query, const char *body, int status)
{
  struct cx *cx = fixture->cx;
  struct http_call request = {.method = method, .path = path, .query = query};
  fields_init(&request.fields, cx->arena);
  if (body) request.body = (struct http_body){.data = {(const uint8_t *)body, strlen(body)}, .size = (int64_t)strlen(body)};
  struct service_call one = {.here = &fixture->here, .consumer = "H01/GOV/H01.01/onestop", .request_id = random_uuid(cx->arena)};
  struct http_answer answer;
  assert_ok(cx, service_dispatch(cx, &fixture->here, household_system.services, household_system.service_count, code, &request, &one, &answer));
  const char *text = arena_copy_n(cx->arena, answer.body.data.data, answer.body.data.size);
  if (answer.status != status) fail_msg("%s %s: %d %s", code, path, answer.status, text);
  cx_reset_problems(cx);
  return text;
}

static void assert_in(const char *text, const char *part)
{
  if (!strstr(text, part)) fail_msg("%s not in %s", part, text);
}

static void test_services(void **state)
{
  struct fixture *fixture = *state;
  struct cx *cx = fixture->cx;
  struct household_application ask = application_of(cx, "Bảy Núi", "30307", 1);
  struct buffer body;
  buffer_init(&body, cx->arena);
  record_write_json(&body, &household_application_type, &ask);
  assert_in(call(fixture, "register", "POST", "", NULL, buffer_string(&body), 200), "\"state\":\"registered\"");
  assert_in(call(fixture, "register", "POST", "", NULL, buffer_string(&body), 200), "\"state\":\"refused\"");
  assert_in(call(fixture, "register", "POST", "", NULL, "{}", 400), "error.required");
  const char *found = call(fixture, "search", "GET", "", "q=bay+nui", NULL, 200);
  assert_in(found, "Bảy Núi");
  const char *number = arena_copy_n(cx->arena, strstr(found, "\"number\":\"") + 10, 10);
  const char *path = arena_print(cx->arena, "/%s", number);
  assert_in(call(fixture, "read", "GET", path, NULL, NULL, 200), "\"state\":\"active\"");
  assert_in(call(fixture, "read", "GET", path, "on=2026-11-25", NULL, 200), "000000000001");
  call(fixture, "read", "GET", path, "on=2026-11-24", NULL, 404);
  call(fixture, "read", "GET", path, "on=hom-nay", NULL, 400);
  call(fixture, "read", "GET", "/8000000000", NULL, NULL, 404);
  const char *check = call(fixture, "check", "POST", "", NULL, "{\"name\":\"BẢY NÚI\",\"commune\":\"30307\",\"head_identity\":\"000000000001\"}", 200);
  assert_in(check, "\"name_free\":false");
  assert_in(check, "\"head_free\":false");
  assert_in(check, number);
  assert_in(call(fixture, "check", "POST", "", NULL, "{\"name\":\"bay nui\",\"commune\":\"30307\",\"head_identity\":\"000000000002\"}", 200), "\"similar_name\":\"Bảy Núi\"");
  assert_in(call(fixture, "check", "POST", "", NULL, "{\"name\":\"Công ty A\",\"commune\":\"30307\",\"head_identity\":\"000000000002\"}", 200), "household.name.banned");
  call(fixture, "check", "POST", "", NULL, "{\"name\":\"A\",\"commune\":\"1\",\"head_identity\":\"000000000002\"}", 400);
}

#define PAGE(test) cmocka_unit_test_setup_teardown(test, setup_office, teardown_office)
int main(void)
{
  const struct CMUnitTest tests[] = {PAGE(test_only_the_register), PAGE(test_look), PAGE(test_change), PAGE(test_life), PAGE(test_close), PAGE(test_decide),
                                     cmocka_unit_test_setup_teardown(test_services, setup_sqlite, teardown)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
