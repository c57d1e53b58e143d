/* SPDX-License-Identifier: MPL-2.0 */
/* Finding lines: memchr and the rules about CR, empty and over-long lines. Keeps no bytes; see frame.h. */
#include "event/frame.h"

#include <string.h>

/* Throws away an unfinished line that is already too long, so that nobody has to keep it. */
static enum frame_found rest(struct frame *f, const char **at, const char *end)
{
	size_t len = (size_t)(end - *at);

	if (f->dropped > 0 || len > FRAME_MAX_REST) {
		f->dropped += len;
		*at = end;
	}
	return FRAME_REST;
}

static size_t without_cr(const char *line, size_t len)
{
	return len > 0 && line[len - 1] == '\r' ? len - 1 : len;
}

enum frame_found frame_next(struct frame *f, const char **at, const char *end, struct effort_str *ret_line)
{
	while (*at < end) {
		const char *line = *at;
		const char *lf = memchr(line, '\n', (size_t)(end - line));

		if (lf == NULL)
			return rest(f, at, end);
		*at = lf + 1;

		size_t len = without_cr(line, (size_t)(lf - line));
		size_t whole = f->dropped + len;

		f->dropped = 0;
		if (whole == 0)
			continue;
		*ret_line = (struct effort_str){ line, whole };
		return whole > DECODE_MAX_LINE ? FRAME_TOO_LONG : FRAME_LINE;
	}
	return FRAME_REST;
}

size_t frame_end(struct frame *f, const char *rest_at, const char *end)
{
	size_t len = f->dropped + without_cr(rest_at, (size_t)(end - rest_at));

	f->dropped = 0;
	return len;
}
