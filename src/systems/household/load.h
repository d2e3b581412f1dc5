/* The register's law from data/household, taken up when it changed. */
#ifndef SYSTEMS_HOUSEHOLD_LOAD_H
#define SYSTEMS_HOUSEHOLD_LOAD_H

#include "people/here.h"

MUST_USE enum err household_load(struct cx *cx, struct here *here);
/* A whole file of data_folder, at most 4 MiB. */
MUST_USE enum err household_file_read(struct cx *cx, struct here *here, const char *name, struct bytes *out);

#endif
