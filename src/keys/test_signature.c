/* Which keys count, and which signatures. */
#include "keys/inner.h"
#include "keys/verifier.h"

#include "base/text.h"

#include <openssl/ec.h>
#include <openssl/core_names.h>
#include <openssl/obj_mac.h>
#include <openssl/rsa.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct clock clock_fixed = {.fixed_us = INT64_C(1790000000000000)};
static const uint8_t digest[DIGEST_SIZE] = {9, 8, 7};

static struct signature sign(EVP_PKEY *key, const EVP_MD *md, int padding)
{
  struct signature signature;
  uint8_t raw[SIGNATURE_MAX];
  size_t size = sizeof raw;
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
  assert_int_equal(EVP_PKEY_sign_init(context), 1);
  if (padding) assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(context, padding), 1);
  assert_int_equal(EVP_PKEY_CTX_set_signature_md(context, md), 1);
  assert_int_equal(EVP_PKEY_sign(context, raw, &size, digest, (size_t)EVP_MD_get_size(md)), 1);
  EVP_PKEY_CTX_free(context);
  if (padding) {
    memcpy(signature.data, raw, size);
    signature.size = size;
  } else {
    assert_true(signature_from_der(raw, size, &signature));
  }
  return signature;
}

/* The signature passes, with any bit of it or of the digest changed it does not, nor shorter or longer. */
static void check_around(struct cx *cx, EVP_PKEY *key, struct signature signature)
{
  assert_int_equal(signature_check(cx, key, digest, &signature), OK);
  for (size_t i = 0; i < signature.size; i++) {
    signature.data[i] ^= 0x10;
    assert_int_equal(signature_check(cx, key, digest, &signature), ERR_INPUT);
    signature.data[i] ^= 0x10;
    cx_reset_problems(cx);
  }
  uint8_t other[DIGEST_SIZE];
  for (size_t i = 0; i < DIGEST_SIZE; i++) {
    memcpy(other, digest, DIGEST_SIZE);
    other[i] ^= 1;
    assert_int_equal(signature_check(cx, key, other, &signature), ERR_INPUT);
    cx_reset_problems(cx);
  }
  size_t size = signature.size;
  const size_t sizes[] = {0, 1, size - 1, size + 1, SIGNATURE_MAX, SIGNATURE_MAX + 1};
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    signature.size = sizes[i];
    assert_int_equal(signature_check(cx, key, digest, &signature), ERR_INPUT);
  }
  cx_reset_problems(cx);
}

static void p256_and_rsa_count(void **state)
{
  struct cx *cx = cx_new_alone(&clock_fixed, NULL);
  EVP_PKEY *ec = EVP_EC_gen("P-256"), *rsa = EVP_RSA_gen(2048);
  check_around(cx, ec, sign(ec, EVP_sha256(), 0));
  check_around(cx, rsa, sign(rsa, EVP_sha256(), RSA_PKCS1_PADDING));
  struct signature pss = sign(rsa, EVP_sha256(), RSA_PKCS1_PSS_PADDING);
  assert_int_equal(signature_check(cx, rsa, digest, &pss), ERR_INPUT);
  struct signature other_hash = sign(rsa, EVP_sha512_256(), RSA_PKCS1_PADDING);
  assert_int_equal(signature_check(cx, rsa, digest, &other_hash), ERR_INPUT);
  struct signature zero = {.size = 64};
  assert_int_equal(signature_check(cx, ec, digest, &zero), ERR_INPUT);
  EVP_PKEY_free(ec);
  EVP_PKEY_free(rsa);
  cx_free_alone(cx);
}

/* Both ways of checking say the same, of signatures that hold and of such as are bent in the places where a check could go wrong. */
static void a_prepared_key_judges_as_any(void **state)
{
  static const uint8_t order[] = {0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                  0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
  static const uint8_t zeros[DIGEST_SIZE];
  uint8_t ones[DIGEST_SIZE];
  memset(ones, 0xff, sizeof ones);
  struct cx *cx = cx_new_alone(&clock_fixed, NULL);
  EVP_PKEY *key = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256");
  struct verifier *verifier = verifier_new(key), *held = verifier_hold(verifier);
  assert_int_equal(verifier_check(cx, verifier, digest, &(struct signature){.size = 64}), ERR_INPUT);
  verifier_prepare(verifier);
  assert_true(verifier_prepared(verifier));
  verifier_prepare(verifier); /* once more: nothing */
  int good = 0;
  for (int i = 0; i < 400; i++) {
    struct signature signature = sign(i % 7 == 6 ? other : key, EVP_sha256(), 0);
    const uint8_t *judged = i % 11 == 10 ? zeros : i % 13 == 12 ? ones : digest;
    uint8_t *half = signature.data + (i & 1) * POINT_HALF;
    switch (i % 9) {
      case 1: memset(half, 0, POINT_HALF); break;
      case 2: memcpy(half, order, POINT_HALF); break;
      case 3: memset(half, 0xff, POINT_HALF); break;
      case 4: memset(half, 0, POINT_HALF - 1); half[POINT_HALF - 1] = 1; break;
      case 5: half[i % POINT_HALF] ^= 1; break;
      case 6: signature.size -= i % 2 ? 1 : 32; break;
    }
    enum err plain = signature_check(cx, key, judged, &signature);
    assert_int_equal(verifier_check(cx, held, judged, &signature), plain);
    good += plain == OK;
    cx_reset_problems(cx);
  }
  assert_in_range(good, 80, 200);
  verifier_free(verifier);
  assert_int_equal(verifier_check(cx, held, digest, &(struct signature){.size = SIGNATURE_MAX + 1}), ERR_INPUT);
  verifier_free(held);
  verifier_free(NULL);
  EVP_PKEY_free(key);
  EVP_PKEY_free(other);
  cx_free_alone(cx);
}

struct judge { struct verifier *verifier; struct signature good, bad; int wrong; };

static void *judge_run(void *arg)
{
  struct judge *judge = arg;
  struct cx *cx = cx_new_alone(&clock_fixed, NULL);
  for (int i = 0; i < 60; i++) {
    judge->wrong += verifier_check(cx, judge->verifier, digest, &judge->good) != OK;
    judge->wrong += verifier_check(cx, judge->verifier, digest, &judge->bad) != ERR_INPUT;
    cx_reset_problems(cx);
  }
  verifier_free(judge->verifier);
  cx_free_alone(cx);
  return NULL;
}

static void a_table_comes_while_others_check(void **state)
{
  enum { JUDGES = 3 };
  EVP_PKEY *key = EVP_EC_gen("P-256");
  struct verifier *verifier = verifier_new(key);
  struct judge judges[JUDGES];
  pthread_t threads[JUDGES];
  for (int i = 0; i < JUDGES; i++) {
    judges[i] = (struct judge){.verifier = verifier_hold(verifier), .good = sign(key, EVP_sha256(), 0)};
    judges[i].bad = judges[i].good;
    judges[i].bad.data[i] ^= 1;
    assert_int_equal(pthread_create(&threads[i], NULL, judge_run, &judges[i]), 0);
  }
  verifier_prepare(verifier);
  verifier_free(verifier);
  for (int i = 0; i < JUDGES; i++) {
    pthread_join(threads[i], NULL);
    assert_int_equal(judges[i].wrong, 0);
  }
  EVP_PKEY_free(key);
}

/* Chance never gives such a digest. */
static void a_digest_beyond_the_order_counts(void **state)
{
  struct cx *cx = cx_new_alone(&clock_fixed, NULL);
  EVP_PKEY *key = EVP_EC_gen("P-256");
  struct verifier *verifier = verifier_new(key);
  uint8_t great[DIGEST_SIZE], raw[SIGNATURE_MAX];
  size_t size = sizeof raw;
  struct signature signature;
  memset(great, 0xff, sizeof great);
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
  assert_int_equal(EVP_PKEY_sign_init(context), 1);
  assert_int_equal(EVP_PKEY_sign(context, raw, &size, great, sizeof great), 1);
  EVP_PKEY_CTX_free(context);
  assert_true(signature_from_der(raw, size, &signature));
  verifier_prepare(verifier);
  assert_int_equal(verifier_check(cx, verifier, great, &signature), OK);
  great[31] ^= 1;
  assert_int_equal(verifier_check(cx, verifier, great, &signature), ERR_INPUT);
  verifier_free(verifier);
  EVP_PKEY_free(key);
  cx_free_alone(cx);
}

static void only_p256_is_prepared_and_once_due(void **state)
{
  struct cx *cx = cx_new_alone(&clock_fixed, NULL);
  EVP_PKEY *rsa = EVP_RSA_gen(2048), *ec = EVP_EC_gen("P-256");
  struct verifier *of_rsa = verifier_new(rsa), *of_ec = verifier_new(ec);
  int due = 0;
  for (int i = 0; i < 5000; i++) {
    due += verifier_due(of_ec);
    assert_false(verifier_due(of_rsa));
  }
  assert_int_equal(due, 1);
  verifier_prepare(of_rsa);
  assert_false(verifier_prepared(of_rsa));
  struct signature signature = sign(rsa, EVP_sha256(), RSA_PKCS1_PADDING);
  assert_int_equal(verifier_check(cx, of_rsa, digest, &signature), OK);
  verifier_free(of_rsa);
  verifier_free(of_ec);
  EVP_PKEY_free(rsa);
  EVP_PKEY_free(ec);
  cx_free_alone(cx);
}

static EVP_PKEY *explicit_p256(void)
{
  EVP_PKEY *key = NULL;
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
  assert_int_equal(EVP_PKEY_keygen_init(context), 1);
  assert_int_equal(EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1), 1);
  assert_int_equal(EVP_PKEY_CTX_set_ec_param_enc(context, OPENSSL_EC_EXPLICIT_CURVE), 1);
  assert_int_equal(EVP_PKEY_generate(context, &key), 1);
  EVP_PKEY_CTX_free(context);
  return key;
}

static void no_other_key_counts(void **state)
{
  struct cx *cx = cx_new_alone(&clock_fixed, NULL);
  EVP_PKEY *keys[] = {EVP_EC_gen("P-384"), EVP_EC_gen("secp256k1"), EVP_RSA_gen(1024), EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), explicit_p256()};
  struct signature signature = {.size = 64};
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
    uint8_t *der = NULL;
    int size = i2d_PUBKEY(keys[i], &der);
    EVP_PKEY *read = public_key_read((struct bytes){der, (size_t)size});
    assert_non_null(read);
    assert_int_equal(key_kind(read), 0);
    assert_int_equal(signature_check(cx, read, digest, &signature), ERR_INPUT);
    assert_string_equal(cx->problems.items[0].key, "keys.error.kind");
    cx_reset_problems(cx);
    EVP_PKEY_free(read);
    EVP_PKEY_free(keys[i]);
    OPENSSL_free(der);
  }
  assert_int_equal(signature_check(cx, NULL, digest, &signature), ERR_INPUT);
  cx_free_alone(cx);
}

static void public_keys_are_read_to_the_last_byte(void **state)
{
  uint8_t room[256], *at = room;
  EVP_PKEY *key = EVP_EC_gen("P-256");
  int size = i2d_PUBKEY(key, &at);
  EVP_PKEY *read = public_key_read((struct bytes){room, (size_t)size});
  assert_int_equal(EVP_PKEY_eq(read, key), 1);
  EVP_PKEY_free(read);
  for (int less = 0; less < size; less++) assert_null(public_key_read((struct bytes){room, (size_t)less}));
  room[size] = 0;
  assert_null(public_key_read((struct bytes){room, (size_t)size + 1}));
  room[size - 1] ^= 1; /* a point that is not on the curve */
  assert_null(public_key_read((struct bytes){room, (size_t)size}));
  EVP_PKEY_free(key);
}

static void der_has_one_spelling(void **state)
{
  struct arena *arena = arena_new(0);
  struct signature signature = {.size = 64}, read;
  struct bytes der;
  signature.data[31] = 0x80; /* r = 128 wants a leading zero, s = 5 does not */
  signature.data[63] = 5;
  assert_true(signature_to_der(arena, &signature, &der));
  const uint8_t expected[] = {0x30, 7, 2, 2, 0, 0x80, 2, 1, 5};
  assert_int_equal(der.size, sizeof expected);
  assert_memory_equal(der.data, expected, sizeof expected);
  assert_true(signature_from_der(der.data, der.size, &read));
  assert_memory_equal(read.data, signature.data, 64);
  const uint8_t padded[] = {0x30, 8, 2, 2, 0, 0x80, 2, 2, 0, 5}, long_length[] = {0x30, 0x81, 7, 2, 2, 0, 0x80, 2, 1, 5};
  const uint8_t behind[] = {0x30, 7, 2, 2, 0, 0x80, 2, 1, 5, 0}, negative[] = {0x30, 6, 2, 1, 0x80, 2, 1, 5};
  assert_false(signature_from_der(padded, sizeof padded, &read));
  assert_false(signature_from_der(long_length, sizeof long_length, &read));
  assert_false(signature_from_der(behind, sizeof behind, &read));
  assert_false(signature_from_der(negative, sizeof negative, &read));
  assert_false(signature_from_der(expected, 0, &read));
  signature.size = 63;
  assert_false(signature_to_der(arena, &signature, &der));
  arena_free(arena);
}

static void hashes_are_sha256(void **state)
{
  uint8_t out[DIGEST_SIZE];
  const uint8_t of_abc[] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
                            0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
  sha256("abc", 3, out);
  assert_memory_equal(out, of_abc, DIGEST_SIZE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(p256_and_rsa_count),
    cmocka_unit_test(a_prepared_key_judges_as_any),
    cmocka_unit_test(a_table_comes_while_others_check),
    cmocka_unit_test(a_digest_beyond_the_order_counts),
    cmocka_unit_test(only_p256_is_prepared_and_once_due),
    cmocka_unit_test(no_other_key_counts),
    cmocka_unit_test(public_keys_are_read_to_the_last_byte),
    cmocka_unit_test(der_has_one_spelling),
    cmocka_unit_test(hashes_are_sha256),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
