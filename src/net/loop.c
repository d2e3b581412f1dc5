/* Event loops. A loop's thread turns: wait for descriptors, run what was posted, run the timers that are due.
 *
 * Posts come from any thread through one array under a mutex, swapped out whole when it is run. Timers lie in a binary
 * heap by their time. A watch that is stopped stays in memory until the turn ends, because the events that epoll has
 * already handed over may still name it. Signals are blocked: they belong to the main thread, and a peer that has
 * closed shows as EPIPE. */
#include "net/loop.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { LOOPS_MAX = 64, EVENTS_MAX = 128, WAIT_MS_MAX = 60000 };

struct post { void (*fn)(void *); void *arg; };
struct posts { struct post *items; size_t count, room; };

struct timer {
  struct loop *loop;
  int64_t due_us;
  size_t place; /* in the heap */
  void (*fn)(void *);
  void *arg;
};

struct watch {
  struct loop *loop;
  int fd;
  uint32_t events;
  void (*fn)(void *, uint32_t);
  void *arg;
  bool stopped;
  struct watch *next_stopped;
};

struct loop {
  struct loops *loops;
  int number;
  int epoll_fd, event_fd;
  pthread_t thread;
  pthread_mutex_t mutex;
  struct posts posts;  /* under mutex */
  bool stopping;       /* under mutex */
  atomic_bool asleep;  /* set under mutex, when nothing is posted; whoever clears it wakes the thread */
  struct timer **heap;
  size_t timer_count, timer_room;
  struct watch *stopped;
};

struct loops {
  int count;
  atomic_uint next;
  struct log *log;
  const struct clock *clock;
  struct loop items[];
};

static _Thread_local struct loop *thread_loop;

static void *must_grow(void *memory, size_t count, size_t size)
{
  void *grown = reallocarray(memory, count, size);
  if (!grown) abort();
  return grown;
}

/* ---- Posts ---- */
static void loop_wake(struct loop *loop)
{
  uint64_t one = 1;
  ssize_t put = write(loop->event_fd, &one, sizeof one);
  assert(put == (ssize_t)sizeof one);
}

void loop_post(struct loop *loop, void (*fn)(void *), void *arg)
{
  pthread_mutex_lock(&loop->mutex);
  struct posts *posts = &loop->posts;
  if (posts->count == posts->room) {
    posts->room = posts->room ? posts->room * 2 : 64;
    posts->items = must_grow(posts->items, posts->room, sizeof *posts->items);
  }
  posts->items[posts->count++] = (struct post){fn, arg};
  bool wake = atomic_exchange(&loop->asleep, false);
  pthread_mutex_unlock(&loop->mutex);
  if (wake) loop_wake(loop);
}

/* Runs what is posted now; what that posts waits for the next turn. False when there was nothing. */
static bool posts_run(struct loop *loop, struct posts *spare)
{
  pthread_mutex_lock(&loop->mutex);
  struct posts taken = loop->posts;
  loop->posts = *spare;
  pthread_mutex_unlock(&loop->mutex);
  for (size_t i = 0; i < taken.count; i++) taken.items[i].fn(taken.items[i].arg);
  bool any = taken.count > 0;
  taken.count = 0;
  *spare = taken;
  return any;
}

/* ---- Timers ---- */
static void heap_put(struct loop *loop, size_t place, struct timer *timer)
{
  loop->heap[place] = timer;
  timer->place = place;
}

static void heap_up(struct loop *loop, struct timer *timer)
{
  size_t place = timer->place;
  while (place > 0) {
    size_t parent = (place - 1) / 2;
    if (loop->heap[parent]->due_us <= timer->due_us) break;
    heap_put(loop, place, loop->heap[parent]);
    place = parent;
  }
  heap_put(loop, place, timer);
}

static void heap_down(struct loop *loop, struct timer *timer)
{
  size_t place = timer->place;
  for (;;) {
    size_t child = 2 * place + 1;
    if (child >= loop->timer_count) break;
    if (child + 1 < loop->timer_count && loop->heap[child + 1]->due_us < loop->heap[child]->due_us) child++;
    if (timer->due_us <= loop->heap[child]->due_us) break;
    heap_put(loop, place, loop->heap[child]);
    place = child;
  }
  heap_put(loop, place, timer);
}

static void heap_take(struct timer *timer)
{
  struct loop *loop = timer->loop;
  assert(timer->place < loop->timer_count && loop->heap[timer->place] == timer);
  struct timer *last = loop->heap[--loop->timer_count];
  if (last == timer) return;
  heap_put(loop, timer->place, last);
  heap_up(loop, last);
  heap_down(loop, last);
}

struct timer *timer_start(struct loop *loop, int64_t wait_ms, void (*fn)(void *), void *arg)
{
  assert(loop == thread_loop);
  struct timer *timer = must_grow(NULL, 1, sizeof *timer);
  *timer = (struct timer){loop, clock_monotonic_us() + wait_ms * 1000, loop->timer_count, fn, arg};
  if (loop->timer_count == loop->timer_room) {
    loop->timer_room = loop->timer_room ? loop->timer_room * 2 : 64;
    loop->heap = must_grow(loop->heap, loop->timer_room, sizeof *loop->heap);
  }
  loop->timer_count++;
  heap_up(loop, timer);
  return timer;
}

void timer_stop(struct timer *timer)
{
  if (!timer) return;
  assert(timer->loop == thread_loop);
  heap_take(timer);
  free(timer);
}

static void timers_run(struct loop *loop)
{
  int64_t now = clock_monotonic_us();
  while (loop->timer_count > 0 && loop->heap[0]->due_us <= now) {
    struct timer timer = *loop->heap[0];
    timer_stop(loop->heap[0]);
    timer.fn(timer.arg);
  }
}

/* From here on a post wakes the thread. */
static int wait_ms(struct loop *loop)
{
  pthread_mutex_lock(&loop->mutex);
  bool busy = loop->posts.count > 0;
  atomic_store(&loop->asleep, !busy);
  pthread_mutex_unlock(&loop->mutex);
  if (busy) return 0;
  if (loop->timer_count == 0) return WAIT_MS_MAX;
  int64_t left_us = loop->heap[0]->due_us - clock_monotonic_us();
  if (left_us <= 0) return 0;
  return left_us / 1000 >= WAIT_MS_MAX ? WAIT_MS_MAX : (int)(left_us / 1000) + 1;
}

/* ---- Watches ---- */
struct watch *watch_start(struct loop *loop, int fd, uint32_t events, void (*fn)(void *, uint32_t), void *arg)
{
  struct watch *watch = must_grow(NULL, 1, sizeof *watch);
  *watch = (struct watch){.loop = loop, .fd = fd, .events = events, .fn = fn, .arg = arg};
  struct epoll_event event = {.events = events, .data.ptr = watch};
  if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) abort(); /* out of kernel memory, or a fault of the program */
  return watch;
}

void watch_change(struct watch *watch, uint32_t events)
{
  assert(!watch->stopped && watch->loop == thread_loop);
  if (watch->events == events) return;
  watch->events = events;
  struct epoll_event event = {.events = events, .data.ptr = watch};
  if (epoll_ctl(watch->loop->epoll_fd, EPOLL_CTL_MOD, watch->fd, &event) != 0) abort();
}

void watch_stop(struct watch *watch)
{
  if (!watch) return;
  assert(!watch->stopped && watch->loop == thread_loop);
  if (epoll_ctl(watch->loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL) != 0) abort();
  watch->stopped = true;
  watch->next_stopped = watch->loop->stopped;
  watch->loop->stopped = watch;
}

static void stopped_free(struct loop *loop)
{
  for (struct watch *watch = loop->stopped, *next; watch; watch = next) {
    next = watch->next_stopped;
    free(watch);
  }
  loop->stopped = NULL;
}

/* ---- The thread ---- */
static void events_run(struct loop *loop, const struct epoll_event *events, int count)
{
  for (int i = 0; i < count; i++) {
    struct watch *watch = events[i].data.ptr;
    if (!watch) {
      uint64_t ignored; /* one reading takes all that was written */
      ssize_t got = read(loop->event_fd, &ignored, sizeof ignored);
      assert(got == (ssize_t)sizeof ignored || errno == EAGAIN);
    } else if (!watch->stopped) {
      watch->fn(watch->arg, events[i].events);
    }
  }
}

static bool loop_stopping(struct loop *loop)
{
  pthread_mutex_lock(&loop->mutex);
  bool stopping = loop->stopping;
  pthread_mutex_unlock(&loop->mutex);
  return stopping;
}

static void *loop_run(void *arg)
{
  struct loop *loop = arg;
  struct epoll_event events[EVENTS_MAX];
  struct posts spare = {0};
  thread_loop = loop;
  while (!loop_stopping(loop)) {
    int count = epoll_wait(loop->epoll_fd, events, EVENTS_MAX, wait_ms(loop));
    assert(count >= 0 || errno == EINTR);
    atomic_store(&loop->asleep, false); /* what is posted from here on is run before the next sleep */
    events_run(loop, events, count);
    posts_run(loop, &spare);
    timers_run(loop);
    stopped_free(loop);
  }
  while (posts_run(loop, &spare)) {}
  free(spare.items);
  return NULL;
}

static bool loop_open(struct loop *loop)
{
  loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  loop->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  bool good = loop->epoll_fd >= 0 && loop->event_fd >= 0 && epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, loop->event_fd, &event) == 0;
  pthread_mutex_init(&loop->mutex, NULL);
  /* But those that a thread causes itself by a fault: they must be able to report it. */
  static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT};
  sigset_t all, before;
  sigfillset(&all);
  for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) sigdelset(&all, own[i]);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  good = good && pthread_create(&loop->thread, NULL, loop_run, loop) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return good;
}

static void loop_close(struct loop *loop)
{
  for (size_t i = 0; i < loop->timer_count; i++) free(loop->heap[i]);
  free(loop->heap);
  free(loop->posts.items);
  stopped_free(loop);
  if (loop->epoll_fd >= 0) close(loop->epoll_fd);
  if (loop->event_fd >= 0) close(loop->event_fd);
  pthread_mutex_destroy(&loop->mutex);
}

static void loop_end(struct loop *loop)
{
  pthread_mutex_lock(&loop->mutex);
  loop->stopping = true;
  pthread_mutex_unlock(&loop->mutex);
  loop_wake(loop);
}

/* Loops may post to one another until the last has ended; what is left then runs here, in each one's name. */
static void leftovers_run(struct loops *loops)
{
  struct posts spare = {0};
  bool any;
  do {
    any = false;
    for (int i = 0; i < loops->count; i++) {
      thread_loop = &loops->items[i];
      any = posts_run(&loops->items[i], &spare) || any;
    }
  } while (any);
  thread_loop = NULL;
  free(spare.items);
}

void loops_stop(struct loops *loops)
{
  if (!loops) return;
  assert(!thread_loop);
  for (int i = 0; i < loops->count; i++) loop_end(&loops->items[i]);
  for (int i = 0; i < loops->count; i++) pthread_join(loops->items[i].thread, NULL);
  leftovers_run(loops);
  for (int i = 0; i < loops->count; i++) loop_close(&loops->items[i]);
  free(loops);
}

enum err loops_start(struct cx *cx, int count, struct log *log, const struct clock *clock, struct loops **out)
{
  assert(count >= 1);
  if (count > LOOPS_MAX) count = LOOPS_MAX;
  struct loops *loops = calloc(1, sizeof *loops + (size_t)count * sizeof loops->items[0]);
  if (!loops) abort();
  loops->log = log;
  loops->clock = clock;
  for (int i = 0; i < count; i++) {
    struct loop *loop = &loops->items[i];
    loop->loops = loops;
    loop->number = i;
    if (!loop_open(loop)) {
      enum err err = cx_fail(cx, ERR_INTERNAL, NULL, "net.error.loop", "cause", strerror(errno), NULL);
      loop_close(loop);
      loops_stop(loops);
      return err;
    }
    loops->count++;
    char name[16];
    snprintf(name, sizeof name, "loop %d", i);
    pthread_setname_np(loop->thread, name);
  }
  *out = loops;
  return OK;
}

struct loop *loops_any(struct loops *loops)
{
  return &loops->items[atomic_fetch_add(&loops->next, 1) % (unsigned)loops->count];
}

int loops_count(const struct loops *loops)
{
  return loops->count;
}

struct loop *loops_at(struct loops *loops, int n)
{
  assert(n >= 0 && n < loops->count);
  return &loops->items[n];
}

struct loop *loop_here(void)
{
  return thread_loop;
}

int loop_number(const struct loop *loop)
{
  return loop->number;
}

struct loops *loop_loops(struct loop *loop)
{
  return loop->loops;
}

int64_t loop_now(const struct loop *loop)
{
  return clock_now(loop->loops->clock);
}

struct log *loop_log(const struct loop *loop)
{
  return loop->loops->log;
}
