/* Heads of requests and answers (RFC 9112): found, judged, read. Whatever two readers could understand differently is refused:
 * a proxy before us and a server behind us must never disagree on where a message ends. */
#ifndef NET_HEAD_H
#define NET_HEAD_H

#include "net/http.h"

struct head {
  const char *method, *target;   /* of a request */
  int status;                    /* of an answer */
  int minor;                     /* HTTP/1.minor */
  struct http_fields fields;
  int64_t length;                /* Content-Length, or -1 */
  bool chunked;
  bool keep;                     /* the connection may be used again */
  bool expects_continue;
};

/* Looks for the end of a head in bytes that grow; begin with a zeroed scan. */
struct head_scan { size_t seen, line_start; int lines; };
/* 0: *end is the head's size, or 0 when more is needed. Else the status to refuse with. */
MUST_USE int http_head_find(struct head_scan *scan, const char *data, size_t size, bool request, size_t *end);
/* A whole head, as http_head_find measured it. 0 or the status to refuse with. */
MUST_USE int http_head_read_request(struct arena *arena, const char *data, size_t size, struct head *out);
MUST_USE bool http_head_read_answer(struct arena *arena, const char *data, size_t size, struct head *out);

bool http_is_token(const char *text);           /* a method or a field's name */
bool http_is_field_value(const char *text);     /* no control characters but TAB */

#endif
