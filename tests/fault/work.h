/* Business on a store, as systems do it: a row, its ask in the outbox and its answer in the inbox in one transaction; later the ask is
 * claimed and ended with another row. */
#ifndef FAULT_WORK_H
#define FAULT_WORK_H

#include "cut.h"
#include "fault_sql.h"
#include "store/queue.h"

enum { WORK_ENDED = 1000, WORK_PAYLOAD = 6000 };

/* Transaction n; told as n. */
enum err work_begin(struct cx *cx, struct store *store, int64_t n);
/* Claims what is due, and ends each; told as WORK_ENDED + n. */
enum err work_end(struct cx *cx, struct store *store);
/* Begins and ends `count` of them on several threads; those that fail are counted in *failed (NULL: none may fail). */
void work_run(struct store *store, int64_t first, int64_t count, int *failed);
/* Bits as entry_state has them: 0, 7 and 31 are whole. -1: not to be read. */
int64_t work_state(struct cx *cx, struct store *store, int64_t n);
/* NULL, or what is wrong with transactions 0 … count - 1 after what was told. */
const char *work_check(struct cx *cx, struct store *store, int64_t count, const struct told *told);

#endif
