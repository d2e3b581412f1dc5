/* The log-in pages, one's own account, and the administrator's pages on accounts, units and calendar. */
#ifndef SYSTEMS_ACCOUNT_ACCOUNT_H
#define SYSTEMS_ACCOUNT_ACCOUNT_H

#include "systems/system.h"

extern const struct system account_system;

#endif
