/* SPDX-License-Identifier: MPL-2.0 */
/* The journal on its way to disk: when a commit begins, what its end means, what is done when it fails, and
 * the files there are. */
#include "journal/journal_inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define STALL_FAILURES 2 /* in a row */

/* --- files --- */

static struct journal_file *present(const struct journal *j)
{
	return j->files[j->files_len - 1];
}

int64_t journal_unfolded_bytes(const struct journal *j)
{
	int64_t bytes = 0;

	for (size_t i = 0; i < j->files_len; i++)
		if (!j->files[i]->is_folded)
			bytes += j->files[i]->bytes;
	return bytes;
}

int journal_prepare_file(struct journal *j)
{
	if (j->files_len == j->files_cap) {
		size_t cap = j->files_cap * 2 + 16;
		struct journal_file **files = realloc(j->files, cap * sizeof(*files));

		if (files == NULL)
			return -ENOMEM;
		j->files = files;
		j->files_cap = cap;
	}
	if (j->next_file == NULL)
		j->next_file = malloc(sizeof(*j->next_file));
	return j->next_file == NULL ? -ENOMEM : 0;
}

void journal_add_file(struct journal *j, uint64_t number, int64_t bytes)
{
	*j->next_file = (struct journal_file){ .journal = j, .number = number, .bytes = bytes };
	j->files[j->files_len++] = j->next_file;
	j->next_file = NULL;
}

static void forget_file(struct journal *j, struct journal_file *file)
{
	size_t i = 0;

	while (j->files[i] != file)
		i++;
	free(file);
	j->files_len--;
	memmove(&j->files[i], &j->files[i + 1], (j->files_len - i) * sizeof(*j->files));
}

static void remove_file(struct job *job)
{
	struct journal_file *file = (struct journal_file *)job;
	const struct disk *disk = file->journal->commit.disk;
	char path[SEGMENT_PATH_MAX];

	segment_path(path, file->journal->dir, file->number);
	file->removed = disk->remove(disk->ctx, path);
}

/* One that could not be removed is tried again with the next. */
static void removed_file(struct job *job)
{
	struct journal_file *file = (struct journal_file *)job;
	struct journal *j = file->journal;

	file->is_going = false;
	if (file->removed == 0 || file->removed == -ENOENT)
		forget_file(j, file);
	journal_judge(j);
}

/* The last file stays: numbers go on from it after a start. A worker may call back before submit returns. */
void journal_remove_folded(struct journal *j)
{
	struct journal_file *going[16];
	size_t n = 0;

	for (size_t i = 0; i + 1 < j->files_len && n < 16; i++)
		if (j->files[i]->is_folded && !j->files[i]->is_going)
			going[n++] = j->files[i];
	for (size_t i = 0; i < n; i++) {
		going[i]->is_going = true;
		going[i]->removal = (struct job){ .work = remove_file, .done = removed_file };
		j->settings.commits.submit(j->settings.commits.ctx, &going[i]->removal);
	}
}

/* --- state --- */

static enum journal_state state_of(const struct journal *j)
{
	return j->failures >= STALL_FAILURES                          ? JOURNAL_STALLED
	       : j->is_full                                           ? JOURNAL_FULL
	       : j->is_behind                                         ? JOURNAL_BEHIND
	       : j->quota > 0 && journal_unfolded_bytes(j) > j->quota ? JOURNAL_OVER_QUOTA
								      : JOURNAL_FINE;
}

static void explain(struct journal *j)
{
	const char *error = strerror(-j->error);

	switch (j->state) {
	case JOURNAL_FINE:
		j->why[0] = '\0';
		break;
	case JOURNAL_BEHIND:
		snprintf(j->why, sizeof(j->why), "%zu MiB wait for the disk of %.150s",
			 pending_bytes(&j->pending) >> 20, j->dir);
		break;
	case JOURNAL_STALLED:
		snprintf(j->why, sizeof(j->why), "cannot %s segment %" PRIu64 " in %.120s: %s", j->what,
			 j->commit.head.number, j->dir, error);
		break;
	case JOURNAL_FULL:
		snprintf(j->why, sizeof(j->why), "no space for the journal in %.120s: %s", j->dir, error);
		break;
	case JOURNAL_OVER_QUOTA:
		snprintf(j->why, sizeof(j->why),
			 "%" PRId64 " MiB of journal wait to be folded, journal.quota is %" PRId64 " MiB",
			 journal_unfolded_bytes(j) >> 20, j->quota >> 20);
		break;
	}
}

void journal_judge(struct journal *j)
{
	size_t bytes = pending_bytes(&j->pending);
	enum journal_state state;

	if (bytes > JOURNAL_PENDING_MAX)
		j->is_behind = true;
	else if (bytes <= JOURNAL_PENDING_MAX / 4 * 3)
		j->is_behind = false;
	state = state_of(j);
	if (state == j->state)
		return;
	j->state = state;
	explain(j);
	j->owner.on_state(j->owner.ctx, state, j->why);
}

/* --- a commit begins --- */

struct segment_head journal_next_head(struct journal *j, const char *writer)
{
	struct segment_head head = { .number = ++j->number,
				     .position = j->position,
				     .freeze = j->freeze,
				     .settled = j->settled,
				     .created_ms = j->marked_ms,
				     .horizon_ms = j->horizon_ms };
	const uint64_t parts[3] = { head.number, j->identity->incarnation, (uint64_t)j->settings.now_ms() };

	snprintf(head.writer, sizeof(head.writer), "%s", writer);
	/* Nobody who does not know the key can make a block of a segment. */
	head.nonce = XXH3_64bits_withSeed(j->identity->key, sizeof(j->identity->key),
					  XXH3_64bits(parts, sizeof(parts)));
	return head;
}

/* All words of the segment that the oldest block belongs to. */
static const struct labels_words *words_of_first(const struct journal *j)
{
	const struct pending_block *block = j->pending.first;

	while (block != NULL && !block->is_last)
		block = block->next;
	return block != NULL ? &block->words : &j->labels.words;
}

/* What the oldest block needs where it is the first of a segment that takes over. */
static int make_prefix(struct journal *j)
{
	struct pending_block *block = j->pending.first;
	const struct labels_words *words = words_of_first(j);

	if (block->prefix != NULL || words->len == 0)
		return 0;
	block->prefix = malloc(BLOCK_HEAD_BYTES + words->len);
	if (block->prefix == NULL)
		return -ENOMEM;
	memcpy(block->prefix + BLOCK_HEAD_BYTES, words->bytes, words->len);
	block->prefix_len = BLOCK_HEAD_BYTES + words->len;
	if (words == &j->labels.words)
		labels_moved(&j->labels);
	return 0;
}

static bool has_block(const struct journal *j)
{
	return pending_bytes(&j->pending) > 0;
}

/* Fills in what the worker is to do. 0 or -ENOMEM. */
static int plan(struct journal *j, int64_t now_ms)
{
	struct commit *c = &j->commit;

	c->block = NULL;
	c->wants_reserve = !c->has_reserve && now_ms >= j->reserve_ms;
	if (!has_block(j))
		return 0;
	if (j->pending.first == j->pending.open && journal_close_block(j) < 0)
		return -ENOMEM;
	if (c->wants_segment && (journal_prepare_file(j) < 0 || (j->failures > 0 && make_prefix(j) < 0)))
		return -ENOMEM;
	c->block = j->pending.first;
	if (c->wants_segment) {
		c->head = journal_next_head(j, c->block->writer);
		c->head.first_block = c->block->sequence;
	}
	return 0;
}

static void fail(struct journal *j, int error, const char *what, int64_t wait_ms)
{
	j->error = error;
	j->what = what;
	j->retry_ms = j->settings.mono_ms() + wait_ms;
}

/* When something may be tried next; INT64_MAX: there is nothing to do. */
static int64_t due_ms(const struct journal *j)
{
	int64_t block = j->begun_ms + JOURNAL_SPACING_MS, reserve = j->reserve_ms;

	if (!has_block(j))
		block = INT64_MAX;
	else if (pending_bytes(&j->pending) >= JOURNAL_COMMIT_BYTES)
		block = j->begun_ms;
	if (j->commit.has_reserve)
		reserve = INT64_MAX;
	block = block < reserve ? block : reserve;
	return block < j->retry_ms ? j->retry_ms : block;
}

void journal_commit(struct journal *j)
{
	int64_t now_ms = j->settings.mono_ms(), due;

	journal_judge(j);
	if (j->is_busy)
		return;
	due = due_ms(j);
	if (due == INT64_MAX)
		return;
	if (due <= now_ms && plan(j, now_ms) < 0) {
		j->failures += STALL_FAILURES;
		fail(j, -ENOMEM, "find memory for", JOURNAL_RETRY_MS);
		journal_judge(j);
		due = j->retry_ms;
	}
	if (due > now_ms) {
		j->owner.wake_in(j->owner.ctx, due - now_ms);
		return;
	}
	j->is_busy = true;
	j->begun_ms = now_ms;
	j->commit.job = (struct job){ .work = commit_work, .done = journal_committed };
	j->settings.commits.submit(j->settings.commits.ctx, &j->commit.job);
}

void journal_tick(struct journal *j)
{
	journal_commit(j);
}

/* --- a commit has ended --- */

/* The present segment failed. What it holds durably stays where it is; what was on its way goes to the next.
 */
static void abandon(struct journal *j)
{
	/* A file stays: none is dropped where the one before it is on its way out. */
	if (present(j)->blocks == 0 && j->files_len > 1 && !j->files[j->files_len - 2]->is_going) {
		j->commit.drop = present(j)->number;
		forget_file(j, present(j));
	}
	j->commit.wants_segment = true;
}

static void failed(struct journal *j)
{
	const struct commit *c = &j->commit;
	bool is_space = commit_is_space(c->error);

	if (c->is_suspect)
		abandon(j);
	if (is_space)
		j->is_full = true;
	if (c->is_suspect || !is_space)
		j->failures++;
	fail(j, c->error, c->what, is_space || j->failures >= STALL_FAILURES ? JOURNAL_RETRY_MS : 0);
	if (!c->has_reserve)
		j->reserve_ms = j->retry_ms;
}

/* Returns the segment that is sealed now; 0: none. */
static uint64_t succeeded(struct journal *j)
{
	struct commit *c = &j->commit;
	struct pending_block *block = c->block;
	bool is_last = block->is_last;

	c->at += commit_len(block);
	present(j)->bytes = c->at;
	present(j)->blocks++;
	c->wants_segment = is_last;
	j->durable = block->sequence;
	if (block->position != 0) {
		j->position = block->position;
		j->horizon_ms = block->horizon_ms;
		j->settled = block->settled;
	}
	if (block->freeze != 0)
		j->freeze = block->freeze;
	j->failures = 0;
	j->commits++;
	j->commit_us = c->us;
	if (c->us > j->commit_max_us)
		j->commit_max_us = c->us;
	pending_forget_first(&j->pending);
	return is_last ? present(j)->number : 0;
}

/* The reserve is what tells that there is space again. */
static void judge_space(struct journal *j)
{
	if (j->commit.has_reserve) {
		if (j->commit.error == 0)
			j->is_full = false;
		return;
	}
	if (!j->is_full || j->commit.wants_reserve)
		j->reserve_ms = j->settings.mono_ms() + JOURNAL_RETRY_MS;
	j->is_full = true;
	j->error = -ENOSPC;
}

/* Those before it that were taken over are sealed with it: what was behind their last mark has one now. */
static void tell_sealed(struct journal *j, uint64_t segment)
{
	for (size_t i = 0; i < j->files_len;) {
		struct journal_file *file = j->files[i++];

		if (file->is_sealed || file->number > segment)
			continue;
		file->is_sealed = true;
		j->owner.on_sealed(j->owner.ctx, file->number);
		i = 0;
	}
}

void journal_committed(struct job *job)
{
	struct journal *j = (struct journal *)((char *)job - offsetof(struct journal, commit));
	uint64_t sealed = 0, durable = j->durable;

	j->is_busy = false;
	if (j->commit.is_begun) {
		j->commit.wants_segment = false;
		journal_add_file(j, j->commit.head.number, SEGMENT_HEAD_BYTES);
		journal_remove_folded(j);
	}
	if (j->commit.error != 0)
		failed(j);
	else if (j->commit.block != NULL)
		sealed = succeeded(j);
	judge_space(j);
	journal_judge(j);
	if (j->durable != durable)
		j->owner.on_durable(j->owner.ctx, j->durable);
	if (sealed != 0)
		tell_sealed(j, sealed);
	journal_commit(j);
}
