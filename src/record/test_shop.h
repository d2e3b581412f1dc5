/* A record with a field of every kind, for the tests of this folder. */
#ifndef RECORD_TEST_SHOP_H
#define RECORD_TEST_SHOP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include "record/record.h"
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct shop_person { const char *full_name, *identity; int64_t birth_date; bool adult; };
struct shop_sector { const char *code; bool main; };
struct shop {
  const char *name, *notes, *phone, *email, *state, *password;
  int64_t staff, capital_vnd, opened_on, seen_us;
  bool open;
  double share;
  struct bytes photo;
  struct shop_person *head;
  struct list sectors;
};

static const struct field shop_person_fields[] = {
  FIELD(struct shop_person, full_name, .max = 20, .required = true),
  FIELD(struct shop_person, identity, .form = FORM_DIGITS, .max = 12, .required = true),
  FIELD(struct shop_person, birth_date, .form = FORM_DATE),
  FIELD(struct shop_person, adult),
};
static const struct record_type shop_person_type = RECORD("person", struct shop_person, shop_person_fields);

static const struct field shop_sector_fields[] = {
  FIELD(struct shop_sector, code, .max = 10, .required = true),
  FIELD(struct shop_sector, main),
};
static const struct record_type shop_sector_type = RECORD("sector", struct shop_sector, shop_sector_fields);

static const char *const shop_states[] = {"active", "closed", NULL};
static const struct field shop_fields[] = {
  FIELD(struct shop, name, .max = 10, .required = true),
  FIELD(struct shop, notes, .form = FORM_LINES),
  FIELD(struct shop, phone, .form = FORM_PHONE),
  FIELD(struct shop, email, .form = FORM_EMAIL),
  FIELD(struct shop, state, .choices = shop_states),
  FIELD(struct shop, password, .form = FORM_SECRET),
  FIELD(struct shop, staff, .min = 1, .max = 10),
  FIELD(struct shop, capital_vnd, .form = FORM_MONEY, .max = 1000000000),
  FIELD(struct shop, opened_on, .form = FORM_DATE),
  FIELD(struct shop, seen_us, .form = FORM_TIME),
  FIELD(struct shop, open),
  FIELD(struct shop, share, .max = 100),
  FIELD(struct shop, photo, .max = 8),
  FIELD_OF(struct shop, head, &shop_person_type),
  FIELD(struct shop, sectors, .of = &shop_sector_type, .max = 3),
};
static const struct record_type shop_type = RECORD("shop", struct shop, shop_fields);

static const struct clock shop_clock = {0, 1795590300000000};

static inline int begin(void **state)
{
  *state = cx_new_alone(&shop_clock, NULL);
  return 0;
}

static inline int end(void **state)
{
  cx_free_alone(*state);
  return 0;
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, begin, end)

/* All problems so far as "field key arg=value;…", and forgets them. */
static inline const char *take_problems(struct cx *cx)
{
  struct buffer out;
  buffer_init(&out, cx->arena);
  for (size_t i = 0; i < cx->problems.count; i++) {
    const struct problem *problem = &cx->problems.items[i];
    buffer_print(&out, "%s%s %s", i ? "; " : "", problem->field ? problem->field : "-", problem->key);
    for (int a = 0; a < PROBLEM_ARGS_MAX && problem->args[a].name; a++) buffer_print(&out, " %s=%s", problem->args[a].name, problem->args[a].value);
  }
  cx_reset_problems(cx);
  return buffer_string(&out);
}

#endif
