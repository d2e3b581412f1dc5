/* What SQLite's store promises when things end badly: an acknowledged row survives the process, a full disk is a clear
 * error for every caller of the batch and loses nothing that was there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "full_sql.h"
#include "store/testing.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WRITERS = 4, ROUNDS = 5, KILL_AFTER = 60, STONE = 2000, FULL_THREADS = 8, FULL_STONES = 200 };

static const struct clock machine;
static uint8_t stone[STONE];

/* ---- A process that is killed ---- */

struct writer { struct store *store; int64_t first; int fd; };

/* Puts stones for ever, and says of each that it lies safe. */
static void *writer_run(void *arg)
{
  struct writer *writer = arg;
  struct cx *cx = cx_new_alone(&machine, NULL);
  for (int64_t id = writer->first;; id += WRITERS) {
    if (store_run(cx, writer->store, &full_put, ARGS(V(id), V(((struct bytes){stone, STONE}))), NULL)) _exit(2);
    if (write(writer->fd, &id, sizeof id) != sizeof id) _exit(3);
  }
}

static void child_run(const char *url, int64_t first, int fd)
{
  struct cx *cx = cx_new_alone(&machine, NULL);
  struct store *store;
  pthread_t threads[WRITERS];
  struct writer writers[WRITERS];
  if (store_open(cx, url, &full_schema, 1, &store)) _exit(1);
  for (int i = 0; i < WRITERS; i++) {
    writers[i] = (struct writer){store, first + i, fd};
    pthread_create(&threads[i], NULL, writer_run, &writers[i]);
  }
  for (int i = 0; i < WRITERS; i++) pthread_join(threads[i], NULL);
  _exit(4);
}

/* Lets a child write, kills it in the middle, and keeps what it had acknowledged. */
static size_t round_run(const char *url, int64_t first, int64_t *acknowledged, size_t count)
{
  int pipes[2], status;
  assert_int_equal(pipe(pipes), 0);
  pid_t child = fork();
  if (child == 0) {
    close(pipes[0]);
    child_run(url, first, pipes[1]);
  }
  close(pipes[1]);
  for (size_t i = 0; i < KILL_AFTER && read(pipes[0], &acknowledged[count], sizeof *acknowledged) == sizeof *acknowledged; i++) count++;
  kill(child, SIGKILL);
  waitpid(child, &status, 0);
  assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  while (read(pipes[0], &acknowledged[count], sizeof *acknowledged) == sizeof *acknowledged) count++;
  close(pipes[0]);
  return count;
}

static void acknowledged_rows_survive(void **state)
{
  struct cx *cx = cx_new_alone(&machine, NULL);
  const char *url = testing_sqlite(cx);
  int64_t *acknowledged = ARENA_ARRAY(cx->arena, 1 << 16, int64_t), found;
  size_t count = 0;
  for (int round = 0; round < ROUNDS; round++) {
    count = round_run(url, round * 1000000, acknowledged, count);
    struct store *store;
    assert_int_equal(store_open(cx, url, &full_schema, 1, &store), OK);
    for (size_t i = 0; i < count; i++) {
      assert_int_equal(store_number(cx, store, &full_has, ARGS(V(acknowledged[i])), &found), OK);
      assert_int_equal(found, 1);
    }
    store_close(store);
  }
  assert_true(count >= ROUNDS * KILL_AFTER);
  cx_free_alone(cx);
}

/* ---- A full disk ---- */

struct filler { struct store *store; int64_t first, kept; int full, other; };

static void *filler_run(void *arg)
{
  struct filler *filler = arg;
  struct cx *cx = cx_new_alone(&machine, NULL);
  for (int64_t id = filler->first; id < filler->first + FULL_STONES / FULL_THREADS; id++) {
    enum err err = store_run(cx, filler->store, &full_put, ARGS(V(id), V(((struct bytes){stone, STONE}))), NULL);
    if (!err) filler->kept++;
    else if (err == ERR_STORAGE && text_equal(cx->problems.items[0].key, "error.storage_full")) filler->full++;
    else filler->other++;
    cx_reset_problems(cx);
  }
  cx_free_alone(cx);
  return NULL;
}

/* All answers of "kept" are kept, all others say that the disk is full: none is in between, whoever shared their batch. */
static void fill(struct cx *cx, struct store *store, int64_t before)
{
  pthread_t threads[FULL_THREADS];
  struct filler fillers[FULL_THREADS];
  int64_t kept = 0, count;
  int full = 0;
  for (int i = 0; i < FULL_THREADS; i++) {
    fillers[i] = (struct filler){.store = store, .first = 1000 + i * 1000};
    pthread_create(&threads[i], NULL, filler_run, &fillers[i]);
  }
  for (int i = 0; i < FULL_THREADS; i++) {
    pthread_join(threads[i], NULL);
    kept += fillers[i].kept;
    full += fillers[i].full;
    assert_int_equal(fillers[i].other, 0);
  }
  assert_true(full > 0);
  assert_int_equal(kept + full, FULL_STONES);
  assert_int_equal(store_number(cx, store, &full_count, NO_ARGS, &count), OK);
  assert_int_equal(count, before + kept);
}

static void full_disk(void **state)
{
  struct cx *cx = cx_new_alone(&machine, NULL);
  struct store *store;
  int64_t pages;
  assert_int_equal(store_open(cx, testing_sqlite(cx), &full_schema, 2, &store), OK);
  assert_int_equal(store_run(cx, store, &full_put, ARGS(V(1), V(((struct bytes){stone, STONE}))), NULL), OK);
  assert_int_equal(store_number(cx, store, &full_limit_now, NO_ARGS, &pages), OK);
  fill(cx, store, 1);
  assert_int_equal(store_number(cx, store, &full_limit_off, NO_ARGS, &pages), OK);
  assert_int_equal(store_run(cx, store, &full_put, ARGS(V(2), V(((struct bytes){stone, STONE}))), NULL), OK);
  store_close(store);
  cx_free_alone(cx);
}

/* ---- One batch, of which one caller finds the disk full ---- */

enum { PAUSE_US = 20000, TRIES = 5 };

struct small { struct store *store; int64_t id; int stones; enum err answer; bool said; };
struct gather { pthread_t threads[2]; struct small *smalls; };

static enum err small_in(struct cx *cx, struct tx *tx, void *arg)
{
  const struct small *small = arg;
  enum err err = OK;
  for (int i = 0; !err && i < small->stones; i++) err = sql_run(cx, tx, &full_put, ARGS(V(small->id + i), V(((struct bytes){stone, STONE}))), NULL);
  return err || small->stones ? err : sql_run(cx, tx, &full_put, ARGS(V(small->id), V(((struct bytes){stone, 1}))), NULL);
}

static void *small_run(void *arg)
{
  struct small *small = arg;
  struct cx *cx = cx_new_alone(&machine, NULL);
  small->answer = store_write(cx, small->store, small_in, small);
  small->said = cx->problems.count > 0 && text_equal(cx->problems.items[0].key, "error.storage_full");
  cx_free_alone(cx);
  return NULL;
}

/* Holds the turn until both have come to the door, one after the other, so that they share the next batch. */
static enum err gather_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct gather *gather = arg;
  for (int i = 0; i < 2; i++) {
    pthread_create(&gather->threads[i], NULL, small_run, &gather->smalls[i]);
    usleep(PAUSE_US);
  }
  return OK;
}

/* The first caller's row was in the batch that the second one's full disk undid: it is told, and the row is not there. */
static void full_for_all_of_a_batch(void **state)
{
  struct cx *cx = cx_new_alone(&machine, NULL);
  struct store *store;
  int64_t pages, found;
  int undone = 0;
  assert_int_equal(store_open(cx, testing_sqlite(cx), &full_schema, 2, &store), OK);
  assert_int_equal(store_run(cx, store, &full_put, ARGS(V(1), V(((struct bytes){stone, STONE}))), NULL), OK);
  assert_int_equal(store_number(cx, store, &full_limit_now, NO_ARGS, &pages), OK);
  for (int64_t i = 0; i < TRIES; i++) {
    struct small smalls[2] = {{.store = store, .id = 100 + i}, {.store = store, .id = 1000 + 10 * i, .stones = 4}};
    struct gather gather = {.smalls = smalls};
    assert_int_equal(store_write(cx, store, gather_in, &gather), OK);
    for (int t = 0; t < 2; t++) pthread_join(gather.threads[t], NULL);
    assert_true(smalls[1].answer == ERR_STORAGE && smalls[1].said);
    assert_true(smalls[0].answer == OK || (smalls[0].answer == ERR_STORAGE && smalls[0].said));
    assert_int_equal(store_number(cx, store, &full_has, ARGS(V(100 + i)), &found), OK);
    assert_int_equal(found, smalls[0].answer == OK);
    undone += smalls[0].answer != OK;
  }
  assert_true(undone > 0);
  store_close(store);
  cx_free_alone(cx);
}

/* ---- A database that lost its content ---- */

static void an_emptied_database_is_never_taken_for_a_new_one(void **state)
{
  struct cx *cx = cx_new_alone(&machine, NULL);
  const char *url = testing_sqlite(cx), *path = arena_print(cx->arena, "%s/full.sqlite", url + strlen("sqlite:"));
  struct store *store = NULL;
  assert_int_equal(store_open(cx, url, &full_schema, 1, &store), OK);
  store_close(store);
  for (int size = 0; size < 3; size++) {
    if (size < 2) assert_int_equal(truncate(path, size), 0);
    else assert_int_equal(unlink(path), 0);
    for (int again = 0; again < 2; again++) {
      size_t before = cx->problems.count;
      assert_int_equal(store_open(cx, url, &full_schema, 1, &store), ERR_STORAGE);
      assert_string_equal(cx->problems.items[before].key, "store.error.found_damaged");
    }
  }
  cx_free_alone(cx);
}

/* ---- A byte of the log that changes between a kill and the next start ---- */

enum { LOG_ROWS = 20, LOG_HEAD = 32, LOG_FRAME = 24 + 4096 };

static void killed_with_rows_in_the_log(const char *url)
{
  int status;
  pid_t child = fork();
  if (child == 0) {
    struct cx *cx = cx_new_alone(&machine, NULL);
    struct store *store;
    if (store_open(cx, url, &full_schema, 1, &store)) _exit(1);
    for (int64_t id = 1; id <= LOG_ROWS; id++)
      if (store_run(cx, store, &full_put, ARGS(V(id), V(((struct bytes){stone, STONE}))), NULL)) _exit(2);
    kill(getpid(), SIGKILL);
  }
  waitpid(child, &status, 0);
  assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

struct kept { const char *name; struct bytes bytes; };
enum { DATABASE, LOG, INDEX, KEPT };

static struct bytes file_get(struct cx *cx, const char *path)
{
  struct stat info;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  assert_true(fd >= 0 && fstat(fd, &info) == 0);
  uint8_t *data = arena_alloc(cx->arena, (size_t)info.st_size);
  assert_int_equal(read(fd, data, (size_t)info.st_size), info.st_size);
  close(fd);
  return (struct bytes){data, (size_t)info.st_size};
}

static void file_put_at(const char *path, struct bytes bytes)
{
  unlink(path);
  int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  assert_int_equal(write(fd, bytes.data, bytes.size), bytes.size);
  close(fd);
}

/* As the kill left it, but for one bit of the log. The index of a power cut is of an earlier start of the machine. */
static void state_make(const struct kept kept[KEPT], int64_t at, bool power_cut)
{
  static const struct timespec long_ago[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
  for (int i = 0; i < KEPT; i++) {
    uint8_t *data = (uint8_t *)(uintptr_t)kept[i].bytes.data;
    if (i == LOG && at >= 0) data[at] ^= (uint8_t)(1 << at % 8);
    file_put_at(kept[i].name, kept[i].bytes);
    if (i == LOG && at >= 0) data[at] ^= (uint8_t)(1 << at % 8);
  }
  if (power_cut) assert_int_equal(utimensat(AT_FDCWD, kept[INDEX].name, long_ago, 0), 0);
}

/* How many of the rows are there; what is there is always the first of them, whole. -1: the store is refused as damaged. */
static int64_t rows_kept(struct cx *cx, const char *url)
{
  struct store *store;
  int64_t found, kept = 0;
  size_t before = cx->problems.count;
  enum err err = store_open(cx, url, &full_schema, 1, &store);
  if (err) {
    assert_int_equal(err, ERR_STORAGE);
    assert_string_equal(cx->problems.items[before].key, "store.error.found_damaged");
    cx->problems.count = before;
    return -1;
  }
  for (int64_t id = 1; id <= LOG_ROWS; id++)
    if (store_number(cx, store, &full_has, ARGS(V(id)), &found) == OK && found) assert_int_equal(++kept, id);
  assert_int_equal(store_verify(cx, store), OK);
  store_close(store);
  return kept;
}

static const char *killed(struct cx *cx, struct kept kept[KEPT])
{
  const char *url = testing_sqlite(cx), *path = arena_print(cx->arena, "%s/full.sqlite", url + strlen("sqlite:"));
  killed_with_rows_in_the_log(url);
  for (int i = 0; i < KEPT; i++) {
    kept[i].name = arena_print(cx->arena, "%s%s", path, (const char *[]){"", "-wal", "-shm"}[i]);
    kept[i].bytes = file_get(cx, kept[i].name);
  }
  assert_true((int64_t)kept[LOG].bytes.size > LOG_HEAD + LOG_ROWS * LOG_FRAME);
  return url;
}

static int64_t place_in_frames(int64_t place)
{
  int64_t frame = place / 3;
  return LOG_HEAD + frame * LOG_FRAME + (const int64_t[]){frame % 24, 24 + frame * 131 % 4096, LOG_FRAME - 1}[place % 3];
}

/* Each frame in turn: two places of its content, and one of its head that moves on. Where the machine ran on, every change is found. After a
 * power cut the last transaction alone can look like one that was torn before it was safe. */
static void a_changed_log_is_refused(void **state)
{
  struct cx *cx = cx_new_alone(&machine, NULL);
  struct kept kept[KEPT];
  const char *url = killed(cx, kept);
  int64_t frames = ((int64_t)kept[LOG].bytes.size - LOG_HEAD) / LOG_FRAME, torn = 0, tried = 0;
  for (int64_t place = 0; place < LOG_HEAD + 3 * frames; place++) {
    int64_t at = place < LOG_HEAD ? place : place_in_frames(place - LOG_HEAD);
    struct cx *own = cx_new_alone(&machine, NULL);
    state_make(kept, at, false);
    assert_int_equal(rows_kept(own, url), -1);
    state_make(kept, at, true);
    int64_t left = rows_kept(own, url);
    assert_true(left == -1 || left == LOG_ROWS - 1);
    torn += left != -1;
    tried++;
    cx_free_alone(own);
  }
  print_message("log of %lld frames: %lld changes, %lld of them in the last transaction\n", (long long)frames, (long long)tried, (long long)torn);
  assert_true(torn < tried / 10);
  state_make(kept, -1, false);
  assert_int_equal(rows_kept(cx, url), LOG_ROWS);
  cx_free_alone(cx);
}

/* The end of a log that is missing is a torn one after a power cut, and damage where the machine ran on. */
static void a_cut_log_is_told_from_a_torn_one(void **state)
{
  struct cx *cx = cx_new_alone(&machine, NULL);
  struct kept kept[KEPT];
  const char *url = killed(cx, kept);
  int64_t size = (int64_t)kept[LOG].bytes.size;
  for (int64_t left = 0; left < size; left += 7 * LOG_FRAME / 2) {
    state_make(kept, -1, false);
    assert_int_equal(truncate(kept[LOG].name, left), 0);
    assert_int_equal(rows_kept(cx, url), -1);
    state_make(kept, -1, true);
    assert_int_equal(truncate(kept[LOG].name, left), 0);
    assert_true(rows_kept(cx, url) >= 0);
  }
  cx_free_alone(cx);
}

/* Whoever accepts the loss goes on with what stands before the damage, once. */
static void an_accepted_loss(void **state)
{
  struct cx *cx = cx_new_alone(&machine, NULL);
  struct kept kept[KEPT];
  const char *url = killed(cx, kept), *sign = arena_print(cx->arena, "%s.lost", kept[LOG].name);
  int64_t at = LOG_HEAD + ((int64_t)kept[LOG].bytes.size - LOG_HEAD) / LOG_FRAME / 2 * LOG_FRAME + 2000;
  state_make(kept, at, false);
  assert_int_equal(rows_kept(cx, url), -1);
  assert_int_equal(store_verify_file(cx, kept[DATABASE].name), ERR_STORAGE);
  file_put_at(sign, (struct bytes){(const uint8_t *)"", 0});
  int64_t left = rows_kept(cx, url);
  assert_true(left > 0 && left < LOG_ROWS);
  assert_int_equal(access(sign, F_OK), -1);
  state_make(kept, at, false);
  assert_int_equal(rows_kept(cx, url), -1);
  cx_free_alone(cx);
}

/* Power went before the first tables were there: nothing was promised yet. */
static void an_empty_file_without_the_sign_is_a_new_store(void **state)
{
  struct cx *cx = cx_new_alone(&machine, NULL);
  const char *url = testing_sqlite(cx), *folder = url + strlen("sqlite:");
  struct store *store = NULL;
  assert_int_equal(store_open(cx, url, &full_schema, 1, &store), OK);
  store_close(store);
  assert_int_equal(unlink(arena_print(cx->arena, "%s/full.sqlite.exists", folder)), 0);
  assert_int_equal(truncate(arena_print(cx->arena, "%s/full.sqlite", folder), 0), 0);
  assert_int_equal(store_open(cx, url, &full_schema, 1, &store), OK);
  store_close(store);
  cx_free_alone(cx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(acknowledged_rows_survive), cmocka_unit_test(full_disk), cmocka_unit_test(full_for_all_of_a_batch),
    cmocka_unit_test(an_emptied_database_is_never_taken_for_a_new_one), cmocka_unit_test(an_empty_file_without_the_sign_is_a_new_store),
    cmocka_unit_test(a_changed_log_is_refused), cmocka_unit_test(a_cut_log_is_told_from_a_torn_one), cmocka_unit_test(an_accepted_loss)};
  return cmocka_run_group_tests_name("crash", tests, NULL, NULL);
}
