/* Reading a backup. The manifest's last line seals it; each file then stands where the manifest says it does, or the backup is refused. */
#include "node/archive_inner.h"

#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_MAX_SIZE = 16384, SCRATCH = 1 << 20 };

struct archive_reader {
  int fd;                    /* the folder, or the tar */
  bool tar;
  int64_t cursor;            /* in the tar: the next header */
  FILE *manifest;            /* stands before the next file's line */
  int64_t manifest_from;     /* where the manifest begins in its file */
  int64_t files_from;        /* where its files' lines begin, from there */
  int64_t files, read;
  struct arena *arena;       /* of head */
  struct arena *scratch;     /* of one line */
  struct archive_head head;
};

const struct archive_head *archive_head(const struct archive_reader *reader) { return &reader->head; }

void archive_reader_close(struct archive_reader *reader)
{
  if (!reader) return;
  if (reader->manifest) fclose(reader->manifest);
  if (reader->fd >= 0) close(reader->fd);
  arena_free(reader->arena);
  arena_free(reader->scratch);
  free(reader);
}

void archive_rewind(struct archive_reader *reader)
{
  fseeko(reader->manifest, reader->manifest_from + reader->files_from, SEEK_SET);
  reader->read = 0;
  reader->cursor = 0;
}

/* ---- In a tar ---- */

static bool tar_next(struct archive_reader *reader, char name[101], int64_t *offset, int64_t *size)
{
  uint8_t header[TAR_BLOCK];
  struct stat info;
  bool good = fstat(reader->fd, &info) == 0 && pread(reader->fd, header, sizeof header, reader->cursor) == TAR_BLOCK && tar_header_read(header, name, size);
  if (!good || *size > info.st_size - reader->cursor - TAR_BLOCK) return false;
  *offset = reader->cursor + TAR_BLOCK;
  reader->cursor = *offset + *size + (-*size & (TAR_BLOCK - 1));
  return true;
}

static bool tar_manifest(struct archive_reader *reader, int64_t *offset, int64_t *size)
{
  char name[101] = "";
  while (tar_next(reader, name, offset, size))
    if (text_equal(name, MANIFEST)) return true;
  return false;
}

/* ---- The manifest ---- */

static bool line_read(struct cx *cx, FILE *stream, const char **line)
{
  char *text = arena_alloc(cx->arena, LINE_MAX_SIZE);
  if (!fgets(text, LINE_MAX_SIZE, stream)) return false;
  size_t size = strlen(text);
  if (size == 0 || text[size - 1] != '\n') return false;
  text[size - 1] = '\0';
  *line = text;
  return true;
}

static bool record_of(struct cx *cx, const struct record_type *type, const char *line, void *record)
{
  bool good = record_read_json(cx, type, (struct bytes){(const uint8_t *)line, strlen(line)}, record) == OK;
  cx_reset_problems(cx);
  return good;
}

/* Where the last of its lines begins: it is short. */
static bool last_line(struct cx *cx, int fd, int64_t from, int64_t size, int64_t *at, const char **line)
{
  char tail[512];
  size_t want = size < (int64_t)sizeof tail ? (size_t)size : sizeof tail;
  if (size < 2 || pread(fd, tail, want, from + size - (int64_t)want) != (ssize_t)want || tail[want - 1] != '\n') return false;
  size_t start = want - 1;
  while (start > 0 && tail[start - 1] != '\n') start--;
  *at = size - (int64_t)(want - start);
  *line = arena_copy_n(cx->arena, tail + start, want - 1 - start);
  return start > 0;
}

static enum err seal_check(struct cx *cx, struct archive_reader *reader, int64_t size)
{
  struct archive_end end;
  const char *line;
  char hash[65];
  int64_t at;
  int fd = fileno(reader->manifest);
  bool good = last_line(cx, fd, reader->manifest_from, size, &at, &line) && record_of(cx, &archive_end_type, line, &end);
  good = good && archive_copy(cx, fd, reader->manifest_from, &at, -1, hash) == OK && text_equal(hash, end.sha256);
  if (!good) return archive_damaged(cx, MANIFEST);
  reader->files = end.files;
  return OK;
}

static enum err head_read(struct cx *cx, struct archive_reader *reader)
{
  const char *line;
  fseeko(reader->manifest, reader->manifest_from, SEEK_SET);
  struct cx own = {.arena = reader->arena, .clock = cx->clock, .language = cx->language, .request_id = cx->request_id};
  bool good = line_read(&own, reader->manifest, &line);
  if (good) reader->files_from = (int64_t)strlen(line) + 1;
  good = good && record_of(&own, &archive_head_type, line, &reader->head);
  if (!good) return archive_damaged(cx, MANIFEST);
  if (!text_equal(reader->head.format, ARCHIVE_FORMAT)) return cx_fail(cx, ERR_INPUT, NULL, "node.backup.format", "format", reader->head.format, NULL);
  return OK;
}

static enum err manifest_open(struct cx *cx, struct archive_reader *reader, const char *from)
{
  int64_t size = 0;
  struct stat info;
  if (reader->tar && !tar_manifest(reader, &reader->manifest_from, &size)) return cx_fail(cx, ERR_INPUT, NULL, "node.backup.unfinished", "path", from, NULL);
  int fd = reader->tar ? dup(reader->fd) : openat(reader->fd, MANIFEST, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return cx_fail(cx, ERR_INPUT, NULL, "node.backup.unfinished", "path", from, NULL);
  reader->manifest = fdopen(fd, "r");
  if (!reader->manifest) abort();
  if (!reader->tar && fstat(fd, &info) == 0) size = info.st_size;
  enum err err = seal_check(cx, reader, size);
  if (!err) err = head_read(cx, reader);
  if (!err) archive_rewind(reader);
  return err;
}

enum err archive_open(struct cx *cx, const char *from, struct archive_reader **out)
{
  struct stat info;
  int fd = open(from, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &info) != 0) return archive_fail(cx, from);
  struct archive_reader *reader = calloc(1, sizeof *reader);
  if (!reader) abort();
  *reader = (struct archive_reader){.fd = fd, .tar = S_ISREG(info.st_mode), .arena = arena_new(SCRATCH), .scratch = arena_new(SCRATCH)};
  enum err err = manifest_open(cx, reader, from);
  if (!err) *out = reader;
  else archive_reader_close(reader);
  return err;
}

/* ---- Files ---- */

static bool place_find(struct archive_reader *reader, const struct archive_file *file, int *fd, int64_t *offset)
{
  char name[101] = "";
  struct stat info;
  int64_t size = -1;
  *offset = 0;
  if (reader->tar) {
    if (!tar_next(reader, name, offset, &size) || !text_equal(name, file->path) || size != file->size) return false;
    *fd = dup(reader->fd);
    return *fd >= 0;
  }
  *fd = openat(reader->fd, file->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (*fd >= 0 && fstat(*fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size == file->size) return true;
  if (*fd >= 0) close(*fd);
  return false;
}

enum err archive_next(struct cx *cx, struct archive_reader *reader, struct archive_file *file, int *fd, int64_t *offset)
{
  const char *line;
  arena_reset(reader->scratch);
  struct cx own = {.arena = reader->scratch, .clock = cx->clock, .language = cx->language, .request_id = cx->request_id};
  if (reader->read == reader->files) return ERR_NOT_FOUND;
  bool good = line_read(&own, reader->manifest, &line) && record_of(&own, &archive_file_type, line, file);
  if (!good || !archive_name_good(file->path) || file->size < 0) return archive_damaged(cx, MANIFEST);
  reader->read++;
  return place_find(reader, file, fd, offset) ? OK : archive_damaged(cx, file->path);
}

static enum err file_compare(struct cx *cx, const struct archive_file *file, int fd, int64_t offset)
{
  char hash[65];
  int64_t size = file->size;
  if (archive_copy(cx, fd, offset, &size, -1, hash)) return archive_fail(cx, file->path);
  return text_equal(hash, file->sha256) ? OK : archive_damaged(cx, file->path);
}

enum err archive_verify(struct cx *cx, struct archive_reader *reader)
{
  struct archive_file file;
  int fd;
  int64_t offset;
  enum err err;
  archive_rewind(reader);
  while (!(err = archive_next(cx, reader, &file, &fd, &offset))) {
    err = file_compare(cx, &file, fd, offset);
    close(fd);
    if (err) return err;
  }
  archive_rewind(reader);
  return err == ERR_NOT_FOUND ? OK : err;
}
