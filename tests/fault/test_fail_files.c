/* Each call under the file store fails in turn, and the disk is full: a clear error, what is there is read on, no name stands for half a
 * file, nothing is left lying about, and the same file is taken when the fault is gone. */
#include "drive.h"
#include "cut.h"

#include "base/text.h"
#include "store/files.h"
#include "store/testing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

enum { SIZE = 200000 };

static const struct clock machine;
static const char *const types[] = {"text/plain", NULL};
static const struct file_limits limits = {.size_max = 1 << 20, .types = types};

static struct bytes text(struct cx *cx, int n)
{
  uint8_t *data = arena_alloc(cx->arena, SIZE);
  for (int i = 0; i < SIZE; i++) data[i] = (uint8_t)('a' + (i * (n + 3) >> 2) % 26);
  return (struct bytes){data, SIZE};
}

static void clear_error(struct cx *cx, enum err err)
{
  assert_int_equal(err, ERR_STORAGE);
  const char *key = cx->problems.items[cx->problems.count - 1].key;
  assert_true(text_equal(key, "error.storage") || text_equal(key, "error.storage_full"));
  cx_reset_problems(cx);
}

static int left_in(const char *folder)
{
  int count = 0;
  DIR *directory = opendir(folder);
  assert_non_null(directory);
  for (const struct dirent *entry; (entry = readdir(directory));) count += entry->d_name[0] != '.';
  closedir(directory);
  return count;
}

static enum err upload(struct cx *cx, struct files *files, const char *folder, struct bytes content, struct file_info *info)
{
  const char *path = arena_print(cx->arena, "%s/upload", folder);
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  assert_true(fd >= 0 && write(fd, content.data, content.size) == (ssize_t)content.size);
  close(fd);
  return file_take(cx, files, path, &limits, info);
}

/* upload: as a file that was received, beside the store and unseen by the drive; else as bytes. */
static bool fail_at(struct files *files, const char *folder, bool as_upload, enum drive_call call, int64_t n, int code)
{
  struct cx *cx = cx_new_alone(&machine, NULL);
  const char *store = arena_print(cx->arena, "%s/store", folder);
  struct file_info first, info;
  struct bytes content = text(cx, 1 + (int)(n + code) % 20);
  assert_int_equal(file_put(cx, files, text(cx, 0), &limits, &first), OK);
  drive_start(store);
  drive_break(call, n, code, code == ENOSPC ? 1 << 20 : 0);
  enum err err = as_upload ? upload(cx, files, folder, content, &info) : file_put(cx, files, content, &limits, &info);
  bool came = drive_failures() > 0;
  if (err) clear_error(cx, err);
  drive_mend();
  assert_int_equal(file_verify(cx, files, first.hash), OK);
  assert_int_equal(left_in(arena_print(cx->arena, "%s/incoming", store)), 0);
  assert_int_equal(access(arena_print(cx->arena, "%s/upload", folder), F_OK), -1);
  assert_int_equal(file_put(cx, files, content, &limits, &info), OK);
  assert_int_equal(file_verify(cx, files, info.hash), OK);
  drive_end();
  cx_free_alone(cx);
  return came;
}

static void each_call_fails(void **state)
{
  static const int codes[] = {EIO, ENOSPC};
  struct cx *cx = cx_new_alone(&machine, NULL);
  const char *folder = testing_folder(cx);
  struct files *files;
  int64_t places = 0;
  assert_int_equal(files_open(cx, arena_print(cx->arena, "%s/store", folder), &files), OK);
  for (int as_upload = 0; as_upload < 2; as_upload++)
    for (size_t code = 0; code < 2; code++)
      for (enum drive_call call = DRIVE_OPEN; call < DRIVE_CALLS; call++)
        for (int64_t n = 0; fail_at(files, folder, as_upload, call, n, codes[code]); n++) places++;
  assert_true(places > 20);
  print_message("files: calls failed at %lld places\n", (long long)places);
  files_close(files);
  cx_free_alone(cx);
}

static void a_read_fails_while_it_is_verified(void **state)
{
  struct cx *cx = cx_new_alone(&machine, NULL);
  const char *folder = testing_folder(cx);
  struct files *files;
  struct file_info info;
  assert_int_equal(files_open(cx, folder, &files), OK);
  assert_int_equal(file_put(cx, files, text(cx, 0), &limits, &info), OK);
  drive_start(folder);
  for (int64_t n = 0; n < 4; n++) {
    drive_break(DRIVE_READ, n, EIO, 0);
    clear_error(cx, file_verify(cx, files, info.hash));
  }
  drive_end();
  assert_int_equal(file_verify(cx, files, info.hash), OK);
  files_close(files);
  cx_free_alone(cx);
}

static void files_may_not_grow(void **state)
{
  struct cx *cx = cx_new_alone(&machine, NULL);
  const char *folder = testing_folder(cx);
  struct files *files;
  struct file_info info;
  struct rlimit before;
  assert_int_equal(files_open(cx, folder, &files), OK);
  signal(SIGXFSZ, SIG_IGN);
  getrlimit(RLIMIT_FSIZE, &before);
  setrlimit(RLIMIT_FSIZE, &(struct rlimit){SIZE / 2, before.rlim_max});
  clear_error(cx, file_put(cx, files, text(cx, 0), &limits, &info));
  assert_int_equal(left_in(arena_print(cx->arena, "%s/incoming", folder)), 0);
  setrlimit(RLIMIT_FSIZE, &before);
  assert_int_equal(file_put(cx, files, text(cx, 0), &limits, &info), OK);
  files_close(files);
  cx_free_alone(cx);
}

int main(void)
{
  cut_in_memory();
  const struct CMUnitTest tests[] = {cmocka_unit_test(each_call_fails), cmocka_unit_test(a_read_fails_while_it_is_verified), cmocka_unit_test(files_may_not_grow)};
  return cmocka_run_group_tests_name("failing calls under the file store", tests, NULL, NULL);
}
