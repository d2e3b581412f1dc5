/* The server: one listening descriptor on one loop, whose connections are handed to all loops in turn. */
#include "net/server_inner.h"

#include "base/text.h"
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 8192, HEAD_WAIT_MS = 10000, IDLE_WAIT_MS = 60000, BODY_RATE_MIN = 1000,
       BACKLOG = 1024, ACCEPTS_A_TURN = 64, PAUSE_MS = 100, CLOSE_WAIT_MS = 5000 };

void http_server_hold(struct http_server *server)
{
  atomic_fetch_add(&server->holders, 1);
}

void http_server_release(struct http_server *server)
{
  if (atomic_fetch_sub(&server->holders, 1) > 1) return;
  http_peers_free(server->peers);
  SSL_CTX_free(server->tls);
  pthread_mutex_destroy(&server->mutex);
  pthread_cond_destroy(&server->changed);
  free(server->spool_folder);
  free(server->unix_path);
  free(server);
}

void http_server_connection_ended(struct http_server *server, const char *peer)
{
  pthread_mutex_lock(&server->mutex);
  server->connections--;
  if (server->peers) http_peers_drop(server->peers, peer);
  pthread_cond_broadcast(&server->changed);
  pthread_mutex_unlock(&server->mutex);
  http_server_release(server);
}

/* ---- Taking connections in ---- */
struct arrival { struct http_server *server; struct loop *loop; int fd; char peer[INET6_ADDRSTRLEN]; };

static void arrival_run(void *arg)
{
  struct arrival *arrival = arg;
  http_connection_start(arrival->server, arrival->loop, arrival->fd, arrival->peer);
  free(arrival);
}

static bool arrival_counted(struct http_server *server, const char *peer)
{
  pthread_mutex_lock(&server->mutex);
  bool room = server->connections < server->limits.connections_max && (!server->peers || http_peers_add(server->peers, peer));
  if (room) server->connections++;
  pthread_mutex_unlock(&server->mutex);
  return room;
}

static void arrival_refuse(struct http_server *server, int fd)
{
  static const char answer[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 5\r\nConnection: close\r\n\r\n";
  atomic_fetch_add(&server->refused, 1);
  if (!server->tls) {
    ssize_t ignored = send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL);
    (void)ignored; /* a courtesy */
  }
  close(fd);
}

static void peer_write(const struct sockaddr_storage *address, char *out, socklen_t room)
{
  const struct sockaddr_in *four = (const void *)address;
  const struct sockaddr_in6 *six = (const void *)address;
  if (address->ss_family == AF_INET) inet_ntop(AF_INET, &four->sin_addr, out, room);
  else if (address->ss_family != AF_INET6) snprintf(out, room, "unix");
  else if (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr)) inet_ntop(AF_INET, &six->sin6_addr.s6_addr[12], out, room);
  else inet_ntop(AF_INET6, &six->sin6_addr, out, room);
}

static void arrival_take(struct http_server *server, int fd, const struct sockaddr_storage *address)
{
  struct arrival *arrival = calloc(1, sizeof *arrival);
  if (!arrival) abort();
  *arrival = (struct arrival){.server = server, .loop = loops_any(server->loops), .fd = fd};
  peer_write(address, arrival->peer, sizeof arrival->peer);
  if (arrival_counted(server, arrival->peer)) {
    http_server_hold(server);
    loop_post(arrival->loop, arrival_run, arrival);
  } else {
    arrival_refuse(server, fd);
    free(arrival);
  }
}

static void listen_again(void *arg)
{
  struct http_server *server = arg;
  server->listen_pause = NULL;
  watch_change(server->listen_watch, EPOLLIN);
}

/* A connection that cannot be taken stays in the queue, and epoll would tell of it without end. */
static void listen_rest(struct http_server *server)
{
  log_write(loop_log(server->door), LOG_WARN, "", "no connection can be taken", LOG_FIELDS({"cause", strerror(errno)}));
  watch_change(server->listen_watch, 0);
  server->listen_pause = timer_start(server->door, PAUSE_MS, listen_again, server);
}

static void listen_event(void *arg, uint32_t events)
{
  struct http_server *server = arg;
  for (int i = 0; i < ACCEPTS_A_TURN; i++) {
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof address;
    int fd = accept4(server->listen_fd, (struct sockaddr *)&address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) arrival_take(server, fd, &address);
    else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      listen_rest(server);
      return;
    } else if (errno != EINTR && errno != ECONNABORTED) return;
  }
}

static void listen_begin(void *arg)
{
  struct http_server *server = arg;
  server->listen_watch = watch_start(server->door, server->listen_fd, EPOLLIN, listen_event, server);
  http_server_release(server);
}

/* ---- Addresses ---- */
static int unix_listen(struct http_server *server, const char *path)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  memcpy(address.sun_path, path, strlen(path) + 1);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  /* Before bind, so that the socket never stands open to others, not even for a moment. */
  if (fchmod(fd, 0600) == 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0) {
    server->unix_path = strdup(path);
    if (listen(fd, BACKLOG) == 0) return fd;
  }
  close(fd);
  return -1;
}

static int address_listen(const struct addrinfo *address)
{
  int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
  if (fd < 0) return -1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0) return fd;
  int cause = errno;
  close(fd);
  errno = cause;
  return -1;
}

/* "127.0.0.1:8080", "[::1]:8080". */
static int inet_listen(struct cx *cx, const char *address)
{
  const char *colon = strrchr(address, ':');
  int64_t port;
  errno = EINVAL;
  if (!colon || !text_to_i64(colon + 1, 0, 65535, &port)) return -1;
  char *host = arena_copy_n(cx->arena, address, (size_t)(colon - address));
  size_t size = strlen(host);
  if (size > 2 && host[0] == '[' && host[size - 1] == ']') {
    host[size - 1] = '\0';
    host++;
  }
  struct addrinfo wish = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV}, *found;
  if (getaddrinfo(host, colon + 1, &wish, &found) != 0) return -1;
  int fd = address_listen(found);
  freeaddrinfo(found);
  return fd;
}

static int bound_port(int fd)
{
  struct sockaddr_storage address;
  socklen_t size = sizeof address;
  if (getsockname(fd, (struct sockaddr *)&address, &size) != 0) return 0;
  if (address.ss_family == AF_INET) return ntohs(((struct sockaddr_in *)&address)->sin_port);
  if (address.ss_family == AF_INET6) return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
  return 0;
}

/* ---- Start and stop ---- */
static struct http_server *server_new(struct loops *loops, SSL_CTX *tls, const struct http_service *service,
                                      const struct http_limits *limits)
{
  struct http_server *server = calloc(1, sizeof *server + (size_t)loops_count(loops) * sizeof server->lists[0]);
  if (!server) abort();
  server->loops = loops;
  server->service = *service;
  if (limits) server->limits = *limits;
  struct http_limits *own = &server->limits;
  if (!own->connections_max) own->connections_max = CONNECTIONS_MAX;
  if (!own->head_wait_ms) own->head_wait_ms = HEAD_WAIT_MS;
  if (!own->idle_wait_ms) own->idle_wait_ms = IDLE_WAIT_MS;
  if (!own->body_rate_min) own->body_rate_min = BODY_RATE_MIN;
  if (own->spool_folder && !(server->spool_folder = strdup(own->spool_folder))) abort();
  own->spool_folder = server->spool_folder;
  if (own->connections_per_peer_max) server->peers = http_peers_new(own->connections_per_peer_max);
  if (tls) SSL_CTX_up_ref(tls);
  server->tls = tls;
  server->listen_fd = -1;
  atomic_init(&server->holders, 1);
  pthread_mutex_init(&server->mutex, NULL);
  clock_condition_init(&server->changed);
  return server;
}

enum err http_server_start(struct cx *cx, struct loops *loops, const char *address, SSL_CTX *tls,
                           const struct http_service *service, const struct http_limits *limits, int *port, struct http_server **out)
{
  struct http_server *server = server_new(loops, tls, service, limits);
  server->listen_fd = text_starts(address, "unix:") ? unix_listen(server, address + 5) : inet_listen(cx, address);
  if (server->listen_fd < 0) {
    enum err err = cx_fail(cx, ERR_CONFLICT, NULL, "net.error.address", "address", address, "cause", strerror(errno), NULL);
    http_server_release(server);
    return err;
  }
  if (port) *port = bound_port(server->listen_fd);
  server->door = loops_any(loops);
  http_server_hold(server);
  loop_post(server->door, listen_begin, server);
  *out = server;
  return OK;
}

static void listen_end(void *arg)
{
  struct http_server *server = arg;
  timer_stop(server->listen_pause);
  watch_stop(server->listen_watch);
  close(server->listen_fd);
  if (server->unix_path) unlink(server->unix_path);
  pthread_mutex_lock(&server->mutex);
  server->door_closed = true;
  pthread_cond_broadcast(&server->changed);
  pthread_mutex_unlock(&server->mutex);
  http_server_release(server);
}

struct sweep { struct http_server *server; struct loop *loop; void (*each)(struct connection *); };

static void sweep_run(void *arg)
{
  struct sweep *sweep = arg;
  for (struct connection *connection = sweep->server->lists[loop_number(sweep->loop)], *next; connection; connection = next) {
    next = http_connection_next(connection);
    sweep->each(connection);
  }
  http_server_release(sweep->server);
  free(sweep);
}

/* Runs each on every connection, on its own loop. */
static void server_sweep(struct http_server *server, void (*each)(struct connection *))
{
  for (int i = 0; i < loops_count(server->loops); i++) {
    struct sweep *sweep = malloc(sizeof *sweep);
    if (!sweep) abort();
    *sweep = (struct sweep){server, loops_at(server->loops, i), each};
    http_server_hold(server);
    loop_post(sweep->loop, sweep_run, sweep);
  }
}

static void server_wait_empty(struct http_server *server, int64_t wait_ms)
{
  int64_t until_us = clock_monotonic_us() + wait_ms * 1000;
  pthread_mutex_lock(&server->mutex);
  while (server->connections > 0 && clock_wait_until(&server->changed, &server->mutex, until_us) == 0) {}
  pthread_mutex_unlock(&server->mutex);
}

void http_server_stop(struct http_server *server, int64_t wait_ms)
{
  if (!server) return;
  assert(!loop_here());
  atomic_store(&server->draining, true);
  http_server_hold(server);
  loop_post(server->door, listen_end, server);
  pthread_mutex_lock(&server->mutex);
  while (!server->door_closed) pthread_cond_wait(&server->changed, &server->mutex);
  pthread_mutex_unlock(&server->mutex);
  server_sweep(server, http_connection_drain);
  server_wait_empty(server, wait_ms);
  server_sweep(server, http_connection_end);
  server_wait_empty(server, CLOSE_WAIT_MS);
  http_server_release(server);
}

struct http_server_counts http_server_counts(const struct http_server *server)
{
  struct http_server *own = (struct http_server *)(uintptr_t)server;
  pthread_mutex_lock(&own->mutex);
  int connections = own->connections;
  pthread_mutex_unlock(&own->mutex);
  return (struct http_server_counts){connections, atomic_load(&own->requests), atomic_load(&own->refused),
                                     atomic_load(&own->bytes_in), atomic_load(&own->bytes_out)};
}
