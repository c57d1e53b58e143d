/* SPDX-License-Identifier: MPL-2.0 */
/* The inside of a JSON string, for the few that have more than plain ASCII; see chars.h. */
#include "event/chars.h"

#include "event/block.h"

#include <string.h>

static const char want_escape[] = "an escape as RFC 8259 has it";

size_t chars_next(const char *text, const char *end, unsigned *ret_character)
{
	const unsigned char *p = (const unsigned char *)text;
	static const unsigned least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = p[0] < 0x80   ? 1
		   : p[0] < 0xc0 ? 0
		   : p[0] < 0xe0 ? 2
		   : p[0] < 0xf0 ? 3
		   : p[0] < 0xf8 ? 4
				 : 0;

	if (n == 0 || (size_t)(end - text) < n)
		return 0;

	unsigned c = n == 1 ? p[0] : p[0] & (0x7fu >> n);

	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	*ret_character = c;
	return n;
}

/* The four hex digits of a \u escape; -1: they are not. */
static int read_unit(const char *p, const char *end)
{
	int unit = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		unsigned digit = (unsigned)(p[i] - '0');
		unsigned letter = (unsigned)((p[i] | 0x20) - 'a');

		if (digit > 9 && letter > 5)
			return -1;
		unit = unit << 4 | (int)(digit <= 9 ? digit : letter + 10);
	}
	return unit;
}

static bool is_high(int unit)
{
	return unit >= 0xd800 && unit < 0xdc00;
}

static bool is_low(int unit)
{
	return unit >= 0xdc00 && unit < 0xe000;
}

/* Bytes of the escape at p, which starts with a backslash, and its character; 0 and what is wrong. */
static size_t read_escape(const char *p, const char *end, unsigned *ret_character, const char **ret_detail)
{
	static const char names[] = "\"\\/bfnrt";
	static const char meanings[] = "\"\\/\b\f\n\r\t";

	*ret_detail = want_escape;
	if (end - p < 2)
		return 0;
	if (p[1] != 'u') {
		const char *name = p[1] == '\0' ? NULL : strchr(names, p[1]);

		if (name == NULL)
			return 0;
		*ret_character = (unsigned char)meanings[name - names];
		return 2;
	}

	int unit = read_unit(p + 2, end);

	if (unit == 0)
		*ret_detail = "text without U+0000";
	if (unit <= 0)
		return 0;
	*ret_character = (unsigned)unit;
	if (!is_high(unit) && !is_low(unit))
		return 6;

	int low = is_high(unit) && end - p >= 12 && p[6] == '\\' && p[7] == 'u' ? read_unit(p + 8, end) : -1;

	*ret_detail = "both halves of a surrogate pair";
	if (!is_low(low))
		return 0;
	*ret_character = 0x10000u + ((unsigned)(unit & 0x3ff) << 10 | (unsigned)(low & 0x3ff));
	return 12;
}

/* True when none of the eight bytes is a control byte, a backslash or above 127. */
static bool are_plain(const char *p)
{
	const uint64_t each = 0x0101010101010101;
	uint64_t v = block_load64(p);
	uint64_t slash = v ^ each * '\\';

	return ((v | ((v - each * 0x20) & ~v) | ((slash - each) & ~slash)) & each * 0x80) == 0;
}

enum code chars_check(const char *from, const char *to, bool *ret_has_escapes, const char **ret_at,
		      const char **ret_detail)
{
	bool has_escapes = false;
	unsigned c;

	for (const char *p = from; p < to;) {
		size_t n;

		*ret_at = p;
		if (to - p >= 8 && are_plain(p)) {
			n = 8;
		} else if (*p == '\\') {
			has_escapes = true;
			n = read_escape(p, to, &c, ret_detail);
			if (n == 0)
				return E_JSON;
		} else if ((unsigned char)*p < 0x20) {
			*ret_detail = "control characters written as escapes";
			return E_JSON;
		} else {
			n = chars_next(p, to, &c);
			*ret_detail = "valid UTF-8";
			if (n == 0)
				return E_UTF8;
		}
		p += n;
	}
	*ret_has_escapes = has_escapes;
	return CODE_OK;
}

static char *write_character(char *out, unsigned c)
{
	if (c < 0x80) {
		*out++ = (char)c;
		return out;
	}
	if (c < 0x800) {
		*out++ = (char)(0xc0 | c >> 6);
	} else if (c < 0x10000) {
		*out++ = (char)(0xe0 | c >> 12);
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
	} else {
		*out++ = (char)(0xf0 | c >> 18);
		*out++ = (char)(0x80 | (c >> 12 & 0x3f));
		*out++ = (char)(0x80 | (c >> 6 & 0x3f));
	}
	*out++ = (char)(0x80 | (c & 0x3f));
	return out;
}

size_t chars_unescape(const char *from, const char *to, char *out)
{
	char *start = out;
	const char *detail;
	unsigned c = 0;

	for (const char *p = from; p < to;) {
		if (*p != '\\') {
			*out++ = *p++;
			continue;
		}
		p += read_escape(p, to, &c, &detail);
		out = write_character(out, c);
	}
	return (size_t)(out - start);
}
