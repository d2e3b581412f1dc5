/* HTTP Message Signatures (RFC 9421) with Content-Digest (RFC 9530), as the gateways use them: one signature
 * labelled "axis" a message. Pure: makes the signature base and reads the fields; signing is keys_sign. */
#ifndef KEYS_MESSAGE_SIGNATURE_H
#define KEYS_MESSAGE_SIGNATURE_H

#include "base/fields.h"
#include "keys/keys.h"

struct signed_message {
  const char *method;               /* of the request (also when a response is signed) */
  const char *target;               /* raw request target, @request-target: "/axis/1?x=1" */
  int status;                       /* 0: a request */
  const struct http_fields *fields; /* every field is covered, but Signature and Signature-Input */
  const struct signed_message *request; /* for a response: its request, whose signature is covered with ;req */
};

struct signature_parameters {
  int64_t created_s, expires_s;     /* seconds since 1970 */
  const char *key_id;               /* certificate_hash of the signer */
  const char *tag;                  /* "axis-request" or "axis-response" */
};

/* The value of Signature-Input's inner list with parameters, and the SHA-256 of the base.
 * A field name that occurs twice in the message is ERR_INPUT. */
MUST_USE enum err message_signature_prepare(struct cx *cx, const struct signed_message *message,
                                            const struct signature_parameters *parameters, const char **input, uint8_t digest[DIGEST_SIZE]);
/* Adds Signature-Input and Signature to fields. */
void message_signature_attach(struct http_fields *fields, const char *input, const struct signature *signature);
/* Reads both fields of a received message, demands that @method, @request-target (or @status and the request's signature;req) and
 * every field present is covered, and gives parameters, the digest to check and the signature. Strict: RFC 8941 grammar,
 * one label "axis", no unknown component, no double. `input` is kept for the evidence. */
struct received_signature { struct signature_parameters parameters; const char *input; const char *base; uint8_t digest[DIGEST_SIZE]; struct signature signature; };
MUST_USE enum err message_signature_read(struct cx *cx, const struct signed_message *message, struct received_signature *out);

/* "sha-256=:…:" of a body; and whether a field's value holds that digest. */
const char *content_digest(struct arena *arena, const uint8_t sha256[DIGEST_SIZE]);
MUST_USE bool content_digest_read(const char *value, uint8_t sha256[DIGEST_SIZE]);

#endif
