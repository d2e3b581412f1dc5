/* Event loops: one epoll thread a core; everything that waits, waits here. Nothing on a loop may block. */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include "base/cx.h"

struct loop;
struct loops;
struct timer;

MUST_USE enum err loops_start(struct cx *cx, int count, struct log *log, const struct clock *clock, struct loops **out);
/* Runs what was posted, joins, closes, frees. Every watch must have been stopped; timers that still wait never run. */
void loops_stop(struct loops *loops);
struct loop *loops_any(struct loops *loops);      /* round robin */
int loops_count(const struct loops *loops);
struct loop *loops_at(struct loops *loops, int n);
struct loop *loop_here(void);                     /* the loop whose thread this is, or NULL */
int loop_number(const struct loop *loop);         /* its place: loops_at(loops, loop_number(loop)) == loop */
struct loops *loop_loops(struct loop *loop);
int64_t loop_now(const struct loop *loop);        /* µs, of the clock given at the start */
struct log *loop_log(const struct loop *loop);

/* Runs fn(arg) on the loop's thread soon, in the order posted and never inside this call; any thread. */
void loop_post(struct loop *loop, void (*fn)(void *), void *arg);
/* Runs fn once after wait_ms; on the loop's thread only. */
struct timer *timer_start(struct loop *loop, int64_t wait_ms, void (*fn)(void *), void *arg);
void timer_stop(struct timer *timer); /* NULL is allowed; must not be called after it ran */
/* Watches a descriptor: fn(arg, EPOLLIN|…) on the loop's thread, as long as the state lasts (level-triggered). EPOLLHUP
 * and EPOLLERR come unasked, even when events is 0: the answer to them is watch_stop. */
struct watch;
struct watch *watch_start(struct loop *loop, int fd, uint32_t events, void (*fn)(void *arg, uint32_t events), void *arg);
void watch_change(struct watch *watch, uint32_t events);
void watch_stop(struct watch *watch); /* before the descriptor is closed; NULL is allowed */

#endif
