/* Fresh places for stores in tests, of any floor: they vanish with the context's arena, so close the store before it. */
#ifndef STORE_TESTING_H
#define STORE_TESTING_H

#include "store/store.h"

/* A temporary folder of its own. */
const char *testing_folder(struct cx *cx);
/* "sqlite:FOLDER" in such a folder. */
const char *testing_sqlite(struct cx *cx);
/* "postgres:CONNINFO" of a database of its own on the server that TRUC_TEST_POSTGRES names (tools/with-postgres);
 * NULL when that is not set, after a line that says what was skipped. */
const char *testing_postgres(struct cx *cx);
/* Drops a schema of such a database with all that is in it: cheaper than a database for every case. */
void testing_postgres_clear(const char *url, const char *schema);

#endif
