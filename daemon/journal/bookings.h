/* SPDX-License-Identifier: MPL-2.0 */
/* What has been counted for which id, on disk, for as long as the id is known: so that a correction can take it
 * back. Folding writes one file a segment, "<dir>/<first>-<last>.<day>": the segments it holds, and the last
 * day one of its ids is filed under, after which it goes. Small files are joined.
 *
 * What is left of an id is the sum of its bookings, in files of segments up to bookings_segment() and in the
 * journal behind it; so a file that is there while its segments still are counts once. Ids are the keyed hashes
 * of the journal. Files are written on the keeping worker and read in the loop, a few reads for each lookup;
 * nothing is kept in memory for those who never correct anything. */
#ifndef JOURNAL_BOOKINGS_H
#define JOURNAL_BOOKINGS_H

#include "base/error.h"
#include "journal/disk.h"
#include "journal/kinds.h"

struct booking {
	uint64_t id;
	uint32_t kind;    /* of the dictionary that goes with it */
	uint32_t seconds; /* what is taken where the kind's count is negative */
	int32_t day;      /* its id is filed under, 1..65535 */
};

/* --- writing: the keeping worker --- */

/* Writes what one segment booked, durably; bookings are sorted in place. Nothing is written for none. */
int bookings_write(const struct disk *, const char *dir, uint64_t segment, const struct kinds *,
		   struct booking *, size_t n);
/* Joins small files that follow each other, when there are many; ids filed before this day are left out. */
int bookings_join(const struct disk *, const char *dir, int32_t before_day);
/* Removes the files all of whose ids are filed before this day. 0 or the first negative errno. */
int bookings_forget(const struct disk *, const char *dir, int32_t before_day);

/* --- looking: anybody --- */

/* Reads a file of the folder; is_whole: all of it, otherwise its head and dictionary. 1: a file of this name is no file
 * of bookings. 0 or a negative errno; -EBADMSG: damaged. */
int bookings_check(const struct disk *, const char *dir, const char *name, bool is_whole);

/* --- reading: the loop --- */

struct bookings;

struct bookings *bookings_open(const struct disk *, const char *dir); /* NULL: no memory */
void bookings_close(struct bookings *);

/* Called for each booking of an id; seconds has the sign of the kind's count. Nonzero ends it. */
struct bookings_visit {
	void *ctx;
	int (*on_booking)(void *ctx, const struct kinds *, const struct booking_kind *, int64_t seconds, int32_t day);
};

/* Visits the bookings of an id in files. *ret_segment: everything up to this segment is in them. 0, what the
 * visitor returned, or a negative errno; -EBADMSG: the place where it would stand is damaged. Damaged files
 * are set aside as "damaged-<name>" and counted. */
int bookings_find(struct bookings *, uint64_t id, const struct bookings_visit *, uint64_t *ret_segment);
/* Closes the files: they are opened again when they are asked. */
void bookings_rest(struct bookings *);
uint64_t bookings_damaged(const struct bookings *, const char **ret_last); /* set aside since it was opened */

#endif
