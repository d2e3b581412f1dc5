/* New accounts with random secrets, which are shown once and kept as hash and seed only. */
#ifndef SYSTEMS_ACCOUNT_SECRETS_H
#define SYSTEMS_ACCOUNT_SECRETS_H

#include "people/here.h"

struct secrets { const char *password, *otpauth; /* NULL: none was made */ };

/* Makes the account and gives it the role (role->account is filled here). role and unit are checked by the caller. */
MUST_USE enum err secrets_make(struct cx *cx, struct here *here, const struct account *account, const struct role_row *role, bool totp, struct secrets *out);
/* A new seed for an account; its old codes count no longer. */
MUST_USE enum err secrets_renew_totp(struct cx *cx, struct here *here, const struct account *account, struct secrets *out);

#endif
