/* SPDX-License-Identifier: MPL-2.0 */
/* The search for CPR numbers in one piece of unescaped text (contract, section 2). Pure; nothing is
 * allocated.
 *
 * A CPR number is: no digit before; DDMMYY, a date that some century has (day also + 60); optionally one
 * space, dot or hyphen; four digits; no digit behind. Modulus 11 is not asked for: numbers without it are
 * issued since 2007.
 *
 *   0101990000, 010199-0000, 010199 0000, 010199.0000      is one
 *   6101990000, 910199-0000                                is one (day + 60)
 *   2902000000                                             is one (2000 had a 29 February)
 *   2902010000, 3204990000, 0013990000, 6001990000         no such date
 *   010199--0000, 010199/0000, 01-01-99-0000               not a form CPR numbers are written in
 *   10101990000, 01019900001, 010199-00001, 1010199-0000   a digit on one side
 *   a0101990000, x010199-0000y, -0101990000                is one: letters and signs are no digits
 *
 * Not one, wherever the digits read so:
 *   digits inside a canonical UUID (8-4-4-4-12 hex digits, no hex digit on either side), or inside a hex
 * token: 16 or more hex digits, at least one of them a letter, with no letter or digit around them. A byte
 * above 127 counts as a letter there, so text in other alphabets is never an excuse. */
#ifndef EVENT_CPR_H
#define EVENT_CPR_H

#include "event/block.h"

#include <stddef.h>
#include <stdint.h>

#define CPR_NEAR_S (2 * 86400)

/* A moment that excuses ten digits in one piece which are Unix seconds within CPR_NEAR_S of it. */
struct cpr_excuse {
	int64_t time_s;
};

/* Offset of the first CPR number in text, -1: none. excuse: NULL, or what applies to this text.
 * DECODE_PADDING bytes behind the text must be readable. */
ptrdiff_t cpr_find(const char *text, size_t len, const struct cpr_excuse *excuse);

/* Runs of digits that lasted into the block before; all zero at the start of a text. */
struct cpr_runs {
	uint64_t digits, two, six;
};

/* Given the digits of the next block: the bits where four digits end that have six digits right before them
 * or one byte further. Every CPR number ends at such a bit; about one random UUID in thirty has one too. */
static inline uint64_t cpr_suspects(struct cpr_runs *runs, uint64_t digits)
{
	uint64_t two = digits & (digits << 1 | runs->digits >> 63);
	uint64_t four = two & (two << 2 | runs->two >> 62);
	uint64_t six = four & (two << 4 | runs->two >> 60);
	uint64_t before = six << 4 | six << 5 | runs->six >> 60 | runs->six >> 59;

	*runs = (struct cpr_runs){ digits, two, six };
	return four & before;
}

#endif
