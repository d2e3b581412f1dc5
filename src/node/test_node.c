/* What a node asks of the floors below. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/node.h"

/* There was no limit: one address could hold every connection of the door. */
static void one_address_never_holds_all_connections_of_pages(void **state)
{
  const struct http_limits limits = node_page_limits("spool");
  assert_int_equal(limits.connections_per_peer_max, 1024);
  assert_int_equal(limits.connections_max, 0); /* 8192 */
  assert_string_equal(limits.spool_folder, "spool");
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(one_address_never_holds_all_connections_of_pages)};
  return cmocka_run_group_tests_name("node", tests, NULL, NULL);
}
