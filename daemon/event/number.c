/* SPDX-License-Identifier: MPL-2.0 */
/* JSON numbers, digit by digit: what number_short() leaves. Exponents saturate, so "1e99999999999" costs no
 * more than its length. */
#include "event/number.h"

#include <errno.h>

#define EXPONENT_MAX                                                                                         \
	100000            /* saturation: no line has so many digits that a larger one could be made up for */
#define REAL_EXPONENT 308 /* numbers stay below 1e308, so every reader's double holds them */

/* A number taken apart: 0.d1d2d3... * 10^magnitude, d1 not 0. */
struct number {
	const char *end;
	bool is_negative;
	bool is_whole; /* written without fraction and exponent */
	bool is_zero;
	int64_t magnitude;
	uint64_t leading;    /* the first 18 digits that count */
	int64_t leading_exp; /* value = leading * 10^leading_exp, short of what was cut off */
	bool is_cut;         /* digits other than 0 stood behind the 18 */
};

static bool is_digit(char c)
{
	return (unsigned)(c - '0') < 10;
}

static void take_digit(struct number *n, unsigned digit, bool is_fraction)
{
	if (n->leading < UINT64_C(100000000000000000)) {
		n->leading = n->leading * 10 + digit;
		n->leading_exp -= is_fraction;
	} else {
		n->is_cut |= digit != 0;
		n->leading_exp += !is_fraction;
	}
}

static const char *take_digits(struct number *n, const char *p, const char *end, bool is_fraction)
{
	const char *first = p;

	for (; p < end && is_digit(*p); p++)
		take_digit(n, (unsigned)(*p - '0'), is_fraction);
	return p > first ? p : NULL;
}

static const char *take_exponent(struct number *n, const char *p, const char *end)
{
	bool is_negative = p < end && *p == '-';
	int64_t exponent = 0;

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	if (p >= end || !is_digit(*p))
		return NULL;
	for (; p < end && is_digit(*p); p++) {
		if (exponent < EXPONENT_MAX)
			exponent = exponent * 10 + (*p - '0');
	}
	n->leading_exp += is_negative ? -exponent : exponent;
	return p;
}

static int64_t digits_of(uint64_t v)
{
	int64_t n = 0;

	for (; v > 0; v /= 10)
		n++;
	return n;
}

/* NULL: it breaks the grammar. */
static const char *take_apart(struct number *n, const char *p, const char *end)
{
	*n = (struct number){ .is_whole = true };
	if (p < end && *p == '-') {
		n->is_negative = true;
		p++;
	}
	if (p < end && *p == '0')
		p++;
	else
		p = take_digits(n, p, end, false);
	if (p != NULL && p < end && *p == '.') {
		n->is_whole = false;
		p = take_digits(n, p + 1, end, true);
	}
	if (p != NULL && p < end && (*p | 0x20) == 'e') {
		n->is_whole = false;
		p = take_exponent(n, p + 1, end);
	}
	n->is_zero = n->leading == 0;
	n->magnitude = n->leading_exp + digits_of(n->leading);
	n->end = p;
	return p;
}

const char *number_end(const char *p, const char *end, const char **ret_detail)
{
	struct number n;

	if (take_apart(&n, p, end) == NULL) {
		*ret_detail = "a number as RFC 8259 writes it";
		return NULL;
	}
	if (n.is_whole && n.leading > UINT64_C(1) << 53) {
		*ret_detail = "a whole number within +-2^53";
		return NULL;
	}
	if (!n.is_zero && n.magnitude > REAL_EXPONENT) {
		*ret_detail = "a number below 1e308";
		return NULL;
	}
	return n.end;
}

/* leading * 10^exp, rounded half up. -1: above max. */
static int64_t scale(uint64_t leading, int64_t exp, int64_t max, bool *is_exact)
{
	for (; exp > 0; exp--) {
		if (leading > (uint64_t)max)
			return -1;
		leading *= 10;
	}

	unsigned last = 0;

	for (; exp < 0 && (leading > 0 || last > 0); exp++) {
		*is_exact &= last == 0;
		last = (unsigned)(leading % 10);
		leading /= 10;
	}
	*is_exact &= last == 0;
	leading += last >= 5;
	return leading > (uint64_t)max ? -1 : (int64_t)leading;
}

int number_fixed(const char *text, size_t len, unsigned decimals, int64_t max, int64_t *ret,
		 bool *ret_is_exact)
{
	struct number n;

	if (take_apart(&n, text, text + len) == NULL)
		return -ERANGE;

	bool is_exact = !n.is_cut;
	int64_t value = n.is_zero ? 0 : scale(n.leading, n.leading_exp + decimals, max, &is_exact);

	if (value < 0 || (n.is_negative && !n.is_zero))
		return -ERANGE;
	*ret = value;
	*ret_is_exact = is_exact;
	return 0;
}
