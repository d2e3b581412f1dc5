/* For the tests of this floor: what they share. */
#include "net/test_net.h"

#include "base/text.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { BODY_MAX = 64 << 20 };

/* ---- The service ---- */
static int test_head(void *self, struct http_call *call, int64_t *body_max)
{
  *body_max = text_equal(call->path, "/small") ? 10 : BODY_MAX;
  return text_equal(call->path, "/refused") ? 403 : 0;
}

static void reply_bytes(struct http_call *call, struct bytes data)
{
  struct http_answer answer = {.status = 200, .body = {.data = data, .size = (int64_t)data.size}};
  fields_init(&answer.fields, call->arena);
  fields_add(&answer.fields, "Content-Type", "application/octet-stream");
  http_reply(call, &answer);
}

static struct bytes pattern(struct arena *arena, const char *query)
{
  size_t size = strtoul(query, NULL, 10);
  char *data = arena_alloc(arena, size + 1);
  for (size_t i = 0; i < size; i++) data[i] = (char)('a' + i % 23);
  return (struct bytes){(uint8_t *)data, size};
}

static void reply_file(struct test_net *net, struct http_call *call)
{
  char *path = arena_print(call->arena, "%s/answer", net->folder);
  struct bytes data = pattern(call->arena, call->query);
  int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0 || write(fd, data.data, data.size) != (ssize_t)data.size) abort();
  close(fd);
  struct http_answer answer = {.status = 200, .body = {.path = path, .size = (int64_t)data.size}};
  http_reply(call, &answer);
}

static void reply_facts(struct http_call *call)
{
  const struct http_body *body = &call->body;
  const char *hash = body->hashed ? hex_write(call->arena, body->sha256, 32) : "none";
  http_reply_text(call, 200, "text/plain", arena_print(call->arena, "%lld %s %s", (long long)body->size, body->path ? "file" : "memory", hash));
}

static void reply_late(void *arg)
{
  http_reply_text(arg, 200, "text/plain", "late");
}

static void *reply_thread(void *arg)
{
  http_reply_text(arg, 200, "text/plain", "thread");
  return NULL;
}

static void reply_who(struct http_call *call)
{
  char name[256] = "nobody";
  if (call->peer_certificate) X509_NAME_get_text_by_NID(X509_get_subject_name(call->peer_certificate), NID_commonName, name, sizeof name);
  http_reply_text(call, 200, "text/plain", name);
}

static void reply_fields(struct http_call *call)
{
  struct http_answer answer = {.status = 200};
  fields_init(&answer.fields, call->arena);
  fields_add(&answer.fields, "Location", "/a\r\nSet-Cookie: stolen=1");
  http_reply(call, &answer);
}

static void hold(struct test_net *net, struct http_call *call)
{
  pthread_mutex_lock(&net->mutex);
  net->held = call;
  pthread_cond_broadcast(&net->changed);
  pthread_mutex_unlock(&net->mutex);
}

static void test_ready(void *self, struct http_call *call)
{
  struct test_net *net = self;
  const char *path = call->path;
  __atomic_add_fetch(&net->ready, 1, __ATOMIC_SEQ_CST);
  if (text_equal(path, "/echo") && call->body.path) http_reply(call, &(struct http_answer){.status = 200, .body = call->body});
  else if (text_equal(path, "/echo")) reply_bytes(call, call->body.data);
  else if (text_equal(path, "/facts")) reply_facts(call);
  else if (text_equal(path, "/bytes")) reply_bytes(call, pattern(call->arena, call->query));
  else if (text_equal(path, "/file")) reply_file(net, call);
  else if (text_equal(path, "/late")) timer_start(call->loop, 300, reply_late, call);
  else if (text_equal(path, "/who")) reply_who(call);
  else if (text_equal(path, "/fields")) reply_fields(call);
  else if (text_equal(path, "/hold")) hold(net, call);
  else if (text_equal(path, "/thread")) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, reply_thread, call) != 0) abort();
    pthread_detach(thread);
  } else http_reply_text(call, 200, "text/plain", arena_print(call->arena, "%s %s %s", call->method, path, call->query));
}

struct test_net *test_net_start(SSL_CTX *tls, const struct http_limits *limits, int loops)
{
  struct test_net *net = calloc(1, sizeof *net);
  net->cx = cx_new_alone(&net->clock, NULL);
  pthread_mutex_init(&net->mutex, NULL);
  pthread_cond_init(&net->changed, NULL);
  snprintf(net->folder, sizeof net->folder, "/tmp/truc-net-XXXXXX");
  assert_non_null(mkdtemp(net->folder));
  assert_int_equal(loops_start(net->cx, loops, NULL, &net->clock, &net->loops), OK);
  struct http_limits own = limits ? *limits : (struct http_limits){0};
  own.spool_folder = net->folder;
  const struct http_service service = {.self = net, .head = test_head, .ready = test_ready, .hash_bodies = true};
  assert_int_equal(http_server_start(net->cx, net->loops, "127.0.0.1:0", tls, &service, &own, &net->port, &net->server), OK);
  assert_true(net->port > 0);
  return net;
}

void test_net_stop(struct test_net *net)
{
  http_server_stop(net->server, 2000);
  loops_stop(net->loops);
  char path[64];
  snprintf(path, sizeof path, "%s/answer", net->folder);
  unlink(path);
  assert_int_equal(rmdir(net->folder), 0); /* a spool file that was left would keep it */
  pthread_mutex_destroy(&net->mutex);
  pthread_cond_destroy(&net->changed);
  cx_free_alone(net->cx);
  free(net);
}

/* ---- Raw conversations ---- */
int test_connect(int port)
{
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
  return fd;
}

char *test_read(int fd, int wait_ms, size_t *got)
{
  size_t size = 0, room = 65536;
  char *text = malloc(room + 1);
  struct pollfd wait = {.fd = fd, .events = POLLIN};
  while (poll(&wait, 1, wait_ms) == 1) {
    if (size == room) text = realloc(text, (room *= 2) + 1);
    ssize_t count = recv(fd, text + size, room - size, 0);
    if (count <= 0) break;
    size += (size_t)count;
  }
  text[size] = '\0';
  if (got) *got = size;
  return text;
}

char *test_talk(int port, const char *data, size_t size, int wait_ms, size_t *got)
{
  int fd = test_connect(port);
  while (size > 0) {
    ssize_t put = send(fd, data, size, MSG_NOSIGNAL);
    if (put <= 0) break;
    data += put;
    size -= (size_t)put;
  }
  char *text = test_read(fd, wait_ms, got);
  close(fd);
  return text;
}

/* ---- Asks ---- */
struct waiting { pthread_mutex_t mutex; pthread_cond_t changed; bool done; struct test_outcome outcome; struct cx *cx; };

static void ask_done(void *user, const struct http_outcome *outcome)
{
  struct waiting *waiting = user;
  pthread_mutex_lock(&waiting->mutex);
  waiting->done = true;
  waiting->outcome = (struct test_outcome){.err = outcome->err, .sent = outcome->sent, .answer = outcome->answer, .certificate = outcome->peer_certificate != NULL};
  pthread_cond_broadcast(&waiting->changed);
  pthread_mutex_unlock(&waiting->mutex);
}

struct test_outcome test_ask(struct http_client *client, struct http_ask *ask)
{
  struct waiting waiting = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, .done = false};
  http_client_send(client, ask, ask_done, &waiting);
  pthread_mutex_lock(&waiting.mutex);
  while (!waiting.done) pthread_cond_wait(&waiting.changed, &waiting.mutex);
  pthread_mutex_unlock(&waiting.mutex);
  struct test_outcome outcome = waiting.outcome;
  if (!outcome.answer) return outcome;
  struct cx cx = {.arena = ask->arena};
  struct bytes bytes;
  assert_int_equal(http_body_bytes(&cx, &outcome.answer->body, BODY_MAX, &bytes), OK);
  outcome.status = outcome.answer->status;
  outcome.size = (int64_t)bytes.size;
  outcome.text = bytes.size < 65536 ? arena_copy_n(ask->arena, bytes.data, bytes.size) : NULL;
  return outcome;
}

/* ---- Certificates ---- */
static void name_set(X509_NAME *name, const char *common)
{
  assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)common, -1, -1, 0), 1);
}

static void extension_add(X509 *certificate, int nid, const char *value)
{
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
  assert_non_null(extension);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

static char *certificate_pem(X509 *certificate)
{
  BIO *out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, certificate);
  char *data;
  long size = BIO_get_mem_data(out, &data);
  char *pem = strndup(data, (size_t)size);
  BIO_free(out);
  return pem;
}

struct test_identity test_identity_make(const struct test_identity *issuer, const char *name, const char *host, int64_t from_s, int64_t to_s)
{
  struct test_identity made = {.key = EVP_EC_gen("P-256")};
  X509 *certificate = X509_new();
  uint64_t serial;
  random_bytes(&serial, sizeof serial);
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), from_s);
  X509_gmtime_adj(X509_getm_notAfter(certificate), to_s);
  X509_set_pubkey(certificate, made.key);
  name_set(X509_get_subject_name(certificate), name);
  if (issuer) {
    BIO *source = BIO_new_mem_buf(issuer->pem, -1);
    X509 *above = PEM_read_bio_X509(source, NULL, NULL, NULL);
    X509_set_issuer_name(certificate, X509_get_subject_name(above));
    X509_free(above);
    BIO_free(source);
    if (host) extension_add(certificate, NID_subject_alt_name, host);
  } else {
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    extension_add(certificate, NID_basic_constraints, "critical,CA:TRUE");
    extension_add(certificate, NID_key_usage, "critical,keyCertSign");
  }
  X509_sign(certificate, issuer ? issuer->key : made.key, EVP_sha256());
  made.pem = certificate_pem(certificate);
  X509_free(certificate);
  return made;
}

void test_identity_free(struct test_identity *identity)
{
  EVP_PKEY_free(identity->key);
  free(identity->pem);
}
