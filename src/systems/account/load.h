/* The units and the calendar that ship with the program, loaded when a file changed. */
#ifndef SYSTEMS_ACCOUNT_LOAD_H
#define SYSTEMS_ACCOUNT_LOAD_H

#include "people/here.h"

/* Reads here->data_folder/units/… and calendar.json; a file whose content was loaded before is passed over. */
MUST_USE enum err load_files(struct cx *cx, struct here *here);

#endif
