/* A fresh store for each test. */
#include "people/test_support.h"

#include "base/text.h"
#include "store/testing.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct permission rows[] = {
  {"onestop.receive", "counter", "x"},
  {"onestop.decide", "decider head", "x"},
  {"account.admin", "admin", "x"},
  {NULL, NULL, NULL},
};
static const struct permission *const tables[] = {rows};

int32_t day_of(const char *iso)
{
  struct date date;
  assert_true(date_read_iso(iso, &date));
  return date_to_days(date);
}

static int fixture_setup(void **state, bool postgres)
{
  struct fixture *fixture = calloc(1, sizeof *fixture);
  if (!fixture) return -1;
  *state = fixture;
  fixture->clock.fixed_us = time_from_days(day_of("2026-11-25"), 8 * 60);
  fixture->cx = cx_new_alone(&fixture->clock, NULL);
  fixture->url = postgres ? testing_postgres(fixture->cx) : testing_sqlite(fixture->cx);
  if (!fixture->url) return 0;
  fixture->people = fixture_again(fixture);
  return fixture->people ? 0 : -1;
}

int fixture_setup_sqlite(void **state) { return fixture_setup(state, false); }
int fixture_setup_postgres(void **state) { return fixture_setup(state, true); }

struct people *fixture_again(struct fixture *fixture)
{
  struct people *people = NULL;
  enum err err = people_open(fixture->cx, fixture->url, tables, 1, &people);
  for (size_t i = 0; i < fixture->cx->problems.count; i++) fprintf(stderr, "%s: %s\n", err_name(err), fixture->cx->problems.items[i].key);
  return people;
}

int fixture_teardown(void **state)
{
  struct fixture *fixture = *state;
  people_close(fixture->people);
  cx_free_alone(fixture->cx);
  free(fixture);
  return 0;
}

struct fixture *fixture_of(void **state)
{
  struct fixture *fixture = *state;
  if (!fixture->people) skip();
  return fixture;
}

void assert_problem(struct cx *cx, const char *key, const char *field)
{
  assert_int_equal(cx->problems.count, 1);
  assert_string_equal(cx->problems.items[0].key, key);
  if (field) assert_string_equal(cx->problems.items[0].field, field);
  else assert_null(cx->problems.items[0].field);
  cx_reset_problems(cx);
}

struct bytes bytes_of(const char *text)
{
  return (struct bytes){(const uint8_t *)text, strlen(text)};
}

struct bytes data_file(struct cx *cx, const char *name)
{
  const char *folder = getenv("TRUC_DATA");
  FILE *file = fopen(arena_print(cx->arena, "%s/%s", folder ? folder : "data", name), "rb");
  assert_non_null(file);
  struct buffer buffer;
  buffer_init(&buffer, cx->arena);
  char block[4096];
  for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;) buffer_add(&buffer, block, got);
  fclose(file);
  return buffer_bytes(&buffer);
}
