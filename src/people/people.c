/* The door to people: opens the store, holds the permissions of the node's systems, and says who a person is. */
#include "people/people_inner.h"

#include "base/text.h"
#include "people/unit_day.h"
#include <stdlib.h>
#include <string.h>

enum { READERS = 8 };

static struct people *people_new(const struct permission *const *permissions, size_t count)
{
  struct people *people = calloc(1, sizeof *people);
  struct memory *memory = calloc(1, sizeof *memory);
  const struct permission **tables = calloc(count + 1, sizeof *tables);
  if (!people || !memory || !tables) abort();
  for (size_t i = 0; i < count; i++)
    if (permissions[i]) tables[people->permission_count++] = permissions[i];
  pthread_rwlock_init(&memory->lock, NULL);
  people->permissions = tables;
  people->memory = memory;
  return people;
}

enum err people_open(struct cx *cx, const char *store_url, const struct permission *const *permissions, size_t count, struct people **out)
{
  struct people *people = people_new(permissions, count);
  enum err err = store_open(cx, store_url, &people_schema, READERS, &people->store);
  if (!err) err = store_check(cx, people->store);
  if (!err) err = people_refresh(cx, people);
  if (err) people_close(people);
  else *out = people;
  return err;
}

void people_close(struct people *people)
{
  if (!people) return;
  struct memory *memory = people->memory;
  if (people->store) store_close(people->store);
  unit_tree_free(memory->units);
  unit_day_free(memory->today);
  for (struct held_calendar *held = memory->calendars, *older; held; held = older) {
    older = held->older;
    arena_free(held->arena);
  }
  pthread_rwlock_destroy(&memory->lock);
  free(memory);
  free(people->permissions);
  free(people);
}

struct store *people_store(struct people *people)
{
  return people->store;
}

enum err people_refresh(struct cx *cx, struct people *people)
{
  enum err err = unit_refresh(cx, people);
  return err ? err : calendar_refresh(cx, people);
}

/* Is the word one of those separated by one space? */
static bool words_have(const char *words, const char *word)
{
  size_t size = strlen(word);
  for (const char *at = words; at && size; at = strchr(at, ' ')) {
    if (*at == ' ') at++;
    if (strncmp(at, word, size) == 0 && (at[size] == ' ' || at[size] == '\0')) return true;
  }
  return false;
}

bool person_is(const struct person *person, const char *role)
{
  return person && person->roles && words_have(person->roles, role);
}

static bool holds_one_of(const struct person *person, const char *roles)
{
  for (size_t i = 0; role_names[i]; i++)
    if (words_have(roles, role_names[i]) && person_is(person, role_names[i])) return true;
  return false;
}

bool people_knows(const struct people *people, const char *permission)
{
  for (size_t i = 0; i < people->permission_count; i++)
    for (const struct permission *row = people->permissions[i]; row->name; row++)
      if (text_equal(row->name, permission)) return true;
  return false;
}

bool people_knows_some(const struct people *people, const char *prefix)
{
  for (size_t i = 0; i < people->permission_count; i++)
    for (const struct permission *row = people->permissions[i]; row->name; row++)
      if (text_starts(row->name, prefix)) return true;
  return false;
}

bool person_may(const struct person *person, const char *permission)
{
  if (!person || !person->people || !permission) return false;
  for (size_t i = 0; i < person->people->permission_count; i++)
    for (const struct permission *row = person->people->permissions[i]; row->name; row++)
      if (text_equal(row->name, permission)) return holds_one_of(person, row->roles);
  return false;
}

bool person_may_some(const struct person *person, const char *prefix)
{
  if (!person || !person->people) return false;
  for (size_t i = 0; i < person->people->permission_count; i++)
    for (const struct permission *row = person->people->permissions[i]; row->name; row++)
      if (text_starts(row->name, prefix) && holds_one_of(person, row->roles)) return true;
  return false;
}

struct person_rows { int64_t account; struct account found; struct list choices; };

/* The account and its roles of one moment: every page begins with them. */
static enum err person_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct person_rows *rows = arg;
  enum err err = sql_row(cx, tx, &people_account_get, ARGS(V(rows->account)), &account_type, &rows->found);
  if (!err && rows->found.locked) err = ERR_NOT_FOUND;
  return err ? err : person_choices_in(cx, tx, rows->account, &rows->choices);
}

enum err person_load(struct cx *cx, struct people *people, int64_t account, const char *unit, struct person **out)
{
  struct person_rows rows = {.account = account};
  enum err err = store_read(cx, people->store, person_in, &rows);
  if (err) return err;
  const struct account *found = &rows.found;
  const struct person_choice *choice = rows.choices.items;
  for (size_t i = 0; i < rows.choices.count; i++) {
    if (unit && !text_equal(unit, choice[i].unit)) continue;
    *out = ARENA_NEW(cx->arena, struct person);
    **out = (struct person){.account = account, .name = found->name, .full_name = found->full_name, .unit = choice[i].unit,
                            .unit_name = choice[i].unit_name, .roles = choice[i].roles, .language = found->language, .people = people};
    return OK;
  }
  return ERR_NOT_FOUND;
}

/* ---- Loaded files ---- */

struct loaded { const char *file, *hash; };
static const struct field loaded_fields[] = {FIELD(struct loaded, file), FIELD(struct loaded, hash)};
static const struct record_type loaded_type = RECORD("loaded", struct loaded, loaded_fields);

enum err loaded_hash(struct cx *cx, struct people *people, const char *file, const char **hash)
{
  struct loaded loaded = {0};
  enum err err = store_row(cx, people->store, &people_loaded_get, ARGS(V(file)), &loaded_type, &loaded);
  *hash = err ? NULL : loaded.hash;
  return err == ERR_NOT_FOUND ? OK : err;
}

enum err loaded_note(struct cx *cx, struct people *people, const char *file, const char *hash)
{
  return store_run(cx, people->store, &people_loaded_put, ARGS(V(file), V(hash), V(cx_now(cx))), NULL);
}
