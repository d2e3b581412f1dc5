/* The national officers' pages: the questions that wait, one question with its possible matches, the results taken. */
#include "systems/justice/pages.h"

#include "base/text.h"
#include "contract/answer.h"
#include "people/action.h"
#include "systems/justice/rules.h"
#include "systems/justice/store.h"

/* ---- Lists ---- */

struct lookups_read { const char *state; int64_t before; struct list rows; int64_t checking; };

static enum err lookups_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct lookups_read *read = arg;
  enum err err = lookup_list(cx, tx, read->state, read->before, &read->rows);
  return err ? err : lookup_count_checking(cx, tx, &read->checking);
}

static void show_state(struct model *row, const char *state)
{
  bool waits = text_equal(state, "checking");
  model_text(row, "light", waits ? "due" : text_equal(state, "found") ? "late" : "ok");
  model_text(row, "state_word", waits ? "justice.state.checking" : text_equal(state, "found") ? "justice.state.found" : "justice.state.clean");
}

static void show_lookups(struct model *model, const struct list *rows)
{
  const struct lookup *items = rows->items;
  for (size_t i = 0; i < rows->count; i++) {
    struct model *row = model_row(model, "rows");
    model_record(row, "lookup", &lookup_type, &items[i]);
    model_flag(row, "waits", text_equal(items[i].state, "checking"));
    show_state(row, items[i].state);
  }
}

enum err page_justice_lookups(struct cx *cx, struct view *view)
{
  const char *filter = view_text(view, "loc");
  bool all = text_equal(filter, "tat-ca");
  struct lookups_read read = {.state = all ? NULL : "checking", .before = view_i64(view, "truoc", 0)};
  enum err err = store_read(cx, view->here->store, lookups_in, &read);
  if (!err) err = action_look(cx, view->here->store, "lookup.list", all ? "all" : "checking");
  if (err) return err;
  show_lookups(view->model, &read.rows);
  model_flag(view->model, "any", read.rows.count > 0);
  model_number(view->model, "checking", read.checking);
  model_flag(view->model, all ? "at_all" : "at_checking", true);
  if (read.rows.count == LOOKUPS_A_PAGE) {
    const struct lookup *last = (const struct lookup *)read.rows.items + LOOKUPS_A_PAGE - 1;
    model_text(view->model, "next", arena_print(cx->arena, "/ly-lich?%struoc=%lld", all ? "loc=tat-ca&" : "", (long long)last->id));
  }
  return view_render(cx, view, "lookups");
}

struct results_read { const char *folded; int64_t before; struct list rows; int64_t checking; };

static enum err results_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct results_read *read = arg;
  enum err err = result_list(cx, tx, read->folded, read->before, &read->rows);
  return err ? err : lookup_count_checking(cx, tx, &read->checking);
}

enum err page_justice_results(struct cx *cx, struct view *view)
{
  const char *name = view_text(view, "ten");
  struct results_read read = {.folded = text_empty(name) ? NULL : text_fold(cx->arena, name), .before = view_i64(view, "truoc", 0)};
  enum err err = store_read(cx, view->here->store, results_in, &read);
  if (!err) err = action_look(cx, view->here->store, "result.list", text_empty(name) ? "all" : name);
  if (err) return err;
  model_flag(view->model, "any", read.rows.count > 0);
  model_number(view->model, "checking", read.checking);
  model_text(view->model, "ten", name);
  const struct taken_result *items = read.rows.items;
  for (size_t i = 0; i < read.rows.count; i++) {
    struct model *row = model_row(view->model, "rows");
    model_record(row, "result", &taken_result_type, &items[i]);
    model_text(row, "outcome_word", text_equal(items[i].outcome, "has") ? "justice.outcome.has" : "justice.outcome.none");
  }
  if (read.rows.count == LOOKUPS_A_PAGE)
    model_text(view->model, "next", arena_print(cx->arena, "/ly-lich/ket-qua?%s%struoc=%lld", name ? "ten=" : "",
                                                name ? arena_print(cx->arena, "%s&", url_encode(cx->arena, name)) : "", (long long)items[LOOKUPS_A_PAGE - 1].id));
  return view_render(cx, view, "results");
}

/* ---- One question ---- */

struct lookup_read { const char *reference; struct lookup lookup; struct list candidates, history; };

static enum err lookup_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct lookup_read *read = arg;
  enum err err = lookup_get(cx, tx, read->reference, &read->lookup);
  if (!err) err = lookup_candidates(cx, tx, read->lookup.id, &read->candidates);
  if (!err) err = action_about(cx, tx, read->reference, 0, 50, &read->history);
  return err;
}

static bool was_chosen(const struct form *form, int64_t id)
{
  int64_t value;
  const char *text;
  for (size_t i = 0; (text = form_get(form, "chosen", i)); i++)
    if (text_to_i64(text, 0, INT64_MAX, &value) && value == id) return true;
  return false;
}

static void show_candidates(struct cx *cx, struct view *view, const struct lookup_read *read)
{
  const struct conviction *items = read->candidates.items;
  for (size_t i = 0; i < read->candidates.count; i++) {
    struct model *row = model_row(view->model, "candidates");
    model_record(row, "c", &conviction_type, &items[i]);
    bool unknown = text_empty(items[i].identity) || text_empty(read->lookup.identity);
    bool same = !unknown && text_equal(items[i].identity, read->lookup.identity);
    model_flag(row, "same_identity", same);
    /* What speaks against a match must be as plain as what speaks for it. */
    model_flag(row, "other_identity", !unknown && !same);
    model_flag(row, "other_name", !text_equal(text_fold(cx->arena, items[i].full_name), text_fold(cx->arena, read->lookup.full_name)));
    model_flag(row, "other_birth", items[i].birth_date != read->lookup.birth_date);
    model_flag(row, "chosen", items[i].chosen || was_chosen(&view->form, items[i].id));
    model_text(row, "id", arena_print(cx->arena, "%lld", (long long)items[i].id));
  }
}

static void show_lookup(struct cx *cx, struct view *view, struct lookup_read *read, const struct decision *decision)
{
  model_record(view->model, "lookup", &lookup_type, &read->lookup);
  model_text(view->model, "kind_word", text_equal(read->lookup.kind, "2") ? "justice.kind.2" : "justice.kind.1");
  model_text(view->model, "sex_word", text_equal(read->lookup.sex, "female") ? "justice.sex.female" : "justice.sex.male");
  show_state(view->model, read->lookup.state);
  model_flag(view->model, "waits", text_equal(read->lookup.state, "checking") && person_may(cx->person, "justice.decide"));
  show_candidates(cx, view, read);
  model_actions(view->model, "history", &read->history, "justice.history");
  model_form(view->model, "decision", &decision_type, decision, &view->form);
  model_number(view->model, "version", read->lookup.version);
  model_text(view->model, "title", read->lookup.reference);
}

static enum err lookup_render(struct cx *cx, struct view *view, const struct decision *decision)
{
  struct lookup_read read = {.reference = view_text(view, "reference")};
  enum err err = store_read(cx, view->here->store, lookup_in, &read);
  if (!err) err = action_look(cx, view->here->store, "lookup.look", read.reference);
  if (err) return err;
  show_lookup(cx, view, &read, decision);
  return view_render(cx, view, "lookup");
}

enum err page_justice_lookup(struct cx *cx, struct view *view)
{
  const struct decision empty = {0};
  return lookup_render(cx, view, &empty);
}

/* ---- The decision ---- */

struct deciding { struct here *here; const char *reference; const struct decision *decision; const int64_t *chosen; size_t count; };

/* The answer goes to whoever asked, with the same transaction that decides. */
static enum err send_answer(struct cx *cx, struct tx *tx, const struct lookup *lookup)
{
  struct list candidates;
  struct justice_answer answer;
  enum err err = lookup_candidates(cx, tx, lookup->id, &candidates);
  if (err) return err;
  lookup_answer_fill(cx->arena, lookup, &candidates, &answer);
  const struct answer_notice notice = {.dossier = lookup->dossier, .purpose = "justice.lookup", .reference = lookup->reference,
                                       .state = answer.state, .registered_on = NONE_DATE, .convictions = answer.convictions};
  struct buffer body;
  buffer_init(&body, cx->arena);
  record_write_json(&body, &answer_notice_type, &notice);
  struct outbox_row row = {.subject = lookup->reference, .purpose = "answer", .service = arena_print(cx->arena, "%s/answer", lookup->consumer),
                           .method = "POST", .path = "", .body = buffer_string(&body)};
  return outbox_add(cx, tx, &row);
}

static enum err decide_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct deciding *deciding = arg;
  struct lookup lookup;
  enum err err = lookup_get(cx, tx, deciding->reference, &lookup);
  if (!err) err = decision_check(cx, &lookup, deciding->decision, deciding->count);
  if (!err) err = lookup_decide(cx, tx, &lookup, deciding->decision, deciding->chosen, deciding->count);
  if (!err) err = lookup_get(cx, tx, deciding->reference, &lookup);
  if (!err) err = send_answer(cx, tx, &lookup);
  if (!err) err = action_append(cx, tx, text_equal(lookup.state, "found") ? "lookup.found" : "lookup.clean", lookup.reference, NULL);
  return err;
}

static size_t read_chosen(const struct form *form, int64_t *out)
{
  size_t count = 0;
  const char *text;
  for (size_t i = 0; i < CANDIDATES_MAX && (text = form_get(form, "chosen", i)); i++)
    count += text_to_i64(text, 0, INT64_MAX, &out[count]);
  return count;
}

enum err page_justice_decide(struct cx *cx, struct view *view)
{
  struct decision decision;
  int64_t chosen[CANDIDATES_MAX];
  size_t count = read_chosen(&view->form, chosen);
  enum err err = record_read_form(cx, &decision_type, &view->form, &decision);
  struct deciding deciding = {view->here, view_text(view, "reference"), &decision, chosen, count};
  if (!err) err = store_write(cx, view->here->store, decide_in, &deciding);
  if (err == ERR_INPUT || err == ERR_CONFLICT) return lookup_render(cx, view, &decision);
  if (err) return err;
  view->here->wake_outbox(view->here);
  err = view_flash(cx, view, "justice.flash.decided", deciding.reference);
  return err ? err : view_redirect(cx, view, "/ly-lich");
}
