/* The two results: the certificate of registration of a household business, and the judicial record certificate. */
#include "systems/onestop/papers.h"

#include "base/text.h"
#include "paper/paper.h"
#include "systems/onestop/paper_words.h"
#include <string.h>

static struct paper *result_begin(struct cx *cx, const struct paper_facts *facts, const char *title, const char *subtitle)
{
  const struct dossier *dossier = &facts->parts.dossier;
  const struct paper_wish wish = {.title = arena_print(cx->arena, "%s %s", title, dossier->result_number), .watermark = facts->demo ? paper_word("watermark") : NULL};
  struct paper *paper = paper_begin(cx, &wish);
  const struct paper_head head = {.above = facts->issuer_above, .agency = facts->issuer,
                                  .number = paper_fill(cx, "number_code", "code", dossier->result_number),
                                  .place_date = paper_date(cx, facts->place, dossier->result_on)};
  paper_head(paper, &head);
  paper_title(paper, title, subtitle);
  return paper;
}

static void result_sign(struct cx *cx, struct paper *paper, const struct paper_facts *facts)
{
  const struct procedure *procedure = &facts->procedure.procedure;
  const struct paper_signature right = {.authority = procedure->signer_authority, .title = procedure->signer, .note = paper_word("seal_note"),
                                        .name = facts->parts.dossier.decided_by};
  const char *recipients[] = {paper_word("recipient_applicant"), paper_word("recipient_archive")};
  paper_space(paper, 4);
  paper_recipients(paper, recipients, 2);
  paper_signatures(paper, NULL, &right);
}

/* A heading with its text behind it. */
static void numbered(struct cx *cx, struct paper *paper, int number, const char *label, const char *value)
{
  paper_line(paper, arena_print(cx->arena, "%d. %s", number, label), value, true);
}

static const char *sex_word(const char *sex)
{
  return text_equal(sex, "male") ? paper_word("male") : paper_word("female");
}

/* ---- Household business ---- */
static void sector_table(struct cx *cx, struct paper *paper, const struct list *sectors)
{
  const struct household_sector *rows = sectors->items;
  const char *heads[] = {paper_word("no"), paper_word("sector_name"), paper_word("sector_code")};
  const double widths[] = {1.4, 10, 3};
  const char **cells = ARENA_ARRAY(cx->arena, sectors->count * 3 + 1, const char *);
  for (size_t i = 0; i < sectors->count; i++) {
    cells[i * 3] = arena_print(cx->arena, "%zu", i + 1);
    cells[i * 3 + 1] = rows[i].name;
    cells[i * 3 + 2] = rows[i].main ? paper_fill(cx, "sector_main", "code", rows[i].code) : rows[i].code;
  }
  const struct paper_table table = {.columns = 3, .heads = heads, .widths = widths, .rows = sectors->count, .cells = cells};
  paper_table(paper, &table);
}

static void member_table(struct cx *cx, struct paper *paper, const struct list *members)
{
  const struct household_person *rows = members->items;
  const char *heads[] = {paper_word("no"), paper_word("full_name"), paper_word("birth_date"), paper_word("identity_short"), paper_word("residence")};
  const double widths[] = {1.4, 4, 3, 3, 5};
  const char **cells = ARENA_ARRAY(cx->arena, members->count * 5 + 1, const char *);
  for (size_t i = 0; i < members->count; i++) {
    const char **row = cells + i * 5;
    row[0] = arena_print(cx->arena, "%zu", i + 1);
    row[1] = rows[i].full_name;
    row[2] = date_write_vn(cx->arena, (int32_t)rows[i].birth_date);
    row[3] = rows[i].identity;
    row[4] = rows[i].residence;
  }
  const struct paper_table table = {.columns = 5, .heads = heads, .widths = widths, .rows = members->count, .cells = cells};
  paper_table(paper, &table);
}

static void head_lines(struct cx *cx, struct paper *paper, const struct dossier *dossier)
{
  numbered(cx, paper, 5, paper_word("head"), text_upper(cx->arena, dossier->full_name));
  paper_lines(paper, paper_word("birth_date"), date_write_vn(cx->arena, (int32_t)dossier->birth_date), paper_word("sex"), sex_word(dossier->sex));
  paper_lines(paper, paper_word("identity"), dossier->identity, paper_word("nationality"), dossier->nationality);
  paper_line(paper, paper_word("residence"), dossier->residence, false);
}

enum err paper_household(struct cx *cx, const struct paper_facts *facts, struct bytes *pdf)
{
  const struct dossier *dossier = &facts->parts.dossier;
  const struct household_request *request = facts->request;
  const char *first = paper_fill(cx, "first_registered", "date", date_write_vn(cx->arena, (int32_t)dossier->result_on));
  struct paper *paper = result_begin(cx, facts, paper_word("household_title"), first);
  numbered(cx, paper, 1, paper_word("household_name"), text_upper(cx->arena, paper_fill(cx, "household_full", "name", request->business_name)));
  numbered(cx, paper, 2, paper_word("household_address"), arena_print(cx->arena, "%s, %s", request->business_address, facts->commune_name));
  paper_lines(paper, paper_word("phone"), request->business_phone, paper_word("email"), request->business_email);
  paper_text(paper, arena_print(cx->arena, "3. %s", paper_word("sectors")), PAPER_LEFT, PAPER_PLAIN);
  sector_table(cx, paper, &request->sectors);
  numbered(cx, paper, 4, paper_word("capital"), money_write(cx->arena, request->capital_vnd));
  head_lines(cx, paper, dossier);
  bool members = text_equal(request->founded_by, "members");
  numbered(cx, paper, 6, paper_word("founder"), members ? paper_word("founder_members") : paper_word("founder_person"));
  if (members) member_table(cx, paper, &request->members);
  result_sign(cx, paper, facts);
  return paper_end(cx, paper, pdf);
}

/* ---- Judicial record ---- */
static void conviction_table(struct cx *cx, struct paper *paper, const struct list *convictions, bool second)
{
  const struct justice_conviction *rows = convictions->items;
  const char *heads[] = {paper_word("no"), paper_word("judgment"), paper_word("offence"), paper_word("penalty"), paper_word("conviction_state")};
  const double widths[] = {1.4, 4, 4, 4, 3};
  const char **cells = ARENA_ARRAY(cx->arena, convictions->count * 5 + 1, const char *);
  size_t count = 0;
  for (size_t i = 0; i < convictions->count; i++) {
    if (rows[i].expunged && !second) continue;
    const char **row = cells + count++ * 5;
    row[0] = arena_print(cx->arena, "%zu", count);
    row[1] = arena_print(cx->arena, "%s, %s, %s", rows[i].judgment, date_write_vn(cx->arena, (int32_t)rows[i].judged_on), rows[i].court);
    row[2] = text_empty(rows[i].law) ? rows[i].offence : arena_print(cx->arena, "%s (%s)", rows[i].offence, rows[i].law);
    row[3] = text_empty(rows[i].extra_penalty) ? rows[i].penalty : arena_print(cx->arena, "%s; %s", rows[i].penalty, rows[i].extra_penalty);
    row[4] = rows[i].expunged ? paper_word("expunged") : paper_word("not_expunged");
  }
  const struct paper_table table = {.columns = 5, .heads = heads, .widths = widths, .rows = count, .cells = cells};
  if (count) paper_table(paper, &table);
}

static const char *bans_text(struct cx *cx, const struct list *convictions)
{
  const struct justice_conviction *rows = convictions->items;
  struct buffer out;
  buffer_init(&out, cx->arena);
  for (size_t i = 0; i < convictions->count; i++)
    if (!text_empty(rows[i].ban)) buffer_print(&out, "%s%s", out.size ? "; " : "", rows[i].ban);
  return out.size ? buffer_string(&out) : paper_word("no_bans");
}

enum err paper_justice(struct cx *cx, const struct paper_facts *facts, struct bytes *pdf)
{
  const struct dossier *dossier = &facts->parts.dossier;
  const struct justice_request *request = facts->request;
  bool second = text_equal(request->certificate_kind, "2");
  struct paper *paper = result_begin(cx, facts, paper_word("justice_title"), paper_fill(cx, "justice_kind", "kind", request->certificate_kind));
  numbered(cx, paper, 1, paper_word("full_name"), text_upper(cx->arena, dossier->full_name));
  numbered(cx, paper, 2, paper_word("sex"), sex_word(dossier->sex));
  numbered(cx, paper, 3, paper_word("birth_date"), date_write_vn(cx->arena, (int32_t)dossier->birth_date));
  numbered(cx, paper, 4, paper_word("birth_place"), request->birth_place);
  numbered(cx, paper, 5, paper_word("nationality"), dossier->nationality);
  numbered(cx, paper, 6, paper_word("residence"), dossier->residence);
  numbered(cx, paper, 7, paper_word("identity"), dossier->identity);
  if (second) {
    paper_lines(paper, paper_word("father"), request->father_name, paper_word("mother"), request->mother_name);
    if (!text_empty(request->spouse_name)) paper_line(paper, paper_word("spouse"), request->spouse_name, false);
  }
  bool has = facts->convictions.count > 0;
  numbered(cx, paper, 8, paper_word("conviction_status"), has ? paper_word("has_convictions") : paper_word("no_convictions"));
  conviction_table(cx, paper, &facts->convictions, second);
  if (second || request->bans_wanted) numbered(cx, paper, 9, paper_word("bans"), bans_text(cx, &facts->convictions));
  result_sign(cx, paper, facts);
  return paper_end(cx, paper, pdf);
}
