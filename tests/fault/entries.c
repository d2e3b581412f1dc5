#include "entries.h"

#include "base/text.h"

#include <pthread.h>
#include <string.h>

struct waiting { pthread_mutex_t lock; pthread_cond_t told; int pending; enum err err; };

enum err entries_open(struct cx *cx, const char *folder, struct keys *keys, struct journal **out)
{
  const struct journal_wish wish = {.folder = arena_print(cx->arena, "%s/journal", folder), .origin = "H01/gateway/journal-1", .keys = keys, .key_name = "journal", .reserve = 1};
  return journal_open(cx, &wish, out);
}

static void appended(void *user, enum err err, int64_t index)
{
  struct waiting *waiting = user;
  if (!err) drive_tell(index);
  pthread_mutex_lock(&waiting->lock);
  if (err && !waiting->err) waiting->err = err;
  waiting->pending--;
  pthread_cond_signal(&waiting->told);
  pthread_mutex_unlock(&waiting->lock);
}

static const char *entry_name(struct arena *arena, int64_t n)
{
  return arena_print(arena, "entry-%lld", (long long)n);
}

enum err entries_append(struct journal *journal, int64_t n, int count)
{
  struct waiting waiting = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, count, OK};
  struct arena *arena = arena_new(0);
  for (int i = 0; i < count; i++) {
    const char *name = entry_name(arena, n + i);
    const struct evidence evidence = {.kind = "local", .role = "both", .request_id = name, .consumer = "H01/GOV/A/one", .service = "H01/GOV/B/two/x",
                                      .method = "GET", .target = "/axis/1/H01/GOV/B/two/x", .status = 200, .at_us = n + i};
    journal_append(journal, &evidence, (struct bytes){(const uint8_t *)name, strlen(name)}, appended, &waiting);
  }
  pthread_mutex_lock(&waiting.lock);
  while (waiting.pending > 0) pthread_cond_wait(&waiting.told, &waiting.lock);
  pthread_mutex_unlock(&waiting.lock);
  arena_free(arena);
  return waiting.err;
}

bool entries_hold(struct cx *cx, struct journal *journal, int64_t index, int64_t n)
{
  struct journal_entry entry;
  struct evidence evidence;
  const char *name = entry_name(cx->arena, n);
  if (journal_read(cx, journal, index, &entry) || entry.erased || evidence_read(cx, entry.record, &evidence)) return false;
  return text_equal(evidence.request_id, name) && entry.body.size == strlen(name) && memcmp(entry.body.data, name, entry.body.size) == 0;
}
