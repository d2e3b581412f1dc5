/* The control socket: one row a command. The socket's folder and mode are the guard: whoever may write there runs the node. */
#include "node/control.h"

#include "base/text.h"
#include "base/worker.h"
#include "node/backup.h"
#include "node/demo.h"
#include "node/doctor.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { CONTROL_BODY_MAX = 32 << 20, CONTROL_ANSWER_MAX = 64 << 20, CONTROL_BUDGET = 256 << 20 };

struct control_work { struct node *node; struct http_call *call; struct http_answer answer; };
struct control_row { const char *path; enum err (*run)(struct cx *cx, struct node *node, const struct command_input *input, struct buffer *out); };

static enum err run_directory_key(struct cx *cx, struct node *node, const struct command_input *input, struct buffer *out)
{
  struct bytes key = directory_public_key(cx, axis_directory(node_axis(node)));
  buffer_print(out, "%s\n", base64_write(cx->arena, key.data, key.size));
  return OK;
}

static enum err need(struct cx *cx, const struct command_input *input, const char *name, const char **out)
{
  *out = form_get(&input->args, name, 0);
  return text_empty(*out) ? cx_fail(cx, ERR_INPUT, name, "error.required", NULL) : OK;
}

static enum err run_trust(struct cx *cx, struct node *node, const struct command_input *input, struct buffer *out)
{
  const char *instance, *key, *gateway;
  enum err err = need(cx, input, "instance", &instance);
  if (!err) err = need(cx, input, "key", &key);
  if (!err) err = need(cx, input, "gateway", &gateway);
  if (!err) err = axis_trust(cx, node_axis(node), instance, key, gateway);
  if (!err) buffer_print(out, "trusted %s\n", instance);
  return err;
}

static enum err run_token(struct cx *cx, struct node *node, const struct command_input *input, struct buffer *out)
{
  const char *system, *token;
  enum err err = need(cx, input, "system", &system);
  if (!err) err = system_token_make(cx, axis_directory(node_axis(node)), system, &token);
  if (!err) buffer_print(out, "%s\n", token);
  return err;
}

static enum err run_receipt(struct cx *cx, struct node *node, const struct command_input *input, struct buffer *out)
{
  const char *index_text, *json;
  int64_t index;
  enum err err = need(cx, input, "index", &index_text);
  if (!err && !text_to_i64(index_text, 0, INT64_MAX, &index)) err = cx_fail(cx, ERR_INPUT, "index", "error.number", NULL);
  if (!err) err = receipt_make(cx, node_axis(node), index, &json);
  if (!err) buffer_text(out, json);
  return err;
}

static enum err run_demo(struct cx *cx, struct node *node, const struct command_input *input, struct buffer *out)
{
  size_t count;
  struct hosted *hosted = node_hosted(node, &count);
  if (count == 0 || !node_config(node)->demo) return cx_fail(cx, ERR_CONFLICT, NULL, "node.error.no_demo", NULL);
  return demo_make(cx, node, hosted[0].here.data_folder, out);
}

static enum err run_backup_begin(struct cx *cx, struct node *node, const struct command_input *input, struct buffer *out)
{
  struct backup_plan plan;
  enum err err = backup_begin(cx, node, &plan);
  if (!err) record_write_json(out, &backup_plan_type, &plan);
  return err;
}

static enum err run_backup_end(struct cx *cx, struct node *node, const struct command_input *input, struct buffer *out)
{
  backup_end(node);
  return OK;
}

static enum err run_doctor(struct cx *cx, struct node *node, const struct command_input *input, struct buffer *out)
{
  struct doctor_sum sum;
  const struct doctor_wish wish = {.folder = node_folder(node), .config = node_config(node), .node = node};
  enum err err = doctor_look(cx, &wish, &sum);
  if (!err) doctor_tell(out, &sum);
  return err;
}

static enum err run_twin(struct cx *cx, struct node *node, const struct command_input *input, struct buffer *out)
{
  struct axis_twin twin;
  const char *gateway;
  enum err err = need(cx, input, "gateway_key", &twin.gateway_key);
  if (!err) err = need(cx, input, "journal_key", &twin.journal_key);
  if (!err) err = need(cx, input, "address", &twin.address);
  if (!err) err = axis_admit_twin(cx, node_axis(node), &twin, &gateway);
  if (!err) buffer_print(out, "%s\n", gateway);
  return err;
}

static enum err run_twin_end(struct cx *cx, struct node *node, const struct command_input *input, struct buffer *out)
{
  const char *gateway;
  enum err err = need(cx, input, "gateway", &gateway);
  if (!err) err = axis_end_twin(cx, node_axis(node), gateway);
  if (!err) buffer_print(out, "ended %s\n", gateway);
  return err;
}

static const struct control_row rows[] = {
  {"/twin", run_twin},
  {"/twin/end", run_twin_end},
  {"/backup/begin", run_backup_begin},
  {"/backup/end", run_backup_end},
  {"/doctor", run_doctor},
  {"/axis/key", run_directory_key},
  {"/axis/trust", run_trust},
  {"/axis/token", run_token},
  {"/axis/receipt", run_receipt},
  {"/demo", run_demo},
};

/* "/catalogue/import" finds the command "catalogue import" of whichever system here has it. */
static const struct command *command_of(struct node *node, const char *path, struct here **here)
{
  size_t count;
  struct hosted *hosted = node_hosted(node, &count);
  for (size_t i = 0; i < count; i++)
    for (size_t c = 0; c < hosted[i].type->command_count; c++) {
      const struct command *command = &hosted[i].type->commands[c];
      const char *space = strchr(command->name, ' ');
      size_t noun = space ? (size_t)(space - command->name) : strlen(command->name);
      if (strncmp(path + 1, command->name, noun) != 0 || path[1 + noun] != (space ? '/' : '\0')) continue;
      if (space && !text_equal(path + 2 + noun, space + 1)) continue;
      *here = &hosted[i].here;
      return command;
    }
  return NULL;
}

static enum err run_path(struct cx *cx, struct control_work *work, const struct command_input *input, struct buffer *out)
{
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    if (text_equal(rows[i].path, work->call->path)) return rows[i].run(cx, work->node, input, out);
  struct here *here;
  const struct command *command = command_of(work->node, work->call->path, &here);
  if (!command) return cx_fail(cx, ERR_NOT_FOUND, NULL, "node.error.command", "path", work->call->path, NULL);
  return command->run(cx, here, input, out);
}

/* Problems as lines of "key<TAB>field<TAB>name=value…": the caller puts them into words. */
static void write_problems(struct cx *cx, struct buffer *out)
{
  for (size_t i = 0; i < cx->problems.count; i++) {
    const struct problem *problem = &cx->problems.items[i];
    buffer_print(out, "%s\t%s", problem->key, problem->field ? problem->field : "");
    for (int a = 0; a < PROBLEM_ARGS_MAX && problem->args[a].name; a++)
      buffer_print(out, "\t%s=%s", problem->args[a].name, problem->args[a].value);
    buffer_char(out, '\n');
  }
}

static void control_work_run(void *arg)
{
  struct control_work *work = arg;
  struct http_call *call = work->call;
  struct cx cx = {.arena = call->arena, .clock = node_clock(work->node), .log = node_log(work->node), .language = "vi",
                  .request_id = random_uuid(call->arena)};
  struct command_input input = {0};
  struct buffer out;
  buffer_init(&out, call->arena);
  struct bytes query = {(const uint8_t *)call->query, strlen(call->query)};
  enum err err = form_read(&cx, query, &input.args);
  if (!err) err = http_body_bytes(&cx, &call->body, CONTROL_BODY_MAX, &input.file);
  if (!err) err = run_path(&cx, work, &input, &out);
  if (err) {
    buffer_init(&out, call->arena);
    write_problems(&cx, &out);
  }
  http_reply_text(call, err_status(err), "text/plain; charset=utf-8", buffer_string(&out));
}

static int control_head(void *self, struct http_call *call, int64_t *body_max)
{
  *body_max = CONTROL_BODY_MAX;
  return text_equal(call->method, "POST") ? 0 : 405;
}

static void control_ready(void *self, struct http_call *call)
{
  struct control_work *work = ARENA_NEW(call->arena, struct control_work);
  *work = (struct control_work){.node = self, .call = call};
  if (!workers_submit(node_jobs(self), control_work_run, work)) http_reply_text(call, 503, "text/plain", "busy\n");
}

enum err control_start(struct cx *cx, struct node *node, struct loops *loops, const char *folder, struct http_server **out)
{
  const char *path = arena_print(cx->arena, "%s/control.sock", folder);
  const struct http_service service = {.self = node, .head = control_head, .ready = control_ready};
  const struct http_limits limits = {.connections_max = 16, .spool_folder = arena_print(cx->arena, "%s/spool", folder)};
  unlink(path); /* left by a process that was killed: the folder's lock says that we are alone */
  enum err err = http_server_start(cx, loops, arena_print(cx->arena, "unix:%s", path), NULL, &service, &limits, NULL, out);
  if (!err && chmod(path, 0600) != 0) return cx_fail(cx, ERR_STORAGE, NULL, "node.error.file", "path", path, "cause", strerror(errno), NULL);
  return err;
}

/* ---- The caller's end ---- */

static int control_connect(struct cx *cx, const char *folder)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  const char *path = arena_print(cx->arena, "%s/control.sock", folder);
  if (strlen(path) >= sizeof address.sun_path) return -1;
  memcpy(address.sun_path, path, strlen(path) + 1);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
  close(fd);
  return -1;
}

static bool send_all(int fd, const void *data, size_t size)
{
  for (size_t done = 0; done < size;) {
    ssize_t sent = send(fd, (const char *)data + done, size - done, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    done += (size_t)sent;
  }
  return true;
}

static bool receive_all(int fd, struct buffer *out)
{
  char block[16384];
  while (out->size < CONTROL_ANSWER_MAX) {
    ssize_t got = recv(fd, block, sizeof block, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) return true;
    buffer_add(out, block, (size_t)got);
  }
  return false;
}

static bool answer_split(const struct buffer *all, int *status, struct bytes *answer)
{
  const char *text = buffer_string(all), *body = strstr(text, "\r\n\r\n");
  if (!body || strncmp(text, "HTTP/1.", 7) != 0 || strlen(text) < 12) return false;
  *status = (int)strtol(text + 9, NULL, 10);
  body += 4;
  *answer = (struct bytes){(const uint8_t *)body, all->size - (size_t)(body - text)};
  return true;
}

enum err control_call(struct cx *cx, const struct control_ask *ask, int *status, struct bytes *answer)
{
  struct buffer head, all;
  buffer_init(&head, cx->arena);
  buffer_init(&all, cx->arena);
  buffer_print(&head, "POST %s?", ask->path);
  for (size_t i = 0; i < ask->arg_count; i++)
    buffer_print(&head, "%s%s=%s", i ? "&" : "", url_encode(cx->arena, ask->args[i].name), url_encode(cx->arena, ask->args[i].value));
  buffer_print(&head, " HTTP/1.1\r\nHost: node\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n", ask->file.size);
  int fd = control_connect(cx, ask->folder);
  if (fd < 0) return cx_fail(cx, ERR_UPSTREAM, NULL, "node.error.not_running", "folder", ask->folder, NULL);
  bool good = send_all(fd, head.data, head.size) && send_all(fd, ask->file.data, ask->file.size) && receive_all(fd, &all);
  close(fd);
  if (good && answer_split(&all, status, answer)) return OK;
  return cx_fail(cx, ERR_UPSTREAM, NULL, "node.error.not_running", "folder", ask->folder, NULL);
}
