/* A power cut at every moment that matters of what the drive has logged. */
#ifndef FAULT_CUT_H
#define FAULT_CUT_H

#include "image.h"

#include "base/cx.h"

/* What was told to be safe before the cut. */
struct told { int64_t *items; size_t count; };
bool told_has(const struct told *told, int64_t number);

struct cut_walk {
  /* Looks at what the cut left in a folder: NULL, or what is wrong with it. */
  const char *(*check)(struct cx *cx, const char *folder, const struct told *told, void *user);
  void *user;
  size_t start;        /* the first change of the log before which the power may go */
  int tears;           /* at each moment, beside all unsynced dropped */
  int between;         /* not only before and after each sync: also after each n-th other change */
};

/* Tests that open a folder after each cut want memory under it, not a disk: what a disk keeps is the image's matter. First line of main. */
void cut_in_memory(void);
/* The number of cuts that were tried. Fails the test that calls it. */
int cut_everywhere(const struct cut_walk *walk);

#endif
