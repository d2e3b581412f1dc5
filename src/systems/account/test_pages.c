/* The pages as a browser sees them: in and out, one's own account, and what an administrator may do and nobody else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include "store/testing.h"
#include "systems/account/account.h"
#include "web/testing.h"
#include <stdlib.h>
#include <string.h>

#define GOOD "dem+trang+ben+song"

static const struct permission other_permissions[] = {
  {"onestop.list", ROLE_COUNTER, "x"}, {"operator.look", ROLE_OPERATOR, "x"}, {NULL, NULL, NULL}};

struct fixture { struct clock clock; struct cx *cx; struct here here; struct web_bench *bench; int64_t officer, admin; };

static int setup(void **state)
{
  static const struct permission *tables[2] = {NULL, other_permissions};
  struct fixture *f = calloc(1, sizeof *f);
  if (!f) return -1;
  *state = f;
  tables[0] = account_system.permissions;
  f->clock.fixed_us = time_from_days(date_to_days((struct date){2026, 11, 25}), 480);
  f->cx = cx_new_alone(&f->clock, NULL);
  f->bench = web_bench_open(f->cx, &f->clock, tables, 2);
  const char *data = getenv("TRUC_DATA");
  f->here = (struct here){.system = "account", .people = web_bench_people(f->bench), .data_folder = data ? data : "data"};
  if (account_system.open(f->cx, &f->here)) return -1;
  f->officer = web_bench_account(f->bench, "canbo", ROLE_COUNTER, "91");
  f->admin = web_bench_account(f->bench, "quantri", ROLE_ADMIN, "91");
  const struct web_system system = {.here = &f->here, .pages = account_system.pages, .page_count = account_system.page_count,
                                    .html = account_system.html, .words = account_system.words, .words_count = account_system.words_count};
  web_bench_serve(f->bench, &system, 1, NULL);
  return 0;
}

static int teardown(void **state)
{
  struct fixture *f = *state;
  web_bench_close(f->bench);
  cx_free_alone(f->cx);
  free(f);
  return 0;
}

static void assert_has(const struct browser *browser, const char *text)
{
  if (!strstr(browser->body, text)) fail_msg("status %d, not on the page: %s", browser->status, text);
}

static void assert_has_not(const struct browser *browser, const char *text)
{
  if (strstr(browser->body, text)) fail_msg("on the page: %s", text);
}

static struct browser *logged_in(struct fixture *f, int64_t account)
{
  struct browser *browser = browser_new(f->bench);
  browser_log_in(browser, account);
  return browser;
}

static void assert_redirect(const struct browser *browser, const char *to)
{
  assert_int_equal(browser->status, 303);
  assert_string_equal(browser->location, to);
}

static void test_front(void **state)
{
  struct fixture *f = *state;
  struct browser *nobody = browser_new(f->bench);
  browser_get(nobody, "/");
  assert_int_equal(nobody->status, 200);
  assert_has(nobody, "href=\"/tra-cuu\"");
  assert_has(nobody, "href=\"/dang-nhap\"");
  struct browser *officer = logged_in(f, f->officer);
  browser_get(officer, "/");
  assert_has(officer, "href=\"/mot-cua\"");
  assert_has_not(officer, "href=\"/van-hanh\"");
  assert_has_not(officer, "href=\"/quan-tri/tai-khoan\"");
  struct browser *admin = logged_in(f, f->admin);
  browser_get(admin, "/");
  assert_has(admin, "href=\"/quan-tri/tai-khoan\"");
  assert_has_not(admin, "href=\"/mot-cua\"");
}

static void test_texts_in_both_languages(void **state)
{
  struct fixture *f = *state;
  static const struct { const char *path, *text; } cases[] = {
    {"/rieng-tu", "Ai được xem"}, {"/rieng-tu?lang=en", "Who may see it"}, {"/tiep-can?lang=vi", "WCAG 2.2"}, {"/tiep-can?lang=en", "screen reader"},
  };
  struct browser *nobody = browser_new(f->bench);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    browser_get(nobody, cases[i].path);
    if (nobody->status == 303) browser_follow(nobody); /* the language goes into a cookie */
    assert_int_equal(nobody->status, 200);
    assert_has(nobody, cases[i].text);
  }
}

static void test_log_in_and_out(void **state)
{
  struct fixture *f = *state;
  struct browser *browser = browser_new(f->bench);
  browser_get(browser, "/tai-khoan");
  assert_redirect(browser, "/dang-nhap");
  browser_follow(browser);
  assert_has(browser, "autocomplete=\"one-time-code\"");
  browser_post(browser, "/dang-nhap", "name=canbo&password=sai+mat+khau");
  assert_int_equal(browser->status, 422);
  assert_has(browser, "value=\"canbo\"");
  assert_has_not(browser, "sai mat khau");
  assert_has(browser, "mỗi mã xác thực chỉ dùng được một lần");
  browser_post(browser, "/dang-nhap", "name=&password=");
  assert_int_equal(browser->status, 422);
  assert_has(browser, "field-name-error");
  browser_post(browser, "/dang-nhap", "name=canbo&password=" GOOD);
  assert_redirect(browser, "/tai-khoan"); /* where one wanted to be */
  browser_follow(browser);
  assert_int_equal(browser->status, 200);
  assert_has(browser, "Cán bộ tiếp nhận");
  assert_has(browser, "127.0.0.1");
  browser_post(browser, "/dang-xuat", "");
  assert_redirect(browser, "/");
  browser_get(browser, "/tai-khoan");
  assert_redirect(browser, "/dang-nhap");
}

static void test_nobody_gets_in_without_a_role(void **state)
{
  struct fixture *f = *state;
  const struct account account = {.name = "khongvai", .full_name = "Không Có Vai"};
  struct browser *browser = browser_new(f->bench);
  int64_t id;
  assert_int_equal(account_add(f->cx, f->here.people, &account, "dem trang ben song", NULL, &id), OK);
  browser_get(browser, "/dang-nhap");
  browser_post(browser, "/dang-nhap", "name=khongvai&password=" GOOD);
  assert_int_equal(browser->status, 422);
  assert_has(browser, "không có vai trò nào");
}

static void test_choosing_a_unit(void **state)
{
  struct fixture *f = *state;
  int64_t id = web_bench_account(f->bench, "haidonvi", ROLE_COUNTER, "30292");
  const struct role_row role = {.account = id, .role = ROLE_HEAD, .unit = "91", .valid_from = 0, .valid_to = NONE_DATE};
  assert_int_equal(role_give(f->cx, f->here.people, &role), OK);
  struct browser *browser = browser_new(f->bench);
  browser_get(browser, "/tai-khoan/mat-khau");
  browser_get(browser, "/dang-nhap");
  browser_post(browser, "/dang-nhap", "name=haidonvi&password=" GOOD);
  assert_redirect(browser, "/tai-khoan/don-vi");
  browser_follow(browser);
  assert_has(browser, "Phường Bình Đức · Cán bộ tiếp nhận");
  assert_has(browser, "Tỉnh An Giang · Trưởng đơn vị");
  browser_post(browser, "/tai-khoan/don-vi", "unit=89");
  assert_int_equal(browser->status, 422);
  browser_post(browser, "/tai-khoan/don-vi", "unit=91");
  assert_redirect(browser, "/tai-khoan/mat-khau");
  browser_get(browser, "/");
  assert_has(browser, "app-header__unit\">Tỉnh An Giang<");
}

static void test_sessions(void **state)
{
  struct fixture *f = *state;
  int64_t id = web_bench_account(f->bench, "haimay", ROLE_COUNTER, "91");
  struct browser *mine = logged_in(f, id), *lost = logged_in(f, id), *stranger = logged_in(f, f->officer);
  browser_get(lost, "/tai-khoan");
  browser_get(mine, "/tai-khoan");
  const char *key = browser_input(mine, "key");
  assert_non_null(key);
  browser_get(stranger, "/tai-khoan");
  browser_post(stranger, "/tai-khoan/phien", arena_print(f->cx->arena, "key=%s", key));
  assert_int_equal(stranger->status, 404);
  browser_post(mine, "/tai-khoan/phien", arena_print(f->cx->arena, "key=%s", key));
  assert_redirect(mine, "/tai-khoan");
  browser_get(mine, "/tai-khoan");
  browser_get(lost, "/tai-khoan");
  assert_true((mine->status == 200) != (lost->status == 200));
}

static void test_changing_the_password(void **state)
{
  struct fixture *f = *state;
  int64_t id = web_bench_account(f->bench, "doimatkhau", ROLE_COUNTER, "91");
  struct browser *mine = logged_in(f, id), *other = logged_in(f, id);
  browser_get(mine, "/tai-khoan/mat-khau");
  browser_post(mine, "/tai-khoan/mat-khau", "old_password=" GOOD "&password=bay+con+thuyen+go&again=khac");
  assert_int_equal(mine->status, 422);
  assert_has(mine, "field-again-error");
  browser_post(mine, "/tai-khoan/mat-khau", "old_password=sai&password=bay+con+thuyen+go&again=bay+con+thuyen+go");
  assert_int_equal(mine->status, 422);
  assert_has(mine, "field-old_password-error");
  browser_post(mine, "/tai-khoan/mat-khau", "old_password=" GOOD "&password=Matkhau%40123&again=Matkhau%40123");
  assert_has(mine, "field-password-error");
  assert_has(mine, "danh sách mật khẩu thường gặp hoặc đã lộ");
  browser_post(mine, "/tai-khoan/mat-khau", "old_password=" GOOD "&password=truc-motcua-canbo&again=truc-motcua-canbo");
  assert_has(mine, "ghép từ tên, đơn vị, số điện thoại");
  browser_post(mine, "/tai-khoan/mat-khau", "old_password=" GOOD "&password=bay+con+thuyen+go&again=bay+con+thuyen+go");
  assert_redirect(mine, "/tai-khoan");
  browser_get(mine, "/tai-khoan");
  assert_int_equal(mine->status, 200);
  browser_get(other, "/tai-khoan");
  assert_int_equal(other->status, 303);
}

/* ---- The administrator ---- */

static void test_others_may_not(void **state)
{
  struct fixture *f = *state;
  static const char *const paths[] = {"/quan-tri/tai-khoan", "/quan-tri/tai-khoan-moi", "/quan-tri/tai-khoan/quantri", "/quan-tri/nhat-ky/quantri"};
  struct browser *officer = logged_in(f, f->officer), *nobody = browser_new(f->bench);
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
    browser_get(officer, paths[i]);
    assert_int_equal(officer->status, 403);
    browser_get(nobody, paths[i]);
    assert_int_equal(nobody->status, 303);
  }
  browser_get(officer, "/quan-tri/lich");
  assert_int_equal(officer->status, 200);
  browser_post(officer, "/quan-tri/lich", "day=24%2F12%2F2026&kind=holiday&name=x&legal_basis=y");
  assert_int_equal(officer->status, 403);
}

static void test_a_new_account(void **state)
{
  struct fixture *f = *state;
  struct browser *admin = logged_in(f, f->admin);
  struct account account;
  browser_get(admin, "/quan-tri/tai-khoan-moi");
  browser_post(admin, "/quan-tri/tai-khoan-moi", "name=moi.tao&full_name=L%C3%AA+Minh&role=counter&unit=89&totp=1&email=khong");
  assert_int_equal(admin->status, 422);
  assert_has(admin, "value=\"moi.tao\"");
  assert_has(admin, "field-email-error");
  browser_post(admin, "/quan-tri/tai-khoan-moi", "name=moi.tao&full_name=L%C3%AA+Minh&role=counter&unit=89&totp=1");
  assert_int_equal(admin->status, 422);
  assert_has(admin, "field-unit-error"); /* 89 ceased in 2025 */
  browser_post(admin, "/quan-tri/tai-khoan-moi", "name=moi.tao&full_name=L%C3%AA+Minh&role=counter&unit=91&totp=1");
  assert_int_equal(admin->status, 200);
  assert_has(admin, "otpauth://totp/Truc:moi.tao?secret=");
  assert_has(admin, "app-code");
  assert_int_equal(account_by_name(f->cx, f->here.people, "moi.tao", &account), OK);
  assert_true(account.totp);
  browser_get(admin, "/quan-tri/tai-khoan/moi.tao");
  assert_has(admin, "Lê Minh");
  assert_has_not(admin, "otpauth");
  browser_get(admin, "/quan-tri/nhat-ky/moi.tao");
  assert_has(admin, "Tạo tài khoản");
  assert_has(admin, "Xem tài khoản");
  assert_has(admin, "Tên đăng nhập:</span> moi.tao");
  assert_has_not(admin, "<code>");
  assert_has(admin, "Nguyễn Thị quantri");
}

static void test_locking(void **state)
{
  struct fixture *f = *state;
  int64_t id = web_bench_account(f->bench, "bikhoa", ROLE_COUNTER, "91");
  struct browser *admin = logged_in(f, f->admin), *locked = logged_in(f, id);
  browser_get(admin, "/quan-tri/tai-khoan/bikhoa");
  browser_post(admin, "/quan-tri/tai-khoan/bikhoa/khoa", "locked=1");
  assert_redirect(admin, "/quan-tri/tai-khoan/bikhoa");
  browser_get(locked, "/tai-khoan");
  assert_int_equal(locked->status, 303);
  browser_follow(admin);
  assert_has(admin, "Đã khóa tài khoản của Nguyễn Thị bikhoa.");
  browser_post(admin, "/quan-tri/tai-khoan/bikhoa/khoa", "locked=0");
  assert_int_equal(admin->status, 303);
  browser_get(admin, "/quan-tri/tai-khoan/quantri");
  assert_has_not(admin, "/quan-tri/tai-khoan/quantri/khoa");
  browser_post(admin, "/quan-tri/tai-khoan/quantri/khoa", "locked=1");
  assert_int_equal(admin->status, 403);
}

static void test_roles(void **state)
{
  struct fixture *f = *state;
  struct person *person;
  int64_t id = web_bench_account(f->bench, "vaitro", ROLE_COUNTER, "91");
  struct browser *admin = logged_in(f, f->admin);
  browser_get(admin, "/quan-tri/nhat-ky/vaitro");
  assert_has(admin, "Từ ngày:</span> Từ trước đến nay");
  browser_get(admin, "/quan-tri/tai-khoan/vaitro");
  assert_has(admin, "Từ trước đến nay");
  assert_has_not(admin, "01/01/1970");
  browser_post(admin, "/quan-tri/tai-khoan/vaitro/vai-tro", "role=head&unit=000&valid_from=&valid_to=");
  assert_int_equal(admin->status, 422);
  assert_has(admin, "field-unit-error");
  browser_post(admin, "/quan-tri/tai-khoan/vaitro/vai-tro", "role=head&unit=30292&valid_from=25%2F11%2F2026&valid_to=24%2F11%2F2026");
  assert_int_equal(admin->status, 422);
  assert_has(admin, "value=\"24/11/2026\"");
  browser_post(admin, "/quan-tri/tai-khoan/vaitro/vai-tro", "role=head&unit=30292&valid_from=25%2F11%2F2026&valid_to=");
  assert_int_equal(admin->status, 303);
  assert_int_equal(person_load(f->cx, f->here.people, id, "30292", &person), OK);
  browser_follow(admin);
  browser_post(admin, "/quan-tri/tai-khoan/vaitro/vai-tro/ket-thuc", "role=head&unit=30292");
  assert_int_equal(admin->status, 303);
  assert_int_equal(person_load(f->cx, f->here.people, id, "30292", &person), ERR_NOT_FOUND);
  browser_get(admin, "/quan-tri/tai-khoan/quantri");
  browser_post(admin, "/quan-tri/tai-khoan/quantri/vai-tro/ket-thuc", "role=admin&unit=91");
  assert_int_equal(admin->status, 403);
}

static void test_new_secrets(void **state)
{
  struct fixture *f = *state;
  struct account account;
  web_bench_account(f->bench, "quenmatkhau", ROLE_COUNTER, "91");
  struct browser *admin = logged_in(f, f->admin);
  browser_get(admin, "/quan-tri/tai-khoan/quenmatkhau");
  browser_post(admin, "/quan-tri/tai-khoan/quenmatkhau/mat-khau", "");
  assert_int_equal(admin->status, 200);
  assert_has(admin, "app-code");
  browser_get(admin, "/quan-tri/tai-khoan/quenmatkhau");
  browser_post(admin, "/quan-tri/tai-khoan/quenmatkhau/ma-xac-thuc", "");
  assert_has(admin, "otpauth://totp/Truc:quenmatkhau?secret=");
  assert_int_equal(account_by_name(f->cx, f->here.people, "quenmatkhau", &account), OK);
  assert_true(account.totp);
}

static void test_list_by_key(void **state)
{
  struct fixture *f = *state;
  struct browser *admin = logged_in(f, f->admin);
  browser_get(admin, "/quan-tri/tai-khoan");
  assert_has(admin, "href=\"/quan-tri/tai-khoan/canbo\"");
  browser_get(admin, "/quan-tri/tai-khoan?sau=canbo");
  assert_has_not(admin, "href=\"/quan-tri/tai-khoan/canbo\"");
  assert_has(admin, "href=\"/quan-tri/tai-khoan/quantri\"");
  browser_get(admin, "/quan-tri/tai-khoan/khongco");
  assert_int_equal(admin->status, 404);
}

static void test_units(void **state)
{
  struct fixture *f = *state;
  struct browser *officer = logged_in(f, f->officer);
  browser_get(officer, "/quan-tri/don-vi");
  assert_has(officer, "Tỉnh An Giang");
  assert_has(officer, "Bộ Tư pháp");
  assert_has_not(officer, "Tỉnh Kiên Giang");
  browser_get(officer, "/quan-tri/don-vi?ngay=2020-11-05");
  assert_has(officer, "Tỉnh Kiên Giang");
  browser_get(officer, "/quan-tri/don-vi?ma=883&ngay=05%2F11%2F2020");
  assert_has(officer, "Thành phố Long Xuyên");
  assert_has(officer, "Phường Bình Khánh");
  assert_has(officer, "Phòng Tài chính – Kế hoạch thành phố Long Xuyên");
  assert_has(officer, "000.00.31.H01");
  browser_get(officer, "/quan-tri/don-vi?tim=binh+duc&ngay=25%2F11%2F2026");
  assert_has(officer, "Phường Bình Đức");
  assert_has(officer, "Tìm thấy 1 đơn vị");
  browser_get(officer, "/quan-tri/don-vi?tim=khong+co+dau");
  assert_has(officer, "Không có đơn vị nào khớp");
  browser_get(officer, "/quan-tri/don-vi?ma=883");
  assert_int_equal(officer->status, 200);
  assert_has(officer, "Không có đơn vị mã này");
}

static void test_calendar(void **state)
{
  struct fixture *f = *state;
  struct browser *admin = logged_in(f, f->admin);
  browser_get(admin, "/quan-tri/lich?nam=2025");
  assert_has(admin, "Thứ Sáu, 02/05/2025");
  assert_has(admin, "Ngày làm bù");
  assert_has(admin, "07:00–11:00, 13:00–17:00");
  browser_post(admin, "/quan-tri/lich", "day=31%2F02%2F2026&kind=holiday&name=x&legal_basis=y");
  assert_int_equal(admin->status, 422);
  assert_has(admin, "value=\"31/02/2026\"");
  browser_post(admin, "/quan-tri/lich", "day=24%2F12%2F2026&kind=holiday&name=Ng%C3%A0y+c%E1%BB%A7a+t%E1%BB%89nh&legal_basis=y");
  assert_redirect(admin, "/quan-tri/lich?nam=2026");
  assert_false(calendar_works(people_calendar(f->here.people), date_to_days((struct date){2026, 12, 24})));
  browser_follow(admin);
  assert_has(admin, "Ngày của tỉnh");
  browser_post(admin, "/quan-tri/lich/bo", "day=2026-12-24");
  assert_int_equal(admin->status, 303);
  assert_true(calendar_works(people_calendar(f->here.people), date_to_days((struct date){2026, 12, 24})));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_front), cmocka_unit_test(test_texts_in_both_languages), cmocka_unit_test(test_log_in_and_out),
    cmocka_unit_test(test_nobody_gets_in_without_a_role), cmocka_unit_test(test_choosing_a_unit), cmocka_unit_test(test_sessions),
    cmocka_unit_test(test_changing_the_password), cmocka_unit_test(test_others_may_not), cmocka_unit_test(test_a_new_account),
    cmocka_unit_test(test_locking), cmocka_unit_test(test_roles), cmocka_unit_test(test_new_secrets), cmocka_unit_test(test_list_by_key),
    cmocka_unit_test(test_units), cmocka_unit_test(test_calendar),
  };
  return cmocka_run_group_tests_name("account_pages", tests, setup, teardown);
}
