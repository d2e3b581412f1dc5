/* New accounts with random secrets. */
#include "systems/account/secrets.h"

#include "base/text.h"

#define ISSUER "Truc"

enum { SEED_SIZE = 20 };

enum err secrets_make(struct cx *cx, struct here *here, const struct account *account, const struct role_row *role, bool totp, struct secrets *out)
{
  uint8_t seed[SEED_SIZE];
  struct role_row own = *role;
  random_bytes(seed, sizeof seed);
  *out = (struct secrets){.password = password_make(cx->arena), .otpauth = totp ? totp_uri(cx->arena, ISSUER, account->name, seed) : NULL};
  enum err err = account_add(cx, here->people, account, out->password, totp ? seed : NULL, &own.account);
  return err ? err : role_give(cx, here->people, &own);
}

enum err secrets_renew_totp(struct cx *cx, struct here *here, const struct account *account, struct secrets *out)
{
  uint8_t seed[SEED_SIZE];
  random_bytes(seed, sizeof seed);
  *out = (struct secrets){.otpauth = totp_uri(cx->arena, ISSUER, account->name, seed)};
  return account_set_totp(cx, here->people, account->id, seed);
}
