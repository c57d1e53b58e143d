/* SPDX-License-Identifier: MPL-2.0 */
/* Folding: a sealed segment's effects are added to the totals of their days and months, and its ids become
 * id files; after that the segment is not needed any more. Idempotent at every instant: each file says which
 * segment it was last folded with, so a fold that was cut off is done again and adds nothing twice. Runs on
 * the keeping worker; no state but the files. */
#ifndef JOURNAL_FOLD_H
#define JOURNAL_FOLD_H

#include "base/error.h"
#include "journal/disk.h"
#include "journal/totals.h"

/* What becomes of "<totals>/unsent" (unsent.h). */
enum fold_unsent {
	FOLD_UNSENT_LEFT, /* nothing */
	FOLD_UNSENT_KEPT, /* it gains what Redis may not have of the segment, before the totals do */
	FOLD_UNSENT_GONE  /* Redis has everything up to the segment's end */
};

/* A file of errands or meters, and what goes from it: those that were over before a moment, which is a window before
 * now, and the oldest past so many records. */
struct fold_errands {
	const char *path; /* NULL: none is kept */
	int64_t before_ms, window_ms;
	size_t max;
};

struct fold_paths {
	const char *journal; /* folder of segments */
	const char *totals;  /* folder of this writer's totals */
	const char *ids;     /* folder of id files */
	const char *bookings; /* folder of bookings; NULL: none are kept */
	enum fold_unsent unsent;
	const char *writer; /* FOLD_UNSENT_KEPT: whose segments they must be */
	uint64_t settled;   /* FOLD_UNSENT_KEPT: Redis is known to have everything up to this position */
	uint64_t behind;    /* FOLD_UNSENT_KEPT: of the run it is of (identity_behind) */
	struct fold_errands errands, meters;
};

/* What was folded, for the log. */
struct fold_result {
	uint64_t segment, effects;
	uint64_t days, months; /* files that were replaced: not those that had the segment already */
	uint64_t ids;
	uint64_t holes;   /* damaged places of the segment; what lay in them is not folded */
	uint64_t damages; /* damaged files that were set aside */
	uint64_t set_aside; /* those of them that hold totals of a day or month */
	uint64_t bookings, errands; /* errands, meters: remembered in their files */
	uint64_t below; /* cells that came to less than nothing: more was taken than had been counted here */
};

/* Folds one segment durably; the folders are there. Segments of one writer are folded in ascending order, the
 * next one when this succeeded: a file remembers only the last. 0 or a negative errno with reterr; then
 * nothing is half done that matters: call it again.
 *
 * -EAGAIN: its disk failed under it, so it ends without a mark, and no later segment has one yet. -EBADMSG:
 * its header is damaged, nothing of it can be used. -EIO: a place of it cannot be read; that may come back,
 * so it is no hole.
 *
 * A damaged totals file is set aside ("<name>.damaged-<segment>"), counted in ret->damages, told in reterr's
 * text, and begun anew with what this segment has. */
int fold_segment(const struct disk *, const struct fold_paths *, uint64_t segment, struct fold_result *ret,
		 struct error *reterr);

/* Sums of the days first <= day < end of every municipality, each cell set to day `first`, reasons included;
 * damaged files are counted, told in reterr's text and left out. *ret is new. When totals_segment(*ret) is
 * not folded wholly yet, some of its days are in these sums and some are not. */
int fold_sum(const struct disk *, const char *totals_dir, int32_t first, int32_t end, struct totals **ret,
	     uint64_t *ret_damaged, struct error *reterr);

/* Whether a file of the days first <= day < end (of_names: of the month that begins at first) was set aside as damaged
 * and lies there still ("<name>.damaged..."): then sums of them lack what it held. 0 or a negative errno. */
int fold_is_set_aside(const struct disk *, const char *totals_dir, bool of_names, int32_t first, int32_t end, bool *ret);
/* How many such files there are. 0 or a negative errno. */
int fold_count_set_aside(const struct disk *, const char *totals_dir, uint64_t *ret);

/* Positions of all days and months there are (totals_place only), for a start. Damaged files are left out and
 * told in reterr's text, which is empty when all was well. totals_segment(*ret), when it is not before the
 * first segment the journal has, tells that folding was cut off: that segment is in some files already, so
 * nothing may be made of files and journal together until it has been folded again. */
int fold_positions(const struct disk *, const char *totals_dir, struct totals **ret, struct error *reterr);

#endif
