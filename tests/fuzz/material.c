/* Keys and certificates of an instance for fuzzers. */
#include "material.h"

#include "keys/inner.h"
#include "keys/merkle.h"
#include "keys/test_process.h"

#include <fcntl.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const names[MATERIAL_KEYS] = {"authority", "directory", "journal", "gateway", "member"};

/* PKCS #8 of a P-256 key without its public half, which follows. */
static const char *key_pem(struct arena *arena, const char *name)
{
  static const uint8_t head[] = {0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
                                 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x27, 0x30, 0x25, 0x02, 0x01, 0x01, 0x04, 0x20};
  uint8_t der[sizeof head + DIGEST_SIZE];
  memcpy(der, head, sizeof head);
  sha256(name, strlen(name), der + sizeof head);
  const char *code = base64_write(arena, der, sizeof der);
  return arena_print(arena, "-----BEGIN PRIVATE KEY-----\n%.64s\n%s\n-----END PRIVATE KEY-----\n", code, code + 64);
}

static void key_make(struct material *material, enum material_key which, const char *folder)
{
  struct arena *arena = material->cx->arena;
  const char *pem = key_pem(arena, names[which]);
  BIO *bio = BIO_new_mem_buf(pem, -1);
  material->keys[which] = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
  BIO_free(bio);
  int fd = open(arena_print(arena, "%s/%s.pem", folder, names[which]), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  assert(material->keys[which] && fd >= 0 && write(fd, pem, strlen(pem)) == (ssize_t)strlen(pem));
  close(fd);
}

static void issue(struct material *material, struct keys *keys, enum material_key which, enum certificate_use use, const char *name)
{
  struct cx *cx = material->cx;
  X509 *issuer = NULL;
  const struct certificate_wish wish = {.common_name = name, .host = use == CERTIFICATE_GATEWAY ? "127.0.0.1" : NULL, .use = use,
                                        .not_before_us = cx_now(cx) - DAY_US, .not_after_us = cx_now(cx) + 365 * DAY_US};
  if (use != CERTIFICATE_AUTHORITY && certificate_read(cx, material->pem[MATERIAL_AUTHORITY], &issuer) != OK) abort();
  if (certificate_issue(cx, keys, "authority", issuer, material->spki[which], &wish, &material->pem[which]) != OK) abort();
  X509_free(issuer);
}

void material_open(struct material *out, int count, char **arguments)
{
  char folder[] = "/tmp/truc-fuzz-XXXXXX";
  struct keys *keys;
  test_process_main(count, arguments);
  *out = (struct material){.cx = fuzz_cx()};
  if (!mkdtemp(folder)) abort();
  for (enum material_key key = 0; key < MATERIAL_KEYS; key++) key_make(out, key, folder);
  if (keys_start(out->cx, "/proc/self/exe", folder, &keys) != OK) abort();
  for (enum material_key key = 0; key < MATERIAL_KEYS; key++)
    if (keys_public(out->cx, keys, names[key], &out->spki[key]) != OK) abort();
  issue(out, keys, MATERIAL_AUTHORITY, CERTIFICATE_AUTHORITY, "H01/authority");
  issue(out, keys, MATERIAL_GATEWAY, CERTIFICATE_GATEWAY, "H01/gateway");
  issue(out, keys, MATERIAL_MEMBER, CERTIFICATE_MEMBER, MATERIAL_MEMBER_NAME);
  keys_stop(keys);
  test_folder_remove(folder);
}

struct signature material_sign(EVP_PKEY *key, const void *data, size_t size)
{
  uint8_t der[128], digest[DIGEST_SIZE];
  size_t der_size = sizeof der;
  struct signature signature;
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
  sha256(data, size, digest);
  bool good = EVP_PKEY_sign_init(context) == 1 && EVP_PKEY_sign(context, der, &der_size, digest, sizeof digest) == 1;
  if (!good || !signature_from_der(der, der_size, &signature)) abort();
  EVP_PKEY_CTX_free(context);
  return signature;
}

const char *material_note(struct arena *arena, const struct material *material, enum material_key key, const char *signer, const char *text)
{
  const struct signature signature = material_sign(material->keys[key], text, strlen(text));
  return note_attach(arena, text, signer, material->spki[key], &signature);
}
