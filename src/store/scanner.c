/* The client of clamd. What it says counts only when it says it in full and after it was given all: anything else is "not scanned",
 * never "clean". */
#include "store/scanner.h"

#include "base/text.h"
#include "store/engine.h"
#include "store/scanner_line.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONNECT_MS = 2000, ANSWER_MS = 30000, AT_ONCE = 4, CHUNK = 32 << 10 };

struct scanner {
  struct scanner_place place;
  int64_t connect_us, answer_us;
  int at_once;
  pthread_mutex_t mutex;      /* over what follows */
  pthread_cond_t turn;
  int running, waiting;
  struct scanner_health health;
};

/* ---- Opening ---- */

enum err scanner_open(struct cx *cx, const struct scanner_wish *wish, struct scanner **out)
{
  struct scanner_place place;
  if (!scanner_place_read(cx->arena, wish->address, &place)) return cx_fail(cx, ERR_INPUT, "malware_scanner", "store.error.scanner_address", NULL);
  struct scanner *scanner = calloc(1, sizeof *scanner);
  if (!scanner) abort();
  scanner->place = place;
  scanner->connect_us = (wish->connect_ms ? wish->connect_ms : CONNECT_MS) * 1000;
  scanner->answer_us = (wish->answer_ms ? wish->answer_ms : ANSWER_MS) * 1000;
  scanner->at_once = wish->at_once ? wish->at_once : AT_ONCE;
  clock_condition_init(&scanner->turn);
  pthread_mutex_init(&scanner->mutex, NULL);
  *out = scanner;
  return OK;
}

void scanner_close(struct scanner *scanner)
{
  if (!scanner) return;
  pthread_cond_destroy(&scanner->turn);
  pthread_mutex_destroy(&scanner->mutex);
  free(scanner);
}

struct scanner_health scanner_health(struct scanner *scanner)
{
  pthread_mutex_lock(&scanner->mutex);
  struct scanner_health health = scanner->health;
  pthread_mutex_unlock(&scanner->mutex);
  return health;
}

/* ---- Turns ---- */

/* Whoever waits here holds a worker of the pages: when the daemon stands still, most of them have to be left for other pages. */
static bool turn_take(struct scanner *scanner, int64_t deadline_us)
{
  pthread_mutex_lock(&scanner->mutex);
  bool wait = scanner->running == scanner->at_once && scanner->waiting < scanner->at_once;
  scanner->waiting += wait;
  while (wait && scanner->running == scanner->at_once && clock_wait_until(&scanner->turn, &scanner->mutex, deadline_us) == 0) {}
  scanner->waiting -= wait;
  bool mine = scanner->running < scanner->at_once;
  scanner->running += mine;
  pthread_mutex_unlock(&scanner->mutex);
  return mine;
}

static void turn_give(struct scanner *scanner)
{
  pthread_mutex_lock(&scanner->mutex);
  scanner->running--;
  pthread_cond_signal(&scanner->turn);
  pthread_mutex_unlock(&scanner->mutex);
}

/* ---- One file ---- */

/* Chunk by chunk, each behind its length; a chunk of none is the end. */
static enum err send_file(struct cx *cx, struct scanner_line *line, int fd, int64_t size)
{
  uint8_t *chunk = arena_alloc(cx->arena, 4 + CHUNK);
  for (int64_t at = 0; at < size && line->state == LINE_OPEN;) {
    size_t most = size - at < CHUNK ? (size_t)(size - at) : CHUNK;
    ssize_t got = pread(fd, chunk + 4, most, at);
    if (got <= 0) return engine_fail(cx, &(struct fault){.err = ERR_STORAGE, .what = "read file to scan", .code = "", .message = ""});
    const uint8_t length[4] = {(uint8_t)(got >> 24), (uint8_t)(got >> 16), (uint8_t)(got >> 8), (uint8_t)got};
    memcpy(chunk, length, sizeof length);
    scanner_line_send(line, chunk, 4 + (size_t)got);
    at += got;
  }
  scanner_line_send(line, (const uint8_t[4]){0}, 4);
  return OK;
}

/* What it answered to the whole file; an answer that came before the end may tell of a finding, and of nothing else. */
static enum verdict ask_about(struct cx *cx, struct scanner_line *line, const char **finding)
{
  bool whole = line->state == LINE_OPEN;
  const char *answer = scanner_line_answer(line);
  if (!answer) return UNSCANNED;
  enum verdict verdict = scanner_verdict(cx->arena, answer, finding);
  if (verdict == CLEAN && !whole) verdict = UNSCANNED;
  if (verdict == UNSCANNED) line->why = answer;
  return verdict;
}

static void note(struct scanner *scanner, enum verdict verdict, bool asked)
{
  pthread_mutex_lock(&scanner->mutex);
  scanner->health.clean += verdict == CLEAN;
  scanner->health.found += verdict == INFECTED;
  scanner->health.unscanned += verdict == UNSCANNED;
  if (asked) scanner->health.answers = verdict != UNSCANNED;
  pthread_mutex_unlock(&scanner->mutex);
}

static enum err unscanned(struct cx *cx, const char *why)
{
  const char *shown = text_clean(cx->arena, why, strlen(why), TEXT_LINE);
  cx_log(cx, LOG_WARN, "a file was refused: it could not be scanned", LOG_FIELDS({"why", shown ? shown : "an answer that is no text"}));
  return cx_fail(cx, ERR_BUSY, NULL, "error.file_unscanned", NULL);
}

enum err scanner_scan(struct cx *cx, struct scanner *scanner, int fd, int64_t size, const char **finding)
{
  int64_t deadline_us = clock_monotonic_us() + scanner->answer_us;
  struct scanner_line line;
  enum verdict verdict = UNSCANNED;
  enum err err = OK;
  *finding = NULL;
  if (!turn_take(scanner, deadline_us)) {
    note(scanner, UNSCANNED, false);
    return unscanned(cx, "too many files at once");
  }
  scanner_line_open(cx->arena, &scanner->place, scanner->connect_us, deadline_us, &line);
  scanner_line_send(&line, "zINSTREAM", sizeof "zINSTREAM");
  err = send_file(cx, &line, fd, size);
  if (!err) verdict = ask_about(cx, &line, finding);
  scanner_line_close(&line);
  turn_give(scanner);
  if (!err) note(scanner, verdict, true);
  return err || verdict != UNSCANNED ? err : unscanned(cx, line.why);
}

/* ---- What it is ---- */

enum err scanner_ask(struct cx *cx, struct scanner *scanner, struct scanner_answer *out)
{
  struct scanner_line line;
  scanner_line_open(cx->arena, &scanner->place, scanner->connect_us, clock_monotonic_us() + scanner->connect_us, &line);
  scanner_line_send(&line, "zVERSION", sizeof "zVERSION");
  const char *answer = scanner_line_answer(&line);
  scanner_line_close(&line);
  *out = (struct scanner_answer){0};
  bool good = answer && scanner_version_read(cx->arena, answer, &out->engine, &out->signatures, &out->signatures_us);
  pthread_mutex_lock(&scanner->mutex);
  scanner->health.answers = good;
  if (good) scanner->health.signatures_us = out->signatures_us;
  pthread_mutex_unlock(&scanner->mutex);
  if (good) return OK;
  return cx_fail(cx, ERR_UPSTREAM, "malware_scanner", "store.error.scanner", "why", answer ? "an answer that is not clamd's" : line.why, NULL);
}
