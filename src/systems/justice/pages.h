/* The national officers' pages. */
#ifndef SYSTEMS_JUSTICE_PAGES_H
#define SYSTEMS_JUSTICE_PAGES_H

#include "web/web.h"

enum err page_lookups(struct cx *cx, struct view *view);
enum err page_lookup(struct cx *cx, struct view *view);
enum err page_lookup_decide(struct cx *cx, struct view *view);
enum err page_results(struct cx *cx, struct view *view);

#endif
