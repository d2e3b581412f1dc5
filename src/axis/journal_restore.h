/* What a backup takes of a journal, and how a journal goes on after one.
 *
 * What the old log signed after the backup was made is lost: a log that went on under the same name would sign a second
 * history of it. So a restored journal is closed, and a new one begun under a name that was never used before, whose first entry
 * (kind "origin") holds the old one's last checkpoint. The directory then publishes the new name. The closed log stays beside it,
 * in `journal-N`, for reading: receipts that were given hold as ever, and more can be made. */
#ifndef AXIS_JOURNAL_RESTORE_H
#define AXIS_JOURNAL_RESTORE_H

#include "axis/journal.h"

#define JOURNAL_CLOSED_NAME "restored" /* in a closed log's folder: the name of the one that follows it */

/* The bytes of each file up to the last checkpoint; what lies within them never changes, but for keys that are erased. */
struct journal_extent { const char *origin; const char *note; /* NULL: nothing was signed yet, and all sizes are 0 */ int64_t size, entries_bytes, keys_bytes, tree_bytes; };
MUST_USE enum err journal_extent(struct cx *cx, struct journal *journal, struct journal_extent *out);

/* Marks the files of a backup: nothing is appended to them any more. Gives the log that will follow a name of its own. */
MUST_USE enum err journal_mark_restored(struct cx *cx, const char *folder, const char *old_origin);
bool journal_is_closed(const char *folder);

/* At a start, before journal_open; of wish folder ("…/axis/journal"), keys and key_name. A marked log is put aside and a new one begun; a
 * stop in between is gone on from. *origin: of the log in use from now on; NULL when there is none yet. */
MUST_USE enum err journal_take_up(struct cx *cx, const struct journal_wish *wish, const char **origin);
/* After journal_open: writes the first entry of a log that follows another, and waits for it. */
MUST_USE enum err journal_begin(struct cx *cx, struct journal *journal, const char *folder);
/* The folders of closed logs beside the one in use, oldest first. */
MUST_USE enum err journal_closed_list(struct cx *cx, const char *folder, struct list *out); /* const char * each */

#endif
