/* Bounded tables under one lock each. Exchanges are remembered in two generations: when the younger one is as old as a
 * signature can live, the older one is forgotten. */
#include "axis/guard.h"

#include "base/text.h"
#include "keys/keys.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { QUOTA_SLOTS = 4096, PROBES = 16, SEEN_START = 1024, SEEN_MAX = 1 << 21, SEEN_KEY = 16 };

struct quota { int64_t right, minute, count, told, others; };
struct generation { uint8_t (*keys)[SEEN_KEY]; size_t room, count; };

struct guard {
  pthread_mutex_t quota_lock, seen_lock;
  struct quota quotas[QUOTA_SLOTS];
  struct generation young, old;
  int64_t young_since_us;
};

struct guard *guard_new(void)
{
  struct guard *guard = calloc(1, sizeof *guard);
  if (!guard) abort();
  pthread_mutex_init(&guard->quota_lock, NULL);
  pthread_mutex_init(&guard->seen_lock, NULL);
  return guard;
}

void guard_free(struct guard *guard)
{
  if (!guard) return;
  free(guard->young.keys);
  free(guard->old.keys);
  pthread_mutex_destroy(&guard->quota_lock);
  pthread_mutex_destroy(&guard->seen_lock);
  free(guard);
}

/* ---- Quotas ---- */

/* The right's own slot, or one whose minute is over; NULL when that many other rights are in use at once. */
static struct quota *quota_slot(struct guard *guard, int64_t right, int64_t minute)
{
  struct quota *free_slot = NULL;
  for (int i = 0; i < PROBES; i++) {
    struct quota *slot = &guard->quotas[(uint64_t)(right + i) % QUOTA_SLOTS];
    if (slot->right == right && slot->minute == minute) return slot;
    if (!free_slot && ((slot->count == 0 && slot->others == 0) || slot->minute != minute)) free_slot = slot;
  }
  if (free_slot) *free_slot = (struct quota){.right = right, .minute = minute};
  return free_slot;
}

/* Has the right been used in a later minute? News of an earlier one would end that count. */
static bool quota_later(const struct guard *guard, int64_t right, int64_t minute)
{
  for (int i = 0; i < PROBES; i++) {
    const struct quota *slot = &guard->quotas[(uint64_t)(right + i) % QUOTA_SLOTS];
    if (slot->right == right && slot->minute > minute) return true;
  }
  return false;
}

bool guard_quota(struct guard *guard, const struct right *right, int64_t now_us)
{
  if (right->quota_per_minute <= 0) return true;
  pthread_mutex_lock(&guard->quota_lock);
  struct quota *slot = quota_slot(guard, right->id, now_us / MINUTE_US);
  bool good = slot && slot->count + slot->others < right->quota_per_minute;
  if (good) slot->count++;
  pthread_mutex_unlock(&guard->quota_lock);
  return good;
}

void guard_untold(struct guard *guard, struct arena *arena, int64_t minute, struct list *out)
{
  struct guard_use *uses = ARENA_ARRAY(arena, QUOTA_SLOTS, struct guard_use);
  *out = (struct list){uses, 0};
  pthread_mutex_lock(&guard->quota_lock);
  for (const struct quota *slot = guard->quotas; slot < guard->quotas + QUOTA_SLOTS; slot++)
    if (slot->minute == minute && slot->count > slot->told) uses[out->count++] = (struct guard_use){slot->right, slot->count - slot->told};
  pthread_mutex_unlock(&guard->quota_lock);
}

void guard_told(struct guard *guard, int64_t minute, const struct list *uses)
{
  const struct guard_use *use = uses->items;
  pthread_mutex_lock(&guard->quota_lock);
  for (size_t i = 0; i < uses->count; i++) {
    struct quota *slot = quota_later(guard, use[i].access_right, minute) ? NULL : quota_slot(guard, use[i].access_right, minute);
    if (slot) slot->told += use[i].used;
  }
  pthread_mutex_unlock(&guard->quota_lock);
}

void guard_learn(struct guard *guard, int64_t minute, const struct list *all)
{
  const struct guard_use *use = all->items;
  pthread_mutex_lock(&guard->quota_lock);
  for (size_t i = 0; i < all->count; i++) {
    struct quota *slot = quota_later(guard, use[i].access_right, minute) ? NULL : quota_slot(guard, use[i].access_right, minute);
    if (slot) slot->others = use[i].used - slot->told;
  }
  pthread_mutex_unlock(&guard->quota_lock);
}

/* ---- Replays ---- */
static size_t key_slot(const struct generation *generation, const uint8_t *key)
{
  static const uint8_t none[SEEN_KEY];
  uint64_t start;
  memcpy(&start, key, sizeof start);
  for (size_t at = start & (generation->room - 1);; at = (at + 1) & (generation->room - 1)) {
    const uint8_t *stored = generation->keys[at];
    if (memcmp(stored, none, SEEN_KEY) == 0 || memcmp(stored, key, SEEN_KEY) == 0) return at;
  }
}

static bool generation_has(const struct generation *generation, const uint8_t *key)
{
  return generation->room > 0 && memcmp(generation->keys[key_slot(generation, key)], key, SEEN_KEY) == 0;
}

static void generation_add(struct generation *generation, const uint8_t *key)
{
  if (2 * (generation->count + 1) > generation->room) {
    struct generation greater = {.room = generation->room ? generation->room * 2 : SEEN_START};
    greater.keys = calloc(greater.room, SEEN_KEY);
    if (!greater.keys) abort();
    for (size_t i = 0; i < generation->room; i++)
      memcpy(greater.keys[key_slot(&greater, generation->keys[i])], generation->keys[i], SEEN_KEY);
    greater.count = generation->count;
    free(generation->keys);
    *generation = greater;
  }
  memcpy(generation->keys[key_slot(generation, key)], key, SEEN_KEY);
  generation->count++;
}

static void generations_turn(struct guard *guard, int64_t now_us)
{
  if (now_us - guard->young_since_us < REPLAY_WINDOW_US && now_us >= guard->young_since_us) return;
  free(guard->old.keys);
  guard->old = guard->young;
  guard->young = (struct generation){0};
  guard->young_since_us = now_us;
}

enum seen guard_see(struct guard *guard, const char *exchange_id, int64_t now_us)
{
  uint8_t digest[DIGEST_SIZE];
  sha256(exchange_id, strlen(exchange_id), digest);
  enum seen seen = SEEN_NEW;
  pthread_mutex_lock(&guard->seen_lock);
  generations_turn(guard, now_us);
  if (generation_has(&guard->young, digest) || generation_has(&guard->old, digest)) seen = SEEN_BEFORE;
  else if (guard->young.count >= SEEN_MAX) seen = SEEN_FULL;
  else generation_add(&guard->young, digest);
  pthread_mutex_unlock(&guard->seen_lock);
  return seen;
}

bool guard_in_time(int64_t created_s, int64_t expires_s, int64_t now_us)
{
  int64_t now_s = now_us / SECOND_US;
  if (created_s < now_s - SIGNATURE_LIFE_S - SIGNATURE_SKEW_S || created_s > now_s + SIGNATURE_SKEW_S) return false;
  return expires_s >= created_s && expires_s - created_s <= SIGNATURE_LIFE_S && expires_s >= now_s - SIGNATURE_SKEW_S;
}
