/* What a node asks of the floors below. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/allow.h"
#include "node/node.h"

/* There was no limit: one address could hold every connection of the door. */
static void one_address_never_holds_all_connections_of_pages(void **state)
{
  const struct http_limits limits = node_page_limits("spool");
  assert_int_equal(limits.connections_per_peer_max, 1024);
  assert_int_equal(limits.connections_max, 0); /* 8192 */
  assert_string_equal(limits.spool_folder, "spool");
}

static bool may_call(const struct net_allow *allow, const char *host, int port)
{
  return net_allow_host(allow, host, port);
}

/* Without a list of the operator's: private networks, and this machine of a demonstration alone. */
static void providers_are_in_private_networks(void **state)
{
  struct cx *cx = cx_new_alone(&(struct clock){0}, NULL);
  for (int demo = 0; demo < 2; demo++) {
    const struct config config = {.demo = demo};
    struct net_allow *allow;
    assert_int_equal(net_allow_read(cx, "provider_networks", config_provider_networks(&config), &allow), OK);
    assert_true(may_call(allow, "10.1.2.3", 443));
    assert_true(may_call(allow, "172.16.9.9", 8080));
    assert_true(may_call(allow, "192.168.1.1", 80));
    assert_true(may_call(allow, "fd12::1", 9999));
    assert_false(may_call(allow, "10.1.2.3", 22));
    assert_false(may_call(allow, "10.1.2.3", 5432));
    assert_false(may_call(allow, "203.0.113.7", 443));
    assert_false(may_call(allow, "169.254.169.254", 80));
    assert_int_equal(may_call(allow, "127.0.0.1", 20000), demo);
    assert_int_equal(may_call(allow, "::1", 20000), demo);
    net_allow_free(allow);
  }
  const struct config own = {.demo = true, .provider_networks = "198.51.100.0/24:8443"};
  assert_string_equal(config_provider_networks(&own), "198.51.100.0/24:8443");
  cx_free_alone(cx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(one_address_never_holds_all_connections_of_pages), cmocka_unit_test(providers_are_in_private_networks)};
  return cmocka_run_group_tests_name("node", tests, NULL, NULL);
}
