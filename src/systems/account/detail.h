/* What an action changed, for people: {"role":["","counter"]} as rows of words and values. */
#ifndef ACCOUNT_DETAIL_H
#define ACCOUNT_DETAIL_H

#include "web/web.h"

/* Rows "changes" with {{word}} (or {{key}} where no word is known), {{before}} and {{after}}; a role's value is {{before_role}} and
 * {{after_role}}, a flag's {{before_word}} and {{after_word}}. False when the text is no such difference: then nothing is shown. */
bool detail_show(struct arena *arena, struct model *row, const char *detail);

#endif
