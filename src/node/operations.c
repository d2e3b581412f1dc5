/* Health and metrics. Health is 200 only while the journal can be written, checkpoints are fresh and the directory stands. */
#include "node/operations.h"

#include "base/text.h"
#include "base/worker.h"
#include <string.h>

enum { CHECKPOINT_AGE_MAX_S = 30 };

static bool healthy(const struct axis_health *health)
{
  return health->journal_ok && health->directory_ok && health->checkpoint_age_us < CHECKPOINT_AGE_MAX_S * SECOND_US;
}

/* Health stays what it was while the scanner is silent: files are refused, all else goes on. */
static const char *scanner_state(struct node *node)
{
  struct scanner *scanner = node_scanner(node);
  return !scanner ? "none" : scanner_health(scanner).answers ? "ok" : "failing";
}

static void health_reply(struct node *node, struct http_call *call)
{
  struct axis_health health = axis_health(node_axis(node));
  const char *body = arena_print(call->arena,
    "{\"status\":\"%s\",\"node\":\"%s\",\"journal\":%s,\"directory\":%s,\"journal_size\":%lld,\"checkpoint_age_ms\":%lld,\"directory_version\":%lld,\"malware_scanner\":\"%s\"}\n",
    healthy(&health) ? "ok" : "failing", node_config(node)->node, health.journal_ok ? "true" : "false", health.directory_ok ? "true" : "false",
    (long long)health.journal_size, (long long)(health.checkpoint_age_us / 1000), (long long)health.directory_version, scanner_state(node));
  http_reply_text(call, healthy(&health) ? 200 : 503, "application/json", body);
}

static void metric(struct buffer *out, const char *name, const char *type, int64_t value)
{
  buffer_print(out, "# TYPE truc_%s %s\ntruc_%s %lld\n", name, type, name, (long long)value);
}

static void scanner_metrics(struct buffer *out, struct node *node)
{
  struct scanner_health health = scanner_health(node_scanner(node));
  metric(out, "malware_scanner_answers", "gauge", health.answers);
  if (health.signatures_us) metric(out, "malware_signatures_age_seconds", "gauge", (clock_now(&(struct clock){0}) - health.signatures_us) / SECOND_US);
  metric(out, "files_clean_total", "counter", health.clean);
  metric(out, "files_infected_total", "counter", health.found);
  metric(out, "files_unscanned_total", "counter", health.unscanned);
}

static void metrics_reply(struct node *node, struct http_call *call)
{
  struct axis_health health = axis_health(node_axis(node));
  struct http_server_counts pages = node_page_counts(node);
  struct buffer out;
  buffer_init(&out, call->arena);
  metric(&out, "up_seconds", "gauge", (clock_monotonic_us() - node_started_us(node)) / SECOND_US);
  metric(&out, "healthy", "gauge", healthy(&health));
  metric(&out, "journal_entries", "counter", health.journal_size);
  metric(&out, "checkpoint_age_seconds", "gauge", health.checkpoint_age_us / SECOND_US);
  metric(&out, "directory_version", "gauge", health.directory_version);
  metric(&out, "exchanges_total", "counter", health.exchanges);
  metric(&out, "exchanges_refused_total", "counter", health.refused);
  metric(&out, "exchanges_failed_total", "counter", health.failed);
  metric(&out, "exchanges_running", "gauge", health.running);
  metric(&out, "page_requests_total", "counter", pages.requests);
  metric(&out, "page_refused_total", "counter", pages.refused);
  metric(&out, "page_connections", "gauge", pages.connections);
  metric(&out, "job_queue", "gauge", (int64_t)workers_waiting(node_jobs(node)));
  if (node_scanner(node)) scanner_metrics(&out, node);
  http_reply_text(call, 200, "text/plain; version=0.0.4; charset=utf-8", buffer_string(&out));
}

static int operations_head(void *self, struct http_call *call, int64_t *body_max)
{
  *body_max = 0;
  return text_equal(call->method, "GET") || text_equal(call->method, "HEAD") ? 0 : 405;
}

static void operations_ready(void *self, struct http_call *call)
{
  if (text_equal(call->path, "/health")) health_reply(self, call);
  else if (text_equal(call->path, "/metrics")) metrics_reply(self, call);
  else http_reply_text(call, 404, "text/plain; charset=utf-8", "not found\n");
}

enum err operations_start(struct cx *cx, struct node *node, struct loops *loops, const char *address, int *port, struct http_server **out)
{
  const struct http_service service = {.self = node, .head = operations_head, .ready = operations_ready};
  const struct http_limits limits = {.connections_max = 256};
  return http_server_start(cx, loops, address, NULL, &service, &limits, port, out);
}
