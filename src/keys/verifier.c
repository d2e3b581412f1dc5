/* Checking many signatures against one P-256 key. OpenSSL keeps a table of the curve's own generator, so that to multiply it takes a
 * seventh of the time that any other point takes; a group whose generator is the key's point has such a table of that. The check is
 * then ECDSA as FIPS 186-5 § 6.4.2 writes it, over two cheap products. Nothing here is secret: no time need be constant.
 *
 * OpenSSL 3.0 calls EC_GROUP_precompute_mult deprecated; where it does nothing, the same steps are right and merely slower. */
#include "keys/verifier.h"

#include "keys/inner.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <stdatomic.h>
#include <stdlib.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

enum { DUE_AFTER = 2000 };

/* The curve as it is, and with the key's point in the generator's place. */
struct table { EC_GROUP *curve, *own; };

struct verifier {
  atomic_int holders;
  EVP_PKEY *key;
  enum key_algorithm kind;
  atomic_int checks;           /* up to DUE_AFTER */
  _Atomic(struct table *) table;
};

static void table_free(struct table *table)
{
  if (!table) return;
  EC_GROUP_free(table->curve);
  EC_GROUP_free(table->own);
  free(table);
}

struct verifier *verifier_new(EVP_PKEY *key)
{
  struct verifier *verifier = calloc(1, sizeof *verifier);
  if (!verifier || EVP_PKEY_up_ref(key) != 1) abort();
  verifier->key = key;
  verifier->kind = key_kind(key);
  atomic_init(&verifier->holders, 1);
  return verifier;
}

struct verifier *verifier_hold(struct verifier *verifier)
{
  atomic_fetch_add(&verifier->holders, 1);
  return verifier;
}

void verifier_free(struct verifier *verifier)
{
  if (!verifier || atomic_fetch_sub(&verifier->holders, 1) > 1) return;
  table_free(atomic_load(&verifier->table));
  EVP_PKEY_free(verifier->key);
  free(verifier);
}

/* ---- The table ---- */

static bool point_read(EVP_PKEY *key, const EC_GROUP *curve, EC_POINT *out)
{
  uint8_t data[1 + 2 * POINT_HALF];
  size_t size;
  return EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, data, sizeof data, &size) == 1 &&
         EC_POINT_oct2point(curve, out, data, size, NULL) == 1;
}

static bool table_fill(struct table *table, EVP_PKEY *key)
{
  EC_POINT *point = EC_POINT_new(table->curve);
  bool good = point && point_read(key, table->curve, point) &&
              EC_GROUP_set_generator(table->own, point, EC_GROUP_get0_order(table->curve), BN_value_one()) == 1 &&
              EC_GROUP_precompute_mult(table->own, NULL) == 1;
  EC_POINT_free(point);
  return good;
}

static struct table *table_make(EVP_PKEY *key)
{
  struct table *table = calloc(1, sizeof *table);
  if (!table) abort();
  *table = (struct table){EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1), EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)};
  bool good = table->curve && table->own && table_fill(table, key);
  ERR_clear_error();
  if (good) return table;
  table_free(table);
  return NULL;
}

bool verifier_due(struct verifier *verifier)
{
  if (verifier->kind != KEY_P256 || atomic_load_explicit(&verifier->checks, memory_order_relaxed) >= DUE_AFTER) return false;
  return atomic_fetch_add(&verifier->checks, 1) == DUE_AFTER - 1;
}

void verifier_prepare(struct verifier *verifier)
{
  struct table *none = NULL, *table = verifier->kind == KEY_P256 ? table_make(verifier->key) : NULL;
  if (table && !atomic_compare_exchange_strong(&verifier->table, &none, table)) table_free(table);
}

bool verifier_prepared(struct verifier *verifier)
{
  return atomic_load(&verifier->table) != NULL;
}

/* ---- Checking ---- */

struct numbers { BIGNUM *r, *s, *digest, *inverse, *of_curve, *of_key, *x; };

static void numbers_get(BN_CTX *room, struct numbers *out)
{
  BIGNUM **all[] = {&out->r, &out->s, &out->digest, &out->inverse, &out->of_curve, &out->of_key, &out->x};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    if (!(*all[i] = BN_CTX_get(room))) abort();
}

static bool in_range(const BIGNUM *number, const BIGNUM *order)
{
  return !BN_is_zero(number) && BN_cmp(number, order) < 0;
}

/* The order has as many bits as the digest: nothing of it is cut off. */
static bool numbers_fill(const struct numbers *n, const BIGNUM *order, const uint8_t *digest, const struct signature *signature, BN_CTX *room)
{
  if (!BN_bin2bn(signature->data, POINT_HALF, n->r) || !BN_bin2bn(signature->data + POINT_HALF, POINT_HALF, n->s) ||
      !BN_bin2bn(digest, DIGEST_SIZE, n->digest)) abort();
  return in_range(n->r, order) && in_range(n->s, order) && BN_mod_inverse(n->inverse, n->s, order, room) &&
         BN_mod_mul(n->of_curve, n->digest, n->inverse, order, room) == 1 && BN_mod_mul(n->of_key, n->r, n->inverse, order, room) == 1;
}

/* x of digest/s × generator + r/s × key, modulo the order, is r. */
static bool sum_fits(const struct table *table, const struct numbers *n, const BIGNUM *order, BN_CTX *room)
{
  EC_POINT *sum = EC_POINT_new(table->curve), *part = EC_POINT_new(table->curve);
  if (!sum || !part) abort();
  bool good = EC_POINT_mul(table->curve, sum, n->of_curve, NULL, NULL, room) == 1 &&
              EC_POINT_mul(table->own, part, n->of_key, NULL, NULL, room) == 1 &&
              EC_POINT_add(table->curve, sum, sum, part, room) == 1 && EC_POINT_is_at_infinity(table->curve, sum) == 0 &&
              EC_POINT_get_affine_coordinates(table->curve, sum, n->x, NULL, room) == 1 &&
              BN_nnmod(n->x, n->x, order, room) == 1 && BN_cmp(n->x, n->r) == 0;
  EC_POINT_free(sum);
  EC_POINT_free(part);
  return good;
}

static bool table_check(const struct table *table, const uint8_t digest[DIGEST_SIZE], const struct signature *signature)
{
  struct numbers numbers;
  BN_CTX *room = BN_CTX_new();
  if (!room) abort();
  BN_CTX_start(room);
  numbers_get(room, &numbers);
  const BIGNUM *order = EC_GROUP_get0_order(table->curve);
  bool good = numbers_fill(&numbers, order, digest, signature, room) && sum_fits(table, &numbers, order, room);
  BN_CTX_end(room);
  BN_CTX_free(room);
  ERR_clear_error();
  return good;
}

enum err verifier_check(struct cx *cx, struct verifier *verifier, const uint8_t digest[DIGEST_SIZE], const struct signature *signature)
{
  const struct table *table = atomic_load(&verifier->table);
  if (!table) return signature_check(cx, verifier->key, digest, signature);
  bool good = signature->size == 2 * POINT_HALF && table_check(table, digest, signature);
  return good ? OK : cx_fail(cx, ERR_INPUT, NULL, "keys.error.signature", NULL);
}

#pragma GCC diagnostic pop
