/* Files by content. A file is first whole and synced under a temporary name in the store's own folder, then renamed to
 * its hash: a name that exists has its content, whatever moment the machine was switched off. */
#include "store/files.h"

#include "base/text.h"
#include "store/engine.h"
#include "store/sync.h"
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <magic.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The beginning of a file that its type is decided by. */
enum { CHUNK = 64 << 10, HASH_SIZE = 32, HASH_TEXT = 64 };

struct files {
  char *folder;
  struct scanner *scanner; /* NULL: nothing is scanned */
  pthread_mutex_t mutex;   /* over what follows; libmagic's handle is for one thread at a time */
  magic_t magic;
  bool made[256];          /* folders known to be there, and synced */
};

/* A temporary file that is being taken in; unlinked unless it got its name. */
struct incoming { const char *path; int fd; int64_t size; uint8_t *head; size_t head_size; const char *hash; };

/* ---- Opening ---- */

/* Held by whoever writes it, and only so long: several processes may share the folder. */
static bool incoming_held(int folder, const char *name)
{
  int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  bool held = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0;
  if (fd >= 0) close(fd);
  return held;
}

/* What a crash left unfinished has no name in anybody's records: it is removed. */
static void incoming_clean(const char *folder)
{
  DIR *directory = opendir(folder);
  if (!directory) return;
  for (const struct dirent *entry; (entry = readdir(directory));)
    if (entry->d_name[0] != '.' && !incoming_held(dirfd(directory), entry->d_name)) unlinkat(dirfd(directory), entry->d_name, 0);
  closedir(directory);
}

enum err files_open(struct cx *cx, const char *folder, struct files **out)
{
  const char *incoming = arena_print(cx->arena, "%s/incoming", folder);
  enum err err = folder_make(cx, folder);
  if (!err) err = folder_make(cx, incoming);
  if (err) return err;
  incoming_clean(incoming);
  magic_t magic = magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_TAR);
  if (!magic || magic_load(magic, NULL)) {
    err = engine_fail(cx, &(struct fault){.err = ERR_STORAGE, .key = "store.error.magic", .what = "libmagic", .code = "", .message = magic ? magic_error(magic) : ""});
    if (magic) magic_close(magic);
    return err;
  }
  struct files *files = calloc(1, sizeof *files);
  if (!files) abort();
  files->folder = strdup(folder);
  if (!files->folder) abort();
  files->magic = magic;
  pthread_mutex_init(&files->mutex, NULL);
  *out = files;
  return OK;
}

void files_close(struct files *files)
{
  if (!files) return;
  magic_close(files->magic);
  pthread_mutex_destroy(&files->mutex);
  free(files->folder);
  free(files);
}

void files_scan_with(struct files *files, struct scanner *scanner)
{
  files->scanner = scanner;
}

/* ---- Looking at content ---- */

/* The SHA-256 of a file from its beginning, read to its end or to one byte over most. Fills size and head when wanted. */
static enum err content_read(struct cx *cx, int fd, int64_t most, struct incoming *out)
{
  EVP_MD_CTX *digest = EVP_MD_CTX_new();
  uint8_t *chunk = arena_alloc(cx->arena, CHUNK), hash[HASH_SIZE];
  bool good = digest && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1;
  ssize_t got = 1;
  while (good && got > 0 && out->size <= most) {
    got = pread(fd, chunk, CHUNK, out->size);
    if (got > 0 && out->size == 0) out->head = (uint8_t *)arena_copy_n(cx->arena, chunk, out->head_size = (size_t)got);
    if (got > 0) good = EVP_DigestUpdate(digest, chunk, (size_t)got) == 1;
    if (got > 0) out->size += got;
  }
  if (good) good = EVP_DigestFinal_ex(digest, hash, NULL) == 1;
  EVP_MD_CTX_free(digest);
  if (got < 0) return disk_fail(cx, "read file");
  assert(good);
  out->hash = hex_write(cx->arena, hash, sizeof hash);
  return OK;
}

static enum err type_check(struct cx *cx, struct files *files, const struct incoming *incoming, const struct file_limits *limits, const char **type)
{
  pthread_mutex_lock(&files->mutex);
  const char *found = magic_buffer(files->magic, incoming->head ? incoming->head : (const uint8_t *)"", incoming->head_size);
  *type = arena_copy(cx->arena, found ? found : "application/octet-stream");
  pthread_mutex_unlock(&files->mutex);
  for (const char *const *each = limits->types; *each; each++)
    if (text_equal(*each, *type)) return OK;
  return cx_fail(cx, ERR_TYPE, NULL, "error.file_type", "type", *type, NULL);
}

static enum err incoming_check(struct cx *cx, struct files *files, struct incoming *incoming, const struct file_limits *limits, const char **type)
{
  struct stat status;
  if (fstat(incoming->fd, &status)) return disk_fail(cx, "look at file");
  assert(S_ISREG(status.st_mode));
  enum err err = status.st_size > limits->size_max ? OK : content_read(cx, incoming->fd, limits->size_max, incoming);
  if (err) return err;
  if (status.st_size > limits->size_max || incoming->size > limits->size_max)
    return cx_fail(cx, ERR_TOO_LARGE, NULL, "error.file_large", "megabytes", arena_print(cx->arena, "%lld", (long long)(limits->size_max >> 20)), NULL);
  return type_check(cx, files, incoming, limits, type);
}

static enum err incoming_scan(struct cx *cx, struct files *files, const struct incoming *incoming, const char **finding)
{
  if (!files->scanner) return OK;
  enum err err = scanner_scan(cx, files->scanner, incoming->fd, incoming->size, finding);
  return err || !*finding ? err : cx_fail(cx, ERR_INPUT, NULL, "error.file_infected", "finding", *finding, NULL);
}

/* ---- Names ---- */

/* folder/ab/abcd…: 256 folders keep each small. */
static const char *hash_path(struct cx *cx, const struct files *files, const char *hash)
{
  return arena_print(cx->arena, "%s/%.2s/%s", files->folder, hash, hash);
}

static bool hash_good(const char *hash)
{
  return hash && strlen(hash) == HASH_TEXT && strspn(hash, "0123456789abcdef") == HASH_TEXT;
}

static enum err write_all(struct cx *cx, int fd, const uint8_t *data, size_t size)
{
  while (size > 0) {
    ssize_t put = write(fd, data, size);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return disk_fail(cx, "write file");
    data += put;
    size -= (size_t)put;
  }
  return OK;
}

static enum err incoming_create(struct cx *cx, const struct files *files, struct incoming *out)
{
  *out = (struct incoming){.path = arena_print(cx->arena, "%s/incoming/%s", files->folder, random_uuid(cx->arena))};
  out->fd = open(out->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (out->fd < 0) return disk_fail(cx, "create file");
  (void)flock(out->fd, LOCK_EX); /* nobody else has it; where there are no locks, nobody is told */
  return OK;
}

/* An upload lies on another file system: it is copied in, and goes on as if it had been written here. */
static enum err incoming_copy(struct cx *cx, const struct files *files, struct incoming *incoming)
{
  struct incoming copy;
  enum err err = incoming_create(cx, files, &copy);
  if (err) return err;
  uint8_t *chunk = arena_alloc(cx->arena, CHUNK);
  for (int64_t at = 0; !err && at < incoming->size;) {
    ssize_t got = pread(incoming->fd, chunk, CHUNK, at);
    err = got > 0 ? write_all(cx, copy.fd, chunk, (size_t)got) : disk_fail(cx, "copy file");
    at += got;
  }
  unlink(incoming->path);
  close(incoming->fd);
  incoming->path = copy.path;
  incoming->fd = copy.fd;
  return err;
}

/* A file is not safe in a folder that is not: one found standing may have been made a moment ago, and not be synced. */
static enum err hash_folder_make(struct cx *cx, struct files *files, const char *hash)
{
  const char *path = arena_print(cx->arena, "%s/%.2s", files->folder, hash);
  unsigned long number = strtoul(arena_copy_n(cx->arena, hash, 2), NULL, 16);
  enum err err = OK;
  pthread_mutex_lock(&files->mutex);
  if (!files->made[number]) {
    err = folder_make(cx, path);
    files->made[number] = !err;
  }
  pthread_mutex_unlock(&files->mutex);
  return err;
}

/* The same content may be there: it is replaced, so that a damaged file is healed by whoever still has it. */
static enum err incoming_name(struct cx *cx, struct files *files, struct incoming *incoming)
{
  const char *path = hash_path(cx, files, incoming->hash);
  enum err err = hash_folder_make(cx, files, incoming->hash);
  if (!err && fchmod(incoming->fd, 0400)) err = disk_fail(cx, "protect file");
  if (!err && fsync(incoming->fd)) err = disk_fail(cx, "sync file");
  if (!err) err = file_name(cx, incoming->path, path);
  if (!err) incoming->path = NULL;
  return err;
}

static bool elsewhere(const struct files *files, int fd)
{
  struct stat file, folder;
  return fstat(fd, &file) == 0 && stat(files->folder, &folder) == 0 && file.st_dev != folder.st_dev;
}

static enum err incoming_take(struct cx *cx, struct files *files, struct incoming *incoming, const struct file_limits *limits, struct file_info *out)
{
  const char *type = NULL, *finding = NULL;
  enum err err = incoming_check(cx, files, incoming, limits, &type);
  if (!err) err = incoming_scan(cx, files, incoming, &finding);
  if (!err && elsewhere(files, incoming->fd)) err = incoming_copy(cx, files, incoming);
  if (!err) err = incoming_name(cx, files, incoming);
  if (incoming->path) unlink(incoming->path);
  close(incoming->fd);
  if (!err || finding) *out = (struct file_info){incoming->hash, type, incoming->size, finding};
  return err;
}

enum err file_take(struct cx *cx, struct files *files, const char *temporary, const struct file_limits *limits, struct file_info *out)
{
  struct incoming incoming = {.path = temporary, .fd = open(temporary, O_RDWR | O_CLOEXEC | O_NOFOLLOW)};
  if (incoming.fd < 0) return disk_fail(cx, "open upload");
  return incoming_take(cx, files, &incoming, limits, out);
}

enum err file_put(struct cx *cx, struct files *files, struct bytes content, const struct file_limits *limits, struct file_info *out)
{
  struct incoming incoming;
  enum err err = incoming_create(cx, files, &incoming);
  if (err) return err;
  err = write_all(cx, incoming.fd, content.data, content.size);
  if (!err) return incoming_take(cx, files, &incoming, limits, out);
  close(incoming.fd);
  unlink(incoming.path);
  return err;
}

/* ---- Reading ---- */

enum err file_read(struct cx *cx, struct files *files, const char *hash, int *fd, int64_t *size)
{
  struct stat status;
  if (!hash_good(hash)) return ERR_NOT_FOUND;
  int found = open(hash_path(cx, files, hash), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (found < 0) return errno == ENOENT ? ERR_NOT_FOUND : disk_fail(cx, "open file");
  if (fstat(found, &status)) {
    close(found);
    return disk_fail(cx, "look at file");
  }
  *fd = found;
  *size = status.st_size;
  return OK;
}

enum err file_verify(struct cx *cx, struct files *files, const char *hash)
{
  int fd;
  int64_t size;
  struct incoming seen = {0};
  enum err err = file_read(cx, files, hash, &fd, &size);
  if (err) return err;
  err = content_read(cx, fd, size, &seen);
  close(fd);
  if (err || text_equal(seen.hash, hash)) return err;
  return engine_fail(cx, &(struct fault){.err = ERR_STORAGE, .key = "store.error.file_damaged", .what = "verify file", .code = "", .message = hash});
}
