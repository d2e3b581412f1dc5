/* Files by content: stored under their SHA-256, written and synced before they are named.
 * Type is decided by content (libmagic), never by name. With a scanner, nothing is kept that it has not looked at. */
#ifndef STORE_FILES_H
#define STORE_FILES_H

#include "base/buffer.h"
#include "base/cx.h"
#include "store/scanner.h"

struct files;

struct file_limits { int64_t size_max; const char *const *types; }; /* media types taken, NULL-terminated */

struct file_info {
  const char *hash;     /* 64 hex digits: the file's name from then on */
  const char *type;     /* "application/pdf", "image/jpeg", "image/png" */
  int64_t size;
  const char *finding;  /* NULL; or what the scanner found: then nothing was kept */
};

MUST_USE enum err files_open(struct cx *cx, const char *folder, struct files **out);
void files_close(struct files *files);
/* From then on each file is scanned before it is kept. Borrowed. NULL: none is. */
void files_scan_with(struct files *files, struct scanner *scanner);
/* Takes a temporary file (an upload) in: checks size and type, syncs, renames, syncs the folder. The temporary file is gone,
 * whatever is returned. ERR_TOO_LARGE "error.file_large", ERR_TYPE "error.file_type"; with a scanner ERR_INPUT "error.file_infected", where
 * out says what it was, and ERR_BUSY "error.file_unscanned". Pages take what people hand in with handed_take (people/handed.h). */
MUST_USE enum err file_take(struct cx *cx, struct files *files, const char *temporary, const struct file_limits *limits, struct file_info *out);
MUST_USE enum err file_put(struct cx *cx, struct files *files, struct bytes content, const struct file_limits *limits, struct file_info *out);
/* An open descriptor for reading and its size; ERR_NOT_FOUND. The caller closes it. */
MUST_USE enum err file_read(struct cx *cx, struct files *files, const char *hash, int *fd, int64_t *size);
/* Reads the whole and compares with its name: ERR_STORAGE when it was damaged. */
MUST_USE enum err file_verify(struct cx *cx, struct files *files, const char *hash);

#endif
