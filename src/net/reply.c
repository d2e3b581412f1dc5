/* Answers: what a handler gives is completed by the fields that are the server's own, and brought back to the loop. */
#include "net/server_inner.h"

#include "base/text.h"
#include <assert.h>
#include <string.h>
#include <strings.h>

enum { TOGETHER_MAX = 16384 }; /* a body up to this goes out with its head: one packet, one TLS record */

static const struct { int status; const char *words; } reasons[] = {
  {200, "OK"}, {201, "Created"}, {202, "Accepted"}, {204, "No Content"}, {206, "Partial Content"}, {301, "Moved Permanently"},
  {302, "Found"}, {303, "See Other"}, {304, "Not Modified"}, {307, "Temporary Redirect"}, {308, "Permanent Redirect"},
  {400, "Bad Request"}, {401, "Unauthorized"}, {403, "Forbidden"}, {404, "Not Found"}, {405, "Method Not Allowed"},
  {406, "Not Acceptable"}, {408, "Request Timeout"}, {409, "Conflict"}, {410, "Gone"}, {411, "Length Required"},
  {412, "Precondition Failed"}, {413, "Content Too Large"}, {414, "URI Too Long"}, {415, "Unsupported Media Type"},
  {416, "Range Not Satisfiable"}, {417, "Expectation Failed"}, {421, "Misdirected Request"}, {422, "Unprocessable Content"},
  {428, "Precondition Required"}, {429, "Too Many Requests"}, {431, "Request Header Fields Too Large"},
  {500, "Internal Server Error"}, {501, "Not Implemented"}, {502, "Bad Gateway"}, {503, "Service Unavailable"},
  {504, "Gateway Timeout"}, {505, "HTTP Version Not Supported"}, {507, "Insufficient Storage"}};

static const char *reason(int status)
{
  for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
    if (reasons[i].status == status) return reasons[i].words;
  return "Status";
}

struct exchange *http_exchange_new(struct http_server *server, struct connection *connection)
{
  struct arena *arena = arena_new(0);
  struct exchange *exchange = ARENA_NEW(arena, struct exchange);
  exchange->call.arena = arena;
  exchange->server = server;
  exchange->connection = connection;
  fields_init(&exchange->call.fields, arena);
  http_server_hold(server);
  return exchange;
}

void http_exchange_free(struct exchange *exchange)
{
  struct http_server *server = exchange->server;
  arena_free(exchange->call.arena);
  http_server_release(server);
}

/* ---- Writing the head ---- */
static bool field_is_ours(const char *name)
{
  static const char *const ours[] = {"content-length", "date", "connection", "transfer-encoding", "keep-alive"};
  for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
    if (strcasecmp(ours[i], name) == 0) return true;
  return false;
}

static bool answer_well_formed(const struct http_answer *answer)
{
  for (size_t i = 0; i < answer->fields.count; i++)
    if (!http_is_token(answer->fields.items[i].name) || !http_is_field_value(answer->fields.items[i].value)) return false;
  return answer->status >= 200 && answer->status <= 599;
}

static void write_fields(struct buffer *out, const struct exchange *exchange, bool keep)
{
  const struct http_answer *answer = &exchange->answer;
  buffer_print(out, "HTTP/1.1 %d %s\r\nDate: %s\r\n", answer->status, reason(answer->status),
               time_write_http(exchange->call.arena, loop_now(exchange->call.loop)));
  for (size_t i = 0; i < answer->fields.count; i++) {
    const struct http_field *field = &answer->fields.items[i];
    if (!field_is_ours(field->name)) http_field_write(out, field);
  }
  if (answer->status != 204 && answer->status != 304) buffer_print(out, "Content-Length: %lld\r\n", (long long)answer->body.size);
  if (!keep) buffer_text(out, "Connection: close\r\n");
  else if (exchange->minor == 0) buffer_text(out, "Connection: keep-alive\r\n");
  buffer_text(out, "\r\n");
}

struct bytes http_exchange_write_head(struct exchange *exchange, bool keep, const struct http_body **body)
{
  struct http_answer *answer = &exchange->answer;
  /* A field that would end its own line could carry an answer of a stranger's making. */
  if (!answer_well_formed(answer)) http_exchange_refuse(exchange, 500);
  if (!answer->body.path) answer->body.size = (int64_t)answer->body.data.size;
  struct buffer out;
  buffer_init(&out, exchange->call.arena);
  write_fields(&out, exchange, keep);
  bool bodiless = exchange->head_only || answer->status == 204 || answer->status == 304 || answer->body.size == 0;
  *body = bodiless ? NULL : &answer->body;
  if (*body && !answer->body.path && answer->body.size <= TOGETHER_MAX) {
    buffer_add(&out, answer->body.data.data, answer->body.data.size);
    *body = NULL;
  }
  return buffer_bytes(&out);
}

void http_exchange_refuse(struct exchange *exchange, int status)
{
  struct arena *arena = exchange->call.arena;
  struct http_answer *answer = &exchange->answer;
  *answer = (struct http_answer){.status = status};
  fields_init(&answer->fields, arena);
  fields_add(&answer->fields, "Content-Type", "text/plain; charset=utf-8");
  if (status == 503) fields_add(&answer->fields, "Retry-After", "5");
  const char *text = arena_print(arena, "%s\n", reason(status));
  answer->body = (struct http_body){.data = {(const uint8_t *)text, strlen(text)}, .size = (int64_t)strlen(text)};
}

/* ---- Coming home ---- */
static void exchange_home(void *arg)
{
  struct exchange *exchange = arg;
  if (exchange->connection) http_connection_answer(exchange->connection);
  else http_exchange_free(exchange);
}

void http_reply(struct http_call *call, const struct http_answer *answer)
{
  struct exchange *exchange = (struct exchange *)call;
  bool again = atomic_exchange(&exchange->replied, true);
  assert(!again);
  exchange->answer = *answer;
  loop_post(call->loop, exchange_home, exchange);
}

void http_reply_text(struct http_call *call, int status, const char *type, const char *text)
{
  struct http_answer answer = {.status = status};
  fields_init(&answer.fields, call->arena);
  fields_add(&answer.fields, "Content-Type", type);
  const char *copy = arena_copy(call->arena, text);
  answer.body = (struct http_body){.data = {(const uint8_t *)copy, strlen(copy)}, .size = (int64_t)strlen(copy)};
  http_reply(call, &answer);
}
