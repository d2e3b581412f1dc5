/* The operator's pages, by subject: pages.c what runs, pages_directory.c who takes part, pages_rights.c who may. */
#ifndef SYSTEMS_OPERATOR_PAGES_H
#define SYSTEMS_OPERATOR_PAGES_H

#include "axis/axis.h"
#include "web/web.h"

enum err page_overview(struct cx *cx, struct view *view);
enum err page_exchanges(struct cx *cx, struct view *view);
enum err page_receipt(struct cx *cx, struct view *view);
enum err page_queues(struct cx *cx, struct view *view);
enum err page_queues_wake(struct cx *cx, struct view *view);
enum err page_members(struct cx *cx, struct view *view);
enum err page_member_put(struct cx *cx, struct view *view);
enum err page_member_state(struct cx *cx, struct view *view);
enum err page_axis_systems(struct cx *cx, struct view *view);
enum err page_axis_system_put(struct cx *cx, struct view *view);
enum err page_axis_system_state(struct cx *cx, struct view *view);
enum err page_axis_system_token(struct cx *cx, struct view *view);
enum err page_axis_services(struct cx *cx, struct view *view);
enum err page_axis_service_put(struct cx *cx, struct view *view);
enum err page_instances(struct cx *cx, struct view *view);
enum err page_instance_state(struct cx *cx, struct view *view);
enum err page_rights(struct cx *cx, struct view *view);
enum err page_right_grant(struct cx *cx, struct view *view);
enum err page_right_revoke(struct cx *cx, struct view *view);

/* Shared: the axis of this node, and a state as a tag's light. */
struct axis *operator_axis(const struct view *view);
void show_state_light(struct model *row, const char *state);
/* Renders a page with its place in the navigation. */
enum err operator_render(struct cx *cx, struct view *view, const char *name);
/* Goes back to a list with a flash, or renders it again with what is wrong. */
enum err operator_done(struct cx *cx, struct view *view, enum err err, const char *flash, const char *value, const char *back);

#endif
