/* The tree over the log. Leaf hashes lie in a file; of the hashes above them only those of 256 leaves and more are kept in
 * memory, the rest is made again when a proof asks for it. */
#include "axis/journal_inner.h"

#include <stdlib.h>
#include <string.h>

struct hash content_leaf(const struct hash *content)
{
  return merkle_leaf((struct bytes){content->data, HASH_SIZE});
}

void tree_row_write(uint8_t row[TREE_ROW], int64_t offset, struct hash leaf)
{
  for (int i = 0; i < 8; i++) row[i] = (uint8_t)((uint64_t)offset >> (56 - 8 * i));
  memcpy(row + 8, leaf.data, HASH_SIZE);
}

bool tree_row_read(struct journal *journal, int64_t index, int64_t *offset, struct hash *leaf)
{
  uint8_t row[TREE_ROW];
  if (!journal_file_read(journal->tree_fd, row, sizeof row, index * TREE_ROW)) return false;
  uint64_t number = 0;
  for (int i = 0; i < 8; i++) number = number << 8 | row[i];
  *offset = (int64_t)number;
  memcpy(leaf->data, row + 8, HASH_SIZE);
  return true;
}

/* The hash of `1 << level` leaves from the file; level < TILE_LEVEL. */
static bool tree_from_leaves(struct journal *journal, int level, int64_t index, struct hash *out)
{
  uint8_t rows[TREE_ROW << TILE_LEVEL];
  struct hash hashes[1 << TILE_LEVEL];
  size_t count = (size_t)1 << level;
  if (!journal_file_read(journal->tree_fd, rows, count * TREE_ROW, index * (int64_t)count * TREE_ROW)) return false;
  for (size_t i = 0; i < count; i++) memcpy(&hashes[i], rows + i * TREE_ROW + 8, HASH_SIZE);
  for (; count > 1; count /= 2)
    for (size_t i = 0; i < count / 2; i++) hashes[i] = merkle_node(hashes[2 * i], hashes[2 * i + 1]);
  *out = hashes[0];
  return true;
}

static void level_add(struct journal_levels *level, struct hash hash)
{
  if (level->count == level->room) {
    level->room = level->room ? level->room * 2 : 16;
    level->items = realloc(level->items, (size_t)level->room * sizeof *level->items);
    if (!level->items) abort();
  }
  level->items[level->count++] = hash;
}

/* merkle_add keeps the hashes of the perfect subtrees, greatest first; while a leaf goes up, each one that it completes passes here. */
void tree_add(struct journal *journal, struct hash leaf)
{
  struct hash hash = leaf;
  int depth = journal->tree.depth;
  for (int level = 0; journal->tree.size >> level & 1; level++) {
    hash = merkle_node(journal->tree.stack[--depth], hash);
    if (level + 1 >= TILE_LEVEL) level_add(&journal->levels[level + 1 - TILE_LEVEL], hash);
  }
  merkle_add(&journal->tree, leaf);
}

void tree_clear(struct journal *journal)
{
  for (size_t i = 0; i < sizeof journal->levels / sizeof journal->levels[0]; i++) {
    free(journal->levels[i].items);
    journal->levels[i] = (struct journal_levels){0};
  }
  journal->tree = (struct merkle_tree){0};
}

enum err tree_read(void *user, int level, int64_t index, struct hash *out)
{
  struct journal *journal = user;
  if (level < 0 || level >= 64 || index < 0) return ERR_INPUT;
  if (level < TILE_LEVEL) return tree_from_leaves(journal, level, index, out) ? OK : ERR_STORAGE;
  pthread_mutex_lock(&journal->lock);
  const struct journal_levels *stored = &journal->levels[level - TILE_LEVEL];
  bool known = index < stored->count;
  if (known) *out = stored->items[index];
  pthread_mutex_unlock(&journal->lock);
  return known ? OK : ERR_NOT_FOUND;
}

enum err journal_prove(struct cx *cx, struct journal *journal, int64_t index, int64_t size, struct merkle_proof *out)
{
  if (index < 0 || index >= size || size > journal_size(journal))
    return cx_fail(cx, ERR_NOT_FOUND, "index", "journal.error.unknown", NULL);
  return merkle_prove_inclusion(tree_read, journal, index, size, out);
}

enum err journal_prove_consistency(struct cx *cx, struct journal *journal, int64_t old_size, int64_t size, struct merkle_proof *out)
{
  if (old_size < 0 || old_size > size || size > journal_size(journal))
    return cx_fail(cx, ERR_NOT_FOUND, "size", "journal.error.unknown", NULL);
  return merkle_prove_consistency(tree_read, journal, old_size, size, out);
}
