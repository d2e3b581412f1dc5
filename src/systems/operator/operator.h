/* The axis operator's pages: a system of every node that has an axis. */
#ifndef SYSTEMS_OPERATOR_OPERATOR_H
#define SYSTEMS_OPERATOR_OPERATOR_H

#include "systems/system.h"

extern const struct system operator_system;

#endif
