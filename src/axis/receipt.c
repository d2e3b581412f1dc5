/* Makes receipts: all that a stranger needs to check an entry of our journal offline. */
#include "axis/receipt_inner.h"

#include "axis/directory_inner.h"
#include "base/text.h"

#include <string.h>

static const struct field document_fields[] = {
  FIELD(struct receipt_document, note, .form = FORM_LINES, .max = DOCUMENT_BYTES_MAX, .required = true),
};
static const struct record_type document_row_type = RECORD("document", struct receipt_document, document_fields);

static const struct field receipt_fields[] = {
  FIELD(struct receipt, origin, .max = AXIS_NAME_MAX, .required = true),
  FIELD(struct receipt, index),
  FIELD(struct receipt, size),
  FIELD(struct receipt, path, .max = 64 * 45),
  FIELD(struct receipt, checkpoint, .form = FORM_LINES, .max = 4096, .required = true),
  FIELD(struct receipt, salt, .max = 64, .required = true),
  FIELD(struct receipt, record, .form = FORM_LINES, .max = 1 << 20, .required = true),
  FIELD(struct receipt, documents, .of = &document_row_type, .max = RECEIPT_DOCUMENTS_MAX, .required = true),
};
const struct record_type receipt_type = RECORD("receipt", struct receipt, receipt_fields);

size_t document_versions_read(struct arena *arena, const char *text, struct document_version out[RECEIPT_DOCUMENTS_MAX])
{
  size_t count = 0;
  for (const char *at = text; *at;) {
    size_t size = strcspn(at, " ");
    const char *word = arena_copy_n(arena, at, size), *slash = strrchr(word, '/');
    if (count == RECEIPT_DOCUMENTS_MAX || !slash || !text_to_i64(slash + 1, 1, INT64_MAX, &out[count].version)) return 0;
    out[count++].instance = arena_copy_n(arena, word, (size_t)(slash - word));
    at += size;
    if (*at == ' ' && *++at == '\0') return 0;
  }
  return count;
}

const char *proof_write(struct arena *arena, const struct merkle_proof *proof)
{
  struct buffer out;
  buffer_init(&out, arena);
  for (int i = 0; i < proof->count; i++) buffer_print(&out, "%s%s", i ? " " : "", base64_write(arena, proof->path[i].data, HASH_SIZE));
  return arena_copy(arena, buffer_string(&out));
}

bool proof_read(struct arena *arena, const char *text, struct merkle_proof *out)
{
  *out = (struct merkle_proof){0};
  for (const char *at = text ? text : ""; *at;) {
    size_t size = strcspn(at, " ");
    struct bytes hash;
    if (out->count == 64 || !base64_read(arena, arena_copy_n(arena, at, size), &hash) || hash.size != HASH_SIZE) return false;
    memcpy(out->path[out->count++].data, hash.data, HASH_SIZE);
    at += size;
    if (*at == ' ' && *++at == '\0') return false;
  }
  return true;
}

static enum err documents_fill(struct cx *cx, struct axis *axis, const char *versions, struct receipt *receipt)
{
  struct document_version named[RECEIPT_DOCUMENTS_MAX];
  size_t count = document_versions_read(cx->arena, versions, named);
  if (count == 0) return cx_fail(cx, ERR_NOT_FOUND, NULL, "receipt.error.no_document", "instance", "", NULL);
  struct receipt_document *documents = ARENA_ARRAY(cx->arena, RECEIPT_DOCUMENTS_MAX, struct receipt_document);
  for (size_t i = 0; i < count; i++) {
    enum err err = directory_note_at(cx, axis_directory(axis), named[i].instance, named[i].version, &documents[i].note);
    if (err) return cx_fail(cx, err, NULL, "receipt.error.no_document", "instance", named[i].instance, NULL);
  }
  receipt->documents = (struct list){documents, count};
  return OK;
}

enum err receipt_make(struct cx *cx, struct axis *axis, int64_t index, const char **json)
{
  struct journal *journal = axis_journal(axis);
  struct journal_entry entry;
  struct evidence evidence;
  struct checkpoint checkpoint = {0};
  struct merkle_proof proof;
  struct receipt receipt = {.origin = journal_origin(journal), .index = index};
  enum err err = journal_read(cx, journal, index, &entry);
  if (!err && entry.erased) err = cx_fail(cx, ERR_NOT_FOUND, "index", "receipt.error.erased", NULL);
  if (!err) err = evidence_read(cx, entry.record, &evidence);
  if (err) return err;
  err = journal_checkpoint(cx, journal, &receipt.checkpoint, &checkpoint);
  if (err == ERR_NOT_FOUND || (!err && checkpoint.size <= index)) return cx_fail(cx, ERR_AGAIN, "index", "receipt.error.pending", NULL);
  if (!err) err = journal_prove(cx, journal, index, checkpoint.size, &proof);
  if (!err) err = documents_fill(cx, axis, evidence.directory, &receipt);
  if (err) return err;
  receipt.size = checkpoint.size;
  receipt.path = proof.count ? proof_write(cx->arena, &proof) : NULL;
  receipt.salt = entry.salt;
  receipt.record = entry.record;
  struct buffer out;
  buffer_init(&out, cx->arena);
  record_write_json(&out, &receipt_type, &receipt);
  buffer_char(&out, '\n');
  *json = arena_copy(cx->arena, buffer_string(&out));
  return OK;
}
