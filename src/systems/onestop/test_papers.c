/* Each paper of both procedures in both eras, read back with pdftotext. */
#include "systems/onestop/test_support.h"

#include "base/text.h"
#include "systems/onestop/papers.h"
#include <stdio.h>
#include <string.h>

static const char *paper(struct fixture *fixture, const struct person *person, const char *code, enum paper_kind kind)
{
  struct cx *cx = fixture->cx;
  struct paper_facts facts;
  struct bytes pdf;
  cx->person = person;
  assert_ok(cx, paper_gather(cx, &fixture->here, code, kind, &facts));
  assert_ok(cx, paper_draw(cx, &facts, kind, &pdf));
  cx->person = &fixture->counter;
  return paper_text_of(cx, pdf);
}

static void assert_says(const char *text, const char *part)
{
  if (!strstr(text, part)) fprintf(stderr, "missing: %s\nin: %s\n", part, text);
  assert_non_null(strstr(text, part));
}

static void test_receipt(void **state)
{
  struct fixture *fixture = fixture_of(state);
  const char *code = receive_household(fixture);
  const char *text = paper(fixture, &fixture->counter, code, PAPER_RECEIPT);
  assert_says(text, code);
  assert_says(text, "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ");
  assert_says(text, "Thông tư 03/2025/TT-VPCP");
  assert_says(text, "NGUYỄN THỊ ÁNH TUYẾT");
  assert_says(text, "Giấy đề nghị đăng ký hộ kinh doanh");
  assert_says(text, "30/11/2026 08:30");
  assert_says(text, "100.000 đồng");
  assert_says(text, "Phường Long Xuyên");
}

/* Both times of a late entry, still on one page. */
static void test_receipt_of_a_late_entry(void **state)
{
  struct fixture *fixture = fixture_of(state);
  const char *number, *code = receive_late(fixture, &number);
  const char *text = paper(fixture, &fixture->counter, code, PAPER_RECEIPT);
  assert_says(text, number);
  assert_says(text, "Nhận hồ sơ lúc: 25/11/2026 09:30");
  assert_says(text, "nhập muộn lúc 27/11/2026 08:30");
  assert_says(text, "30/11/2026 09:30");
}

static void test_receipt_of_the_mission(void **state)
{
  struct fixture *fixture = fixture_of(state);
  const char *text = paper(fixture, &fixture->counter, receive_justice(fixture, "1"), PAPER_RECEIPT);
  assert_says(text, "Thông tư 01/2018/TT-VPCP");
  assert_says(text, "Thành phố Long Xuyên");
  assert_says(text, "Sở Tư pháp");
}

static void test_notices(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  struct paper_facts facts;
  struct act_component wanted[] = {{"request", false}, {"minutes", true}};
  const struct act_form reason = {.reason = "Thiếu biên bản họp thành viên hộ gia đình", .missing = {wanted, 2}};
  const char *code = receive_household(fixture);
  assert_int_equal(paper_gather(cx, &fixture->here, code, PAPER_SUPPLEMENT, &facts), ERR_NOT_FOUND);
  assert_ok(cx, act_as(fixture, &fixture->counter, code, "supplement", &reason));
  const char *text = paper(fixture, &fixture->counter, code, PAPER_SUPPLEMENT);
  assert_says(text, "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ");
  assert_says(text, "Thiếu biên bản họp thành viên hộ gia đình");
  assert_says(text, "Biên bản họp thành viên hộ gia đình về");
  assert_null(strstr(text, "Giấy đề nghị"));
  const char *refused = receive_household(fixture);
  assert_ok(cx, act_as(fixture, &fixture->counter, refused, "refuse", &reason));
  assert_says(paper(fixture, &fixture->counter, refused, PAPER_REFUSAL), "PHIẾU TỪ CHỐI TIẾP NHẬN GIẢI QUYẾT HỒ SƠ");
}

static void test_household_certificate(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  const char *code = receive_household(fixture);
  assert_ok(cx, act_as(fixture, &fixture->counter, code, "forward", NULL));
  assert_ok(cx, act_as(fixture, &fixture->specialist, code, "propose", NULL));
  assert_ok(cx, act_as(fixture, &fixture->decider, code, "approve", NULL));
  answer_outbox(fixture, code, "household.register", 200, "{\"state\":\"registered\",\"number\":\"8000123456\",\"registered_on\":\"2026-11-25\"}");
  const char *text = paper(fixture, &fixture->counter, code, PAPER_RESULT);
  assert_says(text, "GIẤY CHỨNG NHẬN ĐĂNG KÝ HỘ KINH DOANH");
  assert_says(text, "8000123456");
  assert_says(text, "HỘ KINH DOANH BẢY NÚI");
  assert_says(text, "Số 5 khóm Đông Thịnh, phường Long Xuyên, tỉnh An Giang");
  assert_says(text, "150.000.000 đồng");
  assert_says(text, "TM. ỦY BAN NHÂN DÂN");
  assert_says(text, "Lê Hoàng Minh");
}

static const char finding[] =
  "{\"reference\":\"L-8\",\"state\":\"found\",\"convictions\":[{\"court\":\"TAND huyện Thoại Sơn\",\"judgment\":\"12/2012/HSST\",\"judged_on\":\"2012-03-01\","
  "\"offence\":\"Trộm cắp tài sản\",\"penalty\":\"9 tháng tù\",\"expunged\":true}]}";

static const char *finish_justice(struct fixture *fixture, const char *kind, const char *answer)
{
  struct cx *cx = fixture->cx;
  const char *code = receive_justice(fixture, kind);
  assert_ok(cx, act_as(fixture, &fixture->counter, code, "forward", NULL));
  answer_outbox(fixture, code, "justice.lookup", 200, answer);
  assert_ok(cx, act_as(fixture, &fixture->second_specialist, code, "propose", NULL));
  assert_ok(cx, act_as(fixture, &fixture->second_decider, code, "approve", NULL));
  return code;
}

static void test_justice_certificates(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  struct paper_facts facts;
  const char *first = finish_justice(fixture, "1", "{\"state\":\"clean\",\"reference\":\"L-1\"}"), *second = finish_justice(fixture, "2", finding);
  const char *text = paper(fixture, &fixture->counter, first, PAPER_RESULT);
  assert_says(text, "PHIẾU LÝ LỊCH TƯ PHÁP");
  assert_says(text, "Không có án tích");
  assert_says(text, "CÔNG AN TỈNH AN GIANG");
  assert_int_equal(paper_gather(cx, &fixture->here, second, PAPER_RESULT, &facts), ERR_FORBIDDEN);
  text = paper(fixture, &fixture->second_decider, second, PAPER_RESULT);
  assert_says(text, "Trộm cắp tài sản");
  assert_says(text, "Đã được xóa án"); /* the cell folds its text */
  cx->person = &fixture->stranger;
  assert_int_equal(paper_gather(cx, &fixture->here, first, PAPER_RECEIPT, &facts), ERR_NOT_FOUND);
}

static void test_lookup_url(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct dossier dossier = dossier_now(fixture, receive_household(fixture));
  const char *url = lookup_url(fixture->cx->arena, &fixture->here, &dossier);
  assert_true(text_starts(url, arena_print(fixture->cx->arena, "https://motcua.example/tra-cuu/%s?k=", dossier.code)));
  assert_int_equal(strlen(dossier.secret), 22);
}

int main(void)
{
  const struct CMUnitTest tests[] = {TODAY(test_receipt), TODAY(test_receipt_of_a_late_entry), MISSION(test_receipt_of_the_mission), TODAY(test_notices), TODAY(test_household_certificate),
                                     TODAY(test_justice_certificates), TODAY(test_lookup_url)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
