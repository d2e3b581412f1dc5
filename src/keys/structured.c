/* Readers for single values of RFC 8941. */
#include "keys/structured.h"

#include "base/text.h"

#include <string.h>

enum { INTEGER_DIGITS = 15 };

bool structured_take(const char **at, const char *literal)
{
  if (!text_starts(*at, literal)) return false;
  *at += strlen(literal);
  return true;
}

static bool string_character(char c)
{
  return c >= 0x20 && c <= 0x7e && c != '"' && c != '\\';
}

bool structured_string_good(const char *text)
{
  while (string_character(*text)) text++;
  return *text == '\0';
}

const char *structured_string(struct arena *arena, const char **at)
{
  const char *begin = *at + 1, *end = begin;
  if (**at != '"') return NULL;
  while (string_character(*end)) end++;
  if (*end != '"') return NULL;
  *at = end + 1;
  return arena_copy_n(arena, begin, (size_t)(end - begin));
}

bool structured_integer(const char **at, int64_t *out)
{
  size_t size = strspn(*at, "0123456789");
  if (size == 0 || size > INTEGER_DIGITS || (**at == '0' && size > 1)) return false;
  *out = 0;
  for (size_t i = 0; i < size; i++) *out = *out * 10 + ((*at)[i] - '0');
  *at += size;
  return true;
}

bool structured_bytes(struct arena *arena, const char **at, struct bytes *out)
{
  if (**at != ':') return false;
  const char *begin = *at + 1, *end = strchr(begin, ':');
  if (!end || !base64_read(arena, arena_copy_n(arena, begin, (size_t)(end - begin)), out)) return false;
  *at = end + 1;
  return true;
}
