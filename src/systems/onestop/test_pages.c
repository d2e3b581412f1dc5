/* The pages on a running dispatcher: the counter's whole conversation, the specialist, the decider, a third unit, and a citizen on
 * the phone. With the argument `serve` it stays, with some dossiers, and prints its addresses. */
#include "systems/onestop/test_support.h"

#include "base/text.h"
#include "onestop_html.h"
#include "onestop_sql.h"
#include "onestop_words.h"
#include "store/testing.h"
#include "systems/onestop/onestop.h"
#include "systems/onestop/seed.h"
#include "web/testing.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct stage {
  struct clock clock;
  struct cx *cx;
  struct web_bench *bench;
  struct here here;
  struct fixture fixture;      /* to do from inside what other systems do */
  int64_t accounts[8];         /* by enum who; 0: not made yet */
  int asked;                   /* how often the register was asked */
  const char *register_says;
};

static const struct here_part parts[] = {{"household", "H01/GOV/H01.07/household"}, {"justice", "VN/GOV/G15/justice"}};

static void answer_ask(void *user, struct here *here, const struct person *person, struct ask *ask, struct arena *arena, void (*done)(void *), void *done_arg)
{
  struct stage *stage = here->node;
  stage->asked++;
  ask->status = stage->register_says ? 200 : 502;
  ask->axis_error = stage->register_says ? NULL : "Server.ServerProxy.NetworkError";
  const char *text = stage->register_says ? stage->register_says : "{}";
  ask->answer = (struct bytes){(const uint8_t *)text, strlen(text)};
  ask->receipt = "H01/gateway:12";
  done(done_arg);
}

static const char free_name[] = "{\"name_lawful\":true,\"name_free\":true,\"head_free\":true}";

/* Who works where, today and in the mission's era; made when somebody first enters: each password is slow by design. */
enum who { COUNTER, SPECIALIST, DECIDER, STRANGER, SECOND_SPECIALIST, SECOND_DECIDER, HEAD, WHO_COUNT };
struct who_row { const char *name, *role, *unit_today, *unit_2021; };
static const struct who_row whos[WHO_COUNT] = {
  [COUNTER] = {"duyen", "counter", "30307", "883"}, [SPECIALIST] = {"phuc", "specialist", "30307", "883-TCKH"}, [DECIDER] = {"minh", "decider", "30307", "883-TCKH"},
  [STRANGER] = {"bich", "counter", "30682", "894"}, [SECOND_SPECIALIST] = {"thoa", "specialist", "AG-CA", "AG-STP"},
  [SECOND_DECIDER] = {"hung", "decider", "AG-CA", "AG-STP"}, [HEAD] = {"binh", "head", "91", "89"}};

static int64_t account_of(struct stage *stage, enum who who)
{
  bool today = stage->clock.fixed_us > time_from_days(date_to_days((struct date){2025, 7, 1}), 0);
  if (!stage->accounts[who])
    stage->accounts[who] = web_bench_account(stage->bench, whos[who].name, whos[who].role, today ? whos[who].unit_today : whos[who].unit_2021);
  return stage->accounts[who];
}

static struct stage *stage_make(struct date day)
{
  struct stage *stage = calloc(1, sizeof *stage);
  stage->clock.fixed_us = time_from_days(date_to_days(day), 8 * 60 + 30);
  stage->cx = cx_new_alone(&stage->clock, NULL);
  struct cx *cx = stage->cx;
  const struct permission *const permission_tables[] = {onestop_system.permissions};
  const struct permission *const *kept = memcpy(ARENA_ARRAY(cx->arena, 1, const struct permission *), permission_tables, sizeof permission_tables);
  stage->bench = web_bench_open(cx, &stage->clock, kept, 1);
  struct here *here = &stage->here;
  *here = (struct here){.system = "onestop", .axis_id = "H01/GOV/H01.01/onestop", .people = web_bench_people(stage->bench), .public_url = "https://motcua.example",
                        .public_url_given = true, .demo = true, .data_folder = getenv("TRUC_DATA"), .parts = parts, .part_count = 2, .node = stage};
  here->spool_folder = testing_folder(cx);
  testing_people_fill(cx, here->people, true);
  assert_ok(cx, store_open(cx, testing_sqlite(cx), &onestop_schema, 4, &here->store));
  assert_ok(cx, files_open(cx, testing_folder(cx), &here->files));
  assert_ok(cx, onestop_system.open(cx, here));
  const struct web_system system = {.here = here, .pages = onestop_system.pages, .page_count = onestop_system.page_count, .html = onestop_system.html,
                                    .words = onestop_system.words, .words_count = 2};
  web_bench_serve(stage->bench, &system, 1, answer_ask);
  stage->register_says = free_name;
  stage->fixture = (struct fixture){.cx = cx, .here = *here, .clock = stage->clock};
  return stage;
}

static int setup(void **state)
{
  *state = stage_make((struct date){2026, 11, 25});
  return 0;
}

static int setup_2021(void **state)
{
  *state = stage_make((struct date){2021, 3, 10});
  return 0;
}

static int end(void **state)
{
  struct stage *stage = *state;
  web_bench_close(stage->bench);
  files_close(stage->here.files);
  store_close(stage->here.store);
  cx_free_alone(stage->cx);
  free(stage);
  return 0;
}

static struct browser *enter(struct stage *stage, enum who who)
{
  struct browser *browser = browser_new(stage->bench);
  browser_log_in(browser, account_of(stage, who));
  return browser;
}

static void assert_shows(const struct browser *browser, const char *part)
{
  if (!browser->body || !strstr(browser->body, part)) fprintf(stderr, "status %d, missing: %s\n%s\n", browser->status, part, browser->body ? browser->body : "");
  assert_non_null(browser->body);
  assert_non_null(strstr(browser->body, part));
}

static void assert_hides(const struct browser *browser, const char *part)
{
  assert_null(strstr(browser->body, part));
}

static const char person_typed[] =
  "full_name=Nguy%E1%BB%85n+Th%E1%BB%8B+%C3%81nh+Tuy%E1%BA%BFt&birth_date=27/12/1989&sex=female&identity=000190000123&nationality=Vi%E1%BB%87t+Nam"
  "&residence=Kh%C3%B3m+B%C3%ACnh+Th%E1%BB%9Bi&phone=0000123456";
static const char papers_typed[] =
  "components[0].code=request&components[0].given=1&components[0].mark=original&components[0].pieces=1"
  "&components[1].code=identity&components[1].given=1&components[1].mark=copy&components[1].pieces=1";
static const char business_typed[] =
  "business_name=B%E1%BA%A3y+N%C3%BAi&business_address=S%E1%BB%91+5&business_commune=30307&capital_vnd=150.000.000&founded_by=person"
  "&sectors[0].code=4711&sectors[0].name=B%C3%A1n+l%E1%BA%BB&sectors[0].main=1";

static const char *household_typed(struct stage *stage, const char *more)
{
  return arena_print(stage->cx->arena, "procedure=1.001612&%s&%s&%s&%s", person_typed, business_typed, papers_typed, more);
}

/* Receives as the counter officer; the code of what was received. */
static const char *receive_by_page(struct stage *stage, struct browser *browser, const char *form)
{
  browser_get(browser, "/mot-cua/tiep-nhan?thu-tuc=1.001612");
  browser_post(browser, "/mot-cua/tiep-nhan", form);
  if (browser->status != 303) fprintf(stderr, "%s\n", browser->body);
  assert_int_equal(browser->status, 303);
  return arena_copy(stage->cx->arena, strrchr(browser->location, '/') + 1);
}

static void act(struct browser *browser, const char *code, const char *segment, const char *form)
{
  browser_get(browser, arena_print(browser->arena, "/mot-cua/ho-so/%s", code));
  assert_int_equal(browser->status, 200);
  const char *revision = browser_input(browser, "revision");
  browser_post(browser, arena_print(browser->arena, "/mot-cua/ho-so/%s/%s", code, segment),
               arena_print(browser->arena, "revision=%s%s%s", revision ? revision : "0", *form ? "&" : "", form));
}

/* ---- Intake ---- */
static void test_intake(void **state)
{
  struct stage *stage = *state;
  struct browser *browser = enter(stage, COUNTER);
  browser_get(browser, "/mot-cua/tiep-nhan");
  assert_shows(browser, "1.001612");
  assert_shows(browser, "2.000488");
  browser_get(browser, "/mot-cua/tiep-nhan?thu-tuc=1.001612");
  assert_shows(browser, "Phường Long Xuyên");
  assert_shows(browser, "30/11/2026 08:30");
  assert_shows(browser, "100.000 đồng");
  /* The card fills in; what was typed elsewhere stays. */
  browser_post(browser, "/mot-cua/tiep-nhan", "procedure=1.001612&button=card&phone=0000123456&business_name=B%E1%BA%A3y+N%C3%BAi"
               "&card=000190000123%7C%7CNguy%E1%BB%85n+V%C4%83n+An%7C27121989%7CNam%7C%E1%BA%A4p+B%C3%ACnh+H%C3%B2a%7C10052021");
  assert_int_equal(browser->status, 200);
  assert_string_equal(browser_input(browser, "full_name"), "Nguyễn Văn An");
  assert_string_equal(browser_input(browser, "birth_date"), "27/12/1989");
  assert_string_equal(browser_input(browser, "phone"), "0000123456");
  assert_string_equal(browser_input(browser, "business_name"), "Bảy Núi");
  assert_string_equal(browser_input(browser, "card"), "");
  browser_post(browser, "/mot-cua/tiep-nhan", "procedure=1.001612&button=card&card=000190000123%7C%7CNguye64n+Thi5%7C27121989%7CNam%7Cx%7C10052021");
  assert_shows(browser, "Chữ có dấu bị sai");
  /* The register is asked, and what it says stands beside the name. */
  browser_post(browser, "/mot-cua/tiep-nhan", household_typed(stage, "button=check"));
  assert_int_equal(stage->asked, 1);
  assert_shows(browser, "Tên dùng được");
  assert_shows(browser, "H01/gateway:12");
}

static void test_faults_keep_what_was_typed(void **state)
{
  struct stage *stage = *state;
  struct browser *browser = enter(stage, COUNTER);
  browser_get(browser, "/mot-cua/tiep-nhan?thu-tuc=1.001612");
  browser_post(browser, "/mot-cua/tiep-nhan", "procedure=1.001612&full_name=An&identity=123&sectors[0].code=4711&components[0].code=request&components[1].code=identity&button=receive");
  assert_int_equal(browser->status, 422);
  assert_string_equal(browser_input(browser, "full_name"), "An");
  assert_string_equal(browser_input(browser, "identity"), "123");
  assert_string_equal(browser_input(browser, "sectors[0].code"), "4711");
  browser_post(browser, "/mot-cua/tiep-nhan", arena_print(stage->cx->arena, "procedure=1.001612&%s&%s&components[0].code=request&components[1].code=identity&means=cash&series=A&number=1&button=receive", person_typed, business_typed));
  assert_int_equal(browser->status, 422);
  assert_shows(browser, "Còn thiếu giấy tờ bắt buộc: Giấy đề nghị đăng ký hộ kinh doanh");
  assert_int_equal(stage->asked, 0);
  browser_post(browser, "/mot-cua/tiep-nhan", household_typed(stage, "means=cash&button=receive"));
  assert_shows(browser, "Nhập cả ký hiệu và số biên lai");
}

static void test_receive_and_forward(void **state)
{
  struct stage *stage = *state;
  struct browser *browser = enter(stage, COUNTER);
  const char *code = receive_by_page(stage, browser, household_typed(stage, "means=cash&series=A&number=1&button=receive"));
  browser_follow(browser);
  assert_shows(browser, code);
  assert_hides(browser, "127.0.0.1");
  browser_get(browser, "/mot-cua");
  assert_shows(browser, code);
  assert_shows(browser, "Còn 3 ngày làm việc");
  browser_get(browser, "/mot-cua?q=anh+tuyet");
  assert_shows(browser, code);
  browser_get(browser, "/mot-cua/thu-phi");
  assert_shows(browser, "100.000 đồng");
  act(browser, code, "chuyen", "");
  assert_int_equal(browser->status, 303);
  browser_follow(browser);
  assert_shows(browser, "Đã chuyển hồ sơ");
  browser_get(browser, arena_print(stage->cx->arena, "/mot-cua/ho-so/%s/giay/tiep-nhan", code));
  assert_int_equal(browser->status, 200);
  assert_string_equal(browser->type, "application/pdf");
  /* The same receipt number twice. */
  browser_get(browser, "/mot-cua/tiep-nhan?thu-tuc=1.001612");
  browser_post(browser, "/mot-cua/tiep-nhan", household_typed(stage, "means=cash&series=A&number=1&button=receive"));
  assert_int_equal(browser->status, 422);
  assert_shows(browser, "Số biên lai này đã dùng cho hồ sơ khác");
}

/* Sent again, because the answer was lost, a form leads to the dossier that was made of it, though its receipt's number is used by now. */
static void test_form_twice(void **state)
{
  struct stage *stage = *state;
  struct browser *browser = enter(stage, COUNTER);
  browser_get(browser, "/mot-cua/tiep-nhan?thu-tuc=1.001612");
  const char *form = arena_print(stage->cx->arena, "%s&csrf=%s&form_id=%s", household_typed(stage, "means=cash&series=B&number=2&button=receive"),
                                 browser_input(browser, "csrf"), browser_input(browser, "form_id"));
  const struct bytes body = {(const uint8_t *)form, strlen(form)};
  const char *led[2];
  for (int i = 0; i < 2; i++) {
    browser_send(browser, "POST", "/mot-cua/tiep-nhan", "application/x-www-form-urlencoded", body);
    assert_int_equal(browser->status, 303);
    led[i] = arena_copy(stage->cx->arena, browser->location);
  }
  assert_string_equal(led[0], led[1]);
}

static void test_unreached_register(void **state)
{
  struct stage *stage = *state;
  struct browser *browser = enter(stage, COUNTER);
  stage->register_says = NULL;
  const char *code = receive_by_page(stage, browser, household_typed(stage, "means=later&button=receive"));
  browser_get(browser, arena_print(stage->cx->arena, "/mot-cua/ho-so/%s", code));
  assert_shows(browser, "Không thành công");
  assert_shows(browser, "Chưa nộp");
  act(browser, code, "thu-phi", "means=cash&series=A&number=7");
  assert_int_equal(browser->status, 303);
  browser_follow(browser);
  assert_shows(browser, "Đã nộp");
}

/* ---- A scan goes in with the form and is seen by whom it concerns ---- */
static const char multipart[] =
  "--b\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\n%s\r\n--b\r\ncontent-disposition: form-data; name=\"form_id\"\r\n\r\n%s\r\n"
  "--b\r\ncontent-disposition: form-data; name=\"procedure\"\r\n\r\n1.001612\r\n--b\r\ncontent-disposition: form-data; name=\"button\"\r\n\r\nfee\r\n"
  "--b\r\ncontent-disposition: form-data; name=\"components[0].code\"\r\n\r\nrequest\r\n"
  "--b\r\ncontent-disposition: form-data; name=\"scan_0\"; filename=\"don.pdf\"\r\ncontent-type: application/pdf\r\n\r\n%%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%%%EOF\n\r\n--b--\r\n";

static void test_scan(void **state)
{
  struct stage *stage = *state;
  struct browser *browser = enter(stage, COUNTER);
  browser_get(browser, "/mot-cua/tiep-nhan?thu-tuc=1.001612");
  const char *body = arena_print(stage->cx->arena, multipart, browser_input(browser, "csrf"), browser_input(browser, "form_id"));
  browser_send(browser, "POST", "/mot-cua/tiep-nhan", "multipart/form-data; boundary=b", (struct bytes){(const uint8_t *)body, strlen(body)});
  assert_int_equal(browser->status, 200);
  assert_shows(browser, "don.pdf");
  const char *hash = arena_copy(stage->cx->arena, browser_input(browser, "components[0].hash"));
  assert_int_equal(strlen(hash), 64);
  /* Taken in without being compared: refused; compared: kept. */
  browser_post(browser, "/mot-cua/tiep-nhan", household_typed(stage, arena_print(stage->cx->arena, "components[0].hash=%s&means=later&button=receive", hash)));
  assert_shows(browser, "Đối chiếu bản chụp rồi đánh dấu");
  const char *code = receive_by_page(stage, browser, household_typed(stage, arena_print(stage->cx->arena, "components[0].hash=%s&components[0].confirmed=1&means=later&button=receive", hash)));
  const char *path = arena_print(stage->cx->arena, "/mot-cua/ho-so/%s/tep/%s", code, hash);
  browser_get(browser, path);
  assert_int_equal(browser->status, 200);
  assert_string_equal(browser->type, "application/pdf");
  struct browser *stranger = enter(stage, STRANGER);
  browser_get(stranger, path);
  assert_int_equal(stranger->status, 404);
  /* Somebody else's hash is not a way to a scan. */
  const char *stolen = receive_by_page(stage, stranger, household_typed(stage, arena_print(stage->cx->arena, "components[0].hash=%s&components[0].confirmed=1&means=later&button=receive", hash)));
  browser_get(stranger, arena_print(stage->cx->arena, "/mot-cua/ho-so/%s/tep/%s", stolen, hash));
  assert_int_equal(stranger->status, 404);
}

/* ---- Work ---- */
static void test_whole_way(void **state)
{
  struct stage *stage = *state;
  struct browser *counter = enter(stage, COUNTER), *specialist = enter(stage, SPECIALIST), *decider = enter(stage, DECIDER);
  const char *code = receive_by_page(stage, counter, household_typed(stage, "means=cash&series=A&number=1&button=receive"));
  act(counter, code, "chuyen", "");
  browser_get(specialist, "/mot-cua");
  assert_shows(specialist, code);
  act(specialist, code, "nhan-viec", "");
  assert_int_equal(specialist->status, 303);
  act(specialist, code, "trinh", "reason=%C4%90%E1%BB%A7+%C4%91i%E1%BB%81u+ki%E1%BB%87n");
  assert_int_equal(specialist->status, 303);
  act(decider, code, "tra-lai", "");
  assert_int_equal(decider->status, 422);
  assert_shows(decider, "Nhập lý do");
  act(decider, code, "duyet", "");
  assert_int_equal(decider->status, 303);
  browser_get(counter, "/mot-cua?loc=khac");
  assert_shows(counter, code);
  browser_get(counter, arena_print(stage->cx->arena, "/mot-cua/ho-so/%s", code));
  assert_shows(counter, "Đang chờ từ 25/11/2026 08:30");
  stage->fixture.counter.unit = "30307";
  answer_outbox(&stage->fixture, code, "household.register", 200, "{\"state\":\"registered\",\"number\":\"8000123456\",\"registered_on\":\"2026-11-25\"}");
  browser_get(counter, arena_print(stage->cx->arena, "/mot-cua/ho-so/%s", code));
  assert_shows(counter, "8000123456");
  act(counter, code, "tra-ket-qua", "receiver_name=Nguy%E1%BB%85n+Th%E1%BB%8B+%C3%81nh+Tuy%E1%BA%BFt&receiver_identity=000190000123");
  assert_int_equal(counter->status, 303);
  browser_follow(counter);
  assert_shows(counter, "Đã trả kết quả");
  browser_get(counter, "/mot-cua?loc=xong");
  assert_shows(counter, code);
}

static void test_second_officer(void **state)
{
  struct stage *stage = *state;
  struct browser *first = enter(stage, COUNTER), *second = enter(stage, COUNTER);
  const char *code = receive_by_page(stage, first, household_typed(stage, "means=cash&series=A&number=1&button=receive"));
  const char *path = arena_print(stage->cx->arena, "/mot-cua/ho-so/%s", code);
  browser_get(second, path);
  act(first, code, "chuyen", "");
  browser_post(second, arena_print(stage->cx->arena, "%s/yeu-cau-bo-sung", path), "revision=1&reason=thi%E1%BA%BFu+b%E1%BA%A3n+sao");
  assert_int_equal(second->status, 422);
  assert_shows(second, "đã chuyển hồ sơ lúc 25/11/2026 08:30");
}

static void test_third_unit(void **state)
{
  struct stage *stage = *state;
  struct browser *counter = enter(stage, COUNTER), *stranger = enter(stage, STRANGER), *nobody = browser_new(stage->bench);
  const char *code = receive_by_page(stage, counter, household_typed(stage, "means=cash&series=A&number=1&button=receive"));
  const char *path = arena_print(stage->cx->arena, "/mot-cua/ho-so/%s", code);
  browser_get(stranger, path);
  assert_int_equal(stranger->status, 404);
  browser_get(stranger, arena_print(stage->cx->arena, "%s/giay/tiep-nhan", path));
  assert_int_equal(stranger->status, 404);
  browser_get(stranger, "/mot-cua?loc=tat-ca");
  assert_hides(stranger, code);
  browser_get(stranger, "/mot-cua?q=anh+tuyet");
  assert_hides(stranger, code);
  browser_get(stranger, "/mot-cua/tiep-nhan");
  browser_post(stranger, arena_print(stage->cx->arena, "%s/chuyen", path), "revision=1");
  assert_int_equal(stranger->status, 404);
  browser_get(nobody, path);
  assert_int_not_equal(nobody->status, 200);
}

static void test_head(void **state)
{
  struct stage *stage = *state;
  struct browser *counter = enter(stage, COUNTER), *head = enter(stage, HEAD);
  const char *code = receive_by_page(stage, counter, household_typed(stage, "means=cash&series=A&number=1&button=receive"));
  browser_get(head, "/mot-cua/don-vi");
  assert_shows(head, "Phường Long Xuyên");
  browser_get(head, "/mot-cua?don-vi=30307&loc=tat-ca");
  assert_shows(head, code);
  browser_get(head, arena_print(stage->cx->arena, "/mot-cua/ho-so/%s", code));
  assert_int_equal(head->status, 200);
  browser_get(counter, "/mot-cua?don-vi=30682");
  assert_int_equal(counter->status, 404);
  browser_get(counter, "/mot-cua/don-vi");
  assert_int_equal(counter->status, 403);
}

/* ---- Certificate No. 2 ---- */
static void test_second_certificate(void **state)
{
  struct stage *stage = *state;
  struct browser *counter = enter(stage, COUNTER), *specialist = enter(stage, SECOND_SPECIALIST), *decider = enter(stage, SECOND_DECIDER);
  browser_get(counter, "/mot-cua/tiep-nhan?thu-tuc=2.000488");
  assert_shows(counter, "200.000 đồng");
  const char *form = arena_print(stage->cx->arena, "procedure=2.000488&certificate_kind=2&birth_place=An+Giang&%s&%s&means=cash&series=B&number=1&button=receive", person_typed, papers_typed);
  browser_post(counter, "/mot-cua/tiep-nhan", arena_print(stage->cx->arena, "%s&by_other=1&submitter_name=B&submitter_identity=000190000124&authority=kin", form));
  assert_shows(counter, "phải do chính chủ hồ sơ nộp");
  browser_post(counter, "/mot-cua/tiep-nhan", form);
  assert_int_equal(counter->status, 303);
  const char *code = arena_copy(stage->cx->arena, strrchr(counter->location, '/') + 1);
  act(counter, code, "chuyen", "");
  answer_outbox(&stage->fixture, code, "justice.lookup", 200,
                "{\"state\":\"found\",\"reference\":\"L-1\",\"convictions\":[{\"court\":\"TAND\",\"judgment\":\"12/2012\",\"judged_on\":\"2012-03-01\",\"offence\":\"Trộm cắp tài sản\",\"penalty\":\"9 tháng tù\",\"expunged\":true}]}");
  browser_get(counter, arena_print(stage->cx->arena, "/mot-cua/ho-so/%s", code));
  assert_hides(counter, "Trộm cắp");
  assert_hides(counter, "Có thông tin án tích");
  browser_get(specialist, arena_print(stage->cx->arena, "/mot-cua/ho-so/%s", code));
  assert_shows(specialist, "Trộm cắp tài sản");
  act(specialist, code, "trinh", "");
  act(decider, code, "duyet", "");
  assert_int_equal(decider->status, 303);
  const char *paper = arena_print(stage->cx->arena, "/mot-cua/ho-so/%s/giay/ket-qua", code);
  browser_get(counter, paper);
  assert_int_equal(counter->status, 403);
  browser_get(decider, paper);
  assert_int_equal(decider->status, 200);
}

/* ---- A citizen ---- */
static void test_citizen(void **state)
{
  struct stage *stage = *state;
  struct browser *counter = enter(stage, COUNTER), *citizen = browser_new(stage->bench);
  const char *code = receive_by_page(stage, counter, household_typed(stage, "means=later&button=receive"));
  struct dossier dossier = dossier_now(&stage->fixture, code);
  browser_get(citizen, arena_print(stage->cx->arena, "/tra-cuu/%s?k=%s", code, dossier.secret));
  assert_int_equal(citizen->status, 200);
  assert_shows(citizen, "Hồ sơ của ông/bà đã được tiếp nhận");
  assert_shows(citizen, "30/11/2026 08:30");
  assert_shows(citizen, "href=\"tel:02960000307\"");
  assert_hides(citizen, "Tuyết");
  assert_hides(citizen, "000190000123");
  browser_get(citizen, arena_print(stage->cx->arena, "/tra-cuu/%s?k=wrong", code));
  assert_hides(citizen, "đã được tiếp nhận");
  act(counter, code, "yeu-cau-bo-sung", "reason=Mang+b%E1%BA%A3n+sao+c%C4%83n+c%C6%B0%E1%BB%9Bc&missing[0].code=request&missing[2].code=minutes&missing[2].wanted=1");
  browser_get(citizen, "/tra-cuu");
  browser_post(citizen, "/tra-cuu", arena_print(stage->cx->arena, "code=%s&phone=3456", code));
  assert_shows(citizen, "cần bổ sung");
  assert_shows(citizen, "Mang bản sao căn cước");
  assert_shows(citizen, "<li>Biên bản họp thành viên hộ gia đình");
  assert_hides(citizen, "<li>Giấy đề nghị");
  for (int i = 0; i < 6; i++) browser_post(citizen, "/tra-cuu", arena_print(stage->cx->arena, "code=%s&phone=0000", code));
  assert_shows(citizen, "Đã nhập sai nhiều lần");
  browser_post(citizen, "/tra-cuu", arena_print(stage->cx->arena, "code=%s&phone=3456", code));
  assert_hides(citizen, "cần bổ sung");
}

/* ---- The mission's era: districts, the Department of Justice, the forms of 2018 ---- */
static void test_mission(void **state)
{
  struct stage *stage = *state;
  struct browser *counter = enter(stage, COUNTER), *specialist = enter(stage, SPECIALIST);
  browser_get(counter, "/mot-cua/tiep-nhan?thu-tuc=1.001612");
  assert_shows(counter, "Nghị định 01/2021/NĐ-CP");
  assert_shows(counter, "Phường Mỹ Bình");
  assert_hides(counter, "Phường Rạch Giá");
  const char *form = arena_print(stage->cx->arena,
    "procedure=1.001612&%s&business_name=A&business_address=B&business_commune=30280&capital_vnd=1&founded_by=person&sectors[0].code=4711"
    "&sectors[0].name=C&sectors[0].main=1&%s&means=later&button=receive", person_typed, papers_typed);
  const char *code = receive_by_page(stage, counter, form);
  assert_true(text_starts(code, "000.00."));
  act(counter, code, "chuyen", "");
  browser_get(specialist, "/mot-cua");
  assert_shows(specialist, code);
  browser_get(counter, "/mot-cua/tiep-nhan?thu-tuc=2.000488");
  assert_shows(counter, "Nghị định 111/2010/NĐ-CP");
}

/* Every page in English is without a key that has no word. */
static void test_english(void **state)
{
  struct stage *stage = *state;
  struct browser *browser = enter(stage, COUNTER);
  const char *code = receive_by_page(stage, browser, household_typed(stage, "means=cash&series=A&number=1&button=receive"));
  browser_get(browser, "/mot-cua/giay-du-phong");
  browser_post(browser, "/mot-cua/giay-du-phong", "pieces=100");
  const char *reserved = arena_copy(stage->cx->arena, browser->location);
  const char *late = arena_print(stage->cx->arena, "/mot-cua/tiep-nhan?thu-tuc=1.001612&so=%s", strrchr(reserved, '/') + 1);
  const char *voiding = arena_print(stage->cx->arena, "%s?so=%s", reserved, strrchr(reserved, '/') + 1);
  const char *paths[] = {"/mot-cua", "/mot-cua/tiep-nhan", "/mot-cua/tiep-nhan?thu-tuc=1.001612", "/mot-cua/tiep-nhan?thu-tuc=2.000488", "/mot-cua/thu-phi", "/mot-cua/giay-du-phong", reserved, late, voiding,
                         arena_print(stage->cx->arena, "/mot-cua/ho-so/%s", code), arena_print(stage->cx->arena, "/mot-cua/da-tiep-nhan/%s", code), "/tra-cuu"};
  for (int language = 0; language < 2; language++)
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
      browser_get(browser, language ? "/tra-cuu?lang=en" : "/tra-cuu?lang=vi");
      browser_get(browser, paths[i]);
      assert_shows(browser, language ? "lang=\"en\"" : "lang=\"vi\"");
      assert_int_equal(browser->status, 200);
      assert_hides(browser, ">onestop.");
      assert_hides(browser, ">household.");
      assert_hides(browser, ">error.");
      assert_true(strlen(browser->body) < 100000);
    }
}

/* ---- The line was down: numbers on paper, entered when it is back ---- */
static const char *reserve_by_page(struct stage *stage, struct browser *browser)
{
  browser_get(browser, "/mot-cua/giay-du-phong");
  assert_shows(browser, "Đơn vị chưa giữ số nào");
  browser_post(browser, "/mot-cua/giay-du-phong", "pieces=0");
  assert_int_equal(browser->status, 422);
  browser_post(browser, "/mot-cua/giay-du-phong", "pieces=3");
  assert_int_equal(browser->status, 303);
  return arena_copy(stage->cx->arena, strrchr(browser->location, '/') + 1);
}

static const char *late_typed_by(struct stage *stage, const char *number, const char *when, const char *by)
{
  return household_typed(stage, arena_print(stage->cx->arena, "reserved_number=%s&late_us=%s&late_by=%s&means=later&button=receive", number, when, by));
}

static const char *late_typed(struct stage *stage, const char *number, const char *when)
{
  return late_typed_by(stage, number, when, "tam");
}

/* Whoever has the paper asks by its number, before and after it was entered. */
static const char *look_up(struct stage *stage, const char *number, const char *digits)
{
  struct browser *citizen = browser_new(stage->bench);
  browser_post(citizen, "/tra-cuu", arena_print(stage->cx->arena, "code=%s&phone=%s", number, digits));
  return citizen->body;
}

static void test_late_entry(void **state)
{
  struct stage *stage = *state;
  struct arena *arena = stage->cx->arena;
  struct browser *counter = enter(stage, COUNTER), *stranger = enter(stage, STRANGER), *specialist = enter(stage, SPECIALIST);
  web_bench_account(stage->bench, "tam", "counter", "30307");
  const char *first = reserve_by_page(stage, counter), *block = arena_print(arena, "/mot-cua/giay-du-phong/%s", first);
  browser_get(counter, block);
  assert_shows(counter, "3 chưa dùng, 0 đã dùng, 0 đã hủy");
  browser_get(counter, arena_print(arena, "%s/in", block));
  assert_int_equal(counter->status, 200);
  browser_get(stranger, block);
  assert_int_equal(stranger->status, 404);
  browser_get(stranger, arena_print(arena, "%s/in", block));
  assert_int_equal(stranger->status, 404);
  browser_get(specialist, "/mot-cua/giay-du-phong");
  assert_int_equal(specialist->status, 403);
  browser_get(counter, arena_print(arena, "/mot-cua/tiep-nhan?so=%s", first));
  assert_shows(counter, arena_print(arena, "thu-tuc=1.001612&amp;so=%s", first));
  browser_get(counter, arena_print(arena, "/mot-cua/tiep-nhan?thu-tuc=1.001612&so=%s", first));
  assert_shows(counter, "Thời điểm tiếp nhận thật");
  /* What does not fit is told at its field, and what was typed is kept. */
  browser_post(counter, "/mot-cua/tiep-nhan", late_typed(stage, first, ""));
  assert_shows(counter, "Nhập ngày và giờ tiếp nhận ghi trên giấy");
  browser_post(counter, "/mot-cua/tiep-nhan", late_typed(stage, first, "25/11/2026+08:29"));
  assert_shows(counter, "phải sau khi tập số được giữ");
  assert_shows(counter, "25/11/2026 08:29");
  assert_shows(counter, arena_print(arena, "value=\"%s\"", first));
  browser_post(counter, "/mot-cua/tiep-nhan", late_typed(stage, first, "25/11/2026+08:45"));
  assert_shows(counter, "không được ở tương lai");
  browser_post(counter, "/mot-cua/tiep-nhan", late_typed(stage, "", "25/11/2026+08:30"));
  assert_shows(counter, "Nhập số ghi trên giấy dự phòng");
  browser_post(counter, "/mot-cua/tiep-nhan", late_typed(stage, "DP-1", "25/11/2026+08:30"));
  assert_shows(counter, "Không có số này");
  assert_non_null(strstr(look_up(stage, first, "0000"), "đã nhận trên giấy, đang chờ nhập vào hệ thống"));
  assert_null(strstr(look_up(stage, "DP-1", "0000"), "nhận trên giấy"));
  /* Two hours later the line is back. Who received it on paper is chosen among the unit's counter officers. */
  stage->clock.fixed_us += 2 * HOUR_US;
  counter = enter(stage, COUNTER);
  browser_get(counter, block);
  const char *const nobody[] = {"", "bich", "phuc", "khong.co"};
  for (size_t i = 0; i < sizeof nobody / sizeof nobody[0]; i++) {
    browser_post(counter, "/mot-cua/tiep-nhan", late_typed_by(stage, first, "25/11/2026+08:45", nobody[i]));
    assert_shows(counter, "Chọn người đã nhận hồ sơ trên giấy");
  }
  browser_post(counter, "/mot-cua/tiep-nhan", late_typed(stage, first, "25/11/2026+08:45"));
  assert_int_equal(counter->status, 303);
  const char *code = arena_copy(arena, strrchr(counter->location, '/') + 1);
  browser_get(counter, arena_print(arena, "/mot-cua/ho-so/%s", code));
  assert_shows(counter, "Nhập muộn");
  assert_shows(counter, arena_print(arena, "Giấy dự phòng %s: nhập muộn lúc 25/11/2026 10:30, tiếp nhận thật lúc 25/11/2026 08:45", first));
  assert_shows(counter, "30/11/2026 08:45");
  assert_shows(counter, "Người nhận trên giấy: Nguyễn Thị tam");
  struct dossier dossier;
  assert_ok(stage->cx, dossier_get(stage->cx, stage->here.store, code, &dossier));
  assert_string_equal(dossier.received_by, "Nguyễn Thị tam");
  const char *digits = dossier.phone + strlen(dossier.phone) - 4;
  assert_non_null(strstr(look_up(stage, first, digits), code));
  assert_null(strstr(look_up(stage, first, "0001"), code));
  browser_get(counter, "/mot-cua");
  assert_shows(counter, "app-tag--quiet\">Nhập muộn");
  browser_post(counter, "/mot-cua/tiep-nhan", late_typed(stage, first, "25/11/2026+08:45"));
  assert_int_equal(counter->status, 422);
  assert_shows(counter, arena_print(arena, "Số này đã dùng cho hồ sơ %s", code));
  /* One that was spoiled is void, with its reason; the used one can't be. */
  const char *second = arena_print(arena, "%.*s2", (int)strlen(first) - 1, first);
  browser_get(counter, arena_print(arena, "%s?so=%s", block, second));
  assert_shows(counter, arena_print(arena, "Hủy số: %s", second));
  browser_post(counter, arena_print(arena, "%s/huy", block), arena_print(arena, "number=%s&reason=", second));
  assert_int_equal(counter->status, 422);
  browser_post(counter, arena_print(arena, "%s/huy", block), arena_print(arena, "number=%s&reason=%s", first, "x"));
  assert_shows(counter, "Số này đã dùng cho hồ sơ");
  browser_post(counter, arena_print(arena, "%s/huy", block), arena_print(arena, "number=%s&reason=Vi%%E1%%BA%%BFt+h%%E1%%BB%%8Fng", second));
  assert_int_equal(counter->status, 303);
  browser_get(counter, block);
  assert_shows(counter, "1 chưa dùng, 1 đã dùng, 1 đã hủy");
  assert_shows(counter, "Viết hỏng");
}

static int serve(const char *count)
{
  struct stage *stage = stage_make((struct date){2026, 11, 25});
  struct buffer out;
  const struct command_input input = {.args = {.pairs = (const struct form_pair[]){{"count", count}, {"unit", "30307"}}, .count = 2}};
  buffer_init(&out, stage->cx->arena);
  assert_ok(stage->cx, dossier_seed(stage->cx, &stage->here, &input, &out));
  printf("http://127.0.0.1:%d/thu-nghiem/%lld counter, %lld specialist, %lld decider\n", web_bench_port(stage->bench), (long long)account_of(stage, COUNTER),
         (long long)account_of(stage, SPECIALIST), (long long)account_of(stage, DECIDER));
  fflush(stdout);
  pause();
  return 0;
}

int main(int count, char **arguments)
{
  if (count > 1 && text_equal(arguments[1], "serve")) return serve(count > 2 ? arguments[2] : "120");
#define PAGE(test) cmocka_unit_test_setup_teardown(test, setup, end)
  const struct CMUnitTest tests[] = {
    PAGE(test_intake), PAGE(test_faults_keep_what_was_typed), PAGE(test_receive_and_forward), PAGE(test_form_twice), PAGE(test_unreached_register), PAGE(test_scan), PAGE(test_whole_way),
    PAGE(test_second_officer), PAGE(test_third_unit), PAGE(test_head), PAGE(test_second_certificate), PAGE(test_citizen), PAGE(test_late_entry), PAGE(test_english),
    cmocka_unit_test_setup_teardown(test_mission, setup_2021, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
