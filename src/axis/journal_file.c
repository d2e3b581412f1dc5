/* The log's bytes: frames, and what a start makes of what the last run left.
 *
 * A frame says how many entries were durable when it was written. So a damaged frame tells what it is: when a later frame, or
 * the last checkpoint, knows it as durable, the disk has lost what was promised, and nothing starts; else it was torn before
 * anybody was answered, and is cut. */
#include "axis/journal_inner.h"
#include "axis/journal_restore.h"

#include "base/text.h"
#include "keys/message_signature.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHECKSUM = 8, CHECKPOINT_MAX = 4096 };
static const char magic[4] = {'T', 'R', 'J', '1'};

/* ---- Small helpers over descriptors ---- */
bool journal_file_write(int fd, const void *data, size_t size, int64_t offset)
{
  for (const char *at = data; size > 0;) {
    ssize_t written = pwrite(fd, at, size, offset);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    at += written;
    offset += written;
    size -= (size_t)written;
  }
  return true;
}

bool journal_file_read(int fd, void *data, size_t size, int64_t offset)
{
  for (char *at = data; size > 0;) {
    ssize_t got = pread(fd, at, size, offset);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    offset += got;
    size -= (size_t)got;
  }
  return true;
}

static int64_t file_size(int fd)
{
  struct stat info;
  return fstat(fd, &info) == 0 ? (int64_t)info.st_size : -1;
}

static bool folder_sync(const char *folder)
{
  int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool good = fd >= 0 && fsync(fd) == 0;
  if (fd >= 0) close(fd);
  return good;
}

bool journal_file_replace(const char *folder, const char *name, const char *text)
{
  char path[PATH_MAX], fresh[PATH_MAX];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  snprintf(fresh, sizeof fresh, "%s/%s.new", folder, name);
  int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  bool good = journal_file_write(fd, text, strlen(text), 0) && fsync(fd) == 0;
  close(fd);
  return good && rename(fresh, path) == 0 && folder_sync(folder);
}

/* A folder that its own folder does not know yet is gone with the power. */
static bool folder_make(struct cx *cx, const char *path)
{
  if (mkdir(path, 0700) != 0 && errno != EEXIST) return false;
  const char *slash = strrchr(path, '/');
  return folder_sync(slash && slash > path ? arena_copy_n(cx->arena, path, (size_t)(slash - path)) : slash ? "/" : ".");
}

/* *text NULL when there is no such file. */
static bool file_text(struct cx *cx, const char *path, const char **text)
{
  *text = NULL;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno == ENOENT;
  int64_t size = file_size(fd);
  bool good = size >= 0 && size <= CHECKPOINT_MAX;
  char *read = good ? arena_alloc(cx->arena, (size_t)size + 1) : NULL;
  good = good && journal_file_read(fd, read, (size_t)size, 0);
  close(fd);
  if (good) *text = read;
  return good;
}

enum err journal_damaged(struct cx *cx, int64_t index, const char *what)
{
  return cx_fail(cx, ERR_STORAGE, NULL, "journal.error.damaged", "index", arena_print(cx->arena, "%lld", (long long)index), "what", what, NULL);
}

static enum err journal_failed(struct cx *cx, const char *name)
{
  return cx_fail(cx, ERR_STORAGE, NULL, "journal.error.file", "name", name, "reason", strerrordesc_np(errno), NULL);
}

/* ---- Frames ---- */
static void put_number(uint8_t *out, int size, uint64_t number)
{
  for (int i = 0; i < size; i++) out[i] = (uint8_t)(number >> (8 * (size - 1 - i)));
}

static uint64_t get_number(const uint8_t *data, int size)
{
  uint64_t number = 0;
  for (int i = 0; i < size; i++) number = number << 8 | data[i];
  return number;
}

/* Over all of the frame but the checksum itself. */
static void frame_checksum(const uint8_t *head, const uint8_t *rest, size_t size, uint8_t out[CHECKSUM])
{
  uint8_t digest[DIGEST_SIZE], both[FRAME_HEAD - CHECKSUM + DIGEST_SIZE];
  memcpy(both, head, FRAME_HEAD - CHECKSUM);
  sha256(rest, size, both + FRAME_HEAD - CHECKSUM);
  sha256(both, sizeof both, digest);
  memcpy(out, digest, CHECKSUM);
}

void frame_write(struct buffer *out, const struct frame *frame)
{
  uint8_t head[FRAME_HEAD];
  size_t start = out->size, size = HASH_SIZE + frame->sealed_size;
  memcpy(head, magic, sizeof magic);
  put_number(head + 4, 4, size);
  put_number(head + 8, 8, (uint64_t)frame->index);
  put_number(head + 16, 8, (uint64_t)frame->durable);
  memset(head + 24, 0, CHECKSUM);
  buffer_add(out, head, sizeof head);
  buffer_add(out, frame->content.data, HASH_SIZE);
  buffer_add(out, frame->sealed, frame->sealed_size);
  frame_checksum(head, (uint8_t *)out->data + start + FRAME_HEAD, size, head + 24);
  memcpy(out->data + start, head, sizeof head);
}

/* Where no frame begins: ERR_NOT_FOUND when nothing follows but the zeros that the file was grown with. */
static enum err frame_none(struct cx *cx, struct journal *journal, int64_t offset, int64_t end)
{
  static const uint8_t zeros[4096];
  uint8_t block[sizeof zeros];
  for (int64_t at = offset; at < end;) {
    size_t size = end - at > (int64_t)sizeof block ? sizeof block : (size_t)(end - at);
    if (!journal_file_read(journal->entries_fd, block, size, at)) return journal_failed(cx, "entries");
    if (memcmp(block, zeros, size) != 0) return ERR_STORAGE;
    at += (int64_t)size;
  }
  return ERR_NOT_FOUND;
}

enum err frame_read(struct cx *cx, struct journal *journal, int64_t offset, struct frame *out, int64_t *next)
{
  uint8_t head[FRAME_HEAD], checksum[CHECKSUM];
  int64_t end = file_size(journal->entries_fd);
  if (end < 0) return journal_failed(cx, "entries");
  if (offset + FRAME_HEAD > end) return frame_none(cx, journal, offset, end);
  if (!journal_file_read(journal->entries_fd, head, sizeof head, offset)) return journal_failed(cx, "entries");
  if (memcmp(head, magic, sizeof magic) != 0) return frame_none(cx, journal, offset, end);
  uint64_t size = get_number(head + 4, 4);
  if (size < HASH_SIZE || size > FRAME_MAX || offset + FRAME_HEAD + (int64_t)size > end) return ERR_STORAGE;
  uint8_t *rest = arena_alloc(cx->arena, size);
  if (!journal_file_read(journal->entries_fd, rest, size, offset + FRAME_HEAD)) return journal_failed(cx, "entries");
  frame_checksum(head, rest, size, checksum);
  if (memcmp(checksum, head + 24, CHECKSUM) != 0) return ERR_STORAGE;
  *out = (struct frame){.index = (int64_t)get_number(head + 8, 8), .durable = (int64_t)get_number(head + 16, 8),
                        .sealed = rest + HASH_SIZE, .sealed_size = size - HASH_SIZE};
  memcpy(out->content.data, rest, HASH_SIZE);
  *next = offset + FRAME_HEAD + (int64_t)size;
  return OK;
}

/* ---- Opening ---- */
static enum err origin_open(struct cx *cx, struct journal *journal, const char *origin)
{
  const char *known;
  if (!file_text(cx, arena_print(cx->arena, "%s/origin", journal->folder), &known)) return journal_failed(cx, "origin");
  if (known) known = arena_copy_n(cx->arena, known, strcspn(known, "\n"));
  journal->closed = journal_is_closed(journal->folder);
  if (known && origin && journal->closed) return cx_fail(cx, ERR_CONFLICT, NULL, "journal.error.closed", "origin", known, NULL);
  if (!known && !origin) return cx_fail(cx, ERR_NOT_FOUND, NULL, "journal.error.none", NULL);
  if (known && origin && !text_equal(known, origin))
    return cx_fail(cx, ERR_CONFLICT, NULL, "journal.error.other_origin", "origin", known, NULL);
  journal->origin = arena_copy(journal->arena, known ? known : origin);
  if (!known && !journal_file_replace(journal->folder, "origin", arena_print(cx->arena, "%s\n", origin))) return journal_failed(cx, "origin");
  return OK;
}

static int part_open(struct cx *cx, struct journal *journal, const char *name)
{
  return open(arena_print(cx->arena, "%s/%s", journal->folder, name), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

enum err journal_files_open(struct cx *cx, struct journal *journal, const char *origin)
{
  if (origin && !folder_make(cx, journal->folder)) return journal_failed(cx, "journal");
  enum err err = origin_open(cx, journal, origin);
  if (err) return err;
  journal->entries_fd = part_open(cx, journal, "entries");
  journal->keys_fd = part_open(cx, journal, "keys");
  journal->tree_fd = part_open(cx, journal, "tree");
  bool good = journal->entries_fd >= 0 && journal->keys_fd >= 0 && journal->tree_fd >= 0 && folder_sync(journal->folder);
  return good ? OK : journal_failed(cx, "journal");
}

/* Space that the file system has set aside already can't run out; where it knows no such thing, a full disk shows at the write. */
static bool space_take(int fd, int64_t end)
{
  if (end <= 0 || fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, end) == 0) return true;
  return errno == EOPNOTSUPP || errno == ENOSYS;
}

bool journal_reserve(struct journal *journal, int64_t end)
{
  int64_t rows = journal->size + journal->reserve / 512;
  return space_take(journal->keys_fd, rows * ENTRY_KEY) && space_take(journal->tree_fd, rows * TREE_ROW) && space_take(journal->entries_fd, end);
}

/* ---- Recovery ---- */
static enum err checkpoint_load(struct cx *cx, struct journal *journal)
{
  const char *note;
  if (!file_text(cx, arena_print(cx->arena, "%s/checkpoint", journal->folder), &note)) return journal_failed(cx, "checkpoint");
  if (!note) return OK;
  struct checkpoint checkpoint;
  bool good = note_check(cx, note, journal->origin, journal->public_key) == OK && checkpoint_read(cx, note, &checkpoint) == OK &&
              text_equal(checkpoint.origin, journal->origin);
  if (!good) return journal_damaged(cx, 0, "checkpoint");
  journal->last_checkpoint = checkpoint;
  journal->last_checkpoint.origin = journal->origin;
  journal->last_note = strdup(note);
  return OK;
}

/* The stored tree is taken as it is when its root is the one that was signed. *offset: where the log goes on behind it. */
static bool tree_load(struct cx *cx, struct journal *journal, int64_t *offset)
{
  int64_t size = journal->last_checkpoint.size, last = 0;
  struct hash leaf;
  struct frame frame;
  if (size == 0 || file_size(journal->tree_fd) < size * TREE_ROW) return false;
  for (int64_t i = 0; i < size; i++) {
    if (!tree_row_read(journal, i, &last, &leaf)) return false;
    tree_add(journal, leaf);
  }
  struct hash root = merkle_root(&journal->tree);
  if (memcmp(&root, &journal->last_checkpoint.root, HASH_SIZE) != 0) return false;
  size_t problems = cx->problems.count;
  bool good = frame_read(cx, journal, last, &frame, offset) == OK && frame.index == size - 1;
  cx->problems.count = problems; /* the log itself is read next, and says what is wrong */
  return good;
}

/* Does a whole frame behind the damaged one know it as durable? */
static bool later_frame_knows(struct cx *cx, struct journal *journal, int64_t offset, int64_t index)
{
  int64_t end = file_size(journal->entries_fd), next;
  if (end <= offset) return false;
  uint8_t *all = mmap(NULL, (size_t)end, PROT_READ, MAP_SHARED, journal->entries_fd, 0);
  if (all == MAP_FAILED) return true; /* not to be told: better not to cut */
  bool known = false;
  for (const uint8_t *at = all + offset; !known && (at = memmem(at, (size_t)(all + end - at), magic, sizeof magic)); at++) {
    struct cx own = {.arena = arena_new(2 * FRAME_MAX), .clock = cx->clock, .request_id = cx->request_id};
    struct frame frame;
    known = frame_read(&own, journal, at - all, &frame, &next) == OK && frame.index >= index && frame.durable > index;
    known = known || own.problems.count > 0; /* unreadable: better not to cut */
    arena_free(own.arena);
  }
  munmap(all, (size_t)end);
  return known;
}

static enum err tail_cut(struct cx *cx, struct journal *journal, int64_t offset)
{
  int64_t index = journal->tree.size;
  if (index < journal->last_checkpoint.size || later_frame_knows(cx, journal, offset, index)) return journal_damaged(cx, index, "frame");
  if (ftruncate(journal->entries_fd, offset) != 0 || fsync(journal->entries_fd) != 0) return journal_failed(cx, "entries");
  const char *number = arena_print(cx->arena, "%lld", (long long)index);
  cx_log(cx, LOG_WARN, "journal: an entry that was never acknowledged was cut", LOG_FIELDS({"index", number}));
  return OK;
}

static enum err entry_take(struct cx *cx, struct journal *journal, int64_t offset, int64_t *next)
{
  struct frame frame;
  uint8_t row[TREE_ROW];
  int64_t index = journal->tree.size;
  enum err err = frame_read(cx, journal, offset, &frame, next);
  if (err) return err;
  if (frame.index != index) return journal_damaged(cx, index, "order");
  struct hash leaf = content_leaf(&frame.content);
  tree_row_write(row, offset, leaf);
  if (!journal_file_write(journal->tree_fd, row, sizeof row, index * TREE_ROW)) return journal_failed(cx, "tree");
  tree_add(journal, leaf);
  if (journal->tree.size != journal->last_checkpoint.size) return OK;
  struct hash root = merkle_root(&journal->tree);
  return memcmp(&root, &journal->last_checkpoint.root, HASH_SIZE) == 0 ? OK : journal_damaged(cx, index, "root");
}

/* offset: where the log goes on; sure: up to where a checkpoint says that it lies on the disk. */
struct recovery { int64_t offset, sure; };

static enum err entries_take(struct cx *cx, struct journal *journal, struct recovery *recovery)
{
  enum err err = OK;
  size_t problems = cx->problems.count;
  while (!err) {
    struct cx own = {.arena = arena_new(2 * FRAME_MAX), .clock = cx->clock, .request_id = cx->request_id};
    int64_t next = recovery->offset;
    err = entry_take(&own, journal, recovery->offset, &next);
    cx_take_problems(cx, &own);
    arena_free(own.arena);
    if (!err) recovery->offset = next;
    if (!err && journal->tree.size == journal->last_checkpoint.size) recovery->sure = next;
  }
  if (err == ERR_NOT_FOUND) return OK;
  return cx->problems.count > problems ? err : tail_cut(cx, journal, recovery->offset);
}

static bool range_write_again(int fd, int64_t from, int64_t end)
{
  uint8_t block[65536];
  for (int64_t at = from; at < end;) {
    size_t size = end - at > (int64_t)sizeof block ? sizeof block : (size_t)(end - at);
    if (!journal_file_read(fd, block, size, at) || !journal_file_write(fd, block, size, at)) return false;
    at += (int64_t)size;
  }
  return true;
}

/* What no checkpoint covers may be known to the system and not to the disk: the last run was killed before its sync, or the sync failed
 * and the system forgot. From now on it counts as durable, so it is written and synced once more. */
static bool tail_settle(struct journal *journal, const struct recovery *recovery)
{
  int64_t from = journal->last_checkpoint.size, end = journal->tree.size;
  return range_write_again(journal->keys_fd, from * ENTRY_KEY, end * ENTRY_KEY) && fsync(journal->keys_fd) == 0 &&
         range_write_again(journal->entries_fd, recovery->sure, recovery->offset) && fsync(journal->entries_fd) == 0 &&
         range_write_again(journal->tree_fd, from * TREE_ROW, end * TREE_ROW) && fsync(journal->tree_fd) == 0;
}

enum err journal_recover(struct cx *cx, struct journal *journal)
{
  struct recovery recovery = {0};
  enum err err = checkpoint_load(cx, journal);
  if (err) return err;
  if (tree_load(cx, journal, &recovery.offset)) {
    recovery.sure = recovery.offset;
  } else {
    tree_clear(journal);
    recovery.offset = 0;
  }
  err = entries_take(cx, journal, &recovery);
  if (err) return err;
  int64_t size = journal->tree.size;
  if (size < journal->last_checkpoint.size) return journal_damaged(cx, size, "end");
  if (file_size(journal->keys_fd) < size * ENTRY_KEY) return journal_damaged(cx, size, "keys");
  if (ftruncate(journal->keys_fd, size * ENTRY_KEY) != 0 || ftruncate(journal->tree_fd, size * TREE_ROW) != 0) return journal_failed(cx, "tree");
  if (file_size(journal->entries_fd) > recovery.offset && ftruncate(journal->entries_fd, recovery.offset) != 0) return journal_failed(cx, "entries");
  if (!tail_settle(journal, &recovery)) return journal_failed(cx, "entries");
  journal->size = size;
  journal->entries_end = recovery.offset;
  journal->reserved_end = recovery.offset + journal->reserve;
  if (journal->closed) return OK;
  if (!ahead_open(journal)) return journal_failed(cx, "entries");
  return journal_reserve(journal, journal->reserved_end) ? OK : cx_fail(cx, ERR_BUSY, NULL, "journal.error.full", NULL);
}
