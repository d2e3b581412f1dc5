/* What an operator does from the terminal: a first administrator can't be made in pages that nobody may enter yet. */
#ifndef SYSTEMS_ACCOUNT_COMMANDS_H
#define SYSTEMS_ACCOUNT_COMMANDS_H

#include "systems/system.h"

extern const struct command account_commands[];
enum { ACCOUNT_COMMANDS = 2 };

#endif
