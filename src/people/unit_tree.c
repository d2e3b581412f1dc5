/* The units' tree in memory: edges sorted by code and first day; a parent is found by bisection. */
#include "people/unit_tree.h"

#include "base/text.h"
#include <stdlib.h>
#include <string.h>

static const struct field edge_fields[] = {
  FIELD(struct unit_edge, code), FIELD(struct unit_edge, parent),
  FIELD(struct unit_edge, valid_from), FIELD(struct unit_edge, valid_to),
};
const struct record_type unit_edge_type = RECORD("unit_edge", struct unit_edge, edge_fields);

struct unit_tree { struct arena *arena; struct unit_edge *edges; size_t count; };

static int edge_compare(const void *a, const void *b)
{
  const struct unit_edge *left = a, *right = b;
  int order = strcmp(left->code, right->code);
  return order ? order : (left->valid_from > right->valid_from) - (left->valid_from < right->valid_from);
}

struct unit_tree *unit_tree_new(const struct unit_edge *edges, size_t count)
{
  struct arena *arena = arena_new(64 << 20);
  struct unit_tree *tree = ARENA_NEW(arena, struct unit_tree);
  *tree = (struct unit_tree){.arena = arena, .edges = ARENA_ARRAY(arena, count, struct unit_edge), .count = count};
  for (size_t i = 0; i < count; i++) {
    tree->edges[i] = edges[i];
    tree->edges[i].code = arena_copy(arena, edges[i].code);
    tree->edges[i].parent = arena_copy(arena, edges[i].parent);
  }
  if (count) qsort(tree->edges, count, sizeof *tree->edges, edge_compare);
  return tree;
}

void unit_tree_free(struct unit_tree *tree)
{
  if (tree) arena_free(tree->arena);
}

const struct unit_edge *unit_tree_find(const struct unit_tree *tree, const char *code, int64_t day)
{
  /* The last edge of the code that begins on that day or before. */
  const struct unit_edge wanted = {.code = code, .valid_from = day};
  size_t low = 0, high = tree->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (edge_compare(&tree->edges[middle], &wanted) <= 0) low = middle + 1;
    else high = middle;
  }
  if (low == 0) return NULL;
  const struct unit_edge *edge = &tree->edges[low - 1];
  return text_equal(edge->code, code) && edge->valid_to >= day ? edge : NULL;
}

bool unit_tree_within(const struct unit_tree *tree, const char *code, const char *ancestor, int64_t day)
{
  for (int depth = 0; code && depth <= UNIT_DEPTH_MAX; depth++) {
    if (text_equal(code, ancestor)) return true;
    const struct unit_edge *edge = unit_tree_find(tree, code, day);
    code = edge ? edge->parent : NULL;
  }
  return false;
}

bool unit_tree_rooted(const struct unit_tree *tree, const char *code, int64_t day)
{
  for (int depth = 0; depth <= UNIT_DEPTH_MAX; depth++) {
    const struct unit_edge *edge = unit_tree_find(tree, code, day);
    if (!edge) return false;
    if (!edge->parent) return true;
    code = edge->parent;
  }
  return false;
}
