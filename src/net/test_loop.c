/* Loops: the order of posts, timers, watches, and an end that loses nothing. */
#include "net/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cmocka.h>

static const struct clock clock_fixed = {.fixed_us = 1234567};

struct test { struct cx *cx; struct loops *loops; };

static int setup(void **state)
{
  struct test *test = calloc(1, sizeof *test);
  test->cx = cx_new_alone(&clock_fixed, NULL);
  assert_int_equal(loops_start(test->cx, 2, NULL, &clock_fixed, &test->loops), OK);
  *state = test;
  return 0;
}

static void stop(struct test *test)
{
  loops_stop(test->loops);
  test->loops = NULL;
}

static int teardown(void **state)
{
  struct test *test = *state;
  loops_stop(test->loops);
  cx_free_alone(test->cx);
  free(test);
  return 0;
}

/* ---- Posts ---- */
struct order { struct loop *loop; int seen[4], wrong; atomic_int left; };
struct item { struct order *order; int thread, number; };

static void item_run(void *arg)
{
  struct item *item = arg;
  struct order *order = item->order;
  if (loop_here() != order->loop || item->number != order->seen[item->thread]) order->wrong++;
  order->seen[item->thread]++;
  free(item);
  atomic_fetch_sub(&order->left, 1);
}

struct poster { struct order *order; int thread; };

static void *poster_run(void *arg)
{
  struct poster *poster = arg;
  for (int i = 0; i < 1000; i++) {
    struct item *item = malloc(sizeof *item);
    *item = (struct item){poster->order, poster->thread, i};
    loop_post(poster->order->loop, item_run, item);
  }
  return NULL;
}

static void test_posts(void **state)
{
  struct test *test = *state;
  struct order order = {.loop = loops_at(test->loops, 1)};
  atomic_init(&order.left, 4000);
  struct poster posters[4];
  pthread_t threads[4];
  for (int i = 0; i < 4; i++) {
    posters[i] = (struct poster){&order, i};
    pthread_create(&threads[i], NULL, poster_run, &posters[i]);
  }
  for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
  stop(test); /* runs what is left */
  assert_int_equal(atomic_load(&order.left), 0);
  assert_int_equal(order.wrong, 0);
  assert_null(loop_here());
}

struct relay { struct loops *loops; int left; };

static void relay_run(void *arg)
{
  struct relay *relay = arg;
  if (relay->left-- > 0) loop_post(loops_at(relay->loops, relay->left % 2), relay_run, relay);
}

static void test_stop_relays(void **state)
{
  struct test *test = *state;
  struct relay relay = {test->loops, 10000};
  loop_post(loops_at(test->loops, 0), relay_run, &relay);
  stop(test);
  assert_int_equal(relay.left, -1);
}

static void test_facts(void **state)
{
  struct test *test = *state;
  assert_int_equal(loops_count(test->loops), 2);
  struct loop *first = loops_any(test->loops);
  assert_ptr_not_equal(loops_any(test->loops), first);
  assert_ptr_equal(loops_any(test->loops), first);
  assert_int_equal(loop_number(loops_at(test->loops, 1)), 1);
  assert_ptr_equal(loop_loops(first), test->loops);
  assert_int_equal(loop_now(first), 1234567);
}

/* ---- Timers ---- */
enum { TIMERS = 40 };
struct timing { struct loop *loop; int ran[TIMERS], count; int64_t started_us, late_us, early; atomic_bool done; struct timer *timers[TIMERS]; };
struct due { struct timing *timing; int number; } ;

static void due_run(void *arg)
{
  struct due *due = arg;
  struct timing *timing = due->timing;
  int64_t after_us = clock_monotonic_us() - timing->started_us;
  if (after_us < due->number * 1000) timing->early++;
  timing->ran[timing->count++] = due->number;
  if (due->number == TIMERS - 1) atomic_store(&timing->done, true);
}

static struct due dues[TIMERS];

static void timing_begin(void *arg)
{
  struct timing *timing = arg;
  timing->started_us = clock_monotonic_us();
  for (int i = 0; i < TIMERS; i++) {
    int number = i * 17 % TIMERS; /* in no order */
    dues[number] = (struct due){timing, number};
    timing->timers[number] = timer_start(timing->loop, number, due_run, &dues[number]);
  }
  for (int i = 0; i < TIMERS - 1; i += 3) timer_stop(timing->timers[i]);
  timer_stop(NULL);
}

static void test_timers(void **state)
{
  struct test *test = *state;
  struct timing timing = {.loop = loops_at(test->loops, 0)};
  loop_post(timing.loop, timing_begin, &timing);
  for (int i = 0; i < 300 && !atomic_load(&timing.done); i++) usleep(10000);
  stop(test);
  assert_true(atomic_load(&timing.done));
  assert_int_equal(timing.early, 0);
  assert_int_equal(timing.count, TIMERS - 13);
  for (int i = 1; i < timing.count; i++) assert_true(timing.ran[i - 1] < timing.ran[i]);
  for (int i = 0; i < timing.count; i++) assert_true(timing.ran[i] % 3 != 0 || timing.ran[i] == TIMERS - 1);
}

/* A timer that waits when the loops stop never runs, and leaks nothing. */
static void never(void *arg)
{
  abort();
}

static void timer_far(void *arg)
{
  timer_start(arg, 100000, never, NULL);
}

static void test_timer_left(void **state)
{
  struct test *test = *state;
  struct loop *loop = loops_at(test->loops, 0);
  loop_post(loop, timer_far, loop);
  stop(test);
}

/* ---- Watches ---- */
struct pair { struct loop *loop; int ends[2][2]; struct watch *watches[2]; atomic_int events; };

/* Both ends are ready in the same turn: the first to run stops the other, whose event must not come any more. */
static void pair_event(void *arg, uint32_t events)
{
  struct pair *pair = arg;
  atomic_fetch_add(&pair->events, 1);
  for (int i = 0; i < 2; i++) watch_stop(pair->watches[i]);
}

static void pair_begin(void *arg)
{
  struct pair *pair = arg;
  for (int i = 0; i < 2; i++) {
    pair->watches[i] = watch_start(pair->loop, pair->ends[i][0], 0, pair_event, pair);
    watch_change(pair->watches[i], EPOLLIN);
    assert_int_equal(write(pair->ends[i][1], "x", 1), 1);
  }
}

static void test_watches(void **state)
{
  struct test *test = *state;
  struct pair pair = {.loop = loops_at(test->loops, 0)};
  for (int i = 0; i < 2; i++) assert_int_equal(pipe(pair.ends[i]), 0);
  loop_post(pair.loop, pair_begin, &pair);
  for (int i = 0; i < 300 && atomic_load(&pair.events) == 0; i++) usleep(10000);
  usleep(20000);
  stop(test);
  assert_int_equal(atomic_load(&pair.events), 1);
  for (int i = 0; i < 4; i++) close(pair.ends[i / 2][i % 2]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {TEST(test_posts), TEST(test_stop_relays), TEST(test_facts), TEST(test_timers), TEST(test_timer_left), TEST(test_watches)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
