/* What the forms of this system take. */
#ifndef SYSTEMS_ACCOUNT_MODEL_H
#define SYSTEMS_ACCOUNT_MODEL_H

#include "record/record.h"

struct log_in_form { const char *name, *password, *code; };
extern const struct record_type log_in_form_type;

struct password_form { const char *old_password, *password, *again; };
extern const struct record_type password_form_type;

/* A new account, with the first role that it holds. */
struct account_form { const char *name, *full_name, *email, *phone, *role, *unit; bool totp; };
extern const struct record_type account_form_type;

struct role_form { const char *role, *unit; int64_t valid_from, valid_to; };
extern const struct record_type role_form_type;

struct day_form { int64_t day; const char *kind, *name, *legal_basis; };
extern const struct record_type day_form_type;

/* "Chrome, Windows" of what a browser says of itself; all of it when it is none we know. */
const char *agent_short(struct arena *arena, const char *agent);

#endif
