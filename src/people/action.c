/* The action log: who did or looked at what, in which role and unit, under which request. */
#include "people/action.h"

#include "base/text.h"
#include "store/common_sql.h"
#include <string.h>

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

/* Without room in the store the look stands in the node's log: a full disk keeps nobody from reading, and nobody reads without a trace. */
static void look_in_log(struct cx *cx, const struct look *look)
{
  const char *account = arena_print(cx->arena, "%lld", cx->person ? (long long)cx->person->account : 0);
  /* What a list was searched for may be somebody's name, which no log holds. */
  const char *kind = strrchr(look->action, '.'), *subject = kind && text_equal(kind, ".list") ? "" : look->subject;
  cx_log(cx, LOG_ALARM, "a look could not be kept in the store", LOG_FIELDS({"account", account}, {"action", look->action}, {"subject", subject}));
}

enum err action_look(struct cx *cx, struct store *store, const char *action, const char *subject)
{
  struct look look = {action, subject};
  size_t problems = cx->problems.count;
  /* Most looks are a page drawn again: a read, which waits for no writer, is enough for them. */
  enum err err = store_read(cx, store, look_read_in, &look);
  if (err != ERR_NOT_FOUND) return err;
  err = store_write(cx, store, look_write_in, &look);
  if (err != ERR_STORAGE) return err;
  cx->problems.count = problems;
  look_in_log(cx, &look);
  return OK;
}

enum err action_about(struct cx *cx, struct tx *tx, const char *subject, int64_t before, size_t max, struct list *out)
{
  return sql_rows(cx, tx, &common_action_about, ARGS(V(subject), V(before ? before : INT64_MAX), V(max)), &action_type, max, out);
}
