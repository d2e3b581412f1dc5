/* Trees against a second, plain reading of RFC 9162's definitions, for every size up to 70; proofs and every way to spoil them. */
#include "keys/merkle.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { SIZES = 70 };

static struct hash leaf_of(int64_t index)
{
  uint8_t entry[2] = {(uint8_t)index, (uint8_t)(index >> 8)};
  return merkle_leaf((struct bytes){entry, index == 0 ? 0 : 2}); /* the first entry is empty */
}

/* MTH as the RFC writes it down: slow and plain. */
static struct hash plain_hash(int64_t start, int64_t end)
{
  if (end - start == 1) return leaf_of(start);
  int64_t k = 1;
  while (k * 2 < end - start) k *= 2;
  return merkle_node(plain_hash(start, start + k), plain_hash(start + k, end));
}

static enum err read_plain(void *user, int level, int64_t index, struct hash *out)
{
  int64_t size = *(int64_t *)user, start = index << level, end = start + (INT64_C(1) << level);
  assert_true(level >= 0 && start >= 0 && end <= size); /* asks for stored subtrees alone */
  *out = plain_hash(start, end);
  return OK;
}

static bool equal(struct hash a, struct hash b)
{
  return memcmp(a.data, b.data, HASH_SIZE) == 0;
}

static struct hash root_of(int64_t size)
{
  struct merkle_tree tree = {0};
  for (int64_t i = 0; i < size; i++) merkle_add(&tree, leaf_of(i));
  return merkle_root(&tree);
}

static void known_hashes(void **state)
{
  struct arena *arena = arena_new(0);
  struct merkle_tree tree = {0};
  struct hash root = merkle_root(&tree);
  /* SHA-256 of nothing, and of the bytes 00 and 00 "L123456". */
  assert_string_equal(hex_write(arena, root.data, HASH_SIZE), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  root = merkle_leaf((struct bytes){NULL, 0});
  assert_string_equal(hex_write(arena, root.data, HASH_SIZE), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  root = merkle_leaf((struct bytes){(const uint8_t *)"L123456", 7});
  assert_string_equal(hex_write(arena, root.data, HASH_SIZE), "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56");
  arena_free(arena);
}

static void roots_follow_the_definition(void **state)
{
  struct merkle_tree tree = {0};
  for (int64_t size = 1; size <= SIZES; size++) {
    merkle_add(&tree, leaf_of(size - 1));
    assert_int_equal(tree.size, size);
    assert_int_equal(tree.depth, __builtin_popcountll((unsigned long long)size));
    assert_true(equal(merkle_root(&tree), plain_hash(0, size)));
  }
}

/* Every proof that differs a little: a bit in each hash, one hash fewer, one more. */
static bool any_spoilt_inclusion_passes(struct hash leaf, int64_t index, int64_t size, struct merkle_proof proof, struct hash root)
{
  for (int i = 0; i < proof.count; i++) {
    proof.path[i].data[i % HASH_SIZE] ^= 1;
    if (merkle_check_inclusion(leaf, index, size, &proof, root)) return true;
    proof.path[i].data[i % HASH_SIZE] ^= 1;
  }
  proof.path[proof.count++] = leaf;
  if (merkle_check_inclusion(leaf, index, size, &proof, root)) return true;
  proof.count -= 2;
  return proof.count >= 0 && merkle_check_inclusion(leaf, index, size, &proof, root);
}

static void inclusion_is_proven(void **state)
{
  for (int64_t size = 1; size <= SIZES; size++) {
    struct hash root = root_of(size);
    for (int64_t index = 0; index < size; index++) {
      struct merkle_proof proof;
      assert_int_equal(merkle_prove_inclusion(read_plain, &size, index, size, &proof), OK);
      assert_true(merkle_check_inclusion(leaf_of(index), index, size, &proof, root));
      assert_false(any_spoilt_inclusion_passes(leaf_of(index), index, size, proof, root));
      struct hash other = root;
      other.data[31] ^= 0x80;
      assert_false(merkle_check_inclusion(leaf_of(index), index, size, &proof, other));
      assert_false(merkle_check_inclusion(leaf_of(index + 300), index, size, &proof, root));
      assert_false(merkle_check_inclusion(leaf_of(index), size, size, &proof, root));
      assert_false(merkle_check_inclusion(leaf_of(index), -1, size, &proof, root));
    }
  }
}

static void a_leaf_stands_at_its_own_place(void **state)
{
  for (int64_t size = 2; size <= 40; size++) {
    struct hash root = root_of(size);
    for (int64_t index = 0; index < size; index++) {
      struct merkle_proof proof;
      assert_int_equal(merkle_prove_inclusion(read_plain, &size, index, size, &proof), OK);
      for (int64_t other = 0; other < size; other++)
        assert_int_equal(merkle_check_inclusion(leaf_of(index), other, size, &proof, root), other == index);
    }
  }
}

static bool any_spoilt_consistency_passes(int64_t old_size, struct hash old_root, int64_t size, struct hash root, struct merkle_proof proof)
{
  for (int i = 0; i < proof.count; i++) {
    proof.path[i].data[i % HASH_SIZE] ^= 1;
    if (merkle_check_consistency(old_size, old_root, size, root, &proof)) return true;
    proof.path[i].data[i % HASH_SIZE] ^= 1;
  }
  proof.path[proof.count++] = root;
  if (merkle_check_consistency(old_size, old_root, size, root, &proof)) return true;
  proof.count -= 2;
  return proof.count >= 0 && merkle_check_consistency(old_size, old_root, size, root, &proof);
}

static void consistency_is_proven(void **state)
{
  struct hash roots[SIZES + 1];
  for (int64_t size = 0; size <= SIZES; size++) roots[size] = root_of(size);
  for (int64_t size = 0; size <= SIZES; size++)
    for (int64_t old = 0; old <= size; old++) {
      struct merkle_proof proof;
      assert_int_equal(merkle_prove_consistency(read_plain, &size, old, size, &proof), OK);
      assert_true(merkle_check_consistency(old, roots[old], size, roots[size], &proof));
      assert_false(any_spoilt_consistency_passes(old, roots[old], size, roots[size], proof));
      struct hash false_root = roots[old];
      false_root.data[0] ^= 1;
      assert_false(merkle_check_consistency(old, false_root, size, roots[size], &proof));
      false_root = roots[size];
      false_root.data[0] ^= 1;
      if (old > 0) assert_false(merkle_check_consistency(old, roots[old], size, false_root, &proof));
      if (old > 0 && old < size) assert_false(merkle_check_consistency(old - 1, roots[old - 1], size, roots[size], &proof) && proof.count);
    }
  assert_false(merkle_check_consistency(2, roots[2], 1, roots[1], &(struct merkle_proof){0}));
  assert_false(merkle_check_consistency(-1, roots[2], 1, roots[1], &(struct merkle_proof){0}));
}

/* A proof made over huge sizes stays within its 64 hashes. */
static enum err read_constant(void *user, int level, int64_t index, struct hash *out)
{
  *out = (struct hash){{(uint8_t)level}};
  return OK;
}

static void huge_trees_fit(void **state)
{
  struct merkle_proof proof;
  const int64_t last = INT64_MAX - 1;
  assert_int_equal(merkle_prove_inclusion(read_constant, NULL, 0, INT64_MAX, &proof), OK);
  assert_int_equal(proof.count, 63);
  assert_int_equal(merkle_prove_inclusion(read_constant, NULL, last, INT64_MAX, &proof), OK);
  assert_int_equal(merkle_prove_consistency(read_constant, NULL, last, INT64_MAX, &proof), OK);
  assert_in_range(proof.count, 1, 64);
  assert_int_equal(merkle_prove_consistency(read_constant, NULL, 1, INT64_MAX, &proof), OK);
  assert_int_equal(proof.count, 63);
}

static enum err read_fails(void *user, int level, int64_t index, struct hash *out)
{
  return ERR_STORAGE;
}

static void a_failed_read_is_told(void **state)
{
  struct merkle_proof proof;
  assert_int_equal(merkle_prove_inclusion(read_fails, NULL, 3, 9, &proof), ERR_STORAGE);
  assert_int_equal(merkle_prove_consistency(read_fails, NULL, 3, 9, &proof), ERR_STORAGE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(known_hashes),
    cmocka_unit_test(roots_follow_the_definition),
    cmocka_unit_test(inclusion_is_proven),
    cmocka_unit_test(a_leaf_stands_at_its_own_place),
    cmocka_unit_test(consistency_is_proven),
    cmocka_unit_test(huge_trees_fit),
    cmocka_unit_test(a_failed_read_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
