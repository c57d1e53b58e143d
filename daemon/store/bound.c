/* SPDX-License-Identifier: MPL-2.0 */
/* See bound.h. */
#include "store/bound.h"

#include <errno.h>
#include <string.h>

/* The number of a header line of n bytes after its type byte. -EPROTO: none. -1 is nil. */
static int64_t header_number(const char *text, size_t n)
{
	int64_t value = 0;

	if (n == 2 && text[0] == '-' && text[1] == '1')
		return -1;
	if (n == 0 || n > 12)
		return -EPROTO;
	for (size_t i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -EPROTO;
		value = value * 10 + (text[i] - '0');
	}
	return value;
}

/* Length of the value at text with its header (for an array: of the header); adds what an array announces. */
static int64_t scan_value(struct bound *bound, const char *text, size_t len)
{
	const char *end = memchr(text, '\n', len < BOUND_LINE ? len : BOUND_LINE);
	int64_t number, header;

	if (!end)
		return len < BOUND_LINE ? 0 : -EFBIG;
	header = end - text + 1;
	if (header < 3 || end[-1] != '\r')
		return -EPROTO;
	if (*text == '+' || *text == '-' || *text == ':')
		return header;
	if (*text != '$' && *text != '*')
		return -EPROTO;
	number = header_number(text + 1, (size_t)header - 3);
	if (number == -EPROTO)
		return number;
	if (number < 0)
		return header;
	if (*text == '$') {
		if (number > BOUND_BULK)
			return -EFBIG;
		return (int64_t)len < header + number + 2 ? 0 : header + number + 2;
	}
	bound->elements += number;
	if (bound->elements > BOUND_ELEMENTS)
		return -EFBIG;
	bound->remaining += number;
	return header;
}

int64_t bound_scan(struct bound *bound, const char *buf, size_t len)
{
	if (bound->remaining == 0)
		*bound = (struct bound){ .remaining = 1 };
	while (bound->remaining > 0) {
		int64_t n;

		if (bound->at >= len)
			return 0;
		n = scan_value(bound, buf + bound->at, len - bound->at);
		if (n <= 0)
			return n == 0 && len >= BOUND_REPLY ? -EFBIG : n;
		bound->at += (size_t)n;
		bound->remaining--;
		if (bound->at > BOUND_REPLY)
			return -EFBIG;
	}
	return (int64_t)bound->at;
}
