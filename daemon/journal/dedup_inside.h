/* SPDX-License-Identifier: MPL-2.0 */
/* What dedup*.c share; nobody else looks in here. */
#ifndef JOURNAL_DEDUP_INSIDE_H
#define JOURNAL_DEDUP_INSIDE_H

#include "journal/by_arrival.h"
#include "journal/dedup.h"
#include "journal/id_days.h"
#include "journal/id_table.h"

#define DEDUP_ON_DISK 0 /* stands for the segment of an id that is in a file */

struct sweep {
	bool is_on;
	bool is_telling;  /* stamps tell folded from unfolded */
	unsigned shard;   /* next */
	unsigned kept;    /* since it began */
	int32_t last_day; /* days after it do not move */
	uint64_t folded;  /* when it began */
};

struct dedup {
	struct id_table table;
	struct id_days days;
	size_t max_ids;
	struct by_arrival by_arrival; /* is_any: all files are asked */
	bool is_noted;		      /* on disk, too */
	int32_t horizon;
	uint64_t folded, newest; /* segments */
	uint64_t marked;         /* what was folded when the last sweep began */
	uint64_t stale;          /* ids in memory of days before the horizon */
	struct sweep sweep;
};

/* Takes over the id files of days from `first_day` on: into memory, newest first, as long as there is room;
 * the others are asked. 0 or a negative errno. */
int dedup_load(struct dedup *, int32_t first_day);

#endif
