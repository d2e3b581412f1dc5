/* The journal's parts among themselves: the log of frames, the keys of its entries, the tree over it.
 *
 *   entries     frames, one after another (journal_file.c); behind them zeros (journal_ahead.c)
 *   keys        32 bytes an entry: its AES-256 key; zeros once it was erased, and behind the last
 *   tree        40 bytes an entry: where its frame begins (8, big endian), its leaf hash (32); rebuilt from `entries` when it does not fit
 *   checkpoint  the last signed note
 *   origin      the name of this log */
#ifndef AXIS_JOURNAL_INNER_H
#define AXIS_JOURNAL_INNER_H

#include "axis/journal.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
  FRAME_HEAD = 32,             /* magic 4, length of what follows 4, index 8, durable 8, checksum 8; then the leaf content hash and what is sealed */
  FRAME_MAX = 64 << 20,
  ENTRY_KEY = 32, SALT_SIZE = 32, TREE_ROW = 40,
  TILE_LEVEL = 8               /* hashes of 256 leaves and more stay in memory; lower ones are made from the file */
};

/* One entry as it is written. */
struct frame { int64_t index, durable; struct hash content; const uint8_t *sealed; size_t sealed_size; };

struct journal_levels { struct hash *items; int64_t count, room; };

struct journal_append {
  struct journal_append *next;
  uint8_t key[ENTRY_KEY];
  struct hash content;
  uint8_t *sealed;             /* tag and ciphertext */
  size_t sealed_size;
  enum err err;                /* why it is not written */
  int64_t index;
  void (*done)(void *user, enum err err, int64_t index);
  void *user;
};

/* How far a file is there; step: by how much it grows; retry_us: clock_monotonic_us, after a failure not before. */
struct journal_ahead { int fd; int64_t end, step, retry_us; };

struct journal {
  struct arena *arena;
  const char *folder, *origin, *key_name;
  struct keys *keys;
  struct bytes public_key;
  int entries_fd, keys_fd, tree_fd;
  int64_t reserve, entries_end, reserved_end;  /* bytes; the writer's own, read by others under lock */
  bool closed;                 /* for reading: another log follows (journal_restore.h) */
  int64_t reserve_retry_us;    /* clock_monotonic_us; after a failure, not before */

  pthread_t writer, sealer;    /* of entries; of checkpoints */
  bool writer_runs, sealer_runs;
  pthread_mutex_t lock;        /* all below */
  pthread_cond_t wake, seal;   /* of the writer; of the sealer */
  pthread_cond_t grown;        /* of the writer, when it waits for a file to have grown */
  struct journal_ahead entries_ahead, keys_ahead;
  bool growing;
  struct journal_append *first, **last;
  int64_t queued_bytes;
  bool stopping, sealer_stops, failed;
  int64_t size;                /* entries that are durable */
  struct merkle_tree tree;     /* over them */
  struct journal_levels levels[64 - TILE_LEVEL];
  struct checkpoint last_checkpoint;
  char *last_note;             /* malloc'ed; NULL before the first */
  int64_t uncovered_since_us;  /* clock_monotonic_us; when the checkpoint fell behind the log */
  struct sealing {             /* the next checkpoint, on its way through the keys process */
    enum { SEALING_NONE, SEALING_ASKED, SEALING_SIGNED, SEALING_REFUSED } state;
    struct signature signature;
    int64_t asked_us;          /* clock_monotonic_us; later than now: tried again then */
  } sealing;
};

/* ---- journal_seal.c: salt ‖ length ‖ record ‖ body under the entry's key; the leaf content hash is authenticated with it ---- */
struct journal_append *entry_seal(const char *record, struct bytes body);
void append_free(struct journal_append *append);
MUST_USE enum err entry_unseal(struct cx *cx, const struct frame *frame, const uint8_t key[ENTRY_KEY], struct journal_entry *out);

/* ---- journal_file.c ---- */
void frame_write(struct buffer *out, const struct frame *frame);
/* Reads the frame at an offset into the arena; ERR_NOT_FOUND at the end (nothing follows, or zeros alone), ERR_STORAGE when it is not whole (with a problem when it could
 * not be read at all: that is no torn end). *next: where it ends. */
MUST_USE enum err frame_read(struct cx *cx, struct journal *journal, int64_t offset, struct frame *out, int64_t *next);
MUST_USE enum err journal_files_open(struct cx *cx, struct journal *journal, const char *origin);
/* Takes up what is there: cuts a torn end, rebuilds the tree, compares it with the last checkpoint. */
MUST_USE enum err journal_recover(struct cx *cx, struct journal *journal);
MUST_USE enum err journal_damaged(struct cx *cx, int64_t index, const char *what);
/* Sets space aside up to that end of `entries`, and in proportion in the other files. The writer's, without the lock: it may wait for the disk. */
bool journal_reserve(struct journal *journal, int64_t end);
bool journal_file_write(int fd, const void *data, size_t size, int64_t offset);
bool journal_file_read(int fd, void *data, size_t size, int64_t offset);
/* Replaces a small file so that a power cut leaves the old or the new one. */
bool journal_file_replace(const char *folder, const char *name, const char *text);

/* ---- journal_ahead.c ---- */
MUST_USE bool ahead_open(struct journal *journal);
void ahead_close(struct journal *journal);   /* when nothing is written any more */
/* Before anything is written up to these ends. */
void ahead_claim(struct journal *journal, int64_t entries_end, int64_t keys_end);
bool ahead_due(const struct journal *journal); /* under lock */
void ahead_grow(struct journal *journal);    /* without; the sealer's */

/* ---- journal_tree.c ---- */
void tree_add(struct journal *journal, struct hash leaf); /* under lock, or before the writer runs */
void tree_clear(struct journal *journal);
MUST_USE enum err tree_read(void *journal, int level, int64_t index, struct hash *out); /* a merkle_read_fn; takes the lock */
void tree_row_write(uint8_t row[TREE_ROW], int64_t offset, struct hash leaf);
MUST_USE bool tree_row_read(struct journal *journal, int64_t index, int64_t *offset, struct hash *leaf);
struct hash content_leaf(const struct hash *content);

/* ---- journal_writer.c ---- */
MUST_USE bool writer_start(struct journal *journal);
void writer_stop(struct journal *journal);

/* ---- journal_checkpoint.c; stopped behind the writer, so that its last one covers all ---- */
MUST_USE bool sealer_start(struct journal *journal);
void sealer_stop(struct journal *journal);

#endif
