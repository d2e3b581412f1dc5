/* TLS 1.3 between gateways, with certificates on both sides. Who is at the other end is decided by the directory alone: no
 * list of authorities is asked, the certificate must be the very one that the document in force names. */
#ifndef AXIS_PEERS_H
#define AXIS_PEERS_H

#include "axis/snapshot.h"
#include "net/http.h"

struct peers;

/* key_name: of this gateway, in the keys process. */
MUST_USE enum err peers_open(struct cx *cx, struct keys *keys, const char *key_name, const char *certificate_pem, struct peers **out);
void peers_close(struct peers *peers);
SSL_CTX *peers_server(struct peers *peers);    /* demands a certificate and takes any: each message is judged by it */
SSL_CTX *peers_any(struct peers *peers);       /* for signed documents, which prove themselves */
/* That gateway and no other; NULL when it can't be made. Lives as long as peers. */
SSL_CTX *peers_client(struct cx *cx, struct peers *peers, const struct snapshot_gateway *gateway);

#endif
