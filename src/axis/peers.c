/* One TLS context for the server, one for fetching documents, and one for each gateway that was ever talked to. */
#include "axis/peers.h"

#include "base/text.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct peer { struct peer *next; char *pem; X509 *certificate; SSL_CTX *tls; };

struct peers {
  EVP_PKEY *key;
  char *pem;
  SSL_CTX *server, *any;
  pthread_mutex_t lock;        /* the list */
  struct peer *first;
};

static int verify_any(X509_STORE_CTX *chain, void *arg)
{
  X509_STORE_CTX_set_error(chain, X509_V_OK);
  return 1;
}

static int verify_exact(X509_STORE_CTX *chain, void *arg)
{
  X509 *given = X509_STORE_CTX_get0_cert(chain), *wanted = arg;
  bool same = given && X509_cmp(given, wanted) == 0;
  X509_STORE_CTX_set_error(chain, same ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
  return same;
}

static enum err context_new(struct cx *cx, struct peers *peers, bool server, SSL_CTX **out)
{
  const struct tls_wish wish = {.server = server, .gateway = true, .key = peers->key, .certificate_pem = peers->pem, .authorities_pem = peers->pem};
  enum err err = tls_context(cx, &wish, out);
  if (!err && server) SSL_CTX_set_num_tickets(*out, 0); /* a resumed session would skip the certificate */
  return err;
}

enum err peers_open(struct cx *cx, struct keys *keys, const char *key_name, const char *certificate_pem, struct peers **out)
{
  struct peers *peers = calloc(1, sizeof *peers);
  if (!peers) abort();
  pthread_mutex_init(&peers->lock, NULL);
  peers->pem = strdup(certificate_pem);
  enum err err = keys_tls_key(cx, keys, key_name, &peers->key);
  if (!err) err = context_new(cx, peers, true, &peers->server);
  if (!err) err = context_new(cx, peers, false, &peers->any);
  if (err) {
    peers_close(peers);
    return err;
  }
  SSL_CTX_set_cert_verify_callback(peers->server, verify_any, NULL);
  SSL_CTX_set_cert_verify_callback(peers->any, verify_any, NULL);
  *out = peers;
  return OK;
}

void peers_close(struct peers *peers)
{
  if (!peers) return;
  for (struct peer *peer = peers->first, *next; peer; peer = next) {
    next = peer->next;
    SSL_CTX_free(peer->tls);
    X509_free(peer->certificate);
    free(peer->pem);
    free(peer);
  }
  SSL_CTX_free(peers->server);
  SSL_CTX_free(peers->any);
  EVP_PKEY_free(peers->key);
  free(peers->pem);
  pthread_mutex_destroy(&peers->lock);
  free(peers);
}

SSL_CTX *peers_server(struct peers *peers)
{
  return peers->server;
}

SSL_CTX *peers_any(struct peers *peers)
{
  return peers->any;
}

/* Under lock. */
static struct peer *peer_new(struct cx *cx, struct peers *peers, const struct snapshot_gateway *gateway)
{
  SSL_CTX *tls;
  if (context_new(cx, peers, false, &tls) != OK) return NULL;
  struct peer *peer = calloc(1, sizeof *peer);
  if (!peer) abort();
  X509_up_ref(gateway->signer.certificate);
  *peer = (struct peer){peers->first, strdup(gateway->signer.pem), gateway->signer.certificate, tls};
  SSL_CTX_set_cert_verify_callback(tls, verify_exact, peer->certificate);
  peers->first = peer;
  return peer;
}

SSL_CTX *peers_client(struct cx *cx, struct peers *peers, const struct snapshot_gateway *gateway)
{
  if (!gateway->signer.certificate) return NULL;
  pthread_mutex_lock(&peers->lock);
  struct peer *peer = peers->first;
  while (peer && !text_equal(peer->pem, gateway->signer.pem)) peer = peer->next;
  if (!peer) peer = peer_new(cx, peers, gateway);
  pthread_mutex_unlock(&peers->lock);
  return peer ? peer->tls : NULL;
}
