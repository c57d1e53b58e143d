/* SPDX-License-Identifier: MPL-2.0 */
/* What one segment adds, between reading it (fold_read.c) and writing it to its files (fold.c). */
#ifndef JOURNAL_FOLD_INSIDE_H
#define JOURNAL_FOLD_INSIDE_H

#include "journal/alike.h"
#include "journal/bookings.h"
#include "journal/fold.h"
#include "journal/ids.h"
#include "journal/segment.h"
#include "journal/totals_inside.h"
#include "journal/unsent.h"

struct fold_word {
	struct effort_str text; /* owned; ptr NULL: not defined */
	uint8_t dimension;
	/* The sum added to last, so that the next finds it at once. */
	uint16_t municipality;
	int32_t period;
	uint32_t number; /* in sums->names; TOTALS_NO_NUMBER */
	uint32_t booked; /* in kinds; RECORD_NO_NAME: not yet */
};

/* How a standing's contacts count per name. */
struct fold_standing {
	struct standing standing; /* only what named.h looks at */
	struct share_rule rule;
};

#define FOLD_EFFECTS 64
#define FOLD_HOLE UINT64_MAX

struct folding {
	const struct disk *disk;
	const struct fold_paths *paths;
	uint64_t segment;

	/* All days and months of the segment. The position of a place is not a position but the place in
	 * `marks` (from 1) of the mark or hole that covers it: it is known only when that comes. */
	struct totals *sums;  /* owned */
	struct alikes alikes; /* since the last mark: not in `sums` yet */
	struct effect effects_read[FOLD_EFFECTS]; /* not even there yet */
	size_t effects_read_len;
	struct id_entry *ids; /* owned */
	size_t ids_len, ids_cap;
	struct kinds *kinds;	   /* owned; its words are those of `sums` */
	struct booking *bookings; /* owned */
	size_t bookings_len, bookings_cap;
	struct bytes_out changes; /* owned: those errands may have to do with, as records; words are the segment's */
	int64_t last_ms;	  /* when the last mark was written */
	uint64_t *marks; /* owned: positions, and FOLD_HOLE where some may be missing */
	size_t marks_len, marks_cap;
	int hole_r; /* what went wrong at a hole */
	bool is_open; /* there are effects behind the last mark */

	/* The segment's numbers in those of `sums`. */
	int32_t municipalities[CELL_MUNICIPALITIES + 1], standings[STANDINGS_MAX];
	struct fold_standing *named; /* owned: STANDINGS_MAX, by the numbers of `sums` */
	struct fold_word *words; /* owned */
	size_t words_len;

	struct {
		int32_t day, month; /* first day of the month of the day asked for last */
	} last;
	struct segment_head head;
	struct segment_end end;
	uint64_t effects;

	struct unsent unsent; /* its words have the numbers of `sums` */
	bool has_unsent;      /* this segment is to be added to it */
};

/* A cell with the numbers of `sums`. False: what a number stood for was damaged, so nothing can be made of it. */
static inline bool fold_translate(const struct folding *folding, uint64_t packed, uint64_t *ret)
{
	int32_t municipality = folding->municipalities[cell_municipality(packed)];
	int32_t standing = folding->standings[cell_standing(packed)];

	if (municipality < 0 || standing < 0)
		return false;
	*ret = totals_recell(packed, (uint16_t)municipality, (uint16_t)standing);
	return true;
}

/* Reads the segment. 0 or a negative errno with reterr. */
int fold_read(struct folding *, struct fold_result *, struct error *reterr);
/* fold_book.c: notes what was counted for an id, so that it can be taken back; cell: translated. 0 or a negative errno. */
int fold_book(struct folding *, uint64_t id, int32_t day, uint64_t cell, struct alike *, int64_t seconds);
/* Asks the memory for what booking these will look at: at most FOLD_EFFECTS, before they are among the alikes. */
void fold_book_prefetch(struct folding *, const struct effect *, size_t n);
/* fold_errands.c: adds the changes to the files of errands and meters. 0 or a negative errno with reterr. */
int fold_errands(struct folding *, struct fold_result *, struct error *reterr);

/* fold_unsent.c. Before the segment is read, with each of its marks, and before any other file is replaced. 0 or a
 * negative errno. */
int fold_unsent_begin(struct folding *, struct fold_result *, struct error *reterr);
int fold_unsent_mark(struct folding *, const struct mark *);
int fold_unsent_end(struct folding *, struct error *reterr);
void fold_read_done(struct folding *);

#endif
