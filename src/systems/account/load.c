/* Loads what ships in data/: a start after an update of the files takes them up, every other start reads and compares only. */
#include "systems/account/load.h"

#include "base/text.h"
#include <openssl/sha.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { FILE_MAX = 16 << 20 };

struct shipped { const char *name; enum err (*import)(struct cx *cx, struct people *people, struct bytes content, int64_t *count); };

/* In this order: offices stand below units, codes belong to both. */
static const struct shipped files[] = {
  {"units/an-giang.csv", unit_import},
  {"units/agencies.csv", unit_import},
  {"units/national.csv", unit_import},
  {"units/agency-codes.csv", unit_import_codes},
  {"calendar.json", calendar_import},
};

static enum err read_whole(struct cx *cx, const char *path, struct bytes *out)
{
  struct buffer buffer;
  char block[16384];
  buffer_init(&buffer, cx->arena);
  FILE *file = fopen(path, "rbe");
  if (!file) return cx_fail(cx, ERR_STORAGE, NULL, "account.error.file", "path", path, "cause", strerror(errno), NULL);
  for (size_t got; buffer.size < FILE_MAX && (got = fread(block, 1, sizeof block, file)) > 0;) buffer_add(&buffer, block, got);
  bool failed = ferror(file) || buffer.size >= FILE_MAX;
  fclose(file);
  *out = buffer_bytes(&buffer);
  return failed ? cx_fail(cx, ERR_STORAGE, NULL, "account.error.file", "path", path, "cause", "", NULL) : OK;
}

static const char *hash_of(struct cx *cx, struct bytes content)
{
  uint8_t hash[SHA256_DIGEST_LENGTH];
  SHA256(content.data, content.size, hash);
  return hex_write(cx->arena, hash, sizeof hash);
}

static enum err load_file(struct cx *cx, struct here *here, const struct shipped *shipped)
{
  struct bytes content;
  const char *before, *hash;
  int64_t count = 0;
  enum err err = read_whole(cx, arena_print(cx->arena, "%s/%s", here->data_folder, shipped->name), &content);
  if (err) return err;
  hash = hash_of(cx, content);
  err = loaded_hash(cx, here->people, shipped->name, &before);
  if (err || text_equal(before, hash)) return err;
  err = shipped->import(cx, here->people, content, &count);
  if (!err) err = loaded_note(cx, here->people, shipped->name, hash);
  if (!err) cx_log(cx, LOG_INFO, "file loaded", LOG_FIELDS({"file", shipped->name}, {"rows", arena_print(cx->arena, "%lld", (long long)count)}));
  return err;
}

enum err load_files(struct cx *cx, struct here *here)
{
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    enum err err = load_file(cx, here, &files[i]);
    if (err) return err;
  }
  return OK;
}
