/* Backups: what was written reads back, folder or tar; what was cut anywhere, changed anywhere, or names what it must not is refused. */
#include "node/archive_inner.h"

#include "store/testing.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const struct clock clock_machine;

static void test_names(void **state)
{
  static const char *const good[] = {"truc.json", "a/b.c", "onestop/files/ab/abcdef", "keys/member-GOV-H01-07.pem"};
  static const char *const bad[] = {"", ".", "..", "/etc/passwd", "../x", "a/../b", "a/.b", "a//b", "a/", ".x", "a b", "a\nb", "à", "a\\b"};
  char name[102];
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) assert_true(archive_name_good(good[i]));
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) assert_false(archive_name_good(bad[i]));
  memset(name, 'a', sizeof name);
  name[100] = '\0';
  assert_true(archive_name_good(name));
  name[100] = 'a';
  name[101] = '\0';
  assert_false(archive_name_good(name));
}

/* Octal up to 8 GiB, binary above; any changed byte but those behind the sum is seen. */
static void test_headers(void **state)
{
  static const int64_t sizes[] = {0, 1, 511, 512, INT64_C(8589934591), INT64_C(8589934592), INT64_C(1) << 45};
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    uint8_t block[TAR_BLOCK];
    char name[101];
    int64_t size;
    tar_header_write(block, "onestop/onestop.sqlite", sizes[i], 1700000000 * SECOND_US);
    assert_true(tar_header_read(block, name, &size));
    assert_string_equal(name, "onestop/onestop.sqlite");
    assert_int_equal(size, sizes[i]);
    for (int at = 0; at < TAR_BLOCK; at++) {
      block[at] ^= 4;
      assert_false((at < 148 || at > 155) && tar_header_read(block, name, &size));
      block[at] ^= 4;
    }
  }
}

static const char *backup_make(struct cx *cx, const char *name)
{
  const char *folder = testing_folder(cx), *to = arena_print(cx->arena, "%s/%s", folder, name), *source = arena_print(cx->arena, "%s/source", folder);
  int fd = open(source, O_WRONLY | O_CREAT, 0600);
  for (int i = 0; i < 3000; i++) assert_int_equal(write(fd, &i, sizeof i), sizeof i);
  close(fd);
  struct archive *archive;
  assert_int_equal(archive_create(cx, to, &archive), OK);
  assert_int_equal(archive_add(cx, archive, "a/whole", source, -1), OK);
  assert_int_equal(archive_add(cx, archive, "a/part", source, 1000), OK);
  assert_int_equal(archive_add_text(cx, archive, "empty", ""), OK);
  assert_int_equal(archive_add(cx, archive, "a/more", source, 12001), ERR_STORAGE); /* it is not as long as that */
  archive_close(archive);
  assert_int_equal(archive_open(cx, to, &(struct archive_reader *){NULL}), access(to, F_OK) == 0 ? ERR_INPUT : ERR_NOT_FOUND); /* unfinished */
  to = arena_print(cx->arena, "%s/whole-%s", folder, name);
  assert_int_equal(archive_create(cx, to, &archive), OK);
  assert_int_equal(archive_add(cx, archive, "a/whole", source, -1), OK);
  assert_int_equal(archive_add(cx, archive, "a/part", source, 1000), OK);
  assert_int_equal(archive_add_text(cx, archive, "empty", ""), OK);
  const struct archive_head head = {.format = ARCHIVE_FORMAT, .node = "province", .instance = "H01", .origin = "H01/gateway/journal-1", .checkpoint = "x\n1\n"};
  assert_int_equal(archive_finish(cx, archive, &head), OK);
  assert_int_equal(archive_file_count(archive), 3);
  archive_close(archive);
  return to;
}

static enum err backup_check(const char *path)
{
  struct cx *cx = cx_new_alone(&clock_machine, NULL);
  struct archive_reader *reader = NULL;
  enum err err = archive_open(cx, path, &reader);
  if (!err) err = archive_verify(cx, reader);
  archive_reader_close(reader);
  cx_free_alone(cx);
  return err;
}

static void round_trip(const char *name)
{
  struct cx *cx = cx_new_alone(&clock_machine, NULL);
  const char *path = backup_make(cx, name);
  struct archive_reader *reader;
  struct archive_file file;
  struct archive *archive;
  int fd, third;
  int64_t offset;
  assert_int_equal(archive_create(cx, path, &archive), ERR_CONFLICT);
  assert_int_equal(archive_open(cx, path, &reader), OK);
  assert_string_equal(archive_head(reader)->checkpoint, "x\n1\n");
  assert_int_equal(archive_verify(cx, reader), OK);
  assert_int_equal(archive_next(cx, reader, &file, &fd, &offset), OK);
  assert_string_equal(file.path, "a/whole");
  assert_int_equal(file.size, 12000);
  assert_int_equal(pread(fd, &third, sizeof third, offset + 8), sizeof third);
  assert_int_equal(third, 2);
  close(fd);
  archive_reader_close(reader);
  cx_free_alone(cx);
}

static void test_folder(void **state) { round_trip("backup"); }
static void test_tar(void **state) { round_trip("backup.tar"); }

/* Of the padding and the last two blocks of a tar nothing is read, and the fields of a header that we do not use are summed. */
static void test_tar_damaged(void **state)
{
  struct cx *cx = cx_new_alone(&clock_machine, NULL);
  const char *path = backup_make(cx, "backup.tar");
  struct stat info;
  assert_int_equal(stat(path, &info), 0);
  uint8_t *whole = arena_alloc(cx->arena, (size_t)info.st_size);
  int fd = open(path, O_RDWR), found = 0, padding = 0;
  assert_int_equal(pread(fd, whole, (size_t)info.st_size, 0), info.st_size);
  for (off_t at = 0; at < info.st_size - 2 * TAR_BLOCK; at += 37) {
    uint8_t changed = whole[at] ^ 1;
    if (whole[at] == 0) padding++;
    assert_int_equal(pwrite(fd, &changed, 1, at), 1);
    enum err err = backup_check(path);
    if (whole[at] != 0) assert_int_equal(err, ERR_INPUT);
    found += err != OK;
    assert_int_equal(pwrite(fd, &whole[at], 1, at), 1);
  }
  assert_true(found > padding);
  for (off_t size = 0; size < info.st_size - 2 * TAR_BLOCK - TAR_BLOCK; size += 256) {
    assert_int_equal(ftruncate(fd, size), 0);
    assert_int_equal(backup_check(path), ERR_INPUT);
    assert_int_equal(pwrite(fd, whole, (size_t)info.st_size, 0), info.st_size);
  }
  assert_int_equal(backup_check(path), OK);
  close(fd);
  cx_free_alone(cx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_names), cmocka_unit_test(test_headers), cmocka_unit_test(test_folder),
                                     cmocka_unit_test(test_tar), cmocka_unit_test(test_tar_damaged)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
