/* Notes: what we write is read back; each changed byte is refused; other signers' lines do no harm. */
#include "keys/inner.h"
#include "keys/merkle.h"
#include "base/text.h"

#include <openssl/ec.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct clock clock_fixed = {.fixed_us = INT64_C(1790000000000000)};

struct pair { EVP_PKEY *key; struct bytes spki; };

static struct pair pair_new(struct cx *cx)
{
  uint8_t *der = NULL;
  struct pair pair = {.key = EVP_EC_gen("P-256")};
  int size = i2d_PUBKEY(pair.key, &der);
  pair.spki = (struct bytes){(uint8_t *)arena_copy_n(cx->arena, der, (size_t)size), (size_t)size};
  OPENSSL_free(der);
  return pair;
}

static struct signature sign(struct pair pair, const char *text)
{
  uint8_t digest[DIGEST_SIZE], der[128];
  size_t size = sizeof der;
  struct signature signature;
  sha256(text, strlen(text), digest);
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pair.key, NULL);
  assert_int_equal(EVP_PKEY_sign_init(context), 1);
  assert_int_equal(EVP_PKEY_sign(context, der, &size, digest, DIGEST_SIZE), 1);
  assert_true(signature_from_der(der, size, &signature));
  EVP_PKEY_CTX_free(context);
  return signature;
}

static const struct checkpoint checkpoint = {"H01/journal/1", 81, {{1, 2, 3}}};
static const char checkpoint_text[] = "H01/journal/1\n81\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";

static void checkpoints_are_three_lines(void **state)
{
  struct cx *cx = cx_new_alone(&clock_fixed, NULL);
  struct checkpoint read;
  assert_string_equal(checkpoint_write(cx->arena, &checkpoint), checkpoint_text);
  assert_int_equal(checkpoint_read(cx, checkpoint_text, &read), OK);
  assert_string_equal(read.origin, checkpoint.origin);
  assert_int_equal(read.size, 81);
  assert_memory_equal(read.root.data, checkpoint.root.data, HASH_SIZE);
  const char *bad[] = {
    "", "a\n", "a\n1\n", "a\n1\nAAAA\n", "\n1\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
    "a\n01\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", "a\n-1\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
    "a\n+1\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", "a\n9223372036854775808\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
    "a\n1\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "a\n1\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n",
    "a\n1\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nextension\n", "a\r\n1\r\nAQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) assert_int_equal(checkpoint_read(cx, bad[i], &read), ERR_INPUT);
  cx_free_alone(cx);
}

static void a_note_has_the_written_form(void **state)
{
  struct cx *cx = cx_new_alone(&clock_fixed, NULL);
  struct pair pair = pair_new(cx);
  struct signature signature = sign(pair, checkpoint_text);
  const char *note = note_attach(cx->arena, checkpoint_text, "H01/journal", pair.spki, &signature);
  const char *before = arena_print(cx->arena, "%s\n\xe2\x80\x94 H01/journal ", checkpoint_text);
  assert_true(text_starts(note, before));
  const char *encoded = arena_copy_n(cx->arena, note + strlen(before), strlen(note) - strlen(before) - 1);
  struct bytes blob;
  uint8_t hash[DIGEST_SIZE];
  assert_true(base64_read(cx->arena, encoded, &blob));
  sha256(pair.spki.data, pair.spki.size, hash);
  assert_memory_equal(blob.data, hash, 4);
  assert_int_equal(blob.data[4], 0x30); /* a DER SEQUENCE */
  struct checkpoint read;
  assert_int_equal(checkpoint_read(cx, note, &read), OK);
  assert_int_equal(note_check(cx, note, "H01/journal", pair.spki), OK);
  EVP_PKEY_free(pair.key);
  cx_free_alone(cx);
}

static void each_changed_byte_is_refused(void **state)
{
  struct cx *cx = cx_new_alone(&clock_fixed, NULL);
  struct pair pair = pair_new(cx);
  struct signature signature = sign(pair, checkpoint_text);
  char *note = arena_copy(cx->arena, note_attach(cx->arena, checkpoint_text, "H01/journal", pair.spki, &signature));
  for (size_t i = 0; note[i]; i++)
    for (int bit = 0; bit < 8; bit += 3) {
      char kept = note[i];
      note[i] = (char)(note[i] ^ (1 << bit));
      assert_int_equal(note_check(cx, note, "H01/journal", pair.spki), ERR_INPUT);
      note[i] = kept;
      cx_reset_problems(cx);
    }
  for (size_t i = strlen(note); i-- > 0;) {
    assert_int_equal(note_check(cx, arena_copy_n(cx->arena, note, i), "H01/journal", pair.spki), ERR_INPUT);
    cx_reset_problems(cx);
  }
  EVP_PKEY_free(pair.key);
  cx_free_alone(cx);
}

static void several_may_sign(void **state)
{
  struct cx *cx = cx_new_alone(&clock_fixed, NULL);
  struct pair first = pair_new(cx), second = pair_new(cx);
  const char *text = "a text\n\nwith an empty line\n"; /* the last empty line separates */
  struct signature by_first = sign(first, text), by_second = sign(second, text);
  const char *note = note_attach(cx->arena, text, "first", first.spki, &by_first);
  const char *both = note_attach(cx->arena, note, "second", second.spki, &by_second);
  assert_int_equal(note_check(cx, both, "first", first.spki), OK);
  assert_int_equal(note_check(cx, both, "second", second.spki), OK);
  assert_int_equal(note_check(cx, note, "second", second.spki), ERR_INPUT);
  assert_int_equal(note_check(cx, both, "second", first.spki), ERR_INPUT);
  assert_int_equal(note_check(cx, both, "third", first.spki), ERR_INPUT);
  /* The same signer twice, a line of no form, a false signature of a known signer behind a true one. */
  assert_int_equal(note_check(cx, note_attach(cx->arena, both, "first", first.spki, &by_first), "first", first.spki), ERR_INPUT);
  assert_int_equal(note_check(cx, arena_print(cx->arena, "%s\xe2\x80\x94 x\n", both), "first", first.spki), ERR_INPUT);
  assert_int_equal(note_check(cx, note_attach(cx->arena, text, "first", first.spki, &by_second), "first", first.spki), ERR_INPUT);
  EVP_PKEY_free(first.key);
  EVP_PKEY_free(second.key);
  cx_free_alone(cx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(checkpoints_are_three_lines),
    cmocka_unit_test(a_note_has_the_written_form),
    cmocka_unit_test(each_changed_byte_is_refused),
    cmocka_unit_test(several_may_sign),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
