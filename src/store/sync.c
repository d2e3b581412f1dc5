/* Durable names on a POSIX file system. */
#include "store/sync.h"

#include "store/engine.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum err disk_fail(struct cx *cx, const char *what)
{
  int code = errno;
  bool full = code == ENOSPC || code == EDQUOT;
  return engine_fail(cx, &(struct fault){.err = ERR_STORAGE, .key = full ? "error.storage_full" : NULL, .what = what,
                     .code = strerrorname_np(code), .message = strerrordesc_np(code)});
}

static const char *folder_of(struct cx *cx, const char *path)
{
  const char *slash = strrchr(path, '/');
  if (!slash) return ".";
  return slash == path ? "/" : arena_copy_n(cx->arena, path, (size_t)(slash - path));
}

enum err folder_sync(struct cx *cx, const char *folder)
{
  int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return disk_fail(cx, "open folder");
  enum err err = fsync(fd) ? disk_fail(cx, "sync folder") : OK;
  close(fd);
  return err;
}

enum err folder_make(struct cx *cx, const char *folder)
{
  bool made = mkdir(folder, 0700) == 0;
  if (!made && errno != EEXIST) return disk_fail(cx, "make folder");
  enum err err = folder_sync(cx, folder_of(cx, folder));
  if (err && made) rmdir(folder);
  return err;
}

enum err file_name(struct cx *cx, const char *temporary, const char *path)
{
  if (rename(temporary, path)) return disk_fail(cx, "rename file");
  return folder_sync(cx, folder_of(cx, path));
}
