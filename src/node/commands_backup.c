/* backup: a running node's data into a folder or a tar. The node copies its databases; all else is copied from here, by who called, so
 * that the backup may lie where the node itself cannot write. */
#include "node/commands.h"

#include "base/text.h"
#include "node/archive.h"
#include "node/backup.h"
#include "node/control.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct saving { struct cx *cx; const char *folder; struct backup_plan plan; struct archive *archive; bool with_keys; };

static enum err ask(struct saving *saving, const char *path, struct bytes *answer)
{
  const struct control_ask ask = {.folder = saving->folder, .path = path};
  return command_ask(saving->cx, &ask, answer);
}

/* The node finds the stage in use until we end, and leaves it alone. */
static enum err plan_take(struct saving *saving, int *stage)
{
  struct bytes answer;
  enum err err = ask(saving, "/backup/begin", &answer);
  if (!err) err = record_read_json(saving->cx, &backup_plan_type, answer, &saving->plan);
  if (err) return err;
  *stage = open(arena_print(saving->cx->arena, "%s/%s", saving->folder, BACKUP_STAGE), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (*stage >= 0 && flock(*stage, LOCK_EX | LOCK_NB) == 0) return OK;
  return cx_fail(saving->cx, ERR_CONFLICT, NULL, "node.backup.running", NULL);
}

static enum err save_sources(struct saving *saving)
{
  const struct backup_source *rows = saving->plan.sources.items;
  enum err err = OK;
  for (size_t i = 0; !err && i < saving->plan.sources.count; i++)
    err = archive_add(saving->cx, saving->archive, rows[i].name, arena_print(saving->cx->arena, "%s/%s", saving->folder, rows[i].source), rows[i].size);
  if (!err) err = archive_add_text(saving->cx, saving->archive, "axis/journal/origin", arena_print(saving->cx->arena, "%s\n", saving->plan.origin));
  if (!err && saving->plan.checkpoint) err = archive_add_text(saving->cx, saving->archive, "axis/journal/checkpoint", saving->plan.checkpoint);
  return err;
}

static int by_name(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Files of one folder, in order; its names are few (a 256th of all), or they are keys. */
static enum err save_folder(struct saving *saving, const char *name, const char *path)
{
  struct cx own = {.arena = arena_new(256 << 20), .clock = saving->cx->clock, .language = saving->cx->language, .request_id = ""};
  size_t count = 0, room = 0;
  const char **names = NULL;
  DIR *folder = opendir(path);
  for (const struct dirent *entry; folder && (entry = readdir(folder));) {
    if (entry->d_type != DT_REG || !archive_name_good(entry->d_name)) continue;
    if (count == room) names = reallocarray(names, room = room ? room * 2 : 256, sizeof *names);
    if (!names) abort();
    names[count++] = arena_copy(own.arena, entry->d_name);
  }
  if (folder) closedir(folder);
  if (count) qsort(names, count, sizeof *names, by_name);
  enum err err = OK;
  for (size_t i = 0; !err && i < count; i++)
    err = archive_add(&own, saving->archive, arena_print(own.arena, "%s/%s", name, names[i]), arena_print(own.arena, "%s/%s", path, names[i]), -1);
  cx_take_problems(saving->cx, &own);
  free(names);
  arena_free(own.arena);
  return err;
}

/* Each file is named by its content and written once: what a row names is there since before the row was. */
static enum err save_files(struct saving *saving)
{
  const struct backup_source *rows = saving->plan.files.items;
  enum err err = OK;
  for (size_t i = 0; !err && i < saving->plan.files.count; i++)
    for (int part = 0; !err && part < 256; part++) {
      char name[128], path[4096];
      snprintf(name, sizeof name, "%s/%02x", rows[i].name, (unsigned)part);
      snprintf(path, sizeof path, "%s/%s/%02x", saving->folder, rows[i].source, (unsigned)part);
      err = save_folder(saving, name, path);
    }
  return err;
}

static enum err save_all(struct saving *saving)
{
  struct cx *cx = saving->cx;
  const struct backup_plan *plan = &saving->plan;
  enum err err = save_sources(saving);
  if (!err) err = save_files(saving);
  if (!err && saving->with_keys) err = save_folder(saving, "keys", arena_print(cx->arena, "%s/keys", saving->folder));
  if (!err) err = archive_add(cx, saving->archive, "truc.json", arena_print(cx->arena, "%s/truc.json", saving->folder), -1);
  const struct archive_head head = {.format = ARCHIVE_FORMAT, .node = plan->node, .instance = plan->instance, .made_us = cx_now(cx),
                                    .origin = plan->origin, .checkpoint = plan->checkpoint, .with_keys = saving->with_keys, .postgres = plan->postgres};
  return err ? err : archive_finish(cx, saving->archive, &head);
}

/* Which dump belongs to it: made before, so that what its rows name is in the backup. */
static void tell_dump(struct saving *saving)
{
  char *schemas = arena_copy(saving->cx->arena, saving->plan.schemas);
  printf("The databases are in PostgreSQL and not in this backup. Dump them each time before it:\n  pg_dump --format=custom --file=stores.dump");
  for (char *name; (name = strsep(&schemas, " "));) printf(" --schema=%s", name);
  printf(" DATABASE\n");
}

int command_backup(struct cx *cx, const struct command_line *line)
{
  struct saving saving = {.cx = cx, .folder = command_option(line, "node"), .with_keys = command_option(line, "with-keys") != NULL};
  const char *to = command_option(line, "to");
  struct bytes answer;
  int stage = -1;
  if (!saving.folder || !to) return command_fail(cx, cx_fail(cx, ERR_INPUT, saving.folder ? "--to" : "--node", "error.required", NULL));
  enum err err = archive_create(cx, to, &saving.archive);
  if (!err) err = plan_take(&saving, &stage);
  if (!err) err = save_all(&saving);
  if (stage >= 0) {
    close(stage);
    if (ask(&saving, "/backup/end", &answer)) cx_reset_problems(cx);
  }
  int64_t files = err ? 0 : archive_file_count(saving.archive), bytes = err ? 0 : archive_bytes(saving.archive);
  archive_close(saving.archive);
  if (err) return command_fail(cx, err);
  printf("%s: %lld files, %lld bytes, journal %s\n", to, (long long)files, (long long)bytes, saving.plan.origin);
  if (!saving.with_keys) puts("The keys folder is not in it (--with-keys): keep a copy of it elsewhere, a restored node is nobody without it.");
  if (saving.plan.postgres) tell_dump(&saving);
  return 0;
}
