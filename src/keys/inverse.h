/* Division modulo the order of P-256, for checking signatures (verifier.c). */
#ifndef KEYS_INVERSE_H
#define KEYS_INVERSE_H

#include <stdbool.h>
#include <stdint.h>

enum { ORDER_SIZE = 32 };

/* Big-endian. False: zero, or not below the order. Takes a time that depends on the number: for public ones alone. */
bool inverse_of_order(const uint8_t number[ORDER_SIZE], uint8_t out[ORDER_SIZE]);

#endif
