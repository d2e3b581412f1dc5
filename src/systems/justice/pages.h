/* The national officers' pages. */
#ifndef SYSTEMS_JUSTICE_PAGES_H
#define SYSTEMS_JUSTICE_PAGES_H

#include "web/web.h"

enum err page_justice_lookups(struct cx *cx, struct view *view);
enum err page_justice_lookup(struct cx *cx, struct view *view);
enum err page_justice_decide(struct cx *cx, struct view *view);
enum err page_justice_results(struct cx *cx, struct view *view);

#endif
