/* Which row of which table a request belongs to, and the typed values of its parameters. */
#include "web/web_inner.h"

#include "base/text.h"
#include <stdlib.h>
#include <string.h>

enum { QUERY_PAIRS_MAX = 100 };

static const struct param *param_named(const struct param *params, const char *name, size_t size)
{
  for (; params && params->name; params++)
    if (strlen(params->name) == size && memcmp(params->name, name, size) == 0) return params;
  return NULL;
}

/* Splits a row's path; false when it is not well formed. */
static bool read_path(const struct page *page, struct route *route)
{
  const char *at = page->path;
  if (*at != '/') return false;
  while (*at) {
    size_t size = strcspn(++at, "/");
    if (route->segment_count == SEGMENTS_OF_PATH_MAX || (size == 0 && page->path[1])) return false;
    struct route_segment *segment = &route->segments[route->segment_count++];
    *segment = (struct route_segment){at, size, NULL};
    if (at[0] == '{') {
      if (size < 3 || at[size - 1] != '}' || !(segment->param = param_named(page->params, at + 1, size - 2))) return false;
    }
    at += size;
  }
  return true;
}

static bool read_rate(const char *rate, struct route *route)
{
  const char *slash = rate ? strchr(rate, '/') : NULL;
  if (!rate) return true;
  if (!slash || slash - rate > 6) return false;
  char hits[8] = "";
  memcpy(hits, rate, (size_t)(slash - rate));
  return text_to_i64(hits, 1, 100000, &route->rate_hits) && text_to_i64(slash + 1, 1, 86400, &route->rate_seconds);
}

static enum err add_route(struct cx *cx, struct web *web, const struct page *page, const struct web_hosted *hosted)
{
  struct route *route = &web->routes[web->route_count++];
  *route = (struct route){.page = page, .hosted = hosted};
  bool method = text_equal(page->method, "GET") || text_equal(page->method, "POST");
  if (!method || !page->handle || !page->title || !read_path(page, route))
    return cx_fail(cx, ERR_INTERNAL, NULL, "error.table.page_path", "method", page->method, "path", page->path, NULL);
  if (!read_rate(page->rate, route)) return cx_fail(cx, ERR_INTERNAL, NULL, "error.table.page_rate", "path", page->path, "rate", page->rate, NULL);
  return OK;
}

/* Literal segments before {name} ones, so that the first match is the closest. */
static int compare_routes(const void *a, const void *b)
{
  const struct route *left = a, *right = b;
  for (size_t i = 0; i < left->segment_count && i < right->segment_count; i++) {
    int named = (left->segments[i].param != NULL) - (right->segments[i].param != NULL);
    if (named) return named;
  }
  return strcmp(left->page->path, right->page->path);
}

enum err routes_open(struct cx *cx, struct web *web)
{
  size_t total = web->own_system.page_count;
  for (size_t i = 0; i < web->hosted_count; i++) total += web->hosted[i].system->page_count;
  web->routes = ARENA_ARRAY(web->arena, total, struct route);
  enum err err = OK;
  for (size_t i = 0; i < web->own_system.page_count && !err; i++) err = add_route(cx, web, &web->own_system.pages[i], &web->own);
  for (size_t h = 0; h < web->hosted_count; h++)
    for (size_t i = 0; i < web->hosted[h].system->page_count && !err; i++)
      err = add_route(cx, web, &web->hosted[h].system->pages[i], &web->hosted[h]);
  qsort(web->routes, web->route_count, sizeof *web->routes, compare_routes);
  return err;
}

static bool route_matches(const struct route *route, const char *path)
{
  for (size_t i = 0; i < route->segment_count; i++) {
    if (*path != '/') return false;
    size_t size = strcspn(++path, "/");
    const struct route_segment *segment = &route->segments[i];
    if (segment->param ? size == 0 : (size != segment->size || memcmp(path, segment->text, size) != 0)) return false;
    path += size;
  }
  return *path == 0;
}

const struct route *route_find(const struct web *web, const char *method, const char *path, bool *other_method)
{
  *other_method = false;
  const char *wanted = text_equal(method, "HEAD") ? "GET" : method;
  for (size_t i = 0; i < web->route_count; i++) {
    if (!route_matches(&web->routes[i], path)) continue;
    if (text_equal(web->routes[i].page->method, wanted)) return &web->routes[i];
    *other_method = true;
  }
  return NULL;
}

/* ---- Parameters ---- */

static bool code_is_sound(const char *value)
{
  size_t size = strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
  return size > 0 && size <= 64 && !value[size];
}

static bool date_number(const char *value, int64_t *out)
{
  struct date date;
  if (!date_read_iso(value, &date) && !date_read_vn(value, &date)) return false;
  *out = date_to_days(date);
  return true;
}

static bool param_read(const struct param *param, const char *value, int64_t *number)
{
  switch (param->type) {
    case PARAM_TEXT: return text_characters(value) <= (size_t)(param->max ? param->max : 200);
    case PARAM_I64: return text_to_i64(value, param->max ? 0 : INT64_MIN, param->max ? param->max : INT64_MAX, number);
    case PARAM_DATE: return date_number(value, number);
    case PARAM_CODE: return code_is_sound(value);
  }
  return false;
}

static enum err param_take(struct cx *cx, struct visit *visit, const struct param *param, const char *value, enum err otherwise)
{
  int64_t number = 0;
  if (visit->param_count == PARAMS_MAX || !param_read(param, value, &number))
    return cx_fail(cx, otherwise, NULL, "error.param", "name", param->name, NULL);
  visit->params[visit->param_count].name = param->name;
  visit->params[visit->param_count].value = value;
  visit->params[visit->param_count++].number = number;
  return OK;
}

static const char *decoded(struct cx *cx, const char *data, size_t size, bool plus)
{
  const char *value = url_decode(cx->arena, data, size, plus);
  return value ? text_clean(cx->arena, value, strlen(value), TEXT_LINE) : NULL;
}

static enum err read_path_params(struct cx *cx, struct visit *visit)
{
  const char *path = visit->view.call->path;
  for (size_t i = 0; i < visit->route->segment_count; i++) {
    size_t size = strcspn(++path, "/");
    const struct param *param = visit->route->segments[i].param;
    const char *value = param ? decoded(cx, path, size, false) : NULL;
    if (param && text_empty(value)) return cx_fail(cx, ERR_NOT_FOUND, NULL, "error.param", "name", param->name, NULL);
    enum err err = param ? param_take(cx, visit, param, value, ERR_NOT_FOUND) : OK;
    if (err) return err;
    path += size;
  }
  return OK;
}

static bool param_known(const struct visit *visit, const char *name)
{
  for (size_t i = 0; i < visit->param_count; i++)
    if (text_equal(visit->params[i].name, name)) return true;
  return false;
}

static enum err read_query_params(struct cx *cx, struct visit *visit)
{
  const struct param *params = visit->route->page->params;
  const char *at = visit->view.call->query;
  for (int pairs = 0; *at && pairs < QUERY_PAIRS_MAX; pairs++) {
    size_t size = strcspn(at, "&"), name_size = strcspn(at, "=&");
    const char *name = decoded(cx, at, name_size, true);
    const struct param *param = name ? param_named(params, name, strlen(name)) : NULL;
    if (param && !param_known(visit, param->name)) {
      const char *value = size > name_size ? decoded(cx, at + name_size + 1, size - name_size - 1, true) : "";
      if (!value) return cx_fail(cx, ERR_INPUT, NULL, "error.param", "name", param->name, NULL);
      enum err err = *value ? param_take(cx, visit, param, value, ERR_INPUT) : OK; /* an empty input of a form was not given */
      if (err) return err;
    }
    at += size + (at[size] == '&');
  }
  return OK;
}

enum err route_read_params(struct cx *cx, struct visit *visit)
{
  enum err err = read_path_params(cx, visit);
  if (!err) err = read_query_params(cx, visit);
  for (const struct param *param = visit->route->page->params; !err && param && param->name; param++)
    if (param->required && !param_known(visit, param->name)) err = cx_fail(cx, ERR_INPUT, NULL, "error.param", "name", param->name, NULL);
  return err;
}
