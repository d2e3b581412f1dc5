/* The little of Structured Field Values (RFC 8941) that signatures need, in the one spelling that serialization gives: what has
 * two spellings could be signed as one and read as the other. Each reader moves *at past what it read, or fails. */
#ifndef KEYS_STRUCTURED_H
#define KEYS_STRUCTURED_H

#include "base/buffer.h"

MUST_USE bool structured_take(const char **at, const char *literal);
/* "text" without escapes: visible ASCII and spaces, but quotes and backslashes. NULL: there is none. */
const char *structured_string(struct arena *arena, const char **at);
bool structured_string_good(const char *text);
/* No sign, no leading zeros, at most 15 digits. */
MUST_USE bool structured_integer(const char **at, int64_t *out);
/* :base64: */
MUST_USE bool structured_bytes(struct arena *arena, const char **at, struct bytes *out);

#endif
