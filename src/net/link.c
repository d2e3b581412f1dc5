/* One connection of the client: it is opened for one ask, serves it, then further ones, and closes when idle for long.
 *
 *   LOOKUP → CONNECTING → HANDSHAKE → SENDING → HEAD → BODY → IDLE → SENDING …
 *
 * A peer may close an idle connection at the very moment it is used again. Such an ask is tried once more on a new
 * connection if the peer cannot have acted on it: nothing was sent, or the method asks for no action. */
#include "net/client_inner.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { IDLE_MS = 30000, CONNECT_MS = 5000, READS_A_TURN = 16, TOGETHER_MAX = 16384, INTERIM_MAX = 8 };

enum link_state { LOOKUP = 1, CONNECTING, HANDSHAKE, SENDING, HEAD, BODY, IDLE };

struct link {
  struct target *target;
  struct loop *loop;
  struct link *next, *previous;
  enum link_state state;
  struct job *job;               /* NULL when IDLE */
  struct lookup *lookup;
  struct addrinfo *addresses, *address; /* all, and the next to try */
  struct stream stream;
  struct watch *watch;
  struct timer *timer;
  char *input;                   /* HTTP_HEAD_MAX bytes while an answer is awaited */
  size_t input_size;
  struct head_scan scan;
  struct framing framing;
  struct spool *spool;
  struct outgoing outgoing;
  struct http_answer *answer;
  bool served;                   /* it has carried an answer before */
  bool written, answered;        /* of the ask at hand: a byte has gone out, has come back */
  int interim;                   /* answers of 1xx so far */
  bool keep, worn;               /* worn: not to be used again */
};

enum step { STEP_ON, STEP_WAIT, STEP_GONE };

static void link_run(struct link *link);
static void link_connect(struct link *link);

static void link_event(void *arg, uint32_t events)
{
  link_run(arg);
}

/* ---- Ends ---- */
void http_link_close(struct link *link)
{
  struct target *target = link->target;
  if (link->next) link->next->previous = link->previous;
  if (link->previous) link->previous->next = link->next;
  else target->links = link->next;
  target->link_count--;
  if (link->lookup) http_lookup_leave(link->lookup);
  if (link->addresses) freeaddrinfo(link->addresses);
  watch_stop(link->watch);
  timer_stop(link->timer);
  http_outgoing_done(&link->outgoing);
  if (link->state == IDLE) stream_finish(&link->stream);
  stream_close(&link->stream);
  if (link->job) link->job->link = NULL;
  free(link->input);
  free(link);
}

static bool method_is_safe(const char *method)
{
  return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 || strcmp(method, "OPTIONS") == 0;
}

static enum step link_fail(struct link *link, enum err err)
{
  struct target *target = link->target;
  struct job *job = link->job;
  bool stale = err == ERR_UPSTREAM && link->served && !link->answered && !job->retried;
  bool again = stale && (!link->written || method_is_safe(job->ask.method)) && !atomic_load(&target->client->closing);
  http_link_close(link);
  if (again) {
    http_job_again(job);
  } else {
    http_target_move(target);
    http_job_end(job, err, NULL, NULL);
  }
  return STEP_GONE;
}

static void idle_end(void *arg)
{
  struct link *link = arg;
  struct target *target = link->target;
  link->timer = NULL;
  http_link_close(link);
  http_target_move(target);
}

static void connect_late(void *arg)
{
  struct link *link = arg;
  link->timer = NULL;
  link_connect(link);
}

/* ---- Opening ---- */
void http_link_open(struct target *target, struct job *job)
{
  struct link *link = calloc(1, sizeof *link);
  if (!link) abort();
  *link = (struct link){.target = target, .loop = target->loop, .next = target->links, .state = LOOKUP, .job = job,
                        .stream.fd = -1, .outgoing.fd = -1};
  if (target->links) target->links->previous = link;
  target->links = link;
  target->link_count++;
  job->link = link;
  link->lookup = http_lookup_start(link, target);
}

static void link_disconnect(struct link *link)
{
  watch_stop(link->watch);
  timer_stop(link->timer);
  stream_close(&link->stream);
  link->watch = NULL;
  link->timer = NULL;
}

static bool link_dial(struct link *link, const struct addrinfo *address)
{
  int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
  if (fd < 0) return false;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const char *name = link->target->tls_name ? link->target->tls_name : link->target->host;
  stream_open(&link->stream, fd, link->target->tls, false, loop_now(link->loop));
  bool begun = connect(fd, address->ai_addr, address->ai_addrlen) == 0 || errno == EINPROGRESS;
  if (begun && stream_expect(&link->stream, name)) return true;
  stream_close(&link->stream);
  return false;
}

/* Tries the addresses that are left, one after the other. */
static void link_connect(struct link *link)
{
  link_disconnect(link);
  while (link->address) {
    const struct addrinfo *address = link->address;
    link->address = address->ai_next;
    if (!link_dial(link, address)) continue;
    link->state = CONNECTING;
    link->watch = watch_start(link->loop, link->stream.fd, EPOLLOUT, link_event, link);
    link->timer = timer_start(link->loop, CONNECT_MS, connect_late, link);
    return;
  }
  link_fail(link, ERR_UPSTREAM);
}

void http_link_found(struct link *link, struct addrinfo *addresses)
{
  link->lookup = NULL;
  link->addresses = link->address = addresses;
  link_connect(link);
}

static enum step link_wait(struct link *link, uint32_t events)
{
  watch_change(link->watch, events);
  return STEP_WAIT;
}

static enum step connect_step(struct link *link)
{
  int cause = 0;
  socklen_t size = sizeof cause;
  if (getsockopt(link->stream.fd, SOL_SOCKET, SO_ERROR, &cause, &size) != 0 || cause != 0) {
    link_connect(link);
    return STEP_GONE; /* perhaps not, but another connection has begun or the link has ended */
  }
  link->state = HANDSHAKE;
  return STEP_ON;
}

/* ---- Sending ---- */
static bool field_is_ours(const char *name)
{
  static const char *const ours[] = {"host", "content-length", "connection", "transfer-encoding", "keep-alive", "expect"};
  for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
    if (strcasecmp(ours[i], name) == 0) return true;
  return false;
}

static void write_host(struct buffer *out, const struct target *target)
{
  bool six = strchr(target->host, ':') != NULL;
  buffer_print(out, six ? "Host: [%s]" : "Host: %s", target->host);
  if (target->port != (target->tls ? 443 : 80)) buffer_print(out, ":%d", target->port);
  buffer_text(out, "\r\n");
}

static void write_head(struct buffer *out, const struct link *link, int64_t size)
{
  const struct http_ask *ask = &link->job->ask;
  buffer_print(out, "%s %s HTTP/1.1\r\n", ask->method, ask->target);
  write_host(out, link->target);
  for (size_t i = 0; i < ask->fields.count; i++)
    if (!field_is_ours(ask->fields.items[i].name)) http_field_write(out, &ask->fields.items[i]);
  bool bodiless = size == 0 && (method_is_safe(ask->method) || strcmp(ask->method, "DELETE") == 0);
  if (!bodiless) buffer_print(out, "Content-Length: %lld\r\n", (long long)size);
  buffer_text(out, "\r\n");
}

/* False: the body's file cannot be read. */
static bool request_write(struct link *link)
{
  const struct http_body *body = &link->job->ask.body;
  int64_t size = body->path ? body->size : (int64_t)body->data.size;
  struct buffer out;
  buffer_init(&out, link->job->ask.arena);
  write_head(&out, link, size);
  bool together = !body->path && size <= TOGETHER_MAX;
  if (together) buffer_add(&out, body->data.data, body->data.size);
  return http_outgoing_start(&link->outgoing, buffer_bytes(&out), together || size == 0 ? NULL : body) == OK;
}

static enum step request_begin(struct link *link)
{
  timer_stop(link->timer);
  link->timer = NULL;
  link->scan = (struct head_scan){0};
  link->input_size = 0;
  link->interim = 0;
  link->written = link->answered = false;
  if (!link->input && !(link->input = malloc(HTTP_HEAD_MAX))) abort();
  if (!request_write(link)) return link_fail(link, ERR_STORAGE);
  link->state = SENDING;
  return STEP_ON;
}

static enum step handshake_step(struct link *link)
{
  const char *name = link->target->tls_name ? link->target->tls_name : link->target->host;
  enum stream_result result = stream_handshake(&link->stream, name);
  if (result == STREAM_WAIT_READ || result == STREAM_WAIT_WRITE) return link_wait(link, result);
  if (result != STREAM_OK) return link_fail(link, ERR_UPSTREAM);
  return request_begin(link);
}

/* An answer that comes before all is sent is a refusal: the rest need not go out, and the link ends with it. */
static enum step early_step(struct link *link, uint32_t events)
{
  size_t got;
  enum stream_result result = stream_read(&link->stream, link->input, HTTP_HEAD_MAX, &got);
  if (result == STREAM_WAIT_READ) return link_wait(link, events | EPOLLIN);
  if (result == STREAM_WAIT_WRITE) return link_wait(link, EPOLLOUT);
  if (result != STREAM_OK) return link_fail(link, ERR_UPSTREAM);
  link->input_size = got;
  link->answered = true;
  link->worn = true;
  link->state = HEAD;
  return STEP_ON;
}

static enum step send_step(struct link *link)
{
  int64_t written = 0;
  enum stream_result result = http_outgoing_write(&link->outgoing, &link->stream, &written);
  if (written > 0) link->written = link->job->sent = true;
  if (result == STREAM_WAIT_READ || result == STREAM_WAIT_WRITE) return early_step(link, result);
  if (result != STREAM_OK) return early_step(link, EPOLLOUT);
  http_outgoing_done(&link->outgoing);
  link->state = HEAD;
  return stream_holds(&link->stream) ? STEP_ON : link_wait(link, EPOLLIN); /* without a look: hardly any answer is there already */
}

/* ---- The answer ---- */
static void certificate_drop(void *certificate)
{
  X509_free(certificate);
}

/* After an answer: closed, put to the next ask, or idle. */
static enum step link_go_on(struct link *link)
{
  struct target *target = link->target;
  if (!link->keep || link->worn || link->input_size > 0 || atomic_load(&target->client->closing)) {
    http_link_close(link);
    http_target_move(target);
    return STEP_GONE;
  }
  link->state = IDLE;
  struct job *next = http_target_take(target);
  if (next) {
    link->job = next;
    next->link = link;
    return request_begin(link);
  }
  free(link->input);
  link->input = NULL;
  link->timer = timer_start(link->loop, IDLE_MS, idle_end, link);
  return link_wait(link, EPOLLIN);
}

static enum step answer_done(struct link *link)
{
  struct job *job = link->job;
  struct http_answer *answer = link->answer;
  X509 *certificate = link->stream.ssl ? SSL_get1_peer_certificate(link->stream.ssl) : NULL;
  if (certificate) arena_defer(job->ask.arena, certificate_drop, certificate);
  enum err err = http_spool_end(link->spool, &answer->body);
  http_outgoing_done(&link->outgoing);
  link->job = NULL;
  job->link = NULL;
  link->spool = NULL;
  link->answer = NULL;
  link->served = true;
  enum step step = link_go_on(link);
  http_job_end(job, err, answer, certificate);
  return step;
}

static enum step input_read(struct link *link)
{
  size_t got;
  enum stream_result result = stream_read(&link->stream, link->input + link->input_size, HTTP_HEAD_MAX - link->input_size, &got);
  if (result == STREAM_WAIT_READ || result == STREAM_WAIT_WRITE) return link_wait(link, result);
  if (result == STREAM_END && link->state == BODY && link->framing.state == FRAMING_OPEN) return answer_done(link);
  if (result != STREAM_OK) return link_fail(link, ERR_UPSTREAM);
  link->input_size += got;
  link->answered = true;
  return STEP_ON;
}

static void input_take(struct link *link, size_t size)
{
  link->input_size -= size;
  if (link->input_size) memmove(link->input, link->input + size, link->input_size);
}

static enum step head_done(struct link *link, size_t size)
{
  struct head head;
  const struct http_ask *ask = &link->job->ask;
  if (!http_head_read_answer(ask->arena, link->input, size, &head) || head.status == 101) return link_fail(link, ERR_UPSTREAM);
  input_take(link, size);
  link->scan = (struct head_scan){0};
  if (head.status < 200) return ++link->interim > INTERIM_MAX ? link_fail(link, ERR_UPSTREAM) : STEP_ON; /* the real one follows */
  bool bodiless = strcmp(ask->method, "HEAD") == 0 || head.status == 204 || head.status == 304;
  if (bodiless) link->framing = (struct framing){.state = FRAMING_END};
  else http_framing_start(&link->framing, &head, true);
  link->keep = head.keep && link->framing.state != FRAMING_OPEN;
  if (!bodiless && head.length > ask->answer_max) return link_fail(link, ERR_TOO_LARGE);
  const struct spool_wish wish = {link->target->client->spool_folder, ask->answer_max, bodiless ? 0 : head.length, ask->hash_body};
  link->spool = http_spool_new(ask->arena, &wish);
  link->answer = ARENA_NEW(ask->arena, struct http_answer);
  link->answer->status = head.status;
  link->answer->fields = head.fields;
  link->state = BODY;
  return STEP_ON;
}

static enum step head_step(struct link *link)
{
  if (link->scan.seen == link->input_size) {
    enum step step = input_read(link);
    if (step != STEP_ON) return step;
  }
  size_t end;
  if (http_head_find(&link->scan, link->input, link->input_size, false, &end) != 0) return link_fail(link, ERR_UPSTREAM);
  return end ? head_done(link, end) : STEP_ON;
}

static enum step body_step(struct link *link)
{
  size_t at = 0;
  while (!http_framing_ended(&link->framing) && at < link->input_size) {
    size_t used;
    struct bytes piece;
    if (!http_framing_step(&link->framing, link->input + at, link->input_size - at, &used, &piece)) return link_fail(link, ERR_UPSTREAM);
    at += used;
    enum err err = piece.size ? http_spool_add(link->spool, piece.data, piece.size) : OK;
    if (err) return link_fail(link, err);
  }
  input_take(link, at);
  return http_framing_ended(&link->framing) ? answer_done(link) : input_read(link);
}

/* ---- Idle ---- */
/* Nothing may come while nothing was asked; TLS alone has things of its own to say. */
static bool link_quiet(struct link *link)
{
  char unexpected;
  size_t got;
  return stream_read(&link->stream, &unexpected, 1, &got) == STREAM_WAIT_READ;
}

static enum step idle_step(struct link *link)
{
  if (link_quiet(link)) return STEP_WAIT;
  struct target *target = link->target;
  http_link_close(link);
  http_target_move(target);
  return STEP_GONE;
}

struct link *http_link_idle(struct target *target)
{
  for (struct link *link = target->links, *next; link; link = next) {
    next = link->next;
    if (link->state != IDLE) continue;
    if (link_quiet(link)) return link;
    http_link_close(link);
  }
  return NULL;
}

void http_link_serve(struct link *link, struct job *job)
{
  assert(link->state == IDLE && !link->job);
  link->job = job;
  job->link = link;
  if (request_begin(link) == STEP_ON) link_run(link);
}

void http_link_close_idle(struct target *target)
{
  for (struct link *link = target->links, *next; link; link = next) {
    next = link->next;
    link->worn = true;
    if (link->state == IDLE) http_link_close(link);
  }
}

struct job *http_link_job(struct link *link)
{
  return link->job;
}

/* ---- The machine ---- */
static enum step link_step(struct link *link)
{
  switch (link->state) {
    case LOOKUP: return STEP_WAIT;
    case CONNECTING: return connect_step(link);
    case HANDSHAKE: return handshake_step(link);
    case SENDING: return send_step(link);
    case HEAD: return head_step(link);
    case BODY: return body_step(link);
    case IDLE: return idle_step(link);
  }
  abort();
}

static void link_run(struct link *link)
{
  for (int steps = 0; steps < READS_A_TURN || stream_holds(&link->stream); steps++)
    if (link_step(link) != STEP_ON) return;
  watch_change(link->watch, EPOLLIN | EPOLLOUT); /* others have their turn */
}
