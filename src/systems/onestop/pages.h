/* The pages' handlers, by subject; and what they share. Paths and permissions stand in onestop.c. */
#ifndef ONESTOP_PAGES_H
#define ONESTOP_PAGES_H

#include "systems/onestop/store.h"
#include "web/web.h"

/* pages_work.c */
enum err page_work_list(struct cx *cx, struct view *view);
enum err page_cash(struct cx *cx, struct view *view);
enum err page_units(struct cx *cx, struct view *view);
/* pages_intake.c */
enum err page_intake(struct cx *cx, struct view *view);
enum err page_intake_post(struct cx *cx, struct view *view);
enum err page_received(struct cx *cx, struct view *view);
/* pages_log.c */
enum err page_log(struct cx *cx, struct view *view);
/* pages_reserve.c */
enum err page_reserve(struct cx *cx, struct view *view);
enum err page_reserve_post(struct cx *cx, struct view *view);
enum err page_reserve_block(struct cx *cx, struct view *view);
enum err page_reserve_void(struct cx *cx, struct view *view);
enum err page_reserve_paper(struct cx *cx, struct view *view);
/* pages_dossier.c, pages_act.c */
enum err page_dossier(struct cx *cx, struct view *view);
enum err page_scan(struct cx *cx, struct view *view);
enum err page_act(struct cx *cx, struct view *view);
enum err page_check(struct cx *cx, struct view *view);
/* pages_paper.c */
enum err page_paper(struct cx *cx, struct view *view);
/* pages_citizen.c */
enum err page_lookup(struct cx *cx, struct view *view);
enum err page_lookup_post(struct cx *cx, struct view *view);
enum err page_lookup_code(struct cx *cx, struct view *view);

/* ---- Shared, pages_show.c ---- */
/* light, light_word, due_word, due_days, due_date: when it is due, in words. */
/* How near a due date is: the light's kind, its word and the working days in it, the day itself. */
struct shown_due { const char *light, *word; int64_t days, date; };
struct shown_due due_shown(const struct calendar *calendar, const char *status, int64_t due_us, int64_t now_us);
void show_due(struct cx *cx, struct view *view, struct model *model, const char *status, int64_t due_us);
/* The dossier's page without its actions: summary, components, exchanges, history. typed: an act that failed, or NULL. */
MUST_USE enum err dossier_render(struct cx *cx, struct view *view, const char *code, const char *failed_action);
/* check.*: what the register said of a name and a head. */
void show_check(struct view *view, const struct ask *ask, struct cx *cx);
/* Asks the register; ERR_AGAIN: called again with the answer. ERR_CONFLICT: no register is named. */
MUST_USE enum err ask_check(struct cx *cx, struct view *view, const char *body, struct ask *ask);
/* The look-up as a row of the dossier's exchanges. */
struct dossier_exchange check_exchange(struct cx *cx, const struct ask *ask);

#endif
