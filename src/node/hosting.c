/* Opens the systems that a node's configuration names. Adding a system: its folder, its contract, and its line here. */
#include "node/hosting.h"

#include "base/text.h"
#include "node/disk.h"
#include "people/action.h"
#include "systems/account/account.h"
#include "systems/household/household.h"
#include "systems/justice/justice.h"
#include "systems/onestop/onestop.h"
#include "systems/operator/operator.h"

const struct system *const known_systems[] = {
  &account_system, &onestop_system, &household_system, &justice_system, &operator_system,
};
const size_t known_system_count = sizeof known_systems / sizeof known_systems[0];

enum { READERS_PER_STORE = 8 };

static const struct system *system_known(const char *name)
{
  for (size_t i = 0; i < known_system_count; i++)
    if (text_equal(known_systems[i]->name, name)) return known_systems[i];
  return NULL;
}

static void fill_parts(struct cx *cx, struct here *here, const struct config *config)
{
  const struct config_part *parts = config->parts.items;
  struct here_part *mine = ARENA_ARRAY(cx->arena, config->parts.count + 1, struct here_part);
  for (size_t i = 0; i < config->parts.count; i++)
    if (text_equal(parts[i].system, here->system))
      mine[here->part_count++] = (struct here_part){parts[i].part, parts[i].axis_id};
  here->parts = mine;
}

static const char *public_url_of(struct cx *cx, const struct config *config)
{
  if (!text_empty(config->public_url)) return config->public_url;
  return arena_print(cx->arena, "http://%s", config->pages_address);
}

static enum err open_stores(struct cx *cx, struct hosted *hosted, const char *folder, const struct config *config)
{
  const char *mine = arena_print(cx->arena, "%s/%s", folder, hosted->type->name);
  enum err err = disk_folder(cx, mine, 0700);
  const char *url = text_empty(config->store) ? arena_print(cx->arena, "sqlite:%s", mine) : config->store;
  if (!err && hosted->type->schema)
    err = store_open(cx, url, hosted->type->schema, READERS_PER_STORE, &hosted->here.store);
  if (!err && hosted->type->schema) err = store_check(cx, hosted->here.store);
  if (!err && hosted->type->schema) action_prepare(cx, hosted->here.store, mine);
  if (!err) err = files_open(cx, config_files_folder(cx, config, folder, hosted->type->name), &hosted->here.files);
  if (!err) files_scan_with(hosted->here.files, node_scanner(hosted->node));
  return err;
}

static enum err open_one(struct cx *cx, struct hosted *hosted, const char *folder, const char *data_folder)
{
  const struct config *config = node_config(hosted->node);
  struct here *here = &hosted->here;
  here->system = hosted->type->name;
  here->people = node_people(hosted->node);
  here->public_url = public_url_of(cx, config);
  here->public_url_given = !text_empty(config->public_url);
  here->demo = config->demo;
  here->spool_folder = arena_print(cx->arena, "%s/spool", folder);
  here->data_folder = data_folder;
  here->ending = node_ending(hosted->node);
  here->node = hosted;
  fill_parts(cx, here, config);
  return open_stores(cx, hosted, folder, config);
}

enum err hosting_open(struct cx *cx, struct node *node, const char *folder, const char *data_folder, struct hosted **out, size_t *count)
{
  const struct config *config = node_config(node);
  const struct config_system *wanted = config->systems.items;
  struct hosted *hosted = ARENA_ARRAY(cx->arena, config->systems.count + 1, struct hosted);
  *out = hosted;
  *count = 0;
  for (size_t i = 0; i < config->systems.count; i++) {
    hosted[i].type = system_known(wanted[i].name);
    if (!hosted[i].type) return cx_fail(cx, ERR_INPUT, "systems", "node.error.system", "name", wanted[i].name, NULL);
    hosted[i].node = node;
    hosted[i].here.axis_id = wanted[i].axis_id;
    *count = i + 1;
    enum err err = open_one(cx, &hosted[i], folder, data_folder);
    if (err) return err;
  }
  return OK;
}

enum err hosting_load(struct cx *cx, struct hosted *hosted, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    enum err err = hosted[i].type->open ? hosted[i].type->open(cx, &hosted[i].here) : OK;
    if (err) return err;
  }
  return OK;
}

void hosting_close(struct hosted *hosted, size_t count)
{
  for (size_t i = 0; i < count; i++) {
    files_close(hosted[i].here.files);
    store_close(hosted[i].here.store);
  }
}
