/* Asks a ClamAV daemon (clamd) whether a file holds malware, before the file is kept: its INSTREAM command over a Unix socket or over
 * TCP on this machine (clamd(8)). Bounded in every direction: so many at once, so many that wait, so long for all of it. */
#ifndef STORE_SCANNER_H
#define STORE_SCANNER_H

#include "base/cx.h"

struct scanner;

struct scanner_wish {
  const char *address;      /* "unix:/run/clamav/clamd.ctl" or "tcp:127.0.0.1:3310" (127.0.0.0/8 alone: what is sent is not encrypted) */
  int64_t connect_ms;       /* 0: 2000 */
  int64_t answer_ms;        /* of one file, waiting for its turn included; 0: 30000 */
  int at_once;              /* connections; as many more may wait for their turn, others are refused at once; 0: 4 */
};

/* Does not connect. ERR_INPUT "store.error.scanner_address" on malware_scanner. */
MUST_USE enum err scanner_open(struct cx *cx, const struct scanner_wish *wish, struct scanner **out);
void scanner_close(struct scanner *scanner); /* NULL is allowed */

/* Has the first `size` bytes of a file looked at. OK: *finding is what was found in it ("Win.Test.EICAR_HDB-1"), or NULL: nothing.
 * ERR_BUSY "error.file_unscanned": nobody can say; why stands in the log. From any thread; the thread waits. */
MUST_USE enum err scanner_scan(struct cx *cx, struct scanner *scanner, int fd, int64_t size, const char **finding);

struct scanner_answer {
  const char *engine;       /* "ClamAV 1.4.6" */
  const char *signatures;   /* "27600"; NULL: the daemon names none */
  int64_t signatures_us;    /* when they were made, to the day; 0: it does not say */
};
/* Asks what it is and how old its signatures are. ERR_UPSTREAM "store.error.scanner". */
MUST_USE enum err scanner_ask(struct cx *cx, struct scanner *scanner, struct scanner_answer *out);

struct scanner_health {
  bool answers;             /* to what it was asked last */
  int64_t signatures_us;    /* as scanner_ask heard it last; 0: unknown */
  int64_t clean, found, unscanned; /* files since the start */
};
struct scanner_health scanner_health(struct scanner *scanner);

#endif
