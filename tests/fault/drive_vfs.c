/* SQLite's own door to the drive: a VFS over the usual one. What lies in the shared memory of readers needs no noting: it is made
 * anew from the log after a power cut. */
#include "drive.h"

#include <assert.h>
#include <errno.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

struct drive_vfs_file { sqlite3_file base; int file; bool names_wait; char folder[512]; sqlite3_file *real; };

static sqlite3_vfs *real_vfs(sqlite3_vfs *vfs) { return vfs->pAppData; }
static struct drive_vfs_file *mine(sqlite3_file *file) { return (struct drive_vfs_file *)file; }
static sqlite3_file *real_of(sqlite3_file *file) { return mine(file)->real; }

/* ---- Files ---- */

static int vfs_close(sqlite3_file *file)
{
  sqlite3_file *real = real_of(file);
  return real->pMethods ? real->pMethods->xClose(real) : SQLITE_OK;
}

static int vfs_read(sqlite3_file *file, void *data, int size, sqlite3_int64 offset)
{
  drive_lock();
  int code = mine(file)->file < 0 ? 0 : drive_try(DRIVE_READ);
  drive_unlock();
  return code ? SQLITE_IOERR_READ : real_of(file)->pMethods->xRead(real_of(file), data, size, offset);
}

static int vfs_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 offset)
{
  sqlite3_file *real = real_of(file);
  if (mine(file)->file < 0) return real->pMethods->xWrite(real, data, size, offset);
  drive_lock();
  int code = drive_try(DRIVE_WRITE);
  int result = code == ENOSPC ? SQLITE_FULL : code ? SQLITE_IOERR_WRITE : real->pMethods->xWrite(real, data, size, offset);
  if (result == SQLITE_OK)
    drive_note((struct drive_event){.change = DRIVE_WRITTEN, .file = mine(file)->file, .offset = offset, .data = (uint8_t *)(uintptr_t)data, .size = (size_t)size});
  drive_unlock();
  return result;
}

static int vfs_truncate(sqlite3_file *file, sqlite3_int64 size)
{
  sqlite3_file *real = real_of(file);
  if (mine(file)->file < 0) return real->pMethods->xTruncate(real, size);
  drive_lock();
  int result = drive_try(DRIVE_SPACE) ? SQLITE_IOERR_TRUNCATE : real->pMethods->xTruncate(real, size);
  if (result == SQLITE_OK) drive_note((struct drive_event){.change = DRIVE_CUT, .file = mine(file)->file, .offset = size});
  drive_unlock();
  return result;
}

/* As the usual VFS: the first sync of a log that was made syncs the folder that names it, after the content. */
static int vfs_sync(sqlite3_file *base, int flags)
{
  struct drive_vfs_file *file = mine(base);
  if (file->file < 0) return file->real->pMethods->xSync(file->real, flags);
  drive_lock();
  int failed = drive_try(DRIVE_SYNC);
  drive_note((struct drive_event){.change = failed ? DRIVE_SYNC_FAILED : DRIVE_SYNCED, .file = file->file});
  if (!failed && file->names_wait) drive_note((struct drive_event){.change = DRIVE_NAMES_SYNCED, .path = file->folder});
  if (!failed) file->names_wait = false;
  drive_unlock();
  return failed ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int vfs_size(sqlite3_file *file, sqlite3_int64 *size) { return real_of(file)->pMethods->xFileSize(real_of(file), size); }
static int vfs_lock(sqlite3_file *file, int level) { return real_of(file)->pMethods->xLock(real_of(file), level); }
static int vfs_unlock(sqlite3_file *file, int level) { return real_of(file)->pMethods->xUnlock(real_of(file), level); }
static int vfs_reserved(sqlite3_file *file, int *out) { return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out); }

/* A size hint would lengthen the file behind the log's back. */
static int vfs_control(sqlite3_file *file, int op, void *arg)
{
  return op == SQLITE_FCNTL_SIZE_HINT ? SQLITE_OK : real_of(file)->pMethods->xFileControl(real_of(file), op, arg);
}

static int vfs_sector(sqlite3_file *file) { return real_of(file)->pMethods->xSectorSize(real_of(file)); }
static int vfs_traits(sqlite3_file *file) { return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file)); }

static int vfs_shared_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
  return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, out);
}

static int vfs_shared_lock(sqlite3_file *file, int offset, int n, int flags) { return real_of(file)->pMethods->xShmLock(real_of(file), offset, n, flags); }
static void vfs_shared_barrier(sqlite3_file *file) { real_of(file)->pMethods->xShmBarrier(real_of(file)); }
static int vfs_shared_unmap(sqlite3_file *file, int remove) { return real_of(file)->pMethods->xShmUnmap(real_of(file), remove); }

/* Version 2: no mapping of the database into memory, which would pass the drive by. */
static const sqlite3_io_methods vfs_methods = {
  .iVersion = 2, .xClose = vfs_close, .xRead = vfs_read, .xWrite = vfs_write, .xTruncate = vfs_truncate, .xSync = vfs_sync, .xFileSize = vfs_size,
  .xLock = vfs_lock, .xUnlock = vfs_unlock, .xCheckReservedLock = vfs_reserved, .xFileControl = vfs_control, .xSectorSize = vfs_sector,
  .xDeviceCharacteristics = vfs_traits, .xShmMap = vfs_shared_map, .xShmLock = vfs_shared_lock, .xShmBarrier = vfs_shared_barrier,
  .xShmUnmap = vfs_shared_unmap,
};

/* ---- Names ---- */

static void folder_name(const char *below, char *out, size_t room)
{
  const char *slash = strrchr(below, '/');
  size_t size = slash ? (size_t)(slash - below) : 0;
  assert(size < room);
  memcpy(out, below, size);
  out[size] = '\0';
}

static void open_note(struct drive_vfs_file *file, const char *below, int flags, bool was)
{
  file->file = drive_file(below);
  folder_name(below, file->folder, sizeof file->folder);
  if (was) return;
  drive_note((struct drive_event){.change = DRIVE_MADE, .file = file->file, .path = (char *)(uintptr_t)below});
  file->names_wait = flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL);
}

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *out, int flags, int *out_flags)
{
  struct drive_vfs_file *file = mine(out);
  *file = (struct drive_vfs_file){.file = -1, .real = (sqlite3_file *)((char *)file + sizeof *file)};
  drive_lock();
  const char *below = drive_below(path);
  bool was = below && access(path, F_OK) == 0;
  int result = below && drive_try(DRIVE_OPEN) ? SQLITE_CANTOPEN : real_vfs(vfs)->xOpen(real_vfs(vfs), path, file->real, flags, out_flags);
  if (result == SQLITE_OK && below) open_note(file, below, flags, was);
  if (result == SQLITE_OK) file->base.pMethods = &vfs_methods;
  drive_unlock();
  return result;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync_names)
{
  char folder[512];
  drive_lock();
  const char *below = drive_below(path);
  int result = below && drive_try(DRIVE_NAME) ? SQLITE_IOERR_DELETE : real_vfs(vfs)->xDelete(real_vfs(vfs), path, sync_names);
  if (below && result == SQLITE_OK) {
    drive_note((struct drive_event){.change = DRIVE_REMOVED, .path = (char *)(uintptr_t)below});
    folder_name(below, folder, sizeof folder);
    if (sync_names) drive_note((struct drive_event){.change = DRIVE_NAMES_SYNCED, .path = folder});
  }
  drive_unlock();
  return result;
}

static int vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *out) { return real_vfs(vfs)->xAccess(real_vfs(vfs), path, flags, out); }
static int vfs_full_path(sqlite3_vfs *vfs, const char *path, int size, char *out) { return real_vfs(vfs)->xFullPathname(real_vfs(vfs), path, size, out); }
static int vfs_random(sqlite3_vfs *vfs, int size, char *out) { return real_vfs(vfs)->xRandomness(real_vfs(vfs), size, out); }
static int vfs_sleep(sqlite3_vfs *vfs, int us) { return real_vfs(vfs)->xSleep(real_vfs(vfs), us); }
static int vfs_time(sqlite3_vfs *vfs, sqlite3_int64 *out) { return real_vfs(vfs)->xCurrentTimeInt64(real_vfs(vfs), out); }
static int vfs_last_error(sqlite3_vfs *vfs, int size, char *out) { return 0; }

void drive_vfs_register(void)
{
  static sqlite3_vfs vfs;
  sqlite3_vfs *usual = sqlite3_vfs_find(NULL);
  if (vfs.pAppData) return;
  vfs = (sqlite3_vfs){.iVersion = 2, .szOsFile = (int)sizeof(struct drive_vfs_file) + usual->szOsFile, .mxPathname = usual->mxPathname, .zName = "powercut",
                      .pAppData = usual, .xOpen = vfs_open, .xDelete = vfs_delete, .xAccess = vfs_access, .xFullPathname = vfs_full_path,
                      .xRandomness = vfs_random, .xSleep = vfs_sleep, .xGetLastError = vfs_last_error, .xCurrentTimeInt64 = vfs_time};
  int code = sqlite3_vfs_register(&vfs, 1);
  assert(code == SQLITE_OK);
}
