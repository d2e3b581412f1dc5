/* For tests: nodes that hold nothing but an axis and one small system, two or more in one process, joined by loopback alone. */
#ifndef AXIS_TEST_NODES_H
#define AXIS_TEST_NODES_H

#include "axis/axis_inner.h"

struct test_node {
  struct cx *cx;
  struct clock clock;
  const char *instance, *folder, *url, *system, *member; /* system: INSTANCE/GOV/A/probe */
  struct keys *keys;
  struct loops *loops;
  struct workers *workers;
  struct here here;
  struct axis_wish wish;
  struct axis *axis;
  struct probe *probe;
};

/* What the provider saw last. */
struct probe { pthread_mutex_t lock; int64_t calls; char consumer[200], path[200], query[200], request_id[200], user[200]; };

/* The probe's services: GET read/{item} → probe_answer; POST write → probe_answer, once: adds an outbox row as its effect;
 * POST slow → 200 after 300 ms; POST fail → ERR_CONFLICT; POST bytes → the length of "text" as "value". */
struct probe_ask { const char *text; };
struct probe_answer { const char *value; };
extern const struct record_type probe_ask_type, probe_answer_type;

struct test_node *test_node_new(const char *instance); /* its folder vanishes with it */
struct test_node *test_node_new_postgres(const char *instance); /* its stores on PostgreSQL where tests have one, else as above */
void test_node_open(struct test_node *node);           /* again after test_node_close: what it wrote is there */
void test_node_close(struct test_node *node);
void test_node_free(struct test_node *node);
const char *test_node_key(struct test_node *node);     /* base64 of its directory key */
void test_nodes_trust(struct test_node *a, struct test_node *b); /* both ways; waits for the documents */
int64_t test_right(struct test_node *provider, const char *consumer, const char *code, const char *method, const char *path);
int64_t test_node_effects(struct test_node *node);     /* outbox rows: how often `write` took effect */
int64_t test_node_calls(struct test_node *node);
bool test_until(bool (*true_now)(void *arg), void *arg, int wait_ms);

/* An exchange, waited for. Texts live in node->cx. */
struct test_ask { const char *service, *method, *path, *request_id, *user, *body; };
struct test_outcome { int status; const char *axis_error, *body, *receipt, *exchange_id; bool reached; int64_t index; struct http_fields fields; };
struct test_outcome test_exchange(struct test_node *node, const struct test_ask *ask);
/* That many at once, to the end; how many were answered with 200. All have entries of their own. */
int test_exchange_many(struct test_node *node, const struct test_ask *ask, int count);
const char *test_receipt(struct test_node *node, int64_t index); /* waits until a checkpoint covers it */

/* Plain HTTP: sends text, reads to the end. Status and body; *head: the answer's head. */
int test_http(struct test_node *node, int port, const char *text, const char **head, const char **body);

#endif
