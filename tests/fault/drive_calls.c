/* The calls of our own code that reach a disk, taken over at link time. Descriptors that were opened elsewhere pass unseen. */
#include "drive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DESCRIPTORS = 4096, NOT_WATCHED = 0, FOLDER = 1, FILES = 2 };

/* NOT_WATCHED, FOLDER, or FILES + the number of the file. */
static int opened[DESCRIPTORS];
static char *folders[DESCRIPTORS];

int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __real_close(int fd);
int __wrap_close(int fd);
ssize_t __real_write(int fd, const void *data, size_t size);
ssize_t __wrap_write(int fd, const void *data, size_t size);
ssize_t __real_pwrite64(int fd, const void *data, size_t size, off_t offset);
ssize_t __wrap_pwrite64(int fd, const void *data, size_t size, off_t offset);
ssize_t __real_pread64(int fd, void *data, size_t size, off_t offset);
ssize_t __wrap_pread64(int fd, void *data, size_t size, off_t offset);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __real_ftruncate64(int fd, off_t size);
int __wrap_ftruncate64(int fd, off_t size);
int __real_fallocate64(int fd, int mode, off_t offset, off_t size);
int __wrap_fallocate64(int fd, int mode, off_t offset, off_t size);
int __real_rename(const char *path, const char *to);
int __wrap_rename(const char *path, const char *to);
int __real_unlink(const char *path);
int __wrap_unlink(const char *path);
int __real_unlinkat(int folder, const char *name, int flags);
int __wrap_unlinkat(int folder, const char *name, int flags);
int __real_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode);
int __real_rmdir(const char *path);
int __wrap_rmdir(const char *path);

/* ---- Descriptors ---- */

static bool watched(int fd) { return fd >= 0 && fd < DESCRIPTORS && opened[fd] != NOT_WATCHED; }

/* -1 with errno when the call has to fail. */
static int try(enum drive_call call)
{
  int code = drive_try(call);
  if (code) errno = code;
  return code ? -1 : 0;
}

static void descriptor_note(int fd, const char *below, int flags, bool was)
{
  if (fd < 0 || fd >= DESCRIPTORS) return;
  if (flags & O_DIRECTORY) {
    opened[fd] = FOLDER;
    folders[fd] = strdup(below);
    return;
  }
  int file = drive_file(below);
  opened[fd] = FILES + file;
  if (!was) drive_note((struct drive_event){.change = DRIVE_MADE, .file = file, .path = (char *)(uintptr_t)below});
  else if (flags & O_TRUNC) drive_note((struct drive_event){.change = DRIVE_CUT, .file = file});
}

static int watched_open(const char *path, const char *below, int flags, mode_t mode)
{
  bool was = access(path, F_OK) == 0;
  if (try(DRIVE_OPEN)) return -1;
  int fd = __real_open64(path, flags, mode);
  descriptor_note(fd, below, flags, was);
  return fd;
}

int __wrap_open64(const char *path, int flags, ...)
{
  mode_t mode = 0;
  if (flags & O_CREAT) {
    va_list list;
    va_start(list, flags);
    mode = va_arg(list, mode_t);
    va_end(list);
  }
  drive_lock();
  const char *below = drive_below(path);
  int fd = below ? watched_open(path, below, flags, mode) : __real_open64(path, flags, mode);
  drive_unlock();
  return fd;
}

int __wrap_close(int fd)
{
  drive_lock();
  if (watched(fd)) {
    opened[fd] = NOT_WATCHED;
    free(folders[fd]);
    folders[fd] = NULL;
  }
  int result = __real_close(fd);
  drive_unlock();
  return result;
}

/* ---- Content ---- */

/* A disk that is getting full takes half of what it is given before it takes nothing more. */
static ssize_t part_write(int fd, const void *data, size_t size, off_t offset)
{
  int code = drive_try(DRIVE_WRITE);
  if (code == ENOSPC && size > 1 && drive_failures() == 1) size /= 2;
  else if (code) {
    errno = code;
    return -1;
  }
  ssize_t put = __real_pwrite64(fd, data, size, offset);
  if (put > 0)
    drive_note((struct drive_event){.change = DRIVE_WRITTEN, .file = opened[fd] - FILES, .offset = offset, .data = (uint8_t *)(uintptr_t)data, .size = (size_t)put});
  return put;
}

ssize_t __wrap_write(int fd, const void *data, size_t size)
{
  if (!watched(fd)) return __real_write(fd, data, size);
  drive_lock();
  off_t offset = lseek(fd, 0, SEEK_CUR);
  ssize_t put = part_write(fd, data, size, offset);
  if (put > 0) lseek(fd, offset + put, SEEK_SET);
  drive_unlock();
  return put;
}

ssize_t __wrap_pwrite64(int fd, const void *data, size_t size, off_t offset)
{
  if (!watched(fd)) return __real_pwrite64(fd, data, size, offset);
  drive_lock();
  ssize_t put = part_write(fd, data, size, offset);
  drive_unlock();
  return put;
}

ssize_t __wrap_pread64(int fd, void *data, size_t size, off_t offset)
{
  if (!watched(fd)) return __real_pread64(fd, data, size, offset);
  drive_lock();
  int failed = try(DRIVE_READ);
  drive_unlock();
  return failed ? -1 : __real_pread64(fd, data, size, offset);
}

static int sync_run(int fd, int (*real)(int fd))
{
  if (!watched(fd)) return real(fd);
  drive_lock();
  drive_pass(opened[fd] - FILES);
  int failed = try(DRIVE_SYNC);
  if (opened[fd] == FOLDER)
    drive_note((struct drive_event){.change = failed ? DRIVE_NAMES_SYNC_FAILED : DRIVE_NAMES_SYNCED, .path = folders[fd]});
  else
    drive_note((struct drive_event){.change = failed ? DRIVE_SYNC_FAILED : DRIVE_SYNCED, .file = opened[fd] - FILES});
  drive_unlock();
  return failed;
}

int __wrap_fsync(int fd) { return sync_run(fd, __real_fsync); }
int __wrap_fdatasync(int fd) { return sync_run(fd, __real_fdatasync); }

int __wrap_ftruncate64(int fd, off_t size)
{
  if (!watched(fd)) return __real_ftruncate64(fd, size);
  drive_lock();
  int result = try(DRIVE_SPACE) ? -1 : __real_ftruncate64(fd, size);
  if (!result) drive_note((struct drive_event){.change = DRIVE_CUT, .file = opened[fd] - FILES, .offset = size});
  drive_unlock();
  return result;
}

int __wrap_fallocate64(int fd, int mode, off_t offset, off_t size)
{
  if (!watched(fd)) return __real_fallocate64(fd, mode, offset, size);
  drive_lock();
  int result = try(DRIVE_SPACE) ? -1 : __real_fallocate64(fd, mode, offset, size);
  drive_unlock();
  return result;
}

/* ---- Names ---- */

int __wrap_rename(const char *path, const char *to)
{
  drive_lock();
  const char *below = drive_below(path), *to_below = drive_below(to);
  bool seen = below && to_below;
  int result = seen && try(DRIVE_NAME) ? -1 : __real_rename(path, to);
  if (seen && !result)
    drive_note((struct drive_event){.change = DRIVE_MOVED, .path = (char *)(uintptr_t)below, .to = (char *)(uintptr_t)to_below});
  drive_unlock();
  return result;
}

static int remove_run(const char *path, int (*real)(const char *path))
{
  drive_lock();
  const char *below = drive_below(path);
  int result = real(path);
  if (below && !result) drive_note((struct drive_event){.change = DRIVE_REMOVED, .path = (char *)(uintptr_t)below});
  drive_unlock();
  return result;
}

int __wrap_unlink(const char *path) { return remove_run(path, __real_unlink); }
int __wrap_rmdir(const char *path) { return remove_run(path, __real_rmdir); }

int __wrap_unlinkat(int folder, const char *name, int flags)
{
  char link[64], path[2 * PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
  ssize_t size = readlink(link, path, PATH_MAX);
  if (size <= 0 || flags) return __real_unlinkat(folder, name, flags);
  snprintf(path + size, sizeof path - (size_t)size, "/%s", name);
  return __wrap_unlink(path);
}

int __wrap_mkdir(const char *path, mode_t mode)
{
  drive_lock();
  const char *below = drive_below(path);
  int result = below && try(DRIVE_NAME) ? -1 : __real_mkdir(path, mode);
  if (below && !result) drive_note((struct drive_event){.change = DRIVE_MADE, .file = -1, .path = (char *)(uintptr_t)below});
  drive_unlock();
  return result;
}
