/* Information systems in any language: a consumer that speaks plain HTTP to /r1 with a token, a provider that is only a URL. */
#include "axis/test_nodes.h"

#include "base/text.h"
#include "net/allow.h"
#include "keys/test_process.h"

#include <jansson.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

static struct test_node *node;
static const char *token, *other_token;

/* ---- A foreign provider ---- */
struct foreign { pthread_mutex_t lock; int calls; char method[16], target[300], fields[4000], body[100]; struct http_server *server; int port; };
static struct foreign foreign;

static int foreign_head(void *self, struct http_call *call, int64_t *body_max)
{
  *body_max = 1 << 20;
  return 0;
}

static void foreign_ready(void *self, struct http_call *call)
{
  struct foreign *seen = self;
  struct buffer all;
  buffer_init(&all, call->arena);
  for (size_t i = 0; i < call->fields.count; i++) buffer_print(&all, "%s: %s\n", call->fields.items[i].name, call->fields.items[i].value);
  pthread_mutex_lock(&seen->lock);
  seen->calls++;
  snprintf(seen->method, sizeof seen->method, "%s", call->method);
  snprintf(seen->target, sizeof seen->target, "%s", call->target);
  snprintf(seen->fields, sizeof seen->fields, "%s", buffer_string(&all));
  snprintf(seen->body, sizeof seen->body, "%.*s", (int)call->body.data.size, call->body.data.data ? (const char *)call->body.data.data : "");
  pthread_mutex_unlock(&seen->lock);
  struct http_answer answer = {.status = strstr(call->target, "teapot") ? 418 : 200};
  fields_init(&answer.fields, call->arena);
  fields_add(&answer.fields, "Content-Type", "text/csv");
  fields_add(&answer.fields, "X-Mine", "yes");
  fields_add(&answer.fields, "X-Road-Error", "forged");
  fields_add(&answer.fields, "Server", "hidden");
  if (strcmp(call->method, "HEAD") != 0) answer.body = (struct http_body){.data = {(const uint8_t *)"a;b", 3}, .size = 3};
  http_reply(call, &answer);
}

static int calls_of_foreign(void)
{
  pthread_mutex_lock(&foreign.lock);
  int calls = foreign.calls;
  pthread_mutex_unlock(&foreign.lock);
  return calls;
}

static void foreign_register(struct directory *directory)
{
  struct cx *cx = node->cx;
  const struct member member = {.id = "H01/GOV/B", .name = "Sở"};
  const struct axis_system client = {.id = "H01/GOV/B/client"}, silent = {.id = "H01/GOV/B/silent", .url = "http://127.0.0.1:1"};
  const struct axis_system provider = {.id = "H01/GOV/B/tax", .name = "Thuế", .url = arena_print(cx->arena, "http://127.0.0.1:%d/base/", foreign.port)};
  const struct axis_service service = {.id = "H01/GOV/B/tax/returns", .kind = "OPENAPI", .endpoints = "GET /x/{n}\nPOST /x/{n}\nGET /y"};
  const struct axis_service dead = {.id = "H01/GOV/B/silent/x"};
  assert_int_equal(directory_put_member(cx, directory, &member), OK);
  assert_int_equal(directory_put_system(cx, directory, &client), OK);
  assert_int_equal(directory_put_system(cx, directory, &provider), OK);
  assert_int_equal(directory_put_system(cx, directory, &silent), OK);
  assert_int_equal(directory_put_service(cx, directory, &service), OK);
  assert_int_equal(directory_put_service(cx, directory, &dead), OK);
  assert_int_equal(system_token_make(cx, directory, "H01/GOV/B/client", &token), OK);
  assert_int_equal(system_token_make(cx, directory, "H01/GOV/B/tax", &other_token), OK);
}

static void foreign_right(const char *service, const char *path)
{
  const struct right right = {.consumer = "H01/GOV/B/client", .service = service, .path = path, .purpose = "p", .legal_basis = "l",
                              .valid_from = NONE_DATE, .valid_to = NONE_DATE};
  int64_t id;
  assert_int_equal(right_grant(node->cx, axis_directory(node->axis), &right, &id), OK);
}

static int node_setup(void **state)
{
  node = test_node_new("H01");
  pthread_mutex_init(&foreign.lock, NULL);
  const struct http_service service = {.self = &foreign, .head = foreign_head, .ready = foreign_ready};
  const struct http_limits limits = {.spool_folder = node->folder};
  assert_int_equal(http_server_start(node->cx, node->loops, "127.0.0.1:0", NULL, &service, &limits, &foreign.port, &foreign.server), OK);
  foreign_register(axis_directory(node->axis));
  return 0;
}

static int node_teardown(void **state)
{
  axis_close(node->axis);
  node->axis = NULL;
  http_server_stop(foreign.server, 1000);
  workers_stop(node->workers);
  loops_stop(node->loops);
  store_close(node->here.store);
  keys_stop(node->keys);
  test_node_free(node);
  return 0;
}

/* ---- Asking ---- */
struct answer { int status; const char *head, *body; };

static struct answer ask(const char *line, const char *fields, const char *body)
{
  struct answer answer;
  const char *text = arena_print(node->cx->arena, "%s HTTP/1.1\r\nHost: axis\r\nConnection: close\r\n%s%s%s\r\n%s", line, fields,
                                 body ? arena_print(node->cx->arena, "Content-Length: %zu\r\n", strlen(body)) : "", "", body ? body : "");
  answer.status = test_http(node, axis_information_port(node->axis), text, &answer.head, &answer.body);
  return answer;
}

static const char *proven(const char *more)
{
  return arena_print(node->cx->arena, "Axis-Token: %s\r\nX-Road-Client: H01/GOV/B/client\r\n%s", token, more);
}

static void expect_fault(const struct answer *answer, int status, const char *code)
{
  assert_int_equal(answer->status, status);
  assert_non_null(strcasestr(answer->head, arena_print(node->cx->arena, "\r\nX-Road-Error: %s\r\n", code)));
  assert_non_null(strstr(answer->body, code));
}

static void test_who(void **state)
{
  static const char line[] = "GET /r1/H01/GOV/A/probe/read/7";
  int64_t calls = test_node_calls(node);
  struct answer answer = ask(line, "X-Road-Client: H01/GOV/B/client\r\n", NULL);
  expect_fault(&answer, 500, "Server.ClientProxy.SslAuthenticationFailed");
  answer = ask(line, "X-Road-Client: H01/GOV/B/client\r\nAxis-Token: wrong\r\n", NULL);
  expect_fault(&answer, 500, "Server.ClientProxy.SslAuthenticationFailed");
  answer = ask(line, arena_print(node->cx->arena, "X-Road-Client: H01/GOV/B/client\r\nAxis-Token: %s\r\n", other_token), NULL);
  expect_fault(&answer, 500, "Server.ClientProxy.SslAuthenticationFailed");
  answer = ask(line, arena_print(node->cx->arena, "Axis-Token: %s\r\n", token), NULL);
  expect_fault(&answer, 400, "Client.BadRequest");
  answer = ask("GET /elsewhere", proven(""), NULL);
  expect_fault(&answer, 400, "Client.BadRequest");
  answer = ask("GET /r1/H01/GOV/A/probe", proven(""), NULL);
  expect_fault(&answer, 400, "Client.BadRequest");
  answer = ask(line, proven(""), NULL);
  expect_fault(&answer, 500, "Server.ServerProxy.AccessDenied");
  answer = ask("GET /r1/H01/GOV/A/probe/nothing", proven("Accept: text/xml\r\n"), NULL);
  assert_int_equal(answer.status, 500);
  assert_non_null(strstr(answer.body, "<type>Server.ServerProxy.UnknownService</type>"));
  answer = ask(line, proven("X-Road-Security-Server: VN/gateway\r\n"), NULL);
  expect_fault(&answer, 500, "Server.ClientProxy.InvalidSecurityServer");
  answer = ask(line, proven("X-Twice: 1\r\nX-Twice: 2\r\n"), NULL);
  expect_fault(&answer, 400, "Client.BadRequest");
  answer = ask(line, proven("X-Name: \xc3\xa9\r\n"), NULL);
  expect_fault(&answer, 400, "Client.BadRequest");
  char *great = arena_alloc(node->cx->arena, 6601);
  memset(great, 'x', 6600);
  answer = ask(line, proven(arena_print(node->cx->arena, "X-Great: %s\r\nX-Greater: %s\r\n", great, great)), NULL);
  expect_fault(&answer, 400, "Client.BadRequest");
  assert_int_equal(test_node_calls(node), calls);
}

static void test_own_provider(void **state)
{
  foreign_right("H01/GOV/A/probe/read", "/*");
  struct answer answer = ask("GET /r1/H01/GOV/A/probe/read/7?q=1", proven("X-Road-Id: abc\r\nX-Road-UserId: EE2\r\n"), NULL);
  assert_int_equal(answer.status, 200);
  assert_string_equal(answer.body, "{\"value\":\"7\"}");
  assert_non_null(strcasestr(answer.head, "\r\nx-road-id: abc\r\n"));
  assert_non_null(strcasestr(answer.head, "\r\nx-road-client: H01/GOV/B/client\r\n"));
  assert_non_null(strcasestr(answer.head, "\r\nx-road-service: H01/GOV/A/probe/read\r\n"));
  assert_non_null(strcasestr(answer.head, "\r\nx-road-request-id: "));
  assert_non_null(strcasestr(answer.head, "\r\nx-road-request-hash: "));
  assert_non_null(strcasestr(answer.head, "\r\naxis-receipt: H01/gateway/journal-1:"));
  assert_string_equal(node->probe->query, "q=1");
  assert_string_equal(node->probe->user, "EE2");
}

static void test_foreign_provider(void **state)
{
  int calls = calls_of_foreign();
  struct answer answer = ask("GET /r1/H01/GOV/B/tax/returns/x/1", proven(""), NULL);
  expect_fault(&answer, 500, "Server.ServerProxy.AccessDenied");
  assert_int_equal(calls_of_foreign(), calls);
  foreign_right("H01/GOV/B/tax/returns", "*");
  answer = ask("POST /r1/H01/GOV/B/tax/returns/x/%41%2F1?b=%20&a", proven("Content-Type: text/plain\r\nAuthorization: Bearer t\r\n"
               "X-Road-Represented-Party: GOV/X\r\nSignature: axis=:AA==:\r\nUser-Agent: any\r\nTE: trailers\r\n"), "hello");
  assert_int_equal(answer.status, 200);
  assert_string_equal(answer.body, "a;b");
  assert_non_null(strcasestr(answer.head, "\r\nX-Mine: yes\r\n"));
  assert_non_null(strcasestr(answer.head, "\r\nContent-Type: text/csv\r\n"));
  assert_null(strcasestr(answer.head, "X-Road-Error"));
  assert_null(strcasestr(answer.head, "hidden"));
  assert_string_equal(foreign.method, "POST");
  assert_string_equal(foreign.target, "/base/returns/x/%41%2F1?b=%20&a");
  assert_string_equal(foreign.body, "hello");
  assert_non_null(strcasestr(foreign.fields, "X-Road-Client: H01/GOV/B/client\n"));
  assert_non_null(strcasestr(foreign.fields, "X-Road-Service: H01/GOV/B/tax/returns\n"));
  assert_non_null(strcasestr(foreign.fields, "X-Road-Represented-Party: GOV/X\n"));
  assert_non_null(strcasestr(foreign.fields, "Authorization: Bearer t\n"));
  assert_non_null(strcasestr(foreign.fields, "Signature: axis=:AA==:\n"));
  assert_non_null(strcasestr(foreign.fields, "X-Road-Id: H01-"));
  assert_null(strcasestr(foreign.fields, "Axis-"));
  assert_null(strcasestr(foreign.fields, "User-Agent"));
  answer = ask("GET /r1/H01/GOV/B/tax/returns/teapot", proven(""), NULL);
  assert_int_equal(answer.status, 418); /* the provider's own error, untouched */
  assert_null(strcasestr(answer.head, "X-Road-Error"));
  answer = ask("DELETE /r1/H01/GOV/B/tax/returns/x/1", proven(""), NULL);
  assert_int_equal(answer.status, 200);
  answer = ask("HEAD /r1/H01/GOV/B/tax/returns/x/1", proven(""), NULL);
  assert_int_equal(answer.status, 200);
  assert_string_equal(answer.body, "");
  foreign_right("H01/GOV/B/silent/x", "*");
  answer = ask("GET /r1/H01/GOV/B/silent/x", proven(""), NULL);
  expect_fault(&answer, 500, "Server.ServerProxy.ServiceFailed");
}

static void test_meta(void **state)
{
  struct answer answer = ask("GET /listClients", "", NULL);
  expect_fault(&answer, 500, "Server.ClientProxy.SslAuthenticationFailed");
  answer = ask("GET /listClients", proven(""), NULL);
  assert_int_equal(answer.status, 200);
  assert_non_null(strstr(answer.body, "{\"id\":{\"object_type\":\"SUBSYSTEM\",\"xroad_instance\":\"H01\",\"member_class\":\"GOV\",\"member_code\":\"B\","
                                      "\"subsystem_code\":\"tax\"},\"name\":\"Sở\",\"subsystem_name\":\"Thuế\"}"));
  answer = ask("GET /listClients?xRoadInstance=XX", proven(""), NULL);
  expect_fault(&answer, 400, "Client.BadRequest");
  answer = ask("GET /r1/H01/GOV/B/tax/listMethods", proven(""), NULL);
  assert_int_equal(answer.status, 200);
  assert_non_null(strstr(answer.body, "\"service_code\":\"returns\",\"service_type\":\"OPENAPI\",\"endpoint_list\":[{\"method\":\"GET\",\"path\":\"/x/{n}\"}"));
  answer = ask("GET /r1/H01/GOV/B/silent/allowedMethods", proven(""), NULL);
  assert_non_null(strstr(answer.body, "\"service_code\":\"x\""));
  answer = ask("GET /r1/H01/GOV/A/probe/allowedMethods", proven(""), NULL);
  assert_null(strstr(answer.body, "\"service_code\":\"write\""));
  answer = ask("GET /r1/H01/GOV/B/tax/getOpenAPI?serviceCode=returns", proven(""), NULL);
  assert_int_equal(answer.status, 200);
  assert_non_null(strstr(answer.body, "\"/x/{n}\":{\"get\":{\"parameters\":[{\"name\":\"n\""));
  answer = ask("GET /r1/H01/GOV/A/probe/getOpenAPI?serviceCode=write", proven(""), NULL);
  assert_non_null(strstr(answer.body, "\"/\":{\"post\":{\"parameters\":[],\"requestBody\":{\"required\":true,\"content\":{\"application/json\":{\"schema\":"
    "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"text\":{\"type\":\"string\",\"maxLength\":4000000}},\"required\":[\"text\"]}"));
  json_t *document = json_loads(answer.body, 0, NULL);
  assert_non_null(document);
  json_decref(document);
  answer = ask("GET /r1/H01/GOV/B/tax/getOpenAPI?serviceCode=none", proven(""), NULL);
  expect_fault(&answer, 500, "Server.ServerProxy.UnknownService");
}

/* A suspended system's token is worth nothing from the next request on; a new token ends the old one. */
static void test_suspended(void **state)
{
  struct cx *cx = node->cx;
  struct axis_system client = {.id = "H01/GOV/B/client", .state = "suspended"};
  static const char line[] = "GET /r1/H01/GOV/A/probe/read/7";
  assert_int_equal(directory_put_system(cx, axis_directory(node->axis), &client), OK);
  struct answer answer = ask(line, proven(""), NULL);
  expect_fault(&answer, 500, "Server.ClientProxy.SslAuthenticationFailed");
  client.state = "active";
  assert_int_equal(directory_put_system(cx, axis_directory(node->axis), &client), OK);
  assert_int_equal(ask(line, proven(""), NULL).status, 200);
  const char *fresh;
  assert_int_equal(system_token_make(cx, axis_directory(node->axis), "H01/GOV/B/client", &fresh), OK);
  answer = ask(line, proven(""), NULL);
  expect_fault(&answer, 500, "Server.ClientProxy.SslAuthenticationFailed");
  token = fresh;
  assert_int_equal(ask(line, proven(""), NULL).status, 200);
}

/* A name that was let in and leads elsewhere by now: judged when it is called, nothing is sent, and the answer says why. */
static void test_foreign_address_refused(void **state)
{
  struct cx *cx = node->cx;
  static const char line[] = "GET /r1/H01/GOV/B/moved/x/1";
  const struct axis_system moved = {.id = "H01/GOV/B/moved", .url = arena_print(cx->arena, "http://localhost:%d", foreign.port)};
  const struct axis_service service = {.id = "H01/GOV/B/moved/x"};
  assert_int_equal(directory_put_system(cx, axis_directory(node->axis), &moved), OK);
  assert_int_equal(directory_put_service(cx, axis_directory(node->axis), &service), OK);
  foreign_right("H01/GOV/B/moved/x", "*");
  assert_int_equal(ask(line, proven(""), NULL).status, 200);
  int calls = calls_of_foreign();
  assert_int_equal(net_allow_read(cx, "x", arena_print(cx->arena, "10.0.0.0/8:%d", foreign.port), &node->axis->providers), OK);
  assert_true(axis_may_call(node->axis, moved.url)); /* nobody can tell before the name is asked for */
  assert_false(axis_may_call(node->axis, "http://127.0.0.1:8080"));
  struct answer answer = ask(line, proven(""), NULL);
  expect_fault(&answer, 500, "Server.ServerProxy.AddressRefused");
  assert_int_equal(calls_of_foreign(), calls);
}

int main(int count, char **arguments)
{
  test_process_main(count, arguments);
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_who), cmocka_unit_test(test_own_provider), cmocka_unit_test(test_foreign_provider), cmocka_unit_test(test_meta),
    cmocka_unit_test(test_suspended), cmocka_unit_test(test_foreign_address_refused),
  };
  return cmocka_run_group_tests(tests, node_setup, node_teardown);
}
