/* TLS contexts. Between gateways version 1.3 alone, both sides with a certificate, and no resumption: every connection is
 * judged by the authorities as they are now. */
#include "net/http.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>

/* What TLS 1.2 may still use: forward secrecy and authenticated encryption. */
#define CIPHERS_12 "ECDHE+AESGCM:ECDHE+CHACHA20"

static int no_password(char *buffer, int size, int writing, void *arg)
{
  return 0;
}

static X509 *next_certificate(BIO *source)
{
  return PEM_read_bio_X509(source, NULL, no_password, NULL);
}

/* The first certificate is ours, the others lead to an authority. */
static bool use_chain(SSL_CTX *context, const char *pem)
{
  BIO *source = BIO_new_mem_buf(pem, -1);
  X509 *own = source ? next_certificate(source) : NULL, *link;
  bool good = own && SSL_CTX_use_certificate(context, own) == 1;
  X509_free(own);
  while (good && (link = next_certificate(source))) {
    good = SSL_CTX_add1_chain_cert(context, link) == 1;
    X509_free(link);
  }
  BIO_free(source);
  return good;
}

static bool trust_authorities(SSL_CTX *context, const char *pem, bool server)
{
  BIO *source = BIO_new_mem_buf(pem, -1);
  X509 *authority;
  bool any = false, good = source != NULL;
  while (good && (authority = next_certificate(source))) {
    any = true;
    good = X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority) == 1;
    good = good && (!server || SSL_CTX_add_client_CA(context, authority) == 1);
    X509_free(authority);
  }
  BIO_free(source);
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
  return good && any;
}

/* A server asks for a certificate when authorities are given; gateways insist on it. A client always judges the server. */
static int verify_mode(const struct tls_wish *wish)
{
  if (!wish->server) return SSL_VERIFY_PEER;
  if (wish->gateway) return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  return wish->authorities_pem ? SSL_VERIFY_PEER : SSL_VERIFY_NONE;
}

static bool context_fill(SSL_CTX *context, const struct tls_wish *wish)
{
  bool good = SSL_CTX_set_min_proto_version(context, wish->gateway ? TLS1_3_VERSION : TLS1_2_VERSION) == 1;
  good = good && SSL_CTX_set_cipher_list(context, CIPHERS_12) == 1;
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_verify(context, verify_mode(wish), NULL);
  SSL_CTX_set_read_ahead(context, 1); /* a record's head and its rest in one reading */
  /* An idle connection holds no buffers, but for ours to gateways: those are few and at work. */
  if (wish->server || !wish->gateway) SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  if (wish->gateway || wish->authorities_pem) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    good = good && SSL_CTX_set_num_tickets(context, 0) == 1;
  }
  if (wish->certificate_pem) {
    good = good && use_chain(context, wish->certificate_pem) && SSL_CTX_use_PrivateKey(context, wish->key) == 1;
    good = good && SSL_CTX_check_private_key(context) == 1;
  }
  if (wish->authorities_pem) return good && trust_authorities(context, wish->authorities_pem, wish->server);
  return good && (wish->server || SSL_CTX_set_default_verify_paths(context) == 1);
}

static enum err tls_fail(struct cx *cx)
{
  char cause[256] = "";
  unsigned long code = ERR_get_error();
  if (code) ERR_error_string_n(code, cause, sizeof cause);
  ERR_clear_error();
  return cx_fail(cx, ERR_INPUT, NULL, "net.error.tls", "cause", cause, NULL);
}

enum err tls_context(struct cx *cx, const struct tls_wish *wish, SSL_CTX **out)
{
  ERR_clear_error();
  bool lacks = (wish->server || wish->gateway) && (!wish->certificate_pem || !wish->key);
  if (lacks || (wish->gateway && !wish->authorities_pem)) return tls_fail(cx);
  SSL_CTX *context = SSL_CTX_new(wish->server ? TLS_server_method() : TLS_client_method());
  if (!context) abort();
  if (!context_fill(context, wish)) {
    SSL_CTX_free(context);
    return tls_fail(cx);
  }
  ERR_clear_error(); /* the end of a PEM text leaves a mark */
  *out = context;
  return OK;
}
