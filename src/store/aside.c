/* Lines in a file of one size, with zeros behind the last. */
#include "store/aside.h"

#include "store/engine.h"
#include "store/sync.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Some 8,000 looks. */
enum { ROOM = 2 << 20, PIECE = 64 << 10 };

struct aside {
  pthread_mutex_t mutex;   /* over the file and the end */
  int fd;
  size_t end;              /* of the last whole line */
  atomic_bool any;
};

static enum err zeros_write(struct cx *cx, int fd, size_t from, size_t to)
{
  static const uint8_t zeros[PIECE];
  while (from < to) {
    size_t size = to - from < PIECE ? to - from : PIECE;
    ssize_t written = pwrite(fd, zeros, size, (off_t)from);
    if (written <= 0) return disk_fail(cx, "set room aside");
    from += (size_t)written;
  }
  return fdatasync(fd) ? disk_fail(cx, "set room aside") : OK;
}

static enum err room_read(struct cx *cx, int fd, uint8_t *room, size_t size)
{
  for (size_t at = 0; at < size;) {
    ssize_t got = pread(fd, room + at, size - at, (off_t)at);
    if (got <= 0) return disk_fail(cx, "read what was set aside");
    at += (size_t)got;
  }
  return OK;
}

/* What stands behind the last whole line was never told to be safe; it goes, so that it cannot join what is written next. */
static enum err end_find(struct cx *cx, struct aside *aside)
{
  uint8_t *room = malloc(ROOM);
  if (!room) abort();
  enum err err = room_read(cx, aside->fd, room, ROOM);
  size_t end = err ? 0 : strnlen((char *)room, ROOM), last = 0;
  while (end > 0 && room[end - 1] != '\n') end--;
  for (size_t i = end; !err && i < ROOM; i++)
    if (room[i]) last = i + 1;
  free(room);
  if (!err && last) err = zeros_write(cx, aside->fd, end, last);
  aside->end = end;
  atomic_store(&aside->any, end > 0);
  return err;
}

/* A copy of a folder may have left holes where the zeros were. */
static enum err room_make(struct cx *cx, int fd)
{
  struct stat info;
  if (fstat(fd, &info)) return disk_fail(cx, "set room aside");
  enum err err = info.st_size < ROOM ? zeros_write(cx, fd, (size_t)info.st_size, ROOM) : OK;
  if (err || info.st_blocks * 512 >= ROOM) return err;
  errno = posix_fallocate(fd, 0, ROOM);
  return errno || fsync(fd) ? disk_fail(cx, "set room aside") : OK;
}

enum err store_aside_open(struct cx *cx, struct store *store, const char *path)
{
  assert(!store->aside);
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return disk_fail(cx, "set room aside");
  struct aside *aside = calloc(1, sizeof *aside);
  if (!aside) abort();
  aside->fd = fd;
  pthread_mutex_init(&aside->mutex, NULL);
  enum err err = room_make(cx, fd);
  const char *slash = strrchr(path, '/');
  if (!err) err = folder_sync(cx, slash ? arena_copy_n(cx->arena, path, (size_t)(slash - path)) : ".");
  if (!err) err = end_find(cx, aside);
  if (err) aside_close(aside);
  else store->aside = aside;
  return err;
}

void aside_close(struct aside *aside)
{
  if (!aside) return;
  close(aside->fd);
  pthread_mutex_destroy(&aside->mutex);
  free(aside);
}

bool store_aside_any(const struct store *store) { return store->aside && atomic_load(&store->aside->any); }

/* A line that was not synced lies behind the end, and the next is written over it. */
static enum err line_write(struct cx *cx, struct aside *aside, const char *line, size_t size)
{
  ssize_t written = pwrite(aside->fd, line, size, (off_t)aside->end);
  if (written != (ssize_t)size || fdatasync(aside->fd)) return disk_fail(cx, "set aside");
  aside->end += size;
  atomic_store(&aside->any, true);
  return OK;
}

enum err store_aside_put(struct cx *cx, struct store *store, struct bytes record)
{
  struct aside *aside = store->aside;
  assert(!memchr(record.data, '\n', record.size));
  if (!aside) return cx_fail(cx, ERR_STORAGE, NULL, "error.storage_full", NULL);
  struct buffer line;
  buffer_init(&line, cx->arena);
  buffer_add(&line, record.data, record.size);
  buffer_char(&line, '\n');
  pthread_mutex_lock(&aside->mutex);
  bool room = aside->end + line.size <= ROOM;
  enum err err = room ? line_write(cx, aside, line.data, line.size) : cx_fail(cx, ERR_STORAGE, NULL, "error.storage_full", NULL);
  pthread_mutex_unlock(&aside->mutex);
  return err;
}

struct carrying { struct bytes lines; aside_fn *fn; };

static enum err carry_in(struct cx *cx, struct tx *tx, void *arg)
{
  const struct carrying *carrying = arg;
  enum err err = OK;
  for (size_t at = 0; !err && at < carrying->lines.size;) {
    const uint8_t *line = carrying->lines.data + at, *end = memchr(line, '\n', carrying->lines.size - at);
    assert(end);
    err = carrying->fn(cx, tx, (struct bytes){line, (size_t)(end - line)});
    at += (size_t)(end - line) + 1;
  }
  return err;
}

static enum err carry_all(struct cx *cx, struct store *store, aside_fn *fn)
{
  struct aside *aside = store->aside;
  uint8_t *lines = malloc(aside->end + 1);
  if (!lines) abort();
  enum err err = room_read(cx, aside->fd, lines, aside->end);
  if (!err) err = store_write(cx, store, carry_in, &(struct carrying){{lines, aside->end}, fn});
  free(lines);
  if (!err) err = zeros_write(cx, aside->fd, 0, aside->end);
  if (err) return err;
  aside->end = 0;
  atomic_store(&aside->any, false);
  return OK;
}

enum err store_aside_carry(struct cx *cx, struct store *store, aside_fn *fn)
{
  struct aside *aside = store->aside;
  if (!store_aside_any(store) || pthread_mutex_trylock(&aside->mutex)) return OK;
  enum err err = aside->end ? carry_all(cx, store, fn) : OK;
  pthread_mutex_unlock(&aside->mutex);
  return err;
}
