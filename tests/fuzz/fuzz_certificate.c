/* Fuzzer of certificates and certificate requests. The first byte chooses: text as it is, DER of a certificate, DER of a request, or
 * DER of a certificate that our authority signs as it stands. What is read is one certificate and nothing around it; what is judged
 * good is good for one use, has a name, a key and a time. */
#include "material.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>

static struct material material;
static X509 *authority;

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
  material_open(&material, *count, *arguments);
  if (certificate_read(material.cx, material.pem[MATERIAL_AUTHORITY], &authority) != OK) abort();
  return 0;
}

static const char *pem_of(struct arena *arena, const char *label, const uint8_t *data, size_t size)
{
  struct buffer out;
  const char *code = base64_write(arena, data, size);
  buffer_init(&out, arena);
  buffer_print(&out, "-----BEGIN %s-----\n", label);
  for (size_t left = strlen(code); left > 0; left -= left < 64 ? left : 64, code += left ? 64 : 0) buffer_print(&out, "%.64s\n", code);
  buffer_print(&out, "-----END %s-----\n", label);
  return buffer_string(&out);
}

static bool judge(struct cx *cx, X509 *certificate)
{
  int good = 0;
  for (enum certificate_use use = CERTIFICATE_AUTHORITY; use <= CERTIFICATE_MEMBER; use++) {
    cx_reset_problems(cx);
    enum err err = certificate_check(cx, certificate, authority, use, cx_now(cx));
    fuzz_judge(cx, err);
    good += !err;
  }
  cx_reset_problems(cx);
  if (!good) return false;
  int64_t from, to;
  certificate_validity(certificate, &from, &to);
  assert(from <= cx_now(cx) && cx_now(cx) < to);
  EVP_PKEY *key = public_key_read(certificate_spki(cx->arena, certificate));
  assert(key && !text_empty(certificate_name(cx->arena, certificate)) && strlen(certificate_hash(cx->arena, certificate)) == 64);
  EVP_PKEY_free(key);
  return true;
}

static X509 *check_read(struct cx *cx, const char *pem)
{
  X509 *certificate, *same;
  cx_reset_problems(cx);
  enum err err = certificate_read(cx, pem, &certificate);
  fuzz_judge(cx, err);
  assert(!err == (certificate != NULL));
  if (err) return NULL;
  uint8_t *der = NULL;
  int size = i2d_X509(certificate, &der);
  assert(size > 0 && certificate_read(cx, pem_of(cx->arena, "CERTIFICATE", der, (size_t)size), &same) == OK);
  assert(text_equal(certificate_hash(cx->arena, same), certificate_hash(cx->arena, certificate)));
  OPENSSL_free(der);
  X509_free(same);
  certificate_name(cx->arena, certificate);
  judge(cx, certificate);
  return certificate;
}

/* All of the bytes belong to what was read, spelled as it is spelled. */
static void check_der(struct cx *cx, const uint8_t *data, size_t size)
{
  X509 *certificate = check_read(cx, pem_of(cx->arena, "CERTIFICATE", data, size));
  uint8_t *der = NULL;
  if (certificate) assert(i2d_X509(certificate, &der) == (int)size && memcmp(der, data, size) == 0);
  OPENSSL_free(der);
  X509_free(certificate);
}

static void check_request(struct cx *cx, const char *pem)
{
  struct bytes spki;
  const char *name;
  cx_reset_problems(cx);
  enum err err = certificate_request_read(cx, pem, &spki, &name);
  fuzz_judge(cx, err);
  if (err) return;
  EVP_PKEY *key = public_key_read(spki);
  assert(key && !text_empty(name));
  EVP_PKEY_free(key);
}

static void check_signed(struct cx *cx, const uint8_t *data, size_t size)
{
  const uint8_t *at = data;
  X509 *certificate = d2i_X509(NULL, &at, (long)size);
  uint8_t *der = NULL;
  int signed_size = 0;
  if (certificate && X509_sign(certificate, material.keys[MATERIAL_AUTHORITY], EVP_sha256()) > 0) signed_size = i2d_X509(certificate, &der);
  if (signed_size > 0) X509_free(check_read(cx, pem_of(cx->arena, "CERTIFICATE", der, (size_t)signed_size)));
  OPENSSL_free(der);
  X509_free(certificate);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 2) return 0;
  struct cx *cx = fuzz_cx();
  const char *text = data[0] % 4 == 0 ? fuzz_text(cx->arena, data + 1, size - 1) : NULL;
  if (text) X509_free(check_read(cx, text));
  if (text) check_request(cx, text);
  if (data[0] % 4 == 1) check_der(cx, data + 1, size - 1);
  if (data[0] % 4 == 2) check_request(cx, pem_of(cx->arena, "CERTIFICATE REQUEST", data + 1, size - 1));
  if (data[0] % 4 == 3) check_signed(cx, data + 1, size - 1);
  cx_free_alone(cx);
  return 0;
}
