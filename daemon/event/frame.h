/* SPDX-License-Identifier: MPL-2.0 */
/* Finds lines in what a stream delivers. LF ends a line, one CR before it is dropped, empty lines are
 * skipped. Owns no bytes: the caller keeps the unfinished rest and puts the next bytes behind it. A line that
 * passes the limit is thrown away as it comes, so the rest to keep never exceeds FRAME_MAX_REST. Pure. */
#ifndef EVENT_FRAME_H
#define EVENT_FRAME_H

#include "event/decode.h"

#include <stddef.h>

/* A full line whose CR has arrived and whose LF has not. */
#define FRAME_MAX_REST (DECODE_MAX_LINE + 1)

/* One stream's place between two buffers; all zero at the start. */
struct frame {
	size_t dropped; /* bytes of the over-long line we are in that are already gone; 0: not in one */
};

enum frame_found {
	FRAME_REST,    /* no further complete line; *at is the unfinished rest, to be kept (maybe nothing) */
	FRAME_LINE,    /* a line of 1 to DECODE_MAX_LINE bytes */
	FRAME_TOO_LONG /* a longer line has just ended: refuse it as E_TOO_LONG; ret_line tells its size only
			*/
};

/* Takes the next line from [*at, end) and moves *at behind it. Call until FRAME_REST. */
enum frame_found frame_next(struct frame *, const char **at, const char *end, struct effort_str *ret_line);

/* The stream has ended: bytes of a line that never got its LF (E_PARTIAL), given the rest; 0: it ended
 * cleanly. */
size_t frame_end(struct frame *, const char *rest, const char *end);

#endif
