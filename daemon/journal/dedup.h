/* SPDX-License-Identifier: MPL-2.0 */
/* Which ids have been accepted: an event counts once for each (source, id), however often and over whichever
 * connection it comes, before and after a restart, for as long as it would be accepted at all.
 *
 * An id is filed under a day: the UTC day of its event's time (a retry carries the same time), or of its
 * arrival where late_limit is "never" (which is noted there: by_arrival.h). Recent days' ids lie in memory, 17 bytes each in tables that are at
 * most 29/32 full; past max_ids the oldest days move out to the id files that folding has written
 * (ids.h), where they are looked up: but for those of which a filter in memory, at most 8 bytes more for each
 * of max_ids, knows that they are new. Days before the horizon are forgotten, never to be accepted again.
 *
 * Ids are known by a keyed 64-bit hash, their content by 32 bits of another: the chance that a new id is
 * taken for a known one is 4 million in 2^64, and then it is refused as E_CONFLICT, in the open. Loop's
 * thread. */
#ifndef JOURNAL_DEDUP_H
#define JOURNAL_DEDUP_H

#include "base/error.h"
#include "journal/disk.h"

struct dedup;

#define DEDUP_PARTS 256

enum dedup_answer {
	DEDUP_NEW,       /* and now it is known */
	DEDUP_DUPLICATE, /* the same id with the same content */
	DEDUP_CONFLICT   /* the same id with another content */
};

struct dedup_settings {
	const char *dir; /* of id files; made when missing */
	const struct disk *disk;
	size_t max_ids;     /* kept in memory */
	bool is_by_arrival; /* late_limit = never: an id may be filed under any day, all files are asked */
};

/* Reads the id files of days from `first_day` on, newest first, until max_ids are in memory. Call dedup_set_max() when
 * the ids of the journal have been offered: that ends a filing by arrival that is no longer wanted. NULL and reterr;
 * damaged files are counted, told in reterr with *ret_damaged > 0, and set aside. */
struct dedup *dedup_open(const struct dedup_settings *, int32_t first_day, uint64_t *ret_damaged,
			 struct error *reterr);
void dedup_close(struct dedup *);

/* Ask the memory for what an id is looked up in, and once that is there, for its place. */
void dedup_prefetch(const struct dedup *, uint64_t id);
void dedup_prefetch_place(const struct dedup *, uint64_t id);
/* Ids of one part lie near each other: offered together they are found in a quarter of the time. 0 to DEDUP_PARTS - 1. */
unsigned dedup_part(uint64_t id);
/* Is it known? When not, and is_kept, it is from now on. segment: the journal segment that will hold it
 * (were it folded only with a later one, it might leave memory before it is in a file).
 * -ENOMEM, or a negative errno of the disk when an id file cannot be read (then nothing is known: do not
 * count). Otherwise enum dedup_answer. */
int dedup_offer(struct dedup *, uint64_t id, uint32_t content, int32_t day, uint64_t segment, bool is_kept);
/* Takes back an id that was new a moment ago and was not counted after all. */
void dedup_withdraw(struct dedup *, uint64_t id);

/* Folding has written the ids of every segment up to this one: their days may now move out of memory. Fewer
 * than 32,000 segments may wait for folding; past that nothing moves. */
void dedup_folded(struct dedup *, uint64_t segment);
/* Days before this one are forgotten, in memory and on disk (files are removed). */
int dedup_forget(struct dedup *, int32_t before_day);
/* A little of the work that can wait (about a millisecond): call it now and then. */
void dedup_tick(struct dedup *);
/* More ids in memory than max_ids, and only folding would let them go. */
bool dedup_wants_fold(const struct dedup *);
/* More than twice max_ids in memory: read no more until folding has caught up. */
bool dedup_is_over(const struct dedup *);
/* What settings say. 0, or a negative errno when it cannot be noted on disk that ids are (not) filed by arrival from now
 * on: it holds all the same, but perhaps not after a restart; call it again. */
int dedup_set_max(struct dedup *, size_t max_ids, bool is_by_arrival);

struct dedup_status {
	uint64_t memory_ids, disk_ids; /* disk_ids: only on disk */
	size_t memory_bytes;
	int32_t oldest_day, memory_from_day; /* INT32_MAX: none */
	uint64_t damaged;                    /* id files set aside because they were not whole */
	const char *damage; /* about the last of them, for people; valid until the next call; "" */
};
void dedup_status(const struct dedup *, struct dedup_status *ret);

#endif
