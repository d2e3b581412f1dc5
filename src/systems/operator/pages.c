/* What runs: health, exchanges with their receipts, queues. */
#include "systems/operator/pages.h"

#include "axis/fault.h"
#include "base/text.h"
#include "people/action.h"
#include "systems/operator/model.h"
#include <string.h>

enum { EXCHANGES_A_PAGE = 50, QUEUE_ROWS = 100 };

struct axis *operator_axis(const struct view *view)
{
  return view->here->operations->axis;
}

void show_state_light(struct model *row, const char *state)
{
  bool good = text_equal(state, "active") || text_equal(state, "granted");
  model_text(row, "light", good ? "ok" : "late");
  model_text(row, "state_word", good ? "operator.state.active" : text_equal(state, "revoked") ? "operator.state.revoked" : "operator.state.suspended");
  model_flag(row, "good", good);
}

enum err operator_render(struct cx *cx, struct view *view, const char *name)
{
  model_flag(view->model, arena_print(cx->arena, "at_%s", name), true);
  return view_render(cx, view, name);
}

enum err operator_done(struct cx *cx, struct view *view, enum err err, const char *flash, const char *value, const char *back)
{
  if (!err) err = view_flash(cx, view, flash, value);
  return err ? err : view_redirect(cx, view, back);
}

/* ---- Overview ---- */

static enum err count_waiting(struct cx *cx, struct view *view, int64_t *waiting, int64_t *failing, int64_t *since)
{
  const struct here_operations *operations = view->here->operations;
  *waiting = *failing = 0;
  *since = NONE_DATE;
  for (size_t i = 0; i < operations->system_count; i++) {
    struct list rows;
    if (!operations->systems[i]->store) continue;
    enum err err = outbox_pending(cx, operations->systems[i]->store, 0, QUEUE_ROWS, &rows);
    if (err) return err;
    const struct outbox_row *items = rows.items;
    *waiting += (int64_t)rows.count;
    for (size_t r = 0; r < rows.count; r++) {
      if (items[r].failing_since_us == NONE_DATE) continue;
      (*failing)++;
      if (*since == NONE_DATE || items[r].failing_since_us < *since) *since = items[r].failing_since_us;
    }
  }
  return OK;
}

/* Files that are handed in: scanned, refused because nobody answers, or taken as they are. */
static void show_scanner(struct view *view)
{
  struct scanner *scanner = view->here->operations->scanner;
  model_flag(view->model, "scanner_set", scanner != NULL);
  if (!scanner) return;
  struct scanner_health health = scanner_health(scanner);
  model_flag(view->model, "scanner_ok", health.answers);
  model_number(view->model, "files_clean", health.clean);
  model_number(view->model, "files_found", health.found);
  model_number(view->model, "files_unscanned", health.unscanned);
}

enum err page_overview(struct cx *cx, struct view *view)
{
  struct axis_health health = axis_health(operator_axis(view));
  int64_t waiting, failing, since;
  const char *note;
  struct checkpoint checkpoint;
  enum err err = count_waiting(cx, view, &waiting, &failing, &since);
  if (err) return err;
  show_scanner(view);
  model_flag(view->model, "journal_ok", health.journal_ok);
  model_flag(view->model, "directory_ok", health.directory_ok);
  model_number(view->model, "journal_size", health.journal_size);
  model_number(view->model, "checkpoint_age_s", health.checkpoint_age_us / SECOND_US);
  model_number(view->model, "directory_version", health.directory_version);
  model_number(view->model, "exchanges", health.exchanges);
  model_number(view->model, "refused", health.refused);
  model_number(view->model, "failed", health.failed);
  model_number(view->model, "running", health.running);
  model_number(view->model, "waiting", waiting);
  model_number(view->model, "failing", failing);
  if (failing) model_text(view->model, "failing_since", time_write_vn(cx->arena, since));
  model_text(view->model, "origin", journal_origin(axis_journal(operator_axis(view))));
  if (journal_checkpoint(cx, axis_journal(operator_axis(view)), &note, &checkpoint) == OK) model_text(view->model, "checkpoint", note);
  cx_reset_problems(cx);
  struct bytes key = directory_public_key(cx, axis_directory(operator_axis(view)));
  model_text(view->model, "directory_key", base64_write(cx->arena, key.data, key.size));
  return operator_render(cx, view, "overview");
}

/* ---- Exchanges ---- */

static void show_exchange(struct cx *cx, struct model *model, const struct exchange_row *exchange)
{
  struct model *row = model_row(model, "rows");
  bool refused = !text_empty(exchange->axis_error), failed = exchange->status >= 500;
  model_record(row, "x", &exchange_type, exchange);
  model_text(row, "consumer_word", axis_id_word(exchange->consumer));
  model_text(row, "service_word", axis_id_word(exchange->service));
  model_text(row, "at", time_write_vn(cx->arena, exchange->at_us));
  model_text(row, "role_word", arena_print(cx->arena, "operator.exchange.role.%s", exchange->role));
  model_text(row, "index", arena_print(cx->arena, "%lld", (long long)exchange->index));
  /* An entry of a request alone: its answer is another entry, or never came. Neither is a success. */
  bool request_only = !refused && !exchange->status;
  model_text(row, "light", refused || failed ? "late" : exchange->status >= 400 ? "due" : request_only ? "progress" : "ok");
  model_flag(row, "request_only", request_only);
  model_flag(row, "address_refused", text_equal(exchange->axis_error, fault_code(FAULT_ADDRESS)));
  if (!request_only) model_text(row, "outcome", refused ? exchange->axis_error : arena_print(cx->arena, "%lld", (long long)exchange->status));
}

enum err page_exchanges(struct cx *cx, struct view *view)
{
  const char *request = view_text(view, "ma");
  struct list rows;
  enum err err = exchange_list(cx, operator_axis(view), text_empty(request) ? NULL : request, view_i64(view, "truoc", 0), EXCHANGES_A_PAGE, &rows);
  if (!err) err = action_look(cx, axis_store(operator_axis(view)), "exchange.list", text_empty(request) ? "all" : request);
  if (err) return err;
  const struct exchange_row *items = rows.items;
  for (size_t i = 0; i < rows.count; i++) show_exchange(cx, view->model, &items[i]);
  model_flag(view->model, "any", rows.count > 0);
  model_text(view->model, "ma", request);
  if (rows.count == EXCHANGES_A_PAGE)
    model_text(view->model, "next", arena_print(cx->arena, "/van-hanh/trao-doi?%s%s%struoc=%lld", text_empty(request) ? "" : "ma=",
      text_empty(request) ? "" : url_encode(cx->arena, request), text_empty(request) ? "" : "&", (long long)items[rows.count - 1].index));
  return operator_render(cx, view, "exchanges");
}

enum err page_receipt(struct cx *cx, struct view *view)
{
  int64_t index = view_i64(view, "index", -1);
  const char *json;
  enum err err = receipt_make(cx, operator_axis(view), index, &json);
  if (err == ERR_AGAIN) return cx_fail(cx, ERR_BUSY, NULL, "operator.error.receipt_pending", NULL);
  if (!err) err = action_look(cx, axis_store(operator_axis(view)), "receipt.look", view_text(view, "index"));
  if (err) return err;
  return view_bytes(cx, view, "application/json", (struct bytes){(const uint8_t *)json, strlen(json)}, arena_print(cx->arena, "receipt-%lld.json", (long long)index));
}

/* ---- Queues ---- */

static void show_queue_row(struct cx *cx, struct model *model, const struct here *here, const struct outbox_row *queued)
{
  struct model *row = model_row(model, "rows");
  bool failing = queued->failing_since_us != NONE_DATE;
  model_record(row, "q", &outbox_type, queued);
  model_text(row, "system", here->axis_id);
  model_text(row, "system_word", axis_id_word(here->axis_id));
  model_text(row, "service_word", axis_id_word(queued->service));
  model_text(row, "since", time_write_vn(cx->arena, failing ? queued->failing_since_us : queued->created_us));
  model_text(row, "light", failing ? "late" : "progress");
  model_text(row, "state_word", failing ? "operator.queue.failing" : "operator.queue.waiting");
}

enum err page_queues(struct cx *cx, struct view *view)
{
  const struct here_operations *operations = view->here->operations;
  for (size_t i = 0; i < operations->system_count; i++) {
    const struct here *here = operations->systems[i];
    struct list rows;
    if (!here->store) continue;
    enum err err = outbox_pending(cx, here->store, 0, QUEUE_ROWS, &rows);
    if (err) return err;
    const struct outbox_row *items = rows.items;
    if (rows.count) model_flag(view->model, "any", true);
    for (size_t r = 0; r < rows.count; r++) show_queue_row(cx, view->model, here, &items[r]);
  }
  return operator_render(cx, view, "queues");
}

enum err page_queues_wake(struct cx *cx, struct view *view)
{
  const struct here_operations *operations = view->here->operations;
  for (size_t i = 0; i < operations->system_count; i++) {
    struct here *here = operations->systems[i];
    if (!here->store) continue;
    enum err err = outbox_wake(cx, here->store);
    if (err) return err;
    here->wake_outbox(here);
  }
  return operator_done(cx, view, OK, "operator.flash.woken", "", "/van-hanh/hang-doi");
}
