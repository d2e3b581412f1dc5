/* Work lists, search and the other lists: each answered by one index, paged by key. */
#include "systems/onestop/store.h"

#include "base/text.h"
#include "onestop_sql.h"
#include "systems/onestop/rules.h"
#include <string.h>

enum { SEEK_WORDS = 4, PHRASE_WORDS = 6, FEES_MAX = 2000, UNITS_MAX = 5000, ATTEMPTS_MAX = 5 };
#define ATTEMPT_WINDOW_US (15 * MINUTE_US)
#define LAST_CHARACTER "\xF4\x8F\xBF\xBF" /* U+10FFFF: above every word that begins alike */

/* ---- Search ---- */
/* Words that a great part of all names hold: they narrow, but nothing should begin with them. */
static const char *const common_words[] = {"nguyen", "tran", "le", "pham", "huynh", "vo", "phan", "truong", "thi", "van", "huu", "duc", "h01"};

static size_t word_weight(const char *word)
{
  for (size_t i = 0; i < sizeof common_words / sizeof common_words[0]; i++)
    if (text_equal(word, common_words[i])) return 1;
  return strpbrk(word, "0123456789") ? 100 + strlen(word) : 1 + strlen(word);
}

/* The weightiest words, weightiest first; unused places are "". A dossier code is one word. */
static void words_choose(struct cx *cx, const char *query, const char *words[SEEK_WORDS])
{
  bool code = strchr(query, '-') && !strchr(query, ' ') && strpbrk(query, "0123456789");
  char *rest = code ? NULL : text_fold(cx->arena, query), *word;
  for (size_t i = 0; i < SEEK_WORDS; i++) words[i] = "";
  if (code) words[0] = text_lower(cx->arena, query);
  while ((word = strsep(&rest, " "))) {
    if (!*word) continue;
    for (size_t i = 0; i < SEEK_WORDS; i++) {
      if (*words[i] && word_weight(words[i]) >= word_weight(word)) continue;
      memmove(words + i + 1, words + i, (SEEK_WORDS - i - 1) * sizeof words[0]);
      words[i] = word;
      break;
    }
  }
}

const char *seek_phrase(struct arena *arena, const char *folded)
{
  struct buffer out;
  buffer_init(&out, arena);
  size_t count = 0;
  for (const char *at = folded; *(at += strspn(at, " ")) && count < PHRASE_WORDS; at += strcspn(at, " ")) {
    if (count++) buffer_text(&out, " ");
    buffer_add(&out, at, strcspn(at, " "));
  }
  return buffer_string(&out);
}

static enum err words_found(struct cx *cx, struct tx *tx, const struct list_wish *wish, const char *const words[SEEK_WORDS], struct list *out)
{
  const char *ends[SEEK_WORDS];
  for (size_t i = 0; i < SEEK_WORDS; i++) ends[i] = arena_print(cx->arena, "%s%s", words[i], LAST_CHARACTER);
  const char *after = wish->after_code ? wish->after_code : "";
  return sql_rows(cx, tx, &onestop_list_found,
                  ARGS(V(wish->unit), V(words[0]), V(ends[0]), V(after), V(words[1]), V(ends[1]), V(words[2]), V(ends[2]), V(words[3]), V(ends[3]),
                       V(wish->max + 1)), &dossier_line_type, wish->max + 1, out);
}

/* A name typed as it is written is one range of the index, however many bear one of its words. */
static enum err list_found(struct cx *cx, struct tx *tx, const struct list_wish *wish, struct list *out)
{
  const char *words[SEEK_WORDS];
  words_choose(cx, wish->query, words);
  *out = (struct list){0};
  if (!*words[0]) return OK;
  const char *folded = text_fold(cx->arena, wish->query), *phrase = seek_phrase(cx->arena, folded);
  if (*words[1] && !wish->apart && strlen(phrase) == strlen(folded)) {
    enum err err = words_found(cx, tx, wish, (const char *const[SEEK_WORDS]){phrase, "", "", ""}, out);
    if (err || out->count) {
      if (wish->beside) *wish->beside = true;
      return err;
    }
  }
  return words_found(cx, tx, wish, words, out);
}

/* ---- Work lists ---- */
static enum err list_closed(struct cx *cx, struct tx *tx, const struct list_wish *wish, struct list *out)
{
  int64_t before = wish->after_code ? wish->after_us : INT64_MAX;
  const char *code = wish->after_code ? wish->after_code : LAST_CHARACTER;
  return sql_rows(cx, tx, &onestop_list_closed, ARGS(V(wish->unit), V(before), V(code), V(wish->max + 1)), &dossier_line_type, wish->max + 1, out);
}

static enum err list_lines(struct cx *cx, struct tx *tx, const struct list_wish *wish, struct list *out)
{
  if (!text_empty(wish->query)) return list_found(cx, tx, wish, out);
  if (wish->filter == LIST_CLOSED) return list_closed(cx, tx, wish, out);
  const char *turns[3] = {"", "", ""};
  for (size_t i = 0; wish->filter == LIST_TODO && i < 3; i++) turns[i] = wish->turns[i] ? wish->turns[i] : "";
  if (wish->filter == LIST_CITIZEN) turns[0] = "citizen";
  if (wish->filter == LIST_AGENCY) turns[0] = "agency";
  bool any_turn = wish->filter == LIST_ALL || wish->filter == LIST_RETURNED || wish->filter == LIST_LATE;
  bool returned = wish->filter == LIST_RETURNED;
  int64_t late_before = wish->filter == LIST_LATE ? wish->now_us : 0;
  int64_t after = wish->after_code ? wish->after_us : INT64_MIN;
  const char *code = wish->after_code ? wish->after_code : "";
  return sql_rows(cx, tx, &onestop_list_open,
                  ARGS(V(wish->unit), V(after), V(code), V(any_turn), V(turns[0]), V(turns[1]), V(turns[2]), V(returned), V(late_before),
                       V(wish->max + 1)), &dossier_line_type, wish->max + 1, out);
}

struct count_row { const char *turn; bool returned; int64_t pieces, late; };
static const struct field count_fields[] = {
  FIELD(struct count_row, turn), FIELD(struct count_row, returned), FIELD(struct count_row, pieces), FIELD(struct count_row, late)};
static const struct record_type count_type = RECORD("count", struct count_row, count_fields);

static bool is_mine(const struct list_wish *wish, const char *turn)
{
  for (size_t i = 0; i < 3; i++)
    if (wish->turns[i] && text_equal(wish->turns[i], turn)) return true;
  return false;
}

static enum err list_count(struct cx *cx, struct tx *tx, const struct list_wish *wish, struct list_counts *out)
{
  struct list rows;
  *out = (struct list_counts){0};
  enum err err = sql_rows(cx, tx, &onestop_seat_counts, ARGS(V(wish->unit), V(wish->now_us)), &count_type, 100, &rows);
  const struct count_row *row = rows.items;
  for (size_t i = 0; !err && i < rows.count; i++) {
    out->all += row[i].pieces;
    out->late += row[i].late;
    if (is_mine(wish, row[i].turn)) out->todo += row[i].pieces;
    if (text_equal(row[i].turn, "citizen")) out->citizen += row[i].pieces;
    if (text_equal(row[i].turn, "agency")) out->agency += row[i].pieces;
    if (row[i].returned) out->returned += row[i].pieces;
  }
  return err;
}

struct list_reading { const struct list_wish *wish; struct list_counts *counts; struct list *lines; };

static enum err list_read_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct list_reading *reading = arg;
  enum err err = reading->counts ? list_count(cx, tx, reading->wish, reading->counts) : OK;
  return err ? err : list_lines(cx, tx, reading->wish, reading->lines);
}

enum err list_read(struct cx *cx, struct store *store, const struct list_wish *wish, struct list_counts *counts, struct list *lines)
{
  return store_read(cx, store, list_read_in, &(struct list_reading){wish, counts, lines});
}

static const struct field unit_fields[] = {
  FIELD(struct unit_counts, unit), FIELD(struct unit_counts, pieces), FIELD(struct unit_counts, late), FIELD(struct unit_counts, citizen),
  FIELD(struct unit_counts, agency)};
const struct record_type unit_counts_type = RECORD("unit_counts", struct unit_counts, unit_fields);

enum err list_units(struct cx *cx, struct store *store, int64_t now_us, struct list *out)
{
  return store_rows(cx, store, &onestop_seat_units, ARGS(V(now_us)), &unit_counts_type, UNITS_MAX, out);
}

/* ---- Cash, uploads, attempts ---- */
enum err fee_day(struct cx *cx, struct store *store, int64_t account, const char *unit, int64_t day, struct list *out)
{
  int64_t from = time_from_days((int32_t)day, 0), to = time_from_days((int32_t)day + 1, 0);
  return store_rows(cx, store, &onestop_fee_day_list, ARGS(V(account), V(unit), V(from), V(to)), &dossier_fee_type, FEES_MAX, out);
}

enum err upload_put(struct cx *cx, struct store *store, int64_t account, const struct dossier_scan *scan)
{
  return store_run(cx, store, &onestop_upload_add,
                   ARGS(V(account), V(scan->hash), V(scan->type), V(scan->name), V(scan->size), V(scan->at_us)), NULL);
}

enum err upload_get(struct cx *cx, struct store *store, int64_t account, const char *hash, struct dossier_scan *out)
{
  return store_row(cx, store, &onestop_upload_get, ARGS(V(account), V(hash)), &dossier_scan_type, out);
}

enum err attempt_check(struct cx *cx, struct store *store, const char *code)
{
  int64_t count;
  enum err err = store_number(cx, store, &onestop_attempt_count, ARGS(V(code), V(cx_now(cx) - ATTEMPT_WINDOW_US)), &count);
  if (!err && count >= ATTEMPTS_MAX) return cx_fail(cx, ERR_TOO_MANY, "phone", "onestop.error.attempts", NULL);
  return err;
}

enum err attempt_note(struct cx *cx, struct store *store, const char *code)
{
  return store_run(cx, store, &onestop_attempt_add, ARGS(V(code), V(cx_now(cx))), NULL);
}

enum err sweep(struct cx *cx, struct store *store)
{
  enum err err = store_run(cx, store, &onestop_attempt_sweep, ARGS(V(cx_now(cx) - DAY_US)), NULL);
  return err ? err : store_run(cx, store, &onestop_upload_sweep, ARGS(V(cx_now(cx) - 7 * DAY_US)), NULL);
}
