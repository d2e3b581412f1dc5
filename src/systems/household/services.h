/* What the register offers on the axis: contract/household.h. */
#ifndef SYSTEMS_HOUSEHOLD_SERVICES_H
#define SYSTEMS_HOUSEHOLD_SERVICES_H

#include "axis/service.h"

extern const struct service household_services[4];

#endif
