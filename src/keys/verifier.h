/* A public key that many signatures are checked against: a table of it (150 kB) makes a check of a P-256 signature take less than half
 * of its time. Answers are the same with it and without. Any thread. */
#ifndef KEYS_VERIFIER_H
#define KEYS_VERIFIER_H

#include "keys/keys.h"

struct verifier;

struct verifier *verifier_new(EVP_PKEY *key);                    /* holds the key; one holder */
struct verifier *verifier_hold(struct verifier *verifier);       /* one holder more */
void verifier_free(struct verifier *verifier);                   /* one less; the last takes it along; NULL is allowed */
/* As signature_check. */
MUST_USE enum err verifier_check(struct cx *cx, struct verifier *verifier, const uint8_t digest[DIGEST_SIZE], const struct signature *signature);
/* Asked once for each signature that held; true a single time: it has been so many that a table pays. */
bool verifier_due(struct verifier *verifier);
void verifier_prepare(struct verifier *verifier);                /* makes the table: some 20 ms, so not on a loop */
bool verifier_prepared(struct verifier *verifier);

#endif
