/* What the parts of this floor know of each other and nobody above needs. */
#ifndef KEYS_INNER_H
#define KEYS_INNER_H

#include "keys/keys.h"

enum { KEY_NAME_MAX = 64, POINT_HALF = 32 /* bytes of r and of s on P-256 */, RSA_BITS_MIN = 2048, RSA_BITS_MAX = 4096 };

/* Letters, digits and '-', 1 to KEY_NAME_MAX of them: it becomes a file's name. */
bool key_name_good(const char *name);
const EVP_MD *sha256_method(void);
/* What a key is, or 0 when it is nothing that we use: P-256 as a named curve, RSA of 2048 to 4096 bits. */
enum key_algorithm key_kind(EVP_PKEY *key);
/* ECDSA signatures: r‖s outside, a DER SEQUENCE of two INTEGERs where OpenSSL, X.509 and notes want it. False: not of that form. */
MUST_USE bool signature_from_der(const uint8_t *der, size_t size, struct signature *out);
MUST_USE bool signature_to_der(struct arena *arena, const struct signature *signature, struct bytes *out);
/* keys_sign_wait without a context: for OpenSSL's call-backs, which bring none. */
MUST_USE enum err keys_sign_plain(struct keys *keys, const char *name, const uint8_t digest[DIGEST_SIZE], struct signature *out);
/* Makes the public key's EVP_PKEY sign through the keys process. Takes over nothing. NULL: a key of no known kind. */
EVP_PKEY *remote_key_new(struct keys *keys, const char *name, struct bytes spki);

#endif
