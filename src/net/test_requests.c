/* Requests that two readers could understand differently, or that nobody should send: each is refused and its connection
 * closed, so that nothing behind it is taken for a request. Beside them, unusual but good ones, which must be served. */
#include "net/test_net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HOST "Host: x\r\n"
#define POST "POST /echo HTTP/1.1\r\n" HOST
#define GET "GET /one HTTP/1.1\r\n"
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"

/* size 0: strlen. */
struct row { const char *name; int status; const char *request; size_t size; };

#define BYTES(text) (text), sizeof(text) - 1

static const struct row refused[] = {
  /* Two framings */
  {"length and chunks", 400, POST "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
  {"chunks and length", 400, POST "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n"},
  {"two lengths", 400, POST "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd"},
  {"two equal lengths", 400, POST "Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd"},
  {"a list of lengths", 400, POST "Content-Length: 4, 4\r\n\r\nabcd"},
  {"two codings", 400, POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
  {"coding list", 400, POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
  {"chunked twice", 400, POST "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"},
  {"unknown coding", 501, POST "Transfer-Encoding: gzip\r\n\r\n"},
  {"identity coding", 501, POST "Transfer-Encoding: identity\r\n\r\n"},
  {"almost chunked", 501, POST "Transfer-Encoding: xchunked\r\n\r\n"},
  {"vertical tab before chunked", 400, POST "Transfer-Encoding: \vchunked\r\n\r\n"},
  {"empty coding", 400, POST "Transfer-Encoding:\r\n\r\n"},
  {"coding on 1.0", 400, "POST /echo HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
  /* Lengths */
  {"signed length", 400, POST "Content-Length: +4\r\n\r\nabcd"},
  {"negative length", 400, POST "Content-Length: -1\r\n\r\n"},
  {"hexadecimal length", 400, POST "Content-Length: 0x4\r\n\r\nabcd"},
  {"length with a space within", 400, POST "Content-Length: 1 0\r\n\r\n0123456789"},
  {"empty length", 400, POST "Content-Length:\r\n\r\n"},
  {"length of 2^64 + 4", 400, POST "Content-Length: 18446744073709551620\r\n\r\nabcd"},
  {"length too great to take", 413, POST "Content-Length: 999999999999\r\n\r\n"},
  /* Lines */
  {"bare LF after the request line", 400, "GET /one HTTP/1.1\n" HOST "\r\n"},
  {"bare LF after a field", 400, GET "Host: x\n\r\n"},
  {"bare LF at the end", 400, GET HOST "\n"},
  {"bare CR in a value", 400, GET "Host: x\r\nA: b\rc\r\n\r\n"},
  {"bare CR at the end", 400, GET HOST "\r\r\n\r\n"},
  {"CR between end's CR and LF", 400, GET HOST "\rX\n"},
  {"folded value", 400, GET HOST "A: b\r\n c\r\n\r\n"},
  {"folded value by a tab", 400, GET HOST "A: b\r\n\tc\r\n\r\n"},
  {"space before the first field", 400, GET " " HOST "\r\n"},
  {"space before the colon", 400, POST "Content-Length : 4\r\n\r\nabcd"},
  {"tab before the colon", 400, POST "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n"},
  {"no colon", 400, GET HOST "Nothing\r\n\r\n"},
  {"empty name", 400, GET HOST ": b\r\n\r\n"},
  {"strange sign in a name", 400, GET HOST "A(b): c\r\n\r\n"},
  {"letter beyond ASCII in a name", 400, GET HOST "\xc3\xa1: c\r\n\r\n"},
  {"empty line first", 400, "\r\nGET /one HTTP/1.1\r\n" HOST "\r\n"},
  {"NUL in a value", 400, BYTES(GET HOST "A: b\0c\r\n\r\n")},
  {"NUL in a name", 400, BYTES(GET HOST "A\0: b\r\n\r\n")},
  {"NUL in the target", 400, BYTES("GET /a\0b HTTP/1.1\r\n" HOST "\r\n")},
  {"markup in the target", 400, "GET /a<b HTTP/1.1\r\n" HOST "\r\n"},
  {"a quote in the query", 400, "GET /a?b=\"c HTTP/1.1\r\n" HOST "\r\n"},
  {"DEL in a value", 400, GET HOST "A: b\x7f\r\n\r\n"},
  {"escape sign in a value", 400, GET HOST "A: \x1b[1m\r\n\r\n"},
  /* Host */
  {"no Host", 400, GET "\r\n"},
  {"two Hosts", 400, GET HOST HOST "\r\n"},
  {"two Hosts on 1.0", 400, "GET /one HTTP/1.0\r\n" HOST "Host: y\r\n\r\n"},
  {"empty Host", 400, GET "Host:\r\n\r\n"},
  {"Host with a path", 400, GET "Host: x/y\r\n\r\n"},
  {"Host with a user", 400, GET "Host: a@x\r\n\r\n"},
  {"Host with two names", 400, GET "Host: x, y\r\n\r\n"},
  /* The request line */
  {"absolute form", 400, "GET http://x/one HTTP/1.1\r\n" HOST "\r\n"},
  {"authority form", 501, "CONNECT x:443 HTTP/1.1\r\n" HOST "\r\n"},
  {"asterisk form", 400, "OPTIONS * HTTP/1.1\r\n" HOST "\r\n"},
  {"target without a slash", 400, "GET one HTTP/1.1\r\n" HOST "\r\n"},
  {"fragment", 400, "GET /one#two HTTP/1.1\r\n" HOST "\r\n"},
  {"space in the target", 400, "GET /one two HTTP/1.1\r\n" HOST "\r\n"},
  {"letter beyond ASCII in the target", 400, "GET /\xc4\x91 HTTP/1.1\r\n" HOST "\r\n"},
  {"tab in the request line", 400, "GET\t/one HTTP/1.1\r\n" HOST "\r\n"},
  {"two spaces", 400, "GET  /one HTTP/1.1\r\n" HOST "\r\n"},
  {"space after the version", 400, "GET /one HTTP/1.1 \r\n" HOST "\r\n"},
  {"no version", 400, "GET /one\r\n\r\n"},
  {"HTTP/0.9, without a second line", 400, "GET /one\r\n"},
  {"HTTP/2.0", 505, "GET /one HTTP/2.0\r\n" HOST "\r\n"},
  {"HTTP/1.2", 505, "GET /one HTTP/1.2\r\n" HOST "\r\n"},
  {"HTTP/1.10", 400, "GET /one HTTP/1.10\r\n" HOST "\r\n"},
  {"small letters in the version", 400, "GET /one http/1.1\r\n" HOST "\r\n"},
  {"another protocol", 400, "GET /one RTSP/1.0\r\n" HOST "\r\n"},
  {"preface of HTTP/2", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
  {"unknown method", 501, "BREW /one HTTP/1.1\r\n" HOST "\r\n"},
  {"TRACE", 501, "TRACE /one HTTP/1.1\r\n" HOST "\r\n"},
  {"small letters in the method", 501, "get /one HTTP/1.1\r\n" HOST "\r\n"},
  {"strange sign in the method", 400, "G(T /one HTTP/1.1\r\n" HOST "\r\n"},
  {"TLS on a plain port", 400, BYTES("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")},
  /* Fields that must stand alone */
  {"two Content-Types", 400, POST "Content-Type: a/b\r\nContent-Type: c/d\r\nContent-Length: 0\r\n\r\n"},
  {"two Authorizations", 400, GET HOST "Authorization: a\r\nAuthorization: b\r\n\r\n"},
  {"unknown expectation", 417, POST "Expect: miracles\r\nContent-Length: 0\r\n\r\n"},
  {"promise of trailers", 400, POST "Transfer-Encoding: chunked\r\nTrailer: A\r\n\r\n0\r\n\r\n"},
  /* Chunks */
  {"trailer", 400, CHUNKED "0\r\nA: b\r\n\r\n"},
  {"length as a trailer", 400, CHUNKED "0\r\nContent-Length: 30\r\n\r\n"},
  {"chunk extension", 400, CHUNKED "3;a=b\r\nabc\r\n0\r\n\r\n"},
  {"bare LF after a chunk's size", 400, CHUNKED "3\nabc\r\n0\r\n\r\n"},
  {"bare LF after a chunk", 400, CHUNKED "3\r\nabc\n0\r\n\r\n"},
  {"bare LF at the chunks' end", 400, CHUNKED "0\r\n\n"},
  {"bare CR at the chunks' end", 400, CHUNKED "0\r\n\rX"},
  {"chunk longer than said", 400, CHUNKED "3\r\nabcd\r\n0\r\n\r\n"},
  {"chunk shorter than said", 400, CHUNKED "5\r\nabc\r\n0\r\n\r\n"},
  {"chunk size with 0x", 400, CHUNKED "0x3\r\nabc\r\n0\r\n\r\n"},
  {"chunk size with a sign", 400, CHUNKED "+3\r\nabc\r\n0\r\n\r\n"},
  {"space before a chunk's size", 400, CHUNKED " 3\r\nabc\r\n0\r\n\r\n"},
  {"space after a chunk's size", 400, CHUNKED "3 \r\nabc\r\n0\r\n\r\n"},
  {"chunk size beyond 64 bits", 400, CHUNKED "10000000000000003\r\nabc\r\n0\r\n\r\n"},
  {"chunk without a size", 400, CHUNKED "\r\nabc\r\n0\r\n\r\n"},
  {"no chunk size at all", 400, CHUNKED "hello\r\n"},
};

static const struct row served[] = {
  {"plain", 200, GET HOST "\r\n"},
  {"spaces around a value", 200, GET "Host:   x \t \r\n\r\n"},
  {"empty value", 200, GET HOST "A:\r\n\r\n"},
  {"letters beyond ASCII in a value", 200, GET HOST "A: \xc4\x91\xe1\xbb\x93ng\r\n\r\n"},
  {"Host with a port", 200, GET "Host: x.gov.vn:8080\r\n\r\n"},
  {"Host in brackets", 200, GET "Host: [::1]:80\r\n\r\n"},
  {"mixed letters in names", 200, "POST /echo HTTP/1.1\r\nhOST: x\r\ncONTENT-lENGTH: 4\r\n\r\nabcd"},
  {"chunked in capitals", 200, POST "Transfer-Encoding: CHUNKED\r\n\r\n4\r\nabcd\r\n0\r\n\r\n"},
  {"chunk size in capitals, with zeros", 200, CHUNKED "000A\r\n0123456789\r\n00\r\n\r\n"},
  {"offer of HTTP/2", 200, GET HOST "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n\r\n"},
  {"length of zeros", 200, POST "Content-Length: 0004\r\n\r\nabcd"},
  {"GET with a body", 200, "GET /echo HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\nabcd"},
  {"POST without a body", 200, POST "\r\n"},
  {"OPTIONS", 200, "OPTIONS /one HTTP/1.1\r\n" HOST "\r\n"},
  {"PATCH", 200, "PATCH /echo HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\na"},
  {"signs in the query", 200, "GET /one?a={b}|c&d=%C4%91 HTTP/1.1\r\n" HOST "\r\n"},
  {"1.0 without Host", 200, "GET /one HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"},
};

static const char second[] = "GET /second HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n";

/* The row's request, then a good one; gives what came back. */
static char *talk_twice(const struct test_net *net, const struct row *row)
{
  size_t size = row->size ? row->size : strlen(row->request);
  char *both = malloc(size + sizeof second);
  memcpy(both, row->request, size);
  memcpy(both + size, second, sizeof second);
  char *text = test_talk(net->port, both, size + sizeof second - 1, 3000, NULL);
  free(both);
  return text;
}

static void test_refused(void **state)
{
  struct test_net *net = test_net_start(NULL, NULL, 1);
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
    const struct row *row = &refused[i];
    char start[32];
    snprintf(start, sizeof start, "HTTP/1.1 %d ", row->status);
    char *text = talk_twice(net, row);
    if (strncmp(text, start, strlen(start)) != 0) fail_msg("%s: wanted %s, got:\n%s", row->name, start, text);
    if (strstr(text, "/second") || strstr(text + 1, "HTTP/1.1")) fail_msg("%s: the connection went on:\n%s", row->name, text);
    if (!strstr(text, "Connection: close\r\n")) fail_msg("%s: does not say that it closes:\n%s", row->name, text);
    free(text);
  }
  assert_int_equal(net->ready, 0);
  assert_int_equal(http_server_counts(net->server).refused, sizeof refused / sizeof refused[0]);
  test_net_stop(net);
}

static void test_served(void **state)
{
  struct test_net *net = test_net_start(NULL, NULL, 1);
  for (size_t i = 0; i < sizeof served / sizeof served[0]; i++) {
    const struct row *row = &served[i];
    char *text = talk_twice(net, row);
    if (strncmp(text, "HTTP/1.1 200 ", 13) != 0) fail_msg("%s: got:\n%s", row->name, text);
    if (!strstr(text, "GET /second")) fail_msg("%s: the connection did not go on:\n%s", row->name, text);
    free(text);
  }
  assert_int_equal(net->ready, 2 * sizeof served / sizeof served[0]);
  test_net_stop(net);
}

static void check_long(const struct test_net *net, const char *before, size_t length, const char *after, const char *wanted)
{
  struct buffer request;
  buffer_init(&request, NULL);
  buffer_text(&request, before);
  for (size_t i = 0; i < length; i++) buffer_char(&request, 'a');
  buffer_text(&request, after);
  char *text = test_talk(net->port, request.data, request.size, 3000, NULL);
  if (strncmp(text, wanted, strlen(wanted)) != 0) fail_msg("%s… of %zu: wanted %s, got:\n%s", before, length, wanted, text);
  free(text);
  buffer_done(&request);
}

static void test_long(void **state)
{
  struct test_net *net = test_net_start(NULL, NULL, 1);
  const char *end = " HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", *field_end = "\r\nConnection: close\r\n\r\n";
  check_long(net, "GET /", 8000, end, "HTTP/1.1 200 ");
  check_long(net, "GET /", 8200, end, "HTTP/1.1 414 ");
  check_long(net, "GET /", 60000, "", "HTTP/1.1 414 ");
  check_long(net, GET HOST "A: ", 8000, field_end, "HTTP/1.1 200 ");
  check_long(net, GET HOST "A: ", 8200, field_end, "HTTP/1.1 431 ");
  struct buffer many;
  buffer_init(&many, NULL);
  buffer_text(&many, GET HOST);
  for (int i = 0; i < 120; i++) buffer_print(&many, "A%d: b\r\n", i);
  check_long(net, many.data, 0, "\r\n", "HTTP/1.1 431 ");
  buffer_done(&many);
  buffer_text(&many, GET HOST);
  for (int i = 0; i < 3; i++) buffer_print(&many, "A%d: %06000d\r\n", i, 0);
  check_long(net, many.data, 0, "\r\n", "HTTP/1.1 431 ");
  buffer_done(&many);
  test_net_stop(net);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_refused), cmocka_unit_test(test_served), cmocka_unit_test(test_long)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
