/* Text from outside is made clean here once; everything further in may then trust that it is UTF-8 in NFC. */
#include "base/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* UAX #15 (stream-safe text) allows so many; ordering a longer run takes time that grows with its square. */
enum { MARKS_IN_A_ROW_MAX = 30 };

static bool is_direction_override(utf8proc_int32_t c)
{
  return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static bool is_allowed(utf8proc_int32_t c, enum text_mode mode)
{
  if (mode == TEXT_LINES && (c == '\n' || c == '\t' || c == '\r')) return true;
  return c >= 0x20 && (c < 0x7f || c > 0x9f) && !is_direction_override(c);
}

static bool is_text(const char *data, size_t size, enum text_mode mode, bool *ascii)
{
  int marks = 0;
  *ascii = true;
  for (size_t at = 0; at < size;) {
    utf8proc_int32_t c;
    if (data[at] >= 0x20 && data[at] < 0x7f) { /* most of any text */
      marks = 0;
      at++;
      continue;
    }
    utf8proc_ssize_t step = utf8proc_iterate((const utf8proc_uint8_t *)data + at, (utf8proc_ssize_t)(size - at), &c);
    if (step <= 0 || !is_allowed(c, mode)) return false;
    at += (size_t)step;
    if (c == '\r' && (at == size || data[at] != '\n')) return false;
    if (c < 0x80) {
      marks = 0;
      continue;
    }
    *ascii = false;
    marks = utf8proc_get_property(c)->combining_class ? marks + 1 : 0;
    if (marks > MARKS_IN_A_ROW_MAX) return false;
  }
  return true;
}

static char *compose(struct arena *arena, const char *data, size_t size)
{
  utf8proc_uint8_t *composed = NULL;
  utf8proc_ssize_t length = utf8proc_map((const utf8proc_uint8_t *)data, (utf8proc_ssize_t)size, &composed,
                                         UTF8PROC_STABLE | UTF8PROC_COMPOSE);
  if (length < 0) abort(); /* the text was checked: only memory can be missing */
  char *copy = arena_copy_n(arena, composed, (size_t)length);
  free(composed);
  return copy;
}

static void drop_carriage_returns(char *text)
{
  char *to = text;
  for (const char *from = text; *from; from++)
    if (*from != '\r') *to++ = *from;
  *to = '\0';
}

static bool is_space(utf8proc_int32_t c)
{
  return c < 0x80 ? c == ' ' : utf8proc_category(c) == UTF8PROC_CATEGORY_ZS;
}

/* Any run of spaces, also no-break and wide ones, becomes one; none stays at either end. The text only shrinks. */
static void fold_spaces(char *text)
{
  char *to = text;
  bool space = false;
  for (const char *from = text; *from;) {
    utf8proc_int32_t c = (unsigned char)*from;
    utf8proc_ssize_t step = c < 0x80 ? 1 : utf8proc_iterate((const utf8proc_uint8_t *)from, -1, &c);
    assert(step > 0);
    if (is_space(c)) {
      space = to > text;
    } else {
      if (space) *to++ = ' ';
      space = false;
      memmove(to, from, (size_t)step);
      to += step;
    }
    from += step;
  }
  *to = '\0';
}

const char *text_clean(struct arena *arena, const char *data, size_t size, enum text_mode mode)
{
  bool ascii;
  if (!is_text(data, size, mode, &ascii)) return NULL;
  char *text = ascii ? arena_copy_n(arena, data, size) : compose(arena, data, size);
  if (mode == TEXT_LINES) drop_carriage_returns(text);
  else fold_spaces(text);
  return text;
}

static char *text_map(struct arena *arena, const char *text, utf8proc_int32_t (*map)(utf8proc_int32_t))
{
  struct buffer out;
  buffer_init(&out, arena);
  while (*text) {
    utf8proc_int32_t c;
    utf8proc_ssize_t step = utf8proc_iterate((const utf8proc_uint8_t *)text, -1, &c);
    assert(step > 0);
    utf8proc_uint8_t bytes[4];
    utf8proc_ssize_t size = utf8proc_encode_char(map(c), bytes);
    buffer_add(&out, bytes, (size_t)size);
    text += step;
  }
  return out.data ? out.data : arena_copy(arena, "");
}

char *text_upper(struct arena *arena, const char *text)
{
  return text_map(arena, text, utf8proc_toupper);
}

char *text_lower(struct arena *arena, const char *text)
{
  return text_map(arena, text, utf8proc_tolower);
}

size_t text_characters(const char *text)
{
  size_t count = 0;
  for (; *text; text++) count += ((unsigned char)*text & 0xc0) != 0x80;
  return count;
}

bool text_equal(const char *a, const char *b)
{
  if (!a || !b) return a == b;
  return strcmp(a, b) == 0;
}

bool text_starts(const char *text, const char *prefix)
{
  return text && strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_empty(const char *text)
{
  return !text || !*text;
}

bool text_is_digits(const char *text, size_t count)
{
  if (!text || strlen(text) != count) return false;
  for (; *text; text++)
    if (*text < '0' || *text > '9') return false;
  return true;
}

bool text_to_i64(const char *text, int64_t min, int64_t max, int64_t *out)
{
  if (text_empty(text)) return false;
  bool negative = *text == '-';
  if (negative) text++;
  if (!*text) return false;
  int64_t value = 0;
  for (; *text; text++) {
    if (*text < '0' || *text > '9') return false;
    int digit = negative ? '0' - *text : *text - '0';
    if (__builtin_mul_overflow(value, INT64_C(10), &value) || __builtin_add_overflow(value, digit, &value)) return false;
  }
  if (value < min || value > max) return false;
  *out = value;
  return true;
}

char *number_write(struct arena *arena, int64_t number)
{
  char digits[24];
  int length = 0;
  uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
  do digits[length++] = (char)('0' + rest % 10); while (rest /= 10);
  struct buffer out;
  buffer_init(&out, arena);
  if (number < 0) buffer_char(&out, '-');
  while (length > 0) {
    buffer_char(&out, digits[--length]);
    if (length && length % 3 == 0) buffer_char(&out, '.');
  }
  return out.data;
}

char *money_write(struct arena *arena, int64_t vnd)
{
  return arena_print(arena, "%s đồng", number_write(arena, vnd));
}
