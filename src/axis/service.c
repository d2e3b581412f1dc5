/* Hands a call to a system's service: finds the row, reads the ask, runs the handler in its transaction, writes the answer.
 * What was answered once is answered the same way again; errors become RFC 9457 problem details. */
#include "axis/service.h"

#include "base/text.h"

#include <string.h>

/* What is read may take several times its size in memory. */
enum { ASK_MAX = 2 << 20, VALUES_MAX = 8 };

/* ---- Rows ---- */

/* Does "/{number}/x" take the path? Values are decoded. */
static bool path_takes(struct arena *arena, const char *pattern, const char *path, const char **values)
{
  size_t count = 0;
  while (*pattern == '/' && *path == '/') {
    size_t wanted = strcspn(++pattern, "/"), given = strcspn(++path, "/");
    if (pattern[0] == '{') {
      const char *value = given > 0 && count < VALUES_MAX ? url_decode(arena, path, given, false) : NULL;
      if (!value || !(value = text_clean(arena, value, strlen(value), TEXT_LINE))) return false;
      values[count++] = value;
    } else if (wanted != given || memcmp(pattern, path, given) != 0) {
      return false;
    }
    pattern += wanted;
    path += given;
  }
  return *pattern == '\0' && *path == '\0';
}

/* The row for the call; *status is 404 or 405 when there is none. */
static const struct service *service_find(struct arena *arena, const struct service *services, size_t count, const char *code,
                                          const struct http_call *request, const char **values, int *status)
{
  const char *path = text_equal(request->path, "/") ? "" : request->path;
  *status = 404;
  for (size_t i = 0; i < count; i++) {
    const struct service *row = &services[i];
    if (!text_equal(row->code, code) || !path_takes(arena, row->path ? row->path : "", path, values)) continue;
    if (text_equal(row->method, request->method)) return row;
    *status = 405;
  }
  return NULL;
}

/* ---- Answers ---- */
struct problem_row { const char *field, *key, *detail; };
static const struct field problem_fields[] = { FIELD(struct problem_row, field), FIELD(struct problem_row, key), FIELD(struct problem_row, detail) };
static const struct record_type problem_type = RECORD("problem", struct problem_row, problem_fields);

struct problem_document { const char *type, *title; int64_t status; struct list errors; };
static const struct field document_fields[] = {
  FIELD(struct problem_document, type), FIELD(struct problem_document, title), FIELD(struct problem_document, status),
  FIELD(struct problem_document, errors, .of = &problem_type),
};
static const struct record_type document_type = RECORD("document", struct problem_document, document_fields);

static void answer_fill(struct cx *cx, int status, const char *type, const struct buffer *body, struct http_answer *answer)
{
  *answer = (struct http_answer){.status = status};
  fields_init(&answer->fields, cx->arena);
  fields_add(&answer->fields, "Content-Type", type);
  answer->body = (struct http_body){.data = buffer_bytes(body), .size = (int64_t)body->size};
}

/* "max=20 min=3": what fills the words of the key. */
static const char *problem_detail(struct arena *arena, const struct problem *problem)
{
  struct buffer out;
  buffer_init(&out, arena);
  for (int i = 0; i < PROBLEM_ARGS_MAX && problem->args[i].name; i++)
    buffer_print(&out, "%s%s=%s", i ? " " : "", problem->args[i].name, problem->args[i].value);
  return out.size ? arena_copy(arena, out.data) : NULL;
}

static void answer_problem(struct cx *cx, int status, const char *title, struct http_answer *answer)
{
  struct problem_row *rows = ARENA_ARRAY(cx->arena, cx->problems.count + 1, struct problem_row);
  for (size_t i = 0; i < cx->problems.count; i++)
    rows[i] = (struct problem_row){cx->problems.items[i].field, cx->problems.items[i].key, problem_detail(cx->arena, &cx->problems.items[i])};
  const struct problem_document document = {"about:blank", title, status, {rows, cx->problems.count}};
  struct buffer body;
  buffer_init(&body, cx->arena);
  record_write_json(&body, &document_type, &document);
  answer_fill(cx, status, "application/problem+json", &body, answer);
  if (status == 503 || status == 429) fields_add(&answer->fields, "Retry-After", "2");
}

/* ---- Running ---- */
struct running {
  const struct service *row;
  struct service_call *call;
  int status;
  struct buffer body;
  bool again;              /* it was answered before */
};

static void answer_write(struct cx *cx, struct running *running)
{
  buffer_init(&running->body, cx->arena);
  running->status = running->call->status;
  if (running->row->answer) record_write_json(&running->body, running->row->answer, running->call->answer);
}

static void call_renew(struct cx *cx, struct running *running)
{
  struct service_call *call = running->call;
  call->status = 200;
  call->after = NULL;
  call->answer = running->row->answer ? arena_alloc(cx->arena, running->row->answer->size) : NULL;
}

static enum err read_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct running *running = arg;
  call_renew(cx, running);
  enum err err = running->row->handle(cx, tx, running->call);
  if (!err) answer_write(cx, running);
  return err;
}

static enum err once_in(struct cx *cx, struct tx *tx, void *arg)
{
  struct running *running = arg;
  struct inbox_row row;
  enum err err = inbox_find(cx, tx, running->call->consumer, running->call->request_id, &row);
  running->again = err == OK;
  if (running->again) {
    buffer_init(&running->body, cx->arena);
    buffer_text(&running->body, row.answer);
    running->status = (int)row.status;
    running->call->after = NULL;
    return OK;
  }
  if (err == ERR_NOT_FOUND) err = read_in(cx, tx, running);
  if (err) return err;
  row = (struct inbox_row){.consumer = running->call->consumer, .request_id = running->call->request_id, .status = running->status,
                           .answer = buffer_string(&running->body), .received_us = cx_now(cx)};
  return inbox_add(cx, tx, &row);
}

static enum err ask_read(struct cx *cx, const struct service *row, const struct http_call *request, struct service_call *call)
{
  if (!row->ask) return OK;
  struct bytes body;
  const char *type = fields_get(&request->fields, "Content-Type");
  if (type && !text_starts(type, "application/json")) return cx_fail(cx, ERR_TYPE, NULL, "error.json", NULL);
  enum err err = http_body_bytes(cx, &request->body, ASK_MAX, &body);
  if (err) return err;
  void *ask = arena_alloc(cx->arena, row->ask->size);
  err = record_read_json(cx, row->ask, body, ask);
  call->ask = ask;
  return err;
}

static enum err service_run(struct cx *cx, struct here *here, struct running *running)
{
  if (!here->store) {
    enum err err = read_in(cx, NULL, running);
    return err;
  }
  return running->row->once ? store_write(cx, here->store, once_in, running) : store_read(cx, here->store, read_in, running);
}

enum err service_dispatch(struct cx *cx, struct here *here, const struct service *services, size_t count,
                          const char *code, const struct http_call *request, struct service_call *call, struct http_answer *answer)
{
  const char **values = ARENA_ARRAY(cx->arena, VALUES_MAX + 1, const char *);
  int status;
  const struct service *row = service_find(cx->arena, services, count, code, request, values, &status);
  if (!row) {
    answer_problem(cx, status, status == 404 ? "not_found" : "method", answer);
    return OK;
  }
  call->path = values;
  call->query = request->query;
  struct running running = {.row = row, .call = call};
  enum err err = ask_read(cx, row, request, call);
  if (!err) err = service_run(cx, here, &running);
  if (!err && arena_over(cx->arena)) err = row->once ? OK : ERR_MEMORY;
  if (err) {
    answer_problem(cx, err_status(err), err_name(err), answer);
    return OK;
  }
  answer_fill(cx, running.status, "application/json; charset=utf-8", &running.body, answer);
  if (call->after) call->after(here);
  return OK;
}
