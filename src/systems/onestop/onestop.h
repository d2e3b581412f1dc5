/* The one-stop shop: procedures, dossiers, counters, the citizen's look-up. README.md says what it is about. */
#ifndef ONESTOP_ONESTOP_H
#define ONESTOP_ONESTOP_H

#include "systems/system.h"

extern const struct system onestop_system;

#endif
