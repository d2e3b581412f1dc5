/* Sectors and rules are files that ship with the program; their rows are made anew in one transaction when a file changed. */
#include "systems/household/load.h"

#include "base/text.h"
#include "keys/keys.h"
#include "systems/household/store.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { FILE_MAX = 4 << 20 };

enum err household_file_read(struct cx *cx, struct here *here, const char *name, struct bytes *out)
{
  const char *path = arena_print(cx->arena, "%s/%s", here->data_folder, name);
  FILE *file = fopen(path, "rbe");
  if (!file) return cx_fail(cx, ERR_STORAGE, NULL, "household.error.file", "path", path, "cause", strerror(errno), NULL);
  struct buffer content;
  char block[16384];
  buffer_init(&content, cx->arena);
  for (size_t got; content.size < FILE_MAX && (got = fread(block, 1, sizeof block, file)) > 0;) buffer_add(&content, block, got);
  bool failed = ferror(file) || content.size >= FILE_MAX;
  fclose(file);
  *out = buffer_bytes(&content);
  return failed ? cx_fail(cx, ERR_STORAGE, NULL, "household.error.file", "path", path, "cause", "", NULL) : OK;
}

struct loading { const char *name; const struct record_type *type; void *record; const char *hash; struct bytes content; };

static enum err put(struct cx *cx, struct tx *tx, const struct loading *loading)
{
  if (loading->type == &household_rules_type) return household_rules_put(cx, tx, loading->record);
  return household_sectors_put(cx, tx, loading->record);
}

static enum err load_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct loading *loading = arg;
  const char *before;
  enum err err = household_loaded(cx, tx, loading->name, &before);
  if (err || text_equal(before, loading->hash)) return err;
  err = record_read_json(cx, loading->type, loading->content, loading->record);
  if (!err) err = put(cx, tx, loading);
  if (!err) err = household_note_loaded(cx, tx, loading->name, loading->hash);
  return err;
}

static enum err load_one(struct cx *cx, struct here *here, struct loading *loading)
{
  uint8_t hash[DIGEST_SIZE];
  enum err err = household_file_read(cx, here, loading->name, &loading->content);
  if (err) return err;
  sha256(loading->content.data, loading->content.size, hash);
  loading->hash = hex_write(cx->arena, hash, sizeof hash);
  return store_write(cx, here->store, load_in, loading);
}

enum err household_load(struct cx *cx, struct here *here)
{
  struct household_sectors sectors;
  struct household_rules rules;
  struct loading first = {.name = "household/sectors.json", .type = &household_sectors_type, .record = &sectors};
  struct loading second = {.name = "household/rules.json", .type = &household_rules_type, .record = &rules};
  enum err err = load_one(cx, here, &first);
  return err ? err : load_one(cx, here, &second);
}
