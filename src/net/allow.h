/* Which addresses somebody's URL may lead to: networks and ports that the operator allowed, and never those that only machines among
 * themselves use. Names are judged by the addresses they have when a connection is made: a name that leads elsewhere later is refused. */
#ifndef NET_ALLOW_H
#define NET_ALLOW_H

#include "base/cx.h"
#include <netdb.h>

struct net_allow;

/* Networks with spaces between: "10.0.0.0/8:443,8000-8999 192.0.2.7 [fc00::/7]:8443". An address alone is itself; without ports all are
 * meant. ERR_INPUT on `field` names the part that is none. Read-only afterwards, for any thread; net_allow_free takes NULL. */
MUST_USE enum err net_allow_read(struct cx *cx, const char *field, const char *text, struct net_allow **out);
void net_allow_free(struct net_allow *allow);

/* An address with its port. Never: this host (0.0.0.0, ::), link-local, multicast and reserved ones, and those at which clouds tell a
 * machine its secrets (169.254.169.254, fd00:ec2::254, 100.100.100.200, 168.63.129.16); also not in their IPv6 clothes. allow NULL: none is. */
bool net_allow_address(const struct net_allow *allow, const struct sockaddr *address);
/* As far as can be told without asking for a name: an address in figures, and whether some network has the port. */
bool net_allow_host(const struct net_allow *allow, const char *host, int port);
/* Drops what is not allowed from what getaddrinfo found; NULL: nothing is left. */
struct addrinfo *net_allow_keep(const struct net_allow *allow, struct addrinfo *found);

#endif
