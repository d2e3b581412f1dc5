/* Passwords by argon2id (RFC 9106): 19 MiB, two passes, one lane, stored as PHC strings that name their own parameters. */
#include "people/people_inner.h"

#include "base/text.h"
#include <argon2.h>
#include <string.h>

enum { MEMORY_KIB = 19456, PASSES = 2, LANES = 1, SALT_SIZE = 16, HASH_BYTES = 32, ENCODED_MAX = 160 };

enum err password_hash(struct cx *cx, const char *password, const char **encoded)
{
  uint8_t salt[SALT_SIZE];
  char *out = arena_alloc(cx->arena, ENCODED_MAX);
  random_bytes(salt, sizeof salt);
  int result = argon2id_hash_encoded(PASSES, MEMORY_KIB, LANES, password, strlen(password), salt, sizeof salt, HASH_BYTES, out, ENCODED_MAX);
  if (result != ARGON2_OK) return cx_fail(cx, ERR_MEMORY, NULL, "error.busy", NULL);
  *encoded = out;
  return OK;
}

bool password_matches(const char *encoded, const char *password)
{
  return argon2id_verify(encoded, password, strlen(password)) == ARGON2_OK;
}

static const char *base64_bare(struct arena *arena, const uint8_t *data, size_t size)
{
  char *text = base64_write(arena, data, size);
  text[strcspn(text, "=")] = '\0';
  return text;
}

const char *password_none(struct arena *arena)
{
  uint8_t random[SALT_SIZE + HASH_BYTES];
  random_bytes(random, sizeof random);
  return arena_print(arena, "$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", MEMORY_KIB, PASSES, LANES, base64_bare(arena, random, SALT_SIZE),
                     base64_bare(arena, random + SALT_SIZE, HASH_BYTES));
}

const char *password_make(struct arena *arena)
{
  /* No i, l, o and no 0, 1: 31 signs, nearly 5 bits each. */
  static const char signs[] = "abcdefghjkmnpqrstuvwxyz23456789";
  enum { GROUPS = 4, GROUP_SIZE = 4 };
  char *text = arena_alloc(arena, GROUPS * (GROUP_SIZE + 1));
  for (int at = 0; at < GROUPS * (GROUP_SIZE + 1) - 1;) {
    uint8_t random;
    random_bytes(&random, 1);
    if ((random & 31) == 31) continue; /* all signs equally likely */
    text[at++] = signs[random & 31];
    if (at % (GROUP_SIZE + 1) == GROUP_SIZE && at < GROUPS * (GROUP_SIZE + 1) - 1) text[at++] = '-';
  }
  return text;
}
