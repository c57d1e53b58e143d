/* SPDX-License-Identifier: MPL-2.0 */
/* See amount.h. */
#include "base/amount.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define AMOUNT_MAX INT64_C(1000000000000000)

const struct amount_form amount_danish = { ',', '.' }, amount_plain = { '.', 0 };

struct reader {
	const char *at, *end;
	int64_t value;
	bool is_too_large;
};

/* Bytes of the blank at p: a space, or U+00A0, U+202F as spreadsheets write them; 0: none. */
static size_t blank(const char *p, const char *end)
{
	if (p < end && *p == ' ')
		return 1;
	if (end - p >= 2 && memcmp(p, "\xc2\xa0", 2) == 0)
		return 2;
	return end - p >= 3 && memcmp(p, "\xe2\x80\xaf", 3) == 0 ? 3 : 0;
}

static bool is_digit(const struct reader *r)
{
	return r->at < r->end && *r->at >= '0' && *r->at <= '9';
}

static void add(struct reader *r, int digit)
{
	if (r->value > AMOUNT_MAX)
		r->is_too_large = true;
	else
		r->value = r->value * 10 + digit;
}

static int digits(struct reader *r)
{
	int n = 0;

	for (; is_digit(r); r->at++, n++)
		add(r, *r->at - '0');
	return n;
}

/* Bytes of the thousands sign here, when a digit follows; the same sign throughout. */
static size_t group_sign(const struct amount_form *form, const struct reader *r)
{
	size_t n = form->thousands != 0 && r->at < r->end && *r->at == form->thousands ? 1
										       : blank(r->at, r->end);

	return n > 0 && r->at + n < r->end && r->at[n] >= '0' && r->at[n] <= '9' ? n : 0;
}

/* "1234" or "1.234.567". */
static bool whole(const struct amount_form *form, struct reader *r)
{
	int first = digits(r);
	char sign = r->at < r->end ? *r->at : '\0';
	size_t n = group_sign(form, r);

	if (first == 0 || (n > 0 && first > 3))
		return false;
	for (; n > 0 && *r->at == sign; n = group_sign(form, r)) {
		r->at += n;
		if (digits(r) != 3)
			return false;
	}
	return true;
}

/* Decimals up to the scale; what is finer must be zeros. */
static int fraction(struct reader *r, int decimals)
{
	int n = 0, result = 0;

	if (!is_digit(r))
		return -EINVAL;
	for (; is_digit(r); r->at++) {
		if (n++ < decimals)
			add(r, *r->at - '0');
		else if (*r->at != '0')
			result = -EDOM;
	}
	for (; n < decimals; n++)
		add(r, 0);
	return result;
}

static void trim(struct reader *r)
{
	size_t n;

	while ((n = blank(r->at, r->end)) > 0)
		r->at += n;
	while (r->end > r->at) {
		if (r->end[-1] == ' ')
			r->end--;
		else if (r->end - r->at >= 2 && blank(r->end - 2, r->end) == 2)
			r->end -= 2;
		else if (r->end - r->at >= 3 && blank(r->end - 3, r->end) == 3)
			r->end -= 3;
		else
			break;
	}
}

int amount_parse(const struct amount_form *form, const char *text, size_t len, int decimals, int64_t *ret)
{
	struct reader r = { text, text + len, 0, false };
	bool is_negative;
	int result = 0;

	trim(&r);
	is_negative = r.at < r.end && *r.at == '-';
	if (r.at < r.end && (*r.at == '-' || *r.at == '+'))
		r.at++;
	if (!whole(form, &r))
		return -EINVAL;
	if (r.at < r.end && *r.at == form->decimal) {
		r.at++;
		result = fraction(&r, decimals);
	} else {
		for (int i = 0; i < decimals; i++)
			add(&r, 0);
	}
	if (r.at != r.end)
		return -EINVAL;
	if (result < 0)
		return result;
	if (r.is_too_large || r.value > AMOUNT_MAX)
		return -ERANGE;
	*ret = is_negative ? -r.value : r.value;
	return 0;
}
