/* Message signatures: a base written out by hand, every byte of a signed message changed, and every way to spell the two fields
 * otherwise. */
#include "keys/inner.h"
#include "keys/message_signature.h"
#include "base/text.h"

#include <openssl/ec.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct clock clock_fixed = {.fixed_us = INT64_C(1790000000000000)};
static const struct signature_parameters asked = {1790000000, 1790000060, "abc123", "axis-request"};
static const struct signature_parameters answered = {1790000001, 1790000061, "def456", "axis-response"};

struct fixture { struct cx *cx; EVP_PKEY *key; struct http_fields request_fields, answer_fields; struct signed_message request, answer; };

static struct signature sign(EVP_PKEY *key, const uint8_t digest[DIGEST_SIZE])
{
  uint8_t der[128];
  size_t size = sizeof der;
  struct signature signature;
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
  assert_int_equal(EVP_PKEY_sign_init(context), 1);
  assert_int_equal(EVP_PKEY_sign(context, der, &size, digest, DIGEST_SIZE), 1);
  assert_true(signature_from_der(der, size, &signature));
  EVP_PKEY_CTX_free(context);
  return signature;
}

static void sign_message(struct fixture *f, struct signed_message *message, struct http_fields *fields, const struct signature_parameters *parameters)
{
  struct received_signature made, read;
  assert_int_equal(message_signature_prepare(f->cx, message, parameters, &made), OK);
  made.signature = sign(f->key, made.digest);
  message_signature_attach(fields, made.input, &made.signature);
  assert_int_equal(message_signature_read(f->cx, message, &read), OK);
  assert_string_equal(read.base, made.base);
  assert_string_equal(read.input, made.input);
  assert_string_equal(read.parameters.key_id, made.parameters.key_id);
  assert_memory_equal(read.digest, made.digest, DIGEST_SIZE);
  assert_memory_equal(read.signature.data, made.signature.data, made.signature.size);
}

static void fixture_fill(struct fixture *f)
{
  f->cx = cx_new_alone(&clock_fixed, NULL);
  f->key = EVP_EC_gen("P-256");
  fields_init(&f->request_fields, f->cx->arena);
  fields_add(&f->request_fields, "Content-Type", "application/json");
  fields_add(&f->request_fields, "X-Road-Client", "H01/GOV/H01.07/onestop");
  fields_add(&f->request_fields, "Empty", "");
  fields_add(&f->request_fields, "Spaced", " \ta, b ");
  f->request = (struct signed_message){.method = "POST", .target = "/axis/1?x=1", .fields = &f->request_fields};
  sign_message(f, &f->request, &f->request_fields, &asked);
  fields_init(&f->answer_fields, f->cx->arena);
  fields_add(&f->answer_fields, "Content-Type", "text/plain");
  f->answer = (struct signed_message){.method = "POST", .target = "/axis/1?x=1", .status = 200, .fields = &f->answer_fields, .request = &f->request};
  sign_message(f, &f->answer, &f->answer_fields, &answered);
}

static void fixture_done(struct fixture *f)
{
  EVP_PKEY_free(f->key);
  cx_free_alone(f->cx);
}

static enum err check(struct fixture *f, const struct signed_message *message)
{
  struct received_signature received;
  enum err err = message_signature_read(f->cx, message, &received);
  if (!err) err = signature_check(f->cx, f->key, received.digest, &received.signature);
  cx_reset_problems(f->cx);
  return err;
}

static void a_request_has_the_base_written_by_hand(void **state)
{
  struct fixture f;
  struct received_signature received;
  fixture_fill(&f);
  const char *input = "(\"@method\" \"@request-target\" \"content-type\" \"x-road-client\" \"empty\" \"spaced\")"
                      ";created=1790000000;expires=1790000060;keyid=\"abc123\";tag=\"axis-request\"";
  const char *base = "\"@method\": POST\n"
                     "\"@request-target\": /axis/1?x=1\n"
                     "\"content-type\": application/json\n"
                     "\"x-road-client\": H01/GOV/H01.07/onestop\n"
                     "\"empty\": \n"
                     "\"spaced\": a, b\n"
                     "\"@signature-params\": (\"@method\" \"@request-target\" \"content-type\" \"x-road-client\" \"empty\" \"spaced\")"
                     ";created=1790000000;expires=1790000060;keyid=\"abc123\";tag=\"axis-request\"";
  assert_int_equal(message_signature_read(f.cx, &f.request, &received), OK);
  assert_string_equal(received.base, base);
  assert_string_equal(received.input, input);
  assert_string_equal(fields_get(&f.request_fields, "Signature-Input"), arena_print(f.cx->arena, "axis=%s", input));
  assert_int_equal(received.parameters.created_s, 1790000000);
  assert_int_equal(received.parameters.expires_s, 1790000060);
  assert_string_equal(received.parameters.key_id, "abc123");
  assert_string_equal(received.parameters.tag, "axis-request");
  assert_int_equal(received.signature.size, 64);
  uint8_t digest[DIGEST_SIZE];
  sha256(base, strlen(base), digest);
  assert_memory_equal(received.digest, digest, DIGEST_SIZE);
  assert_int_equal(check(&f, &f.request), OK);
  fixture_done(&f);
}

static void a_response_binds_its_request(void **state)
{
  struct fixture f;
  struct received_signature received;
  fixture_fill(&f);
  const char *signature = fields_get(&f.request_fields, "Signature");
  const char *base = arena_print(f.cx->arena,
    "\"@status\": 200\n"
    "\"signature-input\";req: axis=(\"@method\" \"@request-target\" \"content-type\" \"x-road-client\" \"empty\" \"spaced\")"
    ";created=1790000000;expires=1790000060;keyid=\"abc123\";tag=\"axis-request\"\n"
    "\"signature\";req: %s\n"
    "\"content-type\": text/plain\n"
    "\"@signature-params\": (\"@status\" \"signature-input\";req \"signature\";req \"content-type\")"
    ";created=1790000001;expires=1790000061;keyid=\"def456\";tag=\"axis-response\"", signature);
  assert_int_equal(message_signature_read(f.cx, &f.answer, &received), OK);
  assert_string_equal(received.base, base);
  assert_int_equal(check(&f, &f.answer), OK);
  /* The same answer to the same question asked once more: another signature, hence none of its. */
  sign_message(&f, &f.request, &f.request_fields, &asked);
  assert_int_equal(check(&f, &f.request), OK);
  assert_int_equal(check(&f, &f.answer), ERR_INPUT);
  f.answer.request = NULL;
  assert_int_equal(check(&f, &f.answer), ERR_INPUT);
  fixture_done(&f);
}

/* Changes each byte of a text in turn, but for the case of names, which means nothing. */
static void spoil_text(struct fixture *f, const struct signed_message *message, const char **text, bool is_name)
{
  const char *kept = *text;
  char *copy = arena_copy(f->cx->arena, kept);
  const char flips[] = {1, 4, 0x20, (char)0x80};
  *text = copy;
  for (size_t i = 0; copy[i]; i++)
    for (size_t flip = 0; flip < sizeof flips; flip++) {
      if (is_name && flips[flip] == 0x20) continue;
      copy[i] = (char)(copy[i] ^ flips[flip]);
      assert_int_equal(check(f, message), ERR_INPUT);
      copy[i] = kept[i];
    }
  *text = kept;
}

static void spoil_fields(struct fixture *f, const struct signed_message *message, struct http_fields *fields)
{
  for (size_t i = 0; i < fields->count; i++) {
    if (text_equal(fields->items[i].name, "Spaced")) fields->items[i].value = "a, b"; /* white space at the ends is no change */
    spoil_text(f, message, &fields->items[i].name, true);
    spoil_text(f, message, &fields->items[i].value, false);
  }
}

static void each_changed_byte_is_refused(void **state)
{
  struct fixture f;
  fixture_fill(&f);
  spoil_fields(&f, &f.request, &f.request_fields);
  spoil_text(&f, &f.request, &f.request.method, false);
  spoil_text(&f, &f.request, &f.request.target, false);
  spoil_fields(&f, &f.answer, &f.answer_fields);
  for (int status = 0; status <= 1000; status++) {
    f.answer.status = status;
    assert_int_equal(check(&f, &f.answer), status == 200 ? OK : ERR_INPUT);
  }
  fixture_done(&f);
}

static void fields_may_not_come_go_or_double(void **state)
{
  struct fixture f;
  fixture_fill(&f);
  struct http_fields *fields = &f.request_fields;
  fields_add(fields, "More", "1");
  assert_int_equal(check(&f, &f.request), ERR_INPUT);
  fields_drop(fields, "More");
  assert_int_equal(check(&f, &f.request), OK);
  const char *doubles[] = {"Content-Type", "content-type", "Signature", "Signature-Input", "EMPTY"};
  for (size_t i = 0; i < sizeof doubles / sizeof doubles[0]; i++) {
    fields_add(fields, doubles[i], fields_get(fields, doubles[i]));
    assert_int_equal(check(&f, &f.request), ERR_INPUT);
    fields->count--;
  }
  assert_int_equal(check(&f, &f.request), OK);
  fields_drop(fields, "Empty");
  assert_int_equal(check(&f, &f.request), ERR_INPUT);
  fixture_done(&f);
}

static void order_is_the_senders(void **state)
{
  struct fixture f;
  fixture_fill(&f);
  struct http_field *items = f.request_fields.items, kept = items[0];
  items[0] = items[1];
  items[1] = kept;
  assert_int_equal(check(&f, &f.request), OK);
  fixture_done(&f);
}

/* A small request whose two fields are given; true: they are read. */
static bool reads(struct cx *cx, const char *input, const char *signature)
{
  struct http_fields fields;
  struct received_signature received;
  struct signed_message message = {.method = "GET", .target = "/", .fields = &fields};
  fields_init(&fields, cx->arena);
  fields_add(&fields, "A", "1");
  if (input) fields_add(&fields, "Signature-Input", input);
  if (signature) fields_add(&fields, "Signature", signature);
  enum err err = message_signature_read(cx, &message, &received);
  cx_reset_problems(cx);
  assert_true(err == OK || err == ERR_INPUT);
  return err == OK;
}

#define COVERED "(\"@method\" \"@request-target\" \"a\")"
#define GIVEN ";created=1;expires=2;keyid=\"k\";tag=\"axis-request\""

static void inputs_have_one_spelling(void **state)
{
  struct cx *cx = cx_new_alone(&clock_fixed, NULL);
  assert_true(reads(cx, "axis=" COVERED GIVEN, "axis=:AAAA:"));
  assert_true(reads(cx, "axis=(\"a\" \"@request-target\" \"@method\");tag=\"axis-request\";keyid=\"\";expires=2;created=0", "axis=:AAAA:"));
  const char *bad[] = {
    NULL, "", "axis", "axis=", "sig=" COVERED GIVEN, "AXIS=" COVERED GIVEN, " axis=" COVERED GIVEN, "axis=" COVERED GIVEN " ",
    "axis=" COVERED GIVEN ", b=" COVERED GIVEN, "axis=" COVERED GIVEN ",axis=" COVERED GIVEN,
    /* components */
    "axis=()" GIVEN, "axis=(\"@method\" \"a\")" GIVEN, "axis=(\"@method\" \"@request-target\")" GIVEN,
    "axis=(\"@method\" \"@request-target\" \"a\" \"a\")" GIVEN, "axis=(\"@method\" \"@request-target\" \"b\")" GIVEN,
    "axis=(\"@method\" \"@request-target\" \"A\")" GIVEN, "axis=(\"@method\" \"@request-target\" \"a\";req)" GIVEN,
    "axis=(\"@method\" \"@request-target\" \"a\";sf)" GIVEN, "axis=(\"@method\" \"@request-target\" \"a\" \"@status\")" GIVEN,
    "axis=(\"@method\" \"@path\" \"a\")" GIVEN, "axis=(\"@method\" \"@request-target\" \"a\" \"signature\")" GIVEN,
    "axis=( \"@method\" \"@request-target\" \"a\")" GIVEN, "axis=(\"@method\"  \"@request-target\" \"a\")" GIVEN,
    "axis=(\"@method\" \"@request-target\" \"a\" )" GIVEN, "axis=(\"@method\"\"@request-target\" \"a\")" GIVEN,
    "axis=(@method \"@request-target\" \"a\")" GIVEN, "axis=(\"@method\" \"@request-target\" \"a" GIVEN, "axis=(\"@method\" \"@request-target\" \"\\a\")" GIVEN,
    /* parameters */
    "axis=" COVERED, "axis=" COVERED ";expires=2;keyid=\"k\";tag=\"axis-request\"", "axis=" COVERED ";created=1;keyid=\"k\";tag=\"axis-request\"",
    "axis=" COVERED ";created=1;expires=2;tag=\"axis-request\"", "axis=" COVERED ";created=1;expires=2;keyid=\"k\"",
    "axis=" COVERED GIVEN ";created=1", "axis=" COVERED GIVEN ";nonce=\"n\"", "axis=" COVERED GIVEN ";alg=\"ecdsa-p256-sha256\"",
    "axis=" COVERED ";created=1;expires=2;keyid=\"k\";tag=\"axis-response\"", "axis=" COVERED ";created=1;expires=2;keyid=\"k\";tag=\"x\"",
    "axis=" COVERED ";created=2;expires=2;keyid=\"k\";tag=\"axis-request\"", "axis=" COVERED ";created=01;expires=2;keyid=\"k\";tag=\"axis-request\"",
    "axis=" COVERED ";created=-1;expires=2;keyid=\"k\";tag=\"axis-request\"", "axis=" COVERED ";created=1.0;expires=2;keyid=\"k\";tag=\"axis-request\"",
    "axis=" COVERED ";created=1;expires=1234567890123456;keyid=\"k\";tag=\"axis-request\"", "axis=" COVERED "; created=1;expires=2;keyid=\"k\";tag=\"axis-request\"",
    "axis=" COVERED ";created=1;expires=2;keyid=k;tag=\"axis-request\"", "axis=" COVERED ";created=1;expires=2;keyid=\"\\k\";tag=\"axis-request\"",
    "axis=" COVERED ";created=1;expires=2;keyid=\"k;tag=\"axis-request\""};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) assert_false(reads(cx, bad[i], "axis=:AAAA:"));
  const char *bad_signatures[] = {NULL, "", "axis=", "axis=::", "axis=:AAAA", "axis=AAAA", "axis=:AAA:", "axis=:AA==:x", "axis=:AB==:", "b=:AAAA:",
                                  "axis=:AAAA:, b=:AAAA:", "axis=:AAAA:;x", "axis=:AA AA:", " axis=:AAAA:", "axis=:AA-_:"};
  for (size_t i = 0; i < sizeof bad_signatures / sizeof bad_signatures[0]; i++) assert_false(reads(cx, "axis=" COVERED GIVEN, bad_signatures[i]));
  char large[1024];
  memset(large, 'A', sizeof large);
  large[sizeof large - 1] = '\0';
  large[688] = '\0';
  assert_false(reads(cx, "axis=" COVERED GIVEN, arena_print(cx->arena, "axis=:%s:", large))); /* 516 bytes */
  large[684] = '\0';
  large[683] = '=';
  large[682] = 'A';
  assert_true(reads(cx, "axis=" COVERED GIVEN, arena_print(cx->arena, "axis=:%s:", large))); /* 512 */
  cx_free_alone(cx);
}

static void what_cannot_be_signed_is_not(void **state)
{
  struct cx *cx = cx_new_alone(&clock_fixed, NULL);
  const struct { const char *method, *target, *name, *value; } bad[] = {
    {"GET", "/ x", "A", "1"}, {"GET", "", "A", "1"}, {"GET", "/\xc3\xa9", "A", "1"}, {"GET\n", "/", "A", "1"}, {"", "/", "A", "1"},
    {"GET", "/", "A b", "1"}, {"GET", "/", "", "1"}, {"GET", "/", "A:", "1"}, {"GET", "/", "@method", "1"},
    {"GET", "/", "A", "1\n\"@method\": PUT"}, {"GET", "/", "A", "\xc3\xa9"}, {"GET", "/", "A", "\x7f"}};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct http_fields fields;
    struct received_signature made;
    fields_init(&fields, cx->arena);
    fields_add(&fields, bad[i].name, bad[i].value);
    const struct signed_message message = {.method = bad[i].method, .target = bad[i].target, .fields = &fields};
    assert_int_equal(message_signature_prepare(cx, &message, &asked, &made), ERR_INPUT);
    assert_string_equal(cx->problems.items[0].key, "keys.error.message");
    cx_reset_problems(cx);
  }
  struct http_fields many;
  struct received_signature made;
  fields_init(&many, cx->arena);
  const struct signed_message message = {.method = "GET", .target = "/", .fields = &many};
  for (int i = 0; i < 254; i++) fields_add(&many, arena_print(cx->arena, "f%d", i), "");
  assert_int_equal(message_signature_prepare(cx, &message, &asked, &made), OK);
  fields_add(&many, "one-more", "");
  assert_int_equal(message_signature_prepare(cx, &message, &asked, &made), ERR_INPUT);
  cx_free_alone(cx);
}

static void attaching_again_replaces(void **state)
{
  struct fixture f;
  fixture_fill(&f);
  sign_message(&f, &f.request, &f.request_fields, &asked);
  assert_int_equal(fields_count(&f.request_fields, "signature"), 1);
  assert_int_equal(fields_count(&f.request_fields, "signature-input"), 1);
  assert_int_equal(check(&f, &f.request), OK);
  fixture_done(&f);
}

static void content_digests_are_read_strictly(void **state)
{
  struct arena *arena = arena_new(0);
  uint8_t digest[DIGEST_SIZE], read[DIGEST_SIZE];
  sha256("{\"hello\": \"world\"}", 18, digest);
  const char *value = content_digest(arena, digest);
  assert_string_equal(value, "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:");
  assert_true(content_digest_read(value, read));
  assert_memory_equal(read, digest, DIGEST_SIZE);
  const char *bad[] = {"", "sha-256", "sha-256=", "sha-512=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:", "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE:",
                       "sha-256=:X48E:", "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPF=:", " sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
                       "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:, x=1", "sha-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE="};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) assert_false(content_digest_read(bad[i], read));
  arena_free(arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_request_has_the_base_written_by_hand),
    cmocka_unit_test(a_response_binds_its_request),
    cmocka_unit_test(each_changed_byte_is_refused),
    cmocka_unit_test(fields_may_not_come_go_or_double),
    cmocka_unit_test(order_is_the_senders),
    cmocka_unit_test(inputs_have_one_spelling),
    cmocka_unit_test(what_cannot_be_signed_is_not),
    cmocka_unit_test(attaching_again_replaces),
    cmocka_unit_test(content_digests_are_read_strictly),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
