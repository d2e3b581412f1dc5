/* The pages of this system, by file. */
#ifndef SYSTEMS_ACCOUNT_PAGES_H
#define SYSTEMS_ACCOUNT_PAGES_H

#include "web/web.h"

/* pages_front.c */
enum err page_front(struct cx *cx, struct view *view);
enum err page_privacy(struct cx *cx, struct view *view);
enum err page_accessibility(struct cx *cx, struct view *view);

/* pages_log_in.c */
enum err page_log_in(struct cx *cx, struct view *view);
enum err page_log_in_try(struct cx *cx, struct view *view);
enum err page_log_out(struct cx *cx, struct view *view);
enum err page_choose_unit(struct cx *cx, struct view *view);
enum err page_choose_unit_take(struct cx *cx, struct view *view);

/* pages_own.c */
enum err page_own(struct cx *cx, struct view *view);
enum err page_session_end(struct cx *cx, struct view *view);
enum err page_password(struct cx *cx, struct view *view);
enum err page_password_change(struct cx *cx, struct view *view);

/* pages_accounts.c */
enum err page_accounts(struct cx *cx, struct view *view);
enum err page_account_new(struct cx *cx, struct view *view);
enum err page_account_add(struct cx *cx, struct view *view);
enum err page_account(struct cx *cx, struct view *view);
enum err page_account_lock(struct cx *cx, struct view *view);
enum err page_account_password(struct cx *cx, struct view *view);
enum err page_account_totp(struct cx *cx, struct view *view);
enum err page_role_give(struct cx *cx, struct view *view);
enum err page_role_end(struct cx *cx, struct view *view);

/* pages_units.c */
enum err page_account_units(struct cx *cx, struct view *view);
enum err page_calendar(struct cx *cx, struct view *view);
enum err page_day_put(struct cx *cx, struct view *view);
enum err page_day_drop(struct cx *cx, struct view *view);
enum err page_actions(struct cx *cx, struct view *view);

#endif
