/* The node's side of the keys process.
 *
 * Callers put requests into a queue and send at once what the socket takes; the reader thread sends the rest, reads answers,
 * which come in the order of the requests, and starts the process again when it dies: all requests without an answer are then
 * sent anew. A request that sees too many deaths ends with an error, so that nothing waits for ever. */
#include "keys/keys.h"

#include "base/text.h"
#include "keys/child.h"
#include "keys/wire.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WAITING_MAX = 65536, DEATHS_MAX = 6, PAUSE_MS_MIN = 5, PAUSE_MS_MAX = 1000, TICK_MS = 1000, READ_ROOM = 65536 };
#define ANSWER_US_MAX (30 * SECOND_US)

struct request {
  struct request *next;
  struct wire_request wire;
  int deaths;                  /* of processes that had it */
  int64_t sent_us;
  enum err err;                /* when it ends without an answer */
  void (*answered)(void *user, enum err err, struct bytes data);
  void (*signed_fn)(void *user, enum err err, const struct signature *signature); /* of keys_sign, instead of answered */
  void *user;
};

struct request_list { struct request *first, **end; };

struct keys {
  char *executable, *folder;
  struct log *log;
  pthread_t reader;
  int wake;                    /* an eventfd: there is something for the reader to look at */
  atomic_int pid;
  pthread_mutex_t lock;        /* all below */
  bool stopping;
  int socket;                  /* -1 while there is no process */
  struct request_list waiting; /* without an answer, in the order sent */
  struct request_list ended;   /* to be told by the reader that they failed */
  size_t waiting_count;
  uint64_t last_id;
  struct buffer unsent;
};

/* ---- Lists ---- */

static void list_clear(struct request_list *list)
{
  *list = (struct request_list){.end = &list->first};
}

static void list_add(struct request_list *list, struct request *request)
{
  request->next = NULL;
  *list->end = request;
  list->end = &request->next;
}

static struct request *list_take(struct request_list *list)
{
  struct request *first = list->first;
  if (!first) return NULL;
  list->first = first->next;
  if (!list->first) list->end = &list->first;
  return first;
}

/* ---- Sending: with the lock held ---- */

static void reader_wake(struct keys *keys)
{
  const uint64_t one = 1;
  ssize_t wrote = write(keys->wake, &one, sizeof one);
  assert(wrote == sizeof one || errno == EAGAIN);
}

/* What the socket does not take now the reader sends later; that the process is dead the reader sees too. */
static void send_some(struct keys *keys)
{
  size_t sent = 0;
  while (keys->socket >= 0 && sent < keys->unsent.size) {
    ssize_t wrote = send(keys->socket, keys->unsent.data + sent, keys->unsent.size - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) break;
    sent += (size_t)wrote;
  }
  if (sent == 0) return;
  keys->unsent.size -= sent;
  memmove(keys->unsent.data, keys->unsent.data + sent, keys->unsent.size);
}

static void request_add(struct keys *keys, struct request *request)
{
  pthread_mutex_lock(&keys->lock);
  assert(!keys->stopping);
  request->wire.id = ++keys->last_id;
  if (keys->waiting_count == WAITING_MAX) {
    request->err = ERR_BUSY;
    list_add(&keys->ended, request);
    reader_wake(keys);
  } else {
    bool more = keys->unsent.size > 0;
    list_add(&keys->waiting, request);
    keys->waiting_count++;
    request->sent_us = clock_monotonic_us();
    wire_write_request(&keys->unsent, &request->wire);
    if (!more) send_some(keys);
    if (!more && keys->unsent.size > 0) reader_wake(keys);
  }
  pthread_mutex_unlock(&keys->lock);
}

static struct request *request_new(enum wire_kind kind, const char *name, void *user)
{
  assert(kind == WIRE_HELLO || key_name_good(name));
  struct request *request = calloc(1, sizeof *request);
  if (!request) abort();
  request->wire.kind = kind;
  request->user = user;
  memcpy(request->wire.name, name, strlen(name) + 1);
  return request;
}

/* ---- The reader ---- */

static void request_end(struct request *request, enum err err, struct bytes data)
{
  if (request->signed_fn) {
    struct signature signature = {.size = data.size};
    if (data.size > SIGNATURE_MAX) err = ERR_INTERNAL;
    else if (data.size) memcpy(signature.data, data.data, data.size);
    request->signed_fn(request->user, err, err ? NULL : &signature);
  } else {
    request->answered(request->user, err, data);
  }
  free(request);
}

/* False: that answer belongs to no request. */
static bool answer_take(struct keys *keys, const struct wire_answer *answer)
{
  pthread_mutex_lock(&keys->lock);
  struct request *request = keys->waiting.first;
  bool fits = request && request->wire.id == answer->id;
  if (fits) {
    list_take(&keys->waiting);
    keys->waiting_count--;
  }
  pthread_mutex_unlock(&keys->lock);
  if (fits) request_end(request, answer->err, (struct bytes){answer->data, answer->size});
  return fits;
}

struct incoming { size_t held; uint8_t data[READ_ROOM]; };

static bool take_frames(struct keys *keys, struct incoming *in)
{
  struct wire_answer answer;
  struct bytes body;
  size_t used = 0, whole = 0;
  enum wire_state state;
  while ((state = wire_frame((struct bytes){in->data + used, in->held - used}, &body, &whole)) == WIRE_WHOLE) {
    if (!wire_read_answer(body, &answer) || !answer_take(keys, &answer)) return false;
    used += whole;
  }
  in->held -= used;
  memmove(in->data, in->data + used, in->held);
  return state == WIRE_MORE;
}

/* False: the process is dead or talks nonsense. */
static bool read_some(struct keys *keys, int socket, struct incoming *in)
{
  ssize_t got = recv(socket, in->data + in->held, sizeof in->data - in->held, 0);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  in->held += (size_t)got;
  return got > 0 && take_frames(keys, in);
}

static void tell_ended(struct keys *keys)
{
  for (;;) {
    pthread_mutex_lock(&keys->lock);
    struct request *request = list_take(&keys->ended);
    pthread_mutex_unlock(&keys->lock);
    if (!request) return;
    request_end(request, request->err, (struct bytes){0});
  }
}

static void drain_wake(int wake)
{
  uint64_t count;
  ssize_t got = read(wake, &count, sizeof count);
  assert(got == sizeof count || errno == EAGAIN);
}

static bool all_answered(struct keys *keys)
{
  pthread_mutex_lock(&keys->lock);
  bool done = keys->stopping && !keys->waiting.first && !keys->ended.first;
  pthread_mutex_unlock(&keys->lock);
  return done;
}

static bool answer_late(struct keys *keys)
{
  pthread_mutex_lock(&keys->lock);
  bool late = keys->waiting.first && clock_monotonic_us() - keys->waiting.first->sent_us > ANSWER_US_MAX;
  pthread_mutex_unlock(&keys->lock);
  return late;
}

/* Until there is nothing more to do (true) or the process is no good any more (false). *answered: it did some work. */
static bool serve_child(struct keys *keys, const struct child *child, struct incoming *in, bool *answered)
{
  in->held = 0;
  while (!all_answered(keys)) {
    pthread_mutex_lock(&keys->lock);
    send_some(keys);
    short events = keys->unsent.size > 0 ? POLLIN | POLLOUT : POLLIN;
    pthread_mutex_unlock(&keys->lock);
    struct pollfd polled[2] = {{.fd = child->socket, .events = events}, {.fd = keys->wake, .events = POLLIN}};
    int ready = poll(polled, 2, TICK_MS);
    if (ready < 0 && errno != EINTR) return false;
    if (ready > 0 && polled[1].revents) drain_wake(keys->wake);
    tell_ended(keys);
    bool readable = ready > 0 && polled[0].revents & (POLLIN | POLLHUP | POLLERR);
    if (readable && !read_some(keys, child->socket, in)) return false;
    if (readable) *answered = true;
    if (answer_late(keys)) return false;
  }
  return true;
}

/* A new process gets every request again, but those that saw too many die. */
static void begin_anew(struct keys *keys, const struct child *child)
{
  pthread_mutex_lock(&keys->lock);
  keys->socket = child->socket;
  keys->unsent.size = 0;
  for (struct request *request = keys->waiting.first; request; request = request->next) {
    request->sent_us = clock_monotonic_us();
    wire_write_request(&keys->unsent, &request->wire);
  }
  pthread_mutex_unlock(&keys->lock);
  atomic_store(&keys->pid, (int)child->pid);
}

static void count_death(struct keys *keys)
{
  struct request_list kept;
  list_clear(&kept);
  pthread_mutex_lock(&keys->lock);
  keys->socket = -1;
  for (struct request *request; (request = list_take(&keys->waiting));) {
    bool lost = ++request->deaths >= DEATHS_MAX;
    if (lost) request->err = ERR_INTERNAL;
    if (lost) keys->waiting_count--;
    list_add(lost ? &keys->ended : &kept, request);
  }
  list_clear(&keys->waiting);
  if (kept.first) keys->waiting = kept;
  keys->unsent.size = 0;
  pthread_mutex_unlock(&keys->lock);
  atomic_store(&keys->pid, 0);
}

static void log_death(struct keys *keys, int status)
{
  char text[32];
  snprintf(text, sizeof text, "%d", status);
  log_write(keys->log, LOG_ALARM, "", "the keys process ended by itself; it is started again", LOG_FIELDS({"status", text}));
}

static void *reader_main(void *arg)
{
  struct keys *keys = arg;
  struct incoming *in = malloc(sizeof *in);
  if (!in) abort();
  for (int pause_ms = PAUSE_MS_MIN;;) {
    struct child child;
    bool answered = false, done = false;
    if (child_start(&child, keys->executable, keys->folder)) {
      begin_anew(keys, &child);
      done = serve_child(keys, &child, in, &answered);
    }
    if (!done) count_death(keys);
    int status = child_end(&child, done);
    tell_ended(keys);
    if (done || all_answered(keys)) break;
    log_death(keys, status);
    pause_ms = answered ? PAUSE_MS_MIN : pause_ms < PAUSE_MS_MAX ? pause_ms * 2 : PAUSE_MS_MAX;
    usleep((useconds_t)pause_ms * 1000);
  }
  free(in);
  return NULL;
}

/* ---- Waiting for one answer ---- */

struct wait {
  pthread_mutex_t lock;
  pthread_cond_t change;
  bool done;
  enum err err;
  size_t size;
  uint8_t data[WIRE_DATA_MAX];
};

static void wait_done(void *user, enum err err, struct bytes data)
{
  struct wait *wait = user;
  pthread_mutex_lock(&wait->lock);
  wait->err = err;
  wait->size = data.size;
  if (data.size) memcpy(wait->data, data.data, data.size);
  wait->done = true;
  pthread_cond_signal(&wait->change);
  pthread_mutex_unlock(&wait->lock);
}

static enum err wait_for(struct keys *keys, struct request *request, struct wait *wait)
{
  assert(!pthread_equal(pthread_self(), keys->reader)); /* it would wait for itself */
  *wait = (struct wait){.lock = PTHREAD_MUTEX_INITIALIZER, .change = PTHREAD_COND_INITIALIZER};
  request->user = wait;
  request->answered = wait_done;
  request_add(keys, request);
  pthread_mutex_lock(&wait->lock);
  while (!wait->done) pthread_cond_wait(&wait->change, &wait->lock);
  pthread_mutex_unlock(&wait->lock);
  return wait->err;
}

/* ---- The public side ---- */

static void keys_free(struct keys *keys)
{
  buffer_done(&keys->unsent);
  pthread_mutex_destroy(&keys->lock);
  close(keys->wake);
  free(keys->executable);
  free(keys->folder);
  free(keys);
}

enum err keys_start(struct cx *cx, const char *executable, const char *folder, struct keys **out)
{
  struct wait wait;
  struct keys *keys = calloc(1, sizeof *keys);
  if (!keys) abort();
  *keys = (struct keys){.executable = strdup(executable), .folder = strdup(folder), .log = cx->log, .socket = -1};
  keys->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (!keys->executable || !keys->folder || keys->wake < 0) abort();
  pthread_mutex_init(&keys->lock, NULL);
  list_clear(&keys->waiting);
  list_clear(&keys->ended);
  buffer_init(&keys->unsent, NULL);
  if (pthread_create(&keys->reader, NULL, reader_main, keys) != 0) abort();
  pthread_setname_np(keys->reader, "keys");
  struct request *hello = request_new(WIRE_HELLO, "", NULL);
  hello->deaths = DEATHS_MAX - 1; /* a process that dies before its first word would die again */
  enum err err = wait_for(keys, hello, &wait);
  if (!err) {
    *out = keys;
    return OK;
  }
  keys_stop(keys);
  return cx_fail(cx, ERR_STORAGE, NULL, "keys.error.start", "folder", folder, NULL);
}

void keys_stop(struct keys *keys)
{
  if (!keys) return;
  pthread_mutex_lock(&keys->lock);
  keys->stopping = true;
  reader_wake(keys);
  pthread_mutex_unlock(&keys->lock);
  pthread_join(keys->reader, NULL);
  keys_free(keys);
}

int keys_process_pid(const struct keys *keys)
{
  return atomic_load(&keys->pid);
}

static enum err name_check(struct cx *cx, const char *name)
{
  return key_name_good(name) ? OK : cx_fail(cx, ERR_INPUT, NULL, "keys.error.name", "name", name, NULL);
}

static enum err answer_fail(struct cx *cx, enum err err, const char *name)
{
  const char *key = err == ERR_NOT_FOUND ? "keys.error.none" : err == ERR_CONFLICT ? "keys.error.other_kind" : "keys.error.process";
  return err ? cx_fail(cx, err, NULL, key, "name", name, NULL) : OK;
}

enum err keys_make(struct cx *cx, struct keys *keys, const char *name, enum key_algorithm algorithm)
{
  struct wait wait;
  enum err err = name_check(cx, name);
  if (err) return err;
  struct request *request = request_new(WIRE_MAKE, name, NULL);
  request->wire.algorithm = algorithm;
  return answer_fail(cx, wait_for(keys, request, &wait), name);
}

enum err keys_public(struct cx *cx, struct keys *keys, const char *name, struct bytes *out)
{
  struct wait wait;
  enum err err = name_check(cx, name);
  if (err) return err;
  err = answer_fail(cx, wait_for(keys, request_new(WIRE_PUBLIC, name, NULL), &wait), name);
  if (!err) *out = (struct bytes){(uint8_t *)arena_copy_n(cx->arena, wait.data, wait.size), wait.size};
  return err;
}

void keys_sign(struct keys *keys, const char *name, const uint8_t digest[DIGEST_SIZE],
               void (*done)(void *user, enum err err, const struct signature *signature), void *user)
{
  struct request *request = request_new(WIRE_SIGN, name, user);
  memcpy(request->wire.digest, digest, DIGEST_SIZE);
  request->signed_fn = done;
  request_add(keys, request);
}

enum err keys_sign_plain(struct keys *keys, const char *name, const uint8_t digest[DIGEST_SIZE], struct signature *out)
{
  struct wait wait;
  struct request *request = request_new(WIRE_SIGN, name, NULL);
  memcpy(request->wire.digest, digest, DIGEST_SIZE);
  enum err err = wait_for(keys, request, &wait);
  if (!err && wait.size > SIGNATURE_MAX) err = ERR_INTERNAL;
  if (err) return err;
  *out = (struct signature){.size = wait.size};
  memcpy(out->data, wait.data, wait.size);
  return OK;
}

enum err keys_sign_wait(struct cx *cx, struct keys *keys, const char *name, const uint8_t digest[DIGEST_SIZE], struct signature *out)
{
  enum err err = name_check(cx, name);
  return err ? err : answer_fail(cx, keys_sign_plain(keys, name, digest, out), name);
}

enum err keys_tls_key(struct cx *cx, struct keys *keys, const char *name, EVP_PKEY **out)
{
  struct bytes spki;
  enum err err = keys_public(cx, keys, name, &spki);
  if (err) return err;
  *out = remote_key_new(keys, name, spki);
  return *out ? OK : cx_fail(cx, ERR_INTERNAL, NULL, "keys.error.kind", NULL);
}
