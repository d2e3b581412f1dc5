/* 1/number modulo the order of P-256, by halving and subtracting (binary extended Euclid) on four words; a third of the time that
 * OpenSSL's numbers of any length take. Only for checking signatures: the time tells the number, and there it is public.
 * What it gives is multiplied back by the caller before it counts, so that a fault here could refuse a signature, never pass one. */
#include "keys/inverse.h"

#include <string.h>

enum { WORDS = 4 };
struct number { uint64_t word[WORDS]; }; /* least first */

static const struct number order = {{0xf3b9cac2fc632551, 0xbce6faada7179e84, 0xffffffffffffffff, 0xffffffff00000000}};

static bool is_one(const struct number *a)
{
  return a->word[0] == 1 && (a->word[1] | a->word[2] | a->word[3]) == 0;
}

static bool is_zero(const struct number *a)
{
  return (a->word[0] | a->word[1] | a->word[2] | a->word[3]) == 0;
}

/* a < b */
static bool is_less(const struct number *a, const struct number *b)
{
  for (int i = WORDS - 1; i > 0; i--)
    if (a->word[i] != b->word[i]) return a->word[i] < b->word[i];
  return a->word[0] < b->word[0];
}

/* a += b; what is carried out of it. */
static uint64_t add(struct number *a, const struct number *b)
{
  unsigned long long carry = 0;
  for (int i = 0; i < WORDS; i++) {
    unsigned long long sum;
    bool first = __builtin_uaddll_overflow(a->word[i], b->word[i], &sum);
    bool second = __builtin_uaddll_overflow(sum, carry, &sum);
    a->word[i] = sum;
    carry = first | second;
  }
  return carry;
}

/* a -= b; true when it went below zero. */
static bool subtract(struct number *a, const struct number *b)
{
  unsigned long long borrow = 0;
  for (int i = 0; i < WORDS; i++) {
    unsigned long long rest;
    bool first = __builtin_usubll_overflow(a->word[i], b->word[i], &rest);
    bool second = __builtin_usubll_overflow(rest, borrow, &rest);
    a->word[i] = rest;
    borrow = first | second;
  }
  return borrow;
}

static void halve(struct number *a, uint64_t carry)
{
  for (int i = 0; i < WORDS - 1; i++) a->word[i] = a->word[i] >> 1 | a->word[i + 1] << 63;
  a->word[WORDS - 1] = a->word[WORDS - 1] >> 1 | carry << 63;
}

/* While value is even both are halved, factor modulo the order: value ≡ factor × number stays true. */
static void halve_both(struct number *value, struct number *factor)
{
  while ((value->word[0] & 1) == 0) {
    halve(value, 0);
    halve(factor, factor->word[0] & 1 ? add(factor, &order) : 0);
  }
}

static void subtract_both(struct number *value, struct number *factor, const struct number *value_less, const struct number *factor_less)
{
  subtract(value, value_less);
  if (subtract(factor, factor_less)) add(factor, &order);
}

static struct number number_read(const uint8_t data[ORDER_SIZE])
{
  struct number number = {0};
  for (int i = 0; i < ORDER_SIZE; i++) number.word[WORDS - 1 - i / 8] = number.word[WORDS - 1 - i / 8] << 8 | data[i];
  return number;
}

static void number_write(const struct number *number, uint8_t out[ORDER_SIZE])
{
  for (int i = 0; i < ORDER_SIZE; i++) out[i] = (uint8_t)(number->word[WORDS - 1 - i / 8] >> (56 - 8 * (i % 8)));
}

bool inverse_of_order(const uint8_t number[ORDER_SIZE], uint8_t out[ORDER_SIZE])
{
  struct number u = number_read(number), v = order, of_u = {{1}}, of_v = {{0}};
  if (is_zero(&u) || !is_less(&u, &order)) return false;
  halve_both(&u, &of_u);
  while (!is_one(&u)) { /* both odd, and without a common divisor: the order is prime */
    if (is_less(&u, &v)) {
      subtract_both(&v, &of_v, &u, &of_u);
      halve_both(&v, &of_v);
    } else {
      subtract_both(&u, &of_u, &v, &of_v);
      halve_both(&u, &of_u);
    }
  }
  number_write(&of_u, out);
  return true;
}
