/* The line to clamd and the words on it; for scanner.c and its tests alone. */
#ifndef STORE_SCANNER_LINE_H
#define STORE_SCANNER_LINE_H

#include "base/buffer.h"
#include "base/err.h"
#include <sys/socket.h>

struct scanner_place { struct sockaddr_storage address; socklen_t size; };
/* false: neither "unix:/PATH" nor "tcp:127.x.x.x:PORT". */
MUST_USE bool scanner_place_read(struct arena *arena, const char *text, struct scanner_place *out);

enum line_state {
  LINE_OPEN,       /* all so far was sent */
  LINE_ANSWERED,   /* it speaks, or ended, before it was given all: nothing more is sent */
  LINE_BROKEN      /* why says how */
};
struct scanner_line { struct arena *arena; int fd; enum line_state state; int64_t deadline_us; const char *why; };

void scanner_line_open(struct arena *arena, const struct scanner_place *place, int64_t connect_us, int64_t deadline_us, struct scanner_line *out);
void scanner_line_send(struct scanner_line *line, const void *data, size_t size); /* nothing, when the line is not open */
/* The one answer, up to its NUL; NULL: there is none, and why says how. */
const char *scanner_line_answer(struct scanner_line *line);
void scanner_line_close(struct scanner_line *line);

enum verdict { UNSCANNED, CLEAN, INFECTED };
enum verdict scanner_verdict(struct arena *arena, const char *answer, const char **finding);
/* "ClamAV 1.4.6/27600/Mon Nov 23 09:30:00 2026", or "ClamAV 1.4.6" where it has no signatures of the project. */
MUST_USE bool scanner_version_read(struct arena *arena, const char *answer, const char **engine, const char **signatures, int64_t *signatures_us);

#endif
