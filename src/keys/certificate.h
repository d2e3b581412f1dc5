/* X.509 certificates of members and gateways (RFC 5280), issued by the operator of an instance.
 * Signing goes through the keys process: nothing here sees a private key. PEM outside, X509* inside. */
#ifndef KEYS_CERTIFICATE_H
#define KEYS_CERTIFICATE_H

#include "keys/keys.h"

enum certificate_use { CERTIFICATE_AUTHORITY = 1, CERTIFICATE_GATEWAY /* TLS server and client */, CERTIFICATE_MEMBER /* signs messages */ };

struct certificate_wish {
  const char *common_name;         /* a gateway's or member's name: "H01/gateway", "H01/GOV/H01.07"; at most 64 characters */
  const char *host;                /* dNSName or iPAddress for gateways, or NULL */
  enum certificate_use use;
  int64_t not_before_us, not_after_us;
};

/* A PKCS #10 request over key `name` (PEM). */
MUST_USE enum err certificate_request(struct cx *cx, struct keys *keys, const char *name, const struct certificate_wish *wish, const char **pem);
/* Issues for the public key `spki`, signed by key `issuer_key`; issuer NULL: self-signed, and spki is that key's. PEM out.
 * v3 with a random serial of 127 bits, subject and authority key identifiers, basic constraints and key usage (critical), and
 * extended key usage: serverAuth and clientAuth of gateways, documentSigning (RFC 9336) of members. Not after the issuer's end. */
MUST_USE enum err certificate_issue(struct cx *cx, struct keys *keys, const char *issuer_key, X509 *issuer, struct bytes spki,
                                    const struct certificate_wish *wish, const char **pem);
/* Checks the request's own signature and gives its public key and common name. */
MUST_USE enum err certificate_request_read(struct cx *cx, const char *pem, struct bytes *spki, const char **common_name);
/* Exactly one certificate and nothing around it. */
MUST_USE enum err certificate_read(struct cx *cx, const char *pem, X509 **out); /* the caller frees it */
/* Issued by that authority, for that use, both valid at now_us, of the form that certificate_issue gives, keys P-256 or
 * RSA ≥ 2048, no critical extension that is not understood. ERR_INPUT with the reason. */
MUST_USE enum err certificate_check(struct cx *cx, X509 *certificate, X509 *authority, enum certificate_use use, int64_t now_us);
/* Valid from (inclusive) and to (exclusive), µs; 0 and 0 when they are not times: valid never. */
void certificate_validity(X509 *certificate, int64_t *from_us, int64_t *to_us);
const char *certificate_name(struct arena *arena, X509 *certificate);     /* its common name; NULL: its subject is not one alone */
const char *certificate_hash(struct arena *arena, X509 *certificate);     /* SHA-256 of the DER, hex: its key id */
struct bytes certificate_spki(struct arena *arena, X509 *certificate);

#endif
