/* The extract of a business's registration, as of a day. */
#include "systems/household/pages.h"

#include "base/text.h"
#include "paper/paper.h"

static const char *fill(struct cx *cx, const char *key, const char *name, const char *value)
{
  return household_fill(cx, key, (const struct problem_arg[]){{name, value}}, 1);
}

static const char *day_words(struct cx *cx, const char *place, int64_t day)
{
  struct date date = date_from_days((int32_t)day);
  const struct problem_arg args[] = {{"place", place}, {"day", arena_print(cx->arena, "%02d", date.day)},
                                     {"month", arena_print(cx->arena, "%02d", date.month)}, {"year", arena_print(cx->arena, "%d", date.year)}};
  return household_fill(cx, "household.paper.date", args, 4);
}

static void sector_table(struct cx *cx, struct paper *paper, const struct list *sectors)
{
  const struct household_sector *rows = sectors->items;
  const char *heads[] = {household_word("household.paper.no"), household_word("household.paper.sector_name"), household_word("household.paper.sector_code")};
  const double widths[] = {1.4, 10, 3};
  const char **cells = ARENA_ARRAY(cx->arena, sectors->count * 3 + 1, const char *);
  for (size_t i = 0; i < sectors->count; i++) {
    cells[i * 3] = arena_print(cx->arena, "%zu", i + 1);
    cells[i * 3 + 1] = rows[i].name;
    cells[i * 3 + 2] = rows[i].main ? fill(cx, "household.paper.main", "code", rows[i].code) : rows[i].code;
  }
  paper_table(paper, &(struct paper_table){.columns = 3, .heads = heads, .widths = widths, .rows = sectors->count, .cells = cells});
}

static void person_lines(struct cx *cx, struct paper *paper, const struct household_person *person)
{
  bool female = text_equal(person->sex, "female");
  paper_lines(paper, household_word("household.person.birth_date"), date_write_vn(cx->arena, (int32_t)person->birth_date),
              household_word("household.person.sex"), household_word(female ? "household.person.sex.female" : "household.person.sex.male"));
  paper_lines(paper, household_word("household.person.identity"), person->identity, household_word("household.person.nationality"), person->nationality);
  paper_line(paper, household_word("household.person.residence"), person->residence, false);
}

static const char *state_line(struct cx *cx, const struct household_business *b)
{
  if (text_equal(b->state, "closed")) return fill(cx, "household.paper.closed", "date", date_write_vn(cx->arena, (int32_t)b->closed_on));
  if (!text_equal(b->state, "suspended")) return household_word("household.state.active");
  const char *to = b->suspended_to == NONE_DATE ? household_word("household.paper.open") : date_write_vn(cx->arena, (int32_t)b->suspended_to);
  return household_fill(cx, "household.paper.suspended",
                        (const struct problem_arg[]){{"from", date_write_vn(cx->arena, (int32_t)b->suspended_from)}, {"to", to}}, 2);
}

static const char *history_line(struct cx *cx, const struct household_business *b)
{
  const char *first = date_write_vn(cx->arena, (int32_t)b->registered_on);
  if (b->changes == 0) return fill(cx, "household.paper.first", "date", first);
  const struct problem_arg args[] = {{"date", first}, {"n", arena_print(cx->arena, "%lld", (long long)b->changes)},
                                     {"changed", date_write_vn(cx->arena, (int32_t)b->changed_on)}};
  return household_fill(cx, "household.paper.changed", args, 3);
}

static void content(struct cx *cx, struct paper *paper, const struct household_business *b)
{
  const struct household_person *members = b->members.items;
  bool by_members = text_equal(b->founded_by, "members");
  paper_line(paper, household_word("household.paper.name"), text_upper(cx->arena, fill(cx, "household.paper.full_name", "name", b->name)), true);
  paper_line(paper, household_word("household.number"), b->number, true);
  paper_line(paper, household_word("household.state"), state_line(cx, b), !text_equal(b->state, "active"));
  paper_line(paper, household_word("household.paper.address"), arena_print(cx->arena, "%s, %s", b->address, b->commune_name), false);
  paper_lines(paper, household_word("household.phone"), b->phone, household_word("household.email"), b->email);
  paper_text(paper, household_word("household.paper.sectors"), PAPER_LEFT, PAPER_PLAIN);
  sector_table(cx, paper, &b->sectors);
  paper_line(paper, household_word("household.capital"), money_write(cx->arena, b->capital_vnd), false);
  paper_line(paper, household_word("household.paper.head"), text_upper(cx->arena, b->head->full_name), true);
  person_lines(cx, paper, b->head);
  paper_line(paper, household_word("household.founded_by"), household_word(by_members ? "household.founded_by.members" : "household.founded_by.person"), false);
  for (size_t i = 0; i < b->members.count; i++) {
    paper_line(paper, household_word("household.paper.member"), text_upper(cx->arena, members[i].full_name), true);
    person_lines(cx, paper, &members[i]);
  }
}

enum err business_extract_draw(struct cx *cx, struct here *here, const struct business_read *read, struct bytes *pdf)
{
  const struct household_business *b = &read->shown;
  const struct paper_wish wish = {.title = arena_print(cx->arena, "%s %s", household_word("household.paper.title"), b->number),
                                  .watermark = here->demo ? household_word("household.paper.watermark") : NULL};
  const char *unit = cx->person && cx->person->unit_name ? cx->person->unit_name : "";
  int64_t today = time_to_days(cx_now(cx));
  const char *place = cx->person ? unit_place(cx, here->people, cx->person->unit, today) : "";
  struct paper *paper = paper_begin(cx, &wish);
  const struct paper_head head = {.agency = text_upper(cx->arena, fill(cx, "household.paper.agency", "unit", unit)),
                                  .place_date = day_words(cx, place, today)};
  const struct paper_signature right = {.title = household_word("household.paper.signer"), .note = household_word("household.paper.note"),
                                        .name = cx->person ? cx->person->full_name : NULL};
  paper_head(paper, &head);
  paper_title(paper, household_word("household.paper.title"), history_line(cx, b));
  paper_text(paper, fill(cx, "household.paper.as_of", "date", date_write_vn(cx->arena, (int32_t)read->day)), PAPER_CENTRE, PAPER_ITALIC);
  /* Who glances at the paper must not take a business that has closed or stopped for one that trades. */
  if (!text_equal(b->state, "active")) paper_text(paper, text_upper(cx->arena, state_line(cx, b)), PAPER_CENTRE, PAPER_BOLD);
  content(cx, paper, b);
  paper_space(paper, 4);
  paper_signatures(paper, NULL, &right);
  return paper_end(cx, paper, pdf);
}
