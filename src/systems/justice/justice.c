/* The national judicial-record database: table of contents. */
#include "systems/justice/justice.h"

#include "base/text.h"
#include "justice_html.h"
#include "justice_sql.h"
#include "justice_words.h"
#include "systems/justice/pages.h"
#include "systems/justice/services.h"
#include "systems/justice/store.h"
#include <fcntl.h>
#include <unistd.h>

static const struct param list_params[] = {
  {.name = "loc", .type = PARAM_CODE, .max = 20}, {.name = "truoc", .type = PARAM_I64, .max = INT64_MAX}, {0}};
static const struct param result_params[] = {
  {.name = "ten", .type = PARAM_TEXT, .max = 100}, {.name = "truoc", .type = PARAM_I64, .max = INT64_MAX}, {0}};
static const struct param lookup_params[] = {{.name = "reference", .type = PARAM_CODE, .max = 40, .required = true}, {0}};

static const struct page pages[] = {
  {.method = "GET", .path = "/ly-lich", .permission = "justice.look", .params = list_params, .handle = page_justice_lookups, .title = "justice.title.lookups"},
  {.method = "GET", .path = "/ly-lich/ket-qua", .permission = "justice.look", .params = result_params, .handle = page_justice_results, .title = "justice.title.results"},
  {.method = "GET", .path = "/ly-lich/{reference}", .permission = "justice.look", .params = lookup_params, .handle = page_justice_lookup, .title = "justice.title.lookup"},
  {.method = "POST", .path = "/ly-lich/{reference}", .permission = "justice.decide", .params = lookup_params, .handle = page_justice_decide, .title = "justice.title.lookup"},
};

static const struct permission permissions[] = {
  {"justice.look", ROLE_NATIONAL, "justice.permission.look"},
  {"justice.decide", ROLE_NATIONAL, "justice.permission.decide"},
  {NULL, NULL, NULL},
};

/* ---- Convictions of demo people ---- */

enum { DEMO_FILE_MAX = 1 << 20 };

struct demo { struct list convictions; };
static const struct field demo_fields[] = {FIELD(struct demo, convictions, .of = &conviction_type, .max = 1000)};
static const struct record_type demo_type = RECORD("demo", struct demo, demo_fields);

static enum err demo_in(struct cx *cx, struct tx *tx, void *arg)
{
  return conviction_add(cx, tx, &((struct demo *)arg)->convictions);
}

static enum err demo_file(struct cx *cx, const char *path, struct bytes *out)
{
  uint8_t *text = arena_alloc(cx->arena, DEMO_FILE_MAX);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t size = fd < 0 ? -1 : read(fd, text, DEMO_FILE_MAX);
  if (fd >= 0) close(fd);
  if (size < 0) return cx_fail(cx, ERR_STORAGE, NULL, "justice.error.demo_file", "path", path, NULL);
  *out = (struct bytes){text, (size_t)size};
  return OK;
}

static enum err justice_open(struct cx *cx, struct here *here)
{
  struct bytes text;
  struct demo demo;
  if (!here->demo) return OK;
  enum err err = demo_file(cx, arena_print(cx->arena, "%s/demo/convictions.json", here->data_folder), &text);
  if (!err) err = record_read_json(cx, &demo_type, text, &demo);
  return err ? err : store_write(cx, here->store, demo_in, &demo);
}

const struct system justice_system = {
  .name = "justice",
  .word = "justice.name",
  .schema = &justice_schema,
  .pages = pages, .page_count = sizeof pages / sizeof pages[0],
  .services = justice_services, .service_count = 3,
  .permissions = permissions,
  .html = &justice_html,
  .words = justice_words, .words_count = 2,
  .open = justice_open,
};
