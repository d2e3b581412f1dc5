/* Whether SQLite's log of a database is whole, asked before SQLite takes it up. */
#ifndef STORE_SQLITE_LOG_H
#define STORE_SQLITE_LOG_H

#include "base/cx.h"

/* path: the database. A log in which transactions that were told to be safe stand behind a damage is ERR_STORAGE
 * "store.error.found_damaged", and what is wrong is logged; an end torn by a power cut is none. Nothing is changed. A log that somebody uses
 * is not looked at. Where PATH-wal.lost exists, the loss was accepted: it is logged, and OK. */
MUST_USE enum err log_check(struct cx *cx, const char *path);
/* The log was taken up: what was accepted is over. */
void log_taken(struct cx *cx, const char *path);

#endif
