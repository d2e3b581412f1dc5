/* Names to addresses. getaddrinfo blocks, so it runs on threads of its own; an address in figures needs no asking. */
#include "net/allow.h"
#include "net/client_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lookup { struct loop *loop; struct link *link; const struct net_allow *allow; char *host; char port[8]; struct addrinfo *found; };

static struct addrinfo *ask(const char *host, const char *port, int flags)
{
  const struct addrinfo wish = {.ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV};
  struct addrinfo *found = NULL;
  return getaddrinfo(host, port, &wish, &found) == 0 ? found : NULL;
}

/* What was found is what will be connected to: nobody asks for the name again in between. */
static void judge(struct lookup *lookup)
{
  bool any = lookup->found != NULL;
  lookup->found = net_allow_keep(lookup->allow, lookup->found);
  http_link_job(lookup->link)->refused = any && !lookup->found;
}

static void lookup_home(void *arg)
{
  struct lookup *lookup = arg;
  if (lookup->link && lookup->allow) judge(lookup);
  if (lookup->link) http_link_found(lookup->link, lookup->found);
  else if (lookup->found) freeaddrinfo(lookup->found);
  free(lookup->host);
  free(lookup);
}

static void lookup_run(void *arg)
{
  struct lookup *lookup = arg;
  lookup->found = ask(lookup->host, lookup->port, 0);
  loop_post(lookup->loop, lookup_home, lookup);
}

struct lookup *http_lookup_start(struct link *link, struct target *target)
{
  struct lookup *lookup = calloc(1, sizeof *lookup);
  if (!lookup || !(lookup->host = strdup(target->host))) abort();
  lookup->loop = target->loop;
  lookup->link = link;
  lookup->allow = target->allow;
  snprintf(lookup->port, sizeof lookup->port, "%d", target->port);
  lookup->found = ask(lookup->host, lookup->port, AI_NUMERICHOST);
  /* When too many names wait, this one counts as not found. */
  if (lookup->found || !workers_submit(target->client->names, lookup_run, lookup)) loop_post(lookup->loop, lookup_home, lookup);
  return lookup;
}

void http_lookup_leave(struct lookup *lookup)
{
  lookup->link = NULL;
}
