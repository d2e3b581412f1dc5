/* X.509 certificates of members and gateways (RFC 5280), issued by the operator of an instance.
 * Signing goes through the keys process: nothing here sees a private key. PEM outside, X509* inside. */
#ifndef KEYS_CERTIFICATE_H
#define KEYS_CERTIFICATE_H

#include "keys/keys.h"

enum certificate_use { CERTIFICATE_AUTHORITY = 1, CERTIFICATE_GATEWAY /* TLS server and client */, CERTIFICATE_MEMBER /* signs messages */ };

struct certificate_wish {
  const char *common_name;         /* a gateway's or member's name: "H01/gateway", "H01/GOV/H01.07" */
  const char *host;                /* dNSName or iPAddress for gateways, or NULL */
  enum certificate_use use;
  int64_t not_before_us, not_after_us;
};

/* A PKCS #10 request over key `name` (PEM). */
MUST_USE enum err certificate_request(struct cx *cx, struct keys *keys, const char *name, const struct certificate_wish *wish, const char **pem);
/* Issues for the public key `spki`, signed by key `issuer_key`; issuer NULL: self-signed. PEM out. */
MUST_USE enum err certificate_issue(struct cx *cx, struct keys *keys, const char *issuer_key, X509 *issuer, struct bytes spki,
                                    const struct certificate_wish *wish, const char **pem);
/* Checks the request's own signature and gives its public key and common name. */
MUST_USE enum err certificate_request_read(struct cx *cx, const char *pem, struct bytes *spki, const char **common_name);
MUST_USE enum err certificate_read(struct cx *cx, const char *pem, X509 **out); /* the caller frees it */
/* Issued by that authority, for that use, valid at now_us. */
MUST_USE enum err certificate_check(struct cx *cx, X509 *certificate, X509 *authority, enum certificate_use use, int64_t now_us);
const char *certificate_name(struct arena *arena, X509 *certificate);     /* its common name */
const char *certificate_hash(struct arena *arena, X509 *certificate);     /* SHA-256 of the DER, hex: its key id */
struct bytes certificate_spki(struct arena *arena, X509 *certificate);

#endif
