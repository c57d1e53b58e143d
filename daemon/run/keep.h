/* SPDX-License-Identifier: MPL-2.0 */
/* The keeping of the books, off the loop: sealed segments are folded one after the other into totals and id
 * files (journal/fold.h); then their part of the young is dropped and the segment removed. A fold that fails is
 * tried again every KEEP_RETRY_MS; nothing is lost meanwhile, the journal grows.
 *
 * A segment is folded when Redis holds all of it and the journal says so: then a start finds the batch that was
 * in flight whole and sends it again. When Redis is away, KEEP_SEGMENTS wait, and older ones are folded all the
 * same, and so is everything while the journal has no room: what Redis lacks of them is kept as sums
 * (journal/unsent.h), which a start takes back (run/resend.h).
 *
 * When the disk has failed under a segment, what was not durable was written again to the next: which effects
 * lie in which of the two is known only once both are folded. Until then the truth in memory is not exact and
 * repairs wait (keep_is_exact). Loop's thread. */
#ifndef RUN_KEEP_H
#define RUN_KEEP_H

#include "journal/fold.h"
#include "journal/job.h"
#include "journal/segment.h"

#include <stdbool.h>

struct core;

#define KEEP_RETRY_MS 5000
#define KEEP_SEGMENTS 1

struct keep_item {
	struct keep_item *next;
	uint64_t segment;
	uint64_t end; /* position everything in it is before */
};

struct keep {
	struct core *core; /* borrowed */
	struct keep_item *first, **last;
	struct job job;
	bool is_working;
	bool is_broken; /* one was left out: none after it may be folded before it */
	int64_t retry_ms; /* monotonic; 0: at once */
	uint64_t segment; /* being folded */
	int32_t forgotten_day; /* ids filed before it are gone */
	bool is_settled;       /* Redis has all of it */
	uint64_t settled;      /* Redis has everything up to this position, and the journal says so */
	uint64_t behind;       /* identity_behind() of the segment */
	char writer[33];
	struct fold_errands errands, meters;
	uint64_t wanted;  /* folded up to this one without waiting: a file of the totals is as far already */
	int r;
	struct fold_result result;
	struct error error;
	uint64_t set_aside;   /* damaged files of our totals, those that lay there at the start too */
	uint64_t folded;      /* segments, since the start */
	uint64_t last_folded; /* number; 0: none since the start */
};

void keep_init(struct keep *, struct core *);
void keep_done(struct keep *);
/* A segment is sealed. 0 or -ENOMEM (then the next start folds it). */
int keep_add(struct keep *, uint64_t segment, uint64_t end);
/* Segments read back end at this position. */
void keep_set_ends(struct keep *, uint64_t end);
void keep_tick(struct keep *, int64_t mono_ms);
bool keep_is_idle(const struct keep *);
bool keep_is_exact(const struct keep *);

#endif
