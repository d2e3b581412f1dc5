/* A list of networks with ports, and the networks that no list opens. IPv4 addresses that hide in IPv6 ones are judged as IPv4. */
#include "net/allow.h"

#include "base/text.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { ITEMS_MAX = 256, PORT_MAX = 65535, FOUR_BITS = 32, SIX_BITS = 128 };

struct place { bool four; uint8_t bytes[16]; };
struct network { struct place place; int bits; };
struct item { struct network network; int from, to; /* ports */ };
struct net_allow { size_t count; struct item items[ITEMS_MAX]; };

static bool network_has(const struct network *network, const struct place *place)
{
  if (network->place.four != place->four) return false;
  const int whole = network->bits / 8, rest = network->bits % 8;
  if (memcmp(network->place.bytes, place->bytes, (size_t)whole) != 0) return false;
  return rest == 0 || (network->place.bytes[whole] ^ place->bytes[whole]) >> (8 - rest) == 0;
}

static const struct network never[] = {
  {{true, {0}}, 8}, {{true, {169, 254}}, 16}, {{true, {100, 100, 100, 200}}, 32}, {{true, {168, 63, 129, 16}}, 32}, {{true, {224}}, 3},
  {{false, {0}}, 128}, {{false, {0xfe, 0x80}}, 10}, {{false, {0xfe, 0xc0}}, 10}, {{false, {0xff}}, 8},
  {{false, {0xfd, 0, 0x0e, 0xc2, [15] = 0x54, [14] = 0x02}}, 128}, {{false, {0x20, 0x02}}, 16}, {{false, {0x20, 0x01, 0, 0}}, 32},
};

static bool is_never(const struct place *place)
{
  for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
    if (network_has(&never[i], place)) return true;
  return false;
}

/* Mapped, translated and old compatible addresses end in the IPv4 address they stand for. */
static struct place place_of_six(const uint8_t bytes[16])
{
  static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff}, translated[12] = {0, 0x64, 0xff, 0x9b}, compatible[12] = {0};
  struct place place = {.four = memcmp(bytes, mapped, 12) == 0 || memcmp(bytes, translated, 12) == 0};
  if (memcmp(bytes, compatible, 12) == 0 && bytes[12] != 0) place.four = true;
  memcpy(place.bytes, place.four ? bytes + 12 : bytes, place.four ? 4 : 16);
  return place;
}

static bool place_read(const char *text, struct place *out)
{
  uint8_t bytes[16];
  *out = (struct place){.four = inet_pton(AF_INET, text, bytes) == 1};
  if (out->four) memcpy(out->bytes, bytes, 4);
  else if (inet_pton(AF_INET6, text, bytes) == 1) *out = place_of_six(bytes);
  else return false;
  return true;
}

static bool place_allowed(const struct net_allow *allow, const struct place *place, int port)
{
  if (!allow || is_never(place)) return false;
  for (size_t i = 0; i < allow->count; i++) {
    const struct item *item = &allow->items[i];
    if (port >= item->from && port <= item->to && network_has(&item->network, place)) return true;
  }
  return false;
}

/* ---- Reading ---- */

static bool network_read(struct arena *arena, const char *text, struct network *out)
{
  const char *slash = strchr(text, '/');
  if (!place_read(slash ? arena_copy_n(arena, text, (size_t)(slash - text)) : text, &out->place)) return false;
  int64_t bits = out->place.four ? FOUR_BITS : SIX_BITS;
  if (slash && !text_to_i64(slash + 1, 0, bits, &bits)) return false;
  out->bits = (int)bits;
  return true;
}

static bool ports_read(struct arena *arena, const char *text, struct item *out)
{
  const char *dash = strchr(text, '-');
  int64_t from, to;
  if (!text_to_i64(dash ? arena_copy_n(arena, text, (size_t)(dash - text)) : text, 1, PORT_MAX, &from)) return false;
  if (!text_to_i64(dash ? dash + 1 : text, from, PORT_MAX, &to)) return false;
  out->from = (int)from;
  out->to = (int)to;
  return true;
}

/* One part of the list: a network, and a row for each of its ranges of ports. */
static bool part_read(struct arena *arena, const char *part, struct net_allow *allow)
{
  struct item item = {.from = 1, .to = PORT_MAX};
  const char *network = part, *ports = strchr(part, ':');
  if (*part == '[') {
    const char *close = strchr(part, ']');
    if (!close || (close[1] && close[1] != ':')) return false;
    network = arena_copy_n(arena, part + 1, (size_t)(close - part - 1));
    ports = close[1] ? close + 1 : NULL;
  } else if (ports && strchr(ports + 1, ':')) {
    ports = NULL; /* an IPv6 network without brackets */
  } else if (ports) {
    network = arena_copy_n(arena, part, (size_t)(ports - part));
  }
  if (!network_read(arena, network, &item.network)) return false;
  const char *at = ports ? ports + 1 : NULL;
  do {
    size_t size = at ? strcspn(at, ",") : 0;
    if (at && !ports_read(arena, arena_copy_n(arena, at, size), &item)) return false;
    if (allow->count == ITEMS_MAX) return false;
    allow->items[allow->count++] = item;
    at = at && at[size] ? at + size + 1 : NULL;
  } while (at);
  return true;
}

enum err net_allow_read(struct cx *cx, const char *field, const char *text, struct net_allow **out)
{
  struct net_allow *allow = calloc(1, sizeof *allow);
  if (!allow) abort();
  for (const char *at = text ? text : ""; *(at += strspn(at, " "));) {
    size_t size = strcspn(at, " ");
    const char *part = arena_copy_n(cx->arena, at, size);
    if (!part_read(cx->arena, part, allow)) {
      free(allow);
      return cx_fail(cx, ERR_INPUT, field, "net.error.network", "network", part, NULL);
    }
    at += size;
  }
  *out = allow;
  return OK;
}

void net_allow_free(struct net_allow *allow)
{
  free(allow);
}

/* ---- Judging ---- */

bool net_allow_address(const struct net_allow *allow, const struct sockaddr *address)
{
  if (address->sa_family == AF_INET) {
    const struct sockaddr_in *four = (const struct sockaddr_in *)address;
    struct place place = {.four = true};
    memcpy(place.bytes, &four->sin_addr, 4);
    return place_allowed(allow, &place, ntohs(four->sin_port));
  }
  if (address->sa_family != AF_INET6) return false;
  const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;
  struct place place = place_of_six(six->sin6_addr.s6_addr);
  return place_allowed(allow, &place, ntohs(six->sin6_port));
}

bool net_allow_host(const struct net_allow *allow, const char *host, int port)
{
  struct place place;
  if (place_read(host, &place)) return place_allowed(allow, &place, port);
  for (size_t i = 0; allow && i < allow->count; i++)
    if (port >= allow->items[i].from && port <= allow->items[i].to) return true;
  return false;
}

/* POSIX: freeaddrinfo takes any part of what getaddrinfo gave. */
struct addrinfo *net_allow_keep(const struct net_allow *allow, struct addrinfo *found)
{
  for (struct addrinfo **at = &found; *at;) {
    struct addrinfo *one = *at;
    if (net_allow_address(allow, one->ai_addr)) {
      at = &one->ai_next;
      continue;
    }
    *at = one->ai_next;
    one->ai_next = NULL;
    freeaddrinfo(one);
  }
  return found;
}
