/* Pure decisions of the register. */
#include "systems/household/rules.h"

#include "base/text.h"
#include <string.h>

/* ---- Names ---- */

/* Compared as folded text, so that no spelling of the same words gets by. */
static const char *const banned_words[] = {"tong cong ty", "cong ty", "tap doan", "doanh nghiep", NULL};
static const char *const prefixes[] = {"ho kinh doanh", "hkd", NULL};
/* Beside letters and digits. */
static const char signs[] = " .,&-+'/()!";

/* The end of the first words of text when they fold to the prefix; NULL: they do not. */
static const char *prefix_end(struct arena *arena, const char *text, const char *prefix)
{
  size_t words = 1;
  for (const char *c = prefix; *c; c++) words += *c == ' ';
  const char *at = text;
  for (size_t i = 0; i < words; i++) {
    at += strspn(at, " ");
    at += strcspn(at, " ");
  }
  if (!text_equal(text_fold(arena, arena_copy_n(arena, text, (size_t)(at - text))), prefix)) return NULL;
  return at + strspn(at, " :");
}

const char *business_name_own(struct arena *arena, const char *name)
{
  const char *clean = name ? text_clean(arena, name, strlen(name), TEXT_LINE) : NULL;
  if (!clean) return "";
  for (bool found = true; found;) {
    found = false;
    for (size_t i = 0; prefixes[i] && !found; i++) {
      const char *end = prefix_end(arena, clean, prefixes[i]);
      found = end && end > clean;
      if (found) clean = end;
    }
  }
  return clean;
}

/* The code point at *at, which moves behind it. */
static uint32_t next_character(const char **at)
{
  const unsigned char *c = (const unsigned char *)*at;
  size_t more = c[0] >= 0xF0 ? 3 : c[0] >= 0xE0 ? 2 : c[0] >= 0xC0 ? 1 : 0;
  uint32_t point = more ? c[0] & (0x3FU >> more) : c[0];
  for (size_t i = 1; i <= more; i++) point = point << 6 | (c[i] & 0x3FU);
  *at += 1 + more;
  return point;
}

struct range { uint32_t from, to; };
/* Vietnamese letters beyond a to z, in lower case and NFC; the last range holds those with a tone. */
static const struct range letters[] = {
  {0xE0, 0xE3}, {0xE8, 0xEA}, {0xEC, 0xED}, {0xF2, 0xF5}, {0xF9, 0xFA}, {0xFD, 0xFD}, {0x103, 0x103}, {0x111, 0x111},
  {0x129, 0x129}, {0x169, 0x169}, {0x1A1, 0x1A1}, {0x1B0, 0x1B0}, {0x1EA1, 0x1EF9}};

static bool character_lawful(uint32_t point)
{
  if (point < 0x80) return (point >= 'a' && point <= 'z') || (point >= '0' && point <= '9') || strchr(signs, (int)point);
  for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++)
    if (point >= letters[i].from && point <= letters[i].to) return true;
  return false;
}

static bool holds_word(const char *padded, struct arena *arena, const char *word)
{
  return strstr(padded, arena_print(arena, " %s ", word)) != NULL;
}

const char *business_name_problem(struct arena *arena, const char *own_name)
{
  if (text_empty(own_name)) return "household.name.empty";
  const char *lower = text_lower(arena, own_name);
  for (const char *c = lower; *c;)
    if (!character_lawful(next_character(&c))) return "household.name.letters";
  const char *folded = text_fold(arena, own_name);
  if (text_empty(folded)) return "household.name.empty";
  const char *padded = arena_print(arena, " %s ", folded);
  for (size_t i = 0; banned_words[i]; i++)
    if (holds_word(padded, arena, banned_words[i])) return "household.name.banned";
  return NULL;
}

const char *business_name_key(struct arena *arena, const char *own_name)
{
  return text_lower(arena, own_name);
}

/* ---- Numbers ---- */
int tax_check_digit(const char *nine_digits)
{
  static const int weights[9] = {31, 29, 23, 19, 17, 13, 7, 5, 3};
  int sum = 0;
  for (int i = 0; i < 9; i++) sum += (nine_digits[i] - '0') * weights[i];
  int digit = 10 - sum % 11;
  return digit == 10 ? -1 : digit;
}

bool tax_number_valid(const char *ten_digits)
{
  return text_is_digits(ten_digits, 10) && tax_check_digit(ten_digits) == ten_digits[9] - '0';
}

const char *business_number_write(struct arena *arena, const struct number_rule *rule, const struct district_letter *letter, int64_t sequence)
{
  if (text_equal(rule->kind, "district_letter"))
    return arena_print(arena, "%s%s8%06lld", letter->province, letter->letter, (long long)sequence);
  const char *prefix = rule->prefix ? rule->prefix : "";
  const char *nine = arena_print(arena, "%s%0*lld", prefix, 9 - (int)strlen(prefix), (long long)sequence);
  int digit = tax_check_digit(nine);
  return digit < 0 ? NULL : arena_print(arena, "%s%d", nine, digit);
}

/* ---- Life cycle ---- */
struct move { const char *from, *action, *to; };
static const struct move moves[] = {
  {"active", "change", "active"},  {"active", "suspend", "suspended"}, {"suspended", "resume", "active"},
  {"active", "close", "closed"},   {"suspended", "close", "closed"},
};

const char *business_state_after(const char *state, const char *action)
{
  for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++)
    if (text_equal(moves[i].from, state) && text_equal(moves[i].action, action)) return moves[i].to;
  return NULL;
}

const char *business_state_then(const char *state, int64_t suspended_from, int64_t suspended_to, int64_t closed_on, int64_t day)
{
  if (text_equal(state, "closed")) return closed_on != NONE_DATE && day < closed_on ? "active" : "closed";
  if (!text_equal(state, "suspended")) return "active";
  if (suspended_from != NONE_DATE && day < suspended_from) return "active";
  return suspended_to != NONE_DATE && day > suspended_to ? "active" : "suspended";
}

/* ---- Applications and acts ---- */
enum { ADULT_YEARS = 18 };

static enum err sector_check(struct cx *cx, const struct household_sector *sector, const struct sector_row *known, size_t number)
{
  const char *field = arena_print(cx->arena, "sectors[%zu].code", number);
  if (!text_is_digits(sector->code, 4)) return cx_fail(cx, ERR_INPUT, field, "household.error.sector_code", "code", sector->code ? sector->code : "", NULL);
  if (known && text_equal(known->kind, "banned"))
    return cx_fail(cx, ERR_INPUT, field, "household.error.sector_banned", "code", sector->code, "note", known->note ? known->note : known->name, NULL);
  return OK;
}

enum err sectors_check(struct cx *cx, const struct list *sectors, const struct sector_row *const *known)
{
  const struct household_sector *rows = sectors->items;
  enum err err = OK;
  size_t mains = 0;
  for (size_t i = 0; i < sectors->count; i++) {
    enum err one = sector_check(cx, &rows[i], known[i], i);
    mains += rows[i].main;
    for (size_t j = 0; !one && j < i; j++)
      if (text_equal(rows[i].code, rows[j].code))
        one = cx_fail(cx, ERR_INPUT, arena_print(cx->arena, "sectors[%zu].code", i), "household.error.sector_twice", "code", rows[i].code, NULL);
    if (one) err = one;
  }
  if (sectors->count == 0) return cx_fail(cx, ERR_INPUT, "sectors[0].code", "household.error.sectors", NULL);
  if (mains != 1) return cx_fail(cx, ERR_INPUT, "sectors[0].main", "household.error.main_sector", NULL);
  return err;
}

static bool is_adult(int64_t birth_date, int64_t on)
{
  struct date born = date_from_days((int32_t)birth_date);
  struct date then = date_from_days((int32_t)on);
  int years = then.year - born.year - (then.month < born.month || (then.month == born.month && then.day < born.day));
  return years >= ADULT_YEARS;
}

enum err people_check(struct cx *cx, const struct household_application *application)
{
  const struct household_person *members = application->members.items;
  bool by_members = text_equal(application->founded_by, "members");
  enum err err = OK;
  if (!is_adult(application->head->birth_date, application->decided_on)) err = cx_fail(cx, ERR_INPUT, "head.birth_date", "household.error.head_age", NULL);
  if (by_members && application->members.count == 0) err = cx_fail(cx, ERR_INPUT, "members", "household.error.members", NULL);
  if (!by_members && application->members.count > 0) err = cx_fail(cx, ERR_INPUT, "members", "household.error.no_members", NULL);
  for (size_t i = 0; i < application->members.count; i++)
    if (text_equal(members[i].identity, application->head->identity))
      err = cx_fail(cx, ERR_INPUT, arena_print(cx->arena, "members[%zu].identity", i), "household.error.head_twice", NULL);
  return err;
}

enum err application_day_check(struct cx *cx, int64_t decided_on, int64_t today)
{
  return decided_on > today ? cx_fail(cx, ERR_INPUT, "decided_on", "household.error.future", NULL) : OK;
}

enum err suspension_check(struct cx *cx, const struct business_suspension *form, const struct calendar *calendar, int64_t working_days, int64_t today)
{
  if (form->notice_on > today) return cx_fail(cx, ERR_INPUT, "notice_on", "household.error.future", NULL);
  int64_t earliest = calendar_add_working_days(calendar, (int32_t)form->notice_on, (int)working_days);
  if (form->suspended_from < earliest)
    return cx_fail(cx, ERR_INPUT, "suspended_from", "household.error.notice", "days", arena_print(cx->arena, "%lld", (long long)working_days), "earliest",
                   date_write_vn(cx->arena, (int32_t)earliest), NULL);
  if (form->suspended_to != NONE_DATE && form->suspended_to < form->suspended_from)
    return cx_fail(cx, ERR_INPUT, "suspended_to", "household.error.suspended_to", NULL);
  return OK;
}

enum err act_day_check(struct cx *cx, int64_t effective_on, int64_t last_on, int64_t today)
{
  if (effective_on > today) return cx_fail(cx, ERR_INPUT, "effective_on", "household.error.future", NULL);
  if (effective_on < last_on)
    return cx_fail(cx, ERR_INPUT, "effective_on", "household.error.before_last", "date", date_write_vn(cx->arena, (int32_t)last_on), NULL);
  return OK;
}
