/* The keys process: holds private keys, signs digests, does nothing else.
 *
 * keys_start re-executes the binary as `truc keys` with one end of a socketpair as descriptor 3; the process opens its folder
 * (mode 0700), then locks itself in with seccomp: no network, no files but its own, no exec.
 * Messages are length-prefixed and read to the last byte; left-over bytes are an error. Many
 * sign requests in flight are answered in batches. Private keys never leave it. When it dies it
 * is started again and requests in flight are sent anew. Standards: RFC 5480, FIPS 186-5, RFC 8017. */
#ifndef KEYS_KEYS_H
#define KEYS_KEYS_H

#include "base/cx.h"
#include "base/buffer.h"
#include <openssl/x509.h>

struct keys;

enum key_algorithm { KEY_P256 = 1, KEY_RSA2048 = 2 };
enum { DIGEST_SIZE = 32, SIGNATURE_MAX = 512 };

/* A signature in the form RFC 9421 wants: P-256 as r‖s (64 bytes), RSA as PKCS #1 v1.5 with SHA-256. */
struct signature { uint8_t data[SIGNATURE_MAX]; size_t size; };

/* executable: the truc binary (or a test's own that calls keys_process_main); folder: where the keys lie, made if missing, served by
 * one process at a time. cx->log must live until keys_stop. ERR_STORAGE: the process would not start; its stderr says why. */
MUST_USE enum err keys_start(struct cx *cx, const char *executable, const char *folder, struct keys **out);
void keys_stop(struct keys *keys); /* answers what was asked, then ends the process; NULL is allowed; nothing may be asked any more */
/* The body of `truc keys`: serves descriptor 3 until it is closed, and ends the process: 0, or another status when the other side
 * broke the protocol, the folder or a file in it is not private or not readable, or the kernel refuses the filter. */
int keys_process_main(const char *folder);
int keys_process_pid(const struct keys *keys); /* for tests that kill it */

/* Makes a key if there is none of that name (1 to 64 letters, digits, '-'). ERR_CONFLICT: there is one of the other algorithm. */
MUST_USE enum err keys_make(struct cx *cx, struct keys *keys, const char *name, enum key_algorithm algorithm);
/* The public half, DER SubjectPublicKeyInfo; ERR_NOT_FOUND. */
MUST_USE enum err keys_public(struct cx *cx, struct keys *keys, const char *name, struct bytes *out);
/* Any thread; done runs on the reader thread of `keys`, once, and must not block. digest: SHA-256. signature: NULL with an error;
 * ERR_NOT_FOUND: no such key, ERR_BUSY: 65536 requests wait already, ERR_INTERNAL: the process died again and again. */
void keys_sign(struct keys *keys, const char *name, const uint8_t digest[DIGEST_SIZE],
               void (*done)(void *user, enum err err, const struct signature *signature), void *user);
MUST_USE enum err keys_sign_wait(struct cx *cx, struct keys *keys, const char *name, const uint8_t digest[DIGEST_SIZE], struct signature *out);
/* An EVP_PKEY of the public half whose signing goes to the keys process: P-256 for TLS 1.3 and X.509, RSA for X.509 alone (TLS 1.3
 * wants PSS). It blocks its thread for about 100 µs. The caller frees it; it may not sign after keys_stop, nor on the reader thread. */
MUST_USE enum err keys_tls_key(struct cx *cx, struct keys *keys, const char *name, EVP_PKEY **out);

/* Checks a signature in the above form. The key decides the algorithm; anything but P-256 or RSA ≥ 2048 is ERR_INPUT. */
MUST_USE enum err signature_check(struct cx *cx, EVP_PKEY *key, const uint8_t digest[DIGEST_SIZE], const struct signature *signature);
void sha256(const void *data, size_t size, uint8_t out[DIGEST_SIZE]);
EVP_PKEY *public_key_read(struct bytes spki); /* NULL when it is none; the caller frees it */

#endif
