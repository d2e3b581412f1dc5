/* The evidence journal: opening, appending, reading, erasing. Read journal_inner.h for its files first. */
#include "axis/journal_inner.h"

#include "axis/path.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { RESERVE = 64 << 20, ROOM_MIN = 512 << 10 };

/* As typed (FORM_LINES): what was signed must read back byte by byte. */
#define TEXT(member, most) FIELD(struct evidence, member, .form = FORM_LINES, .max = (most))
static const struct field evidence_fields[] = {
  TEXT(kind, 20), TEXT(role, 20), TEXT(request_id, 300), TEXT(exchange_id, 100), TEXT(consumer, AXIS_NAME_MAX), TEXT(service, AXIS_NAME_MAX),
  TEXT(method, 20), TEXT(target, 20000), TEXT(purpose, 300), TEXT(user, 1000),
  FIELD(struct evidence, at_us), FIELD(struct evidence, status), TEXT(axis_error, 200),
  TEXT(request_body_sha256, 64), TEXT(answer_body_sha256, 64),
  TEXT(request_input, 60000), TEXT(request_signature, 2000), TEXT(request_base, 200000), TEXT(request_signer, 64),
  TEXT(answer_input, 60000), TEXT(answer_signature, 2000), TEXT(answer_base, 200000), TEXT(answer_signer, 64),
  TEXT(directory, 300),
};
#undef TEXT
const struct record_type evidence_type = RECORD("evidence", struct evidence, evidence_fields);

/* What is not there is written as empty text: one form only. */
static void texts_fill(const struct record_type *type, void *record)
{
  for (size_t i = 0; i < type->field_count; i++) {
    const char **text = (const char **)((char *)record + type->fields[i].offset);
    if (type->fields[i].type == FIELD_TEXT && !*text) *text = "";
  }
}

const char *evidence_write(struct arena *arena, const struct evidence *evidence)
{
  struct evidence whole = *evidence;
  struct buffer out;
  buffer_init(&out, arena);
  texts_fill(&evidence_type, &whole);
  record_write_json(&out, &evidence_type, &whole);
  return buffer_string(&out);
}

enum err evidence_read(struct cx *cx, const char *record, struct evidence *out)
{
  enum err err = record_read_json(cx, &evidence_type, (struct bytes){(const uint8_t *)record, strlen(record)}, out);
  if (err) return err;
  texts_fill(&evidence_type, out);
  return OK;
}

/* ---- Open and close ---- */
static void journal_init(struct journal *journal, const struct journal_wish *wish)
{
  journal->arena = arena_new(1 << 20);
  journal->folder = arena_copy(journal->arena, wish->folder);
  journal->key_name = arena_copy(journal->arena, wish->key_name);
  journal->keys = wish->keys;
  journal->reserve = wish->reserve ? wish->reserve : RESERVE;
  if (journal->reserve < 4 * ROOM_MIN) journal->reserve = 4 * ROOM_MIN;
  journal->entries_fd = journal->keys_fd = journal->tree_fd = journal->entries_ahead.fd = journal->keys_ahead.fd = -1;
  journal->last = &journal->first;
  pthread_mutex_init(&journal->lock, NULL);
  clock_condition_init(&journal->wake);
  clock_condition_init(&journal->seal);
  clock_condition_init(&journal->grown);
}

static enum err journal_key(struct cx *cx, struct journal *journal)
{
  struct bytes key;
  enum err err = keys_make(cx, journal->keys, journal->key_name, KEY_P256);
  if (!err) err = keys_public(cx, journal->keys, journal->key_name, &key);
  if (!err) journal->public_key = (struct bytes){(uint8_t *)arena_copy_n(journal->arena, key.data, key.size), key.size};
  return err;
}

enum err journal_open(struct cx *cx, const struct journal_wish *wish, struct journal **out)
{
  struct journal *journal = calloc(1, sizeof *journal);
  if (!journal) abort();
  journal_init(journal, wish);
  enum err err = journal_key(cx, journal);
  if (!err) err = journal_files_open(cx, journal, wish->origin);
  if (!err) err = journal_recover(cx, journal);
  if (!err && journal->size != journal->last_checkpoint.size) journal->uncovered_since_us = clock_monotonic_us();
  if (!err && !journal->closed && !(sealer_start(journal) && writer_start(journal))) err = cx_fail(cx, ERR_BUSY, NULL, "journal.error.thread", NULL);
  if (err) {
    journal_close(journal);
    return err;
  }
  *out = journal;
  return OK;
}

void journal_close(struct journal *journal)
{
  if (!journal) return;
  writer_stop(journal);
  sealer_stop(journal);
  ahead_close(journal);
  if (journal->entries_fd >= 0) close(journal->entries_fd);
  if (journal->keys_fd >= 0) close(journal->keys_fd);
  if (journal->tree_fd >= 0) close(journal->tree_fd);
  tree_clear(journal);
  free(journal->last_note);
  pthread_mutex_destroy(&journal->lock);
  pthread_cond_destroy(&journal->wake);
  pthread_cond_destroy(&journal->seal);
  pthread_cond_destroy(&journal->grown);
  arena_free(journal->arena);
  free(journal);
}

/* ---- Appending ---- */
void journal_append(struct journal *journal, const struct evidence *evidence, struct bytes body,
                    void (*done)(void *user, enum err err, int64_t index), void *user)
{
  if (journal->closed) {
    done(user, ERR_CONFLICT, -1);
    return;
  }
  struct arena *arena = arena_new(8 << 20);
  struct journal_append *append = entry_seal(evidence_write(arena, evidence), body);
  arena_free(arena);
  append->done = done;
  append->user = user;
  int64_t bytes = FRAME_HEAD + HASH_SIZE + (int64_t)append->sealed_size;
  pthread_mutex_lock(&journal->lock);
  if (bytes > FRAME_MAX) append->err = ERR_TOO_LARGE;
  else if (journal->failed || journal->stopping) append->err = ERR_STORAGE;
  else if (journal->entries_end + journal->queued_bytes + bytes > journal->reserved_end) append->err = ERR_BUSY;
  if (!append->err) journal->queued_bytes += bytes;
  *journal->last = append;
  journal->last = &append->next;
  pthread_cond_signal(&journal->wake);
  pthread_mutex_unlock(&journal->lock);
}

/* More than one exchange is under way: what they may still write must fit as well. */
bool journal_has_room(const struct journal *journal)
{
  struct journal *locked = (struct journal *)(uintptr_t)journal;
  pthread_mutex_lock(&locked->lock);
  bool room = !journal->failed && !journal->closed && journal->reserved_end - journal->entries_end - journal->queued_bytes > ROOM_MIN;
  pthread_mutex_unlock(&locked->lock);
  return room;
}

/* ---- Looking ---- */
const char *journal_origin(const struct journal *journal)
{
  return journal->origin;
}

int64_t journal_size(const struct journal *journal)
{
  struct journal *locked = (struct journal *)(uintptr_t)journal;
  pthread_mutex_lock(&locked->lock);
  int64_t size = journal->size;
  pthread_mutex_unlock(&locked->lock);
  return size;
}

bool journal_good(const struct journal *journal)
{
  return journal_has_room(journal);
}

int64_t journal_uncovered_us(const struct journal *journal)
{
  struct journal *locked = (struct journal *)(uintptr_t)journal;
  pthread_mutex_lock(&locked->lock);
  bool covered = journal->size == journal->last_checkpoint.size;
  int64_t wait_us = covered ? 0 : clock_monotonic_us() - journal->uncovered_since_us;
  pthread_mutex_unlock(&locked->lock);
  return wait_us;
}

static enum err entry_load(struct cx *cx, struct journal *journal, int64_t index, struct journal_entry *out, struct frame *frame)
{
  int64_t offset, next;
  struct hash leaf;
  uint8_t key[ENTRY_KEY];
  if (!tree_row_read(journal, index, &offset, &leaf)) return journal_damaged(cx, index, "tree");
  if (frame_read(cx, journal, offset, frame, &next) != OK || frame->index != index) return journal_damaged(cx, index, "frame");
  struct hash content = content_leaf(&frame->content);
  if (memcmp(&content, &leaf, HASH_SIZE) != 0) return journal_damaged(cx, index, "leaf");
  if (!journal_file_read(journal->keys_fd, key, sizeof key, index * ENTRY_KEY)) return journal_damaged(cx, index, "key");
  enum err err = entry_unseal(cx, frame, key, out);
  OPENSSL_cleanse(key, sizeof key);
  return err;
}

static enum err index_check(struct cx *cx, const struct journal *journal, int64_t index)
{
  if (index >= 0 && index < journal_size(journal)) return OK;
  return cx_fail(cx, ERR_NOT_FOUND, "index", "journal.error.unknown", NULL);
}

enum err journal_read(struct cx *cx, struct journal *journal, int64_t index, struct journal_entry *out)
{
  struct frame frame;
  enum err err = index_check(cx, journal, index);
  return err ? err : entry_load(cx, journal, index, out, &frame);
}

enum err journal_erase(struct cx *cx, struct journal *journal, int64_t index)
{
  static const uint8_t zeros[ENTRY_KEY];
  enum err err = index_check(cx, journal, index);
  if (err) return err;
  bool good = journal_file_write(journal->keys_fd, zeros, sizeof zeros, index * ENTRY_KEY) && fsync(journal->keys_fd) == 0;
  return good ? OK : cx_fail(cx, ERR_STORAGE, NULL, "journal.error.file", "name", "keys", NULL);
}

enum err journal_checkpoint(struct cx *cx, struct journal *journal, const char **note, struct checkpoint *out)
{
  pthread_mutex_lock(&journal->lock);
  *note = arena_copy(cx->arena, journal->last_note);
  *out = journal->last_checkpoint;
  pthread_mutex_unlock(&journal->lock);
  if (!*note) return ERR_NOT_FOUND;
  out->origin = arena_copy(cx->arena, out->origin);
  return OK;
}

/* ---- Reading all ---- */
enum err journal_verify(struct cx *cx, struct journal *journal)
{
  const char *note;
  struct checkpoint checkpoint = {0};
  struct merkle_tree tree = {0};
  enum err err = journal_checkpoint(cx, journal, &note, &checkpoint);
  if (err && err != ERR_NOT_FOUND) return err;
  int64_t size = journal_size(journal);
  for (int64_t index = 0; index < size; index++) {
    struct cx own = {.arena = arena_new(4 * FRAME_MAX), .clock = cx->clock, .request_id = cx->request_id};
    struct journal_entry entry;
    struct frame frame;
    err = entry_load(&own, journal, index, &entry, &frame);
    cx_take_problems(cx, &own);
    arena_free(own.arena);
    if (err) return err;
    merkle_add(&tree, content_leaf(&frame.content));
    if (tree.size != checkpoint.size) continue;
    struct hash root = merkle_root(&tree);
    if (memcmp(&root, &checkpoint.root, HASH_SIZE) != 0) return journal_damaged(cx, index, "root");
  }
  return OK;
}
