/* The national judicial-record database: a system of the national node. */
#ifndef SYSTEMS_JUSTICE_JUSTICE_H
#define SYSTEMS_JUSTICE_JUSTICE_H

#include "systems/system.h"

extern const struct system justice_system;

#endif
