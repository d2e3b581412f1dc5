/* A table of chains; only peers with a connection stand in it, so that it is as bounded as connections are. */
#include "net/peers.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { CHAINS = 1024 };

struct peer { struct peer *next; int count; char *name; };
struct peers { int each_max; struct peer *chains[CHAINS]; };

struct peers *http_peers_new(int each_max)
{
  struct peers *peers = calloc(1, sizeof *peers);
  if (!peers) abort();
  peers->each_max = each_max;
  return peers;
}

void http_peers_free(struct peers *peers)
{
  if (!peers) return;
  for (int i = 0; i < CHAINS; i++) assert(!peers->chains[i]);
  free(peers);
}

/* The place where the peer hangs, or where it would. */
static struct peer **place(struct peers *peers, const char *name)
{
  unsigned hash = 2166136261u;
  for (const unsigned char *c = (const unsigned char *)name; *c; c++) hash = (hash ^ *c) * 16777619u;
  struct peer **at = &peers->chains[hash % CHAINS];
  while (*at && strcmp((*at)->name, name) != 0) at = &(*at)->next;
  return at;
}

bool http_peers_add(struct peers *peers, const char *name)
{
  struct peer **at = place(peers, name);
  if (!*at) {
    *at = calloc(1, sizeof **at);
    if (!*at || !((*at)->name = strdup(name))) abort();
  }
  if ((*at)->count >= peers->each_max) return false;
  (*at)->count++;
  return true;
}

void http_peers_drop(struct peers *peers, const char *name)
{
  struct peer **at = place(peers, name), *peer = *at;
  assert(peer && peer->count > 0);
  if (--peer->count > 0) return;
  *at = peer->next;
  free(peer->name);
  free(peer);
}
