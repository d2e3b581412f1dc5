/* Fuzzer of a backup's reader. The input is a tar (it begins with 't'), or else the manifest of a folder; where its second byte is 's', the seal of
 * the manifest is put right, as whoever made the backup could have done. It is refused, or each file that it names is there with its size under
 * a name that leads nowhere else; and a second reading is the first. */
#include "fuzz.h"

#include "node/archive_inner.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static const char *path_of(struct arena *arena, const char *name) { return arena_print(arena, "%s/%s", folder, name); }

static void file_put(struct arena *arena, const char *name, struct bytes bytes)
{
  int fd = open(path_of(arena, name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  bool good = fd >= 0 && write(fd, bytes.data, bytes.size) == (ssize_t)bytes.size;
  assert(good);
  close(fd);
}

static void folder_end(void)
{
  struct arena *arena = arena_new(0);
  for (const char *const *name = (const char *const[]){MANIFEST, "x.tar", "a", NULL}; *name; name++) unlink(path_of(arena, *name));
  rmdir(folder);
  arena_free(arena);
}

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
  struct arena *arena = arena_new(0);
  snprintf(folder, sizeof folder, "%s/truc-fuzz-archive-%d", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", (int)getpid());
  if (mkdir(folder, 0700) != 0) abort();
  file_put(arena, "a", fuzz_bytes("abc"));
  arena_free(arena);
  atexit(folder_end);
  return 0;
}

/* The lines, and the line that seals them. */
static struct bytes sealed(struct cx *cx, struct bytes lines)
{
  struct buffer out;
  char hash[65];
  int64_t size = (int64_t)lines.size, files = -1;
  for (size_t i = 0; i < lines.size; i++) files += lines.data[i] == '\n';
  file_put(cx->arena, MANIFEST, lines);
  int fd = open(path_of(cx->arena, MANIFEST), O_RDONLY | O_CLOEXEC);
  if (archive_copy(cx, fd, 0, &size, -1, hash) != OK) abort();
  close(fd);
  const struct archive_end end = {.files = files, .sha256 = hash};
  buffer_init(&out, cx->arena);
  buffer_add(&out, lines.data, lines.size);
  record_write_json(&out, &archive_end_type, &end);
  buffer_char(&out, '\n');
  return buffer_bytes(&out);
}

static void check_file(const struct archive_file *file, int fd, int64_t offset)
{
  struct stat info;
  assert(archive_name_good(file->path) && !strstr(file->path, "..") && file->path[0] != '/');
  assert(file->size >= 0 && offset >= 0 && fstat(fd, &info) == 0 && offset + file->size <= info.st_size);
}

/* How many files there are, or -1 where it ends badly. */
static int files_read(struct cx *cx, struct archive_reader *reader)
{
  struct archive_file file;
  int64_t offset;
  int fd, count = 0;
  enum err err;
  while ((err = archive_next(cx, reader, &file, &fd, &offset)) == OK) {
    check_file(&file, fd, offset);
    close(fd);
    count++;
  }
  assert(err == ERR_NOT_FOUND || (err == ERR_INPUT && cx->problems.count > 0));
  return err == ERR_NOT_FOUND ? count : -1;
}

static void check_reader(struct cx *cx, const char *from)
{
  struct archive_reader *reader = NULL;
  enum err err = archive_open(cx, from, &reader);
  fuzz_judge(cx, err);
  assert(err == OK || err == ERR_INPUT);
  if (err) return;
  assert(text_equal(archive_head(reader)->format, ARCHIVE_FORMAT));
  int first = files_read(cx, reader);
  archive_rewind(reader);
  assert(files_read(cx, reader) == first);
  archive_rewind(reader);
  cx_reset_problems(cx);
  err = archive_verify(cx, reader);
  fuzz_judge(cx, err);
  assert(err == OK || err == ERR_INPUT || err == ERR_STORAGE);
  if (err == OK) assert(first >= 0);
  archive_reader_close(reader);
}

static void check_header(const uint8_t *data, size_t size)
{
  uint8_t block[TAR_BLOCK], again[TAR_BLOCK];
  char name[101], name_again[101];
  int64_t length, length_again;
  if (size < TAR_BLOCK) return;
  memcpy(block, data, TAR_BLOCK);
  if (!tar_header_read(block, name, &length)) return;
  assert(length >= 0);
  tar_header_write(again, name, length, 0);
  assert(tar_header_read(again, name_again, &length_again) && length_again == length && text_equal(name_again, name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 2) return 0;
  struct cx *cx = fuzz_cx();
  bool tar = data[0] == 't';
  struct bytes bytes = {data + 2, size - 2};
  if (data[1] == 's' && !tar) bytes = sealed(cx, bytes);
  file_put(cx->arena, tar ? "x.tar" : MANIFEST, bytes);
  if (tar) check_header(bytes.data, bytes.size);
  check_reader(cx, tar ? path_of(cx->arena, "x.tar") : folder);
  cx_free_alone(cx);
  return 0;
}
