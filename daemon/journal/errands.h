/* SPDX-License-Identifier: MPL-2.0 */
/* The errands that are remembered: of each the records that have come and what is counted under each, so that a
 * further record can join them. The loop holds them to count with; folding holds them in a file, to which it
 * adds what each segment tells. Both by errands_apply(), so they cannot disagree.
 *
 * The readings of a meter (count/meter.h) are remembered in the same way, in another one of these: an errand is then a
 * meter, its records are the latest METER_READINGS readings, with count = what it shows + 1, seconds = 1 for a level, and
 * the meter's name where an errand has the beginning of an id. Nothing is counted under them.
 *
 * An errand is known by a keyed hash of municipality and errand, and forgotten whole: when its window has
 * passed, or as the oldest when there are too many. What is counted stays counted. Words are those of a
 * dictionary of its own (kinds.h). Not thread-safe. */
#ifndef JOURNAL_ERRANDS_H
#define JOURNAL_ERRANDS_H

#include "base/error.h"
#include "journal/disk.h"
#include "journal/kinds.h"

struct errand_entry {
	uint64_t id;
	int64_t time_ms, count, seconds; /* count, seconds: what corrections have left */
	uint32_t kind;                   /* its own cell and names */
	uint32_t counted_kind;           /* what is counted under it, while counted > 0 */
	int64_t counted, counted_seconds;
	int32_t id_day;
	uint32_t errand, next; /* private */
	uint8_t tie_len;
	char tie[CHANGE_TIE];
};

struct errands;

struct errands *errands_new(void); /* NULL: no memory */
void errands_free(struct errands *);
/* Its numbers hold until errands_forget() makes it anew: then errands_generation() is another. */
struct kinds *errands_kinds(struct errands *);
uint64_t errands_generation(const struct errands *);

/* Takes a change up: adds an errand's record, takes a correction off the record it names, and what is counted
 * under which from its parts. Cells are packed with the dictionary's numbers; names: its texts, of the record.
 * Changes that have to do with no errand that is known do nothing. 0 or a negative errno. */
int errands_apply(struct errands *, const struct change *, const uint32_t names[DIMENSIONS]);

/* Goes through all errands (meters); *cursor 0 at first. Their first record, ERRANDS_END: that was all. */
#define ERRANDS_END UINT32_MAX
uint32_t errands_walk(const struct errands *, uint32_t *cursor, uint64_t *ret_key);
/* Numbers of an errand's records, in the order they came, at most `max`; returns how many. */
size_t errands_of(const struct errands *, uint64_t key, uint32_t *numbers, size_t max);
/* The record with this id; NULL: none is remembered. *ret_key: its errand. */
const struct errand_entry *errands_find(const struct errands *, uint64_t id, uint64_t *ret_key);
const struct errand_entry *errands_get(const struct errands *, uint32_t number);
size_t errands_records(const struct errands *);
size_t errands_len(const struct errands *);
size_t errands_bytes(const struct errands *); /* of memory, about */

/* Forgets the errands whose last record came, and happened, before this moment. Returns how many. */
size_t errands_forget(struct errands *, int64_t before_ms);
/* Forgets the oldest until no more than `max` records are left. Returns how many errands went. */
size_t errands_trim(struct errands *, size_t max);

/* *ret is new. segment: everything up to this journal segment is in it. -ENOENT: no such file; -EBADMSG: damaged;
 * -EPROTONOSUPPORT: of a later effortd. */
int errands_read(const struct disk *, const char *path, struct errands **ret, uint64_t *ret_segment);
/* Replaces the file durably. */
int errands_write(const struct errands *, const struct disk *, const char *path, uint64_t segment);

#endif
