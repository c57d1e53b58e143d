/* SPDX-License-Identifier: MPL-2.0 */
/* See letters.h. The letters that matter here lie between U+00C0 and U+00FE: two bytes, the first 0xC3. */
#include "base/letters.h"

#include <string.h>

/* Bytes of the blank at p; 0: none. */
static size_t blank(const char *p, size_t left)
{
	if (left >= 1 && strchr(" \t\r\n\v\f", *p) != NULL && *p != '\0')
		return 1;
	if (left >= 2 && memcmp(p, "\xc2\xa0", 2) == 0)
		return 2;
	return left >= 3 && memcmp(p, "\xe2\x80\xaf", 3) == 0 ? 3 : 0;
}

static size_t blank_before(const char *p, size_t len)
{
	for (size_t n = 1; n <= 3 && n <= len; n++)
		if (blank(p - n, n) == n)
			return n;
	return 0;
}

size_t letters_trim(const char **text, size_t len)
{
	size_t n;

	while ((n = blank(*text, len)) > 0) {
		*text += n;
		len -= n;
	}
	while (len > 0 && (n = blank_before(*text + len, len)) > 0)
		len -= n;
	return len;
}

static bool is_capital(const char *p, size_t left)
{
	unsigned char second = left >= 2 ? (unsigned char)p[1] : 0;

	return (unsigned char)p[0] == 0xc3 && second >= 0x80 && second <= 0x9e && second != 0x97;
}

size_t letters_fold(const char *text, size_t len, char *ret, size_t size)
{
	size_t n = 0, skip;

	len = letters_trim(&text, len);
	for (size_t i = 0; i < len && n + 3 < size;) {
		skip = blank(text + i, len - i);
		if (skip > 0) {
			if (ret[n - 1] != ' ')
				ret[n++] = ' ';
			i += skip;
		} else if (is_capital(text + i, len - i)) {
			ret[n++] = text[i++];
			ret[n++] = (char)(text[i++] + 0x20);
		} else {
			ret[n++] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + 32) : text[i];
			i++;
		}
	}
	ret[n] = '\0';
	return n;
}

/* What a letter of two bytes is spelt with in a name. */
static const char *spelt(unsigned char second)
{
	static const struct {
		unsigned char second;
		const char *text;
	} letters[] = { { 0x86, "Ae" }, { 0xa6, "ae" }, { 0x98, "Oe" }, { 0xb8, "oe" }, { 0x85, "Aa" },
			{ 0xa5, "aa" }, { 0x89, "E" },  { 0xa9, "e" },  { 0x96, "Oe" }, { 0xb6, "oe" },
			{ 0x84, "Ae" }, { 0xa4, "ae" }, { 0x9c, "Ue" }, { 0xbc, "ue" } };

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		if (letters[i].second == second)
			return letters[i].text;
	return "";
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("._:/-", c) != NULL);
}

static void lower(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] >= 'A' && text[i] <= 'Z')
			text[i] = (char)(text[i] + 32);
}

size_t letters_slug(const char *text, size_t len, bool is_lower, char *ret, size_t size)
{
	size_t n = 0;

	len = letters_trim(&text, len);
	for (size_t i = 0; i < len; i++) {
		bool is_pair = (unsigned char)text[i] == 0xc3 && i + 1 < len;
		const char *letters = is_pair ? spelt((unsigned char)text[i + 1]) : "";

		if (n + 3 >= size)
			return 0;
		if (is_pair && letters[0] != '\0') {
			memcpy(ret + n, letters, strlen(letters));
			n += strlen(letters);
			i++;
		} else if (is_name(text[i])) {
			ret[n++] = text[i];
		} else if (n > 0 && ret[n - 1] != '-') {
			ret[n++] = '-';
		}
	}
	while (n > 0 && ret[n - 1] == '-')
		n--;
	ret[n] = '\0';
	if (is_lower)
		lower(ret, n);
	return n;
}
