/* The dispatcher: opens its tables, and takes what the HTTP server brings. */
#include "web/web_inner.h"

#include "base/text.h"
#include "ui_html.h"
#include "ui_words.h"
#include "web/web_sql.h"
#include <string.h>

enum { READERS = 8, OVER_LIMIT_READ = 32 << 20 };

/* ---- Opening ---- */

static enum err open_words(struct cx *cx, struct web *web)
{
  size_t total = 2;
  for (size_t i = 0; i < web->hosted_count; i++) total += web->hosted[i].system->words_count;
  const struct words_table **tables = ARENA_ARRAY(cx->arena, total, const struct words_table *);
  size_t count = 0;
  for (size_t i = 0; i < 2; i++) tables[count++] = &ui_words[i];
  for (size_t i = 0; i < web->hosted_count; i++)
    for (size_t w = 0; w < web->hosted[i].system->words_count; w++) tables[count++] = &web->hosted[i].system->words[w];
  return words_open(cx, tables, count, &web->words);
}

static enum err open_templates(struct cx *cx, struct web *web)
{
  const struct embedded_table *tables[] = {&ui_html, NULL};
  enum err err = templates_open(cx, tables, 1, &web->own.templates);
  for (size_t i = 0; i < web->hosted_count && !err; i++) {
    tables[1] = web->hosted[i].system->html;
    err = templates_open(cx, tables, tables[1] ? 2 : 1, &web->hosted[i].templates);
  }
  return err;
}

/* Everything but the store: what web_check looks at. */
static enum err open_tables(struct cx *cx, struct web *web)
{
  web->own_system = (struct web_system){.pages = web_own_pages, .page_count = web_own_page_count};
  web->own.system = &web->own_system;
  web->hosted_count = web->wish.system_count;
  web->hosted = ARENA_ARRAY(web->arena, web->hosted_count + 1, struct web_hosted);
  for (size_t i = 0; i < web->hosted_count; i++) {
    web->hosted[i].system = &web->wish.systems[i];
    if (web->wish.systems[i].here && web->wish.systems[i].here->demo) web->demo = true;
  }
  enum err err = open_words(cx, web);
  if (!err) err = open_templates(cx, web);
  if (!err) err = routes_open(cx, web);
  if (!err) err = check_pages(cx, web);
  if (!err) err = check_words(cx, web);
  return err;
}

enum err web_open(struct cx *cx, const struct web_wish *wish, struct web **out)
{
  struct cx *own = cx_new_alone(cx->clock, cx->log);
  struct web *web = ARENA_NEW(own->arena, struct web);
  *web = (struct web){.arena = own->arena, .wish = *wish};
  pthread_mutex_init(&web->settling, NULL);
  struct web_system *systems = ARENA_ARRAY(own->arena, wish->system_count + 1, struct web_system);
  if (wish->system_count) memcpy(systems, wish->systems, wish->system_count * sizeof *systems);
  web->wish.systems = systems;
  web->asset_path = arena_print(own->arena, "/a/%s", asset_version(own->arena));
  enum err err = open_tables(own, web);
  if (!err) err = store_open(own, wish->store_url, &web_schema, READERS, &web->store);
  if (!err) err = store_check(own, web->store);
  *out = web;
  if (!err) return OK;
  cx_take_problems(cx, own);
  web_close(web);
  *out = NULL;
  return err;
}

enum err web_check(struct cx *cx, const struct web_system *systems, size_t count)
{
  struct cx *own = cx_new_alone(cx->clock, cx->log);
  struct web *web = ARENA_NEW(own->arena, struct web);
  *web = (struct web){.arena = own->arena, .wish = {.systems = systems, .system_count = count}};
  pthread_mutex_init(&web->settling, NULL);
  enum err err = open_tables(own, web);
  cx_take_problems(cx, own);
  web_close(web);
  return err;
}

void web_close(struct web *web)
{
  if (!web) return;
  pthread_mutex_destroy(&web->settling);
  if (web->store) store_close(web->store);
  templates_close(web->own.templates);
  for (size_t i = 0; i < web->hosted_count; i++) templates_close(web->hosted[i].templates);
  arena_free(web->arena);
}

/* ---- Serving ---- */

/* Somewhat more than the page takes is read, so that "too large" is said in a page and not by a broken connection. */
static int web_head(void *self, struct http_call *call, int64_t *body_max)
{
  bool other;
  const struct route *route = route_find(self, call->method, call->path, &other);
  int64_t limit = route && route->page->body_max ? route->page->body_max : BODY_DEFAULT_MAX;
  *body_max = limit + (limit < OVER_LIMIT_READ ? limit : OVER_LIMIT_READ);
  return 0;
}

static void web_ready(void *self, struct http_call *call)
{
  struct web *web = self;
  bool get = text_equal(call->method, "GET") || text_equal(call->method, "HEAD");
  if (get && text_starts(call->path, ASSET_PREFIX) && asset_answer(web, call)) return;
  visit_take(web, call);
}

struct http_service web_service(struct web *web)
{
  return (struct http_service){.self = web, .head = web_head, .ready = web_ready};
}
