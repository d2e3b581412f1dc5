/* How many connections each peer has, so that one alone cannot take them all. Not thread-safe. */
#ifndef NET_PEERS_H
#define NET_PEERS_H

#include <stdbool.h>

struct peers;
struct peers *http_peers_new(int each_max);
void http_peers_free(struct peers *peers);
bool http_peers_add(struct peers *peers, const char *peer); /* false: it has its share already, and none was added */
void http_peers_drop(struct peers *peers, const char *peer);

#endif
