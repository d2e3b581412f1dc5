/* When units end, others follow them: open dossiers go where somebody works. */
#ifndef ONESTOP_SUCCEED_H
#define ONESTOP_SUCCEED_H

#include "people/here.h"

struct command_input;

/* `truc dossier succeed FILE`: a file with the columns unit,successor. Each open dossier of a unit that has ended is handed to the successor,
 * with a line in its history; the commune of a business too becomes the one that took it in. Done once: again, it changes nothing. */
MUST_USE enum err dossier_succeed(struct cx *cx, struct here *here, const struct command_input *input, struct buffer *out);

#endif
