/* What the one-stop shop offers on the axis. */
#ifndef ONESTOP_SERVICES_H
#define ONESTOP_SERVICES_H

#include "axis/service.h"

extern const struct service onestop_services[2];

#endif
