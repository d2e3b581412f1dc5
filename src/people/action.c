/* The action log: who did or looked at what, in which role and unit, under which request. */
#include "people/action.h"

#include "base/text.h"
#include "store/aside.h"
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

/* ---- Looks that wait for the store ---- */

enum { WAITING_MAX = 200000 };

/* As it is kept meanwhile: the time to its last digit, to be known again. */
static const struct field waiting_fields[] = {
  FIELD(struct action, at_us), FIELD(struct action, account), FIELD(struct action, person_name, .max = WAITING_MAX),
  FIELD(struct action, role, .max = WAITING_MAX), FIELD(struct action, unit), FIELD(struct action, action),
  FIELD(struct action, subject, .max = WAITING_MAX, .form = FORM_LINES), FIELD(struct action, request_id),
};
static const struct record_type waiting_type = RECORD("waiting_look", struct action, waiting_fields);

static enum err look_wait(struct cx *cx, struct store *store, const struct look *look)
{
  static const struct person system = {.account = 0};
  const struct person *person = cx->person ? cx->person : &system;
  const struct action waiting = {.at_us = cx_now(cx), .account = person->account, .person_name = person->full_name, .role = person->roles,
                                 .unit = person->unit, .action = look->action, .subject = look->subject, .request_id = cx->request_id};
  struct buffer line;
  buffer_init(&line, cx->arena);
  record_write_json(&line, &waiting_type, &waiting);
  return store_aside_put(cx, store, buffer_bytes(&line));
}

/* One that nobody can read any more (the disk changed it) keeps the others from nothing. */
static enum err waiting_keep(struct cx *cx, struct tx *tx, struct bytes record)
{
  struct action waiting;
  int64_t kept = 0;
  size_t problems = cx->problems.count;
  if (record_read_json(cx, &waiting_type, record, &waiting) != OK) {
    cx->problems.count = problems;
    cx_log(cx, LOG_ALARM, "a look that waited for the store cannot be read", NULL);
    return OK;
  }
  /* An empty text is none in JSON, and the row wants one. */
  const char *action = waiting.action ? waiting.action : "", *subject = waiting.subject ? waiting.subject : "";
  const char *request_id = waiting.request_id ? waiting.request_id : "";
  enum err err = sql_number(cx, tx, &common_action_kept, ARGS(V(waiting.account), V(action), V(subject), V(waiting.at_us), V(request_id)), &kept);
  if (err || kept) return err;
  return sql_run(cx, tx, &common_action_add,
                 ARGS(V(waiting.at_us), V(waiting.account), V(waiting.person_name), V(waiting.role), V(waiting.unit), V(action), V(subject),
                      V((const char *)NULL), V(request_id)), NULL);
}

/* They wait on where that fails: who looks now is not concerned. */
static void waiting_carry(struct cx *cx, struct store *store)
{
  size_t problems = cx->problems.count;
  if (store_aside_any(store) && store_aside_carry(cx, store, waiting_keep) != OK) cx->problems.count = problems;
}

void action_prepare(struct cx *cx, struct store *store, const char *folder)
{
  size_t problems = cx->problems.count;
  if (store_aside_open(cx, store, arena_print(cx->arena, "%s/looks", folder)) != OK) {
    cx->problems.count = problems;
    cx_log(cx, LOG_ALARM, "no room could be set aside for looks: on a full disk they are refused", LOG_FIELDS({"folder", folder}));
  }
  waiting_carry(cx, store);
}

enum err action_look(struct cx *cx, struct store *store, const char *action, const char *subject)
{
  struct look look = {action, subject};
  size_t problems = cx->problems.count;
  /* Most looks are a page drawn again: a read, which waits for no writer, is enough for them. */
  enum err err = store_read(cx, store, look_read_in, &look);
  if (err != ERR_NOT_FOUND) return err;
  err = store_write(cx, store, look_write_in, &look);
  if (!err) waiting_carry(cx, store);
  if (err != ERR_STORAGE) return err;
  cx->problems.count = problems;
  return look_wait(cx, store, &look);
}

enum err action_about(struct cx *cx, struct tx *tx, const char *subject, int64_t before, size_t max, struct list *out)
{
  return sql_rows(cx, tx, &common_action_about, ARGS(V(subject), V(before ? before : INT64_MAX), V(max)), &action_type, max, out);
}
