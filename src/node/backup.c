/* Systems that ask others are copied before those that answer them: what an asker knows as done is then done in the copy of the
 * answerer too; what it does not know it asks again, and takes effect once. Sessions are not copied: after a restore people log in. */
#include "node/backup.h"

#include "axis/journal_restore.h"
#include "base/text.h"
#include "node/disk.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { SOURCES_MAX = 300, ROOM_SPARE = 256 << 20 };

static const struct field source_fields[] = {
  FIELD(struct backup_source, name, .max = 100, .required = true),
  FIELD(struct backup_source, source, .max = 200, .required = true),
  FIELD(struct backup_source, size),
};
static const struct record_type source_type = RECORD("source", struct backup_source, source_fields);

static const struct field plan_fields[] = {
  FIELD(struct backup_plan, node, .max = 40, .required = true),
  FIELD(struct backup_plan, instance, .max = 40, .required = true),
  FIELD(struct backup_plan, origin, .max = 1000, .required = true),
  FIELD(struct backup_plan, checkpoint, .form = FORM_LINES, .max = 4096),
  FIELD(struct backup_plan, postgres),
  FIELD(struct backup_plan, schemas, .max = 4000),
  FIELD(struct backup_plan, sources, .of = &source_type, .max = SOURCES_MAX),
  FIELD(struct backup_plan, files, .of = &source_type, .max = SOURCES_MAX),
};
const struct record_type backup_plan_type = RECORD("plan", struct backup_plan, plan_fields);

struct filling { struct cx *cx; struct node *node; struct backup_plan *plan; struct backup_source *sources, *files; struct buffer schemas; };

static void add_source(struct filling *filling, const char *name, const char *source, int64_t size)
{
  filling->sources[filling->plan->sources.count++] = (struct backup_source){name, source, size};
}

/* ---- The stage ---- */

static const char *stage_path(struct cx *cx, struct node *node)
{
  return arena_print(cx->arena, "%s/%s", node_folder(node), BACKUP_STAGE);
}

static void stage_empty(struct cx *cx, const char *stage)
{
  DIR *folder = opendir(stage);
  for (const struct dirent *entry; folder && (entry = readdir(folder));)
    if (entry->d_name[0] != '.') unlink(arena_print(cx->arena, "%s/%s", stage, entry->d_name));
  if (folder) closedir(folder);
}

static enum err stage_open(struct cx *cx, struct node *node, int *fd)
{
  const char *stage = stage_path(cx, node);
  enum err err = disk_folder(cx, stage, 0700);
  if (err) return err;
  *fd = open(stage, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (*fd >= 0 && flock(*fd, LOCK_EX | LOCK_NB) == 0) {
    stage_empty(cx, stage);
    return OK;
  }
  if (*fd >= 0) close(*fd);
  *fd = -1;
  return cx_fail(cx, ERR_CONFLICT, NULL, "node.backup.running", NULL);
}

void backup_end(struct node *node)
{
  struct cx *cx = cx_new_alone(node_clock(node), node_log(node));
  const char *stage = stage_path(cx, node);
  stage_empty(cx, stage);
  rmdir(stage);
  cx_free_alone(cx);
}

/* ---- Databases ---- */

static int64_t file_bytes(struct cx *cx, struct node *node, const char *name)
{
  struct stat info;
  return stat(arena_print(cx->arena, "%s/%s/%s.sqlite", node_folder(node), name, name), &info) == 0 ? info.st_size : 0;
}

static enum err room_check(struct cx *cx, struct node *node, int64_t need)
{
  struct statvfs disk;
  if (statvfs(node_folder(node), &disk) != 0) return OK;
  int64_t free_bytes = (int64_t)(disk.f_bavail * disk.f_frsize);
  if (free_bytes > need + ROOM_SPARE) return OK;
  return cx_fail(cx, ERR_STORAGE, NULL, "node.backup.no_room", "need", arena_print(cx->arena, "%lld", (long long)(need >> 20)), "free",
                 arena_print(cx->arena, "%lld", (long long)(free_bytes >> 20)), NULL);
}

static enum err copy_store(struct filling *filling, const char *name, struct store *store)
{
  struct cx *cx = filling->cx;
  filling->plan->postgres = store_is_postgres(store);
  buffer_print(&filling->schemas, "%s%s", filling->schemas.size ? " " : "", name);
  if (filling->plan->postgres) return OK;
  const char *staged = arena_print(cx->arena, "%s/%s.sqlite", BACKUP_STAGE, name);
  enum err err = room_check(cx, filling->node, file_bytes(cx, filling->node, name));
  if (!err) err = store_backup(cx, store, arena_print(cx->arena, "%s/%s", node_folder(filling->node), staged));
  if (!err) add_source(filling, arena_print(cx->arena, "%s/%s.sqlite", name, name), staged, -1);
  return err;
}

/* The order is that of the configuration, in which askers stand first. */
static enum err copy_stores(struct filling *filling)
{
  size_t count;
  struct hosted *hosted = node_hosted(filling->node, &count);
  enum err err = copy_store(filling, "people", people_store(node_people(filling->node)));
  for (size_t i = 0; !err && i < count; i++) {
    const char *name = hosted[i].type->name;
    filling->files[filling->plan->files.count++] = (struct backup_source){arena_print(filling->cx->arena, "%s/files", name), arena_print(filling->cx->arena, "%s/files", name), -1};
    if (hosted[i].here.store) err = copy_store(filling, name, hosted[i].here.store);
  }
  return err ? err : copy_store(filling, "axis", axis_store(node_axis(filling->node)));
}

/* ---- The journal, after the store that indexes it ---- */

static enum err plan_closed_journals(struct filling *filling)
{
  struct cx *cx = filling->cx;
  struct list closed;
  enum err err = journal_closed_list(cx, arena_print(cx->arena, "%s/axis/journal", node_folder(filling->node)), &closed);
  const char *const *paths = closed.items, *const parts[] = {"origin", "checkpoint", "entries", "keys", "tree", "restored", "before"};
  for (size_t i = 0; !err && i < closed.count && i < 20; i++) {
    const char *name = strrchr(paths[i], '/') + 1;
    for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++)
      if (access(arena_print(cx->arena, "%s/%s", paths[i], parts[k]), F_OK) == 0)
        add_source(filling, arena_print(cx->arena, "axis/%s/%s", name, parts[k]), arena_print(cx->arena, "axis/%s/%s", name, parts[k]), -1);
  }
  return err;
}

static enum err plan_journal(struct filling *filling)
{
  struct journal_extent extent;
  enum err err = journal_extent(filling->cx, axis_journal(node_axis(filling->node)), &extent);
  if (err) return err;
  filling->plan->origin = extent.origin;
  filling->plan->checkpoint = extent.note;
  add_source(filling, "axis/journal/entries", "axis/journal/entries", extent.entries_bytes);
  add_source(filling, "axis/journal/keys", "axis/journal/keys", extent.keys_bytes);
  add_source(filling, "axis/journal/tree", "axis/journal/tree", extent.tree_bytes);
  const char *before = "axis/journal/before"; /* of a log that follows another */
  if (access(arena_print(filling->cx->arena, "%s/%s", node_folder(filling->node), before), F_OK) == 0) add_source(filling, before, before, -1);
  return plan_closed_journals(filling);
}

enum err backup_begin(struct cx *cx, struct node *node, struct backup_plan *out)
{
  struct filling filling = {.cx = cx, .node = node, .plan = out, .sources = ARENA_ARRAY(cx->arena, SOURCES_MAX, struct backup_source),
                            .files = ARENA_ARRAY(cx->arena, SOURCES_MAX, struct backup_source)};
  const struct config *config = node_config(node);
  int lock;
  *out = (struct backup_plan){.node = config->node, .instance = config->instance, .sources = {filling.sources, 0}, .files = {filling.files, 0}};
  buffer_init(&filling.schemas, cx->arena);
  enum err err = stage_open(cx, node, &lock);
  if (err) return err;
  err = copy_stores(&filling);
  if (!err) err = plan_journal(&filling);
  out->schemas = buffer_string(&filling.schemas);
  close(lock);
  if (err) backup_end(node);
  return err;
}
