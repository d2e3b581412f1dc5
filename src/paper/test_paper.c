/* Makes papers with every kind of block and looks at them as a reader would: their text, their fonts, their pages and, from a
 * picture, their QR code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include "paper/paper.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct clock clock_2026 = {0, 1795590300000000};
static const char watermark[] = "BẢN TRÌNH DIỄN – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ";
static const char look_up[] = "https://dichvucong.example.vn/tra-cuu/H01.07.12-261125-0042?s=Zm9vYmFyYmF6cXV4";

struct desk { struct cx *cx; char folder[64]; };

static int begin(void **state)
{
  struct cx *cx = cx_new_alone(&clock_2026, NULL);
  struct desk *desk = ARENA_NEW(cx->arena, struct desk);
  desk->cx = cx;
  strcpy(desk->folder, "/tmp/paper-test-XXXXXX");
  assert_non_null(mkdtemp(desk->folder));
  *state = desk;
  return 0;
}

static int end(void **state)
{
  struct desk *desk = *state;
  assert_int_equal(system(arena_print(desk->cx->arena, "rm -r %s", desk->folder)), 0);
  cx_free_alone(desk->cx);
  return 0;
}

/* What a command prints; "%s" in it is the folder. */
static const char *output(struct desk *desk, const char *command)
{
  struct buffer out;
  char part[4096];
  size_t size;
  buffer_init(&out, desk->cx->arena);
  FILE *pipe = popen(arena_print(desk->cx->arena, "cd %s && %s", desk->folder, command), "r");
  assert_non_null(pipe);
  while ((size = fread(part, 1, sizeof part, pipe)) > 0) buffer_add(&out, part, size);
  if (pclose(pipe) != 0) fail_msg("%s failed: %s", command, buffer_string(&out));
  return buffer_string(&out);
}

static void put(struct desk *desk, const char *name, struct bytes pdf)
{
  assert_true(pdf.size > 100 && memcmp(pdf.data, "%PDF-", 5) == 0);
  FILE *file = fopen(arena_print(desk->cx->arena, "%s/%s", desk->folder, name), "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(pdf.data, 1, pdf.size, file), pdf.size);
  fclose(file);
  /* PAPER_TEST_KEEP=folder: to look at what was drawn. */
  if (getenv("PAPER_TEST_KEEP")) output(desk, arena_print(desk->cx->arena, "cp %s %s/", name, getenv("PAPER_TEST_KEEP")));
}

static void must_contain(const char *text, const char *part)
{
  if (!strstr(text, part)) fail_msg("\"%s\" is not in:\n%s", part, text);
}

static size_t count_of(const char *text, const char *part)
{
  size_t count = 0;
  for (const char *at = text; (at = strstr(at, part)); at += strlen(part)) count++;
  return count;
}

/* Every font's name, without the six letters that mark a subset, begins with the one family. */
static void must_be_one_family(struct desk *desk, const char *name)
{
  const char *fonts = output(desk, arena_print(desk->cx->arena, "pdffonts %s | tail -n +3 | sed 's/^[A-Z]*+//'", name));
  assert_true(count_of(fonts, "\n") >= 1);
  assert_int_equal(count_of(fonts, "Tinos"), count_of(fonts, "\n"));
}

static struct bytes make_receipt(struct cx *cx, bool a5)
{
  static const char *const heads[] = {"STT", "Thành phần hồ sơ", "Số bản", "Ghi chú"};
  static const double widths[] = {1, 8, 1.5, 4};
  static const char *const cells[] = {
    "1", "Giấy đề nghị đăng ký hộ kinh doanh", "1", "Bản chính",
    "2", "Bản sao biên bản họp thành viên hộ gia đình về việc thành lập hộ kinh doanh", "1", NULL,
    "3", "Bản sao văn bản ủy quyền của thành viên hộ gia đình cho một thành viên làm chủ hộ kinh doanh", "1", "Đối chiếu",
  };
  static const char *const recipients[] = {"- Người nộp hồ sơ;", "- Phòng Kinh tế, Hạ tầng và Đô thị;", "- Lưu: VT, HS."};
  struct paper *paper = paper_begin(cx, &(struct paper_wish){.a5 = a5, .title = "Giấy tiếp nhận hồ sơ và hẹn trả kết quả",
    .watermark = watermark, .qr = look_up, .code = "H01.07.12-261125-0042"});
  paper_head(paper, &(struct paper_head){"ỦY BAN NHÂN DÂN\nPHƯỜNG LONG XUYÊN", "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG", "Số: 42/TNHS",
                                         "Long Xuyên, ngày 25 tháng 11 năm 2026", false});
  paper_title(paper, "Giấy tiếp nhận hồ sơ và hẹn trả kết quả", "(Liên 1: giao cho người nộp hồ sơ)");
  paper_line(paper, "Họ và tên", "NGUYỄN THỊ HƯỜNG", true);
  paper_lines(paper, "Số định danh cá nhân", "000080000001", "Điện thoại", "0912 345 678");
  paper_line(paper, "Địa chỉ", "Số 12, khóm Bình Khánh 3, phường Long Xuyên, tỉnh An Giang", false);
  paper_lines(paper, "Email", NULL, "Tài khoản", "");
  paper_line(paper, "Nội dung yêu cầu giải quyết", "", false);
  paper_text(paper, "Hồ sơ được tiếp nhận lúc 09 giờ 15 phút ngày 25 tháng 11 năm 2026; thời hạn giải quyết là 3 ngày làm việc kể từ khi nhận đủ "
                    "hồ sơ hợp lệ. Đề nghị ông/bà mang theo giấy này khi đến nhận kết quả.", PAPER_JUSTIFY, PAPER_PLAIN);
  paper_table(paper, &(struct paper_table){4, heads, widths, 3, cells});
  paper_text(paper, "Lệ phí: 100.000 đồng (đã nộp)", PAPER_LEFT, PAPER_BOLD);
  paper_text(paper, "Ghi chú in nghiêng, chữ nhỏ", PAPER_RIGHT, PAPER_ITALIC | PAPER_SMALL);
  paper_signatures(paper, &(struct paper_signature){NULL, "NGƯỜI NỘP HỒ SƠ", "(Ký và ghi rõ họ tên)", "Nguyễn Thị Hường"},
                   &(struct paper_signature){NULL, "NGƯỜI TIẾP NHẬN HỒ SƠ", "(Ký và ghi rõ họ tên)", "Trần Văn Đệ"});
  paper_recipients(paper, recipients, 3);
  paper_space(paper, 4);
  paper_signatures(paper, NULL, &(struct paper_signature){"KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", NULL, "Lê Quốc Ẩn"});
  struct bytes pdf = {NULL, 0};
  assert_int_equal(paper_end(cx, paper, &pdf), OK);
  return pdf;
}

static void a_receipt_has_its_words_and_one_family(void **state)
{
  struct desk *desk = *state;
  put(desk, "receipt.pdf", make_receipt(desk->cx, false));
  const char *text = output(desk, "pdftotext -layout receipt.pdf -");
  static const char *const parts[] = {
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "PHƯỜNG LONG XUYÊN", "Số: 42/TNHS",
    "GIẤY TIẾP NHẬN HỒ SƠ", "Họ và tên: NGUYỄN THỊ HƯỜNG", "Số định danh cá nhân: 000080000001", "Điện thoại: 0912 345 678",
    "Giấy đề nghị đăng ký hộ kinh doanh", "Thành phần hồ sơ", "(Ký và ghi rõ họ tên)", "KT. CHỦ TỊCH", "Lê Quốc Ẩn", "Nơi nhận:",
    "- Lưu: VT, HS.", "H01.07.12-261125-0042", "(Liên 1: giao cho người nộp hồ sơ)",
  };
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) must_contain(text, parts[i]);
  must_contain(text, watermark);
  must_be_one_family(desk, "receipt.pdf");
  const char *about = output(desk, "pdfinfo receipt.pdf");
  must_contain(about, "Giấy tiếp nhận hồ sơ và hẹn trả kết quả");
  must_contain(about, "A4");
  must_contain(about, "2026");
}

static void the_qr_is_read_from_a_picture(void **state)
{
  struct desk *desk = *state;
  put(desk, "a4.pdf", make_receipt(desk->cx, false));
  put(desk, "a5.pdf", make_receipt(desk->cx, true));
  for (int i = 0; i < 2; i++) {
    const char *command = i ? "pdftoppm -r 150 -f 1 -l 1 -png a5.pdf p && zbarimg -q --raw p*.png 2>/dev/null"
                            : "pdftoppm -r 100 -f 1 -l 1 -png a4.pdf q && zbarimg -q --raw q*.png 2>/dev/null";
    assert_string_equal(output(desk, command), arena_print(desk->cx->arena, "%s\n", look_up));
  }
  must_contain(output(desk, "pdfinfo a5.pdf"), "419.5"); /* 148 mm in points */
}

static void pages_follow_and_heads_are_repeated(void **state)
{
  struct desk *desk = *state;
  struct cx *cx = desk->cx;
  enum { ROWS = 120 };
  static const char *const heads[] = {"STT", "Tên", "Nội dung"};
  const char *cells[ROWS * 3];
  for (int i = 0; i < ROWS; i++) {
    cells[3 * i] = arena_print(cx->arena, "%d", i + 1);
    cells[3 * i + 1] = arena_print(cx->arena, "Hộ số %d", i + 1);
    cells[3 * i + 2] = i % 7 ? "Bán lẻ lương thực" : "Bán lẻ lương thực, thực phẩm, đồ uống, thuốc lá chiếm tỷ trọng lớn trong các cửa hàng kinh doanh tổng hợp";
  }
  struct paper *paper = paper_begin(cx, &(struct paper_wish){.title = "Danh sách", .watermark = watermark});
  paper_head(paper, &(struct paper_head){.agency = "SỞ TƯ PHÁP", .place_date = "An Giang, ngày 25 tháng 11 năm 2026"});
  paper_title(paper, "Danh sách", NULL);
  paper_table(paper, &(struct paper_table){3, heads, NULL, ROWS, cells});
  struct bytes pdf = {NULL, 0};
  assert_int_equal(paper_end(cx, paper, &pdf), OK);
  put(desk, "list.pdf", pdf);
  long pages = strtol(output(desk, "pdfinfo list.pdf | sed -n 's/^Pages: *//p'"), NULL, 10);
  assert_in_range(pages, 3, 9);
  const char *text = output(desk, "pdftotext list.pdf -");
  assert_int_equal(count_of(text, "Nội dung"), pages);
  assert_int_equal(count_of(text, watermark), pages);
  assert_int_equal(count_of(text, "Hộ số "), ROWS);
  must_be_one_family(desk, "list.pdf");
}

static void what_no_page_can_hold_is_cut_between_lines(void **state)
{
  struct desk *desk = *state;
  struct cx *cx = desk->cx;
  static const char *const heads[] = {"A", "B"};
  struct buffer words;
  buffer_init(&words, cx->arena);
  for (int i = 1; i <= 2000; i++) buffer_print(&words, "chữ%d ", i);
  const char *cells[] = {"ngắn", buffer_string(&words), "sau", "cuối"};
  static const double widths[] = {3, 1};
  struct paper *paper = paper_begin(cx, &(struct paper_wish){.title = "Dài"});
  paper_text(paper, buffer_string(&words), PAPER_JUSTIFY, PAPER_PLAIN);
  paper_table(paper, &(struct paper_table){2, heads, widths, 2, cells});
  struct bytes pdf = {NULL, 0};
  assert_int_equal(paper_end(cx, paper, &pdf), OK);
  put(desk, "long.pdf", pdf);
  const char *text = output(desk, "pdftotext long.pdf -");
  for (int i = 1; i <= 2000; i += 123) {
    const char *word = arena_print(cx->arena, "chữ%d", i);
    size_t found = 0;
    for (const char *at = text; (at = strstr(at, word)); at += strlen(word)) found += at[strlen(word)] < '0' || at[strlen(word)] > '9';
    if (found != 2) fail_msg("%s stands there %zu times", word, found);
  }
  must_contain(text, "cuối");
}

static void text_is_never_markup_and_other_scripts_bring_no_font(void **state)
{
  struct desk *desk = *state;
  struct paper *paper = paper_begin(desk->cx, &(struct paper_wish){.title = "<b>"});
  paper_text(paper, "<b>Công ty A & B</b> &lt; 北京 0123456789 ☐ ☑ A\u200bB", PAPER_LEFT, PAPER_PLAIN);
  struct bytes pdf = {NULL, 0};
  assert_int_equal(paper_end(desk->cx, paper, &pdf), OK);
  put(desk, "plain.pdf", pdf);
  must_contain(output(desk, "pdftotext plain.pdf -"), "<b>Công ty A & B</b> &lt; □□ 0123456789 □ ■ AB\n");
  must_be_one_family(desk, "plain.pdf");
}

static void a_paper_that_is_left_is_freed_with_its_arena(void **state)
{
  struct desk *desk = *state;
  struct cx *cx = cx_new_alone(&clock_2026, NULL);
  paper_title(paper_begin(cx, &(struct paper_wish){.qr = look_up}), "Bỏ dở", NULL);
  cx_free_alone(cx);
  struct buffer huge;
  buffer_init(&huge, desk->cx->arena);
  for (int i = 0; i < 4000; i++) buffer_char(&huge, 'x');
  struct paper *paper = paper_begin(desk->cx, &(struct paper_wish){.qr = buffer_string(&huge)});
  struct bytes pdf = {NULL, 0};
  assert_int_equal(paper_end(desk->cx, paper, &pdf), ERR_INTERNAL);
  assert_null(pdf.data);
}

static void *make_ten(void *arg)
{
  for (int i = 0; i < 10; i++) {
    struct cx *cx = cx_new_alone(&clock_2026, NULL);
    *(size_t *)arg += make_receipt(cx, i % 2).size > 0;
    cx_free_alone(cx);
  }
  return NULL;
}

static void threads_draw_side_by_side(void **state)
{
  pthread_t threads[3];
  size_t made[3] = {0};
  for (int i = 0; i < 3; i++) assert_int_equal(pthread_create(&threads[i], NULL, make_ten, &made[i]), 0);
  for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
  assert_int_equal(made[0] + made[1] + made[2], 30);
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
  const struct CMUnitTest tests[] = {
    ROW(a_receipt_has_its_words_and_one_family), ROW(the_qr_is_read_from_a_picture), ROW(pages_follow_and_heads_are_repeated),
    ROW(what_no_page_can_hold_is_cut_between_lines), ROW(text_is_never_markup_and_other_scripts_bring_no_font),
    ROW(a_paper_that_is_left_is_freed_with_its_arena), ROW(threads_draw_side_by_side),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
