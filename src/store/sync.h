/* What makes a file durable under its name: its content synced, then its name, then the folder that holds the name. */
#ifndef STORE_SYNC_H
#define STORE_SYNC_H

#include "base/cx.h"

/* Fails with ERR_STORAGE by errno: "error.storage_full" when the disk is full. */
enum err disk_fail(struct cx *cx, const char *what);
/* Syncs a folder, so that names made or renamed in it stay. */
MUST_USE enum err folder_sync(struct cx *cx, const char *folder);
/* Makes a folder (mode 0700) unless it is there; its parent is synced in any case: whoever made it may have ended before. When that fails,
 * a new folder is removed again, as a second sync would succeed without having written its name. */
MUST_USE enum err folder_make(struct cx *cx, const char *folder);
/* Renames a synced file to its name, over one that may be there, and syncs the folder of that name. */
MUST_USE enum err file_name(struct cx *cx, const char *temporary, const char *path);

#endif
