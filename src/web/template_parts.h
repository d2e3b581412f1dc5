/* What a template is once it is read: shared by its reader and its renderer. */
#ifndef WEB_TEMPLATE_PARTS_H
#define WEB_TEMPLATE_PARTS_H

#include "web/markup.h"
#include "web/model.h"
#include "web/template.h"

enum { SECTION_DEPTH_MAX = 16, PARTIAL_DEPTH_MAX = 12, ARGUMENTS_MAX = 12, SEGMENTS_MAX = 6, TEMPLATE_OUTPUT_MAX = 8 << 20 };

enum node_kind { NODE_TEXT = 1, NODE_VALUE, NODE_RAW, NODE_WORD, NODE_SECTION, NODE_UNLESS, NODE_PARTIAL };

/* slot: where the renderer remembers which field of which record type this name was. */
struct segment { const char *name; uint32_t hash; uint32_t slot; };
struct path { const struct segment *segments; size_t count; };

struct argument { const char *name; uint32_t hash; const char *text; /* NULL: the path */ struct path path; };

struct node {
  enum node_kind kind;
  enum markup_escape escape;
  int line;
  size_t end;                    /* SECTION, UNLESS: the node after its last one */
  const char *text; size_t size; /* TEXT; WORD: the key, or its beginning when there is a path; PARTIAL: the name */
  uint32_t hash;                 /* of text */
  struct path path;
  const struct argument *args; size_t arg_count;
  const struct template_file *partial;
};

/* {{!args f! width}}: what a partial may be given; f! must be. */
struct parameter { const char *name; uint32_t hash; bool required; };

struct template_file {
  const char *name;
  const struct node *nodes; size_t node_count;
  const struct parameter *parameters; size_t parameter_count;
  bool declares;
};

struct templates { struct arena *arena; struct template_file *files; size_t count; uint32_t slot_count; };

/* Reads one file; names of partials are resolved afterwards. */
MUST_USE enum err template_parse(struct cx *cx, struct templates *templates, const struct embedded *source, struct template_file *out);
const struct template_file *template_file_find(const struct templates *templates, const char *name);
const struct parameter *template_parameter(const struct template_file *file, uint32_t hash, const char *name);

#endif
