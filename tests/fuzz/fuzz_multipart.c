/* Fuzzer of forms with files: the first line is the content type, the rest the body. From memory and from a file, through the
 * window that moves, the same is read; and what is read is clean. */
#include "fuzz.h"

#include "net/http.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static const struct multipart_limits limits = {.parts_max = 20, .value_max = 4096, .spool_folder = "/tmp"};

static struct bytes file_bytes(struct arena *arena, const char *path)
{
  struct buffer out;
  char block[4096];
  ssize_t got;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  assert(fd >= 0);
  buffer_init(&out, arena);
  while ((got = read(fd, block, sizeof block)) > 0) buffer_add(&out, block, (size_t)got);
  close(fd);
  return buffer_bytes(&out);
}

static void check_part(struct arena *arena, const struct http_part *part)
{
  assert(part->name && (part->path == NULL) == (part->file_name == NULL) && (part->value == NULL) == (part->path != NULL));
  if (part->value) assert((int64_t)strlen(part->value) == part->size && part->size <= limits.value_max);
  if (!part->path) return;
  assert(part->file_name[0] && strlen(part->file_name) <= 255 && !strpbrk(part->file_name, "/\\\n\r\t"));
  assert(text_clean(arena, part->file_name, strlen(part->file_name), TEXT_LINE));
  assert((int64_t)file_bytes(arena, part->path).size == part->size);
}

static void check_same(struct arena *arena, const struct http_part *a, const struct http_part *b)
{
  assert(text_equal(a->name, b->name) && text_equal(a->file_name, b->file_name) && text_equal(a->type, b->type));
  assert(text_equal(a->value, b->value) && a->size == b->size);
  if (!a->path) return;
  struct bytes left = file_bytes(arena, a->path), right = file_bytes(arena, b->path);
  assert(left.size == right.size && (left.size == 0 || memcmp(left.data, right.data, left.size) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
  const char *type;
  struct cx *cx = fuzz_cx();
  struct http_parts parts, again;
  int fd = end ? memfd_create("body", MFD_CLOEXEC) : -1;
  if (fd >= 0 && (type = fuzz_text(cx->arena, data, (size_t)(end - data)))) {
    size_t body_size = size - (size_t)(end + 1 - data);
    const struct http_body body = {.data = {end + 1, body_size}, .size = (int64_t)body_size};
    enum err err = multipart_read(cx, type, &body, &limits, &parts);
    fuzz_judge(cx, err);
    for (size_t i = 0; !err && i < parts.count; i++) check_part(cx->arena, &parts.items[i]);
    assert(write(fd, end + 1, body_size) == (ssize_t)body_size);
    const struct http_body file = {.path = arena_print(cx->arena, "/proc/self/fd/%d", fd), .size = (int64_t)body_size};
    cx_reset_problems(cx);
    assert(multipart_read(cx, type, &file, &limits, &again) == err && (err || again.count == parts.count));
    for (size_t i = 0; !err && i < parts.count; i++) check_same(cx->arena, &parts.items[i], &again.items[i]);
  }
  if (fd >= 0) close(fd);
  cx_free_alone(cx);
  return 0;
}
