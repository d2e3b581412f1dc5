/* A bounded pool of threads over one ring of work. */
#include "base/worker.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { THREADS_MAX = 256 };

struct work { void (*fn)(void *); void *arg; };

struct workers {
  pthread_mutex_t mutex;
  pthread_cond_t more;
  struct work *ring;
  size_t room, first, count;
  bool stopping;
  int thread_count;
  pthread_t threads[THREADS_MAX];
};

static void *worker_run(void *arg)
{
  struct workers *workers = arg;
  pthread_mutex_lock(&workers->mutex);
  for (;;) {
    while (workers->count == 0 && !workers->stopping) pthread_cond_wait(&workers->more, &workers->mutex);
    if (workers->count == 0) break;
    struct work work = workers->ring[workers->first];
    workers->first = (workers->first + 1) % workers->room;
    workers->count--;
    pthread_mutex_unlock(&workers->mutex);
    work.fn(work.arg);
    pthread_mutex_lock(&workers->mutex);
  }
  pthread_mutex_unlock(&workers->mutex);
  return NULL;
}

struct workers *workers_start(const char *name, int threads, size_t queue_max)
{
  struct workers *workers = calloc(1, sizeof *workers);
  if (!workers || threads < 1 || threads > THREADS_MAX || queue_max < 1) abort();
  workers->ring = calloc(queue_max, sizeof *workers->ring);
  if (!workers->ring) abort();
  workers->room = queue_max;
  pthread_mutex_init(&workers->mutex, NULL);
  pthread_cond_init(&workers->more, NULL);
  char short_name[16]; /* as much as Linux keeps; a longer one would be refused */
  snprintf(short_name, sizeof short_name, "%.15s", name);
  for (int i = 0; i < threads; i++) {
    if (pthread_create(&workers->threads[i], NULL, worker_run, workers) != 0) abort();
    pthread_setname_np(workers->threads[i], short_name);
    workers->thread_count++;
  }
  return workers;
}

bool workers_submit(struct workers *workers, void (*fn)(void *), void *arg)
{
  pthread_mutex_lock(&workers->mutex);
  bool fits = workers->count < workers->room;
  if (fits) {
    workers->ring[(workers->first + workers->count) % workers->room] = (struct work){fn, arg};
    workers->count++;
  }
  pthread_mutex_unlock(&workers->mutex);
  if (fits) pthread_cond_signal(&workers->more); /* the lock given up before, so that whoever wakes has it at once */
  return fits;
}

void workers_stop(struct workers *workers)
{
  if (!workers) return;
  pthread_mutex_lock(&workers->mutex);
  workers->stopping = true;
  pthread_cond_broadcast(&workers->more);
  pthread_mutex_unlock(&workers->mutex);
  for (int i = 0; i < workers->thread_count; i++) pthread_join(workers->threads[i], NULL);
  pthread_cond_destroy(&workers->more);
  pthread_mutex_destroy(&workers->mutex);
  free(workers->ring);
  free(workers);
}

size_t workers_waiting(struct workers *workers)
{
  pthread_mutex_lock(&workers->mutex);
  size_t count = workers->count;
  pthread_mutex_unlock(&workers->mutex);
  return count;
}
