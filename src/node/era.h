/* Which era of the law the node's clock stands in: rows of data/eras.json. Today's law has no row, and no mention on pages. */
#ifndef NODE_ERA_H
#define NODE_ERA_H

#include "base/cx.h"

/* *word: the key of the era's name at the node's time, or NULL under today's law. */
MUST_USE enum err era_word(struct cx *cx, const char *data_folder, const char **word);

#endif
