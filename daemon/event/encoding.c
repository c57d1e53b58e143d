/* SPDX-License-Identifier: MPL-2.0 */
/* See encoding.h. */
#include "event/encoding.h"

#include "event/chars.h"

#include <stdint.h>
#include <string.h>

/* Windows-1252, 0x80 to 0x9f; 0: not assigned. */
static const uint16_t high[32] = {
	0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
	0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
	0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

size_t encoding_mark(const char *text, size_t len)
{
	return len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

bool encoding_is_utf8(const char *text, size_t len)
{
	const char *end = text + len;
	unsigned character;

	while (text < end) {
		size_t n = (unsigned char)*text < 0x80 ? 1 : chars_next(text, end, &character);

		if (n == 0)
			return false;
		text += n;
	}
	return true;
}

enum encoding encoding_guess(const char *text, size_t len)
{
	if (len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0))
		return ENCODING_UTF16;
	if (encoding_mark(text, len) > 0 || encoding_is_utf8(text, len))
		return ENCODING_UTF8;
	return ENCODING_1252;
}

static size_t put(char *out, unsigned character)
{
	if (character < 0x800) {
		out[0] = (char)(0xc0 | character >> 6);
		out[1] = (char)(0x80 | (character & 0x3f));
		return 2;
	}
	out[0] = (char)(0xe0 | character >> 12);
	out[1] = (char)(0x80 | (character >> 6 & 0x3f));
	out[2] = (char)(0x80 | (character & 0x3f));
	return 3;
}

size_t encoding_from_1252(const char *text, size_t len, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < 0x80 || (c < 0xa0 && high[c - 0x80] == 0))
			out[n++] = (char)c;
		else
			n += put(out + n, c < 0xa0 ? high[c - 0x80] : c);
	}
	return n;
}

size_t encoding_compose(char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (i + 2 < len && (c == 'a' || c == 'A') && memcmp(text + i + 1, "\xcc\x8a", 2) == 0) {
			text[n++] = '\xc3';
			text[n++] = c == 'a' ? '\xa5' : '\x85';
			i += 2;
		} else {
			text[n++] = c;
		}
	}
	return n;
}
