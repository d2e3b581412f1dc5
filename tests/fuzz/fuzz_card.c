/* Fuzzer of what a scanner types of an identity card: whatever is taken is whole. */
#include "fuzz.h"

#include "systems/onestop/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct arena *arena = arena_new(0);
  struct card card, again;
  const char *text = fuzz_text(arena, data, size);
  if (text && card_read(arena, text, &card) == CARD_OK) {
    assert(text_is_digits(card.identity, 12) && (!card.old_identity || text_is_digits(card.old_identity, 9)));
    assert(!text_empty(card.full_name) && card.residence && (text_equal(card.sex, "male") || text_equal(card.sex, "female")));
    assert(text_equal(text_clean(arena, card.full_name, strlen(card.full_name), TEXT_LINE), card.full_name));
    assert(card.birth_date != NONE_DATE);
    const char *written = arena_print(arena, "%s|%s|%s|%s|%s|%s|%s", card.identity, card.old_identity ? card.old_identity : "", card.full_name,
                                      date_write_vn(arena, (int32_t)card.birth_date), text_equal(card.sex, "male") ? "Nam" : "Nữ", card.residence,
                                      card.issued_on == NONE_DATE ? "" : date_write_vn(arena, (int32_t)card.issued_on));
    assert(card_read(arena, written, &again) == CARD_OK && text_equal(again.full_name, card.full_name) && text_equal(again.residence, card.residence));
    assert(again.birth_date == card.birth_date && again.issued_on == card.issued_on && text_equal(again.old_identity, card.old_identity));
  }
  arena_free(arena);
  return 0;
}
