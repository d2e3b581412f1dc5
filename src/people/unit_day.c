/* Today's units as they are in the store, held in memory: nearly every page asks for some of them. Another day's are read from the store. */
#include "people/unit_day.h"

#include "base/text.h"
#include <stdlib.h>
#include <string.h>

#define DAY_BUDGET (64 << 20)

struct unit_day { struct arena *arena; int64_t day, version; struct list units; };

void unit_day_free(struct unit_day *today)
{
  if (!today) return;
  struct arena *arena = today->arena;
  arena_free(arena);
}

static struct unit unit_copy(struct arena *arena, const struct unit *from)
{
  struct unit unit = *from;
  const char **texts[] = {&unit.code, &unit.name, &unit.kind, &unit.parent, &unit.level, &unit.agency_code, &unit.address, &unit.phone, &unit.hours};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) *texts[i] = arena_copy(arena, *texts[i]);
  return unit;
}

/* ---- Loading ---- */

struct day_reading { int64_t day, version; struct list units; };

static enum err read_day_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct day_reading *reading = arg;
  enum err err = sql_number(cx, tx, &people_number_get, ARGS(V("units")), &reading->version);
  return err ? err : sql_rows(cx, tx, &people_unit_on, ARGS(V(reading->day)), &unit_type, ROWS_MAX, &reading->units);
}

static struct unit_day *day_new(const struct day_reading *reading)
{
  struct arena *arena = arena_new(DAY_BUDGET);
  struct unit_day *today = ARENA_NEW(arena, struct unit_day);
  struct unit *units = ARENA_ARRAY(arena, reading->units.count + 1, struct unit);
  const struct unit *read = reading->units.items;
  for (size_t i = 0; i < reading->units.count; i++) units[i] = unit_copy(arena, &read[i]);
  *today = (struct unit_day){.arena = arena, .day = reading->day, .version = reading->version, .units = {units, reading->units.count}};
  return today;
}

/* As new as what is known of the units, or newer; under the lock. */
static bool holds(const struct memory *memory, int64_t day)
{
  return memory->today && memory->today->day == day && memory->today->version >= memory->units_version;
}

static enum err day_load(struct cx *cx, struct people *people, int64_t day)
{
  struct memory *memory = people->memory;
  struct day_reading reading = {.day = day};
  enum err err = store_read(cx, people->store, read_day_in, &reading);
  if (err || reading.units.count == ROWS_MAX) return err;
  struct unit_day *today = day_new(&reading), *old = today;
  pthread_rwlock_wrlock(&memory->lock);
  if (!holds(memory, day) || memory->today->version < reading.version) {
    old = memory->today;
    memory->today = today;
  }
  pthread_rwlock_unlock(&memory->lock);
  unit_day_free(old);
  return OK;
}

/* With *out the lock is taken for reading; NULL: it is not today, or there are too many. */
static enum err day_lock(struct cx *cx, struct people *people, int64_t day, const struct unit_day **out)
{
  *out = NULL;
  if (day != time_to_days(cx_now(cx))) return OK;
  enum err err = OK;
  for (int i = 0; i < 2 && !err; i++) {
    pthread_rwlock_rdlock(&people->memory->lock);
    if (holds(people->memory, day)) {
      *out = people->memory->today;
      return OK;
    }
    pthread_rwlock_unlock(&people->memory->lock);
    if (i == 0) err = day_load(cx, people, day);
  }
  return err;
}

/* ---- Asking ---- */

static int code_compare(const void *code, const void *unit)
{
  return strcmp(code, ((const struct unit *)unit)->code);
}

enum err unit_day_get(struct cx *cx, struct people *people, const char *code, int64_t day, bool *held, struct unit *out)
{
  const struct unit_day *today;
  enum err err = day_lock(cx, people, day, &today);
  *held = today != NULL;
  if (err || !today) return err;
  const struct unit *unit = code ? bsearch(code, today->units.items, today->units.count, sizeof *unit, code_compare) : NULL;
  *out = unit ? unit_copy(cx->arena, unit) : (struct unit){0};
  pthread_rwlock_unlock(&people->memory->lock);
  return unit ? OK : ERR_NOT_FOUND;
}

enum err unit_day_children(struct cx *cx, struct people *people, const char *parent, int64_t day, bool *held, struct list *out)
{
  const struct unit_day *today;
  enum err err = day_lock(cx, people, day, &today);
  *held = today != NULL;
  if (err || !today) return err;
  const struct unit *all = today->units.items;
  size_t count = 0, place = 0;
  for (size_t i = 0; i < today->units.count; i++) count += text_equal(all[i].parent, parent);
  struct unit *units = ARENA_ARRAY(cx->arena, count + 1, struct unit);
  for (size_t i = 0; i < today->units.count; i++)
    if (text_equal(all[i].parent, parent)) units[place++] = unit_copy(cx->arena, &all[i]);
  pthread_rwlock_unlock(&people->memory->lock);
  *out = (struct list){units, count};
  return OK;
}
