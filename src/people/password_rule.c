/* Which new passwords are refused: too short or long, the log-in name, common and leaked ones, and those put together from words of the
 * account and of the house. How easily one is guessed is zxcvbn's to say (docs/decisions/0008): a cost in bits, from lists of leaked
 * passwords and of words, rows of keys, dates, repetitions and signs that stand for letters. It knows no Vietnamese, so a password is
 * measured twice: as it was typed, and folded: without the marks of its letters and without what joins words, as whoever guesses in Vietnamese
 * would. */
#include "people/people_inner.h"

#include "base/text.h"
#include <string.h>
#include <zxcvbn.h>

/* 33 bits: 10^10 guesses, zxcvbn's third of four steps. Folding throws away what has to be guessed too, so it asks for less. */
#define TYPED_BITS 33.0
#define FOLDED_BITS 20.0

enum { WORDS_MAX = 600, RUN_MAX = 4, WORD_SIZE_MIN = 3, ROOTS_MAX = 8, PARENTS_MAX = 8 };

/* What is common where Vietnamese is spoken: zxcvbn's lists are of English and of leaks from elsewhere. */
static const char *const common_words[] = {
  "matkhau", "anhyeuem", "emyeuanh", "anhyeu", "emyeu", "yeuem", "yeuanh", "iuanh", "iuem", "vietnam", "saigon", "hanoi", "khongbiet",
  "khongco", "khongcho", "conyeume", "meyeucon", "giadinh", "hanhphuc", "maimai", "tinhyeu", "toiyeu", "xinchao", "conheo", "concho",
  "dangnhap", "taikhoan", "baomat", "bimat", "matma", NULL,
};
/* What this house is about. */
static const char *const house_words[] = {
  "truc", "motcua", "motcualienthong", "dichvucong", "hanhchinh", "hanhchinhcong", "trungtam", "phucvu", "canbo", "congchuc", "vienchuc",
  "chuyenvien", "lanhdao", "tiepnhan", "traketqua", "hoso", "hokinhdoanh", "lylichtuphap", "uyban", "uybannhandan", "ubnd", "ubndtinh",
  "ubndxa", "sotuphap", "congan", "tinh", "phuong", "quantri", "admin", "administrator", "vanhanh", "operator", NULL,
};

/* Words for zxcvbn, ended by NULL. */
struct words { struct arena *arena; size_t count; const char *items[WORDS_MAX + 1]; };

static void add(struct words *words, const char *word)
{
  if (strlen(word) >= WORD_SIZE_MIN && words->count < WORDS_MAX) words->items[words->count++] = word;
}

static void add_all(struct words *words, const char *const *list)
{
  for (; *list; list++) add(words, *list);
}

static char *without_spaces(struct arena *arena, const char *text)
{
  char *out = arena_copy(arena, text), *to = out;
  for (const char *from = text; *from; from++)
    if (*from != ' ') *to++ = *from;
  *to = '\0';
  return out;
}

/* text_fold drops all signs, and most have to be guessed as well: only what is not ASCII is folded, and what joins words dropped. */
static const char *fold_letters(struct arena *arena, const char *password)
{
  struct buffer out;
  buffer_init(&out, arena);
  while (*password) {
    size_t foreign = 0;
    while ((unsigned char)password[foreign] >= 0x80) foreign++;
    if (foreign) {
      const char *run = arena_copy_n(arena, password, foreign), *folded = text_fold(arena, run);
      buffer_print(&out, "%s", *folded ? folded : run);
    } else if (!strchr(" .,-_+/", *password)) {
      buffer_add(&out, password, 1);
    }
    password += foreign ? foreign : 1;
  }
  return buffer_string(&out);
}

/* Each word of the text, and each run of words: of "Trần Thị Mỹ Duyên" also "myduyen". */
static void add_text(struct words *words, const char *text)
{
  if (text_empty(text)) return;
  const char *folded = text_fold(words->arena, text);
  add(words, without_spaces(words->arena, folded));
  for (const char *begin = folded; begin; begin = strchr(begin, ' ')) {
    if (*begin == ' ') begin++;
    const char *end = begin;
    for (int run = 0; run < RUN_MAX && *end; run++) {
      end += *end == ' ';
      end += strcspn(end, " ");
      add(words, without_spaces(words->arena, arena_print(words->arena, "%.*s", (int)(end - begin), begin)));
    }
  }
}

/* As it is dialled, with the country before it, and its end. */
static void add_phone(struct words *words, const char *phone)
{
  if (text_empty(phone)) return;
  char *digits = arena_alloc(words->arena, strlen(phone) + 1);
  size_t count = 0;
  for (const char *at = phone; *at; at++)
    if (*at >= '0' && *at <= '9') digits[count++] = *at;
  digits[count] = '\0';
  const char *bare = text_starts(digits, "84") ? digits + 2 : text_starts(digits, "0") ? digits + 1 : digits;
  add(words, bare);
  add(words, arena_print(words->arena, "0%s", bare));
  add(words, arena_print(words->arena, "84%s", bare));
  if (strlen(bare) > 6) add(words, bare + strlen(bare) - 6);
}

static void add_account(struct words *words, const struct account *account, const char *const *units)
{
  add_text(words, account->name);
  add_text(words, account->full_name);
  add_text(words, account->email);
  add_phone(words, account->phone);
  for (; units && *units; units++) add_text(words, *units);
}

/* Words of the list count for nothing: they are the first that whoever knows the account tries. */
static double bits_of(const char *password, struct words *words)
{
  ZxcMatch_t *parts = NULL;
  double bits = 0;
  ZxcvbnMatch(password, words->items, &parts);
  for (const ZxcMatch_t *part = parts; part; part = part->Next) {
    const int kind = part->Type % MULTIPLE_MATCH;
    if (kind != USER_MATCH && kind != USER_LEET_MATCH) bits += part->MltEnpy;
  }
  ZxcvbnFreeInfo(parts);
  return bits;
}

static bool is_easy(const char *typed, const char *folded, struct words *words)
{
  words->items[words->count] = NULL;
  return bits_of(typed, words) < TYPED_BITS || bits_of(folded, words) < FOLDED_BITS;
}

enum err password_check_rule(struct cx *cx, const struct account *account, const char *const *units, const char *password)
{
  size_t size = password ? text_characters(password) : 0;
  if (size < PASSWORD_MIN)
    return cx_fail(cx, ERR_INPUT, "password", "account.error.password_short", "min", arena_print(cx->arena, "%d", PASSWORD_MIN), NULL);
  if (size > PASSWORD_MAX) return cx_fail(cx, ERR_INPUT, "password", "account.error.password_long", "max", arena_print(cx->arena, "%d", PASSWORD_MAX), NULL);
  if (text_equal(text_lower(cx->arena, password), account->name)) return cx_fail(cx, ERR_INPUT, "password", "account.error.password_name", NULL);
  const char *folded = fold_letters(cx->arena, password);
  struct words *words = ARENA_NEW(cx->arena, struct words);
  words->arena = cx->arena;
  add_all(words, common_words);
  if (is_easy(password, folded, words)) return cx_fail(cx, ERR_INPUT, "password", "account.error.password_common", NULL);
  add_all(words, house_words);
  add_account(words, account, units);
  if (is_easy(password, folded, words)) return cx_fail(cx, ERR_INPUT, "password", "account.error.password_context", NULL);
  return OK;
}

/* ---- The names of the units around an account ---- */

struct unit_names { size_t count; const char **items; };

/* The unit and those above it, so the province. */
static enum err add_unit(struct cx *cx, struct people *people, const char *code, struct unit_names *names, size_t max)
{
  enum err err = OK;
  for (int depth = 0; !text_empty(code) && depth < PARENTS_MAX && names->count < max; depth++) {
    struct unit unit;
    err = unit_get(cx, people, code, time_to_days(cx_now(cx)), &unit);
    if (err) return err == ERR_NOT_FOUND ? OK : err;
    names->items[names->count++] = unit.name;
    code = unit.parent;
  }
  return err;
}

enum err password_check(struct cx *cx, struct people *people, const struct account *account, const char *password)
{
  struct list roles = {0}, roots;
  enum err err = account->id ? role_list(cx, people, account->id, &roles) : OK;
  if (!err) err = unit_children(cx, people, NULL, time_to_days(cx_now(cx)), &roots);
  if (err) return err;
  const size_t max = roles.count * PARENTS_MAX + ROOTS_MAX;
  struct unit_names names = {0, ARENA_ARRAY(cx->arena, max + 1, const char *)};
  for (size_t i = 0; i < roots.count && i < ROOTS_MAX; i++) names.items[names.count++] = ((const struct unit *)roots.items)[i].name;
  for (size_t i = 0; !err && i < roles.count; i++) err = add_unit(cx, people, ((const struct role_row *)roles.items)[i].unit, &names, max);
  names.items[names.count] = NULL;
  return err ? err : password_check_rule(cx, account, names.items, password);
}
