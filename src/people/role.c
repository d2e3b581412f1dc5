/* Roles: who may act as what, in which unit, from which day to which. */
#include "people/people_inner.h"

#include "base/text.h"
#include <stdlib.h>
#include <string.h>

const char *const role_names[] = {
  ROLE_COUNTER, ROLE_SPECIALIST, ROLE_DECIDER, ROLE_REGISTER, ROLE_NATIONAL, ROLE_HEAD, ROLE_OPERATOR, ROLE_ADMIN, NULL,
};

static const struct field role_fields[] = {
  FIELD(struct role_row, account),
  FIELD(struct role_row, role, .max = 40, .word = "account.role", .required = true, .choices = role_names),
  FIELD(struct role_row, unit, .max = 64, .word = "account.unit", .required = true),
  FIELD(struct role_row, unit_name),
  FIELD(struct role_row, valid_from, .form = FORM_DATE, .word = "account.valid_from"),
  FIELD(struct role_row, valid_to, .form = FORM_DATE, .word = "account.valid_to"),
};
const struct record_type role_type = RECORD("role", struct role_row, role_fields);

static const struct field choice_fields[] = {
  FIELD(struct person_choice, unit), FIELD(struct person_choice, unit_name), FIELD(struct person_choice, roles),
};
const struct record_type person_choice_type = RECORD("person_choice", struct person_choice, choice_fields);

static const struct field holder_fields[] = {
  FIELD(struct role_holder, account), FIELD(struct role_holder, name), FIELD(struct role_holder, full_name),
};
static const struct record_type holder_type = RECORD("role_holder", struct role_holder, holder_fields);

static bool role_exists(const char *role)
{
  for (size_t i = 0; role_names[i]; i++)
    if (text_equal(role_names[i], role)) return true;
  return false;
}

struct role_change { const struct role_row *role; int64_t today; };

static enum err append_role(struct cx *cx, struct tx *tx, const char *action, const struct role_row *role)
{
  static const struct role_row none = {.valid_from = NONE_DATE, .valid_to = NONE_DATE};
  struct account account;
  struct buffer detail;
  buffer_init(&detail, cx->arena);
  const struct role_row shown = {.role = role->role, .unit = role->unit, .valid_from = role->valid_from, .valid_to = role->valid_to};
  record_difference(&detail, &role_type, &none, &shown);
  enum err err = sql_row(cx, tx, &people_account_get, ARGS(V(role->account)), &account_type, &account);
  return err ? err : action_append(cx, tx, action, account.name, buffer_string(&detail));
}

static enum err give_in(struct cx *cx, struct tx *tx, void *arg)
{
  const struct role_row *role = ((struct role_change *)arg)->role;
  enum err err = append_role(cx, tx, "role.give", role);
  return err ? err : sql_run(cx, tx, &people_role_put,
                             ARGS(V(role->account), V(role->role), V(role->unit), V(role->valid_from), value_date(role->valid_to)), NULL);
}

static enum err end_in(struct cx *cx, struct tx *tx, void *arg)
{
  const struct role_change *change = arg;
  const struct role_row *role = change->role;
  int64_t ended = 0, dropped = 0;
  enum err err = sql_run(cx, tx, &people_role_end,
                         ARGS(V(role->account), V(role->role), V(role->unit), V(change->today), V(change->today - 1)), &ended);
  /* What was to begin later never held: nothing of it is history. */
  if (!err) err = sql_run(cx, tx, &people_role_drop_later, ARGS(V(role->account), V(role->role), V(role->unit), V(change->today)), &dropped);
  if (!err && ended + dropped == 0) err = ERR_NOT_FOUND;
  return err ? err : append_role(cx, tx, "role.end", role);
}

enum err role_give(struct cx *cx, struct people *people, const struct role_row *role)
{
  struct role_row given = *role;
  if (given.valid_from == NONE_DATE) given.valid_from = time_to_days(cx_now(cx));
  if (!role_exists(given.role)) return cx_fail(cx, ERR_INPUT, "role", "account.error.role", "role", given.role ? given.role : "", NULL);
  if (text_empty(given.unit)) return cx_fail(cx, ERR_INPUT, "unit", "error.required", NULL);
  if (given.valid_to != NONE_DATE && given.valid_to < given.valid_from) return cx_fail(cx, ERR_INPUT, "valid_to", "account.error.dates", NULL);
  struct role_change change = {.role = &given};
  return store_write(cx, people->store, give_in, &change);
}

enum err role_end(struct cx *cx, struct people *people, const struct role_row *role)
{
  const struct role_row plain = {.account = role->account, .role = role->role, .unit = role->unit, .valid_from = NONE_DATE, .valid_to = NONE_DATE};
  struct role_change change = {.role = &plain, .today = time_to_days(cx_now(cx))};
  return store_write(cx, people->store, end_in, &change);
}

enum err role_list(struct cx *cx, struct people *people, int64_t account, struct list *out)
{
  return store_rows(cx, people->store, &people_role_all, ARGS(V(account), V((int64_t)time_to_days(cx_now(cx)))), &role_type, ROWS_MAX, out);
}

enum err role_holders(struct cx *cx, struct people *people, const char *role, const char *unit, int64_t on_days, struct list *out)
{
  return store_rows(cx, people->store, &people_role_holders, ARGS(V(role), V(unit), V(on_days)), &holder_type, ROWS_MAX, out);
}

static int choice_compare(const void *a, const void *b)
{
  const struct person_choice *left = a, *right = b;
  return strcmp(left->unit, right->unit);
}

enum err person_choices_in(struct cx *cx, struct tx *tx, int64_t account, struct list *out)
{
  struct list rows;
  enum err err = sql_rows(cx, tx, &people_role_now, ARGS(V(account), V((int64_t)time_to_days(cx_now(cx)))), &role_type, ROWS_MAX, &rows);
  if (err) return err;
  const struct role_row *roles = rows.items;
  struct person_choice *choices = ARENA_ARRAY(cx->arena, rows.count + 1, struct person_choice);
  size_t count = 0;
  for (size_t i = 0; i < rows.count; i++) { /* rows of a unit stand together */
    if (count && text_equal(choices[count - 1].unit, roles[i].unit)) {
      if (i && text_equal(roles[i - 1].role, roles[i].role)) continue;
      choices[count - 1].roles = arena_print(cx->arena, "%s %s", choices[count - 1].roles, roles[i].role);
    } else {
      const char *name = roles[i].unit_name ? roles[i].unit_name : roles[i].unit;
      choices[count++] = (struct person_choice){roles[i].unit, name, roles[i].role};
    }
  }
  /* The engines sort text each in its own way; the order here decides which unit comes first. */
  qsort(choices, count, sizeof *choices, choice_compare);
  *out = (struct list){choices, count};
  return OK;
}

struct choosing { int64_t account; struct list *out; };

static enum err choices_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct choosing *choosing = arg;
  return person_choices_in(cx, tx, choosing->account, choosing->out);
}

enum err person_choices(struct cx *cx, struct people *people, int64_t account, struct list *out)
{
  return store_read(cx, people->store, choices_in, &(struct choosing){account, out});
}
