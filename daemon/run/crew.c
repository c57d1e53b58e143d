/* SPDX-License-Identifier: MPL-2.0 */
/* See crew.h. Parcels stand in a ring. The loop fills them and takes them back in that order, and whoever is free, the
 * loop among them, unpacks the earliest that nobody has begun. One lock for who does what; the parcels themselves
 * belong to one at a time. */
#include "run/crew.h"

#include "run/thread.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Two for each: one that is unpacked, one that waits. */
#define PARCELS (2 * CREW_MAX)

struct crew {
	pthread_mutex_t lock;
	pthread_cond_t filled; /* there is something to begin, or this is the end */
	pthread_cond_t ready;  /* the one that the loop waits for */
	pthread_t threads[CREW_MAX - 1];
	int n_threads;
	bool is_ending;
	struct parcel_terms terms;
	const char *at, *end;		 /* what is in no parcel yet; the loop's */
	size_t len;			 /* of the ring */
	struct parcel *parcels[PARCELS]; /* owned */
	bool is_ready[PARCELS];
	/* Counted from the start, so place in the ring is the rest of a division: back <= begun <= filled_to. */
	uint64_t back, begun, filled_to;
	bool is_out; /* the parcel at `back` is with the receiver */
};

static size_t place(const struct crew *c, uint64_t number)
{
	return (size_t)(number % c->len);
}

/* Begins and unpacks the earliest that nobody has. The lock is held, but not meanwhile. */
static void unpack_one(struct crew *c)
{
	uint64_t number = c->begun++;

	pthread_mutex_unlock(&c->lock);
	parcel_unpack(c->parcels[place(c, number)], &c->terms);
	pthread_mutex_lock(&c->lock);
	c->is_ready[place(c, number)] = true;
	if (number == c->back)
		pthread_cond_signal(&c->ready);
}

static void *run(void *arg)
{
	struct crew *c = arg;

	pthread_mutex_lock(&c->lock);
	for (;;) {
		while (c->begun == c->filled_to && !c->is_ending)
			pthread_cond_wait(&c->filled, &c->lock);
		if (c->is_ending)
			break;
		unpack_one(c);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

/* --- life --- */

struct crew *crew_new(int workers)
{
	struct crew *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->filled, NULL);
	pthread_cond_init(&c->ready, NULL);
	c->len = workers > 1 ? 2 * (size_t)workers : 1;
	for (size_t i = 0; i < c->len; i++) {
		c->parcels[i] = parcel_new();
		if (c->parcels[i] == NULL)
			goto fail;
	}
	for (; c->n_threads < workers - 1; c->n_threads++)
		if (thread_start(&c->threads[c->n_threads], "effortd-unpack", run, c) < 0)
			goto fail;
	return c;
fail:
	crew_free(c);
	errno = ENOMEM;
	return NULL;
}

void crew_free(struct crew *c)
{
	if (c == NULL)
		return;
	pthread_mutex_lock(&c->lock);
	c->is_ending = true;
	pthread_cond_broadcast(&c->filled);
	pthread_mutex_unlock(&c->lock);
	for (int i = 0; i < c->n_threads; i++)
		pthread_join(c->threads[i], NULL);
	for (size_t i = 0; i < c->len; i++)
		parcel_free(c->parcels[i]);
	pthread_cond_destroy(&c->filled);
	pthread_cond_destroy(&c->ready);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

/* --- one read --- */

/* Where the next piece ends: behind a line, and with everything where little is left or nobody helps. */
static const char *cut(const struct crew *c)
{
	size_t left = (size_t)(c->end - c->at);
	const char *lf;

	if (c->n_threads == 0 || left <= CREW_PIECE + CREW_PIECE / 2)
		return c->end;
	lf = memrchr(c->at, '\n', CREW_PIECE);
	if (lf == NULL)
		lf = memchr(c->at + CREW_PIECE, '\n', left - CREW_PIECE);
	return lf == NULL ? c->end : lf + 1;
}

/* Whoever sleeps is woken for what is more than one piece: the loop begins with the first itself. */
static void fill(struct crew *c)
{
	while (c->at < c->end && c->filled_to - c->back < c->len) {
		size_t to = place(c, c->filled_to);
		const char *end = cut(c);

		parcel_fill(c->parcels[to], c->at, end);
		c->is_ready[to] = false;
		c->at = end;
		if (c->filled_to++ != c->back)
			pthread_cond_signal(&c->filled);
	}
}

void crew_take(struct crew *c, const struct parcel_terms *terms, const char *lines, size_t len)
{
	c->terms = *terms;
	c->at = lines;
	c->end = lines + len;
}

static void wait_for_first(struct crew *c)
{
	while (!c->is_ready[place(c, c->back)]) {
		if (c->begun < c->filled_to)
			unpack_one(c);
		else
			pthread_cond_wait(&c->ready, &c->lock);
	}
}

struct parcel *crew_next(struct crew *c)
{
	struct parcel *first = c->parcels[place(c, c->back)];

	if (c->is_out && first->at < first->end) {
		parcel_unpack(first, &c->terms);
		return first;
	}
	pthread_mutex_lock(&c->lock);
	c->back += c->is_out;
	fill(c);
	c->is_out = c->back < c->filled_to;
	if (c->is_out)
		wait_for_first(c);
	pthread_mutex_unlock(&c->lock);
	return c->is_out ? c->parcels[place(c, c->back)] : NULL;
}
