/* The action log: who did or looked at what, in which role and unit, under which request. */
#include "people/action.h"

#include "base/text.h"
#include "store/common_sql.h"

#define LOOK_AGAIN_US (10 * MINUTE_US)

static const struct field action_fields[] = {
  FIELD(struct action, id),
  FIELD(struct action, at_us, .form = FORM_TIME, .word = "account.action_at"),
  FIELD(struct action, account),
  FIELD(struct action, person_name, .word = "account.action_person"),
  FIELD(struct action, role, .word = "account.action_role"),
  FIELD(struct action, unit, .word = "account.action_unit"),
  FIELD(struct action, action, .word = "account.action"),
  FIELD(struct action, subject, .word = "account.action_subject"),
  FIELD(struct action, detail, .word = "account.action_detail"),
  FIELD(struct action, request_id, .word = "account.action_request"),
};
const struct record_type action_type = RECORD("action", struct action, action_fields);

enum err action_append(struct cx *cx, struct tx *tx, const char *action, const char *subject, const char *detail)
{
  static const struct person system = {.account = 0};
  const struct person *person = cx->person ? cx->person : &system;
  return sql_run(cx, tx, &common_action_add,
                 ARGS(V(cx_now(cx)), V(person->account), V(person->full_name), V(person->roles), V(person->unit), V(action), V(subject), V(detail),
                      V(cx->request_id)), NULL);
}

struct look { const char *action, *subject; };

static enum err looked_lately(struct cx *cx, struct tx *tx, const struct look *look)
{
  int64_t account = cx->person ? cx->person->account : 0, last;
  return sql_number(cx, tx, &common_action_last, ARGS(V(account), V(look->action), V(look->subject), V(cx_now(cx) - LOOK_AGAIN_US)), &last);
}

static enum err look_read_in(struct cx *cx, struct tx *tx, void *arg)
{
  return looked_lately(cx, tx, arg);
}

static enum err look_write_in(struct cx *cx, struct tx *tx, void *arg)
{
  const struct look *look = arg;
  enum err err = looked_lately(cx, tx, look);
  return err == ERR_NOT_FOUND ? action_append(cx, tx, look->action, look->subject, NULL) : err;
}

enum err action_look(struct cx *cx, struct store *store, const char *action, const char *subject)
{
  struct look look = {action, subject};
  /* Most looks are a page drawn again: a read, which waits for no writer, is enough for them. */
  enum err err = store_read(cx, store, look_read_in, &look);
  return err == ERR_NOT_FOUND ? store_write(cx, store, look_write_in, &look) : err;
}

enum err action_about(struct cx *cx, struct tx *tx, const char *subject, int64_t before, size_t max, struct list *out)
{
  return sql_rows(cx, tx, &common_action_about, ARGS(V(subject), V(before ? before : INT64_MAX), V(max)), &action_type, max, out);
}
