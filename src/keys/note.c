/* Checkpoints and signed notes (C2SP tlog-checkpoint, signed-note): text that a person can read and other logs' tools can check. */
#include "keys/inner.h"
#include "keys/merkle.h"

#include "base/text.h"

#include <assert.h>
#include <string.h>

enum { KEY_ID_SIZE = 4, SIGNATURES_MAX = 100, ORIGIN_MAX = 255 };
static const char dash[] = "\xe2\x80\x94 "; /* U+2014 and a space begin a signature's line */

/* ---- Checkpoints ---- */

/* A line without its end; *rest: what follows. NULL: there is no whole line. */
static const char *line_take(struct arena *arena, const char **rest)
{
  const char *end = strchr(*rest, '\n');
  if (!end) return NULL;
  const char *line = arena_copy_n(arena, *rest, (size_t)(end - *rest));
  *rest = end + 1;
  return line;
}

static bool printable(const char *text)
{
  for (; *text; text++)
    if ((unsigned char)*text < 0x20 || *text == 0x7f) return false;
  return true;
}

static bool origin_good(const char *origin)
{
  return !text_empty(origin) && strlen(origin) <= ORIGIN_MAX && printable(origin);
}

const char *checkpoint_write(struct arena *arena, const struct checkpoint *checkpoint)
{
  assert(origin_good(checkpoint->origin) && checkpoint->size >= 0);
  return arena_print(arena, "%s\n%lld\n%s\n", checkpoint->origin, (long long)checkpoint->size,
                     base64_write(arena, checkpoint->root.data, HASH_SIZE));
}

enum err checkpoint_read(struct cx *cx, const char *note, struct checkpoint *out)
{
  const char *rest = note;
  struct bytes root;
  const char *origin = line_take(cx->arena, &rest), *size = origin ? line_take(cx->arena, &rest) : NULL;
  const char *hash = size ? line_take(cx->arena, &rest) : NULL;
  bool good = hash && origin_good(origin) && text_to_i64(size, 0, INT64_MAX, &out->size) && (size[0] != '0' || size[1] == '\0') &&
              base64_read(cx->arena, hash, &root) && root.size == HASH_SIZE && (*rest == '\0' || *rest == '\n');
  if (!good) return cx_fail(cx, ERR_INPUT, NULL, "keys.error.checkpoint", NULL);
  out->origin = origin;
  memcpy(out->root.data, root.data, HASH_SIZE);
  return OK;
}

/* ---- Notes ---- */

static bool signer_good(const char *signer)
{
  return !text_empty(signer) && printable(signer) && strpbrk(signer, " +") == NULL;
}

/* Where the signatures begin: after the last empty line. NULL: there are none. */
static const char *signatures_of(const char *note)
{
  const char *found = NULL;
  for (const char *at = note; (at = strstr(at, "\n\n")); at++) found = at + 2;
  return found && text_starts(found, dash) ? found : NULL;
}

static void key_id(struct bytes spki, uint8_t out[KEY_ID_SIZE])
{
  uint8_t hash[DIGEST_SIZE];
  sha256(spki.data, spki.size, hash);
  memcpy(out, hash, KEY_ID_SIZE);
}

const char *note_attach(struct arena *arena, const char *text, const char *signer, struct bytes spki, const struct signature *signature)
{
  uint8_t id[KEY_ID_SIZE];
  struct bytes der;
  struct buffer both;
  bool form = signature_to_der(arena, signature, &der);
  assert(form && signer_good(signer) && !text_empty(text) && text[strlen(text) - 1] == '\n');
  key_id(spki, id);
  buffer_init(&both, arena);
  buffer_add(&both, id, sizeof id);
  buffer_add(&both, der.data, der.size);
  return arena_print(arena, "%s%s%s%s %s\n", text, signatures_of(text) ? "" : "\n", dash, signer, base64_write(arena, both.data, both.size));
}

/* One line "name base64", after the dash. False: it has no form. *match: it is of that signer and key. */
static bool line_read(struct arena *arena, const char *line, const char *signer, const uint8_t id[KEY_ID_SIZE], struct bytes *blob, bool *match)
{
  const char *space = strchr(line, ' ');
  if (!space || space == line) return false;
  const char *name = arena_copy_n(arena, line, (size_t)(space - line));
  if (!signer_good(name) || !base64_read(arena, space + 1, blob) || blob->size <= KEY_ID_SIZE) return false;
  *match = text_equal(name, signer) && memcmp(blob->data, id, KEY_ID_SIZE) == 0;
  return true;
}

static bool signature_good(struct cx *cx, const char *note, const char *signatures, struct bytes spki, struct bytes blob)
{
  uint8_t digest[DIGEST_SIZE];
  struct signature signature;
  EVP_PKEY *key = public_key_read(spki);
  bool good = key_kind(key) == KEY_P256 && signature_from_der(blob.data + KEY_ID_SIZE, blob.size - KEY_ID_SIZE, &signature);
  sha256(note, (size_t)(signatures - 1 - note), digest); /* with the text's last line's end, without the empty line */
  good = good && signature_check(cx, key, digest, &signature) == OK;
  EVP_PKEY_free(key);
  return good;
}

static bool text_good(const char *note)
{
  for (const char *at = note; *at; at++)
    if ((unsigned char)*at < 0x20 && *at != '\n') return false;
  return true;
}

static enum err note_fail(struct cx *cx, const char *signer)
{
  return cx_fail(cx, ERR_INPUT, NULL, "keys.error.note", "signer", signer, NULL);
}

enum err note_check(struct cx *cx, const char *note, const char *signer, struct bytes spki)
{
  uint8_t id[KEY_ID_SIZE];
  const char *signatures = signatures_of(note), *rest = signatures;
  bool found = false;
  if (!signatures || !text_good(note)) return note_fail(cx, signer);
  key_id(spki, id);
  for (int count = 0; *rest; count++) {
    struct bytes blob;
    bool match = false;
    const char *line = line_take(cx->arena, &rest);
    bool form = line && count < SIGNATURES_MAX && text_starts(line, dash) && line_read(cx->arena, line + strlen(dash), signer, id, &blob, &match);
    if (!form || (match && found)) return note_fail(cx, signer);
    if (!match) continue;
    if (!signature_good(cx, note, signatures, spki, blob)) return note_fail(cx, signer);
    found = true;
  }
  return found ? OK : note_fail(cx, signer);
}
