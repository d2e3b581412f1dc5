/* Jobs. Lateness needs none: a list compares the due time with now. */
#include "systems/onestop/jobs.h"

#include "systems/onestop/store.h"

enum err job_sweep(struct cx *cx, struct here *here)
{
  return sweep(cx, here->store);
}
