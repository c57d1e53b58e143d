/* SPDX-License-Identifier: MPL-2.0 */
/* What the files of the journal share: journal.c appends, journal_commit.c brings to disk, journal_open.c
 * opens. Nobody else includes this. Loop's thread. */
#ifndef JOURNAL_JOURNAL_INSIDE_H
#define JOURNAL_JOURNAL_INSIDE_H

#include "journal/commit.h"
#include "journal/journal.h"

/* A segment's file. */
struct journal_file {
	struct job removal; /* while is_going */
	struct journal *journal;
	uint64_t number, blocks; /* blocks: written by this process */
	int64_t bytes;
	int removed; /* what came of the removal */
	bool is_sealed, is_folded, is_going;
};

struct journal {
	struct journal_settings settings;
	struct journal_owner owner;
	const struct identity *identity; /* borrowed */
	char *dir;                       /* owned */

	/* Appending. */
	struct pending pending;
	struct labels labels;
	size_t fill; /* bytes of records in the open segment's closed blocks */
	bool is_cut_asked;
	uint64_t effects;

	/* On disk. */
	struct commit commit;
	bool is_busy;                /* the worker has it */
	struct journal_file **files; /* owned, each owned; ascending; the last one is the present */
	size_t files_len, files_cap;
	struct journal_file *next_file; /* owned: for the segment to begin */
	uint64_t number;                /* highest ever used */
	uint64_t durable;               /* block */
	uint64_t position, freeze, settled;     /* last durable marks */
	int64_t horizon_ms;
	int64_t marked_ms; /* what the last mark says of the time, durable or not */

	/* Time and trouble. */
	int64_t begun_ms;   /* last commit, mono_ms */
	int64_t retry_ms;   /* nothing is tried before */
	int64_t reserve_ms; /* the reserve is not tried before */
	unsigned failures;  /* in a row */
	int error;          /* of the last one */
	const char *what;
	bool is_full, is_behind;
	enum journal_state state;
	char why[256];

	int64_t quota;
	uint64_t commits;
	int64_t commit_us, commit_max_us;
};

/* journal_commit.c */
struct job;
void journal_committed(struct job *);
/* Tells the owner when the state is another than before. */
void journal_judge(struct journal *);
void journal_remove_folded(struct journal *);
/* The header of the next segment, of this writer, but for its first block. */
struct segment_head journal_next_head(struct journal *, const char *writer);
/* Room in the list of files, and a new one in next_file. 0 or -ENOMEM. */
int journal_prepare_file(struct journal *);
/* next_file is the present one. */
void journal_add_file(struct journal *, uint64_t number, int64_t bytes);

/* Bytes of records in the segment that what is appended now goes to. */
static inline size_t journal_fill(const struct journal *j)
{
	return j->pending.open->is_last ? 0 : j->fill + j->pending.open->len;
}
int64_t journal_unfolded_bytes(const struct journal *);
/* The segment that the oldest block goes to. */
uint64_t journal_segment_of_first(const struct journal *);
/* Closes the open block; 0 or -ENOMEM. */
int journal_close_block(struct journal *);

#endif
