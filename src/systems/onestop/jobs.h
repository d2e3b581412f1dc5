/* What the one-stop shop does by the clock. */
#ifndef ONESTOP_JOBS_H
#define ONESTOP_JOBS_H

#include "people/here.h"

/* Forgets old attempts at the citizens' look-up, and scans whose intake was left. */
MUST_USE enum err job_sweep(struct cx *cx, struct here *here);

#endif
