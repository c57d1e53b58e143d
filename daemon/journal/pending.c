/* SPDX-License-Identifier: MPL-2.0 */
/* See pending.h. */
#include "journal/pending.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct pending_chunk *take_chunk(struct pending *pending)
{
	struct pending_chunk *chunk = pending->spare_chunks;

	if (chunk != NULL) {
		pending->spare_chunks = chunk->next;
		pending->spare_chunks_len--;
	} else {
		chunk = malloc(sizeof(*chunk));
		if (chunk == NULL)
			return NULL;
	}
	chunk->next = NULL;
	chunk->len = 0;
	return chunk;
}

static void give_chunks(struct pending *pending, struct pending_chunk *chunk)
{
	while (chunk != NULL) {
		struct pending_chunk *next = chunk->next;

		if (pending->spare_chunks_len == PENDING_SPARE) {
			free(chunk);
		} else {
			chunk->next = pending->spare_chunks;
			pending->spare_chunks = chunk;
			pending->spare_chunks_len++;
		}
		chunk = next;
	}
}

static struct pending_block *take_block(struct pending *pending, uint64_t sequence)
{
	struct pending_block *block = pending->spare;
	struct pending_chunk *chunk = take_chunk(pending);

	if (block == NULL)
		block = malloc(sizeof(*block));
	else
		pending->spare = block->next;
	if (block == NULL || chunk == NULL) {
		free(block);
		give_chunks(pending, chunk);
		return NULL;
	}
	chunk->len = BLOCK_HEAD_BYTES;
	*block = (struct pending_block){ .sequence = sequence, .first = chunk, .last = chunk };
	return block;
}

int pending_init(struct pending *pending, uint64_t sequence)
{
	*pending = (struct pending){ 0 };
	pending->first = pending->open = take_block(pending, sequence);
	return pending->open == NULL ? -ENOMEM : 0;
}

static void free_chunks(struct pending_chunk *chunk)
{
	while (chunk != NULL) {
		struct pending_chunk *next = chunk->next;

		free(chunk);
		chunk = next;
	}
}

static void free_blocks(struct pending_block *block)
{
	while (block != NULL) {
		struct pending_block *next = block->next;

		free_chunks(block->first);
		free(block->prefix);
		labels_words_done(&block->words);
		free(block);
		block = next;
	}
}

void pending_done(struct pending *pending)
{
	free_blocks(pending->first);
	free_blocks(pending->spare);
	free_chunks(pending->spare_chunks);
	*pending = (struct pending){ 0 };
}

static struct pending_chunk *add_chunk(struct pending *pending)
{
	struct pending_chunk *chunk = take_chunk(pending);

	if (chunk == NULL)
		return NULL;
	pending->open->last->next = chunk;
	pending->open->last = chunk;
	return chunk;
}

uint8_t *pending_room(struct pending *pending, size_t n)
{
	struct pending_chunk *chunk = pending->open->last;

	if (chunk->len + n > PENDING_CHUNK_BYTES) {
		chunk = add_chunk(pending);
		if (chunk == NULL)
			return NULL;
	}
	return chunk->bytes + chunk->len;
}

int pending_put(struct pending *pending, const uint8_t *bytes, size_t len)
{
	struct pending_chunk *last = pending->open->last;
	size_t last_len = last->len, left = len;

	while (left > 0) {
		struct pending_chunk *chunk = pending->open->last;
		size_t n = PENDING_CHUNK_BYTES - chunk->len;

		if (n == 0 && add_chunk(pending) == NULL) {
			give_chunks(pending, last->next);
			last->next = NULL;
			last->len = last_len;
			pending->open->last = last;
			return -ENOMEM;
		}
		n = left < n ? left : n;
		memcpy(chunk->bytes + chunk->len, bytes, n);
		chunk->len += n;
		bytes += n;
		left -= n;
	}
	pending->open->len += len;
	return 0;
}

int pending_close(struct pending *pending)
{
	struct pending_block *block = take_block(pending, pending->open->sequence + 1);

	if (block == NULL)
		return -ENOMEM;
	pending->closed_bytes += pending->open->len;
	pending->open->next = block;
	pending->open = block;
	return 0;
}

void pending_forget_first(struct pending *pending)
{
	struct pending_block *block = pending->first;

	pending->first = block->next;
	pending->closed_bytes -= block->len;
	give_chunks(pending, block->first);
	free(block->prefix);
	labels_words_done(&block->words);
	*block = (struct pending_block){ .next = pending->spare };
	pending->spare = block;
}
