/* Which addresses are allowed: figures, ports, what no list opens, and names at the moment they are resolved. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "net/allow.h"
#include "base/text.h"
#include <arpa/inet.h>
#include <stdio.h>

static struct net_allow *read_list(struct cx *cx, const char *text)
{
  struct net_allow *allow = NULL;
  assert_int_equal(net_allow_read(cx, "provider_networks", text, &allow), OK);
  return allow;
}

/* As a connection would be judged. */
static bool allows(const struct net_allow *allow, const char *address, int port)
{
  char service[8];
  const struct addrinfo wish = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
  struct addrinfo *found = NULL;
  snprintf(service, sizeof service, "%d", port);
  assert_int_equal(getaddrinfo(address, service, &wish, &found), 0);
  bool allowed = net_allow_address(allow, found->ai_addr);
  found = net_allow_keep(allow, found);
  assert_int_equal(found != NULL, allowed);
  if (found) freeaddrinfo(found);
  return allowed;
}

static void test_networks_and_ports(void **state)
{
  struct cx *cx = cx_new_alone(&(struct clock){0}, NULL);
  struct net_allow *allow = read_list(cx, " 10.20.0.0/16:443,8000-8099  192.0.2.7 172.16.0.0/12:80 [fd12::/16]:8443 2001:db8::/33 ");
  static const struct { const char *address; int port; bool allowed; } cases[] = {
    {"10.20.1.2", 443, true}, {"10.20.255.255", 8000, true}, {"10.20.1.2", 8099, true}, {"10.20.1.2", 8100, false}, {"10.20.1.2", 80, false},
    {"10.21.0.0", 443, false}, {"10.19.255.255", 443, false}, {"192.0.2.7", 1, true}, {"192.0.2.7", 65535, true}, {"192.0.2.6", 80, false},
    {"172.31.255.255", 80, true}, {"172.32.0.0", 80, false}, {"fd12:ffff::1", 8443, true}, {"fd12::1", 8444, false}, {"fd13::1", 8443, false},
    {"2001:db8:7fff::1", 80, true}, {"2001:db8:8000::1", 80, false}, {"127.0.0.1", 80, false}, {"::1", 80, false},
    {"::ffff:10.20.1.2", 443, true}, {"::ffff:10.21.1.2", 443, false}, {"64:ff9b::10.20.1.2", 443, true},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    if (allows(allow, cases[i].address, cases[i].port) != cases[i].allowed) fail_msg("%s port %d", cases[i].address, cases[i].port);
    assert_int_equal(net_allow_host(allow, cases[i].address, cases[i].port), cases[i].allowed);
  }
  assert_false(allows(NULL, "10.20.1.2", 443));
  assert_true(net_allow_host(allow, "thue.angiang.example", 443)); /* any address: one port is in the list */
  net_allow_free(allow);
  allow = read_list(cx, "10.0.0.0/8:8000-8099");
  assert_true(net_allow_host(allow, "thue.angiang.example", 8050));
  assert_false(net_allow_host(allow, "thue.angiang.example", 22));
  net_allow_free(allow);
  cx_free_alone(cx);
}

/* However wide the list is. */
static void test_never(void **state)
{
  struct cx *cx = cx_new_alone(&(struct clock){0}, NULL);
  struct net_allow *allow = read_list(cx, "0.0.0.0/0 ::/0 169.254.0.0/16 fe80::/10");
  static const char *const refused[] = {"169.254.169.254", "169.254.0.1", "0.0.0.0", "0.1.2.3", "100.100.100.200", "168.63.129.16", "224.0.0.1", "239.1.1.1",
    "255.255.255.255", "::", "fe80::1", "fec0::1", "ff02::1", "fd00:ec2::254", "::ffff:169.254.169.254", "64:ff9b::169.254.169.254", "::169.254.169.254",
    "2002:a9fe:a9fe::1", "2001::1"};
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
    if (allows(allow, refused[i], 80)) fail_msg("%s", refused[i]);
    assert_false(net_allow_host(allow, refused[i], 80));
  }
  assert_true(allows(allow, "127.0.0.1", 80));
  assert_true(allows(allow, "::1", 80));
  assert_true(allows(allow, "203.0.113.9", 80));
  assert_true(allows(allow, "2001:db8::1", 80));
  net_allow_free(allow);
  cx_free_alone(cx);
}

static void test_lists_that_are_none(void **state)
{
  struct cx *cx = cx_new_alone(&(struct clock){0}, NULL);
  static const char *const wrong[] = {"x", "10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "10.0.0.0/8:", "10.0.0.0/8:0", "10.0.0.0/8:65536", "10.0.0.0/8:90-80",
    "10.0.0.0/8:80,", "10.0.0.0/8:a", "[fd00::/8", "[fd00::/8]80", "fd00::/129", "thue.example:80", "10.0.0.1 x"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    struct net_allow *allow = NULL;
    if (net_allow_read(cx, "provider_networks", wrong[i], &allow) != ERR_INPUT) fail_msg("%s", wrong[i]);
    assert_null(allow);
    assert_string_equal(cx->problems.items[0].field, "provider_networks");
    assert_string_equal(cx->problems.items[0].key, "net.error.network");
    cx_reset_problems(cx);
  }
  struct net_allow *none = read_list(cx, "");
  assert_false(allows(none, "10.0.0.1", 80));
  assert_false(net_allow_host(none, "thue.example", 80));
  net_allow_free(none);
  cx_free_alone(cx);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_networks_and_ports), cmocka_unit_test(test_never), cmocka_unit_test(test_lists_that_are_none),
  };
  return cmocka_run_group_tests_name("net_allow", tests, NULL, NULL);
}
