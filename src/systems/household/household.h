/* The register of household businesses: a system of the province. */
#ifndef SYSTEMS_HOUSEHOLD_HOUSEHOLD_H
#define SYSTEMS_HOUSEHOLD_HOUSEHOLD_H

#include "systems/system.h"

extern const struct system household_system;

#endif
