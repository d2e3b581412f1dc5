/* Checking signatures, and the two spellings of an ECDSA signature. Only what the axis accepts can pass here: P-256 with
 * SHA-256, and RSA PKCS #1 v1.5 with SHA-256; the key decides which, never the message. */
#include "keys/inner.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Fetched once: OpenSSL looks up what EVP_sha256() names at every use, which takes longer than to hash a short text. */
const EVP_MD *sha256_method(void)
{
  static _Atomic(EVP_MD *) kept;
  EVP_MD *method = atomic_load(&kept), *none = NULL;
  if (method) return method;
  method = EVP_MD_fetch(NULL, "SHA256", NULL);
  if (!method) abort();
  if (atomic_compare_exchange_strong(&kept, &none, method)) return method;
  EVP_MD_free(method);
  return none;
}

void sha256(const void *data, size_t size, uint8_t out[DIGEST_SIZE])
{
  const void *from = data ? data : "";
  int done = EVP_Digest(from, size, out, NULL, sha256_method(), NULL);
  assert(done == 1);
}

/* The same curve spelled out as numbers is refused: it would be a second encoding, hence a second hash, of one key. */
static bool curve_is_p256(EVP_PKEY *key)
{
  char name[32];
  int explicit_numbers = 0;
  if (EVP_PKEY_get_group_name(key, name, sizeof name, NULL) != 1 || strcmp(name, "prime256v1") != 0) return false;
  bool told = EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &explicit_numbers) == 1;
  return !told || !explicit_numbers;
}

enum key_algorithm key_kind(EVP_PKEY *key)
{
  enum key_algorithm kind = 0;
  int base = key ? EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE;
  if (base == EVP_PKEY_EC && curve_is_p256(key)) kind = KEY_P256;
  if (base == EVP_PKEY_RSA && EVP_PKEY_get_bits(key) >= RSA_BITS_MIN && EVP_PKEY_get_bits(key) <= RSA_BITS_MAX) kind = KEY_RSA2048;
  ERR_clear_error();
  return kind;
}

EVP_PKEY *public_key_read(struct bytes spki)
{
  if (spki.size == 0 || spki.size > 4096) return NULL;
  const uint8_t *at = spki.data;
  EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)spki.size);
  if (key && at != spki.data + spki.size) {
    EVP_PKEY_free(key);
    key = NULL;
  }
  ERR_clear_error();
  return key;
}

/* OpenSSL reads more spellings than DER's one. */
static bool der_is(const ECDSA_SIG *pair, const uint8_t *der, size_t size)
{
  uint8_t *again = NULL;
  int again_size = i2d_ECDSA_SIG(pair, &again);
  bool same = again_size > 0 && (size_t)again_size == size && memcmp(again, der, size) == 0;
  OPENSSL_free(again);
  return same;
}

bool signature_from_der(const uint8_t *der, size_t size, struct signature *out)
{
  const uint8_t *at = der;
  ECDSA_SIG *pair = size <= SIGNATURE_MAX ? d2i_ECDSA_SIG(NULL, &at, (long)size) : NULL;
  bool good = pair && der_is(pair, der, size) &&
              BN_bn2binpad(ECDSA_SIG_get0_r(pair), out->data, POINT_HALF) == POINT_HALF &&
              BN_bn2binpad(ECDSA_SIG_get0_s(pair), out->data + POINT_HALF, POINT_HALF) == POINT_HALF;
  out->size = good ? 2 * POINT_HALF : 0;
  ECDSA_SIG_free(pair);
  ERR_clear_error();
  return good;
}

bool signature_to_der(struct arena *arena, const struct signature *signature, struct bytes *out)
{
  if (signature->size != 2 * POINT_HALF) return false;
  ECDSA_SIG *pair = ECDSA_SIG_new();
  BIGNUM *r = BN_bin2bn(signature->data, POINT_HALF, NULL), *s = BN_bin2bn(signature->data + POINT_HALF, POINT_HALF, NULL);
  if (!pair || !r || !s || ECDSA_SIG_set0(pair, r, s) != 1) abort();
  uint8_t *der = NULL;
  int size = i2d_ECDSA_SIG(pair, &der);
  if (size > 0) *out = (struct bytes){(uint8_t *)arena_copy_n(arena, der, (size_t)size), (size_t)size};
  OPENSSL_free(der);
  ECDSA_SIG_free(pair);
  return size > 0;
}

static bool verify(EVP_PKEY *key, enum key_algorithm kind, const uint8_t digest[DIGEST_SIZE], struct bytes signature)
{
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
  bool good = context && EVP_PKEY_verify_init(context) == 1;
  if (kind == KEY_RSA2048) good = good && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  good = good && EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 &&
         EVP_PKEY_verify(context, signature.data, signature.size, digest, DIGEST_SIZE) == 1;
  EVP_PKEY_CTX_free(context);
  ERR_clear_error();
  return good;
}

enum err signature_check(struct cx *cx, EVP_PKEY *key, const uint8_t digest[DIGEST_SIZE], const struct signature *signature)
{
  enum key_algorithm kind = key_kind(key);
  if (!kind) return cx_fail(cx, ERR_INPUT, NULL, "keys.error.kind", NULL);
  struct bytes form = {signature->data, signature->size};
  bool good = signature->size <= SIGNATURE_MAX;
  if (good && kind == KEY_P256) good = signature_to_der(cx->arena, signature, &form);
  good = good && verify(key, kind, digest, form);
  return good ? OK : cx_fail(cx, ERR_INPUT, NULL, "keys.error.signature", NULL);
}
