/* A keys process for tests. */
#include "keys/test_process.h"

#include <dirent.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

void test_process_main(int count, char **arguments)
{
  bool asked = count == 4 && strcmp(arguments[1], "keys") == 0 && strcmp(arguments[2], "--folder") == 0;
  if (asked) exit(keys_process_main(arguments[3]));
}

void test_process_start(struct test_process *process, const struct clock *clock)
{
  strcpy(process->folder, "/tmp/truc-keys-XXXXXX");
  assert_non_null(mkdtemp(process->folder));
  process->cx = cx_new_alone(clock, NULL);
  assert_int_equal(keys_start(process->cx, "/proc/self/exe", process->folder, &process->keys), OK);
}

void test_folder_remove(const char *folder)
{
  char path[512];
  DIR *entries = opendir(folder);
  for (struct dirent *entry; entries && (entry = readdir(entries));) {
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (entry->d_name[0] != '.') unlink(path);
  }
  if (entries) closedir(entries);
  rmdir(folder);
}

void test_process_stop(struct test_process *process)
{
  keys_stop(process->keys);
  cx_free_alone(process->cx);
  test_folder_remove(process->folder);
}
