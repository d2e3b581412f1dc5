/* Keys and certificates of an instance for fuzzers. The keys follow from their names, so that what one run signed another run takes
 * and examples can be kept; the certificates are issued at each start, in the form that certificate_issue gives today. */
#ifndef FUZZ_MATERIAL_H
#define FUZZ_MATERIAL_H

#include "fuzz.h"

#include "keys/certificate.h"

enum material_key { MATERIAL_AUTHORITY, MATERIAL_DIRECTORY, MATERIAL_JOURNAL, MATERIAL_GATEWAY, MATERIAL_MEMBER, MATERIAL_KEYS };
#define MATERIAL_MEMBER_NAME "H01/GOV/H01.07"

struct material {
  struct cx *cx;
  EVP_PKEY *keys[MATERIAL_KEYS];
  struct bytes spki[MATERIAL_KEYS];
  const char *pem[MATERIAL_KEYS]; /* certificates of authority, gateway and member; else NULL */
};

/* First line of LLVMFuzzerInitialize: its process may be meant to be the keys process. */
void material_open(struct material *out, int count, char **arguments);
struct signature material_sign(EVP_PKEY *key, const void *data, size_t size);
/* The text with its signature line; text must be one that can be signed. */
const char *material_note(struct arena *arena, const struct material *material, enum material_key key, const char *signer, const char *text);

#endif
