/* The invented data's numbers. */
#include "base/draw.h"

uint64_t draw_below(uint64_t *state, uint64_t below)
{
  uint64_t x = *state;
  x ^= x >> 12;
  x ^= x << 25;
  x ^= x >> 27;
  *state = x;
  return (x * UINT64_C(2685821657736338717) >> 33) % below;
}
