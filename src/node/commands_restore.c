/* restore: a backup into an empty folder. Everything is compared with the manifest before anything is written; the configuration comes
 * last, so that a folder in which this was interrupted does not start. */
#include "node/commands.h"

#include "axis/journal_restore.h"
#include "base/text.h"
#include "node/archive.h"
#include "node/disk.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* keeper: whose folder it is, when root restores for the node's user. */
struct restoring { struct cx *cx; struct archive_reader *reader; const char *folder; int fd; bool give; uid_t user; gid_t group; };

static enum err fail_path(struct cx *cx, const char *path)
{
  const char *key = errno == ENOSPC ? "error.storage_full" : "node.error.file";
  return cx_fail(cx, ERR_STORAGE, NULL, key, "path", path, "cause", strerror(errno), NULL);
}

static bool folder_empty(const char *path)
{
  DIR *folder = opendir(path);
  bool empty = folder != NULL;
  for (const struct dirent *entry; empty && (entry = readdir(folder));) empty = text_equal(entry->d_name, ".") || text_equal(entry->d_name, "..");
  if (folder) closedir(folder);
  return empty;
}

static enum err target_open(struct restoring *restoring)
{
  struct stat info;
  if (mkdir(restoring->folder, 0700) != 0 && errno != EEXIST) return fail_path(restoring->cx, restoring->folder);
  if (!folder_empty(restoring->folder)) return cx_fail(restoring->cx, ERR_CONFLICT, NULL, "node.restore.not_empty", "folder", restoring->folder, NULL);
  restoring->fd = open(restoring->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (restoring->fd < 0 || fstat(restoring->fd, &info) != 0 || fchmod(restoring->fd, 0700) != 0) return fail_path(restoring->cx, restoring->folder);
  restoring->give = geteuid() == 0 && info.st_uid != 0;
  restoring->user = info.st_uid;
  restoring->group = info.st_gid;
  return OK;
}

static bool give(const struct restoring *restoring, const char *path)
{
  return !restoring->give || fchownat(restoring->fd, path, restoring->user, restoring->group, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool folders_make(const struct restoring *restoring, const char *name)
{
  char path[128];
  for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
    snprintf(path, sizeof path, "%.*s", (int)(slash - name), name);
    bool made = mkdirat(restoring->fd, path, 0700) == 0;
    if ((!made && errno != EEXIST) || (made && !give(restoring, path))) return false;
  }
  return true;
}

/* Files that are named by their content are never written again. */
static unsigned mode_of(const char *name)
{
  return strstr(name, "/files/") ? 0400 : 0600;
}

static enum err file_write(struct restoring *restoring, const struct archive_file *file, int from, int64_t offset)
{
  char hash[65];
  int64_t size = file->size;
  int to = folders_make(restoring, file->path) ? openat(restoring->fd, file->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
  if (to < 0) return fail_path(restoring->cx, file->path);
  bool good = archive_copy(restoring->cx, from, offset, &size, to, hash) == OK && fchmod(to, mode_of(file->path)) == 0 &&
              give(restoring, file->path) && fsync(to) == 0;
  enum err err = good ? OK : fail_path(restoring->cx, file->path);
  close(to);
  if (!err && !text_equal(hash, file->sha256)) err = cx_fail(restoring->cx, ERR_INPUT, NULL, "node.backup.damaged", "what", file->path, NULL);
  return err;
}

/* config: that file alone, or all but it. */
static enum err write_files(struct restoring *restoring, bool config)
{
  struct archive_file file;
  int from;
  int64_t offset;
  enum err err;
  archive_rewind(restoring->reader);
  while (!(err = archive_next(restoring->cx, restoring->reader, &file, &from, &offset))) {
    if (text_equal(file.path, "truc.json") == config) err = file_write(restoring, &file, from, offset);
    close(from);
    if (err) return err;
  }
  return err == ERR_NOT_FOUND ? OK : err;
}

static enum err settle(struct restoring *restoring)
{
  return syncfs(restoring->fd) == 0 ? OK : fail_path(restoring->cx, restoring->folder);
}

static enum err restore(struct restoring *restoring)
{
  const struct archive_head *head = archive_head(restoring->reader);
  const char *journal = arena_print(restoring->cx->arena, "%s/axis/journal", restoring->folder);
  enum err err = write_files(restoring, false);
  if (!err) err = journal_mark_restored(restoring->cx, journal, head->origin);
  if (!err && !give(restoring, "axis/journal/" JOURNAL_CLOSED_NAME)) err = fail_path(restoring->cx, journal);
  if (!err) err = settle(restoring);
  if (!err) err = write_files(restoring, true);
  return err ? err : settle(restoring);
}

static void tell(const struct restoring *restoring)
{
  const struct archive_head *head = archive_head(restoring->reader);
  printf("restored: node %s as it was on %s\n", head->node, time_write_vn(restoring->cx->arena, head->made_us));
  printf("At its start it closes the journal %s and begins a new one that names it.\n", head->origin);
  if (!head->with_keys) printf("Its keys are not in the backup: copy the keys folder to %s/keys before it starts.\n", restoring->folder);
  if (head->postgres) puts("Its databases are not in the backup: pg_restore the dump of that time first.");
}

int command_restore(struct cx *cx, const struct command_line *line)
{
  struct restoring restoring = {.cx = cx, .folder = line->names[1], .fd = -1};
  enum err err = archive_open(cx, line->names[0], &restoring.reader);
  if (!err) err = archive_verify(cx, restoring.reader);
  if (!err) err = target_open(&restoring);
  if (!err) err = restore(&restoring);
  if (!err) tell(&restoring);
  archive_reader_close(restoring.reader);
  if (restoring.fd >= 0) close(restoring.fd);
  return err ? command_fail(cx, err) : 0;
}
