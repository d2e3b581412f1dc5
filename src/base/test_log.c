/* The log writes one whole JSON object a line, whatever is put into it; contexts collect problems. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cx.h"
#include <string.h>
#include <unistd.h>

static size_t read_back(int fd, char *out, size_t room)
{
  ssize_t size = read(fd, out, room - 1);
  assert_true(size >= 0);
  out[size] = '\0';
  return (size_t)size;
}

static void a_line_is_one_escaped_object(void **state)
{
  static const struct clock clock = {0, 1795590300000000};
  int ends[2];
  char line[1000];
  assert_int_equal(pipe(ends), 0);
  struct log *log = log_new(ends[1], LOG_INFO, &clock);
  log_write(log, LOG_DEBUG, "r", "not written", NULL);
  log_write(log, LOG_WARN, "7f", "bad \"thing\"", LOG_FIELDS({"path", "/a\\b\n\x01"}, {"none", NULL}, {"vi", "Đã"}));
  log_write(NULL, LOG_ALARM, "", "nowhere", NULL);
  close(ends[1]);
  read_back(ends[0], line, sizeof line);
  assert_string_equal(line, "{\"at\":\"2026-11-25T07:05:00.000000Z\",\"level\":\"warn\",\"message\":\"bad \\\"thing\\\"\",\"request\":\"7f\","
                            "\"path\":\"/a\\\\b\\n\\u0001\",\"none\":\"\",\"vi\":\"Đã\"}\n");
  close(ends[0]);
  log_free(log);
}

static void problems_are_kept_in_order_and_bounded(void **state)
{
  static const struct clock clock = {0, 42};
  struct cx *cx = cx_new_alone(&clock, NULL);
  char value[] = "200";
  assert_int_equal(cx_fail(cx, ERR_INPUT, "name", "error.too_long", "max", value, "none", NULL, NULL), ERR_INPUT);
  value[0] = '9';
  assert_string_equal(cx->problems.items[0].args[0].value, "200");
  assert_string_equal(cx->problems.items[0].args[1].value, "");
  assert_null(cx->problems.items[0].args[2].name);
  for (int i = 0; i < 2 * PROBLEMS_MAX; i++) assert_int_equal(cx_fail(cx, ERR_CONFLICT, NULL, "error.x", NULL), ERR_CONFLICT);
  assert_int_equal(cx->problems.count, PROBLEMS_MAX);
  struct cx *other = cx_new_alone(&clock, NULL);
  cx_take_problems(other, cx);
  cx_reset_problems(cx);
  assert_int_equal(cx->problems.count, 0);
  assert_int_equal(cx_now(cx), 42);
  cx_free_alone(cx);
  assert_int_equal(other->problems.count, PROBLEMS_MAX);
  assert_string_equal(other->problems.items[0].field, "name");
  assert_string_equal(other->problems.items[0].args[0].value, "200");
  cx_free_alone(other);
}

static void errors_have_a_status_and_a_name(void **state)
{
  assert_int_equal(err_status(OK), 200);
  assert_int_equal(err_status(ERR_CONFLICT), 409);
  for (int err = OK; err <= ERR_INTERNAL; err++) {
    assert_true(err_status((enum err)err) >= 200);
    assert_non_null(err_name((enum err)err));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_line_is_one_escaped_object), cmocka_unit_test(problems_are_kept_in_order_and_bounded),
    cmocka_unit_test(errors_have_a_status_and_a_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
