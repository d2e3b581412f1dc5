/* Numbers drawn for invented data: xorshift64*, the same story from the same number with every compiler. Each draw is a statement of
 * its own where order counts, as the order inside an expression is nobody's promise. Nothing secret hangs on it. */
#ifndef BASE_DRAW_H
#define BASE_DRAW_H

#include <stdint.h>

/* state is never 0; the answer is below `below`. */
uint64_t draw_below(uint64_t *state, uint64_t below);

#endif
