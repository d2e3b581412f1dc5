/* The systems whose pages the front page links to. */
#ifndef SYSTEMS_ACCOUNT_ENTRANCES_H
#define SYSTEMS_ACCOUNT_ENTRANCES_H

/* Shown to whoever holds some permission that begins with the prefix: this system knows no other one. */
struct entrance { const char *prefix, *path, *title, *text; };
extern const struct entrance entrances[]; /* ended by a NULL prefix */

#endif
