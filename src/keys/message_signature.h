/* HTTP Message Signatures (RFC 9421) with Content-Digest (RFC 9530), as the gateways use them: one signature
 * labelled "axis" a message. Pure: makes the signature base and reads the fields; signing is keys_sign.
 *
 * A request covers "@method", "@request-target" and every field. A response covers "@status", "signature-input";req and
 * "signature";req (the request's: its signature binds what was asked, its input the key that signed it) and every field.
 * Of RFC 8941's spellings only the one that its serialization gives is taken, and no escapes in strings. */
#ifndef KEYS_MESSAGE_SIGNATURE_H
#define KEYS_MESSAGE_SIGNATURE_H

#include "base/fields.h"
#include "keys/keys.h"

struct signed_message {
  const char *method;               /* of the request (also when a response is signed) */
  const char *target;               /* raw request target, @request-target: "/axis/1?x=1" */
  int status;                       /* 0: a request; else 100 to 999 */
  const struct http_fields *fields; /* every field is covered, but Signature and Signature-Input */
  const struct signed_message *request; /* for a response: its request, signed; only its fields are read */
};

struct signature_parameters {
  int64_t created_s, expires_s;     /* seconds since 1970 */
  const char *key_id;               /* certificate_hash of the signer */
  const char *tag;                  /* "axis-request" or "axis-response" */
};

/* As a receiver reads it: input is the value of Signature-Input (without the label), base what is signed, digest its SHA-256. */
struct received_signature { struct signature_parameters parameters; const char *input; const char *base; uint8_t digest[DIGEST_SIZE]; struct signature signature; };

/* What message_signature_read will give once the signature is attached; the signature itself is still missing.
 * ERR_INPUT: a field name that occurs twice, a name that is no token, a value with control or non-ASCII characters (a base is
 * ASCII), a target that is not visible ASCII, more than 256 components, a response whose request is not signed. */
MUST_USE enum err message_signature_prepare(struct cx *cx, const struct signed_message *message,
                                            const struct signature_parameters *parameters, struct received_signature *out);
/* Adds Signature-Input and Signature to fields, in place of such as are there. */
void message_signature_attach(struct http_fields *fields, const char *input, const struct signature *signature);
/* Reads both fields of a received message, demands that @method, @request-target (or @status and the request's signature;req) and
 * every field present is covered, in any order, and gives parameters, the digest to check and the signature. Strict: one label
 * "axis", no component that the message has not, no double, the four parameters once each and no other, the tag of its kind,
 * expires after created. Whose key it is, and whether the time is right, the caller judges. `input` is kept for the evidence. */
MUST_USE enum err message_signature_read(struct cx *cx, const struct signed_message *message, struct received_signature *out);

/* "sha-256=:…:" of a body; and the digest of a field's value, which must hold that one alone. */
const char *content_digest(struct arena *arena, const uint8_t sha256[DIGEST_SIZE]);
MUST_USE bool content_digest_read(const char *value, uint8_t sha256[DIGEST_SIZE]);

#endif
