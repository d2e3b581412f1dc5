/* The table of codes and the two forms of the document. */
#include "axis/fault.h"

#include "base/text.h"
#include "record/record.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

static const struct { const char *code; int status; bool before; } faults[FAULT_COUNT] = {
  [FAULT_BAD_REQUEST] = {"Client.BadRequest", 400, true},
  [FAULT_WHO] = {"Server.ClientProxy.SslAuthenticationFailed", 500, true},
  [FAULT_NO_MEMBER_HERE] = {"Server.ClientProxy.UnknownMember", 500, true},
  [FAULT_NO_SERVER] = {"Server.ClientProxy.InvalidSecurityServer", 500, true},
  [FAULT_NETWORK] = {"Server.ClientProxy.NetworkError", 500, false},
  [FAULT_ANSWER] = {"Server.ClientProxy.InvalidSignatureValue", 500, false},
  [FAULT_CLIENT_BUSY] = {"Server.ClientProxy.Busy", 503, true},
  [FAULT_CLIENT_INTERNAL] = {"Server.ClientProxy.InternalError", 500, false},
  [FAULT_TLS] = {"Server.ServerProxy.SslAuthenticationFailed", 500, true},
  [FAULT_SIGNATURE] = {"Server.ServerProxy.InvalidSignatureValue", 500, true},
  [FAULT_NO_MEMBER] = {"Server.ServerProxy.UnknownMember", 500, true},
  [FAULT_NO_SERVICE] = {"Server.ServerProxy.UnknownService", 500, true},
  [FAULT_DENIED] = {"Server.ServerProxy.AccessDenied", 500, true},
  [FAULT_QUOTA] = {"Server.ServerProxy.QuotaExceeded", 429, true},
  [FAULT_SERVICE] = {"Server.ServerProxy.ServiceFailed", 500, false},
  [FAULT_ADDRESS] = {"Server.ServerProxy.AddressRefused", 500, true},
  [FAULT_SERVER_BUSY] = {"Server.ServerProxy.Busy", 503, true},
  [FAULT_SERVER_INTERNAL] = {"Server.ServerProxy.InternalError", 500, false},
};

const char *fault_code(enum fault fault)
{
  assert(fault >= FAULT_NONE && fault < FAULT_COUNT);
  return faults[fault].code;
}

enum fault fault_by_code(const char *code)
{
  for (enum fault fault = FAULT_NONE + 1; fault < FAULT_COUNT; fault++)
    if (text_equal(faults[fault].code, code)) return fault;
  return FAULT_NONE;
}

int fault_status(enum fault fault)
{
  assert(fault > FAULT_NONE && fault < FAULT_COUNT);
  return faults[fault].status;
}

bool fault_before_call(enum fault fault)
{
  assert(fault > FAULT_NONE && fault < FAULT_COUNT);
  return faults[fault].before;
}

struct fault_document { const char *type, *message, *detail; };

static const struct field document_fields[] = {
  FIELD(struct fault_document, type),
  FIELD(struct fault_document, message),
  FIELD(struct fault_document, detail),
};
static const struct record_type document_type = RECORD("error", struct fault_document, document_fields);

/* The quality that Accept gives to one media type, in thousandths; -1: not named. */
static int accept_quality(const char *accept, const char *type)
{
  size_t size = strlen(type);
  for (const char *at = accept; at && *at;) {
    at += strspn(at, " \t,");
    size_t length = strcspn(at, ",");
    bool named = strncasecmp(at, type, size) == 0 && (at[size] == '\0' || strchr(" \t;,", at[size]));
    const char *q = named ? strstr(at, "q=") : NULL;
    if (named && (!q || q >= at + length)) return 1000;
    if (named) return q[2] == '1' ? 1000 : q[3] == '.' && q[4] >= '0' && q[4] <= '9' ? (q[4] - '0') * 100 : 0;
    at += length;
  }
  return -1;
}

static bool accept_wants_xml(const char *accept)
{
  int application = accept_quality(accept, "application/xml"), text = accept_quality(accept, "text/xml");
  int xml = application > text ? application : text;
  return xml > 0 && xml > accept_quality(accept, "application/json");
}

static void xml_element(struct buffer *out, const char *name, const char *text)
{
  buffer_print(out, "<%s>", name);
  html_escape(out, text ? text : "");
  buffer_print(out, "</%s>", name);
}

static void fault_write_xml(struct buffer *out, const struct fault_document *document)
{
  buffer_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<error>");
  xml_element(out, "type", document->type);
  xml_element(out, "message", document->message);
  xml_element(out, "detail", document->detail);
  buffer_text(out, "</error>");
}

void fault_answer(struct arena *arena, enum fault fault, const char *subject, const char *tracking, const char *accept, struct http_answer *out)
{
  const char *code = fault_code(fault), *reason = strrchr(code, '.') + 1;
  struct fault_document document = {code, subject ? arena_print(arena, "%s: %s", reason, subject) : reason, tracking ? tracking : ""};
  bool xml = accept_wants_xml(accept);
  struct buffer body;
  buffer_init(&body, arena);
  if (xml)
    fault_write_xml(&body, &document);
  else
    record_write_json(&body, &document_type, &document);
  *out = (struct http_answer){.status = fault_status(fault)};
  fields_init(&out->fields, arena);
  fields_add(&out->fields, "Content-Type", xml ? "application/xml; charset=utf-8" : "application/json; charset=utf-8");
  fields_add(&out->fields, "X-Road-Error", code);
  if (out->status == 503 || out->status == 429) fields_add(&out->fields, "Retry-After", out->status == 429 ? "60" : "2");
  out->body = (struct http_body){.data = buffer_bytes(&body), .size = (int64_t)body.size};
}
