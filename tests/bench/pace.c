/* Sends one request at a fixed rate, whatever the answers do, and tells how long each took from the moment it was due.
 *
 * A load that waits for its answers (as wrk's does) slows down with its subject and so hides the very delays that are asked for.
 * Here a request that finds no free connection waits for one, and that waiting counts.
 *
 *   pace HOST:PORT REQUEST-FILE RATE SECONDS CONNECTIONS
 *   → {"sent":N,"failed":N,"rate":N,"p50_ms":N,"p99_ms":N,"max_ms":N}   the first fifth of the time is not counted */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 1024, ANSWER_MAX = 65536, REQUEST_MAX = 65536, LATE_MS = 5000 };

struct connection { int fd; bool busy; int64_t due_us; size_t held; char answer[ANSWER_MAX]; };

struct pacing {
  struct sockaddr_in address;
  char request[REQUEST_MAX];
  size_t request_size, count, total, counted, failed;
  int epoll;
  struct connection *connections;
  int64_t start_us, *latencies_us;
  size_t started, ended, first_counted;
  double rate;
};

static int64_t now_us(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static void die(const char *what)
{
  fprintf(stderr, "pace: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void connection_open(struct pacing *pacing, struct connection *connection)
{
  int on = 1;
  connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connection->fd < 0 || connect(connection->fd, (struct sockaddr *)&pacing->address, sizeof pacing->address) != 0) die("connect");
  setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(connection->fd, F_SETFL, O_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
  if (epoll_ctl(pacing->epoll, EPOLL_CTL_ADD, connection->fd, &event) != 0) die("epoll_ctl");
  connection->busy = false;
  connection->held = 0;
}

/* 0: more to come; else the size of the whole answer; -1: not one with a Content-Length. */
static long answer_size(const struct connection *connection)
{
  const char *end = memmem(connection->answer, connection->held, "\r\n\r\n", 4);
  if (!end) return connection->held == ANSWER_MAX ? -1 : 0;
  for (const char *line = connection->answer; line < end; line = (const char *)memchr(line, '\n', (size_t)(end + 2 - line)) + 1)
    if (strncasecmp(line, "content-length:", 15) == 0) {
      long size = (end + 4 - connection->answer) + strtol(line + 15, NULL, 10);
      return size > ANSWER_MAX ? -1 : size <= (long)connection->held ? size : 0;
    }
  return -1;
}

static void request_end(struct pacing *pacing, struct connection *connection, bool good)
{
  pacing->ended++;
  connection->busy = false;
  connection->held = 0;
  if (!good) {
    pacing->failed++;
    close(connection->fd);
    connection_open(pacing, connection);
    return;
  }
  if (connection->due_us >= pacing->start_us + (int64_t)((double)pacing->first_counted * 1e6 / pacing->rate))
    pacing->latencies_us[pacing->counted++] = now_us() - connection->due_us;
}

static void connection_read(struct pacing *pacing, struct connection *connection)
{
  ssize_t got = recv(connection->fd, connection->answer + connection->held, ANSWER_MAX - connection->held, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0 || !connection->busy) {
    request_end(pacing, connection, false);
    return;
  }
  connection->held += (size_t)got;
  long size = answer_size(connection);
  if (size == 0) return;
  request_end(pacing, connection, size == (long)connection->held && strncmp(connection->answer, "HTTP/1.1 200", 12) == 0);
}

static void request_start(struct pacing *pacing, struct connection *connection)
{
  connection->due_us = pacing->start_us + (int64_t)((double)pacing->started++ * 1e6 / pacing->rate);
  connection->busy = true;
  ssize_t sent = send(connection->fd, pacing->request, pacing->request_size, MSG_NOSIGNAL);
  if (sent != (ssize_t)pacing->request_size) request_end(pacing, connection, false);
}

static void start_due(struct pacing *pacing)
{
  size_t due = (size_t)((double)(now_us() - pacing->start_us) * pacing->rate / 1e6) + 1;
  if (due > pacing->total) due = pacing->total;
  for (size_t i = 0; i < pacing->count && pacing->started < due; i++)
    if (!pacing->connections[i].busy) request_start(pacing, &pacing->connections[i]);
}

/* Asleep until the next request is due, to the microsecond: a load that spins takes a processor from its subject. */
static struct timespec wait_time(const struct pacing *pacing)
{
  int64_t wait_us = 100000;
  if (pacing->started < pacing->total) wait_us = pacing->start_us + (int64_t)((double)pacing->started * 1e6 / pacing->rate) - now_us();
  if (wait_us < 0) wait_us = 0;
  if (wait_us > 100000) wait_us = 100000;
  return (struct timespec){.tv_nsec = wait_us * 1000};
}

/* When every connection is at work, only an answer can start the next request. */
static bool all_busy(const struct pacing *pacing)
{
  for (size_t i = 0; i < pacing->count; i++)
    if (!pacing->connections[i].busy) return false;
  return true;
}

static void run(struct pacing *pacing)
{
  struct epoll_event events[64];
  int64_t end_us = pacing->start_us + (int64_t)((double)pacing->total * 1e6 / pacing->rate) + LATE_MS * 1000;
  while (pacing->ended < pacing->total && now_us() < end_us) {
    start_due(pacing);
    struct timespec wait = all_busy(pacing) ? (struct timespec){.tv_nsec = 100000000} : wait_time(pacing);
    int count = epoll_pwait2(pacing->epoll, events, 64, &wait, NULL);
    for (int i = 0; i < count; i++) connection_read(pacing, events[i].data.ptr);
  }
  pacing->failed += pacing->total - pacing->ended;
}

static int by_size(const void *a, const void *b)
{
  int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
  return (left > right) - (left < right);
}

static void report(struct pacing *pacing)
{
  if (pacing->counted == 0) die("no request was answered");
  qsort(pacing->latencies_us, pacing->counted, sizeof pacing->latencies_us[0], by_size);
  const int64_t *sorted = pacing->latencies_us;
  printf("{\"sent\":%zu,\"failed\":%zu,\"rate\":%.1f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f}\n", pacing->total, pacing->failed, pacing->rate,
         (double)sorted[pacing->counted / 2] / 1e3, (double)sorted[pacing->counted * 99 / 100] / 1e3, (double)sorted[pacing->counted - 1] / 1e3);
}

static void read_request(struct pacing *pacing, const char *path)
{
  FILE *file = fopen(path, "rbe");
  if (!file) die(path);
  pacing->request_size = fread(pacing->request, 1, REQUEST_MAX, file);
  fclose(file);
}

static void read_address(struct pacing *pacing, char *text)
{
  char *colon = strrchr(text, ':');
  if (!colon) die(text);
  *colon = 0;
  pacing->address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(colon + 1))};
  if (inet_pton(AF_INET, text, &pacing->address.sin_addr) != 1) die(text);
}

int main(int count, char **arguments)
{
  if (count != 6) {
    fprintf(stderr, "usage: pace HOST:PORT REQUEST-FILE RATE SECONDS CONNECTIONS\n");
    return 2;
  }
  static struct pacing pacing;
  read_address(&pacing, arguments[1]);
  read_request(&pacing, arguments[2]);
  pacing.rate = atof(arguments[3]);
  pacing.total = (size_t)(pacing.rate * atof(arguments[4]));
  pacing.first_counted = pacing.total / 5;
  pacing.count = (size_t)atoi(arguments[5]);
  if (pacing.total < 10 || pacing.count < 1 || pacing.count > CONNECTIONS_MAX) die("out of range");
  pacing.epoll = epoll_create1(EPOLL_CLOEXEC);
  pacing.connections = calloc(pacing.count, sizeof *pacing.connections);
  pacing.latencies_us = calloc(pacing.total, sizeof *pacing.latencies_us);
  if (pacing.epoll < 0 || !pacing.connections || !pacing.latencies_us) die("memory");
  for (size_t i = 0; i < pacing.count; i++) connection_open(&pacing, &pacing.connections[i]);
  pacing.start_us = now_us();
  run(&pacing);
  report(&pacing);
  return 0;
}
