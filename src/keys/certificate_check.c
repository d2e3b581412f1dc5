/* Reading certificates and requests, and judging them. OpenSSL's chain builder is not asked: our chains have one link, and what
 * is accepted must be as narrow as what certificate.c makes. */
#include "keys/certificate.h"

#include "base/text.h"
#include "keys/inner.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PEM_SIZE_MAX = 65536, VERSION_3 = 2 };

/* ---- Reading ---- */

/* The DER in one PEM block of that label, with nothing around it but a last line's end and nothing in it but base64. NULL: it is none. */
static uint8_t *pem_alone(const char *pem, const char *label, long *size_out)
{
  char begin[64], end[64], *name = NULL, *header = NULL;
  snprintf(begin, sizeof begin, "-----BEGIN %s-----", label);
  snprintf(end, sizeof end, "-----END %s-----", label);
  size_t size = pem ? strnlen(pem, PEM_SIZE_MAX + 1) : 0;
  if (size == 0 || size > PEM_SIZE_MAX || !text_starts(pem, begin) || !strchr("\r\n", pem[strlen(begin)])) return NULL;
  const char *last = strstr(pem, end);
  if (!last || strspn(last + strlen(end), "\r\n") != strlen(last + strlen(end))) return NULL;
  BIO *bio = BIO_new_mem_buf(pem, (int)size);
  uint8_t *der = NULL;
  bool good = bio && PEM_read_bio(bio, &name, &header, &der, size_out) == 1 && text_equal(name, label) && text_empty(header);
  BIO_free(bio);
  OPENSSL_free(name);
  OPENSSL_free(header);
  if (good) return der;
  OPENSSL_free(der);
  return NULL;
}

/* OpenSSL passes over bytes behind a structure and takes other spellings of it; we take the one that it would write. */
static bool spelled_so(const uint8_t *der, long size, const uint8_t *again, int again_size)
{
  return again_size == size && memcmp(again, der, (size_t)size) == 0;
}

static X509 *certificate_from(const uint8_t *der, long size)
{
  const uint8_t *at = der;
  uint8_t *again = NULL;
  X509 *certificate = der ? d2i_X509(NULL, &at, size) : NULL;
  int again_size = certificate ? i2d_X509(certificate, &again) : 0;
  bool good = again && spelled_so(der, size, again, again_size) && key_kind(X509_get0_pubkey(certificate));
  OPENSSL_free(again);
  if (good) return certificate;
  X509_free(certificate);
  return NULL;
}

enum err certificate_read(struct cx *cx, const char *pem, X509 **out)
{
  long size = 0;
  uint8_t *der = pem_alone(pem, "CERTIFICATE", &size);
  *out = certificate_from(der, size);
  OPENSSL_free(der);
  ERR_clear_error();
  return *out ? OK : cx_fail(cx, ERR_INPUT, NULL, "keys.error.certificate.form", NULL);
}

static struct bytes spki_of(struct arena *arena, EVP_PKEY *key)
{
  uint8_t *der = NULL;
  int size = key ? i2d_PUBKEY(key, &der) : 0;
  struct bytes out = {NULL, 0};
  if (size > 0) out = (struct bytes){(uint8_t *)arena_copy_n(arena, der, (size_t)size), (size_t)size};
  OPENSSL_free(der);
  return out;
}

/* The one common name of a subject that has nothing else; NULL otherwise. */
static const char *common_name_of(struct arena *arena, const X509_NAME *name)
{
  unsigned char *text = NULL;
  if (!name || X509_NAME_entry_count(name) != 1) return NULL;
  const X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, 0);
  if (OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry)) != NID_commonName) return NULL;
  int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
  const char *clean = size > 0 ? text_clean(arena, (char *)text, (size_t)size, TEXT_LINE) : NULL;
  bool same = clean && strlen(clean) == (size_t)size && memcmp(clean, text, (size_t)size) == 0;
  OPENSSL_free(text);
  return same ? clean : NULL;
}

/* NULL: it is none, or not signed by its own key. */
static X509_REQ *request_from(const uint8_t *der, long size)
{
  const uint8_t *at = der;
  uint8_t *again = NULL;
  X509_REQ *request = der ? d2i_X509_REQ(NULL, &at, size) : NULL;
  EVP_PKEY *key = request ? X509_REQ_get0_pubkey(request) : NULL;
  int again_size = request ? i2d_X509_REQ(request, &again) : 0;
  bool good = again && spelled_so(der, size, again, again_size) && key_kind(key) && X509_REQ_verify(request, key) == 1;
  OPENSSL_free(again);
  if (good) return request;
  X509_REQ_free(request);
  return NULL;
}

enum err certificate_request_read(struct cx *cx, const char *pem, struct bytes *spki, const char **common_name)
{
  long size = 0;
  uint8_t *der = pem_alone(pem, "CERTIFICATE REQUEST", &size);
  X509_REQ *request = request_from(der, size);
  *common_name = request ? common_name_of(cx->arena, X509_REQ_get_subject_name(request)) : NULL;
  *spki = request ? spki_of(cx->arena, X509_REQ_get0_pubkey(request)) : (struct bytes){NULL, 0};
  OPENSSL_free(der);
  X509_REQ_free(request);
  ERR_clear_error();
  return *common_name && spki->size ? OK : cx_fail(cx, ERR_INPUT, NULL, "keys.error.request", NULL);
}

/* ---- What a certificate says ---- */

const char *certificate_name(struct arena *arena, X509 *certificate)
{
  return common_name_of(arena, X509_get_subject_name(certificate));
}

const char *certificate_hash(struct arena *arena, X509 *certificate)
{
  uint8_t hash[DIGEST_SIZE];
  if (X509_digest(certificate, EVP_sha256(), hash, NULL) != 1) abort();
  return hex_write(arena, hash, sizeof hash);
}

struct bytes certificate_spki(struct arena *arena, X509 *certificate)
{
  return spki_of(arena, X509_get0_pubkey(certificate));
}

static bool time_us(const ASN1_TIME *time, int64_t *out)
{
  struct tm parts;
  if (!time || ASN1_TIME_to_tm(time, &parts) != 1) return false;
  *out = (int64_t)timegm(&parts) * SECOND_US;
  return true;
}

void certificate_validity(X509 *certificate, int64_t *from_us, int64_t *to_us)
{
  bool good = time_us(X509_get0_notBefore(certificate), from_us) && time_us(X509_get0_notAfter(certificate), to_us);
  if (!good) *from_us = *to_us = 0;
}

/* ---- Judging ---- */

static bool usage_has(X509 *certificate, const char *oid)
{
  EXTENDED_KEY_USAGE *usages = X509_get_ext_d2i(certificate, NID_ext_key_usage, NULL, NULL);
  ASN1_OBJECT *wanted = OBJ_txt2obj(oid, 1);
  bool found = false;
  for (int i = 0; usages && i < sk_ASN1_OBJECT_num(usages); i++) found = found || OBJ_cmp(sk_ASN1_OBJECT_value(usages, i), wanted) == 0;
  ASN1_OBJECT_free(wanted);
  EXTENDED_KEY_USAGE_free(usages);
  return found;
}

static bool fits_use(X509 *certificate, enum certificate_use use)
{
  uint32_t flags = X509_get_extension_flags(certificate), usage = X509_get_key_usage(certificate);
  bool authority = (flags & EXFLAG_CA) != 0;
  if ((flags & EXFLAG_KUSAGE) == 0 || (flags & EXFLAG_BCONS) == 0 || authority != (use == CERTIFICATE_AUTHORITY)) return false;
  if (use == CERTIFICATE_AUTHORITY) return usage & KU_KEY_CERT_SIGN;
  if ((usage & KU_DIGITAL_SIGNATURE) == 0 || (usage & KU_KEY_CERT_SIGN)) return false;
  if (use == CERTIFICATE_MEMBER) return usage_has(certificate, "1.3.6.1.5.5.7.3.36");
  return usage_has(certificate, "1.3.6.1.5.5.7.3.1") && usage_has(certificate, "1.3.6.1.5.5.7.3.2");
}

/* Version, extensions that were understood, a key and a signature of our kinds. */
static bool form_good(X509 *certificate)
{
  uint32_t flags = X509_get_extension_flags(certificate);
  int kind = X509_get_signature_nid(certificate);
  return X509_get_version(certificate) == VERSION_3 && (flags & (EXFLAG_INVALID | EXFLAG_CRITICAL)) == 0 &&
         (kind == NID_ecdsa_with_SHA256 || kind == NID_sha256WithRSAEncryption) && key_kind(X509_get0_pubkey(certificate));
}

static bool valid_at(X509 *certificate, int64_t now_us)
{
  int64_t from, to;
  certificate_validity(certificate, &from, &to);
  return from <= now_us && now_us < to;
}

static bool issued_by(X509 *certificate, X509 *authority)
{
  return X509_check_issued(authority, certificate) == X509_V_OK && X509_verify(certificate, X509_get0_pubkey(authority)) == 1;
}

enum err certificate_check(struct cx *cx, X509 *certificate, X509 *authority, enum certificate_use use, int64_t now_us)
{
  const char *wrong = NULL;
  if (!form_good(certificate) || !form_good(authority)) wrong = "keys.error.certificate.form";
  else if (!certificate_name(cx->arena, certificate)) wrong = "keys.error.common_name";
  else if (!fits_use(authority, CERTIFICATE_AUTHORITY) || !issued_by(certificate, authority)) wrong = "keys.error.certificate.issuer";
  else if (!fits_use(certificate, use)) wrong = "keys.error.certificate.use";
  else if (!valid_at(certificate, now_us) || !valid_at(authority, now_us)) wrong = "keys.error.certificate.time";
  ERR_clear_error();
  return wrong ? cx_fail(cx, ERR_INPUT, NULL, wrong, NULL) : OK;
}
