/* Applications, numbers, and the law's rows. */
#include "systems/household/store.h"

#include "base/text.h"
#include "household_sql.h"
#include "systems/household/rules.h"

/* ---- Applications ---- */
enum err application_add(struct cx *cx, struct tx *tx, const struct application *a)
{
  int64_t id;
  return sql_number(cx, tx, &household_application_add,
                    ARGS(V(a->reference), V(a->consumer), V(a->dossier), V(a->unit), V(a->state), V(a->name), V(a->head_name), V(a->commune_name),
                         V(a->body), V(a->why), V(a->similar_name), V(a->similar_number), V(a->number), value_date(a->registered_on), V(a->reason),
                         V(a->received_us), value_date(a->decided_us), V(a->decided_by)), &id);
}

enum err application_get(struct cx *cx, struct tx *tx, const char *reference, struct application *out)
{
  return sql_row(cx, tx, &household_application_get, ARGS(V(reference)), &application_row_type, out);
}

enum err application_list(struct cx *cx, struct tx *tx, const char *state, int64_t before, struct list *out)
{
  enum { MOST = APPLICATIONS_A_PAGE };
  if (before <= 0) before = INT64_MAX;
  if (state) return sql_rows(cx, tx, &household_application_list, ARGS(V(state), V(before), V((int64_t)MOST)), &application_row_type, MOST, out);
  return sql_rows(cx, tx, &household_application_all, ARGS(V(before), V((int64_t)MOST)), &application_row_type, MOST, out);
}

enum err application_count_checking(struct cx *cx, struct tx *tx, int64_t *count)
{
  return sql_number(cx, tx, &household_application_checking, NO_ARGS, count);
}

enum err application_decide(struct cx *cx, struct tx *tx, const struct application *a, int64_t version)
{
  int64_t changed;
  enum err err = sql_run(cx, tx, &household_application_decide,
                         ARGS(V(a->id), V(version), V(a->state), V(a->number), value_date(a->registered_on), V(a->reason), V(a->decided_us),
                              V(a->decided_by)), &changed);
  if (!err && changed == 0) err = cx_fail(cx, ERR_CONFLICT, NULL, "household.error.decided", "reference", a->reference, NULL);
  return err;
}

enum err application_next_reference(struct cx *cx, struct tx *tx, const char **out)
{
  struct date date = date_from_days(time_to_days(cx_now(cx)));
  const char *day = arena_print(cx->arena, "%02d%02d%02d", date.year % 100, date.month, date.day);
  int64_t number;
  enum err err = sql_number(cx, tx, &household_counter_next, ARGS(V(arena_print(cx->arena, "HK-%s", day))), &number);
  if (!err) *out = arena_print(cx->arena, "HK-%s-%04lld", day, (long long)number);
  return err;
}

/* ---- What was loaded ---- */
struct loaded { const char *file, *hash; };
static const struct field loaded_fields[] = {FIELD(struct loaded, file), FIELD(struct loaded, hash)};
static const struct record_type loaded_type = RECORD("loaded", struct loaded, loaded_fields);

enum err household_loaded(struct cx *cx, struct tx *tx, const char *file, const char **hash)
{
  struct loaded loaded = {0};
  enum err err = sql_row(cx, tx, &household_loaded_get, ARGS(V(file)), &loaded_type, &loaded);
  *hash = loaded.hash;
  return err == ERR_NOT_FOUND ? OK : err;
}

enum err household_note_loaded(struct cx *cx, struct tx *tx, const char *file, const char *hash)
{
  return sql_run(cx, tx, &household_loaded_put, ARGS(V(file), V(hash)), NULL);
}

/* Open ends as days, so that one comparison finds the row. */
static int64_t first_day(int64_t day) { return day == NONE_DATE ? -1000000 : day; }
static int64_t last_day(int64_t day) { return day == NONE_DATE ? 1000000 : day; }

static enum err put_scopes(struct cx *cx, struct tx *tx, const struct list *list)
{
  const struct scope_rule *rows = list->items;
  enum err err = sql_run(cx, tx, &household_scope_clear, NO_ARGS, NULL);
  for (size_t i = 0; !err && i < list->count; i++)
    err = sql_run(cx, tx, &household_scope_put,
                  ARGS(V(first_day(rows[i].valid_from)), V(last_day(rows[i].valid_to)), V(rows[i].level), V(rows[i].legal_basis), V(rows[i].verified)), NULL);
  return err;
}

static enum err put_numbers(struct cx *cx, struct tx *tx, const struct list *list)
{
  const struct number_rule *rows = list->items;
  enum err err = sql_run(cx, tx, &household_number_clear, NO_ARGS, NULL);
  for (size_t i = 0; !err && i < list->count; i++)
    err = sql_run(cx, tx, &household_number_put,
                  ARGS(V(first_day(rows[i].valid_from)), V(last_day(rows[i].valid_to)), V(rows[i].kind), V(rows[i].prefix), V(rows[i].legal_basis),
                       V(rows[i].verified)), NULL);
  return err;
}

static enum err put_letters(struct cx *cx, struct tx *tx, const struct list *list)
{
  const struct district_letter *rows = list->items;
  enum err err = sql_run(cx, tx, &household_letter_clear, NO_ARGS, NULL);
  for (size_t i = 0; !err && i < list->count; i++)
    err = sql_run(cx, tx, &household_letter_put, ARGS(V(rows[i].unit), V(rows[i].province), V(rows[i].letter)), NULL);
  return err;
}

static enum err put_notices(struct cx *cx, struct tx *tx, const struct list *list)
{
  const struct notice_rule *rows = list->items;
  enum err err = sql_run(cx, tx, &household_notice_clear, NO_ARGS, NULL);
  for (size_t i = 0; !err && i < list->count; i++)
    err = sql_run(cx, tx, &household_notice_put,
                  ARGS(V(first_day(rows[i].valid_from)), V(last_day(rows[i].valid_to)), V(rows[i].working_days), V(rows[i].legal_basis), V(rows[i].verified)), NULL);
  return err;
}

enum err household_rules_put(struct cx *cx, struct tx *tx, const struct household_rules *rules)
{
  enum err err = put_scopes(cx, tx, &rules->scopes);
  if (!err) err = put_numbers(cx, tx, &rules->numbers);
  if (!err) err = put_letters(cx, tx, &rules->letters);
  return err ? err : put_notices(cx, tx, &rules->notices);
}

enum err household_sectors_put(struct cx *cx, struct tx *tx, const struct household_sectors *sectors)
{
  const struct sector_row *rows = sectors->sectors.items;
  enum err err = sql_run(cx, tx, &household_sector_clear, NO_ARGS, NULL);
  for (size_t i = 0; !err && i < sectors->sectors.count; i++)
    err = sql_run(cx, tx, &household_sector_put,
                  ARGS(V(rows[i].code), V(rows[i].name), V(rows[i].kind), V(rows[i].note), V(rows[i].legal_basis), V(rows[i].verified)), NULL);
  return err;
}

/* ---- Asking the law ---- */
enum err sector_list(struct cx *cx, struct tx *tx, struct list *out)
{
  return sql_rows(cx, tx, &household_sector_all, NO_ARGS, &sector_row_type, SECTOR_ROWS_MAX, out);
}

enum err sector_rows_of(struct cx *cx, struct tx *tx, const struct list *sectors, const struct sector_row *const **out)
{
  const struct household_sector *asked = sectors->items;
  const struct sector_row **rows = ARENA_ARRAY(cx->arena, sectors->count + 1, const struct sector_row *);
  for (size_t i = 0; i < sectors->count; i++) {
    struct sector_row *row = ARENA_NEW(cx->arena, struct sector_row);
    enum err err = sql_row(cx, tx, &household_sector_get, ARGS(V(asked[i].code)), &sector_row_type, row);
    if (err && err != ERR_NOT_FOUND) return err;
    rows[i] = err ? NULL : row;
  }
  *out = rows;
  return OK;
}

static enum err none_for_day(struct cx *cx, enum err err, int64_t day)
{
  if (err != ERR_NOT_FOUND) return err;
  return cx_fail(cx, ERR_INPUT, "decided_on", "household.error.no_rule", "date", date_write_vn(cx->arena, (int32_t)day), NULL);
}

enum err scope_rule_on(struct cx *cx, struct tx *tx, int64_t day, struct scope_rule *out)
{
  return none_for_day(cx, sql_row(cx, tx, &household_scope_on, ARGS(V(day)), &scope_rule_type, out), day);
}

enum err notice_rule_on(struct cx *cx, struct tx *tx, int64_t day, struct notice_rule *out)
{
  return none_for_day(cx, sql_row(cx, tx, &household_notice_on, ARGS(V(day)), &notice_rule_type, out), day);
}

enum err business_next_number(struct cx *cx, struct tx *tx, int64_t day, const char *district, const char **out)
{
  struct number_rule rule;
  struct district_letter letter = {0};
  enum err err = none_for_day(cx, sql_row(cx, tx, &household_number_on, ARGS(V(day)), &number_rule_type, &rule), day);
  if (err) return err;
  const char *series = arena_print(cx->arena, "tax-%s", rule.prefix ? rule.prefix : "");
  if (text_equal(rule.kind, "district_letter")) {
    err = sql_row(cx, tx, &household_letter_of, ARGS(V(district)), &district_letter_type, &letter);
    if (err == ERR_NOT_FOUND) return cx_fail(cx, ERR_INPUT, "commune", "household.error.no_letter", "unit", district ? district : "", NULL);
    series = arena_print(cx->arena, "letter-%s-%s", letter.province, letter.letter);
  }
  *out = NULL;
  while (!err && !*out) {
    int64_t sequence;
    err = sql_number(cx, tx, &household_counter_next, ARGS(V(series)), &sequence);
    if (!err) *out = business_number_write(cx->arena, &rule, &letter, sequence);
  }
  return err;
}
