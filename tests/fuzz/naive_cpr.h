/* SPDX-License-Identifier: MPL-2.0 */
/* The contract's definition of a CPR number, written down as slowly and plainly as possible, to compare the
 * daemon's search with. Shares no code with it. */
#ifndef FUZZ_NAIVE_CPR_H
#define FUZZ_NAIVE_CPR_H

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline bool naive_is_date(int day, int month, int year)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	if (day >= 61 && day <= 91)
		day -= 60;
	if (month < 1 || month > 12 || day < 1)
		return false;
	for (int century = 1800; century <= 2000; century += 100) {
		int y = century + year;
		bool is_leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

		if (day <= lengths[month - 1] + (month == 2 && is_leap))
			return true;
	}
	return false;
}

static inline bool naive_is_digit(const char *s, size_t len, size_t i)
{
	return i < len && s[i] >= '0' && s[i] <= '9';
}

static inline bool naive_is_hex(const char *s, size_t len, size_t i)
{
	return i < len && strchr("0123456789abcdefABCDEF", s[i]) != NULL && s[i] != '\0';
}

static inline bool naive_is_word(const char *s, size_t len, size_t i)
{
	return i < len && ((unsigned char)s[i] >= 128 || isalnum((unsigned char)s[i]));
}

/* Is [from, to) inside some canonical UUID? */
static inline bool naive_in_uuid(const char *s, size_t len, size_t from, size_t to)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	for (size_t start = 0; start <= from; start++) {
		size_t i = 0;

		while (i < 36 && (form[i] == '-' ? start + i < len && s[start + i] == '-'
						 : naive_is_hex(s, len, start + i)))
			i++;
		if (i == 36 && to <= start + 36 && !naive_is_hex(s, len, start + 36) &&
		    (start == 0 || !naive_is_hex(s, len, start - 1)))
			return true;
	}
	return false;
}

/* Is [from, to) inside a word of 16 or more hex digits with a letter among them? */
static inline bool naive_in_hex_token(const char *s, size_t len, size_t from, size_t to)
{
	size_t first = from, last = from;
	bool has_letter = false;

	while (first > 0 && naive_is_word(s, len, first - 1))
		first--;
	while (naive_is_word(s, len, last))
		last++;
	for (size_t i = first; i < last; i++) {
		if (!naive_is_hex(s, len, i))
			return false;
		has_letter |= !naive_is_digit(s, len, i);
	}
	return has_letter && last - first >= 16 && to <= last;
}

static inline ptrdiff_t naive_cpr(const char *s, size_t len, const int64_t *near_s)
{
	for (size_t from = 0; from + 10 <= len; from++) {
		char digits[11] = { 0 };
		size_t at = from;
		int n = 0;

		if (from > 0 && naive_is_digit(s, len, from - 1))
			continue;
		while (n < 6 && naive_is_digit(s, len, at))
			digits[n++] = s[at++];
		if (n == 6 && at < len && (s[at] == ' ' || s[at] == '.' || s[at] == '-'))
			at++;
		while (n >= 6 && n < 10 && naive_is_digit(s, len, at))
			digits[n++] = s[at++];
		if (n < 10 || naive_is_digit(s, len, at))
			continue;

		int day, month, year;

		sscanf(digits, "%2d%2d%2d", &day, &month, &year);
		if (!naive_is_date(day, month, year) || naive_in_uuid(s, len, from, at) ||
		    naive_in_hex_token(s, len, from, at))
			continue;
		if (near_s != NULL && at - from == 10 && llabs(atoll(digits) - *near_s) <= 172800)
			continue;
		return (ptrdiff_t)from;
	}
	return -1;
}

#endif
