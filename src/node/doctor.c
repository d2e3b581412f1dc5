/* Keys, room, databases and journals of a node; its files are in doctor_files.c. */
#include "node/doctor.h"

#include "axis/journal_restore.h"
#include "base/text.h"
#include "node/disk.h"
#include "node/hosting.h"
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { ROOM_MIN = 1 << 30, SIGNATURES_DAYS_MAX = 7 };
/* What a journal was written with: with others the folder is another node's. */
static const char *const keys_needed[] = {"gateway", "journal", "directory", "authority"};
enum { KEYS_OF_TWIN = 2 }; /* the others are the first process's */
static const char *const common_stores[] = {"people", "web", "axis"};

void doctor_found(struct looking *looking, const char *key, const char *what, const char *more)
{
  looking->err = cx_fail(looking->cx, ERR_STORAGE, NULL, key, "what", what, "more", more ? more : "", NULL);
}

static bool there(struct cx *cx, const char *folder, const char *name)
{
  return access(arena_print(cx->arena, "%s/%s", folder, name), F_OK) == 0;
}

/* A node that never ran has no journal, and may make its keys and databases. */
static bool has_run(struct cx *cx, const char *folder)
{
  return there(cx, folder, "axis/journal/origin");
}

/* ---- Keys, room ---- */

static const char *key_missing(struct cx *cx, const char *folder, const struct config *config)
{
  size_t count = text_empty(config->twin_gateway) ? sizeof keys_needed / sizeof keys_needed[0] : KEYS_OF_TWIN;
  for (size_t i = 0; i < count; i++)
    if (!there(cx, folder, arena_print(cx->arena, "keys/%s.pem", keys_needed[i]))) return keys_needed[i];
  return NULL;
}

static const char *room_low(struct cx *cx, const char *folder)
{
  struct statvfs disk;
  if (statvfs(folder, &disk) != 0 || disk.f_bavail * disk.f_frsize >= ROOM_MIN) return NULL;
  return arena_print(cx->arena, "%lld", (long long)(disk.f_bavail * disk.f_frsize >> 20));
}

enum err doctor_start(struct cx *cx, struct log *log, const char *folder, const struct config *config)
{
  struct stat info;
  const char *missing = has_run(cx, folder) ? key_missing(cx, folder, config) : NULL, *room = room_low(cx, folder);
  if (missing) return cx_fail(cx, ERR_CONFLICT, NULL, "node.doctor.key", "what", arena_print(cx->arena, "%s/keys/%s.pem", folder, missing), NULL);
  if (room) log_write(log, LOG_ALARM, "", "little room is left on the node's disk", LOG_FIELDS({"megabytes", room}));
  if (stat(folder, &info) == 0 && info.st_mode & 077)
    log_write(log, LOG_ALARM, "", "the node's folder can be entered by other users", LOG_FIELDS({"folder", folder}));
  return OK;
}

/* ---- Databases ---- */

static void look_at_database(struct looking *looking, const char *name)
{
  struct cx *cx = looking->cx;
  const char *path = arena_print(cx->arena, "%s/%s/%s.sqlite", looking->wish->folder, name, name);
  if (access(path, F_OK) != 0) {
    if (has_run(cx, looking->wish->folder)) doctor_found(looking, "node.doctor.no_database", path, NULL);
    return;
  }
  looking->sum->databases++;
  size_t before = cx->problems.count;
  const char *found = store_verify_log(cx, path) ? "node.doctor.log" : store_verify_file(cx, path) ? "node.doctor.database" : NULL;
  if (!found) return;
  cx->problems.count = before; /* what the engine says is less */
  doctor_found(looking, found, path, NULL);
}

static const struct system *system_of(const struct config *config, size_t i)
{
  const struct config_system *wanted = config->systems.items;
  for (size_t k = 0; k < known_system_count; k++)
    if (text_equal(known_systems[k]->name, wanted[i].name)) return known_systems[k];
  return NULL;
}

/* On PostgreSQL the server looks after its pages; pg_amcheck looks at all. */
static void look_at_databases(struct looking *looking)
{
  const struct config *config = looking->wish->config;
  if (!text_empty(config->store)) return;
  for (size_t i = 0; i < sizeof common_stores / sizeof common_stores[0]; i++) {
    /* Sessions are in no backup: before the first start after a restore there are none. */
    bool restored = text_equal(common_stores[i], "web") && !there(looking->cx, looking->wish->folder, "web/web.sqlite");
    if (!restored) look_at_database(looking, common_stores[i]);
  }
  for (size_t i = 0; i < config->systems.count; i++) {
    const struct system *system = system_of(config, i);
    if (system && system->schema) look_at_database(looking, system->name);
  }
}

/* ---- Journals ---- */

static void journal_found(struct looking *looking, const char *folder, enum err err, size_t before)
{
  if (!err) return;
  const struct problem *first = looking->cx->problems.count > before ? &looking->cx->problems.items[before] : NULL;
  const char *at = first && first->args[0].name && text_equal(first->args[0].name, "index") ? first->args[0].value : "?";
  const char *more = first && first->args[1].name ? first->args[1].value : first ? first->key : err_name(err);
  looking->cx->problems.count = before;
  doctor_found(looking, "node.doctor.journal", folder, arena_print(looking->cx->arena, "%s (%s)", at, more));
}

static void look_at_log(struct looking *looking, struct keys *keys, const char *folder)
{
  struct cx *cx = looking->cx;
  struct journal *journal = NULL;
  size_t before = cx->problems.count;
  const struct journal_wish wish = {.folder = folder, .keys = keys, .key_name = "journal"};
  enum err err = journal_open(cx, &wish, &journal);
  if (!err) err = journal_verify(cx, journal);
  if (!err) looking->sum->entries += journal_size(journal);
  journal_close(err && !journal ? NULL : journal);
  journal_found(looking, folder, err, before);
}

static void look_at_running(struct looking *looking, const char *folder)
{
  struct journal *journal = axis_journal(node_axis(looking->wish->node));
  size_t before = looking->cx->problems.count;
  enum err err = journal_verify(looking->cx, journal);
  looking->sum->entries += journal_size(journal);
  journal_found(looking, folder, err, before);
}

static void look_at_journals(struct looking *looking)
{
  struct cx *cx = looking->cx;
  struct node *node = looking->wish->node;
  const char *folder = arena_print(cx->arena, "%s/axis/journal", looking->wish->folder);
  struct keys *own = NULL;
  struct list closed = {0};
  if (!has_run(cx, looking->wish->folder)) return;
  if (!node && keys_start(cx, "/proc/self/exe", arena_print(cx->arena, "%s/keys", looking->wish->folder), &own) != OK) {
    doctor_found(looking, "node.doctor.keys_process", looking->wish->folder, NULL);
    return;
  }
  if (node) look_at_running(looking, folder);
  else look_at_log(looking, own, folder);
  if (journal_closed_list(cx, folder, &closed) == OK)
    for (size_t i = 0; i < closed.count; i++) look_at_log(looking, node ? node_keys(node) : own, ((const char *const *)closed.items)[i]);
  keys_stop(own);
}

/* ---- The scanner of files ---- */

/* Of days that are the machine's: the node's own clock may stand in another era. */
static void look_at_signatures(struct looking *looking, const struct scanner_answer *answer)
{
  struct cx *cx = looking->cx;
  int64_t days = (clock_now(&(struct clock){0}) - answer->signatures_us) / DAY_US;
  const char *age = arena_print(cx->arena, "%lld", (long long)days);
  if (!answer->signatures_us) doctor_found(looking, "node.doctor.no_signatures", answer->engine, NULL);
  else if (days > SIGNATURES_DAYS_MAX) doctor_found(looking, "node.doctor.old_signatures", answer->engine, age);
  else looking->sum->scanner = arena_print(cx->arena, "%s, signatures %s, %s days old", answer->engine, answer->signatures, age);
}

static void look_at_scanner(struct looking *looking)
{
  const char *address = looking->wish->config->malware_scanner;
  struct scanner *scanner = NULL;
  struct scanner_answer answer;
  if (text_empty(address)) return;
  enum err err = scanner_open(looking->cx, &(struct scanner_wish){.address = address}, &scanner);
  if (!err) err = scanner_ask(looking->cx, scanner, &answer);
  scanner_close(scanner);
  if (err) looking->err = ERR_STORAGE; /* what is wrong is told already */
  else look_at_signatures(looking, &answer);
}

/* ---- All ---- */

enum err doctor_look(struct cx *cx, const struct doctor_wish *wish, struct doctor_sum *out)
{
  struct looking looking = {.cx = cx, .wish = wish, .sum = out};
  *out = (struct doctor_sum){0};
  const char *missing = has_run(cx, wish->folder) ? key_missing(cx, wish->folder, wish->config) : NULL, *room = room_low(cx, wish->folder);
  if (missing) doctor_found(&looking, "node.doctor.key", arena_print(cx->arena, "%s/keys/%s.pem", wish->folder, missing), NULL);
  if (room) doctor_found(&looking, "node.doctor.room", wish->folder, room);
  doctor_modes(&looking);
  look_at_scanner(&looking);
  enum err before = looking.err;
  looking.err = OK;
  look_at_databases(&looking);
  bool sound = looking.err == OK;
  if (!missing) look_at_journals(&looking); /* opening a journal without its key would make another */
  doctor_files(&looking, sound);
  return looking.err ? looking.err : before;
}

void doctor_tell(struct buffer *out, const struct doctor_sum *sum)
{
  buffer_print(out, "well: %lld databases, %lld stored files (%lld named in rows), %lld journal entries\n", (long long)sum->databases,
               (long long)sum->files, (long long)sum->named, (long long)sum->entries);
  if (sum->scanner) buffer_print(out, "files that are handed in are scanned: %s\n", sum->scanner);
  else buffer_text(out, "files that are handed in are NOT scanned for malware: malware_scanner is not set in truc.json\n");
}
