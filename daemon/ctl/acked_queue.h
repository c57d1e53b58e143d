/* SPDX-License-Identifier: MPL-2.0 */
/* The lines of acked.c that are not settled, in order: their bytes in one piece, so that they are sent and
 * sent again without being copied. Places in it are counted from the first byte ever put and never change. */
#ifndef CTL_ACKED_QUEUE_H
#define CTL_ACKED_QUEUE_H

#include "ctl/acked.h"

struct queued {
	uint64_t start, end; /* of its bytes; the line end is the last of them */
	uint64_t number, place;
	struct acked_refusal *refusal; /* owned; NULL: not refused on this connection */
};

struct acked_queue {
	char *bytes; /* owned */
	size_t cap;
	uint64_t base;       /* place of bytes[0] */
	uint64_t start, end; /* of what is kept */
	size_t first, n;
	struct queued lines[ACKED_LINES];
};

void queue_done(struct acked_queue *);
/* A line of any length can be put. */
bool queue_has_room(const struct acked_queue *);
/* 0 or -ENOMEM. Only when there is room. */
int queue_put(struct acked_queue *, const char *line, size_t len, uint64_t number, uint64_t place);
/* The i-th line from the front. */
struct queued *queue_at(struct acked_queue *, size_t i);
const char *queue_bytes(const struct acked_queue *, uint64_t place);
void queue_drop(struct acked_queue *); /* the first line */
/* Forgets all refusals: the lines go out again. */
void queue_rewind(struct acked_queue *);

#endif
