/* Which new passwords are refused, and by which rule. */
#include "people/test_support.h"

#include "base/text.h"
#include "people/people_inner.h"
#include <string.h>

static const struct account officer = {.id = 7, .name = "duyen.ttm", .full_name = "Trần Thị Mỹ Duyên", .email = "myduyen1985@angiang.example",
                                       .phone = "0912 345 867"};
static const char *const units[] = {"Tỉnh An Giang", "Đặc khu Phú Quốc", "Trung tâm Phục vụ hành chính công phường Rạch Giá", NULL};

/* The rule that refused, or "" */
static const char *refused_by(struct cx *cx, const char *password)
{
  enum err err = password_check_rule(cx, &officer, units, password);
  if (!err) return "";
  assert_int_equal(err, ERR_INPUT);
  assert_int_equal(cx->problems.count, 1);
  assert_string_equal(cx->problems.items[0].field, "password");
  const char *key = cx->problems.items[0].key;
  cx_reset_problems(cx);
  assert_true(text_starts(key, "account.error.password_"));
  return key + strlen("account.error.password_");
}

static void test_which_rule(void **state)
{
  static const struct { const char *password, *rule; } cases[] = {
    /* Length, as before. */
    {"ngắn quá", "short"}, {"k7#Qz!x2w", "short"}, {"Duyen.TTM.", "context"},
    /* Common, leaked, rows of keys, dates, repetitions, signs for letters. */
    {"password1234", "common"}, {"P@ssw0rd123", "common"}, {"1234567890", "common"}, {"qwertyuiop", "common"}, {"1qaz2wsx3edc", "common"},
    {"iloveyou12", "common"}, {"trustno1234", "common"}, {"superman1234", "common"}, {"aaaaaaaaaaaa", "common"}, {"abcdefghijkl", "common"},
    {"24112026ab", "common"}, {"vietnam2026", "common"}, {"0987654321", "common"}, {"letmein12345", "common"}, {"Football2024", "common"},
    /* Common in Vietnamese, with and without its marks. */
    {"matkhau123", "common"}, {"Matkhau@123", "common"}, {"Mật khẩu 123", "common"}, {"mậtkhẩu2026", "common"}, {"anhyeuem123", "common"},
    {"Anh yêu em 123", "common"}, {"conyeume1990", "common"}, {"mật khẩu đủ dài", "common"},
    /* Of the house and of the account. */
    {"Motcua@AnGiang2026", "context"}, {"truc.motcua.91", "context"}, {"canbo.tiepnhan", "context"}, {"C@nb0Ti3pNh@n", "context"},
    {"Trần Thị Mỹ Duyên", "context"}, {"tranthimyduyen", "context"}, {"MyDuyen@AnGiang", "context"}, {"Duyen-RachGia-1", "context"},
    {"rachgia@myduyen", "context"}, {"DacKhuPhuQuoc1", "context"}, {"myduyen1985angiang", "context"}, {"0912345867duyen", "context"},
    {"+84912345867vn", "context"}, {"Hành chính công Rạch Giá", "context"},
    /* Good ones: random, and words that have nothing to do with each other. */
    {"7hwq-x3kp-9dmz-b4tv", ""}, {"đủ dài rồi", ""}, {"đêm trăng bên sông", ""}, {"correct horse battery staple", ""}, {"con meo tren cay", ""},
    {"#$%^~|{>?!;:", ""}, {"duyên nợ ba sinh với cây bút chì", ""},
  };
  struct cx *cx = cx_new_alone(&(struct clock){0}, NULL);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const char *rule = refused_by(cx, cases[i].password);
    if (!text_equal(rule, cases[i].rule)) print_error("%s: %s instead of %s\n", cases[i].password, rule, cases[i].rule);
    assert_string_equal(rule, cases[i].rule);
  }
  cx_free_alone(cx);
}

static void test_length_and_name(void **state)
{
  struct cx *cx = cx_new_alone(&(struct clock){0}, NULL);
  const struct account other = {.name = "xk7q.w2mz.r9tb"};
  char *longest = arena_alloc(cx->arena, PASSWORD_MAX + 2);
  for (int i = 0; i < PASSWORD_MAX + 1; i++) longest[i] = "k7#Qz!x2wM"[(i * 7 + i / 10) % 10];
  assert_string_equal(refused_by(cx, longest), "long");
  longest[PASSWORD_MAX] = '\0';
  assert_string_equal(refused_by(cx, longest), "");
  assert_int_equal(password_check_rule(cx, &other, NULL, "XK7q.W2mz.R9tb"), ERR_INPUT);
  assert_problem(cx, "account.error.password_name", "password");
  assert_int_equal(password_check_rule(cx, &other, NULL, NULL), ERR_INPUT);
  assert_problem(cx, "account.error.password_short", "password");
  cx_free_alone(cx);
}

static void test_made_ones_pass(void **state)
{
  struct cx *cx = cx_new_alone(&(struct clock){0}, NULL);
  for (int i = 0; i < 300; i++) {
    const char *made = password_make(cx->arena);
    assert_int_equal(strlen(made), 19);
    assert_null(strpbrk(made, "ilo01"));
    assert_string_equal(refused_by(cx, made), "");
  }
  cx_free_alone(cx);
}

/* The units come from the roles that the account holds, with those above them. */
static void test_units_of_the_account(void **state)
{
  struct fixture *f = fixture_of(state);
  static const char csv[] = "code,name,type,parent_code,level,valid_from,valid_to\n91,Tỉnh An Giang,tỉnh,,province,,\n"
                            "30292,Xã Vĩnh Xương,xã,91,commune,,\n30337,Xã Châu Phong,xã,91,commune,,\n";
  int64_t count, id;
  assert_int_equal(unit_import(f->cx, f->people, bytes_of(csv), &count), OK);
  const struct account account = {.name = "canbo", .full_name = "Lê Hoàng Minh"};
  assert_int_equal(account_add(f->cx, f->people, &account, "angiang-canbo", NULL, &id), ERR_INPUT);
  assert_problem(f->cx, "account.error.password_context", "password");
  assert_int_equal(account_add(f->cx, f->people, &account, "VinhXuong&ChauPhong", NULL, &id), OK);
  const struct role_row role = {.account = id, .role = ROLE_COUNTER, .unit = "30292", .valid_from = 0, .valid_to = NONE_DATE};
  assert_int_equal(role_give(f->cx, f->people, &role), OK);
  assert_int_equal(account_set_password(f->cx, f->people, id, "VinhXuong.AnGiang"), ERR_INPUT);
  assert_problem(f->cx, "account.error.password_context", "password");
  assert_int_equal(account_change_password(f->cx, f->people, id, "VinhXuong&ChauPhong", "Xã Vĩnh Xương 91"), ERR_INPUT);
  assert_problem(f->cx, "account.error.password_context", "password");
  assert_int_equal(account_change_password(f->cx, f->people, id, "VinhXuong&ChauPhong", "bảy con thuyền gỗ"), OK);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_which_rule), cmocka_unit_test(test_length_and_name), cmocka_unit_test(test_made_ones_pass),
    ON_BOTH(test_units_of_the_account),
  };
  return cmocka_run_group_tests_name("people_password_rule", tests, NULL, NULL);
}
