/* Intake: one page in the order of the conversation at the counter. Buttons beside "receive" draw it again with what was typed:
 * reading the identity card, asking the register, adding a row, computing the fee. Nothing is lost on the way: scans that came are
 * kept by their hash. */
#include "systems/onestop/pages.h"

#include "base/text.h"
#include "people/handed.h"
#include "systems/onestop/intake.h"
#include "systems/onestop/paper_words.h"
#include <string.h>

enum { SCAN_SIZE_MAX = 20 << 20, COMMUNES_MAX = 600 };

struct counter_page {
  struct cx *cx;
  struct view *view;
  int64_t now_us, today;          /* of a late entry: when the paper receipt was given */
  bool is_late;                   /* the form asks for a paper receipt's number and time */
  struct late_entry late;
  struct procedure_parts parts;
  const struct kind *kind;
  struct form form;               /* what was typed, with what a button filled in */
  struct intake intake;
  void *request;
  bool unscanned;                 /* a file of this form could not be scanned */
  const char *button;             /* "card" "check" "sector" "member" "fee" "receive" */
  struct ask ask;                 /* what the register was asked; service NULL: nothing */
};

/* ---- The form as typed, one value changed ---- */
static void form_put(struct counter_page *page, const char *name, const char *value)
{
  const struct form *old = &page->form;
  struct form_pair *pairs = ARENA_ARRAY(page->cx->arena, old->count + 1, struct form_pair);
  size_t count = 0;
  for (size_t i = 0; i < old->count; i++)
    if (!text_equal(old->pairs[i].name, name)) pairs[count++] = old->pairs[i];
  pairs[count++] = (struct form_pair){arena_copy(page->cx->arena, name), arena_copy(page->cx->arena, value ? value : "")};
  page->form = (struct form){pairs, count};
}

/* ---- Opening: the procedure in force on the day of receipt ---- */
/* The true time of receipt as typed; what can't be read, or is not in the past, is told when the dossier is received. */
static int64_t late_time(struct counter_page *page)
{
  const char *text = form_get(&page->form, "late_us", 0);
  const struct form alone = {.pairs = (const struct form_pair[]){{"late_us", text ? text : ""}}, .count = 1};
  struct late_time typed;
  size_t problems = page->cx->problems.count;
  enum err err = record_read_form(page->cx, &late_time_type, &alone, &typed);
  page->cx->problems.count = problems;
  return err || typed.late_us > cx_now(page->cx) ? NONE_DATE : typed.late_us;
}

static enum err page_open(struct counter_page *page, const char *code)
{
  struct cx *cx = page->cx;
  struct procedure procedure;
  page->is_late = form_get(&page->form, "reserved_number", 0) != NULL;
  int64_t late_us = page->is_late ? late_time(page) : NONE_DATE;
  page->now_us = late_us == NONE_DATE ? cx_now(cx) : late_us;
  page->today = time_to_days(page->now_us);
  enum err err = procedure_on(cx, page->view->here->store, code, page->today, &procedure);
  if (err == ERR_NOT_FOUND && late_us != NONE_DATE) {
    /* Drawn under today's version, so that the time can be mended; check_late refuses it. */
    page->now_us = cx_now(cx);
    page->today = time_to_days(page->now_us);
    err = procedure_on(cx, page->view->here->store, code, page->today, &procedure);
  }
  if (!err) err = procedure_get(cx, page->view->here->store, code, procedure.version, &page->parts);
  if (err) return err;
  page->kind = kind_find(procedure.kind);
  page->request = arena_alloc(cx->arena, page->kind->request->size);
  return OK;
}

static struct intake_case case_of(struct counter_page *page)
{
  return (struct intake_case){.parts = &page->parts, .kind = page->kind, .intake = &page->intake, .request = page->request, .now_us = page->now_us,
                              .late = page->is_late ? &page->late : NULL};
}

/* ---- Drawing ---- */
static enum err show_choose(struct cx *cx, struct view *view)
{
  struct list procedures;
  enum err err = procedure_list(cx, view->here->store, time_to_days(cx_now(cx)), &procedures);
  if (err) return err;
  const struct procedure *all = procedures.items;
  const char *number = view_text(view, "so"), *late = number ? arena_print(cx->arena, "&so=%s", url_encode(cx->arena, number)) : "";
  model_text(view->model, "late_number", number);
  for (size_t i = 0; i < procedures.count; i++) {
    struct model *row = model_row(view->model, "procedures");
    model_record(row, "procedure", &procedure_type, &all[i]);
    model_text(row, "url", arena_print(cx->arena, "/mot-cua/tiep-nhan?thu-tuc=%s%s", url_encode(cx->arena, all[i].code), late));
    model_text(row, "key", i < 9 ? arena_print(cx->arena, "%zu", i + 1) : NULL);
  }
  return view_render(cx, view, "onestop_choose");
}

static const struct dossier_scan *scan_of(struct counter_page *page, const char *hash)
{
  struct dossier_scan *scan = ARENA_NEW(page->cx->arena, struct dossier_scan);
  size_t problems = page->cx->problems.count;
  enum err err = text_empty(hash) ? ERR_NOT_FOUND : upload_get(page->cx, page->view->here->store, page->cx->person->account, hash, scan);
  page->cx->problems.count = problems;
  return err ? NULL : scan;
}

static void show_component(struct counter_page *page, const struct component *component, size_t index)
{
  struct cx *cx = page->cx;
  struct model *row = model_row(page->view->model, "papers");
  const struct intake_component *typed = intake_component_find(&page->intake, component->code);
  const struct intake_component fresh = {.code = component->code, .pieces = component->originals + component->copies};
  const struct intake_component *shown = typed ? typed : &fresh;
  const struct dossier_scan *scan = scan_of(page, shown->hash);
  model_record(row, "component", &component_type, component);
  model_form(row, "c", &intake_component_type, shown, NULL);
  model_text(row, "n", arena_print(cx->arena, "%zu", index));
  model_text(row, "scan_name", scan ? scan->name : NULL);
  model_text(row, "hash", scan ? scan->hash : NULL);
  for (size_t i = 0; i < cx->problems.count; i++) {
    const char *field = cx->problems.items[i].field ? cx->problems.items[i].field : "";
    bool about_scan = text_equal(field, arena_print(cx->arena, "scan_%zu", index));
    if (!about_scan && !text_starts(field, arena_print(cx->arena, "components[%zu].", index))) continue;
    model_text(row, "error_word", cx->problems.items[i].key);
    model_flag(row, "scan_open", about_scan);
  }
}

static enum err show_communes(struct counter_page *page)
{
  struct cx *cx = page->cx;
  struct people *people = page->view->here->people;
  struct unit unit;
  struct list units;
  const char *code = cx->person->unit;
  enum err err = OK;
  for (int level = 0; !err && level < 4; level++) {
    err = unit_get(cx, people, code, page->today, &unit);
    if (err || text_equal(unit.level, "district") || text_empty(unit.parent)) break;
    code = unit.parent;
  }
  if (!err) err = unit_children(cx, people, unit.code, page->today, &units);
  const struct unit *all = units.items;
  for (size_t i = 0; !err && i < units.count; i++)
    if (text_equal(all[i].level, "commune")) model_form_choice(page->view->model, "request", "business_commune", all[i].code, all[i].name);
  return err;
}

/* Who may have given a paper receipt: the counter officers of that day. */
static enum err receivers(struct counter_page *page, struct list *out)
{
  struct cx *cx = page->cx;
  return role_holders(cx, page->view->here->people, ROLE_COUNTER, cx->person->unit, page->today, out);
}

static enum err show_receivers(struct counter_page *page)
{
  struct list holders = {0};
  enum err err = page->is_late ? receivers(page, &holders) : OK;
  const struct role_holder *all = holders.items;
  for (size_t i = 0; i < holders.count; i++) model_form_choice(page->view->model, "intake", "late_by", all[i].name, all[i].full_name);
  return err;
}

static void show_choices(struct counter_page *page)
{
  struct model *model = page->view->model;
  const struct exemption *exemptions = page->parts.exemptions.items;
  const struct authority *authorities = page->parts.authorities.items;
  for (size_t i = 0; i < page->parts.exemptions.count; i++) model_form_choice(model, "intake", "exemption", exemptions[i].code, exemptions[i].title);
  for (size_t i = 0; i < page->parts.authorities.count; i++) model_form_choice(model, "intake", "authority", authorities[i].code, authorities[i].title);
  model_flag(model, "has_exemptions", page->parts.exemptions.count > 0);
}

static void show_term(struct counter_page *page)
{
  struct cx *cx = page->cx;
  struct model *model = page->view->model;
  const struct procedure *procedure = &page->parts.procedure;
  const struct calendar *calendar = people_calendar(page->view->here->people);
  const struct intake_case one = case_of(page);
  model_record(model, "procedure", &procedure_type, procedure);
  model_text(model, "term_word", arena_print(cx->arena, "onestop.term.%s", procedure->term_unit));
  model_number(model, "term_amount", procedure->term_amount);
  if (procedure->term_long_amount) model_number(model, "term_long_amount", procedure->term_long_amount);
  model_text(model, "due_at", time_write_vn(cx->arena, term_due(calendar, procedure, page->now_us, page->intake.long_term)));
  model_text(model, "fee_amount", money_write(cx->arena, intake_fee(&one)));
  model_flag(model, "has_copies", text_equal(procedure->kind, "justice"));
  model_flag(model, procedure->kind, true);
  bool other = page->intake.by_other || !text_empty(form_get(&page->form, "submitter_name", 0)) || !text_empty(form_get(&page->form, "authority", 0));
  model_flag(model, "other_open", other);
  model_flag(model, "fresh", !page->button);
  model_flag(model, "late", page->is_late);
  /* Of a late entry the paper receipt comes first; its number is known where the page was opened from it. */
  bool numbered = !text_empty(form_get(&page->form, "reserved_number", 0));
  model_flag(model, "number_first", !page->button && page->is_late && !numbered);
  model_flag(model, "time_first", !page->button && page->is_late && numbered);
  model_flag(model, "proxy_allowed", !text_equal(procedure->proxy, "none"));
}

static enum err intake_render(struct counter_page *page)
{
  struct view *view = page->view;
  const struct component *components = page->parts.components.items;
  model_form(view->model, "intake", &intake_type, &page->intake, &page->form);
  model_form(view->model, "request", page->kind->request, page->request, &page->form);
  if (text_equal(page->kind->name, "household")) {
    const struct household_request *request = page->request;
    if (!form_get(&page->form, "sectors[0].code", 0) || text_equal(page->button, "sector")) model_form_blank(view->model, "request", page->kind->request, "sectors");
    if (text_equal(page->button, "member") || (text_equal(request->founded_by, "members") && !form_get(&page->form, "members[0].full_name", 0)))
      model_form_blank(view->model, "request", page->kind->request, "members");
  }
  show_choices(page);
  show_term(page);
  for (size_t i = 0; i < page->parts.components.count; i++) show_component(page, &components[i], i);
  enum err err = show_receivers(page);
  if (!err && text_equal(page->kind->name, "household")) err = show_communes(page);
  return err ? err : view_render(page->cx, view, "onestop_intake");
}

enum err page_intake(struct cx *cx, struct view *view)
{
  struct counter_page page = {.cx = cx, .view = view};
  const char *code = view_text(view, "thu-tuc");
  if (text_empty(code)) return show_choose(cx, view);
  if (view_text(view, "so")) form_put(&page, "reserved_number", view_text(view, "so"));
  enum err err = page_open(&page, code);
  if (err) return err;
  page.intake = (struct intake){.procedure = code, .birth_date = NONE_DATE};
  form_put(&page, "nationality", paper_word("viet_nam"));
  form_put(&page, "sets", "1");
  form_put(&page, "copies", "1");
  return intake_render(&page);
}

/* ---- The identity card ---- */
static void read_card(struct counter_page *page)
{
  struct cx *cx = page->cx;
  struct card card;
  enum card_state state = card_read(cx->arena, page->intake.card, &card);
  model_flag(page->view->model, "card_garbled", state == CARD_GARBLED);
  model_flag(page->view->model, "card_shape", state == CARD_SHAPE);
  model_flag(page->view->model, "card_read", state == CARD_OK);
  form_put(page, "card", "");
  if (state != CARD_OK && state != CARD_GARBLED) return;
  form_put(page, "identity", card.identity);
  form_put(page, "birth_date", date_write_vn(cx->arena, (int32_t)card.birth_date));
  if (card.sex) form_put(page, "sex", card.sex);
  if (state == CARD_GARBLED) return;
  form_put(page, "full_name", card.full_name);
  form_put(page, "residence", card.residence);
}

/* ---- Scans ---- */
static const char *const scan_types[] = {"application/pdf", "image/jpeg", "image/png", NULL};

static const struct http_part *part_of(const struct view *view, size_t index, struct arena *arena)
{
  const char *name = arena_print(arena, "scan_%zu", index);
  for (size_t i = 0; i < view->parts.count; i++)
    if (text_equal(view->parts.items[i].name, name) && view->parts.items[i].path && (view->parts.items[i].size > 0 || !text_empty(view->parts.items[i].file_name)))
      return &view->parts.items[i]; /* a browser that has no file sends an empty one without a name; one with a name is somebody's mistake */
  return NULL;
}

/* Elsewhere it may be told as 415, 413 or 503; here it is one field of a form that is kept. NULL: nothing that can be told of a field. */
static const char *scan_word(enum err err)
{
  if (err == ERR_INPUT) return "onestop.error.scan_infected";
  if (err == ERR_BUSY) return "onestop.error.scan_unscanned";
  return err == ERR_TYPE || err == ERR_TOO_LARGE ? "onestop.error.scan" : NULL;
}

static enum err refuse_scan(struct counter_page *page, size_t index, const char *key)
{
  const struct component *component = &((const struct component *)page->parts.components.items)[index];
  return cx_fail(page->cx, ERR_INPUT, arena_print(page->cx->arena, "scan_%zu", index), key, "title", component->title, NULL);
}

static enum err take_scan(struct counter_page *page, const struct http_part *part, size_t index)
{
  struct cx *cx = page->cx;
  const struct file_limits limits = {.size_max = SCAN_SIZE_MAX, .types = scan_types};
  const struct handed handed = {.path = part->path, .name = part->file_name, .peer = page->view->call->peer};
  struct file_info info;
  size_t problems = cx->problems.count;
  /* Whom one file waited for in vain, the others need not wait for. */
  enum err err = page->unscanned ? ERR_BUSY : handed_take(cx, page->view->here, &handed, &limits, &info);
  page->unscanned = err == ERR_BUSY;
  if (scan_word(err)) {
    cx->problems.count = problems; /* it said so without the paper's title */
    return refuse_scan(page, index, scan_word(err));
  }
  if (err) return err;
  const char *name = text_clean(cx->arena, part->file_name, strlen(part->file_name), TEXT_LINE);
  const struct dossier_scan scan = {.hash = info.hash, .type = info.type, .name = text_empty(name) ? info.hash : name, .size = info.size, .at_us = cx_now(cx)};
  form_put(page, arena_print(cx->arena, "components[%zu].hash", index), info.hash);
  form_put(page, arena_print(cx->arena, "components[%zu].given", index), "1");
  return upload_put(cx, page->view->here->store, cx->person->account, &scan);
}

static enum err take_scans(struct counter_page *page)
{
  for (size_t i = 0; i < page->parts.components.count; i++) {
    const struct http_part *part = part_of(page->view, i, page->cx->arena);
    enum err err = part ? take_scan(page, part, i) : OK;
    if (err && err != ERR_INPUT) return err;
  }
  return page->cx->problems.count ? ERR_INPUT : OK;
}

static void add_scans(struct counter_page *page, struct receiving *receiving)
{
  const struct dossier_component *components = receiving->components.items;
  struct dossier_scan *scans = ARENA_ARRAY(page->cx->arena, receiving->components.count + 1, struct dossier_scan);
  size_t count = 0;
  for (size_t i = 0; i < receiving->components.count; i++) {
    const struct intake_component *typed = intake_component_find(&page->intake, components[i].code);
    const struct dossier_scan *scan = scan_of(page, typed->hash);
    if (!scan) continue;
    scans[count] = *scan;
    scans[count++].component = components[i].code;
  }
  receiving->scans = (struct list){scans, count};
}

/* ---- Receiving ---- */
static enum err read_typed(struct counter_page *page)
{
  enum err intake = record_read_form(page->cx, &intake_type, &page->form, &page->intake);
  enum err request = record_read_form(page->cx, page->kind->request, &page->form, page->request);
  return intake ? intake : request;
}

static enum err find_receiver(struct counter_page *page, struct late_entry *late)
{
  struct cx *cx = page->cx;
  struct list holders;
  if (text_empty(page->intake.late_by)) return cx_fail(cx, ERR_INPUT, "late_by", "onestop.error.late_by", NULL);
  enum err err = receivers(page, &holders);
  if (err) return err;
  const struct role_holder *all = holders.items;
  for (size_t i = 0; i < holders.count; i++) {
    if (!text_equal(all[i].name, page->intake.late_by)) continue;
    late->received_by = all[i].full_name;
    late->account = all[i].account;
    return OK;
  }
  return cx_fail(cx, ERR_INPUT, "late_by", "onestop.error.late_by", NULL);
}

/* A late entry's number must be unused and its time fit it; whether the number still is unused is decided when it is written. */
static enum err check_late(struct counter_page *page)
{
  struct cx *cx = page->cx;
  struct reserve_number number;
  if (!page->is_late) return OK;
  if (text_empty(page->intake.reserved_number)) return cx_fail(cx, ERR_INPUT, "reserved_number", "onestop.error.reserve_number", NULL);
  enum err err = reserve_number_open(cx, page->view->here->store, page->intake.reserved_number, &number);
  if (err) return err;
  const char *wrong = late_check(number.reserved_us, page->intake.late_us, cx_now(cx));
  if (!wrong && page->intake.late_us != page->now_us) wrong = "onestop.error.late_procedure";
  if (wrong) return cx_fail(cx, ERR_INPUT, "late_us", wrong, NULL);
  page->late = (struct late_entry){.number = page->intake.reserved_number, .received_us = page->intake.late_us, .entered_us = cx_now(cx)};
  return find_receiver(page, &page->late);
}

/* Where nobody plays the register's part, the dossier is received without a look-up. */
static enum err ask_register(struct counter_page *page)
{
  if (!text_equal(page->kind->name, "household")) return OK;
  if (!here_service(page->cx->arena, page->view->here, "household", "check")) return OK;
  return ask_check(page->cx, page->view, household_check_body(page->cx, &page->intake, page->request), &page->ask);
}

static enum err received(struct counter_page *page, const char *code)
{
  cx_reset_problems(page->cx);
  return view_redirect(page->cx, page->view, arena_print(page->cx->arena, "/mot-cua/da-tiep-nhan/%s", code));
}

static enum err receive(struct counter_page *page)
{
  struct cx *cx = page->cx;
  struct view *view = page->view;
  const struct intake_case one = case_of(page);
  struct receiving receiving;
  enum err err = intake_check(cx, &one);
  if (!err) err = intake_prepare(cx, view->here, &one, &receiving);
  if (err) return err;
  add_scans(page, &receiving);
  if (page->ask.service) receiving.check = check_exchange(cx, &page->ask);
  receiving.form = view->claim;
  err = dossier_receive(cx, view->here->store, &receiving);
  if (err == ERR_CONFLICT) return cx_fail(cx, ERR_INPUT, "number", "onestop.error.receipt_twice", NULL);
  if (err) return err;
  return received(page, receiving.dossier.code);
}

/* Refused because it was taken already: sent again, a form leads to its dossier. */
static enum err refused(struct counter_page *page)
{
  const char *code;
  enum err err = dossier_of_form(page->cx, page->view->here->store, page->view->claim, &code);
  if (err) return err;
  return code ? received(page, code) : intake_render(page);
}

/* A button that only fills in: faults of half a form are not told yet. */
static enum err press(struct counter_page *page)
{
  struct cx *cx = page->cx;
  enum err err = text_equal(page->button, "check") ? ask_register(page) : OK;
  if (err == ERR_AGAIN) return err;
  if (page->ask.service) show_check(page->view, &page->ask, cx);
  if (text_equal(page->button, "card")) read_card(page);
  err = take_scans(page);
  if (err && err != ERR_INPUT) return err;
  size_t problems = cx->problems.count;
  if (read_typed(page) != OK) cx->problems.count = problems;
  return intake_render(page);
}

/* Enter in the card's field presses the form's first button; with an empty field it means "receive". */
static const char *button_of(struct counter_page *page)
{
  const char *button = form_get(&page->form, "button", 0);
  bool card = text_equal(button, "card") && !text_empty(form_get(&page->form, "card", 0));
  return text_empty(button) || (text_equal(button, "card") && !card) ? "receive" : button;
}

/* A field says one thing: what was found first. */
static void drop_repeated(struct cx *cx)
{
  size_t kept = 0;
  for (size_t i = 0; i < cx->problems.count; i++) {
    const char *field = cx->problems.items[i].field;
    bool repeated = false;
    for (size_t j = 0; j < kept; j++) repeated = repeated || text_equal(cx->problems.items[j].field, field);
    if (!repeated || !field) cx->problems.items[kept++] = cx->problems.items[i];
  }
  cx->problems.count = kept;
}

enum err page_intake_post(struct cx *cx, struct view *view)
{
  struct counter_page page = {.cx = cx, .view = view, .form = view->form};
  const char *code = form_get(&view->form, "procedure", 0);
  enum err err = page_open(&page, code ? code : "");
  if (err) return err;
  page.button = button_of(&page);
  err = read_typed(&page);
  if (!text_equal(page.button, "receive")) {
    cx_reset_problems(cx);
    return press(&page);
  }
  /* Files leave their temporary place only after the last question to another system: until then nothing has changed. */
  if (!err || err == ERR_INPUT) {
    /* What is wrong in a field and what is wrong with the whole are told at once: nobody waits twice at the counter for it. */
    const struct intake_case one = case_of(&page);
    enum err late = err ? OK : check_late(&page), rules = intake_check(cx, &one);
    drop_repeated(cx);
    if (!err) err = late ? late : rules;
    if (!err) err = ask_register(&page);
    if (err == ERR_AGAIN) return err;
  }
  enum err scans = take_scans(&page);
  if (scans && scans != ERR_INPUT) return scans;
  size_t problems = cx->problems.count;
  if (read_typed(&page) != OK) cx->problems.count = problems;
  if (!err) err = scans;
  if (!err) err = receive(&page);
  return err == ERR_INPUT ? refused(&page) : err;
}

/* ---- Success ---- */
enum err page_received(struct cx *cx, struct view *view)
{
  struct dossier_parts parts;
  const char *code = view_text(view, "code");
  enum err err = dossier_see(cx, view->here, code, &parts);
  if (err) return err;
  model_record(view->model, "dossier", &dossier_type, &parts.dossier);
  model_text(view->model, "due_at", time_write_vn(cx->arena, parts.dossier.due_us));
  model_text(view->model, "fee_amount", money_write(cx->arena, parts.dossier.fee_vnd));
  model_text(view->model, "fee_word", arena_print(cx->arena, "onestop.fee_state.%s", parts.dossier.fee_state));
  model_flag(view->model, "may_forward", text_equal(parts.dossier.status, STATUS_RECEIVED));
  model_flag(view->model, "no_phone_link", !view->here->public_url_given);
  model_text(view->model, "public_url", view->here->public_url);
  return view_render(cx, view, "onestop_received");
}
