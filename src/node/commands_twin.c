/* twin: the folder of one more process of a node that runs on PostgreSQL. It gets a gateway key and a journal key of its own, which the
 * running node certifies, copies of the members' keys, and the node's configuration on other ports. Run again on the folder of a process
 * that is stopped, it brings what came since: new members' keys, another address, a new certificate. */
#include "node/commands.h"

#include "axis/axis.h"
#include "base/text.h"
#include "node/config.h"
#include "node/control.h"
#include "node/disk.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PORT_MAX = 65000 };

struct twin { struct cx *cx; const char *folder, *first, *port; struct config config; struct keys *keys; };

static const char *below(const struct twin *twin, const char *folder, const char *name)
{
  return arena_print(twin->cx->arena, "%s/%s", folder, name);
}

/* As root, the folder becomes the node's user's, and so do we. */
static enum err folders_open(struct twin *twin)
{
  struct stat info;
  enum err err = disk_folder(twin->cx, twin->folder, 0700);
  if (!err && stat(twin->first, &info) != 0)
    err = cx_fail(twin->cx, ERR_NOT_FOUND, "--of", "node.error.file", "path", twin->first, "cause", strerror(errno), NULL);
  if (!err && geteuid() == 0 && chown(twin->folder, info.st_uid, info.st_gid) != 0)
    err = cx_fail(twin->cx, ERR_STORAGE, NULL, "node.error.file", "path", twin->folder, "cause", strerror(errno), NULL);
  const char *whole = err ? NULL : realpath(twin->folder, NULL);
  if (whole) twin->folder = arena_copy(twin->cx->arena, whole);
  free((void *)(uintptr_t)whole);
  return err ? err : disk_as_owner(twin->cx, &twin->first);
}

/* ---- Keys ---- */

static enum err key_copy(struct twin *twin, const char *name)
{
  struct bytes key;
  const char *to = arena_print(twin->cx->arena, "%s/keys/%s", twin->folder, name);
  if (access(to, F_OK) == 0) return OK;
  enum err err = disk_read(twin->cx, arena_print(twin->cx->arena, "%s/keys/%s", twin->first, name), &key);
  if (!err) err = disk_write(twin->cx, to, key, 0600);
  if (!err) explicit_bzero((void *)(uintptr_t)key.data, key.size);
  return err;
}

static enum err members_copy(struct twin *twin)
{
  const char *path = below(twin, twin->first, "keys");
  DIR *folder = opendir(path);
  if (!folder) return cx_fail(twin->cx, ERR_STORAGE, NULL, "node.error.file", "path", path, "cause", strerror(errno), NULL);
  enum err err = OK;
  for (const struct dirent *entry; !err && (entry = readdir(folder));) {
    const char *end = strrchr(entry->d_name, '.');
    if (text_starts(entry->d_name, "member-") && text_equal(end, ".pem")) err = key_copy(twin, entry->d_name);
  }
  closedir(folder);
  return err;
}

static enum err key_make(struct twin *twin, const char *name, const char **out)
{
  struct bytes spki;
  enum err err = keys_make(twin->cx, twin->keys, name, KEY_P256);
  if (!err) err = keys_public(twin->cx, twin->keys, name, &spki);
  *out = err ? NULL : base64_write(twin->cx->arena, spki.data, spki.size);
  return err;
}

/* ---- The node takes it in ---- */

static enum err ask(struct twin *twin, const char *path, const struct form_pair *args, size_t count, const char **line)
{
  const struct control_ask wish = {.folder = twin->first, .path = path, .args = args, .arg_count = count};
  struct bytes answer;
  enum err err = command_ask(twin->cx, &wish, &answer);
  char *text = err ? NULL : arena_copy_n(twin->cx->arena, answer.data, answer.size);
  *line = text ? strsep(&text, "\n") : NULL;
  return err;
}

static enum err admit(struct twin *twin)
{
  struct form_pair args[] = {{"gateway_key", NULL}, {"journal_key", NULL}, {"address", twin->config.gateway_public}};
  enum err err = keys_start(twin->cx, "/proc/self/exe", below(twin, twin->folder, "keys"), &twin->keys);
  if (err) return err;
  err = key_make(twin, "gateway", &args[0].value);
  if (!err) err = key_make(twin, "journal", &args[1].value);
  keys_stop(twin->keys);
  if (!err) err = ask(twin, "/axis/key", NULL, 0, &twin->config.directory_key);
  if (!err) err = ask(twin, "/twin", args, sizeof args / sizeof args[0], &twin->config.twin_gateway);
  return err;
}

static enum err configure(struct twin *twin)
{
  int64_t base;
  bool again = access(below(twin, twin->folder, "truc.json"), F_OK) == 0;
  enum err err = config_read(twin->cx, twin->first, &twin->config);
  if (!err && !text_empty(twin->config.twin_gateway)) err = cx_fail(twin->cx, ERR_INPUT, "--of", "axis.error.twin", NULL);
  if (!err && again) err = config_read(twin->cx, twin->folder, &twin->config);
  if (err) return err;
  if (!again) twin->config.files_folder = twin->first;
  if (again && !twin->port) return OK;
  if (!text_to_i64(twin->port ? twin->port : "", 1, PORT_MAX, &base)) return cx_fail(twin->cx, ERR_INPUT, "--port", "error.number", NULL);
  config_set_ports(twin->cx, &twin->config, base);
  return OK;
}

static enum err make(struct twin *twin)
{
  enum err err = folders_open(twin);
  if (!err) err = configure(twin);
  bool named = !err && !text_empty(twin->config.twin_gateway);
  if (!err) err = disk_folder(twin->cx, below(twin, twin->folder, "keys"), 0700);
  if (!err) err = members_copy(twin);
  if (!err) err = admit(twin);
  if (err) return err;
  const char *number = strrchr(twin->config.twin_gateway, '-');
  if (!named) twin->config.node = arena_print(twin->cx->arena, "%s%s", twin->config.node, number ? number : "");
  return config_write(twin->cx, twin->folder, &twin->config);
}

int command_twin(struct cx *cx, const struct command_line *line)
{
  struct twin twin = {.cx = cx, .folder = line->names[0], .first = command_option(line, "of"), .port = command_option(line, "port")};
  enum err err = twin.first ? OK : cx_fail(cx, ERR_INPUT, "--of", "error.required", NULL);
  if (!err) err = make(&twin);
  if (!err) printf("%s: %s\n", twin.config.node, twin.config.twin_gateway);
  return err ? command_fail(cx, err) : 0;
}
