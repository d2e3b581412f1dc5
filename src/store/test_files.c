/* Files by content: limits, types by content, names that are hashes, and what a crash leaves. */
#include "store/files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "store/testing.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct shelf { struct cx *cx; const char *folder, *uploads; struct files *files; };

static const char *const pictures[] = {"application/pdf", "image/jpeg", "image/png", NULL};
static const struct file_limits limits = {.size_max = 1 << 20, .types = pictures};
static const uint8_t png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13, 'I', 'H', 'D', 'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0};
static const char pdf[] = "%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n";

static int shelf_up(void **state)
{
  struct shelf *shelf = calloc(1, sizeof *shelf);
  shelf->cx = cx_new_alone(NULL, NULL);
  shelf->folder = arena_print(shelf->cx->arena, "%s/files", testing_folder(shelf->cx));
  shelf->uploads = testing_folder(shelf->cx);
  *state = shelf;
  return files_open(shelf->cx, shelf->folder, &shelf->files) ? -1 : 0;
}

static int shelf_down(void **state)
{
  struct shelf *shelf = *state;
  files_close(shelf->files);
  cx_free_alone(shelf->cx);
  free(shelf);
  return 0;
}

static struct bytes text_bytes(const char *text)
{
  return (struct bytes){(const uint8_t *)text, strlen(text)};
}

static const char *upload(struct shelf *shelf, const void *data, size_t size)
{
  const char *path = arena_print(shelf->cx->arena, "%s/%s", shelf->uploads, random_uuid(shelf->cx->arena));
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  assert_true(fd >= 0 && write(fd, data, size) == (ssize_t)size && close(fd) == 0);
  return path;
}

static void put_and_read(void **state)
{
  struct shelf *shelf = *state;
  struct file_info info, again;
  int fd;
  int64_t size;
  char content[sizeof pdf];
  assert_int_equal(file_put(shelf->cx, shelf->files, text_bytes(pdf), &limits, &info), OK);
  assert_string_equal(info.type, "application/pdf");
  assert_int_equal(info.size, strlen(pdf));
  assert_int_equal(strlen(info.hash), 64);
  assert_int_equal(file_read(shelf->cx, shelf->files, info.hash, &fd, &size), OK);
  assert_int_equal(size, info.size);
  assert_int_equal(read(fd, content, sizeof content), size);
  assert_memory_equal(content, pdf, (size_t)size);
  close(fd);
  assert_int_equal(file_put(shelf->cx, shelf->files, text_bytes(pdf), &limits, &again), OK);
  assert_string_equal(again.hash, info.hash);
  assert_int_equal(file_verify(shelf->cx, shelf->files, info.hash), OK);
}

/* The SHA-256 of "abc" (FIPS 180-2, appendix B.1) is the name that "abc" gets. */
static void name_is_sha256(void **state)
{
  struct shelf *shelf = *state;
  static const char *const plain[] = {"text/plain", NULL};
  struct file_info info;
  assert_int_equal(file_put(shelf->cx, shelf->files, text_bytes("abc"), &(struct file_limits){10, plain}, &info), OK);
  assert_string_equal(info.hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void taken_upload(void **state)
{
  struct shelf *shelf = *state;
  struct file_info info;
  const char *path = upload(shelf, png, sizeof png);
  assert_int_equal(file_take(shelf->cx, shelf->files, path, &limits, &info), OK);
  assert_string_equal(info.type, "image/png");
  assert_int_equal(access(path, F_OK), -1);
  assert_int_equal(file_verify(shelf->cx, shelf->files, info.hash), OK);
}

/* /dev/shm is another file system than the folder, where it exists. */
static void taken_from_another_disk(void **state)
{
  struct shelf *shelf = *state;
  struct stat here, there;
  struct file_info info;
  if (stat("/dev/shm", &there) || stat(shelf->folder, &here) || here.st_dev == there.st_dev || access("/dev/shm", W_OK)) skip();
  char path[] = "/dev/shm/truc-upload.XXXXXX";
  int fd = mkstemp(path);
  assert_true(fd >= 0 && write(fd, png, sizeof png) == sizeof png && close(fd) == 0);
  assert_int_equal(file_take(shelf->cx, shelf->files, path, &limits, &info), OK);
  assert_int_equal(access(path, F_OK), -1);
  assert_int_equal(file_verify(shelf->cx, shelf->files, info.hash), OK);
}

static void too_large(void **state)
{
  struct shelf *shelf = *state;
  struct file_info info;
  struct file_limits small = {.size_max = sizeof png - 1, .types = pictures}, just = {.size_max = sizeof png, .types = pictures};
  const char *path = upload(shelf, png, sizeof png);
  assert_int_equal(file_take(shelf->cx, shelf->files, path, &small, &info), ERR_TOO_LARGE);
  assert_string_equal(shelf->cx->problems.items[0].key, "error.file_large");
  assert_int_equal(access(path, F_OK), -1);
  assert_int_equal(file_put(shelf->cx, shelf->files, (struct bytes){png, sizeof png}, &just, &info), OK);
}

/* A name or a first impression does not make a picture. */
static void wrong_type(void **state)
{
  struct shelf *shelf = *state;
  struct file_info info;
  static const char *const wrong[] = {"<html><script>alert(1)</script>", "#!/bin/sh\nexit\n", "MZ\x90", "GIF89a\x01\x01", "PK\x03\x04", ""};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    assert_int_equal(file_put(shelf->cx, shelf->files, text_bytes(wrong[i]), &limits, &info), ERR_TYPE);
    assert_string_equal(shelf->cx->problems.items[0].key, "error.file_type");
    cx_reset_problems(shelf->cx);
  }
  const char *path = upload(shelf, "no picture", 10);
  assert_int_equal(file_take(shelf->cx, shelf->files, path, &limits, &info), ERR_TYPE);
  assert_int_equal(access(path, F_OK), -1);
  assert_int_equal(access(arena_print(shelf->cx->arena, "%s/incoming", shelf->folder), F_OK), 0);
  assert_int_equal(rmdir(arena_print(shelf->cx->arena, "%s/incoming", shelf->folder)), 0);
}

static void link_is_not_followed(void **state)
{
  struct shelf *shelf = *state;
  struct file_info info;
  const char *target = upload(shelf, png, sizeof png), *path = arena_print(shelf->cx->arena, "%s/link", shelf->uploads);
  assert_int_equal(symlink(target, path), 0);
  assert_int_equal(file_take(shelf->cx, shelf->files, path, &limits, &info), ERR_STORAGE);
  assert_int_equal(access(target, F_OK), 0);
}

static void not_found(void **state)
{
  struct shelf *shelf = *state;
  int fd;
  int64_t size;
  static const char *const names[] = {"", "../../etc/passwd", "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
                                      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"};
  for (size_t i = 0; i < 4; i++) assert_int_equal(file_read(shelf->cx, shelf->files, names[i], &fd, &size), ERR_NOT_FOUND);
  assert_int_equal(file_read(shelf->cx, shelf->files, NULL, &fd, &size), ERR_NOT_FOUND);
}

/* A file that was half written when the machine stopped has no name, and is swept at the next start. */
static void torn_temporary(void **state)
{
  struct shelf *shelf = *state;
  struct file_info info;
  assert_int_equal(file_put(shelf->cx, shelf->files, text_bytes(pdf), &limits, &info), OK);
  const char *torn = arena_print(shelf->cx->arena, "%s/incoming/%s", shelf->folder, random_uuid(shelf->cx->arena));
  int fd = open(torn, O_WRONLY | O_CREAT, 0600);
  assert_int_equal(write(fd, pdf, 10), 10);
  close(fd);
  files_close(shelf->files);
  assert_int_equal(files_open(shelf->cx, shelf->folder, &shelf->files), OK);
  assert_int_equal(access(torn, F_OK), -1);
  assert_int_equal(file_verify(shelf->cx, shelf->files, info.hash), OK);
}

/* Damage is seen, and healed by whoever brings the content again. */
static void damage(void **state)
{
  struct shelf *shelf = *state;
  struct file_info info;
  assert_int_equal(file_put(shelf->cx, shelf->files, text_bytes(pdf), &limits, &info), OK);
  const char *path = arena_print(shelf->cx->arena, "%s/%.2s/%s", shelf->folder, info.hash, info.hash);
  assert_int_equal(chmod(path, 0600), 0);
  int fd = open(path, O_WRONLY);
  assert_int_equal(pwrite(fd, "x", 1, 20), 1);
  close(fd);
  assert_int_equal(file_verify(shelf->cx, shelf->files, info.hash), ERR_STORAGE);
  assert_string_equal(shelf->cx->problems.items[0].key, "store.error.file_damaged");
  assert_int_equal(truncate(path, 20), 0);
  assert_int_equal(file_verify(shelf->cx, shelf->files, info.hash), ERR_STORAGE);
  assert_int_equal(file_put(shelf->cx, shelf->files, text_bytes(pdf), &limits, &info), OK);
  assert_int_equal(file_verify(shelf->cx, shelf->files, info.hash), OK);
}

#define ON_SHELF(test) cmocka_unit_test_setup_teardown(test, shelf_up, shelf_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
    ON_SHELF(put_and_read), ON_SHELF(name_is_sha256), ON_SHELF(taken_upload), ON_SHELF(taken_from_another_disk), ON_SHELF(too_large),
    ON_SHELF(wrong_type), ON_SHELF(link_is_not_followed), ON_SHELF(not_found), ON_SHELF(torn_temporary), ON_SHELF(damage),
  };
  return cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
