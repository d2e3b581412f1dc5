/* The log keeps what changed as record_difference writes it. An administrator reads words: which field, from what to what. */
#include "systems/account/detail.h"

#include "base/text.h"
#include <string.h>

/* Reads the JSON string that begins at *at, where a quote stands, and leaves *at behind it; false when it does not end. */
static bool string_read(struct arena *arena, const char **at, const char **out)
{
  struct buffer text;
  buffer_init(&text, arena);
  for (const char *p = *at + 1; *p; p++) {
    if (*p == '"') {
      *at = p + 1;
      *out = buffer_string(&text);
      return true;
    }
    if (*p == '\\' && p[1] == 'n') buffer_char(&text, ' ');
    else if (*p == '\\' && p[1] == 'u') return false;
    else if (*p == '\\' && p[1]) buffer_char(&text, p[1]);
    else buffer_char(&text, *p);
    if (*p == '\\') p++;
  }
  return false;
}

static const char *skip(const char *at, const char *expected)
{
  size_t size = strlen(expected);
  return strncmp(at, expected, size) == 0 ? at + size : NULL;
}

/* "field":["before","after"] */
static const char *change_read(struct arena *arena, const char *at, const char *parts[3])
{
  static const char *const after[] = {":[", ",", "]"};
  for (int i = 0; at && i < 3; i++) {
    if (*at != '"' || !string_read(arena, &at, &parts[i])) return NULL;
    at = skip(at, after[i]);
  }
  return at;
}

static const char *word_for(const char *key)
{
  static const char *const words[][2] = {
    {"name", "account.name"}, {"full_name", "account.full_name"}, {"email", "account.email"}, {"phone", "account.phone"},
    {"role", "account.role"}, {"unit", "account.unit_code"}, {"valid_from", "account.valid_from"}, {"valid_to", "account.valid_to"},
    {"totp", "account.code"}, {"language", "account.language"}};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (text_equal(words[i][0], key)) return words[i][1];
  return NULL;
}

static void change_show(struct arena *arena, struct model *row, const char *const parts[3])
{
  const char *always = date_write_vn(arena, 0); /* a role that holds since ever has day 0 */
  struct model *change = model_row(row, "changes");
  bool role = text_equal(parts[0], "role"), flag = text_equal(parts[0], "totp"), language = text_equal(parts[0], "language");
  model_text(change, "word", word_for(parts[0]));
  model_text(change, "key", parts[0]);
  for (int i = 1; i <= 2; i++) {
    if (text_empty(parts[i])) continue;
    const char *name = i == 1 ? "before" : "after";
    if (role) model_text(change, i == 1 ? "before_role" : "after_role", parts[i]);
    else if (flag) model_text(change, i == 1 ? "before_word" : "after_word", "account.yes");
    else if (language) model_text(change, i == 1 ? "before_word" : "after_word", arena_print(arena, "account.language.%s", parts[i]));
    else if (text_equal(parts[i], always)) model_text(change, i == 1 ? "before_word" : "after_word", "account.always");
    else model_text(change, name, parts[i]);
  }
}

bool detail_show(struct arena *arena, struct model *row, const char *detail)
{
  const char *parts[3];
  const char *at = detail ? skip(detail, "{") : NULL;
  /* All of it is read before any of it is shown. */
  for (int pass = 0; pass < 2; pass++) {
    const char *rest = at;
    while (rest && *rest == '"') {
      rest = change_read(arena, rest, parts);
      if (rest && pass) change_show(arena, row, parts);
      if (rest && *rest == ',') rest++;
    }
    if (!rest || !text_equal(rest, "}") || rest == at) return false;
  }
  return true;
}
