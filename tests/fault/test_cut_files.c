/* The power goes at every change that the file store makes: each file that was acknowledged is there with its content, and no name
 * stands for content that it has not. */
#include "cut.h"

#include "base/text.h"
#include "store/files.h"
#include "store/testing.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { COUNT = 6, SIZE = 3000 };

static const struct clock machine;
static const char *const types[] = {"text/plain", NULL};
static const struct file_limits limits = {.size_max = 1 << 20, .types = types};

struct story { const char *hashes[COUNT]; struct files *files; };

static enum err put(struct cx *cx, struct files *files, int n, struct file_info *info)
{
  char text[SIZE];
  for (int i = 0; i < SIZE; i++) text[i] = (char)('a' + (i * (n + 3) >> 2) % 26);
  return file_put(cx, files, (struct bytes){(const uint8_t *)text, SIZE}, &limits, info);
}

/* Every name in the store, acknowledged or not. */
static bool names_hold(struct cx *cx, struct files *files, const char *folder)
{
  bool hold = true;
  for (int i = 0; i < 256; i++) {
    DIR *directory = opendir(arena_print(cx->arena, "%s/store/%02x", folder, i));
    for (const struct dirent *entry; directory && (entry = readdir(directory));)
      if (entry->d_name[0] != '.') hold = hold && file_verify(cx, files, entry->d_name) == OK;
    if (directory) closedir(directory);
  }
  return hold;
}

static const char *check(struct cx *cx, const char *folder, const struct told *told, void *user)
{
  const struct story *story = user;
  struct files *files;
  if (files_open(cx, arena_print(cx->arena, "%s/store", folder), &files)) return "the file store does not open";
  const char *wrong = names_hold(cx, files, folder) ? NULL : "a name stands for other content";
  for (int n = 0; !wrong && n < COUNT; n++)
    if (told_has(told, n) && file_verify(cx, files, story->hashes[n])) wrong = "an acknowledged file is lost";
  files_close(files);
  return wrong;
}

/* broken: the sync that fails; what failed is put again. */
static int64_t story_run(int64_t broken, int *cuts)
{
  struct cx *cx = cx_new_alone(&machine, NULL);
  const char *folder = testing_folder(cx), *path = arena_print(cx->arena, "%s/store", folder);
  struct story story = {0};
  drive_start(folder);
  if (broken >= 0) drive_break(DRIVE_SYNC, broken, EIO, 0);
  while (files_open(cx, path, &story.files)) assert_true(drive_failures() > 0);
  for (int n = 0; n < COUNT; n++) {
    struct file_info info;
    enum err err = put(cx, story.files, n, &info);
    if (err) assert_int_equal(err, ERR_STORAGE);
    if (err) assert_int_equal(put(cx, story.files, n, &info), OK);
    story.hashes[n] = info.hash;
    drive_tell(n);
  }
  int64_t failures = drive_failures();
  files_close(story.files);
  drive_stop();
  *cuts += cut_everywhere(&(struct cut_walk){.check = check, .user = &story, .tears = broken < 0 ? 2 : 0, .between = broken < 0 ? 1 : 0});
  drive_end();
  cx_free_alone(cx);
  return failures;
}

static void power_cut_at_every_change(void **state)
{
  int cuts = 0;
  story_run(-1, &cuts);
  print_message("files: %d power cuts\n", cuts);
}

static void power_cut_after_a_failed_sync(void **state)
{
  int cuts = 0;
  int64_t n = 0;
  while (story_run(n, &cuts)) n++;
  assert_true(n > 2 * COUNT);
  print_message("files after each of %lld syncs failed: %d power cuts\n", (long long)n, cuts);
}

int main(void)
{
  cut_in_memory();
  const struct CMUnitTest tests[] = {cmocka_unit_test(power_cut_at_every_change), cmocka_unit_test(power_cut_after_a_failed_sync)};
  return cmocka_run_group_tests_name("power cuts under the file store", tests, NULL, NULL);
}
