/* An entry is sealed before it is queued, by whoever appends it: the one writer only copies bytes. */
#include "axis/journal_inner.h"

#include "base/text.h"
#include "keys/message_signature.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

enum { TAG = 16, LENGTH = 4 };

/* A key seals one entry once, so that a constant nonce is never used twice with it. */
static const uint8_t nonce[12];

static struct hash content_hash(const uint8_t *salt, const char *record)
{
  struct hash content;
  struct buffer both;
  buffer_init(&both, NULL);
  buffer_add(&both, salt, SALT_SIZE);
  buffer_text(&both, record);
  sha256(both.data, both.size, content.data);
  buffer_done(&both);
  return content;
}

static void length_write(uint8_t *out, size_t number)
{
  for (int i = 0; i < LENGTH; i++) out[i] = (uint8_t)(number >> (8 * (LENGTH - 1 - i)));
}

static size_t length_read(const uint8_t *data)
{
  size_t number = 0;
  for (int i = 0; i < LENGTH; i++) number = number << 8 | data[i];
  return number;
}

struct journal_append *entry_seal(const char *record, struct bytes body)
{
  struct journal_append *append = calloc(1, sizeof *append);
  uint8_t head[SALT_SIZE + LENGTH], chance[ENTRY_KEY + SALT_SIZE];
  size_t record_size = strlen(record);
  if (!append) abort();
  append->sealed_size = TAG + sizeof head + record_size + body.size;
  append->sealed = malloc(append->sealed_size);
  EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
  if (!append->sealed || !cipher) abort();
  random_bytes(chance, sizeof chance);
  memcpy(append->key, chance, ENTRY_KEY);
  memcpy(head, chance + ENTRY_KEY, SALT_SIZE);
  OPENSSL_cleanse(chance, sizeof chance);
  length_write(head + SALT_SIZE, record_size);
  append->content = content_hash(head, record);
  uint8_t *out = append->sealed + TAG;
  int size = 0;
  bool good = EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, append->key, nonce) == 1;
  good = good && EVP_EncryptUpdate(cipher, NULL, &size, append->content.data, HASH_SIZE) == 1;
  good = good && EVP_EncryptUpdate(cipher, out, &size, head, sizeof head) == 1;
  good = good && EVP_EncryptUpdate(cipher, out + sizeof head, &size, (const uint8_t *)record, (int)record_size) == 1;
  if (good && body.size) good = EVP_EncryptUpdate(cipher, out + sizeof head + record_size, &size, body.data, (int)body.size) == 1;
  good = good && EVP_EncryptFinal_ex(cipher, out + sizeof head, &size) == 1;
  good = good && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, TAG, append->sealed) == 1;
  if (!good) abort(); /* only a broken library can refuse this */
  EVP_CIPHER_CTX_free(cipher);
  return append;
}

void append_free(struct journal_append *append)
{
  OPENSSL_cleanse(append->key, sizeof append->key);
  free(append->sealed);
  free(append);
}

static bool frame_open(const struct frame *frame, const uint8_t *key, uint8_t *plain)
{
  EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
  uint8_t tag[TAG];
  int size = 0;
  if (!cipher) abort();
  memcpy(tag, frame->sealed, TAG);
  bool good = EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, nonce) == 1;
  good = good && EVP_DecryptUpdate(cipher, NULL, &size, frame->content.data, HASH_SIZE) == 1;
  good = good && EVP_DecryptUpdate(cipher, plain, &size, frame->sealed + TAG, (int)(frame->sealed_size - TAG)) == 1;
  good = good && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, TAG, tag) == 1;
  good = good && EVP_DecryptFinal_ex(cipher, plain + size, &size) == 1;
  EVP_CIPHER_CTX_free(cipher);
  return good;
}

enum err entry_unseal(struct cx *cx, const struct frame *frame, const uint8_t key[ENTRY_KEY], struct journal_entry *out)
{
  static const uint8_t erased[ENTRY_KEY];
  *out = (struct journal_entry){.index = frame->index};
  if (memcmp(key, erased, ENTRY_KEY) == 0) {
    out->erased = true;
    return OK;
  }
  if (frame->sealed_size < TAG + SALT_SIZE + LENGTH) return journal_damaged(cx, frame->index, "length");
  size_t plain_size = frame->sealed_size - TAG;
  uint8_t *plain = arena_alloc(cx->arena, plain_size);
  if (!frame_open(frame, key, plain)) return journal_damaged(cx, frame->index, "seal");
  size_t record_size = length_read(plain + SALT_SIZE), head = SALT_SIZE + LENGTH;
  if (record_size > plain_size - head) return journal_damaged(cx, frame->index, "length");
  out->salt = hex_write(cx->arena, plain, SALT_SIZE);
  out->record = arena_copy_n(cx->arena, plain + head, record_size);
  out->body = (struct bytes){plain + head + record_size, plain_size - head - record_size};
  struct hash content = content_hash(plain, out->record);
  return memcmp(&content, &frame->content, HASH_SIZE) == 0 ? OK : journal_damaged(cx, frame->index, "hash");
}
