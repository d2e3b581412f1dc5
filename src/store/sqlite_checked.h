/* SQLite over files whose pages carry checksums. */
#ifndef STORE_SQLITE_CHECKED_H
#define STORE_SQLITE_CHECKED_H

#include <sqlite3.h>
#include <stdbool.h>

/* The VFS to open a store's file with, over the usual one. */
const char *checked_vfs(void);
/* Asks for the room of the checksum in each page of a database that is still empty; on another it changes nothing. */
bool checked_begin(sqlite3 *db);
/* A database that becomes a copy of another, page by page, has sums when that one has. */
bool checked_like(sqlite3 *db, sqlite3 *other);

#endif
