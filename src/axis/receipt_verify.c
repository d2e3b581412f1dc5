/* Checks a receipt and trusts nothing but one directory key.
 *
 *   directory key → the document that it signed → the other instance's key, named there → its document
 *   documents → authority → the members' certificates → the signatures over what was exchanged
 *   documents → the gateway's journal key → checkpoint → path → leaf → salt and record
 * There is one form of a receipt: what is read is written again and must give the same bytes. */
#include "axis/receipt_inner.h"

#include "axis/directory_inner.h"
#include "base/text.h"
#include "keys/message_signature.h"

#include <string.h>

struct verifying {
  struct cx *cx;
  struct receipt receipt;
  struct evidence evidence;
  struct document documents[RECEIPT_DOCUMENTS_MAX];
  size_t count;
};

static enum err refuse(struct cx *cx, const char *key, const char *what)
{
  return cx_fail(cx, ERR_INPUT, NULL, key, "what", what ? what : "", NULL);
}

/* ---- Form ---- */
static bool same_text(const char *text, const struct buffer *written, const char *after)
{
  size_t size = strlen(after);
  return strlen(text) == written->size + size && memcmp(text, written->data, written->size) == 0 && text_equal(text + written->size, after);
}

static enum err receipt_read(struct verifying *verifying, struct bytes bytes)
{
  struct cx *cx = verifying->cx;
  const char *text = arena_copy_n(cx->arena, bytes.data, bytes.size);
  struct buffer again;
  buffer_init(&again, cx->arena);
  bool read = strlen(text) == bytes.size && record_read_json(cx, &receipt_type, bytes, &verifying->receipt) == OK;
  if (!read) return refuse(cx, "receipt.error.form", "json");
  record_write_json(&again, &receipt_type, &verifying->receipt);
  return same_text(text, &again, "\n") ? OK : refuse(cx, "receipt.error.form", "json");
}

static enum err record_read(struct verifying *verifying)
{
  struct cx *cx = verifying->cx;
  const char *record = verifying->receipt.record;
  if (evidence_read(cx, record, &verifying->evidence) != OK) return refuse(cx, "receipt.error.form", "record");
  return text_equal(evidence_write(cx->arena, &verifying->evidence), record) ? OK : refuse(cx, "receipt.error.form", "record");
}

/* A note of one signature, each byte of which is fixed: "text\n— signer base64\n". */
static bool note_is_single(struct arena *arena, const char *note, const char *signer)
{
  const char *end = strstr(note, "\n\n");
  const char *head = arena_print(arena, "— %s ", signer);
  if (!end || !text_starts(end + 2, head)) return false;
  const char *code = end + 2 + strlen(head);
  size_t size = strcspn(code, "\n");
  struct bytes raw;
  const char *alone = arena_copy_n(arena, code, size);
  return text_equal(code + size, "\n") && base64_read(arena, alone, &raw) && text_equal(base64_write(arena, raw.data, raw.size), alone);
}

/* ---- Documents ---- */
static bool note_signed(struct verifying *verifying, size_t i, const char *instance, const char *key)
{
  struct cx *cx = verifying->cx;
  const struct receipt_document *rows = verifying->receipt.documents.items;
  const char *signer = document_signer(cx->arena, instance);
  struct bytes spki;
  bool good = key && base64_read(cx->arena, key, &spki) && note_is_single(cx->arena, rows[i].note, signer) &&
              note_check(cx, rows[i].note, signer, spki) == OK;
  cx_reset_problems(cx);
  return good;
}

/* Read only when its signature holds. */
static enum err document_take(struct verifying *verifying, size_t i, const struct document_version *named)
{
  const struct receipt_document *rows = verifying->receipt.documents.items;
  struct document *document = &verifying->documents[i];
  bool good = document_read(verifying->cx, rows[i].note, document) == OK && text_equal(document->instance, named->instance) &&
              document->version == named->version;
  return good ? OK : refuse(verifying->cx, "receipt.error.documents", named->instance);
}

static const char *trusted_key(const struct document *document, const char *instance)
{
  const struct published_trust *trusted = document->trusted.items;
  for (size_t i = 0; i < document->trusted.count; i++)
    if (text_equal(trusted[i].instance, instance)) return trusted[i].directory_key;
  return NULL;
}

/* One document is signed by the key that the reader trusts; that one names the key of the other. */
static enum err documents_check(struct verifying *verifying, const char *directory_key)
{
  struct cx *cx = verifying->cx;
  struct document_version named[RECEIPT_DOCUMENTS_MAX];
  verifying->count = document_versions_read(cx->arena, verifying->evidence.directory, named);
  if (verifying->count == 0 || verifying->count != verifying->receipt.documents.count) return refuse(cx, "receipt.error.documents", NULL);
  size_t root = 0;
  while (root < verifying->count && !note_signed(verifying, root, named[root].instance, directory_key)) root++;
  if (root == verifying->count) return refuse(cx, "receipt.error.not_trusted", NULL);
  enum err err = document_take(verifying, root, &named[root]);
  for (size_t i = 0; !err && i < verifying->count; i++) {
    if (i == root) continue;
    bool good = note_signed(verifying, i, named[i].instance, trusted_key(&verifying->documents[root], named[i].instance));
    err = good ? document_take(verifying, i, &named[i]) : refuse(cx, "receipt.error.not_trusted", named[i].instance);
  }
  return err;
}

static const struct document *document_of(const struct verifying *verifying, const char *name)
{
  for (size_t i = 0; i < verifying->count; i++)
    if (axis_name_within(name, verifying->documents[i].instance)) return &verifying->documents[i];
  return NULL;
}

/* ---- The log ---- */
static enum err leaf_check(struct verifying *verifying, struct checkpoint *checkpoint)
{
  struct cx *cx = verifying->cx;
  const struct receipt *receipt = &verifying->receipt;
  struct bytes salt;
  struct hash content;
  struct merkle_proof proof;
  struct buffer both;
  buffer_init(&both, cx->arena);
  bool one_form = hex_read(cx->arena, receipt->salt, &salt) && salt.size == 32 &&
                  text_equal(hex_write(cx->arena, salt.data, salt.size), receipt->salt);
  if (!one_form || !proof_read(cx->arena, receipt->path, &proof)) return refuse(cx, "receipt.error.form", "path");
  if (checkpoint_read(cx, receipt->checkpoint, checkpoint) != OK) return refuse(cx, "receipt.error.checkpoint", NULL);
  buffer_add(&both, salt.data, salt.size);
  buffer_text(&both, receipt->record);
  sha256(both.data, both.size, content.data);
  struct hash leaf = merkle_leaf((struct bytes){content.data, HASH_SIZE});
  bool good = text_equal(checkpoint->origin, receipt->origin) && checkpoint->size == receipt->size && receipt->index >= 0 &&
              receipt->index < receipt->size && merkle_check_inclusion(leaf, receipt->index, receipt->size, &proof, checkpoint->root);
  return good ? OK : refuse(cx, "receipt.error.path", NULL);
}

static enum err checkpoint_check(struct verifying *verifying)
{
  struct cx *cx = verifying->cx;
  const char *origin = verifying->receipt.origin, *note = verifying->receipt.checkpoint;
  const struct document *document = document_of(verifying, origin);
  const struct gateway *gateways = document ? document->gateways.items : NULL;
  for (size_t i = 0; document && i < document->gateways.count; i++) {
    struct bytes key;
    const char *text = gateways[i].journal_key ? gateways[i].journal_key : "";
    if (!text_equal(gateways[i].journal_origin, origin) || !base64_read(cx->arena, text, &key)) continue;
    if (note_is_single(cx->arena, note, origin) && note_check(cx, note, origin, key) == OK) return OK;
  }
  return refuse(cx, "receipt.error.checkpoint", origin);
}

/* ---- Signatures over what was exchanged ---- */
struct part { const char *member, *input, *base, *signature, *signer, *tag; };

static bool base_has(struct arena *arena, const char *base, const char *name, const char *value)
{
  const char *line = arena_print(arena, "\"%s\": %s", name, value);
  size_t size = strlen(line);
  for (const char *at = base; (at = strstr(at, line)); at++)
    if ((at == base || at[-1] == '\n') && (at[size] == '\n' || at[size] == '\0')) return true;
  return false;
}

/* The rest of the line that begins so, or NULL. */
static const char *base_line(struct arena *arena, const char *base, const char *start)
{
  for (const char *at = base; (at = strstr(at, start)); at++)
    if (at == base || at[-1] == '\n') return arena_copy_n(arena, at + strlen(start), strcspn(at + strlen(start), "\n"));
  return NULL;
}

/* The member's certificate as its instance's document names it, when it is good for what was signed then. */
static EVP_PKEY *member_key(struct verifying *verifying, const struct part *part)
{
  struct cx *cx = verifying->cx;
  const struct document *document = document_of(verifying, part->member);
  const struct member *members = document ? document->members.items : NULL;
  X509 *certificate = NULL, *authority = NULL;
  EVP_PKEY *key = NULL;
  for (size_t i = 0; document && i < document->members.count; i++) {
    if (!text_equal(members[i].id, part->member) || !state_active(members[i].state) || text_empty(members[i].certificate)) continue;
    bool good = certificate_read(cx, members[i].certificate, &certificate) == OK && certificate_read(cx, document->authority, &authority) == OK &&
                certificate_check(cx, certificate, authority, CERTIFICATE_MEMBER, verifying->evidence.at_us) == OK &&
                text_equal(certificate_name(cx->arena, certificate), part->member) &&
                text_equal(certificate_hash(cx->arena, certificate), part->signer);
    if (good) key = X509_get_pubkey(certificate);
    break;
  }
  X509_free(certificate);
  X509_free(authority);
  return key;
}

static enum err part_check(struct verifying *verifying, const struct part *part, const char **base)
{
  struct cx *cx = verifying->cx;
  struct bytes raw_base, raw_signature;
  struct signature signature = {0};
  uint8_t digest[DIGEST_SIZE];
  bool read = base64_read(cx->arena, part->base, &raw_base) && base64_read(cx->arena, part->signature, &raw_signature);
  if (!read || raw_signature.size > SIGNATURE_MAX)
    return refuse(cx, "receipt.error.signature", part->member);
  memcpy(signature.data, raw_signature.data, raw_signature.size);
  signature.size = raw_signature.size;
  sha256(raw_base.data, raw_base.size, digest);
  *base = arena_copy_n(cx->arena, raw_base.data, raw_base.size);
  EVP_PKEY *key = strlen(*base) == raw_base.size ? member_key(verifying, part) : NULL;
  bool good = key && signature_check(cx, key, digest, &signature) == OK;
  EVP_PKEY_free(key);
  const char *end = strrchr(*base, '\n');
  good = good && end && text_equal(end + 1, arena_print(cx->arena, "\"@signature-params\": %s", part->input));
  good = good && strstr(part->input, arena_print(cx->arena, "keyid=\"%s\"", part->signer));
  good = good && strstr(part->input, arena_print(cx->arena, "tag=\"%s\"", part->tag));
  return good ? OK : refuse(cx, "receipt.error.signature", part->member);
}

static const char *digest_line(struct arena *arena, const char *hex)
{
  struct bytes raw;
  if (!hex_read(arena, hex, &raw) || raw.size != DIGEST_SIZE) return "";
  return content_digest(arena, raw.data);
}

static enum err request_check(struct verifying *verifying)
{
  struct cx *cx = verifying->cx;
  struct arena *arena = cx->arena;
  const struct evidence *evidence = &verifying->evidence;
  const struct part part = {axis_name_head(arena, evidence->consumer, 3), evidence->request_input, evidence->request_base,
                            evidence->request_signature, evidence->request_signer, "axis-request"};
  const char *base, *client, *consumer;
  enum err err = part_check(verifying, &part, &base);
  if (err) return err;
  client = base_line(arena, base, "\"x-road-client\": ");
  bool good = client && axis_name_read(arena, client, 4, &consumer) && text_equal(consumer, evidence->consumer);
  good = good && base_has(arena, base, "@method", evidence->method) && base_has(arena, base, "@request-target", evidence->target);
  good = good && base_has(arena, base, "x-road-id", evidence->request_id) && base_has(arena, base, "x-road-request-id", evidence->exchange_id);
  good = good && base_has(arena, base, "content-digest", digest_line(arena, evidence->request_body_sha256));
  if (!text_empty(evidence->user)) good = good && base_has(arena, base, "x-road-userid", evidence->user);
  struct axis_path path;
  const char *tail = text_starts(evidence->target, "/axis/1/") ? evidence->target + strlen("/axis/1") : "";
  good = good && *tail && axis_path_read(arena, tail, &path) && text_equal(path.service, evidence->service);
  return good ? OK : refuse(cx, "receipt.error.request", NULL);
}

static enum err answer_check(struct verifying *verifying)
{
  struct cx *cx = verifying->cx;
  struct arena *arena = cx->arena;
  const struct evidence *evidence = &verifying->evidence;
  const struct part part = {axis_name_head(arena, evidence->service, 3), evidence->answer_input, evidence->answer_base,
                            evidence->answer_signature, evidence->answer_signer, "axis-response"};
  const char *base;
  enum err err = part_check(verifying, &part, &base);
  if (err) return err;
  const char *bound = base_line(arena, base, "\"signature\";"), *error = base_line(arena, base, "\"x-road-error\": ");
  bool good = bound && strstr(bound, arena_print(arena, ":%s:", evidence->request_signature));
  good = good && base_has(arena, base, "@status", arena_print(arena, "%lld", (long long)evidence->status));
  good = good && base_has(arena, base, "x-road-request-id", evidence->exchange_id);
  good = good && base_has(arena, base, "content-digest", digest_line(arena, evidence->answer_body_sha256));
  good = good && text_equal(error ? error : "", evidence->axis_error);
  return good ? OK : refuse(cx, "receipt.error.answer", NULL);
}

/* Which signatures there must be. Where the axis refused on its own, some were never made. */
static enum err signatures_check(struct verifying *verifying)
{
  const struct evidence *evidence = &verifying->evidence;
  bool refused = !text_empty(evidence->axis_error), request_only = text_equal(evidence->kind, "request");
  bool request = !text_empty(evidence->request_signature), answer = !text_empty(evidence->answer_signature);
  if ((!request && (!refused || answer)) || (!answer && !refused && !request_only) || (request_only && (answer || evidence->status != 0)))
    return refuse(verifying->cx, "receipt.error.signature", "missing");
  enum err err = request ? request_check(verifying) : OK;
  return err || !answer ? err : answer_check(verifying);
}

enum err receipt_verify(struct cx *cx, struct bytes bytes, const char *directory_key, struct receipt_finding *out)
{
  struct verifying *verifying = ARENA_NEW(cx->arena, struct verifying);
  verifying->cx = cx;
  enum err err = receipt_read(verifying, bytes);
  if (!err) err = leaf_check(verifying, &out->checkpoint);
  if (!err) err = record_read(verifying);
  if (!err) err = documents_check(verifying, directory_key);
  if (!err) err = checkpoint_check(verifying);
  if (!err) err = signatures_check(verifying);
  if (err) return err;
  const struct evidence *evidence = &verifying->evidence;
  out->evidence = *evidence;
  out->members = arena_print(cx->arena, "%s %s", axis_name_head(cx->arena, evidence->consumer, 3), axis_name_head(cx->arena, evidence->service, 3));
  return OK;
}
