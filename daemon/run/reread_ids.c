/* SPDX-License-Identifier: MPL-2.0 */
/* See reread_ids.h. Chunks of one place and one segment; full ones go to the thread through a list under a
 * lock, and come back empty. */
#include "run/reread_ids.h"

#include "run/thread.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#define CHUNK_IDS 512
#define FULL_MAX  96 /* chunks; past it reading waits */
#define AHEAD     16 /* ids, whose places the memory is asked for */

struct chunk {
	struct chunk *next;
	uint64_t segment;
	size_t len;
	struct {
		uint64_t id;
		uint32_t content;
		int32_t day;
	} ids[CHUNK_IDS];
};

struct reread_ids {
	struct dedup *dedup;                /* borrowed; the thread's, while there is one */
	struct chunk *filling[DEDUP_PARTS]; /* owned; NULL: nothing */
	pthread_t thread;
	bool has_thread, is_without; /* it could not be started */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* Under the lock. */
	struct chunk *full, **full_last, *spare; /* owned */
	size_t full_len;
	bool is_ending;
	int r; /* the first error */
};

struct reread_ids *reread_ids_new(struct dedup *dedup)
{
	struct reread_ids *ids = calloc(1, sizeof(*ids));

	if (ids == NULL)
		return NULL;
	ids->dedup = dedup;
	ids->full_last = &ids->full;
	pthread_mutex_init(&ids->lock, NULL);
	pthread_cond_init(&ids->changed, NULL);
	return ids;
}

static int offer(struct dedup *dedup, const struct chunk *chunk)
{
	int r = 0;

	for (size_t i = 0; i < chunk->len && r >= 0; i++) {
		if (i + 2 * AHEAD < chunk->len)
			dedup_prefetch(dedup, chunk->ids[i + 2 * AHEAD].id);
		if (i + AHEAD < chunk->len)
			dedup_prefetch_place(dedup, chunk->ids[i + AHEAD].id);
		r = dedup_offer(dedup, chunk->ids[i].id, chunk->ids[i].content, chunk->ids[i].day,
				chunk->segment, true);
	}
	return r < 0 ? r : 0;
}

/* --- the thread --- */

static struct chunk *take(struct reread_ids *ids)
{
	struct chunk *chunk = ids->full;

	ids->full = chunk->next;
	if (ids->full == NULL)
		ids->full_last = &ids->full;
	return chunk;
}

static void *run(void *arg)
{
	struct reread_ids *ids = arg;

	pthread_mutex_lock(&ids->lock);
	for (;;) {
		struct chunk *chunk;
		int r;

		while (ids->full == NULL && !ids->is_ending)
			pthread_cond_wait(&ids->changed, &ids->lock);
		if (ids->full == NULL || ids->r < 0)
			break;
		chunk = take(ids);
		pthread_mutex_unlock(&ids->lock);
		r = offer(ids->dedup, chunk);
		pthread_mutex_lock(&ids->lock);
		ids->r = r;
		chunk->next = ids->spare;
		ids->spare = chunk;
		ids->full_len--;
		pthread_cond_broadcast(&ids->changed);
	}
	pthread_mutex_unlock(&ids->lock);
	return NULL;
}

static bool start(struct reread_ids *ids)
{
	if (ids->has_thread || ids->is_without)
		return ids->has_thread;
	ids->has_thread = thread_start(&ids->thread, "effortd-ids", run, ids) == 0;
	ids->is_without = !ids->has_thread;
	return ids->has_thread;
}

static void join(struct reread_ids *ids)
{
	if (!ids->has_thread)
		return;
	pthread_mutex_lock(&ids->lock);
	ids->is_ending = true;
	pthread_cond_broadcast(&ids->changed);
	pthread_mutex_unlock(&ids->lock);
	pthread_join(ids->thread, NULL);
	ids->has_thread = false;
}

/* --- the reader --- */

static int hand_over(struct reread_ids *ids, struct chunk *chunk)
{
	int r;

	pthread_mutex_lock(&ids->lock);
	while (ids->full_len >= FULL_MAX && ids->r == 0)
		pthread_cond_wait(&ids->changed, &ids->lock);
	chunk->next = NULL;
	*ids->full_last = chunk;
	ids->full_last = &chunk->next;
	ids->full_len++;
	r = ids->r;
	pthread_cond_broadcast(&ids->changed);
	pthread_mutex_unlock(&ids->lock);
	return r;
}

/* The first error is the one that is told, from then on. */
static int keep(struct reread_ids *ids, int r)
{
	pthread_mutex_lock(&ids->lock);
	if (ids->r == 0)
		ids->r = r;
	r = ids->r;
	pthread_mutex_unlock(&ids->lock);
	return r;
}

/* Few of them are offered here: a thread is not worth it. */
static int empty(struct reread_ids *ids, unsigned part)
{
	struct chunk *chunk = ids->filling[part];
	int r;

	if (chunk == NULL)
		return 0;
	ids->filling[part] = NULL;
	if (chunk->len == CHUNK_IDS ? start(ids) : ids->has_thread)
		return hand_over(ids, chunk);
	r = offer(ids->dedup, chunk);
	free(chunk);
	return keep(ids, r);
}

static struct chunk *new_chunk(struct reread_ids *ids)
{
	struct chunk *chunk;

	pthread_mutex_lock(&ids->lock);
	chunk = ids->spare;
	if (chunk != NULL)
		ids->spare = chunk->next;
	pthread_mutex_unlock(&ids->lock);
	return chunk != NULL ? chunk : malloc(sizeof(*chunk));
}

int reread_ids_add(struct reread_ids *ids, uint64_t id, uint32_t content, int32_t day, uint64_t segment)
{
	unsigned part = dedup_part(id);
	struct chunk *chunk = ids->filling[part];

	if (chunk != NULL && (chunk->len == CHUNK_IDS || chunk->segment != segment)) {
		int r = empty(ids, part);

		if (r < 0)
			return r;
		chunk = NULL;
	}
	if (chunk == NULL) {
		chunk = ids->filling[part] = new_chunk(ids);
		if (chunk == NULL)
			return keep(ids, -ENOMEM);
		chunk->segment = segment;
		chunk->len = 0;
	}
	chunk->ids[chunk->len].id = id;
	chunk->ids[chunk->len].content = content;
	chunk->ids[chunk->len++].day = day;
	return 0;
}

int reread_ids_end(struct reread_ids *ids)
{
	int r = 0;

	for (unsigned i = 0; i < DEDUP_PARTS && r == 0; i++)
		r = empty(ids, i);
	join(ids);
	return ids->r;
}

static void free_chunks(struct chunk *chunk)
{
	while (chunk != NULL) {
		struct chunk *next = chunk->next;

		free(chunk);
		chunk = next;
	}
}

void reread_ids_free(struct reread_ids *ids)
{
	if (ids == NULL)
		return;
	join(ids);
	free_chunks(ids->full);
	free_chunks(ids->spare);
	for (size_t i = 0; i < DEDUP_PARTS; i++)
		free(ids->filling[i]);
	pthread_cond_destroy(&ids->changed);
	pthread_mutex_destroy(&ids->lock);
	free(ids);
}
