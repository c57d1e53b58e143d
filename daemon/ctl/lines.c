/* SPDX-License-Identifier: MPL-2.0 */
/* See lines.h. */
#include "ctl/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINES_BUFFER ((size_t)1024 * 1024)

int lines_init(struct lines *lines, int fd)
{
	*lines = (struct lines){ .fd = fd };
	lines->buf = calloc(1, LINES_BUFFER + DECODE_PADDING);
	lines->at = lines->end = lines->buf;
	return lines->buf == NULL ? -ENOMEM : 0;
}

void lines_done(struct lines *lines)
{
	free(lines->buf);
}

/* False: nothing more comes. */
static bool fill(struct lines *lines)
{
	size_t rest = (size_t)(lines->end - lines->at);
	ssize_t n;

	memmove(lines->buf, lines->at, rest);
	lines->at = lines->buf;
	lines->end = lines->buf + rest;
	do
		n = read(lines->fd, lines->buf + rest, LINES_BUFFER - rest);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		lines->end += n;
	else if (n == 0)
		lines->has_ended = true;
	return n > 0;
}

static int64_t line_ends(const char *from, const char *to)
{
	int64_t n = 0;

	while ((from = memchr(from, '\n', (size_t)(to - from))) != NULL) {
		n++;
		if (++from == to)
			break;
	}
	return n;
}

static enum lines_found end(struct lines *lines, int64_t *ret_number)
{
	size_t len = frame_end(&lines->frame, lines->at, lines->end);

	lines->at = lines->end;
	*ret_number = lines->number + 1;
	return len > 0 ? LINES_PARTIAL : LINES_END;
}

enum lines_found lines_next(struct lines *lines, struct effort_str *ret_line, int64_t *ret_number)
{
	for (;;) {
		const char *before = lines->at;
		enum frame_found found = frame_next(&lines->frame, &lines->at, lines->end, ret_line);

		if (lines->at > before)
			lines->number += line_ends(before, lines->at);
		*ret_number = lines->number;
		if (found != FRAME_REST)
			return found == FRAME_LINE ? LINES_LINE : LINES_TOO_LONG;
		if (lines->has_ended)
			return end(lines, ret_number);
		if (!fill(lines) && !lines->has_ended)
			return LINES_FAILED;
	}
}
