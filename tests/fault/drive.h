/* A drive that can lose power and fail, under the real file system.
 *
 * Calls that change files below one folder pass through here: those of our own code by the linker's --wrap (drive_calls.c), SQLite's by a
 * VFS of the name "powercut" (drive_vfs.c). Each goes on to the real one, and is written into a log in the order in which it took
 * effect. From a log's beginning of any length, image.h makes what a drive would hold after a power cut at that moment.
 * Any call can be made to fail instead. */
#ifndef FAULT_DRIVE_H
#define FAULT_DRIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum drive_call { DRIVE_OPEN, DRIVE_READ, DRIVE_WRITE, DRIVE_SYNC, DRIVE_NAME, DRIVE_SPACE, DRIVE_CALLS };

enum drive_change {
  DRIVE_MADE,            /* path is there: a file, or a folder (file -1) */
  DRIVE_MOVED,           /* path became to; number: the file of that name */
  DRIVE_REMOVED,
  DRIVE_WRITTEN,
  DRIVE_CUT,             /* the file has offset bytes */
  DRIVE_SYNCED,
  DRIVE_SYNC_FAILED,     /* what was not synced is on no disk, and the system has forgotten that it is not */
  DRIVE_NAMES_SYNCED,    /* of the folder path */
  DRIVE_NAMES_SYNC_FAILED,
  DRIVE_TOLD,            /* no change: somebody was told that number is safe */
};

/* Paths are below the folder, "" the folder itself. */
struct drive_event { enum drive_change change; int file; int64_t offset, number; size_t size; uint8_t *data; char *path, *to; };

/* Watches a folder, with an empty log; what is in it already is taken as it stands, so it should be empty. */
void drive_start(const char *folder);
/* The log goes on in another folder, which image_write filled with CUT_NONE: a process that was killed, and started again. */
void drive_go_on(const char *folder);
void drive_stop(void);
/* Forgets the log. */
void drive_end(void);
void drive_tell(int64_t number);
size_t drive_event_count(void);
const struct drive_event *drive_event_at(size_t index);

/* The n-th call of a kind from now on (0: the next) fails with errno code, and the `more` calls of that kind behind it. */
void drive_break(enum drive_call call, int64_t n, int code, int64_t more);
void drive_mend(void);
/* How many calls of a kind there were since the last drive_break, drive_mend or drive_start; and how many failed. */
int64_t drive_calls(enum drive_call call);
int64_t drive_failures(void);

/* Syncs of that file (its path below the folder) take until drive_release. */
void drive_hold(const char *below);
void drive_release(void);
/* Until a sync is held. */
void drive_wait_held(void);

/* ---- For drive_calls.c and drive_vfs.c; all between lock and unlock ---- */
void drive_lock(void);
void drive_unlock(void);
/* The path below the watched folder; NULL when it is elsewhere. */
const char *drive_below(const char *path);
/* Counts a call; an errno when it has to fail. */
int drive_try(enum drive_call call);
/* Waits while syncs of that file are held. */
void drive_pass(int file);
/* The number of a file by its path: the one it has, or a new one. */
int drive_file(const char *below);
bool drive_knows(const char *below);
void drive_note(struct drive_event event);   /* path, to and data are copied */
void drive_vfs_register(void);

#endif
