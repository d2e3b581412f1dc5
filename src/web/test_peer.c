/* Rates and sessions count by address: nobody may choose another one, and behind a proxy each has their own. */
#include "web/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

struct peer_case { const char *socket, *trusted, *first, *second, *real; };
static const struct peer_case cases[] = {
  {"203.0.113.9", NULL, "198.51.100.1", NULL, "203.0.113.9"},                            /* no proxy is known: the header is anybody's */
  {"203.0.113.9", "10.0.0.1", "198.51.100.1", NULL, "203.0.113.9"},                      /* not from the proxy */
  {"10.0.0.1", "10.0.0.1", "198.51.100.1", NULL, "198.51.100.1"},
  {"10.0.0.1", "10.0.0.1 10.0.0.2", "198.51.100.1", NULL, "198.51.100.1"},
  {"10.0.0.2", "10.0.0.1,10.0.0.2", "1.2.3.4, 198.51.100.1, 10.0.0.1", NULL, "198.51.100.1"}, /* the left one is invented */
  {"10.0.0.1", "10.0.0.1", "1.2.3.4", "198.51.100.1", "198.51.100.1"},                   /* the header twice: the proxy's own is the last */
  {"10.0.0.1", "10.0.0.1", "1.2.3.4", "10.0.0.1", "1.2.3.4"},
  {"10.0.0.1", "10.0.0.1", NULL, NULL, "10.0.0.1"},
  {"10.0.0.1", "10.0.0.1", "", " , ", "10.0.0.1"},
  {"10.0.0.1", "10.0.0.1", "198.51.100.1, unknown", NULL, "10.0.0.1"},                   /* what is no address ends it */
  {"10.0.0.1", "10.0.0.1", "198.51.100.1' or 1=1", NULL, "10.0.0.1"},
  {"10.0.0.1", "10.0.0.10", "198.51.100.1", NULL, "10.0.0.1"},                           /* no trust by beginning */
  {"10.0.0.10", "10.0.0.1", "198.51.100.1", NULL, "10.0.0.10"},
  {"::1", "::1", "2001:db8::7", NULL, "2001:db8::7"},
};

static void test_peer(void **state)
{
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct arena *arena = arena_new(1 << 16);
    struct http_call call = {.arena = arena, .peer = cases[i].socket};
    fields_init(&call.fields, arena);
    if (cases[i].first) fields_add(&call.fields, "X-Forwarded-For", cases[i].first);
    if (cases[i].second) fields_add(&call.fields, "x-forwarded-for", cases[i].second);
    assert_string_equal(peer_real(arena, &call, cases[i].trusted), cases[i].real);
    arena_free(arena);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_peer)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
