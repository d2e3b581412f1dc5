/* Files of a node: who may read them, whether each is what its name says, and whether those that rows name are there. */
#include "node/doctor.h"

#include "base/text.h"
#include "node/hosting.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAMES_AT_ONCE = 500, DEPTH_MAX = 6, HASH_TEXT = 64 };

/* ---- Modes ---- */

struct walk { struct looking *looking; uid_t owner; };

static void walk_folder(struct walk *walk, const char *path, int depth)
{
  DIR *folder = opendir(path);
  if (!folder && errno != ENOENT) doctor_found(walk->looking, "node.doctor.unreadable", path, strerror(errno));
  for (const struct dirent *entry; folder && (entry = readdir(folder));) {
    struct stat info;
    char below[4096];
    if (text_equal(entry->d_name, ".") || text_equal(entry->d_name, "..")) continue;
    if (fstatat(dirfd(folder), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) continue; /* gone meanwhile */
    if (snprintf(below, sizeof below, "%s/%s", path, entry->d_name) >= (int)sizeof below) continue;
    if (info.st_mode & 077 && !S_ISLNK(info.st_mode)) doctor_found(walk->looking, "node.doctor.mode", below, NULL);
    if (info.st_uid != walk->owner) doctor_found(walk->looking, "node.doctor.owner", below, NULL);
    if (S_ISDIR(info.st_mode) && depth < DEPTH_MAX) walk_folder(walk, below, depth + 1);
  }
  if (folder) closedir(folder);
}

void doctor_modes(struct looking *looking)
{
  struct stat info;
  const char *folder = looking->wish->folder;
  if (stat(folder, &info) != 0) return;
  if (info.st_mode & 077) doctor_found(looking, "node.doctor.mode", folder, NULL);
  struct walk walk = {looking, info.st_uid};
  walk_folder(&walk, folder, 0);
}

/* ---- Stored files ---- */

/* In a context of its own: there may be a million of them. */
static void look_at_file(struct looking *looking, struct files *files, const char *part, const char *path, const char *name)
{
  struct cx *own = cx_new_alone(looking->cx->clock, NULL);
  bool named = strlen(name) == HASH_TEXT && strncmp(name, part, 2) == 0;
  looking->sum->files++;
  if (!named || file_verify(own, files, name) != OK) doctor_found(looking, "node.doctor.file", arena_print(own->arena, "%s/%s", path, name), NULL);
  cx_free_alone(own);
}

static void look_at_stored(struct looking *looking, struct files *files, const char *system)
{
  const char *all = config_files_folder(looking->cx, looking->wish->config, looking->wish->folder, system);
  for (unsigned i = 0; i < 256; i++) {
    char part[3], path[4096];
    snprintf(part, sizeof part, "%02x", i);
    snprintf(path, sizeof path, "%s/%s", all, part);
    DIR *folder = opendir(path);
    for (const struct dirent *entry; folder && (entry = readdir(folder));)
      if (entry->d_name[0] != '.') look_at_file(looking, files, part, path, entry->d_name);
    if (folder) closedir(folder);
  }
}

/* ---- What rows name ---- */

struct file_name { const char *hash; };
static const struct field name_fields[] = {FIELD(struct file_name, hash)};
static const struct record_type name_type = RECORD("file", struct file_name, name_fields);

static void look_at_name(struct looking *looking, struct files *files, const char *system, const char *hash)
{
  int fd = -1;
  int64_t size;
  struct cx *own = cx_new_alone(looking->cx->clock, NULL);
  looking->sum->named++;
  if (file_read(own, files, hash, &fd, &size) != OK) doctor_found(looking, "node.doctor.file_missing", hash, system);
  if (fd >= 0) close(fd);
  cx_free_alone(own);
}

static void look_at_names(struct looking *looking, struct files *files, const struct system *system, struct store *store)
{
  char after[HASH_TEXT + 1] = "";
  for (bool more = true; more;) {
    struct cx *own = cx_new_alone(looking->cx->clock, NULL);
    struct list rows = {0};
    more = false;
    if (store_rows(own, store, system->files, ARGS(V((const char *)after), V(NAMES_AT_ONCE)), &name_type, NAMES_AT_ONCE, &rows) != OK)
      doctor_found(looking, "node.doctor.database", system->name, NULL);
    for (size_t i = 0; i < rows.count; i++) {
      const char *hash = ((struct file_name *)rows.items)[i].hash;
      look_at_name(looking, files, system->name, hash);
      more = rows.count == NAMES_AT_ONCE && strlen(hash) <= HASH_TEXT;
      if (strlen(hash) <= HASH_TEXT) memcpy(after, hash, strlen(hash) + 1);
    }
    cx_free_alone(own);
  }
}

/* ---- Systems ---- */

static void look_at_running_system(struct looking *looking, struct hosted *hosted, bool databases)
{
  look_at_stored(looking, hosted->here.files, hosted->type->name);
  if (databases && hosted->type->files) look_at_names(looking, hosted->here.files, hosted->type, hosted->here.store);
}

static void look_at_stopped_system(struct looking *looking, const struct system *system, bool databases)
{
  struct cx *cx = looking->cx;
  struct files *files;
  struct store *store = NULL;
  const char *mine = arena_print(cx->arena, "%s/%s", looking->wish->folder, system->name), *store_url = looking->wish->config->store;
  if (access(mine, F_OK) != 0) return; /* it never ran */
  if (files_open(cx, config_files_folder(cx, looking->wish->config, looking->wish->folder, system->name), &files) != OK) {
    doctor_found(looking, "node.doctor.unreadable", mine, "files");
    return;
  }
  look_at_stored(looking, files, system->name);
  const char *url = text_empty(store_url) ? arena_print(cx->arena, "sqlite:%s", mine) : store_url;
  if (databases && system->files && store_open(cx, url, system->schema, 1, &store) != OK) doctor_found(looking, "node.doctor.database", system->name, NULL);
  if (store) look_at_names(looking, files, system, store);
  store_close(store);
  files_close(files);
}

void doctor_files(struct looking *looking, bool databases)
{
  const struct config *config = looking->wish->config;
  const struct config_system *wanted = config->systems.items;
  for (size_t i = 0; i < config->systems.count; i++) {
    struct hosted *hosted = looking->wish->node ? node_find(looking->wish->node, wanted[i].name) : NULL;
    if (hosted) look_at_running_system(looking, hosted, databases);
    for (size_t k = 0; !hosted && k < known_system_count; k++)
      if (text_equal(known_systems[k]->name, wanted[i].name)) look_at_stopped_system(looking, known_systems[k], databases);
  }
}
