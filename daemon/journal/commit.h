/* SPDX-License-Identifier: MPL-2.0 */
/* What the committing worker does: begins a segment where one is wanted, writes one block, forces it to disk,
 * and keeps the reserve file. The plan is the loop's until commit_work() has it and again when it is done.
 * Knows nothing of the journal around it. */
#ifndef JOURNAL_COMMIT_H
#define JOURNAL_COMMIT_H

#include "journal/job.h"
#include "journal/pending.h"
#include "journal/segment.h"

#include <errno.h>

struct commit {
	struct job job;
	const struct disk *disk; /* borrowed */
	const char *dir;         /* borrowed */

	/* The plan. */
	struct pending_block *block; /* borrowed; NULL: only the reserve */
	bool wants_segment;          /* `head` first */
	bool wants_reserve;          /* once the block is durable: the reserve file again */
	struct segment_head head;    /* of the present segment, or the wanted one */
	uint64_t drop; /* a segment that failed before it held anything: its file is removed; 0: none */

	/* The present segment: carried from commit to commit. */
	int fd;     /* -1: none */
	int64_t at; /* where the next block begins */
	bool has_reserve;

	/* What came of it. */
	int error;        /* 0: the block is durable */
	const char *what; /* constant text: what failed */
	bool is_suspect;  /* the file is not to be used any more */
	bool is_begun;    /* the wanted segment is there, whatever came of the block */
	int64_t us;
};

/* Does it (the worker's thread, or any while no worker has it). */
void commit_work(struct job *);
/* Makes the reserve file, as far as it can be: false when there is no space for it. */
bool commit_reserve(const struct disk *, const char *dir);
static inline bool commit_is_space(int error)
{
	return error == -ENOSPC || error == -EDQUOT;
}
/* Bytes the block takes in its segment. */
int64_t commit_len(const struct pending_block *);

#endif
