/* One-time codes against the values of RFC 6238, appendix B, and passwords against themselves. */
#include "people/test_support.h"

#include "base/text.h"
#include "people/people_inner.h"
#include <string.h>

static const uint8_t secret[20] = "12345678901234567890";

static void test_codes_of_the_standard(void **state)
{
  static const struct { int64_t time_s; const char *code; } cases[] = {
    {59, "287082"}, {1111111109, "081804"}, {1111111111, "050471"}, {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char code[7];
    totp_code(secret, sizeof secret, cases[i].time_s * SECOND_US, code);
    assert_string_equal(code, cases[i].code);
  }
}

static void test_one_step_of_tolerance(void **state)
{
  int64_t now = 1111111111 * SECOND_US, step = 1111111111 / 30;
  for (int apart = -2; apart <= 2; apart++) {
    char code[7];
    totp_code(secret, sizeof secret, now + apart * 30 * SECOND_US, code);
    assert_int_equal(totp_step_of(secret, sizeof secret, now, code), apart >= -1 && apart <= 1 ? step + apart : -1);
  }
  assert_int_equal(totp_step_of(secret, sizeof secret, now, ""), -1);
  assert_int_equal(totp_step_of(secret, sizeof secret, now, "05047"), -1);
  assert_int_equal(totp_step_of(secret, sizeof secret, now, "0504710"), -1);
  assert_int_equal(totp_step_of(secret, sizeof secret, now, "05047x"), -1);
}

static void test_uri(void **state)
{
  struct arena *arena = arena_new(0);
  assert_string_equal(totp_uri(arena, "Truc", "canbo.tiepnhan", secret),
                      "otpauth://totp/Truc:canbo.tiepnhan?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Truc&algorithm=SHA1&digits=6&period=30");
  arena_free(arena);
}

static void test_passwords(void **state)
{
  struct cx *cx = cx_new_alone(&(struct clock){0}, NULL);
  const char *encoded, *again;
  assert_int_equal(password_hash(cx, "một mật khẩu dài", &encoded), OK);
  assert_int_equal(password_hash(cx, "một mật khẩu dài", &again), OK);
  assert_int_equal(strncmp(encoded, "$argon2id$v=19$m=19456,t=2,p=1$", 31), 0);
  assert_string_not_equal(encoded, again);
  assert_true(password_matches(encoded, "một mật khẩu dài"));
  assert_false(password_matches(encoded, "một mật khẩu dàj"));
  assert_false(password_matches(encoded, ""));
  cx_free_alone(cx);
}

static void test_no_password_costs_as_much(void **state)
{
  struct cx *cx = cx_new_alone(&(struct clock){0}, NULL);
  const char *none = password_none(cx->arena);
  /* An encoded form that argon2 does not understand would be refused at once, and its time would tell. */
  int64_t before = clock_monotonic_us();
  assert_false(password_matches(none, "bất kỳ"));
  assert_true(clock_monotonic_us() - before > 2000);
  assert_int_equal(strlen(none), strlen("$argon2id$v=19$m=19456,t=2,p=1$") + 22 + 1 + 43);
  cx_free_alone(cx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_codes_of_the_standard), cmocka_unit_test(test_one_step_of_tolerance), cmocka_unit_test(test_uri),
    cmocka_unit_test(test_passwords), cmocka_unit_test(test_no_password_costs_as_much),
  };
  return cmocka_run_group_tests_name("people_totp", tests, NULL, NULL);
}
