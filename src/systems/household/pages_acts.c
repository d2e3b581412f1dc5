/* Acts: change, suspend, resume, close. Each form is drawn again with what was typed when something is wrong with it. */
#include "systems/household/pages.h"

#include "base/text.h"

static const char *business_url(struct cx *cx, const char *number) { return arena_print(cx->arena, "/ho-kinh-doanh/%s", number); }

static enum err act_done(struct cx *cx, struct view *view, const char *word)
{
  const char *number = view_text(view, "number");
  enum err err = view_flash(cx, view, word, number);
  return err ? err : view_redirect(cx, view, business_url(cx, number));
}

/* Read again: the page shows the business as it is now, also when another officer was quicker. */
static enum err act_read(struct cx *cx, struct view *view, struct business_read *read)
{
  read->day = time_to_days(cx_now(cx));
  enum err err = business_read_all(cx, view, read);
  if (err) return err;
  business_show_model(cx, view->model, &read->shown);
  model_number(view->model, "version", read->line.version);
  model_text(view->model, "number", read->number);
  return OK;
}

static bool is_shown_again(enum err err) { return err == ERR_INPUT || err == ERR_CONFLICT; }

/* ---- Change ---- */
enum { COMMUNES_MAX = 2000 };

struct commune_choices { struct cx *cx; struct view *view; int64_t today; const char *current; bool current_there; };

static void offer_communes(struct commune_choices *choices, const char *parent, int depth)
{
  struct list units;
  if (unit_children(choices->cx, choices->view->here->people, parent, choices->today, &units)) return;
  const struct unit *rows = units.items;
  for (size_t i = 0; i < units.count && i < COMMUNES_MAX; i++) {
    if (text_equal(rows[i].level, "district") && depth > 0) offer_communes(choices, rows[i].code, depth - 1);
    if (!text_equal(rows[i].level, "commune")) continue;
    model_form_choice(choices->view->model, "change", "commune", rows[i].code, rows[i].name);
    choices->current_there = choices->current_there || text_equal(rows[i].code, choices->current);
  }
}

/* All communes of today; the present one too when it has ceased to exist. */
static void show_communes(struct cx *cx, struct view *view, const struct household_business *business)
{
  struct list tops;
  struct commune_choices choices = {cx, view, time_to_days(cx_now(cx)), business->commune, false};
  if (unit_children(cx, view->here->people, NULL, choices.today, &tops)) return;
  const struct unit *rows = tops.items;
  for (size_t i = 0; i < tops.count; i++)
    if (text_equal(rows[i].level, "province")) offer_communes(&choices, rows[i].code, 1);
  if (!choices.current_there) model_form_choice(view->model, "change", "commune", business->commune, business->commune_name);
}

static enum err sectors_in(struct cx *cx, struct tx *tx, void *arg)
{
  return sector_list(cx, tx, arg);
}

static enum err change_render(struct cx *cx, struct view *view, const struct business_change *typed)
{
  struct business_read read = {0};
  struct list known;
  enum err err = act_read(cx, view, &read);
  if (!err) err = store_read(cx, view->here->store, sectors_in, &known);
  if (err) return err;
  const struct household_business *b = &read.shown;
  const struct business_change present = {.effective_on = read.day, .name = b->name, .address = b->address, .commune = b->commune, .phone = b->phone,
                                          .email = b->email, .capital_vnd = b->capital_vnd, .sectors = b->sectors};
  model_form(view->model, "change", &business_change_type, typed ? typed : &present, &view->form);
  show_communes(cx, view, b);
  if (view->form.count == 0 || form_get(&view->form, "button", 0)) model_form_blank(view->model, "change", &business_change_type, "sectors");
  model_rows(view->model, "known_sectors", &sector_row_type, &known);
  return view_render(cx, view, "household_change");
}

enum err page_business_change_form(struct cx *cx, struct view *view) { return change_render(cx, view, NULL); }

struct changing { struct here *here; const char *number; const struct business_change *form; };

static enum err change_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct changing *changing = arg;
  return business_change_in(cx, tx, changing->here, changing->number, changing->form);
}

enum err page_business_change(struct cx *cx, struct view *view)
{
  struct business_change form;
  enum err err = record_read_form(cx, &business_change_type, &view->form, &form);
  if (form_get(&view->form, "button", 0)) { /* one row more for a sector: nothing is judged yet */
    cx_reset_problems(cx);
    return change_render(cx, view, &form);
  }
  struct changing changing = {view->here, view_text(view, "number"), &form};
  if (!err) err = store_write(cx, view->here->store, change_in, &changing);
  if (is_shown_again(err)) return change_render(cx, view, &form);
  return err ? err : act_done(cx, view, "household.flash.change");
}

/* ---- Suspend ---- */
static enum err suspend_render(struct cx *cx, struct view *view, const struct business_suspension *typed)
{
  struct business_read read = {0};
  enum err err = act_read(cx, view, &read);
  if (err) return err;
  const struct business_suspension empty = {.notice_on = read.day, .suspended_from = NONE_DATE, .suspended_to = NONE_DATE};
  model_form(view->model, "suspension", &business_suspension_type, typed ? typed : &empty, &view->form);
  return view_render(cx, view, "household_suspend");
}

enum err page_business_suspend_form(struct cx *cx, struct view *view) { return suspend_render(cx, view, NULL); }

struct suspending { struct here *here; const char *number; const struct business_suspension *form; };

static enum err suspend_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct suspending *suspending = arg;
  return business_suspend_in(cx, tx, suspending->here, suspending->number, suspending->form);
}

enum err page_business_suspend(struct cx *cx, struct view *view)
{
  struct business_suspension form;
  enum err err = record_read_form(cx, &business_suspension_type, &view->form, &form);
  struct suspending suspending = {view->here, view_text(view, "number"), &form};
  if (!err) err = store_write(cx, view->here->store, suspend_in, &suspending);
  if (is_shown_again(err)) return suspend_render(cx, view, &form);
  return err ? err : act_done(cx, view, "household.flash.suspend");
}

/* ---- Resume and close ---- */
struct ending { const char *number, *action; const struct business_ending *form; };

static enum err end_render(struct cx *cx, struct view *view, const char *action, const struct business_ending *typed)
{
  struct business_read read = {0};
  enum err err = act_read(cx, view, &read);
  if (err) return err;
  const struct business_ending empty = {.effective_on = read.day};
  model_form(view->model, "ending", &business_ending_type, typed ? typed : &empty, &view->form);
  model_flag(view->model, "closing", text_equal(action, "close"));
  return view_render(cx, view, "household_end");
}

static enum err end_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct ending *ending = arg;
  return business_end_in(cx, tx, ending->number, ending->action, ending->form);
}

static enum err end_post(struct cx *cx, struct view *view, const char *action, const char *flash)
{
  struct business_ending form;
  enum err err = record_read_form(cx, &business_ending_type, &view->form, &form);
  struct ending ending = {view_text(view, "number"), action, &form};
  if (!err) err = store_write(cx, view->here->store, end_in, &ending);
  if (is_shown_again(err)) return end_render(cx, view, action, &form);
  return err ? err : act_done(cx, view, flash);
}

enum err page_business_resume_form(struct cx *cx, struct view *view) { return end_render(cx, view, "resume", NULL); }
enum err page_business_resume(struct cx *cx, struct view *view) { return end_post(cx, view, "resume", "household.flash.resume"); }
enum err page_business_close_form(struct cx *cx, struct view *view) { return end_render(cx, view, "close", NULL); }
enum err page_business_close(struct cx *cx, struct view *view) { return end_post(cx, view, "close", "household.flash.close"); }
