/* A backup as files: a folder, or one .tar (POSIX ustar), with a manifest written last, so that what was interrupted has none.
 *
 *   manifest.jsonl   one JSON object a line: what it is a backup of; then each file with size and SHA-256, in order; then how many
 *                    they are, and the SHA-256 of all lines before
 * Names are of our own making: parts of letters, digits, '.', '_' and '-', none beginning with '.'. Everything is private to its
 * owner (0600, 0700). Nothing of a backup is used before its whole was compared with the manifest. */
#ifndef NODE_ARCHIVE_H
#define NODE_ARCHIVE_H

#include "record/record.h"

struct archive_head {
  const char *format;      /* ARCHIVE_FORMAT */
  const char *node, *instance;
  int64_t made_us;
  const char *origin;      /* of the journal */
  const char *checkpoint;  /* its last signed one, up to which it is here; NULL: there was none */
  bool with_keys;          /* the keys folder is in it */
  bool postgres;           /* the stores are elsewhere: in a dump of PostgreSQL */
};
#define ARCHIVE_FORMAT "truc-backup-1"

struct archive_file { const char *path; int64_t size; const char *sha256; };

/* ---- Writing ---- */
struct archive;
/* to: a folder to be made, or a new file that ends in ".tar". ERR_CONFLICT when it exists. */
MUST_USE enum err archive_create(struct cx *cx, const char *to, struct archive **out);
/* Copies a file, its first size bytes (-1: all there is), under that name. */
MUST_USE enum err archive_add(struct cx *cx, struct archive *archive, const char *name, const char *source, int64_t size);
MUST_USE enum err archive_add_text(struct cx *cx, struct archive *archive, const char *name, const char *text);
/* Writes the manifest and syncs: from then on it is a backup. */
MUST_USE enum err archive_finish(struct cx *cx, struct archive *archive, const struct archive_head *head);
int64_t archive_file_count(const struct archive *archive);
int64_t archive_bytes(const struct archive *archive);
void archive_close(struct archive *archive); /* NULL is allowed; what was not finished stays recognisable as such */

/* ---- Reading ---- */
struct archive_reader;
/* ERR_INPUT: no backup, an unfinished one, or one whose manifest was changed. */
MUST_USE enum err archive_open(struct cx *cx, const char *from, struct archive_reader **out);
const struct archive_head *archive_head(const struct archive_reader *reader);
void archive_rewind(struct archive_reader *reader);
/* The next file, opened: its content are `size` bytes from *offset on. The caller closes *fd. ERR_NOT_FOUND after the last. What *file
 * points to lives until the next call. */
MUST_USE enum err archive_next(struct cx *cx, struct archive_reader *reader, struct archive_file *file, int *fd, int64_t *offset);
/* Compares every file with the manifest. */
MUST_USE enum err archive_verify(struct cx *cx, struct archive_reader *reader);
void archive_reader_close(struct archive_reader *reader); /* NULL is allowed */

/* Copies size bytes (-1: to the end; *size tells how many) between descriptors, to -1 for nowhere, and gives their SHA-256 in hex. */
MUST_USE enum err archive_copy(struct cx *cx, int from, int64_t offset, int64_t *size, int to, char sha256[65]);
bool archive_name_good(const char *name);

#endif
