/* doctor: looks over a node; a running one looks over itself, as nobody else may open what it has open. */
#include "node/commands.h"

#include "base/text.h"
#include "node/control.h"
#include "node/disk.h"
#include "node/doctor.h"
#include <stdio.h>
#include <unistd.h>

static enum err look_stopped(struct cx *cx, const char *folder, struct buffer *out)
{
  struct config config;
  struct doctor_sum sum;
  enum err err = config_read(cx, folder, &config);
  if (err) return cx_fail(cx, err, NULL, "node.doctor.config", "what", arena_print(cx->arena, "%s/truc.json", folder), NULL);
  const struct doctor_wish wish = {.folder = folder, .config = &config};
  err = doctor_look(cx, &wish, &sum);
  if (!err) doctor_tell(out, &sum);
  return err;
}

static enum err look_running(struct cx *cx, const char *folder, struct buffer *out)
{
  const struct control_ask ask = {.folder = folder, .path = "/doctor"};
  struct bytes answer;
  enum err err = command_ask(cx, &ask, &answer);
  if (!err) buffer_add(out, answer.data, answer.size);
  return err;
}

int command_doctor(struct cx *cx, const struct command_line *line)
{
  const char *folder = line->names[0];
  struct buffer out;
  int lock = -1;
  buffer_init(&out, cx->arena);
  enum err err = disk_as_owner(cx, &folder);
  if (err) return command_fail(cx, err);
  err = disk_lock(cx, folder, &lock);
  bool runs = err == ERR_CONFLICT;
  if (runs) cx_reset_problems(cx);
  if (runs) err = look_running(cx, folder, &out);
  else if (!err) err = look_stopped(cx, folder, &out);
  if (lock >= 0) close(lock);
  if (err) return command_fail(cx, err);
  fputs(buffer_string(&out), stdout);
  return 0;
}
