/* A key for OpenSSL whose private half is in the keys process.
 *
 * OpenSSL 3.0 offers two ways: a provider of a few hundred lines, or the method tables of 1.1, deprecated but whole. We use the
 * tables. Each key carries its own table and frees it. ECDSA serves TLS 1.3 and X.509; RSA serves X.509 alone, as TLS 1.3
 * wants PSS, which would need the keys process to exponentiate whatever it is sent. */
#include "keys/inner.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

/* Index 0 of an object's extra data is kept by OpenSSL for the application, on every object without asking. */
enum { OWN_DATA = 0 };

struct remote_key {
  struct keys *keys;
  EC_KEY_METHOD *ec;
  RSA_METHOD *rsa;
  char name[KEY_NAME_MAX + 1];
};

static void remote_free(struct remote_key *remote)
{
  if (!remote) return;
  if (remote->ec) EC_KEY_METHOD_free(remote->ec);
  if (remote->rsa) RSA_meth_free(remote->rsa);
  free(remote);
}

/* ---- ECDSA ---- */

static ECDSA_SIG *ec_sign(const unsigned char *digest, int size, const BIGNUM *kinv, const BIGNUM *r, EC_KEY *key)
{
  struct remote_key *remote = EC_KEY_get_ex_data(key, OWN_DATA);
  struct signature signature;
  if (!remote || size != DIGEST_SIZE || keys_sign_plain(remote->keys, remote->name, digest, &signature) != OK) return NULL;
  if (signature.size != 2 * POINT_HALF) return NULL;
  ECDSA_SIG *pair = ECDSA_SIG_new();
  BIGNUM *first = BN_bin2bn(signature.data, POINT_HALF, NULL), *second = BN_bin2bn(signature.data + POINT_HALF, POINT_HALF, NULL);
  if (!pair || !first || !second || ECDSA_SIG_set0(pair, first, second) != 1) abort();
  return pair;
}

static void ec_finish(EC_KEY *key)
{
  remote_free(EC_KEY_get_ex_data(key, OWN_DATA));
  EC_KEY_set_ex_data(key, OWN_DATA, NULL);
}

/* Two keys must not free one table. */
static int ec_copy(EC_KEY *to, const EC_KEY *from)
{
  EC_KEY_set_ex_data(to, OWN_DATA, NULL);
  return 0;
}

static bool ec_attach(EVP_PKEY *out, EVP_PKEY *public_half, struct remote_key *remote)
{
  EC_KEY *key = EVP_PKEY_get1_EC_KEY(public_half);
  remote->ec = EC_KEY_METHOD_new(EC_KEY_OpenSSL());
  if (!key || !remote->ec) abort();
  int (*sign_whole)(int, const unsigned char *, int, unsigned char *, unsigned int *, const BIGNUM *, const BIGNUM *, EC_KEY *);
  EC_KEY_METHOD_get_sign(remote->ec, &sign_whole, NULL, NULL);
  EC_KEY_METHOD_set_sign(remote->ec, sign_whole, NULL, ec_sign);
  EC_KEY_METHOD_set_init(remote->ec, NULL, ec_finish, ec_copy, NULL, NULL, NULL);
  if (EC_KEY_set_method(key, remote->ec) != 1 || EC_KEY_set_ex_data(key, OWN_DATA, remote) != 1) abort();
  return EVP_PKEY_assign_EC_KEY(out, key) == 1;
}

/* ---- RSA ---- */

static int rsa_sign(int type, const unsigned char *digest, unsigned int size, unsigned char *out, unsigned int *out_size, const RSA *key)
{
  struct remote_key *remote = RSA_get_ex_data(key, OWN_DATA);
  struct signature signature;
  if (!remote || type != NID_sha256 || size != DIGEST_SIZE) return 0;
  if (keys_sign_plain(remote->keys, remote->name, digest, &signature) != OK || signature.size != (size_t)RSA_size(key)) return 0;
  memcpy(out, signature.data, signature.size);
  *out_size = (unsigned int)signature.size;
  return 1;
}

static int rsa_refuse(int size, const unsigned char *from, unsigned char *to, RSA *key, int padding)
{
  return -1;
}

static int rsa_finish(RSA *key)
{
  remote_free(RSA_get_ex_data(key, OWN_DATA));
  RSA_set_ex_data(key, OWN_DATA, NULL);
  return 1;
}

static bool rsa_attach(EVP_PKEY *out, EVP_PKEY *public_half, struct remote_key *remote)
{
  RSA *key = EVP_PKEY_get1_RSA(public_half);
  remote->rsa = RSA_meth_dup(RSA_PKCS1_OpenSSL());
  if (!key || !remote->rsa) abort();
  RSA_meth_set_flags(remote->rsa, RSA_METHOD_FLAG_NO_CHECK);
  RSA_meth_set_sign(remote->rsa, rsa_sign);
  RSA_meth_set_priv_enc(remote->rsa, rsa_refuse);
  RSA_meth_set_priv_dec(remote->rsa, rsa_refuse);
  RSA_meth_set_finish(remote->rsa, rsa_finish);
  if (RSA_set_method(key, remote->rsa) != 1 || RSA_set_ex_data(key, OWN_DATA, remote) != 1) abort();
  return EVP_PKEY_assign_RSA(out, key) == 1;
}

EVP_PKEY *remote_key_new(struct keys *keys, const char *name, struct bytes spki)
{
  EVP_PKEY *public_half = public_key_read(spki), *out = EVP_PKEY_new();
  enum key_algorithm kind = key_kind(public_half);
  struct remote_key *remote = calloc(1, sizeof *remote);
  if (!remote || !out) abort();
  remote->keys = keys;
  memcpy(remote->name, name, strlen(name) + 1);
  bool good = false;
  if (kind == KEY_P256) good = ec_attach(out, public_half, remote);
  if (kind == KEY_RSA2048) good = rsa_attach(out, public_half, remote);
  if (!kind) remote_free(remote);
  if (!good) EVP_PKEY_free(out);
  EVP_PKEY_free(public_half);
  ERR_clear_error();
  return good ? out : NULL;
}

#pragma GCC diagnostic pop
