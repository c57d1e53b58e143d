/* SPDX-License-Identifier: MPL-2.0 */
/* Which characters the free texts of an event may be made of. Constant data. */
#include "event/charset.h"

#include "event/chars.h"

static const unsigned char class_of[256] = {
	[' ' ... ','] = CHARSET_PRINTABLE,
	['-'] = CHARSET_PRINTABLE | CHARSET_NAME | CHARSET_TASK,
	['.' ... '/'] = CHARSET_PRINTABLE | CHARSET_NAME,
	['0' ... '9'] = CHARSET_PRINTABLE | CHARSET_NAME | CHARSET_TASK,
	[':'] = CHARSET_PRINTABLE | CHARSET_NAME,
	[';' ... '@'] = CHARSET_PRINTABLE,
	['A' ... 'Z'] = CHARSET_PRINTABLE | CHARSET_NAME,
	['[' ... '^'] = CHARSET_PRINTABLE,
	['_'] = CHARSET_PRINTABLE | CHARSET_NAME,
	['`'] = CHARSET_PRINTABLE,
	['a' ... 'z'] = CHARSET_PRINTABLE | CHARSET_NAME | CHARSET_TASK,
	['{' ... '~'] = CHARSET_PRINTABLE,
};

bool charset_holds(unsigned char set, const char *text, size_t len, size_t max)
{
	unsigned char common = set;

	if (len < 1 || len > max)
		return false;
	for (size_t i = 0; i < len; i++)
		common &= class_of[(unsigned char)text[i]];
	return common != 0;
}

bool charset_is_id(const char *text, size_t len)
{
	return charset_holds(CHARSET_PRINTABLE, text, len, 128);
}

/* Spaces and what nobody sees: control characters, no-break and other Unicode spaces, direction marks. */
static bool is_invisible(unsigned c)
{
	return c <= 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0x1680 || (c >= 0x2000 && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202f) || (c >= 0x205f && c <= 0x206f) || c == 0x3000 || c == 0xfeff;
}

bool charset_is_source(const char *text, size_t len)
{
	const char *end = text + len;
	unsigned c;

	if (len < 1 || len > 128)
		return false;
	for (const char *p = text; p < end;) {
		size_t n = chars_next(p, end, &c);

		if (n == 0 || is_invisible(c))
			return false;
		p += n;
	}
	return true;
}
