/* How far a journal may be copied while it runs, and how one is closed and another begun after a backup was restored. */
#include "axis/journal_restore.h"

#include "axis/journal_inner.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SMALL_MAX = 8192, CLOSED_MAX = 1000 };

static enum err file_failed(struct cx *cx, const char *name)
{
  return cx_fail(cx, ERR_STORAGE, NULL, "journal.error.file", "name", name, "reason", strerrordesc_np(errno), NULL);
}

/* ---- For a backup ---- */

/* A checkpoint was signed only after what it covers was durable, so that nothing within these bounds is being written any more. */
enum err journal_extent(struct cx *cx, struct journal *journal, struct journal_extent *out)
{
  struct checkpoint checkpoint;
  struct cx own = {.arena = arena_new(2 * FRAME_MAX), .clock = cx->clock, .request_id = cx->request_id};
  struct frame frame;
  struct hash leaf;
  int64_t offset;
  *out = (struct journal_extent){.origin = arena_copy(cx->arena, journal_origin(journal))};
  enum err err = journal_checkpoint(cx, journal, &out->note, &checkpoint);
  bool good = err || checkpoint.size == 0 || (tree_row_read(journal, checkpoint.size - 1, &offset, &leaf) &&
                                              frame_read(&own, journal, offset, &frame, &out->entries_bytes) == OK);
  arena_free(own.arena);
  if (err) return err == ERR_NOT_FOUND ? OK : err;
  if (!good) return journal_damaged(cx, checkpoint.size - 1, "frame");
  out->size = checkpoint.size;
  out->keys_bytes = checkpoint.size * ENTRY_KEY;
  out->tree_bytes = checkpoint.size * TREE_ROW;
  return OK;
}

/* ---- Small files of a log's folder ---- */

/* *text NULL when it is not there. */
static enum err small_read(struct cx *cx, const char *folder, const char *name, const char **text)
{
  struct stat info;
  *text = NULL;
  int fd = open(arena_print(cx->arena, "%s/%s", folder, name), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno == ENOENT ? OK : file_failed(cx, name);
  bool good = fstat(fd, &info) == 0 && info.st_size <= SMALL_MAX;
  char *content = good ? arena_alloc(cx->arena, (size_t)info.st_size + 1) : NULL;
  good = good && journal_file_read(fd, content, (size_t)info.st_size, 0);
  close(fd);
  if (!good) return file_failed(cx, name);
  *text = content;
  return OK;
}

static enum err line_read(struct cx *cx, const char *folder, const char *name, const char **line)
{
  enum err err = small_read(cx, folder, name, line);
  if (!err && *line) *line = arena_copy_n(cx->arena, *line, strcspn(*line, "\n"));
  return err;
}

static bool folder_synced(const char *path)
{
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool good = fd >= 0 && fsync(fd) == 0;
  if (fd >= 0) close(fd);
  return good;
}

/* ---- Marking ---- */

/* "H01/gateway/journal-1" is followed by "H01/gateway/journal-20261124-1f0c9a3b": two restores of one backup must not share a name. */
enum err journal_mark_restored(struct cx *cx, const char *folder, const char *old_origin)
{
  const char *slash = strrchr(old_origin, '/');
  struct date day = date_from_days(time_to_days(cx_now(cx)));
  uint32_t chance;
  random_bytes(&chance, sizeof chance);
  const char *line = arena_print(cx->arena, "%.*s/journal-%04d%02d%02d-%08x\n", (int)(slash ? slash - old_origin : 0), old_origin, day.year, day.month,
                                 day.day, chance);
  return journal_file_replace(folder, JOURNAL_CLOSED_NAME, line) ? OK : file_failed(cx, JOURNAL_CLOSED_NAME);
}

bool journal_is_closed(const char *folder)
{
  int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool closed = fd >= 0 && faccessat(fd, JOURNAL_CLOSED_NAME, F_OK, 0) == 0;
  if (fd >= 0) close(fd);
  return closed;
}

/* ---- Closed logs ---- */

static int closed_number(const char *name)
{
  int64_t number;
  return text_starts(name, "journal-") && text_to_i64(name + strlen("journal-"), 1, CLOSED_MAX, &number) ? (int)number : 0;
}

static int closed_last(const char *parent)
{
  int last = 0;
  DIR *folder = opendir(parent);
  for (const struct dirent *entry; folder && (entry = readdir(folder));)
    if (closed_number(entry->d_name) > last) last = closed_number(entry->d_name);
  if (folder) closedir(folder);
  return last;
}

enum err journal_closed_list(struct cx *cx, const char *folder, struct list *out)
{
  const char *parent = dirname(arena_copy(cx->arena, folder));
  int last = closed_last(parent);
  const char **paths = ARENA_ARRAY(cx->arena, (size_t)last + 1, const char *);
  *out = (struct list){paths, 0};
  for (int i = 1; i <= last; i++) {
    const char *path = arena_print(cx->arena, "%s/journal-%d", parent, i);
    if (access(path, F_OK) == 0) paths[out->count++] = path;
  }
  return OK;
}

/* ---- Taking up ---- */

/* What the next log names must be what the old one's own key signed: with other keys this would be another node. */
static enum err note_of_closed(struct cx *cx, const struct journal_wish *wish, const char *origin, const char **note)
{
  struct bytes key;
  enum err err = small_read(cx, wish->folder, "checkpoint", note);
  if (err || !*note) return err;
  err = keys_public(cx, wish->keys, wish->key_name, &key);
  if (!err && note_check(cx, *note, origin, key) == OK) return OK;
  return cx_fail(cx, ERR_CONFLICT, NULL, "journal.error.other_key", "origin", origin, NULL);
}

/* The new folder is whole before the old one gives up its name. */
static enum err next_make(struct cx *cx, const struct journal_wish *wish, const char *fresh, const char *next)
{
  const char *origin, *note;
  enum err err = line_read(cx, wish->folder, "origin", &origin);
  if (!err && !origin) err = cx_fail(cx, ERR_NOT_FOUND, NULL, "journal.error.none", NULL);
  if (!err) err = note_of_closed(cx, wish, origin, &note);
  if (err) return err;
  bool good = (mkdir(fresh, 0700) == 0 || errno == EEXIST) && journal_file_replace(fresh, "before", note ? note : arena_print(cx->arena, "%s\n0\n", origin)) &&
              journal_file_replace(fresh, "origin", arena_print(cx->arena, "%s\n", next));
  return good ? OK : file_failed(cx, fresh);
}

static enum err fresh_name(struct cx *cx, const struct journal_wish *wish, const char *fresh, const char *parent)
{
  return rename(fresh, wish->folder) == 0 && folder_synced(parent) ? OK : file_failed(cx, wish->folder);
}

static enum err closed_put_aside(struct cx *cx, const struct journal_wish *wish, const char *fresh, const char *parent)
{
  const char *next, *aside = arena_print(cx->arena, "%s/journal-%d", parent, closed_last(parent) + 1);
  enum err err = line_read(cx, wish->folder, JOURNAL_CLOSED_NAME, &next);
  if (err || !next) return err;
  err = next_make(cx, wish, fresh, next);
  if (!err && (rename(wish->folder, aside) != 0 || !folder_synced(parent))) err = file_failed(cx, aside);
  if (!err) err = fresh_name(cx, wish, fresh, parent);
  if (!err) cx_log(cx, LOG_WARN, "journal: restored from a backup; the old log is closed and a new one begun", LOG_FIELDS({"origin", next}));
  return err;
}

enum err journal_take_up(struct cx *cx, const struct journal_wish *wish, const char **origin)
{
  const char *fresh = arena_print(cx->arena, "%s.new", wish->folder), *parent = dirname(arena_copy(cx->arena, wish->folder));
  bool here = access(wish->folder, F_OK) == 0, between = !here && access(fresh, F_OK) == 0;
  enum err err = between ? fresh_name(cx, wish, fresh, parent) : here ? closed_put_aside(cx, wish, fresh, parent) : OK;
  *origin = NULL;
  return err || (!here && !between) ? err : line_read(cx, wish->folder, "origin", origin);
}

/* ---- The first entry ---- */

struct waiting { pthread_mutex_t lock; pthread_cond_t done; bool over; enum err err; };

static void first_done(void *user, enum err err, int64_t index)
{
  struct waiting *waiting = user;
  pthread_mutex_lock(&waiting->lock);
  waiting->over = true;
  waiting->err = err;
  pthread_cond_signal(&waiting->done);
  pthread_mutex_unlock(&waiting->lock);
}

static enum err append_wait(struct cx *cx, struct journal *journal, const struct evidence *evidence)
{
  struct waiting waiting = {.lock = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER};
  journal_append(journal, evidence, (struct bytes){NULL, 0}, first_done, &waiting);
  pthread_mutex_lock(&waiting.lock);
  while (!waiting.over) pthread_cond_wait(&waiting.done, &waiting.lock);
  pthread_mutex_unlock(&waiting.lock);
  pthread_mutex_destroy(&waiting.lock);
  pthread_cond_destroy(&waiting.done);
  return waiting.err ? cx_fail(cx, waiting.err, NULL, "journal.error.full", NULL) : OK;
}

enum err journal_begin(struct cx *cx, struct journal *journal, const char *folder)
{
  const char *note;
  if (journal_size(journal) > 0) return OK;
  enum err err = small_read(cx, folder, "before", &note);
  if (err || !note) return err;
  const struct evidence evidence = {.kind = "origin", .role = "both", .request_id = random_uuid(cx->arena), .consumer = journal_origin(journal),
    .service = arena_copy_n(cx->arena, note, strcspn(note, "\n")), .at_us = cx_now(cx), .request_base = base64_write(cx->arena, note, strlen(note))};
  return append_wait(cx, journal, &evidence);
}
