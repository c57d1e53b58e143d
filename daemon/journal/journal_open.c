/* SPDX-License-Identifier: MPL-2.0 */
/* journal_open(): the old segments are closed, a new one is begun. Everything here is synchronous. */
#include "journal/journal_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAMAGED ".damaged"

struct opening {
	struct journal *j;
	const struct journal_found *found;
	const struct mark *mark;
	uint64_t next_block;
	char path[SEGMENT_PATH_MAX];
	const char *what; /* constant text: what was being done */
};

static bool next_mark(void *ctx, struct block_piece *ret)
{
	struct block_piece *mark = ctx;

	*ret = *mark;
	mark->bytes = NULL;
	return ret->bytes != NULL;
}

/* Appends the mark as a block of its own behind the last whole one. */
static int append_mark(struct opening *o, int fd, const struct segment_head *head)
{
	const struct segment_end *end = &o->found->end;
	uint8_t bytes[BLOCK_HEAD_BYTES + RECORD_MARK_LEN];
	struct block_piece piece = { bytes + BLOCK_HEAD_BYTES, RECORD_MARK_LEN };

	record_put_mark(bytes + BLOCK_HEAD_BYTES, o->mark);
	block_head_write(bytes, head->nonce, end->at, end->next_block, next_mark, &piece);
	o->what = "write";
	return disk_write_all(o->j->commit.disk, fd, bytes, sizeof(bytes), end->at);
}

static void note_mark(struct opening *o)
{
	struct journal *j = o->j;

	o->next_block++;
	j->position = o->mark->position;
	j->settled = o->mark->settled;
	if (o->mark->kind == MARK_FREEZE)
		j->freeze = o->mark->position;
	if (o->mark->horizon_ms > j->horizon_ms)
		j->horizon_ms = o->mark->horizon_ms;
}

/* The last whole block may be one whose sync failed before the process ended: the kernel shows it and has
 * given it up. Written once more, it is the sync's again. Blocks before it were durable when it was begun. */
static int write_last_again(struct opening *o, int fd)
{
	const struct disk *disk = o->j->commit.disk;
	const struct segment_end *end = &o->found->end;
	size_t len = (size_t)(end->at - end->last);
	void *bytes;
	int r;

	if (end->last == 0)
		return 0;
	o->what = "find memory for";
	bytes = malloc(len);
	if (bytes == NULL)
		return -ENOMEM;
	o->what = "read";
	r = disk_read_all(disk, fd, bytes, len, end->last);
	if (r == 0) {
		o->what = "write";
		r = disk_write_all(disk, fd, bytes, len, end->last);
	}
	free(bytes);
	return r;
}

static int close_segment(struct opening *o, int fd, const struct segment_head *head)
{
	const struct disk *disk = o->j->commit.disk;
	const struct segment_end *end = &o->found->end;
	int r = 0;

	o->what = "cut";
	if (end->size > end->at)
		r = disk->cut(disk->ctx, fd, end->at);
	if (r == 0)
		r = write_last_again(o, fd);
	if (r == 0 && !end->is_sealed)
		r = append_mark(o, fd, head);
	if (r < 0)
		return r;
	/* What was read may never have been forced to disk: effects that are counted must be. */
	o->what = "sync";
	r = disk->sync(disk->ctx, fd);
	if (r == 0 && !end->is_sealed)
		note_mark(o);
	return r;
}

static int close_last(struct opening *o)
{
	const struct disk *disk = o->j->commit.disk;
	struct segment_head head;
	int fd, r;

	if (o->found->last_segment == 0) {
		/* Nothing to close: what is counted before the first mark has a place behind this one all the
		 * same. */
		o->j->position = o->mark->position;
		o->j->settled = o->mark->settled;
		return 0;
	}
	segment_path(o->path, o->j->dir, o->found->last_segment);
	o->what = "read";
	r = segment_head_read(disk, o->path, &head);
	if (r < 0)
		return r;
	o->what = "open";
	fd = disk->open(disk->ctx, o->path, DISK_EDIT);
	if (fd < 0)
		return fd;
	r = close_segment(o, fd, &head);
	disk->close(disk->ctx, fd);
	return r;
}

/* Takes note of a file that is there; one with a damaged header is set aside, for people to look at. */
static int adopt(struct opening *o, uint64_t number)
{
	const struct disk *disk = o->j->commit.disk;
	char aside[SEGMENT_PATH_MAX + sizeof(DAMAGED)];
	struct segment_head head;
	int64_t size = 0;
	int fd, r;

	if (number > o->j->number)
		o->j->number = number;
	segment_path(o->path, o->j->dir, number);
	r = segment_head_read(disk, o->path, &head);
	if (r == -EBADMSG) {
		snprintf(aside, sizeof(aside), "%s" DAMAGED, o->path);
		o->what = "set aside";
		return disk->rename(disk->ctx, o->path, aside);
	}
	fd = r < 0 ? r : disk->open(disk->ctx, o->path, DISK_READ);
	if (fd >= 0) {
		size = disk->size(disk->ctx, fd);
		disk->close(disk->ctx, fd);
	}
	o->what = "open";
	if (fd < 0 || size < 0 || journal_prepare_file(o->j) < 0)
		return fd < 0 ? fd : size < 0 ? (int)size : -ENOMEM;
	journal_add_file(o->j, number, size);
	o->j->files[o->j->files_len - 1]->is_sealed = true;
	return 0;
}

static int adopt_all(struct opening *o)
{
	uint64_t *list = NULL;
	size_t n = 0;
	int r;

	snprintf(o->path, sizeof(o->path), "%s", o->j->dir);
	o->what = "read";
	r = segment_list(o->j->commit.disk, o->j->dir, &list, &n);
	for (size_t i = 0; i < n && r == 0; i++)
		r = adopt(o, list[i]);
	free(list);
	return r;
}

/* Segments that were not finished when something ended. */
static int remove_new(void *ctx, const char *name)
{
	const struct opening *o = ctx;
	char path[SEGMENT_PATH_MAX];
	size_t len = strlen(name);

	if (len > 4 && strcmp(name + len - 4, ".new") == 0) {
		snprintf(path, sizeof(path), "%s/%s", o->j->dir, name);
		o->j->commit.disk->remove(o->j->commit.disk->ctx, path);
	}
	return 0;
}

static int begin_segment(struct opening *o)
{
	struct journal *j = o->j;
	struct commit *c = &j->commit;
	int fd;

	if (j->settings.segment_floor > j->number + 1)
		j->number = j->settings.segment_floor - 1;
	c->head = journal_next_head(j, j->identity->writer);
	c->head.first_block = o->next_block;
	segment_path(o->path, j->dir, c->head.number);
	o->what = "find memory for";
	if (journal_prepare_file(j) < 0 || pending_init(&j->pending, o->next_block) < 0)
		return -ENOMEM;
	fd = segment_create(c->disk, j->dir, &c->head, &o->what);
	if (fd < 0)
		return fd;
	c->fd = fd;
	c->at = SEGMENT_HEAD_BYTES;
	journal_add_file(j, c->head.number, c->at);
	j->durable = o->next_block - 1;
	return 0;
}

static int open_files(struct opening *o)
{
	const struct disk *disk = o->j->commit.disk;
	int r;

	snprintf(o->path, sizeof(o->path), "%s", o->j->dir);
	o->what = "make";
	r = disk->make_folder(disk->ctx, o->j->dir);
	if (r == 0) {
		o->what = "read";
		r = disk->list(disk->ctx, o->j->dir, remove_new, o);
	}
	if (r == 0)
		r = close_last(o);
	if (r == 0)
		r = adopt_all(o);
	if (r == 0)
		r = begin_segment(o); /* forces the folder to disk, with whatever was not */
	if (r < 0)
		return r;
	o->j->commit.has_reserve = commit_reserve(disk, o->j->dir);
	o->j->is_full = !o->j->commit.has_reserve;
	return 0;
}

static struct journal *new_journal(const struct journal_settings *settings, const struct journal_owner *owner,
				   const struct identity *identity, const struct journal_found *found,
				   const struct mark *mark)
{
	struct journal *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return NULL;
	j->settings = *settings;
	j->owner = *owner;
	j->identity = identity;
	j->dir = strdup(settings->dir);
	j->settings.dir = j->dir;
	j->quota = settings->quota;
	j->begun_ms = j->retry_ms = j->reserve_ms = INT64_MIN / 2;
	j->position = found->position;
	j->freeze = found->freeze;
	j->settled = found->settled;
	j->marked_ms = mark->now_ms;
	j->horizon_ms = found->horizon_ms > mark->horizon_ms ? found->horizon_ms : mark->horizon_ms;
	j->commit.disk = settings->disk;
	j->commit.dir = j->dir;
	j->commit.fd = -1;
	labels_init(&j->labels,
		    &(struct labels_source){ settings->standings, settings->names, settings->codes });
	if (j->dir != NULL)
		return j;
	journal_close(j);
	return NULL;
}

struct journal *journal_open(const struct journal_settings *settings, const struct journal_owner *owner,
			     const struct identity *identity, const struct journal_found *found,
			     const struct mark *mark, struct error *reterr)
{
	struct opening o = {
		new_journal(settings, owner, identity, found, mark), found, mark, found->end.next_block, "", ""
	};
	int r;

	if (o.j == NULL) {
		error_set(reterr, -ENOMEM, "no memory for the journal");
		return NULL;
	}
	r = open_files(&o);
	if (r == 0)
		return o.j;
	error_set(reterr, r, "cannot %s %s: %s", o.what, o.path, strerror(-r));
	journal_close(o.j);
	return NULL;
}
