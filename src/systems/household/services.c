/* What the register offers on the axis. */
#include "systems/household/services.h"

#include "base/text.h"
#include "systems/household/register.h"
#include <string.h>

/* A value of the raw query, decoded and cleaned; NULL: not given. ERR_INPUT when it is no text. */
static enum err query_get(struct cx *cx, const char *query, const char *name, const char **out)
{
  struct form form;
  *out = NULL;
  if (text_empty(query)) return OK;
  enum err err = form_read(cx, (struct bytes){(const uint8_t *)query, strlen(query)}, &form);
  if (!err) *out = form_get(&form, name, 0);
  return err;
}

static enum err handle_check(struct cx *cx, struct tx *tx, struct service_call *call)
{
  return household_check_answer_fill(cx, tx, call->here, call->ask, call->answer);
}

static enum err handle_register(struct cx *cx, struct tx *tx, struct service_call *call)
{
  return application_receive(cx, tx, call->here, call->consumer, call->ask, call->answer);
}

static enum err handle_read(struct cx *cx, struct tx *tx, struct service_call *call)
{
  const char *number = call->path[0], *on;
  struct business_line line;
  struct business_full full;
  struct date date;
  int64_t day = time_to_days(cx_now(cx));
  enum err err = query_get(cx, call->query, "on", &on);
  if (err) return err;
  if (on && !date_read_iso(on, &date)) return cx_fail(cx, ERR_INPUT, "on", "error.date", NULL);
  if (on) day = date_to_days(date);
  err = business_line_get(cx, tx, number, &line);
  if (!err) err = business_on(cx, tx, number, day, &full);
  if (!err) business_show(cx, &full, line.registered_on, day, call->answer);
  return err;
}

static enum err handle_search(struct cx *cx, struct tx *tx, struct service_call *call)
{
  struct household_found *answer = call->answer;
  struct list found;
  const char *wanted, *after;
  int64_t today = time_to_days(cx_now(cx));
  enum err err = query_get(cx, call->query, "q", &wanted);
  if (!err) err = query_get(cx, call->query, "after", &after);
  if (!err) err = business_find(cx, tx, wanted, after, &found);
  if (err) return err;
  const struct business_line *rows = found.items;
  size_t count = found.count > BUSINESSES_A_PAGE ? BUSINESSES_A_PAGE : found.count;
  struct household_line *lines = ARENA_ARRAY(cx->arena, count + 1, struct household_line);
  for (size_t i = 0; i < count; i++) business_line_show(&rows[i], today, &lines[i]);
  answer->businesses = (struct list){lines, count};
  answer->next = found.count > count ? lines[count - 1].number : NULL;
  return OK;
}

const struct service household_services[4] = {
  {.code = "check", .method = "POST", .path = "", .ask = &household_check_type, .answer = &household_check_answer_type, .handle = handle_check,
   .word = "household.service.check"},
  {.code = "register", .method = "POST", .path = "", .ask = &household_application_type, .answer = &household_answer_type, .once = true,
   .handle = handle_register, .word = "household.service.register"},
  {.code = "read", .method = "GET", .path = "/{number}", .answer = &household_business_type, .handle = handle_read, .word = "household.service.read"},
  {.code = "search", .method = "GET", .path = "", .answer = &household_found_type, .handle = handle_search, .word = "household.service.search"},
};
