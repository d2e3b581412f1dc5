/* Searching and sorting as Vietnamese readers expect it: a search forgives missing diacritics, a list of people goes by
 * given names, and ă, â, đ, ê, ô, ơ, ư are letters of their own while the five tones only part words that are alike. */
#include "base/text.h"

#include <assert.h>
#include <stdlib.h>
#include <utf8proc.h>

enum { D_BAR = 0x111, BREVE = 0x306, CIRCUMFLEX = 0x302, HORN = 0x31b };

/* The code points of a text in lower case, taken apart into letters and marks. */
struct pieces { utf8proc_int32_t *items; size_t count; };

static struct pieces take_apart(struct arena *arena, const char *text, utf8proc_option_t more)
{
  utf8proc_option_t options = UTF8PROC_NULLTERM | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | more;
  utf8proc_ssize_t count = utf8proc_decompose((const utf8proc_uint8_t *)text, 0, NULL, 0, options);
  assert(count >= 0); /* only clean text comes in */
  utf8proc_int32_t *items = ARENA_ARRAY(arena, (size_t)count, utf8proc_int32_t);
  utf8proc_ssize_t again = utf8proc_decompose((const utf8proc_uint8_t *)text, 0, items, count, options);
  assert(again == count);
  return (struct pieces){items, (size_t)again};
}

static bool is_letter_or_digit(utf8proc_int32_t c)
{
  utf8proc_category_t category = utf8proc_category(c);
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO && category != UTF8PROC_CATEGORY_MN &&
         category != UTF8PROC_CATEGORY_ME;
}

char *text_fold(struct arena *arena, const char *text)
{
  struct pieces pieces = take_apart(arena, text, UTF8PROC_COMPAT | UTF8PROC_STRIPMARK | UTF8PROC_IGNORE);
  struct buffer out;
  buffer_init(&out, arena);
  buffer_text(&out, "");
  bool space = false;
  for (size_t i = 0; i < pieces.count; i++) {
    utf8proc_int32_t c = pieces.items[i] == D_BAR ? 'd' : pieces.items[i];
    if (!is_letter_or_digit(c)) {
      space = out.size > 0;
      continue;
    }
    if (space) buffer_char(&out, ' ');
    space = false;
    utf8proc_uint8_t bytes[4];
    utf8proc_ssize_t size = utf8proc_encode_char(c, bytes);
    buffer_add(&out, bytes, (size_t)size);
  }
  return out.data;
}

static int tone_of(utf8proc_int32_t mark)
{
  switch (mark) {
  case 0x300: return 1; /* huyền */
  case 0x309: return 2; /* hỏi */
  case 0x303: return 3; /* ngã */
  case 0x301: return 4; /* sắc */
  case 0x323: return 5; /* nặng */
  default: return 0;
  }
}

/* Which of the letters that share a base: a 0, ă 1, â 2; e 0, ê 1; o 0, ô 1, ơ 2; u 0, ư 1. */
static int letter_rank(utf8proc_int32_t base, utf8proc_int32_t mark)
{
  switch (mark) {
  case BREVE: return base == 'a' ? 1 : 0;
  case CIRCUMFLEX: return base == 'a' ? 2 : base == 'e' || base == 'o' ? 1 : 0;
  case HORN: return base == 'o' ? 2 : base == 'u' ? 1 : 0;
  default: return 0;
  }
}

static void add_letter(struct buffer *key, utf8proc_int32_t base, int rank)
{
  if (base >= 'a' && base <= 'z') buffer_print(key, "%c%d", (int)base, rank);
  else if (base == D_BAR) buffer_text(key, "d1");
  else if (base >= '0' && base <= '9') buffer_print(key, "9%c", (int)base);
  else if (is_letter_or_digit(base)) buffer_print(key, "z9%06x", (unsigned)base);
}

/* One word: a letter and a digit for each letter, "0", a digit for each tone, "0". Digits stand before letters, so that the
 * shorter word comes first, and the key sorts alike in C and in any database's collation. */
static void add_word(struct buffer *key, const utf8proc_int32_t *items, size_t count)
{
  struct buffer tones;
  buffer_init(&tones, NULL);
  for (size_t i = 0; i < count;) {
    utf8proc_int32_t base = items[i++];
    int rank = 0;
    for (; i < count && utf8proc_category(items[i]) == UTF8PROC_CATEGORY_MN; i++) {
      int tone = tone_of(items[i]);
      if (tone) buffer_print(&tones, "%d", tone);
      else if (letter_rank(base, items[i])) rank = letter_rank(base, items[i]);
    }
    add_letter(key, base, rank);
  }
  buffer_print(key, "0%s0", buffer_string(&tones));
  buffer_done(&tones);
}

/* The start and the end of the word that begins at or after *at; false when there is none. */
static bool next_word(const struct pieces *pieces, size_t *at, size_t *end)
{
  while (*at < pieces->count && pieces->items[*at] == ' ') ++*at;
  *end = *at;
  while (*end < pieces->count && pieces->items[*end] != ' ') ++*end;
  return *end > *at;
}

char *text_name_key(struct arena *arena, const char *full_name)
{
  struct pieces pieces = take_apart(arena, full_name, 0);
  size_t count = 0, given = 0, end;
  for (size_t at = 0; next_word(&pieces, &at, &end); at = end, count++) given = at;
  struct buffer key;
  buffer_init(&key, arena);
  buffer_text(&key, "");
  if (count == 0) return key.data;
  add_word(&key, pieces.items + given, pieces.count - given);
  size_t first = 0;
  for (size_t at = 0, i = 0; next_word(&pieces, &at, &end) && at != given; at = end, i++)
    if (i == 0) first = at;
    else add_word(&key, pieces.items + at, end - at);
  buffer_char(&key, '0'); /* who has no middle name comes first */
  if (count > 1) {
    next_word(&pieces, &first, &end);
    add_word(&key, pieces.items + first, end - first);
  }
  return key.data;
}
