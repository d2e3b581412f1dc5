/* The scanner against a daemon that speaks the protocol well, wrongly, slowly, half or not at all. What is not a whole answer to the whole
 * file is "not scanned", and every wait ends. */
#include "store/files.h"
#include "store/scanner_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "store/testing.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONTENT_MAX = 12 << 20, ANSWER_MS = 400 };
/* WHOLE: reads all, then answers. EARLY: answers and ends when it has read the command. DEAF: reads nothing. DRIBBLE: a byte of the answer
 * at a time, without an end. HELD: as WHOLE, once it is released. */
enum manner { WHOLE, EARLY, DEAF, DRIBBLE, HELD };

struct daemon {
  int listener, stop[2];
  pthread_t thread;
  enum manner manner;
  const char *answer;
  size_t answer_size;
  atomic_int taken;           /* connections */
  atomic_bool released;
  uint8_t *content;           /* of the last file */
  size_t content_size;
  char command[16];
};

struct stage { struct cx *cx; struct daemon daemon; const char *address; struct scanner *scanner; };

/* ---- The daemon ---- */

static bool stopped(struct daemon *daemon, int fd, int wait_ms)
{
  struct pollfd both[2] = {{.fd = daemon->stop[0], .events = POLLIN}, {.fd = fd, .events = POLLIN}};
  poll(both, fd < 0 ? 1 : 2, wait_ms);
  return both[0].revents != 0;
}

static bool read_exactly(struct daemon *daemon, int fd, void *out, size_t size)
{
  for (size_t at = 0; at < size;) {
    if (stopped(daemon, fd, -1)) return false;
    ssize_t got = recv(fd, (char *)out + at, size - at, 0);
    if (got <= 0) return false;
    at += (size_t)got;
  }
  return true;
}

static bool read_command(struct daemon *daemon, int fd)
{
  memset(daemon->command, 0, sizeof daemon->command);
  for (size_t i = 0; i < sizeof daemon->command; i++) {
    if (!read_exactly(daemon, fd, daemon->command + i, 1)) return false;
    if (!daemon->command[i]) return true;
  }
  return false;
}

static bool read_stream(struct daemon *daemon, int fd)
{
  uint8_t length[4];
  daemon->content_size = 0;
  while (read_exactly(daemon, fd, length, 4)) {
    size_t size = (size_t)length[0] << 24 | (size_t)length[1] << 16 | (size_t)length[2] << 8 | length[3];
    if (size == 0) return true;
    if (daemon->content_size + size > CONTENT_MAX || !read_exactly(daemon, fd, daemon->content + daemon->content_size, size)) return false;
    daemon->content_size += size;
  }
  return false;
}

static void dribble(struct daemon *daemon, int fd)
{
  while (!stopped(daemon, -1, 5) && send(fd, "s", 1, MSG_NOSIGNAL) == 1) continue;
}

static void converse(struct daemon *daemon, int fd)
{
  if (daemon->manner == DEAF) {
    (void)stopped(daemon, -1, -1);
    return;
  }
  if (!read_command(daemon, fd)) return;
  bool file = strcmp(daemon->command, "zINSTREAM") == 0;
  if (daemon->manner != EARLY && file && !read_stream(daemon, fd)) return;
  while (daemon->manner == HELD && !atomic_load(&daemon->released) && !stopped(daemon, -1, 5)) continue;
  if (daemon->manner == DRIBBLE) dribble(daemon, fd);
  else if (daemon->answer_size) (void)!send(fd, daemon->answer, daemon->answer_size, MSG_NOSIGNAL);
}

static void *daemon_run(void *arg)
{
  struct daemon *daemon = arg;
  while (!stopped(daemon, daemon->listener, -1)) {
    int fd = accept(daemon->listener, NULL, NULL);
    if (fd < 0) continue;
    atomic_fetch_add(&daemon->taken, 1);
    converse(daemon, fd);
    close(fd);
  }
  return NULL;
}

static void daemon_says(struct stage *stage, enum manner manner, const char *answer, size_t size)
{
  stage->daemon.manner = manner;
  stage->daemon.answer = answer;
  stage->daemon.answer_size = size;
}

static int stage_up(void **state)
{
  struct stage *stage = calloc(1, sizeof *stage);
  stage->cx = cx_new_alone(NULL, NULL);
  struct daemon *daemon = &stage->daemon;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  daemon->content = malloc(CONTENT_MAX);
  daemon->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (!daemon->content || pipe(daemon->stop) || bind(daemon->listener, (struct sockaddr *)&address, size) || listen(daemon->listener, 8)) return -1;
  if (getsockname(daemon->listener, (struct sockaddr *)&address, &size)) return -1;
  stage->address = arena_print(stage->cx->arena, "tcp:127.0.0.1:%d", ntohs(address.sin_port));
  *state = stage;
  const struct scanner_wish wish = {.address = stage->address, .answer_ms = ANSWER_MS * 50};
  return pthread_create(&daemon->thread, NULL, daemon_run, daemon) || scanner_open(stage->cx, &wish, &stage->scanner) ? -1 : 0;
}

static int stage_down(void **state)
{
  struct stage *stage = *state;
  struct daemon *daemon = &stage->daemon;
  close(daemon->stop[1]);
  pthread_join(daemon->thread, NULL);
  close(daemon->stop[0]);
  close(daemon->listener);
  free(daemon->content);
  scanner_close(stage->scanner);
  cx_free_alone(stage->cx);
  free(stage);
  return 0;
}

/* ---- Asking ---- */

/* A scanner with little patience in place of the usual one, which has enough for a busy machine. */
static void be_hasty(struct stage *stage)
{
  const struct scanner_wish wish = {.address = stage->address, .answer_ms = ANSWER_MS};
  scanner_close(stage->scanner);
  assert_int_equal(scanner_open(stage->cx, &wish, &stage->scanner), OK);
}

static int file_of(struct stage *stage, size_t size)
{
  const char *path = arena_print(stage->cx->arena, "%s/file", testing_folder(stage->cx));
  int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
  uint8_t *content = malloc(size + 1);
  for (size_t i = 0; i < size; i++) content[i] = (uint8_t)(i * 31 >> 3);
  assert_true(fd >= 0 && write(fd, content, size) == (ssize_t)size);
  free(content);
  return fd;
}

static enum err scan(struct stage *stage, size_t size, const char **finding)
{
  int fd = file_of(stage, size);
  stage->cx->problems.count = 0;
  enum err err = scanner_scan(stage->cx, stage->scanner, fd, (int64_t)size, finding);
  close(fd);
  return err;
}

static void unscanned(struct stage *stage, size_t size)
{
  const char *finding = "not set";
  assert_int_equal(scan(stage, size, &finding), ERR_BUSY);
  assert_null(finding);
  assert_string_equal(stage->cx->problems.items[0].key, "error.file_unscanned");
  assert_false(scanner_health(stage->scanner).answers);
}

static void clean_file_arrives_whole(void **state)
{
  struct stage *stage = *state;
  static const size_t sizes[] = {0, 1, 32767, 32768, 32769, 300001};
  const char *finding;
  daemon_says(stage, WHOLE, "stream: OK", sizeof "stream: OK");
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    assert_int_equal(scan(stage, sizes[i], &finding), OK);
    assert_null(finding);
    assert_string_equal(stage->daemon.command, "zINSTREAM");
    assert_int_equal(stage->daemon.content_size, sizes[i]);
    for (size_t k = 0; k < sizes[i]; k++) assert_int_equal(stage->daemon.content[k], (uint8_t)(k * 31 >> 3));
  }
  assert_int_equal(scanner_health(stage->scanner).clean, 6);
  assert_true(scanner_health(stage->scanner).answers);
}

static void finding_has_its_name(void **state)
{
  struct stage *stage = *state;
  const char *finding;
  daemon_says(stage, WHOLE, "stream: Win.Test.EICAR_HDB-1 FOUND", sizeof "stream: Win.Test.EICAR_HDB-1 FOUND");
  assert_int_equal(scan(stage, 70000, &finding), OK);
  assert_string_equal(finding, "Win.Test.EICAR_HDB-1");
  daemon_says(stage, WHOLE, "stream: \xff FOUND", sizeof "stream: \xff FOUND");
  assert_int_equal(scan(stage, 10, &finding), OK);
  assert_string_equal(finding, "?");
  assert_int_equal(scanner_health(stage->scanner).found, 2);
}

/* Nothing but the two answers of clamd counts, and they to their last byte. */
static void other_answers_are_no_answer(void **state)
{
  struct stage *stage = *state;
  static char long_answer[4000];
  memset(long_answer, 'a', sizeof long_answer);
  static const struct { const char *text; size_t size; } wrong[] = {
#define A(text) {text, sizeof text}
#define CUT(text) {text, sizeof text - 1}
    A("INSTREAM size limit exceeded. ERROR"), A("stream: Can't allocate memory ERROR"), A("UNKNOWN COMMAND"), A(""), CUT(""),
    CUT("stream: OK"), CUT("stream: Eicar FOUND"), CUT("str"), A("stream: OKAY"), A("stream: ok"), A("OK"), A("1: stream: OK"), A("stream: OK "),
    A("stream: OK\0stream: Eicar FOUND"), A("stream: FOUND"), A("stream:  FOUND"), A("Eicar FOUND"),
    A("stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND"), {long_answer, sizeof long_answer}};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    daemon_says(stage, WHOLE, wrong[i].text, wrong[i].size);
    unscanned(stage, 50000);
  }
  assert_int_equal(scanner_health(stage->scanner).unscanned, sizeof wrong / sizeof wrong[0]);
}

/* Said before it had the file: a finding counts, a "clean" does not. The daemon ends with much unread. */
static void answers_before_the_end(void **state)
{
  struct stage *stage = *state;
  daemon_says(stage, EARLY, "stream: OK", sizeof "stream: OK");
  unscanned(stage, CONTENT_MAX);
  daemon_says(stage, EARLY, "INSTREAM size limit exceeded. ERROR", sizeof "INSTREAM size limit exceeded. ERROR");
  unscanned(stage, CONTENT_MAX);
  daemon_says(stage, EARLY, "", 0);
  unscanned(stage, CONTENT_MAX);
  const char *finding;
  daemon_says(stage, EARLY, "stream: Bad FOUND", sizeof "stream: Bad FOUND");
  assert_int_equal(scan(stage, CONTENT_MAX, &finding), OK);
  assert_string_equal(finding, "Bad");
}

static void waits_end(void **state)
{
  struct stage *stage = *state;
  be_hasty(stage);
  int64_t begun_us = clock_monotonic_us();
  daemon_says(stage, DRIBBLE, "", 0);
  unscanned(stage, 1000);
  daemon_says(stage, HELD, "", 0);
  unscanned(stage, 1000);
  atomic_store(&stage->daemon.released, true);
  daemon_says(stage, DEAF, "", 0);
  unscanned(stage, CONTENT_MAX);
  assert_true(clock_monotonic_us() - begun_us < 20 * SECOND_US);
}

static void nobody_there(void **state)
{
  struct stage *stage = *state;
  const char *places[] = {arena_print(stage->cx->arena, "unix:%s/none", testing_folder(stage->cx)), "tcp:127.0.0.1:1"};
  for (int i = 0; i < 2; i++) {
    stage->address = places[i];
    be_hasty(stage);
    unscanned(stage, 10);
    struct scanner_answer answer;
    assert_int_equal(scanner_ask(stage->cx, stage->scanner, &answer), ERR_UPSTREAM);
  }
}

/* ---- Several at once ---- */

struct caller { struct stage *stage; pthread_t thread; enum err err; };

static void *call(void *arg)
{
  struct caller *caller = arg;
  struct cx *cx = cx_new_alone(NULL, NULL);
  const char *finding;
  int fd = file_of(caller->stage, 100);
  caller->err = scanner_scan(cx, caller->stage->scanner, fd, 100, &finding);
  close(fd);
  cx_free_alone(cx);
  return NULL;
}

/* With one connection: one is scanned, one waits, and the third is told at once. */
static void turns_are_bounded(void **state)
{
  struct stage *stage = *state;
  const struct scanner_wish wish = {.address = stage->address, .answer_ms = 60000, .at_once = 1};
  struct caller callers[3];
  int good = 0, busy = 0;
  scanner_close(stage->scanner);
  assert_int_equal(scanner_open(stage->cx, &wish, &stage->scanner), OK);
  daemon_says(stage, HELD, "stream: OK", sizeof "stream: OK");
  for (int i = 0; i < 3; i++) {
    callers[i] = (struct caller){.stage = stage};
    assert_int_equal(pthread_create(&callers[i].thread, NULL, call, &callers[i]), 0);
  }
  while (scanner_health(stage->scanner).unscanned == 0) poll(NULL, 0, 5);
  assert_true(atomic_load(&stage->daemon.taken) <= 1);
  atomic_store(&stage->daemon.released, true);
  for (int i = 0; i < 3; i++) {
    pthread_join(callers[i].thread, NULL);
    good += callers[i].err == OK;
    busy += callers[i].err == ERR_BUSY;
  }
  assert_int_equal(good, 2);
  assert_int_equal(busy, 1);
  assert_int_equal(atomic_load(&stage->daemon.taken), 2);
}

/* ---- Addresses and versions ---- */

static void addresses(void **state)
{
  struct stage *stage = *state;
  static const char *const good[] = {"unix:/run/clamav/clamd.ctl", "tcp:127.0.0.1:3310", "tcp:127.1.2.3:1"};
  static const char *const bad[] = {"", "/run/clamd", "unix:", "unix:clamd.ctl", "tcp:", "tcp:127.0.0.1", "tcp:127.0.0.1:", "tcp:127.0.0.1:0",
    "tcp:127.0.0.1:65536", "tcp:127.0.0.1:33x", "tcp:10.0.0.5:3310", "tcp:localhost:3310", "tcp:0.0.0.0:3310", "http://127.0.0.1:3310",
    "unix:/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789/0123456789"};
  struct scanner *scanner;
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    assert_int_equal(scanner_open(stage->cx, &(struct scanner_wish){.address = good[i]}, &scanner), OK);
    scanner_close(scanner);
  }
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    stage->cx->problems.count = 0;
    assert_int_equal(scanner_open(stage->cx, &(struct scanner_wish){.address = bad[i]}, &scanner), ERR_INPUT);
    assert_string_equal(stage->cx->problems.items[0].field, "malware_scanner");
  }
}

static void age_of_the_signatures(void **state)
{
  struct stage *stage = *state;
  struct scanner_answer answer;
  static const char full[] = "ClamAV 1.4.6/27600/Mon Nov  3 09:30:00 2026";
  daemon_says(stage, WHOLE, full, sizeof full);
  assert_int_equal(scanner_ask(stage->cx, stage->scanner, &answer), OK);
  assert_string_equal(stage->daemon.command, "zVERSION");
  assert_string_equal(answer.engine, "ClamAV 1.4.6");
  assert_string_equal(answer.signatures, "27600");
  assert_string_equal(date_write_iso(stage->cx->arena, time_to_days(answer.signatures_us)), "2026-11-03");
  assert_true(scanner_health(stage->scanner).signatures_us == answer.signatures_us);
  daemon_says(stage, WHOLE, "ClamAV 1.4.6", sizeof "ClamAV 1.4.6");
  assert_int_equal(scanner_ask(stage->cx, stage->scanner, &answer), OK);
  assert_null(answer.signatures);
  assert_int_equal(answer.signatures_us, 0);
  static const char *const wrong[] = {"PONG", "SSH-2.0-x", "ClamAV 1/2", "ClamAV 1/2/3", "ClamAV 1/2/Mon Xyz  3 09:30:00 2026", "ClamAV 1/2/Mon anF  3 09:30:00 2026",
                                      "ClamAV 1/2/Mon Nov 33 09:30:00 2026", "ClamAV 1/2/Mon Nov  3 09:30:00 2026 x"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    daemon_says(stage, WHOLE, wrong[i], strlen(wrong[i]) + 1);
    assert_int_equal(scanner_ask(stage->cx, stage->scanner, &answer), ERR_UPSTREAM);
    assert_false(scanner_health(stage->scanner).answers);
  }
}

/* ---- The store of files ---- */

static const char *upload(struct stage *stage, const char *text)
{
  const char *path = arena_print(stage->cx->arena, "%s/upload", testing_folder(stage->cx));
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && close(fd) == 0);
  return path;
}

static void nothing_is_kept_unscanned(void **state)
{
  struct stage *stage = *state;
  struct cx *cx = stage->cx;
  static const char *const plain[] = {"text/plain", NULL};
  const struct file_limits limits = {.size_max = 100, .types = plain};
  struct files *files;
  struct file_info info;
  int fd;
  int64_t size;
  assert_int_equal(files_open(cx, testing_folder(cx), &files), OK);
  files_scan_with(files, stage->scanner);
  daemon_says(stage, WHOLE, "stream: OK", sizeof "stream: OK");
  assert_int_equal(file_take(cx, files, upload(stage, "%PDF-1.7 of another type"), &limits, &info), ERR_TYPE);
  assert_int_equal(atomic_load(&stage->daemon.taken), 0);
  assert_int_equal(file_take(cx, files, upload(stage, "clean"), &limits, &info), OK);
  assert_null(info.finding);
  assert_int_equal(file_verify(cx, files, info.hash), OK);

  daemon_says(stage, WHOLE, "stream: Bad FOUND", sizeof "stream: Bad FOUND");
  cx_reset_problems(cx);
  const char *path = upload(stage, "bad");
  assert_int_equal(file_take(cx, files, path, &limits, &info), ERR_INPUT);
  assert_string_equal(cx->problems.items[0].key, "error.file_infected");
  assert_string_equal(info.finding, "Bad");
  assert_string_equal(info.hash, "2f05d4b689d270cafb02285f35f44866f7dc8a2d368a3f9d1124373eeab31fb1");
  assert_int_equal(file_read(cx, files, info.hash, &fd, &size), ERR_NOT_FOUND);
  assert_int_equal(access(path, F_OK), -1);

  daemon_says(stage, WHOLE, "ERROR", sizeof "ERROR");
  path = upload(stage, "who knows");
  assert_int_equal(file_take(cx, files, path, &limits, &info), ERR_BUSY);
  assert_int_equal(access(path, F_OK), -1);
  assert_int_equal(file_put(cx, files, (struct bytes){(const uint8_t *)"put", 3}, &limits, &info), ERR_BUSY);
  files_close(files);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, stage_up, stage_down)
  const struct CMUnitTest tests[] = {CASE(clean_file_arrives_whole), CASE(finding_has_its_name), CASE(other_answers_are_no_answer),
    CASE(answers_before_the_end), CASE(waits_end), CASE(nobody_there), CASE(turns_are_bounded), CASE(addresses), CASE(age_of_the_signatures),
    CASE(nothing_is_kept_unscanned)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
