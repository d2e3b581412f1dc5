/* The bare cost of keeping bytes: N threads hand rows to one SQLite writer, which commits what waits together and answers each
 * after the commit that holds its row is on the disk (WAL, synchronous=FULL). What an intake is measured against.
 *
 *   insert FOLDER BYTES-FILE THREADS SECONDS   → {"rows":N,"seconds":N,"rate":N,"commits":N} */
#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BYTES_MAX = 1 << 20, THREADS_MAX = 256 };

struct waiting { struct waiting *next; bool done; pthread_cond_t wake; };

struct inserting {
  sqlite3 *database;
  sqlite3_stmt *insert, *begin, *commit;
  char bytes[BYTES_MAX];
  int size;
  pthread_mutex_t lock;      /* all below */
  pthread_cond_t work;
  struct waiting *first;
  bool stopping;
  int64_t rows, commits, running;
};

static double now_s(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void must(struct inserting *inserting, int got, int wanted)
{
  if (got == wanted) return;
  fprintf(stderr, "insert: %s\n", inserting->database ? sqlite3_errmsg(inserting->database) : "no memory");
  exit(1);
}

static void step(struct inserting *inserting, sqlite3_stmt *statement)
{
  must(inserting, sqlite3_step(statement), SQLITE_DONE);
  must(inserting, sqlite3_reset(statement), SQLITE_OK);
}

static void open_database(struct inserting *inserting, const char *folder)
{
  char path[4096];
  snprintf(path, sizeof path, "%s/bare.db", folder);
  must(inserting, sqlite3_open(path, &inserting->database), SQLITE_OK);
  must(inserting, sqlite3_exec(inserting->database, "pragma journal_mode=wal; pragma synchronous=full;"
       "create table row (id integer primary key, bytes blob not null) strict", NULL, NULL, NULL), SQLITE_OK);
  must(inserting, sqlite3_prepare_v2(inserting->database, "insert into row (bytes) values (?1)", -1, &inserting->insert, NULL), SQLITE_OK);
  must(inserting, sqlite3_prepare_v2(inserting->database, "begin immediate", -1, &inserting->begin, NULL), SQLITE_OK);
  must(inserting, sqlite3_prepare_v2(inserting->database, "commit", -1, &inserting->commit, NULL), SQLITE_OK);
  must(inserting, sqlite3_bind_blob(inserting->insert, 1, inserting->bytes, inserting->size, SQLITE_STATIC), SQLITE_OK);
}

static void *ask(void *arg)
{
  struct inserting *inserting = arg;
  struct waiting waiting = {.wake = PTHREAD_COND_INITIALIZER};
  pthread_mutex_lock(&inserting->lock);
  while (!inserting->stopping) {
    waiting.done = false;
    waiting.next = inserting->first;
    inserting->first = &waiting;
    pthread_cond_signal(&inserting->work);
    while (!waiting.done) pthread_cond_wait(&waiting.wake, &inserting->lock);
  }
  inserting->running--;
  pthread_cond_signal(&inserting->work);
  pthread_mutex_unlock(&inserting->lock);
  return NULL;
}

static void *write_all(void *arg)
{
  struct inserting *inserting = arg;
  pthread_mutex_lock(&inserting->lock);
  for (;;) {
    while (!inserting->first && inserting->running) pthread_cond_wait(&inserting->work, &inserting->lock);
    struct waiting *batch = inserting->first;
    if (!batch) break;
    inserting->first = NULL;
    pthread_mutex_unlock(&inserting->lock);
    int64_t rows = 0;
    step(inserting, inserting->begin);
    for (struct waiting *one = batch; one; one = one->next, rows++) step(inserting, inserting->insert);
    step(inserting, inserting->commit);
    pthread_mutex_lock(&inserting->lock);
    inserting->rows += rows;
    inserting->commits++;
    for (struct waiting *one = batch, *next; one; one = next) {
      next = one->next; /* once told, it may be asked anew */
      one->done = true;
      pthread_cond_signal(&one->wake);
    }
  }
  pthread_mutex_unlock(&inserting->lock);
  return NULL;
}

static void read_bytes(struct inserting *inserting, const char *path)
{
  FILE *file = fopen(path, "rbe");
  if (!file) {
    perror(path);
    exit(1);
  }
  inserting->size = (int)fread(inserting->bytes, 1, BYTES_MAX, file);
  fclose(file);
}

int main(int count, char **arguments)
{
  int threads = count == 5 ? atoi(arguments[3]) : 0;
  if (threads < 1 || threads > THREADS_MAX) {
    fprintf(stderr, "usage: insert FOLDER BYTES-FILE THREADS SECONDS\n");
    return 2;
  }
  static struct inserting inserting = {.lock = PTHREAD_MUTEX_INITIALIZER, .work = PTHREAD_COND_INITIALIZER};
  pthread_t writer, askers[THREADS_MAX];
  read_bytes(&inserting, arguments[2]);
  open_database(&inserting, arguments[1]);
  inserting.running = threads;
  double start_s = now_s();
  if (pthread_create(&writer, NULL, write_all, &inserting) != 0) return 1;
  for (int i = 0; i < threads; i++)
    if (pthread_create(&askers[i], NULL, ask, &inserting) != 0) return 1;
  usleep((useconds_t)(atof(arguments[4]) * 1e6));
  pthread_mutex_lock(&inserting.lock);
  inserting.stopping = true;
  pthread_mutex_unlock(&inserting.lock);
  for (int i = 0; i < threads; i++) pthread_join(askers[i], NULL);
  pthread_join(writer, NULL);
  double seconds = now_s() - start_s;
  printf("{\"rows\":%lld,\"seconds\":%.3f,\"rate\":%.1f,\"commits\":%lld}\n", (long long)inserting.rows, seconds, (double)inserting.rows / seconds,
         (long long)inserting.commits);
  return 0;
}
