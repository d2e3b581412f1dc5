/* The evidence journal: an append log, synced, from which a Merkle tree grows and checkpoints are signed.
 *
 * Leaf content = SHA-256(salt ‖ record); the tree hashes that (RFC 6962). Salt, record and body lie encrypted (AES-256-GCM)
 * under a key of their own entry; erasing the key erases the personal data and leaves the proof whole.
 * Entries are framed with length and checksum; a torn last entry is cut at start, anything else wrong stops it.
 * One thread writes: waiting appends are written together and synced once. Another signs checkpoints over what is durable, within a second.
 * Space is reserved ahead (fallocate); none left: ERR_BUSY before the call is made. */
#ifndef AXIS_JOURNAL_H
#define AXIS_JOURNAL_H

#include "keys/merkle.h"
#include "store/store.h"

/* What one entry proves. Written as canonical JSON (keys in this order, nothing optional left out but empty). */
struct evidence {
  const char *kind;            /* "request", "outcome", "local" (both roles at once) */
  const char *role;            /* "consumer", "provider", "both" */
  const char *request_id;      /* X-Road-Id */
  const char *exchange_id;     /* X-Road-Request-Id: one per exchange */
  const char *consumer;        /* I/C/M/S */
  const char *service;         /* I/C/M/S/code */
  const char *method, *target; /* as signed */
  const char *purpose;         /* of the right used */
  const char *user;            /* X-Road-UserId */
  int64_t at_us;
  int64_t status;              /* of the outcome; 0: none yet */
  const char *axis_error;      /* X-Road-Error, when the axis itself refused */
  const char *request_body_sha256, *answer_body_sha256; /* hex */
  const char *request_input, *request_signature, *request_base, *request_signer;   /* Signature-Input; signature and base in base64; certificate hash */
  const char *answer_input, *answer_signature, *answer_base, *answer_signer;
  const char *directory;       /* "H01/17 VN/4": versions of the documents in force, ours first */
};
extern const struct record_type evidence_type;

struct journal;
struct journal_wish { const char *folder; const char *origin; /* "H01/gateway/journal-1"; NULL: the log must exist */ struct keys *keys; const char *key_name; int64_t reserve; /* bytes; 0: 64 MiB */ };
MUST_USE enum err journal_open(struct cx *cx, const struct journal_wish *wish, struct journal **out);
void journal_close(struct journal *journal);
const char *journal_origin(const struct journal *journal);

/* A log that was restored from a backup is closed (journal_restore.h): with wish->origin it is not opened, ERR_CONFLICT; without, for
 * reading, and journal_append says ERR_CONFLICT at once.
 * Any thread. done runs on the journal's thread after the sync, and must not block: ERR_BUSY when no space is left, ERR_STORAGE when
 * the disk failed; then index is -1. Body may be empty; it is kept (encrypted), with the record at most 64 MiB. */
void journal_append(struct journal *journal, const struct evidence *evidence, struct bytes body,
                    void (*done)(void *user, enum err err, int64_t index), void *user);
bool journal_has_room(const struct journal *journal);

struct journal_entry { int64_t index; const char *salt; /* hex */ const char *record; /* the canonical JSON */ struct bytes body; bool erased; };
MUST_USE enum err journal_read(struct cx *cx, struct journal *journal, int64_t index, struct journal_entry *out);
/* Forgets what an entry says; its hash stays. */
MUST_USE enum err journal_erase(struct cx *cx, struct journal *journal, int64_t index);
/* The last signed checkpoint (a note), its tree; ERR_NOT_FOUND before the first. */
MUST_USE enum err journal_checkpoint(struct cx *cx, struct journal *journal, const char **note, struct checkpoint *out);
MUST_USE enum err journal_prove(struct cx *cx, struct journal *journal, int64_t index, int64_t size, struct merkle_proof *out);
MUST_USE enum err journal_prove_consistency(struct cx *cx, struct journal *journal, int64_t old_size, int64_t size, struct merkle_proof *out);
int64_t journal_size(const struct journal *journal);
bool journal_good(const struct journal *journal);             /* it can be written */
int64_t journal_uncovered_us(const struct journal *journal);  /* how long its end waits for a checkpoint; 0: all is covered */
/* The record of an entry, canonical: what evidence_write makes of it again is the same text. */
MUST_USE enum err evidence_read(struct cx *cx, const char *record, struct evidence *out);
const char *evidence_write(struct arena *arena, const struct evidence *evidence);
/* Reads all, recomputes the tree and compares; for `truc doctor`. */
MUST_USE enum err journal_verify(struct cx *cx, struct journal *journal);

#endif
