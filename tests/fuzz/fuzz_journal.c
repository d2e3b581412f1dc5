/* Fuzzer of the journal's parts on disk: frames among any bytes, sealed entries, and the evidence in them. The first byte chooses. */
#include "fuzz.h"

#include "axis/journal_inner.h"

#include <sys/mman.h>
#include <unistd.h>

/* Any bytes as a log: what is read as a frame is what would be written. */
static void check_log(struct cx *cx, const uint8_t *data, size_t size)
{
  struct journal journal = {.entries_fd = memfd_create("entries", MFD_CLOEXEC)};
  struct frame frame;
  int64_t offset = 0, next = 0;
  assert(journal.entries_fd >= 0 && write(journal.entries_fd, data, size) == (ssize_t)size);
  while (frame_read(cx, &journal, offset, &frame, &next) == OK) {
    struct buffer out;
    buffer_init(&out, cx->arena);
    frame_write(&out, &frame);
    assert(next > offset && next <= (int64_t)size && out.size == (size_t)(next - offset) && memcmp(out.data, data + offset, out.size) == 0);
    offset = next;
  }
  close(journal.entries_fd);
}

/* The bytes as two frames of a log: they are read back, and a torn one is not. */
static void check_frames(struct cx *cx, const uint8_t *data, size_t size)
{
  const size_t half = size / 2;
  const struct frame first = {.index = 0, .durable = 0, .sealed = data, .sealed_size = half};
  const struct frame second = {.index = INT64_MAX, .durable = 1, .sealed = data + half, .sealed_size = size - half};
  struct buffer out;
  struct frame frame;
  int64_t next = 0;
  buffer_init(&out, cx->arena);
  frame_write(&out, &first);
  frame_write(&out, &second);
  struct journal journal = {.entries_fd = memfd_create("entries", MFD_CLOEXEC)};
  assert(journal.entries_fd >= 0 && write(journal.entries_fd, out.data, out.size) == (ssize_t)out.size);
  assert(frame_read(cx, &journal, 0, &frame, &next) == OK && frame.index == 0 && frame.sealed_size == half);
  assert(frame_read(cx, &journal, next, &frame, &next) == OK && frame.index == INT64_MAX && frame.durable == 1);
  assert(frame_read(cx, &journal, next, &frame, &next) == ERR_NOT_FOUND);
  assert(ftruncate(journal.entries_fd, (off_t)out.size - 1) == 0);
  assert(frame_read(cx, &journal, FRAME_HEAD + HASH_SIZE + (int64_t)half, &frame, &next) == ERR_STORAGE);
  close(journal.entries_fd);
  check_log(cx, (const uint8_t *)out.data, out.size);
}

static void check_tampered(struct cx *cx, const struct journal_append *append, uint8_t where, uint8_t what)
{
  struct journal_entry entry;
  struct frame frame = {.content = append->content, .sealed_size = append->sealed_size};
  uint8_t *sealed = arena_alloc(cx->arena, append->sealed_size);
  memcpy(sealed, append->sealed, append->sealed_size);
  sealed[where * append->sealed_size / 256] ^= what ? what : 1;
  frame.sealed = sealed;
  assert(entry_unseal(cx, &frame, append->key, &entry) == ERR_STORAGE);
  cx_reset_problems(cx);
}

/* Record and body come out of their seal as they went in; one byte changed and nothing comes out. */
static void check_seal(struct cx *cx, const uint8_t *data, size_t size)
{
  const char *record = arena_copy_n(cx->arena, data, strnlen((const char *)data, size));
  struct journal_append *append = entry_seal(record, (struct bytes){data, size});
  struct journal_entry entry;
  const struct frame frame = {.content = append->content, .sealed = append->sealed, .sealed_size = append->sealed_size};
  assert(entry_unseal(cx, &frame, append->key, &entry) == OK && text_equal(entry.record, record));
  assert(entry.body.size == size && memcmp(entry.body.data, data, size) == 0 && strlen(entry.salt) == 2 * SALT_SIZE);
  check_tampered(cx, append, data[0], data[size - 1]);
  append_free(append);
  const struct frame bare = {.sealed = data, .sealed_size = size};
  uint8_t key[ENTRY_KEY] = {1};
  assert(entry_unseal(cx, &bare, key, &entry) == ERR_STORAGE);
}

/* There is one form of a record: what is read of it is written as it stands once it has been written. */
static void check_evidence(struct cx *cx, const uint8_t *data, size_t size)
{
  struct evidence evidence, again;
  const char *text = fuzz_text(cx->arena, data, size);
  if (!text) return;
  enum err err = evidence_read(cx, text, &evidence);
  fuzz_judge(cx, err);
  if (err) return;
  const char *written = evidence_write(cx->arena, &evidence);
  assert(evidence_read(cx, written, &again) == OK && text_equal(evidence_write(cx->arena, &again), written));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 2) return 0;
  struct cx *cx = fuzz_cx();
  if (data[0] % 4 == 0) check_log(cx, data + 1, size - 1);
  if (data[0] % 4 == 1) check_frames(cx, data + 1, size - 1);
  if (data[0] % 4 == 2) check_seal(cx, data + 1, size - 1);
  if (data[0] % 4 == 3) check_evidence(cx, data + 1, size - 1);
  cx_free_alone(cx);
  return 0;
}
