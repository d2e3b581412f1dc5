/* Text: UTF-8, NFC, NUL-terminated `const char *` everywhere inside. Bytes from outside
 * become text only through text_clean. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/buffer.h"

enum text_mode { TEXT_LINE, TEXT_LINES }; /* one line (inner white space folded, trimmed), or many (CRLF → LF) */

/* Valid UTF-8, no NUL or control characters (but LF and TAB in TEXT_LINES), nothing that turns the reading direction, at
 * most 30 combining marks in a row (UAX #15, stream-safe), normalised to NFC. NULL when it is not text. */
const char *text_clean(struct arena *arena, const char *data, size_t size, enum text_mode mode);
/* Lower case, without diacritics, đ → d, runs of other signs as one space: for search. */
char *text_fold(struct arena *arena, const char *text);
/* A key of a-z and 0-9 whose strcmp order sorts Vietnamese names by given name, then middle, then family; in each word
 * letters in the Vietnamese alphabet's order (a ă â b c d đ e ê …), then tones (none, huyền, hỏi, ngã, sắc, nặng). */
char *text_name_key(struct arena *arena, const char *full_name);
char *text_upper(struct arena *arena, const char *text); /* "NGUYỄN VĂN AN" */
char *text_lower(struct arena *arena, const char *text);
size_t text_characters(const char *text); /* code points */

bool text_equal(const char *a, const char *b); /* both NULL: equal */
bool text_starts(const char *text, const char *prefix);
bool text_empty(const char *text);             /* NULL or "" */
bool text_is_digits(const char *text, size_t count);
/* A whole decimal number, no sign but '-', no spaces, in range. */
MUST_USE bool text_to_i64(const char *text, int64_t min, int64_t max, int64_t *out);
char *number_write(struct arena *arena, int64_t number); /* "200.000": groups of three with full stops */
char *money_write(struct arena *arena, int64_t vnd);     /* "200.000 đồng" */

/* Percent coding (RFC 3986). decode: NULL when a % is malformed or a NUL comes out; plus_is_space for forms. */
char *url_encode(struct arena *arena, const char *text);
char *url_decode(struct arena *arena, const char *data, size_t size, bool plus_is_space);
void html_escape(struct buffer *out, const char *text); /* text and quoted attributes: & < > " ' */
void json_quote(struct buffer *out, const char *text);  /* as a JSON string with its quotes; NULL as "" */

char *hex_write(struct arena *arena, const void *data, size_t size);
char *base64_write(struct arena *arena, const void *data, size_t size);      /* RFC 4648, padded */
char *base64url_write(struct arena *arena, const void *data, size_t size);   /* without padding */
/* Strict readers: false on any foreign character, wrong padding or non-zero spare bits. */
MUST_USE bool hex_read(struct arena *arena, const char *text, struct bytes *out);
MUST_USE bool base64_read(struct arena *arena, const char *text, struct bytes *out);
MUST_USE bool base64url_read(struct arena *arena, const char *text, struct bytes *out);

/* Cryptographic random bytes (getrandom); and an id: RFC 9562 UUID version 4, 36 characters. */
void random_bytes(void *out, size_t size);
char *random_uuid(struct arena *arena);
/* Compares secrets in time that depends on the size alone. */
bool secret_equal(const void *a, const void *b, size_t size);

#endif
