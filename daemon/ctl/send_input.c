/* SPDX-License-Identifier: MPL-2.0 */
/* See send_input.h. */
#include "ctl/send_input.h"

#include "ctl/failure.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

_Static_assert(INPUT_BUFFER >= 2 * FRAME_MAX_REST, "a rest leaves room to read");

int input_open(struct ctl *ctl, struct input *in, const char *file)
{
	bool is_stdin = strcmp(file, "-") == 0;

	in->fd = is_stdin ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
	if (in->fd < 0)
		return ctl_fail(ctl, CTL_IO, W_OPEN_FAILED, W_NEXT_FILE, file, failure_text(ctl, errno));
	in->name = is_stdin ? "stdin" : file;
	in->frame = (struct frame){ 0 };
	in->at = in->end = in->buf;
	in->number = 0;
	in->has_ended = in->had_no_lf = false;
	return CTL_OK;
}

void input_close(struct input *in)
{
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	in->fd = -1;
}

int input_read(struct ctl *ctl, struct input *in)
{
	size_t rest = (size_t)(in->end - in->at);
	ssize_t n;

	memmove(in->buf, in->at, rest);
	in->at = in->buf;
	in->end = in->buf + rest;
	n = read(in->fd, in->buf + rest, sizeof in->buf - rest - 1);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return CTL_OK;
	if (n < 0)
		return ctl_fail(ctl, CTL_IO, W_READ_FAILED, W_NEXT_FILE, in->name, failure_text(ctl, errno));
	in->end += n;
	in->has_ended = n == 0;
	/* Half an object stays refused with a line end too; a whole one is counted. */
	if (in->has_ended && (rest > 0 || in->frame.dropped > 0)) {
		in->buf[rest] = '\n';
		in->end++;
		in->had_no_lf = true;
	}
	return CTL_OK;
}

static uint64_t line_ends(const char *from, const char *to)
{
	uint64_t n = 0;

	while (from < to && (from = memchr(from, '\n', (size_t)(to - from))) != NULL) {
		n++;
		from++;
	}
	return n;
}

enum input_found input_next(struct input *in, struct effort_str *ret_line, uint64_t *ret_number)
{
	const char *before = in->at;
	enum frame_found found = frame_next(&in->frame, &in->at, in->end, ret_line);

	in->number += line_ends(before, in->at);
	*ret_number = in->number;
	return found == FRAME_REST ? INPUT_NONE : found == FRAME_LINE ? INPUT_LINE : INPUT_TOO_LONG;
}
