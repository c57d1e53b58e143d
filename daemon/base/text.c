/* SPDX-License-Identifier: MPL-2.0 */
/* See text.h. */
#include "base/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_init(struct text *text, size_t max)
{
	*text = (struct text){ .max = max };
}

void text_done(struct text *text)
{
	free(text->ptr);
	*text = (struct text){ 0 };
}

void text_clear(struct text *text)
{
	text->len = 0;
	text->is_cut = false;
	if (text->ptr != NULL)
		text->ptr[0] = '\0';
}

static bool has_room(struct text *text, size_t more)
{
	size_t need = text->len + more + 1, cap;
	char *ptr;

	if (need <= text->cap)
		return true;
	if (need > text->max) {
		text->is_cut = true;
		return false;
	}
	cap = text->cap < 256 ? 256 : text->cap;
	while (cap < need)
		cap *= 2;
	ptr = realloc(text->ptr, cap);
	if (ptr == NULL) {
		text->is_cut = true;
		return false;
	}
	text->ptr = ptr;
	text->cap = cap;
	return true;
}

void text_add(struct text *text, const char *bytes, size_t len)
{
	if (!has_room(text, len))
		return;
	if (len > 0)
		memcpy(text->ptr + text->len, bytes, len);
	text->len += len;
	text->ptr[text->len] = '\0';
}

void text_puts(struct text *text, const char *s)
{
	text_add(text, s, strlen(s));
}

void text_printf(struct text *text, const char *fmt, ...)
{
	va_list ap;
	char *piece;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&piece, fmt, ap);
	va_end(ap);
	if (n < 0) {
		text->is_cut = true;
		return;
	}
	text_add(text, piece, (size_t)n);
	free(piece);
}

/* Length of the well-formed UTF-8 sequence at p, 0 if it is none or must not be shown (controls, bidi marks).
 */
static size_t utf8_length(const unsigned char *p, size_t left)
{
	size_t n = p[0] < 0x80   ? 1
		   : p[0] < 0xc2 ? 0
		   : p[0] < 0xe0 ? 2
		   : p[0] < 0xf0 ? 3
		   : p[0] < 0xf5 ? 4
				 : 0;

	if (n == 0 || n > left || (n == 1 && (p[0] < 0x20 || p[0] == 0x7f)))
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if (n == 2 && p[0] == 0xc2 && p[1] < 0xa0)
		return 0;
	if (n == 3 && ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
		       (p[0] == 0xe2 && p[1] == 0x80 && p[2] >= 0xa8) ||
		       (p[0] == 0xe2 && p[1] == 0x81 && p[2] >= 0xa6)))
		return 0;
	if (n == 4 && ((p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f)))
		return 0;
	return n;
}

void text_json(struct text *text, struct effort_str s)
{
	const unsigned char *p = (const unsigned char *)s.ptr;

	text_add(text, "\"", 1);
	for (size_t i = 0; i < s.len;) {
		size_t n = utf8_length(p + i, s.len - i);

		if (n == 0) {
			text_printf(text, "\\u%04x", p[i]);
			n = 1;
		} else if (p[i] == '"' || p[i] == '\\') {
			char pair[2] = { '\\', (char)p[i] };
			text_add(text, pair, 2);
		} else {
			text_add(text, s.ptr + i, n);
		}
		i += n;
	}
	text_add(text, "\"", 1);
}

void text_key(struct text *text, const char *name)
{
	char last = text->len > 0 ? text->ptr[text->len - 1] : '{';

	if (last != '{' && last != '[')
		text_add(text, ",", 1);
	text_json(text, (struct effort_str){ name, strlen(name) });
	text_add(text, ":", 1);
}

void text_key_cstr(struct text *text, const char *name, const char *value)
{
	text_key(text, name);
	if (value == NULL)
		text_puts(text, "null");
	else
		text_json(text, (struct effort_str){ value, strlen(value) });
}

void text_key_int(struct text *text, const char *name, int64_t value)
{
	text_key(text, name);
	text_printf(text, "%" PRId64, value);
}

void text_key_bool(struct text *text, const char *name, bool value)
{
	text_key(text, name);
	text_puts(text, value ? "true" : "false");
}
