/* Whose address counts when a proxy stands before the node. Only what proxies named in the configuration say is believed, and of it only
 * the last address that is none of theirs: what stands left of that one anybody may have written. */
#include "web/peer.h"

#include "base/text.h"
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

static bool is_address(const char *text)
{
  struct in6_addr room;
  return inet_pton(AF_INET, text, &room) == 1 || inet_pton(AF_INET6, text, &room) == 1;
}

/* Is the address one of a list with spaces or commas between? */
static bool is_listed(const char *list, const char *address)
{
  size_t size = strlen(address);
  for (const char *at = list; *(at += strspn(at, " ,"));) {
    size_t found = strcspn(at, " ,");
    if (found == size && strncmp(at, address, size) == 0) return true;
    at += found;
  }
  return false;
}

/* The last word of a list, which ends before it; NULL: none is left. */
static const char *take_last(struct arena *arena, const char *list, size_t *size)
{
  size_t end = *size, start;
  while (end && strchr(" \t,", list[end - 1])) end--;
  for (start = end; start && !strchr(" \t,", list[start - 1]);) start--;
  *size = start;
  return start == end ? NULL : arena_copy_n(arena, list + start, end - start);
}

const char *peer_real(struct arena *arena, const struct http_call *call, const char *trusted)
{
  const char *peer = call->peer ? call->peer : "";
  if (text_empty(trusted) || !is_listed(trusted, peer)) return peer;
  for (size_t i = call->fields.count; i-- > 0;) {
    if (strcasecmp(call->fields.items[i].name, "X-Forwarded-For") != 0) continue;
    const char *list = call->fields.items[i].value, *hop;
    for (size_t size = strlen(list); (hop = take_last(arena, list, &size));) {
      if (!is_address(hop)) return peer;
      peer = hop;
      if (!is_listed(trusted, peer)) return peer;
    }
  }
  return peer;
}
