/* Merkle trees. A tree of n leaves splits at the largest power of two below n, so every subtree that a proof needs is either
 * perfect, and stored, or made of perfect ones at its right edge. */
#include "keys/merkle.h"

#include "keys/inner.h"

#include <assert.h>
#include <string.h>

struct hash merkle_leaf(struct bytes entry)
{
  struct hash out;
  const uint8_t prefix = 0;
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  bool good = context && EVP_DigestInit_ex(context, sha256_method(), NULL) == 1 && EVP_DigestUpdate(context, &prefix, 1) == 1 &&
              (entry.size == 0 || EVP_DigestUpdate(context, entry.data, entry.size) == 1) &&
              EVP_DigestFinal_ex(context, out.data, NULL) == 1;
  assert(good);
  EVP_MD_CTX_free(context);
  return out;
}

struct hash merkle_node(struct hash left, struct hash right)
{
  struct hash out;
  uint8_t both[1 + 2 * HASH_SIZE] = {1};
  memcpy(both + 1, left.data, HASH_SIZE);
  memcpy(both + 1 + HASH_SIZE, right.data, HASH_SIZE);
  sha256(both, sizeof both, out.data);
  return out;
}

static bool hash_equal(struct hash a, struct hash b)
{
  return memcmp(a.data, b.data, HASH_SIZE) == 0;
}

void merkle_add(struct merkle_tree *tree, struct hash leaf)
{
  assert(tree->size < INT64_MAX && tree->depth < 64);
  for (int64_t full = tree->size; full & 1; full >>= 1) leaf = merkle_node(tree->stack[--tree->depth], leaf);
  tree->stack[tree->depth++] = leaf;
  tree->size++;
}

struct hash merkle_root(const struct merkle_tree *tree)
{
  struct hash root;
  if (tree->depth == 0) {
    sha256(NULL, 0, root.data);
    return root;
  }
  root = tree->stack[tree->depth - 1];
  for (int i = tree->depth - 2; i >= 0; i--) root = merkle_node(tree->stack[i], root);
  return root;
}

/* ---- Proving ---- */

struct source { merkle_read_fn *read; void *user; struct merkle_proof *proof; };

/* The largest power of two below n; n > 1. */
static int64_t split(int64_t n)
{
  return INT64_C(1) << (63 - __builtin_clzll((unsigned long long)n - 1));
}

/* The hash of the leaves from start to end, where start is a multiple of every power of two that the range splits at. */
static enum err range_hash(const struct source *source, int64_t start, int64_t end, struct hash *out)
{
  struct hash pieces[64];
  int count = 0;
  while (start < end) {
    int level = 63 - __builtin_clzll((unsigned long long)(end - start));
    enum err err = source->read(source->user, level, start >> level, &pieces[count++]);
    if (err) return err;
    start += INT64_C(1) << level;
  }
  *out = pieces[--count];
  while (count > 0) *out = merkle_node(pieces[--count], *out);
  return OK;
}

static enum err path_add(const struct source *source, int64_t start, int64_t end)
{
  assert(source->proof->count < 64);
  return range_hash(source, start, end, &source->proof->path[source->proof->count++]);
}

/* A path is found from the root down and told from the leaf up. */
static void path_reverse(struct merkle_proof *proof)
{
  for (int i = 0; i < proof->count / 2; i++) {
    struct hash kept = proof->path[i];
    proof->path[i] = proof->path[proof->count - 1 - i];
    proof->path[proof->count - 1 - i] = kept;
  }
}

enum err merkle_prove_inclusion(merkle_read_fn *read, void *user, int64_t index, int64_t size, struct merkle_proof *out)
{
  assert(0 <= index && index < size);
  const struct source source = {read, user, out};
  int64_t start = 0, end = size;
  enum err err = OK;
  out->count = 0;
  while (!err && end - start > 1) {
    int64_t middle = start + split(end - start);
    bool left = index < middle;
    err = left ? path_add(&source, middle, end) : path_add(&source, start, middle);
    if (left) end = middle;
    else start = middle;
  }
  path_reverse(out);
  return err;
}

enum err merkle_prove_consistency(merkle_read_fn *read, void *user, int64_t old_size, int64_t size, struct merkle_proof *out)
{
  assert(0 <= old_size && old_size <= size);
  const struct source source = {read, user, out};
  int64_t start = 0, end = size;
  enum err err = OK;
  out->count = 0;
  if (old_size == 0 || old_size == size) return OK;
  while (!err && end != old_size) {
    int64_t middle = start + split(end - start);
    bool left = old_size <= middle;
    err = left ? path_add(&source, middle, end) : path_add(&source, start, middle);
    if (left) end = middle;
    else start = middle;
  }
  /* The old tree itself is known to whoever asks, unless it is no subtree of its own: then its last piece is told. */
  if (!err && start > 0) err = path_add(&source, start, end);
  path_reverse(out);
  return err;
}

/* ---- Checking ---- */

bool merkle_check_inclusion(struct hash leaf, int64_t index, int64_t size, const struct merkle_proof *proof, struct hash root)
{
  if (index < 0 || index >= size || proof->count < 0 || proof->count > 64) return false;
  int64_t at = index, last = size - 1;
  for (int i = 0; i < proof->count; i++) {
    if (last == 0) return false;
    if (at & 1 || at == last) {
      leaf = merkle_node(proof->path[i], leaf);
      while (at && !(at & 1)) {
        at >>= 1;
        last >>= 1;
      }
    } else {
      leaf = merkle_node(leaf, proof->path[i]);
    }
    at >>= 1;
    last >>= 1;
  }
  return last == 0 && hash_equal(leaf, root);
}

/* Sizes equal, or the old tree empty: nothing is to be proven beyond the roots. */
static bool check_trivial(int64_t old_size, struct hash old_root, struct hash root, const struct merkle_proof *proof)
{
  const struct merkle_tree empty = {0};
  struct hash expected = old_size == 0 ? merkle_root(&empty) : root;
  return proof->count == 0 && hash_equal(old_root, expected);
}

bool merkle_check_consistency(int64_t old_size, struct hash old_root, int64_t size, struct hash root, const struct merkle_proof *proof)
{
  if (old_size < 0 || old_size > size || proof->count < 0 || proof->count > 64) return false;
  if (old_size == size || old_size == 0) return check_trivial(old_size, old_root, root, proof);
  int64_t at = old_size - 1, last = size - 1;
  int used = 0;
  while (at & 1) {
    at >>= 1;
    last >>= 1;
  }
  if (at != 0 && proof->count == 0) return false;
  /* A whole old tree is where the path begins; else the path tells its last piece. */
  struct hash old = at == 0 ? old_root : proof->path[used++], whole = old;
  for (; used < proof->count; used++) {
    if (last == 0) return false;
    if (at & 1 || at == last) {
      old = merkle_node(proof->path[used], old);
      whole = merkle_node(proof->path[used], whole);
      while (at && !(at & 1)) {
        at >>= 1;
        last >>= 1;
      }
    } else {
      whole = merkle_node(whole, proof->path[used]);
    }
    at >>= 1;
    last >>= 1;
  }
  return last == 0 && hash_equal(old, old_root) && hash_equal(whole, root);
}
