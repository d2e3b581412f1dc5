/* Words: keys of all systems and of the shared pages, each with its text in every language. */
#include "web/words.h"

#include "base/text.h"
#include <string.h>

enum { LANGUAGES_MAX = 4 };

struct entry { const char *key; uint32_t hash; const char *texts[LANGUAGES_MAX]; };

struct words {
  const char *languages[LANGUAGES_MAX];
  size_t language_count;
  struct entry *entries; /* open addressing */
  size_t room;           /* a power of two */
};

static struct entry *place_of(const struct words *words, const char *key, uint32_t hash)
{
  size_t at = hash & (words->room - 1);
  while (words->entries[at].key && (words->entries[at].hash != hash || strcmp(words->entries[at].key, key) != 0))
    at = (at + 1) & (words->room - 1);
  return &words->entries[at];
}

static enum err language_add(struct cx *cx, struct words *words, const char *language, size_t *out)
{
  for (*out = 0; *out < words->language_count; (*out)++)
    if (text_equal(words->languages[*out], language)) return OK;
  if (*out == LANGUAGES_MAX) return cx_fail(cx, ERR_INTERNAL, NULL, "error.table.language", "language", language, NULL);
  words->languages[words->language_count++] = language;
  return OK;
}

static enum err table_add(struct cx *cx, struct words *words, const struct words_table *table)
{
  size_t language;
  enum err err = language_add(cx, words, table->language, &language);
  for (size_t i = 0; !err && i < table->count; i++) {
    const char *key = table->words[i].key;
    uint32_t hash = model_hash(key, strlen(key));
    struct entry *entry = place_of(words, key, hash);
    if (entry->texts[language])
      err = cx_fail(cx, ERR_INTERNAL, NULL, "error.table.word_twice", "key", key, "language", table->language, NULL);
    entry->key = key;
    entry->hash = hash;
    entry->texts[language] = table->words[i].text;
  }
  return err;
}

static enum err check_whole(struct cx *cx, const struct words *words)
{
  enum err err = OK;
  for (size_t i = 0; i < words->room; i++)
    for (size_t l = 0; words->entries[i].key && l < words->language_count; l++)
      if (!words->entries[i].texts[l])
        err = cx_fail(cx, ERR_INTERNAL, NULL, "error.table.word_missing", "key", words->entries[i].key, "language", words->languages[l], NULL);
  return err;
}

enum err words_open(struct cx *cx, const struct words_table *const *tables, size_t count, struct words **out)
{
  size_t total = 0;
  for (size_t i = 0; i < count; i++) total += tables[i]->count;
  struct words *words = ARENA_NEW(cx->arena, struct words);
  for (words->room = 64; words->room < total * 2; words->room *= 2) continue;
  words->entries = ARENA_ARRAY(cx->arena, words->room, struct entry);
  enum err err = OK;
  for (size_t i = 0; !err && i < count; i++) err = table_add(cx, words, tables[i]);
  if (!err) err = check_whole(cx, words);
  *out = words;
  return err;
}

size_t words_language(const struct words *words, const char *language)
{
  for (size_t i = 1; i < words->language_count; i++)
    if (text_equal(words->languages[i], language)) return i;
  return 0;
}

const char *words_find(const struct words *words, size_t language, const char *key, uint32_t hash)
{
  return place_of(words, key, hash)->texts[language];
}

static const struct problem_arg *arg_named(const struct problem_arg *args, size_t count, const char *name, size_t size)
{
  for (size_t i = 0; i < count; i++)
    if (args[i].name && strlen(args[i].name) == size && memcmp(args[i].name, name, size) == 0) return &args[i];
  return NULL;
}

void words_fill(struct buffer *out, const char *text, const struct problem_arg *args, size_t arg_count)
{
  while (*text) {
    const char *open = strchr(text, '{'), *close = open ? strchr(open, '}') : NULL;
    if (!close) break;
    const struct problem_arg *arg = arg_named(args, arg_count, open + 1, (size_t)(close - open - 1));
    const char *up_to = arg ? open : close + 1;
    buffer_add(out, text, (size_t)(up_to - text));
    if (arg) buffer_text(out, arg->value);
    text = close + 1;
  }
  buffer_text(out, text);
}

const char *words_get(const struct words *words, struct arena *arena, const char *language, const char *key, const struct problem_arg *args, size_t arg_count)
{
  const char *text = words_find(words, words_language(words, language), key, model_hash(key, strlen(key)));
  if (!text) return key;
  if (!arg_count || !strchr(text, '{')) return text;
  struct buffer out;
  buffer_init(&out, arena);
  words_fill(&out, text, args, arg_count);
  return buffer_string(&out);
}
