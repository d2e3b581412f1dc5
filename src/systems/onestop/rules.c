/* The life cycle as a table, and what follows from a status: whose turn it is, who may see, when it is due. */
#include "systems/onestop/rules.h"

#include "base/text.h"
#include <assert.h>
#include <string.h>

#define COUNTER ROLE_COUNTER
#define SPECIALIST ROLE_SPECIALIST
#define DECIDER ROLE_DECIDER
#define SYSTEM "system"

const struct step life_cycle[] = {
  {STATUS_RECEIVED, "forward", COUNTER, NULL, GUARD_NONE, STATUS_PROCESSING},
  {STATUS_RECEIVED, "supplement", COUNTER, NULL, GUARD_REASON, STATUS_SUPPLEMENT},
  {STATUS_RECEIVED, "refuse", COUNTER, NULL, GUARD_REASON, STATUS_REFUSED},
  {STATUS_RECEIVED, "withdraw", COUNTER, NULL, GUARD_REASON, STATUS_WITHDRAWN},
  {STATUS_PROCESSING, "take", SPECIALIST, NULL, GUARD_NONE, NULL},
  {STATUS_PROCESSING, "hand_over", SPECIALIST, NULL, GUARD_NONE, NULL},
  {STATUS_PROCESSING, "ask_again", SPECIALIST, NULL, GUARD_FAILED, NULL},
  {STATUS_PROCESSING, "supplement", SPECIALIST, NULL, GUARD_QUIET_REASON, STATUS_SUPPLEMENT},
  {STATUS_PROCESSING, "propose", SPECIALIST, NULL, GUARD_READY, STATUS_PROPOSED},
  {STATUS_PROCESSING, "withdraw", COUNTER, NULL, GUARD_QUIET_REASON, STATUS_WITHDRAWN},
  {STATUS_PROCESSING, "answered", SYSTEM, NULL, GUARD_NONE, NULL},
  {STATUS_SUPPLEMENT, "supplemented", COUNTER, NULL, GUARD_NONE, STATUS_PROCESSING},
  {STATUS_SUPPLEMENT, "refuse", DECIDER, NULL, GUARD_REASON, STATUS_REFUSED},
  {STATUS_SUPPLEMENT, "withdraw", COUNTER, NULL, GUARD_REASON, STATUS_WITHDRAWN},
  {STATUS_SUPPLEMENT, "answered", SYSTEM, NULL, GUARD_NONE, NULL},
  {STATUS_PROPOSED, "send_back", DECIDER, NULL, GUARD_REASON, STATUS_PROCESSING},
  {STATUS_PROPOSED, "refuse", DECIDER, NULL, GUARD_REASON, STATUS_REFUSED},
  {STATUS_PROPOSED, "approve", DECIDER, "household", GUARD_QUIET, STATUS_APPROVED},
  {STATUS_PROPOSED, "approve", DECIDER, "justice", GUARD_READY, STATUS_DONE},
  {STATUS_APPROVED, "answered", SYSTEM, NULL, GUARD_NONE, NULL},
  {STATUS_APPROVED, "registered", SYSTEM, NULL, GUARD_NONE, STATUS_DONE},
  {STATUS_APPROVED, "register_refused", SYSTEM, NULL, GUARD_NONE, STATUS_PROCESSING},
  {STATUS_DONE, "return", COUNTER, NULL, GUARD_RECEIVER, STATUS_RETURNED},
  {NULL, "pay", COUNTER, NULL, GUARD_FEE_DUE, NULL},
};
const size_t life_cycle_count = sizeof life_cycle / sizeof life_cycle[0];

/* ---- What follows from a status ---- */
struct status_row { const char *name, *turn; int national, stage; bool open, ticking; };
static const struct status_row statuses[] = {
  {STATUS_RECEIVED, "counter", 2, 1, true, true},
  {STATUS_PROCESSING, "specialist", 4, 2, true, true},
  {STATUS_SUPPLEMENT, "citizen", 5, 2, true, false},
  {STATUS_PROPOSED, "decider", 4, 2, true, true},
  {STATUS_APPROVED, "agency", 4, 2, true, true},
  {STATUS_DONE, "counter", 9, 3, true, false},
  {STATUS_RETURNED, "none", 10, 4, false, false},
  {STATUS_REFUSED, "none", 3, 4, false, false},
  {STATUS_WITHDRAWN, "none", 7, 4, false, false},
};

static const struct status_row *status_row(const char *status)
{
  for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
    if (text_equal(statuses[i].name, status)) return &statuses[i];
  assert(!"a status outside the table");
  return NULL;
}

bool status_open(const char *status) { return status_row(status)->open; }
bool status_ticking(const char *status) { return status_row(status)->ticking; }
int status_national(const char *status) { return status_row(status)->national; }
int status_stage(const char *status) { return status_row(status)->stage; }

const char *turn_of(const char *status, const char *awaiting)
{
  const struct status_row *row = status_row(status);
  return awaiting && text_equal(row->turn, "specialist") ? "agency" : row->turn;
}

/* ---- Steps ---- */
const struct step *step_find(const struct dossier *dossier, const char *action)
{
  for (size_t i = 0; i < life_cycle_count; i++) {
    const struct step *step = &life_cycle[i];
    bool from = step->from ? text_equal(step->from, dossier->status) : status_open(dossier->status);
    if (from && text_equal(step->action, action) && (!step->kind || text_equal(step->kind, dossier->kind))) return step;
  }
  return NULL;
}

bool step_allows(const struct step *step, const struct dossier *dossier, const struct person *person)
{
  if (!person || !person_is(person, step->role)) return false;
  const char *unit = text_equal(step->role, COUNTER) ? dossier->receiving_unit : dossier->deciding_unit;
  return text_equal(person->unit, unit);
}

static struct guard_finding check_receiver(const struct dossier *dossier, const struct act_form *form)
{
  if (text_empty(form->receiver_name)) return (struct guard_finding){"onestop.error.receiver", "receiver_name"};
  bool proxy = !text_equal(form->receiver_name, dossier->full_name);
  if (proxy && !form->authority_checked) return (struct guard_finding){"onestop.error.authority_again", "authority_checked"};
  return (struct guard_finding){NULL, NULL};
}

static struct guard_finding check_ready(const struct dossier *dossier, const struct act_facts *facts)
{
  if (dossier->awaiting) return (struct guard_finding){"onestop.error.awaiting", NULL};
  if (text_equal(dossier->fee_state, "due")) return (struct guard_finding){"onestop.error.fee_due", NULL};
  if (!facts->known) return (struct guard_finding){"onestop.error.not_known", NULL};
  return (struct guard_finding){NULL, NULL};
}

struct guard_finding guard_check(enum guard guard, const struct dossier *dossier, const struct act_facts *facts)
{
  const struct act_form *form = facts->form;
  bool quiet = guard == GUARD_QUIET || guard == GUARD_QUIET_REASON, reason = guard == GUARD_REASON || guard == GUARD_QUIET_REASON;
  if (quiet && dossier->awaiting) return (struct guard_finding){"onestop.error.awaiting", NULL};
  if (reason && text_empty(form->reason)) return (struct guard_finding){"onestop.error.reason", "reason"};
  if (guard == GUARD_FAILED && !facts->failed) return (struct guard_finding){"onestop.error.not_failed", NULL};
  if (guard == GUARD_FEE_DUE && !text_equal(dossier->fee_state, "due")) return (struct guard_finding){"onestop.error.fee_settled", NULL};
  if (guard == GUARD_RECEIVER) return check_receiver(dossier, form);
  if (guard == GUARD_READY) return check_ready(dossier, facts);
  return (struct guard_finding){NULL, NULL};
}

/* ---- Who may see ---- */
enum sight dossier_sight(const struct dossier *dossier, const struct person *person, int64_t on_days)
{
  if (!person) return SIGHT_NONE;
  bool receiving = text_equal(person->unit, dossier->receiving_unit), deciding = text_equal(person->unit, dossier->deciding_unit);
  if (receiving && deciding) return SIGHT_BOTH;
  if (receiving) return SIGHT_RECEIVING;
  if (deciding) return SIGHT_DECIDING;
  if (!person_is(person, ROLE_HEAD) || !person->people) return SIGHT_NONE;
  bool below = unit_within(person->people, dossier->receiving_unit, person->unit, on_days) ||
               unit_within(person->people, dossier->deciding_unit, person->unit, on_days);
  return below ? SIGHT_ABOVE : SIGHT_NONE;
}

/* ---- Deadlines ---- */
static enum term_unit term_unit_read(const char *unit)
{
  if (text_equal(unit, "calendar_days")) return TERM_CALENDAR_DAYS;
  if (text_equal(unit, "working_hours")) return TERM_WORKING_HOURS;
  if (text_equal(unit, "hours")) return TERM_HOURS;
  if (text_equal(unit, "in_day")) return TERM_IN_DAY;
  return TERM_WORKING_DAYS;
}

int64_t term_due(const struct calendar *calendar, const struct procedure *procedure, int64_t received_us, bool long_term)
{
  int64_t amount = long_term && procedure->term_long_amount ? procedure->term_long_amount : procedure->term_amount;
  return calendar_due(calendar, received_us, (int)amount, term_unit_read(procedure->term_unit));
}

int64_t seat_rank(const char *status, int64_t due_us)
{
  bool waits = status_open(status) && !status_ticking(status);
  return waits ? due_us + 36525 * DAY_US : due_us; /* a hundred years, as the migration wrote them */
}

int64_t term_resume(const struct calendar *calendar, int64_t due_us, int64_t stopped_us, int64_t now_us)
{
  return calendar_add_worked(calendar, due_us, calendar_worked(calendar, stopped_us, now_us));
}

enum light light_of(const struct calendar *calendar, const char *status, int64_t due_us, int64_t now_us)
{
  if (!status_open(status) || text_equal(status, STATUS_DONE)) return LIGHT_DONE;
  if (!status_ticking(status)) return LIGHT_STOPPED;
  if (now_us > due_us) return LIGHT_LATE;
  return calendar_days_left(calendar, now_us, due_us) <= 1 ? LIGHT_DUE : LIGHT_OK;
}

bool missing_has(const char *missing, const char *code)
{
  size_t size = strlen(code);
  for (const char *at = missing; at && *at;) {
    size_t word = strcspn(at, " ");
    if (word == size && strncmp(at, code, size) == 0) return true;
    at += word + (at[word] == ' ');
  }
  return false;
}

/* ---- Codes ---- */
char *pattern_fill(struct arena *arena, const char *pattern, const struct problem_arg *args, size_t count)
{
  struct buffer out;
  buffer_init(&out, arena);
  for (const char *at = pattern; *at;) {
    const char *end = *at == '{' ? strchr(at, '}') : NULL;
    const char *value = NULL;
    for (size_t i = 0; end && !value && i < count; i++) {
      size_t size = strlen(args[i].name);
      if ((size_t)(end - at - 1) == size && strncmp(at + 1, args[i].name, size) == 0) value = args[i].value ? args[i].value : "";
    }
    if (value) {
      buffer_text(&out, value);
      at = end + 1;
    } else {
      buffer_char(&out, *at++);
    }
  }
  return arena_copy(arena, buffer_string(&out));
}

char *code_agency(struct arena *arena, const struct numbering *numbering, const struct unit *unit)
{
  if (!text_empty(unit->agency_code)) return arena_copy(arena, unit->agency_code);
  const struct problem_arg args[] = {{"unit", unit->code}};
  return pattern_fill(arena, numbering->agency, args, 1);
}

char *code_write(struct arena *arena, const struct numbering *numbering, const char *agency, int32_t day, int64_t sequence)
{
  struct date date = date_from_days(day);
  const struct problem_arg args[] = {
    {"agency", agency},
    {"yymmdd", arena_print(arena, "%02d%02d%02d", date.year % 100, date.month, date.day)},
    {"sequence", arena_print(arena, "%0*lld", (int)numbering->digits, (long long)sequence)},
  };
  return pattern_fill(arena, numbering->pattern, args, 3);
}

/* ---- Paper receipts reserved in advance ---- */
char *reserve_write(struct arena *arena, const char *agency, int32_t day, int64_t sequence)
{
  struct date date = date_from_days(day);
  return arena_print(arena, "DP-%s-%02d%02d%02d-%03lld", agency, date.year % 100, date.month, date.day, (long long)sequence);
}

const char *late_check(int64_t reserved_us, int64_t received_us, int64_t now_us)
{
  if (received_us == NONE_DATE) return "onestop.error.late_time";
  /* The officer writes hours and minutes: the minute in which the numbers were reserved counts as after it. */
  if (received_us < reserved_us - reserved_us % MINUTE_US) return "onestop.error.late_before";
  return received_us > now_us ? "onestop.error.late_future" : NULL;
}

/* ---- Fees ---- */
int64_t fee_compute(const struct list *fees, const struct exemption *exemption, int64_t copies)
{
  int64_t total = exemption ? exemption->pays_vnd : 0;
  const struct fee_rule *rules = fees->items;
  for (size_t i = 0; i < fees->count; i++) {
    bool by_copy = rules[i].from_copy > 0;
    if (!by_copy && !exemption) total += rules[i].amount_vnd;
    if (by_copy && copies >= rules[i].from_copy) total += rules[i].amount_vnd * (copies - rules[i].from_copy + 1);
  }
  return total;
}

int64_t dossier_units_day(const struct dossier *dossier)
{
  return dossier->units_on == NONE_DATE ? time_to_days(dossier->received_us) : dossier->units_on;
}
