/* Look-ups and results on both databases. */
#include "systems/justice/store.h"

#include "base/text.h"
#include "justice_sql.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static const struct clock fixed = {.fixed_us = 1617260400000000}; /* 2021-04-01 14:00 in Viet Nam */

static struct conviction known[] = {
  {.identity = "000085000001", .full_name = "Trần Văn Bình", .birth_date = 5539, .court = "A", .judgment = "1/2019", .judged_on = 18000, .offence = "x", .penalty = "y"},
  {.full_name = "Lê Thị Hồng", .birth_date = 7506, .court = "B", .judgment = "2/2012", .judged_on = 15000, .offence = "x", .penalty = "y", .expunged = true},
};

struct story { const char *identity, *name; int64_t birth_date; const char *state; size_t candidates; };
static const struct story stories[] = {
  {"000000000009", "Phạm Thị Sạch", 5539, "clean", 0},
  {"000085000001", "Tên Khác", 1, "checking", 1},            /* the identity number alone */
  {"000000000008", "TRAN VAN BINH", 5539, "checking", 1},    /* name without diacritics, and birth date */
  {"000000000007", "Trần Văn Bình", 5540, "clean", 0},       /* born on another day */
  {"000000000006", "Lê Thị Hồng", 7506, "checking", 1},
};

static enum err fill(struct cx *cx, struct tx *tx, void *arg)
{
  const struct list all = {known, 2};
  enum err err = conviction_add(cx, tx, &all);
  return err ? err : conviction_add(cx, tx, &all); /* twice: known ones are passed over */
}

struct asked { const struct story *story; struct lookup lookup; struct list candidates; };

static enum err ask(struct cx *cx, struct tx *tx, void *arg)
{
  struct asked *asked = arg;
  const struct justice_lookup lookup = {.dossier = "D", .kind = "1", .full_name = asked->story->name, .sex = "male", .identity = asked->story->identity,
                                        .birth_date = asked->story->birth_date};
  enum err err = lookup_receive(cx, tx, "H01/GOV/H01.01/onestop", &lookup, &asked->lookup);
  return err ? err : lookup_candidates(cx, tx, asked->lookup.id, &asked->candidates);
}

static enum err decide(struct cx *cx, struct tx *tx, void *arg)
{
  struct asked *asked = arg;
  const struct conviction *first = asked->candidates.items;
  const struct decision decision = {.outcome = "found", .note = "n", .version = asked->lookup.version};
  return lookup_decide(cx, tx, &asked->lookup, &decision, &first->id, 1);
}

static enum err take(struct cx *cx, struct tx *tx, void *arg)
{
  const struct justice_result result = {.dossier = "D", .reference = "LL-210401-0001", .number = "7/2021", .kind = "1", .identity = "000000000009",
                                        .full_name = "Phạm Thị Sạch", .outcome = "none", .issuer = "Sở Tư pháp", .issued_on = 18718};
  int64_t taken;
  return result_take(cx, tx, "H01/GOV/H01.01/onestop", &result, &taken);
}

static void run_on(const char *url)
{
  struct cx *cx = cx_new_alone(&fixed, NULL);
  struct store *store;
  assert_int_equal(store_open(cx, url, &justice_schema, 2, &store), OK);
  assert_int_equal(store_check(cx, store), OK);
  assert_int_equal(store_write(cx, store, fill, NULL), OK);
  struct asked asked = {0};
  for (size_t i = 0; i < sizeof stories / sizeof stories[0]; i++) {
    asked = (struct asked){.story = &stories[i]};
    assert_int_equal(store_write(cx, store, ask, &asked), OK);
    assert_string_equal(asked.lookup.state, stories[i].state);
    assert_int_equal(asked.candidates.count, stories[i].candidates);
    assert_string_equal(asked.lookup.reference, arena_print(cx->arena, "LL-210401-%04zu", i + 1));
  }
  assert_int_equal(store_write(cx, store, decide, &asked), OK);
  assert_int_equal(store_write(cx, store, decide, &asked), ERR_CONFLICT); /* the second officer */
  assert_int_equal(store_write(cx, store, take, NULL), OK);
  assert_int_equal(store_write(cx, store, take, NULL), ERR_CONFLICT);
  store_close(store);
  cx_free_alone(cx);
}

static void test_sqlite(void **state)
{
  char folder[] = "/tmp/justice-XXXXXX", command[64];
  assert_non_null(mkdtemp(folder));
  char url[64];
  snprintf(url, sizeof url, "sqlite:%s", folder);
  run_on(url);
  for (const char *const *end = (const char *const[]){"", "-wal", "-shm", NULL}; *end; end++) {
    snprintf(command, sizeof command, "%s/justice.sqlite%s", folder, *end);
    remove(command);
  }
  remove(folder);
}

static void test_postgres(void **state)
{
  const char *conninfo = getenv("TRUC_TEST_POSTGRES");
  if (!conninfo) skip();
  char url[1024];
  snprintf(url, sizeof url, "postgres:%s", conninfo);
  run_on(url);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_sqlite), cmocka_unit_test(test_postgres)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
