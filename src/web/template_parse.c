/* Reads a template into a flat run of nodes, following the HTML around the holes, so that a hole in a wrong place is found
 * when the program starts and not when somebody writes a quotation mark into a form. */
#include "web/template_parts.h"

#include "base/text.h"
#include <string.h>

struct reader {
  struct cx *cx;
  struct templates *templates;
  const char *file, *at, *end;
  struct markup markup;
  struct node *nodes;
  size_t count, room;
  struct { size_t node; struct markup before; } open[SECTION_DEPTH_MAX];
  size_t depth;
  size_t line;
  struct template_file *out;
};

static enum err refuse(struct reader *reader, const char *key, const char *hole)
{
  const char *line = arena_print(reader->cx->arena, "%zu", reader->line);
  return cx_fail(reader->cx, ERR_INTERNAL, NULL, key, "file", reader->file, "line", line, "hole", hole ? hole : "", NULL);
}

static struct node *node_add(struct reader *reader, enum node_kind kind)
{
  if (reader->count == reader->room) {
    size_t room = reader->room ? reader->room * 2 : 32;
    struct node *nodes = ARENA_ARRAY(reader->templates->arena, room, struct node);
    if (reader->count) memcpy(nodes, reader->nodes, reader->count * sizeof *nodes);
    reader->nodes = nodes;
    reader->room = room;
  }
  struct node *node = &reader->nodes[reader->count++];
  *node = (struct node){.kind = kind, .line = (int)reader->line};
  return node;
}

static enum err add_text(struct reader *reader, const char *from, const char *to, size_t newlines_after)
{
  if (to > from) {
    struct node *node = node_add(reader, NODE_TEXT);
    node->text = arena_copy_n(reader->templates->arena, from, (size_t)(to - from));
    node->size = (size_t)(to - from);
    if (!markup_feed(&reader->markup, from, node->size, &reader->line)) return refuse(reader, "error.template.markup", NULL);
  }
  reader->line += newlines_after;
  return OK;
}

/* ---- The inside of a hole ---- */

static bool is_name_sign(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* "dossier.code"; false when it is no path. */
static bool read_path(struct reader *reader, const char *text, struct path *out)
{
  struct segment *segments = ARENA_ARRAY(reader->templates->arena, SEGMENTS_MAX, struct segment);
  *out = (struct path){segments, 0};
  for (;;) {
    size_t size = 0;
    while (is_name_sign(text[size])) size++;
    if (size == 0 || out->count == SEGMENTS_MAX) return false;
    segments[out->count++] = (struct segment){arena_copy_n(reader->templates->arena, text, size), model_hash(text, size), reader->templates->slot_count++};
    if (!text[size]) return true;
    if (text[size] != '.') return false;
    text += size + 1;
  }
}

/* The next word up to a space, a quoted part taken whole; NULL at the end. Writes into the hole's own copy. */
static char *next_word(char **at)
{
  char *start = *at + strspn(*at, " \t\r\n");
  if (!*start) return NULL;
  char *to = start, *from = start;
  bool quoted = false;
  for (; *from && (quoted || !strchr(" \t\r\n", *from)); from++) {
    if (*from == '"') quoted = !quoted;
    else *to++ = *from;
  }
  *at = *from ? from + 1 : from;
  *to = 0;
  return quoted ? NULL : start;
}

/* name=text, or name=*path; words take paths without the star. */
static bool read_arguments(struct reader *reader, char *at, bool paths, struct node *node)
{
  struct argument *args = ARENA_ARRAY(reader->templates->arena, ARGUMENTS_MAX, struct argument);
  node->args = args;
  for (char *word; (word = next_word(&at)); node->arg_count++) {
    char *equals = strchr(word, '=');
    if (!equals || equals == word || node->arg_count == ARGUMENTS_MAX) return false;
    *equals = 0;
    struct argument *arg = &args[node->arg_count];
    *arg = (struct argument){.name = arena_copy(reader->templates->arena, word), .hash = model_hash(word, strlen(word))};
    const char *value = equals + 1;
    if (!paths && *value != '*') arg->text = arena_copy(reader->templates->arena, value);
    else if (!read_path(reader, value + !paths, &arg->path)) return false;
  }
  return !*at;
}

static bool read_parameters(struct reader *reader, char *at)
{
  struct parameter *parameters = ARENA_ARRAY(reader->templates->arena, ARGUMENTS_MAX, struct parameter);
  reader->out->parameters = parameters;
  reader->out->declares = true;
  for (char *word; (word = next_word(&at));) {
    if (reader->out->parameter_count == ARGUMENTS_MAX) return false;
    size_t size = strlen(word);
    bool required = size > 1 && word[size - 1] == '!';
    if (required) word[--size] = 0;
    parameters[reader->out->parameter_count++] = (struct parameter){arena_copy(reader->templates->arena, word), model_hash(word, size), required};
  }
  return true;
}

/* ---- One function a kind of hole; text: what follows its sign ---- */

static enum err read_value(struct reader *reader, char *text)
{
  struct node *node = node_add(reader, NODE_VALUE);
  node->escape = markup_hole(&reader->markup);
  if (node->escape == ESCAPE_NONE) return refuse(reader, "error.template.place", text);
  return read_path(reader, text, &node->path) ? OK : refuse(reader, "error.template.syntax", text);
}

static enum err read_raw(struct reader *reader, char *text)
{
  struct node *node = node_add(reader, NODE_RAW);
  if (reader->markup.state != MARKUP_TEXT) return refuse(reader, "error.template.place", text);
  return read_path(reader, text, &node->path) ? OK : refuse(reader, "error.template.syntax", text);
}

/* "word.key", "prefix.*path" or "*path", and arguments. */
static enum err read_word(struct reader *reader, char *text)
{
  struct node *node = node_add(reader, NODE_WORD);
  node->escape = markup_hole(&reader->markup);
  if (node->escape == ESCAPE_NONE) return refuse(reader, "error.template.place", text);
  char *key = next_word(&text);
  char *star = key ? strchr(key, '*') : NULL;
  if (!key || (star && !read_path(reader, star + 1, &node->path)) || !read_arguments(reader, text, true, node))
    return refuse(reader, "error.template.syntax", key);
  if (star) *star = 0;
  node->text = arena_copy(reader->templates->arena, key);
  node->size = strlen(key);
  node->hash = model_hash(key, node->size);
  return OK;
}

static enum err read_partial(struct reader *reader, char *text)
{
  struct node *node = node_add(reader, NODE_PARTIAL);
  if (reader->markup.state != MARKUP_TEXT) return refuse(reader, "error.template.place", text);
  char *name = next_word(&text);
  if (!name || !read_arguments(reader, text, false, node)) return refuse(reader, "error.template.syntax", name);
  node->text = arena_print(reader->templates->arena, "%s.html", name);
  return OK;
}

static enum err read_section(struct reader *reader, enum node_kind kind, char *text)
{
  if (reader->depth == SECTION_DEPTH_MAX) return refuse(reader, "error.template.depth", text);
  size_t number = reader->count;
  struct node *node = node_add(reader, kind);
  if (!markup_section(&reader->markup)) return refuse(reader, "error.template.place", text);
  if (!read_path(reader, text, &node->path)) return refuse(reader, "error.template.syntax", text);
  node->text = arena_copy(reader->templates->arena, text);
  reader->open[reader->depth].node = number;
  reader->open[reader->depth++].before = reader->markup;
  return OK;
}

static enum err read_end(struct reader *reader, const char *text)
{
  if (!reader->depth) return refuse(reader, "error.template.end", text);
  reader->depth--;
  struct node *section = &reader->nodes[reader->open[reader->depth].node];
  if (!text_equal(section->text, text)) return refuse(reader, "error.template.end", text);
  if (!markup_join(&reader->markup, &reader->open[reader->depth].before)) return refuse(reader, "error.template.join", text);
  section->end = reader->count;
  return OK;
}

static enum err read_hole(struct reader *reader, char *text)
{
  switch (*text) {
    case '#': return read_section(reader, NODE_SECTION, text + 1);
    case '^': return read_section(reader, NODE_UNLESS, text + 1);
    case '/': return read_end(reader, text + 1);
    case '>': return read_partial(reader, text + 1);
    case '!': return strncmp(text, "!args ", 6) != 0 || read_parameters(reader, text + 6) ? OK : refuse(reader, "error.template.syntax", text);
    default: break;
  }
  if (text_starts(text, "t:")) return read_word(reader, text + 2);
  if (text_starts(text, "raw:")) return read_raw(reader, text + 4);
  return read_value(reader, text);
}

/* ---- The file ---- */

/* A control hole alone on its line takes the whole line with it. */
static bool stands_alone(const char *start, const char *from, const char *open, const char *close, const char *end)
{
  if (!strchr("#^/!>", open[2])) return false;
  const char *before = open;
  while (before > from && (before[-1] == ' ' || before[-1] == '\t')) before--;
  if (before > start && before[-1] != '\n') return false;
  return close == end || *close == '\n';
}

static enum err read_rest(struct reader *reader)
{
  const char *start = reader->at;
  while (reader->at < reader->end) {
    const char *open = memmem(reader->at, (size_t)(reader->end - reader->at), "{{", 2);
    if (!open) return add_text(reader, reader->at, reader->end, 0);
    const char *close = memmem(open, (size_t)(reader->end - open), "}}", 2);
    if (!close) return refuse(reader, "error.template.open", NULL);
    const char *next = close + 2, *text_end = open;
    if (reader->markup.state != MARKUP_PLAIN && stands_alone(start, reader->at, open, next, reader->end)) {
      while (text_end > reader->at && text_end[-1] != '\n') text_end--;
      if (next < reader->end) next++;
    }
    enum err err = add_text(reader, reader->at, text_end, 0);
    char *hole = arena_copy_n(reader->cx->arena, open + 2, (size_t)(close - open - 2));
    if (!err) err = read_hole(reader, hole);
    if (err) return err;
    for (const char *c = open; c < next; c++) reader->line += *c == '\n';
    reader->at = next;
  }
  return OK;
}

enum err template_parse(struct cx *cx, struct templates *templates, const struct embedded *source, struct template_file *out)
{
  *out = (struct template_file){.name = source->name};
  const char *data = (const char *)source->plain.data;
  struct reader reader = {.cx = cx, .templates = templates, .file = source->name, .at = data, .end = data + source->plain.size, .line = 1, .out = out};
  enum err err = read_rest(&reader);
  if (!err && reader.depth) err = refuse(&reader, "error.template.unclosed", reader.nodes[reader.open[reader.depth - 1].node].text);
  if (!err && reader.markup.state != MARKUP_TEXT) err = refuse(&reader, "error.template.markup", NULL);
  out->nodes = reader.nodes;
  out->node_count = reader.count;
  return err;
}
