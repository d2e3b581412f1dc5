/* What writing and reading a backup share: the manifest's lines and a tar's headers. */
#ifndef NODE_ARCHIVE_INNER_H
#define NODE_ARCHIVE_INNER_H

#include "node/archive.h"

#define MANIFEST "manifest.jsonl"
enum { TAR_BLOCK = 512 };

struct archive_end { int64_t files, bytes; const char *sha256; };
extern const struct record_type archive_head_type, archive_file_type, archive_end_type;

enum err archive_fail(struct cx *cx, const char *path); /* by errno */
enum err archive_damaged(struct cx *cx, const char *what);
void tar_header_write(uint8_t block[TAR_BLOCK], const char *name, int64_t size, int64_t made_us);
/* false: not a header that we write. */
MUST_USE bool tar_header_read(const uint8_t block[TAR_BLOCK], char name[101], int64_t *size);

#endif
