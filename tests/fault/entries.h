/* Entries for a journal under test: the n-th says n in its record and in its body. */
#ifndef FAULT_ENTRIES_H
#define FAULT_ENTRIES_H

#include "drive.h"

#include "axis/journal.h"

enum err entries_open(struct cx *cx, const char *folder, struct keys *keys, struct journal **out);
/* Appends n … n + count - 1 at once and waits; each that is acknowledged is told by its index. The first error. */
enum err entries_append(struct journal *journal, int64_t n, int count);
/* Does the entry at an index say the number that it should? */
bool entries_hold(struct cx *cx, struct journal *journal, int64_t index, int64_t n);

#endif
