/* A bounded pool of threads that take work from one queue, in order. */
#ifndef BASE_WORKER_H
#define BASE_WORKER_H

#include "base/arena.h"

struct workers;

struct workers *workers_start(const char *name, int threads, size_t queue_max);
/* false: the queue is full, and fn will not run. */
MUST_USE bool workers_submit(struct workers *workers, void (*fn)(void *), void *arg);
/* Waits until all submitted work has run, ends the threads, frees. NULL is allowed. */
void workers_stop(struct workers *workers);
size_t workers_waiting(struct workers *workers);

#endif
