/* The forms of a backup, and writing one. */
#include "node/archive_inner.h"

#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 1 << 20, SCRATCH = 1 << 20 };

static const struct field head_fields[] = {
  FIELD(struct archive_head, format, .max = 40, .required = true),
  FIELD(struct archive_head, node, .max = 40, .required = true),
  FIELD(struct archive_head, instance, .max = 40, .required = true),
  FIELD(struct archive_head, made_us, .form = FORM_TIME),
  FIELD(struct archive_head, origin, .max = 1000, .required = true),
  FIELD(struct archive_head, checkpoint, .form = FORM_LINES, .max = 4096),
  FIELD(struct archive_head, with_keys),
  FIELD(struct archive_head, postgres),
};
const struct record_type archive_head_type = RECORD("backup", struct archive_head, head_fields);

static const struct field file_fields[] = {
  FIELD(struct archive_file, path, .max = 100, .required = true),
  FIELD(struct archive_file, size),
  FIELD(struct archive_file, sha256, .max = 64, .required = true),
};
const struct record_type archive_file_type = RECORD("file", struct archive_file, file_fields);

static const struct field end_fields[] = {
  FIELD(struct archive_end, files),
  FIELD(struct archive_end, bytes),
  FIELD(struct archive_end, sha256, .max = 64, .required = true),
};
const struct record_type archive_end_type = RECORD("end", struct archive_end, end_fields);

struct archive {
  char *path, *part;         /* part: a tar while it is written; NULL: a folder */
  int fd;                    /* of the folder, or of the tar */
  FILE *lines;               /* the manifest so far */
  struct arena *scratch;     /* of one file */
  int64_t files, bytes, made_us;
  bool finished;
};

enum err archive_fail(struct cx *cx, const char *path)
{
  int code = errno;
  const char *key = code == ENOSPC || code == EDQUOT ? "error.storage_full" : "node.error.file";
  return cx_fail(cx, code == ENOENT ? ERR_NOT_FOUND : code == EEXIST ? ERR_CONFLICT : ERR_STORAGE, NULL, key, "path", path, "cause", strerror(code), NULL);
}

enum err archive_damaged(struct cx *cx, const char *what)
{
  return cx_fail(cx, ERR_INPUT, NULL, "node.backup.damaged", "what", what, NULL);
}

bool archive_name_good(const char *name)
{
  static const char signs[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/";
  size_t size = strlen(name);
  if (size == 0 || size > 100 || strspn(name, signs) != size || name[size - 1] == '/') return false;
  return name[0] != '.' && name[0] != '/' && !strstr(name, "//") && !strstr(name, "/.");
}

/* ---- tar ---- */

/* Octal where it fits; over 8 GiB as a binary number, marked by its first bit. */
static void tar_number(uint8_t *out, size_t room, int64_t number)
{
  bool octal = number >> (3 * (room - 1)) == 0;
  if (octal) snprintf((char *)out, room, "%0*llo", (int)room - 1, (unsigned long long)number);
  for (size_t i = room; !octal && i-- > 0; number >>= 8) out[i] = (uint8_t)(number & 0xff);
  if (!octal) out[0] = 0x80;
}

static unsigned tar_sum(const uint8_t block[TAR_BLOCK])
{
  unsigned sum = 0;
  for (int i = 0; i < TAR_BLOCK; i++) sum += i >= 148 && i < 156 ? ' ' : block[i];
  return sum;
}

void tar_header_write(uint8_t block[TAR_BLOCK], const char *name, int64_t size, int64_t made_us)
{
  memset(block, 0, TAR_BLOCK);
  memcpy(block, name, strlen(name));
  tar_number(block + 100, 8, 0600);
  tar_number(block + 108, 8, 0);
  tar_number(block + 116, 8, 0);
  tar_number(block + 124, 12, size);
  tar_number(block + 136, 12, made_us / SECOND_US);
  block[156] = '0';
  memcpy(block + 257, "ustar\00000", 8);
  snprintf((char *)block + 148, 8, "%06o", tar_sum(block));
  block[155] = ' ';
}

static bool tar_number_read(const uint8_t *text, size_t room, int64_t *out)
{
  uint64_t number = 0;
  bool binary = text[0] == 0x80;
  for (size_t i = binary; i < room && (binary || text[i]); i++) {
    if (!binary && (text[i] < '0' || text[i] > '7')) return false;
    number = binary ? number << 8 | text[i] : number << 3 | (uint64_t)(text[i] - '0');
    if (number > INT64_MAX >> 8) return false;
  }
  *out = (int64_t)number;
  return true;
}

bool tar_header_read(const uint8_t block[TAR_BLOCK], char name[101], int64_t *size)
{
  char *end;
  char sum[8] = {0};
  memcpy(sum, block + 148, 6);
  memcpy(name, block, 100);
  name[100] = '\0';
  bool good = memcmp(block + 257, "ustar", 6) == 0 && block[156] == '0' && block[345] == 0;
  return good && strtoul(sum, &end, 8) == tar_sum(block) && *end == '\0' && tar_number_read(block + 124, 12, size) && archive_name_good(name);
}

/* ---- Copying ---- */

static bool put_all(int fd, const uint8_t *data, size_t size)
{
  while (size > 0) {
    ssize_t put = write(fd, data, size);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    data += put;
    size -= (size_t)put;
  }
  return true;
}

/* false: errno says why; a source that ends early is EIO. */
static bool copy_hashed(int from, int64_t offset, int64_t *size, int to, EVP_MD_CTX *digest, uint8_t *chunk)
{
  int64_t done = 0;
  while (*size < 0 || done < *size) {
    size_t want = *size < 0 || *size - done > CHUNK ? CHUNK : (size_t)(*size - done);
    ssize_t got = pread(from, chunk, want, offset + done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) break;
    if (EVP_DigestUpdate(digest, chunk, (size_t)got) != 1) abort();
    if (to >= 0 && !put_all(to, chunk, (size_t)got)) return false;
    done += got;
  }
  errno = EIO;
  bool whole = *size < 0 || done == *size;
  *size = done;
  return whole;
}

enum err archive_copy(struct cx *cx, int from, int64_t offset, int64_t *size, int to, char sha256[65])
{
  EVP_MD_CTX *digest = EVP_MD_CTX_new();
  uint8_t hash[32], *chunk = malloc(CHUNK);
  if (!digest || !chunk || EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1) abort();
  bool good = copy_hashed(from, offset, size, to, digest, chunk);
  int code = errno;
  if (EVP_DigestFinal_ex(digest, hash, NULL) != 1) abort();
  EVP_MD_CTX_free(digest);
  free(chunk);
  memcpy(sha256, hex_write(cx->arena, hash, sizeof hash), 2 * sizeof hash + 1);
  errno = code;
  return good ? OK : ERR_STORAGE;
}

/* ---- Creating ---- */

static char *copied(const char *text)
{
  char *copy = strdup(text);
  if (!copy) abort();
  return copy;
}

static bool is_tar(const char *path)
{
  size_t size = strlen(path);
  return size > 4 && text_equal(path + size - 4, ".tar");
}

enum err archive_create(struct cx *cx, const char *to, struct archive **out)
{
  bool tar = is_tar(to);
  const char *part = arena_print(cx->arena, "%s.part", to);
  if (access(to, F_OK) == 0) return cx_fail(cx, ERR_CONFLICT, NULL, "node.backup.exists", "path", to, NULL);
  if (!tar && mkdir(to, 0700) != 0) return archive_fail(cx, to);
  int fd = tar ? open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return archive_fail(cx, tar ? part : to);
  struct archive *archive = calloc(1, sizeof *archive);
  if (!archive) abort();
  *archive = (struct archive){.path = copied(to), .part = tar ? copied(part) : NULL, .fd = fd, .lines = tmpfile(), .scratch = arena_new(SCRATCH), .made_us = cx_now(cx)};
  *out = archive;
  return archive->lines ? OK : archive_fail(cx, to);
}

int64_t archive_file_count(const struct archive *archive) { return archive->files; }
int64_t archive_bytes(const struct archive *archive) { return archive->bytes; }

void archive_close(struct archive *archive)
{
  if (!archive) return;
  if (archive->part && !archive->finished) unlink(archive->part);
  if (archive->lines) fclose(archive->lines);
  close(archive->fd);
  arena_free(archive->scratch);
  free(archive->path);
  free(archive->part);
  free(archive);
}

/* ---- Adding ---- */

static bool folders_make(int folder, const char *name)
{
  char path[101];
  for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
    memcpy(path, name, (size_t)(slash - name));
    path[slash - name] = '\0';
    if (mkdirat(folder, path, 0700) != 0 && errno != EEXIST) return false;
  }
  return true;
}

static enum err add_to_folder(struct cx *cx, struct archive *archive, struct archive_file *file, int from, char hash[65])
{
  int to = folders_make(archive->fd, file->path) ? openat(archive->fd, file->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
  if (to < 0) return archive_fail(cx, file->path);
  bool good = archive_copy(cx, from, 0, &file->size, to, hash) == OK && fsync(to) == 0;
  enum err err = good ? OK : archive_fail(cx, file->path);
  close(to);
  return err;
}

/* The header says the size before the content is there: so the size must be known, and the content hold to it. */
static enum err add_to_tar(struct cx *cx, struct archive *archive, struct archive_file *file, int from, char hash[65])
{
  static const uint8_t zeros[TAR_BLOCK];
  uint8_t header[TAR_BLOCK];
  struct stat info;
  if (file->size < 0 && fstat(from, &info) == 0) file->size = info.st_size;
  tar_header_write(header, file->path, file->size, archive->made_us);
  size_t rest = (size_t)(-file->size & (TAR_BLOCK - 1));
  bool good = file->size >= 0 && put_all(archive->fd, header, sizeof header) && archive_copy(cx, from, 0, &file->size, archive->fd, hash) == OK;
  return good && put_all(archive->fd, zeros, rest) ? OK : archive_fail(cx, file->path);
}

static enum err add_open(struct cx *cx, struct archive *archive, struct archive_file *file, int from, bool listed)
{
  char hash[65];
  enum err err = archive->part ? add_to_tar(cx, archive, file, from, hash) : add_to_folder(cx, archive, file, from, hash);
  if (err || !listed) return err;
  struct buffer line;
  buffer_init(&line, cx->arena);
  file->sha256 = hash;
  record_write_json(&line, &archive_file_type, file);
  archive->files++;
  archive->bytes += file->size;
  return fprintf(archive->lines, "%s\n", buffer_string(&line)) > 0 ? OK : archive_fail(cx, file->path);
}

/* In a context of its own, so that a million files need no more memory than one. */
static enum err add_from(struct cx *cx, struct archive *archive, const char *name, int from, int64_t size, bool listed)
{
  struct cx own = {.arena = archive->scratch, .clock = cx->clock, .log = cx->log, .language = cx->language, .request_id = cx->request_id};
  struct archive_file file = {.path = name, .size = size};
  enum err err = archive_name_good(name) ? add_open(&own, archive, &file, from, listed) : cx_fail(&own, ERR_INPUT, NULL, "node.backup.name", "name", name, NULL);
  cx_take_problems(cx, &own);
  arena_reset(archive->scratch);
  return err;
}

enum err archive_add(struct cx *cx, struct archive *archive, const char *name, const char *source, int64_t size)
{
  int from = open(source, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (from < 0) return archive_fail(cx, source);
  enum err err = add_from(cx, archive, name, from, size, true);
  close(from);
  return err;
}

static enum err add_stream(struct cx *cx, struct archive *archive, const char *name, FILE *stream, bool listed)
{
  if (fflush(stream) != 0) return archive_fail(cx, name);
  return add_from(cx, archive, name, fileno(stream), -1, listed);
}

enum err archive_add_text(struct cx *cx, struct archive *archive, const char *name, const char *text)
{
  FILE *stream = tmpfile();
  if (!stream) return archive_fail(cx, name);
  enum err err = fputs(text, stream) >= 0 ? add_stream(cx, archive, name, stream, true) : archive_fail(cx, name);
  fclose(stream);
  return err;
}

/* ---- Finishing ---- */

/* Head, files, end: the end holds what all before it hash to. */
static enum err manifest_write(struct cx *cx, struct archive *archive, const struct archive_head *head, FILE *manifest)
{
  struct buffer line;
  char hash[65], chunk[16384];
  size_t got;
  buffer_init(&line, cx->arena);
  record_write_json(&line, &archive_head_type, head);
  fprintf(manifest, "%s\n", buffer_string(&line));
  rewind(archive->lines);
  while ((got = fread(chunk, 1, sizeof chunk, archive->lines)) > 0) fwrite(chunk, 1, got, manifest);
  if (ferror(archive->lines) || fflush(manifest) != 0) return archive_fail(cx, MANIFEST);
  int64_t size = -1;
  if (archive_copy(cx, fileno(manifest), 0, &size, -1, hash)) return archive_fail(cx, MANIFEST);
  const struct archive_end end = {archive->files, archive->bytes, hash};
  struct buffer last;
  buffer_init(&last, cx->arena);
  record_write_json(&last, &archive_end_type, &end);
  fprintf(manifest, "%s\n", buffer_string(&last));
  return ferror(manifest) ? archive_fail(cx, MANIFEST) : OK;
}

/* All folders are synced before the manifest says that they are whole. */
static enum err settle(struct cx *cx, struct archive *archive)
{
  static const uint8_t zeros[2 * TAR_BLOCK];
  const char *parent = dirname(arena_copy(cx->arena, archive->path));
  bool good = !archive->part || put_all(archive->fd, zeros, sizeof zeros);
  good = good && (archive->part ? fsync(archive->fd) : syncfs(archive->fd)) == 0;
  if (good && archive->part) good = renameat2(AT_FDCWD, archive->part, AT_FDCWD, archive->path, RENAME_NOREPLACE) == 0;
  int fd = good ? open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  good = fd >= 0 && fsync(fd) == 0;
  enum err err = good ? OK : archive_fail(cx, archive->path);
  if (fd >= 0) close(fd);
  return err;
}

enum err archive_finish(struct cx *cx, struct archive *archive, const struct archive_head *head)
{
  FILE *manifest = tmpfile();
  if (!manifest) return archive_fail(cx, MANIFEST);
  enum err err = manifest_write(cx, archive, head, manifest);
  if (!err && !archive->part && syncfs(archive->fd) != 0) err = archive_fail(cx, archive->path);
  if (!err) err = add_stream(cx, archive, MANIFEST, manifest, false);
  fclose(manifest);
  if (!err) err = settle(cx, archive);
  archive->finished = !err;
  return err;
}
