/* Invented businesses for a demo node: `household seed --count N`. */
#ifndef SYSTEMS_HOUSEHOLD_SEED_H
#define SYSTEMS_HOUSEHOLD_SEED_H

#include "systems/system.h"

MUST_USE enum err business_seed(struct cx *cx, struct here *here, const struct command_input *input, struct buffer *out);

#endif
