/* Commands that a running node carries out, and those that join several nodes. */
#include "node/commands.h"

#include "axis/axis.h"
#include "base/text.h"
#include "node/config.h"
#include "node/control.h"
#include "node/demo.h"
#include "node/disk.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* "key<TAB>field<TAB>name=value…" lines of the node become problems here. */
static void take_problem(struct cx *cx, char *text)
{
  char *rest = text, *key = strsep(&rest, "\t"), *field = strsep(&rest, "\t");
  struct problem_arg args[2] = {{NULL, NULL}, {NULL, NULL}};
  for (int i = 0; i < 2 && rest; i++) {
    char *value = strsep(&rest, "\t");
    args[i].name = strsep(&value, "=");
    args[i].value = value ? value : "";
  }
  cx_fail(cx, ERR_INPUT, text_empty(field) ? NULL : field, key, args[0].name, args[0].value, args[1].name, args[1].value, NULL);
}

static enum err take_problems(struct cx *cx, struct bytes answer)
{
  char *rest = arena_copy_n(cx->arena, answer.data, answer.size), *line;
  while ((line = strsep(&rest, "\n")))
    if (*line) take_problem(cx, line);
  return ERR_INPUT;
}

enum err command_ask(struct cx *cx, const struct control_ask *ask, struct bytes *answer)
{
  int status;
  enum err err = control_call(cx, ask, &status, answer);
  return err || status == 200 ? err : take_problems(cx, *answer);
}

int command_remote(struct cx *cx, const struct command_line *line)
{
  const char *folder = command_option(line, "node");
  if (!folder) return command_fail(cx, cx_fail(cx, ERR_INPUT, "--node", "error.required", NULL));
  char *path = arena_print(cx->arena, "/%s", line->row->name), *space = strchr(path, ' ');
  if (space) *space = '/';
  struct control_ask ask = {.folder = folder, .path = path, .args = line->options.pairs, .arg_count = line->options.count};
  struct bytes answer = {0};
  enum err err = line->name_count ? disk_read(cx, line->names[0], &ask.file) : OK;
  if (!err) err = command_ask(cx, &ask, &answer);
  if (err) return command_fail(cx, err);
  fwrite(answer.data, 1, answer.size, stdout);
  return 0;
}

/* ---- verify ---- */

int command_verify(struct cx *cx, const struct command_line *line)
{
  const char *key = command_option(line, "directory-key");
  if (!key) return command_fail(cx, cx_fail(cx, ERR_INPUT, "--directory-key", "error.required", NULL));
  struct bytes receipt;
  struct receipt_finding finding;
  enum err err = disk_read(cx, line->names[0], &receipt);
  if (!err) err = receipt_verify(cx, receipt, key, &finding);
  if (err) return command_fail(cx, err);
  const struct evidence *evidence = &finding.evidence;
  printf("valid\nconsumer: %s\nservice: %s\nrequest: %s %s\nstatus: %lld\nat: %s\nin the log: %s, %lld entries\n", evidence->consumer,
         evidence->service, evidence->method, evidence->target, (long long)evidence->status, time_write_iso(cx->arena, evidence->at_us),
         finding.checkpoint.origin, (long long)finding.checkpoint.size);
  return 0;
}

/* ---- journal verify ---- */

int command_journal_verify(struct cx *cx, const struct command_line *line)
{
  struct keys *keys = NULL;
  struct journal *journal = NULL;
  struct config config;
  int lock = -1;
  const char *folder = line->names[0];
  enum err err = disk_as_owner(cx, &folder);
  if (!err) err = disk_lock(cx, folder, &lock);
  if (!err) err = config_read(cx, folder, &config);
  if (!err) err = keys_start(cx, "/proc/self/exe", arena_print(cx->arena, "%s/keys", folder), &keys);
  const struct journal_wish wish = {.folder = arena_print(cx->arena, "%s/axis/journal", folder), .origin = NULL, .keys = keys, .key_name = "journal"};
  if (!err) err = journal_open(cx, &wish, &journal);
  if (!err) err = journal_verify(cx, journal);
  if (!err) printf("whole: %lld entries\n", (long long)journal_size(journal));
  if (journal) journal_close(journal);
  if (keys) keys_stop(keys);
  if (lock >= 0) close(lock);
  return err ? command_fail(cx, err) : 0;
}

/* ---- endpoints, demo: what ./start writes about all nodes together ---- */

static enum err write_or_print(struct cx *cx, const struct command_line *line, const struct buffer *text, unsigned mode)
{
  const char *path = command_option(line, "write");
  if (path) return disk_write(cx, path, buffer_bytes(text), mode);
  fwrite(text->data, 1, text->size, stdout);
  return OK;
}

static void write_endpoint(struct buffer *out, const struct config *config)
{
  buffer_print(out, "\"%s\":{\"pages\":\"http://%s\",\"axis\":\"http://%s\",\"gateway\":\"https://%s\",\"health\":\"http://%s/health\",\"metrics\":\"http://%s/metrics\"}",
               config->node, config->pages_address, config->axis_address, config->gateway_address, config->operations_address, config->operations_address);
}

int command_endpoints(struct cx *cx, const struct command_line *line)
{
  struct buffer out;
  buffer_init(&out, cx->arena);
  buffer_char(&out, '{');
  enum err err = OK;
  for (size_t i = 0; !err && i < line->name_count; i++) {
    struct config config;
    err = config_read(cx, line->names[i], &config);
    if (i && !err) buffer_char(&out, ',');
    if (!err) write_endpoint(&out, &config);
  }
  buffer_text(&out, "}\n");
  if (!err) err = write_or_print(cx, line, &out, 0644);
  return err ? command_fail(cx, err) : 0;
}

static void list_join(struct cx *cx, struct list *all, const struct list *more, size_t size)
{
  uint8_t *items = arena_array(cx->arena, all->count + more->count + 1, size);
  if (all->count) memcpy(items, all->items, all->count * size);
  if (more->count) memcpy(items + all->count * size, more->items, more->count * size);
  *all = (struct list){items, all->count + more->count};
}

static enum err demo_of(struct cx *cx, const char *folder, struct demo_made *made)
{
  const struct control_ask ask = {.folder = folder, .path = "/demo"};
  struct bytes answer;
  enum err err = command_ask(cx, &ask, &answer);
  return err ? err : record_read_json(cx, &demo_made_type, answer, made);
}

int command_demo(struct cx *cx, const struct command_line *line)
{
  struct demo_made all = {0}, made;
  enum err err = OK;
  for (size_t i = 0; !err && i < line->name_count; i++) {
    err = demo_of(cx, line->names[i], &made);
    if (err) break;
    list_join(cx, &all.accounts, &made.accounts, sizeof(struct demo_made_account));
    list_join(cx, &all.systems, &made.systems, sizeof(struct demo_made_system));
  }
  struct buffer out;
  buffer_init(&out, cx->arena);
  record_write_json(&out, &demo_made_type, &all);
  buffer_char(&out, '\n');
  if (!err) err = write_or_print(cx, line, &out, 0600);
  return err ? command_fail(cx, err) : 0;
}
