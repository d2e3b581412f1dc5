/* Open dossiers when the districts end: who follows sees, finds and works on them, nobody else; once, whatever comes after. */
#include "systems/onestop/test_support.h"

#include "base/text.h"
#include "people/action.h"
#include "store/common_sql.h"
#include "systems/onestop/papers.h"
#include "systems/onestop/rules.h"
#include "systems/onestop/succeed.h"
#include "systems/system.h"
#include "web/testing.h"
#include <string.h>

static int setup_era(void **state)
{
  *state = fixture_make(false, "2021-03-10");
  return 0;
}

static int setup_era_postgres(void **state)
{
  *state = fixture_make(true, "2021-03-10");
  return 0;
}

static const char *succeed(struct fixture *fixture, struct bytes file)
{
  const struct command_input input = {.file = file};
  struct buffer out;
  buffer_init(&out, fixture->cx->arena);
  fixture->cx->person = NULL;
  assert_ok(fixture->cx, dossier_succeed(fixture->cx, &fixture->here, &input, &out));
  return buffer_string(&out);
}

static size_t listed(struct fixture *fixture, const char *unit, const char *query)
{
  const struct list_wish wish = {.unit = unit, .query = query, .max = 10};
  struct list lines;
  assert_ok(fixture->cx, list_read(fixture->cx, fixture->here.store, &wish, NULL, &lines));
  return lines.count;
}

static size_t told(struct fixture *fixture, const char *code)
{
  struct cx *cx = fixture->cx;
  struct list rows;
  size_t count = 0;
  assert_ok(cx, store_rows(cx, fixture->here.store, &common_action_about, ARGS(V(code), V(INT64_MAX), V((int64_t)50)), &action_type, 50, &rows));
  const struct action *all = rows.items;
  for (size_t i = 0; i < rows.count; i++) count += text_equal(all[i].action, "dossier.succeed");
  return count;
}

static void test_succeed(void **state)
{
  struct fixture *fixture = fixture_of(state);
  struct cx *cx = fixture->cx;
  const char *business = receive_household(fixture), *record = receive_justice(fixture, "1"), *ended = receive_justice(fixture, "1");
  const struct act_form reason = {.reason = "Người dân đổi ý"};
  assert_ok(cx, act_as(fixture, &fixture->counter, ended, "withdraw", &reason));
  assert_ok(cx, act_as(fixture, &fixture->counter, business, "forward", NULL));
  assert_ok(cx, act_as(fixture, &fixture->specialist, business, "take", NULL));
  const struct dossier before = dossier_now(fixture, business);
  struct bytes file = testing_data(cx, "units/successors-2025-07-01.csv");
  /* While the units exist nothing happens. */
  assert_string_equal(succeed(fixture, file), "0 dossiers handed over, 0 left\n");
  fixture->clock.fixed_us = time_from_days(date_to_days((struct date){2025, 7, 1}), 8 * 60);
  const char nobody[] = "unit,successor\n884,30316\n";
  assert_string_equal(succeed(fixture, (struct bytes){(const uint8_t *)nobody, strlen(nobody)}), "0 dossiers handed over, 3 left\n");
  assert_string_equal(succeed(fixture, file), "2 dossiers handed over, 0 left\n");
  struct dossier after = dossier_now(fixture, business);
  assert_string_equal(after.receiving_unit, "30307");
  assert_string_equal(after.receiving_name, "Phường Long Xuyên");
  assert_string_equal(after.deciding_unit, "30307");
  assert_int_equal(after.holder, 0);
  assert_true(after.due_us == before.due_us && after.received_us == before.received_us);
  assert_string_equal(after.status, before.status);
  assert_non_null(strstr(after.content, "\"30307\""));
  assert_string_equal(dossier_now(fixture, record).receiving_unit, "30307");
  assert_string_equal(dossier_now(fixture, record).deciding_unit, "AG-STP"); /* it did not end */
  assert_string_equal(dossier_now(fixture, ended).receiving_unit, "883");
  /* Lists and search follow; the old units keep only what had ended. */
  assert_int_equal(listed(fixture, "30307", NULL), 2);
  assert_int_equal(listed(fixture, "883", NULL), 0);
  assert_int_equal(listed(fixture, "883-TCKH", NULL), 0);
  assert_int_equal(listed(fixture, "30307", business), 1);
  assert_int_equal(listed(fixture, "883", business), 0);
  assert_int_equal(told(fixture, business), 1);
  /* Once. */
  assert_string_equal(succeed(fixture, file), "0 dossiers handed over, 0 left\n");
  assert_int_equal(dossier_now(fixture, business).revision, after.revision);
  assert_int_equal(told(fixture, business), 1);
  /* Who works there now goes on, the paper names the unit of now, and who worked there before does not see it. */
  struct person next = fixture->specialist, old = fixture->specialist;
  next.unit = "30307";
  assert_int_equal(act_as(fixture, &old, business, "propose", &reason), ERR_NOT_FOUND);
  assert_ok(cx, act_as(fixture, &next, business, "propose", &reason));
  struct paper_facts facts;
  struct bytes pdf;
  cx->person = &next;
  assert_ok(cx, paper_gather(cx, &fixture->here, business, PAPER_RECEIPT, &facts));
  assert_ok(cx, paper_draw(cx, &facts, PAPER_RECEIPT, &pdf));
  assert_non_null(strstr(paper_text_of(cx, pdf), "PHƯỜNG LONG XUYÊN"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_succeed, setup_era, teardown),
    {"test_succeed (PostgreSQL)", test_succeed, setup_era_postgres, teardown, NULL},
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
