/* SPDX-License-Identifier: MPL-2.0 */
/* Numbers as people and spreadsheets write them, "1.234,5" or "1,234.5", as scaled integers: no floating
 * point, so nothing is rounded and nothing is guessed. A thousands sign stands before groups of exactly three
 * digits or the number is refused: "1.5" is never taken for 15. Pure. */
#ifndef BASE_AMOUNT_H
#define BASE_AMOUNT_H

#include <stddef.h>
#include <stdint.h>

/* How a text's numbers are written. thousands 0: there is no such sign; a blank (also the unbreakable one)
 * may always stand between groups. The two must differ. */
struct amount_form {
	char decimal, thousands;
};

/* Danish: decimal comma, thousands point. Plain: decimal point, no thousands sign (JSON, programs). */
extern const struct amount_form amount_danish, amount_plain;

/* The number times 10^decimals (at most 6). Blanks around it are allowed, and a sign before it. 0; -EINVAL:
 * it is no number of that form; -EDOM: it has more decimals than that, other than zeros; -ERANGE: beyond
 * +-10^15. *ret is set only on 0. */
int amount_parse(const struct amount_form *, const char *text, size_t len, int decimals, int64_t *ret);

#endif
