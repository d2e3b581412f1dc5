/* Text: what counts as text, how it is folded, how Vietnamese names sort, and that every reader of an encoding is strict. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(literal) literal, sizeof(literal) - 1

static int begin(void **state)
{
  *state = arena_new(0);
  return 0;
}

static int end(void **state)
{
  arena_free(*state);
  return 0;
}

static const char *clean(struct arena *arena, const char *text, enum text_mode mode)
{
  return text_clean(arena, text, strlen(text), mode);
}

static void clean_takes_text_and_refuses_the_rest(void **state)
{
  static const struct { const char *data; size_t size; const char *line, *lines; } cases[] = {
    {BYTES(""), "", ""},
    {BYTES("  Nguy\u1ec5n \t"), NULL, "  Nguy\u1ec5n \t"},
    {BYTES("  Nguy\u1ec5n   V\u0103n\u00a0\u3000An "), "Nguy\u1ec5n V\u0103n An", "  Nguy\u1ec5n   V\u0103n\u00a0\u3000An "},
    {BYTES("Nguye\u0302\u0303n"), "Nguy\u1ec5n", "Nguy\u1ec5n"},
    {BYTES("e\u0323\u0302"), "\u1ec7", "\u1ec7"},
    {BYTES("a\nb"), NULL, "a\nb"},
    {BYTES("a\r\nb\r\n"), NULL, "a\nb\n"},
    {BYTES("a\rb"), NULL, NULL},
    {BYTES("a\r"), NULL, NULL},
    {BYTES("a\0b"), NULL, NULL},
    {BYTES("a\x1b[31m"), NULL, NULL},
    {BYTES("a\x7f"), NULL, NULL},
    {BYTES("a\xc2\x85"), NULL, NULL},             /* a C1 control */
    {BYTES("\xc0\xaf"), NULL, NULL},              /* overlong "/" */
    {BYTES("\xed\xa0\x80"), NULL, NULL},          /* half of a surrogate pair */
    {BYTES("\xf4\x90\x80\x80"), NULL, NULL},      /* above U+10FFFF */
    {BYTES("\xe1\xbb"), NULL, NULL},              /* cut short */
    {BYTES("An\u202egnaiG"), NULL, NULL},        /* turns the reading direction */
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    const char *line = text_clean(*state, cases[i].data, cases[i].size, TEXT_LINE);
    const char *lines = text_clean(*state, cases[i].data, cases[i].size, TEXT_LINES);
    if (!text_equal(line, cases[i].line) || !text_equal(lines, cases[i].lines))
      fail_msg("case %zu: \"%s\" \"%s\"", i, line ? line : "(none)", lines ? lines : "(none)");
  }
}

static void endless_marks_are_no_text(void **state)
{
  struct buffer text;
  buffer_init(&text, *state);
  buffer_char(&text, 'a');
  for (int i = 0; i < 30; i++) buffer_text(&text, "\u0323");
  assert_non_null(text_clean(*state, text.data, text.size, TEXT_LINE));
  buffer_text(&text, "\u0301");
  assert_null(text_clean(*state, text.data, text.size, TEXT_LINE));
}

static void clean_twice_is_clean_once(void **state)
{
  static const char *const texts[] = {"  Hộ  kinh doanh  Ánh Dương ", "ﬁ Å ①", "Đ\u031b x\u0323\u0306"};
  for (size_t i = 0; i < COUNT(texts); i++) {
    const char *once = clean(*state, texts[i], TEXT_LINE);
    assert_string_equal(clean(*state, once, TEXT_LINE), once);
  }
}

static void fold_forgives_diacritics(void **state)
{
  static const struct { const char *text, *folded; } cases[] = {
    {"", ""},
    {"Đặng Thị Ngọc Ánh", "dang thi ngoc anh"},
    {"  Ấp 3, xã Mỹ Hòa Hưng – An Giang.", "ap 3 xa my hoa hung an giang"},
    {"QUÁN CƠM (Tám Ký)", "quan com tam ky"},
    {"ư ơ ă â ê ô đ Ư Ơ Ă Â Ê Ô Đ", "u o a a e o d u o a a e o d"},
    {"12/GP-UBND", "12 gp ubnd"},
    {"\u200bTân\u200bLong", "tanlong"},
    {"１２ ﬁ", "12 fi"},
    {"---", ""},
  };
  for (size_t i = 0; i < COUNT(cases); i++) assert_string_equal(text_fold(*state, cases[i].text), cases[i].folded);
}

static void names_sort_by_given_name_alphabet_and_tone(void **state)
{
  static const char *const sorted[] = {
    "An", "Lê An", "Nguyễn An", "Trần An", "Lý Hoàng Thị An", "Bùi Văn An", "Nguyễn Văn An",
    "Nguyễn Văn Án", "Lê Anh", "Lê Ảnh", "Lê Ánh", "Lê Ăn", "Lê Ân", "Lê Ấn", "Lê Bà", "Lê Cúc",
    "Lê Dung", "Lê Dũng", "Lê Đan", "Lê Em", "Lê Êm", "Phan Huy", "Phan Hưng", "Phan Khang", "Phan Loan",
    "Phan Oanh", "Phan Ông", "Phan Ơn", "Võ Tu", "Võ Tù", "Võ Tủ", "Võ Tũ", "Võ Tú", "Võ Tụ", "Võ Tư", "Võ Xuân", "Võ Ý", "Võ Yên",
  };
  for (size_t i = 0; i + 1 < COUNT(sorted); i++) {
    const char *before = text_name_key(*state, sorted[i]), *after = text_name_key(*state, sorted[i + 1]);
    if (strcmp(before, after) >= 0) fail_msg("%s (%s) is not before %s (%s)", sorted[i], before, sorted[i + 1], after);
  }
}

static void name_key_is_plain_and_the_same_for_the_same_name(void **state)
{
  assert_string_equal(text_name_key(*state, ""), "");
  assert_string_equal(text_name_key(*state, "  "), "");
  assert_string_equal(text_name_key(*state, "NGUYỄN  VĂN AN"), text_name_key(*state, "Nguyễn Văn An"));
  assert_string_equal(text_name_key(*state, "Lệ"), text_name_key(*state, "Le\u0302\u0323"));
  const char *key = text_name_key(*state, "H'Hen Niê-Kđăm 北 2");
  assert_int_equal(strspn(key, "0123456789abcdefghijklmnopqrstuvwxyz"), strlen(key));
}

static void cases_of_letters(void **state)
{
  assert_string_equal(text_upper(*state, "Nguyễn Văn Đẹp ươ"), "NGUYỄN VĂN ĐẸP ƯƠ");
  assert_string_equal(text_lower(*state, "NGUYỄN VĂN ĐẸP ƯƠ"), "nguyễn văn đẹp ươ");
  assert_string_equal(text_upper(*state, ""), "");
  assert_int_equal(text_characters("Đẹp"), 3);
  assert_int_equal(text_characters(""), 0);
}

static void comparisons(void **state)
{
  assert_true(text_equal(NULL, NULL));
  assert_false(text_equal(NULL, ""));
  assert_true(text_equal("a", "a"));
  assert_true(text_starts("abc", "ab"));
  assert_true(text_starts("abc", ""));
  assert_false(text_starts("ab", "abc"));
  assert_false(text_starts(NULL, "a"));
  assert_true(text_empty(NULL) && text_empty("") && !text_empty(" "));
  assert_true(text_is_digits("001080", 6));
  assert_false(text_is_digits("001080", 5));
  assert_false(text_is_digits("00108x", 6));
  assert_false(text_is_digits(NULL, 0));
  assert_true(secret_equal("abc", "abc", 3) && !secret_equal("abc", "abd", 3) && secret_equal("x", "y", 0));
}

static void whole_numbers(void **state)
{
  static const struct { const char *text; bool fine; int64_t value; } cases[] = {
    {"0", true, 0}, {"007", true, 7}, {"-12", true, -12}, {"9223372036854775807", true, INT64_MAX},
    {"-9223372036854775808", true, INT64_MIN}, {"9223372036854775808", false, 0}, {"-9223372036854775809", false, 0},
    {"", false, 0}, {NULL, false, 0}, {"-", false, 0}, {"+1", false, 0}, {" 1", false, 0}, {"1 ", false, 0}, {"1.0", false, 0},
    {"0x1", false, 0}, {"--1", false, 0},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    int64_t value = 0;
    bool fine = text_to_i64(cases[i].text, INT64_MIN, INT64_MAX, &value);
    if (fine != cases[i].fine || value != cases[i].value) fail_msg("case %zu: %s", i, cases[i].text);
  }
  int64_t kept = 5;
  assert_false(text_to_i64("11", 1, 10, &kept));
  assert_false(text_to_i64("0", 1, 10, &kept));
  assert_int_equal(kept, 5);
}

static void money(void **state)
{
  assert_string_equal(money_write(*state, 0), "0 đồng");
  assert_string_equal(money_write(*state, 999), "999 đồng");
  assert_string_equal(money_write(*state, 200000), "200.000 đồng");
  assert_string_equal(money_write(*state, 1234567890), "1.234.567.890 đồng");
  assert_string_equal(money_write(*state, -50000), "-50.000 đồng");
  assert_string_equal(money_write(*state, INT64_MIN), "-9.223.372.036.854.775.808 đồng");
}

static void percent_coding(void **state)
{
  assert_string_equal(url_encode(*state, "a b/ễ~-._"), "a%20b%2F%E1%BB%85~-._");
  assert_string_equal(url_decode(*state, "a%20b%2F%e1%bb%85+", 18, false), "a b/ễ+");
  assert_string_equal(url_decode(*state, "a+b", 3, true), "a b");
  assert_string_equal(url_decode(*state, "", 0, true), "");
  static const char *const wrong[] = {"%", "%2", "%g0", "a%0", "%00", "% 1"};
  for (size_t i = 0; i < COUNT(wrong); i++) assert_null(url_decode(*state, wrong[i], strlen(wrong[i]), true));
  assert_null(url_decode(*state, "a\0b", 3, true));
}

static void html_is_escaped(void **state)
{
  struct buffer out;
  buffer_init(&out, *state);
  html_escape(&out, "<a href=\"x\" b='y'>Q&A</a>");
  assert_string_equal(buffer_string(&out), "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;Q&amp;A&lt;/a&gt;");
  html_escape(&out, NULL);
  html_escape(&out, "");
  assert_int_equal(out.size, strlen(out.data));
}

static void base64_of_rfc_4648(void **state)
{
  static const struct { const char *bytes, *text; } cases[] = {
    {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct bytes read;
    assert_string_equal(base64_write(*state, cases[i].bytes, strlen(cases[i].bytes)), cases[i].text);
    assert_true(base64_read(*state, cases[i].text, &read));
    assert_int_equal(read.size, strlen(cases[i].bytes));
    if (read.size) assert_memory_equal(read.data, cases[i].bytes, read.size);
  }
  static const char *const wrong[] = {"Z", "Zg", "Zg=", "Zg===", "=", "====", "Zh==", "Zm9=", "Zm9v\n", " Zm9", "Zm-_", "Z=g=", "Zm9vZg==Zg=="};
  struct bytes kept = {NULL, 7};
  for (size_t i = 0; i < COUNT(wrong); i++)
    if (base64_read(*state, wrong[i], &kept)) fail_msg("%s was read", wrong[i]);
  assert_int_equal(kept.size, 7);
}

static void base64url_and_hex(void **state)
{
  const uint8_t data[] = {0xfb, 0xff, 0xfe, 0x00};
  struct bytes read;
  assert_string_equal(base64url_write(*state, data, 4), "-__-AA");
  assert_true(base64url_read(*state, "-__-AA", &read));
  assert_int_equal(read.size, 4);
  assert_memory_equal(read.data, data, 4);
  assert_false(base64url_read(*state, "-__-AA==", &read));
  assert_false(base64url_read(*state, "+//+AA", &read));
  assert_false(base64url_read(*state, "-__-AB", &read));
  assert_false(base64url_read(*state, "A", &read));
  assert_string_equal(hex_write(*state, data, 4), "fbfffe00");
  assert_true(hex_read(*state, "FBfffe00", &read));
  assert_int_equal(read.size, 4);
  assert_memory_equal(read.data, data, 4);
  assert_false(hex_read(*state, "fbf", &read));
  assert_false(hex_read(*state, "fg", &read));
}

static void every_length_survives_both_ways(void **state)
{
  uint8_t data[70];
  random_bytes(data, sizeof data);
  for (size_t size = 1; size <= sizeof data; size++) {
    struct bytes read;
    assert_true(base64_read(*state, base64_write(*state, data, size), &read));
    assert_true(read.size == size && memcmp(read.data, data, size) == 0);
    assert_true(base64url_read(*state, base64url_write(*state, data, size), &read));
    assert_true(read.size == size && memcmp(read.data, data, size) == 0);
  }
}

static void uuids_differ_and_have_their_form(void **state)
{
  const char *a = random_uuid(*state), *b = random_uuid(*state);
  assert_int_equal(strlen(a), 36);
  assert_string_not_equal(a, b);
  assert_int_equal(a[14], '4');
  assert_non_null(strchr("89ab", a[19]));
  assert_true(a[8] == '-' && a[13] == '-' && a[18] == '-' && a[23] == '-');
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
  const struct CMUnitTest tests[] = {
    ROW(clean_takes_text_and_refuses_the_rest), ROW(endless_marks_are_no_text), ROW(clean_twice_is_clean_once), ROW(fold_forgives_diacritics),
    ROW(names_sort_by_given_name_alphabet_and_tone), ROW(name_key_is_plain_and_the_same_for_the_same_name), ROW(cases_of_letters),
    ROW(comparisons), ROW(whole_numbers), ROW(money), ROW(percent_coding), ROW(html_is_escaped), ROW(base64_of_rfc_4648),
    ROW(base64url_and_hex), ROW(every_length_survives_both_ways), ROW(uuids_differ_and_have_their_form),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
