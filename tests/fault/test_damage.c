/* Bytes that changed and ends that are missing, everywhere in turn: in the journal, in a database and in a stored file. Each is found when
 * it is opened, when it is verified, or by whoever reads it; or it is healed, and all is there. Nothing else may be read than was written. */
#include "entries.h"
#include "work.h"

#include "base/text.h"
#include "keys/test_process.h"
#include "store/files.h"
#include "store/testing.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { STEP = 97, ENTRIES = 24, ROWS = 6, CUTS = 20 };
enum outcome { AT_OPEN, BY_VERIFY, BY_READING, HEALED, UNSEEN, OUTCOMES };

static const struct clock machine;
static struct test_process process;

struct sweep {
  const char *name;          /* of the file, below the folder */
  enum outcome (*look)(struct cx *cx, const char *folder);
  size_t least;              /* bytes that are left of it when it is cut */
  int found[OUTCOMES];
};

/* ---- One damage after another ---- */

static struct bytes file_bytes(struct cx *cx, const char *path)
{
  struct stat status;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  assert_true(fd >= 0 && fstat(fd, &status) == 0);
  uint8_t *data = arena_alloc(cx->arena, (size_t)status.st_size + 1);
  assert_int_equal(read(fd, data, (size_t)status.st_size), status.st_size);
  close(fd);
  return (struct bytes){data, (size_t)status.st_size};
}

static void file_make(const char *path, const uint8_t *data, size_t size)
{
  unlink(path);
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  assert_true(fd >= 0 && write(fd, data, size) == (ssize_t)size);
  close(fd);
}

/* names: all files of the folder `from`, which stays as it is. */
static void damage_once(struct sweep *sweep, const char *from, const char *const *names, size_t at, bool cut)
{
  struct cx *cx = cx_new_alone(&machine, NULL);
  const char *folder = testing_folder(cx);
  for (const char *const *name = names; *name; name++) {
    const char *path = arena_print(cx->arena, "%s/%s", folder, *name), *parent = arena_copy_n(cx->arena, path, (size_t)(strrchr(path, '/') - path));
    struct bytes bytes = file_bytes(cx, arena_print(cx->arena, "%s/%s", from, *name));
    uint8_t *data = (uint8_t *)arena_copy_n(cx->arena, bytes.data, bytes.size);
    bool damaged = text_equal(*name, sweep->name);
    if (damaged && !cut) data[at] ^= (uint8_t)(1 << at % 8);
    mkdir(parent, 0700);
    file_make(path, data, damaged && cut ? at : bytes.size);
  }
  enum outcome outcome = sweep->look(cx, folder);
  if (outcome == UNSEEN) print_error("%s: %s at %zu is not seen\n", sweep->name, cut ? "an end" : "a byte", at);
  sweep->found[outcome]++;
  cx_free_alone(cx);
}

static void sweep_run(struct sweep *sweep, const char *from, const char *const *names)
{
  struct cx *cx = cx_new_alone(&machine, NULL);
  size_t size = file_bytes(cx, arena_print(cx->arena, "%s/%s", from, sweep->name)).size;
  for (size_t at = 0; at < size; at += STEP) damage_once(sweep, from, names, at, false);
  for (size_t i = 0; i < CUTS; i++) damage_once(sweep, from, names, sweep->least + (size - sweep->least) * i / CUTS, true);
  print_message("%-24s found at open %d, by verify %d, by reading %d; healed %d; unseen %d\n", sweep->name, sweep->found[AT_OPEN],
                sweep->found[BY_VERIFY], sweep->found[BY_READING], sweep->found[HEALED], sweep->found[UNSEEN]);
  assert_int_equal(sweep->found[UNSEEN], 0);
  cx_free_alone(cx);
}

/* ---- The journal ---- */

static enum outcome journal_look(struct cx *cx, const char *folder)
{
  struct journal *journal;
  bool hold = true;
  enum err err = entries_open(cx, folder, process.keys, &journal);
  if (err) assert_true(cx->problems.count > 0);
  if (err) return AT_OPEN;
  enum err verified = journal_verify(cx, journal);
  for (int64_t i = 0; i < ENTRIES; i++) hold = hold && entries_hold(cx, journal, i, i);
  journal_close(journal);
  return verified ? BY_VERIFY : hold ? HEALED : UNSEEN;
}

static void journal_damages_are_found(void **state)
{
  static const char *const names[] = {"journal/entries", "journal/keys", "journal/tree", "journal/checkpoint", "journal/origin", NULL};
  struct cx *cx = cx_new_alone(&machine, NULL);
  const char *folder = testing_folder(cx);
  struct journal *journal;
  assert_int_equal(entries_open(cx, folder, process.keys, &journal), OK);
  assert_int_equal(entries_append(journal, 0, ENTRIES), OK);
  journal_close(journal);
  for (const char *const *name = names; *name; name++) sweep_run(&(struct sweep){.name = *name, .look = journal_look}, folder, names);
  cx_free_alone(cx);
}

/* ---- The database ---- */

static enum outcome store_look(struct cx *cx, const char *folder)
{
  struct store *store;
  bool hold = true, failed = false;
  enum err err = store_open(cx, arena_print(cx->arena, "sqlite:%s/data", folder), &fault_schema, 1, &store);
  if (err) assert_true(cx->problems.count > 0);
  if (err) return AT_OPEN;
  for (int64_t i = 0; i < ROWS; i++) {
    int64_t found = work_state(cx, store, i);
    failed = failed || found == -1;
    hold = hold && found == 7;
  }
  enum err verified = store_verify(cx, store);
  store_close(store);
  return verified ? BY_VERIFY : failed ? BY_READING : hold ? HEALED : UNSEEN;
}

static void database_damages_are_found(void **state)
{
  static const char *const names[] = {"data/fault.sqlite", NULL};
  struct cx *cx = cx_new_alone(&machine, NULL);
  const char *folder = testing_folder(cx);
  struct store *store;
  assert_int_equal(store_open(cx, arena_print(cx->arena, "sqlite:%s/data", folder), &fault_schema, 1, &store), OK);
  for (int64_t i = 0; i < ROWS; i++) assert_int_equal(work_begin(cx, store, i), OK);
  store_close(store);
  /* A file of no byte, or of SQLite's single one, is a database that was never written: a power cut at its first start leaves it so. */
  sweep_run(&(struct sweep){.name = names[0], .look = store_look, .least = 2}, folder, names);
  cx_free_alone(cx);
}

/* A copy is as well guarded as what it was made of. */
static void damages_of_a_copy_are_found(void **state)
{
  static const char *const names[] = {"data/fault.sqlite", NULL};
  struct cx *cx = cx_new_alone(&machine, NULL);
  const char *folder = testing_folder(cx), *copy = testing_folder(cx);
  struct store *store;
  assert_int_equal(store_open(cx, arena_print(cx->arena, "sqlite:%s/data", folder), &fault_schema, 1, &store), OK);
  for (int64_t i = 0; i < ROWS; i++) assert_int_equal(work_begin(cx, store, i), OK);
  assert_int_equal(mkdir(arena_print(cx->arena, "%s/data", copy), 0700), 0);
  assert_int_equal(store_backup(cx, store, arena_print(cx->arena, "%s/data/fault.sqlite", copy)), OK);
  store_close(store);
  sweep_run(&(struct sweep){.name = names[0], .look = store_look, .least = 2}, copy, names);
  cx_free_alone(cx);
}

/* ---- A stored file ---- */

static const char *hash;

static enum outcome file_look(struct cx *cx, const char *folder)
{
  struct files *files;
  if (files_open(cx, arena_print(cx->arena, "%s/store", folder), &files)) return AT_OPEN;
  enum err verified = file_verify(cx, files, hash);
  files_close(files);
  return verified == ERR_STORAGE ? BY_VERIFY : UNSEEN;
}

static void file_damages_are_found(void **state)
{
  static const char *const types[] = {"text/plain", NULL};
  struct cx *cx = cx_new_alone(&machine, NULL);
  const char *folder = testing_folder(cx);
  struct files *files;
  struct file_info info;
  char text[3000];
  memset(text, 'x', sizeof text);
  assert_int_equal(files_open(cx, arena_print(cx->arena, "%s/store", folder), &files), OK);
  assert_int_equal(file_put(cx, files, (struct bytes){(const uint8_t *)text, sizeof text}, &(struct file_limits){.size_max = 1 << 20, .types = types}, &info), OK);
  files_close(files);
  hash = info.hash;
  const char *name = arena_print(cx->arena, "store/%.2s/%s", info.hash, info.hash);
  /* The folder `store` is made with the first name in it: a file of its own comes first. */
  file_make(arena_print(cx->arena, "%s/store/first", folder), (const uint8_t *)"", 0);
  const char *both[] = {"store/first", name, NULL};
  sweep_run(&(struct sweep){.name = name, .look = file_look}, folder, both);
  cx_free_alone(cx);
}

static int keys_up(void **state)
{
  test_process_start(&process, &machine);
  return 0;
}

static int keys_down(void **state)
{
  test_process_stop(&process);
  return 0;
}

int main(int count, char **arguments)
{
  test_process_main(count, arguments);
  cut_in_memory();
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(journal_damages_are_found), cmocka_unit_test(database_damages_are_found),
    cmocka_unit_test(damages_of_a_copy_are_found), cmocka_unit_test(file_damages_are_found),
  };
  return cmocka_run_group_tests_name("damages", tests, keys_up, keys_down);
}
