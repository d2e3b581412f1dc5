/* Room set aside beside a store for short records that have to be kept though its database takes none: on a full disk, above all. The room is
 * written once, while there is space, and later only written over. What lies there is carried into the database when that works again. */
#ifndef STORE_ASIDE_H
#define STORE_ASIDE_H

#include "store/store.h"

/* Makes the room in a file unless it is there, and knows what an earlier process left in it. Once a store, before it is used by several
 * threads; store_close ends it. The file is this process's alone. */
MUST_USE enum err store_aside_open(struct cx *cx, struct store *store, const char *path);
/* Returns when the record, which holds no line end, is durable. ERR_STORAGE "error.storage_full": the room is used up, or there is none. */
MUST_USE enum err store_aside_put(struct cx *cx, struct store *store, struct bytes record);
bool store_aside_any(const struct store *store);

/* Carries one record into the database. It may see a record again whose transaction was committed, when the process ended just then. */
typedef enum err aside_fn(struct cx *cx, struct tx *tx, struct bytes record);
/* All records in their order, in one transaction; then the room is empty. Where another thread does this already, nothing happens: OK. */
MUST_USE enum err store_aside_carry(struct cx *cx, struct store *store, aside_fn *fn);

/* For store.c. */
struct aside;
void aside_close(struct aside *aside);

#endif
