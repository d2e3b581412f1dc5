/* OpenAPI documents (3.0.3) of services: made from the rows that dispatch calls and the field tables that read and write their
 * records, so that the document can't say anything else than the program does. Of foreign providers only the registered
 * endpoints are known. */
#include "axis/exchange_inner.h"

#include "base/text.h"

#include <string.h>

enum { TEXT_MAX = 500, ROWS_MAX = 100 }; /* of the field tables, where they say nothing */

static void quoted(struct buffer *out, const char *text)
{
  buffer_char(out, '"');
  for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
    if (*c == '"' || *c == '\\') buffer_char(out, '\\');
    if (*c >= 0x20) buffer_char(out, (char)*c);
  }
  buffer_char(out, '"');
}

/* ---- Schemas ---- */
static void schema_of_record(struct buffer *out, const struct record_type *type);

static void schema_text(struct buffer *out, const struct field *field)
{
  buffer_print(out, "{\"type\":\"string\",\"maxLength\":%lld", (long long)(field->max ? field->max : TEXT_MAX));
  if (field->form == FORM_EMAIL) buffer_text(out, ",\"format\":\"email\"");
  if (field->form == FORM_DIGITS) buffer_text(out, ",\"pattern\":\"^[0-9]*$\"");
  if (field->form == FORM_SECRET) buffer_text(out, ",\"writeOnly\":true");
  if (field->choices) buffer_text(out, ",\"enum\":[");
  for (size_t i = 0; field->choices && field->choices[i]; i++) {
    buffer_text(out, i ? "," : "");
    quoted(out, field->choices[i]);
  }
  buffer_text(out, field->choices ? "]}" : "}");
}

static void schema_integer(struct buffer *out, const struct field *field)
{
  if (field->form == FORM_DATE || field->form == FORM_TIME) {
    buffer_print(out, "{\"type\":\"string\",\"format\":\"%s\"}", field->form == FORM_DATE ? "date" : "date-time");
    return;
  }
  buffer_text(out, "{\"type\":\"integer\",\"format\":\"int64\"");
  if (field->max) buffer_print(out, ",\"minimum\":%lld,\"maximum\":%lld", (long long)field->min, (long long)field->max);
  buffer_char(out, '}');
}

static void schema_of_field(struct buffer *out, const struct field *field)
{
  switch (field->type) {
  case FIELD_I64: schema_integer(out, field); break;
  case FIELD_TEXT: schema_text(out, field); break;
  case FIELD_BYTES: buffer_text(out, "{\"type\":\"string\",\"format\":\"byte\"}"); break;
  case FIELD_BOOL: buffer_text(out, "{\"type\":\"boolean\"}"); break;
  case FIELD_REAL: buffer_text(out, "{\"type\":\"number\"}"); break;
  case FIELD_RECORD: schema_of_record(out, field->of); break;
  case FIELD_LIST:
    buffer_print(out, "{\"type\":\"array\",\"maxItems\":%lld,\"items\":", (long long)(field->max ? field->max : ROWS_MAX));
    schema_of_record(out, field->of);
    buffer_char(out, '}');
    break;
  }
}

static void schema_of_record(struct buffer *out, const struct record_type *type)
{
  buffer_text(out, "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{");
  for (size_t i = 0; i < type->field_count; i++) {
    buffer_text(out, i ? "," : "");
    quoted(out, type->fields[i].name);
    buffer_char(out, ':');
    schema_of_field(out, &type->fields[i]);
  }
  buffer_char(out, '}');
  bool any = false;
  for (size_t i = 0; i < type->field_count; i++) {
    if (!type->fields[i].required) continue;
    buffer_text(out, any ? "," : ",\"required\":[");
    quoted(out, type->fields[i].name);
    any = true;
  }
  buffer_text(out, any ? "]}" : "}");
}

/* ---- Operations ---- */
static void content(struct buffer *out, const char *type, const struct record_type *schema)
{
  buffer_print(out, "\"content\":{\"%s\":{\"schema\":", type);
  if (schema) schema_of_record(out, schema);
  else buffer_text(out, "{\"type\":\"object\"}");
  buffer_text(out, "}}");
}

static void parameters(struct buffer *out, const char *path)
{
  buffer_text(out, "\"parameters\":[");
  bool any = false;
  for (const char *at = strchr(path, '{'); at; at = strchr(at + 1, '{')) {
    buffer_print(out, "%s{\"name\":\"%.*s\",\"in\":\"path\",", any ? "," : "", (int)strcspn(at + 1, "}"), at + 1);
    buffer_text(out, "\"required\":true,\"schema\":{\"type\":\"string\"}}");
    any = true;
  }
  buffer_char(out, ']');
}

/* row: NULL for what a foreign provider offers. */
static void operation(struct buffer *out, const struct openapi_endpoint *endpoint, const struct service *row)
{
  char method[16] = "";
  for (size_t i = 0; endpoint->method[i] && i + 1 < sizeof method; i++) method[i] = (char)(endpoint->method[i] | 0x20);
  quoted(out, method);
  buffer_text(out, ":{");
  parameters(out, endpoint->path);
  if (row && row->ask) {
    buffer_text(out, ",\"requestBody\":{\"required\":true,");
    content(out, "application/json", row->ask);
    buffer_char(out, '}');
  }
  buffer_text(out, ",\"responses\":{");
  if (row && row->answer) {
    buffer_text(out, "\"2XX\":{\"description\":\"\",");
    content(out, "application/json", row->answer);
    buffer_text(out, "},");
  }
  buffer_text(out, "\"default\":{\"description\":\"RFC 9457\"");
  if (row) {
    buffer_char(out, ',');
    content(out, "application/problem+json", NULL);
  }
  buffer_text(out, "}}}");
}

static const struct service *row_of(const struct axis_local *local, const char *code, const struct openapi_endpoint *endpoint)
{
  for (size_t i = 0; local && i < local->service_count; i++) {
    const struct service *row = &local->services[i];
    const char *path = text_empty(row->path) ? "/" : row->path;
    if (text_equal(row->code, code) && text_equal(row->method, endpoint->method) && text_equal(path, endpoint->path)) return row;
  }
  return NULL;
}

static bool path_seen(const struct openapi_endpoint *endpoints, size_t i)
{
  for (size_t k = 0; k < i; k++)
    if (text_equal(endpoints[k].path, endpoints[i].path)) return true;
  return false;
}

const char *openapi_write(struct arena *arena, const struct axis_service *service, const struct axis_local *local, const struct list *list)
{
  const struct openapi_endpoint *endpoints = list->items;
  const char *code = strrchr(service->id, '/') + 1;
  struct buffer out;
  buffer_init(&out, arena);
  buffer_text(&out, "{\"openapi\":\"3.0.3\",\"info\":{\"title\":");
  quoted(&out, text_empty(service->name) ? service->id : service->name);
  buffer_text(&out, ",\"version\":\"1\"},\"paths\":{");
  bool any = false;
  for (size_t i = 0; i < list->count; i++) {
    if (path_seen(endpoints, i)) continue;
    buffer_text(&out, any ? "," : "");
    any = true;
    quoted(&out, endpoints[i].path);
    buffer_char(&out, ':');
    for (size_t k = i; k < list->count; k++) {
      if (!text_equal(endpoints[k].path, endpoints[i].path)) continue;
      buffer_char(&out, k == i ? '{' : ',');
      operation(&out, &endpoints[k], row_of(local, code, &endpoints[k]));
    }
    buffer_char(&out, '}');
  }
  buffer_text(&out, "}}");
  return arena_copy(arena, out.data);
}
