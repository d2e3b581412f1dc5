/* The journal: what was acknowledged is there after any end of the process, what was changed is found, what is erased is gone. */
#include "axis/journal_inner.h"
#include "axis/journal_restore.h"

#include "base/text.h"
#include "keys/test_process.h"
#include "store/testing.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <setjmp.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct test_process process;
static const struct clock clock_machine;

static int keys_setup(void **state)
{
  test_process_start(&process, &clock_machine);
  return 0;
}

static int keys_teardown(void **state)
{
  test_process_stop(&process);
  return 0;
}

/* ---- Helpers ---- */
struct waiting { pthread_mutex_t lock; pthread_cond_t told; int pending; enum err err; int64_t last; };

static void appended(void *user, enum err err, int64_t index)
{
  struct waiting *waiting = user;
  pthread_mutex_lock(&waiting->lock);
  if (err) waiting->err = err;
  if (index > waiting->last) waiting->last = index;
  waiting->pending--;
  pthread_cond_signal(&waiting->told);
  pthread_mutex_unlock(&waiting->lock);
}

static void waiting_end(struct waiting *waiting)
{
  pthread_mutex_lock(&waiting->lock);
  while (waiting->pending > 0) pthread_cond_wait(&waiting->told, &waiting->lock);
  pthread_mutex_unlock(&waiting->lock);
}

static void append_many(struct journal *journal, int count, const char *name)
{
  struct waiting waiting = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, count, OK, -1};
  for (int i = 0; i < count; i++) {
    char id[60];
    snprintf(id, sizeof id, "%s-%d", name, i);
    const struct evidence evidence = {.kind = "local", .role = "both", .request_id = id, .consumer = "H01/GOV/A/one", .service = "H01/GOV/B/two/x",
                                      .method = "GET", .target = "/axis/1/H01/GOV/B/two/x", .user = "two  spaces", .status = 200, .at_us = i};
    journal_append(journal, &evidence, (struct bytes){(const uint8_t *)id, strlen(id)}, appended, &waiting);
  }
  waiting_end(&waiting);
  assert_int_equal(waiting.err, OK);
}

static enum err journal_try(struct cx *cx, const char *folder, struct journal **journal)
{
  const struct journal_wish wish = {.folder = folder, .origin = "H01/gateway/journal-1", .keys = process.keys, .key_name = "journal", .reserve = 1};
  return journal_open(cx, &wish, journal);
}

static struct journal *journal_get(struct cx *cx, const char *folder)
{
  struct journal *journal;
  assert_int_equal(journal_try(cx, folder, &journal), OK);
  return journal;
}

static void entry_expect(struct cx *cx, struct journal *journal, int64_t index, const char *request_id)
{
  struct journal_entry entry;
  struct evidence evidence;
  assert_int_equal(journal_read(cx, journal, index, &entry), OK);
  assert_false(entry.erased);
  assert_int_equal(evidence_read(cx, entry.record, &evidence), OK);
  assert_string_equal(evidence.request_id, request_id);
  assert_string_equal(evidence.user, "two  spaces");
  assert_string_equal(evidence_write(cx->arena, &evidence), entry.record);
  assert_int_equal(entry.body.size, strlen(request_id));
  assert_memory_equal(entry.body.data, request_id, entry.body.size);
}

static int64_t size_of(struct cx *cx, const char *folder, const char *name)
{
  struct stat info;
  assert_int_equal(stat(arena_print(cx->arena, "%s/%s", folder, name), &info), 0);
  return info.st_size;
}

static void byte_flip(struct cx *cx, const char *folder, const char *name, int64_t at)
{
  uint8_t byte = 0;
  int fd = open(arena_print(cx->arena, "%s/%s", folder, name), O_RDWR | O_CLOEXEC);
  assert_true(fd >= 0 && pread(fd, &byte, 1, at) == 1);
  byte ^= 1;
  assert_int_equal(pwrite(fd, &byte, 1, at), 1);
  close(fd);
}

static void cut_to(struct cx *cx, const char *folder, const char *name, int64_t size)
{
  assert_int_equal(truncate(arena_print(cx->arena, "%s/%s", folder, name), size), 0);
}

static struct cx *fresh(const char **folder)
{
  struct cx *cx = cx_new_alone(&clock_machine, NULL);
  *folder = arena_print(cx->arena, "%s/journal", testing_folder(cx));
  return cx;
}

/* ---- Tests ---- */
static void test_append_reopen(void **state)
{
  const char *folder;
  struct cx *cx = fresh(&folder);
  struct journal *journal = journal_get(cx, folder);
  append_many(journal, 300, "first");
  assert_int_equal(journal_size(journal), 300);
  entry_expect(cx, journal, 0, "first-0");
  entry_expect(cx, journal, 299, "first-299");
  struct journal_entry entry;
  assert_int_equal(journal_read(cx, journal, 300, &entry), ERR_NOT_FOUND);
  journal_close(journal);
  journal = journal_get(cx, folder);
  assert_int_equal(journal_size(journal), 300);
  append_many(journal, 10, "second");
  entry_expect(cx, journal, 309, "second-9");
  assert_int_equal(journal_verify(cx, journal), OK);
  journal_close(journal);
  cut_to(cx, folder, "tree", 0); /* the tree is made again from the log */
  journal = journal_get(cx, folder);
  assert_int_equal(journal_size(journal), 310);
  entry_expect(cx, journal, 305, "second-5");
  journal_close(journal);
  const struct journal_wish other = {.folder = folder, .origin = "H01/gateway/journal-2", .keys = process.keys, .key_name = "journal"};
  assert_int_equal(journal_open(cx, &other, &journal), ERR_CONFLICT);
  const struct journal_wish same = {.folder = folder, .keys = process.keys, .key_name = "journal"};
  assert_int_equal(journal_open(cx, &same, &journal), OK);
  assert_string_equal(journal_origin(journal), "H01/gateway/journal-1");
  journal_close(journal);
  cx_free_alone(cx);
}

static struct checkpoint checkpoint_wait(struct cx *cx, struct journal *journal, int64_t size)
{
  struct checkpoint checkpoint = {0};
  const char *note;
  for (int i = 0; i < 200; i++) {
    if (journal_checkpoint(cx, journal, &note, &checkpoint) == OK && checkpoint.size >= size) return checkpoint;
    usleep(10000);
  }
  fail_msg("no checkpoint");
  return checkpoint;
}

static void test_proofs(void **state)
{
  const char *folder, *note;
  struct cx *cx = fresh(&folder);
  struct journal *journal = journal_get(cx, folder);
  struct checkpoint young;
  assert_int_equal(journal_checkpoint(cx, journal, &note, &young), ERR_NOT_FOUND);
  append_many(journal, 700, "young");
  int64_t start_us = clock_monotonic_us();
  young = checkpoint_wait(cx, journal, 700);
  assert_true(clock_monotonic_us() - start_us < SECOND_US);
  append_many(journal, 333, "old");
  struct checkpoint old = checkpoint_wait(cx, journal, 1033);
  struct merkle_proof proof;
  for (int64_t index = 0; index < 1033; index += 41) {
    int64_t offset;
    struct hash leaf;
    assert_true(tree_row_read(journal, index, &offset, &leaf));
    assert_int_equal(journal_prove(cx, journal, index, 1033, &proof), OK);
    assert_true(merkle_check_inclusion(leaf, index, 1033, &proof, old.root));
    assert_false(merkle_check_inclusion(leaf, index, 1033, &proof, young.root));
    if (index >= 700) continue;
    assert_int_equal(journal_prove(cx, journal, index, 700, &proof), OK);
    assert_true(merkle_check_inclusion(leaf, index, 700, &proof, young.root));
  }
  assert_int_equal(journal_prove_consistency(cx, journal, 700, 1033, &proof), OK);
  assert_true(merkle_check_consistency(700, young.root, 1033, old.root, &proof));
  assert_int_equal(journal_prove(cx, journal, 0, 1034, &proof), ERR_NOT_FOUND);
  struct bytes key;
  assert_int_equal(journal_checkpoint(cx, journal, &note, &old), OK);
  assert_int_equal(keys_public(cx, process.keys, "journal", &key), OK);
  assert_int_equal(note_check(cx, note, "H01/gateway/journal-1", key), OK);
  journal_close(journal);
  cx_free_alone(cx);
}

static void test_erase(void **state)
{
  const char *folder;
  struct cx *cx = fresh(&folder);
  struct journal *journal = journal_get(cx, folder);
  struct journal_entry entry;
  append_many(journal, 20, "person");
  checkpoint_wait(cx, journal, 20);
  assert_int_equal(journal_erase(cx, journal, 7), OK);
  assert_int_equal(journal_read(cx, journal, 7, &entry), OK);
  assert_true(entry.erased);
  assert_null(entry.record);
  entry_expect(cx, journal, 8, "person-8");
  assert_int_equal(journal_verify(cx, journal), OK);
  journal_close(journal);
  journal = journal_get(cx, folder);
  assert_int_equal(journal_read(cx, journal, 7, &entry), OK);
  assert_true(entry.erased);
  assert_int_equal(journal_verify(cx, journal), OK);
  journal_close(journal);
  cx_free_alone(cx);
}

/* Cuts the log anywhere in its last entry, that no checkpoint knows: all before it stays. */
static void test_torn_tail(void **state)
{
  const char *folder;
  struct cx *cx = fresh(&folder);
  struct journal *journal = journal_get(cx, folder);
  append_many(journal, 5, "kept");
  journal_close(journal);
  const char *note = arena_print(cx->arena, "%s/checkpoint", folder), *saved = arena_print(cx->arena, "%s/checkpoint.saved", folder);
  int64_t before = size_of(cx, folder, "entries");
  for (int cut = 1; cut < 400; cut += 37) {
    assert_int_equal(link(note, saved), 0);
    journal = journal_get(cx, folder);
    append_many(journal, 1, "torn");
    journal_close(journal);
    assert_int_equal(rename(saved, note), 0);
    cut_to(cx, folder, "entries", size_of(cx, folder, "entries") - cut);
    if (cut % 2) cut_to(cx, folder, "entries", before + 20000); /* zeros, as a killed process leaves them */
    journal = journal_get(cx, folder);
    assert_int_equal(journal_size(journal), 5);
    entry_expect(cx, journal, 4, "kept-4");
    journal_close(journal);
    assert_int_equal(size_of(cx, folder, "entries"), before);
  }
  cx_free_alone(cx);
}

/* The files are longer than the log while it is open, entries go into what is there, and a closed log has its own size again. */
static void test_grown_ahead(void **state)
{
  const char *folder;
  struct cx *cx = fresh(&folder);
  struct journal *journal = journal_get(cx, folder);
  for (int part = 0; part < 2; part++) {
    int64_t end = 0, grown = 0;
    for (int i = 0; i < 2000 && (grown <= end || size_of(cx, folder, "keys") <= journal_size(journal) * 32); i++) {
      usleep(5000);
      pthread_mutex_lock(&journal->lock);
      end = journal->entries_end;
      grown = journal->entries_ahead.end;
      pthread_mutex_unlock(&journal->lock);
    }
    assert_true(grown > end && size_of(cx, folder, "entries") >= grown);
    for (int i = 0; part == 0 && i < 20; i++) append_many(journal, 20, "ahead"); /* more than one piece */
  }
  assert_int_equal(journal_size(journal), 400);
  journal_close(journal);
  assert_int_equal(size_of(cx, folder, "keys"), 400 * 32);
  journal = journal_get(cx, folder);
  assert_int_equal(journal_verify(cx, journal), OK);
  entry_expect(cx, journal, 399, "ahead-19");
  journal_close(journal);
  cx_free_alone(cx);
}

/* A disk that can't set the space aside is told at the start, not in the middle of an exchange. */
static void test_no_space(void **state)
{
  const char *folder;
  struct cx *cx = fresh(&folder);
  struct journal *journal;
  const struct journal_wish wish = {.folder = folder, .origin = "H01/gateway/journal-1", .keys = process.keys, .key_name = "journal",
                                    .reserve = INT64_C(1) << 60};
  assert_int_equal(journal_open(cx, &wish, &journal), ERR_BUSY);
  assert_string_equal(cx->problems.items[0].key, "journal.error.full");
  cx_free_alone(cx);
}

/* What a checkpoint promised can't be cut off. */
static void test_lost_tail(void **state)
{
  const char *folder;
  struct cx *cx = fresh(&folder);
  struct journal *journal = journal_get(cx, folder);
  append_many(journal, 5, "kept");
  journal_close(journal);
  cut_to(cx, folder, "entries", size_of(cx, folder, "entries") - 1);
  assert_int_equal(journal_try(cx, folder, &journal), ERR_STORAGE);
  assert_string_equal(cx->problems.items[0].key, "journal.error.damaged");
  cx_free_alone(cx);
}

/* One bit anywhere in the log, the keys or the checkpoint is found, at the start or by reading all. */
static void test_bit_flips(void **state)
{
  static const char *const names[] = {"entries", "keys", "checkpoint"};
  const char *folder;
  struct cx *cx = fresh(&folder);
  struct journal *journal = journal_get(cx, folder);
  append_many(journal, 4, "bit");
  journal_close(journal);
  for (int n = 0; n < 3; n++) {
    int64_t size = size_of(cx, folder, names[n]);
    for (int64_t at = 0; at < size; at += 29) {
      byte_flip(cx, folder, names[n], at);
      if (n == 0) cut_to(cx, folder, "entries", size + 5000); /* zeros behind the last frame hide nothing */
      struct cx *own = cx_new_alone(&clock_machine, NULL);
      enum err err = journal_try(own, folder, &journal);
      if (!err) {
        err = journal_verify(own, journal);
        journal_close(journal);
      }
      if (err != ERR_STORAGE) fail_msg("byte %lld of %s: %s", (long long)at, names[n], err_name(err));
      assert_true(own->problems.count > 0);
      cx_free_alone(own);
      byte_flip(cx, folder, names[n], at);
    }
  }
  journal = journal_get(cx, folder);
  assert_int_equal(journal_verify(cx, journal), OK);
  journal_close(journal);
  cx_free_alone(cx);
}

/* ---- Killed at any moment ---- */
static void told_index(void *user, enum err err, int64_t index)
{
  int *fd = user;
  if (!err && write(*fd, &index, sizeof index) != sizeof index) _exit(3);
}

/* The child appends without end and tells each acknowledged index. It has a keys process of its own: ours hears this process alone. */
static void child_run(const char *folder, const char *keys_folder, int fd)
{
  struct cx *cx = cx_new_alone(&clock_machine, NULL);
  struct keys *keys;
  struct journal *journal;
  if (keys_start(cx, "/proc/self/exe", keys_folder, &keys) != OK) _exit(1);
  const struct journal_wish wish = {.folder = folder, .origin = "H01/gateway/journal-1", .keys = keys, .key_name = "journal"};
  if (journal_open(cx, &wish, &journal) != OK) _exit(2);
  for (int i = 0;; i++) {
    const struct evidence evidence = {.kind = "local", .role = "both", .request_id = "child"};
    journal_append(journal, &evidence, (struct bytes){0}, told_index, &fd);
    if (i % 20 == 0) usleep(1000);
  }
}

/* Lets the child acknowledge something, kills it a while later, and gives the last index that it acknowledged. */
static int64_t child_kill(pid_t child, int fd, int wait_us)
{
  int64_t index, last = -1;
  assert_int_equal(read(fd, &last, sizeof last), sizeof last);
  usleep((useconds_t)wait_us);
  kill(child, SIGKILL);
  while (read(fd, &index, sizeof index) == sizeof index)
    if (index > last) last = index;
  waitpid(child, NULL, 0);
  close(fd);
  return last;
}

static void test_kill(void **state)
{
  const char *folder;
  struct cx *cx = fresh(&folder);
  const char *keys_folder = arena_print(cx->arena, "%s-keys", folder);
  assert_int_equal(mkdir(keys_folder, 0700), 0);
  int64_t size = 0;
  for (int round = 0; round < 4; round++) {
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
      close(ends[0]);
      execl("/proc/self/exe", "test", "child", folder, keys_folder, arena_print(cx->arena, "%d", dup(ends[1])), (char *)NULL);
      _exit(4);
    }
    close(ends[1]);
    int64_t last = child_kill(child, ends[0], 1000 + round * 70000);
    struct keys *keys;
    struct journal *journal;
    assert_int_equal(keys_start(cx, "/proc/self/exe", keys_folder, &keys), OK);
    const struct journal_wish wish = {.folder = folder, .keys = keys, .key_name = "journal"};
    assert_int_equal(journal_open(cx, &wish, &journal), OK);
    assert_true(last >= size);
    assert_true(journal_size(journal) > last); /* nothing acknowledged is lost */
    size = journal_size(journal);
    assert_int_equal(journal_verify(cx, journal), OK);
    journal_close(journal);
    keys_stop(keys);
  }
  cx_free_alone(cx);
}

/* A copy up to the last checkpoint, as a backup takes it, while the log grows. */
static void copy_part(struct cx *cx, const char *from, const char *to, const char *name, int64_t size)
{
  char *bytes = arena_alloc(cx->arena, (size_t)size + 1);
  int in = open(arena_print(cx->arena, "%s/%s", from, name), O_RDONLY), out = open(arena_print(cx->arena, "%s/%s", to, name), O_WRONLY | O_CREAT, 0600);
  assert_true(in >= 0 && out >= 0 && journal_file_read(in, bytes, (size_t)size, 0) && journal_file_write(out, bytes, (size_t)size, 0));
  close(in);
  close(out);
}

static struct journal *opened_as(struct cx *cx, const char *folder, const char *origin)
{
  const struct journal_wish wish = {.folder = folder, .origin = origin, .keys = process.keys, .key_name = "journal", .reserve = 1};
  struct journal *journal;
  assert_int_equal(journal_open(cx, &wish, &journal), OK);
  return journal;
}

static void refused(void *user, enum err err, int64_t index)
{
  *(enum err *)user = err;
}

static void test_restored(void **state)
{
  struct cx *cx = cx_new_alone(&clock_machine, NULL);
  const char *root = testing_folder(cx), *live = arena_print(cx->arena, "%s/live", root), *folder = arena_print(cx->arena, "%s/journal", root);
  struct journal *journal = journal_get(cx, live);
  struct journal_extent extent;
  append_many(journal, 300, "before");
  while (journal_uncovered_us(journal) > 0) usleep(10000);
  append_many(journal, 3, "late");
  assert_int_equal(journal_extent(cx, journal, &extent), OK);
  assert_true(extent.size >= 300);
  assert_int_equal(mkdir(folder, 0700), 0);
  copy_part(cx, live, folder, "entries", extent.entries_bytes);
  copy_part(cx, live, folder, "keys", extent.keys_bytes);
  copy_part(cx, live, folder, "tree", extent.tree_bytes);
  assert_true(journal_file_replace(folder, "checkpoint", extent.note) && journal_file_replace(folder, "origin", "H01/gateway/journal-1\n"));
  journal_close(journal);

  /* Marked, it is not appended to: neither under its name nor by whoever opens it for reading. */
  assert_int_equal(journal_mark_restored(cx, folder, "H01/gateway/journal-1"), OK);
  assert_true(journal_is_closed(folder));
  assert_int_equal(journal_try(cx, folder, &journal), ERR_CONFLICT);
  journal = opened_as(cx, folder, NULL);
  enum err err = OK;
  const struct evidence evidence = {.kind = "local", .role = "both", .request_id = "r"};
  journal_append(journal, &evidence, (struct bytes){NULL, 0}, refused, &err);
  assert_int_equal(err, ERR_CONFLICT);
  assert_false(journal_has_room(journal));
  assert_int_equal(journal_size(journal), extent.size);
  assert_int_equal(journal_verify(cx, journal), OK);
  journal_close(journal);

  /* Taken up, another is begun that names it; a second start changes nothing. */
  const struct journal_wish wish = {.folder = folder, .keys = process.keys, .key_name = "journal", .reserve = 1};
  const char *origin, *again;
  assert_int_equal(journal_take_up(cx, &wish, &origin), OK);
  assert_int_equal(journal_take_up(cx, &wish, &again), OK);
  assert_string_equal(origin, again);
  assert_int_equal(strncmp(origin, "H01/gateway/journal-2", 21), 0);
  journal = opened_as(cx, folder, origin);
  assert_int_equal(journal_begin(cx, journal, folder), OK);
  assert_int_equal(journal_begin(cx, journal, folder), OK);
  assert_int_equal(journal_size(journal), 1);
  struct journal_entry entry;
  struct evidence first;
  struct bytes note;
  assert_int_equal(journal_read(cx, journal, 0, &entry), OK);
  assert_int_equal(evidence_read(cx, entry.record, &first), OK);
  assert_string_equal(first.kind, "origin");
  assert_true(base64_read(cx->arena, first.request_base, &note));
  assert_string_equal(arena_copy_n(cx->arena, note.data, note.size), extent.note);
  append_many(journal, 5, "after");
  journal_close(journal);
  struct list closed;
  assert_int_equal(journal_closed_list(cx, folder, &closed), OK);
  assert_int_equal(closed.count, 1);
  journal = opened_as(cx, ((const char *const *)closed.items)[0], NULL);
  entry_expect(cx, journal, 299, "before-299");
  journal_close(journal);
  cx_free_alone(cx);
}

int main(int count, char **arguments)
{
  test_process_main(count, arguments);
  if (count == 5 && strcmp(arguments[1], "child") == 0) child_run(arguments[2], arguments[3], (int)strtol(arguments[4], NULL, 10));
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_append_reopen), cmocka_unit_test(test_proofs), cmocka_unit_test(test_erase), cmocka_unit_test(test_torn_tail), cmocka_unit_test(test_grown_ahead),
    cmocka_unit_test(test_lost_tail), cmocka_unit_test(test_no_space), cmocka_unit_test(test_bit_flips), cmocka_unit_test(test_kill), cmocka_unit_test(test_restored),
  };
  return cmocka_run_group_tests(tests, keys_setup, keys_teardown);
}
