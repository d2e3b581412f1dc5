/* Small files: configuration, demo accounts, the lock of a data folder. */
#include "node/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DISK_READ_MAX = 64 << 20 };

static enum err disk_fail(struct cx *cx, const char *path)
{
  return cx_fail(cx, errno == ENOENT ? ERR_NOT_FOUND : ERR_STORAGE, NULL, "node.error.file", "path", path, "cause", strerror(errno), NULL);
}

static enum err read_all(struct cx *cx, int fd, const char *path, struct bytes *out)
{
  struct stat info;
  if (fstat(fd, &info) != 0) return disk_fail(cx, path);
  if (info.st_size > DISK_READ_MAX) return cx_fail(cx, ERR_TOO_LARGE, NULL, "node.error.file_large", "path", path, NULL);
  char *data = arena_alloc(cx->arena, (size_t)info.st_size + 1);
  size_t size = 0;
  while (size < (size_t)info.st_size) {
    ssize_t got = read(fd, data + size, (size_t)info.st_size - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return disk_fail(cx, path);
    if (got == 0) break;
    size += (size_t)got;
  }
  *out = (struct bytes){(const uint8_t *)data, size};
  return OK;
}

enum err disk_read(struct cx *cx, const char *path, struct bytes *out)
{
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return disk_fail(cx, path);
  enum err err = read_all(cx, fd, path, out);
  close(fd);
  return err;
}

static bool write_all(int fd, struct bytes content)
{
  for (size_t done = 0; done < content.size;) {
    ssize_t wrote = write(fd, content.data + done, content.size - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return false;
    done += (size_t)wrote;
  }
  return fsync(fd) == 0;
}

static bool sync_folder_of(struct arena *arena, const char *path)
{
  int fd = open(dirname(arena_copy(arena, path)), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  bool good = fsync(fd) == 0;
  close(fd);
  return good;
}

enum err disk_write(struct cx *cx, const char *path, struct bytes content, unsigned mode)
{
  const char *temporary = arena_print(cx->arena, "%s.new", path);
  int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (fd < 0) return disk_fail(cx, temporary);
  bool good = fchmod(fd, mode) == 0 && write_all(fd, content);
  close(fd);
  if (!good || rename(temporary, path) != 0 || !sync_folder_of(cx->arena, path)) return disk_fail(cx, path);
  return OK;
}

enum err disk_folder(struct cx *cx, const char *path, unsigned mode)
{
  if (mkdir(path, mode) != 0 && errno != EEXIST) return disk_fail(cx, path);
  return OK;
}

enum err disk_lock(struct cx *cx, const char *folder, int *fd)
{
  const char *path = arena_print(cx->arena, "%s/lock", folder);
  *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (*fd < 0) return disk_fail(cx, path);
  if (flock(*fd, LOCK_EX | LOCK_NB) == 0) return OK;
  close(*fd);
  *fd = -1;
  return cx_fail(cx, ERR_CONFLICT, NULL, "node.error.locked", "folder", folder, NULL);
}

enum err disk_as_owner(struct cx *cx, const char **folder)
{
  struct stat info;
  char whole[PATH_MAX];
  if (!realpath(*folder, whole) || stat(whole, &info) != 0) return disk_fail(cx, *folder);
  *folder = arena_copy(cx->arena, whole);
  if (geteuid() != 0 || info.st_uid == 0) return OK;
  bool done = setgroups(0, NULL) == 0 && setresgid(info.st_gid, info.st_gid, info.st_gid) == 0 && setresuid(info.st_uid, info.st_uid, info.st_uid) == 0;
  return done ? OK : disk_fail(cx, *folder);
}
