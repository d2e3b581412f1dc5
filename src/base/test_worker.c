/* The pool runs everything it took, refuses what it has no room for, and ends only when all is done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/worker.h"
#include <semaphore.h>
#include <stdatomic.h>

static void count_up(void *arg)
{
  atomic_fetch_add((atomic_int *)arg, 1);
}

static void all_submitted_work_runs_before_stop_returns(void **state)
{
  atomic_int done = 0;
  struct workers *workers = workers_start("test", 4, 1000);
  for (int i = 0; i < 1000; i++) assert_true(workers_submit(workers, count_up, &done));
  workers_stop(workers);
  workers_stop(NULL);
  assert_int_equal(atomic_load(&done), 1000);
}

struct gate { sem_t entered, open; atomic_int done; };

static void wait_at_gate(void *arg)
{
  struct gate *gate = arg;
  sem_post(&gate->entered);
  sem_wait(&gate->open);
  atomic_fetch_add(&gate->done, 1);
}

static void a_full_queue_refuses(void **state)
{
  struct gate gate = {.done = 0};
  sem_init(&gate.entered, 0, 0);
  sem_init(&gate.open, 0, 0);
  struct workers *workers = workers_start("a name that is too long for a thread", 1, 2);
  assert_true(workers_submit(workers, wait_at_gate, &gate));
  sem_wait(&gate.entered);
  assert_true(workers_submit(workers, wait_at_gate, &gate));
  assert_true(workers_submit(workers, wait_at_gate, &gate));
  assert_false(workers_submit(workers, wait_at_gate, &gate));
  assert_int_equal(workers_waiting(workers), 2);
  for (int i = 0; i < 3; i++) sem_post(&gate.open);
  workers_stop(workers);
  assert_int_equal(atomic_load(&gate.done), 3);
  sem_destroy(&gate.entered);
  sem_destroy(&gate.open);
}

struct order { int seen[100]; int count; };
struct turn { struct order *order; int number; };

static void note_turn(void *arg)
{
  struct turn *turn = arg;
  turn->order->seen[turn->order->count++] = turn->number;
}

static void one_thread_keeps_the_order(void **state)
{
  struct order order = {.count = 0};
  struct turn turns[100];
  struct workers *workers = workers_start("test", 1, 100);
  for (int i = 0; i < 100; i++) {
    turns[i] = (struct turn){&order, i};
    assert_true(workers_submit(workers, note_turn, &turns[i]));
  }
  workers_stop(workers);
  for (int i = 0; i < 100; i++) assert_int_equal(order.seen[i], i);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(all_submitted_work_runs_before_stop_returns), cmocka_unit_test(a_full_queue_refuses),
    cmocka_unit_test(one_thread_keeps_the_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
