/* SPDX-License-Identifier: MPL-2.0 */
/* Who this journal is to Redis: the writer's id, the ranges of positions each run has used, the key of the
 * id hashes, and how far Redis' day and week hashes have been deleted for good. A small text file, kept twice
 * ("writer", "writer.copy"), replaced as one step. Main thread. */
#ifndef JOURNAL_IDENTITY_H
#define JOURNAL_IDENTITY_H

#include "base/error.h"
#include "journal/disk.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IDENTITY_RUNS 4096 /* past it the two oldest are joined */
#define IDENTITY_TAIL 2    /* positions behind its last mark that are a run's: what is counted there is placed there */

#define IDENTITY_UNKNOWN UINT64_MAX

struct identity_run {
	uint64_t first, last; /* positions; the first is the run's name */
	uint64_t behind;      /* its segments are those behind this one; IDENTITY_UNKNOWN: of an earlier effortd's time */
	uint64_t block;	      /* and its blocks those behind this one; IDENTITY_UNKNOWN */
};

struct identity {
	char writer[33];    /* 16 hex digits */
	uint8_t key[32];    /* secret: of the hashes of ids */
	uint64_t incarnation; /* starts of effortd on this journal */
	struct identity_run runs[IDENTITY_RUNS];
	size_t runs_len;
	int32_t day_kept, week_kept; /* first local day whose day hashes are kept; of the weeks; INT32_MIN */
	int32_t day_gone, week_gone; /* those of the days before are known to be deleted; likewise */
};

/* Reads it, or makes a new one (*ret_is_new) where there is none or both copies are damaged (then *ret_damage
 * says so, constant text, else NULL). 0 or a negative errno of the disk. */
int identity_read(struct identity *, const struct disk *, const char *dir, bool *ret_is_new,
		  const char **ret_damage);
int identity_write(const struct identity *, const struct disk *, const char *dir);
/* A new writer on the same journal: new id, no runs; the key stays. */
void identity_renew(struct identity *);

/* Begins a run: its first position lies a random distance (up to 2^32) behind `last`, so that a copy of this
 * journal and this one never use the same positions. behind, block: the journal's last segment and block before it. */
uint64_t identity_begin_run(struct identity *, uint64_t last, uint64_t behind, uint64_t block);
/* A mark of this writer has been read back: its run went at least as far. A start that could not read all of the
 * journal may have put the end of it too early. Nothing about the last run, whose end is not known yet. */
void identity_saw(struct identity *, uint64_t position);
/* True: this writer's journal has used the position, as far as `current`, the present run's last. */
bool identity_is_own(const struct identity *, uint64_t position, uint64_t current);
/* The number in `runs` of the run with this first position; SIZE_MAX: it is none of this journal's. The oldest may be
 * several, and answers for all of them. */
size_t identity_find_run(const struct identity *, uint64_t first);
/* What lies in segments behind this one, up to where the next run begins, is of the run that this segment is of. */
uint64_t identity_behind(const struct identity *, uint64_t segment);
/* The number of the run that a position lies in, or the last before it; SIZE_MAX: it lies before all of them. */
size_t identity_run_at(const struct identity *, uint64_t position);

#endif
