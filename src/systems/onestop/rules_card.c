/* Reads the QR of a citizen's identity card: "number|old number|full name|ddmmyyyy|Nam or Nữ|address|ddmmyyyy of issue".
 * The old number may be empty or its field missing; cards of 2024 append fields. It is unsigned: it fills a form and
 * proves nothing. A scanner types it like a keyboard: with a Vietnamese input method on, or the wrong code page, letters
 * change on their way; such text is called garbled instead of being taken. */
#include "systems/onestop/rules.h"

#include "base/text.h"
#include <string.h>
#include <utf8proc.h>

enum { CARD_FIELDS_MAX = 16, CARD_FIELDS_MIN = 6, POINTS_MAX = 600 };

/* Lower case: letters of Vietnamese alone, and a syllable bears one tone at most. Taken apart, a letter is a base from a to z
 * or đ, with at most a circumflex, a breve or a horn, and a tone. */
static bool name_whole(const char *lower)
{
  utf8proc_int32_t points[POINTS_MAX];
  utf8proc_ssize_t count = utf8proc_decompose((const utf8proc_uint8_t *)lower, (utf8proc_ssize_t)strlen(lower), points, POINTS_MAX, UTF8PROC_DECOMPOSE);
  if (count <= 0 || count > POINTS_MAX) return false;
  int tones = 0;
  for (utf8proc_ssize_t i = 0; i < count; i++) {
    utf8proc_int32_t c = points[i];
    bool letter = (c >= 'a' && c <= 'z') || c == 0x111, sign = c == ' ' || c == '\'' || c == '-' || c == '.';
    bool hat = c == 0x302 || c == 0x306 || c == 0x31B, tone = c == 0x300 || c == 0x301 || c == 0x303 || c == 0x309 || c == 0x323;
    if (!letter && !sign && !hat && !tone) return false;
    tones = c == ' ' ? 0 : tones + tone;
    if (tones > 1) return false;
  }
  return true;
}

static bool date_of(const char *text, int64_t *out)
{
  struct date date;
  char slashed[11];
  if (text_is_digits(text, 8)) {
    slashed[0] = text[0], slashed[1] = text[1], slashed[2] = '/', slashed[3] = text[2], slashed[4] = text[3], slashed[5] = '/';
    memcpy(slashed + 6, text + 4, 4);
    slashed[10] = '\0';
    text = slashed;
  }
  if (!date_read_vn(text, &date)) return false;
  *out = date_to_days(date);
  return true;
}

/* The fields after the split; the optional old number is put back as "" when its field is missing. */
static size_t card_split(struct arena *arena, const char *text, const char *fields[CARD_FIELDS_MAX])
{
  char *rest = arena_copy(arena, text), *part;
  size_t count = 0;
  while ((part = strsep(&rest, "|")) && count < CARD_FIELDS_MAX - 1) {
    const char *clean = text_clean(arena, part, strlen(part), TEXT_LINE);
    fields[count++] = clean ? clean : "";
  }
  int64_t ignored;
  if (count >= CARD_FIELDS_MIN && date_of(fields[2], &ignored)) {
    memmove(fields + 2, fields + 1, (count - 1) * sizeof fields[0]);
    fields[1] = "";
    count++;
  }
  return count;
}

enum card_state card_read(struct arena *arena, const char *text, struct card *out)
{
  const char *fields[CARD_FIELDS_MAX] = {NULL};
  *out = (struct card){.birth_date = NONE_DATE, .issued_on = NONE_DATE};
  if (text_empty(text)) return CARD_EMPTY;
  size_t count = card_split(arena, text, fields);
  if (count < CARD_FIELDS_MIN || !text_is_digits(fields[0], 12) || !date_of(fields[3], &out->birth_date)) return CARD_SHAPE;
  out->identity = fields[0];
  out->old_identity = text_is_digits(fields[1], 9) ? fields[1] : NULL;
  if (count > 6 && !date_of(fields[6], &out->issued_on)) out->issued_on = NONE_DATE;
  const char *sex = text_lower(arena, fields[4]);
  out->sex = text_equal(sex, "nam") ? "male" : text_equal(sex, "n\xE1\xBB\xAF") ? "female" : NULL;
  if (!out->sex || !name_whole(text_lower(arena, fields[2]))) return CARD_GARBLED;
  out->full_name = fields[2];
  out->residence = fields[5];
  return CARD_OK;
}
