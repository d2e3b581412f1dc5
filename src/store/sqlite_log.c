/* SQLite takes the first bad frame of its log for the log's end: what a power cut tore was never told to be safe. A byte that changed looks the
 * same to it, and all transactions behind it, which were told to be safe, would be gone without a word. Two things tell them apart.
 *
 * The log itself (https://www.sqlite.org/walformat.html): a frame's checksum goes on from the one that stands in the frame before it, so each
 * frame can be checked by its neighbour alone, and a frame that fits follows what was there when it was written. Each commit is synced before
 * the next transaction writes (synchronous=FULL). So a frame that fits behind a commit says that this commit was safe; both behind the first
 * bad frame say that what was safe is damaged. Pieces of older tries fit each other only inside one transaction, which has one commit, its
 * last frame. A bad frame counts as a commit when its own head lies in one sector: then mark and checksum were written together.
 *
 * SQLite's index of the log, in shared memory over a file, while the machine runs on: it counts the frames of all commits, each after its
 * sync. After a power cut the file says nothing that is relied on. */
#include "store/sqlite_log.h"

#include "store/engine.h"
#include "store/sync.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { HEAD = 32, FRAME_HEAD = 24, PAGE = 4096, FRAME = FRAME_HEAD + PAGE, SECTOR = 512, SALTS = 8 };
/* The index begins with its head twice; the lock of all who use it is one byte. */
enum { INDEX_HEAD = 48, INDEX_MADE = 12, INDEX_FRAMES = 16, INDEX_SALTS = 32, INDEX_SUM = 40, INDEX_LOCK = 128 };

struct sum { uint32_t a, b; };

struct frame {
  struct sum stored, own;      /* as it stands there, and as its content has it behind the frame before */
  uint8_t salts[SALTS];
  bool fits, commit, placed;   /* placed: its head lies in one sector */
};

struct log_state { int64_t frames, kept, bad; bool headed, damaged; uint8_t salts[SALTS]; };

/* ---- Checksums ---- */

/* In the order of bytes of the machine: a log of another one is not looked at. */
static struct sum sum_over(struct sum sum, const uint8_t *data, size_t size)
{
  assert(size % 8 == 0);
  for (size_t i = 0; i < size; i += 8) {
    uint32_t words[2];
    memcpy(words, data + i, sizeof words);
    sum.a += words[0] + sum.b;
    sum.b += words[1] + sum.a;
  }
  return sum;
}

static uint32_t number_at(const uint8_t *data)
{
  return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

static struct sum sum_at(const uint8_t *data) { return (struct sum){number_at(data), number_at(data + 4)}; }
static bool sum_same(struct sum x, struct sum y) { return x.a == y.a && x.b == y.b; }

/* ---- The log ---- */

/* false: a log of another page size or order of bytes, which this program does not make. */
static bool head_read(const uint8_t *head, struct log_state *state, struct frame *first)
{
  const uint32_t magic = 0x377f0682 | (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
  *first = (struct frame){.stored = sum_at(head + 24), .own = sum_over((struct sum){0}, head, 24), .fits = true};
  memcpy(state->salts, head + 16, SALTS);
  state->headed = number_at(head) == magic && number_at(head + 8) == PAGE && sum_same(first->stored, first->own);
  return state->headed || number_at(head) != (magic ^ 1);
}

static struct frame frame_of(const uint8_t *data, int64_t offset, const struct frame *before)
{
  struct frame frame = {.stored = sum_at(data + 16), .commit = number_at(data + 4) != 0};
  struct sum other = sum_over(sum_over(before->own, data, 8), data + FRAME_HEAD, PAGE);
  frame.own = sum_over(sum_over(before->stored, data, 8), data + FRAME_HEAD, PAGE);
  /* Where the checksum before it is what changed, this one goes on from what that was. */
  frame.fits = sum_same(frame.own, frame.stored) || sum_same(other, frame.stored);
  frame.placed = offset / SECTOR == (offset + FRAME_HEAD - 1) / SECTOR;
  memcpy(frame.salts, data + 8, SALTS);
  return frame;
}

static void frame_take(struct log_state *state, const struct frame *frame, const struct frame *before, int64_t number)
{
  const uint8_t *salts = state->headed ? state->salts : before->salts;
  bool ours = memcmp(frame->salts, salts, SALTS) == 0;
  bool good = !state->bad && state->headed && ours && sum_same(frame->own, frame->stored);
  if (good && frame->commit) state->kept = number;
  if (good) return;
  if (!state->bad) state->bad = number;
  if (number > state->bad && ours && frame->fits && before->commit && (before->fits || before->placed)) state->damaged = true;
}

static enum err log_read(struct cx *cx, int fd, struct log_state *state)
{
  uint8_t data[FRAME];
  struct stat info;
  struct frame before, frame;
  if (fstat(fd, &info) != 0 || (info.st_size >= HEAD && pread(fd, data, HEAD, 0) != HEAD)) return disk_fail(cx, "look at log");
  if (info.st_size < HEAD || !head_read(data, state, &before)) return OK;
  state->frames = (info.st_size - HEAD) / FRAME;
  for (int64_t number = 1; number <= state->frames && !state->damaged; number++) {
    int64_t offset = HEAD + (number - 1) * FRAME;
    if (pread(fd, data, FRAME, offset) != FRAME) return disk_fail(cx, "look at log");
    frame = frame_of(data, offset, &before);
    frame_take(state, &frame, &before, number);
    before = frame;
  }
  return OK;
}

/* ---- Its index ---- */

/* Closing a file drops all locks that its process has on it: an index in use here must not even be opened. */
static bool index_is_ours(const struct stat *info)
{
  char line[256];
  bool found = false;
  FILE *locks = fopen("/proc/locks", "re");
  while (locks && !found && fgets(line, sizeof line, locks)) {
    int pid;
    unsigned long inode;
    found = sscanf(line, "%*d: %*s %*s %*s %d %*x:%*x:%lu", &pid, &inode) == 2 && pid == getpid() && inode == info->st_ino;
  }
  if (locks) fclose(locks);
  return found;
}

static bool index_is_used(int fd)
{
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = INDEX_LOCK, .l_len = 1};
  return fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

static bool since_start(const struct stat *info)
{
  struct timespec now, up;
  clock_gettime(CLOCK_REALTIME, &now);
  clock_gettime(CLOCK_BOOTTIME, &up);
  return info->st_mtim.tv_sec > now.tv_sec - up.tv_sec;
}

/* How many frames of which log were safe when the machine still ran as it does; 0: it does not say. */
static uint32_t index_frames(int fd, const struct stat *info, uint8_t salts[SALTS])
{
  uint8_t heads[2 * INDEX_HEAD];
  uint32_t frames, words[2];
  if (!since_start(info) || pread(fd, heads, sizeof heads, 0) != (ssize_t)sizeof heads) return 0;
  struct sum sum = sum_over((struct sum){0}, heads, INDEX_SUM);
  memcpy(words, heads + INDEX_SUM, sizeof words);
  bool good = memcmp(heads, heads + INDEX_HEAD, INDEX_HEAD) == 0 && heads[INDEX_MADE] && sum_same(sum, (struct sum){words[0], words[1]});
  memcpy(&frames, heads + INDEX_FRAMES, sizeof frames);
  memcpy(salts, heads + INDEX_SALTS, SALTS);
  return good ? frames : 0;
}

/* ---- Both ---- */

struct looked { struct log_state state; uint32_t frames; uint8_t salts[SALTS]; bool used; };

static enum err log_look(struct cx *cx, const char *log, const char *index, struct looked *out)
{
  struct stat info;
  int fd = open(log, O_RDONLY | O_CLOEXEC), index_fd;
  if (fd < 0) return errno == ENOENT ? OK : disk_fail(cx, "look at log");
  out->used = stat(index, &info) == 0 && index_is_ours(&info);
  index_fd = out->used ? -1 : open(index, O_RDONLY | O_CLOEXEC);
  if (index_fd >= 0) {
    out->frames = index_frames(index_fd, &info, out->salts);
    out->used = index_is_used(index_fd);
  }
  enum err err = out->used ? OK : log_read(cx, fd, &out->state);
  /* Who came meanwhile had it changed under the reading. */
  if (index_fd >= 0) {
    out->used = out->used || index_is_used(index_fd);
    close(index_fd);
  }
  close(fd);
  return err;
}

static bool log_is_damaged(const struct looked *looked)
{
  const struct log_state *state = &looked->state;
  bool same = state->headed && memcmp(looked->salts, state->salts, SALTS) == 0;
  return state->damaged || (looked->frames > 0 && (!same || state->kept < looked->frames));
}

static const char *lost_of(struct cx *cx, const char *path) { return arena_print(cx->arena, "%s-wal.lost", path); }

enum err log_check(struct cx *cx, const char *path)
{
  struct looked looked = {0};
  const char *log = arena_print(cx->arena, "%s-wal", path);
  enum err err = access(log, F_OK) == 0 ? log_look(cx, log, arena_print(cx->arena, "%s-shm", path), &looked) : OK;
  if (err || looked.used || !log_is_damaged(&looked)) return err;
  const char *what = arena_print(cx->arena, "%s: frame %lld of %lld is damaged; transactions that were safe stand behind frame %lld", log,
                                 (long long)looked.state.bad, (long long)looked.state.frames, (long long)looked.state.kept);
  if (access(lost_of(cx, path), F_OK) == 0) {
    cx_log(cx, LOG_ALARM, "a damaged log is taken up: its loss was accepted", LOG_FIELDS({"what", what}));
    return OK;
  }
  return engine_fail(cx, &(struct fault){.err = ERR_STORAGE, .key = "store.error.found_damaged", .what = "open", .code = "", .message = what});
}

void log_taken(struct cx *cx, const char *path)
{
  unlink(lost_of(cx, path));
}
