/* Making certificates and requests. The form is fixed here for each use; a caller wishes names and times only. */
#include "keys/certificate.h"

#include "base/text.h"
#include "keys/inner.h"

#include <assert.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

enum { COMMON_NAME_MAX = 64 /* ub-common-name, RFC 5280 */, HOST_MAX = 253, SERIAL_SIZE = 16, VERSION_3 = 2 };

/* What each use carries, in OpenSSL's words. Critical: a reader that does not understand it must refuse. */
static const struct { enum certificate_use use; const char *basic, *key_usage, *extended; } forms[] = {
  {CERTIFICATE_AUTHORITY, "critical,CA:TRUE,pathlen:0", "critical,keyCertSign,cRLSign", NULL},
  {CERTIFICATE_GATEWAY, "critical,CA:FALSE", "critical,digitalSignature", "serverAuth,clientAuth"},
  {CERTIFICATE_MEMBER, "critical,CA:FALSE", "critical,digitalSignature", "1.3.6.1.5.5.7.3.36"},
};

/* ---- Parts of both ---- */

static X509_NAME *name_new(const char *common_name)
{
  X509_NAME *name = X509_NAME_new();
  int added = X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, (const unsigned char *)common_name, -1, -1, 0);
  assert(added == 1); /* wish_check saw that it is text of no more than COMMON_NAME_MAX */
  return name;
}

static bool host_is_name(const char *host)
{
  size_t size = strlen(host);
  return size > 0 && size <= HOST_MAX && strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") == size &&
         host[0] != '.' && host[0] != '-';
}

/* An iPAddress when it reads as one, else a dNSName; built by hand, since a host from outside in OpenSSL's little language could
 * say more than one name. NULL: neither. */
static X509_EXTENSION *host_extension(const char *host)
{
  GENERAL_NAME *name = GENERAL_NAME_new();
  ASN1_OCTET_STRING *address = a2i_IPADDRESS(host);
  ERR_clear_error();
  if (!name || (!address && !host_is_name(host))) {
    GENERAL_NAME_free(name);
    return NULL;
  }
  ASN1_IA5STRING *text = address ? NULL : ASN1_IA5STRING_new();
  if (text) ASN1_STRING_set(text, host, -1);
  GENERAL_NAME_set0_value(name, address ? GEN_IPADD : GEN_DNS, address ? (void *)address : (void *)text);
  GENERAL_NAMES *names = GENERAL_NAMES_new();
  sk_GENERAL_NAME_push(names, name);
  X509_EXTENSION *extension = X509V3_EXT_i2d(NID_subject_alt_name, 0, names);
  GENERAL_NAMES_free(names);
  return extension;
}

static enum err wish_check(struct cx *cx, const struct certificate_wish *wish)
{
  const char *name = wish->common_name;
  bool good = !text_empty(name) && text_characters(name) <= COMMON_NAME_MAX;
  good = good && text_equal(text_clean(cx->arena, name, strlen(name), TEXT_LINE), name);
  if (!good) return cx_fail(cx, ERR_INPUT, NULL, "keys.error.common_name", "name", name ? name : "", NULL);
  if (wish->not_before_us >= wish->not_after_us) return cx_fail(cx, ERR_INPUT, NULL, "keys.error.validity", NULL);
  X509_EXTENSION *extension = wish->host ? host_extension(wish->host) : NULL;
  X509_EXTENSION_free(extension);
  return extension || !wish->host ? OK : cx_fail(cx, ERR_INPUT, NULL, "keys.error.host", "host", wish->host, NULL);
}

static const char *bio_take(struct arena *arena, BIO *bio)
{
  char *data = NULL;
  long size = BIO_get_mem_data(bio, &data);
  const char *text = arena_copy_n(arena, data, (size_t)size);
  BIO_free(bio);
  return text;
}

/* ---- A request ---- */

static X509_REQ *request_new(EVP_PKEY *key, const struct certificate_wish *wish)
{
  X509_REQ *request = X509_REQ_new();
  X509_NAME *name = name_new(wish->common_name);
  if (!request || X509_REQ_set_version(request, 0) != 1 || X509_REQ_set_subject_name(request, name) != 1 ||
      X509_REQ_set_pubkey(request, key) != 1)
    abort();
  X509_NAME_free(name);
  if (wish->host) {
    STACK_OF(X509_EXTENSION) *extensions = sk_X509_EXTENSION_new_null();
    sk_X509_EXTENSION_push(extensions, host_extension(wish->host));
    X509_REQ_add_extensions(request, extensions);
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
  }
  return request;
}

enum err certificate_request(struct cx *cx, struct keys *keys, const char *name, const struct certificate_wish *wish, const char **pem)
{
  EVP_PKEY *key = NULL;
  enum err err = wish_check(cx, wish);
  if (!err) err = keys_tls_key(cx, keys, name, &key);
  if (err) return err;
  X509_REQ *request = request_new(key, wish);
  bool good = X509_REQ_sign(request, key, EVP_sha256()) > 0;
  BIO *out = BIO_new(BIO_s_mem());
  if (!out || PEM_write_bio_X509_REQ(out, request) != 1) abort();
  *pem = bio_take(cx->arena, out);
  X509_REQ_free(request);
  EVP_PKEY_free(key);
  ERR_clear_error();
  return good ? OK : cx_fail(cx, ERR_INTERNAL, NULL, "keys.error.process", "name", name, NULL);
}

/* ---- A certificate ---- */

static void extend(X509 *certificate, X509V3_CTX *context, int nid, const char *words)
{
  X509_EXTENSION *extension = X509V3_EXT_nconf_nid(NULL, context, nid, words);
  int added = extension ? X509_add_ext(certificate, extension, -1) : 0;
  assert(added == 1);
  X509_EXTENSION_free(extension);
}

static void set_extensions(X509 *certificate, X509 *issuer, const struct certificate_wish *wish)
{
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer ? issuer : certificate, certificate, NULL, NULL, 0);
  for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
    if (forms[i].use != wish->use) continue;
    extend(certificate, &context, NID_basic_constraints, forms[i].basic);
    extend(certificate, &context, NID_key_usage, forms[i].key_usage);
    if (forms[i].extended) extend(certificate, &context, NID_ext_key_usage, forms[i].extended);
  }
  extend(certificate, &context, NID_subject_key_identifier, "hash");
  extend(certificate, &context, NID_authority_key_identifier, "keyid:always");
  if (!wish->host) return;
  X509_EXTENSION *host = host_extension(wish->host);
  X509_add_ext(certificate, host, -1);
  X509_EXTENSION_free(host);
}

/* 127 bits of chance: the first is kept 0, as the number must be positive. */
static void set_serial(X509 *certificate)
{
  uint8_t data[SERIAL_SIZE];
  random_bytes(data, sizeof data);
  data[0] &= 0x7f;
  BIGNUM *number = BN_bin2bn(data, sizeof data, NULL);
  if (!number || !BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate))) abort();
  BN_free(number);
}

static void set_times(X509 *certificate, X509 *issuer, const struct certificate_wish *wish)
{
  int64_t issuer_from, issuer_to, to = wish->not_after_us;
  if (issuer) {
    certificate_validity(issuer, &issuer_from, &issuer_to);
    if (to > issuer_to) to = issuer_to;
  }
  ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)(wish->not_before_us / SECOND_US));
  ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)(to / SECOND_US));
}

static X509 *certificate_new(X509 *issuer, EVP_PKEY *subject_key, const struct certificate_wish *wish)
{
  X509 *certificate = X509_new();
  X509_NAME *name = name_new(wish->common_name);
  if (!certificate || X509_set_version(certificate, VERSION_3) != 1 || X509_set_subject_name(certificate, name) != 1 ||
      X509_set_issuer_name(certificate, issuer ? X509_get_subject_name(issuer) : name) != 1 || X509_set_pubkey(certificate, subject_key) != 1)
    abort();
  X509_NAME_free(name);
  set_serial(certificate);
  set_times(certificate, issuer, wish);
  set_extensions(certificate, issuer, wish);
  return certificate;
}

/* The key that signs must be the issuer's (or, self-signed, the subject's): else the certificate would be one that nobody accepts. */
static enum err sign_and_write(struct cx *cx, X509 *certificate, EVP_PKEY *public_half, EVP_PKEY *signer, const char **pem)
{
  if (EVP_PKEY_eq(public_half, signer) != 1) return cx_fail(cx, ERR_CONFLICT, NULL, "keys.error.issuer_key", NULL);
  if (X509_sign(certificate, signer, EVP_sha256()) <= 0) return cx_fail(cx, ERR_INTERNAL, NULL, "keys.error.process", NULL);
  BIO *out = BIO_new(BIO_s_mem());
  if (!out || PEM_write_bio_X509(out, certificate) != 1) abort();
  *pem = bio_take(cx->arena, out);
  return OK;
}

enum err certificate_issue(struct cx *cx, struct keys *keys, const char *issuer_key, X509 *issuer, struct bytes spki,
                           const struct certificate_wish *wish, const char **pem)
{
  EVP_PKEY *signer = NULL, *subject_key = public_key_read(spki);
  enum err err = wish_check(cx, wish);
  if (!err && !key_kind(subject_key)) err = cx_fail(cx, ERR_INPUT, NULL, "keys.error.kind", NULL);
  if (!err) err = keys_tls_key(cx, keys, issuer_key, &signer);
  if (!err) {
    X509 *certificate = certificate_new(issuer, subject_key, wish);
    err = sign_and_write(cx, certificate, issuer ? X509_get0_pubkey(issuer) : subject_key, signer, pem);
    X509_free(certificate);
  }
  EVP_PKEY_free(signer);
  EVP_PKEY_free(subject_key);
  ERR_clear_error();
  return err;
}
