/* Paper receipts for the hours without a line: numbers are reserved and printed ahead, and entered or made void when it is back. */
#include "systems/onestop/pages.h"

#include "base/text.h"
#include "systems/onestop/papers.h"

enum { PIECES_USUAL = 20 };

/* ---- The unit's blocks ---- */
static void show_block(struct cx *cx, struct model *row, const struct reserve_block *block)
{
  model_record(row, "block", &reserve_block_type, block);
  model_number(row, "unused", block->pieces - block->used - block->voided);
  model_flag(row, "any_left", block->pieces > block->used + block->voided);
  model_number(row, "used", block->used);
  model_number(row, "void", block->voided);
  model_text(row, "at", time_write_vn(cx->arena, block->reserved_us));
  model_text(row, "url", arena_print(cx->arena, "/mot-cua/giay-du-phong/%s", block->first));
}

static enum err reserve_render(struct cx *cx, struct view *view, const struct form *typed)
{
  const struct reserve_form usual = {.pieces = PIECES_USUAL};
  struct list blocks;
  enum err err = reserve_blocks(cx, view->here->store, cx->person->unit, &blocks);
  if (err) return err;
  const struct reserve_block *all = blocks.items;
  for (size_t i = 0; i < blocks.count; i++) show_block(cx, model_row(view->model, "rows"), &all[i]);
  model_flag(view->model, "any", blocks.count > 0);
  model_form(view->model, "reserve", &reserve_form_type, &usual, typed);
  return view_render(cx, view, "onestop_reserve");
}

enum err page_reserve(struct cx *cx, struct view *view)
{
  return reserve_render(cx, view, NULL);
}

enum err page_reserve_post(struct cx *cx, struct view *view)
{
  struct reserve_form form;
  const char *first;
  enum err err = record_read_form(cx, &reserve_form_type, &view->form, &form);
  if (!err) err = reserve_take(cx, view->here, form.pieces, &first);
  if (err == ERR_INPUT) return reserve_render(cx, view, &view->form);
  if (!err) err = view_flash(cx, view, "onestop.done.reserve", first);
  return err ? err : view_redirect(cx, view, arena_print(cx->arena, "/mot-cua/giay-du-phong/%s", first));
}

/* ---- One block ---- */
static void show_number(struct cx *cx, struct view *view, const struct reserve_number *number)
{
  struct model *row = model_row(view->model, "rows");
  bool unused = text_equal(number->state, "unused");
  model_record(row, "number", &reserve_number_type, number);
  model_text(row, "state_word", arena_print(cx->arena, "onestop.reserve.state.%s", number->state));
  model_text(row, "light", unused ? "progress" : text_equal(number->state, "used") ? "ok" : "quiet");
  model_flag(row, "open", unused);
  if (number->changed_us != NONE_DATE) model_text(row, "at", time_write_vn(cx->arena, number->changed_us));
  model_text(row, "late_url", arena_print(cx->arena, "/mot-cua/tiep-nhan?so=%s", url_encode(cx->arena, number->number)));
  model_text(row, "void_url", arena_print(cx->arena, "/mot-cua/giay-du-phong/%s?so=%s", number->block, url_encode(cx->arena, number->number)));
}

/* number: the one to make void, or NULL; typed: what failed, or NULL. */
static enum err block_render(struct cx *cx, struct view *view, const char *number, const struct form *typed)
{
  const struct void_form empty = {.number = number};
  struct reserve_block block;
  struct list numbers;
  enum err err = reserve_block_see(cx, view->here->store, view_text(view, "block"), &block, &numbers);
  if (err) return err;
  show_block(cx, view->model, &block);
  const struct reserve_number *all = numbers.items;
  for (size_t i = 0; i < numbers.count; i++) show_number(cx, view, &all[i]);
  model_text(view->model, "void_number", number);
  model_form(view->model, "spoilt", &void_form_type, &empty, typed);
  model_text(view->model, "title", block.first);
  return view_render(cx, view, "onestop_reserve_block");
}

enum err page_reserve_block(struct cx *cx, struct view *view)
{
  return block_render(cx, view, view_text(view, "so"), NULL);
}

enum err page_reserve_void(struct cx *cx, struct view *view)
{
  struct reserve_block block;
  struct void_form form;
  enum err err = reserve_block_see(cx, view->here->store, view_text(view, "block"), &block, NULL);
  if (err) return err;
  err = record_read_form(cx, &void_form_type, &view->form, &form);
  if (!err) err = reserve_void(cx, view->here->store, &form);
  if (err == ERR_INPUT) return block_render(cx, view, form_get(&view->form, "number", 0), &view->form);
  if (!err) err = view_flash(cx, view, "onestop.done.void", form.number);
  return err ? err : view_redirect(cx, view, arena_print(cx->arena, "/mot-cua/giay-du-phong/%s", block.first));
}

enum err page_reserve_paper(struct cx *cx, struct view *view)
{
  struct reserve_block block;
  struct list numbers;
  struct bytes pdf;
  enum err err = reserve_block_see(cx, view->here->store, view_text(view, "block"), &block, &numbers);
  if (!err) err = paper_reserved(cx, view->here, &block, &numbers, &pdf);
  return err ? err : view_bytes(cx, view, "application/pdf", pdf, NULL);
}
