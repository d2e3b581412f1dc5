/* Pages of what went wrong: in the layout while that is possible, as plain text when even that fails. */
#include "web/web_inner.h"

#include "base/text.h"
#include <string.h>

/* What is wrong with the request may be told; what is wrong with us is in the log. */
static bool is_told(int status)
{
  return status < 500 || status == 503;
}

static void fill_details(struct cx *cx, const struct web *web, struct model *model, int status)
{
  for (size_t i = 0; is_told(status) && i < cx->problems.count; i++) {
    const struct problem *problem = &cx->problems.items[i];
    model_text(model_row(model, "details"), "text", words_get(web->words, cx->arena, cx->language, problem->key, problem->args, PROBLEM_ARGS_MAX));
  }
}

static void answer_plain(struct visit *visit, int status)
{
  const char *text = arena_print(visit->cx.arena, "%d\n", status);
  answer_start(visit, status);
  answer_body(visit, "text/plain; charset=utf-8", (struct bytes){(const uint8_t *)text, strlen(text)});
}

static void free_arena(void *arena)
{
  arena_free(arena);
}

/* A request that used up its memory still gets a page: from memory of its own, which goes with the request's. */
static void take_fresh_memory(struct visit *visit)
{
  if (!arena_over(visit->cx.arena)) return;
  struct arena *fresh = arena_new(0);
  arena_defer(visit->view.call->arena, free_arena, fresh);
  visit->cx.arena = fresh;
}

void fault_page(struct visit *visit, int status)
{
  struct cx *cx = &visit->cx;
  struct web *web = visit->view.web;
  take_fresh_memory(visit);
  layout_fill(cx, visit);
  model_flag(visit->view.model, "citizen", !cx->person);
  struct model *model = visit->view.model;
  const char *number = arena_print(cx->arena, "%d", status);
  model_text(model, "status", number);
  model_text(model, "title", words_get(web->words, cx->arena, cx->language, arena_print(cx->arena, "error.page.%d", status), NULL, 0));
  model_text(model, "request", cx->request_id);
  model_flag(model, "show_request", status >= 500);
  fill_details(cx, web, model, status);
  cx_reset_problems(cx);
  if (layout_render(cx, visit, &web->own, "web_error", status)) {
    cx_log(cx, LOG_ALARM, "no error page", LOG_FIELDS({"problem", cx->problems.count ? cx->problems.items[0].key : ""}));
    answer_plain(visit, status);
  }
  if (status == 503) fields_add(&visit->view.answer->fields, "Retry-After", "5");
}
