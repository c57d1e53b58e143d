/* SPDX-License-Identifier: MPL-2.0 */
/* See acked_queue.h. */
#include "ctl/acked_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void queue_done(struct acked_queue *q)
{
	queue_rewind(q);
	free(q->bytes);
}

bool queue_has_room(const struct acked_queue *q)
{
	return q->n < ACKED_LINES && q->end - q->start + ACKED_MAX_LINE + 1 <= ACKED_BYTES;
}

struct queued *queue_at(struct acked_queue *q, size_t i)
{
	return &q->lines[(q->first + i) % ACKED_LINES];
}

const char *queue_bytes(const struct acked_queue *q, uint64_t place)
{
	return q->bytes + (place - q->base);
}

/* Room for len more bytes: first where settled lines were, then in a larger piece. */
static int make_room(struct acked_queue *q, size_t len)
{
	size_t kept = (size_t)(q->end - q->start), used = (size_t)(q->end - q->base), cap = q->cap;
	char *grown;

	if (used + len <= cap)
		return 0;
	if (q->start > q->base && kept + len <= cap / 2) {
		memmove(q->bytes, queue_bytes(q, q->start), kept);
		q->base = q->start;
		return 0;
	}
	while (used + len > cap)
		cap = cap == 0 ? 65536 : 2 * cap;
	grown = realloc(q->bytes, cap);
	if (grown == NULL)
		return -ENOMEM;
	q->bytes = grown;
	q->cap = cap;
	return 0;
}

int queue_put(struct acked_queue *q, const char *line, size_t len, uint64_t number, uint64_t place)
{
	struct queued *queued = queue_at(q, q->n);
	char *to;

	if (make_room(q, len + 1) < 0)
		return -ENOMEM;
	to = q->bytes + (q->end - q->base);
	memcpy(to, line, len);
	to[len] = '\n';
	*queued = (struct queued){ q->end, q->end + len + 1, number, place, NULL };
	q->end += len + 1;
	q->n++;
	return 0;
}

void queue_drop(struct acked_queue *q)
{
	struct queued *queued = queue_at(q, 0);

	free(queued->refusal);
	queued->refusal = NULL;
	q->start = queued->end;
	q->first = (q->first + 1) % ACKED_LINES;
	q->n--;
}

void queue_rewind(struct acked_queue *q)
{
	for (size_t i = 0; i < q->n; i++) {
		struct queued *queued = queue_at(q, i);

		free(queued->refusal);
		queued->refusal = NULL;
	}
}
