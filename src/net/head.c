/* Heads of requests and answers. Two judges in a row, and both must agree: this file, which knows what we refuse beyond
 * the standard's duty, and llhttp in strict mode, which knows the standard. */
#include "net/head.h"

#include <llhttp.h>
#include <string.h>
#include <strings.h>

enum { LINE_MAX_SIZE = 8192, FIELDS_MAX = 100, LENGTH_DIGITS_MAX = 18 };

/* ---- Characters (RFC 9110, 5.6.2 and 5.5) ---- */
static bool token_char(unsigned char c)
{
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool all_token(const char *text, size_t size)
{
  for (size_t i = 0; i < size; i++)
    if (!token_char((unsigned char)text[i])) return false;
  return size > 0;
}

bool http_is_token(const char *text)
{
  return all_token(text, strlen(text));
}

bool http_is_field_value(const char *text)
{
  for (const unsigned char *c = (const unsigned char *)text; *c; c++)
    if ((*c < 0x20 && *c != '\t') || *c == 0x7f) return false;
  return true;
}

/* ---- The request line ---- */
static int version_read(const char *text, size_t size, int *minor)
{
  if (size != 8 || memcmp(text, "HTTP/", 5) != 0 || text[6] != '.') return 400;
  if (text[5] < '0' || text[5] > '9' || text[7] < '0' || text[7] > '9') return 400;
  if (text[5] != '1' || text[7] > '1') return 505;
  *minor = text[7] - '0';
  return 0;
}

/* No address may hold < > or " unescaped (RFC 3986), browsers send none: refused, so that none comes back in a Location. */
static bool target_good(const char *text, size_t size)
{
  if (size == 0 || text[0] != '/') return false;
  for (size_t i = 0; i < size; i++)
    if (text[i] < 0x21 || text[i] > 0x7e || strchr("#<>\"", text[i])) return false;
  return true;
}

static bool method_known(const char *text, size_t size)
{
  static const char *const known[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    if (strlen(known[i]) == size && memcmp(known[i], text, size) == 0) return true;
  return false;
}

/* arena NULL: only judged. */
static int request_line_read(struct arena *arena, const char *line, size_t size, struct head *out)
{
  const char *first = memchr(line, ' ', size);
  const char *last = memrchr(line, ' ', size);
  if (!first || first == last) return 400;
  size_t method = (size_t)(first - line), target = (size_t)(last - first - 1);
  if (!all_token(line, method)) return 400;
  int status = version_read(last + 1, size - method - target - 2, &out->minor);
  if (status) return status;
  if (!method_known(line, method)) return 501;
  if (!target_good(first + 1, target)) return 400;
  if (!arena) return 0;
  out->method = arena_copy_n(arena, line, method);
  out->target = arena_copy_n(arena, first + 1, target);
  return 0;
}

/* ---- Finding the end ---- */
static int line_ended(struct head_scan *scan, const char *data, size_t at, bool request)
{
  size_t size = at - 1 - scan->line_start; /* without CR LF */
  if (scan->lines == 0) {
    if (size == 0) return 400;
    struct head ignored;
    int status = request ? request_line_read(NULL, data, size, &ignored) : 0;
    if (status) return status;
  }
  return size > LINE_MAX_SIZE ? (scan->lines == 0 ? 414 : 431) : 0;
}

int http_head_find(struct head_scan *scan, const char *data, size_t size, bool request, size_t *end)
{
  *end = 0;
  for (; scan->seen < size; scan->seen++) {
    unsigned char c = (unsigned char)data[scan->seen];
    bool after_cr = scan->seen > 0 && data[scan->seen - 1] == '\r';
    if (after_cr != (c == '\n')) return 400;
    if (c == '\n') {
      int status = line_ended(scan, data, scan->seen, request);
      if (status) return status;
      bool empty = scan->seen - 1 == scan->line_start;
      scan->line_start = scan->seen + 1;
      scan->lines++;
      if (empty) {
        *end = ++scan->seen;
        return 0;
      }
    } else if ((c < 0x20 && c != '\t' && c != '\r') || c == 0x7f) {
      return 400;
    }
  }
  if (size - scan->line_start > LINE_MAX_SIZE) return scan->lines == 0 ? 414 : 431;
  return size >= HTTP_HEAD_MAX ? 431 : 0;
}

/* ---- Fields ---- */
static int field_read(struct arena *arena, const char *line, size_t size, struct http_fields *fields)
{
  const char *colon = memchr(line, ':', size);
  if (!colon || !all_token(line, (size_t)(colon - line))) return 400; /* folding and a space before the colon end here */
  const char *value = colon + 1, *end = line + size;
  while (value < end && (*value == ' ' || *value == '\t')) value++;
  while (end > value && (end[-1] == ' ' || end[-1] == '\t')) end--;
  if (fields->count == FIELDS_MAX) return 431;
  fields_add(fields, arena_copy_n(arena, line, (size_t)(colon - line)), arena_copy_n(arena, value, (size_t)(end - value)));
  return 0;
}

static int fields_read(struct arena *arena, const char *data, size_t size, struct http_fields *fields)
{
  fields_init(fields, arena);
  while (size > 2) { /* the last line is the empty one */
    const char *end = memchr(data, '\r', size);
    if (!end) return 400;
    size_t line = (size_t)(end - data);
    int status = field_read(arena, data, line, fields);
    if (status) return status;
    data += line + 2;
    size -= line + 2;
  }
  return 0;
}

/* True when the list of tokens in any field of that name holds this one. */
static bool list_holds(const struct http_fields *fields, const char *name, const char *token)
{
  size_t size = strlen(token);
  for (size_t i = 0; i < fields->count; i++) {
    if (strcasecmp(fields->items[i].name, name) != 0) continue;
    for (const char *at = fields->items[i].value; *at;) {
      at += strspn(at, " \t,");
      size_t part = strcspn(at, " \t,");
      if (part == size && strncasecmp(at, token, size) == 0) return true;
      at += part;
    }
  }
  return false;
}

/* Length and coding of the body. Answers obey the same rules as requests. */
static int framing_read(struct head *head)
{
  const struct http_fields *fields = &head->fields;
  size_t lengths = fields_count(fields, "content-length"), codings = fields_count(fields, "transfer-encoding");
  head->length = -1;
  if (lengths > 1 || codings > 1 || (lengths && codings) || fields_count(fields, "trailer")) return 400;
  if (lengths) {
    const char *text = fields_get(fields, "content-length");
    size_t size = strlen(text);
    if (size == 0 || size > LENGTH_DIGITS_MAX || strspn(text, "0123456789") != size) return 400;
    head->length = 0;
    for (; *text; text++) head->length = head->length * 10 + (*text - '0');
  }
  if (codings) {
    if (head->minor == 0) return 400;
    const char *coding = fields_get(fields, "transfer-encoding");
    if (!all_token(coding, strlen(coding))) return 400;
    if (strcasecmp(coding, "chunked") != 0) return 501;
    head->chunked = true;
  }
  bool close = list_holds(fields, "connection", "close");
  head->keep = !close && (head->minor == 1 || list_holds(fields, "connection", "keep-alive"));
  return 0;
}

static bool host_good(const char *host)
{
  return *host && strspn(host, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-_~%:[]") == strlen(host);
}

/* Fields of which a second one would leave it to each reader which of them counts. */
static int request_fields_check(struct head *head)
{
  static const char *const single[] = {"host", "content-type", "authorization", "expect", "origin"};
  const struct http_fields *fields = &head->fields;
  for (size_t i = 0; i < sizeof single / sizeof single[0]; i++)
    if (fields_count(fields, single[i]) > 1) return 400;
  const char *host = fields_get(fields, "host");
  if (host ? !host_good(host) : head->minor == 1) return 400;
  const char *expect = fields_get(fields, "expect");
  if (expect && strcasecmp(expect, "100-continue") != 0) return 417;
  head->expects_continue = expect && head->minor == 1;
  return 0;
}

/* ---- The second judge ---- */
struct verdict { bool complete, chunked, has_length; uint64_t length; };

static int verdict_take(llhttp_t *parser)
{
  struct verdict *verdict = parser->data;
  verdict->complete = true;
  verdict->chunked = parser->flags & F_CHUNKED;
  verdict->has_length = parser->flags & F_CONTENT_LENGTH;
  verdict->length = parser->content_length;
  parser->upgrade = 0; /* offers of other protocols are passed over */
  return 1;            /* bodies are framed by framing.c */
}

static bool llhttp_agrees(const char *data, size_t size, bool request, const struct head *head)
{
  struct verdict verdict = {0};
  llhttp_settings_t settings;
  llhttp_settings_init(&settings);
  settings.on_headers_complete = verdict_take;
  llhttp_t parser;
  llhttp_init(&parser, request ? HTTP_REQUEST : HTTP_RESPONSE, &settings);
  parser.data = &verdict;
  if (llhttp_execute(&parser, data, size) != HPE_OK || !verdict.complete) return false;
  bool has_length = head->length >= 0;
  return verdict.chunked == head->chunked && verdict.has_length == has_length && (!has_length || verdict.length == (uint64_t)head->length);
}

/* ---- Whole heads ---- */
int http_head_read_request(struct arena *arena, const char *data, size_t size, struct head *out)
{
  *out = (struct head){0};
  size_t line = (size_t)((const char *)memchr(data, '\r', size) - data);
  int status = request_line_read(arena, data, line, out);
  if (!status) status = fields_read(arena, data + line + 2, size - line - 2, &out->fields);
  if (!status) status = framing_read(out);
  if (!status) status = request_fields_check(out);
  if (!status && !llhttp_agrees(data, size, true, out)) status = 400;
  return status;
}

/* "HTTP/1.1 200 Any words"; the words may be missing, with or without their space. */
static bool status_line_read(const char *line, size_t size, struct head *out)
{
  if (size < 12 || version_read(line, 8, &out->minor) != 0 || line[8] != ' ') return false;
  for (int i = 9; i < 12; i++)
    if (line[i] < '0' || line[i] > '9') return false;
  if (size > 12 && line[12] != ' ') return false;
  out->status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  return out->status >= 100 && out->status <= 599;
}

bool http_head_read_answer(struct arena *arena, const char *data, size_t size, struct head *out)
{
  *out = (struct head){0};
  size_t line = (size_t)((const char *)memchr(data, '\r', size) - data);
  if (!status_line_read(data, line, out)) return false;
  if (fields_read(arena, data + line + 2, size - line - 2, &out->fields) != 0 || framing_read(out) != 0) return false;
  return llhttp_agrees(data, size, false, out);
}
