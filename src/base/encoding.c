/* Ways to write bytes as text and back, each strict where it reads; random bytes and the comparison of secrets. */
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static const char hex_digits[] = "0123456789abcdef";
static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char base64url_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static int hex_value(char c)
{
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

static bool is_unreserved(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("-._~", c));
}

char *url_encode(struct arena *arena, const char *text)
{
  char *out = arena_alloc(arena, 3 * strlen(text) + 1), *to = out;
  for (; *text; text++) {
    if (is_unreserved(*text)) {
      *to++ = *text;
      continue;
    }
    unsigned char byte = (unsigned char)*text;
    *to++ = '%';
    *to++ = "0123456789ABCDEF"[byte >> 4];
    *to++ = "0123456789ABCDEF"[byte & 15];
  }
  return out;
}

char *url_decode(struct arena *arena, const char *data, size_t size, bool plus_is_space)
{
  char *out = arena_alloc(arena, size + 1), *to = out;
  for (size_t i = 0; i < size; i++) {
    char c = data[i];
    if (c == '+' && plus_is_space) c = ' ';
    else if (c == '%') {
      if (size - i < 3) return NULL;
      int high = hex_value(data[i + 1]), low = hex_value(data[i + 2]);
      if (high < 0 || low < 0) return NULL;
      c = (char)(high << 4 | low);
      i += 2;
    }
    if (c == '\0') return NULL;
    *to++ = c;
  }
  return out;
}

void html_escape(struct buffer *out, const char *text)
{
  for (const char *from = text ? text : ""; *from;) {
    size_t plain = strcspn(from, "&<>\"'");
    buffer_add(out, from, plain);
    from += plain;
    switch (*from) {
    case '&': buffer_text(out, "&amp;"); break;
    case '<': buffer_text(out, "&lt;"); break;
    case '>': buffer_text(out, "&gt;"); break;
    case '"': buffer_text(out, "&quot;"); break;
    case '\'': buffer_text(out, "&#39;"); break;
    default: return;
    }
    from++;
  }
}

/* How many bytes go into a JSON string as they are. */
static size_t json_plain(const char *text)
{
  size_t size = 0;
  for (unsigned char c; (c = (unsigned char)text[size]) >= 0x20 && c != '"' && c != '\\' && c != 0x7f; size++) {}
  return size;
}

void json_quote(struct buffer *out, const char *text)
{
  buffer_char(out, '"');
  for (const char *from = text ? text : "";; from++) {
    size_t plain = json_plain(from);
    buffer_add(out, from, plain);
    from += plain;
    if (!*from) break;
    unsigned char c = (unsigned char)*from;
    if (c == '"' || c == '\\') buffer_print(out, "\\%c", c);
    else if (c == '\n') buffer_text(out, "\\n");
    else buffer_print(out, "\\u%04x", c);
  }
  buffer_char(out, '"');
}

char *hex_write(struct arena *arena, const void *data, size_t size)
{
  const unsigned char *bytes = data;
  char *out = arena_alloc(arena, 2 * size + 1);
  for (size_t i = 0; i < size; i++) {
    out[2 * i] = hex_digits[bytes[i] >> 4];
    out[2 * i + 1] = hex_digits[bytes[i] & 15];
  }
  return out;
}

bool hex_read(struct arena *arena, const char *text, struct bytes *out)
{
  size_t length = strlen(text);
  if (length % 2) return false;
  uint8_t *data = arena_alloc(arena, length / 2 + 1);
  for (size_t i = 0; i < length / 2; i++) {
    int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    data[i] = (uint8_t)(high << 4 | low);
  }
  *out = (struct bytes){data, length / 2};
  return true;
}

static char *sixes_write(struct arena *arena, const void *data, size_t size, const char *digits, bool padded)
{
  const unsigned char *bytes = data;
  char *out = arena_alloc(arena, (size + 2) / 3 * 4 + 1), *to = out;
  for (size_t i = 0; i < size; i += 3) {
    size_t have = size - i < 3 ? size - i : 3;
    uint32_t group = (uint32_t)bytes[i] << 16;
    if (have > 1) group |= (uint32_t)bytes[i + 1] << 8;
    if (have > 2) group |= bytes[i + 2];
    for (size_t k = 0; k < 4; k++) {
      if (k <= have) *to++ = digits[group >> (18 - 6 * k) & 63];
      else if (padded) *to++ = '=';
    }
  }
  return out;
}

char *base64_write(struct arena *arena, const void *data, size_t size)
{
  return sixes_write(arena, data, size, base64_digits, true);
}

char *base64url_write(struct arena *arena, const void *data, size_t size)
{
  return sixes_write(arena, data, size, base64url_digits, false);
}

static int six_value(char c, bool url)
{
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == (url ? '-' : '+')) return 62;
  if (c == (url ? '_' : '/')) return 63;
  return -1;
}

/* length: without padding. One text alone stands for some bytes: spare bits must be zero. */
static bool sixes_read(struct arena *arena, const char *text, size_t length, bool url, struct bytes *out)
{
  if (length % 4 == 1) return false;
  uint8_t *data = arena_alloc(arena, length / 4 * 3 + 3);
  size_t size = 0;
  uint32_t group = 0;
  int bits = 0;
  for (size_t i = 0; i < length; i++) {
    int six = six_value(text[i], url);
    if (six < 0) return false;
    group = (group << 6 | (uint32_t)six) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      data[size++] = (uint8_t)(group >> bits);
    }
  }
  if (group & ((1u << bits) - 1)) return false;
  *out = (struct bytes){data, size};
  return true;
}

bool base64_read(struct arena *arena, const char *text, struct bytes *out)
{
  size_t length = strlen(text), padding = 0;
  if (length % 4) return false;
  while (padding < 2 && padding < length && text[length - 1 - padding] == '=') padding++;
  return sixes_read(arena, text, length - padding, false, out);
}

bool base64url_read(struct arena *arena, const char *text, struct bytes *out)
{
  return sixes_read(arena, text, strlen(text), true, out);
}

void random_bytes(void *out, size_t size)
{
  uint8_t *to = out;
  while (size > 0) {
    ssize_t got = getrandom(to, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) abort();
    to += got;
    size -= (size_t)got;
  }
}

char *random_uuid(struct arena *arena)
{
  uint8_t bytes[16];
  random_bytes(bytes, sizeof bytes);
  bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
  bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
  const char *hex = hex_write(arena, bytes, sizeof bytes);
  return arena_print(arena, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

bool secret_equal(const void *a, const void *b, size_t size)
{
  const volatile unsigned char *left = a, *right = b;
  unsigned char difference = 0;
  for (size_t i = 0; i < size; i++) difference |= (unsigned char)(left[i] ^ right[i]);
  return difference == 0;
}
