/* SPDX-License-Identifier: MPL-2.0 */
/* See journal.h. Here: appending, and what the journal tells of itself. */
#include "journal/journal_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int journal_close_block(struct journal *j)
{
	bool was_last = j->pending.open->is_last;
	size_t len = j->pending.open->len;
	int r = pending_close(&j->pending);

	if (r == 0)
		j->fill = was_last ? 0 : j->fill + len;
	return r;
}

/* Words from `from` on, as far as they stand in a block already. */
static int put_again(struct journal *j, bool is_last)
{
	size_t at = journal_fill(j), from = labels_again(&j->labels, at, is_last);
	int r = 0;

	if (from < j->labels.put)
		r = pending_put(&j->pending, j->labels.words.bytes + from, j->labels.put - from);
	if (r == 0)
		labels_stand_again(&j->labels, at);
	return r;
}

/* Words that a record needs which comes next. */
static int put_new(struct journal *j)
{
	struct labels *labels = &j->labels;
	int r = pending_put(&j->pending, labels->words.bytes + labels->put, labels->words.len - labels->put);

	if (r == 0)
		labels->put = labels->words.len;
	return r;
}

/* A segment begun for it bears the name of who wrote it, not of who has come since. */
static int begin_block(struct journal *j)
{
	struct pending_block *block = j->pending.open;

	snprintf(block->writer, sizeof(block->writer), "%s", j->identity->writer);
	return put_again(j, false);
}

/* Place for a record at the end of the open block. */
static uint8_t *room(struct journal *j, size_t n)
{
	if (j->pending.open->is_last && journal_close_block(j) < 0)
		return NULL;
	if (j->pending.open->len == 0 && begin_block(j) < 0)
		return NULL;
	if (j->labels.put < j->labels.words.len && put_new(j) < 0)
		return NULL;
	return pending_room(&j->pending, n);
}

int journal_effect(struct journal *j, const struct effect *effect)
{
	uint32_t names[DIMENSIONS];
	int r = labels_need(&j->labels, effect->cell, effect->names, names);
	uint8_t *to;

	if (r < 0)
		return r;
	to = room(j, RECORD_EFFECT_MAX);
	if (to == NULL)
		return -ENOMEM;
	pending_took(&j->pending, record_put_effect(to, effect, names));
	j->effects++;
	return 0;
}

int journal_change(struct journal *j, const struct change *given)
{
	struct change change = *given;
	int r = 0;
	uint8_t *to;

	if (change_has_record(change.kind))
		r = labels_need(&j->labels, given->record.cell, given->record.names, change.record.names);
	for (size_t i = 0; i < change.parts_len && r == 0; i++)
		r = labels_need(&j->labels, given->parts[i].cell, given->parts[i].names,
				change.parts[i].names);
	if (r < 0)
		return r;
	to = room(j, RECORD_CHANGE_MAX);
	if (to == NULL)
		return -ENOMEM;
	pending_took(&j->pending, record_put_change(to, &change));
	j->effects++;
	return 0;
}

/* The words of the segment go with its last block, in case another has to take over. */
static void end_segment(struct journal *j)
{
	struct pending_block *block = j->pending.open;

	block->is_last = true;
	block->words = labels_begin(&j->labels);
	j->is_cut_asked = false;
}

int journal_mark(struct journal *j, const struct mark *mark)
{
	struct pending_block *block;
	uint8_t *to = room(j, RECORD_MARK_LEN);
	bool is_last =
		mark->kind == MARK_CUT || j->is_cut_asked || journal_fill(j) >= j->settings.segment_bytes;

	if (to != NULL && is_last)
		to = put_again(j, true) < 0 ? NULL : room(j, RECORD_MARK_LEN);
	if (to == NULL)
		return -ENOMEM;
	pending_took(&j->pending, record_put_mark(to, mark));
	j->marked_ms = mark->now_ms;
	block = j->pending.open;
	block->position = mark->position;
	if (mark->kind == MARK_FREEZE)
		block->freeze = mark->position;
	block->horizon_ms = mark->horizon_ms;
	block->settled = mark->settled;
	if (is_last)
		end_segment(j);
	return 0;
}

uint64_t journal_last(const struct journal *j)
{
	return j->pending.open->sequence - (j->pending.open->len == 0);
}

uint64_t journal_durable(const struct journal *j)
{
	return j->durable;
}

uint64_t journal_segment_of_first(const struct journal *j)
{
	if (j->commit.wants_segment)
		return j->is_busy && j->commit.block != NULL ? j->commit.head.number : j->number + 1;
	return j->files[j->files_len - 1]->number;
}

/* Where the oldest block goes, and one further for each end of a segment behind it. */
uint64_t journal_segment(const struct journal *j)
{
	uint64_t number = journal_segment_of_first(j);

	for (const struct pending_block *block = j->pending.first; block != NULL; block = block->next)
		number += block->is_last;
	return number;
}

bool journal_wants_cut(const struct journal *j)
{
	size_t fill = journal_fill(j), size = j->settings.segment_bytes;

	return j->is_cut_asked || fill >= size + size / 4 ||
	       (fill > 0 && j->quota > 0 && journal_unfolded_bytes(j) > j->quota);
}

void journal_ask_cut(struct journal *j)
{
	j->is_cut_asked = true;
}

void journal_folded(struct journal *j, uint64_t segment)
{
	for (size_t i = 0; i < j->files_len; i++)
		if (j->files[i]->number == segment)
			j->files[i]->is_folded = true;
	journal_remove_folded(j);
	journal_judge(j);
}

void journal_set_quota(struct journal *j, int64_t quota)
{
	j->quota = quota;
	journal_judge(j);
}

void journal_status(const struct journal *j, struct journal_status *ret)
{
	*ret = (struct journal_status){ .state = j->state,
					.segment = j->files[j->files_len - 1]->number,
					.pending_bytes = (int64_t)pending_bytes(&j->pending),
					.commits = j->commits,
					.effects = j->effects,
					.commit_us = j->commit_us,
					.commit_max_us = j->commit_max_us };
	snprintf(ret->why, sizeof(ret->why), "%s", j->why);
	for (size_t i = 0; i < j->files_len; i++) {
		ret->bytes += j->files[i]->bytes;
		ret->segments += !j->files[i]->is_folded;
	}
}

void journal_close(struct journal *j)
{
	if (j == NULL)
		return;
	if (j->commit.fd >= 0)
		j->commit.disk->close(j->commit.disk->ctx, j->commit.fd);
	for (size_t i = 0; i < j->files_len; i++)
		free(j->files[i]);
	free(j->files);
	free(j->next_file);
	pending_done(&j->pending);
	labels_done(&j->labels);
	free(j->dir);
	free(j);
}
