/* A changed byte in the database is found by whoever reads its page. SQLite itself checks the form of its pages only, so that a flipped bit
 * in a name or a date would be believed. Here the last 8 bytes of each page, which SQLite leaves alone when it is asked to, hold a checksum of
 * the rest and of the page's place; one that does not fit is SQLITE_IOERR_DATA.
 *
 * Only the database itself is looked at: the log has checksums of its own. A database made without that room stays as it is. */
#include "store/sqlite_checked.h"

#include <assert.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

/* Byte 20 of a database says how much of each page SQLite leaves alone. */
enum { PAGE = 4096, SUM = 8, ROOM_AT = 20 };
/* Our own questions to a file; SQLite leaves numbers above 100 to others. */
enum { CONTROL_IS = 1001, CONTROL_SET = 1002 };

struct checked_file { sqlite3_file base; bool database, sums; sqlite3_file *real; };

static struct checked_file *mine(sqlite3_file *file) { return (struct checked_file *)file; }
static sqlite3_file *real_of(sqlite3_file *file) { return mine(file)->real; }
static const sqlite3_io_methods *methods_of(sqlite3_file *file) { return real_of(file)->pMethods; }
static sqlite3_vfs *usual(sqlite3_vfs *vfs) { return vfs->pAppData; }

/* ---- Pages ---- */

/* Each step is a bijection of what came before, so that one changed word always changes the sum. */
static uint64_t page_sum(const uint8_t *page, sqlite3_int64 offset)
{
  uint64_t sum = (uint64_t)offset + 0x9e3779b97f4a7c15u;
  for (int i = 0; i < PAGE - SUM; i += 8) {
    uint64_t word;
    memcpy(&word, page + i, sizeof word);
    sum = (sum ^ word) * 0xd6e8feb86659fd93u;
    sum ^= sum >> 32;
  }
  return sum;
}

static bool page_good(const uint8_t *page, sqlite3_int64 offset)
{
  uint64_t sum = page_sum(page, offset), stored;
  memcpy(&stored, page + PAGE - SUM, sizeof stored);
  return sum == stored;
}

/* The first page says whether there are sums. Anything but none or ours is no database of this program. */
static bool header_take(struct checked_file *file, const uint8_t *page)
{
  file->sums = page[ROOM_AT] == SUM;
  return page[ROOM_AT] == SUM || page[ROOM_AT] == 0;
}

/* A part of a page is given out after the whole was checked. */
static int part_read(struct checked_file *file, void *data, int size, sqlite3_int64 offset)
{
  uint8_t page[PAGE];
  sqlite3_int64 start = offset - offset % PAGE;
  if (offset + size > start + PAGE) return SQLITE_IOERR_READ;
  int code = file->real->pMethods->xRead(file->real, page, PAGE, start);
  if (code != SQLITE_OK) return code;
  if (!page_good(page, start)) return SQLITE_IOERR_DATA;
  memcpy(data, page + (offset - start), (size_t)size);
  return SQLITE_OK;
}

static int checked_read(sqlite3_file *base, void *data, int size, sqlite3_int64 offset)
{
  struct checked_file *file = mine(base);
  bool whole = size == PAGE && offset % PAGE == 0;
  if (file->database && file->sums && !whole && offset >= PAGE) return part_read(file, data, size, offset);
  int code = file->real->pMethods->xRead(file->real, data, size, offset);
  if (code != SQLITE_OK || !file->database) return code;
  if (offset == 0 && size > ROOM_AT && !header_take(file, data)) return SQLITE_IOERR_DATA;
  return file->sums && whole && !page_good(data, offset) ? SQLITE_IOERR_DATA : SQLITE_OK;
}

static int checked_write(sqlite3_file *base, const void *data, int size, sqlite3_int64 offset)
{
  struct checked_file *file = mine(base);
  uint8_t page[PAGE];
  bool whole = file->database && size == PAGE && offset % PAGE == 0;
  if (whole && offset == 0) file->sums = ((const uint8_t *)data)[ROOM_AT] == SUM;
  if (!whole || !file->sums) return file->real->pMethods->xWrite(file->real, data, size, offset);
  memcpy(page, data, PAGE - SUM);
  uint64_t sum = page_sum(page, offset);
  memcpy(page + PAGE - SUM, &sum, sizeof sum);
  return file->real->pMethods->xWrite(file->real, page, size, offset);
}

static int checked_control(sqlite3_file *base, int op, void *arg)
{
  struct checked_file *file = mine(base);
  if (op != CONTROL_IS && op != CONTROL_SET) return methods_of(base)->xFileControl(real_of(base), op, arg);
  if (op == CONTROL_IS) *(bool *)arg = file->sums;
  else file->sums = *(bool *)arg;
  return SQLITE_OK;
}

/* ---- All else is the usual VFS's ---- */

static int checked_close(sqlite3_file *file) { return methods_of(file) ? methods_of(file)->xClose(real_of(file)) : SQLITE_OK; }
static int checked_truncate(sqlite3_file *file, sqlite3_int64 size) { return methods_of(file)->xTruncate(real_of(file), size); }
static int checked_sync(sqlite3_file *file, int flags) { return methods_of(file)->xSync(real_of(file), flags); }
static int checked_size(sqlite3_file *file, sqlite3_int64 *size) { return methods_of(file)->xFileSize(real_of(file), size); }
static int checked_lock(sqlite3_file *file, int level) { return methods_of(file)->xLock(real_of(file), level); }
static int checked_unlock(sqlite3_file *file, int level) { return methods_of(file)->xUnlock(real_of(file), level); }
static int checked_reserved(sqlite3_file *file, int *out) { return methods_of(file)->xCheckReservedLock(real_of(file), out); }
static int checked_sector(sqlite3_file *file) { return methods_of(file)->xSectorSize(real_of(file)); }
static int checked_traits(sqlite3_file *file) { return methods_of(file)->xDeviceCharacteristics(real_of(file)); }
static int checked_shared_lock(sqlite3_file *file, int offset, int n, int flags) { return methods_of(file)->xShmLock(real_of(file), offset, n, flags); }
static void checked_shared_barrier(sqlite3_file *file) { methods_of(file)->xShmBarrier(real_of(file)); }
static int checked_shared_unmap(sqlite3_file *file, int remove) { return methods_of(file)->xShmUnmap(real_of(file), remove); }

static int checked_shared_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
  return methods_of(file)->xShmMap(real_of(file), page, size, extend, out);
}

/* Version 2: the database is not mapped into memory, which would pass the check by. */
static const sqlite3_io_methods checked_methods = {
  .iVersion = 2, .xClose = checked_close, .xRead = checked_read, .xWrite = checked_write, .xTruncate = checked_truncate,
  .xSync = checked_sync, .xFileSize = checked_size, .xLock = checked_lock, .xUnlock = checked_unlock,
  .xCheckReservedLock = checked_reserved, .xFileControl = checked_control, .xSectorSize = checked_sector,
  .xDeviceCharacteristics = checked_traits, .xShmMap = checked_shared_map, .xShmLock = checked_shared_lock,
  .xShmBarrier = checked_shared_barrier, .xShmUnmap = checked_shared_unmap,
};

static int checked_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *out, int flags, int *out_flags)
{
  struct checked_file *file = mine(out);
  *file = (struct checked_file){.database = flags & SQLITE_OPEN_MAIN_DB, .real = (sqlite3_file *)(file + 1)};
  int code = usual(vfs)->xOpen(usual(vfs), path, file->real, flags, out_flags);
  /* A file without methods is not closed by SQLite. */
  if (file->real->pMethods) file->base.pMethods = &checked_methods;
  /* What is not empty is asked by SQLite for its first bytes at once; what is gets its sums from this program. */
  sqlite3_int64 size = 0;
  file->sums = code == SQLITE_OK && file->database && file->real->pMethods->xFileSize(file->real, &size) == SQLITE_OK && size == 0;
  return code;
}

static int checked_delete(sqlite3_vfs *vfs, const char *path, int sync_names) { return usual(vfs)->xDelete(usual(vfs), path, sync_names); }
static int checked_access(sqlite3_vfs *vfs, const char *path, int flags, int *out) { return usual(vfs)->xAccess(usual(vfs), path, flags, out); }
static int checked_path(sqlite3_vfs *vfs, const char *path, int size, char *out) { return usual(vfs)->xFullPathname(usual(vfs), path, size, out); }
static int checked_random(sqlite3_vfs *vfs, int size, char *out) { return usual(vfs)->xRandomness(usual(vfs), size, out); }
static int checked_sleep(sqlite3_vfs *vfs, int us) { return usual(vfs)->xSleep(usual(vfs), us); }
static int checked_time(sqlite3_vfs *vfs, sqlite3_int64 *out) { return usual(vfs)->xCurrentTimeInt64(usual(vfs), out); }
static int checked_last_error(sqlite3_vfs *vfs, int size, char *out) { return usual(vfs)->xGetLastError ? usual(vfs)->xGetLastError(usual(vfs), size, out) : 0; }

/* Before anything else of SQLite: what it counts of its memory nobody reads, and the count is a lock at every allocation.
 * SQLite keeps a list of what is registered; it wants the entry to live as long as the process. */
static void vfs_register(void)
{
  static sqlite3_vfs vfs;
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  sqlite3_vfs *under = sqlite3_vfs_find(NULL);
  vfs = (sqlite3_vfs){.iVersion = 2, .szOsFile = (int)sizeof(struct checked_file) + under->szOsFile, .mxPathname = under->mxPathname,
                      .zName = "truc-checked", .pAppData = under, .xOpen = checked_open, .xDelete = checked_delete, .xAccess = checked_access,
                      .xFullPathname = checked_path, .xRandomness = checked_random, .xSleep = checked_sleep,
                      .xGetLastError = checked_last_error, .xCurrentTimeInt64 = checked_time};
  int code = sqlite3_vfs_register(&vfs, 0);
  assert(code == SQLITE_OK);
}

const char *checked_vfs(void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, vfs_register);
  return "truc-checked";
}

bool checked_begin(sqlite3 *db)
{
  int room = SUM;
  return sqlite3_file_control(db, "main", SQLITE_FCNTL_RESERVE_BYTES, &room) == SQLITE_OK;
}

bool checked_like(sqlite3 *db, sqlite3 *other)
{
  bool sums = false;
  return sqlite3_file_control(other, "main", CONTROL_IS, &sums) == SQLITE_OK && sqlite3_file_control(db, "main", CONTROL_SET, &sums) == SQLITE_OK;
}
