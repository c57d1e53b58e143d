/* SPDX-License-Identifier: MPL-2.0 */
/* Looking at what has been appended and is not folded, for those who have to know what lies in it. */
#include "journal/journal_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int journal_unfolded(const struct journal *j, int (*visit)(void *ctx, const char *path, uint64_t number), void *ctx)
{
	int r = 0;

	for (size_t i = 0; i < j->files_len && r == 0; i++) {
		char path[SEGMENT_PATH_MAX];

		if (j->files[i]->is_folded)
			continue;
		segment_path(path, j->dir, j->files[i]->number);
		r = visit(ctx, path, j->files[i]->number);
	}
	return r;
}

static int tell(const struct replay *to, const struct record *record)
{
	switch (record->kind) {
	case RECORD_MUNICIPALITY:
		return to->on_municipality(to->ctx, (uint16_t)record->number, record->code);
	case RECORD_STANDING:
		return to->on_standing(to->ctx, (uint16_t)record->number, &record->standing);
	case RECORD_NAME:
		return to->on_name(to->ctx, record->number, &record->name);
	case RECORD_EFFECT:
		return to->on_effect(to->ctx, &record->effect);
	case RECORD_CHANGE:
		return to->on_change(to->ctx, &record->change);
	case RECORD_MARK:
		break;
	}
	return 0;
}

static int tell_all(const struct replay *to, const uint8_t *bytes, size_t len, bool is_words)
{
	struct record record;
	size_t done = 0, n;
	int r = 0;

	while (done < len && r == 0) {
		n = record_read(bytes + done, len - done, &record);
		if (n == 0)
			break;
		if (is_words || record.kind == RECORD_EFFECT || record.kind == RECORD_CHANGE)
			r = tell(to, &record);
		done += n;
	}
	return r;
}

/* The records of a block lie in pieces; words go on from one to the next. */
static int tell_block(const struct replay *to, const struct pending_block *block)
{
	uint8_t *bytes = malloc(block->len + 1);
	size_t at = 0;
	int r;

	if (bytes == NULL)
		return -ENOMEM;
	for (const struct pending_chunk *chunk = block->first; chunk != NULL; chunk = chunk->next) {
		size_t from = chunk == block->first ? BLOCK_HEAD_BYTES : 0;

		memcpy(bytes + at, chunk->bytes + from, chunk->len - from);
		at += chunk->len - from;
	}
	r = tell_all(to, bytes, at, false);
	free(bytes);
	return r;
}

/* All words of the segment that a block belongs to. */
static const struct labels_words *words_of(const struct journal *j, const struct pending_block *block)
{
	while (block != NULL && !block->is_last)
		block = block->next;
	return block != NULL ? &block->words : &j->labels.words;
}

int journal_undurable(const struct journal *j, void (*on_segment)(void *ctx, uint64_t number),
		      const struct replay *to)
{
	uint64_t number = journal_segment_of_first(j);
	bool is_new = true;
	int r = 0;

	for (const struct pending_block *block = j->pending.first; block != NULL && r == 0; block = block->next) {
		if (is_new) {
			const struct labels_words *words = words_of(j, block);

			on_segment(to->ctx, number);
			r = tell_all(to, words->bytes, words->len, true);
		}
		if (r == 0)
			r = tell_block(to, block);
		is_new = block->is_last;
		number += is_new;
	}
	return r;
}
