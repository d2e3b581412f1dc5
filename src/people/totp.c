/* One-time codes of an authenticator app: RFC 6238 over HMAC-SHA-1 (RFC 4226), 30-second steps, 6 digits. */
#include "people/people_inner.h"

#include "base/text.h"
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>

enum { STEP_S = 30, DIGITS = 6, HMAC_SIZE = 20 };

static int64_t step_at(int64_t time_us)
{
  return time_us / SECOND_US / STEP_S;
}

static void code_of_step(const uint8_t *secret, size_t size, int64_t step, char out[DIGITS + 1])
{
  uint8_t counter[8], mac[EVP_MAX_MD_SIZE];
  for (int i = 0; i < 8; i++) counter[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
  unsigned mac_size = 0;
  if (!HMAC(EVP_sha1(), secret, (int)size, counter, sizeof counter, mac, &mac_size) || mac_size != HMAC_SIZE) abort();
  unsigned at = mac[HMAC_SIZE - 1] & 15;
  uint32_t bits = (uint32_t)(mac[at] & 127) << 24 | (uint32_t)mac[at + 1] << 16 | (uint32_t)mac[at + 2] << 8 | mac[at + 3];
  snprintf(out, DIGITS + 1, "%06u", bits % 1000000);
}

void totp_code(const uint8_t *secret, size_t size, int64_t time_us, char out[7])
{
  code_of_step(secret, size, step_at(time_us), out);
}

int64_t totp_step_of(const uint8_t *secret, size_t size, int64_t now_us, const char *code)
{
  int64_t found = -1, now = step_at(now_us);
  if (!text_is_digits(code, DIGITS)) return -1;
  for (int64_t step = now - 1; step <= now + 1; step++) {
    char right[DIGITS + 1];
    code_of_step(secret, size, step, right);
    if (secret_equal(right, code, DIGITS)) found = step;
  }
  return found;
}

/* RFC 4648, without padding: 20 bytes are 32 signs exactly. */
static void base32_write(const uint8_t *data, size_t size, char *out)
{
  static const char signs[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  uint32_t bits = 0;
  int held = 0;
  for (size_t i = 0; i < size; i++) {
    bits = bits << 8 | data[i];
    for (held += 8; held >= 5; held -= 5) *out++ = signs[bits >> (held - 5) & 31];
  }
  *out = '\0';
}

const char *totp_uri(struct arena *arena, const char *issuer, const char *name, const uint8_t secret[20])
{
  char text[33];
  base32_write(secret, TOTP_SECRET_SIZE, text);
  const char *by = url_encode(arena, issuer);
  return arena_print(arena, "otpauth://totp/%s:%s?secret=%s&issuer=%s&algorithm=SHA1&digits=%d&period=%d", by, url_encode(arena, name), text, by,
                     DIGITS, STEP_S);
}
