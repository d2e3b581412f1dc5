/* The catalogue's rows: versions are written once and then only read, so that a dossier keeps the law it came under. */
#include "systems/onestop/catalogue.h"

#include "base/text.h"
#include "onestop_sql.h"
#include "systems/system.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS_MAX = 200, PROCEDURES_MAX = 3000, COUNTERS_MAX = 3000, FILE_SIZE_MAX = 32 << 20, LEVELS_MAX = 4 };

/* ---- Writing ---- */
struct storing { const struct catalogue *catalogue; bool replace; };

static enum err drop_version(struct cx *cx, struct tx *tx, const struct procedure *procedure)
{
  const struct statement *const drops[] = {&onestop_procedure_drop, &onestop_component_drop, &onestop_fee_drop, &onestop_exemption_drop,
                                           &onestop_authority_drop};
  enum err err = OK;
  for (size_t i = 0; !err && i < sizeof drops / sizeof drops[0]; i++)
    err = sql_run(cx, tx, drops[i], ARGS(V(procedure->code), V(procedure->version)), NULL);
  return err;
}

static enum err add_procedure(struct cx *cx, struct tx *tx, const struct procedure *p)
{
  return sql_run(cx, tx, &onestop_procedure_add,
                 ARGS(V(p->code), V(p->version), V(p->kind), V(p->name), V(p->field), value_date(p->valid_from), value_date(p->valid_to),
                      V(p->legal_basis), V(p->verified), V(p->decider_level), V(p->decider_office), V(p->decider_place), V(p->term_amount),
                      V(p->term_long_amount), V(p->term_unit), V(p->term_note), V(p->result_name), V(p->result_number), V(p->issuer_above),
                      V(p->issuer), V(p->signer_authority), V(p->signer), V(p->proxy), V(p->short_name)), NULL);
}

static bool is_of(const struct procedure *procedure, const char *code, int64_t version)
{
  return procedure->version == version && text_equal(procedure->code, code);
}

static enum err add_components(struct cx *cx, struct tx *tx, const struct catalogue *catalogue, const struct procedure *procedure)
{
  const struct component *all = catalogue->components.items;
  enum err err = OK;
  for (size_t i = 0; !err && i < catalogue->components.count; i++)
    if (is_of(procedure, all[i].procedure, all[i].version))
      err = sql_run(cx, tx, &onestop_component_version_add,
                    ARGS(V(all[i].procedure), V(all[i].version), V(all[i].ordinal), V(all[i].code), V(all[i].title), V(all[i].form),
                         V(all[i].originals), V(all[i].copies), V(all[i].required), V(all[i].when_needed)), NULL);
  return err;
}

static enum err add_fees(struct cx *cx, struct tx *tx, const struct catalogue *catalogue, const struct procedure *procedure)
{
  const struct fee_rule *fees = catalogue->fees.items;
  const struct exemption *exemptions = catalogue->exemptions.items;
  enum err err = OK;
  for (size_t i = 0; !err && i < catalogue->fees.count; i++)
    if (is_of(procedure, fees[i].procedure, fees[i].version))
      err = sql_run(cx, tx, &onestop_fee_version_add,
                    ARGS(V(fees[i].procedure), V(fees[i].version), V(fees[i].code), V(fees[i].title), V(fees[i].amount_vnd),
                         V(fees[i].from_copy), V(fees[i].legal_basis), V(fees[i].verified)), NULL);
  for (size_t i = 0; !err && i < catalogue->exemptions.count; i++)
    if (is_of(procedure, exemptions[i].procedure, exemptions[i].version))
      err = sql_run(cx, tx, &onestop_exemption_version_add,
                    ARGS(V(exemptions[i].procedure), V(exemptions[i].version), V(exemptions[i].code), V(exemptions[i].title),
                         V(exemptions[i].pays_vnd), V(exemptions[i].proof), V(exemptions[i].legal_basis), V(exemptions[i].verified)), NULL);
  return err;
}

static enum err add_authorities(struct cx *cx, struct tx *tx, const struct catalogue *catalogue, const struct procedure *procedure)
{
  const struct authority *all = catalogue->authorities.items;
  enum err err = OK;
  for (size_t i = 0; !err && i < catalogue->authorities.count; i++)
    if (is_of(procedure, all[i].procedure, all[i].version))
      err = sql_run(cx, tx, &onestop_authority_version_add,
                    ARGS(V(all[i].procedure), V(all[i].version), V(all[i].code), V(all[i].title), V(all[i].certified), V(all[i].note)), NULL);
  return err;
}

/* *found: a row is there. */
static enum err is_there(struct cx *cx, struct tx *tx, const struct statement *statement, struct values args, bool *found)
{
  int64_t ignored;
  enum err err = sql_number(cx, tx, statement, args, &ignored);
  *found = !err;
  return err == ERR_NOT_FOUND ? OK : err;
}

static enum err store_procedure(struct cx *cx, struct tx *tx, const struct storing *storing, size_t index)
{
  const struct catalogue *catalogue = storing->catalogue;
  const struct procedure *p = &((const struct procedure *)catalogue->procedures.items)[index];
  const char *place = arena_print(cx->arena, "%lld:procedures[%zu].version", (long long)catalogue->procedure_lines[index], index);
  bool exists = false, used = false, overlaps = false;
  enum err err = is_there(cx, tx, &onestop_procedure_exists, ARGS(V(p->code), V(p->version)), &exists);
  if (err || (exists && !storing->replace)) return err;
  if (exists) err = is_there(cx, tx, &onestop_procedure_used, ARGS(V(p->code), V(p->version)), &used);
  if (used) return cx_fail(cx, ERR_CONFLICT, place, "onestop.error.catalogue.used", "value", p->code, NULL);
  if (!err && exists) err = drop_version(cx, tx, p);
  const struct values period = ARGS(V(p->code), V(p->version), value_date(p->valid_from), value_date(p->valid_to));
  if (!err) err = is_there(cx, tx, &onestop_procedure_overlap, period, &overlaps);
  if (overlaps) return cx_fail(cx, ERR_INPUT, place, "onestop.error.catalogue.overlap", "value", p->code, NULL);
  if (!err) err = add_procedure(cx, tx, p);
  if (!err) err = add_components(cx, tx, catalogue, p);
  if (!err) err = add_fees(cx, tx, catalogue, p);
  if (!err) err = add_authorities(cx, tx, catalogue, p);
  return err;
}

static enum err store_rules(struct cx *cx, struct tx *tx, const struct catalogue *catalogue)
{
  const struct paper_form *forms = catalogue->forms.items;
  const struct numbering *numbering = catalogue->numbering.items;
  enum err err = OK;
  for (size_t i = 0; !err && i < catalogue->forms.count; i++)
    err = sql_run(cx, tx, &onestop_paper_form_put,
                  ARGS(V(forms[i].purpose), V(forms[i].number), V(forms[i].title), V(forms[i].desk), value_date(forms[i].valid_from),
                       value_date(forms[i].valid_to), V(forms[i].legal_basis), V(forms[i].verified)), NULL);
  for (size_t i = 0; !err && i < catalogue->numbering.count; i++)
    err = sql_run(cx, tx, &onestop_numbering_put,
                  ARGS(V(numbering[i].pattern), V(numbering[i].digits), V(numbering[i].agency), value_date(numbering[i].valid_from),
                       value_date(numbering[i].valid_to), V(numbering[i].legal_basis), V(numbering[i].verified)), NULL);
  return err;
}

static enum err store_counters(struct cx *cx, struct tx *tx, const struct catalogue *catalogue)
{
  const struct counter *counters = catalogue->counters.items;
  enum err err = OK;
  for (size_t i = 0; !err && i < catalogue->counters.count; i++)
    err = sql_run(cx, tx, &onestop_counter_put,
                  ARGS(V(counters[i].unit), V(counters[i].address), V(counters[i].phone), V(counters[i].hours), value_date(counters[i].valid_from)), NULL);
  return err;
}

static enum err store_all(struct cx *cx, struct tx *tx, void *arg)
{
  const struct storing *storing = arg;
  enum err err = OK;
  for (size_t i = 0; !err && i < storing->catalogue->procedures.count; i++) err = store_procedure(cx, tx, storing, i);
  if (!err) err = store_rules(cx, tx, storing->catalogue);
  if (!err) err = store_counters(cx, tx, storing->catalogue);
  return err;
}

enum err catalogue_store(struct cx *cx, struct here *here, const struct catalogue *catalogue, bool replace)
{
  struct storing storing = {catalogue, replace};
  return store_write(cx, here->store, store_all, &storing);
}

/* ---- Files ---- */
static enum err file_read_whole(struct cx *cx, const char *path, struct bytes *out)
{
  FILE *file = fopen(path, "rbe");
  if (!file) return cx_fail(cx, ERR_STORAGE, NULL, "onestop.error.file", "path", path, "cause", strerror(errno), NULL);
  struct buffer buffer;
  buffer_init(&buffer, cx->arena);
  char block[16384];
  size_t got;
  while ((got = fread(block, 1, sizeof block, file)) > 0 && buffer.size < FILE_SIZE_MAX) buffer_add(&buffer, block, got);
  bool failed = ferror(file);
  fclose(file);
  *out = buffer_bytes(&buffer);
  return failed ? cx_fail(cx, ERR_STORAGE, NULL, "onestop.error.file", "path", path, "cause", "read", NULL) : OK;
}

static int is_json(const struct dirent *entry)
{
  size_t size = strlen(entry->d_name);
  return size > 5 && strcmp(entry->d_name + size - 5, ".json") == 0;
}

static enum err load_file(struct cx *cx, struct here *here, const char *folder, const char *name)
{
  struct bytes text;
  struct catalogue catalogue;
  enum err err = file_read_whole(cx, arena_print(cx->arena, "%s/%s", folder, name), &text);
  if (!err) err = catalogue_read(cx, text, &catalogue);
  if (!err) err = catalogue_store(cx, here, &catalogue, false);
  return err;
}

static enum err load_folder(struct cx *cx, struct here *here)
{
  const char *folder = arena_print(cx->arena, "%s/catalogue", here->data_folder);
  struct dirent **entries;
  int count = scandir(folder, &entries, is_json, alphasort);
  if (count < 0) return cx_fail(cx, ERR_STORAGE, NULL, "onestop.error.file", "path", folder, "cause", strerror(errno), NULL);
  enum err err = OK;
  for (int i = 0; i < count; i++) {
    if (!err) err = load_file(cx, here, folder, entries[i]->d_name);
    free(entries[i]);
  }
  free(entries);
  return err;
}

/* ---- Where a counter is, is told with its unit; what an administrator wrote since stays ---- */
static enum err counter_open(struct cx *cx, struct people *people, const struct counter *counter)
{
  struct unit unit;
  size_t problems = cx->problems.count;
  enum err err = unit_get(cx, people, counter->unit, counter->valid_from, &unit);
  cx->problems.count = problems;
  if (err) return err == ERR_NOT_FOUND ? OK : err; /* a node of another province */
  if (!text_empty(unit.address)) return OK;
  unit.address = counter->address;
  unit.phone = counter->phone;
  unit.hours = counter->hours;
  unit.agency_code = NULL; /* those have validities of their own */
  return unit_put(cx, people, &unit);
}

static enum err counters_open(struct cx *cx, struct here *here)
{
  struct list counters;
  enum err err = store_rows(cx, here->store, &onestop_counter_list, NO_ARGS, &counter_type, COUNTERS_MAX, &counters);
  for (size_t i = 0; !err && i < counters.count; i++) err = counter_open(cx, here->people, &((struct counter *)counters.items)[i]);
  return err;
}

enum err catalogue_open(struct cx *cx, struct here *here)
{
  enum err err = load_folder(cx, here);
  return err ? err : counters_open(cx, here);
}

enum err catalogue_import(struct cx *cx, struct here *here, const struct command_input *input, struct buffer *out)
{
  struct catalogue catalogue;
  enum err err = catalogue_read(cx, input->file, &catalogue);
  if (!err) err = catalogue_store(cx, here, &catalogue, true);
  if (!err) err = counters_open(cx, here);
  if (!err) buffer_print(out, "%zu procedures, %zu components, %zu fees\n", catalogue.procedures.count, catalogue.components.count, catalogue.fees.count);
  return err;
}

/* ---- Reading ---- */
enum err procedure_list(struct cx *cx, struct store *store, int64_t on_days, struct list *out)
{
  return store_rows(cx, store, &onestop_procedure_list, ARGS(V(on_days)), &procedure_type, PROCEDURES_MAX, out);
}

enum err procedure_on(struct cx *cx, struct store *store, const char *code, int64_t on_days, struct procedure *out)
{
  return store_row(cx, store, &onestop_procedure_on, ARGS(V(code), V(on_days)), &procedure_type, out);
}

struct getting { const char *code; int64_t version; struct procedure_parts *out; };

static enum err get_parts(struct cx *cx, struct tx *tx, void *arg)
{
  struct getting *getting = arg;
  struct procedure_parts *out = getting->out;
  const struct values key = ARGS(V(getting->code), V(getting->version));
  enum err err = sql_row(cx, tx, &onestop_procedure_get, key, &procedure_type, &out->procedure);
  if (!err) err = sql_rows(cx, tx, &onestop_component_version_list, key, &component_type, PARTS_MAX, &out->components);
  if (!err) err = sql_rows(cx, tx, &onestop_fee_version_list, key, &fee_rule_type, PARTS_MAX, &out->fees);
  if (!err) err = sql_rows(cx, tx, &onestop_exemption_version_list, key, &exemption_type, PARTS_MAX, &out->exemptions);
  if (!err) err = sql_rows(cx, tx, &onestop_authority_version_list, key, &authority_type, PARTS_MAX, &out->authorities);
  return err;
}

enum err procedure_get(struct cx *cx, struct store *store, const char *code, int64_t version, struct procedure_parts *out)
{
  *out = (struct procedure_parts){0};
  struct getting getting = {code, version, out};
  return store_read(cx, store, get_parts, &getting);
}

enum err paper_form_on(struct cx *cx, struct store *store, const char *purpose, int64_t on_days, struct paper_form *out)
{
  return store_row(cx, store, &onestop_paper_form_on, ARGS(V(purpose), V(on_days)), &paper_form_type, out);
}

enum err numbering_on(struct cx *cx, struct store *store, int64_t on_days, struct numbering *out)
{
  return store_row(cx, store, &onestop_numbering_on, ARGS(V(on_days)), &numbering_type, out);
}

/* The office of that kind below a unit: "883-TCKH" below 883. */
static enum err office_below(struct cx *cx, struct people *people, const struct unit *above, const char *office, int64_t on_days, struct unit *out)
{
  struct list children;
  const char *ending = arena_print(cx->arena, "-%s", office);
  enum err err = unit_children(cx, people, above->code, on_days, &children);
  const struct unit *units = children.items;
  for (size_t i = 0; !err && i < children.count; i++) {
    const char *dash = strrchr(units[i].code, '-');
    if (!dash || !text_equal(dash, ending)) continue;
    *out = units[i];
    return OK;
  }
  return err ? err : cx_fail(cx, ERR_INPUT, "procedure", "onestop.error.decider", NULL);
}

enum err decider_unit(struct cx *cx, struct people *people, const struct procedure *procedure, const char *place, int64_t on_days, struct unit *out)
{
  const char *code = place;
  for (int level = 0; level < LEVELS_MAX; level++) {
    struct unit unit;
    enum err err = unit_get(cx, people, code, on_days, &unit);
    if (err) return err;
    *out = unit;
    if (text_equal(unit.level, procedure->decider_level))
      return text_empty(procedure->decider_office) ? OK : office_below(cx, people, &unit, procedure->decider_office, on_days, out);
    if (text_empty(unit.parent)) break;
    code = unit.parent;
  }
  return cx_fail(cx, ERR_INPUT, "procedure", "onestop.error.decider", NULL);
}

const struct exemption *exemption_find(const struct procedure_parts *parts, const char *code)
{
  const struct exemption *all = parts->exemptions.items;
  for (size_t i = 0; !text_empty(code) && i < parts->exemptions.count; i++)
    if (text_equal(all[i].code, code)) return &all[i];
  return NULL;
}

const struct authority *authority_find(const struct procedure_parts *parts, const char *code)
{
  const struct authority *all = parts->authorities.items;
  for (size_t i = 0; !text_empty(code) && i < parts->authorities.count; i++)
    if (text_equal(all[i].code, code)) return &all[i];
  return NULL;
}
