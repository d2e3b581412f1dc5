/* Pure decisions of the account pages. */
#ifndef SYSTEMS_ACCOUNT_RULES_H
#define SYSTEMS_ACCOUNT_RULES_H

#include "people/people.h"

/* Where to go after logging in: the wanted page when it is one of ours, else "/". A path that a browser could take for another
 * host ("//host", "/\host"), that leads back to logging in or out, or that holds control characters is none of ours. */
const char *next_page(const char *wanted);

/* Systems whose pages the front page links to: shown to whoever holds some permission that begins with the prefix. */
struct entrance { const char *prefix, *path, *title, *text; };
extern const struct entrance entrances[]; /* ended by a NULL prefix */

#endif
