/* Fuzzer of receipts. The first byte chooses:
 *   'R'  the rest is a receipt as a stranger hands it over
 *   else lines: evidence as JSON; below it, if there is more, a directory document as JSON. The receipt around them is made and
 *        signed here, so that what is wrong with them is met where it is checked, behind all hashes and signatures.
 * Of a receipt that holds, no byte can be another, wherever the first byte points. */
#include "material.h"

#include "axis/directory_inner.h"
#include "axis/receipt_inner.h"
#include "keys/merkle.h"
#include "keys/message_signature.h"

#include <stdlib.h>

#define ORIGIN "H01/gateway/journal-1"
static struct material material;
static const char *member_hash;

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
  X509 *member;
  material_open(&material, *count, *arguments);
  if (certificate_read(material.cx, material.pem[MATERIAL_MEMBER], &member) != OK) abort();
  member_hash = certificate_hash(material.cx->arena, member);
  X509_free(member);
  return 0;
}

static const char *key_text(struct arena *arena, enum material_key key)
{
  return base64_write(arena, material.spki[key].data, material.spki[key].size);
}

static const char *json_of(struct arena *arena, const struct record_type *type, const void *record)
{
  struct buffer out;
  buffer_init(&out, arena);
  record_write_json(&out, type, record);
  buffer_char(&out, '\n');
  return buffer_string(&out);
}

/* Text with `mark` replaced by what is only known now. */
static const char *replaced(struct arena *arena, const char *text, const char *mark, const char *value)
{
  const char *at = strstr(text, mark);
  return at ? arena_print(arena, "%.*s%s%s", (int)(at - text), text, value, at + strlen(mark)) : text;
}

/* Bases stand plain in the input, behind '='. What is there gets the member's signature and name. */
static void part_sign(struct arena *arena, const char *request, const char **input, const char **base, const char **signature, const char **signer)
{
  if (text_empty(*base) || **base != '=') return;
  *input = replaced(arena, *input, "SIGNER", member_hash);
  const char *plain = replaced(arena, replaced(arena, *base + 1, "SIGNER", member_hash), "REQUEST", request);
  const struct signature made = material_sign(material.keys[MATERIAL_MEMBER], plain, strlen(plain));
  *base = base64_write(arena, plain, strlen(plain));
  *signature = base64_write(arena, made.data, made.size);
  *signer = member_hash;
}

static void evidence_sign(struct arena *arena, struct evidence *evidence)
{
  part_sign(arena, "", &evidence->request_input, &evidence->request_base, &evidence->request_signature, &evidence->request_signer);
  part_sign(arena, evidence->request_signature, &evidence->answer_input, &evidence->answer_base, &evidence->answer_signature, &evidence->answer_signer);
}

static void document_default(struct document *out)
{
  static struct member members[] = {{.id = MATERIAL_MEMBER_NAME, .name = "Department", .certificate = "M", .state = "active"}};
  static struct gateway gateways[] = {{.name = "H01/gateway", .address = "127.0.0.1:1", .journal_origin = ORIGIN, .journal_key = "J", .state = "active"}};
  *out = (struct document){.instance = "H01", .version = 1, .issued_us = 1, .expires_us = 2, .authority = "A",
                           .members = {members, 1}, .gateways = {gateways, 1}};
}

/* One letter stands for what differs from run to run. */
static const char *document_write(struct arena *arena, struct document *document)
{
  struct document whole = *document;
  struct member *members = ARENA_ARRAY(arena, whole.members.count + 1, struct member);
  struct gateway *gateways = ARENA_ARRAY(arena, whole.gateways.count + 1, struct gateway);
  for (size_t i = 0; i < whole.members.count; i++) {
    members[i] = ((const struct member *)whole.members.items)[i];
    if (text_equal(members[i].certificate, "M")) members[i].certificate = material.pem[MATERIAL_MEMBER];
  }
  for (size_t i = 0; i < whole.gateways.count; i++) {
    gateways[i] = ((const struct gateway *)whole.gateways.items)[i];
    if (text_equal(gateways[i].journal_key, "J")) gateways[i].journal_key = key_text(arena, MATERIAL_JOURNAL);
  }
  whole.members.items = members;
  whole.gateways.items = gateways;
  if (text_equal(whole.authority, "A")) whole.authority = material.pem[MATERIAL_AUTHORITY];
  return json_of(arena, &document_type, &whole);
}

static const char *receipt_write(struct arena *arena, const char *record, const char *document)
{
  static const uint8_t salt[HASH_SIZE] = {7};
  struct buffer both;
  struct hash content;
  buffer_init(&both, arena);
  buffer_add(&both, salt, sizeof salt);
  buffer_text(&both, record);
  sha256(both.data, both.size, content.data);
  const struct checkpoint checkpoint = {ORIGIN, 1, merkle_leaf((struct bytes){content.data, HASH_SIZE})};
  struct receipt_document row = {material_note(arena, &material, MATERIAL_DIRECTORY, document_signer(arena, "H01"), document)};
  const struct receipt receipt = {.origin = ORIGIN, .size = 1, .salt = hex_write(arena, salt, sizeof salt), .record = record, .documents = {&row, 1},
    .checkpoint = material_note(arena, &material, MATERIAL_JOURNAL, ORIGIN, checkpoint_write(arena, &checkpoint))};
  return json_of(arena, &receipt_type, &receipt);
}

static enum err verify(struct cx *cx, const char *receipt, struct receipt_finding *out)
{
  cx_reset_problems(cx);
  enum err err = receipt_verify(cx, fuzz_bytes(receipt), key_text(cx->arena, MATERIAL_DIRECTORY), out);
  fuzz_judge(cx, err);
  cx_reset_problems(cx);
  return err;
}

static void check_made(struct cx *cx, const char *text, uint8_t where)
{
  struct evidence evidence;
  struct document document;
  struct receipt_finding found, other;
  const char *rest = text, *line = fuzz_line(cx->arena, &rest);
  if (!line || evidence_read(cx, line, &evidence) != OK) return;
  document_default(&document);
  if (*rest && document_read(cx, rest, &document) != OK) return;
  evidence_sign(cx->arena, &evidence);
  const char *receipt = receipt_write(cx->arena, evidence_write(cx->arena, &evidence), document_write(cx->arena, &document));
  if (verify(cx, receipt, &found) != OK) return;
  assert(text_equal(evidence_write(cx->arena, &found.evidence), evidence_write(cx->arena, &evidence)) && !text_empty(found.members));
  char *changed = arena_copy(cx->arena, receipt);
  changed[where * strlen(receipt) / 256] ^= 1;
  assert(verify(cx, changed, &other) != OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct cx *cx = fuzz_cx();
  struct receipt_finding found;
  const char *text = size > 1 ? fuzz_text(cx->arena, data, size) : NULL;
  if (text && text[0] == 'R') {
    if (verify(cx, text + 1, &found) == OK) assert(text_equal(found.checkpoint.origin, ORIGIN));
  } else if (text) {
    check_made(cx, text + 1, data[0]);
  }
  cx_free_alone(cx);
  return 0;
}
