/* One connection of the server: a state machine that goes on until it has to wait for the peer or for a handler.
 *
 *   HANDSHAKE → HEAD → BODY → HANDLING → SENDING → HEAD …
 *                └──────┴─ refused ──────→ SENDING → LINGER
 *
 * Reading stops while an answer is being made or sent: that is the back-pressure, and what keeps pipelined requests in order.
 * Every waiting has an end: `deadline_us`. A connection that we end lingers until the peer has ended too, because closing
 * with unread bytes would reset it and could destroy the answer on its way. */
#include "net/server_inner.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINGER_MS = 2000, GRACE_MS = 10000, READS_A_TURN = 16, PEER_SIZE = 64 };

enum connection_state { HANDSHAKE = 1, HEAD, BODY, HANDLING, SENDING, LINGER };

struct connection {
  struct http_server *server;
  struct loop *loop;
  struct connection *next, *previous;
  struct stream stream;
  struct watch *watch;
  struct timer *timer;
  int64_t timer_us, deadline_us; /* when the timer runs, when it should; 0: no end */
  enum connection_state state;
  char peer[PEER_SIZE];
  char *input;                   /* HTTP_HEAD_MAX bytes, or NULL while idle */
  size_t input_size;
  /* Of the request at hand */
  struct exchange *exchange;
  struct head_scan scan;
  struct framing framing;
  struct spool *spool;
  struct outgoing outgoing;
  int64_t since_us, moved;       /* when the body or answer began, bytes of it so far */
  bool keep;
};

/* What a step of the machine found. */
enum step { STEP_ON, STEP_WAIT, STEP_GONE };

static enum step request_refuse(struct connection *connection, int status);
static enum step connection_send(struct connection *connection);
static void connection_run(struct connection *connection);

/* ---- Deadlines ---- */
static void timer_ran(void *arg)
{
  struct connection *connection = arg;
  connection->timer = NULL;
  int64_t now = clock_monotonic_us();
  if (connection->deadline_us == 0) return;
  if (now < connection->deadline_us) {
    connection->timer_us = connection->deadline_us;
    connection->timer = timer_start(connection->loop, (connection->deadline_us - now) / 1000 + 1, timer_ran, connection);
    return;
  }
  bool begun = connection->state == HEAD ? connection->input_size > 0 : connection->state == BODY;
  if (!begun) {
    http_connection_end(connection);
    return;
  }
  if (request_refuse(connection, 408) == STEP_ON) connection_run(connection);
}

/* The timer is left running when the deadline moves away: it looks again when it runs. */
static void deadline_set(struct connection *connection, int64_t deadline_us)
{
  connection->deadline_us = deadline_us;
  if (deadline_us == 0 || (connection->timer && connection->timer_us <= deadline_us)) return;
  timer_stop(connection->timer);
  int64_t left_us = deadline_us - clock_monotonic_us();
  connection->timer_us = deadline_us;
  connection->timer = timer_start(connection->loop, left_us > 0 ? left_us / 1000 + 1 : 0, timer_ran, connection);
}

static void deadline_after(struct connection *connection, int64_t wait_ms)
{
  deadline_set(connection, clock_monotonic_us() + wait_ms * 1000);
}

/* Who moves bytes must keep a least rate after a grace, and must not pause for longer than an idle one may. */
static void deadline_move(struct connection *connection)
{
  const struct http_limits *limits = &connection->server->limits;
  int64_t rate = connection->since_us + GRACE_MS * 1000 + connection->moved * SECOND_US / limits->body_rate_min;
  int64_t pause = clock_monotonic_us() + limits->idle_wait_ms * 1000;
  deadline_set(connection, rate < pause ? rate : pause);
}

/* ---- States ---- */
static void connection_enter(struct connection *connection, enum connection_state state)
{
  static const unsigned from[] = {
    [HEAD] = 1 << HANDSHAKE | 1 << SENDING, [BODY] = 1 << HEAD, [HANDLING] = 1 << HEAD | 1 << BODY,
    [SENDING] = 1 << HEAD | 1 << BODY | 1 << HANDLING, [LINGER] = 1 << SENDING};
  assert(from[state] & 1u << connection->state);
  connection->state = state;
}

static enum step connection_wait(struct connection *connection, uint32_t events)
{
  watch_change(connection->watch, events);
  return STEP_WAIT;
}

static enum step connection_gone(struct connection *connection)
{
  http_connection_end(connection);
  return STEP_GONE;
}

static void request_begin(struct connection *connection)
{
  struct exchange *exchange = http_exchange_new(connection->server, connection);
  struct http_call *call = &exchange->call;
  call->loop = connection->loop;
  call->peer = arena_copy(call->arena, connection->peer);
  call->tls = connection->stream.ssl != NULL;
  call->started_us = clock_monotonic_us();
  connection->exchange = exchange;
}

static enum step request_refuse(struct connection *connection, int status)
{
  atomic_fetch_add(&connection->server->refused, 1);
  connection->keep = false;
  http_exchange_refuse(connection->exchange, status);
  return connection_send(connection);
}

/* ---- Reading ---- */
static enum step input_read(struct connection *connection)
{
  if (!connection->input && !(connection->input = malloc(HTTP_HEAD_MAX))) abort();
  size_t got;
  char *free_from = connection->input + connection->input_size;
  enum stream_result result = stream_read(&connection->stream, free_from, HTTP_HEAD_MAX - connection->input_size, &got);
  if (result == STREAM_WAIT_READ || result == STREAM_WAIT_WRITE) {
    if (connection->input_size == 0) {
      free(connection->input);
      connection->input = NULL;
    }
    return connection_wait(connection, result);
  }
  if (result != STREAM_OK) return connection_gone(connection);
  connection->input_size += got;
  atomic_fetch_add(&connection->server->bytes_in, (long long)got);
  return STEP_ON;
}

/* Without a look: hardly any peer has asked again already. */
static enum step input_await(struct connection *connection)
{
  free(connection->input);
  connection->input = NULL;
  return connection_wait(connection, EPOLLIN);
}

static void input_take(struct connection *connection, size_t size)
{
  connection->input_size -= size;
  if (connection->input_size) memmove(connection->input, connection->input + size, connection->input_size);
}

static void certificate_drop(void *certificate)
{
  X509_free(certificate);
}

static void call_fill(struct connection *connection, const struct head *head)
{
  struct http_call *call = &connection->exchange->call;
  call->method = head->method;
  call->target = head->target;
  const char *mark = strchr(head->target, '?');
  call->path = mark ? arena_copy_n(call->arena, head->target, (size_t)(mark - head->target)) : head->target;
  call->query = mark ? mark + 1 : "";
  call->fields = head->fields;
  connection->exchange->minor = head->minor;
  connection->exchange->head_only = strcmp(head->method, "HEAD") == 0;
  if (!connection->stream.ssl) return;
  call->peer_certificate = SSL_get1_peer_certificate(connection->stream.ssl);
  if (call->peer_certificate) arena_defer(call->arena, certificate_drop, call->peer_certificate);
}

static enum step request_ready(struct connection *connection)
{
  struct http_call *call = &connection->exchange->call;
  connection_enter(connection, HANDLING);
  connection->spool = NULL;
  deadline_set(connection, 0);
  atomic_fetch_add(&connection->server->requests, 1);
  connection->server->service.ready(connection->server->service.self, call);
  return STEP_WAIT;
}

/* A head of ours without a body fits into any socket's buffer that has just been read from. */
static bool continue_send(struct connection *connection)
{
  static const char line[] = "HTTP/1.1 100 Continue\r\n\r\n";
  const struct iovec piece = {(void *)(uintptr_t)line, sizeof line - 1};
  size_t put;
  return stream_write(&connection->stream, &piece, 1, &put) == STREAM_OK && put == sizeof line - 1;
}

static enum step body_begin(struct connection *connection, const struct head *head, int64_t body_max)
{
  struct http_server *server = connection->server;
  if (head->length > body_max) return request_refuse(connection, 413);
  const struct spool_wish wish = {server->spool_folder, body_max, head->length, server->service.hash_bodies};
  connection->spool = http_spool_new(connection->exchange->call.arena, &wish);
  connection->since_us = clock_monotonic_us();
  connection->moved = 0;
  connection_enter(connection, BODY);
  deadline_move(connection);
  if (head->expects_continue && connection->input_size == 0 && !http_framing_ended(&connection->framing) && !continue_send(connection))
    return connection_gone(connection);
  return STEP_ON;
}

static enum step head_done(struct connection *connection, size_t size)
{
  struct head head;
  struct http_server *server = connection->server;
  int status = http_head_read_request(connection->exchange->call.arena, connection->input, size, &head);
  if (status) return request_refuse(connection, status);
  input_take(connection, size);
  call_fill(connection, &head);
  http_framing_start(&connection->framing, &head, false);
  connection->keep = head.keep;
  int64_t body_max = 0;
  status = server->service.head(server->service.self, &connection->exchange->call, &body_max);
  if (!status) return body_begin(connection, &head, body_max);
  if (!http_framing_ended(&connection->framing)) return request_refuse(connection, status);
  http_exchange_refuse(connection->exchange, status);
  return connection_send(connection);
}

static enum step head_step(struct connection *connection)
{
  if (connection->input_size == 0 || connection->scan.seen == connection->input_size) {
    enum step step = input_read(connection);
    if (step != STEP_ON) return step;
  }
  if (!connection->exchange) {
    request_begin(connection);
    deadline_after(connection, connection->server->limits.head_wait_ms);
  }
  size_t end;
  int status = http_head_find(&connection->scan, connection->input, connection->input_size, true, &end);
  if (status) return request_refuse(connection, status);
  return end ? head_done(connection, end) : STEP_ON;
}

static enum step body_error(struct connection *connection, enum err err)
{
  return request_refuse(connection, err == ERR_TOO_LARGE ? 413 : 503);
}

static enum step body_step(struct connection *connection)
{
  size_t at = 0;
  while (!http_framing_ended(&connection->framing) && at < connection->input_size) {
    size_t used;
    struct bytes piece;
    if (!http_framing_step(&connection->framing, connection->input + at, connection->input_size - at, &used, &piece))
      return request_refuse(connection, 400);
    at += used;
    enum err err = piece.size ? http_spool_add(connection->spool, piece.data, piece.size) : OK;
    if (err) return body_error(connection, err);
  }
  input_take(connection, at);
  if (http_framing_ended(&connection->framing)) {
    enum err err = http_spool_end(connection->spool, &connection->exchange->call.body);
    return err ? body_error(connection, err) : request_ready(connection);
  }
  connection->moved += (int64_t)at;
  deadline_move(connection);
  return input_read(connection);
}

/* ---- Answering ---- */
static enum step connection_send(struct connection *connection)
{
  struct exchange *exchange = connection->exchange;
  connection->keep = connection->keep && !atomic_load(&connection->server->draining);
  const struct http_body *body;
  struct bytes head = http_exchange_write_head(exchange, connection->keep, &body);
  if (http_outgoing_start(&connection->outgoing, head, body) != OK) {
    http_exchange_refuse(exchange, 500);
    head = http_exchange_write_head(exchange, connection->keep, &body);
    if (http_outgoing_start(&connection->outgoing, head, body) != OK) abort(); /* it is in memory */
  }
  connection_enter(connection, SENDING);
  connection->since_us = clock_monotonic_us();
  connection->moved = 0;
  deadline_move(connection);
  return STEP_ON;
}

static void request_end(struct connection *connection)
{
  http_outgoing_done(&connection->outgoing);
  http_exchange_free(connection->exchange);
  connection->exchange = NULL;
  connection->spool = NULL;
  connection->scan = (struct head_scan){0};
}

static enum step send_step(struct connection *connection)
{
  int64_t before = connection->moved;
  enum stream_result result = http_outgoing_write(&connection->outgoing, &connection->stream, &connection->moved);
  atomic_fetch_add(&connection->server->bytes_out, connection->moved - before);
  if (result == STREAM_WAIT_READ || result == STREAM_WAIT_WRITE) {
    if (connection->moved > before) deadline_move(connection);
    return connection_wait(connection, result);
  }
  if (result != STREAM_OK) return connection_gone(connection);
  request_end(connection);
  if (connection->keep) {
    connection_enter(connection, HEAD);
    deadline_after(connection, connection->server->limits.idle_wait_ms);
    return connection->input_size > 0 || stream_holds(&connection->stream) ? STEP_ON : input_await(connection);
  }
  connection_enter(connection, LINGER);
  stream_finish(&connection->stream);
  deadline_after(connection, LINGER_MS);
  return STEP_ON;
}

/* Plain reading past TLS: what comes is thrown away in any case. */
static enum step linger_step(struct connection *connection)
{
  char ignored[4096];
  ssize_t got = recv(connection->stream.fd, ignored, sizeof ignored, 0);
  if (got > 0) return STEP_ON;
  return got < 0 && (errno == EAGAIN || errno == EINTR) ? connection_wait(connection, EPOLLIN) : connection_gone(connection);
}

static enum step handshake_step(struct connection *connection)
{
  enum stream_result result = stream_handshake(&connection->stream, NULL);
  if (result == STREAM_WAIT_READ || result == STREAM_WAIT_WRITE) return connection_wait(connection, result);
  if (result != STREAM_OK) {
    atomic_fetch_add(&connection->server->refused, 1);
    return connection_gone(connection);
  }
  connection_enter(connection, HEAD);
  return STEP_ON;
}

/* ---- The machine ---- */
static enum step connection_step(struct connection *connection)
{
  switch (connection->state) {
    case HANDSHAKE: return handshake_step(connection);
    case HEAD: return head_step(connection);
    case BODY: return body_step(connection);
    case HANDLING: return STEP_WAIT;
    case SENDING: return send_step(connection);
    case LINGER: return linger_step(connection);
  }
  abort();
}

static void connection_run(struct connection *connection)
{
  for (int steps = 0; steps < READS_A_TURN || stream_holds(&connection->stream); steps++)
    if (connection_step(connection) != STEP_ON) return;
  watch_change(connection->watch, EPOLLIN | EPOLLOUT); /* others have their turn; a socket that can be written comes back at once */
}

static void connection_event(void *arg, uint32_t events)
{
  struct connection *connection = arg;
  if (connection->state != HANDLING) connection_run(connection);
  else if (events & (EPOLLHUP | EPOLLERR)) http_connection_end(connection);
  else watch_change(connection->watch, 0); /* the next request waits in the socket for its turn: only a hang-up counts until then */
}

void http_connection_answer(struct connection *connection)
{
  assert(connection->state == HANDLING);
  if (connection_send(connection) == STEP_ON) connection_run(connection);
}

void http_connection_start(struct http_server *server, struct loop *loop, int fd, const char *peer)
{
  struct connection *connection = calloc(1, sizeof *connection);
  if (!connection) abort();
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  connection->server = server;
  connection->loop = loop;
  connection->outgoing.fd = -1;
  snprintf(connection->peer, PEER_SIZE, "%s", peer);
  stream_open(&connection->stream, fd, server->tls, true, loop_now(loop));
  connection->state = HANDSHAKE;
  struct connection **list = &server->lists[loop_number(loop)];
  connection->next = *list;
  if (*list) (*list)->previous = connection;
  *list = connection;
  connection->watch = watch_start(loop, fd, EPOLLIN, connection_event, connection);
  deadline_after(connection, server->limits.head_wait_ms);
  connection_run(connection);
}

void http_connection_end(struct connection *connection)
{
  struct http_server *server = connection->server;
  if (connection->next) connection->next->previous = connection->previous;
  if (connection->previous) connection->previous->next = connection->next;
  else server->lists[loop_number(connection->loop)] = connection->next;
  watch_stop(connection->watch);
  timer_stop(connection->timer);
  http_outgoing_done(&connection->outgoing);
  stream_close(&connection->stream);
  if (connection->exchange && connection->state == HANDLING) connection->exchange->connection = NULL;
  else if (connection->exchange) http_exchange_free(connection->exchange);
  free(connection->input);
  http_server_connection_ended(server, connection->peer);
  free(connection);
}

void http_connection_drain(struct connection *connection)
{
  bool idle = connection->state == LINGER || connection->state == HANDSHAKE || (connection->state == HEAD && connection->input_size == 0);
  if (idle) http_connection_end(connection);
}

struct connection *http_connection_next(struct connection *connection)
{
  return connection->next;
}
