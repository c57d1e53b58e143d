/* SPDX-License-Identifier: MPL-2.0 */
/* See commit.h. */
#include "journal/commit.h"

#include "base/clock.h"
#include "journal/journal.h"

#include <stdio.h>
#include <string.h>

/* --- a block as it lies in memory --- */

/* The parts of a block's records, in their order. */
struct parts {
	const struct pending_block *block;
	const struct pending_chunk *chunk; /* next one */
	bool has_prefix;                   /* still to come */
};

static struct parts parts_of(const struct pending_block *block)
{
	return (struct parts){ block, block->first, block->prefix != NULL };
}

static bool next_part(void *ctx, struct block_piece *ret)
{
	struct parts *parts = ctx;
	size_t head = parts->chunk == parts->block->first ? BLOCK_HEAD_BYTES : 0;

	if (parts->has_prefix) {
		parts->has_prefix = false;
		*ret = (struct block_piece){ parts->block->prefix + BLOCK_HEAD_BYTES,
					     parts->block->prefix_len - BLOCK_HEAD_BYTES };
		return true;
	}
	if (parts->chunk == NULL)
		return false;
	*ret = (struct block_piece){ parts->chunk->bytes + head, parts->chunk->len - head };
	parts->chunk = parts->chunk->next;
	return true;
}

int64_t commit_len(const struct pending_block *block)
{
	return (int64_t)(block->prefix != NULL ? block->prefix_len : BLOCK_HEAD_BYTES) + (int64_t)block->len;
}

/* The frame lies before the first part, so that the two are one write. */
static int write_block(const struct commit *c)
{
	uint8_t *frame = c->block->prefix != NULL ? c->block->prefix : c->block->first->bytes;
	struct parts parts = parts_of(c->block);
	size_t frame_len = BLOCK_HEAD_BYTES;
	struct block_piece part;
	int64_t at = c->at;
	int r = 0;

	block_head_write(frame, c->head.nonce, c->at, c->block->sequence, next_part, &parts);
	parts = parts_of(c->block);
	while (r == 0 && next_part(&parts, &part)) {
		r = disk_write_all(c->disk, c->fd, (const uint8_t *)part.bytes - frame_len,
				   part.len + frame_len, at);
		at += (int64_t)(part.len + frame_len);
		frame_len = 0;
	}
	return r;
}

/* --- the steps --- */

static void drop_segment(struct commit *c)
{
	char path[SEGMENT_PATH_MAX];

	if (c->drop == 0)
		return;
	segment_path(path, c->dir, c->drop);
	c->disk->remove(c->disk->ctx, path);
	c->drop = 0;
}

static int begin_segment(struct commit *c)
{
	int fd;

	if (c->fd >= 0)
		c->disk->close(c->disk->ctx, c->fd);
	c->fd = -1;
	drop_segment(c);
	fd = segment_create(c->disk, c->dir, &c->head, &c->what);
	if (fd < 0)
		return fd;
	c->fd = fd;
	c->at = SEGMENT_HEAD_BYTES;
	c->is_begun = true;
	return 0;
}

/* A write that found no space can be tried again where it was; after anything else nobody knows what the file
 * holds, and the kernel may have dropped what it could not write: a later sync would lie. */
static int try_block(struct commit *c)
{
	/* wants_segment is the loop's, which takes it back when this is done. */
	int r = c->wants_segment && !c->is_begun ? begin_segment(c) : 0;

	c->is_suspect = false;
	if (r < 0)
		return r;
	c->what = "write";
	r = write_block(c);
	c->is_suspect = r < 0 && !commit_is_space(r);
	if (r < 0)
		return r;
	c->what = "sync";
	r = c->disk->sync(c->disk->ctx, c->fd);
	c->is_suspect = r < 0;
	return r;
}

static void reserve_path(char path[SEGMENT_PATH_MAX], const char *dir)
{
	snprintf(path, SEGMENT_PATH_MAX, "%s/reserve", dir);
}

bool commit_reserve(const struct disk *disk, const char *dir)
{
	char path[SEGMENT_PATH_MAX];
	int fd, r;

	reserve_path(path, dir);
	fd = disk->open(disk->ctx, path, DISK_EDIT);
	if (fd < 0)
		fd = disk->open(disk->ctx, path, DISK_NEW);
	if (fd < 0)
		return !commit_is_space(fd);
	r = disk->reserve(disk->ctx, fd, JOURNAL_RESERVE_BYTES);
	disk->close(disk->ctx, fd);
	if (commit_is_space(r))
		disk->remove(disk->ctx, path);
	return !commit_is_space(r);
}

static void give_reserve(struct commit *c)
{
	char path[SEGMENT_PATH_MAX];

	reserve_path(path, c->dir);
	c->disk->remove(c->disk->ctx, path);
	c->has_reserve = false;
}

void commit_work(struct job *job)
{
	struct commit *c = (struct commit *)job;
	int64_t begun = clock_mono_us();

	c->error = 0;
	c->is_suspect = c->is_begun = false;
	if (c->block != NULL)
		c->error = try_block(c);
	if (commit_is_space(c->error) && c->has_reserve) {
		give_reserve(c);
		if (!c->is_suspect)
			c->error = try_block(c);
	} else if (c->error == 0 && c->wants_reserve) {
		c->has_reserve = commit_reserve(c->disk, c->dir);
	}
	c->us = clock_mono_us() - begun;
}
