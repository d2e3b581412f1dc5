/* Fuzzer of a journal's start: a log of three entries whose files were changed, cut or taken away while nobody looked. Four bytes a
 * change: which file, what happens, where, which value. Either the start is refused, or all that is promised is there: what a
 * checkpoint covers, read as it was written or not at all; and the log can be written on. */
#include "fuzz.h"

#include "axis/journal_inner.h"
#include "keys/test_process.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ENTRIES = 3, FILES = 4, CHANGES_MAX = 8 };
enum { FILE_ENTRIES, FILE_KEYS, FILE_TREE, FILE_CHECKPOINT };
static const char *const names[FILES] = {"entries", "keys", "tree", "checkpoint"};
static const struct clock clock_fixed = {.fixed_us = INT64_C(1795568400) * SECOND_US};

static struct { struct test_process process; char folder[64]; struct bytes files[FILES]; const char *records[ENTRIES + 1]; } bench;

struct waiting { pthread_mutex_t lock; pthread_cond_t told; bool done; enum err err; };

static void appended(void *user, enum err err, int64_t index)
{
  struct waiting *waiting = user;
  pthread_mutex_lock(&waiting->lock);
  waiting->done = true;
  waiting->err = err;
  pthread_cond_signal(&waiting->told);
  pthread_mutex_unlock(&waiting->lock);
}

static enum err append(struct journal *journal, int number)
{
  struct waiting waiting = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, OK};
  const char *id = (const char *[]){"one", "two", "three", "four"}[number];
  const struct evidence evidence = {.kind = "local", .role = "both", .request_id = id, .status = 200};
  journal_append(journal, &evidence, fuzz_bytes(id), appended, &waiting);
  pthread_mutex_lock(&waiting.lock);
  while (!waiting.done) pthread_cond_wait(&waiting.told, &waiting.lock);
  pthread_mutex_unlock(&waiting.lock);
  return waiting.err;
}

static enum err open_journal(struct cx *cx, struct journal **out)
{
  const struct journal_wish wish = {.folder = bench.folder, .origin = "H01/gateway/journal-1", .keys = bench.process.keys, .key_name = "journal", .reserve = 1};
  return journal_open(cx, &wish, out);
}

static const char *path_of(struct arena *arena, int file)
{
  return arena_print(arena, "%s/%s", bench.folder, names[file]);
}

static void file_put(struct arena *arena, int file, struct bytes bytes)
{
  int fd = open(path_of(arena, file), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  bool good = fd >= 0 && write(fd, bytes.data, bytes.size) == (ssize_t)bytes.size;
  assert(good);
  close(fd);
}

static struct bytes file_get(struct arena *arena, int file)
{
  struct stat info;
  int fd = open(path_of(arena, file), O_RDONLY | O_CLOEXEC);
  bool good = fd >= 0 && fstat(fd, &info) == 0;
  assert(good);
  uint8_t *data = arena_alloc(arena, (size_t)info.st_size + 1);
  good = read(fd, data, (size_t)info.st_size) == (ssize_t)info.st_size;
  assert(good);
  close(fd);
  return (struct bytes){data, (size_t)info.st_size};
}

static void bench_stop(void)
{
  test_folder_remove(bench.folder);
  test_process_stop(&bench.process);
}

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
  struct journal *journal;
  struct journal_entry entry;
  test_process_main(*count, *arguments);
  test_process_start(&bench.process, &clock_fixed);
  struct cx *cx = bench.process.cx;
  snprintf(bench.folder, sizeof bench.folder, "%s/truc-fuzz-journal-%d", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", (int)getpid());
  if (open_journal(cx, &journal) != OK) abort();
  for (int i = 0; i < ENTRIES; i++) {
    if (append(journal, i) != OK || journal_read(cx, journal, i, &entry) != OK) abort();
    bench.records[i] = entry.record;
  }
  journal_close(journal);
  for (int i = 0; i < FILES; i++) bench.files[i] = file_get(cx->arena, i);
  atexit(bench_stop);
  return 0;
}

/* One change of a copy: another byte, a cut, zeros to the end, or the beginning once more behind it. */
static struct bytes changed(struct arena *arena, struct bytes bytes, const uint8_t change[4])
{
  size_t at = change[2] * (bytes.size + 1) / 256;
  uint8_t *data = arena_alloc(arena, 2 * bytes.size + 1);
  if (bytes.size) memcpy(data, bytes.data, bytes.size);
  if (change[1] % 4 == 0 && at < bytes.size) data[at] ^= change[3];
  if (change[1] % 4 == 1) return (struct bytes){data, at};
  if (change[1] % 4 == 2) memset(data + at, 0, bytes.size - at);
  if (change[1] % 4 == 3) {
    if (at) memcpy(data + bytes.size, bytes.data, at);
    return (struct bytes){data, bytes.size + at};
  }
  return (struct bytes){data, bytes.size};
}

static void check_entries(struct cx *cx, struct journal *journal, bool covered)
{
  struct journal_entry entry;
  int64_t size = journal_size(journal);
  assert(size <= ENTRIES && (!covered || size == ENTRIES));
  bool whole = journal_verify(cx, journal) == OK;
  cx_reset_problems(cx);
  for (int64_t i = 0; i < size; i++) {
    enum err err = journal_read(cx, journal, i, &entry);
    assert(err == OK || err == ERR_STORAGE);
    if (!err && !entry.erased) assert(text_equal(entry.record, bench.records[i]));
    if (whole && !err) assert(entry.index == i);
    cx_reset_problems(cx);
  }
  assert(append(journal, ENTRIES) == OK && journal_read(cx, journal, size, &entry) == OK && entry.body.size == 4 && memcmp(entry.body.data, "four", 4) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct cx *cx = cx_new_alone(&clock_fixed, NULL);
  struct journal *journal;
  struct bytes files[FILES];
  bool gone = false;
  memcpy(files, bench.files, sizeof files);
  for (size_t i = 0; i + 4 <= size && i < 4 * CHANGES_MAX; i += 4) {
    int file = data[i] % FILES;
    files[file] = changed(cx->arena, files[file], data + i);
    gone = gone || (file == FILE_CHECKPOINT && data[i + 1] == 0xff);
  }
  for (int i = 0; i < FILES; i++) file_put(cx->arena, i, files[i]);
  if (gone) unlink(path_of(cx->arena, FILE_CHECKPOINT));
  enum err err = open_journal(cx, &journal);
  fuzz_judge(cx, err);
  assert(err == OK || err == ERR_STORAGE);
  if (!err) {
    check_entries(cx, journal, !gone);
    journal_close(journal);
  }
  cx_free_alone(cx);
  return 0;
}
