/* A body that arrives piece by piece. The memory part is also the buffer before the file, so that a body of tiny chunks
 * does not cost a system call each. */
#include "net/spool.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROOM_FIRST = 2048 };
#define NAME_BEGIN "body-"

struct spool {
  struct arena *arena;
  const char *folder, *path;
  int64_t max, size;
  EVP_MD_CTX *digest;
  char *memory;
  size_t held, room;
  int fd; /* -1: all is in memory */
};

static void spool_drop(void *arg)
{
  struct spool *spool = arg;
  EVP_MD_CTX_free(spool->digest);
  if (spool->fd >= 0) close(spool->fd);
}

struct spool *http_spool_new(struct arena *arena, const struct spool_wish *wish)
{
  struct spool *spool = ARENA_NEW(arena, struct spool);
  *spool = (struct spool){.arena = arena, .folder = wish->folder, .max = wish->max, .fd = -1};
  if (wish->expected > HTTP_BODY_MEMORY_MAX) spool->room = HTTP_BODY_MEMORY_MAX;
  else if (wish->expected > 0) spool->room = (size_t)wish->expected;
  if (spool->room) spool->memory = arena_alloc(arena, spool->room);
  if (wish->hash) {
    spool->digest = EVP_MD_CTX_new();
    if (!spool->digest || EVP_DigestInit_ex(spool->digest, EVP_sha256(), NULL) != 1) abort();
  }
  arena_defer(arena, spool_drop, spool);
  return spool;
}

static void file_remove(void *path)
{
  unlink(path);
}

int http_spool_file(struct arena *arena, const char *folder, const char **path)
{
  if (!folder) return -1;
  char *name = arena_print(arena, "%s/" NAME_BEGIN "XXXXXX", folder);
  int fd = mkostemp(name, O_CLOEXEC);
  if (fd < 0) return -1;
  arena_defer(arena, file_remove, name);
  *path = name;
  return fd;
}

void http_spool_empty(const char *folder)
{
  DIR *entries = opendir(folder);
  for (struct dirent *entry; entries && (entry = readdir(entries));)
    if (strncmp(entry->d_name, NAME_BEGIN, strlen(NAME_BEGIN)) == 0) unlinkat(dirfd(entries), entry->d_name, 0);
  if (entries) closedir(entries);
}

static enum err file_write(int fd, const char *data, size_t size)
{
  while (size > 0) {
    ssize_t put = write(fd, data, size);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return ERR_STORAGE;
    data += put;
    size -= (size_t)put;
  }
  return OK;
}

static enum err spool_flush(struct spool *spool)
{
  if (spool->fd < 0) {
    if (!spool->folder) return ERR_TOO_LARGE;
    spool->fd = http_spool_file(spool->arena, spool->folder, &spool->path);
    if (spool->fd < 0) return ERR_STORAGE;
  }
  enum err err = file_write(spool->fd, spool->memory, spool->held);
  spool->held = 0;
  return err;
}

static void spool_grow(struct spool *spool, size_t need)
{
  if (need <= spool->room) return;
  size_t room = spool->room ? spool->room : ROOM_FIRST;
  while (room < need) room *= 2;
  if (room > HTTP_BODY_MEMORY_MAX) room = HTTP_BODY_MEMORY_MAX;
  char *memory = arena_alloc(spool->arena, room);
  if (spool->held) memcpy(memory, spool->memory, spool->held);
  spool->memory = memory;
  spool->room = room;
}

enum err http_spool_add(struct spool *spool, const void *data, size_t size)
{
  if (size > (uint64_t)INT64_MAX || (int64_t)size > spool->max - spool->size) return ERR_TOO_LARGE;
  spool->size += (int64_t)size;
  if (spool->digest && EVP_DigestUpdate(spool->digest, data, size) != 1) abort();
  const char *from = data;
  while (size > 0) {
    size_t part = HTTP_BODY_MEMORY_MAX - spool->held;
    if (part == 0) {
      enum err err = spool_flush(spool);
      if (err) return err;
      continue;
    }
    if (part > size) part = size;
    spool_grow(spool, spool->held + part);
    memcpy(spool->memory + spool->held, from, part);
    spool->held += part;
    from += part;
    size -= part;
  }
  return OK;
}

enum err http_spool_end(struct spool *spool, struct http_body *out)
{
  *out = (struct http_body){.size = spool->size};
  if (spool->fd >= 0) {
    enum err err = spool_flush(spool);
    if (close(spool->fd) != 0) err = ERR_STORAGE;
    spool->fd = -1;
    if (err) return err;
    out->path = spool->path;
  } else {
    out->data = (struct bytes){(const uint8_t *)(spool->memory ? spool->memory : ""), spool->held};
  }
  if (spool->digest) {
    if (EVP_DigestFinal_ex(spool->digest, out->sha256, NULL) != 1) abort();
    out->hashed = true;
  }
  return OK;
}

struct mapping { void *start; size_t size; };

static void mapping_drop(void *arg)
{
  struct mapping *mapping = arg;
  munmap(mapping->start, mapping->size);
}

/* Mapped rather than read: the memory is the page cache's, not the request's. */
static enum err file_map(struct cx *cx, int fd, int64_t max, struct bytes *out)
{
  struct stat status;
  if (fstat(fd, &status) != 0) return cx_fail(cx, ERR_STORAGE, NULL, "net.error.spool", "cause", strerror(errno), NULL);
  if (status.st_size > max) return cx_fail(cx, ERR_TOO_LARGE, NULL, "net.error.too_large", NULL);
  *out = (struct bytes){(const uint8_t *)"", 0};
  if (status.st_size == 0) return OK;
  struct mapping *mapping = ARENA_NEW(cx->arena, struct mapping);
  mapping->size = (size_t)status.st_size;
  mapping->start = mmap(NULL, mapping->size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (mapping->start == MAP_FAILED) return cx_fail(cx, ERR_STORAGE, NULL, "net.error.spool", "cause", strerror(errno), NULL);
  arena_defer(cx->arena, mapping_drop, mapping);
  *out = (struct bytes){mapping->start, mapping->size};
  return OK;
}

enum err http_body_bytes(struct cx *cx, const struct http_body *body, int64_t max, struct bytes *out)
{
  if (!body->path) {
    if ((int64_t)body->data.size > max) return cx_fail(cx, ERR_TOO_LARGE, NULL, "net.error.too_large", NULL);
    *out = body->data;
    return OK;
  }
  int fd = open(body->path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return cx_fail(cx, ERR_STORAGE, NULL, "net.error.spool", "cause", strerror(errno), NULL);
  enum err err = file_map(cx, fd, max, out);
  close(fd);
  return err;
}
