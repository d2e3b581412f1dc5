/* The keys process as its node sees it: a process id and a socket. Used by the reader thread of keys.c alone, because the
 * process dies with the thread that started it (PR_SET_PDEATHSIG). */
#ifndef KEYS_CHILD_H
#define KEYS_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

enum { KEYS_SOCKET = 3 }; /* the process's end */

struct child { pid_t pid; int socket; }; /* pid 0: there is none */

/* Starts `executable keys --folder FOLDER` with an empty environment, our end non-blocking. False: errno says why. */
bool child_start(struct child *child, const char *executable, const char *folder);
/* Closes the socket and waits for the end, patiently or by killing it at once. Gives the status of waitpid, or -1. */
int child_end(struct child *child, bool patiently);

#endif
