/* Small files of a node: read whole, written so that a power cut leaves the old or the new one. */
#ifndef NODE_DISK_H
#define NODE_DISK_H

#include "base/buffer.h"
#include "base/cx.h"

MUST_USE enum err disk_read(struct cx *cx, const char *path, struct bytes *out); /* at most 64 MiB */
MUST_USE enum err disk_write(struct cx *cx, const char *path, struct bytes content, unsigned mode);
MUST_USE enum err disk_folder(struct cx *cx, const char *path, unsigned mode);  /* makes it when it is not there */
/* Root that works on a node's folder becomes the folder's user for the rest of the process, so that nothing in it ends up root's.
 * *folder becomes its absolute path: the way to it by a relative one may be root's alone. */
MUST_USE enum err disk_as_owner(struct cx *cx, const char **folder);
/* Takes the exclusive lock of a data folder; ERR_CONFLICT when another process holds it. */
MUST_USE enum err disk_lock(struct cx *cx, const char *folder, int *fd);

#endif
