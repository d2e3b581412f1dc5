/* Certificates: what is issued stands before OpenSSL's own judge and in a TLS 1.3 handshake; what is not of the form is refused. */
#include "keys/certificate.h"
#include "keys/inner.h"
#include "keys/test_process.h"
#include "base/text.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct clock clock_real = {0};
static struct test_process t;   /* one process for all: a start costs more than the tests */
static const char *authority_pem, *gateway_pem, *member_pem;

static struct certificate_wish wish(const char *name, const char *host, enum certificate_use use)
{
  int64_t now = cx_now(t.cx);
  return (struct certificate_wish){name, host, use, now - HOUR_US, now + 365 * DAY_US};
}

static struct bytes public_of(const char *name, enum key_algorithm algorithm)
{
  struct bytes spki;
  assert_int_equal(keys_make(t.cx, t.keys, name, algorithm), OK);
  assert_int_equal(keys_public(t.cx, t.keys, name, &spki), OK);
  return spki;
}

static X509 *read_pem(const char *pem)
{
  X509 *certificate;
  assert_int_equal(certificate_read(t.cx, pem, &certificate), OK);
  return certificate;
}

static const char *issue(const char *key, X509 *issuer, struct bytes spki, struct certificate_wish w)
{
  const char *pem = NULL;
  assert_int_equal(certificate_issue(t.cx, t.keys, key, issuer, spki, &w, &pem), OK);
  return pem;
}

static int set_up(void **state)
{
  test_process_start(&t, &clock_real);
  authority_pem = issue("authority", NULL, public_of("authority", KEY_P256), wish("H01/authority", NULL, CERTIFICATE_AUTHORITY));
  X509 *authority = read_pem(authority_pem);
  gateway_pem = issue("authority", authority, public_of("gateway", KEY_P256), wish("H01/gateway", "127.0.0.1", CERTIFICATE_GATEWAY));
  member_pem = issue("authority", authority, public_of("member", KEY_P256), wish("H01/GOV/H01.07", NULL, CERTIFICATE_MEMBER));
  X509_free(authority);
  return 0;
}

static int tear_down(void **state)
{
  test_process_stop(&t);
  return 0;
}

static enum err judge(const char *pem, const char *by, enum certificate_use use, int64_t now_us)
{
  X509 *certificate = read_pem(pem), *authority = read_pem(by);
  enum err err = certificate_check(t.cx, certificate, authority, use, now_us);
  X509_free(certificate);
  X509_free(authority);
  return err;
}

static void each_use_is_accepted_for_itself_alone(void **state)
{
  const struct { const char *pem; enum certificate_use use; } all[] = {
    {authority_pem, CERTIFICATE_AUTHORITY}, {gateway_pem, CERTIFICATE_GATEWAY}, {member_pem, CERTIFICATE_MEMBER}};
  for (size_t i = 0; i < 3; i++)
    for (size_t use = 0; use < 3; use++)
      assert_int_equal(judge(all[i].pem, authority_pem, all[use].use, cx_now(t.cx)), i == use ? OK : ERR_INPUT);
}

static void validity_has_two_ends(void **state)
{
  int64_t now = cx_now(t.cx);
  assert_int_equal(judge(gateway_pem, authority_pem, CERTIFICATE_GATEWAY, now - 2 * HOUR_US), ERR_INPUT);
  assert_int_equal(judge(gateway_pem, authority_pem, CERTIFICATE_GATEWAY, now + 364 * DAY_US), OK);
  assert_int_equal(judge(gateway_pem, authority_pem, CERTIFICATE_GATEWAY, now + 366 * DAY_US), ERR_INPUT);
  X509 *authority = read_pem(authority_pem);
  struct certificate_wish longer = wish("H01/GOV/X", NULL, CERTIFICATE_MEMBER);
  longer.not_after_us += 5000 * DAY_US;
  X509 *member = read_pem(issue("authority", authority, public_of("member", KEY_P256), longer));
  int64_t from, to, authority_from, authority_to;
  certificate_validity(member, &from, &to);
  certificate_validity(authority, &authority_from, &authority_to);
  assert_int_equal(to, authority_to);
  X509_free(member);
  X509_free(authority);
}

static void another_authority_is_refused(void **state)
{
  /* The same name, another key: only the signature tells. */
  const char *false_pem = issue("false", NULL, public_of("false", KEY_P256), wish("H01/authority", NULL, CERTIFICATE_AUTHORITY));
  assert_int_equal(judge(gateway_pem, false_pem, CERTIFICATE_GATEWAY, cx_now(t.cx)), ERR_INPUT);
  /* A member signs a certificate: its own is none of an authority. */
  X509 *member = read_pem(member_pem);
  const char *forged = issue("member", member, public_of("gateway", KEY_P256), wish("H01/gateway", NULL, CERTIFICATE_GATEWAY));
  assert_int_equal(judge(forged, member_pem, CERTIFICATE_GATEWAY, cx_now(t.cx)), ERR_INPUT);
  X509_free(member);
}

static void the_issuers_key_must_fit(void **state)
{
  X509 *authority = read_pem(authority_pem);
  const struct certificate_wish w = wish("x", NULL, CERTIFICATE_MEMBER);
  const char *pem;
  assert_int_equal(certificate_issue(t.cx, t.keys, "member", authority, public_of("member", KEY_P256), &w, &pem), ERR_CONFLICT);
  assert_int_equal(certificate_issue(t.cx, t.keys, "member", NULL, public_of("gateway", KEY_P256), &w, &pem), ERR_CONFLICT);
  assert_int_equal(certificate_issue(t.cx, t.keys, "none", authority, public_of("member", KEY_P256), &w, &pem), ERR_NOT_FOUND);
  X509_free(authority);
}

static void wishes_are_checked(void **state)
{
  const char *pem, *name65 = "12345678901234567890123456789012345678901234567890123456789012345";
  const struct { const char *name, *host; int64_t from, to; } bad[] = {
    {"", NULL, 0, 1}, {NULL, NULL, 0, 1}, {name65, NULL, 0, 1}, {"a\nb", NULL, 0, 1}, {"a", "b c", 0, 1}, {"a", "", 0, 1},
    {"a", "x,DNS:y", 0, 1}, {"a", "-x", 0, 1}, {"a", NULL, 5, 5}, {"\xff", NULL, 0, 1}};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    const struct certificate_wish w = {bad[i].name, bad[i].host, CERTIFICATE_GATEWAY, bad[i].from, bad[i].to};
    assert_int_equal(certificate_request(t.cx, t.keys, "member", &w, &pem), ERR_INPUT);
  }
}

static void openssl_accepts_the_chain(void **state)
{
  X509 *authority = read_pem(authority_pem), *gateway = read_pem(gateway_pem);
  X509_STORE *store = X509_STORE_new();
  X509_STORE_CTX *context = X509_STORE_CTX_new();
  X509_STORE_add_cert(store, authority);
  X509_STORE_set_flags(store, X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE);
  X509_STORE_CTX_init(context, store, gateway, NULL);
  X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_SERVER);
  assert_int_equal(X509_verify_cert(context), 1);
  assert_int_equal(X509_check_ip_asc(gateway, "127.0.0.1", 0), 1);
  assert_int_equal(X509_check_ip_asc(gateway, "127.0.0.2", 0), 0);
  assert_string_equal(certificate_name(t.cx->arena, gateway), "H01/gateway");
  struct bytes spki = certificate_spki(t.cx->arena, gateway), expected = public_of("gateway", KEY_P256);
  assert_int_equal(spki.size, expected.size);
  assert_memory_equal(spki.data, expected.data, spki.size);
  assert_int_equal(strlen(certificate_hash(t.cx->arena, gateway)), 64);
  BIGNUM *serial = ASN1_INTEGER_to_BN(X509_get0_serialNumber(gateway), NULL);
  assert_in_range(BN_num_bits(serial), 90, 127);
  assert_false(BN_is_negative(serial));
  BN_free(serial);
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  X509_free(authority);
  X509_free(gateway);
}

static void every_changed_bit_is_refused(void **state)
{
  X509 *gateway = read_pem(gateway_pem), *authority = read_pem(authority_pem);
  uint8_t *der = NULL;
  int size = i2d_X509(gateway, &der);
  for (int i = 0; i < size; i++) {
    der[i] ^= 1;
    const uint8_t *at = der;
    X509 *changed = d2i_X509(NULL, &at, size);
    if (changed) assert_int_equal(certificate_check(t.cx, changed, authority, CERTIFICATE_GATEWAY, cx_now(t.cx)), ERR_INPUT);
    X509_free(changed);
    cx_reset_problems(t.cx);
    der[i] ^= 1;
  }
  OPENSSL_free(der);
  X509_free(gateway);
  X509_free(authority);
}

static void rsa_members_are_issued_too(void **state)
{
  X509 *authority = read_pem(authority_pem);
  const char *pem = issue("authority", authority, public_of("rsa", KEY_RSA2048), wish("H01/COM/1", NULL, CERTIFICATE_MEMBER));
  assert_int_equal(judge(pem, authority_pem, CERTIFICATE_MEMBER, cx_now(t.cx)), OK);
  const char *own = issue("rsa", NULL, public_of("rsa", KEY_RSA2048), wish("VN/authority", NULL, CERTIFICATE_AUTHORITY));
  assert_int_equal(judge(own, own, CERTIFICATE_AUTHORITY, cx_now(t.cx)), OK);
  X509_free(authority);
}

static void requests_are_proven(void **state)
{
  const char *pem, *name;
  struct bytes spki, expected = public_of("member", KEY_P256);
  struct certificate_wish w = wish("H01/GOV/H01.07", NULL, CERTIFICATE_MEMBER);
  assert_int_equal(certificate_request(t.cx, t.keys, "member", &w, &pem), OK);
  assert_int_equal(certificate_request_read(t.cx, pem, &spki, &name), OK);
  assert_string_equal(name, "H01/GOV/H01.07");
  assert_int_equal(spki.size, expected.size);
  assert_memory_equal(spki.data, expected.data, spki.size);
  char *changed = arena_copy(t.cx->arena, pem);
  char *middle = changed + strlen(changed) / 2;
  *middle = *middle == 'A' ? 'B' : 'A';
  assert_int_equal(certificate_request_read(t.cx, changed, &spki, &name), ERR_INPUT);
  w.host = "gateway.example.vn";
  assert_int_equal(certificate_request(t.cx, t.keys, "member", &w, &pem), OK);
  assert_int_equal(certificate_request_read(t.cx, pem, &spki, &name), OK);
  assert_int_equal(certificate_request_read(t.cx, gateway_pem, &spki, &name), ERR_INPUT);
}

/* The block again with one byte behind the structure in it. */
static const char *with_a_byte_more(const char *pem)
{
  char *name, *header, *text;
  uint8_t *der;
  long size;
  BIO *from = BIO_new_mem_buf(pem, -1), *to = BIO_new(BIO_s_mem());
  assert_int_equal(PEM_read_bio(from, &name, &header, &der, &size), 1);
  uint8_t *more = arena_alloc(t.cx->arena, (size_t)size + 1);
  memcpy(more, der, (size_t)size);
  assert_true(PEM_write_bio(to, name, header, more, size + 1) > 0);
  long written = BIO_get_mem_data(to, &text);
  const char *out = arena_copy_n(t.cx->arena, text, (size_t)written);
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(der);
  BIO_free(from);
  BIO_free(to);
  return out;
}

static void bytes_behind_the_structure_are_refused(void **state)
{
  X509 *certificate;
  const char *request, *name;
  struct bytes spki;
  const struct certificate_wish w = wish("H01/GOV/H01.07", NULL, CERTIFICATE_MEMBER);
  assert_int_equal(certificate_request(t.cx, t.keys, "member", &w, &request), OK);
  assert_int_equal(certificate_read(t.cx, with_a_byte_more(gateway_pem), &certificate), ERR_INPUT);
  assert_null(certificate);
  assert_int_equal(certificate_request_read(t.cx, with_a_byte_more(request), &spki, &name), ERR_INPUT);
  cx_reset_problems(t.cx);
}

static void pem_is_read_strictly(void **state)
{
  X509 *certificate;
  struct arena *arena = t.cx->arena;
  const char *encrypted = "-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\nAAAA\n-----END CERTIFICATE-----\n";
  const char *bad[] = {"", "nonsense", arena_print(arena, " %s", gateway_pem), arena_print(arena, "%s%s", gateway_pem, member_pem),
                       arena_print(arena, "%sx", gateway_pem), encrypted, "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) assert_int_equal(certificate_read(t.cx, bad[i], &certificate), ERR_INPUT);
  assert_int_equal(certificate_read(t.cx, NULL, &certificate), ERR_INPUT);
  cx_reset_problems(t.cx);
}

/* ---- TLS 1.3, both sides with keys in the keys process ---- */

static SSL *side(bool server, const char *pem, const char *key_name, SSL_CTX **context)
{
  EVP_PKEY *key;
  X509 *certificate = read_pem(pem), *authority = read_pem(authority_pem);
  assert_int_equal(keys_tls_key(t.cx, t.keys, key_name, &key), OK);
  *context = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
  SSL_CTX_set_min_proto_version(*context, TLS1_3_VERSION);
  assert_int_equal(SSL_CTX_use_certificate(*context, certificate), 1);
  assert_int_equal(SSL_CTX_use_PrivateKey(*context, key), 1);
  X509_STORE_add_cert(SSL_CTX_get_cert_store(*context), authority);
  SSL_CTX_set_verify(*context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
  SSL *ssl = SSL_new(*context);
  if (server) SSL_set_accept_state(ssl);
  else SSL_set_connect_state(ssl);
  EVP_PKEY_free(key);
  X509_free(certificate);
  X509_free(authority);
  return ssl;
}

static bool handshake(const char *client_pem, const char *client_key)
{
  SSL_CTX *contexts[2];
  BIO *ends[2];
  SSL *server = side(true, gateway_pem, "gateway", &contexts[0]), *client = side(false, client_pem, client_key, &contexts[1]);
  assert_int_equal(BIO_new_bio_pair(&ends[0], 0, &ends[1], 0), 1);
  SSL_set_bio(server, ends[0], ends[0]);
  SSL_set_bio(client, ends[1], ends[1]);
  int first = 0, second = 0;
  for (int i = 0; i < 20 && (first != 1 || second != 1); i++) {
    first = SSL_do_handshake(client);
    second = SSL_do_handshake(server);
  }
  bool good = first == 1 && second == 1 && SSL_get_verify_result(server) == X509_V_OK && SSL_get_verify_result(client) == X509_V_OK;
  SSL_free(server);
  SSL_free(client);
  SSL_CTX_free(contexts[0]);
  SSL_CTX_free(contexts[1]);
  return good;
}

static void tls_13_shakes_hands(void **state)
{
  assert_true(handshake(gateway_pem, "gateway"));
  assert_false(handshake(member_pem, "member")); /* its use is another */
}

static void a_tls_key_signs_what_it_may(void **state)
{
  EVP_PKEY *key, *copy;
  uint8_t digest[64] = {1}, out[256];
  size_t size = sizeof out;
  assert_int_equal(keys_tls_key(t.cx, t.keys, "gateway", &key), OK);
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
  assert_int_equal(EVP_PKEY_sign_init(context), 1);
  assert_int_equal(EVP_PKEY_sign(context, out, &size, digest, DIGEST_SIZE), 1);
  size = sizeof out;
  assert_int_not_equal(EVP_PKEY_sign(context, out, &size, digest, 64), 1);
  copy = EVP_PKEY_dup(key);
  EVP_PKEY_free(copy);
  EVP_PKEY_CTX_free(context);
  EVP_PKEY_free(key);
  assert_int_equal(keys_tls_key(t.cx, t.keys, "nobody", &key), ERR_NOT_FOUND);
}

int main(int count, char **arguments)
{
  test_process_main(count, arguments);
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_use_is_accepted_for_itself_alone),
    cmocka_unit_test(validity_has_two_ends),
    cmocka_unit_test(another_authority_is_refused),
    cmocka_unit_test(the_issuers_key_must_fit),
    cmocka_unit_test(wishes_are_checked),
    cmocka_unit_test(openssl_accepts_the_chain),
    cmocka_unit_test(every_changed_bit_is_refused),
    cmocka_unit_test(rsa_members_are_issued_too),
    cmocka_unit_test(requests_are_proven),
    cmocka_unit_test(pem_is_read_strictly), cmocka_unit_test(bytes_behind_the_structure_are_refused),
    cmocka_unit_test(tls_13_shakes_hands),
    cmocka_unit_test(a_tls_key_signs_what_it_may),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
