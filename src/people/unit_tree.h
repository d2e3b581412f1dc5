/* The units' tree in memory: answers "is this unit below that one on that day" without the store. Built once, then read only. */
#ifndef PEOPLE_UNIT_TREE_H
#define PEOPLE_UNIT_TREE_H

#include "record/record.h"

enum { UNIT_DEPTH_MAX = 8 };

struct unit_edge { const char *code, *parent; int64_t valid_from, valid_to; };
extern const struct record_type unit_edge_type;

struct unit_tree;

/* Copies the edges. */
struct unit_tree *unit_tree_new(const struct unit_edge *edges, size_t count);
void unit_tree_free(struct unit_tree *tree); /* NULL is allowed */
/* NULL: no such unit on that day. */
const struct unit_edge *unit_tree_find(const struct unit_tree *tree, const char *code, int64_t day);
/* The same code, or a chain of at most UNIT_DEPTH_MAX parents that all exist on that day. */
bool unit_tree_within(const struct unit_tree *tree, const char *code, const char *ancestor, int64_t day);
/* Does the chain of parents end at a unit without one? false: a parent is missing or the chain goes round. */
bool unit_tree_rooted(const struct unit_tree *tree, const char *code, int64_t day);

#endif
