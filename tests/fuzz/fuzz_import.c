/* Fuzzer of the files that an administrator loads: the first byte chooses units, agency codes or the calendar. All or nothing: a
 * refused file leaves no trace, one that was taken can be taken again. */
#include "fuzz.h"

#include "people/people.h"
#include "store/testing.h"

#include <stdlib.h>

enum { UNITS_SEEN_MAX = 500, LOADS_A_STORE = 200 };

static struct { struct cx *cx; struct people *people; int loads; } bench;
static const char start[] = "code,name,type,parent_code,level,valid_from,valid_to\n89,An Giang,t,,province,,\n30001,Xã A,x,89,commune,2025-07-01,\n";

typedef enum err loader(struct cx *cx, struct people *people, struct bytes text, int64_t *count);
static loader *const loaders[] = {unit_import, unit_import_codes, calendar_import};

static void bench_close(void)
{
  people_close(bench.people);
  if (bench.cx) cx_free_alone(bench.cx);
  bench.people = NULL;
  bench.cx = NULL;
}

/* What was loaded stays for a while, so that files meet one another. */
static void bench_fresh(void)
{
  int64_t count;
  if (bench.people && bench.loads++ < LOADS_A_STORE) return;
  if (!bench.people) atexit(bench_close);
  bench_close();
  bench.loads = 0;
  bench.cx = fuzz_cx();
  if (people_open(bench.cx, testing_sqlite(bench.cx), NULL, 0, &bench.people) != OK) abort();
  if (unit_import(bench.cx, bench.people, fuzz_bytes(start), &count) != OK || count != 2) abort();
}

/* All that can be looked at, as text. */
static const char *picture(struct cx *cx)
{
  struct buffer out;
  struct list list;
  buffer_init(&out, cx->arena);
  for (int32_t days = 18000; days <= 22000; days += 2000) {
    enum err err = unit_search(cx, bench.people, "a", days, UNITS_SEEN_MAX, &list);
    assert(!err);
    for (size_t i = 0; i < list.count; i++) record_write_json(&out, &unit_type, (const struct unit *)list.items + i);
  }
  enum err err = calendar_days(cx, bench.people, 0, 40000, &list);
  assert(!err);
  for (size_t i = 0; i < list.count; i++) record_write_json(&out, &calendar_row_type, (const struct calendar_row *)list.items + i);
  return buffer_string(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size == 0) return 0;
  bench_fresh();
  struct cx *cx = fuzz_cx();
  loader *load = loaders[data[0] % 3];
  const struct bytes text = {data + 1, size - 1};
  int64_t count = -1, again = -1;
  const char *before = picture(cx);
  enum err err = load(cx, bench.people, text, &count);
  fuzz_judge(cx, err);
  assert(err == OK || err == ERR_INPUT || err == ERR_TOO_LARGE);
  cx_reset_problems(cx);
  const char *after = picture(cx);
  if (err) assert(text_equal(before, after));
  else assert(count >= 0 && load(cx, bench.people, text, &again) == OK && again == count && text_equal(picture(cx), after));
  cx_free_alone(cx);
  return 0;
}
