/* Merkle tree of an append-only log (RFC 6962 § 2, RFC 9162 § 2.1) and checkpoints as signed notes (C2SP tlog-checkpoint,
 * signed-note). The state of a tree of n leaves is its ≤ 64 perfect subtree hashes. */
#ifndef KEYS_MERKLE_H
#define KEYS_MERKLE_H

#include "keys/keys.h"

enum { HASH_SIZE = 32 };
struct hash { uint8_t data[HASH_SIZE]; };

struct hash merkle_leaf(struct bytes entry);                   /* SHA-256(0x00 ‖ entry) */
struct hash merkle_node(struct hash left, struct hash right);  /* SHA-256(0x01 ‖ left ‖ right) */

struct merkle_tree { int64_t size; struct hash stack[64]; int depth; };
void merkle_add(struct merkle_tree *tree, struct hash leaf);
struct hash merkle_root(const struct merkle_tree *tree);       /* of no leaves: SHA-256("") */

/* Gives the hash of the perfect subtree of `1 << level` leaves that starts at leaf `index << level`. */
typedef enum err merkle_read_fn(void *user, int level, int64_t index, struct hash *out);
/* Proofs by reading stored hashes; at most 64 of them. */
struct merkle_proof { struct hash path[64]; int count; };
MUST_USE enum err merkle_prove_inclusion(merkle_read_fn *read, void *user, int64_t index, int64_t size, struct merkle_proof *out);
MUST_USE enum err merkle_prove_consistency(merkle_read_fn *read, void *user, int64_t old_size, int64_t size, struct merkle_proof *out);
bool merkle_check_inclusion(struct hash leaf, int64_t index, int64_t size, const struct merkle_proof *proof, struct hash root);
bool merkle_check_consistency(int64_t old_size, struct hash old_root, int64_t size, struct hash root, const struct merkle_proof *proof);

struct checkpoint { const char *origin; int64_t size; struct hash root; };
/* The note's text that is signed: origin (one line, not empty), size, base64 root, a line each. */
const char *checkpoint_write(struct arena *arena, const struct checkpoint *checkpoint);
/* Reads the text, alone or as a note's; extension lines are refused. The signature is note_check's matter: check it first. */
MUST_USE enum err checkpoint_read(struct cx *cx, const char *note, struct checkpoint *out);
/* "text\n\n— name base64(key id ‖ signature)\n". text: ends with a line's end; or a note, which gets one more line. signer: no
 * spaces, no '+'. Ours are ECDSA P-256 over SHA-256 of the text with its last line's end, type 0x02 of signed-note: the signature
 * is written as DER, the key id is the first 4 bytes of SHA-256(spki). */
const char *note_attach(struct arena *arena, const char *text, const char *signer, struct bytes spki, const struct signature *signature);
/* Finds the line of that signer and key and checks it. Lines of others are ignored, lines of no form are refused. */
MUST_USE enum err note_check(struct cx *cx, const char *note, const char *signer, struct bytes spki);

#endif
