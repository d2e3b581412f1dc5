/* All tables are sound before the first request: what a page would trip over later is named now. */
#include "web/web_inner.h"

#include "base/text.h"
#include "web/words.h"
#include <string.h>

/* Two rows are one when no request could tell them apart: {code} and {number} are the same. */
static bool same_shape(const struct route *a, const struct route *b)
{
  if (a->segment_count != b->segment_count || !text_equal(a->page->method, b->page->method)) return false;
  for (size_t i = 0; i < a->segment_count; i++) {
    const struct route_segment *x = &a->segments[i], *y = &b->segments[i];
    if (!x->param != !y->param) return false;
    if (!x->param && (x->size != y->size || memcmp(x->text, y->text, x->size) != 0)) return false;
  }
  return true;
}

/* Somebody who has every role: what even that person may not is no permission of this node. */
static bool permission_known(struct cx *cx, struct people *people, const char *permission)
{
  struct buffer roles;
  buffer_init(&roles, cx->arena);
  for (size_t i = 0; role_names[i]; i++) buffer_print(&roles, "%s%s", i ? " " : "", role_names[i]);
  const struct person everybody = {.roles = buffer_string(&roles), .people = people};
  return person_may(&everybody, permission);
}

static enum err check_page(struct cx *cx, const struct web *web, size_t number)
{
  const struct page *page = web->routes[number].page;
  const char *where = arena_print(cx->arena, "%s %s", page->method, page->path);
  for (size_t i = 0; i < number; i++)
    if (same_shape(&web->routes[i], &web->routes[number]))
      return cx_fail(cx, ERR_INTERNAL, NULL, "error.table.page_twice", "method", page->method, "path", page->path, NULL);
  if (!words_find(web->words, 0, page->title, model_hash(page->title, strlen(page->title))))
    return cx_fail(cx, ERR_INTERNAL, NULL, "error.table.word_unknown", "where", where, "key", page->title, NULL);
  if (web->wish.people && !text_empty(page->permission) && !permission_known(cx, web->wish.people, page->permission))
    return cx_fail(cx, ERR_INTERNAL, NULL, "error.table.page_permission", "path", page->path, "permission", page->permission, NULL);
  return OK;
}

enum err check_pages(struct cx *cx, const struct web *web)
{
  enum err err = OK;
  for (size_t i = 0; i < web->route_count; i++) {
    enum err one = check_page(cx, web, i);
    if (one) err = one;
  }
  return err;
}

struct word_check { struct cx *cx; const struct web *web; enum err err; };

static void check_word(void *user, const char *template_name, const char *key)
{
  struct word_check *check = user;
  if (words_find(check->web->words, 0, key, model_hash(key, strlen(key)))) return;
  check->err = cx_fail(check->cx, ERR_INTERNAL, NULL, "error.table.word_unknown", "where", template_name, "key", key, NULL);
}

enum err check_words(struct cx *cx, const struct web *web)
{
  struct word_check check = {cx, web, OK};
  templates_words(web->own.templates, check_word, &check);
  for (size_t i = 0; i < web->hosted_count; i++) templates_words(web->hosted[i].templates, check_word, &check);
  return check.err;
}
