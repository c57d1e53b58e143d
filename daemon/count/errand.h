/* SPDX-License-Identifier: MPL-2.0 */
/* One errand that several systems have recorded is one contact: which contacts the records of an errand come to,
 * whatever the order they arrived in. Records belong together as long as no two that follow each other in time
 * are further apart than the window. The contact counts in the period of the earliest; channel, task and all
 * else are those of the most digital record (then the earliest, then the least id); it is assisted where any
 * record says so; its handling time is that of all. Pure: what is counted is a function of the records. */
#ifndef COUNT_ERRAND_H
#define COUNT_ERRAND_H

#include "count/tally.h"

#include <effort/plugin.h>

#define ERRAND_RECORDS 32 /* of one errand; what comes past it is counted by itself */
#define ERRAND_TIE     40 /* bytes of an id that decide; then its hash */

struct errand_record {
	uint64_t id; /* keyed hash */
	int64_t time_ms;
	uint64_t cell;          /* as it would be by itself */
	int64_t count, seconds; /* what corrections have left of it; count 0: nothing */
	const char *tie;        /* borrowed: how its id begins */
	size_t tie_len;
	/* The contact that is counted under it, until now and then anew; counted 0: none. */
	uint64_t counted_cell;
	int64_t counted, counted_seconds;
};

struct errand_rules {
	int64_t window_ms;
	/* The standing that the task of a standing has on a day. NULL: the same on every day. */
	uint16_t (*standing_on)(void *ctx, uint16_t standing, int32_t day);
	void *ctx;
};

/* Counts all records of an errand anew: fills in what is counted under each. n: at most 64. A contact that was counted
 * under the same record on the same day keeps its standing: what is counted is not moved by a later configuration. */
void errand_count(struct errand_record *records, size_t n, const struct errand_rules *);
/* How many contacts are counted under these records. */
size_t errand_contacts(const struct errand_record *records, size_t n);

/* Whether an event's records may be one contact with others: incoming, of citizens or businesses, not ignored. */
bool errand_is_joining(const struct cell *);

#endif
