/* What is on the drive after a power cut. Changes are taken from the log one after another; at any moment a copy can be made. */
#ifndef FAULT_IMAGE_H
#define FAULT_IMAGE_H

#include "drive.h"

enum cut {
  CUT_DROP,      /* nothing that was not synced is there */
  CUT_TEAR,      /* of what was not synced any sectors of 512 bytes and any names are there, as the seed has it */
  CUT_NONE,      /* all is there: no power cut, only the end of a process */
};

struct image;
struct image *image_new(void);
void image_free(struct image *image);
/* The next change; events live as long as the image. */
void image_take(struct image *image, const struct drive_event *event);
/* Into an empty folder. */
void image_write(const struct image *image, const char *folder, enum cut cut, uint64_t seed);

#endif
