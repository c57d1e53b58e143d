/* SPDX-License-Identifier: MPL-2.0 */
/* JSON numbers: the grammar of RFC 8259 with I-JSON's bounds, and exact decimal values without floating
 * point. Pure. */
#ifndef EVENT_NUMBER_H
#define EVENT_NUMBER_H

#include "event/block.h"

#include <stdbool.h>
#include <stdint.h>

/* End of the number that starts at p, before `end`; NULL and *ret_detail: not a number, a whole number beyond
 * +-2^53, or a number with fraction or exponent of 1e308 or more. */
const char *number_end(const char *p, const char *end, const char **ret_detail);

/* The number times 10^decimals, rounded half up; *ret_is_exact: nothing was rounded. Text as number_end()
 * took it. 0, -ERANGE: negative or above max (max below 10^17). */
int number_fixed(const char *text, size_t len, unsigned decimals, int64_t max, int64_t *ret,
		 bool *ret_is_exact);

/* Digits at p, at most 8. Eight bytes must be readable. */
static inline unsigned number_digits(const char *p)
{
	uint64_t values = block_load64(p) ^ 0x3030303030303030;
	uint64_t others =
		(values | ((values & 0x7f7f7f7f7f7f7f7f) + 0x7676767676767676)) & 0x8080808080808080;

	return others == 0 ? 8 : block_lowest(others) / 8;
}

/* A whole number of 1 to 7 digits without sign, which is nearly every one; NULL: look closer. */
static inline const char *number_short(const char *p)
{
	unsigned n = number_digits(p);
	char next = p[n];
	bool is_simple = n - 1 < 7 && next != '.' && (next | 0x20) != 'e' && (p[0] != '0' || n == 1);

	return is_simple ? p + n : NULL;
}

/* The value of the n digits at p, 1 to 8. Eight bytes must be readable. */
static inline uint32_t number_value(const char *p, unsigned n)
{
	/* Zeros come in from the front; then pairs of digits, then pairs of pairs. */
	uint64_t v = (block_load64(p) & 0x0f0f0f0f0f0f0f0f) << (64 - 8 * n);

	v = v * 10 + (v >> 8);
	return (uint32_t)(((v & 0x000000ff000000ff) * 0x000f424000000064 +
			   (v >> 16 & 0x000000ff000000ff) * 0x0000271000000001) >>
			  32);
}

#endif
