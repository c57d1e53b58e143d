/* SPDX-License-Identifier: MPL-2.0 */
/* See deadletter.h. Lines collect in `waiting`; one batch at a time is with the worker, which alone touches
 * the files meanwhile. What it could not write stays in the batch and goes with the next flush. */
#include "journal/deadletter.h"

#include "journal/deadletter_files.h"
#include "journal/deadletter_line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WAITING_MAX                                                                                          \
	(8 * (size_t)DEADLETTER_PENDING_MAX) /* what one round of reading may add past the limit */

/* What the worker has while it works; the loop's otherwise. */
struct batch {
	struct job job; /* first */
	struct deadletters *owner;
	struct deadletter_files files;
	struct text lines;
	size_t at; /* written so far */
	int64_t quota;
	struct error err;
	int result;
};

struct deadletters {
	struct worker worker;
	struct deadletter_writer *writer; /* owned */
	struct text waiting;
	uint64_t kept, unkept;
	int64_t quota;
	bool is_working;
	struct batch batch;
	struct deadletters_status last; /* what the files were after the last batch */
};

static void take_status(struct deadletters *d)
{
	struct batch *batch = &d->batch;

	d->last.bytes = batch->files.bytes;
	d->last.dropped = batch->files.lost;
	d->last.lines = batch->files.lines;
	d->last.is_counted = batch->files.is_counted;
	memset(d->last.error, 0, sizeof(d->last.error));
	if (batch->result < 0)
		memcpy(d->last.error, batch->err.text, strnlen(batch->err.text, sizeof(d->last.error) - 1));
}

static void work(struct job *job)
{
	struct batch *batch = (struct batch *)job;
	size_t done;

	batch->result =
		deadletter_files_append(&batch->files, batch->lines.ptr + batch->at,
					batch->lines.len - batch->at, batch->quota, &done, &batch->err);
	batch->at += done;
}

static void done(struct job *job)
{
	struct batch *batch = (struct batch *)job;

	batch->owner->is_working = false;
	take_status(batch->owner);
}

static size_t left_of(const struct batch *batch)
{
	return batch->lines.len - batch->at;
}

/* False: there is nothing to write. */
static bool fill_batch(struct deadletters *d)
{
	struct batch *batch = &d->batch;

	if (left_of(batch) == 0) {
		struct text empty = batch->lines;

		text_clear(&empty);
		if (empty.cap > DEADLETTER_PENDING_MAX) {
			text_done(&empty);
			text_init(&empty, WAITING_MAX);
		}
		batch->lines = d->waiting;
		batch->at = 0;
		d->waiting = empty;
	}
	batch->quota = d->quota;
	return left_of(batch) > 0;
}

void deadletters_flush(struct deadletters *d)
{
	if (d->is_working || (!fill_batch(d) && d->last.is_counted))
		return;
	d->is_working = true;
	d->worker.submit(d->worker.ctx, &d->batch.job);
}

void deadletters_add(struct deadletters *d, const struct deadletter *letter)
{
	if (deadletter_write(d->writer, letter, &d->waiting))
		d->kept++;
	else
		d->unkept++;
}

bool deadletters_is_full(const struct deadletters *d)
{
	/* What the worker has is as large as it was given: how far it is, it knows alone. */
	size_t at = d->is_working ? 0 : d->batch.at;

	return d->waiting.len + d->batch.lines.len - at >= DEADLETTER_PENDING_MAX;
}

void deadletters_set_quota(struct deadletters *d, int64_t quota)
{
	d->quota = quota;
}

void deadletters_status(const struct deadletters *d, struct deadletters_status *ret)
{
	*ret = d->last;
	ret->kept = d->kept;
	ret->dropped += d->unkept;
}

struct deadletters *deadletters_open(const struct deadletters_settings *settings, struct error *reterr)
{
	struct deadletters *d = calloc(1, sizeof(*d));

	if (d != NULL)
		d->writer = deadletter_writer_new(settings->key);
	if (d == NULL || d->writer == NULL) {
		error_set(reterr, -ENOMEM, "%s: no memory for dead letters", settings->dir);
		free(d);
		return NULL;
	}
	if (deadletter_files_open(&d->batch.files, settings->disk, settings->dir, reterr) < 0) {
		deadletter_writer_free(d->writer);
		free(d);
		return NULL;
	}
	d->worker = settings->worker;
	d->quota = settings->quota;
	d->batch.job = (struct job){ .work = work, .done = done };
	d->batch.owner = d;
	text_init(&d->waiting, WAITING_MAX);
	text_init(&d->batch.lines, WAITING_MAX);
	take_status(d);
	return d;
}

void deadletters_close(struct deadletters *d)
{
	if (d == NULL)
		return;
	/* What failed the last time, then what came since. */
	for (int i = 0; i < 2 && fill_batch(d); i++)
		work(&d->batch.job);
	deadletter_files_close(&d->batch.files);
	deadletter_writer_free(d->writer);
	text_done(&d->waiting);
	text_done(&d->batch.lines);
	free(d);
}
