/* The register officers' pages. */
#ifndef SYSTEMS_HOUSEHOLD_PAGES_H
#define SYSTEMS_HOUSEHOLD_PAGES_H

#include "systems/household/register.h"
#include "web/web.h"

enum err page_business_list(struct cx *cx, struct view *view);
enum err page_business(struct cx *cx, struct view *view);
enum err page_business_extract(struct cx *cx, struct view *view);
enum err page_business_change_form(struct cx *cx, struct view *view);
enum err page_business_change(struct cx *cx, struct view *view);
enum err page_business_suspend_form(struct cx *cx, struct view *view);
enum err page_business_suspend(struct cx *cx, struct view *view);
enum err page_business_resume_form(struct cx *cx, struct view *view);
enum err page_business_resume(struct cx *cx, struct view *view);
enum err page_business_close_form(struct cx *cx, struct view *view);
enum err page_business_close(struct cx *cx, struct view *view);
enum err page_household_applications(struct cx *cx, struct view *view);
enum err page_household_application(struct cx *cx, struct view *view);
enum err page_household_application_decide(struct cx *cx, struct view *view);

/* What the pages share. */
struct business_read {
  const char *number;
  int64_t day;                 /* as of which it is shown */
  struct business_line line;
  struct business_full full;   /* as of the day */
  struct household_business shown;
  struct list history, actions;
};
MUST_USE enum err business_read_all(struct cx *cx, struct view *view, struct business_read *read);
MUST_USE enum err business_read_tx(struct cx *cx, struct tx *tx, struct business_read *read);
/* Its values under a name: {{b.name}}, {{b_head.full_name}}, {{b_members}}, {{b_sectors}}, {{b_light}} … */
void business_show_model(struct cx *cx, struct model *model, const struct household_business *business);
void business_state_model(struct model *model, const char *state);
/* The extract as PDF. */
MUST_USE enum err business_extract_draw(struct cx *cx, struct here *here, const struct business_read *read, struct bytes *pdf);

#endif
