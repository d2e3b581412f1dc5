/* `truc dossier seed --count N`: many invented dossiers for trials of size, on demo nodes only. */
#ifndef ONESTOP_SEED_H
#define ONESTOP_SEED_H

#include "systems/system.h"

MUST_USE enum err dossier_seed(struct cx *cx, struct here *here, const struct command_input *input, struct buffer *out);

#endif
