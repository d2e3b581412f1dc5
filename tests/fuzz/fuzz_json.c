/* Fuzzer of records that arrive as JSON: the first byte chooses the contract. What is read and written again reads the same, and
 * its spelling has come to rest. */
#include "fuzz.h"

#include "contract/answer.h"
#include "contract/household.h"
#include "contract/justice.h"

struct settings { const char *name, *note, *secret, *phone, *email; double share; struct bytes picture; int64_t at_us, fee_vnd; };
static const struct field settings_fields[] = {
  FIELD(struct settings, name, .max = 40, .required = true), FIELD(struct settings, note, .form = FORM_LINES),
  FIELD(struct settings, secret, .form = FORM_SECRET), FIELD(struct settings, phone, .form = FORM_PHONE),
  FIELD(struct settings, email, .form = FORM_EMAIL), FIELD(struct settings, share, .max = 100, .min = -5), FIELD(struct settings, picture, .max = 64),
  FIELD(struct settings, at_us, .form = FORM_TIME), FIELD(struct settings, fee_vnd, .form = FORM_MONEY, .max = 1000000),
};
static const struct record_type settings_type = RECORD("settings", struct settings, settings_fields);

static const struct record_type *const types[] = {
  &settings_type, &household_check_type, &household_check_answer_type, &household_application_type, &household_answer_type,
  &household_business_type, &household_found_type, &justice_lookup_type, &justice_answer_type, &justice_result_type, &answer_notice_type,
};

static const char *written(struct arena *arena, const struct record_type *type, const void *record)
{
  struct buffer out;
  buffer_init(&out, arena);
  record_write_json(&out, type, record);
  return buffer_string(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size == 0) return 0;
  struct cx *cx = fuzz_cx();
  const struct record_type *type = types[data[0] % (sizeof types / sizeof types[0])];
  void *record = arena_alloc(cx->arena, type->size), *again = arena_alloc(cx->arena, type->size);
  enum err err = record_read_json(cx, type, (struct bytes){data + 1, size - 1}, record);
  fuzz_judge(cx, err);
  if (!err) {
    struct buffer difference;
    buffer_init(&difference, cx->arena);
    const char *first = written(cx->arena, type, record);
    assert(record_read_json(cx, type, fuzz_bytes(first), again) == OK && text_equal(written(cx->arena, type, again), first));
    assert(type == &settings_type || record_difference(&difference, type, record, again) == 0);
    record_difference(&difference, type, NULL, record);
  }
  cx_free_alone(cx);
  return 0;
}
