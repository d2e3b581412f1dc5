/* Which header fields travel, and under which names; and X-Road's request hash over them.
 *
 * Hop-by-hop fields (RFC 9110 § 7.6.1 and X-Road's list) stay behind in both directions; everything else passes. Between gateways
 * the fields Signature, Signature-Input and Content-Digest are ours, so those of the systems travel as Axis-Carried-*. */
#ifndef AXIS_FORWARD_H
#define AXIS_FORWARD_H

#include "base/fields.h"
#include "net/http.h"

enum forward_side { FORWARD_REQUEST, FORWARD_ANSWER };

/* End-to-end fields of a system's message, in order. Drops hop-by-hop fields, those that Connection names, Axis-*, and what only a
 * gateway may set: X-Road-Request-Id and X-Road-Request-Hash of requests; X-Road-Id, -Client, -Service, -Request-Id, -Request-Hash,
 * -Error and Date of answers. False: a name stands there twice (requests; of answers, lists are joined and only Set-Cookie fails). */
MUST_USE bool forward_fields(struct arena *arena, const struct http_fields *from, enum forward_side side, struct http_fields *out);
/* The systems' own signature fields get, or lose, their carried names. */
void forward_pack(struct http_fields *fields);
void forward_unpack(struct http_fields *fields);
/* What a gateway received, without the fields of the connection (host, content-length, connection; of answers date): what was signed. */
void forward_signed(struct arena *arena, const struct http_fields *from, enum forward_side side, struct http_fields *out);
/* What the system gets of a message that a gateway received and checked: carried names undone, ours dropped; all else as it was signed,
 * whatever Connection names. */
MUST_USE bool forward_received(struct arena *arena, const struct http_fields *from, enum forward_side side, struct http_fields *out);
/* Can they be signed and carried between gateways? Visible ASCII, spaces and tabs only, and small enough for a message's head with
 * all that a gateway adds: each name comes twice. */
bool forward_fits(const struct http_fields *fields);
bool forward_is_text(const char *value, size_t max); /* visible ASCII and spaces, not empty */

/* base64 of SHA-512 as in X-Road's REST protocol; fields in order, as the caller appended X-Road-Request-Id and a made X-Road-Id.
 * body_hash: SHA-512 of the body, or NULL without one. */
enum { SHA512_SIZE = 64 };
const char *request_hash(struct arena *arena, const char *method, const char *target, const struct http_fields *fields, const uint8_t *body_hash);
void sha512(const void *data, size_t size, uint8_t out[SHA512_SIZE]);
/* Reads the whole body, from its file if it lies there: not on a loop then. */
MUST_USE bool sha512_body(const struct http_body *body, uint8_t out[SHA512_SIZE]);
MUST_USE bool sha256_body(struct http_body *body); /* fills body->sha256 and hashed */

#endif
