/* Forms with files: what browsers write, and what is broken, each from memory and from a file. */
#include "net/http.h"
#include "net/spool.h"

#include "base/text.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define TYPE "multipart/form-data; boundary=xyz"
#define FIELD(name) "--xyz\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n"
#define FILE_PART(file) "--xyz\r\nContent-Disposition: form-data; name=\"f\"; filename=\"" file "\"\r\nContent-Type: text/plain\r\n\r\n"
#define END "\r\n--xyz--\r\n"

static const struct clock clock_real;

struct test { struct cx *cx; char folder[32]; struct multipart_limits limits; };

static int setup(void **state)
{
  struct test *test = calloc(1, sizeof *test);
  snprintf(test->folder, sizeof test->folder, "/tmp/truc-form-XXXXXX");
  assert_non_null(mkdtemp(test->folder));
  test->cx = cx_new_alone(&clock_real, NULL);
  test->limits = (struct multipart_limits){.parts_max = 50, .value_max = 1000, .spool_folder = test->folder};
  *state = test;
  return 0;
}

static int teardown(void **state)
{
  struct test *test = *state;
  cx_free_alone(test->cx);
  assert_int_equal(rmdir(test->folder), 0); /* every file went with its arena */
  free(test);
  return 0;
}

static struct http_body body_memory(const char *data, size_t size)
{
  return (struct http_body){.data = {(const uint8_t *)data, size}, .size = (int64_t)size};
}

static void unlink_path(void *path)
{
  unlink(path);
}

static struct http_body body_file(struct test *test, const char *data, size_t size)
{
  char *path = arena_print(test->cx->arena, "%s/whole", test->folder);
  int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
  assert_int_equal(write(fd, data, size), size);
  close(fd);
  arena_defer(test->cx->arena, unlink_path, path);
  return (struct http_body){.path = path, .size = (int64_t)size};
}

/* From memory and from a file, which must agree. */
static enum err read_both(struct test *test, const char *type, const char *data, size_t size, struct http_parts *out)
{
  struct http_body memory = body_memory(data, size), file = body_file(test, data, size);
  struct http_parts second;
  enum err err = multipart_read(test->cx, type, &memory, &test->limits, out);
  assert_int_equal(multipart_read(test->cx, type, &file, &test->limits, &second), err);
  if (err) {
    assert_true(test->cx->problems.count > 0);
    cx_reset_problems(test->cx);
    return err;
  }
  assert_int_equal(out->count, second.count);
  for (size_t i = 0; i < out->count; i++) {
    const struct http_part *a = &out->items[i], *b = &second.items[i];
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->size, b->size);
    assert_true(text_equal(a->value, b->value) && text_equal(a->file_name, b->file_name) && text_equal(a->type, b->type));
    assert_int_equal(a->path == NULL, b->path == NULL);
  }
  return OK;
}

static enum err read_text(struct test *test, const char *text, struct http_parts *out)
{
  return read_both(test, TYPE, text, strlen(text), out);
}

static const char *file_text(struct test *test, const struct http_part *part)
{
  struct bytes bytes;
  struct http_body body = {.path = part->path, .size = part->size};
  assert_int_equal(http_body_bytes(test->cx, &body, 1 << 24, &bytes), OK);
  assert_int_equal(bytes.size, part->size);
  return arena_copy_n(test->cx->arena, bytes.data, bytes.size);
}

static void test_good(void **state)
{
  struct test *test = *state;
  struct http_parts parts;
  assert_int_equal(read_text(test, FIELD("name") "Nguyễn Văn An\r\n" FIELD("empty") "\r\n" FILE_PART("đơn.txt") "line\r\n--xy\r\n-\r\n--xy z" END, &parts), OK);
  assert_int_equal(parts.count, 3);
  assert_string_equal(parts.items[0].name, "name");
  assert_string_equal(parts.items[0].value, "Nguyễn Văn An");
  assert_null(parts.items[0].file_name);
  assert_null(parts.items[0].path);
  assert_string_equal(parts.items[1].value, "");
  assert_string_equal(parts.items[2].file_name, "đơn.txt");
  assert_string_equal(parts.items[2].type, "text/plain");
  assert_null(parts.items[2].value);
  assert_string_equal(file_text(test, &parts.items[2]), "line\r\n--xy\r\n-\r\n--xy z");
  assert_int_equal(read_text(test, "--xyz--", &parts), OK);
  assert_int_equal(parts.count, 0);
  assert_int_equal(read_text(test, FILE_PART("empty.bin") END, &parts), OK);
  assert_int_equal(parts.items[0].size, 0);
  assert_string_equal(file_text(test, &parts.items[0]), "");
  assert_int_equal(read_both(test, "Multipart/Form-Data; boundary=\"xyz\"", FIELD("a") "b" END, strlen(FIELD("a") "b" END), &parts), OK);
}

static void test_nothing_chosen(void **state)
{
  struct http_parts parts;
  assert_int_equal(read_text(*state, FIELD("a") "b\r\n" FILE_PART("") "\r\n" FIELD("c") "d" END, &parts), OK);
  assert_int_equal(parts.count, 2);
  assert_string_equal(parts.items[1].name, "c");
  assert_int_equal(read_text(*state, FILE_PART("") "content" END, &parts), ERR_INPUT);
}

static void test_file_names(void **state)
{
  static const struct { const char *sent, *kept; } rows[] = {
    {"a.pdf", "a.pdf"}, {"../../etc/passwd", "passwd"}, {"C:\\\\Users\\\\An\\\\đơn.doc", "đơn.doc"}, {"C:\\Users\\An\\x.doc", "x.doc"}, {"/", "file"},
    {"..", "file"}, {".", "file"}, {"a/", "file"}, {"a%22b.txt", "a\"b.txt"}, {"a\\\"b.txt", "a\"b.txt"}, {"a%0D%0Ab.txt", "a b.txt"}, {"\xff\xfe.txt", "file"},
    {"  spaces .txt ", "spaces .txt"}, {".htaccess", ".htaccess"}, {"a\tb.txt", "a b.txt"}};
  struct test *test = *state;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct http_parts parts;
    const char *text = arena_print(test->cx->arena, "--xyz\r\nContent-Disposition: form-data; name=\"f\"; filename=\"%s\"\r\n\r\nx" END, rows[i].sent);
    assert_int_equal(read_text(test, text, &parts), OK);
    if (!text_equal(parts.items[0].file_name, rows[i].kept)) fail_msg("%s became %s", rows[i].sent, parts.items[0].file_name);
  }
  char longest[600];
  snprintf(longest, sizeof longest, "%0500d.pdf", 7);
  struct http_parts parts;
  const char *text = arena_print(test->cx->arena, "--xyz\r\nContent-Disposition: form-data; name=\"f\"; filename=\"%s\"\r\n\r\nx" END, longest);
  assert_int_equal(read_text(test, text, &parts), OK);
  assert_int_equal(strlen(parts.items[0].file_name), 255);
  assert_string_equal(parts.items[0].file_name + 251, ".pdf");
}

static void test_broken(void **state)
{
  static const struct { const char *name, *text; } rows[] = {
    {"nothing", ""}, {"no boundary", "hello"}, {"text before", "hi\r\n" FIELD("a") "b" END}, {"another boundary", "--abc\r\n" END},
    {"no end", FIELD("a") "b"}, {"end cut", FIELD("a") "b\r\n--xyz"}, {"end of one dash", FIELD("a") "b\r\n--xyz-"}, {"text after the end", FIELD("a") "b" END "more"},
    {"part after the end", FIELD("a") "b" END FIELD("c") "d" END}, {"bare LF", "--xyz\nContent-Disposition: form-data; name=\"a\"\n\nb\n--xyz--\n"},
    {"space after the boundary", "--xyz \r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb" END}, {"boundary with a tail", "--xyzzy\r\n\r\nb" END},
    {"no disposition", "--xyz\r\nContent-Type: text/plain\r\n\r\nb" END}, {"no head", "--xyz\r\n\r\nb" END}, {"head without end", "--xyz\r\nContent-Disposition: form-data; name=\"a\""},
    {"no name", "--xyz\r\nContent-Disposition: form-data\r\n\r\nb" END}, {"empty name", FIELD("") "b" END}, {"name without quotes", "--xyz\r\nContent-Disposition: form-data; name=a\r\n\r\nb" END},
    {"quote not closed", "--xyz\r\nContent-Disposition: form-data; name=\"a\r\n\r\nb" END}, {"two names", "--xyz\r\nContent-Disposition: form-data; name=\"a\"; name=\"c\"\r\n\r\nb" END},
    {"two file names", "--xyz\r\nContent-Disposition: form-data; name=\"a\"; filename=\"a\"; filename=\"b\"\r\n\r\nb" END},
    {"extended file name", "--xyz\r\nContent-Disposition: form-data; name=\"a\"; filename*=UTF-8''a\r\n\r\nb" END}, {"attachment", "--xyz\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nb" END},
    {"two dispositions", "--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; name=\"c\"\r\n\r\nb" END},
    {"base64", "--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: base64\r\n\r\nYg==" END},
    {"folded", "--xyz\r\nContent-Disposition: form-data;\r\n name=\"a\"\r\n\r\nb" END}, {"no colon", "--xyz\r\nContent-Disposition\r\n\r\nb" END},
    {"name not UTF-8", FIELD("\xff") "b" END}};
  struct http_parts parts;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    if (read_text(*state, rows[i].text, &parts) != ERR_INPUT) fail_msg("%s was taken", rows[i].name);
  assert_int_equal(read_both(*state, TYPE, FIELD("a") "b\0c" END, sizeof(FIELD("a") "b\0c" END) - 1, &parts), ERR_INPUT);
}

static void test_types(void **state)
{
  static const char *const bad[] = {"multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=xyz", "text/plain", "multipart/form-data; boundary=x y",
    "multipart/form-data; boundary=\"xyz", "multipart/form-data; boundary=xyz; a=b", "multipart/form-data; boundary=0123456789012345678901234567890123456789012345678901234567890123456789a"};
  struct http_parts parts;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) assert_int_equal(read_both(*state, bad[i], FIELD("a") "b" END, strlen(FIELD("a") "b" END), &parts), ERR_TYPE);
  struct test *test = *state;
  struct http_body body = body_memory("--xyz--", 7);
  assert_int_equal(multipart_read(test->cx, NULL, &body, &test->limits, &parts), ERR_TYPE);
}

static void test_limits(void **state)
{
  struct test *test = *state;
  struct http_parts parts;
  struct buffer many;
  buffer_init(&many, test->cx->arena);
  for (int i = 0; i < 51; i++) buffer_print(&many, "--xyz\r\nContent-Disposition: form-data; name=\"a%d\"\r\n\r\nb\r\n", i);
  buffer_text(&many, "--xyz--\r\n");
  assert_int_equal(read_text(test, many.data, &parts), ERR_TOO_LARGE);
  test->limits.parts_max = 51;
  assert_int_equal(read_text(test, many.data, &parts), OK);
  assert_string_equal(parts.items[50].name, "a50");
  assert_int_equal(read_text(test, arena_print(test->cx->arena, FIELD("a") "%01001d" END, 1), &parts), ERR_TOO_LARGE);
  assert_int_equal(read_text(test, arena_print(test->cx->arena, FIELD("a") "%01000d" END, 1), &parts), OK);
  assert_int_equal(read_text(test, arena_print(test->cx->arena, "--xyz\r\nA: %05000d\r\n\r\nb" END, 1), &parts), ERR_INPUT);
  test->limits.spool_folder = "/no/such/folder";
  assert_int_equal(read_text(test, FILE_PART("a") "b" END, &parts), ERR_STORAGE);
}

/* The delimiter at every place relative to the window's edges. */
static void test_window_edges(void **state)
{
  struct test *test = *state;
  for (int shift = -40; shift <= 40; shift += 3) {
    struct cx *cx = cx_new_alone(&clock_real, NULL);
    struct test own = {.cx = cx, .limits = test->limits};
    snprintf(own.folder, sizeof own.folder, "%s", test->folder);
    size_t size = (size_t)(131072 + shift);
    char *content = arena_alloc(cx->arena, size + 1);
    for (size_t i = 0; i < size; i++) content[i] = i % 61 == 0 ? '\r' : i % 61 == 1 ? '\n' : '-';
    struct buffer text;
    buffer_init(&text, cx->arena);
    buffer_text(&text, FILE_PART("great.bin"));
    buffer_add(&text, content, size);
    buffer_text(&text, "\r\n" FIELD("after") "b" END);
    struct http_parts parts;
    struct http_body body = body_file(&own, text.data, text.size);
    assert_int_equal(multipart_read(cx, TYPE, &body, &own.limits, &parts), OK);
    assert_int_equal(parts.count, 2);
    assert_int_equal(parts.items[0].size, size);
    assert_memory_equal(file_text(&own, &parts.items[0]), content, size);
    assert_string_equal(parts.items[1].value, "b");
    cx_free_alone(cx);
  }
}

/* Nobody knew the names of these files any more, and they stayed for ever. */
static void test_files_of_a_killed_process_are_removed(void **state)
{
  struct test *test = *state;
  struct arena *killed = arena_new(0);
  const char *path = NULL, *other = arena_print(test->cx->arena, "%s/other", test->folder);
  int fd = http_spool_file(killed, test->folder, &path);
  assert_true(fd >= 0);
  assert_int_equal(link(path, arena_print(test->cx->arena, "%s/body-killed", test->folder)), 0);
  assert_int_equal(link(path, other), 0);
  close(fd);
  arena_free(killed);
  http_spool_empty(test->folder);
  assert_int_equal(access(arena_print(test->cx->arena, "%s/body-killed", test->folder), F_OK), -1);
  assert_int_equal(unlink(other), 0); /* not a body's: left alone */
  http_spool_empty(arena_print(test->cx->arena, "%s/none", test->folder));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {TEST(test_good), TEST(test_nothing_chosen), TEST(test_file_names), TEST(test_broken), TEST(test_types), TEST(test_limits),
                                     TEST(test_window_edges), TEST(test_files_of_a_killed_process_are_removed)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
