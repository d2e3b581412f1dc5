/* init, serve, keys: a data folder is made and a node runs in it. */
#include "node/commands.h"

#include "base/text.h"
#include "keys/keys.h"
#include "node/disk.h"
#include "node/node.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* ---- init ---- */

static enum err set_now(struct cx *cx, struct config *config, const char *now)
{
  int64_t wanted;
  if (!time_read_iso(now, &wanted)) return cx_fail(cx, ERR_INPUT, "--now", "error.time", NULL);
  config->clock_offset_s = (wanted - clock_now(cx->clock)) / SECOND_US;
  return OK;
}

static enum err set_options(struct cx *cx, const struct command_line *line, struct config *config)
{
  const char *port = command_option(line, "port"), *url = command_option(line, "public-url");
  const char *store = getenv("TRUC_STORE"), *now = command_option(line, "now"); /* it may hold a password: no argument */
  int64_t base;
  if (port && !text_to_i64(port, 1, 65000, &base)) return cx_fail(cx, ERR_INPUT, "--port", "error.number", NULL);
  if (port) config_set_ports(cx, config, base);
  if (url) config->public_url = url;
  if (!text_empty(store)) config->store = store;
  return now ? set_now(cx, config, now) : OK;
}

int command_init(struct cx *cx, const struct command_line *line)
{
  const char *folder = line->names[0], *from = command_option(line, "from");
  struct bytes text;
  struct config config;
  enum err err = disk_folder(cx, folder, 0700);
  bool exists = !err && access(arena_print(cx->arena, "%s/truc.json", folder), F_OK) == 0;
  if (!err && exists) err = config_read(cx, folder, &config);
  if (!err && !exists && !from) err = cx_fail(cx, ERR_INPUT, "--from", "error.required", NULL);
  if (!err && !exists) err = disk_read(cx, from, &text);
  if (!err && !exists) err = record_read_json(cx, &config_type, text, &config);
  if (!err) err = set_options(cx, line, &config);
  if (!err) err = config_write(cx, folder, &config);
  return err ? command_fail(cx, err) : 0;
}

/* ---- serve ---- */

static int wait_for_end(void)
{
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  int got = 0;
  sigwait(&set, &got);
  return got;
}

/* Before any thread starts, so that all of them inherit the mask and only wait_for_end sees the signals. */
static void hold_signals(void)
{
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, NULL);
  signal(SIGPIPE, SIG_IGN);
}

int command_serve(struct cx *cx, const struct command_line *line)
{
  const char *data = command_option(line, "data"), *level = command_option(line, "log");
  const struct node_wish wish = {.executable = "/proc/self/exe", .folder = line->names[0], .data_folder = data ? data : "data",
                                 .log_level = text_equal(level, "debug") ? LOG_DEBUG : LOG_INFO};
  struct node *node;
  hold_signals();
  enum err err = node_start(cx, &wish, &node);
  if (err) return command_fail(cx, err);
  wait_for_end();
  node_stop(node);
  return 0;
}

int command_keys(struct cx *cx, const struct command_line *line)
{
  const char *folder = command_option(line, "folder");
  return folder ? keys_process_main(folder) : 2;
}
