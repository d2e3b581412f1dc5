/* What the axis may call, as the gateway hands it in. */
#include "systems/onestop/test_support.h"

#include "base/text.h"
#include "systems/onestop/onestop.h"
#include <string.h>

struct result { int status; const char *body; };

static struct result call(struct fixture *fixture, const char *consumer, const char *request_id, const char *method, const char *code, const char *path, const char *json)
{
  struct cx *cx = fixture->cx;
  struct http_call request = {.arena = cx->arena, .method = method, .target = path, .path = path, .query = ""};
  struct http_answer answer = {0};
  struct service_call service = {.here = &fixture->here, .consumer = consumer, .request_id = request_id};
  fields_init(&request.fields, cx->arena);
  if (json) {
    fields_add(&request.fields, "Content-Type", "application/json");
    request.body = (struct http_body){.data = {(const uint8_t *)json, strlen(json)}, .size = (int64_t)strlen(json)};
  }
  cx->person = NULL;
  assert_ok(cx, service_dispatch(cx, &fixture->here, onestop_system.services, onestop_system.service_count, code, &request, &service, &answer));
  cx->person = &fixture->counter;
  cx_reset_problems(cx);
  return (struct result){answer.status, arena_copy_n(cx->arena, answer.body.data.data, answer.body.data.size)};
}

static const char *notice(struct fixture *fixture, const char *code, const char *state)
{
  return arena_print(fixture->cx->arena, "{\"dossier\":\"%s\",\"purpose\":\"justice.lookup\",\"reference\":\"L-5\",\"state\":\"%s\"}", code, state);
}

#define JUSTICE "VN/GOV/G15/justice"

static void test_answer(void **state)
{
  struct fixture *fixture = fixture_of(state);
  const char *code = receive_justice(fixture, "1");
  assert_ok(fixture->cx, act_as(fixture, &fixture->counter, code, "forward", NULL));
  answer_outbox(fixture, code, "justice.lookup", 200, "{\"state\":\"checking\",\"reference\":\"L-5\"}");
  /* Who was not asked is told the same of a dossier that is there and of one that is not. */
  const char *guest = "H01/GOV/H01.20/guest";
  struct result there = call(fixture, guest, "r-0", "POST", "answer", "", notice(fixture, code, "clean"));
  struct result nowhere = call(fixture, guest, "r-0b", "POST", "answer", "", notice(fixture, "H01.1-260101-0001", "clean"));
  assert_int_equal(there.status, 404);
  assert_int_equal(nowhere.status, 404);
  assert_string_equal(there.body, nowhere.body);
  assert_int_equal(call(fixture, JUSTICE, "r-1", "POST", "answer", "", notice(fixture, code, "perhaps")).status, 400);
  assert_int_equal(call(fixture, JUSTICE, "r-2", "POST", "answer", "", notice(fixture, "H01.1-260101-0001", "clean")).status, 404);
  assert_int_equal(call(fixture, JUSTICE, "r-3", "POST", "answer", "", "{\"dossier\":1}").status, 400);
  assert_string_equal(dossier_now(fixture, code).turn, "agency");
  struct result first = call(fixture, JUSTICE, "r-4", "POST", "answer", "", notice(fixture, code, "clean"));
  assert_int_equal(first.status, 200);
  int64_t revision = dossier_now(fixture, code).revision;
  assert_string_equal(dossier_now(fixture, code).turn, "specialist");
  /* The same request again gets the same answer and changes nothing. */
  struct result again = call(fixture, JUSTICE, "r-4", "POST", "answer", "", notice(fixture, code, "clean"));
  assert_string_equal(again.body, first.body);
  assert_int_equal(dossier_now(fixture, code).revision, revision);
}

static void test_status(void **state)
{
  struct fixture *fixture = fixture_of(state);
  const char *code = receive_household(fixture);
  struct result result = call(fixture, JUSTICE, "r-1", "GET", "status", arena_print(fixture->cx->arena, "/%s", code), NULL);
  assert_int_equal(result.status, 200);
  assert_non_null(strstr(result.body, "\"status\":\"received\""));
  assert_non_null(strstr(result.body, "\"national_status\":2"));
  assert_null(strstr(result.body, "Tuyết"));
  assert_int_equal(call(fixture, JUSTICE, "r-1", "GET", "status", "/X", NULL).status, 404);
}

int main(void)
{
  const struct CMUnitTest tests[] = {ON_BOTH(test_answer), ON_BOTH(test_status)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
