/* Fuzzer of the two ways of checking a signature: with a table of the key and without, they say the same. The first byte chooses: a
 * digest and a signature as they stand, or a signature that holds for the 32 bytes that follow, bent by the 64 after them. */
#include "material.h"

#include "keys/verifier.h"

#include <stdlib.h>

enum { SIGNATURE_SIZE = 64 };

static struct material material;
static struct verifier *verifier;

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
  material_open(&material, *count, *arguments);
  verifier = verifier_new(material.keys[MATERIAL_MEMBER]);
  verifier_prepare(verifier);
  if (!verifier_prepared(verifier)) abort();
  return 0;
}

static void agree(struct cx *cx, const uint8_t digest[DIGEST_SIZE], const struct signature *signature, bool holds)
{
  enum err plain = signature_check(cx, material.keys[MATERIAL_MEMBER], digest, signature);
  cx_reset_problems(cx);
  enum err quick = verifier_check(cx, verifier, digest, signature);
  assert(plain == quick);
  assert(!holds || plain == OK);
  cx_reset_problems(cx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 1 + DIGEST_SIZE) return 0;
  struct cx *cx = fuzz_cx();
  const uint8_t *message = data + 1, *rest = message + DIGEST_SIZE;
  size_t left = size - 1 - DIGEST_SIZE;
  struct signature signature = {.size = left < SIGNATURE_MAX ? left : SIGNATURE_MAX};
  if (data[0] % 2 == 0) {
    memcpy(signature.data, rest, signature.size);
    agree(cx, message, &signature, false);
  } else {
    uint8_t digest[DIGEST_SIZE];
    bool bent = false;
    sha256(message, DIGEST_SIZE, digest);
    signature = material_sign(material.keys[MATERIAL_MEMBER], message, DIGEST_SIZE);
    for (size_t i = 0; i < left && i < SIGNATURE_SIZE; i++) {
      signature.data[i] ^= rest[i];
      bent |= rest[i] != 0;
    }
    agree(cx, digest, &signature, !bent);
  }
  cx_free_alone(cx);
  return 0;
}
