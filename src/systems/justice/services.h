/* What the judicial-record database offers on the axis: contract/justice.h. */
#ifndef SYSTEMS_JUSTICE_SERVICES_H
#define SYSTEMS_JUSTICE_SERVICES_H

#include "axis/service.h"

extern const struct service justice_services[];
extern const size_t justice_service_count;

#endif
