/* Reads a catalogue file: one JSON object of lists of flat records. The records read themselves by their field tables; what
 * this file adds is where in the file each of them stands, so that a fault is told with its line and field. */
#include "systems/onestop/catalogue.h"

#include "base/text.h"
#include <jansson.h>
#include <string.h>

enum { ROWS_MAX = 5000 };

struct part { const char *name; const struct record_type *type; size_t offset; };
static const struct part parts[] = {
  {"procedures", &procedure_type, offsetof(struct catalogue, procedures)},
  {"components", &component_type, offsetof(struct catalogue, components)},
  {"fees", &fee_rule_type, offsetof(struct catalogue, fees)},
  {"exemptions", &exemption_type, offsetof(struct catalogue, exemptions)},
  {"authorities", &authority_type, offsetof(struct catalogue, authorities)},
  {"forms", &paper_form_type, offsetof(struct catalogue, forms)},
  {"numbering", &numbering_type, offsetof(struct catalogue, numbering)},
  {"counters", &counter_type, offsetof(struct catalogue, counters)},
};
enum { PARTS = sizeof parts / sizeof parts[0] };

struct row { const char *start; size_t size; int64_t line; };
struct reader {
  struct cx *cx;
  const char *at;
  int64_t line;
  struct row *rows[PARTS];
  size_t counts[PARTS];
};

static enum err fail_at(struct cx *cx, int64_t line, const char *field, const char *key, const char *value)
{
  const char *place = field ? arena_print(cx->arena, "%lld:%s", (long long)line, field) : arena_print(cx->arena, "%lld", (long long)line);
  return cx_fail(cx, ERR_INPUT, place, key, "value", value ? value : "", NULL);
}

/* ---- Finding the rows; the text is known to be JSON ---- */
static void skip_space(struct reader *reader)
{
  for (; *reader->at && strchr(" \t\r\n", *reader->at); reader->at++) reader->line += *reader->at == '\n';
}

static const char *skip_string(struct reader *reader)
{
  const char *start = ++reader->at;
  while (*reader->at != '"') reader->at += *reader->at == '\\' ? 2 : 1;
  return arena_copy_n(reader->cx->arena, start, (size_t)(reader->at++ - start));
}

/* Any value: to its end. */
static void skip_value(struct reader *reader)
{
  int depth = 0;
  do {
    skip_space(reader);
    if (*reader->at == '"') {
      skip_string(reader);
      continue;
    }
    if (strchr("{[", *reader->at)) depth++;
    if (strchr("}]", *reader->at)) depth--;
    bool plain = !strchr("{[]},:", *reader->at);
    reader->at++;
    while (plain && *reader->at && !strchr("{[]},: \t\r\n\"", *reader->at)) reader->at++;
  } while (depth > 0);
}

static enum err read_rows(struct reader *reader, size_t part)
{
  reader->rows[part] = ARENA_ARRAY(reader->cx->arena, ROWS_MAX, struct row);
  if (*reader->at != '[') return fail_at(reader->cx, reader->line, parts[part].name, "onestop.error.catalogue.list", NULL);
  reader->at++;
  for (skip_space(reader); *reader->at != ']'; skip_space(reader)) {
    if (*reader->at == ',') {
      reader->at++;
      continue;
    }
    if (*reader->at != '{') return fail_at(reader->cx, reader->line, parts[part].name, "onestop.error.catalogue.object", NULL);
    if (reader->counts[part] == ROWS_MAX) return fail_at(reader->cx, reader->line, parts[part].name, "onestop.error.catalogue.many", NULL);
    struct row *row = &reader->rows[part][reader->counts[part]++];
    *row = (struct row){.start = reader->at, .line = reader->line};
    skip_value(reader);
    row->size = (size_t)(reader->at - row->start);
  }
  reader->at++;
  return OK;
}

static enum err read_parts(struct reader *reader)
{
  skip_space(reader);
  if (*reader->at++ != '{') return fail_at(reader->cx, reader->line, NULL, "onestop.error.catalogue.object", NULL);
  for (skip_space(reader); *reader->at != '}'; skip_space(reader)) {
    if (*reader->at == ',') {
      reader->at++;
      continue;
    }
    int64_t line = reader->line;
    const char *name = skip_string(reader);
    skip_space(reader);
    reader->at++; /* : */
    skip_space(reader);
    size_t part = 0;
    while (part < PARTS && !text_equal(parts[part].name, name)) part++;
    if (part == PARTS) return fail_at(reader->cx, line, name, "onestop.error.catalogue.unknown", NULL);
    enum err err = read_rows(reader, part);
    if (err) return err;
  }
  return OK;
}

/* ---- The rows themselves ---- */
/* The line where a field of a row stands; the row's own when it is missing. */
static int64_t field_line(struct cx *cx, const struct row *row, const char *field)
{
  const char *text = arena_copy_n(cx->arena, row->start, row->size);
  const char *at = field ? strstr(text, arena_print(cx->arena, "\"%s\"", field)) : NULL;
  int64_t line = row->line;
  for (; at && at > text; at--) line += at[-1] == '\n';
  return line;
}

/* What record_read_json said of a row is told with the row's place. */
static void place_problems(struct cx *cx, size_t from, const struct row *row, const char *list, size_t index)
{
  for (size_t i = from; i < cx->problems.count; i++) {
    struct problem *problem = &cx->problems.items[i];
    int64_t line = field_line(cx, row, problem->field);
    problem->field = arena_print(cx->arena, "%lld:%s[%zu]%s%s", (long long)line, list, index, problem->field ? "." : "", problem->field ? problem->field : "");
  }
}

static enum err fill_part(struct reader *reader, size_t part, struct catalogue *out)
{
  struct cx *cx = reader->cx;
  const struct record_type *type = parts[part].type;
  struct list *list = (struct list *)(void *)((char *)out + parts[part].offset);
  enum err result = OK;
  *list = (struct list){arena_array(cx->arena, reader->counts[part] + 1, type->size), reader->counts[part]};
  for (size_t i = 0; i < reader->counts[part]; i++) {
    const struct row *row = &reader->rows[part][i];
    size_t before = cx->problems.count;
    enum err err = record_read_json(cx, type, (struct bytes){(const uint8_t *)row->start, row->size}, (char *)list->items + i * type->size);
    if (err) place_problems(cx, before, row, parts[part].name, i);
    if (err) result = err;
  }
  return result;
}

/* ---- What single fields cannot say ---- */
static enum err fail_row(struct reader *reader, size_t part, size_t index, const char *field, const char *key, const char *value)
{
  const struct row *row = &reader->rows[part][index];
  const char *place = arena_print(reader->cx->arena, "%s[%zu].%s", parts[part].name, index, field);
  return fail_at(reader->cx, field_line(reader->cx, row, field), place, key, value);
}

static bool version_stands(const struct catalogue *catalogue, const char *code, int64_t version, size_t before)
{
  const struct procedure *all = catalogue->procedures.items;
  for (size_t i = 0; i < before; i++)
    if (text_equal(all[i].code, code) && all[i].version == version) return true;
  return false;
}

static enum err check_procedures(struct reader *reader, const struct catalogue *catalogue)
{
  const struct procedure *all = catalogue->procedures.items;
  enum err result = OK;
  for (size_t i = 0; i < catalogue->procedures.count; i++) {
    if (all[i].valid_to != NONE_DATE && all[i].valid_to < all[i].valid_from)
      result = fail_row(reader, 0, i, "valid_to", "onestop.error.catalogue.period", NULL);
    if (version_stands(catalogue, all[i].code, all[i].version, i))
      result = fail_row(reader, 0, i, "version", "onestop.error.catalogue.twice", all[i].code);
  }
  return result;
}

/* The parts 1 … 4 hang on a version of the same file: their records begin alike. */
struct of_version { const char *procedure; int64_t version; };
_Static_assert(offsetof(struct component, version) == offsetof(struct of_version, version), "begins with procedure and version");
_Static_assert(offsetof(struct fee_rule, version) == offsetof(struct of_version, version), "begins with procedure and version");
_Static_assert(offsetof(struct exemption, version) == offsetof(struct of_version, version), "begins with procedure and version");
_Static_assert(offsetof(struct authority, version) == offsetof(struct of_version, version), "begins with procedure and version");

static enum err check_hanging(struct reader *reader, const struct catalogue *catalogue)
{
  enum err result = OK;
  for (size_t part = 1; part <= 4; part++)
    for (size_t i = 0; i < reader->counts[part]; i++) {
      const struct list *list = (const struct list *)(const void *)((const char *)catalogue + parts[part].offset);
      const struct of_version *row = (const void *)((const char *)list->items + i * parts[part].type->size);
      if (!version_stands(catalogue, row->procedure, row->version, catalogue->procedures.count))
        result = fail_row(reader, part, i, "procedure", "onestop.error.catalogue.version", row->procedure);
    }
  return result;
}

static void number_components(struct catalogue *catalogue)
{
  struct component *all = catalogue->components.items;
  for (size_t i = 0; i < catalogue->components.count; i++)
    if (all[i].ordinal == 0) all[i].ordinal = (int64_t)i + 1;
}

static enum err check_syntax(struct cx *cx, struct bytes json)
{
  json_error_t error;
  json_t *root = json_loadb((const char *)json.data, json.size, JSON_REJECT_DUPLICATES, &error);
  if (!root) return fail_at(cx, error.line, NULL, "onestop.error.catalogue.json", error.text);
  json_decref(root);
  return OK;
}

enum err catalogue_read(struct cx *cx, struct bytes json, struct catalogue *out)
{
  *out = (struct catalogue){0};
  enum err err = json.size ? check_syntax(cx, json) : fail_at(cx, 1, NULL, "onestop.error.catalogue.json", NULL);
  if (err) return err;
  struct reader reader = {.cx = cx, .at = arena_copy_n(cx->arena, json.data, json.size), .line = 1};
  err = read_parts(&reader);
  for (size_t part = 0; part < PARTS && (!err || err == ERR_INPUT) && cx->problems.count < PROBLEMS_MAX; part++) {
    enum err again = fill_part(&reader, part, out);
    if (again) err = again;
  }
  if (err) return err;
  err = check_procedures(&reader, out);
  enum err hanging = check_hanging(&reader, out);
  number_components(out);
  int64_t *lines = ARENA_ARRAY(cx->arena, out->procedures.count + 1, int64_t);
  for (size_t i = 0; i < out->procedures.count; i++) lines[i] = reader.rows[0][i].line;
  out->procedure_lines = lines;
  return err ? err : hanging;
}
