/* SPDX-License-Identifier: MPL-2.0 */
/* Lines of a file or pipe of any size, with their numbers as an editor counts them. Finds them as the daemon
 * does (event/frame), in a buffer of fixed size that it owns. */
#ifndef CTL_LINES_H
#define CTL_LINES_H

#include "event/frame.h"

#include <stdint.h>

enum lines_found {
	LINES_LINE,     /* whole */
	LINES_TOO_LONG, /* longer than DECODE_MAX_LINE */
	LINES_PARTIAL,  /* the last one, without its line end */
	LINES_END,
	LINES_FAILED /* errno tells */
};

struct lines {
	int fd; /* borrowed */
	struct frame frame;
	char *buf; /* owned */
	const char *at, *end;
	int64_t number; /* line ends seen */
	bool has_ended;
};

/* 0, or -ENOMEM. */
int lines_init(struct lines *, int fd);
void lines_done(struct lines *);
/* The line lives until the next call; DECODE_PADDING bytes behind it can be read. */
enum lines_found lines_next(struct lines *, struct effort_str *ret_line, int64_t *ret_number);

#endif
