/* A blocking conversation with clamd on a non-blocking socket: each wait ends at the deadline, whatever the other side does. */
#include "store/scanner_line.h"

#include "base/clock.h"
#include "base/text.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

enum { ANSWER_MAX = 1024, FINDING_MAX = 200, LOOPBACK_NET = 127, RETRY_MS = 20 };

/* ---- Places ---- */

static bool unix_place(const char *path, struct scanner_place *out)
{
  struct sockaddr_un *address = (struct sockaddr_un *)&out->address;
  size_t size = strlen(path);
  if (path[0] != '/' || size >= sizeof address->sun_path) return false;
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path, path, size + 1);
  out->size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size + 1);
  return true;
}

/* On this machine alone: files go over the line as they are. */
static bool tcp_place(struct arena *arena, const char *text, struct scanner_place *out)
{
  struct sockaddr_in *address = (struct sockaddr_in *)&out->address;
  const char *colon = strchr(text, ':');
  int64_t port;
  if (!colon || !text_to_i64(colon + 1, 1, 65535, &port)) return false;
  address->sin_family = AF_INET;
  address->sin_port = htons((uint16_t)port);
  out->size = sizeof *address;
  return inet_pton(AF_INET, arena_copy_n(arena, text, (size_t)(colon - text)), &address->sin_addr) == 1 && ntohl(address->sin_addr.s_addr) >> 24 == LOOPBACK_NET;
}

bool scanner_place_read(struct arena *arena, const char *text, struct scanner_place *out)
{
  *out = (struct scanner_place){0};
  if (text_starts(text, "unix:")) return unix_place(text + 5, out);
  return text_starts(text, "tcp:") && tcp_place(arena, text + 4, out);
}

/* ---- The line ---- */

static void line_break(struct scanner_line *line, const char *why)
{
  line->state = LINE_BROKEN;
  line->why = why;
}

static const char *cause(struct scanner_line *line, int error)
{
  char text[128];
  return arena_copy(line->arena, strerror_r(error, text, sizeof text));
}

/* What it is ready for, of events; 0: the time is over. */
static short line_wait(struct scanner_line *line, short events, int64_t until_us)
{
  struct pollfd one = {.fd = line->fd, .events = events};
  for (;;) {
    int64_t left_us = until_us - clock_monotonic_us();
    if (left_us <= 0) return 0;
    int ready = poll(&one, 1, (int)((left_us + 999) / 1000));
    if (ready > 0) return one.revents;
    if (ready < 0 && errno != EINTR) return POLLERR;
  }
}

/* On a Unix socket whose queue is full there is nothing to wait on: it is tried again. */
static int line_connect(struct scanner_line *line, const struct scanner_place *place, int64_t until_us)
{
  int error = 0;
  socklen_t size = sizeof error;
  while (connect(line->fd, (const struct sockaddr *)&place->address, place->size) != 0) {
    if (errno == EINPROGRESS || errno == EINTR) {
      if (!line_wait(line, POLLOUT, until_us)) return ETIMEDOUT;
      return getsockopt(line->fd, SOL_SOCKET, SO_ERROR, &error, &size) ? errno : error;
    }
    if (errno != EAGAIN) return errno;
    if (clock_monotonic_us() >= until_us) return ETIMEDOUT;
    (void)poll(NULL, 0, RETRY_MS);
  }
  return 0;
}

void scanner_line_open(struct arena *arena, const struct scanner_place *place, int64_t connect_us, int64_t deadline_us, struct scanner_line *out)
{
  *out = (struct scanner_line){.arena = arena, .deadline_us = deadline_us};
  out->fd = socket(place->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int64_t until_us = clock_monotonic_us() + connect_us;
  int error = out->fd < 0 ? errno : line_connect(out, place, until_us < deadline_us ? until_us : deadline_us);
  if (error) line_break(out, cause(out, error));
}

void scanner_line_send(struct scanner_line *line, const void *data, size_t size)
{
  const uint8_t *at = data;
  while (size > 0 && line->state == LINE_OPEN) {
    short ready = line_wait(line, POLLIN | POLLOUT, line->deadline_us);
    ssize_t put = ready & POLLIN ? 0 : ready ? send(line->fd, at, size, MSG_NOSIGNAL) : -1;
    if (!ready) line_break(line, "no answer in time");
    else if (ready & POLLIN) line->state = LINE_ANSWERED;
    else if (put < 0 && (errno == EPIPE || errno == ECONNRESET)) line->state = LINE_ANSWERED; /* why it ended may still be read */
    else if (put < 0 && errno != EAGAIN && errno != EINTR) line_break(line, cause(line, errno));
    at += put > 0 ? put : 0;
    size -= put > 0 ? (size_t)put : 0;
  }
}

const char *scanner_line_answer(struct scanner_line *line)
{
  char *text = arena_alloc(line->arena, ANSWER_MAX + 1);
  size_t size = 0;
  while (line->state != LINE_BROKEN) {
    if (!line_wait(line, POLLIN, line->deadline_us)) line_break(line, "no answer in time");
    ssize_t got = line->state == LINE_BROKEN ? -1 : recv(line->fd, text + size, ANSWER_MAX - size, 0);
    if (got < 0 && line->state != LINE_BROKEN && (errno == EAGAIN || errno == EINTR)) continue;
    if (got < 0 && line->state != LINE_BROKEN) line_break(line, cause(line, errno));
    if (got == 0) line_break(line, size == ANSWER_MAX ? "an answer that is too long" : "the connection ended before the answer did");
    if (got <= 0) break;
    size += (size_t)got;
    if (text[size - 1] == '\0' && strlen(text) == size - 1) return text;
    if (memchr(text, '\0', size)) line_break(line, "more than one answer");
  }
  return NULL;
}

void scanner_line_close(struct scanner_line *line)
{
  if (line->fd >= 0) close(line->fd);
  line->fd = -1;
}

/* ---- Words ---- */

static bool ends(const char *text, const char *end)
{
  size_t size = strlen(text), end_size = strlen(end);
  return size >= end_size && text_equal(text + size - end_size, end);
}

enum verdict scanner_verdict(struct arena *arena, const char *answer, const char **finding)
{
  static const char head[] = "stream: ", tail[] = " FOUND";
  if (text_equal(answer, "stream: OK")) return CLEAN;
  if (!text_starts(answer, head) || !ends(answer, tail) || strlen(answer) < sizeof head + sizeof tail - 1) return UNSCANNED;
  const char *name = answer + sizeof head - 1;
  size_t size = strlen(name) - (sizeof tail - 1);
  /* It says so where it gave up (AlertExceedsMax): nothing was found, but not all was looked at. */
  if (text_starts(name, "Heuristics.Limits.Exceeded")) return UNSCANNED;
  const char *clean = text_clean(arena, name, size < FINDING_MAX ? size : FINDING_MAX, TEXT_LINE);
  *finding = text_empty(clean) ? "?" : clean;
  return INFECTED;
}

/* The day as ctime(3) writes it; the hour is left out, it is the daemon's own. */
static bool day_read(const char *text, int64_t *out)
{
  static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  char weekday[4], month[4];
  int day, hour, minute, second, year, end = 0;
  if (sscanf(text, "%3s %3s %2d %2d:%2d:%2d %4d%n", weekday, month, &day, &hour, &minute, &second, &year, &end) != 7 || text[end]) return false;
  const char *found = strlen(month) == 3 ? strstr(months, month) : NULL;
  if (!found || (found - months) % 3 || day < 1 || day > 31 || year < 2000) return false;
  *out = time_from_days(date_to_days((struct date){year, (int)(found - months) / 3 + 1, day}), 0);
  return true;
}

bool scanner_version_read(struct arena *arena, const char *answer, const char **engine, const char **signatures, int64_t *signatures_us)
{
  const char *text = text_clean(arena, answer, strlen(answer), TEXT_LINE);
  if (!text || !text_starts(text, "ClamAV ")) return false;
  const char *slash = strchr(text, '/'), *second = slash ? strchr(slash + 1, '/') : NULL;
  *engine = slash ? arena_copy_n(arena, text, (size_t)(slash - text)) : text;
  *signatures = NULL;
  *signatures_us = 0;
  if (!second) return !slash;
  *signatures = arena_copy_n(arena, slash + 1, (size_t)(second - slash - 1));
  return day_read(second + 1, signatures_us);
}
