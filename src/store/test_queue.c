/* The life of outbox and inbox rows, and the action log that only grows; on both engines. */
#include "store/test_places.h"

#include "base/text.h"
#include "store/common_sql.h"
#include "store/queue.h"
#include <string.h>

#define LEASE_US (60 * SECOND_US)

static struct outbox_row ask_row(const char *subject)
{
  return (struct outbox_row){.subject = subject, .purpose = "sample.ask", .service = "H01/GOV/H01.07/household/register", .method = "POST",
                             .path = "/x?y=ấ", .body = "{\"name\":\"Ánh\"}"};
}

static enum err add_in(struct cx *cx, struct tx *tx, void *arg)
{
  return outbox_add(cx, tx, arg);
}

static struct outbox_row add(struct place *place, const char *subject)
{
  struct outbox_row row = ask_row(subject);
  assert_int_equal(store_write(place->cx, place->store, add_in, &row), OK);
  return row;
}

static size_t claim(struct place *place, size_t max, struct list *out)
{
  assert_int_equal(outbox_claim(place->cx, place->store, LEASE_US, max, out), OK);
  return out->count;
}

struct ending { int64_t id; const char *state; };

static enum err end_in(struct cx *cx, struct tx *tx, void *arg)
{
  const struct ending *ending = arg;
  return outbox_end(cx, tx, ending->id, ending->state);
}

static enum err end(struct place *place, int64_t id, const char *state)
{
  return store_write(place->cx, place->store, end_in, &(struct ending){id, state});
}

struct about { const char *subject; struct outbox_row row; };

static enum err about_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct about *about = arg;
  return outbox_about(cx, tx, about->subject, "sample.ask", &about->row);
}

static struct outbox_row about(struct place *place, const char *subject)
{
  struct about about = {.subject = subject};
  assert_int_equal(store_read(place->cx, place->store, about_in, &about), OK);
  return about.row;
}

static void added_and_claimed(struct place *place)
{
  struct list list;
  assert_int_equal(claim(place, 10, &list), 0);
  struct outbox_row added = add(place, "D1");
  assert_int_equal(strlen(added.request_id), 36);
  assert_int_equal(added.created_us, NOW_US);
  add(place, "D2");
  add(place, "D3");
  assert_int_equal(claim(place, 2, &list), 2);
  const struct outbox_row *rows = list.items;
  assert_string_equal(rows[0].subject, "D1");
  assert_string_equal(rows[1].subject, "D2");
  assert_string_equal(rows[0].request_id, added.request_id);
  assert_string_equal(rows[0].path, "/x?y=ấ");
  assert_string_equal(rows[0].body, added.body);
  assert_string_equal(rows[0].state, "waiting");
  assert_int_equal(rows[0].attempts, 1);
  assert_true(rows[0].failing_since_us == NONE_DATE);
  assert_int_equal(claim(place, 10, &list), 1);
  assert_int_equal(claim(place, 10, &list), 0);
}

static void lease_runs_out(struct place *place)
{
  struct list list;
  add(place, "D1");
  assert_int_equal(claim(place, 10, &list), 1);
  place->clock.fixed_us = NOW_US + LEASE_US - 1;
  assert_int_equal(claim(place, 10, &list), 0);
  place->clock.fixed_us = NOW_US + LEASE_US;
  assert_int_equal(claim(place, 10, &list), 1);
  assert_int_equal(((struct outbox_row *)list.items)[0].attempts, 2);
}

/* After a failure the row waits 2 s, 4 s … 5 min, each ±20 %, and remembers since when it fails. */
static void back_off(struct place *place)
{
  static const int64_t wait_s[] = {2, 4, 8, 16, 32, 64, 128, 256, 300, 300};
  struct outbox_row row = add(place, "D1");
  struct list list;
  for (size_t i = 0; i < sizeof wait_s / sizeof wait_s[0]; i++) {
    assert_int_equal(claim(place, 1, &list), 1);
    assert_int_equal(outbox_retry(place->cx, place->store, row.id, "Server.ServerProxy.ServiceFailed"), OK);
    row = about(place, "D1");
    assert_in_range(row.next_us - place->clock.fixed_us, wait_s[i] * SECOND_US * 8 / 10, wait_s[i] * SECOND_US * 12 / 10);
    assert_int_equal(row.attempts, i + 1);
    assert_int_equal(row.failing_since_us, NOW_US);
    assert_string_equal(row.last_error, "Server.ServerProxy.ServiceFailed");
    place->clock.fixed_us = row.next_us - 1;
    assert_int_equal(claim(place, 1, &list), 0);
    place->clock.fixed_us = row.next_us;
  }
}

static void woken(struct place *place)
{
  struct outbox_row row = add(place, "D1");
  struct list list;
  assert_int_equal(claim(place, 1, &list), 1);
  assert_int_equal(outbox_retry(place->cx, place->store, row.id, "x"), OK);
  assert_int_equal(claim(place, 1, &list), 0);
  assert_int_equal(outbox_wake(place->cx, place->store), OK);
  assert_int_equal(claim(place, 1, &list), 1);
}

static void ended_once(struct place *place)
{
  struct list list;
  struct outbox_row row = add(place, "D1");
  assert_int_equal(claim(place, 1, &list), 1);
  assert_int_equal(end(place, row.id, "answered"), OK);
  assert_string_equal(about(place, "D1").state, "answered");
  assert_int_equal(end(place, row.id, "answered"), ERR_CONFLICT);
  assert_int_equal(end(place, row.id, "refused"), ERR_CONFLICT);
  assert_int_equal(outbox_retry(place->cx, place->store, row.id, "late"), OK);
  assert_null(about(place, "D1").last_error);
  place->clock.fixed_us = NOW_US + DAY_US;
  assert_int_equal(outbox_wake(place->cx, place->store), OK);
  assert_int_equal(claim(place, 1, &list), 0);
}

static void doubt_is_resolved(struct place *place)
{
  struct list list;
  struct outbox_row row = add(place, "D1");
  assert_int_equal(end(place, row.id, "doubt"), OK);
  assert_int_equal(claim(place, 1, &list), 0);
  assert_int_equal(end(place, row.id, "doubt"), ERR_CONFLICT);
  assert_int_equal(outbox_pending(place->cx, place->store, 0, 10, &list), OK);
  assert_int_equal(list.count, 1);
  assert_int_equal(end(place, row.id, "refused"), OK);
  assert_int_equal(outbox_pending(place->cx, place->store, 0, 10, &list), OK);
  assert_int_equal(list.count, 0);
}

static void pending_by_key(struct place *place)
{
  struct list list;
  for (int i = 0; i < 5; i++) add(place, arena_print(place->cx->arena, "D%d", i));
  assert_int_equal(end(place, 2, "answered"), OK);
  assert_int_equal(outbox_pending(place->cx, place->store, 0, 2, &list), OK);
  const struct outbox_row *rows = list.items;
  assert_int_equal(list.count, 2);
  assert_int_equal(rows[1].id, 3);
  assert_int_equal(outbox_pending(place->cx, place->store, 3, 10, &list), OK);
  assert_int_equal(list.count, 2);
}

static void last_about_a_subject(struct place *place)
{
  add(place, "D1");
  struct outbox_row second = add(place, "D1");
  assert_string_equal(about(place, "D1").request_id, second.request_id);
  struct about other = {.subject = "D2"};
  assert_int_equal(store_read(place->cx, place->store, about_in, &other), ERR_NOT_FOUND);
}

static enum err add_and_fail_in(struct cx *cx, struct tx *tx, void *arg)
{
  enum err err = outbox_add(cx, tx, arg);
  return err ? err : ERR_CONFLICT;
}

/* No ask goes out for a change that was not made. */
static void undone_with_its_change(struct place *place)
{
  struct list list;
  struct outbox_row row = ask_row("D1");
  assert_int_equal(store_write(place->cx, place->store, add_and_fail_in, &row), ERR_CONFLICT);
  assert_int_equal(claim(place, 10, &list), 0);
}

/* ---- Inbox ---- */

static enum err receive_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct inbox_row *row = arg, known;
  enum err err = inbox_find(cx, tx, row->consumer, row->request_id, &known);
  if (err == OK) {
    *row = known;
    return OK;
  }
  if (err != ERR_NOT_FOUND) return err;
  err = sql_run(cx, tx, &sample_counter_set, ARGS(V("n"), V(row->status)), NULL);
  return err ? err : inbox_add(cx, tx, row);
}

static void same_request_same_answer(struct place *place)
{
  struct inbox_row row = {"H01/GOV/H01.02/onestop", "id-1", 200, "{\"number\":\"1\"}", NOW_US}, again = row, other = row;
  int64_t value;
  assert_int_equal(store_write(place->cx, place->store, receive_in, &row), OK);
  again.status = 500;
  again.answer = NULL;
  assert_int_equal(store_write(place->cx, place->store, receive_in, &again), OK);
  assert_int_equal(again.status, 200);
  assert_string_equal(again.answer, "{\"number\":\"1\"}");
  assert_int_equal(again.received_us, NOW_US);
  assert_int_equal(store_number(place->cx, place->store, &sample_counter_get, ARGS(V("n")), &value), OK);
  assert_int_equal(value, 200);
  other.consumer = "VN/GOV/other/onestop";
  other.status = 201;
  assert_int_equal(store_write(place->cx, place->store, receive_in, &other), OK);
  assert_int_equal(other.status, 201);
}

static enum err inbox_in(struct cx *cx, struct tx *tx, void *arg)
{
  return inbox_add(cx, tx, arg);
}

static void inbox_row_is_one(struct place *place)
{
  struct inbox_row row = {"c", "id-1", 200, NULL, NOW_US};
  assert_int_equal(store_write(place->cx, place->store, inbox_in, &row), OK);
  assert_int_equal(store_write(place->cx, place->store, inbox_in, &row), ERR_CONFLICT);
}

/* ---- The action log ---- */

static void action_add(struct place *place, int64_t account, const char *action, const char *subject)
{
  assert_int_equal(store_run(place->cx, place->store, &common_action_add, ARGS(V(cx_now(place->cx)), V(account), V("Nguyễn Văn An"), V("counter"), V("H01.07"),
                   V(action), V(subject), value_text(NULL), V("request")), NULL), OK);
}

static size_t rows_left(struct place *place, struct outbox_row *rows, size_t count)
{
  size_t left = 0;
  for (size_t i = 0; i < count; i++) {
    struct about about = {.subject = rows[i].subject};
    left += store_read(place->cx, place->store, about_in, &about) == OK;
  }
  return left;
}

/* Both tables only ever grew. */
static void old_rows_are_purged(struct place *place)
{
  static const char *const subjects[] = {"S1", "S2", "S3", "S4", "S5"};
  struct outbox_row rows[5];
  struct inbox_row in = {.consumer = "H01/GOV/A/one", .status = 200, .answer = "{}", .received_us = NOW_US};
  static const char *const ids[] = {"a", "b", "c"};
  int64_t removed = -1;
  for (int i = 0; i < 5; i++) rows[i] = add(place, subjects[i]);
  for (int i = 0; i < 3; i++) {
    in.request_id = ids[i];
    assert_int_equal(store_write(place->cx, place->store, inbox_in, &in), OK);
  }
  assert_int_equal(end(place, rows[0].id, "answered"), OK);
  assert_int_equal(end(place, rows[1].id, "refused"), OK);
  assert_int_equal(end(place, rows[2].id, "doubt"), OK);
  place->clock.fixed_us += DAY_US;
  assert_int_equal(end(place, rows[3].id, "answered"), OK);
  assert_int_equal(queue_purge(place->cx, place->store, NOW_US, 10, &removed), OK);
  assert_int_equal(removed, 0);
  assert_int_equal(queue_purge(place->cx, place->store, NOW_US + 1, 1, &removed), OK);
  assert_int_equal(removed, 2); /* bounded: one of each */
  assert_int_equal(queue_purge(place->cx, place->store, NOW_US + 1, 10, &removed), OK);
  assert_int_equal(removed, 3);
  assert_int_equal(queue_purge(place->cx, place->store, NOW_US + 1, 10, &removed), OK);
  assert_int_equal(removed, 0);
  assert_int_equal(rows_left(place, rows, 5), 3); /* in doubt, ended later, waiting */
}

static void log_only_grows(struct place *place)
{
  int64_t at_us;
  action_add(place, 7, "dossier.read", "S1");
  assert_int_equal(store_run(place->cx, place->store, &sample_action_spoil, NO_ARGS, NULL), ERR_INTERNAL);
  assert_int_equal(store_run(place->cx, place->store, &sample_action_drop, NO_ARGS, NULL), ERR_INTERNAL);
  assert_int_equal(store_number(place->cx, place->store, &common_action_last, ARGS(V(7), V("dossier.read"), V("S1"), V(NOW_US)), &at_us), OK);
  assert_int_equal(at_us, NOW_US);
  assert_int_equal(store_number(place->cx, place->store, &common_action_last, ARGS(V(7), V("dossier.read"), V("S1"), V(NOW_US + 1)), &at_us), ERR_NOT_FOUND);
  assert_int_equal(store_number(place->cx, place->store, &common_action_last, ARGS(V(8), V("dossier.read"), V("S1"), V(0)), &at_us), ERR_NOT_FOUND);
}

struct seen { int64_t id, at_us, account; const char *person_name, *role, *unit, *action, *subject, *detail, *request_id; };
static const struct field seen_fields[] = {
  FIELD(struct seen, id), FIELD(struct seen, at_us, .form = FORM_TIME), FIELD(struct seen, account), FIELD(struct seen, person_name),
  FIELD(struct seen, role), FIELD(struct seen, unit), FIELD(struct seen, action), FIELD(struct seen, subject),
  FIELD(struct seen, detail), FIELD(struct seen, request_id),
};
static const struct record_type seen_type = RECORD("seen", struct seen, seen_fields);

static void log_newest_first(struct place *place)
{
  struct list list;
  for (int i = 0; i < 5; i++) action_add(place, i, "dossier.read", i == 3 ? "S2" : "S1");
  assert_int_equal(store_rows(place->cx, place->store, &common_action_about, ARGS(V("S1"), V(INT64_MAX), V(3)), &seen_type, 3, &list), OK);
  const struct seen *seen = list.items;
  assert_int_equal(list.count, 3);
  assert_int_equal(seen[0].account, 4);
  assert_int_equal(seen[2].account, 1);
  assert_int_equal(store_rows(place->cx, place->store, &common_action_about, ARGS(V("S1"), V(seen[2].id), V(3)), &seen_type, 3, &list), OK);
  assert_int_equal(list.count, 1);
}

static const struct place_case cases[] = {
  {"added and claimed", added_and_claimed},
  {"a lease runs out", lease_runs_out},
  {"back-off", back_off},
  {"woken", woken},
  {"ended once", ended_once},
  {"doubt is resolved", doubt_is_resolved},
  {"pending by key", pending_by_key},
  {"the last about a subject", last_about_a_subject},
  {"undone with its change", undone_with_its_change},
  {"the same request, the same answer", same_request_same_answer},
  {"an inbox row is one", inbox_row_is_one},
  {"old rows are purged", old_rows_are_purged},
  {"the log only grows", log_only_grows},
  {"the log, newest first", log_newest_first},
};

int main(void)
{
  return places_run("queue", cases, sizeof cases / sizeof cases[0]);
}
