/* Fuzzer of the lowest floor's readers: text, percent coding, base64 and hex, numbers, dates. */
#include "fuzz.h"

#include "base/clock.h"

/* What was cleaned once is clean; what the other functions make of clean text is text again. */
static void check_clean(struct arena *arena, const uint8_t *data, size_t size, enum text_mode mode)
{
  const char *clean = text_clean(arena, (const char *)data, size, mode);
  if (!clean) return;
  size_t length = strlen(clean);
  assert(text_equal(text_clean(arena, clean, length, mode), clean));
  assert(!strpbrk(clean, mode == TEXT_LINE ? "\n\r\t" : "\r"));
  const char *made[] = {text_upper(arena, clean), text_lower(arena, clean), text_fold(arena, clean)};
  for (size_t i = 0; i < 3; i++) assert(text_clean(arena, made[i], strlen(made[i]), TEXT_LINES));
  assert(text_equal(text_fold(arena, made[2]), made[2]));
  const char *key = text_name_key(arena, clean);
  assert(key[strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789")] == '\0');
  assert(text_characters(clean) <= length);
}

static void check_quoting(struct arena *arena, const char *text)
{
  struct buffer html, json;
  buffer_init(&html, arena);
  buffer_init(&json, arena);
  html_escape(&html, text);
  json_quote(&json, text);
  assert(!strpbrk(buffer_string(&html), "<>\"'"));
  assert(json.size >= 2 && json.data[0] == '"' && json.data[json.size - 1] == '"');
  const char *again = url_decode(arena, url_encode(arena, text), strlen(url_encode(arena, text)), false);
  assert(text_equal(again, text));
}

/* A strict reader takes the one spelling that the writer gives. */
static void check_codes(struct arena *arena, const char *text)
{
  struct bytes bytes;
  if (base64_read(arena, text, &bytes)) assert(text_equal(base64_write(arena, bytes.data, bytes.size), text));
  if (base64url_read(arena, text, &bytes)) assert(text_equal(base64url_write(arena, bytes.data, bytes.size), text));
  if (hex_read(arena, text, &bytes)) assert(text_equal(text_lower(arena, hex_write(arena, bytes.data, bytes.size)), text_lower(arena, text)));
}

static void check_numbers(struct arena *arena, const char *text)
{
  int64_t number, again;
  struct date date;
  if (text_to_i64(text, INT64_MIN, INT64_MAX, &number)) {
    assert(text_to_i64(arena_print(arena, "%lld", (long long)number), number, number, &again) && again == number);
    assert(!text_empty(number_write(arena, number)) && !text_empty(money_write(arena, number)));
  }
  if (date_read_iso(text, &date)) assert(text_equal(date_write_iso(arena, date_to_days(date)), text));
  if (date_read_vn(text, &date)) {
    const char *written = date_write_vn(arena, date_to_days(date));
    struct date same;
    assert(date_read_vn(written, &same) && date_to_days(same) == date_to_days(date));
  }
  if (time_read_iso(text, &number)) assert(time_read_iso(time_write_iso(arena, number), &again) && again == number);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct arena *arena = arena_new(0);
  check_clean(arena, data, size, TEXT_LINE);
  check_clean(arena, data, size, TEXT_LINES);
  const char *decoded = url_decode(arena, (const char *)data, size, size % 2);
  if (decoded) check_quoting(arena, decoded);
  const char *text = fuzz_text(arena, data, size);
  if (text) {
    const char *clean = text_clean(arena, text, size, TEXT_LINES);
    if (clean) check_quoting(arena, clean);
    check_codes(arena, text);
    check_numbers(arena, text);
  }
  arena_free(arena);
  return 0;
}
